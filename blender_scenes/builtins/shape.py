"""A random compound: superquadrics, blobs, stones, gears, knots; bent, cut, drilled; stacked, chained, mirrored."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Euler, Matrix

from synthmat.blender_scenes.builtins._parts.curve import Array, unit
from synthmat.blender_scenes.builtins._parts.material import random_material
from synthmat.blender_scenes.builtins._parts.mesh import add_grid, tube
from synthmat.blender_scenes.builtins._parts.shape_cuts import cut_at_random
from synthmat.blender_scenes.builtins._parts.shape_parts import KINDS, LUMPS, random_part

_ARRANGEMENTS = ("chain", "chain", "star", "mirror", "stack", "stack", "wreath", "one")


def build(rng: np.random.Generator) -> None:
    """Add one to nine parts to the scene, each touching one before."""
    materials = [random_material(f"material {number}", rng) for number in range(int(rng.integers(1, 4)))]
    arrangement = str(rng.choice(_ARRANGEMENTS))
    if arrangement == "one":
        _add_part(0, Matrix(), materials, rng, cut=0.9, kinds=LUMPS[2:])
    elif arrangement == "stack":
        _add_stack(materials, rng)
    elif arrangement == "wreath":
        _add_wreath(materials, rng)
    else:
        _add_cluster(arrangement, materials, rng)


def _add_part(
    number: int,
    place: Matrix,
    materials: list[bpy.types.Material],
    rng: np.random.Generator,
    *,
    cut: float = 0.4,
    kinds: tuple[str, ...] = KINDS,
) -> bpy.types.Object:
    """Add a part of radius about 1, put to its place; ``cut`` is the fraction of parts that are cut."""
    grid, closed = random_part(str(rng.choice(kinds)), rng)
    part = add_grid(f"part {number}", grid, materials[number % len(materials)], closed=closed)
    if rng.random() < cut:
        cut_at_random(part, materials[-1], rng)
    part.matrix_basis = place
    return part


def _placed(place: Array, size: float, rotation: Array) -> Matrix:
    return Matrix.Translation(place.tolist()) @ Euler(rotation.tolist()).to_matrix().to_4x4() @ Matrix.Scale(size, 4)


def _add_cluster(arrangement: str, materials: list[bpy.types.Material], rng: np.random.Generator) -> None:
    """Add a chain of parts, or parts all round the first, or half of them and their mirror images."""
    place, sizes = np.zeros(3), []
    for number in range(int(rng.integers(2, 6))):
        sizes.append(rng.uniform(0.45, 0.9) * (1.0 if number else 1.25))
        if number:
            before = number - 1 if arrangement == "chain" else 0
            start = place if arrangement == "chain" else np.zeros(3)
            place = start + unit(rng.normal(size=3)) * (sizes[before] + sizes[number]) * rng.uniform(0.4, 0.7)
        turned = _placed(place, sizes[number], rng.uniform(-np.pi, np.pi, 3))
        part = _add_part(number, turned, materials, rng, kinds=KINDS if number else LUMPS)
        if arrangement == "mirror" and number:
            twin = bpy.data.objects.new(f"mirrored part {number}", part.data)
            twin.matrix_basis = Matrix.Diagonal((-1, 1, 1, 1)) @ turned
            bpy.context.scene.collection.objects.link(twin)


def _add_stack(materials: list[bpy.types.Material], rng: np.random.Generator) -> None:
    """Add parts one above another on a rod, each sunk a little into the one below, and turned."""
    height, place = 0.0, np.zeros(3)
    for number in range(int(rng.integers(2, 6))):
        size = rng.uniform(0.4, 0.8)
        part = _add_part(number, Matrix(), materials, rng)
        low, high = _heights(part)
        stretch = size * np.append(rng.uniform(0.8, 1.3, 2), rng.uniform(0.5, 1.1))
        place = np.array([*(place[:2] + rng.normal(0, 0.08, 2)), height - low * stretch[2]])
        rotation = Matrix.Rotation(rng.uniform(0, 2 * np.pi), 4, "Z")
        part.matrix_basis = Matrix.Translation(place.tolist()) @ rotation @ Matrix.Diagonal((*stretch.tolist(), 1))
        height += (high - low) * stretch[2] * rng.uniform(0.75, 0.97)
    tube("rod", materials[-1], [(0, 0, -0.02), (*place[:2], height)], 0.05)


def _heights(part: bpy.types.Object) -> tuple[float, float]:
    up = [vertex.co.z for vertex in part.data.vertices]
    return min(up), max(up)


def _add_wreath(materials: list[bpy.types.Material], rng: np.random.Generator) -> None:
    """Add copies of one part in a circle that touch each other, and perhaps another part in their middle."""
    count, rotation = int(rng.integers(3, 9)), rng.uniform(-np.pi, np.pi, 3)
    size = float(np.sin(np.pi / count)) * rng.uniform(1.0, 1.35)
    first = _add_part(0, Matrix(), materials, rng)
    for number in range(count):
        item = first if number == 0 else bpy.data.objects.new(f"copy {number}", first.data)
        around = Matrix.Rotation(2 * np.pi * number / count, 4, "Y")
        item.matrix_basis = around @ _placed(np.array([1.0, 0, 0]), size, rotation)
        if number:
            bpy.context.scene.collection.objects.link(item)
    if rng.random() < 0.6:
        _add_part(1, _placed(np.zeros(3), 1 - size * 0.4, rng.uniform(-np.pi, np.pi, 3)), materials, rng)
