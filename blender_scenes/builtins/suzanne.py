"""Blender's monkey head, smooth, in a random material, with eyes of their own."""

from __future__ import annotations

import bmesh
import bpy
import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._parts.material import plain, random_color, random_material


def build(rng: np.random.Generator) -> None:
    """Add the monkey head to the scene, stretched and twisted a little."""
    mesh = bpy.data.meshes.new("suzanne")
    shaped = bmesh.new()
    bmesh.ops.create_monkey(shaped)
    _mark_eyes(shaped)
    _twist(shaped, rng.uniform(0.85, 1.15, 3), float(rng.uniform(-0.5, 0.5)))
    shaped.to_mesh(mesh)
    shaped.free()
    mesh.shade_smooth()
    mesh.materials.append(random_material("skin", rng))
    mesh.materials.append(plain("eyes", random_color(rng, value=(0.02, 0.9)), roughness=0.08, coat=0.8))
    item = bpy.data.objects.new("suzanne", mesh)
    smooth = item.modifiers.new("smooth", "SUBSURF")
    smooth.levels = smooth.render_levels = 2
    bpy.context.scene.collection.objects.link(item)


def _mark_eyes(shaped: bmesh.types.BMesh) -> None:
    """Give all parts that hang together but the largest, which are the eyes, the second material."""
    left, parts = set(shaped.verts), []
    while left:
        part, edge = set(), [left.pop()]
        while edge:
            vertex = edge.pop()
            part.add(vertex)
            near = {link.other_vert(vertex) for link in vertex.link_edges} & left
            left -= near
            edge += near
        parts.append(part)
    head = max(parts, key=len)
    for face in shaped.faces:
        face.material_index = int(face.verts[0] not in head)


def _twist(shaped: bmesh.types.BMesh, stretch: Array, twist: float) -> None:
    """Stretch the head and twist it about the vertical axis, by ``twist`` radians for each unit of height."""
    for vertex in shaped.verts:
        x, y, z = np.array(vertex.co) * stretch
        cos, sin = np.cos(twist * z), np.sin(twist * z)
        vertex.co = (cos * x - sin * y, sin * x + cos * y, z)
