"""Models: every format the right way round, and every fault one error that names the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import blender_session

from synthmat.errors import AssetError, SynthmatError
from synthmat.render_job import HdriLight

FORMATS = ("glb", "gltf", "obj", "fbx", "ply", "usda", "usdc", "usdz", "blend")


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_model_stands_upright_and_shows_its_colored_front(studio: Any, towers: Path, suffix: str) -> None:
    _, (front, back) = studio.render(towers / f"tower.{suffix}", azimuths=(0.0, 180.0))
    assert front[32, 32, 0] > 2 * front[32, 32, 2]
    assert back[32, 32, 2] > 2 * back[32, 32, 0]
    assert_tall(front)


def test_an_stl_file_is_gray_and_upright(studio: Any, towers: Path) -> None:
    _, (front,) = studio.render(towers / "tower.stl")
    red, green, blue = front[32, 32, :3].astype(int)
    assert red > 60
    assert max(red, green, blue) - min(red, green, blue) <= 2
    assert_tall(front)


def assert_tall(pixels: Any) -> None:
    rows, columns = np.nonzero(pixels[:, :, 3] > 127)
    assert np.ptp(rows) > 1.5 * np.ptp(columns)


def test_what_a_render_does_not_show_does_not_count(studio: Any, blender: Any, towers: Path) -> None:
    blender(blender_session.make_hidden, str(towers))
    rows, (hidden,) = studio.render(towers / "hidden.blend")
    _, (plain,) = studio.render(towers / "tower.blend")
    assert rows[0]["model"]["centre"] == pytest.approx([0, 0, 0], abs=1e-5)
    assert np.array_equal(hidden, plain)


def test_an_instance_counts_once_at_its_place(studio: Any, blender: Any, towers: Path) -> None:
    blender(blender_session.make_instances, str(towers))
    rows, (pixels,) = studio.render(towers / "instances.blend")
    assert rows[0]["model"]["centre"] == pytest.approx([2, 0, 0], abs=1e-5)
    alpha = pixels[32, :, 3]
    assert alpha[12] == alpha[-13] == 255
    assert alpha[32] == 0


def test_a_face_that_lies_there_twice_is_not_black(studio: Any, blender: Any, tmp_path: Path) -> None:
    blender(blender_session.make_doubled, str(tmp_path))
    _, frames = studio.render(tmp_path / "doubled.glb", azimuths=(0.0, 180.0))
    assert min(frame[32, 32, :3].min() for frame in frames) > 40


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.glb", b""),
        ("cut.glb", None),
        ("words.gltf", b"hello"),
        ("list.gltf", b"[]"),
        ("odd.gltf", b'{"asset": {"version": "2.0"}, "buffers": [1]}'),
        ("deep.gltf", b'{"asset": ' + 100_000 * b"[" + 100_000 * b"]" + b"}"),
        ("words.obj", b"\x00\x01hello"),
        ("words.fbx", b"Kaydara FBX nope"),
        ("header.ply", b"ply\nformat ascii 1.0\nelement vertex 3\n"),
        ("words.stl", b"xx"),
        ("words.usda", b"#usda 1.0\n(((("),
        ("words.usdz", b"PK"),
        ("words.blend", b"BLENDER-v300garbage"),
        ("cut.blend", None),
        ("model.xyz", b"1 2 3"),
    ],
)
def test_a_damaged_file_is_one_error_that_names_it(
    studio: Any, towers: Path, tmp_path: Path, name: str, content: bytes | None
) -> None:
    path = tmp_path / name
    path.write_bytes(content if content is not None else (towers / f"tower.{path.suffix[1:]}").read_bytes()[:-3000])
    with pytest.raises(AssetError, match=name):
        studio.render(path)
    assert not (studio.folder / "rows.jsonl").exists()


def test_a_missing_file_and_an_unseen_model_are_errors(studio: Any, blender: Any, towers: Path) -> None:
    with pytest.raises(AssetError, match="no such file"):
        studio.render(towers / "absent.glb")
    blender(blender_session.make_hidden, str(towers))
    with pytest.raises(AssetError, match="nothing to see"):
        studio.render(towers / "nothing.blend")


def test_a_gltf_file_without_its_data_names_what_is_missing(studio: Any, towers: Path, tmp_path: Path) -> None:
    (tmp_path / "tower.gltf").write_bytes((towers / "tower.gltf").read_bytes())
    with pytest.raises(AssetError, match=r"tower\.bin"):
        studio.render(tmp_path / "tower.gltf")


@pytest.mark.once
def test_a_file_of_a_newer_blender_is_named(studio: Any, towers: Path, tmp_path: Path) -> None:
    data = (towers / "tower.blend").read_bytes()
    assert data.startswith(b"BLENDER")
    ours = data[9:12] if data[8:9] == b"v" else data[13:17]
    newer = str(int(ours) + 1).zfill(len(ours)).encode()
    model = tmp_path / "newer.blend"
    model.write_bytes(data.replace(b"v" + ours, b"v" + newer, 1))
    rows, (front,) = studio.render(model)
    assert front[32, 32, 0] > 2 * front[32, 32, 2]
    (warning,) = rows[0]["warnings"]
    assert "newer than" in warning


def test_nothing_that_a_blend_file_brings_is_run(studio: Any, blender: Any, tmp_path: Path) -> None:
    mark = tmp_path / "was_run"
    blender(blender_session.make_trap, str(tmp_path), str(mark))
    rows, _ = studio.render(tmp_path / "trap.blend")
    assert not mark.exists()
    assert any("driver" in warning and "not run" in warning for warning in rows[0]["warnings"])


def test_a_missing_texture_is_named(studio: Any, textured: Path) -> None:
    (textured / "box_picture.png").unlink()
    with pytest.raises(AssetError, match=r"box_picture\.png"):
        studio.render(textured / "box.gltf")


def test_a_damaged_texture_is_named(studio: Any, textured: Path) -> None:
    (textured / "box_picture.png").write_bytes(b"no picture")
    with pytest.raises(AssetError, match=r"box_picture\.png"):
        studio.render(textured / "box.gltf")


def test_a_missing_texture_can_be_painted_gray_with_a_warning(studio: Any, textured: Path) -> None:
    (textured / "box_picture.png").unlink()
    rows, (pixels,) = studio.render(textured / "box.gltf", missing_textures="grey")
    red, green, blue = pixels[32, 32, :3].astype(int)
    assert max(red, green, blue) - min(red, green, blue) <= 2
    assert red > 40
    assert "box_picture.png" in rows[0]["warnings"][0]


@pytest.mark.parametrize("place", ["Textures/box_picture.png", "textures/BOX_picture.PNG"])
def test_a_texture_in_a_folder_beside_the_model_is_found(studio: Any, textured: Path, place: str) -> None:
    blender_session.move(str(textured / "box_picture.png"), str(textured / place))
    rows, (pixels,) = studio.render(textured / "box.gltf")
    assert rows[0]["warnings"] == []
    assert pixels[32, 32, 2] > 2 * pixels[32, 32, 0]


@pytest.fixture
def textured(blender: Any, tmp_path: Path) -> Path:
    blender(blender_session.make_textured, str(tmp_path), "box", [0.1, 0.1, 0.9])
    return tmp_path


def test_an_unknown_panorama_is_an_error_that_names_those_there_are(studio: Any, towers: Path) -> None:
    with pytest.raises(AssetError, match=r"nowhere.*courtyard"):
        studio.render(towers / "tower.glb", light=HdriLight("nowhere", 0.0, 1.0))


def test_a_file_that_is_no_panorama_is_an_error(studio: Any, towers: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.hdr").write_bytes(b"nothing")
    with pytest.raises(AssetError, match=r"bad\.hdr"):
        studio.render(towers / "tower.glb", light=HdriLight(str(tmp_path / "bad.hdr"), 0.0, 1.0))


def test_a_device_that_is_not_there_is_an_error_that_says_what_is(blender: Any) -> None:
    with pytest.raises(SynthmatError, match="cpu"):
        blender(blender_session.blender_prepare, "metal")
    with pytest.raises(SynthmatError, match="possible"):
        blender(blender_session.blender_prepare, "abacus")
