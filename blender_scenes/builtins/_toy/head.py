"""A toy figure's head and face. Lengths are in radii of the head, whose center is the origin."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np
from numpy.typing import ArrayLike

from synthmat.blender_scenes.builtins._parts.curve import Array, smooth_path, unit
from synthmat.blender_scenes.builtins._parts.mesh import add_grid, ellipsoid, tube
from synthmat.blender_scenes.builtins._toy.palette import Palette

MOUTHS = ("smile", "laugh", "laugh", "moustache", "beard")


@dataclass(frozen=True)
class HeadShape:
    """The surface of the head: radii to the side and to the front, and how far the cheeks stand out."""

    wide: float
    deep: float
    cheek: float

    def point(self, azimuth: ArrayLike, elevation: ArrayLike, lift: ArrayLike = 0.0) -> Array:
        """Return points ``(..., 3)`` above the surface.

        Args:
            azimuth: Degrees from the front, positive to the figure's left.
            elevation: Degrees above the middle.
            lift: Height above the surface.
        """
        a, e, up = np.broadcast_arrays(np.radians(azimuth), np.radians(elevation), np.asarray(lift, float))
        around = np.stack([np.sin(a) * np.cos(e), -np.cos(a) * np.cos(e), np.sin(e)], axis=-1)
        radii = np.array([self.wide, self.deep, 1.0])
        surface = around * radii
        bulge = 1 + self.cheek * np.exp(-(((surface[..., 2:] + 0.4) / 0.4) ** 2))
        surface = surface * np.concatenate([bulge, bulge, np.ones_like(bulge)], axis=-1)
        lifted: Array = surface + unit(around / radii) * up[..., None]
        return lifted


def random_head_shape(rng: np.random.Generator) -> HeadShape:
    """Return a head that is about as wide as high."""
    return HeadShape(wide=rng.uniform(0.94, 1.14), deep=rng.uniform(0.92, 1.0), cheek=rng.uniform(0.0, 0.14))


def add_head(shape: HeadShape, palette: Palette, mouth: str, rng: np.random.Generator) -> None:
    """Add skull, ears and face, with one of `MOUTHS`, to the scene."""
    azimuth = np.linspace(-180, 180, 96, endpoint=False)[None, :]
    add_grid("head", shape.point(azimuth, np.linspace(-90, 90, 49)[:, None]), palette.skin)
    size = rng.uniform(0.17, 0.24)
    for side in (-1, 1):
        ear = shape.point(side * 92, -5, size * 0.3)
        ellipsoid("ear", palette.skin, ear, (size * 0.55, size * 0.75, size * 1.15))
        ellipsoid(
            "ear inside", palette.blush, ear + [side * size * 0.25, -size * 0.35, 0], size * np.array((0.4, 0.5, 0.75))
        )
    _add_eyes(shape, palette, rng)
    nose = size * rng.uniform(0.8, 1.1)
    flesh = palette.blush if rng.random() < 0.5 else palette.skin
    stretch = np.array([rng.uniform(0.9, 1.25), rng.uniform(0.9, 1.2), rng.uniform(0.75, 1.0)])
    ellipsoid("nose", flesh, shape.point(0, -10, nose * 0.6), nose * stretch)
    if rng.random() < 0.6:
        for side in (-1, 1):
            face_patch("cheek", palette.blush, shape, (side * 44, -20), (10.5, 8.5), (0.0, 0.02))
    if mouth == "beard":
        _add_beard(shape, palette, rng)
    if mouth in ("moustache", "beard"):
        _add_moustache(shape, palette, rng)
    if mouth == "laugh":
        _add_laugh(shape, palette, rng)
    elif mouth != "beard":
        _add_smile(shape, palette, rng, middle=-31.0 if mouth == "smile" else -40.0)


def face_patch(
    name: str,
    material: bpy.types.Material,
    shape: HeadShape,
    center: tuple[float, float],
    size: tuple[float, float],
    lift: tuple[float, float],
    top: float = 1.0,
) -> bpy.types.Object:
    """Add a rounded patch on the head, such as an eye.

    Args:
        name: Name of the object.
        material: Its material.
        shape: The head.
        center: Azimuth and elevation, degrees.
        size: Half its width and half its height, degrees.
        lift: Height above the head at its border and at its center.
        top: Height of its upper half as a fraction of the lower one's.
    """
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)[None, :]
    reach = np.concatenate([np.linspace(0, 0.8, 6), np.linspace(0.86, 1, 5)])[:, None]
    up = np.sin(angle) * np.where(np.sin(angle) > 0, top, 1.0)
    height = lift[0] + (lift[1] - lift[0]) * np.sqrt(1 - reach**4) - 0.03 * (reach == 1)
    grid = shape.point(center[0] + size[0] * reach * np.cos(angle), center[1] + size[1] * reach * up, height)
    grid[0] = grid[0, :1]
    return add_grid(name, grid, material)


def _add_eyes(shape: HeadShape, palette: Palette, rng: np.random.Generator) -> None:
    apart, up = rng.uniform(17, 23), rng.uniform(9, 14)
    wide, high = rng.uniform(9.5, 13), rng.uniform(15, 20)
    look = (rng.uniform(-0.2, 0.2), rng.uniform(-0.12, 0.12))
    dots = rng.random() < 0.25
    brow, tilt = rng.uniform(0.035, 0.065), rng.uniform(0, 6)
    for side in (-1, 1):
        middle = (side * apart, up)
        if dots:
            face_patch("eye", palette.black, shape, middle, (wide * 0.75, high * 0.85), (0.0, 0.05))
        else:
            face_patch("eye", palette.white, shape, middle, (wide, high), (0.0, 0.045))
            middle = (middle[0] - side * wide * 0.18 + look[0] * wide, middle[1] + look[1] * high)
            face_patch("iris", palette.iris, shape, middle, (wide * 0.62, high * 0.68), (0.04, 0.056))
            face_patch("pupil", palette.black, shape, middle, (wide * 0.42, high * 0.5), (0.05, 0.064))
        glint = (middle[0] - wide * 0.2, middle[1] + high * 0.27)
        face_patch("glint", palette.white, shape, glint, (wide * 0.2, high * 0.17), (0.055, 0.075))
        corners = [
            (side * apart * k, up + high * 1.22 + lift) for k, lift in ((0.5, tilt * 0.6), (1, 2.5), (1.55, -tilt))
        ]
        path = smooth_path([shape.point(a, e, 0.02) for a, e in corners], 14)
        tube("brow", palette.hair, path, brow * np.linspace(1.1, 0.75, 14))


def _add_laugh(shape: HeadShape, palette: Palette, rng: np.random.Generator) -> None:
    wide, high, middle = rng.uniform(17, 24), rng.uniform(12, 17), -29.0
    face_patch("mouth", palette.mouth, shape, (0, middle), (wide, high), (0.0, 0.015), top=0.1)
    face_patch("tongue", palette.tongue, shape, (0, middle - high * 0.65), (wide * 0.55, high * 0.28), (0.012, 0.03))
    face_patch("teeth", palette.white, shape, (0, middle), (wide * 0.82, high * 0.24), (0.012, 0.026), top=0.25)


def _add_smile(shape: HeadShape, palette: Palette, rng: np.random.Generator, *, middle: float) -> None:
    wide = rng.uniform(13, 21)
    corners = [(-wide, middle + 6), (-wide * 0.55, middle - 1.5), (0, middle - 4), (wide * 0.55, middle - 1.5)]
    path = smooth_path([shape.point(a, e, 0.005) for a, e in [*corners, (wide, middle + 6)]], 24)
    tube("smile", palette.mouth, path, 0.028)
    for side in (-1, 1):
        ellipsoid("corner", palette.mouth, shape.point(side * wide, middle + 6, 0.005), np.full(3, 0.04))


def _add_moustache(shape: HeadShape, palette: Palette, rng: np.random.Generator) -> None:
    reach, curl, thick = rng.uniform(24, 36), rng.uniform(-2, 10), rng.uniform(0.08, 0.125)
    for side in (-1, 1):
        corners = [(0, -23.0), (side * reach * 0.4, -28.0), (side * reach * 0.8, -26.0), (side * reach, -22.0 + curl)]
        path = smooth_path([shape.point(a, e, 0.05) for a, e in corners], 20)
        tube("moustache", palette.hair, path, thick * np.interp(np.linspace(0, 1, 20), (0, 0.4, 1), (0.8, 1, 0.3)))


def _add_beard(shape: HeadShape, palette: Palette, rng: np.random.Generator) -> None:
    """Add a shell round the chin, from ear to ear."""
    azimuth = np.linspace(-180, 180, 144, endpoint=False)[None, :]
    border = np.interp(np.abs(azimuth), (0, 25, 60, 84, 100, 180), (-30, -27, -14, 6, -40, -60))
    fraction = np.linspace(0, 1, 20)[:, None]
    length, waves = rng.uniform(0.06, 0.2), rng.integers(9, 16)
    lift = (0.05 + length * np.cos(np.radians(azimuth) / 2) ** 2) * np.sqrt(1 - fraction**6) - 0.02
    lift = lift + 0.015 * np.sin(np.radians(azimuth) * waves) * (1 - fraction)
    lift[0] = lift[0].mean()
    add_grid("beard", shape.point(azimuth, -90 + (border + 90) * fraction, lift), palette.hair)
