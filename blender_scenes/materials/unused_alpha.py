"""Pictures whose alpha a material does not use: their colors stay as they are where alpha is 0."""

from __future__ import annotations

import bpy


def keep_colors_under_unused_alpha(materials: set[bpy.types.Material]) -> None:
    """Keep color and alpha apart in pictures of which some node uses color alone: Cycles would make it darker."""
    for material in materials:
        for node in material.node_tree.nodes if material.node_tree is not None else ():
            if node.type != "TEX_IMAGE" or node.image is None or node.image.alpha_mode != "STRAIGHT":
                continue
            if node.outputs["Color"].links and not node.outputs["Alpha"].links:
                node.image.alpha_mode = "CHANNEL_PACKED"
