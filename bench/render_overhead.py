"""What synthmat's render stage costs over a bare loop of Blender renders: same frames, one core each, interleaved.

    python bench/render_overhead.py [MODEL] [--rounds 5] [--views 12] [--size 256] [--samples 32]

Both sides run in a process of their own from start to end. The bare side imports bpy and the model, sets the scene up
once with the same settings, and calls ``bpy.ops.render.render(write_still=True)`` for each camera with persistent data.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_BARE = """
import json, sys, time
from pathlib import Path
import bpy, mathutils
from synthmat.api import open_recipe
from synthmat.generator.plan import plan_render
from synthmat.blender_scenes.blender.devices import choose_device
from synthmat.blender_scenes.scene.scene_setup import set_up_scene
recipe, base, layout = open_recipe(sys.argv[1], sys.argv[2])
(job,) = plan_render(recipe, base, layout)
studio = set_up_scene(job, device=choose_device("cpu", 0), threads=1)
scene, camera = studio.scene, studio.camera
if bpy.app.version >= (5, 0):
    scene.render.image_settings.media_type = "IMAGE"
scene.render.image_settings.file_format = "PNG"
scene.render.image_settings.color_depth = "8"
times = []
for view, line in zip(job.views, open(sys.argv[3])):
    before = time.perf_counter()
    camera.data.lens = view.focal_length
    camera.matrix_world = mathutils.Matrix(json.loads(line)["camera"]["matrix_world"])
    scene.render.filepath = str(Path(sys.argv[2]) / f"{view.name}.png")
    bpy.ops.render.render(write_still=True)
    times.append(time.perf_counter() - before)
print("TIMES", json.dumps(times))
"""


def main() -> None:
    """Measure and print seconds per frame of both sides and the overhead."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", help="a model file; the built-in toy character by default")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--views", type=int, default=12)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--samples", type=int, default=32)
    options = parser.parse_args()
    source = {"model": str(Path(options.model).absolute())} if options.model else {"builtin": "toy_character"}
    recipe = {
        "name": "overhead",
        "objects": [source],
        "render": {
            "resolution": options.size,
            "samples": options.samples,
            "alpha_error": 0,
            "views": {"turntable": {"count": options.views}},
        },
    }
    ratios, frame_ratios = [], []
    for number in range(options.rounds):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "recipe.yaml").write_text(json.dumps(recipe))
            ours, our_frames = _ours(folder)
            bare, bare_frames = _bare(folder)
        ratios.append(ours / bare)
        frame_ratios.append(statistics.median(our_frames) / statistics.median(bare_frames))
        print(
            f"round {number + 1}: ours {ours:.2f} s, bare {bare:.2f} s from start to end; a frame "
            f"{statistics.median(our_frames):.3f} and {statistics.median(bare_frames):.3f} s"
        )
    print(f"overhead from start to end: median {_per_cent(ratios)}, {min(ratios) - 1:+.1%} to {max(ratios) - 1:+.1%}")
    print(f"overhead a frame: median {_per_cent(frame_ratios)}")


def _per_cent(ratios: list[float]) -> str:
    return f"{statistics.median(ratios) - 1:+.1%}"


def _ours(folder: Path) -> tuple[float, list[float]]:
    command = [sys.executable, "-m", "synthmat.cli", "render", "recipe.yaml", "--out", "ours", "--workers", "1"]
    seconds, _ = _timed(command, folder)
    manifest = folder / "ours" / "renders" / "manifest.jsonl"
    return seconds, [json.loads(line)["seconds"] for line in manifest.read_text().splitlines()]


def _bare(folder: Path) -> tuple[float, list[float]]:
    (folder / "bare.py").write_text(_BARE)
    manifest = str(folder / "ours" / "renders" / "manifest.jsonl")
    seconds, output = _timed([sys.executable, "bare.py", "recipe.yaml", str(folder / "bare"), manifest], folder)
    line = next(line for line in output.splitlines() if line.startswith("TIMES"))
    return seconds, json.loads(line.removeprefix("TIMES"))


def _timed(command: list[str], folder: Path) -> tuple[float, str]:
    """Run a command on one core; return its seconds and what it printed."""
    started = time.perf_counter()
    process = subprocess.run(
        ["taskset", "--cpu-list", "0", *command], cwd=folder, check=True, stdout=subprocess.PIPE, text=True
    )
    return time.perf_counter() - started, process.stdout


if __name__ == "__main__":
    main()
