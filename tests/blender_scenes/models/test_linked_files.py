"""Textures that only Blender can find in a model: a frame counts as finished as long as they are what they were."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from support import blender_session

from synthmat.generator.frame_rows import finished_frames
from synthmat.storage.manifest import write_rows
from synthmat.storage.output_folder import OutputFolder


def paint(path: Path, level: int) -> None:
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(np.full((4, 4, 3), level, np.uint8)).save(path)


def make_painted(folder: str) -> None:
    """Write a cube painted with ``paint.png``, which lies beside it, as FBX and .blend."""
    import bpy

    blender_session._empty()
    bpy.ops.mesh.primitive_cube_add()
    material = blender_session._paint((1.0, 1.0, 1.0))
    texture = material.node_tree.nodes.new("ShaderNodeTexImage")
    texture.image = bpy.data.images.load(str(Path(folder) / "paint.png"))
    shader = material.node_tree.nodes["Principled BSDF"]
    material.node_tree.links.new(texture.outputs["Color"], shader.inputs["Base Color"])
    bpy.context.object.data.materials.append(material)
    bpy.ops.export_scene.fbx(filepath=str(Path(folder) / "cube.fbx"), path_mode="RELATIVE")
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder) / "cube.blend"), copy=True)


@pytest.mark.parametrize("model", ["cube.fbx", "cube.blend"])
def test_another_texture_is_another_frame(studio: Any, blender: Any, tmp_path: Path, model: str) -> None:
    texture, output = tmp_path / "paint.png", OutputFolder(tmp_path)
    paint(texture, 40)
    blender(make_painted, str(tmp_path))
    job = studio.job(tmp_path / model, samples=1, alpha_error=0.0, missing_textures="grey")

    def render() -> list[str]:
        rows = blender(blender_session.render, job)
        write_rows(output.render_manifest, rows)
        return list(rows[0]["model"]["linked"])

    assert render() == ["paint.png"]
    assert finished_frames(output, [job])
    paint(texture, 200)
    assert not finished_frames(output, [job])
    texture.unlink()
    render()
    assert finished_frames(output, [job])  # gray, as long as the texture is missing
    paint(tmp_path / "textures" / "paint.png", 200)
    assert not finished_frames(output, [job])
    render()
    assert finished_frames(output, [job])
