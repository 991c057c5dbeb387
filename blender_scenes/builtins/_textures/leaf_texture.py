"""The picture of a leaf, made in memory: its color, and a straight alpha that is fractional along its outline."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._parts.material import Color


def leaf_image(colors: tuple[Color, Color, Color], size: int, rng: np.random.Generator) -> bpy.types.Image:
    """Return a packed image of a random leaf, its stalk at the lower edge and its tip at the upper.

    Args:
        colors: Of the blade, of its veins and of its border; linear RGB, encoded as sRGB in the image.
        size: Edge, pixels.
        rng: Decides the outline, the veins and the spots.
    """
    x, y = np.meshgrid((np.arange(size) + 0.5) / size * 2 - 1, (np.arange(size) + 0.5) / size)
    half_width = _half_width(y, rng)
    # The outline's distance, in pixels, is the horizontal one times how steep the outline is there.
    steep = np.sqrt(1 + (2 * np.gradient(half_width, 1 / size, axis=0) / 2) ** 2)
    inside = (half_width - np.abs(x)) * size / 2 / steep
    stalk = (0.022 - np.abs(x)) * size / 2
    alpha = np.clip(np.maximum(inside, np.where(y < 0.2, stalk, -1.0)) + 0.5, 0, 1)
    rgb = _blade(x, y, half_width, colors, rng)
    image = bpy.data.images.new("leaf", size, size, alpha=True)
    image.pixels.foreach_set(np.concatenate([_srgb(rgb), alpha[..., None]], axis=-1).astype(np.float32).reshape(-1))
    image.update()
    image.pack()
    return image


def _half_width(y: Array, rng: np.random.Generator) -> Array:
    """Return half the leaf's width at height ``y``, both from 0 to 1; 0 outside of it."""
    bottom, wide = 0.1, rng.uniform(0.3, 0.85)
    t = np.clip((y - bottom) / (0.98 - bottom), 0, 1)
    low, high = rng.uniform(0.5, 1.1), rng.uniform(0.7, 1.6)
    body = t**low * (1 - t) ** high
    body = wide * body / (low / (low + high)) ** low / (high / (low + high)) ** high
    kind = rng.choice(["smooth", "toothed", "lobed", "lobed"])
    if kind == "toothed":
        body = body * (1 - rng.uniform(0.08, 0.2) * (1 - np.mod(t * rng.integers(9, 20), 1.0)))
    elif kind == "lobed":
        lobes, depth = int(rng.integers(2, 6)), rng.uniform(0.3, 0.7)
        body = body * (1 - depth * (0.5 - 0.5 * np.cos(2 * np.pi * lobes * t**0.85)) ** 2)
    return np.where((y > bottom) & (y < 0.98), body, -0.05)


def _blade(
    x: Array, y: Array, half_width: Array, colors: tuple[Color, Color, Color], rng: np.random.Generator
) -> Array:
    """Return the color ``(h, w, 3)``, linear, everywhere, so that none of what lies outside the leaf bleeds in."""
    blade, vein, border = (np.array(tone) for tone in colors)
    count, slope = rng.uniform(6, 13), rng.uniform(0.25, 0.7)
    side = np.abs(np.mod((y - slope * np.abs(x)) * count, 1.0) - 0.5)
    veins = np.maximum(np.exp(-((x / 0.02) ** 2)), 0.55 * np.exp(-((side / 0.05) ** 2)))
    edge = np.clip(1 - (half_width - np.abs(x)) / 0.1, 0, 1) * rng.uniform(0, 0.9)
    waves = [np.sin(x * rng.uniform(4, 16) + y * rng.uniform(-16, 16) + rng.uniform(0, 6.28)) for _ in range(5)]
    shade = 1 + 0.07 * np.sum(waves, axis=0)
    mixed = blade + (border - blade) * edge[..., None]
    mixed = mixed * shade[..., None]
    colored: Array = mixed + (vein - mixed) * veins[..., None]
    return colored


def _srgb(linear: Array) -> Array:
    value = np.clip(linear, 0, 1)
    encoded: Array = np.where(value <= 0.0031308, 12.92 * value, 1.055 * value ** (1 / 2.4) - 0.055)
    return encoded
