"""Git LFS pointers are told apart from damaged files, whatever they stand for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.small_models import BOUND, usd_material, write_gltf, write_usda

from synthmat.errors import AssetError, RecipeError
from synthmat.generator.panoramas import list_panoramas
from synthmat.recipe.lights import Hdri

POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12345\n"


@pytest.mark.parametrize("suffix", ["glb", "gltf", "obj", "fbx", "ply", "stl", "usda", "usdc", "usdz", "blend"])
def test_a_model(studio: Any, tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"fox.{suffix}").write_text(POINTER)
    with pytest.raises(AssetError, match=rf"fox\.{suffix}: it is a Git LFS pointer.*git lfs pull"):
        studio.render(tmp_path / f"fox.{suffix}")


def test_a_buffer_and_textures(studio: Any, tmp_path: Path) -> None:
    painted = {"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}
    gltf = write_gltf(tmp_path / "square.gltf", painted, [{"uri": "skin.png"}])
    usda = write_usda(tmp_path / "square.usda", usd_material(diffuseColor="skin.png"), square=BOUND)
    (tmp_path / "skin.png").write_text(POINTER)
    for model in (gltf, usda):
        with pytest.raises(AssetError, match=r"texture skin\.png is a Git LFS pointer"):
            studio.render(model)
    (tmp_path / "square.bin").write_text(POINTER)
    with pytest.raises(AssetError, match=r"data file square\.bin is a Git LFS pointer"):
        studio.render(gltf)


def test_a_panorama(tmp_path: Path) -> None:
    (tmp_path / "sky.hdr").write_text(POINTER)
    with pytest.raises(RecipeError, match=r"sky\.hdr: a Git LFS pointer"):
        list_panoramas(Hdri(files="sky.hdr"), tmp_path)
