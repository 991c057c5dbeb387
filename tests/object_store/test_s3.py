"""The same over S3's own protocol, with a server on this machine."""

from __future__ import annotations

import uuid

import pytest
from support.executors import HereExecutor
from support.stub_frames import RECIPE, stub_frames

from synthmat import api
from synthmat.errors import OutputError
from synthmat.object_store import store as store_module
from synthmat.object_store.lease import Lease, leased
from synthmat.object_store.store import Store

pytest.importorskip("s3fs")
moto_server = pytest.importorskip("moto.server")
pytestmark = [pytest.mark.once, pytest.mark.filterwarnings("ignore")]


@pytest.fixture
def address(monkeypatch, tmp_path):
    server = moto_server.ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    for name, value in (("ACCESS_KEY_ID", "x"), ("SECRET_ACCESS_KEY", "x"), ("DEFAULT_REGION", "us-east-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("SYNTHMAT_WORK", str(tmp_path / "work"))
    monkeypatch.setattr(store_module, "_PAUSE_S", 0.01)
    import s3fs

    bucket = f"toys-{uuid.uuid4().hex}"
    s3fs.S3FileSystem.clear_instance_cache()
    s3fs.S3FileSystem().mkdir(bucket)
    yield f"s3://{bucket}/of mine"
    s3fs.S3FileSystem.clear_instance_cache()
    server.stop()


def test_frames_and_rows_are_found_again_and_set_aside_in_a_bucket(address, tmp_path, monkeypatch):
    def render(machine: str, **more):
        monkeypatch.setenv("SYNTHMAT_WORK", str(tmp_path / machine))
        recipe = {key: value for key, value in RECIPE.items() if key != "composite"}
        result = api.render(recipe, out=address, workers=1, quiet=True, executor=HereExecutor(stub_frames), **more)
        return result.made, result.kept

    assert render("one", limit=3) == (3, 0)
    assert render("two") == (1, 3)
    names = Store(address).names()
    assert render("three", overrides=["render.samples=5"]) == (4, 0)
    assert render("four") == (0, 4)
    there = Store(address).names()
    assert {name: size for name, size in there.items() if "/.stale/" not in name and name != "recipe.yaml"} == {
        name: size for name, size in names.items() if name != "recipe.yaml"
    }
    assert sum("/.stale/" in name and name.endswith(".png") for name in there) == 4


def test_a_bucket_holds_one_run_at_a_time(address):
    store = Store(address)
    assert store.create("one", b"1")
    assert not store.create("one", b"2")
    assert store.read("one") == b"1"
    store.remove(["one"])
    recipe = {key: value for key, value in RECIPE.items() if key != "composite"}
    with leased(store, "renders"), pytest.raises(OutputError, match="is writing there"):
        api.render(recipe, out=address, workers=1, quiet=True, executor=HereExecutor(stub_frames))
    assert api.render(recipe, out=address, workers=1, quiet=True, executor=HereExecutor(stub_frames)).made == 4
    assert [name for name in store.names() if ".lease" in name] == []
    store.write("renders/.lease", b"{}")
    assert Lease(store, "renders/.lease")._age_s("renders/.lease", {}) < 5
