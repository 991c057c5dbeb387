"""The contact sheet of a data set: image, matte and cut-out of samples from every split."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image

from synthmat.random_streams import stream
from synthmat.report.contact_sheet import PAPER, Tile, grid, save_sheet
from synthmat.report.matte_check import TOUCHES, faults_of
from synthmat.report.pictures import fitted, over_checker, read_matte, read_rgba, to_picture
from synthmat.report.stage_report import MISSING, make_tiles, plural
from synthmat.rows.samples import StoredSample
from synthmat.storage.output_folder import SPLITS

_COLUMNS, _ROWS, _CELL = 3, 14, 128


def write_dataset_sheet(samples: list[StoredSample], sheet: Path, name: str) -> None:
    """Write the sheet; a row shows samples of one split."""
    rows, labels = _spread(samples)
    flat = [index for row in rows for index in row]
    tiles = dict(zip(flat, make_tiles([_tile_maker(samples[index]) for index in flat]), strict=True))
    note = f"{len(flat)} of {plural(len(samples), 'sample')}: image, alpha, cut-out"
    triplets = [[tiles[index] for index in row] for row in rows]
    title = f"{name}: data set"
    save_sheet(grid(triplets, labels, cell=(3 * _CELL + 4, _CELL), title=title, note=note), sheet)


def _spread(samples: list[StoredSample]) -> tuple[list[list[int]], list[str]]:
    """Return rows of indices and their labels: every split with its share of the rows, spread over its objects."""
    by_split = {split: [i for i, s in enumerate(samples) if s.split == split] for split in SPLITS}
    by_split = {split: indices for split, indices in by_split.items() if indices}
    rows: list[list[int]] = []
    labels: list[str] = []
    for split, indices in by_split.items():
        share = round(_ROWS * len(indices) / len(samples))
        places = min(len(indices), _COLUMNS * max(2 if len(by_split) > 1 else 1, share))
        # One at random of each equal piece of the list: even steps would always meet the same view or photo.
        steps = np.linspace(0, len(indices), places + 1).astype(int)
        rng = stream(0, "report", "sheet", split)
        picked = [indices[int(rng.integers(low, high))] for low, high in pairwise(steps)]
        rows += [picked[start : start + _COLUMNS] for start in range(0, places, _COLUMNS)]
        labels += [split] * (len(rows) - len(labels))
    return rows, labels


def _tile_maker(sample: StoredSample) -> Callable[[], Tile]:
    row = sample.row
    caption = f"{row.get('object')} {row.get('view')} on {Path(str(row.get('background'))).name}"

    def make() -> Tile:
        if not sample.is_pair:
            return Tile(None, caption, MISSING)
        alpha, image = read_matte(sample.files["alpha"]), read_rgba(sample.files["image"])
        with_fg = "fg" in sample.files and "fg" not in sample.missing
        color = read_rgba(sample.files["fg"])[..., :3] if with_fg else image[..., :3]
        if not alpha.shape == image.shape[:2] == color.shape[:2]:
            return Tile(None, caption, "sizes differ")
        opaque = np.ones_like(alpha)
        small = [
            to_picture(fitted(np.dstack([image[..., :3], opaque]), _CELL, _CELL)[..., :3]),
            to_picture(fitted(np.dstack([alpha, alpha, alpha, opaque]), _CELL, _CELL)[..., :3]),
            over_checker(fitted(np.dstack([color, alpha]), _CELL, _CELL)),
        ]
        triplet = Image.new("RGB", (3 * _CELL + 4, _CELL), PAPER)
        for place, part in enumerate(small):
            triplet.paste(part, (place * (_CELL + 2), (_CELL - part.height) // 2))
        # An object that the frame cuts off is what many photos show.
        return Tile(triplet, caption, ", ".join(fault for fault in faults_of(alpha) if fault != TOUCHES))

    return make
