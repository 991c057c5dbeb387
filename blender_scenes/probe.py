"""Prints as JSON what the installed Blender can do: `python -m synthmat.blender_scenes.probe`."""

from __future__ import annotations

import json
import os
import platform
import sys
from typing import Any

from synthmat.blender_scenes.blender.devices import available_devices
from synthmat.blender_scenes.blender.versions import BLENDER_VERSION, draco_available
from synthmat.blender_scenes.light.panorama import hdri_names
from synthmat.blender_scenes.models.importing import model_suffixes


def probe() -> dict[str, Any]:
    """Return version, devices by kind, panoramas, readable model formats, and whether Draco can be read."""
    return {
        "blender": BLENDER_VERSION,
        "python": platform.python_version(),
        "devices": {kind.lower(): [d.name for d in devices] for kind, devices in available_devices().items()},
        "hdris": sorted(hdri_names()),
        "importers": list(model_suffixes()),
        "draco": draco_available(),
    }


def _print_probe() -> None:
    """Print nothing but the JSON object; what Blender's libraries say meanwhile goes to standard error."""
    standard_output = os.dup(1)
    os.dup2(2, 1)
    text = json.dumps(probe(), indent=2)
    sys.stdout.flush()
    os.dup2(standard_output, 1)
    print(text, flush=True)


if __name__ == "__main__":
    _print_probe()
