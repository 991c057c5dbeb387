"""What is missing is found before anything starts, all of it at once, each with its file and what to do."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support import command_line

import synthmat
from synthmat.errors import RecipeError
from synthmat.preflight import Found, check_files
from synthmat.recipe import parse_recipe
from synthmat.stage import RunOptions
from synthmat.storage.output_folder import OutputFolder

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12345\n"
PULL = "a Git LFS pointer, and not the file itself: run `git lfs pull` in its repository"
DRY = RunOptions(dry_run=True, quiet=True)


def write(path: Path, content: str | bytes = POINTER) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def gltf(path: Path, version: str = "2.0", buffers: tuple[str, ...] = (), images: tuple[str, ...] = ()) -> Path:
    document = {"asset": {"version": version}, "buffers": [{"uri": uri} for uri in buffers]}
    return write(path, json.dumps(document | {"images": [{"uri": uri} for uri in images]}))


def picture(path: Path, channels: int = 3) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(len(path.name)).integers(1, 256, (32, 32, channels), np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def look(base: Path, text: str, stages: tuple[str, ...] = ("render", "composite", "train")) -> Found:
    return check_files(parse_recipe(f"name: x\n{text}"), base, OutputFolder(base / "out"), stages)


def models(base: Path, more: str = "") -> Found:
    return look(base, f"objects: [{{models: models}}]\n{more}", ("render",))


def test_a_recipe_whose_files_are_there_is_fine(tmp_path):
    write(tmp_path / "models/data.bin", b"1")
    picture(tmp_path / "models/wood.png")
    gltf(tmp_path / "models/a.gltf", buffers=("data.bin",), images=("wood.png", "data:image/png;base64,"))
    picture(tmp_path / "photos/a.jpg")
    found = look(tmp_path, "objects: [{models: models}]\ncomposite: {backgrounds: photos}")
    assert (found.stops, found.costs, found.notes) == ([], [], [])


def test_every_fault_of_models_is_named_at_once(tmp_path):
    folder = tmp_path / "models"
    write(folder / "pointer.glb")
    write(folder / "empty.stl", b"")
    gltf(folder / "old.gltf", "1.0")
    write(folder / "old.glb", b"glTF" + struct.pack("<IIII", 1, 20, 0, 0))
    gltf(folder / "bare.gltf", buffers=("gone.bin",), images=("gone.png", "pointer.png"))
    write(folder / "pointer.png")
    write(folder / "a.obj", "mtllib a.mtl\nv 0 0 0\n")
    write(folder / "a.mtl", "newmtl a\nmap_Kd wood.jpg\n")
    costs = models(tmp_path).costs
    for part in (
        f"{folder}/pointer.glb: {PULL}",
        f"{folder}/empty.stl: the file is empty",
        f"{folder}/old.gltf: glTF 1.0, which Blender does not read; convert it to glTF 2.0",
        f"{folder}/old.glb: glTF 1.0",
        f"{folder}/bare.gltf: {folder}/gone.bin is missing; put it there or beside the model",
        f"{folder}/bare.gltf: {folder}/gone.png is missing; put it there or beside the model, or set render.",
        f"{folder}/bare.gltf: {folder}/pointer.png: {PULL}",
        f"{folder}/a.obj: {folder}/wood.jpg is missing",
    ):
        assert any(fault.startswith(part) for fault in costs), part
    assert len(costs) == 8


def test_textures_that_grey_takes_the_place_of_are_notes_and_buffers_stay_faults(tmp_path):
    gltf(tmp_path / "models/bare.gltf", buffers=("gone.bin",), images=("gone.png",))
    found = models(tmp_path, "render: {missing_textures: grey}")
    assert [fault.rpartition("/")[2] for fault in found.costs] == [
        "gone.bin is missing; put it there or beside the model"
    ]
    assert "gone.png is missing, and gray takes its place" in found.notes[0]


def test_model_formats_that_are_not_read_are_counted(tmp_path):
    for name in ("a.3ds", "b.3DS", "c.dae", "d.zip", "list.txt"):
        write(tmp_path / "models" / name, "x")
    (stop,) = models(tmp_path).stops
    words = "4 files are passed over, since they cannot be read: 2 .3ds, 1 .dae, 1 .zip; export the models as glTF"
    assert stop.startswith(f"objects.0: no model at {tmp_path}/models; objects.0: models: {words}")
    gltf(tmp_path / "models/e.gltf")
    found = models(tmp_path)
    assert found.stops == []
    assert words in found.notes[0]
    result = synthmat.render(_recipe(tmp_path, "objects: [{models: models}]"), out=tmp_path / "out", options=DRY)
    assert any(words in note for note in result.notes)


def test_members_of_groups_are_looked_at_and_a_named_file_of_another_format_says_what_to_do(tmp_path):
    write(tmp_path / "a.dae", "x")
    found = look(tmp_path, "objects: [{group: [{model: gone.glb}, {builtin: suzanne}]}, {model: a.dae}]", ("render",))
    assert f"objects.0.group.0: no model at {tmp_path}/gone.glb" in found.stops
    assert any("a.dae: unsupported extension" in stop and "export the models as glTF" in stop for stop in found.stops)


def test_every_missing_panorama_and_photo_is_named(tmp_path):
    write(tmp_path / "sky/pointer.hdr")
    write(tmp_path / "photos/pointer.jpg")
    picture(tmp_path / "photos/a.jpg")
    text = (
        "objects: [{builtin: suzanne}]\n"
        "render: {lights: [{hdri: {files: [gone.hdr, city, sky]}}, {match_photo: {photos: away}}]}\n"
        "composite: {backgrounds: [photos, {photos: [nowhere, lost]}], foregrounds: [{folder: cut_outs}]}\n"
    )
    found = look(tmp_path, text)
    told = "\n".join(found.stops)
    for part in (
        f"render.lights: no panorama at {tmp_path}/gone.hdr",
        f"render.lights: {tmp_path}/sky/pointer.hdr: {PULL}",
        "render.lights: match_photo.photos: no photo",
        f"at {tmp_path}/away",
        f"at {tmp_path}/nowhere",
        f"at {tmp_path}/lost",
        f"composite.foregrounds[0]: {tmp_path}/cut_outs: no such folder",
    ):
        assert part in told
    assert len(found.stops) == 6
    assert found.costs == [f"composite.backgrounds: photos: {tmp_path}/photos/pointer.jpg: {PULL}"]


def test_many_pointers_are_counted(tmp_path):
    for number in range(9):
        write(tmp_path / f"photos/{number}.jpg")
    costs = look(tmp_path, "objects: [{builtin: suzanne}]\ncomposite: {backgrounds: photos}").costs
    assert len(costs) == 4
    assert costs[-1] == "composite.backgrounds: photos: 6 more files are such pointers"


def test_training_data_and_weights_are_looked_at(tmp_path):
    write(tmp_path / "encoder.pth")
    write(tmp_path / "start.pt")
    for number in range(2):
        picture(tmp_path / f"masks/image/{number}.png")
        Image.fromarray(np.eye(32, dtype=np.uint8)).save(picture(tmp_path / f"masks/alpha/{number}.png"))
    text = (
        "objects: [{builtin: suzanne}]\n"
        "train:\n  data: [{folder: masks}, dataset]\n  validation: [{folder: gone}]\n  init: start.pt\n"
        "  options: {encoder_weights: encoder.pth, weights: lost/refiner.pth, other_weights: imagenet}\n"
    )
    told = "\n".join(look(tmp_path, text).stops)
    for part in (
        f"train.options.encoder_weights: {tmp_path}/encoder.pth: {PULL}",
        f"train.options.weights: {tmp_path}/lost/refiner.pth: no such file of weights",
        f"train.init: {tmp_path}/start.pt: {PULL}",
        f"train.validation: {tmp_path}/gone: no such folder",
        "train.data: ",
        "masks/alpha/0.png: its levels are 0 and 1",
    ):
        assert part in told
    assert "imagenet" not in told


def _recipe(base: Path, text: str) -> Path:
    return write(base / "recipe.yaml", f"name: x\n{text}\n")


COMPOSITE = "objects: [{builtin: suzanne}]\ncomposite: {backgrounds: photos, foregrounds: [renders, {folder: cut}]}"


@pytest.mark.parametrize("command", [synthmat.run, synthmat.render])
@pytest.mark.parametrize("options", [RunOptions(quiet=True), DRY])
def test_missing_photos_and_cut_outs_are_found_before_the_first_frame(tmp_path, command, options):
    with pytest.raises(RecipeError) as told:
        command(_recipe(tmp_path, COMPOSITE), out=tmp_path / "out", options=options)
    assert re.search(rf"composite\.backgrounds: no photo .* at {tmp_path}/photos\n", str(told.value))
    assert f"{tmp_path}/cut: no such folder" in str(told.value)
    assert not (tmp_path / "out/renders").exists()


def test_render_of_a_recipe_without_composite_needs_no_photos(tmp_path):
    result = synthmat.render(_recipe(tmp_path, "objects: [{builtin: suzanne}]"), out=tmp_path / "out", options=DRY)
    assert any(note.startswith("would render") for note in result.notes)


def test_a_dry_run_takes_files_that_cost_single_frames_for_faults(tmp_path):
    write(tmp_path / "models/a.glb")
    recipe = _recipe(tmp_path, "objects: [{models: models}]")
    with pytest.raises(RecipeError, match=r"models/a\.glb: a Git LFS pointer"):
        synthmat.run(recipe, out=tmp_path / "out", options=DRY)
    result = synthmat.render(recipe, out=tmp_path / "out", options=DRY)
    assert "Git LFS" in result.notes[0]


def test_recipe_check_looks_at_files_only_when_told_to(tmp_path):
    _recipe(tmp_path, COMPOSITE)
    plain, files = (
        command_line.synthmat("recipe", "check", "recipe.yaml", *more, folder=tmp_path) for more in ((), ("--files",))
    )
    assert (plain.returncode, plain.stdout) == (0, "recipe.yaml: fine\n")
    assert files.returncode == 2
    assert len(files.stderr.splitlines()) == 2
    assert "cut: no such folder" in files.stderr
