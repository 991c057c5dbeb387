"""Vertex colors are shown wherever nothing else gives the surface its color."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.small_models import paint, write_gltf, write_usda

SQUARE = "v -1 0 0 {a}\nv 1 0 0 {b}\nv 1 2 0 {b}\nv -1 2 0 {a}\nvt 0 0\nusemtl a\nf 1/1 2/1 3/1 4/1\n"


def write_colored_obj(path: Path, left: str, right: str, material: str) -> Path:
    (path.parent / "m.mtl").write_text(f"newmtl a\n{material}\n")
    path.write_text("mtllib m.mtl\n" + SQUARE.format(a=left, b=right))
    return path


def assert_green_then_blue(pixels: Any) -> None:
    assert pixels[32, 18, 1] > 1.8 * pixels[32, 18, 2]
    assert pixels[32, 46, 2] > 1.8 * pixels[32, 46, 1]


def test_obj_beside_a_plain_material(studio: Any, tmp_path: Path) -> None:
    rows, (pixels,) = studio.render(write_colored_obj(tmp_path / "a.obj", "0 1 0", "0 0 1", "Kd 1 1 1"))
    assert_green_then_blue(pixels)
    assert rows[0]["warnings"] == []


def test_obj_with_a_texture_or_an_unpainted_layer_keeps_its_material(studio: Any, tmp_path: Path) -> None:
    paint(tmp_path / "t.png", 200, 20, 20)
    for colors, material in ((("0 1 0", "0 0 1"), "map_Kd t.png"), (("0 0 0", "0 0 0"), "Kd 1 0 0")):
        _, (pixels,) = studio.render(write_colored_obj(tmp_path / "a.obj", *colors, material))
        assert pixels[32, 32, 0] > 4 * pixels[32, 32, 1]


def test_gltf(studio: Any, tmp_path: Path) -> None:
    colors = [(0, 1, 0, 1), (0, 0, 1, 1), (0, 0, 1, 1), (0, 1, 0, 1)]
    plain = {"pbrMetallicRoughness": {"metallicFactor": 0}}
    _, (pixels,) = studio.render(write_gltf(tmp_path / "a.gltf", plain, [], colored=True, colors=colors))
    assert_green_then_blue(pixels)


def test_usd_without_a_material(studio: Any, tmp_path: Path) -> None:
    colors = 'color3f[] primvars:displayColor = [(0,1,0),(0,0,1),(0,0,1),(0,1,0)] (interpolation = "vertex")'
    _, (pixels,) = studio.render(write_usda(tmp_path / "a.usda", square=colors))
    assert_green_then_blue(pixels)


@pytest.mark.parametrize("colors", ["[(0,1,0)]", '[(0,1,0),(0,1,0)] (interpolation = "vertex")'])
def test_usd_points_have_their_colors(studio: Any, tmp_path: Path, colors: str) -> None:
    points = f"""def Points "p" {{
 point3f[] points = [(2,0,0), (4,0,0)]
 float[] widths = [1, 1]
 color3f[] primvars:displayColor = {colors}
}}"""
    rows, (pixels,) = studio.render(write_usda(tmp_path / "a.usda", points))
    assert rows[0]["warnings"] == []
    visible = pixels[pixels[:, :, 3] == 255][:, :3].astype(int)
    green = visible[:, 1] > 2 * visible[:, 0]
    assert 0.05 < green.mean() < 0.6  # the points; the square is gray
