"""The plan holds every draw as a number, and one object's draws never depend on another's."""

import dataclasses
import json
import struct
import time

import pytest

from synthmat.errors import RecipeError
from synthmat.generator.fingerprint import fingerprint
from synthmat.generator.objects import safe_name
from synthmat.generator.plan import plan_render
from synthmat.model_files.usd_layers import usd_files
from synthmat.recipe import parse_recipe
from synthmat.render_job import HdriLight
from synthmat.storage.output_folder import OutputFolder

VARIED = """
render:
  views: {turntable: {count: 5, elevation: {uniform: [0, 40]}, start: {uniform: [0, 360]}}}
  lights: [{three_point: {fill: {uniform: [0, 1]}}}, {hdri: {files: all, rotation: {uniform: [0, 360]}}}]
"""


def plan(tmp_path, objects, more=VARIED, seed=3):
    recipe = parse_recipe(f"name: x\nseed: {seed}\nobjects: {json.dumps(objects)}\n{more}")
    return {job.asset.name: job for job in plan_render(recipe, tmp_path, OutputFolder(tmp_path / "out"))}


def test_adding_an_object_or_a_variant_changes_no_other(tmp_path):
    few = plan(tmp_path, [{"builtin": "suzanne", "count": 3}])
    many = plan(tmp_path, [{"builtin": "vase"}, {"builtin": "suzanne", "count": 1001}])
    assert all(many[name] == job for name, job in few.items())


def test_a_plan_is_numbers_all_the_way_down(tmp_path):
    jobs = plan(tmp_path, [{"builtin": "suzanne", "count": 4}])
    assert json.loads(json.dumps([dataclasses.asdict(job) for job in jobs.values()]))


def test_another_seed_gives_another_plan(tmp_path):
    objects = [{"builtin": "suzanne"}]
    assert plan(tmp_path, objects, seed=0) != plan(tmp_path, objects, seed=1)


def test_the_classic_turntable_has_12_views_30_degrees_apart(tmp_path):
    (job,) = plan(tmp_path, [{"builtin": "suzanne"}], more="").values()
    assert [view.azimuth for view in job.views] == [30.0 * i for i in range(12)]
    assert [view.name for view in job.views][:2] == ["0000", "0001"]


def test_more_than_ten_thousand_views_get_longer_names(tmp_path):
    (job,) = plan(tmp_path, [{"builtin": "suzanne"}], "render: {views: {turntable: {count: 10001}}}").values()
    assert (job.views[0].name, job.views[-1].name) == ("00000", "10000")


def test_exposure_is_drawn_for_each_object(tmp_path):
    more = "render: {exposure: {uniform: [-1, 1]}}"
    exposures = {job.settings.exposure for job in plan(tmp_path, [{"builtin": "suzanne", "count": 20}], more).values()}
    assert len(exposures) == 20
    assert min(exposures) < -0.5 < 0.5 < max(exposures)


def test_every_light_set_up_is_drawn(tmp_path):
    lights = [job.light for job in plan(tmp_path, [{"builtin": "suzanne", "count": 40}]).values()]
    panoramas = {light.file for light in lights if isinstance(light, HdriLight)}
    assert 10 <= sum(isinstance(light, HdriLight) for light in lights) <= 30
    assert len(panoramas) > 4


def test_ten_thousand_objects_are_planned_in_seconds(tmp_path):
    started = time.process_time()
    assert len(plan(tmp_path, [{"builtin": "shape", "count": 10_000}])) == 10_000
    assert time.process_time() - started < 15


def model(path, content=b"ply"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_texture_beside_the_model_is_part_of_it_wherever_its_author_had_it(tmp_path):
    obj = model(tmp_path / "box.obj", b"mtllib box.mtl\nv 0 0 0\n")
    model(tmp_path / "box.mtl", b"newmtl a\nmap_Kd -s 1 1 1 C:\\art\\old wood.png\nmap_Bump rough.png\n")
    prints = [fingerprint(obj)]
    for file, content in (("textures/Old Wood.png", b"1"), ("textures/Old Wood.png", b"2"), ("rough.png", b"3")):
        model(tmp_path / file, content)
        prints.append(fingerprint(obj))
    assert len(set(prints)) == 4


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"asset": {}, "images": [{"uri": "x" * 300}]}).encode(),
        b'{"images": ' + 100_000 * b"[" + 100_000 * b"]" + b"}",
        b'{"asset": {}, "buffers": [1]}',
    ],
)
def test_a_model_of_nonsense_does_not_stop_the_plan(tmp_path, content):
    model(tmp_path / "odd.gltf", content)
    model(tmp_path / "good.ply")
    assert set(plan(tmp_path, [{"models": "*.*"}])) == {"odd", "good"}


def test_namesakes_and_files_called_scene_get_names_of_their_own(tmp_path):
    for name in ("a/fox.ply", "b/Fox.ply", "bear/scene.ply", "we ird {x} #1.ply", "日本.ply"):
        model(tmp_path / "models" / name)
    names = set(plan(tmp_path, [{"models": "models"}]))
    assert {"bear", "we_ird_x_1", "日本"} < names
    assert len({name.casefold() for name in names}) == 5


def test_a_file_that_two_entries_name_is_rendered_once(tmp_path):
    model(tmp_path / "fox.ply")
    assert len(plan(tmp_path, [{"models": "*.ply"}, {"model": "fox.ply", "name": "x"}])) == 1


def test_two_objects_of_one_name_are_an_error(tmp_path):
    with pytest.raises(RecipeError, match="suzanne"):
        plan(tmp_path, [{"builtin": "suzanne"}, {"builtin": "vase", "name": "suzanne"}])


@pytest.mark.parametrize("entry", [{"model": "none.glb"}, {"models": "none/*.glb"}, {"models": "empty"}])
def test_a_model_that_is_not_there_is_named(tmp_path, entry):
    (tmp_path / "empty").mkdir()
    with pytest.raises(RecipeError, match=r"objects\.0: no model at"):
        plan(tmp_path, [entry])


def test_a_file_of_an_unknown_format_is_named(tmp_path):
    model(tmp_path / "fox.max")
    with pytest.raises(RecipeError, match="unsupported extension; supported: "):
        plan(tmp_path, [{"model": "fox.max"}])


def test_the_fingerprint_follows_the_files_that_a_model_refers_to(tmp_path):
    gltf = {"images": [{"uri": "skin%201.png"}], "buffers": [{"uri": "data:,"}]}
    model(tmp_path / "a.gltf", json.dumps(gltf).encode())
    before = plan(tmp_path, [{"model": "a.gltf"}])["a"].asset.fingerprint
    model(tmp_path / "skin 1.png", b"x")
    assert plan(tmp_path, [{"model": "a.gltf"}])["a"].asset.fingerprint != before


def test_a_frame_key_depends_on_pixels_and_not_on_names_or_workers(tmp_path):
    (job,) = plan(tmp_path, [{"builtin": "suzanne"}]).values()
    view = job.views[0]
    same = dataclasses.replace(job, folder="elsewhere", rows_file="x", views=job.views[:1], timeout_s=1)
    more = dataclasses.replace(job, settings=dataclasses.replace(job.settings, samples=65))
    assert same.key(view) == job.key(view) != more.key(view)


@pytest.mark.parametrize(("text", "name"), [("a b", "a_b"), ("../..", "object"), ("x" * 200, "x" * 80), (".x", "x")])
def test_names_are_safe_as_files(text, name):
    assert safe_name(text) == name


def test_the_fingerprint_follows_usd_layers(tmp_path):
    usda = b'#usda 1.0\ndef "a" (references = @./part.usda@) {}\n'
    scene = model(tmp_path / "scene.usda", usda)
    prints = [fingerprint(scene)]
    for file, content in (
        ("part.usda", b"#usda 1.0\n asset inputs:file = @../skins/one.png@"),
        ("part.usda", b"#usda 1.0\n asset inputs:file = @skins/one.png@"),
        ("skins/one.png", b"1"),
        ("skins/one.png", b"2"),
    ):
        model(tmp_path / file, content)
        prints.append(fingerprint(scene))
    assert len(set(prints)) == 5


def test_the_fingerprint_reads_binary_usd_layers(tmp_path):
    tokens = b"-".join(b"token%d" % i for i in range(9)) + b"\0textures/skin.png\0"
    block = bytes([0xF0, len(tokens) - 15]) + tokens  # one LZ4 run of literals
    section = struct.pack("<QQQ", 2, len(tokens), len(block) + 1) + b"\0" + block
    head = b"PXR-USDC" + bytes(8) + struct.pack("<q", 88)
    data = head.ljust(88, b"\0") + struct.pack("<Q16sqq", 1, b"TOKENS", 128, len(section)) + section
    layer = model(tmp_path / "a.usdc", data)
    assert usd_files(layer) == {tmp_path / "textures" / "skin.png"}
    before = fingerprint(layer)
    model(tmp_path / "textures" / "skin.png", b"x")
    assert fingerprint(layer) != before
