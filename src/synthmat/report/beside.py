"""Two sets of pictures beside each other in numbers: composites and the photographs that a network is for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synthmat.errors import AssetError, OutputError
from synthmat.images.alpha import Float, UInt8
from synthmat.images.photo_file import read_photo
from synthmat.layouts import read_layout
from synthmat.layouts.item import Item
from synthmat.layouts.pixels import read_alpha, read_image
from synthmat.photos import photos_at
from synthmat.report.appearance import MEANINGS, appearance
from synthmat.report.contact_sheet import evenly
from synthmat.report.shortcuts import VIEWS, shortcuts

FAR = 0.5
"""From so many standard deviations on two means count as far from each other."""

Numbers = NDArray[np.float64]

_MOST = 200
"""Pictures that are measured of each set, spread evenly."""


@dataclass(frozen=True)
class Measured:
    """A set of pictures: a list of values for each number, and what patches tell, empty where they cannot be asked."""

    folder: Path
    count: int
    values: dict[str, list[float]]
    patches: dict[str, float]
    notes: tuple[str, ...] = ()


def beside(ours: Path, theirs: Path) -> str:
    """Return a table that compares the pictures of two folders, the largest differences first.

    Args:
        ours: A data set of ours or in any layout.
        theirs: Another one, or a folder of photographs without mattes, of which less can be measured.

    Raises:
        AssetError: A folder is not there, or has no picture that can be read.
        RecipeError: A folder has no picture at all.
    """
    sets = [measured(folder) for folder in (ours, theirs)]
    first, second = sets
    rows: list[tuple[str, Numbers, Numbers, float]] = []
    for name in MEANINGS:
        here, there = (np.array(each.values.get(name, ()), np.float64) for each in sets)
        if min(len(here), len(there)) > 1:
            spread = max(float(np.sqrt((here.var() + there.var()) / 2)), 1e-6)
            rows.append((name, here, there, float(here.mean() - there.mean()) / spread))
    rows.sort(key=lambda row: -abs(row[3]))
    lines = [
        f"{first.folder}: {first.count} pictures; {second.folder}: {second.count}",
        f"{'':18}  {'here: mean, 10 to 90 %':>26}  {'there: mean, 10 to 90 %':>26}  apart by",
    ]
    for name, here, there, apart in rows:
        far = "  <- far" if abs(apart) >= FAR else ""
        lines.append(f"{name:18}  {_summary(here):>26}  {_summary(there):>26}  {apart:+5.2f} SD{far}")
    for name in VIEWS:
        areas = [f"{each.patches[name]:.3f}" if name in each.patches else "unknown" for each in sets]
        lines.append(f"5x5 patch: {name:7}  {areas[0]:>26}  {areas[1]:>26}")
    named = [name for name, *_ in rows]
    lines += ["", *(f"{name}: {meaning}" for name, meaning in MEANINGS.items() if name in named)]
    lines += [
        f"5x5 patch: how well it tells object from background by {text}; 0.5 is chance, 1 certain"
        for text in VIEWS.values()
    ]
    return "\n".join([*lines, *(note for each in sets for note in each.notes)])


def measured(folder: Path) -> Measured:
    """Return the numbers of a folder's pictures.

    Raises:
        AssetError: There is no such folder, or no picture that can be read.
        RecipeError: There is no picture at all.
    """
    if not folder.is_dir():
        raise AssetError(f"{folder}: no such folder")
    pictures, notes = _pictures(folder)
    values: dict[str, list[float]] = {}
    for image, alpha in pictures:
        for name, value in appearance(image, alpha).items():
            values.setdefault(name, []).append(value)
    pairs = [(image, alpha) for image, alpha in pictures if alpha is not None]
    try:
        patches = shortcuts(pairs) if pairs else {}
    except ValueError as error:
        patches, notes = {}, [*notes, f"{folder}: {error}"]
    return Measured(folder, len(pictures), values, patches, tuple(notes))


def _pictures(folder: Path) -> tuple[list[tuple[UInt8, Float | None]], list[str]]:
    """Return some of a folder's pictures with their mattes, or without any where it is in no layout that has them."""
    try:
        items = [item for item in read_layout(folder) if item.image is not None and item.alpha is not None]
    except (AssetError, OutputError):
        items = []
    found: list[tuple[UInt8, Float | None]] = []
    notes: list[str] = []
    sources: Sequence[Item | Path] = items or photos_at(str(folder.absolute()), folder, "inspect --beside")[0]
    for place in evenly(len(sources), _MOST):
        try:
            found.append(_read(sources[place]))
        except AssetError as error:
            notes.append(f"left out: {error}")
    if not found:
        raise AssetError(f"{folder}: none of its {len(sources)} pictures can be read; {notes[0]}")
    if len(sources) > _MOST:
        notes.append(f"{folder}: {_MOST} of {len(sources)} pictures were measured, spread evenly")
    return found, notes


def _read(source: Item | Path) -> tuple[UInt8, Float | None]:
    if isinstance(source, Path):
        return read_photo(source).pixels, None
    assert source.image is not None
    assert source.alpha is not None
    image = read_image(source.image)
    alpha = read_alpha(source.alpha, source.alpha_from, mask=source.mask, shape=image.shape[:2])
    if alpha.shape != image.shape[:2]:
        raise AssetError(f"{source.alpha}: not of the size of {source.image}")
    return image, alpha


def _summary(values: Numbers) -> str:
    low, high = np.quantile(values, [0.1, 0.9])
    return f"{values.mean():.3f}, {low:.3f} to {high:.3f}"
