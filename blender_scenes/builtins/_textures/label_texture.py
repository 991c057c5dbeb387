"""The picture of a paper label, made in memory: paper, bands, border, an emblem, and what looks like writing."""

from __future__ import annotations

import colorsys

import bpy
import numpy as np
from numpy.typing import NDArray

from synthmat.blender_scenes.builtins._parts.curve import Array


def label_image(width: int, height: int, rng: np.random.Generator) -> bpy.types.Image:
    """Return a packed sRGB image of a label, opaque throughout, ``width`` by ``height`` pixels."""
    picture = _Picture(width, height, rng)
    for band in range(int(rng.integers(0, 3))):
        low = float(rng.choice([0.0, rng.uniform(0, 0.7), 0.75]))
        picture.paint((picture.v > low) & (picture.v < low + rng.uniform(0.08, 0.3)), picture.ink[band])
    if rng.random() < 0.25:
        picture.paint(np.mod(picture.u * rng.integers(6, 20) + picture.v * rng.uniform(-8, 8), 1) < 0.5, picture.soft)
    if rng.random() < 0.6:
        _border(picture, rng)
    center = rng.uniform(0.55, 0.72)
    if rng.random() < 0.75:
        _emblem(picture, center, rng)
    _writing(picture, rng)
    image = bpy.data.images.new("label", width, height)
    pixels = np.concatenate([np.clip(picture.rgb, 0, 1), np.ones((height, width, 1))], axis=-1)
    image.pixels.foreach_set(pixels.astype(np.float32).reshape(-1))
    image.update()
    image.pack()
    return image


class _Picture:
    """A canvas ``(h, w, 3)``, sRGB, with its coordinates from 0 to 1, upward, and a palette that goes together."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        self.u, self.v = np.meshgrid((np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height)
        self.ratio = width / height
        hue, dark = rng.uniform(), rng.random() < 0.3
        value = rng.uniform(0.05, 0.3) if dark else rng.uniform(0.85, 0.97)
        paper = colorsys.hsv_to_rgb(hue, rng.uniform(0.0, 0.5 if dark else 0.25), value)
        if rng.random() < 0.2:
            paper = colorsys.hsv_to_rgb(hue, rng.uniform(0.6, 0.95), rng.uniform(0.5, 0.95))
        hue_steps = (0.0, 0.5, rng.uniform(0.05, 0.3))
        tones = [colorsys.hsv_to_rgb((hue + t) % 1, rng.uniform(0.4, 0.95), rng.uniform(0.3, 0.9)) for t in hue_steps]
        self.text = (0.9, 0.88, 0.8) if dark else (0.06, 0.05, 0.07)
        self.ink = [np.array(tone) for tone in [*tones, self.text]]
        self.soft = 0.85 * np.array(paper) + 0.15 * self.ink[0]
        grain = rng.normal(0, 0.008, (height, width, 1))
        self.rgb: Array = np.array(paper) + grain

    def paint(self, where: NDArray[np.bool_], tone: Array) -> None:
        """Cover part of the picture; ``where`` is ``(h, w)``."""
        fraction = np.asarray(where, float)[..., None]
        self.rgb = self.rgb * (1 - fraction) + tone * fraction


def _border(picture: _Picture, rng: np.random.Generator) -> None:
    tone = picture.ink[int(rng.integers(4))]
    gap = np.minimum(np.minimum(picture.u, 1 - picture.u) * picture.ratio, np.minimum(picture.v, 1 - picture.v))
    inset, thick = rng.uniform(0.02, 0.05), rng.uniform(0.008, 0.025)
    picture.paint((gap > inset) & (gap < inset + thick), tone)
    if rng.random() < 0.5:
        picture.paint((gap > inset + 1.8 * thick) & (gap < inset + 2.2 * thick), tone)


def _emblem(picture: _Picture, center: float, rng: np.random.Generator) -> None:
    """Paint a disc, a shield, a star, hills or a sun with rays, in two tones."""
    x, y = (picture.u - 0.5) * picture.ratio, picture.v - center
    size = rng.uniform(0.12, 0.24)
    reach, angle = np.hypot(x, y) / size, np.arctan2(y, x)
    first, second = picture.ink[int(rng.integers(4))], picture.ink[int(rng.integers(3))]
    kind = rng.choice(["disc", "shield", "star", "hills", "sun"])
    if kind == "disc":
        picture.paint(reach < 1, first)
        picture.paint((reach < 0.85) & (reach > 0.75), picture.soft)
        picture.paint(reach < 0.5, second)
    elif kind == "shield":
        shape = np.maximum(np.abs(x) / size * 1.2, np.abs(x) / size * 0.9 - y / size * 0.8)
        picture.paint((shape < 1) & (y < size * 0.9), first)
        picture.paint((shape < 0.8) & (y < size * 0.7) & (x > 0), second)
    elif kind == "star":
        points = int(rng.integers(4, 9))
        picture.paint(reach < 0.65 + 0.35 * np.cos(points * angle), first)
        picture.paint(reach < 0.25, second)
    elif kind == "hills":
        for tone, shift, up in ((first, rng.uniform(0, 6), 0.0), (second, rng.uniform(0, 6), -0.07)):
            ridge = up + 0.08 * np.sin(7 * x + shift) + 0.04 * np.sin(17 * x + 2 * shift)
            picture.paint((y < ridge) & (y > -0.22), tone)
    else:
        picture.paint((np.mod(angle * rng.integers(8, 20) / 6.2832, 1) < 0.5) & (reach < 1.2), second)
        picture.paint(reach < 0.6, first)


def _writing(picture: _Picture, rng: np.random.Generator) -> None:
    """Write one large line, and small ones below it."""
    top = rng.uniform(0.3, 0.42)
    _line(picture, top, rng.uniform(0.09, 0.16), int(rng.integers(5, 11)), picture.ink[int(rng.choice([0, 3, 3]))], rng)
    below = top - 0.09
    while below > 0.1:
        _line(picture, below, rng.uniform(0.02, 0.035), int(rng.integers(16, 36)), picture.ink[3], rng)
        below -= rng.uniform(0.05, 0.09)


def _line(picture: _Picture, middle: float, tall: float, letters: int, tone: Array, rng: np.random.Generator) -> None:
    """Write random letters, each of strokes on a grid of 5 by 7, centered on a line."""
    glyphs = np.zeros((letters, 7, 6), bool)
    for glyph in glyphs:
        glyph[:, int(rng.choice([0, 4, 2]))] = True
        for _ in range(int(rng.integers(1, 4))):
            glyph[int(rng.choice([0, 3, 6])), : int(rng.integers(3, 6))] = True
        glyph[int(rng.integers(0, 4)) :, 4] |= rng.random() < 0.4
    glyphs[rng.random(letters) < (0.15 if letters > 12 else 0.0)] = False
    row = glyphs.transpose(1, 0, 2).reshape(7, -1)
    wide = min(tall * 0.72 * letters, 0.84 * picture.ratio)
    column = np.floor(((picture.u - 0.5) * picture.ratio / wide + 0.5) * row.shape[1]).astype(int)
    line = np.floor(((picture.v - middle) / tall + 0.5) * 7).astype(int)
    within = (column >= 0) & (column < row.shape[1]) & (line >= 0) & (line < 7)
    picture.paint(within & row[np.clip(line, 0, 6), np.clip(column, 0, row.shape[1] - 1)], tone)
