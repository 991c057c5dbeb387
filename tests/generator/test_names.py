"""An object's name and draws follow from the object alone: nothing that is added changes those that were there."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthmat.errors import RecipeError
from synthmat.generator.objects import file_name, plan_assets
from synthmat.generator.plan import plan_render
from synthmat.random_streams import ranked
from synthmat.recipe import parse_recipe
from synthmat.render_job import RenderJob
from synthmat.storage.output_folder import OutputFolder

EVERYTHING_DRAWN = """
render:
  views: {random: {count: 2}}
  exposure: {uniform: [-1, 1]}
  lights: [{three_point: {fill: {uniform: [0, 1]}}}, {hdri: {files: all, rotation: {uniform: [0, 360]}}, weight: 2}]
  looks: {randomness: {uniform: [0.1, 1]}}
  animation: {pose: random}
"""

FOLDERS = ["", "toys", "toys/animals", "models", "models/fox", "old models"]
STEMS = ["fox", "Fox", "bear", "scene", "low-poly fox", "日本", "vase", "fox_001"]
FILES = [f"{folder}/{stem}{suffix}".lstrip("/") for folder in FOLDERS for stem in STEMS for suffix in (".ply", ".glb")]


def plan(folder: Path, objects: list[dict[str, Any]], more: str = EVERYTHING_DRAWN) -> dict[str, RenderJob]:
    recipe = parse_recipe(f"name: x\nseed: 3\nobjects: {json.dumps(objects)}\n{more}")
    return {job.asset.name: job for job in plan_render(recipe, folder, OutputFolder(folder / "out"))}


def planned(folder: Path, files: list[str], objects: list[dict[str, Any]]) -> dict[str, RenderJob] | None:
    """Return the jobs of a folder with just these model files, or None where two have one name."""
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        path.unlink()
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(file.encode())
    try:
        return plan(folder, objects)
    except RecipeError as error:
        if "two have the name" in str(error):
            return None
        raise


ADDED = st.sampled_from([{"builtin": "net"}, {"builtin": "vase"}, {"group": [{"builtin": "net"}], "name": "bear"}])


@settings(max_examples=40)
@given(
    few=st.lists(st.sampled_from(FILES), min_size=1, max_size=5, unique=True),
    more=st.lists(st.sampled_from(FILES), max_size=4),
    added=st.lists(ADDED, unique_by=str),
    counts=st.tuples(st.integers(1, 3), st.integers(1, 3)),
)
def test_more_files_entries_and_variants_change_no_name_and_no_draw(few, more, added, counts):
    entries = [{"models": "**/*", "variants": counts[0]}, {"builtin": "shape", "count": counts[1]}]
    with TemporaryDirectory() as folder:
        before = planned(Path(folder), few, [{"models": "**/*"}, {"builtin": "shape"}])
        after = planned(Path(folder), [*few, *more], [*added, *entries])
    if before is not None and after is not None:  # else two have one name, which is refused: see below
        assert {name: after.get(name) for name in before} == before


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("fox.glb", "fox"),
        ("models/fox.glb", "fox"),
        ("toys/fox.glb", "toys-fox"),
        ("toys/animals/Fox.glb", "toys-animals-Fox"),
        ("models/fox/scene.gltf", "fox"),
        ("models/fox/fox.glb", "fox"),
        ("models/kit/GLB format/pine tree.glb", "kit-GLB_format-pine_tree"),
        ("../shared/models/fox.glb", "shared-fox"),
        ("models/scene.glb", "scene"),
        (f"{'a' * 90}/{'b' * 60}.glb", f"eeb193-{'a' * 12}-{'b' * 60}"),
    ],
)
def test_a_file_is_named_after_where_it_lies_seen_from_the_recipe(tmp_path, file, name):
    assert file_name(tmp_path / file, tmp_path) == name
    assert len(name) <= 80


def test_long_paths_that_end_alike_have_names_of_their_own(tmp_path):
    names = {file_name(tmp_path / f"{'a' * 70}{number}/{'b' * 70}.glb", tmp_path) for number in range(3)}
    assert len(names) == 3


@pytest.mark.parametrize(
    ("files", "name"),
    [
        (["models/fox.glb", "models/fox.obj"], "fox"),
        (["models/fox.glb", "models/Fox.glb"], "fox"),  # one folder on Windows and macOS
        (["models/a b.glb", "models/a_b.glb"], "a_b"),
    ],
)
def test_two_files_of_one_name_are_refused_with_the_remedy_which_helps(tmp_path, files, name):
    for file in files:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_bytes(b"")
    if len({file.name for file in (tmp_path / "models").iterdir()}) < 2:
        pytest.skip("this disk keeps no two files whose names differ in case alone")
    one, other = sorted(files)
    with pytest.raises(RecipeError, match=f"two have the name {name}: {one} and {other}\n.* in front of the pattern"):
        plan(tmp_path, [{"models": "models"}])
    named = plan(tmp_path, [{"model": other, "name": "another"}, {"models": "models"}])
    assert {job.asset.name for job in named.values()} == {Path(one).stem.replace(" ", "_"), "another"}


def test_a_built_in_object_takes_no_name_from_a_model(tmp_path):
    (tmp_path / "vase.glb").write_bytes(b"")
    (model,) = plan(tmp_path, [{"model": "vase.glb"}]).values()
    with pytest.raises(RecipeError, match=r"two have the name vase: built-in vase and vase\.glb"):
        plan(tmp_path, [{"model": "vase.glb"}, {"builtin": "vase"}])
    assert model in plan(tmp_path, [{"model": "vase.glb"}, {"builtin": "vase", "name": "pot"}]).values()


def test_one_file_written_in_two_ways_is_one_object(tmp_path):
    (tmp_path / "toys").mkdir()
    (tmp_path / "toys" / "fox.glb").write_bytes(b"")
    assert len(plan(tmp_path, [{"models": "toys"}, {"model": "toys/../toys/fox.glb", "name": "x"}])) == 1


def test_a_further_light_or_panorama_lights_its_share_of_the_objects_and_no_other(tmp_path):
    def lights(text: str) -> list[Any]:
        return [job.light for job in plan(tmp_path, [{"builtin": "shape", "count": 60}], text).values()]

    hdri = "render: {{lights: {{hdri: {{files: [{}]}}}}}}"
    few, more = lights(hdri.format("city, forest, night")), lights(hdri.format("studio, city, forest, night"))
    changed = {light.file for old, light in zip(few, more, strict=True) if old != light}
    assert changed == {"studio"}
    two, three = "[{three_point: {}, weight: 2}, {random: {}}", ", {hdri: {}, weight: 3}]"
    few, more = lights(f"render: {{lights: {two}]}}"), lights(f"render: {{lights: {two}{three}}}")
    changed = [light.kind for old, light in zip(few, more, strict=True) if old != light]
    assert set(changed) == {"hdri"}
    assert 20 <= len(changed) <= 40


def test_choices_come_first_as_often_as_their_weights_say_and_equal_ones_count_each():
    first = [ranked(1, "x", number, choices=["a", "b"], weights=[3, 1])[0] for number in range(2000)]
    assert 0.22 < sum(first) / 2000 < 0.28
    twice = [ranked(1, "x", number, choices=["a", "b", "a"])[0] for number in range(2000)]
    assert 0.30 < twice.count(1) / 2000 < 0.37


def test_the_same_files_have_the_same_names_wherever_the_recipe_lies(tmp_path):
    names = []
    for place in ("one", "another/place"):
        (tmp_path / place / "toys").mkdir(parents=True)
        (tmp_path / place / "toys" / "scene.glb").write_bytes(b"")
        recipe = parse_recipe("name: x\nobjects: [{models: '*'}, {models: toys}]")
        (tmp_path / place / "scene.glb").write_bytes(b"")
        names.append([asset.name for asset in plan_assets(recipe, tmp_path / place)])
    assert names == [["scene", "toys"]] * 2
