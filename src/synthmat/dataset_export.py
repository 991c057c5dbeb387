"""Export of a data set to the layout of another: files are linked where they can be, and every name leads back.

``export.jsonl`` in the export has a row for each file and sample in it. It is written before the files are, and a file
that is not in it is never overwritten; files whose row has changed are removed before it is written. So a file that is
there is finished and up to date, and an export that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from synthmat.errors import AssetError, OutputError
from synthmat.layouts import plan_export
from synthmat.layouts.outputs import ExportOptions, Output
from synthmat.layouts.stored import dataset_folder, read_dataset
from synthmat.progress import Progress
from synthmat.rows.row_types import ExportRow
from synthmat.stage import StageResult
from synthmat.storage.atomic import atomic_path, remove_leftovers
from synthmat.storage.manifest import read_rows, write_rows
from synthmat.storage.row_table import RowTable
from synthmat.storage.run_lock import run_lock

LIST = "export.jsonl"
_LOCK = ".lock"


def default_target(folder: Path, layout: str) -> Path:
    """Return where an export goes unless told otherwise: ``exports/<layout>`` beside the data set."""
    return dataset_folder(folder).parent / "exports" / layout


def export_dataset(
    folder: Path,
    layout: str,
    to: Path | None = None,
    *,
    copy: bool = False,
    options: ExportOptions | None = None,
    quiet: bool = False,
) -> StageResult:
    """Write a data set in another layout; files that are there already are kept.

    Args:
        folder: A data set, or the output folder it lies in.
        layout: One of `synthmat.layouts.exportable`.
        to: The export's folder: new, empty, or an earlier export to the same layout. See `default_target`.
        copy: Copy files; else they are hard links, which need no space, and copies only across file systems.
        options: The size of shards.
        quiet: Show no progress.

    Raises:
        OutputError: There is no data set, it lacks what the layout needs, or ``to`` holds something else.
        ValueError: There is no such layout.
    """
    started = time.monotonic()
    source = dataset_folder(folder.absolute())
    target = (to or default_target(folder.absolute(), layout)).absolute()
    if target.resolve().is_relative_to(source.resolve()):
        raise OutputError(f"{target}: lies in the data set itself; choose a folder outside of it with --to")
    outputs = plan_outputs(layout, source, options or ExportOptions())
    _refuse_other_files(target, layout)
    with run_lock(target):
        if (target / LIST).exists():
            remove_leftovers(target)
        todo = _take_up(target, outputs, layout, copy)
        copied = _place(target, todo, copy, quiet)
    result = StageResult("export", made=len(todo), kept=len(outputs) - len(todo), seconds=time.monotonic() - started)
    notes = Counter(output.note for output in outputs if output.note)
    result.notes = [f"{note} ({count} files)" for note, count in notes.items()]
    if copied:
        result.notes.append(f"{copied} files copied: hard links cannot reach {target}")
    elif not copy and any(output.make is None for output in outputs):
        result.notes.append("files are hard links: do not edit them in place, or export with --copy")
    return result


def plan_outputs(layout: str, source: Path, options: ExportOptions) -> list[Output]:
    """Return the files to write; their names must differ, also where upper and lower case are the same."""
    try:
        outputs = plan_export(layout, read_dataset(source), options)
    except OSError as error:
        raise OutputError(f"{error.filename}: {error.strerror}; run `synthmat composite` again") from None
    count = Counter(output.file.lower() for output in outputs)
    doubled = next((output.file for output in outputs if count[output.file.lower()] > 1), None)
    if doubled:
        raise OutputError(f"{source}: two samples would be written to {doubled} in the layout {layout}")
    return outputs


def _refuse_other_files(target: Path, layout: str) -> None:
    if target.exists() and not target.is_dir():
        raise OutputError(f"{target}: a file; choose a folder with --to")
    first = next(read_rows(target / LIST, ExportRow), None)
    if first is not None and first["layout"] != layout:
        raise OutputError(f"{target}: holds an export to {first['layout']}; choose another folder with --to")
    if first is None and target.is_dir() and any(path.name != _LOCK for path in target.iterdir()):
        raise OutputError(f"{target}: is not empty and holds no earlier export; choose another folder with --to")


def export_table(target: Path) -> RowTable[tuple[str, str, str], ExportRow]:
    """Return the files of an export by file and sample; one that is there is whole, and its row says of what."""
    return RowTable(
        target, ExportRow, lambda row: (row["file"], row.get("split", ""), row.get("id", "")), lists=[target / LIST],
        files_of=lambda row: {row["file"]: row["key"]}, aside=None, is_made=lambda path, _key: path.exists(),
    )  # fmt: skip


def _take_up(target: Path, outputs: list[Output], layout: str, copy: bool) -> list[Output]:
    """Return what is still to be made, after bringing the list of files up to date."""
    table = export_table(target)
    earlier = {row["file"]: (row["how"], row["key"]) for row in table.rows()}
    wanted = {output.file: (how_made(output, copy), output.key) for output in outputs}
    present = {output.file for output in outputs if (target / output.file).exists()}
    gone = [file for file in earlier if file not in wanted and (target / file).exists()]
    if gone:
        raise OutputError(
            f"{target}: {len(gone)} files of the earlier export are no longer in the data set, such as {gone[0]}; "
            "delete that folder, or choose another with --to"
        )
    foreign = next((file for file in present if file not in earlier), None)
    if foreign:
        raise OutputError(f"{target / foreign}: is there and not of an earlier export; move it away")

    def planned(row: ExportRow) -> bool:
        return wanted.get(row["file"]) == (row["how"], row["key"])

    def write(_kept: object) -> None:
        if earlier != wanted:
            rows = (row for output in outputs for row in rows_of(output, layout, *wanted[output.file]))
            write_rows(target / LIST, rows)

    table.settle(planned, write)
    made = {row["file"] for row in table.finished(planned).values()}
    return [output for output in outputs if output.file not in made]


def how_made(output: Output, copy: bool) -> str:
    return output.how if output.make is not None else "copy" if copy else "link"


def rows_of(output: Output, layout: str, how: str, key: str) -> Iterator[ExportRow]:
    """Yield the rows of one file: one for each sample in it, or one without a sample."""
    for split, name in [(sample.split, sample.id) for sample in output.samples] or [("", "")]:
        yield {
            "file": output.file, "layout": layout, "how": how, "kinds": list(output.kinds), "key": key,
            "split": split, "id": name,
        }  # fmt: skip


def _place(target: Path, outputs: list[Output], copy: bool, quiet: bool) -> int:
    """Write the files; return how many were copied because they could not be linked."""
    for folder in {(target / output.file).parent for output in outputs}:
        folder.mkdir(parents=True, exist_ok=True)
    copied = 0
    with Progress("export", len(outputs), unit="files", quiet=quiet) as progress:
        for output in outputs:
            if output.make is None:
                copied += _linked_or_copied(output, target / output.file, copy)
                progress.advance()
        made = [output for output in outputs if output.make is not None]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for _ in pool.map(lambda output: _make(output, target / output.file), made):
                progress.advance()
    return copied


def _linked_or_copied(output: Output, path: Path, copy: bool) -> bool:
    """Put a file of the data set in its place; return whether it was copied though a link was wanted."""
    (sample,), (kind,) = output.samples, output.kinds
    source = sample.files[kind]
    try:
        if not copy:
            try:
                # A link to a symbolic link would follow neither a move nor a copy of the export.
                os.link(source.resolve() if source.is_symlink() else source, path)
                return False
            except FileNotFoundError:
                raise
            except OSError:
                if not source.is_file():
                    raise
        with atomic_path(path) as temporary:
            shutil.copyfile(source, temporary)
    except FileNotFoundError:
        raise OutputError(f"{source}: is missing; run `synthmat composite` again") from None
    return not copy


def _make(output: Output, path: Path) -> None:
    assert output.make is not None
    try:
        with atomic_path(path) as temporary:
            output.make(temporary)
    except AssetError as error:
        raise OutputError(f"{error}; run `synthmat composite` again") from None
