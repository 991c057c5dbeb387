"""Pages of other sites ask the server: off unless it was started for them."""

from __future__ import annotations

import pytest

pytest.importorskip("fastapi")
from support.served import held_server, photo, picture

from synthmat.errors import OutputError
from synthmat.serve.cross_origin import checked_origin
from synthmat.serve.running import run_server
from synthmat.serve.settings import Settings

SHOP = "https://shop.example"
ASKED = {"origin": SHOP, "access-control-request-method": "POST", "access-control-request-headers": "authorization"}


def test_no_other_site_is_let_in_unless_it_was_named(monkeypatch):
    for settings in ({}, {"origins": ("https://other.example",)}):
        client, _ = held_server(monkeypatch, settings=settings)
        assert "access-control-allow-origin" not in client.options("/api/matte", headers=ASKED).headers
        answer = client.post("/api/matte", files={"image": picture(photo())}, headers={"origin": SHOP})
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(("origins", "told"), [((SHOP,), SHOP), (("*",), "*")])
def test_a_site_that_was_named_may_ask_and_read_the_reason_of_an_error(monkeypatch, origins, told):
    client, _ = held_server(monkeypatch, settings={"origins": origins, "token": "right"})
    asked = client.options("/api/matte", headers=ASKED)
    assert asked.status_code == 200
    assert asked.headers["access-control-allow-origin"] == told
    assert "authorization" in asked.headers["access-control-allow-headers"].lower()
    for headers, status in (({"authorization": "Bearer right"}, 200), ({}, 401)):
        answer = client.post("/api/matte", files={"image": picture(photo())}, headers={"origin": SHOP, **headers})
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == told
        assert "Server-Timing" in answer.headers["access-control-expose-headers"]
        assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    "text", ["shop.example", "https://shop.example/", "ftp://a", "https://", "https://a:b", "null"]
)
def test_what_is_no_origin_is_refused_at_the_start(text):
    with pytest.raises(OutputError, match="--allow-origin"):
        run_server(Settings(("baseline:centre",), origins=(text,)))


def test_origins_are_as_browsers_send_them():
    assert [checked_origin(each) for each in ("*", "HTTP://Shop.Example:80")] == ["*", "http://shop.example:80"]
