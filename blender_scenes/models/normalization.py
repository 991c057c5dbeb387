"""Normalizes a model: all its objects as one instance, centered at the origin with radius 1."""

from __future__ import annotations

from dataclasses import dataclass

import bpy

from synthmat.blender_scenes.camera.framing import Points, Profile, center_and_radius, profile
from synthmat.blender_scenes.models.geometry import nothing_to_see, show_what_renders, visible_points
from synthmat.blender_scenes.models.offered_crops import offered_crops
from synthmat.errors import AssetError

_NO_PLACE = ("CAMERA", "LIGHT", "LIGHT_PROBE", "SPEAKER")


@dataclass(frozen=True)
class NormalizedModel:
    """A normalized model: how it was moved (``x -> scale * (x - center)``), and its profile now (see `framing`)."""

    center: tuple[float, float, float]
    scale: float
    profile: Profile


def normalize_model(scene: bpy.types.Scene, name: str, points: Points | None = None) -> NormalizedModel:
    """Turn all that the scene holds into one instance, moved and scaled as a whole.

    An instance of a collection moves whatever is in it: armatures, constraints, modifiers and nested instances see
    their own old world, so that posed, mirrored, far-off, huge and tiny models come out as they went in. What moves is
    centered and scaled by ``points`` (N, 3), where it is visible at any time; else by what is visible now.

    Raises:
        AssetError: Nothing is visible, or what is visible has no extent; ``name`` is named.
    """
    place = collect(scene, "synthmat stage")
    _remove_lights_and_cameras()
    show_what_renders(bpy.data.objects)
    points = visible_points() if points is None else points
    if not len(points):
        raise nothing_to_see(name)
    center, radius = center_and_radius(points)
    if not radius > 0:
        raise AssetError(f"{name}: all it shows lies in one point; check the model in Blender")
    place.scale = (1 / radius,) * 3
    place.location = (-center / radius).tolist()
    crops = offered_crops(center, 1 / radius)
    return NormalizedModel(tuple(center.tolist()), 1 / radius, profile((points - center) / radius, crops))


def collect(scene: bpy.types.Scene, name: str) -> bpy.types.Object:
    """Put all that the scene holds into a collection, and an instance of it into the scene; return the instance.

    What the scene's view layer leaves out stays out.
    """
    collection = bpy.data.collections.new(name)
    _leave_out_excluded(scene.view_layers[0].layer_collection)
    for item in list(scene.collection.objects):
        collection.objects.link(item)
        scene.collection.objects.unlink(item)
    for child in list(scene.collection.children):
        collection.children.link(child)
        scene.collection.children.unlink(child)
    place = bpy.data.objects.new(name, None)
    place.instance_type = "COLLECTION"
    place.instance_collection = collection
    scene.collection.objects.link(place)
    return place


def _leave_out_excluded(layer: bpy.types.LayerCollection) -> None:
    """Take the collections that a view layer leaves out from those that hold them: an instance knows no view layer."""
    for child in list(layer.children):
        if child.exclude:
            layer.collection.children.unlink(child.collection)
        else:
            _leave_out_excluded(child)


def _remove_lights_and_cameras() -> None:
    """Remove the model's own lights and cameras; those with children stay as their parents."""
    for item in bpy.data.objects:
        if item.type in _NO_PLACE:
            for collection in item.users_collection:
                collection.objects.unlink(item)
