"""Chain-link fence: wires that wind through each other, between posts, round a corner."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._parts.material import plain, random_color
from synthmat.blender_scenes.builtins._parts.mesh import add_grids, tube, tube_points


def add_fence(rng: np.random.Generator) -> None:
    """Add two panels of a fence that meet in a corner, about 2 units wide."""
    wire, post = _coating(rng), _coating(rng)
    high, wide = rng.uniform(1.2, 1.9), rng.uniform(1.2, 1.6)
    across = int(rng.integers(9, 19))
    thick = wide / across * rng.uniform(0.055, 0.085)
    wires = _wires(wide, high, across, thick)
    half = rng.uniform(0.6, 0.9)
    thick_post = rng.uniform(0.03, 0.045)
    corners = []
    for angle in (half, np.pi - half):
        along = np.array([np.cos(angle), np.sin(angle), 0.0])
        square = np.array([-np.sin(angle), np.cos(angle), 0.0])
        bulge = rng.normal(0, 0.05)
        placed = []
        for path in wires:
            swell = bulge * np.sin(np.pi * path[:, 0] / wide) * np.sin(np.pi * path[:, 2] / high)
            spot = np.outer(path[:, 0], along) + np.outer(path[:, 1] + swell, square)
            placed.append(tube_points(spot + np.outer(path[:, 2], [0, 0, 1.0]), thick, segments=7))
        add_grids("wire", placed, wire)
        corners.append(along * wide)
        for level in (0.02, high * 0.995):
            rail = np.stack([np.zeros(3), along * wide]) + [0, 0, level]
            tube("rail", post, rail, thick * 1.4 if level < 0.1 else thick_post * 0.7, segments=12)
    for foot in (np.zeros(3), *corners):
        tube("post", post, [foot - [0, 0, 0.12], foot + [0, 0, high + 0.08]], thick_post, segments=20)


def _coating(rng: np.random.Generator) -> bpy.types.Material:
    """Return zinc, rust or plastic."""
    kind = rng.choice(["zinc", "zinc", "rust", "plastic"])
    if kind == "zinc":
        return plain("zinc", (0.55, 0.57, 0.58), roughness=rng.uniform(0.3, 0.5), metallic=1.0)
    if kind == "rust":
        return plain(
            "rust", random_color(rng, hue=(0.03, 0.07), saturation=(0.5, 0.8), value=(0.3, 0.5)), roughness=0.9
        )
    return plain("plastic", random_color(rng, saturation=(0.2, 0.8), value=(0.25, 0.8)), roughness=0.35)


def _wires(wide: float, high: float, across: int, thick: float) -> list[Array]:
    """Return flattened spirals that run up, each through the bends of the one before."""
    pitch = wide / across
    windings = round(high / pitch) * 2
    t = np.linspace(0, windings, windings * 9 + 1)
    # A triangle wave with round bends.
    swing = np.arcsin(0.985 * np.cos(np.pi * t)) / np.arcsin(0.985)
    depth = thick * 1.25 * np.sin(np.pi * t)
    paths = []
    for number in range(across):
        sign = 1 if number % 2 else -1
        x = (number + 0.5) * pitch + sign * swing * (pitch / 2 + thick * 0.9)
        paths.append(np.stack([x, depth, t / windings * high], axis=1))
    return paths
