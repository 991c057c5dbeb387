"""Which picture files are read, which are known and are not, and what can be done about those."""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

PLAIN_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".jfif")
"""Suffixes of the pictures that are read everywhere."""

_AVIF = (".avif",)
_HEIF = (".heic", ".heif", ".hif")
_CAMERA_RAW = (".arw", ".cr2", ".cr3", ".dng", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".srw")
_OTHERS = (
    ".dds", ".exr", ".gif", ".hdr", ".ico", ".j2k", ".jp2", ".jpe", ".jpx", ".jxl", ".jxr", ".kra", ".pbm", ".pcx",
    ".pgm", ".pnm", ".ppm", ".psb", ".psd", ".qoi", ".svg", ".tga", ".xcf",
)  # fmt: skip


@cache
def picture_suffixes() -> tuple[str, ...]:
    """Return the suffixes of the pictures that can be read here, in lower case, with the dot.

    AVIF needs a Pillow that was built with it (11.3 or later, as a rule), HEIC the package pillow-heif.
    """
    return (*PLAIN_SUFFIXES, *(_AVIF if _reads_avif() else ()), *(_HEIF if _reads_heif() else ()))


@cache
def pillow_formats() -> tuple[str, ...]:
    """Return the formats of `picture_suffixes` as Pillow calls them, ready to be opened by it."""
    formats = ["JPEG", "PNG", "WEBP", "TIFF", "BMP"]
    if _reads_avif():
        formats.append("AVIF")
    if _reads_heif():
        import pillow_heif

        pillow_heif.register_heif_opener()
        formats.append("HEIF")
    return tuple(formats)


def is_picture(path: Path) -> bool:
    """Return whether a file is a picture by its suffix, of a kind that is read or not."""
    return path.suffix.lower() in (*PLAIN_SUFFIXES, *_AVIF, *_HEIF, *_CAMERA_RAW, *_OTHERS, ".basis", ".ktx", ".ktx2")


def passed_over(files: Iterable[Path]) -> Counter[str]:
    """Count the files that are pictures by their suffix, and of a kind that is not read here, by that suffix."""
    read = frozenset(picture_suffixes())
    known = frozenset((*_AVIF, *_HEIF, *_CAMERA_RAW, *_OTHERS)) - read
    return Counter(suffix for path in files if (suffix := path.suffix.lower()) in known and not _hidden(path))


def passed_over_note(where: Path | str, counts: Counter[str]) -> str:
    """Return a note on the pictures of a folder that are passed over: how many of each kind, and what to do."""
    total = sum(counts.values())
    kinds = ", ".join(f"{count} {suffix}" for suffix, count in sorted(counts.items()))
    words = "; ".join(dict.fromkeys(remedy_for(suffix) for suffix in sorted(counts)))
    return f"{where}: {total} pictures are passed over, since they cannot be read: {kinds}; {words}"


def remedy_for(suffix: str) -> str:
    """Return what to do with pictures of a suffix that is not read."""
    if suffix in _HEIF:
        return "pip install 'synthmat[heif]' reads HEIC"
    if suffix in _AVIF:
        return "pip install -U 'pillow>=11.3' reads AVIF"
    if suffix in _CAMERA_RAW:
        return "develop camera raw files to JPEG or TIFF"
    return "convert GIF, JPEG XL, Photoshop and the like to PNG or JPEG"


def _reads_avif() -> bool:
    from PIL import features

    try:
        return bool(features.check("avif"))
    except ValueError:  # A Pillow that has never heard of it.
        return False


def _reads_heif() -> bool:
    return importlib.util.find_spec("pillow_heif") is not None


def _hidden(path: Path) -> bool:
    return path.name.startswith(".")
