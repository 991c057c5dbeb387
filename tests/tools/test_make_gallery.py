"""The gallery of built-in objects: a section and a picture for each family, in the repository too."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from support.repository import REPOSITORY

from synthmat.builtin_objects import builtin_objects

FAMILIES = ["net", "suzanne", "vase"]
TINY = ["--size", "32", "--variants", "1", "--samples", "1"]


def make_gallery(docs: Path, *arguments: str) -> str:
    """Run the tool and return the page."""
    command = [sys.executable, "tools/make_gallery.py", "--docs", str(docs), *TINY, *arguments]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 0, done.stderr
    return (docs / "builtins.md").read_text(encoding="utf-8")


def headings(page: str) -> list[str]:
    return [line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")]


@pytest.fixture(scope="module")
def docs(tmp_path_factory) -> Path:
    """A folder with a tiny gallery of some families."""
    folder = tmp_path_factory.mktemp("docs")
    make_gallery(folder, "--only", *FAMILIES)
    return folder


def test_each_family_has_a_section_with_its_description_picture_and_seconds(docs):
    page = (docs / "builtins.md").read_text(encoding="utf-8")
    assert headings(page) == FAMILIES
    for section, name in zip(page.split("\n## ")[1:], FAMILIES, strict=True):
        assert builtin_objects()[name] in section
        assert f"](builtins/{name}.jpg)" in section
        assert " s to build a variant" in section


def test_every_picture_shows_two_views_of_each_variant(docs):
    for name in FAMILIES:
        with Image.open(docs / "builtins" / f"{name}.jpg") as picture:
            assert picture.width >= 32
            assert picture.height >= 64
            low, high = picture.convert("L").getextrema()
            assert high - low > 60


def test_one_family_made_anew_leaves_the_others_as_they_were(tmp_path):
    (tmp_path / "builtins.md").write_text("# Built-in objects\n\n## vase\n\nas it was\n\n## gone\n\nno family\n")
    (tmp_path / "builtins").mkdir()
    (tmp_path / "builtins" / "gone.jpg").write_bytes(b"")
    page = make_gallery(tmp_path, "--only", "chair")
    assert headings(page) == ["chair", "vase"]
    assert "as it was" in page
    assert {path.name for path in (tmp_path / "builtins").iterdir()} == {"chair.jpg"}


def test_the_gallery_of_the_repository_shows_every_family():
    page = (REPOSITORY / "docs" / "builtins.md").read_text(encoding="utf-8")
    pictures = REPOSITORY / "docs" / "builtins"
    hint = "run: python tools/make_gallery.py --only NAME"
    assert headings(page) == list(builtin_objects()), hint
    for name, description in builtin_objects().items():
        assert description in page, f"{name}: {hint}"
        assert (pictures / f"{name}.jpg").is_file(), f"{name}: {hint}"
    assert sum(path.stat().st_size for path in pictures.iterdir()) < 3_000_000
