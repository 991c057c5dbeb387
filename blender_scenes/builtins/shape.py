"""A random compound shape: superquadrics, knots, coils, gears and blobs, joined, carved and mirrored at random."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Euler, Matrix

from synthmat.blender_scenes.builtins._curve import Array, unit
from synthmat.blender_scenes.builtins._material import random_material
from synthmat.blender_scenes.builtins._mesh import add_grid, superquadric_points, tube_points


def build(rng: np.random.Generator) -> None:
    """Add two to five parts to the scene, each touching one before."""
    materials = [random_material(f"material {number}", rng) for number in range(int(rng.integers(1, 4)))]
    arrangement = str(rng.choice(["chain", "chain", "star", "mirror"]))
    place, sizes = np.zeros(3), []
    for number in range(int(rng.integers(2, 6))):
        size = rng.uniform(0.45, 0.9) * (1.0 if number else 1.25)
        sizes.append(size)
        grid, closed = _part(size, rng)
        direction = unit(rng.normal(size=3))
        if number:
            start = place if arrangement == "chain" else np.zeros(3)
            place = start + direction * (sizes[number - 1 if arrangement == "chain" else 0] + size) * rng.uniform(
                0.4, 0.7
            )
        turn = np.array(Euler(rng.uniform(-np.pi, np.pi, 3).tolist()).to_matrix())
        grid = grid @ turn.T + place
        material = materials[number % len(materials)]
        part = add_grid(f"part {number}", grid, material, closed=closed)
        if not closed and rng.random() < 0.4:
            _carve(part, place, size, materials[-1], rng)
        if arrangement == "mirror" and number:
            twin = bpy.data.objects.new(f"mirrored part {number}", part.data)
            twin.matrix_basis = Matrix.Diagonal((-1, 1, 1, 1))
            bpy.context.scene.collection.objects.link(twin)


def _part(size: float, rng: np.random.Generator) -> tuple[Array, bool]:
    """Return a grid of points about the origin, of about the given radius, and whether its last row joins the first."""
    kind = rng.choice(["superquadric", "superquadric", "blob", "gear", "knot", "coil", "ring"])
    if kind in ("knot", "ring"):
        return _knot(size, rng, plain=kind == "ring"), True
    if kind == "coil":
        angle = np.linspace(0, 2 * np.pi * rng.uniform(1.5, 4), 220)
        radius = size * (1 - rng.uniform(0, 0.7) * angle / angle[-1])
        path = np.stack(
            [radius * np.cos(angle), radius * np.sin(angle), size * rng.uniform(0.5, 2) * angle / angle[-1]], 1
        )
        return tube_points(path - path.mean(axis=0), size * rng.uniform(0.08, 0.16)), False
    if kind == "gear":
        return _deformed(_gear(rng) * size, size, rng), False
    exponents = (float(rng.uniform(0.2, 2.2)), float(rng.uniform(0.2, 2.2))) if kind == "superquadric" else (1.0, 1.0)
    grid = superquadric_points(exponents, 56) * size * rng.uniform(0.5, 1.1, 3)
    return _deformed(_waved(grid, rng) if kind == "blob" else grid, size, rng), False


def _knot(size: float, rng: np.random.Generator, *, plain: bool) -> Array:
    """Return a tube along a torus knot, or round a ring with a wavy section."""
    around, through = (1, 0) if plain else ((2, 3), (3, 2), (2, 5), (3, 4), (1, 4))[int(rng.integers(5))]
    angle = np.linspace(0, 2 * np.pi, 320, endpoint=False)
    radius = 0.72 + 0.3 * np.cos(through * angle)
    height = 0.3 * np.sin(through * angle)
    path = size * np.stack([radius * np.cos(around * angle), radius * np.sin(around * angle), height], axis=1)
    thick = rng.uniform(0.12, 0.32) if plain else rng.uniform(0.07, 0.13)
    beads = 1 + rng.choice([0.0, 0.0, 0.3]) * np.sin(int(rng.integers(6, 30)) * angle)
    return tube_points(path, size * thick * beads, closed=True)


def _gear(rng: np.random.Generator) -> Array:
    """Return a prism of radius 1 over a star, a polygon or a toothed wheel, with rounded edges."""
    angle = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    teeth, depth = int(rng.integers(3, 14)), rng.uniform(0.06, 0.35)
    outline = 1 - depth * (0.5 + 0.5 * np.tanh(rng.uniform(0.5, 6) * np.cos(teeth * angle)))
    bevel = np.linspace(0, np.pi / 2, 7)
    half, edge = rng.uniform(0.15, 0.9), 0.08
    shrink = np.concatenate([[-1 + edge], np.sin(bevel) * edge - edge, np.cos(bevel) * edge - edge, [-1 + edge]])
    up = np.concatenate([[-half], -half + edge - np.cos(bevel) * edge, half - edge + np.sin(bevel) * edge, [half]])
    radius = np.maximum(outline[None, :] + shrink[:, None], 0)
    radius[0], radius[-1] = 0, 0
    return np.stack(np.broadcast_arrays(radius * np.cos(angle), radius * np.sin(angle), up[:, None]), axis=-1)


def _waved(grid: Array, rng: np.random.Generator) -> Array:
    """Return a grid pushed in and out along its own directions by a few waves through space."""
    directions = unit(grid)
    height = np.zeros(grid.shape[:2])
    for _ in range(6):
        wave = unit(rng.normal(size=3)) * rng.uniform(1.5, 6)
        height += np.sin(directions @ wave + rng.uniform(0, 2 * np.pi)) / np.linalg.norm(wave)
    waved: Array = grid * (1 + rng.uniform(0.15, 0.55) * height)[..., None]
    return waved


def _deformed(grid: Array, size: float, rng: np.random.Generator) -> Array:
    """Return a grid twisted about its axis and tapered along it, or as it was."""
    up = grid[..., 2] / size
    if rng.random() < 0.5:
        turn = rng.uniform(-1.6, 1.6) * up
        x, y = grid[..., 0], grid[..., 1]
        grid = np.stack(
            [np.cos(turn) * x - np.sin(turn) * y, np.sin(turn) * x + np.cos(turn) * y, grid[..., 2]], axis=-1
        )
    if rng.random() < 0.4:
        grid = grid * np.stack([*(1 + rng.uniform(-0.6, 0.6) * up,) * 2, np.ones_like(up)], axis=-1)
    return grid


def _carve(
    part: bpy.types.Object, place: Array, size: float, inside: bpy.types.Material, rng: np.random.Generator
) -> None:
    """Cut a round or edged body out of a part; the faces of the cut have the material ``inside``."""
    exponent = float(rng.choice([0.25, 1.0]))
    body = superquadric_points((exponent, float(rng.choice([0.15, 1.0]))), 24) * size * rng.uniform(0.3, 0.75, 3)
    knife = add_grid("knife", body + place + unit(rng.normal(size=3)) * size * rng.uniform(0, 0.7), inside)
    cut = part.modifiers.new("cut", "BOOLEAN")
    cut.operation, cut.solver, cut.object = "DIFFERENCE", "MANIFOLD", knife
    cut.material_mode = "TRANSFER"
    carved = bpy.data.meshes.new_from_object(part.evaluated_get(bpy.context.evaluated_depsgraph_get()))
    part.modifiers.remove(cut)
    whole, blade = part.data, knife.data
    bpy.data.objects.remove(knife)
    if len(carved.polygons):
        part.data = carved
        bpy.data.meshes.remove(whole)
    else:
        bpy.data.meshes.remove(carved)
    bpy.data.meshes.remove(blade)
