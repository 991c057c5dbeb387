"""Contact sheet and page of rendered frames."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Any, TypeGuard

from synthmat.images.alpha import Float
from synthmat.report.charts import bars, figure, histogram, scatter
from synthmat.report.contact_sheet import Tile, evenly, grid, save_sheet
from synthmat.report.gallery import Entry, gallery
from synthmat.report.matte_check import BINS, TOUCHES, faults_of
from synthmat.report.page import cards, failure_notice, href, notice, picture, section, table, write_page
from synthmat.report.pictures import fitted, over_checker, read_matte, read_rgba
from synthmat.report.stage_report import (
    MISSING,
    Measured,
    StageReport,
    chosen,
    make_tiles,
    measure_all,
    measured_words,
    plural,
    stage_failures,
    stage_rows,
)
from synthmat.rows.row_types import AlphaPart, ColorPart, FailureRow, FrameRow
from synthmat.storage.output_folder import OutputFolder

_MOST_COLUMNS, _MOST_ROWS, _CELL = 12, 40, 128


def read_frames(output: OutputFolder) -> list[FrameRow]:
    """Return the rows of all frames, sorted by object and view; each frame once, as it was made last."""
    rows = stage_rows(output, output.renders, [output.render_manifest], FrameRow)
    frames = {(str(row.get("object", "")), str(row.get("view", ""))): row for row in rows}
    return [frames[name] for name in sorted(frames)]


def report_renders(output: OutputFolder) -> StageReport:
    """Write ``renders/contact_sheet.png`` and ``renders/index.html`` and return what the overview needs."""
    rows = read_frames(output)
    files = [_file(output, row) for row in rows]
    there = [file.is_file() for file in files]
    measured = _measure(files, there)
    failures = stage_failures(output, "render")
    sheet, page = output.renders / "contact_sheet.png", output.renders / "index.html"
    _write_sheet(rows, files, sheet, output.root.name)
    missing = [_name(row) for row, found in zip(rows, there, strict=True) if not found]
    faults = {index: _unasked(rows[index], found.faults) for index, found in measured.items()}
    faulty = [f"{_name(rows[i])}: {', '.join(found)}" for i, found in faults.items() if found]
    warnings = _warnings(rows)
    numbers = _numbers(rows, failures, len(warnings), len(missing), len(faulty))
    troubles = [f"{plural(len(missing), 'file')} missing"] * bool(missing)
    troubles += [f"{plural(len(faulty), 'frame')} with a bad matte"] * bool(faulty)
    objects = len({row.get("object") for row in rows})
    words = f"{plural(len(rows), 'rendered frame')} of {plural(objects, 'object')} in {output.renders}"
    counted = measured_words(len(measured), sum(there), "frames")
    write_page(
        page,
        f"{output.root.name}: renders",
        words,
        [
            cards(numbers),
            failure_notice(failures, output.failures, page),
            notice("In the manifest, but the file is not there", missing) if missing else "",
            notice(f"The matte is empty or cut off by the frame ({counted} checked)", faulty) if faulty else "",
            section("Warnings", table(["object", "warning"], warnings)) if warnings else "",
            section("Numbers", f"<div class=charts>{_charts(rows, list(measured.values()), counted)}</div>"),
            section("Contact sheet", picture(sheet, page, "contact sheet"), closed=len(rows) > 1),
            "<h2>Frames</h2>",
        ],
        gallery=gallery("renders", _entries(rows, files, there, measured, page), ["object"]),
    )
    return StageReport("Renders", page, numbers, (sheet,), tuple(troubles), (sheet, page))


def _file(output: OutputFolder, row: FrameRow) -> Path:
    names = row.get("files") or {}
    png = next((name for name in names if str(name).endswith(".png")), f"{row.get('object')}/{row.get('view')}.png")
    return output.renders / str(png)


def _name(row: FrameRow) -> str:
    return f"{row.get('object')}/{row.get('view')}"


def _measure(files: list[Path], there: list[bool]) -> dict[int, Measured]:
    indices = chosen(there)

    def reader(path: Path) -> Callable[[], tuple[Float, float | None]]:
        return lambda: (read_matte(path), None)

    return dict(zip(indices, measure_all([reader(files[index]) for index in indices]), strict=True))


def _write_sheet(rows: list[FrameRow], files: list[Path], sheet: Path, name: str) -> None:
    by_object: dict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        by_object[str(row.get("object"))].append(index)
    most = max((len(indices) for indices in by_object.values()), default=0)
    # With few views of each, several objects share a line: a sheet is read across before it is scrolled.
    beside = max(1, _MOST_COLUMNS // max(1, most))
    names = [list(by_object)[i] for i in evenly(len(by_object), _MOST_ROWS * beside)]
    wanted = [[by_object[key][i] for i in evenly(len(by_object[key]), _MOST_COLUMNS)] for key in names]
    flat = [index for indices in wanted for index in indices]
    tiles = dict(zip(flat, make_tiles([_tile_maker(rows[i], files[i]) for i in flat]), strict=True))
    note = f"{len(names)} of {plural(len(by_object), 'object')}, {len(flat)} of {plural(len(rows), 'frame')}"
    if most > _MOST_COLUMNS:
        note += f", at most {_MOST_COLUMNS} views of each"
    lines = [[tiles[index] for index in indices] for indices in wanted]
    if beside > 1:
        named = [
            [replace(tile, caption=name) if place == 0 else tile for place, tile in enumerate(line)]
            for name, line in zip(names, lines, strict=True)
        ]
        lines = [list(chain(*named[first : first + beside])) for first in range(0, len(named), beside)]
    save_sheet(
        grid(
            lines,
            row_labels=names if beside == 1 else (),
            cell=(_CELL, _CELL),
            title=f"{name}: renders",
            note=note,
        ),
        sheet,
    )


def _tile_maker(row: FrameRow, path: Path) -> Callable[[], Tile]:
    view = str(row.get("view"))
    angles = [row.get("azimuth"), row.get("elevation")]
    caption = f"{view}  {angles[0]:.0f}°, {angles[1]:.0f}°" if all(_is_number(a) for a in angles) else view

    def make() -> Tile:
        if not path.is_file():
            return Tile(None, caption, MISSING)
        rgba = read_rgba(path)
        return Tile(
            over_checker(fitted(rgba, _CELL, _CELL)), caption, ", ".join(_unasked(row, faults_of(rgba[..., 3])))
        )

    return make


def _unasked(row: FrameRow, faults: tuple[str, ...]) -> tuple[str, ...]:
    """Return the faults that the recipe did not ask for, as it does for objects cut off by the frame."""
    camera = row.get("camera") or {}
    cut_off = camera.get("cut_off") or camera.get("framing", "whole") != "whole"
    return tuple(fault for fault in faults if not (fault == TOUCHES and cut_off))


def _warnings(rows: list[FrameRow]) -> list[list[Any]]:
    """Return each object's warnings once, although every frame of it repeats them."""
    found = {(str(row.get("object")), str(words)): None for row in rows for words in row.get("warnings") or ()}
    return [list(pair) for pair in found]


def _numbers(
    rows: list[FrameRow], failures: list[FailureRow], warnings: int, missing: int, faulty: int
) -> dict[str, str]:
    seconds = [value for row in rows if _is_number(value := row.get("seconds"))]
    numbers = {
        "frames": f"{len(rows):,}",
        "objects": f"{len({row.get('object') for row in rows}):,}",
        "seconds a frame, median": f"{median(seconds):.2f}" if seconds else "unknown",
        "size": _common(f"{row['width']} × {row['height']}" for row in rows if "width" in row and "height" in row),
        "samples a pixel": _common(str(row["samples"]) for row in rows if "samples" in row),
        "device": _common(str(row["device"]) for row in rows if "device" in row),
        "warnings": f"{warnings:,}",
        "failures": f"{len(failures):,}",
    }
    if missing:
        numbers["missing files"] = f"{missing:,}"
    if faulty:
        numbers["bad mattes"] = f"{faulty:,}"
    return {name: value for name, value in numbers.items() if value}


def _common(values: Any) -> str:
    """Return the value that all have, or how many there are."""
    different = sorted(set(values))
    return different[0] if len(different) == 1 else f"{len(different)} different" if different else ""


def _charts(rows: list[FrameRow], measured: list[Measured], counted: str) -> str:
    mattes = [found.matte for found in measured if found.matte is not None]
    cameras = [
        (float(azimuth) % 360, float(elevation))
        for row in rows
        if _is_number(azimuth := row.get("azimuth")) and _is_number(elevation := row.get("elevation"))
    ]
    seconds = [float(value) for row in rows if _is_number(value := row.get("seconds"))]
    soft = [sum(matte.histogram[i] for matte in mattes) for i in range(BINS)]
    share = sum(matte.soft for matte in mattes) / max(1, len(mattes))
    return "".join(
        [
            figure(
                "Area of the object, share of the frame", histogram([m.area for m in mattes], limits=(0, 1)), counted
            ),
            figure("Alpha of the soft pixels", bars(soft, 0, 1), f"{share:.1%} of the pixels are soft; {counted}"),
            figure("Where the camera stood: azimuth and elevation, degrees", scatter(cameras, (0, 360), (-90, 90))),
            figure("Seconds a frame", histogram(seconds)),
        ]
    )


def _entries(
    rows: list[FrameRow], files: list[Path], there: list[bool], measured: dict[int, Measured], page: Path
) -> list[Entry]:
    entries = []
    for index, (row, path) in enumerate(zip(rows, files, strict=True)):
        found = measured.get(index)
        matte = found.matte if found else None
        faults = (_unasked(row, found.faults) if found else ()) if there[index] else (MISSING,)
        facts = {
            "azimuth": _degrees(row.get("azimuth")),
            "elevation": _degrees(row.get("elevation")),
            "alpha error": _error(row.get("alpha")),
            "color error": _error(row.get("color")),
            "seconds": f"{seconds:.2f}" if _is_number(seconds := row.get("seconds")) else "",
            "samples": str(row.get("samples", "")),
            "light": str((row.get("light") or {}).get("kind", "")),
            "area": f"{matte.area:.1%}" if matte else "",
            "soft pixels": f"{matte.soft:.1%}" if matte else "",
            "model": str((row.get("model") or {}).get("file") or ""),
            "license": str((row.get("model") or {}).get("license") or ""),
            "source": str((row.get("model") or {}).get("source") or ""),
            "warnings": "; ".join(map(str, row.get("warnings") or ())),
        }
        angles = ", ".join(filter(None, (facts["azimuth"], facts["elevation"])))
        entries.append(
            Entry(
                title=_name(row),
                note=angles,
                files={"image": href(path, page) if there[index] else ""},
                faults=faults,
                groups={"object": str(row.get("object"))},
                facts=facts,
                edge=(matte.edge_x, matte.edge_y) if matte else (0.5, 0.5),
                clip=f"{row.get('object')} {clip}" if (clip := (row.get("animation") or {}).get("clip")) else "",
            )
        )
    return entries


def _error(part: AlphaPart | ColorPart | None) -> str:
    """Return the stated error of alpha or color in 8-bit levels."""
    error = None if part is None else part.get("error")
    return f"{255 * error:.1f} levels" if _is_number(error) and error else ""


def _degrees(value: Any) -> str:
    return f"{value:.1f}°" if _is_number(value) else ""


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
