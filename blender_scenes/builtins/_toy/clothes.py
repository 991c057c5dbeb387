"""A toy figure's torso, what it is dressed in, and what it carries on its back."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np
from numpy.typing import ArrayLike

from synthmat.blender_scenes.builtins._parts.curve import Array, smooth_path
from synthmat.blender_scenes.builtins._parts.mesh import add_grid, ellipsoid, ribbon, superquadric, tube
from synthmat.blender_scenes.builtins._toy.palette import Palette

_DEPTH = 0.84
OUTFITS = ("overalls", "overalls", "belt", "jacket", "dress")


@dataclass(frozen=True)
class Torso:
    """The surface of the torso: radius over height, which falls from its lowest to its highest point."""

    heights: Array
    radii: Array

    def at(self, fraction: float) -> float:
        """Return the height at a fraction of the torso, 0 at its lowest point and 1 at the neck."""
        return float(self.heights[0] + fraction * (self.heights[-1] - self.heights[0]))

    def point(self, azimuth: ArrayLike, height: ArrayLike, lift: ArrayLike = 0.0) -> Array:
        """Return points ``(..., 3)``; azimuth in degrees from the front, positive to the figure's left."""
        angle, z = np.broadcast_arrays(np.radians(azimuth), np.asarray(height, float))
        radius = np.interp(z, self.heights, self.radii) + np.asarray(lift, float)
        return np.stack([radius * np.sin(angle), -_DEPTH * radius * np.cos(angle), z], axis=-1)


def random_torso(bottom: float, height: float, girth: float, rng: np.random.Generator) -> Torso:
    """Return a pear, a barrel or a wedge; ``girth`` is its mean radius."""
    belly = rng.uniform(-0.14, 0.2)
    fractions = (0.0, 0.03, 0.1, 0.3, 0.58, 0.8, 0.93, 1.0)
    radii = (0.0, 0.45, 0.78, 1.0 + belly * 0.8, 0.97, 0.84 - belly * 0.3, 0.62, 0.36)
    curve = smooth_path(np.stack([fractions, radii], axis=1), 60)
    fraction = np.maximum.accumulate(curve[:, 0])
    return Torso(bottom + fraction * height, np.maximum(curve[:, 1], 0) * girth)


def add_clothes(torso: Torso, outfit: str, palette: Palette, rng: np.random.Generator) -> None:
    """Add the torso in one of `OUTFITS`, and perhaps a scarf, a backpack or a cape, to the scene."""
    azimuth = np.linspace(-180, 180, 80, endpoint=False)[None, :]
    add_grid("shirt", torso.point(azimuth, torso.heights[:, None]), palette.shirt)
    waist = torso.at(rng.uniform(0.36, 0.46))
    _add_trousers(torso, palette, waist)
    {"overalls": _add_overalls, "belt": _add_belt, "jacket": _add_jacket, "dress": _add_skirt}[outfit](
        torso, palette, waist, rng
    )
    worn = rng.choice(["nothing", "scarf", "backpack", "cape"], p=[0.3, 0.25, 0.25, 0.2])
    if worn == "scarf":
        _add_scarf(torso, palette, rng)
    else:
        _add_collar(torso, palette, rng)
    if worn == "backpack":
        _add_backpack(torso, palette, rng)
    if worn == "cape":
        _add_cape(torso, palette, rng)


def _add_trousers(torso: Torso, palette: Palette, waist: float) -> None:
    azimuth = np.linspace(-180, 180, 80, endpoint=False)[None, :]
    height = np.concatenate([np.linspace(torso.heights[0], waist, 30), np.full(2, waist + 0.012)])
    lift = np.concatenate([[0.0], np.full(29, 0.028), [0.016, -0.02]])
    add_grid("trousers", torso.point(azimuth, height[:, None], lift[:, None]), palette.trousers)


def _patch(
    torso: Torso, name: str, material: bpy.types.Material, center: tuple[float, float], size: tuple[float, float]
) -> None:
    """Add a padded piece of cloth: center (azimuth, height) and half-sizes (degrees, height)."""
    u, v = np.meshgrid(np.linspace(-1, 1, 24), np.linspace(-1, 1, 24))
    lift = 0.045 * ((1 - u**6) * (1 - v**6)) ** 0.5 - 0.012
    add_grid(name, torso.point(center[0] + size[0] * u, center[1] + size[1] * v, lift), material, around=False)


def _add_overalls(torso: Torso, palette: Palette, waist: float, rng: np.random.Generator) -> None:
    chest = torso.at(rng.uniform(0.68, 0.76))
    wide = rng.uniform(30, 40)
    _patch(torso, "bib", palette.trousers, (0, (waist + chest) / 2 - 0.03), (wide, (chest - waist) / 2 + 0.05))
    if rng.random() < 0.6:
        middle = torso.point(0, (waist + chest) / 2 - 0.01, 0.03)
        superquadric("pocket", palette.trousers, middle, (0.15, 0.035, 0.09), (0.3, 0.3))
    _patch(torso, "back", palette.trousers, (180, waist + 0.03), (20, 0.1))
    for side in (-1, 1):
        x = side * abs(float(torso.point(wide * 0.8, chest)[0]))
        path = smooth_path(
            [
                torso.point(side * wide * 0.8, chest - 0.05, 0.035),
                np.array([x, -0.06, torso.at(1.0) - 0.02]),
                torso.point(180 - side * wide * 0.7, torso.at(0.78), 0.05),
                torso.point(180, torso.at(0.58), 0.03),
                torso.point(180 + side * 6, waist, -0.06),
            ],
            40,
        )
        outside = np.maximum(np.linalg.norm(path[:, :2] / [1, _DEPTH], axis=1), 1e-6)
        sunk = np.where(path[:, 2] < waist + 0.1, -0.06, 0.02)
        min_radius = np.interp(path[:, 2], torso.heights, torso.radii) + sunk
        path[:, :2] *= np.maximum(1, min_radius / outside)[:, None]
        ribbon("strap", palette.trousers, path, (1, 0, 0), 0.07, 0.028)
        ellipsoid("button", palette.metal, torso.point(side * wide * 0.8, chest - 0.06, 0.06), (0.065, 0.04, 0.065))


def _add_belt(torso: Torso, palette: Palette, waist: float, rng: np.random.Generator) -> None:
    loop = np.linspace(0, 2 * np.pi, 14, endpoint=False)[None, :]
    azimuth = np.linspace(-180, 180, 80, endpoint=False)[:, None]
    grid = torso.point(azimuth, waist + 0.06 * np.sin(loop), 0.02 + 0.03 * np.cos(loop))
    add_grid("belt", grid, palette.shoes, closed=True)
    superquadric("buckle", palette.metal, torso.point(0, waist, 0.05), (0.1, 0.03, 0.085), (0.3, 0.35))
    if rng.random() < 0.5:
        emblem = torso.point(0, torso.at(0.66), 0.005)
        ellipsoid("emblem", palette.accent, emblem, (0.13, 0.05, 0.13))


def _add_jacket(torso: Torso, palette: Palette, waist: float, rng: np.random.Generator) -> None:
    """Add an open jacket in the accent color, with buttons or a zip between its halves."""
    azimuth = np.linspace(0, 1, 72)[None, :]
    opening = rng.uniform(14, 26)
    height = np.linspace(waist - 0.07, torso.at(0.985), 30)[:, None]
    gap = opening + 10 * ((height - height.min()) / np.ptp(height)) ** 2
    rounded = 0.05 * (1 - (2 * azimuth - 1) ** 24) * (1 - np.linspace(1, 0, 30)[:, None] ** 12) ** 0.5 - 0.006
    add_grid("jacket", torso.point(gap + azimuth * (360 - 2 * gap), height, rounded), palette.hat, around=False)
    for fraction in (0.5, 0.63, 0.76):
        ellipsoid("button", palette.metal, torso.point(0, torso.at(fraction), 0.01), (0.045, 0.035, 0.045))


def _add_skirt(torso: Torso, palette: Palette, waist: float, rng: np.random.Generator) -> None:
    azimuth = np.linspace(-180, 180, 160, endpoint=False)[None, :]
    fraction = np.linspace(0, 1, 20)[:, None]
    low, flare, folds = torso.heights[0] - rng.uniform(0.02, 0.14), rng.uniform(0.18, 0.34), int(rng.integers(8, 15))
    radius = float(np.interp(waist, torso.heights, torso.radii)) + 0.03 + flare * fraction**0.8
    radius = radius * (1 + 0.05 * fraction * np.sin(np.radians(azimuth) * folds))
    angle = np.radians(azimuth)
    height = waist + (low - waist) * fraction + 0 * angle
    outer = np.stack([radius * np.sin(angle), -_DEPTH * radius * np.cos(angle), height], axis=-1)
    inner = outer[::-1] * [0.95, 0.95, 1] + [0, 0, 0.01]
    add_grid("skirt", np.concatenate([outer, inner]), palette.trousers)
    _add_belt(torso, palette, waist, rng)


def _add_collar(torso: Torso, palette: Palette, rng: np.random.Generator) -> None:
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    size, top = rng.uniform(0.05, 0.075), torso.at(0.97)
    radius = float(np.interp(top, torso.heights, torso.radii)) + 0.05
    path = np.stack(
        [radius * np.cos(angle), _DEPTH * radius * np.sin(angle), top - 0.04 + 0.04 * np.sin(angle)], axis=1
    )
    tube("collar", palette.shirt if rng.random() < 0.5 else palette.accent, path, size, closed=True)


def _add_scarf(torso: Torso, palette: Palette, rng: np.random.Generator) -> None:
    angle = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    top = torso.at(0.93)
    radius = float(np.interp(top, torso.heights, torso.radii)) + 0.07
    path = np.stack([radius * np.cos(angle), _DEPTH * radius * np.sin(angle), top + 0.05 * np.sin(angle)], axis=1)
    tube("scarf", palette.accent, path, 0.105, closed=True)
    around, length = rng.choice([28, -28, 150, -150]), rng.uniform(0.35, 0.6)
    for shift, part in ((0, 1.0), (14, 0.75)):
        corners = [torso.point(around + shift, top - length * part * k, 0.09 + 0.05 * k) for k in (0, 0.4, 1)]
        ribbon("scarf end", palette.accent, smooth_path(corners, 16), corners[0][[1, 0, 2]] * [-1, 1, 0], 0.1, 0.03)


def _add_backpack(torso: Torso, palette: Palette, rng: np.random.Generator) -> None:
    middle = torso.at(0.56)
    width = float(np.interp(middle, torso.heights, torso.radii))
    deep, high = width * rng.uniform(0.34, 0.48), width * rng.uniform(0.68, 0.82)
    at = torso.point(180, middle, deep * 0.75)
    superquadric("backpack", palette.accent, at, (width * 0.66, deep, high), (0.6, 0.6))
    flap = at + [0, deep * 0.25, high * 0.42]
    superquadric("flap", palette.hat, flap, (width * 0.69, deep * 0.9, high * 0.56), (0.6, 0.7))
    superquadric(
        "pocket", palette.hat, at + [0, deep * 0.85, -high * 0.42], (width * 0.42, deep * 0.4, high * 0.3), (0.6, 0.6)
    )
    ellipsoid("clasp", palette.metal, at + [0, deep * 1.12, -high * 0.02], (0.06, 0.05, 0.06))
    for side in (-1, 1):
        front = [torso.point(side * k, torso.at(s), 0.04) for k, s in ((46, 0.8), (52, 0.6), (80, 0.45), (125, 0.42))]
        path = smooth_path(
            [torso.point(side * 140, torso.at(0.86), 0.05), torso.point(side * 85, torso.at(0.95), 0.06), *front], 32
        )
        tube("strap", palette.hat, path, 0.05)


def _add_cape(torso: Torso, palette: Palette, rng: np.random.Generator) -> None:
    u, v = np.meshgrid(np.linspace(-1, 1, 64), np.linspace(0, 1, 30))
    spread, length = rng.uniform(60, 85), torso.at(0.94) - rng.uniform(0.3, 0.5)
    blow, folds = rng.uniform(0.1, 0.5), rng.uniform(2.5, 4.5)
    z = torso.at(0.94) - length * v * (1 - 0.06 * u**2)
    radius = np.interp(torso.at(0.94), torso.heights, torso.radii) + 0.06 + 0.28 * v**0.6 + blow * v**2 * np.cos(u)
    radius = radius + 0.05 * v * np.sin(folds * np.pi * u)
    angle = np.radians(180 + u * spread * (1 - 0.35 * v))
    outer = np.stack([radius * np.sin(angle), -radius * np.cos(angle), z], axis=-1)
    inner = np.stack([(radius - 0.03) * np.sin(angle), -(radius - 0.03) * np.cos(angle), z], axis=-1)
    add_grid("cape", np.concatenate([outer, inner[::-1]]), palette.accent, around=False, closed=True)
    ellipsoid("brooch", palette.metal, torso.point(0, torso.at(0.88), 0.03), (0.07, 0.05, 0.07))
