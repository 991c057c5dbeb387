"""Contact sheet and page of a folder of predictions: each picture beside its matte, cut-out and composite."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PIL import Image

from synthmat.errors import AssetError
from synthmat.images.photo_file import read_photo
from synthmat.report.contact_sheet import Tile, evenly, grid, save_sheet, words_picture
from synthmat.report.page import Html, cards, failure_notice, link, picture, section, table, write_page
from synthmat.report.pictures import fitted, over_checker, read_matte, read_rgba, to_picture
from synthmat.report.stage_report import MISSING, make_tiles, plural, stage_failures
from synthmat.rows.row_types import PredictionRow
from synthmat.storage.manifest import read_rows
from synthmat.storage.output_folder import PREDICTIONS, OutputFolder

_CELL = 220
_MOST_ROWS = 40
_KINDS = {"alpha": "matte", "cutout": "cut-out", "composite": "on a new background"}


def report_predictions(folder: Path) -> list[Path]:
    """Write ``contact_sheet.png`` and ``index.html`` into a folder of predictions, and return their paths."""
    rows = list(read_rows(folder / PREDICTIONS, PredictionRow))
    failures = stage_failures(OutputFolder(folder), "predict")
    page, sheet = folder / "index.html", folder / "contact_sheet.png"
    shown = [rows[place] for place in evenly(len(rows), _MOST_ROWS)]
    if shown:
        _write_sheet(shown, len(rows), folder, sheet)
    networks = sorted({str(row.get("predictor", "unknown")) for row in rows})
    numbers = {
        "pictures": f"{len(rows):,}",
        "failures": f"{len(failures):,}",
        "seconds, all together": f"{sum(row.get('seconds', 0.0) for row in rows):,.1f}",
    }
    parts = [
        cards(numbers),
        failure_notice(failures, folder / "failures.jsonl", page),
        section("Pictures", picture(sheet, page, "predictions")) if shown else "",
        section("Files", table(["name", "picture", "size", "network", "files"], [_words(row, page) for row in rows])),
    ]
    write_page(page, f"{folder.name}: predictions", f"by {', '.join(networks) or 'nothing yet'} in {folder}", parts)
    return [sheet, page] if shown else [page]


def _write_sheet(rows: list[PredictionRow], count: int, folder: Path, path: Path) -> None:
    kinds = [kind for kind in _KINDS if any(_file(row, kind, folder) for row in rows)]
    makers: list[Callable[[], Tile]] = []
    for row in rows:
        makers.append(partial(_input_tile, Path(str(row.get("input", "")))))
        makers += [partial(_tile, kind, _file(row, kind, folder)) for kind in kinds]
    tiles = make_tiles(makers)
    across = 1 + len(kinds)
    lines = [tiles[first : first + across] for first in range(0, len(tiles), across)]
    note = plural(count, "picture") + (f", {len(rows)} of them shown" if len(rows) < count else "")
    labels = [str(row["name"]) for row in rows]
    columns = ["picture", *(_KINDS[kind] for kind in kinds)]
    save_sheet(grid(lines, labels, columns, (_CELL, _CELL), title=f"{folder.name}: predictions", note=note), path)


def _file(row: PredictionRow, kind: str, folder: Path) -> Path | None:
    """Return the file of a kind that a row names, for example ``fox_alpha.png``."""
    return next((folder / name for name in row.get("files", ()) if Path(name).stem.endswith(f"_{kind}")), None)


def _input_tile(path: Path) -> Tile:
    try:
        return Tile(_small(Image.fromarray(read_photo(path).pixels)))
    except AssetError:
        return Tile(words_picture("the picture is no longer there", (_CELL, _CELL)))


def _tile(kind: str, path: Path | None) -> Tile:
    if path is None or not path.is_file():
        return Tile(None, fault=MISSING if path is not None else "")
    if kind == "alpha":
        return Tile(_small(to_picture(read_matte(path))))
    if kind == "cutout":
        return Tile(over_checker(fitted(read_rgba(path), _CELL, _CELL)))
    return Tile(_small(Image.fromarray(read_photo(path).pixels)))


def _small(image: Image.Image) -> Image.Image:
    image.thumbnail((_CELL, _CELL), Image.Resampling.LANCZOS)
    return image


def _words(row: PredictionRow, page: Path) -> list[str | Html]:
    files = ", ".join(link(page.parent / name, page, name) for name in row.get("files", ()))
    size = f"{row.get('width', '?')} x {row.get('height', '?')}"
    return [str(row["name"]), str(row.get("input", "")), size, str(row.get("how", "")), Html(files)]
