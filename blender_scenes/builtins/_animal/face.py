"""What is on an animal's face besides skin: eyes, nose, mouth, whiskers, horns and a beard."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._animal.field import Part, on_surface
from synthmat.blender_scenes.builtins._animal.head import QuadrupedHead
from synthmat.blender_scenes.builtins._animal.tinted import add_tinted_grids, tinted
from synthmat.blender_scenes.builtins._parts.curve import Array, smooth_path, unit
from synthmat.blender_scenes.builtins._parts.material import Color, plain, random_color
from synthmat.blender_scenes.builtins._parts.mesh import add_grid, superquadric_points, tube, tube_points
from synthmat.blender_scenes.builtins._parts.strands import add_strands, taper

_IRISES: tuple[Color, ...] = (
    (0.05, 0.02, 0.008), (0.035, 0.015, 0.007), (0.12, 0.05, 0.015), (0.4, 0.2, 0.03), (0.3, 0.26, 0.05),
    (0.16, 0.24, 0.07), (0.1, 0.2, 0.32), (0.5, 0.33, 0.05),
)  # fmt: skip


def add_eyes(
    places: tuple[Array, Array], looks: tuple[Array, Array], radius: float, iris: Color, pupil: tuple[float, float]
) -> None:
    """Add two wet eyes, sunk into the skin at ``places``; ``pupil`` is its half width and height in radii."""
    grids, colors = [], []
    for place, look in zip(places, looks, strict=True):
        ball = superquadric_points((1.0, 1.0), 40)[..., [0, 2, 1]] * [1, -1, 1]
        color = _eye_colors(ball, iris, pupil)
        back = -unit(look)
        side = unit(np.cross(back, [0, 0, 1.0]))
        axes = np.stack([side, back, np.cross(side, back)])
        grids.append(place + radius * (ball @ axes) + back * radius * 0.5)
        colors.append(color)
    material = tinted("eye", roughness=0.05, coat=1.0)
    add_tinted_grids("eye", np.stack(grids), np.stack(colors), material)


def _eye_colors(ball: Array, iris: Color, pupil: tuple[float, float]) -> Array:
    """Return colors of an eye of radius 1 that looks along -Y: pupil, iris with a dark rim, dark white."""
    off = np.where(ball[..., 1] < 0, np.hypot(ball[..., 0], ball[..., 2]), 1.0)
    base = np.array(iris)
    colors = np.where((off < 0.86)[..., None], base * (0.7 + 0.9 * off[..., None]), np.array([0.03, 0.02, 0.016]))
    colors = colors * np.clip((0.9 - off) / 0.12, 0.15, 1)[..., None]
    within = (ball[..., 0] / pupil[0]) ** 2 + (ball[..., 2] / pupil[1]) ** 2 < 1
    colors[within & (ball[..., 1] < 0)] = 0.003
    painted: Array = colors
    return painted


def random_iris(rng: np.random.Generator, *, bright: bool) -> Color:
    """Return the color of an iris: any for cats and the like, dark for others."""
    color = np.array(_IRISES[int(rng.integers(0 if not bright else 2, 3 if not bright else len(_IRISES)))])
    red, green, blue = (color * rng.uniform(0.8, 1.2)).tolist()
    return red, green, blue


def add_nose(head: QuadrupedHead, parts: list[Part], rng: np.random.Generator) -> None:
    """Add the nose of the animal's kind and its mouth."""
    pink = rng.random() < 0.3
    tone = (
        random_color(rng, hue=(0.0, 0.04), saturation=(0.3, 0.5), value=(0.5, 0.7)) if pink else (0.014, 0.012, 0.012)
    )
    leather = plain("nose", tone, roughness=0.28, coat=0.4)
    dark = plain("nostril", (0.006, 0.004, 0.004), roughness=0.6)
    kind, end, tip = head.species.nose, head.species.muzzle[2], head.tip
    if kind in ("pad", "split"):
        size = end * (0.5 if kind == "pad" else 0.34)
        place, _ = on_surface(parts, head.at(tip[0], tip[1] - 1.2 * end, tip[2] + 0.42 * end)[None], -0.25 * size)
        shape = superquadric_points((0.8, 0.9), 24) * [size, size * 0.72, size * 0.68]
        shape[..., 0] *= 1 + 0.35 * shape[..., 2:3][..., 0] / size
        add_grid("nose", place[0] + shape @ head.axes.T, leather)
        apart, low, wide = 0.42 * size, -0.16 * size, 0.2 * size
        spots = [place[0] + head.axes @ np.array([side * apart, -0.66 * size, low]) for side in (-1, 1)]
    else:
        apart, wide = {"nostrils": (0.62, 0.24), "wet": (0.5, 0.24), "snout": (0.38, 0.2)}[kind]
        ahead = -1.4 * end if kind == "snout" else -0.75 * end
        rough = np.array([head.at(side * apart * end, tip[1] + ahead, tip[2] + 0.25 * end) for side in (-1, 1)])
        spots, wide = list(on_surface(parts, rough, 0.0)[0]), wide * end
        if kind == "wet":
            _add_wet_nose(head, parts, leather)
    for side, spot in zip((-1, 1), spots, strict=True):
        shape = superquadric_points((1.0, 1.0), 14) * [wide * 0.8, wide * 0.55, wide * 1.1]
        lean = np.array(
            [[np.cos(0.5 * side), 0, np.sin(0.5 * side)], [0, 1, 0], [-np.sin(0.5 * side), 0, np.cos(0.5 * side)]]
        )
        add_grid("nostril", spot + (shape @ lean.T) @ head.axes.T, dark)
    _add_mouth(head, parts, dark, end)


def _add_wet_nose(head: QuadrupedHead, parts: list[Part], leather: bpy.types.Material) -> None:
    end, tip = head.species.muzzle[2], head.tip
    place, _ = on_surface(parts, head.at(tip[0], tip[1] - 1.2 * end, tip[2] + 0.1 * end)[None], -0.12 * end)
    shape = superquadric_points((0.9, 0.9), 24) * [end * 0.62, end * 0.2, end * 0.5]
    add_grid("nose", place[0] + shape @ head.axes.T, leather)


def _add_mouth(head: QuadrupedHead, parts: list[Part], dark: bpy.types.Material, end: float) -> None:
    """Add the line of the mouth: down from the nose, then to both sides and back."""
    tip, length = head.tip, head.species.muzzle[0]
    lines: list[list[tuple[float, float, float]]] = []
    if head.species.nose in ("pad", "split"):
        lines.append([(0.0, -1.1 * end, 0.05 * end), (0.0, -1.1 * end, -0.42 * end)])
    low = -0.42 if head.species.nose in ("pad", "split") else -0.5
    back = 0.45 * length + 0.2 * end
    for side in (-1, 1):
        lines.append(
            [(0.0, -1.1 * end, low * end), (side * 0.4 * end, -0.95 * end, (low - 0.22) * end),
             (side * 0.95 * end, -0.2 * end, (low - 0.12) * end), (side * 1.05 * end, back, (low + 0.12) * end)]
        )  # fmt: skip
    for line in lines:
        rough = smooth_path(np.array([head.at(tip[0] + x, tip[1] + y, tip[2] + z) for x, y, z in line]), 14)
        path, _ = on_surface(parts, rough, 0.001)
        tube("mouth", dark, path, np.linspace(1, 0.6, 14) * max(0.07 * end, 0.0035), segments=8)


def add_whiskers(head: QuadrupedHead, parts: list[Part], rng: np.random.Generator) -> None:
    """Add long stiff hairs at the sides of the muzzle."""
    end, tip, count = head.species.muzzle[2], head.tip, 5
    roots, ahead = [], []
    for side in (-1, 1):
        for number in range(count):
            height = (number / (count - 1) - 0.5) * 0.5
            roots.append(head.at(side * 0.75 * end, tip[1] - 0.1 * end, tip[2] + (height - 0.15) * end))
            ahead.append(head.along(side * 1.0, 0.15 + rng.normal(0, 0.12), height * 0.8 + rng.normal(0, 0.08)))
    place, _ = on_surface(parts, np.array(roots), -0.004)
    share = np.linspace(0, 1, 8)[None, :, None]
    reach = rng.uniform(1.1, 2.1) * head.species.skull[0] * rng.uniform(0.7, 1.1, (2 * count, 1, 1))
    points = place[:, None] + np.array(ahead)[:, None] * reach * share
    points[..., 2] = np.maximum(points[..., 2] - (0.12 * reach * share**2)[..., 0], 0.004)
    white = plain("whisker", (0.7, 0.68, 0.65) if rng.random() < 0.8 else (0.02, 0.02, 0.02), roughness=0.4)
    add_strands("whisker", points, 0.0018 * taper(8, 0.2, 0.2), white)


def add_horns(kind: str, head: QuadrupedHead, rng: np.random.Generator) -> None:
    """Add two horns, or antlers, on top of the skull."""
    wide, long, high = head.species.skull
    tone = rng.uniform(0.5, 1.1) * np.array([0.3, 0.22, 0.14])
    horn = plain("horn", (float(tone[0]), float(tone[1]), float(tone[2])), roughness=0.5, coat=0.2)
    size, curl, out = rng.uniform(0.16, 0.34), rng.uniform(0.2, 1.2), rng.uniform(0.4, 1.2)
    prongs = int(rng.integers(2, 5))
    for side in (-1, 1):
        start = np.array([side * 0.45 * wide, -0.5 * long, 0.85 * high])
        if kind == "antlers":
            _add_antler(start, side, head, horn, prongs, 1.3 * size)
            continue
        corners = [start - [0, 0, 0.04], start + size * np.array([side * 0.3 * out, 0.05, 0.4])]
        corners.append(start + size * np.array([side * 0.75 * out, 0.1 + 0.4 * curl, 0.7]))
        corners.append(start + size * np.array([side * (0.8 * out - 0.1), 0.2 + 0.9 * curl, 1.15 - 0.5 * curl]))
        path = smooth_path(np.array([head.at(*corner) for corner in corners]), 26)
        ridges = 1 + 0.05 * np.sin(np.arange(26) * 2.6)
        tube("horn", horn, path, np.linspace(1, 0.12, 26) ** 0.8 * 0.034 * ridges * (0.8 + size), segments=16)


def _add_antler(
    start: Array, side: int, head: QuadrupedHead, horn: bpy.types.Material, prongs: int, size: float
) -> None:
    corners = start + size * np.array(
        [[0, 0, -0.1], [side * 0.4, 0.25, 0.5], [side * 0.85, 0.3, 1.0], [side * 0.8, -0.1, 1.5]]
    )
    beam = smooth_path(np.array([head.at(*corner) for corner in corners]), 24)
    tube("horn", horn, beam, np.linspace(0.022, 0.006, 24), segments=12)
    for number in range(prongs):
        root = beam[5 + number * 5]
        ahead = head.along(side * 0.15, -0.8, 0.7)
        line = (
            root + np.linspace(0, 0.42 * size, 8)[:, None] * ahead + np.linspace(0, 1, 8)[:, None] ** 2 * [0, 0, 0.06]
        )
        tube("horn", horn, line, np.linspace(0.014, 0.004, 8), segments=10)


def claw_points(path: Array, thick: float) -> Array:
    """Return the grid of a claw ``(rows, 10, 3)`` along a path from its root to its tip."""
    points = tube_points(path, np.linspace(1, 0.12, len(path)) * thick, segments=10)
    points[0], points[-1] = points[0].mean(axis=0), points[-1].mean(axis=0)
    return points
