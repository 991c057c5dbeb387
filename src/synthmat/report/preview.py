"""Contact sheets and page of a preview: every object once, with what is wrong with it beside its picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from synthmat.errors import AssetError
from synthmat.report.contact_sheet import Tile, grid, save_sheet, words_picture
from synthmat.report.matte_check import TOUCHES, faults_of
from synthmat.report.page import cards, href, link, write_page
from synthmat.report.pictures import fitted, over_checker, read_matte, read_rgba
from synthmat.report.stage_report import UNREADABLE, make_tiles, plural
from synthmat.rows.row_types import FrameRow
from synthmat.storage.output_folder import OutputFolder

_COLUMNS, _ROWS = 10, 10
"""Of one sheet; more objects go on several, so that none has to be scaled down."""
_CELL = 160
_NOT_YET = "not rendered yet"


@dataclass(frozen=True)
class Previewed:
    """One object: its name, where it comes from, the size of its frame, its row if it has one, or why it failed."""

    name: str
    source: str
    size: tuple[int, int]
    row: FrameRow | None = None
    error: str = ""

    @property
    def warnings(self) -> list[str]:
        """What the renderer warned of."""
        return [] if self.row is None else list(self.row.get("warnings") or ())


def report_preview(objects: Sequence[Previewed], place: OutputFolder, name: str) -> tuple[tuple[Path, ...], Path]:
    """Write the contact sheets and ``index.html`` of a preview into ``place.renders`` and return their paths.

    Args:
        objects: All objects, in the order in which they are shown.
        place: The preview's paths.
        name: The heading.
    """
    faults = [_faults(each, place) for each in objects]
    failed = sum(bool(each.error) and each.row is None for each in objects)
    warned = sum(bool(each.warnings) or bool(found) for each, found in zip(objects, faults, strict=True))
    waiting = sum(each.row is None and not each.error for each in objects)
    words = f"{plural(len(objects), 'object')}: {failed} failed, {warned} with warnings"
    words += f", {waiting} {_NOT_YET}" if waiting else ""
    sheets = _write_sheets(objects, faults, place, name, words)
    page = place.renders / "index.html"
    numbers = {"objects": f"{len(objects):,}", "failures": f"{failed:,}", "with warnings": f"{warned:,}"}
    if waiting:
        numbers[_NOT_YET] = f"{waiting:,}"
    linked = ", ".join(link(sheet, page, sheet.name) for sheet in sheets)
    figures = "\n".join(_figure(each, found, place, page) for each, found in zip(objects, faults, strict=True))
    write_page(
        page,
        f"{name}: preview",
        "Every object once, in the light and framing of its first frame; few samples, so grain is no fault.",
        [cards(numbers), f"<p>All on one picture: {linked}</p>", f'<div class="previews">{figures}</div>'],
    )
    return sheets, page


def _file(each: Previewed, place: OutputFolder) -> Path | None:
    return None if each.row is None else place.renders / next(iter(each.row["files"]))


def _faults(each: Previewed, place: OutputFolder) -> tuple[str, ...]:
    """Return what is wrong with the matte, except what the recipe asks for."""
    file = _file(each, place)
    if each.row is None or file is None:
        return ()
    try:
        found = faults_of(read_matte(file))
    except AssetError:
        return (UNREADABLE,)
    camera = each.row.get("camera") or {}
    cut_off = camera.get("cut_off") or camera.get("framing", "whole") != "whole"
    return tuple(fault for fault in found if not (fault == TOUCHES and cut_off))


def _write_sheets(
    objects: Sequence[Previewed], faults: Sequence[tuple[str, ...]], place: OutputFolder, name: str, words: str
) -> tuple[Path, ...]:
    for old in place.renders.glob("contact_sheet*.png"):
        old.unlink()
    width, height = max((each.size for each in objects), default=(_CELL, _CELL))
    factor = _CELL / max(width, height)
    cell = max(48, round(width * factor)), max(48, round(height * factor))
    makers = [_tile_maker(each, found, place, cell) for each, found in zip(objects, faults, strict=True)]
    tiles = make_tiles(makers)
    pages = max(1, math.ceil(len(tiles) / (_COLUMNS * _ROWS)))
    # Evenly, so that the last sheet does not hold three objects.
    share = math.ceil(len(tiles) / pages)
    columns = min(_COLUMNS, max(4, math.ceil(math.sqrt(1.5 * share))))
    paths = []
    for number in range(pages):
        part = tiles[number * share : (number + 1) * share]
        lines = [part[first : first + columns] for first in range(0, len(part), columns)]
        path = place.renders / ("contact_sheet.png" if pages == 1 else f"contact_sheet_{number + 1}.png")
        title = f"{name}: preview" + (f", {number + 1} of {pages}" if pages > 1 else "")
        save_sheet(grid(lines, cell=cell, title=title, note=words), path)
        paths.append(path)
    return tuple(paths)


def _tile_maker(
    each: Previewed, faults: tuple[str, ...], place: OutputFolder, cell: tuple[int, int]
) -> Callable[[], Tile]:
    file = _file(each, place)
    told = [*faults, *(each.warnings if len(each.warnings) == 1 else [])]
    told += [plural(len(each.warnings), "warning")] if len(each.warnings) > 1 else []

    def make() -> Tile:
        if file is None:
            reason = each.error.replace(each.source, Path(each.source).name).removeprefix(f"{Path(each.source).name}: ")
            return Tile(words_picture(reason or _NOT_YET, cell), each.name, "failed" if each.error else "")
        return Tile(over_checker(fitted(read_rgba(file), *cell)), each.name, ", ".join(told))

    return make


def _figure(each: Previewed, faults: Sequence[str], place: OutputFolder, page: Path) -> str:
    """Return an object's picture and all words about it as HTML."""
    file = _file(each, place)
    width, height = each.size
    if file is None:
        picture = f'<div class="checker lost" style="aspect-ratio: {width}/{height}">no picture</div>'
    else:
        address = escape(href(file, page))
        size = f"width={width} height={height}"
        picture = f'<a href="{address}"><img class=checker src="{address}" alt="" loading=lazy {size}></a>'
    words = [f"<b>{escape(each.name)}</b>", f"<small>{escape(each.source)}</small>"]
    words += [f"<p class=bad>failed: {escape(each.error)}</p>"] if each.error and file is None else []
    words += [f"<p class=bad>{escape(fault)}</p>" for fault in faults]
    words += [f"<p>warning: {escape(text)}</p>" for text in each.warnings]
    words += [f"<p class=faint>{_NOT_YET}</p>"] if file is None and not each.error else []
    return f"<figure>{picture}<figcaption>{''.join(words)}</figcaption></figure>"
