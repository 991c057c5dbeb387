"""A picture without coordinates shows one pixel all over: that is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.small_models import BOUND, paint, usd_material, write_gltf, write_obj, write_usda

PAINTED = {"pbrMetallicRoughness": {"baseColorTexture": {"index": 0, "texCoord": 0}}, "doubleSided": True}


def without_coordinates(kind: str, folder: Path) -> Path:
    paint(folder / "t.png", 20, 200, 20)
    if kind == "obj":
        model = write_obj(folder / "a.obj", "map_Kd t.png")
        model.write_text(model.read_text().replace("1/1 2/2 3/3 4/4", "1 2 3 4"))
    elif kind == "gltf":
        model = write_gltf(folder / "a.gltf", PAINTED, [{"uri": "t.png"}])
        model.write_text(model.read_text().replace('"texCoord": 0', '"texCoord": 1'))
    else:
        model = write_usda(folder / "a.usda", usd_material(diffuseColor="t.png"), square=BOUND)
        model.write_text("\n".join(line for line in model.read_text().splitlines() if "primvars:st" not in line))
    return model


@pytest.mark.parametrize("kind", ["obj", "gltf", "usda"])
def test_surfaces_without_texture_coordinates_are_named(studio: Any, tmp_path: Path, kind: str) -> None:
    rows, _ = studio.render(without_coordinates(kind, tmp_path))
    (warning,) = rows[0]["warnings"]
    assert "no texture coordinates" in warning


def test_surfaces_with_them_are_not(studio: Any, tmp_path: Path) -> None:
    paint(tmp_path / "t.png", 20, 200, 20)
    moved = json.loads(json.dumps(PAINTED))
    moved["pbrMetallicRoughness"]["baseColorTexture"]["extensions"] = {"KHR_texture_transform": {"offset": [0.5, 0]}}
    models = [
        write_obj(tmp_path / "a.obj", "map_Kd -o 0.5 0 0 t.png"),
        write_gltf(tmp_path / "a.gltf", moved, [{"uri": "t.png"}], extensionsUsed=["KHR_texture_transform"]),
        write_usda(tmp_path / "a.usda", usd_material(diffuseColor="t.png"), square=BOUND),
    ]
    for model in models:
        rows, _ = studio.render(model, name=model.suffix[1:])
        assert rows[0]["warnings"] == []


def test_a_scan_that_names_no_picture_is_said_to_be_gray(studio: Any, tmp_path: Path) -> None:
    model = write_obj(tmp_path / "a.obj", head="")
    model.write_text(model.read_text().replace("usemtl a\n", ""))
    rows, _ = studio.render(model)
    (warning,) = rows[0]["warnings"]
    assert "names no picture" in warning
    model.write_text(model.read_text().replace("1/1 2/2 3/3 4/4", "1 2 3 4").replace("vt", "# vt"))
    rows, _ = studio.render(model, name="plain")
    assert rows[0]["warnings"] == []
