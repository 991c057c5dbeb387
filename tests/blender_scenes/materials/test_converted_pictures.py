"""Pictures that Blender cannot read are read by Pillow where that can."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.small_models import paint_halves, write_gltf, write_obj

from synthmat.errors import AssetError


@pytest.mark.parametrize("format_", ["GIF", "AVIF"])
@pytest.mark.parametrize("kind", ["obj", "gltf"])
def test_a_picture_that_only_pillow_reads_is_shown(studio: Any, tmp_path: Path, kind: str, format_: str) -> None:
    suffix = format_.lower()
    plain = paint_halves(tmp_path / "t.png", (200, 20, 20), (20, 20, 200))
    Image.open(plain).save(tmp_path / f"t.{suffix}")
    plain.unlink()
    if kind == "obj":
        model = write_obj(tmp_path / "a.obj", f"map_Kd t.{suffix}")
    else:
        look = {"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}, "metallicFactor": 0}}
        model = write_gltf(tmp_path / "a.gltf", look, [{"uri": f"t.{suffix}"}])
    rows, (pixels,) = studio.render(model)
    assert rows[0]["warnings"] == []
    assert pixels[32, 20, 0] > 2 * pixels[32, 20, 2]
    assert pixels[32, 44, 2] > 2 * pixels[32, 44, 0]


def test_a_picture_that_nobody_reads_is_named(studio: Any, tmp_path: Path) -> None:
    (tmp_path / "t.gif").write_bytes(b"GIF89a and no more")
    with pytest.raises(AssetError, match=r"t\.gif"):
        studio.render(write_obj(tmp_path / "a.obj", "map_Kd t.gif"))
