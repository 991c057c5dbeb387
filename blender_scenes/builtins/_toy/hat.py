"""What a toy figure wears on its head: hats follow the head's surface. In radii of the head."""

from __future__ import annotations

import bpy
import numpy as np
from numpy.typing import ArrayLike

from synthmat.blender_scenes.builtins._parts.curve import Array, ring_path, smooth_path, unit
from synthmat.blender_scenes.builtins._parts.mesh import add_grid, ellipsoid, superquadric, tube, tube_points
from synthmat.blender_scenes.builtins._toy.head import HeadShape
from synthmat.blender_scenes.builtins._toy.palette import Palette

HATS = ("cap", "beanie", "explorer", "bowler", "wizard", "propeller", "crown", "headphones", "ears")


def add_hat(kind: str, shape: HeadShape, palette: Palette, rng: np.random.Generator) -> None:
    """Add one of `HATS` to the scene."""
    {
        "cap": _add_cap,
        "beanie": _add_beanie,
        "explorer": _add_explorer,
        "bowler": _add_bowler,
        "wizard": _add_wizard,
        "propeller": _add_propeller,
        "crown": _add_crown,
        "headphones": _add_headphones,
        "ears": _add_ears,
    }[kind](shape, palette, rng)


def _rim(azimuth: ArrayLike, front: float, back: float) -> Array:
    """Return the elevation of a hat's lower border, degrees."""
    blend: Array = back + (front - back) * (0.5 + 0.5 * np.cos(np.radians(azimuth)))
    return blend


def _add_dome(
    name: str,
    material: bpy.types.Material,
    shape: HeadShape,
    rim: tuple[float, float],
    lift: float,
    high: float,
    flat: float,
) -> None:
    """Add a hat's crown; ``high`` stretches it upward, ``flat`` above 1 makes its top flatter."""
    azimuth = np.linspace(-180, 180, 120, endpoint=False)[None, :]
    fraction = np.linspace(0, 1, 28)[:, None]
    border = _rim(azimuth, *rim)
    points = shape.point(azimuth, border + (90 - border) * fraction, lift)
    base = points[:1, :, 2:]
    tall = 1 - (1 - np.clip((points[..., 2:] - base) / (1 + lift - base), 0, 1)) ** flat
    top = base.mean() + (1 + lift - base.mean()) * high
    points[..., 2:] = base + (top - base) * tall
    edge = shape.point(azimuth, border, -0.03)
    add_grid(name, np.concatenate([edge, points]), material)


def _add_brim(
    material: bpy.types.Material,
    shape: HeadShape,
    rim: tuple[float, float],
    azimuth: Array,
    reach: Array,
    rise: Array,
    *,
    around: bool,
) -> None:
    """Add a brim that stands out from the rim by ``reach``, and up by ``rise``, at each azimuth."""
    inner = shape.point(azimuth, _rim(azimuth, *rim), -0.02)
    out = unit(inner * [1, 1, 0])
    angle = np.linspace(0, 2 * np.pi, 28, endpoint=False)[None, :, None]
    fraction = 0.5 - 0.5 * np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** 0.7
    thick = 0.03 * np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** 0.6
    sheet = inner[:, None] + out[:, None] * fraction * reach[:, None, None]
    sheet = sheet + np.array([0, 0, 1]) * (thick + fraction**1.5 * rise[:, None, None])
    add_grid("brim", sheet, material, closed=around)


def _add_band(
    material: bpy.types.Material, shape: HeadShape, rim: tuple[float, float], lift: float, size: tuple[float, float]
) -> None:
    """Add a band round a hat's crown, its rounded cross-section of half-sizes ``size`` (across, up)."""
    azimuth = np.linspace(-180, 180, 120, endpoint=False)
    middle = shape.point(azimuth, _rim(azimuth, *rim), lift) + [0, 0, size[1] * 0.8]
    out = unit(middle * [1, 1, 0])
    angle = np.linspace(0, 2 * np.pi, 16, endpoint=False)[None, :, None]
    ring = middle[:, None] + out[:, None] * np.cos(angle) * size[0] + np.array([0, 0, 1]) * np.sin(angle) * size[1]
    add_grid("band", ring, material, closed=True)


def _add_cap(shape: HeadShape, palette: Palette, rng: np.random.Generator) -> None:
    rim, brim_deg = (34.0, 6.0), float(rng.choice([0, 0, 0, 180, 30, -30]))
    _add_dome("cap", palette.hat, shape, rim, 0.12, rng.uniform(1.05, 1.25), 1.15)
    _add_band(palette.hat, shape, rim, 0.11, (0.03, 0.05))
    azimuth = np.linspace(-1, 1, 40)
    reach = rng.uniform(0.55, 0.75) * (1 - np.abs(azimuth) ** 3) + 0.02
    _add_brim(palette.hat, shape, rim, azimuth * 72 + brim_deg, reach, -0.16 * np.abs(reach), around=False)
    top = shape.point(0, 90, 0)[2]
    ellipsoid("button", palette.accent, (0, 0, top * 1.24), (0.12, 0.12, 0.08))
    if brim_deg != 180:
        _add_star(shape, palette.metal if rng.random() < 0.5 else palette.accent, brim_deg, rng)


def _add_star(shape: HeadShape, material: bpy.types.Material, azimuth: float, rng: np.random.Generator) -> None:
    """Add a badge with three to six soft points, or a disc, to the front of a cap."""
    points, depth = int(rng.integers(3, 7)), float(rng.choice([0.0, 0.22, 0.3]))
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)[None, :]
    reach = np.linspace(0, 1, 10)[:, None]
    edge = 15.5 * reach * (1 + depth * np.cos(points * (angle - np.pi / 2)))
    lift = 0.16 + 0.09 * np.sqrt(1 - reach**4) - 0.05 * (reach == 1)
    grid = shape.point(azimuth + edge * np.cos(angle) * 1.25, 54 + edge * np.sin(angle), lift)
    grid[0] = grid[0, :1]
    add_grid("badge", grid, material)


def _add_beanie(shape: HeadShape, palette: Palette, rng: np.random.Generator) -> None:
    rim = (32.0, rng.uniform(-8, 4))
    _add_dome("beanie", palette.hat, shape, rim, 0.11, rng.uniform(1.08, 1.35), 1.0)
    _add_band(palette.accent, shape, rim, 0.1, (0.075, 0.15))
    if rng.random() < 0.75:
        size, top = rng.uniform(0.2, 0.3), 1.42
        for direction in unit(rng.normal(size=(24, 3))):
            ellipsoid("pompon", palette.accent, np.array([0, 0, top]) + direction * size * 0.55, np.full(3, size * 0.6))


def _add_explorer(shape: HeadShape, palette: Palette, rng: np.random.Generator) -> None:
    rim = (38.0, 20.0)
    _add_dome("hat", palette.hat, shape, rim, 0.1, rng.uniform(1.25, 1.5), 1.5)
    _add_band(palette.accent, shape, rim, 0.11, (0.035, 0.09))
    azimuth = np.linspace(-180, 180, 120, endpoint=False)
    rise = rng.uniform(-0.12, 0.3) * np.sin(np.radians(azimuth)) ** 2
    _add_brim(palette.hat, shape, rim, azimuth, np.full(120, rng.uniform(0.4, 0.6)), rise, around=True)


def _add_bowler(shape: HeadShape, palette: Palette, rng: np.random.Generator) -> None:
    rim = (36.0, 16.0)
    _add_dome("hat", palette.hat, shape, rim, 0.1, rng.uniform(1.15, 1.75), rng.uniform(1.6, 3.2))
    _add_band(palette.accent, shape, rim, 0.11, (0.035, 0.1))
    azimuth = np.linspace(-180, 180, 120, endpoint=False)
    _add_brim(palette.hat, shape, rim, azimuth, np.full(120, 0.3), np.full(120, 0.1), around=True)


def _add_wizard(shape: HeadShape, palette: Palette, rng: np.random.Generator) -> None:
    rim = (36.0, 18.0)
    bend = rng.uniform(-0.5, 0.5, 2)
    corners = [(0, 0, 0.45), (0, 0, 0.95), (bend[0] * 0.3, bend[1] * 0.3, 1.4), (*bend, rng.uniform(1.7, 2.0))]
    cone = tube_points(smooth_path(corners, 30), np.linspace(shape.wide * 0.9 + 0.14, 0.05, 30), segments=64)
    cone = cone[6:]  # without the rounded end below, which would cover the face
    add_grid("hat", cone, palette.hat)
    _add_band(palette.accent, shape, rim, 0.1, (0.05, 0.1))
    azimuth = np.linspace(-180, 180, 120, endpoint=False)
    _add_brim(palette.hat, shape, rim, azimuth, np.full(120, rng.uniform(0.35, 0.55)), np.full(120, -0.05), around=True)
    for _ in range(7):
        at = cone[int(rng.integers(8, 24)), int(rng.integers(64))]
        ellipsoid("spot", palette.metal, at, np.full(3, rng.uniform(0.06, 0.1)))


def _add_propeller(shape: HeadShape, palette: Palette, rng: np.random.Generator) -> None:
    rim = (34.0, 8.0)
    _add_dome("cap", palette.hat, shape, rim, 0.1, 1.1, 1.1)
    _add_band(palette.accent, shape, rim, 0.09, (0.05, 0.07))
    top, angle = 1.16, rng.uniform(0, np.pi)
    tube("axle", palette.metal, [(0, 0, top), (0, 0, top + 0.22)], 0.04)
    along = np.array([np.cos(angle), np.sin(angle), 0.0])
    for side in (-1, 1):
        path = np.array([0, 0, top + 0.24]) + side * np.linspace(0.04, 0.6, 12)[:, None] * along
        tube("blade", palette.accent, path, np.interp(np.linspace(0, 1, 12), (0, 0.7, 1), (0.05, 0.15, 0.12)), flat=0.3)
    ellipsoid("knob", palette.metal, (0, 0, top + 0.27), (0.08, 0.08, 0.08))


def _add_crown(shape: HeadShape, palette: Palette, rng: np.random.Generator) -> None:
    points, height = int(rng.integers(5, 9)), rng.uniform(0.3, 0.48)
    angle = np.linspace(0, 2 * np.pi, points * 20, endpoint=False)
    peak = 0.5 + 0.5 * np.cos(points * angle)
    loop = np.linspace(0, 2 * np.pi, 20, endpoint=False)[None, :, None]
    base, out = ring_path(shape.wide * 0.72, 0.72, len(angle)), ring_path(1.0, 0.0, len(angle))
    up = 0.5 - 0.5 * np.sign(np.cos(loop)) * np.abs(np.cos(loop)) ** 0.6
    tall = (0.16 + height * peak)[:, None, None]
    sheet = base[:, None] + out[:, None] * (0.03 * np.sin(loop) + 0.12 * up * tall) + np.array([0, 0, 1]) * up * tall
    add_grid("crown", sheet, palette.metal, closed=True)
    for direction in ring_path(1.0, 0.0, points):
        at = direction * [shape.wide * 0.76, shape.wide * 0.76, 0] + [0, 0, 0.83]
        ellipsoid("jewel", palette.accent, at, np.full(3, 0.07))
        ellipsoid("tip", palette.accent, at + direction * 0.05 + [0, 0, height + 0.06], np.full(3, 0.06))


def _add_headphones(shape: HeadShape, palette: Palette, rng: np.random.Generator) -> None:
    angle = np.linspace(-90, 90, 40)
    arc = np.stack(
        [np.sin(np.radians(angle)) * (shape.wide + 0.14), 0 * angle, np.cos(np.radians(angle)) * 1.16], axis=1
    )
    tube("bow", palette.accent, arc, 0.065, flat=1.6)
    size = rng.uniform(0.26, 0.36)
    for side in (-1, 1):
        at = np.array([side * (shape.wide + 0.1), 0, -0.06])
        superquadric("pad", palette.black, at, (0.12, size * 0.92, size), (0.8, 0.9))
        superquadric("shell", palette.accent, at + [side * 0.09, 0, 0], (0.1, size * 0.8, size * 0.88), (0.8, 0.9))
        ellipsoid("light", palette.white, at + [side * 0.18, 0, 0], (0.03, size * 0.35, size * 0.35))


def _add_ears(shape: HeadShape, palette: Palette, rng: np.random.Generator) -> None:
    """Add an animal's ears on a hoop."""
    angle = np.linspace(-85, 85, 32)
    arc = np.stack(
        [np.sin(np.radians(angle)) * (shape.wide + 0.09), 0 * angle, np.cos(np.radians(angle)) * 1.1], axis=1
    )
    tube("hoop", palette.hat, arc, 0.05)
    long = rng.random() < 0.5
    for side in (-1, 1):
        root = shape.point(side * 90, 55 if long else 48, 0.02)
        if long:
            tip = root + [side * rng.uniform(0.1, 0.4), 0.05, rng.uniform(0.6, 0.9)]
            path, radii = smooth_path([root, (root + tip) / 2 + [side * 0.08, 0, 0], tip], 20), (0.11, 0.19, 0.1)
            width = np.interp(np.linspace(0, 1, 20), (0, 0.6, 1), radii)
            tube("ear", palette.hat, path, width)
            tube("ear inside", palette.blush, path[3:-2] + [0, -0.09, 0], width[3:-2] * 0.62)
        else:
            at = root + [side * 0.1, 0, 0.18]
            ellipsoid("ear", palette.hat, at, (0.29, 0.15, 0.29))
            ellipsoid("ear inside", palette.blush, at + [0, -0.08, 0], (0.19, 0.1, 0.19))
