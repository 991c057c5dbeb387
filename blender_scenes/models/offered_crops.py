"""What a built-in object says of its framings: kept in the scene while the object is built."""

from __future__ import annotations

from collections.abc import Mapping

import bpy

from synthmat.blender_scenes.camera.crops import Crop, Points

_PROPERTY = "synthmat crops"


def offer_crops(crops: Mapping[str, Crop]) -> None:
    """Let the object in the scene say what framings show of it, in its own units; called while it is built."""
    bpy.context.scene[_PROPERTY] = {name: list(map(float, crop)) for name, crop in crops.items()}


def offered_crops(center: Points, scale: float) -> dict[str, Crop]:
    """Return what the object in the scene said, moved as the object is: ``x -> scale * (x - center)``."""
    offered = bpy.context.scene.get(_PROPERTY)
    if offered is None:
        return {}
    found = {}
    for name, numbers in offered.to_dict().items():
        low, high, x, y, radius = (float(number) for number in numbers)
        spots = (low - center[2], high - center[2], x - center[0], y - center[1], radius)
        found[str(name)] = Crop(*(float(spot) * scale for spot in spots))
    return found


def withdraw_crops() -> None:
    """Forget what an object said: a group's members are moved, each on its own."""
    if _PROPERTY in bpy.context.scene:
        del bpy.context.scene[_PROPERTY]
