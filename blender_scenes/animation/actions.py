"""The actions that a model brings along: found by name, and played by all that take part in them.

Importers leave actions in several places: as the one an object plays now, as muted tracks of its non-linear editor
(glTF, stashed ones), or unattached, with slots named after what they are for (FBX, .blend).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import bpy

_SEE_OR_SHINE = ("CAMERA", "LIGHT", "LIGHT_PROBE", "SPEAKER")
_SAME_FRAME = 1e-4
_BONE_OR_SHAPE = re.compile(r'(pose\.bones|key_blocks)\["')


@dataclass(frozen=True)
class SlotAssignment:
    """An object or its shape keys (``owner``), and what it plays."""

    owner: bpy.types.ID
    action: bpy.types.Action
    slot: bpy.types.ActionSlot


@dataclass(frozen=True)
class ModelAction:
    """An action with all that take part in it; ``first`` and ``last`` are frames of the scene."""

    name: str
    assignments: tuple[SlotAssignment, ...]
    first: float
    last: float


class AuthoredState:
    """What every object played when the model came in, and how to get back to it."""

    def __init__(self, scene: bpy.types.Scene) -> None:
        self._scene = scene
        self._frame = scene.frame_current_final
        self._playing = [
            (owner.animation_data, owner.animation_data.action, owner.animation_data.action_slot)
            for owner in _owners()
            if owner.animation_data is not None
        ]
        self._use_nla = [(data, data.use_nla) for data, _, _ in self._playing]
        self._values = [
            (owner, path, _value(owner, path)) for owner in _owners() for path in sorted(_animated_paths(owner))
        ]

    @property
    def frame(self) -> float:
        """The frame at which the model came in, whole or not."""
        return float(self._frame)

    def restore(self) -> None:
        """Restore the animation of every object."""
        for owner, path, value in self._values:
            holder, _, name = path.rpartition(".")
            setattr(owner.path_resolve(holder) if holder else owner, name, value)
        for data, action, slot in self._playing:
            data.action = action
            if action is not None and slot is not None:
                data.action_slot = slot
        for data, use_nla in self._use_nla:
            data.use_nla = use_nla
        go_to(self._scene, self._frame)

    def detach(self) -> None:
        """Stop every object where its present action begins: that is nearest to how it is without any."""
        starts = [action.frame_range[0] for _, action, _ in self._playing if action is not None]
        if starts:
            go_to(self._scene, min(starts))
        for data, _, _ in self._playing:
            data.action = None
            data.use_nla = False


def find_actions() -> list[ModelAction]:
    """Return the actions of the model, in the order of their names."""
    assignments: dict[str, dict[str, SlotAssignment]] = {}
    for owner in _owners():
        for action, slot in _attached(owner):
            assignments.setdefault(action.name, {}).setdefault(_key(owner), SlotAssignment(owner, action, slot))
    for action in bpy.data.actions:
        for slot in action.slots:
            if any(assignment.slot == slot for assignment in assignments.get(action.name, {}).values()):
                continue
            for owner in _owners():
                if _is_for(action, slot, owner):
                    assignments.setdefault(action.name, {}).setdefault(_key(owner), SlotAssignment(owner, action, slot))
    return [
        ModelAction(name, tuple(its.values()), *_range(next(iter(its.values())).action))
        for name, its in sorted(assignments.items())
    ]


def play(action: ModelAction) -> None:
    """Let all that take part in an action play it; see `AuthoredState.detach`."""
    for assignment in action.assignments:
        data = assignment.owner.animation_data or assignment.owner.animation_data_create()
        data.use_nla = False
        data.action = assignment.action
        data.action_slot = assignment.slot
        data.action_influence = 1.0


def go_to(scene: bpy.types.Scene, frame: float) -> None:
    """Bring everything to a frame, whole or not; frames that are there already cost nothing."""
    whole = int(frame // 1)
    if abs(scene.frame_current + scene.frame_subframe - frame) > _SAME_FRAME:
        scene.frame_set(whole, subframe=frame - whole)


def _owners() -> Iterator[bpy.types.ID]:
    """Yield what can give a model its shape, except cameras and lights that carry nothing."""
    for item in bpy.data.objects:
        if item.type not in _SEE_OR_SHINE or item.children:
            yield item
    yield from bpy.data.shape_keys
    yield from bpy.data.armatures


def _key(owner: bpy.types.ID) -> str:
    return f"{owner.id_type} {owner.name_full}"


def _attached(owner: bpy.types.ID) -> Iterator[tuple[bpy.types.Action, bpy.types.ActionSlot]]:
    data = owner.animation_data
    if data is None:
        return
    if data.action is not None and data.action_slot is not None:
        yield data.action, data.action_slot
    for track in data.nla_tracks:
        for strip in track.strips:
            if strip.action is not None and strip.action_slot is not None:
                yield strip.action, strip.action_slot


def _is_for(action: bpy.types.Action, slot: bpy.types.ActionSlot, owner: bpy.types.ID) -> bool:
    """Tell whether an unattached slot belongs to an owner: by its name, or since it moves the bones that are there."""
    if slot.target_id_type not in (owner.id_type, "UNSPECIFIED"):
        return False
    if slot.name_display == owner.name:
        return True
    paths = {curve.data_path for curve in _curves(action, slot)}
    return any(map(_BONE_OR_SHAPE.match, paths)) and all(_resolves(owner, path) for path in paths)


def _animated_paths(owner: bpy.types.ID) -> set[str]:
    """Return the paths of all values that any action of an owner moves."""
    return {
        curve.data_path
        for action, slot in _attached(owner)
        for curve in _curves(action, slot)
        if _resolves(owner, curve.data_path)
    }


def _curves(action: bpy.types.Action, slot: bpy.types.ActionSlot) -> Iterator[bpy.types.FCurve]:
    for layer in action.layers:
        for strip in layer.strips:
            bag = strip.channelbag(slot)
            if bag is not None:
                yield from bag.fcurves


def _resolves(owner: bpy.types.ID, path: str) -> bool:
    try:
        owner.path_resolve(path)
    except ValueError:
        return False
    return True


def _value(owner: bpy.types.ID, path: str) -> Any:
    value = owner.path_resolve(path)
    return value.copy() if hasattr(value, "copy") else tuple(value) if hasattr(value, "__len__") else value


def _range(action: bpy.types.Action) -> tuple[float, float]:
    first, last = action.frame_range
    return float(first), float(last)
