"""`/api/remove` as clients of rembg's server call it."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("fastapi")
from support.served import held_server, opened, photo, picture

RED = photo()[..., 0]


@pytest.fixture
def client(monkeypatch):
    return held_server(monkeypatch)[0]


def remove(client, address="/api/remove", **fields):
    return client.post(address, files={"file": ("me.png", picture(photo()))}, data=fields)


def test_a_file_alone_is_enough(client):
    answer = remove(client)
    assert answer.headers["content-type"] == "image/png"
    assert (opened(answer)[..., 3] == RED).all()


@pytest.mark.parametrize("model", ["u2net", "isnet-general-use", "bria-rmbg", "held", ""])
def test_rembgs_networks_mean_the_one_that_is_here(client, model):
    assert remove(client, model=model).headers["x-synthmat-model"] == "held"


def test_the_form_of_rembgs_own_page_is_taken(client):
    fields = {"model": "u2net", "a": "false", "af": "240", "ab": "10", "ae": "10", "om": "false", "ppm": "false"}
    assert opened(remove(client, **fields, dc="false", vm="false", bgc="", extras="")).shape == (24, 32, 4)


def test_only_the_mask(client):
    assert (opened(remove(client, om="true")) == RED).all()


def test_a_mask_made_hard(client):
    mask = opened(remove(client, om="true", ppm="true"))
    assert set(np.unique(mask)) == {0, 255}
    assert mask[12, 14] == 255


def test_a_color_behind_it_from_the_address_too(client):
    for answer in (remove(client, bgc="0,255,0,255"), remove(client, "/api/remove?bgc=0,255,0,255")):
        rgba = opened(answer)
        assert tuple(rgba[0, 0]) == (0, 255, 0, 255)
        assert tuple(rgba[12, 14]) == (255, 90, 160, 255)


def test_the_photos_own_color_where_it_is_wanted(client):
    rgba = opened(remove(client, extras='{"putalpha": true}'))
    assert (rgba[..., :3] == photo()).all()
    assert (opened(remove(client))[12, 20, :3] != photo()[12, 20]).any()


def test_alpha_matting_solves_between_the_thresholds(client):
    pytest.importorskip("pymatting")
    alpha = opened(remove(client, a="true", ae="1"))[..., 3]
    assert alpha[12, 14] == 255
    assert alpha[2, 2] == 0


def test_alpha_matting_without_sure_foreground_says_that_it_was_left_out(client):
    answer = remove(client, a="true", ae="100")
    assert "no alpha matting" in answer.headers["x-synthmat-note"]
    assert (opened(answer)[..., 3] == RED).all()


def test_a_network_that_needs_more_pictures_is_refused(monkeypatch):
    answer = remove(held_server(monkeypatch, ("captured_bg",))[0])
    assert answer.status_code == 422
    assert "/api/matte" in answer.json()["detail"]
