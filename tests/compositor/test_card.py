"""The data-set card tells what is in the folder and what is not known."""

from __future__ import annotations

import yaml

from synthmat.compositor.composite import composite
from synthmat.stage import RunOptions


def _card(project, keys: str, options: RunOptions | None = None) -> tuple[dict, str]:
    composite(project.recipe(keys), project.base, project.layout, options or RunOptions(workers=1, quiet=True))
    text = (project.layout.dataset / "README.md").read_text()
    _, head, body = text.split("---\n", 2)
    return yaml.safe_load(head), body


def test_the_card_counts_names_rule_recipe_and_files(project):
    project.renders(objects=4)
    project.photos(4)
    head, body = _card(project, "per_view: 2, bit_depth: 16")
    assert head["license"] == "other"
    assert "alpha-matting" in head["tags"]
    assert "| train | 8 | 2 | 2 |" in body
    assert "no model is in two splits. No photo is in two splits." in body
    assert "`trial`, seed 1" in body
    assert "16-bit grey, 0 transparent to 65535 opaque" in body
    assert "contact_sheet.png" in body
    assert 'load_dataset("imagefolder"' in body


def test_missing_licences_are_named_as_missing(project):
    project.render("mine", 0)
    project.render("free", 0, license="CC-BY-4.0", source="someone | somewhere")
    project.photos(1)
    _, body = _card(project, "split: {by: none}")
    assert "| mine | train 4 | not given |" in body
    assert "| free | train 4 | CC-BY-4.0 | someone \\| somewhere |" in body
    assert "**The licence of 1 model is not given.**" in body
    assert "**The licence of 1 photo is not given.**" in body


def test_the_fallback_and_missing_samples_are_in_the_card(project):
    project.renders(objects=1, views=4)
    project.photos(2)
    _, body = _card(project, "per_view: 2", RunOptions(workers=1, quiet=True, limit=3))
    assert "1 object cannot fill train, val, test without sharing" in body
    assert "2 photos cannot be divided" in body
    assert "5 of 8 planned samples are not made (yet)" in body
    assert "Photos are shared between the splits." in body


def test_builtin_photos_come_with_their_licences(project):
    project.render("a", 0, license="CC0-1.0")
    _, body = _card(project, "backgrounds: builtin, pairing: all, split: {by: none}")
    assert "| skimage/coffee.png | train 1 | CC0-1.0 | Rachel Michetti" in body
    assert "not given" not in body
