"""Materials that show one side only, as most of glTF's do: seen from behind, their faces are not there.

Cycles shows both sides of any face. Where the back of one could be seen, its material is made transparent from behind,
so that color, matte, shadow and passes see the same; coverage leaves out triangles that are turned away. Most models
need none of it: a closed opaque surface wound outwards shows no back to anyone outside.
"""

from __future__ import annotations

import bpy
import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.blender.node_math import calculated
from synthmat.blender_scenes.materials.matte_materials import SEEN_FROM_BEHIND, Cover, bends, cover
from synthmat.blender_scenes.surfaces.faces import pieces, read_faces, vectors
from synthmat.blender_scenes.surfaces.hulls import is_hull

Indices = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

LOOK_OF = "synthmat look of"
"""Property of a material made here: the name of the material whose look it shares."""

_FLAT = 1e-6
"""Volume of a piece, of the cube on the root of its area, that is none."""


def is_single_sided(material: bpy.types.Material | None) -> bool:
    """Tell whether a material is not to be seen from behind."""
    return material is not None and bool(material.use_backface_culling)


def double_sided_copy(mesh: bpy.types.Mesh, slot: int) -> int:
    """Return the slot of a mesh's material that looks like another one, from both sides; made where there is none."""
    original = mesh.materials[slot]
    for number, material in enumerate(mesh.materials):
        if material is not None and material.get(LOOK_OF) == original.name:
            return number
    copy = original.copy()
    copy.use_backface_culling = False
    copy[LOOK_OF] = original.name
    mesh.materials.append(copy)
    return len(mesh.materials) - 1


def hide_back_faces() -> None:
    """Make single-sided materials transparent from behind wherever an object shows a back to the outside.

    Glass and what holds a volume stay as they are: light that comes in has to come out.
    """
    hulls: dict[bpy.types.Material, bool] = {}
    proven: dict[bpy.types.Mesh, Mask] = {}
    for item in bpy.data.objects:
        if item.type != "MESH" or not len(item.data.polygons):
            continue
        slots = [slot.material for slot in item.material_slots]
        if not any(is_single_sided(material) for material in slots):
            continue
        if item.data not in proven:
            changed = any(modifier.type != "ARMATURE" for modifier in item.modifiers)
            proven[item.data] = np.zeros(len(item.data.polygons), np.bool_) if changed else _shows_no_back(item.data)
        used = _slots_used(item.data, len(slots))
        for number, material in enumerate(slots):
            seen = (used == number) & ~proven[item.data]
            if is_single_sided(material) and seen.any():
                hulls[material] = hulls.get(material, True) and is_hull(item.data, read_faces(item.data), seen)
    for material, hull in hulls.items():
        if material.library is None and not bends(material):
            _hide_back(material, hull=hull)


def _slots_used(mesh: bpy.types.Mesh, slots: int) -> npt.NDArray[np.int32]:
    """Return the number of the material slot of each face, (F,)."""
    used = np.empty(len(mesh.polygons), np.int32)
    mesh.polygons.foreach_get("material_index", used)
    return np.clip(used, 0, max(slots - 1, 0))


def _shows_no_back(mesh: bpy.types.Mesh) -> Mask:
    """Return which faces (F,) belong to closed opaque pieces that are wound outwards."""
    faces = read_faces(mesh)
    owner, count = faces.of_corner, len(faces.sizes)
    points = vectors(mesh.vertices, "co")
    places = np.unique(points, axis=0, return_inverse=True)[1].reshape(-1)[faces.corners]
    after = places[faces.next_indices]
    low, high = np.minimum(places, after), np.maximum(places, after)
    _, side = np.unique(low * (len(points) + 1) + high, return_inverse=True)
    side = side.reshape(-1)
    open_sides = np.bincount(side, np.sign(after - places)) != 0
    piece = pieces(np.stack([owner, count + side], axis=1), count + len(open_sides))[:count]
    hides = np.array([material is None or cover(material) == Cover.OPAQUE for material in mesh.materials] or [True])
    broken = ~hides[_slots_used(mesh, len(hides))]
    broken[owner[open_sides[side]]] = True
    areas = np.empty(count, np.float32)
    mesh.polygons.foreach_get("area", areas)
    way = vectors(mesh.polygons, "normal") * areas[:, None]
    fractions = (way * (vectors(mesh.polygons, "center") - points.mean(axis=0))).sum(axis=1) / 3
    volume, area = np.bincount(piece, fractions, minlength=count), np.bincount(piece, areas, minlength=count)
    closed = volume > _FLAT * area**1.5
    closed[piece[broken]] = False
    return np.asarray(closed[piece])


def _hide_back(material: bpy.types.Material, *, hull: bool) -> None:
    """Mix a material with transparency, by the side that is seen and by what sees it.

    The camera, also through glass, sees the front only. A lamp that sees the back shines through: the shadow ray,
    which runs the other way, then meets the front. All other light takes both sides for what they are; but a ``hull``
    is there for the camera alone, or it would darken what is in it.
    """
    tree = material.node_tree
    if tree is None:
        return
    output = tree.get_output_node("CYCLES")
    if output is None or not output.inputs["Surface"].is_linked or SEEN_FROM_BEHIND in tree.nodes:
        return
    surface = output.inputs["Surface"].links[0].from_socket
    path, clear = tree.nodes.new("ShaderNodeLightPath").outputs, tree.nodes.new("ShaderNodeBsdfTransparent")
    back = tree.nodes.new("ShaderNodeNewGeometry").outputs["Backfacing"]
    front = calculated(tree, "SUBTRACT", 1.0, back)
    eye = calculated(tree, "ADD", path["Is Camera Ray"], path["Is Transmission Ray"])
    if hull:
        through = calculated(tree, "SUBTRACT", 1.0, calculated(tree, "MULTIPLY", eye, front))
    else:
        lamp = calculated(tree, "MULTIPLY", path["Is Shadow Ray"], front)
        through = calculated(tree, "MULTIPLY_ADD", eye, back, lamp)
    mix = tree.nodes.new("ShaderNodeMixShader")
    mix.name = SEEN_FROM_BEHIND
    tree.links.new(through, mix.inputs[0])
    tree.links.new(surface, mix.inputs[1])
    tree.links.new(clear.outputs[0], mix.inputs[2])
    tree.links.new(mix.outputs[0], output.inputs["Surface"])
