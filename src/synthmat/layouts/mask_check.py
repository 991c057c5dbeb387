"""Masks of 0 and 1, labels and odd depths among mattes, which would be read as an alpha that nobody can see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthmat.errors import AssetError
from synthmat.layouts.item import Item
from synthmat.layouts.pixels import alpha_levels, float_fault

_LOOKED_AT = 16
_FEWEST_ALIKE = 3
_INVISIBLE = 3
_LARGEST_LABEL = 30
_LABELS_SHARE = 0.2
_AT_TOP = 0.1
_DEPTHS = (8, 10, 12)
_MOST_NAMED = 4


@dataclass(frozen=True)
class Suspicion:
    """What a file seems to hold instead of a matte, how to convert it, and the recipe's words that say so.

    ``certain`` is False where it takes several such files in a folder to be sure: a faint matte of a pane of glass
    looks like a mask of labels.
    """

    words: str
    remedy: str
    option: str
    certain: bool


def check_mattes(items: Sequence[Item], *, in_recipe: bool = True) -> list[str]:
    """Look at some mattes of a folder and return warnings of those that seem to be none.

    A dark matte may be right, and so may be a few frames of a clip in which next to nothing is left to see; what is
    wrong with the levels is wrong with all of a folder.

    Args:
        items: The folder's, as `synthmat.layouts.read_layout` gives them; those with a ``mask`` are not looked at.
        in_recipe: Whether a recipe names them, which can say what their levels mean.

    Raises:
        AssetError: All that were looked at seem to be other than mattes; names the first.
    """
    mattes = list({(item.alpha, item.alpha_from): item for item in items if item.alpha and not item.mask}.values())
    step = max(1, len(mattes) / _LOOKED_AT)
    chosen = [mattes[int(number * step)] for number in range(min(len(mattes), _LOOKED_AT))]
    found: dict[Path, Suspicion | None] = {}
    brightest: list[float] = []
    for item in chosen:
        assert item.alpha is not None
        try:
            levels, top = alpha_levels(item.alpha, item.alpha_from)
        except AssetError:
            continue  # Named when it is to be used.
        if levels.any():
            found[item.alpha] = suspicion(levels, top)
            brightest.append(float(levels.max()) / top)
    suspects = {path: each for path, each in found.items() if each}
    if not suspects:
        return _dim(list(found), brightest) if in_recipe else []
    path = next((path for path, each in suspects.items() if each.certain), next(iter(suspects)))
    told = f"{path}: {suspects[path].words}"
    alike = f" ({len(suspects)} of the {len(found)} mattes looked at are such)" if len(found) > 1 else ""
    remedy = suspects[path].remedy
    if in_recipe:
        remedy += f", or say `mask: {{{suspects[path].option}}}` beside the folder in the recipe"
    sure = suspects[path].certain or len(suspects) >= _FEWEST_ALIKE
    if sure and len(suspects) == len(found):
        raise AssetError(f"{told}{alike}, so that next to nothing of the object would be seen; {remedy}")
    return [f"{told}{alike}; if so, {remedy}"]


def suspicion(levels: NDArray[Any], top: float) -> Suspicion | None:
    """Return what a matte seems to hold instead of alpha, None if nothing speaks against alpha.

    Args:
        levels: As stored, ``(H, W)``, with some of them above 0.
        top: The level that is alpha 1.
    """
    if top == 1.0:
        fault = float_fault(levels)
        opaque = 255 if "up to" in fault and float(levels.max()) <= 255 else 65535
        return Suspicion(fault, f"divide them by {opaque}", f"opaque: {opaque}", certain=True) if fault else None
    values, counts = np.unique(np.rint(levels).astype(np.int64), return_counts=True)
    values, counts = values[values > 0], counts[values > 0]
    if not len(values):
        return None
    most = int(values[-1])
    if most == 1:
        words = "its levels are 0 and 1, so it seems to be a mask"
        return Suspicion(words, "multiply its levels by 255" if top == 255 else "write 1 as 65535", "opaque: 1", True)
    return _labels(levels, values, counts) or _narrow(most, counts, top)


def _labels(levels: NDArray[Any], values: NDArray[Any], counts: NDArray[Any]) -> Suspicion | None:
    """Return the suspicion of labels: few flat levels, all small, and possibly one at the top to be ignored."""
    ignored = len(values) > 1 and values[-1] in (255, 65535) and values[-2] <= _LARGEST_LABEL
    small = values[:-1] if ignored else values
    if small[-1] > _LARGEST_LABEL or (ignored and counts[:-1].sum() < _LABELS_SHARE * counts.sum()):
        return None
    certain = bool(small[-1] <= _INVISIBLE)
    if not certain and not _flat(np.rint(levels).astype(np.int64), small):
        return None
    shown = [str(value) for value in (0, *small[:_MOST_NAMED])]
    names = ", ".join(shown) + (f", ... {small[-1]}" if len(small) > _MOST_NAMED else "")
    words = f"its levels are {names}" + (f" and {values[-1]}" if ignored else "") + ", so it seems to hold labels"
    ignore = f", ignore: {values[-1]}" if ignored else ""
    return Suspicion(words, "write the object as 255 and the rest as 0", f"opaque: 1{ignore}", certain)


def _flat(levels: NDArray[Any], small: NDArray[Any]) -> bool:
    """Return whether the levels are areas of one label each: soft mattes have gradients, and edges of many levels."""
    alike = levels[:, 1:] == levels[:, :-1]
    flat = [
        np.count_nonzero(alike & (levels[:, 1:] == value)) >= np.count_nonzero(levels == value) / 2 for value in small
    ]
    steps = np.abs(np.diff(levels, axis=1))[(levels[:, 1:] <= small[-1]) & (levels[:, :-1] <= small[-1])]
    jumps, changes = np.count_nonzero(steps > 1), np.count_nonzero(steps)
    return sum(flat) >= 0.8 * len(flat) and jumps >= changes / 2


def _narrow(most: int, counts: NDArray[Any], top: float) -> Suspicion | None:
    """Return the suspicion of a 16-bit file that holds fewer bits, which an opaque object uses to the end."""
    if top != 65535:
        return None
    to_the_end = counts[-1] >= _AT_TOP * counts.sum()
    bits = next((bits for bits in _DEPTHS if most == 2**bits - 1 and to_the_end), 8 if most < 2**8 else 0)
    if not bits:
        return None
    words = f"a 16-bit file whose levels end at {most}, so it seems to hold {bits} bits"
    opaque = 2**bits - 1
    return Suspicion(words, f"multiply its levels by {65535 / opaque:.5g}", f"opaque: {opaque}", certain=True)


def _dim(files: Sequence[Path], brightest: Sequence[float]) -> list[str]:
    """Return a warning if no matte of a folder comes near to opaque."""
    if len(files) < _FEWEST_ALIKE or max(brightest) > 0.5:
        return []
    share = max(brightest)
    return [
        f"{files[0].parent}: alpha is at most {share:.1%} in the {len(files)} mattes looked at; if that is meant to be "
        "opaque, say so with `mask: {opaque: LEVEL}` beside the folder in the recipe"
    ]
