"""The rendered frames against their manifest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from synthmat.errors import AssetError
from synthmat.rows.row_types import FrameRow
from synthmat.storage.manifest import read_rows
from synthmat.verification.findings import Check, judged, note
from synthmat.verification.stored_picture import read_header

_SUFFIXES = (".png", ".exr")


@dataclass
class FrameFindings:
    """What was measured in the files of a frame."""

    faults: dict[str, list[str]] = field(default_factory=dict)
    files: int = 0

    def add(self, check: str, words: str) -> None:
        """Note a fault."""
        self.faults.setdefault(check, []).append(words)


def list_frames(folder: Path) -> list[FrameRow]:
    """Return the rows of ``renders/manifest.jsonl``."""
    return list(read_rows(folder / "manifest.jsonl", FrameRow))


def check_frame(folder: Path, row: FrameRow) -> FrameFindings:
    """Read the files of a frame and compare them with its row; whatever is wrong is a finding."""
    found = FrameFindings()
    for name, digest in row["files"].items():
        found.files += 1
        try:
            data = (folder / name).read_bytes()
        except FileNotFoundError:
            found.add("present", name)
            continue
        except OSError as error:
            found.add("readable", f"{name}: {error.strerror}")
            continue
        if hashlib.sha256(data).hexdigest() != digest:
            found.add("checksum", f"{name}: is not what was rendered")
        if name.endswith(".png"):
            _check_header(name, data, row, found)
    return found


def check_frames(folder: Path, rows: list[FrameRow], chosen: int, findings: list[FrameFindings]) -> list[Check]:
    """Return the checks of all frames, of which ``chosen`` were read."""
    listed = {name for row in rows for name in row["files"]}
    files = [path for path in folder.glob("*/*") if path.suffix in _SUFFIXES]
    orphans = sorted(name for path in files if (name := path.relative_to(folder).as_posix()) not in listed)
    count = sum(found.files for found in findings)
    read = f"{chosen:,} frames" if chosen == len(rows) else f"{chosen:,} of {len(rows):,} frames"
    words = {"present": f"files of {read}", "checksum": "as in the manifest", "size and type": "as in the manifest"}
    checks = []
    for title, text in words.items():
        faults = [fault for found in findings for fault in found.faults.get(title, ())]
        checks.append(judged("renders", title, f"{count - len(faults):,} of {count:,} {text}", faults))
    unreadable = [fault for found in findings for fault in found.faults.get("readable", ())]
    if unreadable:
        checks.append(judged("renders", "readable", f"{len(unreadable):,} files cannot be read", unreadable))
    checks.append(judged("renders", "in no row", f"{len(orphans):,} files", orphans))
    return [*checks, *_alpha_errors(rows)]


def _check_header(name: str, data: bytes, row: FrameRow, found: FrameFindings) -> None:
    try:
        header = read_header(data)
    except AssetError as error:
        found.add("readable", f"{name}: {error}")
        return
    wanted = (row.get("width", header.width), row.get("height", header.height), 4, row.get("bit_depth", header.bits))
    if tuple(header[1:]) != wanted:
        found.add("size and type", f"{name}: {header}; the row says {wanted[0]} x {wanted[1]}, 4 x {wanted[3]} bit")


def _alpha_errors(rows: list[FrameRow]) -> list[Check]:
    """A frame whose matte is less exact than the recipe wanted says so in its row."""
    alphas = [(row, row.get("alpha") or {}) for row in rows]
    stated = [(alpha.get("error"), alpha.get("wanted"), row) for row, alpha in alphas]
    measured = [(error, wanted, row) for error, wanted, row in stated if error is not None and wanted]
    missed = sorted((each for each in measured if each[0] > each[1]), key=lambda each: -each[0])
    faults = [
        f"{row['object']}/{row['view']}: {error:.4f}, wanted {wanted:g}; raise render.max_alpha_samples"
        for error, wanted, row in missed
    ]
    worst = max((error for error, _, _ in measured), default=0.0)
    text = f"{len(measured) - len(missed):,} of {len(measured):,} mattes as exact as wanted, largest error {worst:.4f}"
    checks = [judged("renders", "alpha error", text, faults)]
    rest = len(rows) - len(measured)
    if rest:
        checks.append(note("renders", "not measured", f"{rest:,} mattes from the beauty pass, without a figure"))
    return checks
