"""Materials that show one side only, as most of glTF's do: seen from behind, their faces are not there."""

from __future__ import annotations

import bpy


def is_single_sided(material: bpy.types.Material | None) -> bool:
    """Tell whether a material is not seen from behind."""
    return material is not None and bool(material.use_backface_culling)
