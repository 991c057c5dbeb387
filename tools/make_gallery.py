"""Make the gallery of the built-in objects: docs/builtins.md and a picture of each family.

    python tools/make_gallery.py [--only NAME ...] [--size 192] [--variants 6] [--samples 32] [--workers 1]

Every family that lies in blender_scenes/builtins is rendered as a recipe would render it: some variants, each from two
sides, on transparency. The page says what building one and rendering a frame took on this machine. With --only the
other families keep the section and the picture that they have.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from PIL import Image

import synthmat
from synthmat.builtin_objects import builtin_objects
from synthmat.report.contact_sheet import grid
from synthmat.report.pictures import over_checker, read_rgba
from synthmat.rows.row_types import FailureRow, FrameRow
from synthmat.stage import RunOptions
from synthmat.storage.atomic import write_bytes, write_text
from synthmat.storage.manifest import read_rows
from synthmat.storage.output_folder import OutputFolder

DOCS = Path(__file__).resolve().parents[1] / "docs"
LARGEST = 2_900_000
"""Bytes of all pictures together."""

_HEAD = """# Built-in objects

Objects that synthmat makes itself, each another one for each seed: `objects: [{builtin: NAME, count: 20}]` in a recipe.
A family is one file in `blender_scenes/builtins` with one function `build(rng)`; a new file is a new family, without
being registered anywhere. This page is made by `python tools/make_gallery.py`, and the pictures show the first
variants that a recipe with seed 1 gives, two views of each.
"""

_BUILD_SECONDS = """
import importlib, json, sys, time
import bpy
import numpy as np
seconds = {}
for name in sys.argv[2:]:
    build = importlib.import_module("synthmat.blender_scenes.builtins." + name).build
    seconds[name] = []
    for seed in range(int(sys.argv[1])):
        bpy.ops.wm.read_factory_settings(use_empty=True)
        began = time.perf_counter()
        build(np.random.default_rng(seed))
        seconds[name].append(time.perf_counter() - began)
print("SECONDS", json.dumps(seconds))
"""


@dataclass(frozen=True)
class Look:
    """How the pictures are made: edge of a frame in pixels, variants of each family, samples a pixel."""

    size: int
    variants: int
    samples: int
    workers: int


def make_gallery(names: list[str], docs: Path, look: Look) -> Path:
    """Render the families, write their pictures to ``docs/builtins`` and the page ``docs/builtins.md``; return it."""
    page = docs / "builtins.md"
    sections = _sections_of(page)
    built = _build_seconds(names, look.variants)
    with tempfile.TemporaryDirectory(prefix="synthmat-gallery-") as folder:
        output, rows = _rendered(names, Path(folder), look)
        for name in names:
            own = [row for row in rows if row.get("model", {}).get("builtin") == name]
            sheet = _sheet(own, output, look)
            _save_jpeg(sheet, docs / "builtins" / f"{name}.jpg", LARGEST // len(builtin_objects()))
            sections[name] = _section(name, built[name], own, look)
    known = [sections[name] for name in builtin_objects() if name in sections]
    write_text(page, "\n".join([_HEAD, *known]))
    for picture in (docs / "builtins").glob("*.jpg"):
        if picture.stem not in builtin_objects():
            picture.unlink()
    return page


def _section(name: str, build_seconds: float, rows: list[FrameRow], look: Look) -> str:
    frame_seconds = median(row.get("seconds", 0.0) for row in rows)
    machine = f"{look.size} px, {look.samples} samples, Blender {rows[0].get('blender')}, {rows[0].get('device')}"
    return (
        f"## {name}\n\n{builtin_objects()[name]}\n\n![{name}](builtins/{name}.jpg)\n\n"
        f"{build_seconds:.2f} s to build a variant, {frame_seconds:.2f} s to render a frame ({machine}).\n"
    )


def _sections_of(page: Path) -> dict[str, str]:
    """Return the sections of a page that is there already, by the name of the family."""
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)[1:]
    return {part.splitlines()[0].removeprefix("## "): part.rstrip("\n") + "\n" for part in parts}


def _build_seconds(names: list[str], variants: int) -> dict[str, float]:
    """Return the median seconds that ``build`` takes for each family, measured in a process of its own."""
    command = [sys.executable, "-c", _BUILD_SECONDS, str(variants), *names]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    line = next(line for line in printed.splitlines() if line.startswith("SECONDS"))
    return {name: median(seconds) for name, seconds in json.loads(line.removeprefix("SECONDS")).items()}


def _rendered(names: list[str], folder: Path, look: Look) -> tuple[OutputFolder, list[FrameRow]]:
    """Render all families into a folder; return its layout and the rows of all frames."""
    recipe = {
        "version": 1,
        "name": "gallery",
        "seed": 1,
        "objects": [{"builtin": name, "count": look.variants} for name in names],
        "render": {
            "resolution": look.size,
            "samples": look.samples,
            "alpha_error": 0.02,
            "views": {"turntable": {"count": 2, "elevation": {"uniform": [8, 24]}, "start": -25, "sweep": 170}},
            "lights": {"three_point": {"key_azimuth": {"uniform": [-60, 60]}, "fill": 0.6, "ambient": 0.25}},
        },
    }
    path = folder / "recipe.yaml"  # JSON is YAML
    path.write_text(json.dumps(recipe), encoding="utf-8")
    result = synthmat.render(path, out=folder / "output", options=RunOptions(workers=look.workers, strict=True))
    output = OutputFolder(folder / "output")
    if result.failed:
        raise SystemExit(
            "\n".join(f"{row.get('job')}: {row['error']}" for row in read_rows(output.failures, FailureRow))
        )
    return output, list(read_rows(output.render_manifest, FrameRow))


def _sheet(rows: list[FrameRow], output: OutputFolder, look: Look) -> Image.Image:
    """Return the frames of one family over a checkerboard: a column a variant, a row a view."""
    rows = sorted(rows, key=lambda row: (row["view"], row["object"]))
    pictures = [over_checker(read_rgba(output.renders / f"{row['object']}/{row['view']}.png")) for row in rows]
    return grid([pictures[: look.variants], pictures[look.variants :]], cell=(look.size, look.size))


def _save_jpeg(sheet: Image.Image, path: Path, largest: int) -> None:
    """Write a picture as JPEG in the best quality that fits into ``largest`` bytes, if need be with fewer pixels."""
    while True:
        for quality in (90, 85, 80, 75):
            buffer = io.BytesIO()
            sheet.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
            if buffer.tell() <= largest:
                write_bytes(path, buffer.getvalue())
                return
        sheet = sheet.resize((sheet.width * 9 // 10, sheet.height * 9 // 10), Image.Resampling.LANCZOS)


def main() -> None:
    """Read the command line and make the gallery."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=list(builtin_objects()), help="these families")
    parser.add_argument("--size", type=int, default=192, help="edge of a frame, pixels")
    parser.add_argument("--variants", type=int, default=6, help="variants of each family")
    parser.add_argument("--samples", type=int, default=32, help="samples a pixel")
    parser.add_argument("--workers", type=int, default=1, help="render processes")
    parser.add_argument("--docs", type=Path, default=DOCS, help="folder of the page")
    asked = parser.parse_args()
    look = Look(asked.size, asked.variants, asked.samples, asked.workers)
    print(make_gallery(asked.only or list(builtin_objects()), asked.docs.absolute(), look))


if __name__ == "__main__":
    main()
