"""The folder on the server: what may be seen and done there, and by whom."""

from __future__ import annotations

import time

import pytest

pytest.importorskip("fastapi")
from support.served import held_server, photo, picture

from synthmat.errors import AssetError, OutputError
from synthmat.serve.running import run_server
from synthmat.serve.settings import Settings


@pytest.fixture
def root(tmp_path):
    """Give an allowed folder with three photos, beside one that is not allowed."""
    for name in ("allowed/in/a.png", "allowed/in/b.png", "allowed/in/more/c.png", "secret/s.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(picture(photo()))
    (tmp_path / "allowed/way_out").symlink_to(tmp_path / "secret")
    return tmp_path / "allowed"


@pytest.fixture
def server(monkeypatch, root):
    client, held = held_server(monkeypatch, settings={"folder": root}, threads=2)
    client.headers["host"] = "localhost:7000"
    return client, held


def finished(client) -> dict:
    ends = time.monotonic() + 20
    while (state := client.get("/api/folder/job").json())["running"]:
        assert time.monotonic() < ends
        time.sleep(0.02)
    return state


def test_the_folder_is_listed(server):
    client, _ = server
    assert client.get("/api/folder").json() == {
        "path": "",
        "folders": ["in", "way_out"],
        "more_folders": 0,
        "pictures": 0,
    }
    assert client.get("/api/folder?path=in").json() == {
        "path": "in", "folders": ["more"], "more_folders": 0, "pictures": 2,
    }  # fmt: skip


def test_a_folder_is_worked_through_and_gone_on_with(server, root):
    client, held = server
    order = {"input": "in", "output": "out", "smooth": 1, "format": "webp"}
    assert client.post("/api/folder/job", json=order).status_code == 202
    state = finished(client)
    assert (state["made"], state["kept"], state["failed"], state["error"]) == (3, 0, 0, "")
    assert (root / "out/more/c_cutout.webp").is_file()
    assert (root / "out/a_alpha.png").is_file()
    client.post("/api/folder/job", json=order)
    assert finished(client)["kept"] == 3
    assert len(held.seen) == 3


def test_a_job_is_cancelled_and_what_is_finished_is_kept(server, root):
    client, held = server
    held.go.clear()
    client.post("/api/folder/job", json={"input": "in", "output": "out"})
    assert held.begun.wait(10)
    assert client.post("/api/folder/job", json={"input": "in", "output": "other"}).status_code == 409
    assert client.delete("/api/folder/job").json()["cancelled"]
    held.go.set()
    state = finished(client)
    assert 1 <= state["made"] < 3
    assert len(list((root / "out").rglob("*_alpha.png"))) == state["made"]


OUTSIDE = (
    "../secret", "/etc", "way_out", "in/../../secret", "in/\0", "file:///etc", "http://127.0.0.1/x", "http://169.254.169.254/",
)  # fmt: skip


@pytest.mark.parametrize("place", OUTSIDE)
def test_nothing_outside_is_seen(server, place):
    assert server[0].get("/api/folder", params={"path": place}).status_code in (403, 422)


@pytest.mark.parametrize("place", OUTSIDE)
@pytest.mark.parametrize("field", ["input", "output", "captured_bg", "trimap", "background"])
def test_nothing_outside_is_read_or_written(server, root, field, place):
    client, held = server
    order = {"input": "in", "output": "out"} | {field: place}
    before = sorted(root.parent.rglob("*"))
    assert client.post("/api/folder/job", json=order).status_code in (403, 422)
    assert sorted(root.parent.rglob("*")) == before
    assert not held.seen


@pytest.mark.parametrize(
    ("order", "status"),
    [
        ({"input": "nowhere", "output": "out"}, 404),
        ({"input": "in", "output": "in"}, 422),
        ({"input": "in"}, 422),
        ({"input": "in", "output": "out", "model": "nobody"}, 422),
        ({"input": "in", "output": "out", "command": "x"}, 422),
        ({"input": "in", "output": "out", "opening": 1000}, 422),
    ],
)
def test_orders_that_make_no_sense(server, root, order, status):
    assert server[0].post("/api/folder/job", json=order).status_code == status
    assert not (root / "out").exists()


def test_a_page_of_another_site_can_start_nothing(server, root):
    client, _ = server
    order = '{"input": "in", "output": "out"}'
    plain = client.post("/api/folder/job", content=order, headers={"content-type": "text/plain"})
    assert plain.status_code == 415
    json = {"content-type": "application/json"}
    for host in ("evil.example", "localhost.evil.example:7000"):
        answer = client.post("/api/folder/job", content=order, headers=json | {"host": host})
        assert answer.status_code == 403
        assert client.get("/api/folder", headers={"host": host}).status_code == 403
    assert "access-control-allow-origin" not in client.options("/api/folder/job").headers
    assert not (root / "out").exists()
    for host in ("localhost:7000", "127.0.0.1:7000", "[::1]:7000", "192.168.1.7"):
        assert client.get("/api/folder", headers={"host": host}).status_code == 200


def test_without_a_folder_there_is_none(monkeypatch):
    client, _ = held_server(monkeypatch)
    assert client.get("/api/folder").status_code == 404
    assert client.post("/api/folder/job", json={"input": ".", "output": "out"}).status_code == 404


def test_the_folder_asks_for_the_token(monkeypatch, root):
    client, _ = held_server(monkeypatch, settings={"folder": root, "token": "right"})
    assert client.get("/api/folder").status_code == 401
    assert (
        client.get("/api/folder", headers={"authorization": "Bearer right", "host": "cut.example"}).status_code == 200
    )


def test_a_folder_that_all_the_world_could_write_to_is_not_served(tmp_path):
    with pytest.raises(OutputError, match="add --token"):
        run_server(Settings(("baseline:centre",), host="0.0.0.0", folder=tmp_path))
    with pytest.raises(AssetError, match="no such folder"):
        run_server(Settings(("baseline:centre",), folder=tmp_path / "gone"))
