"""Which processor Cycles computes on."""

from __future__ import annotations

from dataclasses import dataclass

import bpy

from synthmat.errors import SynthmatError

GPU_TYPES = ("OPTIX", "CUDA", "HIP", "METAL", "ONEAPI")
"""Kinds of GPU that Cycles knows, the best first."""


@dataclass(frozen=True)
class Device:
    """A device to render on: Cycles' kind (``CPU``, ``OPTIX``, ...), its id there, and its name for people."""

    kind: str
    id: str
    name: str


def available_devices() -> dict[str, list[Device]]:
    """Return the devices of this machine by kind; ``CPU`` is always there, kinds without a device are left out."""
    preferences = _preferences()
    offered = {entry[0] for entry in preferences.get_device_types(bpy.context)}
    found: dict[str, list[Device]] = {}
    for kind in ("CPU", *(kind for kind in GPU_TYPES if kind in offered)):
        entries = preferences.get_devices_for_type(kind) or []
        devices = [Device(kind, entry.id, entry.name) for entry in entries if entry.type == kind]
        if devices:
            found[kind] = devices
    return found


def choose_device(wanted: str, slot: int) -> Device:
    """Return the device for a worker's slot: ``auto``, ``cpu``, ``gpu``, or one of the kinds of GPU in lower case.

    With several GPUs of a kind, slot n takes the n-th, in turn.

    Raises:
        SynthmatError: There is no such device; the message says what there is.
    """
    found = available_devices()
    gpus = [kind for kind in GPU_TYPES if kind in found]
    kinds = {"auto": [*gpus, "CPU"], "gpu": gpus, "cpu": ["CPU"]}.get(wanted, [wanted.upper()])
    for kind in kinds:
        if kind in found:
            return found[kind][slot % len(found[kind])]
    if wanted not in ("auto", "cpu", "gpu", *map(str.lower, GPU_TYPES)):
        raise SynthmatError(f"no device is called {wanted!r}; possible: auto, cpu, gpu, {', '.join(GPU_TYPES).lower()}")
    there = "; ".join(f"{kind.lower()}: {', '.join(d.name for d in found[kind])}" for kind in found)
    raise SynthmatError(f"no {wanted} device that Blender can use; this machine has {there}")


def use_device(device: Device) -> str:
    """Make Cycles' preferences use this device alone and return what ``scene.cycles.device`` must be."""
    preferences = _preferences()
    if device.kind == "CPU":
        preferences.compute_device_type = "NONE"
        return "CPU"
    preferences.compute_device_type = device.kind
    for entry in preferences.get_devices_for_type(device.kind):
        entry.use = entry.id == device.id
    return "GPU"


def _preferences() -> bpy.types.AddonPreferences:
    return bpy.context.preferences.addons["cycles"].preferences
