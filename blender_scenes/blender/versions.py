"""What differs between the supported Blender versions, 4.5 and 5.2, in one place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

BLENDER_VERSION: str = ".".join(str(part) for part in bpy.app.version)

VERSION_SETTINGS: dict[str, Any] = (
    {
        "render.image_settings.media_type": "MULTI_LAYER_IMAGE",
        "render.use_texture_cache": False,
        "render.use_auto_generate_texture_cache": False,
        "render.save_output": True,
        "display_settings.emulation": "OFF",
        "cycles.texture_resolution_render": 1.0,
        "cycles.use_pixel_jitter": False,
        "cycles.volume_biased": True,
    }
    if bpy.app.version >= (5, 2)
    else {"cycles.feature_set": "SUPPORTED"}
)
"""Render settings that only the running version has, by their path from the scene."""

USD_OPTIONS: dict[str, Any] = {"import_subdivision": True} if bpy.app.version >= (5, 0) else {"import_subdiv": True}
"""Options of the USD importer whose names differ."""


def node_tree(owner: bpy.types.Material | bpy.types.World) -> bpy.types.NodeTree:
    """Return the node tree of a new material or world, which 5.x makes by itself and 4.5 on demand."""
    if owner.node_tree is None:
        owner.use_nodes = True
    return owner.node_tree


def draco_available() -> bool:
    """Return whether this Blender can read Draco-compressed glTF: 4.5's wheel carries the library, 5.2's does not."""
    root = Path(bpy.utils.resource_path("LOCAL"))
    folders = (root / "scripts" / "addons_core" / "io_scene_gltf2", root.parent / "lib")
    names = ("*extern_draco*", "*draco_bridge*")
    return any(True for folder in folders for name in names for _ in folder.glob(name))
