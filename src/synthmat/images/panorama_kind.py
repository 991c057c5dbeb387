"""What kind of panorama a file is, by its first bytes and not by its name."""

from __future__ import annotations

from pathlib import Path

from synthmat.errors import AssetError
from synthmat.storage import git_lfs

STARTS = {".hdr": b"#?", ".exr": b"\x76\x2f\x31\x01"}
"""What files of each suffix begin with."""

SUFFIXES = tuple(STARTS)


def panorama_kind(path: Path) -> str:
    """Return the suffix, of `SUFFIXES`, that a panorama's file should have.

    Raises:
        AssetError: The file cannot be read, is a Git LFS pointer, or is no ``.hdr`` or ``.exr`` picture; other pictures
            have their bright spots cut off.
    """
    try:
        with path.open("rb") as file:
            start = file.read(200)
    except OSError as error:
        raise AssetError(f"{path}: the panorama cannot be read: {error.strerror or error}") from None
    if git_lfs.is_pointer(start):
        raise AssetError(f"{path}: {git_lfs.REMEDY}")
    for suffix, its in STARTS.items():
        if start.startswith(its):
            return suffix
    raise AssetError(
        f"{path}: is no {' or '.join(SUFFIXES)} panorama, whatever its name says; other pictures have their bright "
        "spots cut off"
    )
