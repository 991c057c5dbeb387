"""Puts a model on the stage: everything it brought, as one piece, centred at the origin with radius 1."""

from __future__ import annotations

from dataclasses import dataclass

import bpy

from synthmat.blender_scenes.framing import Points, Profile, centre_and_radius, profile
from synthmat.blender_scenes.geometry import show_what_renders, visible_points
from synthmat.errors import AssetError

_NO_PLACE = ("CAMERA", "LIGHT", "LIGHT_PROBE", "SPEAKER")


@dataclass(frozen=True)
class Staged:
    """A model on the stage: how it was moved (``x -> scale * (x - centre)``), and its profile now (see `framing`)."""

    centre: tuple[float, float, float]
    scale: float
    profile: Profile


def stage(scene: bpy.types.Scene, name: str, points: Points | None = None) -> Staged:
    """Turn all that the scene holds into one instance, moved and scaled as a whole.

    An instance of a collection moves whatever is in it: armatures, constraints, modifiers and nested instances see
    their own old world, so that posed, mirrored, far-off, huge and tiny models come out as they went in. What moves is
    centred and scaled by ``points`` (N, 3), where it is visible at any time; else by what is visible now.

    Raises:
        AssetError: Nothing is visible, or what is visible has no extent; ``name`` is named.
    """
    model = bpy.data.collections.new("synthmat model")
    for item in list(scene.collection.objects):
        model.objects.link(item)
        scene.collection.objects.unlink(item)
    for collection in list(scene.collection.children):
        model.children.link(collection)
        scene.collection.children.unlink(collection)
    _remove_lights_and_cameras()
    show_what_renders(bpy.data.objects)

    place = bpy.data.objects.new("synthmat stage", None)
    place.instance_type = "COLLECTION"
    place.instance_collection = model
    scene.collection.objects.link(place)

    points = visible_points() if points is None else points
    if not len(points):
        raise AssetError(f"{name}: there is nothing to see in it; does it hold a mesh that is not hidden?")
    centre, radius = centre_and_radius(points)
    if not radius > 0:
        raise AssetError(f"{name}: all it shows lies in one point; check the model in Blender")
    place.scale = (1 / radius,) * 3
    place.location = (-centre / radius).tolist()
    return Staged(tuple(centre.tolist()), 1 / radius, profile((points - centre) / radius))


def _remove_lights_and_cameras() -> None:
    """Take what a model brought along to light itself off the stage; it stays as a parent of other objects."""
    for item in bpy.data.objects:
        if item.type in _NO_PLACE:
            for collection in item.users_collection:
                collection.objects.unlink(item)
