"""A bird's legs: feathered thighs, thin shanks, toes with claws, and webs."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._animal.bird_kinds import Bird
from synthmat.blender_scenes.builtins._animal.face import claw_points
from synthmat.blender_scenes.builtins._animal.field import Part
from synthmat.blender_scenes.builtins._parts.curve import Array, smooth_path, unit
from synthmat.blender_scenes.builtins._parts.material import plain
from synthmat.blender_scenes.builtins._parts.mesh import add_grid, add_grids, tube

_TOES = (-34.0, 0.0, 34.0, 180.0)


def _ankle(bird: Bird, center: Array, side: int) -> Array:
    """Return where the feathered part of a leg ends."""
    return np.array([side * bird.body[1] * 0.48, center[1] + 0.06, bird.leg[0] * 0.82])


def thigh_parts(bird: Bird, center: Array, ahead: Array) -> list[Part]:
    """Return the feathered upper legs."""
    parts = []
    for side in (-1, 1):
        ankle = _ankle(bird, center, side)
        hip = center + [side * bird.body[1] * 0.5, -0.04, -0.35 * bird.body[0]]
        parts.append(
            Part(
                hip,
                ankle,
                (0.36 * bird.body[0], bird.leg[1] * 1.7),
                0.07,
                hair=0.7,
                comb=ankle - hip,
                up=-ahead,
                marks={"spine": (0.4, 0.4)},
            )
        )
    return parts


def add_legs(bird: Bird, center: Array, rng: np.random.Generator) -> None:
    """Add shanks and feet on the ground."""
    tone = np.array(bird.horn) * rng.uniform(0.7, 1.2)
    horn = plain("leg", (float(tone[0]), float(tone[1]), float(tone[2])), roughness=0.55)
    dark = plain("claw", (0.02, 0.017, 0.015), roughness=0.35)
    radius, claws = bird.leg[1], []
    toe = np.clip(0.42 * bird.leg[0], 0.1, 0.2) * (1.25 if bird.foot == "web" else 1.0)
    for side in (-1, 1):
        ankle = _ankle(bird, center, side)
        foot = np.array([ankle[0], ankle[1] - 0.05 + rng.uniform(-0.05, 0.05), radius * 0.8])
        knee = (ankle + foot) / 2 + [0, 0.035 if bird.leg[0] > 0.3 else 0.0, 0]
        top = ankle + 0.12 * unit(center + [ankle[0], 0, 0] - ankle)
        tube(
            "leg",
            horn,
            smooth_path(np.array([top, ankle, knee, foot + [0, 0, 0.01]]), 16),
            radius * np.linspace(1.15, 0.9, 16),
            segments=12,
        )
        turned = rng.uniform(0, 14) * side
        ends = []
        for turn in _TOES:
            angle = np.radians(turn + turned)
            out = np.array([np.sin(angle), -np.cos(angle), 0.0])
            long = toe * (0.6 if turn == 180 else 1.0)
            line = foot + np.linspace(0, 1, 8)[:, None] * long * out
            line[:, 2] = radius * (0.62 + 0.25 * np.sin(np.linspace(0, np.pi, 8)))
            tube("toe", horn, line, radius * np.linspace(0.8, 0.55, 8), segments=10)
            ends.append(line[-1])
            claw = line[-1] + np.linspace(0, 1, 6)[:, None] * radius * 1.8 * out
            claw[:, 2] -= np.linspace(0, 1, 6) ** 2 * radius * 0.5
            claws.append(claw_points(claw, radius * 0.45))
        if bird.foot == "web":
            _add_web(foot, ends[:3], radius, horn)
    add_grids("claw", claws, dark)


def _add_web(foot: Array, ends: list[Array], radius: float, horn: bpy.types.Material) -> None:
    """Add the skin between three toes, a thin closed sheet."""
    edge = np.array(
        [
            ends[0],
            (ends[0] + ends[1]) / 2 * 0.94 + foot * 0.06,
            ends[1],
            (ends[1] + ends[2]) / 2 * 0.94 + foot * 0.06,
            ends[2],
        ]
    )
    outline = smooth_path(edge, 24)
    t = np.linspace(0.05, 1, 8)[:, None, None]
    sheet = foot + (outline[None] - foot) * t
    sheet[..., 2] = radius * 0.62
    upper, lower = sheet + [0, 0, 0.004], sheet[:, ::-1] - [0, 0, 0.004]
    grid = np.concatenate([upper, lower], axis=1)
    grid[-1] = (grid[-1] + grid[-1][::-1]) / 2
    first, last = grid[:1] * 0 + grid[0].mean(axis=0), grid[-1:]
    middle = (last + last[:, ::-1]) / 2
    add_grid("web", np.concatenate([first, grid, middle]), horn)
