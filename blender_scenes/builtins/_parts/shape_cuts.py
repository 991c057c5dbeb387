"""Cutting solids with solids: bites, drilled holes, slots, slices, sieves, and what two solids have in common."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Euler

from synthmat.blender_scenes.builtins._parts.curve import Array, unit
from synthmat.blender_scenes.builtins._parts.mesh import add_grids, superquadric_points

_MIN_LEFT = 0.15


def cut_at_random(part: bpy.types.Object, inside: bpy.types.Material, rng: np.random.Generator) -> None:
    """Cut a closed mesh about the origin, of radius about 1; the faces of the cut have the material ``inside``.

    A cut that leaves less than a part of the mesh's extent, or that fails, is undone.
    """
    kind = str(rng.choice(["bite", "bites", "drill", "drill", "slot", "slice", "sieve", "common"]))
    turn = np.array(Euler(rng.uniform(-np.pi, np.pi, 3).tolist()).to_matrix())
    knives = [knife @ turn.T for knife in _knives(kind, rng)]
    blade = add_grids("knife", knives, inside)
    _apply(part, blade, "INTERSECT" if kind == "common" else "DIFFERENCE")
    mesh = blade.data
    bpy.data.objects.remove(blade)
    bpy.data.meshes.remove(mesh)


def _knives(kind: str, rng: np.random.Generator) -> list[Array]:
    """Return the grids of solids to cut with; they do not touch each other."""
    exponents = (float(rng.choice([0.25, 1.0])), float(rng.choice([0.15, 1.0])))
    body = superquadric_points(exponents, 24)
    if kind == "bite":
        return [body * rng.uniform(0.3, 0.75, 3) + unit(rng.normal(size=3)) * rng.uniform(0.3, 0.9)]
    if kind == "bites":
        sides = np.concatenate([np.eye(3), -np.eye(3)])[: int(rng.integers(2, 7))]
        return [body * rng.uniform(0.25, 0.42) + side * 0.8 for side in sides]
    if kind == "common":
        return [body * rng.uniform(0.6, 0.95, 3)]
    bar = superquadric_points((float(rng.choice([0.2, 1.0, 1.0])), 0.08), 6 if kind == "sieve" else 10) * [1, 1, 2.0]
    if kind == "drill":
        count, wide = int(rng.integers(1, 5)), rng.uniform(0.12, 0.4)
        if count == 1:
            return [bar * [wide, wide, 1]]
        angle = np.arange(count) * 2 * np.pi / count
        wide = min(wide, 0.42 * np.sin(np.pi / count))
        return [bar * [wide, wide, 1] + [0.48 * np.cos(a), 0.48 * np.sin(a), 0] for a in angle]
    if kind == "slot":
        step = rng.uniform(0.25, 0.5)
        return [bar * [step * 0.3, 2.5, 1] + [step * k, 2.4, 0] for k in range(-2, 3)]
    if kind == "sieve":
        step = rng.uniform(0.3, 0.5)
        places = np.stack(np.meshgrid(*(np.arange(-1.5, 2) * step,) * 2), axis=-1).reshape(-1, 2)
        return [bar * [step * 0.34, step * 0.34, 1] + [x, y, 0] for x, y in places]
    return [superquadric_points((0.1, 0.1), 20) * 3.0 + [0, 0, 3.0 + rng.uniform(-0.1, 0.5)]]


def _apply(part: bpy.types.Object, blade: bpy.types.Object, operation: str) -> None:
    cut = part.modifiers.new("cut", "BOOLEAN")
    cut.operation, cut.solver, cut.object = operation, "MANIFOLD", blade
    cut.material_mode = "TRANSFER"
    carved = bpy.data.meshes.new_from_object(part.evaluated_get(bpy.context.evaluated_depsgraph_get()))
    part.modifiers.remove(cut)
    whole = part.data
    if _extent(carved) > _MIN_LEFT * _extent(whole):
        carved.validate()
        carved.set_sharp_from_angle(angle=np.radians(38))
        part.data = carved
        bpy.data.meshes.remove(whole)
    else:
        bpy.data.meshes.remove(carved)


def _extent(mesh: bpy.types.Mesh) -> float:
    """Return the product of a mesh's measures along the axes; 0 where it has no faces."""
    if not len(mesh.polygons):
        return 0.0
    points = np.empty((len(mesh.vertices), 3), np.float32)
    mesh.vertices.foreach_get("co", points.reshape(-1))
    return float(np.prod(np.ptp(points, axis=0)))
