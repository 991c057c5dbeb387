"""Pictures made in memory whose alpha cuts a shape out of a surface."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._parts.material import plain, principled


def covered(inside: Array) -> Array:
    """Return the fraction of each pixel that a shape covers.

    ``inside`` is how far its middle is from the shape's border, in pixels, positive inside of it.
    """
    fraction: Array = np.clip(inside + 0.5, 0, 1)
    return fraction


def alpha_image(name: str, rgb: Array, alpha: Array) -> bpy.types.Image:
    """Return a packed image of linear RGB ``(h, w, 3)``, encoded as sRGB, and straight alpha ``(h, w)``, from 0 to 1.

    The first row is the lowest.
    """
    height, width = alpha.shape
    image = bpy.data.images.new(name, width, height, alpha=True)
    value = np.clip(rgb, 0, 1)
    encoded = np.where(value <= 0.0031308, 12.92 * value, 1.055 * value ** (1 / 2.4) - 0.055)
    pixels = np.concatenate([encoded, alpha[..., None]], axis=-1)
    image.pixels.foreach_set(pixels.astype(np.float32).reshape(-1))
    image.update()
    image.pack()
    return image


def cut_out_material(image: bpy.types.Image, *, roughness: float, metallic: float = 0.0) -> bpy.types.Material:
    """Return a material that shows an image, repeated over the UV map, and is see-through where its alpha is."""
    material = plain(image.name, (0.5, 0.5, 0.5), roughness=roughness, metallic=metallic)
    texture = material.node_tree.nodes.new("ShaderNodeTexImage")
    texture.image = image
    texture.extension = "REPEAT"
    for output, goal in (("Color", "Base Color"), ("Alpha", "Alpha")):
        material.node_tree.links.new(texture.outputs[output], principled(material).inputs[goal])
    return material
