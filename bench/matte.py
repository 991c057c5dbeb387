"""Error and time of the matte: ours, the plain beauty pass, and the settings of the strongest peer.

Every figure is of the same frame, against a converged matte: two renders of 8192 samples a pixel, averaged. Errors are
root mean square over edge pixels (0.002 < alpha < 0.998), in 8-bit levels. Seconds are processor seconds of one thread
for a frame with its color; ours are a quarter of four views rendered together, as a turntable is.

    python bench/matte.py [--only NAME...] [--models FOLDER] [--size 256]

``--models`` is a folder with flight_helmet/FlightHelmet.gltf, market_bike.gltf and flower_bushes.glb; without it the
built-in scenes are measured.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

_SCENES: dict[str, dict[str, Any]] = {
    "solid": {"objects": [{"builtin": "suzanne"}]},
    "helmet": {"objects": [{"model": "flight_helmet/FlightHelmet.gltf"}]},
    "bike": {"objects": [{"model": "market_bike.gltf"}]},
    "fur": {"objects": [{"builtin": "fur_ball"}]},
    "bushes": {"objects": [{"model": "flower_bushes.glb"}]},
    "portrait": {"objects": [{"builtin": "person"}], "render": {"camera": {"framing": "portrait"}}},
    "motion blur": {
        "objects": [{"builtin": "suzanne"}],
        "render": {"motion_blur": {"movement": {"slide": {"length": 0.06, "direction": 20}}}},
    },
    "depth of field": {
        "objects": [{"builtin": "suzanne"}],
        "render": {"depth_of_field": {"blur": 0.05, "focus": 0.2}},
    },
}

_MEASURE = """
import contextlib, dataclasses, json, os, resource, sys, tempfile
from pathlib import Path
import numpy as np
out = os.dup(1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
import OpenEXR
from synthmat.api import open_recipe
from synthmat.blender_scenes.blender.devices import choose_device
from synthmat.blender_scenes.frames import render_frames
from synthmat.blender_scenes.matte.matte import matte_scene
from synthmat.blender_scenes.scene.scene_setup import set_up_scene
from synthmat.blender_scenes.scene.view_renderer import COLOR, ViewRenderer
from synthmat.blender_scenes.blender.temporary_settings import TemporarySettings
from synthmat.generator.plan import plan_render

BEAUTY_SAMPLES = 32

def say(name, alpha, seconds, **more):
    error = None
    if alpha is not None:
        error = 255 * float(np.sqrt(((alpha - reference)[edge] ** 2).mean()))
    os.write(out, (json.dumps({"name": name, "error": error, "seconds": seconds, **more}) + "\\n").encode())

def seconds():
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime

recipe, base, layout = open_recipe(sys.argv[1], sys.argv[2])
(job,) = plan_render(recipe, base, layout)
job = dataclasses.replace(job, settings=dataclasses.replace(job.settings, passes=("exr",), samples=BEAUTY_SAMPLES))
view = job.views[0]
device = choose_device("cpu", 0)
studio = set_up_scene(job, device=device, threads=1)
cycles = studio.scene.cycles
with tempfile.TemporaryDirectory() as scratch:
    shots = ViewRenderer(studio, job, Path(scratch), lambda: None)

    def shoot(samples, seed):
        shots.set_sampling(samples=samples, seed=seed)
        return shots.render(view)[COLOR][..., 3].astype(np.float64)

    with matte_scene(studio.scene, 0.0):
        halves = [shoot(8192, seed) for seed in (901, 902)]
    reference = (halves[0] + halves[1]) / 2
    edge = (reference > 0.002) & (reference < 0.998)
    own = 255 * float(np.sqrt(((halves[0] - halves[1])[edge] ** 2).mean())) / 2
    say("reference", None, 0, edge_pixels=int(edge.sum()), own_error=own)
    for samples in (32, 128, 1024):
        shoot(1, 7)  # the scene is loaded, as it is for any but the first view
        began = seconds()
        alpha = shoot(samples, 7)
        say(f"beauty pass, {samples} samples", alpha, seconds() - began)
    swap = TemporarySettings()
    for name, value in (
        ("use_adaptive_sampling", True), ("adaptive_threshold", 0.01), ("adaptive_min_samples", 0),
        ("use_denoising", True), ("denoiser", "OPENIMAGEDENOISE"), ("max_bounces", 3), ("diffuse_bounces", 3),
        ("glossy_bounces", 0), ("transmission_bounces", 0), ("volume_bounces", 0), ("transparent_max_bounces", 8),
    ):
        swap.set(cycles, name, value)
    studio.scene.update_tag()
    shoot(1, 8)
    began = seconds()
    alpha = shoot(1024, 8)
    say("peer: threshold 0.01, at most 1024, denoiser", alpha, seconds() - began)
    swap.restore()

for wanted in (0.004, 0.00235):
    ours = dataclasses.replace(
        job, folder=f"{sys.argv[2]}/{wanted}", rows_file=f"{sys.argv[2]}/{wanted}.jsonl",
        settings=dataclasses.replace(job.settings, alpha_error=wanted),
    )
    began = seconds()
    set_up_scene(ours, device=device, threads=1)
    loading = seconds() - began
    began = seconds()
    render_frames(ours, device=device, threads=1)
    spent = (seconds() - began - loading) / len(ours.views)
    row = json.loads(Path(ours.rows_file).read_text().splitlines()[0])
    with OpenEXR.File(f"{ours.folder}/{view.name}.exr", separate_channels=True) as opened:
        alpha = opened.channels()["A"].pixels.astype(np.float64)
    found = row["alpha"]
    say(f"ours, alpha_error {wanted}", alpha, spent, estimated=255 * found["error"], samples=found["samples"])
os._exit(0)
"""


def main() -> None:
    """Measure the scenes one after the other and print a line for each way of making a matte."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(_SCENES), default=list(_SCENES))
    parser.add_argument("--models", type=Path)
    parser.add_argument("--size", type=int, default=256)
    options = parser.parse_args()
    for name in options.only:
        _measure(name, options.models, options.size)


def _measure(name: str, models: Path | None, size: int) -> None:
    scene = json.loads(json.dumps(_SCENES[name]))
    source = scene["objects"][0]
    if "model" in source:
        if models is None:
            print(f"{name}: left out, it needs --models")
            return
        source["model"] = str((models / source["model"]).absolute())
    scene["name"] = "matte"
    views = {"turntable": {"count": 4, "elevation": 15, "start": 30}}
    scene["render"] = {"resolution": size, "views": views, "bit_depth": 16, **scene.get("render", {})}
    print(f"{name}:")
    with tempfile.TemporaryDirectory() as folder:
        recipe = Path(folder) / "recipe.yaml"
        recipe.write_text(json.dumps(scene))
        command = [sys.executable, "-c", _MEASURE, str(recipe), folder]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            _print(json.loads(line))
        problem = process.stderr.read()
        if process.wait() != 0:
            sys.exit(problem)


def _print(found: dict[str, Any]) -> None:
    if "edge_pixels" in found:
        print(f"  {found['edge_pixels']} edge pixels; the reference errs by {found['own_error']:.2f}", flush=True)
        return
    more = f", estimated {found['estimated']:.2f}, samples {found['samples']}" if "estimated" in found else ""
    print(f"  {found['name']:46s} error {found['error']:6.2f}, {found['seconds']:6.1f} s{more}", flush=True)


if __name__ == "__main__":
    main()
