"""Every relative link of the documentation leads to a file, and every page has its place on the site."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from support.doc_pages import pages
from support.repository import REPOSITORY

_LINK = re.compile(r"\]\(([^)\s]+)\)")
MADE = re.compile(
    r"^docs/(reference/(recipe|commands|choices|folders|api)|project/(contributing|security|changelog))\.md$"
)


def dead_links(page: Path) -> list[str]:
    """Return the page's relative links that lead nowhere; pages that `make docs` writes count as there."""
    dead = []
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in link or link.startswith(("#", "mailto:")):
            continue
        target = (page.parent / link.partition("#")[0]).resolve()
        name = target.relative_to(REPOSITORY).as_posix() if target.is_relative_to(REPOSITORY) else link
        if not target.exists() and not MADE.match(name):
            dead.append(link)
    return dead


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_relative_links_lead_to_files(page):
    assert dead_links(page) == []


def test_a_dead_link_would_be_found(monkeypatch, tmp_path):
    monkeypatch.setattr(sys.modules[__name__], "REPOSITORY", tmp_path)
    (tmp_path / "page.md").write_text(
        "[here](page.md) [gone](docs/away.md) [made](docs/reference/api.md) [out](http://a.b)"
    )
    assert dead_links(tmp_path / "page.md") == ["docs/away.md"]


def nav_pages(entry: object) -> list[str]:
    if isinstance(entry, dict):
        return [name for below in entry.values() for name in nav_pages(below)]
    return [entry] if isinstance(entry, str) else [name for below in entry for name in nav_pages(below)]


def test_every_page_is_in_the_navigation_once():
    listed = nav_pages(yaml.safe_load((REPOSITORY / "mkdocs.yml").read_text())["nav"])
    assert len(listed) == len(set(listed))
    assert {name for name in listed if not MADE.match(f"docs/{name}")} == {
        page.relative_to(REPOSITORY / "docs").as_posix() for page in pages() if page.is_relative_to(REPOSITORY / "docs")
    }


def test_git_ignores_the_pages_that_are_made():
    ignored = (REPOSITORY / ".gitignore").read_text().splitlines()
    assert len([name for name in ignored if MADE.match(name)]) == 8
    listed = subprocess.run(["git", "ls-files", "docs"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert not [name for name in listed.stdout.splitlines() if MADE.match(name)]
