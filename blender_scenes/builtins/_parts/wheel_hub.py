"""What is in the middle of a wheel: hub, axle, brake disc and sprockets; in units of the rim's radius, axle along Y."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._parts.flat_part import add_flat_part
from synthmat.blender_scenes.builtins._parts.material import plain, random_color
from synthmat.blender_scenes.builtins._parts.mesh import lathe, tube
from synthmat.blender_scenes.builtins._parts.profile import with_sharp_corners

_TO_AXLE = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0.0]])


def steel(rng: np.random.Generator) -> bpy.types.Material:
    """Return a bright or a dark metal."""
    gray = float(rng.choice([0.6, 0.5, 0.32]))
    return plain("steel", (gray, gray, gray * 1.03), roughness=rng.uniform(0.2, 0.4), metallic=1.0)


def add_hub(half: float, flange: float, rng: np.random.Generator) -> None:
    """Add a hub whose flanges of radius ``flange`` lie at ``half`` to both sides, its axle and perhaps a lever."""
    kind = rng.choice(["metal", "colored"])
    shell = steel(rng)
    if kind == "colored":
        tone = random_color(rng, saturation=(0.6, 0.9), value=(0.4, 0.9))
        shell = plain("hub", tone, roughness=0.25, metallic=0.8)
    core = flange * rng.uniform(0.45, 0.7)
    side = [(0.0, -half - 0.05), (core * 0.6, -half - 0.05), (core * 0.7, -half - 0.012), (flange, -half - 0.008)]
    side += [(flange, -half + 0.008), (core, -half + 0.03)]
    profile = np.array(side + [(radius, -height) for radius, height in side[::-1]])
    _turned(lathe("hub", shell, with_sharp_corners(profile), 64))
    metal = steel(rng)
    end = half + rng.uniform(0.07, 0.11)
    tube("axle", metal, [(0, -end, 0), (0, end, 0)], 0.017, segments=16)
    for y in (-end + 0.02, end - 0.02):
        tube("nut", metal, [(0, y - 0.006, 0), (0, y + 0.006, 0)], 0.034, segments=6)
    if rng.random() < 0.4:
        angle = rng.uniform(0, 6.28)
        ahead = np.array([np.cos(angle), 0.0, np.sin(angle)])
        arm = [np.array([0, end, 0]), ahead * 0.03 + [0, end + 0.015, 0], ahead * 0.15 + [0, end + 0.03, 0]]
        tube("lever", metal, arm, [0.012, 0.012, 0.016], segments=12)


def add_brake_disc(y: float, radius: float, rng: np.random.Generator) -> None:
    """Add a brake disc with holes in its ring, held by arms, at ``y`` on the axle."""
    waves, arms = int(rng.integers(8, 16)), int(rng.choice([5, 6, 8]))
    angle = np.linspace(0, 2 * np.pi, 360, endpoint=False)
    wavy = rng.choice([0.0, 0.025])
    outer = radius * (1 + wavy * np.cos(waves * angle))
    inner = radius * rng.uniform(0.74, 0.8)
    outlines = [_polar(angle, outer), *_windows(inner, 0.075, arms, rng.uniform(0.2, 0.7))]
    rows = int(rng.integers(2, 4))
    for number in range(waves * 3):
        at = 2 * np.pi * number / waves / 3
        reach = inner + (radius * (1 - wavy) - inner) * (0.25 + 0.55 * (number % rows) / max(rows - 1, 1))
        hole = _polar(angle[::30], np.full(12, radius * 0.026))
        outlines.append(hole + reach * np.array([np.cos(at), np.sin(at)]))
    outlines.append(_polar(angle[::8], np.full(45, 0.03)))
    _placed(add_flat_part("disc", outlines, 0.004, steel(rng)), y)


def add_sprockets(y: float, rng: np.random.Generator) -> None:
    """Add one sprocket or a stack of smaller and smaller ones, from ``y`` outward on the axle."""
    count = int(rng.choice([1, 7, 10]))
    metal = plain("sprocket", (0.4, 0.38, 0.34), roughness=rng.uniform(0.25, 0.5), metallic=1.0)
    teeth = int(rng.integers(16, 22)) if count == 1 else int(rng.integers(26, 38))
    for number in range(count):
        many = max(teeth - number * 2 - (number > 4), 10)
        angle = np.linspace(0, 2 * np.pi, many * 8, endpoint=False)
        shape = 0.0066 * many * (1 + 0.5 / many * np.clip(1.6 * np.cos(many * angle), -1, 1) * 2)
        outlines = [_polar(angle, shape), _polar(angle[::4], np.full(many * 2, 0.035))]
        if many > 17:
            outlines += _windows(0.0066 * many * 0.82, 0.055, 5, 0.3)
        _placed(add_flat_part("sprocket", outlines, 0.0035, metal), y + number * 0.0135 * np.sign(y))
    stop = y + (count * 0.0135 + 0.01) * np.sign(y)
    tube("body", metal, [(0, y * 0.8, 0), (0, stop, 0)], 0.045, segments=24)


def _windows(outer: float, inner: float, count: int, lean: float) -> list[Array]:
    """Return ``count`` windows between leaning arms, from radius ``inner`` to ``outer``."""
    windows = []
    step, arm = 2 * np.pi / count, 0.016
    for number in range(count):
        radii = np.linspace(inner, outer, 12)
        bend = lean * (radii - inner) / (outer - inner)
        low, high = number * step + bend + arm / radii, (number + 1) * step + bend - arm / radii
        top = np.linspace(low[-1], high[-1], 14)[1:-1]
        bottom = np.linspace(high[0], low[0], 8)[1:-1]
        angle = np.concatenate([low, top, high[::-1], bottom])
        reach = np.concatenate([radii, np.full(12, outer), radii[::-1], np.full(6, inner)])
        windows.append(_polar(angle, reach))
    return windows


def _polar(angle: Array, radius: Array) -> Array:
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _turned(item: bpy.types.Object) -> None:
    """Turn the vertices of an object from the axis Z to the axis Y."""
    points = np.empty(len(item.data.vertices) * 3, np.float32)
    item.data.vertices.foreach_get("co", points)
    item.data.vertices.foreach_set("co", (points.reshape(-1, 3) @ _TO_AXLE.T).astype(np.float32).reshape(-1))
    item.data.update()


def _placed(item: bpy.types.Object, y: float) -> None:
    _turned(item)
    item.location = (0.0, float(y), 0.0)
