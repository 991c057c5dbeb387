"""Long hair of manes, tails and beards."""

from __future__ import annotations

import numpy as np

from synthmat.blender_scenes.builtins._animal.field import Part, field_at, on_surface
from synthmat.blender_scenes.builtins._animal.head import QuadrupedHead
from synthmat.blender_scenes.builtins._animal.pose import Pose
from synthmat.blender_scenes.builtins._animal.tinted import paint_strands, tinted
from synthmat.blender_scenes.builtins._parts.curve import Array, smooth_path, unit
from synthmat.blender_scenes.builtins._parts.strands import add_strands, gathered, locks, taper

_POINTS = 8


def add_mane(pose: Pose, parts: list[Part], color: Array, rng: np.random.Generator, *, upright: bool) -> None:
    """Add a mane along the crest of the neck, hanging to one side or standing."""
    line = smooth_path(np.concatenate([pose.neck[1:], pose.neck[-1:] + pose.head @ [0, -0.14, 0.04]]), 40)
    count = 1500
    share = rng.uniform(0, 1, count)
    at = line[np.minimum((share * 39).astype(int), 38)]
    at = at + (line[np.minimum((share * 39).astype(int) + 1, 39)] - at) * rng.random((count, 1))
    ahead = unit(line[-1] - line[0])
    up = unit(np.cross(np.cross(ahead, [0, 0, 1.0]), ahead))
    root, normal = on_surface(parts, at + up * 0.22 + rng.normal(0, 0.012, (count, 1)) * [1, 0, 0], 0.0)
    side = rng.choice([-1, 1])
    t = np.linspace(0, 1, _POINTS)[None, :, None]
    length = (0.1 if upright else rng.uniform(0.22, 0.36)) * rng.uniform(0.7, 1.1, (count, 1, 1))
    if upright:
        out = unit(normal + rng.normal(0, 0.12, (count, 3)))
        points = root[:, None] + out[:, None] * length * t
    else:
        over = unit(normal * 0.4 + np.array([side, 0, 0.1]) + rng.normal(0, 0.12, (count, 3)))
        points = (
            root[:, None]
            + over[:, None] * length * (t - 0.62 * t**2)
            + np.array([0.0, 0.0, -1.0]) * length * 0.95 * t**1.6
        )
        free, _ = on_surface(parts, points.reshape(-1, 3), 0.01)
        points = _kept_out(points, free.reshape(points.shape), parts)
        points = gathered(points, locks(root, 60, rng), 0.5, 0.012, rng)
    _add("mane", points, _tone(color, rng), 0.0045, rng)


def _kept_out(points: Array, free: Array, parts: list[Part]) -> Array:
    inside = field_at(parts, points.reshape(-1, 3)).reshape(points.shape[:2]) < 0.006
    kept: Array = np.where(inside[..., None], free, points)
    return kept


def add_tail_hair(path: Array, kind: str, color: Array, rng: np.random.Generator) -> None:
    """Add the hair of a horse's tail, or the tuft at the end of a lion's."""
    count = 900 if kind == "hair" else 350
    first = 0.25 if kind == "hair" else 0.9
    place = np.interp(rng.uniform(first, 1, count), np.linspace(0, 1, len(path)), np.arange(len(path)))
    low = np.minimum(place.astype(int), len(path) - 2)
    root = path[low] + (path[low + 1] - path[low]) * (place - low)[:, None] + rng.normal(0, 0.012, (count, 3))
    ahead = unit(path[low + 1] - path[low])
    length = (rng.uniform(0.55, 0.8) if kind == "hair" else rng.uniform(0.12, 0.2)) * rng.uniform(
        0.7, 1.05, (count, 1, 1)
    )
    t = np.linspace(0, 1, _POINTS)[None, :, None]
    out = rng.normal(0, 0.1 if kind == "hair" else 0.22, (count, 1, 3)) * [1, 1, 0.3]
    lead = (ahead + [0, 0.25, 0])[:, None] if kind == "hair" else ahead[:, None]
    drop = np.array([0, 0, -1.0]) * (0.85 if kind == "hair" else 0.3)
    points = root[:, None] + length * (lead * (t - 0.75 * t**2) + out * np.sin(2.4 * t) + drop * t**1.3)
    points = gathered(points, locks(root + out[:, 0], 40, rng), 0.4, 0.012, rng)
    _add("tail", points, _tone(color, rng), 0.0045, rng)


def add_beard(head: QuadrupedHead, parts: list[Part], color: Array, rng: np.random.Generator) -> None:
    """Add a goat's beard below the chin."""
    end, tip, count = head.species.muzzle[2], head.tip, 260
    near = rng.normal(0, 0.3, (count, 2)) * end
    rough = np.array([head.at(x, tip[1] + 0.2 * end + y, tip[2] - 1.4 * end) for x, y in near])
    root, _ = on_surface(parts, rough, -0.004)
    t = np.linspace(0, 1, _POINTS)[None, :, None]
    length = rng.uniform(0.1, 0.2) * rng.uniform(0.6, 1.1, (count, 1, 1))
    points = root[:, None] + length * ([0, 0, -1.0] * t + rng.normal(0, 0.12, (count, 1, 3)) * t)
    points = gathered(points, locks(root, 6, rng), 0.5, 0.008, rng)
    _add("beard", points, color, 0.004, rng)


def _tone(color: Array, rng: np.random.Generator) -> Array:
    """Return the color of long hair beside a coat's: the same, darker, black or flaxen."""
    choices = [color, color * 0.4, np.array([0.012, 0.01, 0.01]), np.array([0.5, 0.38, 0.24])]
    return choices[int(rng.choice(4, p=[0.25, 0.3, 0.3, 0.15]))]


def _add(name: str, points: Array, color: Array, radius: float, rng: np.random.Generator) -> None:
    points[..., 2] = np.maximum(points[..., 2], 0.004)
    item = add_strands(name, points, radius * taper(_POINTS, 0.2, 0.4), tinted(name, roughness=0.5))
    shade = rng.uniform(0.65, 1.35, (len(points), 1, 1)) * np.linspace(0.75, 1.1, _POINTS)[None, :, None]
    paint_strands(item, np.clip(color * shade, 0, 0.8))
