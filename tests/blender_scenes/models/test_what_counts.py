"""Framing: only what a camera sees counts, and a file that shows nothing is an error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import blender_session
from support.made_gltf import BLUE, RED, cube, material, square, write_gltf

from synthmat.errors import AssetError

SQUARE = "v -1 0 0\nv 1 0 0\nv 1 2 0\nv -1 2 0\nf 1 2 3 4\n"
CLEAR = {"alphaMode": "BLEND"}


@pytest.mark.parametrize("more", ["v 50 0 0\n", "v 50 0 0\nv 60 0 0\nl 5 6\n", "v 50 0 0\nv 60 0 0\nf 5 6 5\n"])
def test_points_lines_and_faces_without_extent_do_not_count(studio: Any, tmp_path: Path, more: str) -> None:
    (tmp_path / "plain.obj").write_text(SQUARE)
    (tmp_path / "more.obj").write_text(SQUARE.replace("f", more + "f") if more.count("f") == 0 else SQUARE + more)
    _, (plain,) = studio.render(tmp_path / "plain.obj")
    _, (pixels,) = studio.render(tmp_path / "more.obj")
    assert np.array_equal(plain, pixels)


@pytest.mark.parametrize(
    ("part", "node"),
    [
        (cube(material(BLUE)), {"scale": [0, 0, 0], "translation": [40, 0, 0]}),
        (cube(material(BLUE)), {"scale": [0, 1, 0], "translation": [40, 0, 0]}),
        (cube(material([1.0, 1.0, 1.0, 0.0], **CLEAR)), {"translation": [40, 0, 0]}),
        (cube(material([1.0, 1.0, 1.0, 0.0], double_sided=True, **CLEAR)), {"translation": [40, 0, 0]}),
    ],
)
def test_parts_without_extent_and_clear_ones_do_not_count(
    studio: Any, tmp_path: Path, part: Any, node: dict[str, Any]
) -> None:
    box = [cube(material(RED))]
    _, (plain,) = studio.render(write_gltf(tmp_path / "plain.gltf", [box]))
    nodes = [{"mesh": 0}, {"mesh": 1, **node}]
    _, (pixels,) = studio.render(write_gltf(tmp_path / "more.gltf", [box, [part]], nodes))
    assert np.abs(plain[..., 3].astype(int) - pixels[..., 3]).mean() < 0.5


def test_a_flat_part_and_a_faint_one_count(studio: Any, tmp_path: Path) -> None:
    parts = [[cube(material(RED))], [square(material(BLUE))], [cube(material([1.0, 1.0, 1.0, 0.1], **CLEAR))]]
    for number, node in ((1, {"scale": [1, 1, 0]}), (2, {})):
        nodes = [{"mesh": 0}, {"mesh": number, "translation": [10, 0, 0], **node}]
        rows, _ = studio.render(write_gltf(tmp_path / f"{number}.gltf", parts, nodes))
        assert rows[0]["model"]["centre"][0] > 4


def test_what_is_hidden_from_the_camera_does_not_count(studio: Any, blender: Any, tmp_path: Path) -> None:
    blender(make_unseen_light, str(tmp_path / "lit.blend"))
    rows, _ = studio.render(tmp_path / "lit.blend")
    assert rows[0]["model"]["centre"] == pytest.approx([0, 0, 0], abs=1e-5)


def make_unseen_light(path: str) -> None:
    """Write the tower beside a panel that the camera does not see."""
    import bpy

    blender_session._tower()
    bpy.ops.mesh.primitive_plane_add(location=(20, 0, 0))
    bpy.context.object.visible_camera = False
    bpy.ops.wm.save_as_mainfile(filepath=path, copy=True)


NOTHING = {
    "cloud.ply": "ply\nformat ascii 1.0\nelement vertex 2\nproperty float x\nproperty float y\nproperty float z\n"
    "end_header\n0 0 0\n1 1 1\n",
    "lines.obj": "v 0 0 0\nv 1 0 0\nv 1 1 0\nl 1 2 3\n",
    "clear.obj": "mtllib clear.mtl\n" + SQUARE.replace("f", "usemtl clear\nf"),
}


@pytest.mark.parametrize("name", NOTHING)
def test_a_file_that_shows_nothing_is_an_error(studio: Any, tmp_path: Path, name: str) -> None:
    (tmp_path / "clear.mtl").write_text("newmtl clear\nKd 1 0 0\nd 0\n")
    (tmp_path / name).write_text(NOTHING[name])
    why = "fully transparent" if name == "clear.obj" else "no faces"
    with pytest.raises(AssetError, match=rf"{name}: there is nothing to see.*{why}"):
        studio.render(tmp_path / name)
