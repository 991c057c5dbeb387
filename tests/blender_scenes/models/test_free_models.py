"""Awkward models from the wild; skipped where the free data is not beside the checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import blender_session

from synthmat.errors import AssetError

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def models(free_data: Path) -> Path:
    """The folder of the free models."""
    return free_data / "models"


def is_magenta(pixels: Any) -> Any:
    red, green, blue, alpha = np.moveaxis(pixels.astype(int), 2, 0)
    return (alpha > 200) & (red > 200) & (blue > 200) & (green < 30)


@pytest.mark.parametrize("name", ["crossbow_2handed", "mug_full"])
def test_an_fbx_texture_of_the_authors_disk_is_found_beside_the_file(studio: Any, name: str, models: Path) -> None:
    rows, (pixels,) = studio.render(models / "fbx" / f"{name}.fbx", elevation=20.0)
    assert rows[0]["warnings"] == []
    assert not is_magenta(pixels).any()
    assert np.std(pixels[pixels[:, :, 3] == 255][:, :3], axis=0).max() > 10


@pytest.mark.parametrize("name", ["cesium_man", "fox", "kaykit_knight"])
def test_a_skinned_model_fills_the_frame_though_a_helper_mesh_is_hidden_in_it(
    studio: Any, name: str, models: Path
) -> None:
    _, frames = studio.render(models / f"{name}.glb", azimuths=(0.0, 90.0))
    rows, columns = np.nonzero(np.maximum(*frames)[:, :, 3])
    assert max(np.ptp(rows), np.ptp(columns)) > 0.7 * 64


def test_the_missing_texture_of_an_old_blend_file_is_named(studio: Any, models: Path) -> None:
    with pytest.raises(AssetError, match=r"guytex\.png"):
        studio.render(models / "blend" / "guy" / "guy.blend")


def test_leaf_cards_far_off_the_origin_have_holes(studio: Any, models: Path) -> None:
    rows, (pixels,) = studio.render(models / "flower_bushes.glb", samples=16, elevation=30.0)
    assert rows[0]["model"]["centre"][0] == pytest.approx(153, abs=5)
    alpha = pixels[:, :, 3]
    assert ((alpha > 12) & (alpha < 243)).sum() > 50


def test_single_sided_faces_of_two_materials_back_to_back_are_both_kept(studio: Any, models: Path) -> None:
    if not studio.blender(blender_session.reads_draco):
        with pytest.raises(AssetError, match="Draco"):
            studio.render(models / "market_glass_wine.gltf")
        return
    rows, _ = studio.render(models / "market_glass_wine.gltf")
    assert rows[0]["warnings"] == []
