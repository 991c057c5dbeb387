"""Processor seconds of one frame's color on one thread, and its error: fixed samples beside ``render.color_error``.

    python bench/color.py [--only NAME ...] [--lights NAME ...] [--size 512] [--models FOLDER] [--errors LEVELS ...]

"fixed" is 64 samples without denoising and a map of the panorama 256 wide, as a bare Cycles scene has it. "stated" are
the recipe's defaults, and those with each of ``--errors``, in 8-bit levels, in place of color_error. Errors are those
that the frames state of themselves, root mean square over the object, measured by two independent halves. Neither
loading the scene nor the matte counts. ``--models`` is a folder with market_bike.gltf.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import tempfile
import time
from pathlib import Path
from typing import Any, TextIO
from unittest import mock

from synthmat.api import open_recipe
from synthmat.blender_scenes.blender.devices import Device, choose_device
from synthmat.blender_scenes.color.beauty import denoiser_of, render_beauty
from synthmat.blender_scenes.light import panorama
from synthmat.blender_scenes.scene.scene_setup import set_up_scene
from synthmat.blender_scenes.scene.view_renderer import ViewRenderer
from synthmat.generator.plan import plan_render

_SUBJECTS: dict[str, dict[str, Any]] = {
    "long_hair": {"builtin": "long_hair"},
    "wine_glass": {"builtin": "wine_glass"},
    "market_bike": {"model": "market_bike.gltf"},
}
_LIGHTS: dict[str, dict[str, Any]] = {
    "three_point": {"three_point": {}},
    "city": {"hdri": {"files": ["city"]}},
    "sunset": {"hdri": {"files": ["sunset"]}},
}
_FIXED: dict[str, Any] = {"samples": 64, "denoise": "off"}
_COARSE = 256


def main() -> None:
    """Measure each subject under each light and print a line for each way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(_SUBJECTS), default=list(_SUBJECTS))
    parser.add_argument("--lights", nargs="+", choices=list(_LIGHTS), default=list(_LIGHTS))
    parser.add_argument("--ways", nargs="+", choices=("fixed", "default"), default=("fixed", "default"))
    parser.add_argument("--errors", nargs="*", type=float, default=[])
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--models", type=Path)
    options = parser.parse_args()
    ways = {"fixed": _FIXED, "default": {}}
    chosen = {name: ways[name] for name in options.ways}
    chosen |= {f"stated {error:g}": {"color_error": error / 255} for error in options.errors}
    terminal = _take_terminal()
    device = choose_device("cpu", 0)
    print(f"{'subject':12s} {'light':12s} {'way':12s} {'seconds':>8s} {'levels':>7s} {'samples':>7s}", file=terminal)
    for name in options.only:
        subject = dict(_SUBJECTS[name])
        if "model" in subject:
            if options.models is None:
                print(f"{name}: left out, it needs --models", file=terminal)
                continue
            subject["model"] = str((options.models / subject["model"]).absolute())
        for light in options.lights:
            for way, settings in chosen.items():
                render = {"resolution": options.size, "lights": _LIGHTS[light], **settings}
                render["views"] = {"turntable": {"count": 1, "elevation": 15, "start": 30}}
                found = _measure({"name": "color", "objects": [subject], "render": render}, way, device)
                print(f"{name:12s} {light:12s} {way:12s} {found}", file=terminal, flush=True)


def _take_terminal() -> TextIO:
    """Return the terminal, for this script alone: what Blender and its add-ons print goes nowhere from now on."""
    terminal = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return terminal


def _measure(recipe: dict[str, Any], way: str, device: Device) -> str:
    """Render the color of a recipe's only frame; return seconds, error and samples as text."""
    coarse = (
        mock.patch.object(panorama, "map_size", return_value=_COARSE) if way == "fixed" else contextlib.nullcontext()
    )
    with coarse, tempfile.TemporaryDirectory() as folder:
        (job,) = plan_render(*open_recipe(recipe, folder))
        setup = set_up_scene(job, device=device, threads=1)
        setup.scene.view_layers[0].cycles.denoising_store_passes = True
        renderer = ViewRenderer(setup, job, Path(folder), lambda: None)
        began = time.process_time()
        beauty = render_beauty(renderer, job.settings, job.views[0], denoiser_of(job.settings, 1))
        seconds = time.process_time() - began
    return f"{seconds:8.1f} {255 * beauty.errors.whole:7.2f} {beauty.samples:7d}"


if __name__ == "__main__":
    main()
