"""What chairs are made of: finishes, turned legs, rungs, seats and rockers. The front is towards -Y."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import bpy
import numpy as np
from numpy.typing import ArrayLike

from synthmat.blender_scenes.builtins._parts.curve import Array, ring_path, smooth_path
from synthmat.blender_scenes.builtins._parts.material import patterned, plain, random_color
from synthmat.blender_scenes.builtins._parts.mesh import add_grid, add_grids, ribbon, tube, tube_points
from synthmat.blender_scenes.builtins._parts.wood import random_wood

MIRROR: Array = np.array([-1.0, 1.0, 1.0])
"""Factor that takes a point on the left to the right."""


@dataclass(frozen=True)
class Finish:
    """Materials of a chair: rods and curved bands, flat boards, metal parts, and what the seat is covered with."""

    rods: bpy.types.Material
    boards: bpy.types.Material
    metal: bpy.types.Material
    cover: bpy.types.Material


def random_finish(rng: np.random.Generator, *, wooden: bool = True) -> Finish:
    """Return a finish in natural or painted wood, or, where not ``wooden``, mostly in metal."""
    metal = random_metal(rng)
    if wooden and rng.random() < 0.65:
        rods, boards = random_wood(rng)
    elif wooden or rng.random() < 0.3:
        paint = random_color(rng, saturation=(0.0, 0.85), value=(0.06, 0.92))
        rods = boards = plain("paint", paint, roughness=rng.uniform(0.2, 0.6), coat=rng.uniform(0, 0.5))
    else:
        rods = boards = metal
    return Finish(rods, boards, metal, _cover(rng))


def random_metal(rng: np.random.Generator) -> bpy.types.Material:
    """Return chrome, brass, black steel or lacquered steel."""
    kind = rng.choice(["chrome", "brass", "black", "lacquer"])
    if kind == "chrome":
        return plain("chrome", (0.66, 0.67, 0.69), roughness=rng.uniform(0.08, 0.3), metallic=1.0)
    if kind == "brass":
        return plain("brass", (0.8, 0.56, 0.24), roughness=rng.uniform(0.15, 0.35), metallic=1.0)
    if kind == "black":
        return plain("black steel", (0.015, 0.015, 0.017), roughness=rng.uniform(0.3, 0.6))
    return plain("lacquer", random_color(rng, saturation=(0.1, 0.95), value=(0.3, 0.95)), roughness=0.3, coat=0.6)


def _cover(rng: np.random.Generator) -> bpy.types.Material:
    tone = random_color(rng, saturation=(0.0, 0.85), value=(0.08, 0.85))
    kind = rng.choice(["leather", "cloth", "patterned"])
    if kind == "leather":
        return plain("leather", tone, roughness=rng.uniform(0.3, 0.5), coat=0.2)
    if kind == "cloth":
        return plain("cloth", tone, roughness=0.9, sheen=0.5)
    second = random_color(rng, saturation=(0.0, 0.5), value=(0.4, 0.9))
    return patterned("cloth", str(rng.choice(["checker", "speckle", "noise"])), (tone, second), scale=9, roughness=0.9)


def random_turning(rng: np.random.Generator) -> Array:
    """Return thickness along a leg, 64 factors of about 1 from its top: tapered, swelling, or turned with rings."""
    fraction = np.linspace(0, 1, 64)
    kind = rng.choice(["straight", "taper", "taper", "swell", "turned", "bamboo"])
    if kind == "straight":
        return np.ones(64)
    if kind == "taper":
        return np.asarray(1.15 - rng.uniform(0.35, 0.6) * fraction)
    if kind == "swell":
        return np.asarray(0.75 + 0.5 * np.sin(np.pi * fraction ** rng.uniform(0.6, 1.4)))
    if kind == "bamboo":
        knots = np.linspace(0, 1, int(rng.integers(4, 6)))[1:-1]
        rings = sum(0.28 * np.exp(-(((fraction - at) / 0.018) ** 2)) for at in knots)
        return np.asarray(0.9 - 0.15 * fraction + rings)
    places = (0.0, 0.1, 0.2, 0.3, 0.36, 0.5, 0.6, 0.7, 0.85, 1.0)
    factors = np.interp(fraction, places, (0.7, 0.75, 1.1, 1.3, 0.7, 1.15, 1.35, 0.8, 0.95, 0.6))
    rings = sum(0.45 * np.exp(-(((fraction - at) / 0.014) ** 2)) for at in (0.15, 0.36, 0.4, 0.7))
    return np.asarray(np.convolve(np.pad(factors, 2, mode="edge"), np.ones(5) / 5, "valid") + rings)


def add_leg(
    material: bpy.types.Material, top: ArrayLike, foot: ArrayLike, radius: float, turning: Array, bend: float = 0.0
) -> Array:
    """Add a leg and return its path ``(64, 3)``; ``bend`` moves its lower half outward at its middle."""
    start, end = np.asarray(top, float), np.asarray(foot, float)
    fraction = np.linspace(0, 1, len(turning))[:, None]
    path: Array = start + (end - start) * fraction
    path[:, :2] += (end - start)[:2] * bend * np.sin(np.pi * fraction)
    tube("leg", material, path, turning * radius)
    return path


def add_rods(
    name: str, material: bpy.types.Material, paths: Sequence[ArrayLike], radius: ArrayLike, segments: int = 12
) -> bpy.types.Object:
    """Add rods along paths of the same number of points as one object; ``radius`` is one, or one for each point."""
    grids = [tube_points(np.asarray(path, float), radius, segments=segments) for path in paths]
    return add_grids(name, grids, material)


def add_rungs(material: bpy.types.Material, ends: Sequence[tuple[Array, Array]], radius: float, swell: float) -> None:
    """Add rungs between pairs of points, thicker in their middle by the factor ``1 + swell``."""
    fraction = np.linspace(0, 1, 24)
    paths = [first + (last - first) * fraction[:, None] for first, last in ends]
    add_rods("rung", material, paths, radius * (1 + swell * np.sin(np.pi * fraction)))


def outline(width: float, depth: float, power: float, taper: float, count: int = 120) -> Array:
    """Return a seat's outline ``(count, 2)``: half-sizes, 2 an ellipse and more a box, and how much narrower behind."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    cos, sin = np.cos(angle), np.sin(angle)
    x, y = (np.sign(part) * np.abs(part) ** (2 / power) for part in (cos, sin))
    return np.stack([x * width * (1 - taper * (y + 1) / 2), y * depth], axis=1)


def add_slab(
    name: str,
    material: bpy.types.Material,
    border: Array,
    top: float,
    thickness: float,
    *,
    dip: float = 0.0,
    puff: float = 0.0,
) -> None:
    """Add a seat with rounded edges under the height ``top``: hollowed by ``dip`` like a saddle, or ``puff`` higher."""
    soft = min(thickness * 0.45, 0.06)
    turn = np.linspace(0, np.pi / 2, 6)
    size = float(np.abs(border).mean())
    inner = 1 - soft / size
    shrink = np.concatenate([np.linspace(0, inner, 14)[:-1], inner + np.sin(turn) * soft / size])
    under = np.concatenate([inner + np.cos(turn) * soft / size, [inner / 2, 0.0]])
    high = np.concatenate([np.zeros(13), (np.cos(turn) - 1) * soft])
    low = np.concatenate([(1 - np.sin(turn)) * soft, [0.0, 0.0]]) - thickness
    fraction = np.concatenate([shrink, under])[:, None, None]
    flat = border[None] * fraction
    x, y = flat[..., 0] / np.ptp(border[:, 0]) * 2, flat[..., 1] / np.ptp(border[:, 1]) * 2
    fade = np.clip(1 - shrink**4, 0, 1)[:, None]
    # Two hollows with a ridge between them in front.
    hollow = fade * (0.75 + 0.25 * np.cos(2 * np.pi * x[: len(shrink)]) * (y[: len(shrink)] < 0)) * dip
    raised = puff * (1 - shrink**3)[:, None] - hollow
    height = top + np.concatenate([high[:, None] + raised, low[:, None] + np.zeros((len(under), len(border)))])
    add_grid(name, np.concatenate([flat, height[..., None]], axis=-1), material)


def add_cushion(finish: Finish, border: Array, top: float, rng: np.random.Generator) -> None:
    """Add a padded seat with piping round it."""
    thick = rng.uniform(0.1, 0.17)
    add_slab("cushion", finish.cover, border, top, thick, puff=rng.uniform(0.02, 0.07))
    loop = np.column_stack([border, np.full(len(border), top - thick * 0.5)])
    tube("piping", finish.cover if rng.random() < 0.5 else finish.metal, loop, 0.014, closed=True, segments=8)


def add_rockers(material: bpy.types.Material, feet: Sequence[tuple[Array, Array]], rng: np.random.Generator) -> None:
    """Add a curved runner below each pair of a front and a back foot."""
    reach, bend = rng.uniform(1.35, 1.75), rng.uniform(2.2, 3.2)
    for front, back in feet:
        fraction = np.linspace(-(reach - 1) / 1.6, 1 + (reach - 1) * 1.1, 48)[:, None]
        path = front + (back - front) * fraction
        middle, half = (front[1] + back[1]) / 2, abs(back[1] - front[1]) / 2
        path[:, 2] = ((path[:, 1] - middle) ** 2 - half**2) / (2 * bend)
        ribbon("rocker", material, path, (1.0, 0.0, 0.0), 0.035, 0.05)


def arch(
    width: float, base: float, top: float, depth: float, lean: float, count: int = 80, power: float = 2.0
) -> Array:
    """Return a bow ``(count, 3)`` that rises from ``base`` to ``top`` and leans back by ``lean`` a unit of height."""
    angle = np.linspace(np.pi, 0, count)
    x, up = (np.sign(part) * np.abs(part) ** (2 / power) for part in (np.cos(angle), np.sin(angle)))
    rise = up * (top - base)
    return np.stack([x * width, depth + lean * rise, base + rise], axis=1)


def bowed(left: Array, right: Array, back: float, count: int = 24) -> Array:
    """Return a path from left to right that bows backward by ``back`` in its middle."""
    middle = (left + right) / 2 + [0, back, 0]
    return smooth_path([left, left * 0.45 + middle * 0.55, middle, right * 0.45 + middle * 0.55, right], count)


def blunt(count: int) -> Array:
    """Return widths ``(count,)`` for a band whose ends are square with round corners."""
    return np.asarray(np.clip(1 - np.abs(np.linspace(-1, 1, count)) ** 14, 0.02, 1) ** 0.25)


def add_foot_ring(material: bpy.types.Material, legs: Sequence[Array], height: float, radius: float) -> None:
    """Add a ring that touches round legs at a height."""
    reach = np.mean([np.linalg.norm(leg[np.argmin(np.abs(leg[:, 2] - height)), :2]) for leg in legs])
    tube("ring", material, ring_path(float(reach), height, 96), radius, closed=True, segments=12)
