"""The data-set card tells what is in the folder and what is not known."""

from __future__ import annotations

import dataclasses

import pytest
import yaml
from support.composite_runs import QUIET

from synthmat.compositor.card.licenses import cannot_be_joined, terms_of
from synthmat.compositor.stage import composite
from synthmat.stage import RunOptions


def _card(project, keys: str, options: RunOptions | None = None) -> tuple[dict, str]:
    composite(project.recipe(keys), project.base, project.output, options or QUIET)
    text = (project.output.dataset / "README.md").read_text()
    _, head, body = text.split("---\n", 2)
    return yaml.safe_load(head), body


def test_the_card_counts_names_rule_recipe_and_files(project):
    project.renders(objects=4)
    project.photos(4)
    head, body = _card(project, "per_view: 2, bit_depth: 16")
    assert head["license"] == "other"
    assert "alpha-matting" in head["tags"]
    assert head["synthmat"] == {"split_by": "object", "photos_apart": True}
    assert "| train | 8 | 2 | 2 | 2 |" in body
    assert "no model is in two splits. No photo is in two splits." in body
    assert "`trial`, seed 1" in body
    assert "16-bit gray, 0 transparent to 65535 opaque" in body
    assert "contact_sheet.png" in body
    assert 'load_dataset("imagefolder"' in body
    assert "the equation holds to one level." in body


def test_variants_of_one_model_are_one_line(project):
    for number in range(3):
        project.render(f"fox_{number}", 0, license="CC0-1.0", identity="fox")
    project.photos(1)
    _, body = _card(project, "split: {by: none}")
    assert "| train | 12 | 1 | 3 | 1 |" in body
    assert "| fox (3 variants) | train 12 | CC0-1.0 |" in body


def test_missing_licenses_are_named_as_missing(project):
    project.render("mine", 0)
    project.render("free", 0, license="CC-BY-4.0", source="someone | somewhere")
    project.photos(1)
    _, body = _card(project, "split: {by: none}")
    assert "| mine | train 4 | not given |" in body
    assert "| free | train 4 | CC-BY-4.0 | someone \\| somewhere |" in body
    assert "| not given | 1 | 1 | 8 |" in body
    assert "| CC-BY-4.0 | 1 | 0 | 4 |" in body
    assert "**No license given:** 1 model (mine) and 1 photo (photos/photo0.png), in 8 samples." in body
    assert "## Attribution" in body
    assert "- someone \\| somewhere: free (CC-BY-4.0)" in body


def test_what_licenses_forbid_or_ask_for_is_warned_of(project):
    licenses = {"a": "CC-BY-NC-4.0", "b": "CC-BY-ND-4.0", "c": "editorial use only", "d": "Foo 1", "e": "CC0-1.0"}
    for name, license_ in licenses.items():
        project.render(name, 0, license=license_, source="them")
    project.photos(1)
    photos = "backgrounds: [{photos: photos, license: CC-BY-SA-4.0, source: us}]"
    _, body = _card(project, f"{photos}, split: {{by: none}}, per_view: 1")
    assert "**No commercial use:** 1 model (a), in 1 sample." in body
    assert "**No changes allowed:** 1 model (b), in 1 sample." in body
    assert "**Restricted use:** 1 model (c), in 1 sample." in body
    assert "**Not recognized:** 1 model (d), in 1 sample." in body
    assert "**Share alike:** 1 photo (photos/photo0.png), in 5 samples." in body
    assert "**Cannot be joined:** 1 sample with CC-BY-SA-4.0 and CC-BY-NC-4.0 in one picture" in body
    assert "- us: photos/photo0.png (CC-BY-SA-4.0)" in body


def test_free_licenses_ask_for_nothing(project):
    project.render("a", 0, license="CC0-1.0")
    project.photos(1)
    head, body = _card(project, "backgrounds: [{photos: photos, license: CC0-1.0}], split: {by: none}")
    assert head["license"] == "cc0-1.0"
    assert "Nothing in these names forbids passing it on." in body
    assert "## Attribution" not in body


def test_stacks_and_distractors_count_for_models_and_licenses(project):
    project.render("a", 0, license="CC0-1.0")
    project.render("b", 0, license="CC-BY-4.0", source="her")
    project.photos(1)
    keys = "split: {by: none}, per_view: 1, stack: {probability: 1, count: 2}, distractors: {probability: 1, count: 1}"
    _, body = _card(project, f"{keys}, realism: {{exposure: {{probability: 1, stops: 0.5}}}}")
    assert "| a | train 1 | 2 | CC0-1.0 |" in body
    assert "| CC-BY-4.0 | 1 | 0 | 2 |" in body
    assert "| distractors in the background | 100.0% | |" in body
    assert "| exposure | 100.0% | 0.5 |" in body


def test_samples_with_noise_are_not_said_to_be_exact(project):
    project.renders(objects=1)
    project.photos(1)
    _, body = _card(project, "split: {by: none}, realism: {noise: {probability: 1, sigma: 0.05}}, blend: linear")
    assert "Blended in linear light" in body
    assert "in the 0 samples with `exact`; the other 8 have noise" in body


def test_the_fallback_and_missing_samples_are_in_the_card(project):
    project.renders(objects=1, views=4)
    project.photos(2)
    head, body = _card(project, "per_view: 2", dataclasses.replace(QUIET, limit=3))
    assert head["synthmat"] == {"split_by": "view", "photos_apart": False}
    assert "1 object cannot fill train, val, test without sharing" in body
    assert "2 photos cannot be divided" in body
    assert "5 of 8 planned samples are not made (yet)" in body
    assert "Photos are shared between the splits." in body


def test_builtin_photos_come_with_their_licenses(project):
    project.render("a", 0, license="CC0-1.0")
    _, body = _card(project, "backgrounds: builtin, pairing: all, split: {by: none}")
    assert "| skimage/coffee.png | train 1 | CC0-1.0 | Rachel Michetti" in body
    assert "not given" not in body


@pytest.mark.parametrize(
    ("license_", "said"),
    [
        ("CC-BY-NC-SA-4.0", {"attribution", "family", "non_commercial", "recognized"}),
        ("Creative Commons Attribution-NonCommercial 4.0", {"attribution", "non_commercial", "recognized"}),
        ("CC-BY-ND 4.0", {"attribution", "no_derivatives", "recognized"}),
        ("CC0-1.0", {"recognized"}),
        ("public domain", {"recognized"}),
        ("MIT", {"attribution", "recognized"}),
        ("GPL-3.0-or-later", {"attribution", "family", "recognized"}),
        ("fan art, personal use", {"restricted", "recognized"}),
        ("see LICENSES.md", set()),
    ],
)
def test_the_name_of_a_license_says_what_it_asks_for(license_, said):
    terms = terms_of(license_)
    assert {name for name, value in terms._asdict().items() if value} == said


@pytest.mark.parametrize(
    ("licenses", "clash"),
    [
        (("CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0"), None),
        (("CC-BY-NC-4.0", "CC-BY-4.0"), None),
        (("CC-BY-NC-SA-4.0", "CC-BY-NC-4.0"), None),
        (("CC-BY-SA-4.0", "GPL-3.0"), None),
        (("CC-BY-NC-4.0", "CC-BY-SA-4.0"), ("CC-BY-SA-4.0", "CC-BY-NC-4.0")),
        (("CC-BY-SA-4.0", "CC-BY-NC-SA-4.0"), ("CC-BY-NC-SA-4.0", "CC-BY-SA-4.0")),
    ],
)
def test_share_alike_clashes_with_what_forbids_more(licenses, clash):
    assert cannot_be_joined(licenses) == clash
