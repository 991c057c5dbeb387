"""The vertices that a render shows: evaluated, posed, instanced; nothing that is hidden."""

from __future__ import annotations

from collections.abc import Iterator

import bpy
import mathutils
import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.materials.card_alpha import is_clear
from synthmat.blender_scenes.surfaces.faces import read_faces
from synthmat.errors import AssetError

Points = npt.NDArray[np.float64]

_NO_EXTENT = 1e-9
"""Ratio of a body's two largest extents at which it is a line."""


def show_what_renders(objects: bpy.types.BlendDataObjects) -> None:
    """Make the viewport show exactly what a render shows, since only the viewport's state can be read from Python."""
    for collection in bpy.data.collections:
        collection.hide_viewport = collection.hide_render
    for item in objects:
        item.hide_viewport = item.hide_render
        for modifier in item.modifiers:
            modifier.show_viewport = modifier.show_render
            if modifier.type in ("SUBSURF", "MULTIRES"):
                modifier.levels = modifier.render_levels
        for system in item.particle_systems:
            system.settings.display_step = system.settings.render_step
            system.settings.child_percent = system.settings.rendered_child_count


def visible_instances() -> Iterator[bpy.types.DepsgraphObjectInstance]:
    """Yield every evaluated geometry that a render of the current scene shows; use each before asking for the next."""
    for instance in bpy.context.evaluated_depsgraph_get().object_instances:
        if instance.show_self and instance.object.type in _READERS:
            yield instance


def visible_points() -> Points:
    """Return the world coordinates (N, 3) of all visible geometry; N is 0 where there is none.

    Of meshes the corners of faces count that have an extent and a material that is not wholly transparent. Hair and
    points count with their thickness, volumes with their box.
    """
    pieces = [
        _in_world(_READERS[instance.object.type](instance.object), instance.matrix_world)
        for instance in visible_instances()
        if instance.object.visible_camera and _has_extent(instance.matrix_world)
    ]
    pieces += [hair for instance in visible_instances() if len(hair := _particle_hair(instance.object))]
    points: Points = np.concatenate([np.empty((0, 3)), *pieces])
    finite = np.isfinite(points)
    return points if finite.all() else np.asarray(points[finite.all(axis=1)])


def nothing_to_see(name: str) -> AssetError:
    """Return an error that says why nothing of a model, named ``name``, can be seen."""
    meshes = [instance.object.data for instance in visible_instances() if instance.object.type == "MESH"]
    if any(len(mesh.polygons) for mesh in meshes):
        reason = "all of its faces are fully transparent, or without extent"
    elif any(len(mesh.vertices) for mesh in meshes):
        reason = "it holds points or lines, but no faces; make a surface of them first, for example in Blender"
    else:
        reason = "it holds no mesh that is not hidden"
    return AssetError(f"{name}: there is nothing to see in it: {reason}")


def visible_materials() -> list[bpy.types.Material]:
    """Return the materials of all visible geometry, each once, in the order of their names."""
    found: dict[str, bpy.types.Material] = {}
    for instance in visible_instances():
        slots = [slot.material for slot in instance.object.material_slots]
        for material in [*slots, *getattr(instance.object.data, "materials", ())]:
            if material is not None:
                found[material.name_full] = material.original
    return [found[name] for name in sorted(found)]


def _in_world(points: Points, matrix: mathutils.Matrix) -> Points:
    transform = np.array(matrix, dtype=np.float64)
    moved: Points = points @ transform[:3, :3].T + transform[:3, 3]
    return moved


def _has_extent(matrix: mathutils.Matrix) -> bool:
    """Tell whether a transform leaves more of a body than a point or a line."""
    spread = np.linalg.svd(np.array(matrix, dtype=np.float64)[:3, :3], compute_uv=False)
    return bool(spread[1] > _NO_EXTENT * spread[0])


def _mesh_points(item: bpy.types.Object) -> Points:
    return _corners_seen(item, item.data)


def _corners_seen(item: bpy.types.Object, mesh: bpy.types.Mesh) -> Points:
    """Return the vertices (N, 3) of an object's mesh that are corners of faces which can be seen."""
    if not len(mesh.polygons):
        return np.empty((0, 3))
    areas, used = np.empty(len(mesh.polygons), np.float32), np.empty(len(mesh.polygons), np.int32)
    mesh.polygons.foreach_get("area", areas)
    mesh.polygons.foreach_get("material_index", used)
    clear = np.array([is_clear(slot.material) for slot in item.material_slots] or [False])
    seen = (areas > 0) & ~clear[np.clip(used, 0, len(clear) - 1)]
    faces = read_faces(mesh)
    corners = np.zeros(len(mesh.vertices), np.bool_)
    corners[faces.corners[seen[faces.of_corner]]] = True
    return _coordinates(mesh.vertices, "co")[corners]


def _converted_points(item: bpy.types.Object) -> Points:
    mesh = item.to_mesh()
    points = _corners_seen(item, mesh) if mesh is not None else np.empty((0, 3))
    item.to_mesh_clear()
    return points


def _attribute_points(item: bpy.types.Object) -> Points:
    """Return the corners of the box round each point of hair or of a point cloud, its radius included."""
    attributes = item.data.attributes
    if "position" not in attributes:
        return np.empty((0, 3))
    points = _coordinates(attributes["position"].data, "vector")
    if "radius" not in attributes:
        return points
    radii = np.empty(len(points), dtype=np.float32)
    attributes["radius"].data.foreach_get("value", radii)
    return _padded(points, radii.astype(np.float64))


def _box_points(item: bpy.types.Object) -> Points:
    return np.array(item.bound_box, dtype=np.float64)


def _particle_hair(item: bpy.types.Object) -> Points:
    """Return the points of an object's particle hair, in world coordinates, strand thickness included."""
    points: list[mathutils.Vector] = []
    widest = 0.0
    for system in item.particle_systems:
        settings = system.settings
        if settings.type != "HAIR" or settings.render_type != "PATH":
            continue
        widest = max(widest, settings.root_radius * settings.radius_scale)
        for strand in range(len(system.particles) + len(system.child_particles)):
            steps = range(2**settings.render_step + 1)
            points += [system.co_hair(object=item, particle_no=strand, step=step) for step in steps]
    if not points:
        return np.empty((0, 3))
    return _padded(np.array(points, dtype=np.float64), np.full(len(points), widest))


def _padded(points: Points, radii: Points) -> Points:
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=np.float64)
    padded: Points = points[:, None] + corners * radii[:, None, None]
    return padded.reshape(-1, 3)


def _coordinates(collection: bpy.types.bpy_prop_collection, name: str) -> Points:
    flat = np.empty(len(collection) * 3, dtype=np.float32)
    collection.foreach_get(name, flat)
    return flat.reshape(-1, 3).astype(np.float64)


_READERS = {
    "MESH": _mesh_points,
    "CURVE": _converted_points,
    "SURFACE": _converted_points,
    "FONT": _converted_points,
    "META": _converted_points,
    "CURVES": _attribute_points,
    "POINTCLOUD": _attribute_points,
    "VOLUME": _box_points,
}
