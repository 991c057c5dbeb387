"""USD: opacity is alpha in every Blender, and what the importer cannot read is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.small_models import BOUND, paint_halves, usd_material, write_usda


@pytest.mark.parametrize("roughness", [0.0, 0.5])
def test_opacity_is_alpha_and_no_glass(studio: Any, tmp_path: Path, roughness: float) -> None:
    paint_halves(tmp_path / "opacity.png", 51, 255)
    textured = usd_material(opacity="opacity.png", roughness=roughness)
    _, (pixels,) = studio.render(write_usda(tmp_path / "textured.usda", textured, square=BOUND))
    assert pixels[32, 16, 3] == pytest.approx(51, abs=3)
    assert pixels[32, 48, 3] == 255
    plain = usd_material(opacity=0.4, roughness=roughness)
    _, (pixels,) = studio.render(write_usda(tmp_path / "plain.usda", plain, square=BOUND))
    assert pixels[32, 32, 3] == pytest.approx(102, abs=3)


def test_a_part_that_is_not_there_is_a_warning(studio: Any, tmp_path: Path) -> None:
    more = 'def Xform "a" (references = @./gone.usda@) {}\ndef Xform "b" (payload = @parts/lost.usdc@) {}'
    rows, _ = studio.render(write_usda(tmp_path / "square.usda", more))
    assert rows[0]["warnings"] == [
        "missing payload parts/lost.usdc: it is not shown",
        "missing reference gone.usda: it is not shown",
    ]


def test_what_else_the_importer_says_is_passed_on(studio: Any, tmp_path: Path) -> None:
    write_usda(tmp_path / "part.usda")
    more = 'def Xform "a" (references = @./part.usda@</W/Nobody>) {}'
    (rows, _) = studio.render(write_usda(tmp_path / "square.usda", more))
    (warning,) = rows[0]["warnings"]
    assert warning.startswith("Blender's importer: ")
    assert "@part.usda@</W/Nobody>" in warning


MDL = """def Material "M" {
 token outputs:mdl:surface.connect = </W/M/s.outputs:out>
 def Shader "s" {
  uniform token info:implementationSource = "sourceAsset"
  uniform asset info:mdl:sourceAsset = @OmniPBR.mdl@
  token outputs:out
 }
}"""


def test_a_material_in_mdl_is_named_and_gives_way_to_vertex_colors(studio: Any, tmp_path: Path) -> None:
    rows, (gray,) = studio.render(write_usda(tmp_path / "square.usda", MDL, square=BOUND))
    assert "material M" in rows[0]["warnings"][0]
    assert 60 < gray[32, 32, :3].min() <= gray[32, 32, :3].max() < 160
    colored = f"{BOUND}\n color3f[] primvars:displayColor = [(0, 1, 0)]"
    rows, (green,) = studio.render(write_usda(tmp_path / "colored.usda", MDL, square=colored))
    assert "material M" in rows[0]["warnings"][0]
    assert green[32, 32, 1] > 4 * green[32, 32, 0]


def test_opacity_beside_colors_is_alpha(studio: Any, tmp_path: Path) -> None:
    shown = "color3f[] primvars:displayColor = [(1,0,0)]\n  float[] primvars:displayOpacity = [0.5]"
    _, (pixels,) = studio.render(write_usda(tmp_path / "a.usda", square=shown))
    assert pixels[32, 32, 3] == pytest.approx(128, abs=2)
    assert pixels[32, 32, 0] > 3 * pixels[32, 32, 2]
