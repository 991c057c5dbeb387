"""glTF files show their default scene, its visible nodes, and the finest level of detail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.made_gltf import BLUE, RED, cube, material, write_gltf

CUBES = [[cube(material(BLUE))], [cube(material(RED), x=3.0)]]
SECOND_LEFT_OUT = {
    "another scene": {"scene": 0, "scenes": [{"nodes": [0]}, {"nodes": [1]}]},
    "no default": {"scene": None, "scenes": [{"nodes": [0]}, {"nodes": [1]}]},
    "second is default": {"scene": 1, "scenes": [{"nodes": [1]}, {"nodes": [0]}]},
    "in no scene": {"scenes": [{"nodes": [0]}]},
}
NODES_LEFT_OUT = {
    "levels in the scene": [{"mesh": 0, "extensions": {"MSFT_lod": {"ids": [1]}}}, {"mesh": 1}],
    "a group of hidden nodes": [
        {"mesh": 0},
        {"mesh": 1},
        {"children": [1], "extensions": {"KHR_node_visibility": {"visible": False}}},
    ],
}


@pytest.fixture
def alone(studio: Any, tmp_path: Path) -> Any:
    _, (pixels,) = studio.render(write_gltf(tmp_path / "alone.gltf", CUBES[:1]))
    return pixels


@pytest.mark.parametrize("case", SECOND_LEFT_OUT)
def test_only_the_default_scene_is_shown(studio: Any, tmp_path: Path, alone: Any, case: str) -> None:
    path = write_gltf(tmp_path / "two.gltf", CUBES, **SECOND_LEFT_OUT[case])
    rows, (pixels,) = studio.render(path)
    assert np.array_equal(pixels, alone)
    assert any("node 1" in warning and "scene" in warning for warning in rows[0]["warnings"])


@pytest.mark.parametrize("case", NODES_LEFT_OUT)
def test_coarser_levels_and_hidden_nodes_are_not_shown(studio: Any, tmp_path: Path, alone: Any, case: str) -> None:
    nodes = NODES_LEFT_OUT[case]
    extensions = {"extensionsUsed": ["MSFT_lod", "KHR_node_visibility"], "scenes": [{"nodes": [0, len(nodes) - 1]}]}
    rows, (pixels,) = studio.render(write_gltf(tmp_path / "two.gltf", CUBES, nodes, **extensions))
    assert np.array_equal(pixels, alone)
    assert any("node 1" in warning for warning in rows[0]["warnings"])


def test_nodes_of_a_file_without_scenes_are_shown(studio: Any, tmp_path: Path) -> None:
    rows, _ = studio.render(write_gltf(tmp_path / "two.gltf", CUBES, scenes=None, scene=None))
    assert rows[0]["model"]["centre"] == pytest.approx([1.5, 0, 0], abs=1e-4)
    assert rows[0]["warnings"] == []


def test_a_hidden_instance_and_a_visible_one_share_a_mesh(studio: Any, tmp_path: Path, alone: Any) -> None:
    nodes = [{"mesh": 0}, {"mesh": 0, "translation": [5, 0, 0]}]
    _, (pixels,) = studio.render(write_gltf(tmp_path / "two.gltf", CUBES[:1], nodes, scenes=[{"nodes": [0]}]))
    assert np.array_equal(pixels, alone)


def test_what_a_view_layer_leaves_out_stays_out_of_the_stage(blender: Any) -> None:
    assert blender(stage_with_excluded) == pytest.approx([0, 0, 0], abs=1e-5)


def stage_with_excluded() -> tuple[float, float, float]:
    """Stage a cube beside one in a collection, below another one, that the view layer leaves out; return the center."""
    import bpy
    from support import blender_session

    from synthmat.blender_scenes.models.normalization import normalize_model

    tower = blender_session._tower()
    outer, inner = bpy.data.collections.new("outer"), bpy.data.collections.new("inner")
    bpy.context.scene.collection.children.link(outer)
    outer.children.link(inner)
    far = bpy.data.objects.new("far", tower.data)
    far.location = (9, 0, 0)
    inner.objects.link(far)
    bpy.context.view_layer.layer_collection.children["outer"].children["inner"].exclude = True
    return normalize_model(bpy.context.scene, "towers").center
