"""Contact sheets: pictures in a labelled grid, as one picture of bounded size."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from synthmat.storage.atomic import write_bytes

PAPER, INK, FAINT, RED = (250, 250, 249), (28, 28, 30), (112, 112, 117), (200, 24, 32)
LARGEST_FILE = 4_000_000
"""Bytes that a contact sheet may have unless its maker says otherwise."""

_FONT, _TITLE_FONT, _GAP, _MARGIN, _LINE = 13, 18, 6, 16, 19
_VISIBLE_LOSS = 3.0
_WIDEST_LABEL = 190


@dataclass(frozen=True)
class Tile:
    """A picture of the grid, words below it, and a fault that is written over it in red.

    Without a picture the tile shows as an empty frame, so that what is missing is seen to be missing.
    """

    image: Image.Image | None
    caption: str = ""
    fault: str = ""


def grid(
    images: Sequence[Sequence[Image.Image | Tile | None]],
    row_labels: Sequence[str] = (),
    column_labels: Sequence[str] = (),
    cell: tuple[int, int] = (128, 128),
    *,
    title: str = "",
    note: str = "",
    paper: tuple[int, int, int] = PAPER,
    ink: tuple[int, int, int] = INK,
) -> Image.Image:
    """Lay pictures out in rows and columns with labels and return one RGB picture.

    Args:
        images: Rows of pictures; rows may differ in length, and ``None`` leaves a place empty. A picture larger than
            its cell is scaled down to fit, a smaller one keeps its pixels; alpha shows the paper.
        row_labels: Words left of each row; long ones are broken and cut.
        column_labels: Words above each column.
        cell: Width and height of a cell, pixels.
        title: A heading.
        note: Smaller words below the heading.
        paper: Color behind everything, sRGB 0..255.
        ink: Color of the words.
    """
    rows = [[_tile(entry) for entry in row] for row in images]
    columns = max((len(row) for row in rows), default=0)
    label_width = min(_WIDEST_LABEL, max((_text_width(label) for label in row_labels), default=0))
    left = _MARGIN + (label_width + 2 * _GAP if label_width else 0)
    captions = _LINE if any(tile and tile.caption for row in rows for tile in row) else 0
    head = _MARGIN + (_TITLE_FONT + 10 if title else 0) + (_LINE + 4 if note else 0)
    top = head + (_LINE if any(column_labels) else 0)
    step_x, step_y = cell[0] + _GAP, cell[1] + _GAP + captions
    across = left + columns * step_x - _GAP + _MARGIN
    words = 2 * _MARGIN + max(_text_width(title, _TITLE_FONT), _text_width(note))
    width = max(across, min(words, 1600))
    sheet = Image.new("RGB", (max(width, 2 * _MARGIN), top + max(1, len(rows)) * step_y - _GAP + _MARGIN), paper)
    canvas = ImageDraw.Draw(sheet)
    canvas.text((_MARGIN, _MARGIN - 4), _shortened(title, width - 2 * _MARGIN, _TITLE_FONT), ink, _font(_TITLE_FONT))
    canvas.text((_MARGIN, head - _LINE - 4 if note else 0), _shortened(note, width - 2 * _MARGIN), FAINT, _font())
    for column, label in enumerate(column_labels[:columns]):
        place = (left + column * step_x + cell[0] / 2, top - _LINE)
        canvas.text(place, _shortened(label, cell[0]), FAINT, _font(), anchor="ma")
    for number, row in enumerate(rows):
        y = top + number * step_y
        if number < len(row_labels):
            _draw_label(canvas, row_labels[number], (_MARGIN, y), label_width, cell[1], ink)
        for column, tile in enumerate(row):
            if tile is not None:
                _draw_tile(sheet, canvas, tile, (left + column * step_x, y), cell)
    return sheet


def words_picture(text: str, cell: tuple[int, int]) -> Image.Image:
    """Return words in red as a picture of the size of a cell, for what has none; what does not fit is cut off."""
    picture = Image.new("RGB", cell, PAPER)
    canvas = ImageDraw.Draw(picture)
    # The place of the fault's words is left free above them.
    most = max(1, (cell[1] - _LINE - _GAP) // _LINE)
    for number, line in enumerate(_wrapped(text, cell[0] - 10, most)):
        canvas.text((5, (number + 1) * _LINE + 2), line, RED, _font())
    return picture


def save_sheet(sheet: Image.Image, path: Path, largest: int = LARGEST_FILE) -> None:
    """Write a sheet as PNG of at most ``largest`` bytes.

    A sheet that is too large in full color gets a palette where that cannot be seen, and else fewer pixels.
    """
    data = _png(sheet)
    if len(data) > largest:
        palette = sheet.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG)
        smaller = _png(palette)
        if len(smaller) <= largest and _loss(sheet, palette) <= _VISIBLE_LOSS:
            data = smaller
    while len(data) > largest and min(sheet.size) > 1:
        factor = min(0.95, (largest / len(data)) ** 0.5)
        size = (max(1, int(sheet.width * factor)), max(1, int(sheet.height * factor)))
        sheet = sheet.resize(size, Image.Resampling.LANCZOS)
        data = _png(sheet)
    write_bytes(path, data)


def evenly(count: int, most: int) -> list[int]:
    """Return at most ``most`` of the indices 0 .. ``count`` - 1, spread evenly, the first and the last among them."""
    if count <= most:
        return list(range(count))
    return [int(index) for index in np.linspace(0, count - 1, most).round()]


def _tile(entry: Image.Image | Tile | None) -> Tile | None:
    return Tile(entry) if isinstance(entry, Image.Image) else entry


def _draw_tile(
    sheet: Image.Image, canvas: ImageDraw.ImageDraw, tile: Tile, at: tuple[int, int], cell: tuple[int, int]
) -> None:
    x, y = at
    width, height = cell
    if tile.image is None:
        canvas.rectangle((x, y, x + width - 1, y + height - 1), outline=RED)
    else:
        picture = tile.image
        if picture.width > width or picture.height > height:
            picture = picture.copy()
            picture.thumbnail(cell, Image.Resampling.LANCZOS)
        place = (x + (width - picture.width) // 2, y + (height - picture.height) // 2)
        mask = picture if picture.mode in ("RGBA", "LA") else None
        sheet.paste(picture.convert("RGBA" if mask else "RGB"), place, mask)
    if tile.fault:
        words = _shortened(tile.fault, width - 10)
        canvas.rectangle((x, y, x + width - 1, y + height - 1), outline=RED, width=2)
        canvas.rectangle((x, y, x + _text_width(words) + 9, y + _LINE - 1), fill=RED)
        canvas.text((x + 5, y + _LINE / 2), words, (255, 255, 255), _font(), anchor="lm")
    if tile.caption:
        canvas.text((x, y + height + 2), _shortened(tile.caption, width), FAINT, _font())


def _draw_label(
    canvas: ImageDraw.ImageDraw, label: str, at: tuple[int, int], width: int, height: int, ink: tuple[int, int, int]
) -> None:
    lines = _broken(label, width)[: max(1, height // _LINE)]
    y = at[1] + (height - len(lines) * _LINE) / 2
    for number, line in enumerate(lines):
        canvas.text((at[0], y + number * _LINE), line, ink, _font())


def _broken(text: str, width: int, most: int = 3) -> list[str]:
    """Break a label into at most so many lines, where needed within a word; the last one is shortened."""
    lines = [""]
    for sign in " ".join(text.split()):
        if len(lines) < most and _text_width(lines[-1] + sign) > width:
            lines.append("")
        lines[-1] += sign
    return [_shortened(line.strip(), width) for line in lines]


def _wrapped(text: str, width: int, most: int) -> list[str]:
    """Break a text between words, and where a word is too long within it; the last line is shortened."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(lines) == most or _text_width(longer) <= width:
            lines[-1] = longer
        elif _text_width(word) <= width:
            lines.append(word)
        else:
            first, *rest = _broken(longer, width, most - len(lines) + 1)
            lines[-1:] = [first, *rest]
    return [_shortened(line, width) for line in lines]


def _shortened(text: str, width: float, size: int = _FONT) -> str:
    text = " ".join(text.split())
    if _text_width(text, size) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if _text_width(text[:middle] + "…", size) <= width:
            low = middle
        else:
            high = middle - 1
    return text[:low] + "…"


def _text_width(text: str, size: int = _FONT) -> int:
    return int(np.ceil(_font(size).getlength(text)))


@cache
def _font(size: int = _FONT) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size)


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _loss(sheet: Image.Image, palette: Image.Image) -> float:
    """Return the root mean square of what the palette changes, in levels, blurred as the eye does with dither."""
    half = (max(1, sheet.width // 2), max(1, sheet.height // 2))
    before, after = (
        np.asarray(picture.convert("RGB").resize(half, Image.Resampling.BOX), np.float32)
        for picture in (sheet, palette)
    )
    return float(np.sqrt(np.square(before - after).mean()))
