"""The files of one sample against its row, and against each other."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.errors import AssetError
from synthmat.images.trimap import BACKGROUND, FOREGROUND, UNKNOWN
from synthmat.rows.kinds import COLORS
from synthmat.rows.row_types import SampleRow
from synthmat.rows.samples import StoredSample
from synthmat.verification.equation import TOLERANCE, Residual, residual
from synthmat.verification.stored_picture import decode_levels, read_header

_EQUATION = ("image", "fg", "bg")
_SUFFIXES = {".png": "png", ".jpg": "jpg"}

# Level 1 of 255 is below, 2 above.
_FAINT = 1.5 / 255

Pixels = NDArray[Any]


@dataclass
class SampleFindings:
    """Measurements of a sample's files; ``faults`` by check, ``soft`` and ``unknown`` are fractions of the pixels.

    ``residual`` is that of the equation; ``exact`` says whether the row promises it to one level. ``unchecked`` says
    why there is none.
    """

    name: str
    faults: dict[str, list[str]] = field(default_factory=dict)
    files: int = 0
    bytes: int = 0
    bits: int = 0
    soft: float | None = None
    unknown: float | None = None
    exact: bool = False
    residual: Residual | None = None
    unchecked: str = ""
    shadowed: bool | None = None

    def add(self, check: str, words: str) -> None:
        """Note a fault."""
        self.faults.setdefault(check, []).append(words)


def check_sample(sample: StoredSample) -> SampleFindings:
    """Read every file of a sample once and compare; whatever is wrong is a finding and never an exception."""
    found = SampleFindings(sample.name)
    try:
        pixels = _read(sample, found)
        _check_alpha(pixels.get("alpha"), sample, found)
        _check_trimap(pixels.get("trimap"), pixels.get("alpha"), sample, found)
        _check_shadow(pixels.get("shadow"), sample, found)
        _check_equation(pixels, sample, found)
    except Exception as error:  # One strange sample must not end the check of all the others.
        found.add("readable", f"{sample.name}: cannot be checked: {type(error).__name__}: {error}")
    return found


def _read(sample: StoredSample, found: SampleFindings) -> dict[str, Pixels]:
    """Return the levels of the files that later checks compare; what is wrong with a file is noted."""
    row = sample.row
    compared = {"alpha", "trimap", "shadow"}
    if row.get("clean"):
        compared |= set(_EQUATION)
    pixels = {}
    for kind, path in sample.files.items():
        if kind in sample.missing:
            continue
        where = f"{sample.split}/{row.get(f'{kind}_file_name')}"
        try:
            data = path.read_bytes()
        except OSError as error:
            found.add("readable", f"{where}: {error.strerror}")
            continue
        found.files += 1
        found.bytes += len(data)
        digest = str(row.get(f"{kind}_sha256") or "")
        intact = hashlib.sha256(data).hexdigest() == digest
        if not intact:
            found.add("checksum", f"{where}: {'is not what was written' if digest else 'the row has no checksum'}")
        try:
            wrong = _wrong_header(data, kind, path, row, found)
            if wrong:
                found.add("size and type", f"{where}: {wrong}")
            elif kind in compared or not intact:
                pixels[kind] = decode_levels(data, intact=intact)
        except AssetError as error:
            found.add("readable", f"{where}: {error}")
    return pixels


def _wrong_header(data: bytes, kind: str, path: Path, row: SampleRow, found: SampleFindings) -> str:
    header = read_header(data)
    channels, bits = (3, (8,)) if kind in COLORS else (1, (8, 16) if kind == "alpha" else (8,))
    if kind == "alpha":
        found.bits = header.bits
    size = row.get("size")
    if header.format != _SUFFIXES.get(path.suffix.lower()):
        return f"is {header.format}"
    if header.channels != channels or header.bits not in bits:
        return f"{header}; a {kind} has {channels} x {' or '.join(map(str, bits))} bit"
    if size is not None and (header.width, header.height) != (size, size):
        return f"{header}; the row says {size} x {size}"
    return ""


def _check_alpha(alpha: Pixels | None, sample: StoredSample, found: SampleFindings) -> None:
    if alpha is None:
        return
    top = np.iinfo(alpha.dtype).max
    if not alpha.any():
        found.add("not empty", f"{sample.name}: alpha is 0 everywhere")
    elif _mostly_one_level(alpha, top):
        found.add(
            "to be seen", f"{sample.name}: alpha is 1 of 255 on most of the object; was a mask taken for a matte?"
        )
    found.soft = float(np.count_nonzero((alpha > 0) & (alpha < top))) / alpha.size


def _mostly_one_level(alpha: Pixels, top: int) -> bool:
    """Return whether most of what a matte shows is as faint as the 1 of a mask, over areas and not along edges."""
    faint = (alpha > 0) & (alpha < _FAINT * top)
    inside = cv2.erode(faint.astype(np.uint8), np.ones((3, 3), np.uint8))
    shown = np.count_nonzero(alpha)
    return bool(alpha.max() < _FAINT * top or np.count_nonzero(inside) > shown / 2)


def _check_trimap(trimap: Pixels | None, alpha: Pixels | None, sample: StoredSample, found: SampleFindings) -> None:
    if trimap is None:
        return
    is_foreground, is_background, is_unknown = trimap == FOREGROUND, trimap == BACKGROUND, trimap == UNKNOWN
    found.unknown = float(np.count_nonzero(is_unknown)) / trimap.size
    other = trimap.size - sum(int(np.count_nonzero(mask)) for mask in (is_foreground, is_background, is_unknown))
    if other:
        found.add("values", f"{sample.name}: {other:,} pixels are not 0, 128 or 255")
    if alpha is None or alpha.shape != trimap.shape:
        return
    top = np.iinfo(alpha.dtype).max
    for mask, words in (
        (is_foreground & (alpha < top), "are foreground where alpha is not full"),
        (is_background & (alpha > 0), "are background where alpha is above 0"),
    ):
        count = int(np.count_nonzero(mask))
        if count:
            found.add("agrees with alpha", f"{sample.name}: {count:,} pixels {words}")


def _check_shadow(shadow: Pixels | None, sample: StoredSample, found: SampleFindings) -> None:
    if shadow is None:
        return
    found.shadowed = bool(shadow.any())
    if "shadowed" in sample.row and found.shadowed != bool(sample.row["shadowed"]):
        words = "has a shadow and the row says none" if found.shadowed else "is empty and the row says shadowed"
        found.add("as the row says", f"{sample.name}: {words}")


def _check_equation(pixels: dict[str, Pixels], sample: StoredSample, found: SampleFindings) -> None:
    row = sample.row
    found.unchecked = _why_unchecked(pixels, sample)
    if found.unchecked:
        return
    shadow = pixels["shadow"] if row.get("shadowed") else None
    found.residual = residual(
        pixels["image"], pixels["fg"], pixels["bg"], pixels["alpha"], shadow, str(row.get("blend", "srgb"))
    )
    found.exact = bool(row.get("exact"))
    if found.exact and found.residual.largest > TOLERANCE:
        how = found.residual
        found.add("exact", f"{sample.name}: off by up to {how.largest} levels, {how.beyond:,} values by more than one")


def _why_unchecked(pixels: dict[str, Pixels], sample: StoredSample) -> str:
    row = sample.row
    if "clean" not in row:
        return "rows without a claim"
    if not row["clean"]:
        return "noise or compression artifacts on purpose"
    needed = [*_EQUATION, "alpha", *(["shadow"] if row.get("shadowed") else [])]
    absent = [kind for kind in needed if kind not in sample.files]
    if absent:
        return f"no {' and '.join(absent)} in the outputs"
    if any(kind not in pixels for kind in needed):
        return "a file is missing or broken"
    return ""
