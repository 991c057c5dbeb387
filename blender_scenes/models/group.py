"""Several objects in one scene: each brought to its size, turned, and put down beside another one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import bpy
import numpy as np

from synthmat.blender_scenes.camera.framing import Points, center_and_radius
from synthmat.blender_scenes.models.geometry import nothing_to_see, show_what_renders, visible_points
from synthmat.blender_scenes.models.normalization import collect
from synthmat.errors import AssetError
from synthmat.render_job import Asset, Member

_STEP = 0.05


@dataclass(frozen=True)
class _Placed:
    """Where a member is on the ground, and how far it reaches from there."""

    x: float
    y: float
    reach: float


def add_group(
    members: tuple[Member, ...], add_object: Callable[[Asset], list[str]]
) -> tuple[list[str], list[set[str]]]:
    """Add all members to the scene, each as an instance of its own collection, standing on one ground.

    Nothing overlaps where ``apart`` is 1 or more: a member that would is moved farther from its anchor.

    Args:
        members: What to add; see `records.Member`.
        add_object: Adds one asset to the scene, ready to be rendered, and returns what a user should know of it.

    Returns:
        The warnings, and for each member the names of its materials.

    Raises:
        AssetError: A member cannot be used, or nothing of it is visible.
    """
    scene = bpy.context.scene
    warnings: list[str] = []
    materials: list[set[str]] = []
    places: list[bpy.types.Object] = []
    placed: list[_Placed] = []
    for member in members:
        known = {material.name for material in bpy.data.materials}
        warnings += [f"{member.asset.name}: {text}" for text in add_object(member.asset)]
        materials.append({material.name for material in bpy.data.materials} - known)
        place = collect(scene, f"synthmat {member.asset.name}")
        show_what_renders(bpy.data.objects)
        points = visible_points()
        if not len(points):
            raise nothing_to_see(member.asset.path or member.asset.name)
        placed.append(_put_down(place, member, points, placed))
        scene.collection.objects.unlink(place)
        places.append(place)
    for place in places:
        scene.collection.objects.link(place)
    return warnings, materials


def _put_down(place: bpy.types.Object, member: Member, points: Points, others: list[_Placed]) -> _Placed:
    center, radius = center_and_radius(points)
    if not radius > 0:
        raise AssetError(f"{member.asset.path or member.asset.name}: all it shows lies in one point")
    scale = member.scale / radius
    reach = float(np.hypot(*(points - center)[:, :2].T).max()) * scale
    spot = _spot(member, reach, others)
    angle = math.radians(member.turn)
    cos, sin = math.cos(angle) * scale, math.sin(angle) * scale
    x, y, _ = center
    place.scale = (scale,) * 3
    place.rotation_euler = (0, 0, angle)
    place.location = (spot.x - cos * x + sin * y, spot.y - sin * x - cos * y, -float(points[:, 2].min()) * scale)
    return spot


def _spot(member: Member, reach: float, others: list[_Placed]) -> _Placed:
    """Return a spot beside the member's anchor, as near to it as ``apart`` allows."""
    if not others:
        return _Placed(0.0, 0.0, reach)
    anchor = others[member.anchor]
    direction = math.radians(member.direction)
    distance = (anchor.reach + reach) * member.apart
    while True:
        spot = _Placed(anchor.x + math.cos(direction) * distance, anchor.y + math.sin(direction) * distance, reach)
        near = min(member.apart, 1) - 1e-6
        if all(math.hypot(spot.x - o.x, spot.y - o.y) >= near * (reach + o.reach) for o in others):
            return spot
        distance += _STEP * (anchor.reach + reach)
