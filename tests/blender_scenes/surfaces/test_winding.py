"""Winding: no face is black because it is turned away from its normal or from its neighbors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import blender_session
from support.made_gltf import cube, material, quads, write_gltf

GRAY = [0.5, 0.5, 0.5, 1.0]


def darkest(pixels: Any) -> int:
    """Return the brightest channel of the darkest opaque pixel."""
    return int(pixels[pixels[..., 3] == 255][:, :3].max(axis=1).min())


@pytest.mark.parametrize("double_sided", [False, True])
@pytest.mark.parametrize("scale", [[1, 1, 1], [-1, 1, 1], [-1, -1, -1]])
def test_faces_are_turned_to_their_normals(studio: Any, tmp_path: Path, double_sided: bool, scale: list[int]) -> None:
    frames = {}
    for inwards in (False, True):
        part = cube(material(GRAY, double_sided=double_sided), inwards=inwards)
        path = write_gltf(tmp_path / f"{inwards}.gltf", [[part]], [{"mesh": 0, "scale": scale}])
        _, (frames[inwards],) = studio.render(path, azimuths=(30.0,), elevation=20.0)
    assert darkest(frames[True]) > 20
    apart = np.abs(frames[True].astype(int) - frames[False])
    assert apart[..., 3].max() <= 1
    assert apart.mean() < 1  # the corners of a face may be in another order, and its noise another one


@pytest.mark.parametrize("suffix", ["glb", "obj", "fbx", "ply", "usda"])
def test_faces_against_their_normals_are_not_black_in_any_format(
    studio: Any, blender: Any, tmp_path: Path, suffix: str
) -> None:
    blender(make_opposed_ball, str(tmp_path / f"ball.{suffix}"))
    _, frames = studio.render(tmp_path / f"ball.{suffix}", azimuths=(0.0, 180.0), samples=16)
    assert min(darkest(frame) for frame in frames) > 15


def make_opposed_ball(path: str) -> None:
    """Write a smooth ball of which every third face is turned inwards, while all normals show outwards."""
    import bpy

    blender_session._empty()
    bpy.ops.mesh.primitive_uv_sphere_add(segments=16, ring_count=8)
    mesh = bpy.context.object.data
    for face in list(mesh.polygons)[::3]:
        face.flip()
    mesh.update()
    mesh.normals_split_custom_set([mesh.vertices[loop.vertex_index].co.normalized() for loop in mesh.loops])
    suffix = path.rpartition(".")[2]
    if suffix == "glb":
        bpy.ops.export_scene.gltf(filepath=path)
    elif suffix == "obj":
        bpy.ops.wm.obj_export(filepath=path)
    elif suffix == "fbx":
        bpy.ops.export_scene.fbx(filepath=path)
    elif suffix == "ply":
        bpy.ops.wm.ply_export(filepath=path, export_normals=True)
    else:
        bpy.ops.wm.usd_export(filepath=path)


def test_a_single_sided_sheet_is_seen_from_where_it_is_wound_and_is_not_black(studio: Any, tmp_path: Path) -> None:
    """Half of its normals show to the other side, as those of leaves do that all show upwards."""
    part = quads(
        [[[-1, -1, 0], [0, -1, 0], [0, 1, 0], [-1, 1, 0]], [[0, -1, 0], [1, -1, 0], [1, 1, 0], [0, 1, 0]]],
        [[0, 0.6, 0.8], [0, 0.6, -0.8]],
        material(GRAY),
    )
    _, (front,) = studio.render(write_gltf(tmp_path / "sheet.gltf", [[part]]))
    assert darkest(front) > 40
    assert (front[..., 3] == 255).sum() > 1000


def test_a_smooth_surface_without_normals_is_wound_alike(studio: Any, tmp_path: Path) -> None:
    lit = {}
    for name, turned in (("alike", ()), ("mixed", (1, 4, 7, 8, 13)), ("mostly", range(2, 16))):
        write_wave(tmp_path / f"{name}.obj", set(turned))
        _, (lit[name],) = studio.render(tmp_path / f"{name}.obj", samples=16)
    for name in ("mixed", "mostly"):
        assert darkest(lit[name]) > 60
        assert np.abs(lit[name].astype(int) - lit["alike"]).mean() < 1


def write_wave(path: Path, turned: set[int]) -> None:
    """Write a wavy sheet of four by four smooth quads without normals; those with the numbers ``turned`` face back."""
    lines = [f"v {x} {y} {0.15 * ((x + y) % 2)}" for y in range(5) for x in range(5)]
    lines.append("s 1")
    for i in range(16):
        corner = i // 4 * 5 + i % 4 + 1
        face = [corner, corner + 1, corner + 6, corner + 5]
        lines.append("f " + " ".join(map(str, face[::-1] if i in turned else face)))
    path.write_text("\n".join(lines) + "\n")


def test_what_cannot_be_wound_alike_is_flat_and_said(studio: Any, tmp_path: Path) -> None:
    """A Möbius strip: there is no way round it."""
    count = 24
    angles = np.arange(count) * 2 * np.pi / count
    rims = [
        [
            f"v {(2 + s * np.cos(a / 2)) * np.cos(a)} {(2 + s * np.cos(a / 2)) * np.sin(a)} {s * np.sin(a / 2)}"
            for a in angles
        ]
        for s in (-0.7, 0.7)
    ]
    lines = rims[0] + rims[1] + ["s 1"]
    for i in range(count):
        j = (i + 1) % count
        ends = (j, j + count) if j else (count, 0)
        lines.append("f " + " ".join(str(k + 1) for k in (i, ends[0], ends[1], i + count)))
    (tmp_path / "strip.obj").write_text("\n".join(lines) + "\n")
    rows, frames = studio.render(tmp_path / "strip.obj", azimuths=(0.0, 90.0), elevation=40.0, samples=16)
    assert min(darkest(frame) for frame in frames) > 12
    assert any("flat" in warning for warning in rows[0]["warnings"])
