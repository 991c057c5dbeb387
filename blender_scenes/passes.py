"""Passes that come with the beauty pass: what Blender calls them and what we write."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float32]

_FARTHEST = 1e9


@dataclass(frozen=True)
class BeautyPass:
    """A layer that Cycles writes beside the color: how to switch it on, its names there, and its channels here."""

    switch: str
    names: tuple[str, ...]
    channels: str


BEAUTY_PASSES = {
    "depth": BeautyPass("use_pass_z", ("Depth",), "depth.Z"),
    "normal": BeautyPass("use_pass_normal", ("Normal",), "normal.XYZ"),
    "position": BeautyPass("use_pass_position", ("Position",), "position.XYZ"),
    "index": BeautyPass("use_pass_object_index", ("IndexOB", "Object Index"), "index.V"),
}
"""By their name in a recipe. Depth is the distance along the view axis in object radii, inf where there is nothing;
normal and position are in the world of the camera's matrix, the object centered with radius 1; index tells objects of a
model apart. All are of the surface that is met first, without anti-aliasing of depth, position and index."""


def switch_on(layer: bpy.types.ViewLayer, passes: tuple[str, ...]) -> None:
    """Switch on those passes of ``passes`` that come with the beauty pass, and no others."""
    for name, one in BEAUTY_PASSES.items():
        setattr(layer, one.switch, name in passes)


def beauty_channels(layers: dict[str, Float], passes: tuple[str, ...]) -> dict[str, Float]:
    """Return the passes of a frame by their channels in our files."""
    found = {}
    for name in passes:
        if name in BEAUTY_PASSES:
            one = BEAUTY_PASSES[name]
            pixels = next(layers[known] for known in one.names if known in layers)
            found[one.channels] = (
                np.where(pixels > _FARTHEST, np.float32(np.inf), pixels) if name == "depth" else pixels
            )
    return found


def number_objects() -> dict[int, str]:
    """Give each object of the model a number for the index pass, in the order of their names; return the names."""
    names = {}
    for number, item in enumerate(sorted(bpy.data.objects, key=lambda item: str(item.name)), start=1):
        if item.type not in ("CAMERA", "LIGHT", "EMPTY", "ARMATURE"):
            item.pass_index = number
            names[number] = item.name
    return names
