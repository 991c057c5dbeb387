"""Output in an object store: the same objects as files in a folder, found again by any machine, whatever failed."""

from __future__ import annotations

import json
import os
import shutil
import uuid

import pytest
from support.composite_project import noise_photo
from support.executors import HereExecutor
from support.stub_frames import RECIPE, stub_frames

from synthmat import api
from synthmat.errors import OutputError
from synthmat.object_store import store as store_module
from synthmat.object_store.store import Store

pytest.importorskip("fsspec")
pytestmark = pytest.mark.once
EVERY = os.environ.get("SYNTHMAT_CHAOS") == "1"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A machine that has photos and nothing else; ``forget`` makes it another one."""
    from PIL import Image

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNTHMAT_WORK", str(tmp_path / "work"))
    monkeypatch.setattr(store_module, "_PAUSE_S", 0.0)
    (tmp_path / "photos").mkdir()
    for number in range(2):
        Image.fromarray(noise_photo(number)).save(tmp_path / "photos" / f"{number}.png")
    return tmp_path


@pytest.fixture
def address():
    place = f"memory://{uuid.uuid4().hex}"
    yield place
    Store(place).remove(Store(place).names())


def forget(place) -> None:
    """Be another machine."""
    shutil.rmtree(place / "work", ignore_errors=True)


def render(out, **more):
    options = {"workers": 1, "quiet": True, "executor": HereExecutor(stub_frames)} | more
    overrides = options.pop("overrides", ())
    return api.render(RECIPE, out=out, overrides=overrides, **options)


def composite(out, **more):
    options = {"workers": 1, "quiet": True, "executor": HereExecutor()} | more
    overrides = options.pop("overrides", ())
    return api.composite(RECIPE, out=out, overrides=overrides, **options)


def objects(address) -> dict[str, object]:
    """Return what a reader finds in the store: rows without seconds, and bytes."""
    store = Store(address)
    return {name: told(name, store.read(name)) for name in store.names() if "/." not in f"/{name}"}


def files(folder) -> dict[str, object]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    return {name: told(name, path.read_bytes()) for name, path in names.items() if "/." not in f"/{name}"}


def told(name: str, data: bytes) -> object:
    if not name.endswith(".jsonl"):
        return data
    return [{key: value for key, value in json.loads(line).items() if key != "seconds"} for line in data.splitlines()]


def test_the_store_gets_what_a_folder_does_and_another_machine_goes_on(place, address):
    render("folder")
    composite("folder")
    expected = files(place / "folder")
    assert render(address, limit=1).made == 1
    forget(place)
    rest = render(address)
    assert (rest.made, rest.kept) == (3, 1)
    forget(place)
    assert composite(address).made == 4
    assert objects(address) == expected
    forget(place)
    again = [render(address), composite(address)]
    assert [(each.made, each.kept) for each in again] == [(0, 4), (0, 4)]
    assert objects(address) == expected
    assert [name for name in Store(address).names() if "/.parts/" in name] == []


def test_work_of_other_settings_is_found_again_by_another_machine(place, address):
    render(address)
    before = objects(address)
    forget(place)
    other = render(address, overrides=["render.samples=5"], limit=1)
    assert (other.made, len(objects(address)["renders/manifest.jsonl"])) == (1, 1)
    forget(place)
    back = render(address)
    assert (back.made, back.kept) == (0, 4)
    assert objects(address) == before
    stale = [name for name in Store(address).names() if name.endswith(".png") and "/.stale/" in name]
    assert len(stale) == 1


def test_parts_publish_side_by_side_and_never_touch_what_others_have(place, address):
    render(address, shard=(1, 2))
    forget(place)
    render(address, shard=(2, 2))
    forget(place)
    with pytest.raises(OutputError, match=r"work of other settings, such as .*run the same command once without"):
        render(address, shard=(1, 2), overrides=["render.samples=5"])
    forget(place)
    whole = render(address)
    assert (whole.made, whole.kept) == (0, 4)
    composite(address)
    folder = place / "folder"
    render(folder)
    composite(folder)
    assert objects(address) == files(folder)


@pytest.mark.usefixtures("place")
def test_what_only_a_killed_machine_had_is_published_by_its_next_run(address, monkeypatch):
    def down(*_arguments):
        raise ConnectionError("no route")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "write", lambda *_arguments: Store._tried(Store(address), "be written", "x", down))
        with pytest.raises(OutputError, match="cannot be written: ConnectionError: no route"):
            render(address)
    assert objects(address) == {}
    result = render(address)
    assert (result.made, result.kept) == (0, 4)
    assert len([name for name in objects(address) if name.endswith(".png")]) == 4


def test_a_frame_that_somebody_removed_from_the_store_is_made_again(place, address):
    render(address)
    before = objects(address)
    Store(address).remove([next(name for name in before if name.endswith(".png"))])
    for _ in range(2):
        assert (render(address).made, objects(address) == before) in ((1, True), (0, True))
        forget(place)


class Down:
    """Lets one step that changes the store fail for good, as a machine that is killed there."""

    def __init__(self, monkeypatch, at: int | None) -> None:
        self.steps, self._at = 0, at
        for name in ("write", "copy", "remove"):
            monkeypatch.setattr(Store, name, self._failing(getattr(Store, name)))

    def _failing(self, function):
        def step(*arguments):
            self.steps += 1
            if self._at is not None and self.steps > self._at:
                raise OutputError("the machine is gone")
            return function(*arguments)

        return step


@pytest.mark.parametrize("other", [False, True])
def test_a_machine_that_is_gone_at_any_step_costs_nothing_that_was_published(place, address, monkeypatch, other):
    def run(at: int | None) -> int:
        store = Store(address)
        store.remove(store.names())
        forget(place)
        if other:
            render(address, overrides=["render.samples=5"])
            forget(place)
        with monkeypatch.context() as patch:
            down = Down(patch, at)
            try:
                render(address)
                composite(address)
            except OutputError:
                assert at is not None
        return down.steps

    steps = run(None)
    expected = objects(address)
    assert steps > 15
    for at in range(steps) if EVERY else sorted({round(steps * share) for share in (0.2, 0.5, 0.8)}):
        run(at)
        forget(place)
        names = Store(address).names()
        for name, row in rows_of(address):
            for file, digest in row["files"].items():
                assert f"renders/{file}" in names, f"step {at}: {name}"
                assert sha256(address, f"renders/{file}") == digest, f"step {at}: {name}"
        render(address)
        composite(address)
        assert objects(address) == expected, f"step {at} of {steps}"
        if other:
            forget(place)
            back = render(address, overrides=["render.samples=5"])
            assert (back.made, back.kept) == (0, 4), f"step {at}"


def rows_of(address):
    """Yield every row of frames that the store has, with the name of its list."""
    store = Store(address)
    for name in store.names("renders"):
        if name.endswith(".jsonl") and "/.stale/" not in name:
            for line in store.read(name).splitlines():
                yield name, json.loads(line)


def sha256(address, name: str) -> str:
    import hashlib

    return hashlib.sha256(Store(address).read(name)).hexdigest()


@pytest.mark.usefixtures("place")
def test_other_commands_say_that_they_need_a_folder():
    with pytest.raises(OutputError, match="only render, composite and `export dataset` write to object stores"):
        api.train({"name": "x"}, out="s3://bucket/x")
    with pytest.raises(OutputError, match="nosuch://x: "):
        render("nosuch://x")
