"""A texture that is not there is an error that names it, or painted so that the material keeps its sense."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support import blender_session
from support.small_models import BOUND, paint, usd_material, write_gltf, write_usda

from synthmat.errors import AssetError
from synthmat.generator.fingerprint import fingerprint


@pytest.mark.parametrize(
    "stated", ["gone.png", "./gone.png", "C:\\art\\gone.png", "..\\tex\\gone.png", "/nowhere/gone.png"]
)
def test_a_usd_texture_is_found_beside_the_model_or_named(studio: Any, tmp_path: Path, stated: str) -> None:
    model = write_usda(tmp_path / "square.usda", usd_material(diffuseColor=stated), square=BOUND)
    before = fingerprint(model)
    with pytest.raises(AssetError, match=r"gone\.png"):
        studio.render(model)
    rows, (gray,) = studio.render(model, missing_textures="grey")
    assert "gone.png" in rows[0]["warnings"][0]
    assert max(gray[32, 32, :3]) - min(gray[32, 32, :3].astype(int)) <= 2
    paint(tmp_path / "textures" / "Gone.png", 20, 200, 20)
    assert fingerprint(model) != before
    rows, (green,) = studio.render(model)
    assert rows[0]["warnings"] == []
    assert green[32, 32, 1] > 2 * green[32, 32, 0]


def go_to(folder: str) -> None:
    """Work in a folder from now on."""
    import os

    os.chdir(folder)


def test_a_path_counts_from_the_file_wherever_one_works(studio: Any, blender: Any, tmp_path: Path) -> None:
    model = write_usda(tmp_path / "square.usda", usd_material(diffuseColor="skin.png"), square=BOUND)
    paint(tmp_path / "elsewhere" / "skin.png", 200, 20, 20)
    blender(go_to, str(tmp_path / "elsewhere"))
    try:
        with pytest.raises(AssetError, match=r"skin\.png"):
            studio.render(model)
        paint(tmp_path / "skin.png", 20, 200, 20)
        _, (pixels,) = studio.render(model)
    finally:
        blender(go_to, "/")
    assert pixels[32, 32, 1] > 2 * pixels[32, 32, 0]


def test_several_missing_usd_textures_are_told_apart(studio: Any, tmp_path: Path) -> None:
    textures = {"diffuseColor": "color.png", "roughness": "rough.png", "opacity": "opacity.png"}
    model = write_usda(tmp_path / "square.usda", usd_material(**textures), square=BOUND)
    with pytest.raises(AssetError, match=r"color\.png.*opacity\.png.*rough\.png"):
        studio.render(model)
    paint(tmp_path / "maps" / "color.png", 20, 200, 20)
    paint(tmp_path / "maps" / "opacity.png", 128)
    rows, (pixels,) = studio.render(model, missing_textures="grey")
    assert rows[0]["warnings"] == ["missing texture rough.png: taken as half rough"]
    assert pixels[32, 32, 3] == pytest.approx(128, abs=4)
    assert pixels[32, 32, 1] > 2 * pixels[32, 32, 0]


def test_what_is_missing_leaves_the_material_its_sense(studio: Any, tmp_path: Path) -> None:
    names = {"diffuseColor": "c.png", "opacity": "o.png", "emissiveColor": "e.png", "metallic": "m.png"}
    model = write_usda(tmp_path / "square.usda", usd_material(**names), square=BOUND)
    rows, (pixels,) = studio.render(model, missing_textures="grey")
    assert rows[0]["warnings"] == [
        "missing texture c.png: painted grey",
        "missing texture e.png: taken as without glow",
        "missing texture m.png: taken as no metal",
        "missing texture o.png: taken as opaque",
    ]
    assert pixels[32, 32, 3] == 255
    paint(tmp_path / "c.png", 128)
    plain = write_usda(tmp_path / "plain.usda", usd_material(diffuseColor="c.png"), square=BOUND)
    _, (expected,) = studio.render(plain)
    assert abs(pixels[32, 32, :3].astype(int) - expected[32, 32, :3]).max() <= 6


def test_so_it_does_in_gltf(studio: Any, tmp_path: Path) -> None:
    material = {
        "pbrMetallicRoughness": {"baseColorTexture": {"index": 0}, "metallicRoughnessTexture": {"index": 1}},
        "emissiveTexture": {"index": 2},
        "emissiveFactor": [1, 1, 1],
        "normalTexture": {"index": 3},
        "alphaMode": "BLEND",
    }
    model = write_gltf(tmp_path / "square.gltf", material, [{"uri": f"{name}.png"} for name in "cmen"])
    with pytest.raises(AssetError, match=r"c\.png.*e\.png.*m\.png.*n\.png"):
        studio.render(model)
    rows, (pixels,) = studio.render(model, missing_textures="grey")
    assert rows[0]["warnings"] == [
        "missing texture c.png: painted gray and taken as opaque",
        "missing texture e.png: taken as without glow",
        "missing texture m.png: taken as half rough and taken as no metal",
        "missing texture n.png: taken as flat",
    ]
    assert pixels[32, 32, 3] == 255
    assert 60 < pixels[32, 32, :3].min() <= pixels[32, 32, :3].max() < 150


def make_imageless(path: str, *, linked: bool) -> None:
    """Write a cube as .blend whose material has an image node without an image, within a group."""
    import bpy

    blender_session._empty()
    bpy.ops.mesh.primitive_cube_add()
    material = blender_session._paint((1.0, 1.0, 1.0))
    group = bpy.data.node_groups.new("skin", "ShaderNodeTree")
    group.interface.new_socket("Color", in_out="OUTPUT", socket_type="NodeSocketColor")
    group.links.new(
        group.nodes.new("ShaderNodeTexImage").outputs["Color"], group.nodes.new("NodeGroupOutput").inputs["Color"]
    )
    tree = material.node_tree
    node = tree.nodes.new("ShaderNodeGroup")
    node.node_tree = group
    if linked:
        tree.links.new(node.outputs["Color"], tree.nodes["Principled BSDF"].inputs["Base Color"])
    bpy.context.object.data.materials.append(material)
    bpy.ops.wm.save_as_mainfile(filepath=path, copy=True)


def test_a_blend_files_node_without_an_image_is_no_magenta(studio: Any, blender: Any, tmp_path: Path) -> None:
    path = tmp_path / "cube.blend"
    blender(make_imageless, str(path), linked=True)
    with pytest.raises(AssetError, match="material paint has an image node without an image"):
        studio.render(path)
    rows, (pixels,) = studio.render(path, missing_textures="grey")
    assert len(rows[0]["warnings"]) == 1
    assert max(pixels[32, 32, :3]) - min(pixels[32, 32, :3].astype(int)) <= 2
    blender(make_imageless, str(path), linked=False)
    assert studio.render(path)[0][0]["warnings"] == []
