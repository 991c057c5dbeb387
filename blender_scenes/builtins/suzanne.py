"""Blender's monkey head, smooth, in a random material."""

from __future__ import annotations

import bmesh
import bpy
import numpy as np

from synthmat.blender_scenes.builtins._material import random_material


def build(rng: np.random.Generator) -> None:
    """Add the monkey head to the scene, stretched a little."""
    mesh = bpy.data.meshes.new("suzanne")
    shaped = bmesh.new()
    bmesh.ops.create_monkey(shaped)
    shaped.to_mesh(mesh)
    shaped.free()
    mesh.materials.append(random_material("skin", rng))
    mesh.polygons.foreach_set("use_smooth", np.ones(len(mesh.polygons), bool))
    item = bpy.data.objects.new("suzanne", mesh)
    item.scale = rng.uniform(0.85, 1.15, 3).tolist()
    item.modifiers.new("smooth", "SUBSURF").render_levels = 2
    item.modifiers["smooth"].levels = 2
    bpy.context.scene.collection.objects.link(item)
