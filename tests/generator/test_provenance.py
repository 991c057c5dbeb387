"""License and source stand in model files often enough: they are read, and the recipe wins."""

import json
import struct

import pytest
from support.repository import RECIPES

from synthmat.compositor.card.licenses import terms_of
from synthmat.generator.plan import plan_render
from synthmat.generator.provenance import provenance, short_license
from synthmat.recipe import parse_recipe
from synthmat.storage.output_folder import OutputFolder


def write(path, document):
    document = {"asset": {"version": "2.0"}} | document
    content = json.dumps(document).encode()
    if path.suffix != ".gltf":
        content += b" " * (-len(content) % 4)
        content = b"glTF" + struct.pack("<IIII", 2, 20 + len(content), len(content), 0x4E4F534A) + content
    path.write_bytes(content)
    return path


SKETCHFAB = {
    "version": "2.0",
    "generator": "Sketchfab-12.0",
    "extras": {
        "author": "Ada (https://sketchfab.com/ada)",
        "license": "CC-BY-NC-4.0 (http://creativecommons.org/licenses/by-nc/4.0/)",
        "source": "https://sketchfab.com/3d-models/fox-1",
        "title": "Fox",
    },
}
FOX = "Fox by Ada (https://sketchfab.com/ada), https://sketchfab.com/3d-models/fox-1"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({}, (None, None)),
        ({"asset": {"version": "2.0", "generator": "Blender"}}, (None, None)),
        ({"asset": SKETCHFAB}, ("CC-BY-NC-4.0", FOX)),
        ({"asset": {"version": "2.0", "copyright": "2017 ACME, CC-BY 4.0"}}, ("CC-BY-4.0", "2017 ACME, CC-BY 4.0")),
        ({"asset": {"version": "2.0", "copyright": "(c) ACME"}}, (None, "(c) ACME")),
        ({"asset": {"version": "2.0", "extras": {"author": ["no", "text"], "license": 3}}}, (None, None)),
        (
            {"extensions": {"VRM": {"meta": {"title": "Miku", "author": "Bo", "licenseName": "CC_BY_NC"}}}},
            ("CC-BY-NC-4.0", "Miku by Bo"),
        ),
        (
            {"extensions": {"VRM": {"meta": {"author": "Bo", "licenseName": "Redistribution_Prohibited"}}}},
            ("Redistribution Prohibited", "Bo"),
        ),
        (
            {"extensions": {"VRM": {"meta": {"licenseName": "Other", "otherLicenseUrl": "https://a.b/terms"}}}},
            ("https://a.b/terms", None),
        ),
        (
            {
                "extensions": {
                    "VRMC_vrm": {
                        "meta": {
                            "name": "Seed",
                            "authors": ["Bo", "Cy"],
                            "licenseUrl": "https://vrm.dev/licenses/1.0/",
                            "copyrightInformation": "(c) Bo",
                        }
                    }
                }
            },
            ("VRM-1.0-NC-ND redistribution prohibited", "Seed by Bo, Cy, (c) Bo"),
        ),
    ],
)
@pytest.mark.parametrize("suffix", [".gltf", ".glb", ".vrm"])
def test_the_file_tells_its_license_and_source(tmp_path, document, expected, suffix):
    assert provenance(write(tmp_path / f"a{suffix}", document)) == expected


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("http://creativecommons.org/licenses/by-sa/3.0/de/", "CC-BY-SA-3.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("CC0 Public Domain", "CC0-1.0"),
        ("CC BY-SA 4.0 International", "CC-BY-SA-4.0"),
        ("CC Attribution-NonCommercial-NoDerivs", "CC-BY-NC-ND"),
        ("Creative Commons Attribution-ShareAlike 4.0", "CC-BY-SA-4.0"),
        ("MIT", "MIT"),
        ("All rights reserved", "All rights reserved"),
    ],
)
def test_licenses_get_the_names_that_the_card_knows(text, short):
    assert short_license(text) == short
    assert terms_of(short).recognized


def test_what_may_not_be_passed_on_is_restricted():
    assert terms_of("Redistribution Prohibited").restricted
    terms = terms_of("VRM-1.0-NC-ND redistribution prohibited")
    assert all((terms.restricted, terms.non_commercial, terms.no_derivatives))


def about(tmp_path, **entry):
    recipe = parse_recipe(f"name: x\nobjects: {json.dumps([{'models': '*.glb', **entry}])}\n")
    (job,) = plan_render(recipe, tmp_path, OutputFolder(tmp_path / "out"))
    return job.asset.license, job.asset.source


def test_the_recipe_wins_key_by_key(tmp_path):
    write(tmp_path / "fox.glb", {"asset": SKETCHFAB})
    assert about(tmp_path) == ("CC-BY-NC-4.0", FOX)
    assert about(tmp_path, license="CC0-1.0") == ("CC0-1.0", FOX)
    assert about(tmp_path, source="me") == ("CC-BY-NC-4.0", "me")


def test_a_new_recipe_claims_no_license():
    template = RECIPES / "own_models.yaml"
    recipe = parse_recipe(template.read_text())
    assert [(entry.license, entry.source) for entry in recipe.objects] == [(None, None)]
