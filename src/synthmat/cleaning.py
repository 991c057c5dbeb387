"""`synthmat clean`: removes what an output folder keeps and no list of its present settings has.

That is finished work of other settings (see `synthmat.storage.stale`), pictures and videos in our own folders that no
row names, as a killed run leaves them, and half-written files.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from synthmat.errors import OutputError
from synthmat.rows.kinds import FOLDERS
from synthmat.rows.row_types import ClipRow, FrameRow, SampleRow
from synthmat.rows.samples import FILE, sample_files
from synthmat.storage.manifest import read_rows
from synthmat.storage.output_folder import PREDICTIONS, SPLITS, OutputFolder
from synthmat.storage.run_lock import run_lock
from synthmat.storage.stale import FOLDER

_FRAMES, _VIDEOS = (".png", ".exr"), (".mp4", ".mkv", ".mov")
_SHOWN = 5


@dataclass(frozen=True)
class Group:
    """Files of one sort that can go."""

    what: str
    files: tuple[Path, ...]

    @property
    def bytes(self) -> int:
        """What they take of the disk."""
        return sum(path.lstat().st_size for path in self.files if os.path.lexists(path))


@dataclass(frozen=True)
class Removable:
    """What can be removed from an output folder."""

    root: Path
    groups: tuple[Group, ...]

    @property
    def files(self) -> list[Path]:
        """All of them."""
        return [path for group in self.groups for path in group.files]

    @property
    def text(self) -> str:
        """What there is, for people: how much of what, and the first files of each sort by name."""
        if not self.files:
            return f"{self.root}: nothing to remove"
        lines = [f"{self.root}:"]
        for group in self.groups:
            lines.append(f"  {group.what}: {len(group.files):,} files, {group.bytes / 1e6:,.1f} MB")
            lines += [f"    {path.relative_to(self.root)}" for path in group.files[:_SHOWN]]
            more = len(group.files) - _SHOWN
            lines += [f"    and {more:,} more"] if more > 0 else []
        return "\n".join(lines)


def find_removable(output: OutputFolder) -> Removable:
    """Return what can be removed; nothing is changed.

    Raises:
        OutputError: There is no output in the folder.
    """
    stages = [stage for stage in _stages(output) if stage.is_dir()]
    if not stages:
        raise OutputError(
            f"{output.root}: no output there (renders, dataset, preview or predictions); name an output folder"
        )
    aside: list[Path] = []
    orphans: list[Path] = []
    halves: set[Path] = set()
    for stage in stages:
        aside += [path for path in sorted((stage / FOLDER).rglob("*")) if not path.is_dir()]
        halves |= {path for path in stage.rglob(".*.tmp.*") if path.is_file() and FOLDER not in path.parts}
    for frames in (output, output.preview):
        orphans += _frames_in_no_row(frames)
    orphans += _samples_in_no_row(output)
    groups = (
        Group("finished work of other settings", tuple(aside)),
        Group("in no list: left by a run that was killed, or put there by someone", tuple(orphans)),
        Group("half-written", tuple(sorted(halves))),
    )
    return Removable(output.root, tuple(group for group in groups if group.files))


def clean(output: OutputFolder) -> Removable:
    """Remove what can be removed, and return it.

    Raises:
        OutputError: There is no output in the folder, or a run writes there.
    """
    with contextlib.ExitStack() as stack:
        for stage in _stages(output):
            if stage.is_dir():
                stack.enter_context(run_lock(stage))
        found = find_removable(output)
        for path in found.files:
            path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # Other files lie there.
                path.parent.rmdir()
        for stage in _stages(output):
            shutil.rmtree(stage / FOLDER, ignore_errors=True)
    return found


def _stages(output: OutputFolder) -> tuple[Path, ...]:
    """Return the folders that a stage writes to; predictions lie in the folder itself."""
    predictions = (output.root,) if (output.root / PREDICTIONS).is_file() else ()
    return output.renders, output.dataset, output.preview.renders, *predictions


def _frames_in_no_row(output: OutputFolder) -> Iterator[Path]:
    known: set[str] = set()
    for path in (output.render_manifest, *output.parts(output.renders).glob("*.jsonl")):
        known.update(name for row in read_rows(path, FrameRow) for name in row["files"])
    for path in sorted(output.renders.glob("[!.]*/[!.]*")):
        if path.suffix in _FRAMES and path.relative_to(output.renders).as_posix() not in known:
            yield path


def _samples_in_no_row(output: OutputFolder) -> Iterator[Path]:
    known: set[str] = set()
    parts = sorted(output.parts(output.dataset).glob("*.jsonl"))
    for path in (*(output.metadata(split) for split in SPLITS), *parts):
        known.update(name for row in read_rows(path, SampleRow) if "split" in row for name in sample_files(row))
    for split in SPLITS:
        videos = output.dataset / split / "videos"
        known.update(name for row in read_rows(videos / "manifest.jsonl", ClipRow) for name in row["files"])
        for path in _our_files(output.dataset / split):
            if path.relative_to(output.dataset).as_posix() not in known:
                yield path


def _our_files(split: Path) -> Iterator[Path]:
    """Yield the files of a split that have names as we give them."""
    for folder in FOLDERS.values():
        for path in sorted((split / folder).rglob("[!.]*")):
            if path.is_file() and FILE.fullmatch(path.relative_to(split).as_posix()):
                yield path
    yield from (path for path in sorted((split / "videos").glob("[!.]*")) if path.suffix in _VIDEOS)
