"""What is known of the data that a checkpoint was trained on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from synthmat.rows.row_types import SampleRow
from synthmat.storage.atomic import sha256_file
from synthmat.storage.manifest import read_rows
from synthmat.storage.output_folder import OutputFolder

NOT_GIVEN = "not given"


def data_of(checkpoint: Path, config: dict[str, Any]) -> dict[str, Any]:
    """Return ``digest`` and ``licenses`` of the data set beside a checkpoint; empty where they are not known.

    The digest is the sha256 of the training split's list, which holds the checksums of its files; ``licenses`` counts
    the samples that each license has a part in. Training on folders and live data leaves no such list; then ``unknown``
    names them.
    """
    entries = config.get("train", {}).get("data", ["dataset"])
    others = [_name(entry) for entry in entries if _name(entry) != "dataset"]
    found: dict[str, Any] = {"unknown": others} if others else {}
    metadata = _metadata(checkpoint) if len(others) < len(entries) else None
    if metadata is not None:
        counts: Counter[str] = Counter()
        for row in read_rows(metadata, SampleRow):
            counts.update({name or NOT_GIVEN for name in (row.get("licenses") or "").split("; ")})
        found |= {"digest": sha256_file(metadata), "licenses": dict(sorted(counts.items()))}
    return found


def _metadata(checkpoint: Path) -> Path | None:
    """Return the list of training samples in the output folder that a checkpoint lies in."""
    for folder in checkpoint.absolute().parents:
        if (file := OutputFolder(folder).metadata("train")).is_file():
            return file
        if folder.name == "training":
            file = OutputFolder(folder.parent).metadata("train")
            return file if file.is_file() else None
    return None


def _name(entry: Any) -> str:
    if isinstance(entry, dict):
        return str(entry.get("source") or entry.get("folder"))
    return str(entry)
