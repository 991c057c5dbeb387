"""Flat parts cut out of sheet: an outline with holes in it, given some thickness."""

from __future__ import annotations

from collections.abc import Sequence

import bpy

from synthmat.blender_scenes.builtins._parts.curve import Array


def add_flat_part(
    name: str, outlines: Sequence[Array], thickness: float, material: bpy.types.Material
) -> bpy.types.Object:
    """Add a sheet in the plane XY to the scene.

    Args:
        name: Name of the object.
        outlines: Closed lines ``(n, 2)``; where one lies inside another, it is a hole.
        thickness: Half of it.
        material: Material of all faces.
    """
    curve = bpy.data.curves.new(name, "CURVE")
    curve.dimensions, curve.fill_mode, curve.extrude = "2D", "BOTH", thickness
    for outline in outlines:
        spline = curve.splines.new("POLY")
        spline.points.add(len(outline) - 1)
        spline.points.foreach_set("co", [value for x, y in outline for value in (x, y, 0.0, 1.0)])
        spline.use_cyclic_u = True
    curved = bpy.data.objects.new(name, curve)
    bpy.context.scene.collection.objects.link(curved)
    mesh = bpy.data.meshes.new_from_object(curved.evaluated_get(bpy.context.evaluated_depsgraph_get()))
    bpy.data.objects.remove(curved)
    bpy.data.curves.remove(curve)
    mesh.name = name
    mesh.materials.clear()
    mesh.materials.append(material)
    item = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(item)
    return item
