"""The pages that `make docs` makes from the code, and the site that it makes of all pages."""

import contextlib
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest
from support.command_line import synthmat
from support.repository import REPOSITORY

from synthmat.layouts import layouts
from synthmat.recipe import Recipe
from synthmat.train.losses import loss_names
from synthmat.train.models import model_names

_LOADED = re.compile(r"<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)=[\"']?(?:https?:)?//[^\"' >]+")


@pytest.fixture(scope="module")
def docs(tmp_path_factory) -> Path:
    """A copy of the documentation with the pages made anew."""
    folder = tmp_path_factory.mktemp("site") / "docs"
    shutil.copytree(REPOSITORY / "docs", folder)
    as_script = {"argv": ["make_reference.py", "--docs", str(folder)], "path": [str(REPOSITORY / "tools"), *sys.path]}
    with mock.patch.multiple(sys, **as_script), contextlib.chdir(REPOSITORY):
        runpy.run_path("tools/make_reference.py", run_name="__main__")
    return folder


def descriptions(schema: dict) -> set[str]:
    holders = [schema, *schema["$defs"].values()]
    return {key for holder in holders for key in holder.get("properties", {})}


def test_the_recipe_page_has_every_key_with_a_meaning(docs):
    page = (docs / "reference" / "recipe.md").read_text()
    rows = re.findall(r"^\| `([a-z]\w*)` \|(.*)\|$", page, re.M)
    assert descriptions(Recipe.model_json_schema()) - {"uniform", "log_uniform", "normal", "choice"} == {
        key for key, _ in rows
    }
    assert not [key for key, cells in rows if not cells.split(" | ")[-1].strip()]


def test_links_within_the_recipe_page_have_their_place(docs):
    page = (docs / "reference" / "recipe.md").read_text()
    anchors = re.findall(r"\{#([\w-]+)\}", page)
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r"\]\(#([\w-]+)\)", page)) <= set(anchors)


def test_the_command_page_has_every_command_and_option(docs):
    page = (docs / "reference" / "commands.md").read_text()
    helped = synthmat("--help", folder=docs).stdout
    names = re.findall(r"^  ([a-z-]+)  ", helped.partition("Commands:")[2], re.M)
    assert len(names) > 8
    assert not [name for name in names if f"## synthmat {name}" not in page]
    assert "`--shard` I/N" in page


def test_the_page_of_choices_has_all_of_them(docs):
    page = (docs / "reference" / "choices.md").read_text()
    assert not [name for name in model_names() if f"### {name}\n" not in page]
    assert not [name for name in (*loss_names(), *layouts()) if f"| `{name}` |" not in page]


def test_the_site_is_built_without_a_warning_and_loads_nothing_from_a_network(docs, tmp_path):
    configuration = (REPOSITORY / "mkdocs.yml").read_text()
    sources = f"paths: [{REPOSITORY / 'src'}]"
    assert "paths: [src]" in configuration
    (docs.parent / "mkdocs.yml").write_text(configuration.replace("paths: [src]", sources))
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=docs.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    pages = list((tmp_path / "site").rglob("*.html"))
    assert len(pages) > 25
    assert not {page.name: found for page in pages if (found := _LOADED.findall(page.read_text(encoding="utf-8")))}
    assert (tmp_path / "site" / "search" / "search_index.js").exists()
    styles = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "site").rglob("*.css"))
    assert not re.findall(r"(?:url\(|@import )[\"']?(?:https?:)?//", styles)


def test_what_would_come_from_a_network_would_be_found():
    assert _LOADED.findall('<script src="https://unpkg.com/x"></script> <a href="https://a.b">') != []
    assert _LOADED.findall('<a href="https://a.b">text</a> <script src="assets/a.js"></script>') == []
