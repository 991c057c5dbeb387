"""What the stages share: how a run is asked for, and how it says what it did."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from synthmat.executor import Executor
from synthmat.printable_names import expand_home
from synthmat.rows.row_types import FailureRow
from synthmat.storage.manifest import read_rows, write_rows
from synthmat.storage.output_folder import OutputFolder
from synthmat.storage.run_lock import merge_lock
from synthmat.storage.visible_files import matching_files, visible_files


def _local_executor() -> Executor:
    from synthmat.local_executor import LocalExecutor  # Loads asyncio, which most commands can do without.

    return LocalExecutor()


@dataclass(frozen=True)
class RunOptions:
    """The options that every long command takes.

    ``shard`` (i, n) takes the i-th of n parts, i from 1. ``limit`` is the most new pieces to make. ``strict`` stops at
    the first failure. ``estimate`` says before rendering how long it will take and how much disk it needs, for which it
    may render some small frames. ``begun`` is called once a stage is sure to run: what it needs is there, and no other
    run writes to its folder. ``executor`` runs the jobs of rendering and compositing; see `synthmat.executor.Executor`.
    """

    workers: int | None = None
    device: str = "auto"
    shard: tuple[int, int] | None = None
    limit: int | None = None
    dry_run: bool = False
    strict: bool = False
    quiet: bool = False
    estimate: bool = False
    begun: Callable[[], None] = lambda: None
    executor: Executor = field(default_factory=_local_executor)

    @property
    def worker_count(self) -> int:
        """``workers``, or as many as the executor has slots."""
        return self.workers or self.executor.slots()


@dataclass
class StageResult:
    """What a stage did: pieces made now, pieces already there, pieces that could not be made.

    ``folder`` is where its output lies, None of a dry run. ``paths`` are the files that lead to all of it, as far as
    they are there: its tables, sheets and pages, of a training its weights, of predictions every picture. ``failures``
    are rows of ``failures.jsonl``: what could not be made, with the error and the attempts. ``notes`` are lines of
    text for people.
    """

    stage: str
    made: int = 0
    kept: int = 0
    failed: int = 0
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)
    folder: Path | None = None
    paths: list[Path] = field(default_factory=list)
    failures: list[FailureRow] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0, or 1 if anything failed."""
        return 1 if self.failed else 0


def record_failures(
    output: OutputFolder, stage: str, rows: Iterable[FailureRow], shard: tuple[int, int] | None = None
) -> None:
    """Replace the stage's rows in ``failures.jsonl``; each row names the piece, the error and the attempts.

    With ``shard`` only the rows of that shard are replaced. The file is removed when no failures are left.
    """
    part = "" if shard is None else f"{shard[0]}/{shard[1]}"
    with merge_lock(output.root):
        kept = [
            row
            for row in read_rows(output.failures, FailureRow)
            if row.get("stage") != stage or (part and row.get("shard", "") != part)
        ]
        kept += [_of_stage(row, stage, part) for row in rows]
        if kept:
            write_rows(output.failures, kept)
        else:
            output.failures.unlink(missing_ok=True)


def _of_stage(row: FailureRow, stage: str, shard: str) -> FailureRow:
    return {"stage": stage, "shard": shard, **row}


def recorded_failures(output: OutputFolder, stage: str, shard: tuple[int, int] | None = None) -> list[FailureRow]:
    """Return the stage's rows in ``failures.jsonl``, with ``shard`` only those of that shard."""
    part = "" if shard is None else f"{shard[0]}/{shard[1]}"
    return [
        row
        for row in read_rows(output.failures, FailureRow)
        if row.get("stage") == stage and (not part or row.get("shard", "") == part)
    ]


def unsupported_extension(path: Path, suffixes: Iterable[str]) -> str:
    """Say that a file's extension is none of ``suffixes``, and which those are."""
    return f"{path}: unsupported extension; supported: {', '.join(suffixes)}"


def resolve_pattern(base: Path, pattern: str, suffixes: Iterable[str]) -> list[Path]:
    """Return the files that a recipe's path, folder or pattern means, sorted by name.

    A folder means every file below it with one of the ``suffixes`` (lower case, with the dot); a pattern (``*``, ``?``,
    ``[``, ``**``) means what it matches, again with one of these suffixes; a plain path means itself.

    Raises:
        AssetError: A folder cannot be read.
    """
    allowed = {suffix.lower() for suffix in suffixes}
    plain = (base / expand_home(pattern)).absolute()
    if plain.is_file():
        return [plain]
    return sorted(file for file in files_meant(base, pattern) if file.suffix.lower() in allowed)


def files_meant(base: Path, pattern: str) -> list[Path]:
    """Return every file that a recipe's path, folder or pattern means, whatever its suffix; none that is hidden.

    Raises:
        AssetError: A folder cannot be read.
    """
    path = (base / expand_home(pattern)).absolute()
    if path.is_file():
        return [path]
    if path.is_dir():
        return list(visible_files(path))
    wild = next((i for i, part in enumerate(path.parts) if any(sign in part for sign in "*?[")), None)
    if wild is None or not Path(*path.parts[:wild]).is_dir():
        return []
    return list(dict.fromkeys(matching_files(Path(*path.parts[:wild]), path.parts[wild:])))
