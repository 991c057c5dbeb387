"""VideoMatte240K as frames: fgr and pha, a folder for each clip."""

from __future__ import annotations

from pathlib import Path

from synthmat.errors import OutputError
from synthmat.layouts.bgmv2 import export_fgr_pha, read_fgr_pha
from synthmat.layouts.folders import splits_of, subfolder, unlike, visible
from synthmat.layouts.item import Item
from synthmat.layouts.outputs import ExportOptions, Output
from synthmat.rows.samples import StoredSample


def detect(root: Path) -> int:
    """Return 3 for a folder with fgr and pha that hold folders of numbered frames."""
    return 3 * any(_has_clips(folder) for _, folder in splits_of(root))


def read(root: Path) -> list[Item]:
    """Read the frames of all clips.

    Raises:
        AssetError: The folders are not there, files lack their partner, or some lie in no clip.
    """
    items = read_fgr_pha(root, "videomatte240k")
    if any(not item.clip for item in items):
        raise unlike(root, "videomatte240k", "fgr/<clip>/<number>.jpg and pha/<clip>/<number>.jpg")
    return items


def export(samples: list[StoredSample], _options: ExportOptions) -> list[Output]:
    """Lay out clips as ``<split>/fgr/<clip>/<5 digits>`` and the same in pha.

    Raises:
        OutputError: The data set has samples that belong to no clip, or lacks fg.
    """
    still = next((sample for sample in samples if not sample.clip), None)
    if still is not None:
        raise OutputError(f"layout videomatte240k is for sequences, and {still.id} is none; use --layout bgmv2")
    return export_fgr_pha(samples, "videomatte240k")


def _has_clips(folder: Path) -> bool:
    colors = subfolder(folder, "fgr")
    if colors is None or subfolder(folder, "pha") is None:
        return False
    first = next((clip for clip in visible(colors) if clip.is_dir()), None)
    return first is not None and any(path.stem.isdecimal() for path in visible(first)[:1])
