"""The page for the browser: it comes from the server alone; a real browser takes photos through it."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("fastapi")
from PIL import Image
from support.served import held_server, listening, photo, picture

RED = photo()[..., 0]


def test_it_loads_nothing_from_elsewhere():
    names = [file.name for file in files("synthmat.serve.page").iterdir()]
    for name in (name for name in names if name.endswith((".html", ".css", ".js"))):
        text = files("synthmat.serve.page").joinpath(name).read_text(encoding="utf-8")
        assert not re.search(r"https?:(?!//www\.w3\.org/)|@import|eval\(|innerHTML = [^']", text), name


def test_its_files_are_served_and_no_others(monkeypatch):
    client, _ = held_server(monkeypatch, settings={"page": True, "root_path": "/cut"})
    page = client.get("/")
    assert '<base href="/cut/">' in page.text
    assert "default-src 'self'" in page.headers["content-security-policy"]
    for address in re.findall(r'(?:src|href)="(page/[^"]+)"', page.text):
        assert client.get(f"/{address}").status_code == 200
    for address in ("/page/__init__.py", "/page/index.html", "/page/..%2fshelf.py", "/page/%2e%2e/shelf.py"):
        assert client.get(address).status_code == 404


def test_without_it_the_address_that_is_printed_leads_to_how_the_server_is_used(monkeypatch):
    client, _ = held_server(monkeypatch, settings={"root_path": "/cut", "token": "right"})
    assert client.get("/", follow_redirects=False).headers["location"] == "api"
    assert "/api/matte" in client.get("/").text


@pytest.fixture(scope="module")
def browser():
    """Give Debian's Chromium, steered by Playwright."""
    playwright = pytest.importorskip("playwright.sync_api")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no chromium")
    with playwright.sync_playwright() as steered:
        started = steered.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser):
    opened = browser.new_page(viewport={"width": 1200, "height": 800})
    faults = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    yield opened
    opened.close()
    assert not faults


def test_photos_go_through_it_with_token_trimap_and_clean_up(monkeypatch, tmp_path, page):
    for name in ("one.png", "two.png"):
        (tmp_path / name).write_bytes(picture(photo()))
    (tmp_path / "words.txt").write_text("no picture")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 broken")
    client, held = held_server(monkeypatch, settings={"page": True, "token": "right"})
    with listening(client.app) as port:
        page.goto(f"http://127.0.0.1:{port}/#token=right")
        assert "token" not in page.url
        page.set_input_files("#files", [tmp_path / name for name in ("one.png", "two.png", "words.txt", "broken.jpg")])
        page.locator("#list li.done").nth(1).wait_for()
        assert "1 of 4 files are no pictures" in page.locator("#message").inner_text()
        assert "broken.jpg" in page.locator("#list li.failed .state").inner_text()
        page.locator("#list li.failed .remove").click()

        page.get_by_text("Matte", exact=True).click()
        assert (saved(page, "#download", tmp_path)[1] == RED).all()
        page.get_by_text("Cut-out", exact=True).click()
        page.locator("[name=background][value=color] + span").click()
        page.locator("#swatches button").nth(3).click()
        name, pixels = saved(page, "#download", tmp_path)
        assert name == "one_composite.jpg"
        assert np.abs(pixels[:4].astype(int) - (45, 108, 223)).max() < 20
        page.locator("[name=background][value=none] + span").click()

        page.locator("[data-clean=smooth]").fill("4")
        page.locator("[data-clean=smooth]").dispatch_event("change")
        assert len(np.unique(saved(page, "#download", tmp_path)[1][..., 3])) > 20
        page.locator("#reset-cleaning").click()

        page.locator("#paint-trimap").click()
        page.get_by_text("Background", exact=True).last.click()
        box = page.locator("#paint-labels").bounding_box()
        page.locator("#brush").fill("150")
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] / 2 + 5, box["y"] + box["height"] / 2)
        page.mouse.up()
        page.locator("#paint-done").click()
        page.locator("#drop-trimap").wait_for()
        page.locator("#list li.done").nth(1).wait_for()
        assert set(np.unique(held.seen[-1]["trimap"])) == {0, 128}

        with page.expect_download() as download:
            page.locator("#download-all").click()
        with zipfile.ZipFile(download.value.path()) as packed:
            assert packed.testzip() is None
            assert packed.namelist() == ["one_cutout.png", "two_cutout.png"]
            assert (np.asarray(Image.open(io.BytesIO(packed.read("two_cutout.png"))))[..., 3] == RED).all()


def test_photos_that_come_before_the_networks_are_known_wait_for_them(monkeypatch, tmp_path, page):
    (tmp_path / "one.png").write_bytes(picture(photo()))
    client, _ = held_server(monkeypatch, settings={"page": True})
    asked = []
    page.route("**/api/models", lambda route: asked.append(route))
    with listening(client.app) as port:
        page.goto(f"http://127.0.0.1:{port}/")
        page.set_input_files("#files", [tmp_path / "one.png"])
        while not asked:
            page.wait_for_timeout(10)
        page.wait_for_timeout(50)
        asked[0].continue_()
        page.locator("#list li.done").wait_for()


def test_each_photo_is_given_its_empty_scene(monkeypatch, tmp_path, page):
    for name, level in (("one.png", 10), ("two.png", 20), ("empty.png", 77)):
        (tmp_path / name).write_bytes(picture(photo() if level < 77 else np.full((24, 32, 3), 77, np.uint8)))
    client, held = held_server(monkeypatch, ("captured_bg",), settings={"page": True})
    with listening(client.app) as port:
        page.goto(f"http://127.0.0.1:{port}/")
        page.set_input_files("#files", [tmp_path / "one.png", tmp_path / "two.png"])
        page.locator("#list li.needs").nth(1).wait_for()
        with page.expect_file_chooser() as chooser:
            page.locator("#choose-captured").click()
        (tmp_path / "narrow.png").write_bytes(picture(np.zeros((24, 90, 3), np.uint8)))
        chooser.value.set_files(tmp_path / "narrow.png")
        page.locator("#list li.failed").wait_for()
        assert page.locator("#list li.failed .state").inner_text().startswith("empty scene (narrow.png): 90x24")
        with page.expect_file_chooser() as chooser:
            page.locator("#choose-captured").click()
        chooser.value.set_files(tmp_path / "empty.png")
        page.locator("#list li.done").wait_for()
        page.locator("#captured-for-all").click()
        page.locator("#list li.done").nth(1).wait_for()
    assert [(views["captured_bg"] == 77).all() for views in held.seen] == [True, True]


def test_a_phone_shows_it_without_scrolling_sideways(monkeypatch, tmp_path, page):
    (tmp_path / "one.png").write_bytes(picture(photo()))
    client, _ = held_server(monkeypatch, settings={"page": True, "folder": tmp_path})
    page.set_viewport_size({"width": 375, "height": 700})
    with listening(client.app) as port:
        page.goto(f"http://127.0.0.1:{port}/")
        page.set_input_files("#files", tmp_path / "one.png")
        page.locator("#list li.done").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 375
        page.locator("#open-folder").click()
        assert page.locator("#folder .panel").bounding_box()["width"] > 300
        assert page.locator("#folder-count").inner_text().startswith("1 photo right here")
        assert page.evaluate("document.documentElement.scrollWidth") <= 375


def saved(page, button: str, folder: Path) -> tuple[str, np.ndarray]:
    """Return the name and the pixels of what a button downloads."""
    with page.expect_download() as download:
        page.locator(button).click()
    place = folder / "saved"
    download.value.save_as(place)
    return download.value.suggested_filename, np.asarray(Image.open(place))
