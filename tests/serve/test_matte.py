"""`/api/matte`: what comes back for which form."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("fastapi")
from PIL import Image
from support.served import held_server, opened, photo, picture

from synthmat.train.predict.clean import Cleaning, cleaned

RED = photo()[..., 0]


@pytest.fixture
def client(monkeypatch):
    return held_server(monkeypatch)[0]


def ask(client, files=None, **fields):
    return client.post("/api/matte", files={"image": ("a.png", picture(photo()))} | (files or {}), data=fields)


def test_a_photo_becomes_a_cutout_with_its_own_color(client):
    answer = ask(client)
    rgba = opened(answer)
    assert (rgba[..., 3] == RED).all()
    assert (rgba[RED == 255][:, :3] == photo()[RED == 255]).all()
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"] == 'inline; filename="a_cutout.png"'
    assert answer.headers["x-synthmat-model"] == "held"
    assert answer.headers["cache-control"] == "no-store"
    assert "network;dur=" in answer.headers["server-timing"]


def test_what_else_is_in_the_file_is_said(client):
    moving = picture(photo(), "WEBP", save_all=True, append_images=[Image.fromarray(photo()[:, ::-1].copy())])
    answer = client.post("/api/matte", files={"image": ("a.webp", moving)})
    assert answer.headers["x-synthmat-note"] == "the first of 2 pictures in the file is used"
    assert "x-synthmat-note" not in ask(client).headers
    removed = client.post("/api/remove", files={"file": ("a.webp", moving)})
    assert removed.headers["x-synthmat-note"] == "the first of 2 pictures in the file is used"


def test_alpha_has_eight_or_sixteen_bits(client):
    assert (opened(ask(client, output="alpha")) == RED).all()
    wide = opened(ask(client, output="alpha", bits="16"))
    assert (wide == RED.astype(np.uint16) * 257).all()


def test_a_photo_is_turned_as_its_exif_data_say(client):
    turned = picture(
        photo(), "JPEG", quality=100, exif=b"Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"
    )
    answer = client.post("/api/matte", files={"image": ("a.jpg", turned)}, data={"output": "alpha"})
    assert opened(answer).shape == (32, 24)


@pytest.mark.parametrize("color", ["#00ff00", "0f0", "0,255,0"])
def test_a_new_color_lies_behind_the_object(client, color):
    answer = ask(client, color=color)
    pixels = opened(answer).astype(int)
    assert answer.headers["content-type"] == "image/jpeg"
    assert np.abs(pixels[:6] - (0, 255, 0)).max() < 20
    assert np.abs(pixels[9:15, 10:17] - (255, 90, 160)).max() < 20


def test_a_new_background_covers_the_picture(client):
    answer = ask(client, {"background": ("b.png", picture(np.full((10, 10, 3), (250, 250, 0), np.uint8)))})
    assert np.abs(opened(answer)[:5].astype(int) - (250, 250, 0)).max() < 20


def test_a_blurred_background_has_none_of_the_objects_color(client):
    pixels = opened(ask(client, blur="3")).astype(int)
    assert np.abs(pixels[2:5] - (0, 90, 160)).max() < 20


def test_alpha_is_cleaned_up_as_predict_does_it(client):
    speck = photo()
    speck[1, 1, 0] = 255
    answer = client.post(
        "/api/matte",
        files={"image": ("a.png", picture(speck))},
        data={"output": "alpha", "clean": "true", "smooth": "1"},
    )
    wanted = cleaned(speck[..., 0].astype(np.float32) / 255, Cleaning(smooth=1))
    assert np.abs(opened(answer) / 255 - wanted).max() < 1 / 254
    only = client.post(
        "/api/matte", files={"image": ("a.png", picture(speck))}, data={"output": "alpha", "smooth": "1"}
    )
    assert opened(only)[1, 1] > 0  # without clean, what is not asked for is not done


def test_a_matte_made_before_is_finished_without_the_network(monkeypatch):
    client, held = held_server(monkeypatch)
    alpha = np.zeros((24, 32), np.uint8)
    alpha[4:9, 4:9] = 255
    rgba = np.dstack([photo(), alpha])
    for file in (picture(alpha), picture(rgba)):
        answer = ask(client, {"alpha": ("m.png", file)})
        assert (opened(answer)[..., 3] == alpha).all()
    answer = client.post("/api/matte", files={"alpha": ("m.png", picture(alpha))}, data={"output": "alpha"})
    assert (opened(answer) == alpha).all()
    assert "x-synthmat-model" not in answer.headers
    assert not held.seen


def test_trimap_and_captured_background_reach_the_network(monkeypatch):
    client, held = held_server(monkeypatch, ("trimap", "captured_bg"))
    trimap = np.full((24, 32), 128, np.uint8)
    trimap[:4], trimap[20:] = 0, 255
    large = np.full((48, 64, 3), 77, np.uint8)
    ask(client, {"trimap": ("t.png", picture(trimap)), "captured_bg": ("b.png", picture(large))}, output="alpha")
    (views,) = held.seen
    assert (views["trimap"] == trimap).all()
    assert views["captured_bg"].shape == (24, 32, 3)
    assert (views["captured_bg"] == 77).all()
