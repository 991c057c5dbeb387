"""Requests that must fail: each with a status of its own and a reason, and nothing is written or fetched."""

from __future__ import annotations

import socket
import struct
import threading
import time
import zlib

import numpy as np
import pytest

pytest.importorskip("fastapi")
from support.served import held_server, opened, photo, picture

from synthmat.errors import AssetError, OutputError
from synthmat.serve.settings import Settings
from synthmat.serve.shelf import Shelf

PHOTO = picture(photo())


@pytest.fixture
def client(monkeypatch, tmp_path):
    """Give a client of a server whose working folder stays empty."""
    monkeypatch.chdir(tmp_path)
    yield held_server(monkeypatch, max_megapixels=1, max_bytes=100_000)[0]
    assert not list(tmp_path.iterdir())


def refusal(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["detail"]


def bomb(width: int, height: int) -> bytes:
    """Return a small PNG file that says it is large."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        (bomb(2000, 2000), 413, "more than 1 megapixels"),
        (bomb(60000, 60000), 413, "more than 1 megapixels"),
        (PHOTO[: len(PHOTO) // 2], 422, "me.png"),
        (picture(photo(), "JPEG")[:400], 422, "me.png"),
        (b"GIF89a" + bytes(50), 415, "not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "not a picture"),
        (b"%!PS-Adobe-3.0\n", 415, "not a picture"),
        (b"\x7fELF" + bytes(100), 415, "not a picture"),
        (b"", 415, "is empty"),
    ],
    ids=["bomb", "larger bomb", "cut PNG", "cut JPEG", "gif", "svg", "postscript", "program", "empty"],
)
@pytest.mark.parametrize("field", ["image", "trimap", "captured_bg", "background", "alpha"])
def test_what_is_no_usable_picture_is_refused_in_any_field(monkeypatch, client, field, data, status, words):
    if field == "captured_bg":
        client, _ = held_server(monkeypatch, ("captured_bg",), max_megapixels=1)
    answer = client.post("/api/matte", files={"image": ("me.png", PHOTO)} | {field: ("me.png", data)})
    assert refusal(answer)[0] == status
    assert words in refusal(answer)[1]


def test_what_to_do_with_a_gif_is_said(client):
    status, words = refusal(client.post("/api/matte", files={"image": ("me.GIF", b"GIF89a" + bytes(50))}))
    assert status == 415
    assert words.endswith("convert GIF, JPEG XL, Photoshop and the like to PNG or JPEG")


def test_a_picture_with_the_wrong_suffix_counts_by_its_content(client):
    jpeg = picture(photo(), "JPEG")
    assert opened(client.post("/api/matte", files={"image": ("me.png", jpeg)})).shape == (24, 32, 4)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.png", "..\\..\\boot.png", "/etc/cron.d/x.png", 'a"\r\nX-Evil: 1.png', "é\0.png"]
)
def test_a_clients_file_name_leads_nowhere(client, name):
    answer = client.post("/api/matte", files={"image": (name, PHOTO)})
    told = answer.headers["content-disposition"]
    assert answer.status_code == 200
    assert not set(told.partition("=")[2]) & set("/\\\r\n\0")
    assert "x-evil" not in answer.headers


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "streamed"])
def test_too_many_bytes(client, announced):
    files = {"image": ("me.png", bytes(200_000))}
    if announced:
        answer = client.post("/api/matte", files=files)
    else:
        request = client.build_request("POST", "/api/matte", files=files)
        body = request.read()
        kind = request.headers["content-type"]
        pieces = (body[at : at + 10_000] for at in range(0, len(body), 10_000))
        answer = client.post("/api/matte", content=pieces, headers={"content-type": kind})
    assert refusal(answer) == (413, "more than 0.0953674 MiB in one request; send less, or see --max-bytes")


ADDRESSES = (
    "file:///etc/passwd",
    "http://127.0.0.1:{port}/x.png",
    "http://169.254.169.254/latest",
    "//host/share",
    "@/etc/passwd",
)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    ("path", "field"),
    [("matte", name) for name in ("model", "color", "output", "background", "captured_bg", "trimap", "image", "url")]
    + [("remove", name) for name in ("model", "bgc", "extras", "url")],
)  # fmt: skip
def test_an_address_in_any_field_is_refused_and_nobody_is_asked(client, path, field, address):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.01)
        text = address.format(port=listening.getsockname()[1])
        file = "image" if path == "matte" else "file"
        answer = client.post(f"/api/{path}", files={file: ("me.png", PHOTO)}, data={field: text})
        assert answer.status_code == 422, answer.text
        with pytest.raises(TimeoutError):
            listening.accept()


@pytest.mark.parametrize("query", ["?url=http://127.0.0.1/a.png", "?url=file:///etc/passwd", ""])
def test_nothing_is_fetched_from_an_address(client, query):
    status, words = refusal(client.get(f"/api/remove{query}"))
    assert status == 400
    assert "POST the picture" in words


def test_extras_open_no_model_file(client):
    answer = client.post("/api/remove", files={"file": PHOTO}, data={"extras": '{"model_path": "/etc/passwd"}'})
    assert refusal(answer)[0] == 422


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"model": "nobody"}, "there are held"),
        ({"output": "video"}, "output"),
        ({"bits": "12"}, "bits"),
        ({"color": "#12"}, "is no color"),
        ({"opening": "1e9"}, "opening"),
        ({"smooth": "nan"}, "smooth"),
        ({"nonsense": "1"}, "nonsense: there is no such field"),
        ({"output": "composite"}, "needs color, blur or the file background"),
        ({"output": "alpha", "color": "red"}, "color"),
        ({"color": "#fff", "blur": "2"}, "one new background"),
    ],
)
def test_fields_that_make_no_sense_are_named(client, fields, words):
    status, text = refusal(client.post("/api/matte", files={"image": PHOTO}, data=fields))
    assert status == 422
    assert words in text


def test_forms_that_are_none(client):
    assert refusal(client.post("/api/matte", content=PHOTO, headers={"content-type": "image/png"}))[0] == 415
    broken = client.post(
        "/api/matte", content=b"--x\r\nrubbish", headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert refusal(broken)[0] in (400, 422)
    assert refusal(client.post("/api/matte", files={"photo": PHOTO})) == (
        422,
        "photo: there is no such file field; there are image, captured_bg, trimap, background, alpha",
    )
    assert refusal(client.post("/api/matte", files=[("image", PHOTO), ("image", PHOTO)]))[0] == 422
    many = [(f"f{number}", PHOTO) for number in range(30)]
    assert refusal(client.post("/api/matte", files=many))[0] == 400


def test_pictures_that_do_not_belong_together(monkeypatch, client):
    other = picture(np.full((24, 60), 128, np.uint8))
    assert "one shape" in refusal(client.post("/api/matte", files={"image": PHOTO, "trimap": other}))[1]
    assert "size" in refusal(client.post("/api/matte", files={"image": PHOTO, "alpha": other}))[1]
    assert "takes none" in refusal(client.post("/api/matte", files={"image": PHOTO, "captured_bg": PHOTO}))[1]
    client, _ = held_server(monkeypatch, ("captured_bg",))
    assert "needs it" in refusal(client.post("/api/matte", files={"image": PHOTO}))[1]


@pytest.mark.parametrize("given", [None, "Bearer wrong", "Basic right", "Bearer", "Bearer rightx"])
def test_a_wrong_token(monkeypatch, given):
    client, held = held_server(monkeypatch, settings={"token": "right"})
    headers = {} if given is None else {"authorization": given}
    for answer in (
        client.post("/api/matte", files={"image": PHOTO}, headers=headers),
        client.post("/api/remove", files={"file": PHOTO}, headers=headers),
        client.get("/api/models", headers=headers),
    ):
        assert refusal(answer)[0] == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    assert not held.seen
    assert client.get("/health").status_code == 200
    assert client.get("/api/models", headers={"authorization": "Bearer right"}).status_code == 200


def test_a_flood_is_answered_with_when_to_come_again(monkeypatch):
    client, held = held_server(monkeypatch, threads=1, queue=1)
    held.go.clear()
    statuses = []

    def send():
        answer = client.post("/api/matte", files={"image": PHOTO})
        statuses.append(answer.status_code)
        if answer.status_code == 429:
            assert int(answer.headers["retry-after"]) >= 1

    with client:
        threads = [threading.Thread(target=send, daemon=True) for _ in range(6)]
        for thread in threads:
            thread.start()
        ends = time.monotonic() + 5
        try:
            while len(statuses) < 4 and time.monotonic() < ends:
                assert client.get("/health").json()["status"] == "ok"  # it answers meanwhile
            assert statuses == [429] * 4
        finally:
            held.go.set()
            for thread in threads:
                thread.join(20)
        assert sorted(statuses) == [200, 200, 429, 429, 429, 429]
        assert client.get("/health").json()["requests"] == 0


def test_what_takes_too_long_is_given_up_and_keeps_its_place_until_it_ends(monkeypatch):
    client, held = held_server(monkeypatch, threads=1, queue=0, timeout=0.3)
    held.go.clear()
    with client:
        assert refusal(client.post("/api/matte", files={"image": PHOTO}))[0] == 504
        assert refusal(client.post("/api/matte", files={"image": PHOTO}))[0] == 429
        held.go.set()
        ends = time.monotonic() + 10
        while client.get("/health").json()["requests"] and time.monotonic() < ends:
            time.sleep(0.01)
        assert client.post("/api/matte", files={"image": PHOTO}).status_code == 200


def test_a_failure_of_the_server_tells_nothing_of_it(monkeypatch):
    client, held = held_server(monkeypatch)
    monkeypatch.setattr(type(held), "__call__", lambda *_: (_ for _ in ()).throw(RuntimeError("/secret/path")))
    assert refusal(client.post("/api/matte", files={"image": PHOTO})) == (500, "the server failed; its log says why")


def test_two_networks_of_one_name():
    with pytest.raises(AssetError, match="is called centre like"):
        Shelf(("baseline:centre", "centre=baseline:kmeans"))


@pytest.mark.parametrize("name", ["model.onnx", "model.pt"])
def test_a_file_that_is_no_network(tmp_path, name):
    pytest.importorskip("torch" if name.endswith(".pt") else "onnxruntime")
    (tmp_path / name).write_bytes(b"not a network at all")
    with pytest.raises((AssetError, OutputError), match=name):
        Shelf((str(tmp_path / name),))


def test_networks_are_called_after_their_file_or_folder(tmp_path):
    pytest.importorskip("torch")
    from support.matting_checkpoint import write_checkpoint

    for path in ("toys/training/best.pt", "cups/best.pt", "hair.pt"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        write_checkpoint(tmp_path / path)
    places = [str(tmp_path / each) for each in ("toys/training/best.pt", "cups", "hair.pt")]
    assert [model.name for model in Shelf((*places, "other=" + places[0])).models] == ["toys", "cups", "hair", "other"]


def test_one_network_is_in_memory():
    shelf = Shelf(("a=baseline:centre", "b=baseline:kmeans"))
    first, second = (shelf.predictor(model) for model in shelf.models)
    assert (first.name, second.name) == ("baseline:centre", "baseline:kmeans")
    assert shelf.predictor(shelf.named("b")) is second
    assert shelf.predictor(shelf.named("a")) is not first


def test_without_a_name_it_is_the_network_that_comes_with_synthmat():
    pytest.importorskip("onnxruntime")
    (model,) = Shelf(Settings().models).models
    assert (model.name, model.inputs) == ("shipped", ())
