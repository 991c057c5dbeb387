"""glTF: what Blender cannot read is named, what it need not read is let through."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.small_models import paint, write_gltf

from synthmat.errors import AssetError

PAINTED = {"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}, "metallicFactor": 0}}
KTX2 = b"\xabKTX 20\xbb\r\n\x1a\n" + bytes(80)


def only_as(extension: str, *, required: bool, source: int = 0, **fallback: int) -> dict[str, Any]:
    more: dict[str, Any] = {"textures": [{**fallback, "extensions": {extension: {"source": source}}}]}
    more["extensionsUsed"] = [extension]
    return more | ({"extensionsRequired": [extension]} if required else {})


@pytest.mark.parametrize("extension", ["KHR_texture_basisu", "EXT_texture_avif"])
@pytest.mark.parametrize("required", [True, False])
def test_a_picture_in_another_format_only_is_like_a_missing_one(
    studio: Any, tmp_path: Path, extension: str, required: bool
) -> None:
    (tmp_path / "skin.ktx2").write_bytes(KTX2)
    more = only_as(extension, required=required)
    model = write_gltf(tmp_path / "square.gltf", PAINTED, [{"uri": "skin.ktx2", "mimeType": "image/ktx2"}], **more)
    with pytest.raises(AssetError, match=r"skin\.ktx2 is only .*missing_textures"):
        studio.render(model)
    rows, (pixels,) = studio.render(model, missing_textures="grey")
    (warning,) = rows[0]["warnings"]
    assert "skin.ktx2" in warning
    assert "painted gray" in warning
    assert max(pixels[32, 32, :3]) - min(pixels[32, 32, :3].astype(int)) <= 2
    assert pixels[32, 32, :3].min() > 60


def test_a_picture_that_is_ktx2_against_the_rules_is_named(studio: Any, tmp_path: Path) -> None:
    (tmp_path / "skin.ktx2").write_bytes(KTX2)
    model = write_gltf(tmp_path / "square.gltf", PAINTED, [{"uri": "skin.ktx2"}])
    with pytest.raises(AssetError, match=r"skin\.ktx2 is a KTX2 file"):
        studio.render(model)


def test_a_fallback_and_webp_are_shown(studio: Any, tmp_path: Path) -> None:
    paint(tmp_path / "skin.png", 20, 220, 20)
    Image.new("RGB", (8, 8), (20, 220, 20)).save(tmp_path / "skin.webp")
    images = [{"uri": "skin.png"}, {"uri": "skin.ktx2", "mimeType": "image/ktx2"}]
    (tmp_path / "skin.ktx2").write_bytes(KTX2)
    more = only_as("KHR_texture_basisu", required=False, source=1) | {}
    more["textures"][0]["source"] = 0
    models = [write_gltf(tmp_path / "fallback.gltf", PAINTED, images, **more)]
    more = only_as("EXT_texture_webp", required=True)
    models.append(write_gltf(tmp_path / "webp.gltf", PAINTED, [{"uri": "skin.webp"}], **more))
    for model in models:
        rows, (pixels,) = studio.render(model)
        assert rows[0]["warnings"] == []
        assert pixels[32, 32, 1] > 4 * pixels[32, 32, 0]


def test_an_extension_that_is_required_is_named(studio: Any, tmp_path: Path) -> None:
    both = {"extensionsUsed": ["ACME_foam"], "extensionsRequired": ["ACME_foam"]}
    model = write_gltf(tmp_path / "square.gltf", {}, [], **both)
    with pytest.raises(AssetError, match=r"square\.gltf: it requires the glTF extension ACME_foam"):
        studio.render(model)


def test_an_extension_that_changes_the_look_is_a_warning(studio: Any, tmp_path: Path) -> None:
    names = ["ACME_foam", "KHR_materials_ior", "KHR_node_visibility", "KHR_xmp_json_ld"]
    model = write_gltf(tmp_path / "square.gltf", {}, [], extensionsUsed=names, extensionsRequired=names[1:])
    rows, _ = studio.render(model)
    assert rows[0]["warnings"] == [
        "uses the glTF extension ACME_foam, which Blender does not read: it may look otherwise"
    ]


def what_the_importer_reads() -> tuple[set[str], set[str]]:
    """Return the extensions that Blender's importer says it reads, and those that we say it does."""
    import logging

    from io_scene_gltf2.io.imp.gltf2_io_gltf import glTFImporter

    from synthmat.blender_scenes.models.formats.gltf_extensions import READ

    importer = glTFImporter("", {"loglevel": logging.INFO, "import_user_extensions": []})
    return set(importer.extensions_managed), READ


def test_we_know_what_the_importer_reads(blender: Any) -> None:
    theirs, ours = blender(what_the_importer_reads)
    assert theirs == ours


@pytest.mark.parametrize("suffix", [".gltf", ".glb"])
def test_gltf_1_is_told_what_it_is(studio: Any, tmp_path: Path, suffix: str) -> None:
    content = json.dumps({"asset": {"version": "1.0"}, "meshes": {"a": {}}}).encode()
    if suffix == ".glb":
        content = b"glTF" + struct.pack("<IIII", 1, 20 + len(content), len(content), 0) + content
    (tmp_path / f"old{suffix}").write_bytes(content)
    with pytest.raises(AssetError, match=r"glTF 1\.0"):
        studio.render(tmp_path / f"old{suffix}")


def test_a_vrm_file_is_a_gltf_file(studio: Any, towers: Path, tmp_path: Path) -> None:
    (tmp_path / "tower.vrm").write_bytes((towers / "tower.glb").read_bytes())
    _, (vrm,) = studio.render(tmp_path / "tower.vrm")
    _, (glb,) = studio.render(towers / "tower.glb")
    assert (vrm == glb).all()
