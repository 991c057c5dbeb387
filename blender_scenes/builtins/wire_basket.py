"""Thin wire: a basket, woven or welded, a bird cage, a spoked wheel or a ball of wire, with real thin geometry."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Euler

from synthmat.blender_scenes.builtins._parts.curve import Array, ring_path, smooth_path
from synthmat.blender_scenes.builtins._parts.material import plain, random_color
from synthmat.blender_scenes.builtins._parts.mesh import add_grids, ellipsoid, tube, tube_points


def build(rng: np.random.Generator) -> None:
    """Add one thing made of wire to the scene, about 2 units wide."""
    wire, second = _wire_material("wire", rng), _wire_material("second wire", rng)
    make = (_basket, _basket, _cage, _wheel, _ball)[int(rng.integers(5))]
    make(wire, second, rng)


def _wire_material(name: str, rng: np.random.Generator) -> bpy.types.Material:
    kind = rng.choice(["steel", "copper", "painted", "cane"])
    if kind == "steel":
        return plain(name, (0.62, 0.62, 0.64), roughness=rng.uniform(0.15, 0.4), metallic=1.0)
    if kind == "copper":
        return plain(name, (0.9, 0.45, 0.25), roughness=rng.uniform(0.15, 0.4), metallic=1.0)
    if kind == "painted":
        return plain(name, random_color(rng, saturation=(0.0, 0.9)), roughness=0.3, coat=0.5)
    return plain(name, random_color(rng, hue=(0.06, 0.11), saturation=(0.4, 0.7), value=(0.35, 0.8)), roughness=0.7)


def _add_wires(
    name: str, paths: list[Array], radius: float, material: bpy.types.Material, *, closed: bool = False
) -> bpy.types.Object:
    """Add wires of one thickness along paths of the same number of points as one object."""
    return add_grids(
        name, [tube_points(path, radius, segments=8, closed=closed) for path in paths], material, closed=closed
    )


def _basket(wire: bpy.types.Material, second: bpy.types.Material, rng: np.random.Generator) -> None:
    """Add a basket: wires that run up a swept profile, and hoops round it, which may weave in and out."""
    height, floor, thick = rng.uniform(0.7, 1.5), rng.uniform(0.5, 0.8), rng.uniform(0.01, 0.022)
    corners = [(floor * 0.15, 0.0), (floor * 0.85, 0.0), (floor * 1.06, height * 0.14)]
    corners += [(rng.uniform(0.75, 1.05), height * 0.6), (rng.uniform(0.75, 1.15), height)]
    profile = smooth_path(corners, 60)
    count = 2 * int(rng.integers(8, 19))
    squash, lean = rng.uniform(0.65, 1.0), rng.choice([0.0, 0.0, rng.uniform(0.3, 1.2)])
    shape = np.array([1.0, squash, 1.0])
    woven = rng.random() < 0.5
    angles = np.arange(count) * 2 * np.pi / count
    leans = (lean, -lean) if lean else (0.0,)
    upright = [_meridian(profile, angle, lean) * shape for angle in angles for lean in leans]
    _add_wires("upright", upright, thick, wire)
    levels = np.linspace(0.16, 0.97, int(rng.integers(16, 26)) if woven else int(rng.integers(4, 9)))
    around = np.linspace(0, 2 * np.pi, 16 * count, endpoint=False)
    hoops = []
    for number, fraction in enumerate(levels):
        radius, up = profile[round(fraction * 59)]
        weave = thick * 1.4 * np.cos(count / 2 * around + np.pi * (number % 2)) if woven else thick
        hoops.append(ring_path(radius + weave, up, len(around)) * shape)
    _add_wires("hoop", hoops, thick * (1.3 if woven else 0.8), second if woven else wire, closed=True)
    rim = ring_path(profile[-1, 0], height, 96) * shape
    tube("rim", second, rim, thick * rng.uniform(1.6, 3), closed=True, segments=12)
    foot = ring_path(profile[8, 0], profile[8, 1], 96) * shape
    tube("foot", wire, foot, thick * 1.4, closed=True, segments=12)
    if rng.random() < 0.6:
        _add_handle(profile[-1, 0], height, thick, second, rng)


def _meridian(profile: Array, angle: float, lean: float) -> Array:
    """Return the path up a profile at an angle, which changes by ``lean`` on the way."""
    around = angle + lean * np.linspace(0, 1, len(profile))
    return np.stack([profile[:, 0] * np.cos(around), profile[:, 0] * np.sin(around), profile[:, 1]], axis=1)


def _add_handle(
    radius: float, height: float, thick: float, material: bpy.types.Material, rng: np.random.Generator
) -> None:
    angle = np.linspace(0, np.pi, 60)
    tall = rng.uniform(0.5, 1.1)
    wave = thick * 2.2
    arc = np.stack([radius * np.cos(angle), 0 * angle, height + tall * np.sin(angle) ** 0.8], axis=1)
    wound = [arc + wave * np.stack([0 * angle, np.cos(14 * angle + k), np.sin(14 * angle + k)], 1) for k in (0, np.pi)]
    _add_wires("handle", wound, thick * 1.5, material)


def _cage(wire: bpy.types.Material, second: bpy.types.Material, rng: np.random.Generator) -> None:
    """Add a bird cage: bars that meet in a dome, hoops, a floor, a ring to hang it by and a perch."""
    height, thick = rng.uniform(1.2, 2.0), rng.uniform(0.009, 0.016)
    corners = [(0.8, 0.0), (rng.uniform(0.8, 0.95), height * 0.35), (0.8, height * 0.68), (0.45, height * 0.93)]
    profile = smooth_path([*corners, (0.02, height)], 60)
    count = int(rng.integers(18, 33))
    _add_wires("bar", [_meridian(profile, 2 * np.pi * k / count, 0.0) for k in range(count)], thick, wire)
    for fraction in np.linspace(0, 0.8, int(rng.integers(3, 6))):
        radius, up = profile[round(fraction * 59)]
        tube("hoop", second, ring_path(radius, up, 96), thick * 1.5, closed=True, segments=10)
    floor = [
        np.array([(x, -y, 0.0), (x, y, 0.0)]) for x in np.linspace(-0.72, 0.72, 15) for y in [(0.64 - x * x) ** 0.5]
    ]
    _add_wires("floor", floor, thick, wire)
    ring = ring_path(0.13, 0.0, 40)[:, [0, 2, 1]] + [0, 0, height + 0.13]
    tube("ring", second, ring, thick * 1.8, closed=True, segments=10)
    tube("perch", second, [(-0.8, 0, height * 0.4), (0.8, 0, height * 0.4)], thick * 2.5, segments=10)


def _wheel(wire: bpy.types.Material, second: bpy.types.Material, rng: np.random.Generator) -> None:
    """Add a wheel with crossing spokes, seen mostly from the front."""
    half, count = rng.uniform(0.08, 0.16), 4 * int(rng.integers(5, 11))
    cross, thick = rng.uniform(0.0, 1.1), rng.uniform(0.008, 0.013)
    spokes = []
    for k in range(count):
        at, side = 2 * np.pi * k / count, (-1, 1)[k % 2]
        hub = at + cross * (-1, 1)[k // 2 % 2]
        ends = [(0.13 * np.cos(hub), side * half, 0.13 * np.sin(hub)), (np.cos(at), 0.0, np.sin(at))]
        spokes.append(np.array(ends))
    rotation = Euler((rng.uniform(-0.25, 0.25), 0, rng.uniform(-0.8, 0.8))).to_matrix().to_4x4()
    circle = ring_path(1.0, 0.0, 120)[:, [0, 2, 1]]
    items = [_add_wires("spoke", spokes, thick, wire), tube("rim", wire, circle, 0.045, closed=True, flat=0.7)]
    if rng.random() < 0.7:
        tyre = plain("tyre", (0.015, 0.015, 0.016), roughness=0.8)
        items.append(tube("tyre", tyre, circle * 1.055, rng.uniform(0.04, 0.075), closed=True))
    items.append(tube("axle", second, [(0, -half - 0.06, 0), (0, half + 0.06, 0)], 0.05))
    for side in (-1, 1):
        items.append(ellipsoid("flange", second, (0, side * half, 0), (0.15, 0.02, 0.15)))
    for item in items:
        item.matrix_basis = rotation @ item.matrix_basis


def _ball(wire: bpy.types.Material, second: bpy.types.Material, rng: np.random.Generator) -> None:
    """Add great circles at random angles, or a spiral from pole to pole, round a small core."""
    thick = rng.uniform(0.008, 0.018)
    if rng.random() < 0.5:
        circle = ring_path(1.0, 0.0, 120)
        angles = rng.uniform(-np.pi, np.pi, (int(rng.integers(10, 26)), 3))
        rings = [circle @ np.array(Euler(angle.tolist()).to_matrix()) * rng.uniform(0.9, 1.0) for angle in angles]
        _add_wires("ring", rings, thick, wire, closed=True)
    else:
        height, wind = np.linspace(-0.999, 0.999, 900), rng.uniform(12, 24)
        radius, angle = np.sqrt(1 - height**2), wind * np.pi * np.arcsin(height)
        spiral = np.stack([radius * np.cos(angle), radius * np.sin(angle), height], axis=1)
        tube("spiral", wire, spiral, thick, segments=8)
        profile = np.stack([np.cos(np.linspace(-1.57, 1.57, 40)), np.sin(np.linspace(-1.57, 1.57, 40))], axis=1)
        _add_wires("rib", [_meridian(profile * 0.99, k * np.pi / 4, 0.0) for k in range(8)], thick, second)
    ellipsoid("core", second, (0, 0, 0), np.full(3, rng.uniform(0.12, 0.4)))
