"""Exports into an object store: WebDataset shards above all, each gone from this machine as soon as it is there."""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from synthmat.dataset_export import LIST, how_made, plan_outputs, rows_of
from synthmat.errors import AssetError, OutputError
from synthmat.executor import default_workers
from synthmat.layouts.outputs import ExportOptions, Output
from synthmat.layouts.stored import dataset_folder
from synthmat.object_store.lease import LEASE, Lease, leased
from synthmat.object_store.store import Store
from synthmat.progress import Progress
from synthmat.rows.row_types import ExportRow
from synthmat.stage import StageResult
from synthmat.storage.manifest import read_rows, rows_text
from synthmat.storage.scratch import scratch_folder


def export_into_store(
    folder: Path, layout: str, address: str, options: ExportOptions, *, quiet: bool = False
) -> StageResult:
    """Write a data set in another layout into a store; files that are there already are kept.

    As in a folder the list is written before the files are, so what is there and in the list is finished.

    Args:
        folder: A data set, or the output folder it lies in.
        layout: One of `synthmat.layouts.exportable`.
        address: That of the store, for example ``s3://bucket/shards``: empty, or an earlier export to the same layout.
        options: The size of shards.
        quiet: Show no progress.

    Raises:
        OutputError: There is no data set, it lacks what the layout needs, the store fails or holds something else, or
            another run writes there.
    """
    started = time.monotonic()
    outputs = plan_outputs(layout, dataset_folder(folder.absolute()), options)
    store = Store(address)
    with leased(store) as lease, scratch_folder() as scratch:
        there = {name: size for name, size in store.names().items() if not name.startswith(LEASE)}
        earlier = _earlier(store, there.keys() & {LIST}, scratch, layout)
        wanted = {output.file: (how_made(output, copy=True), output.key) for output in outputs}
        foreign = sorted(there.keys() - earlier.keys() - {LIST})
        gone = sorted(there.keys() & earlier.keys() - wanted.keys())
        if foreign or gone:
            what = "is not of an earlier export" if foreign else "is no longer in the data set"
            raise OutputError(f"{address}/{(foreign or gone)[0]}: {what}; choose another place with --to")
        store.remove(name for name in there if name != LIST and earlier[name] != wanted[name])
        todo = [output for output in outputs if output.file not in there or earlier[output.file] != wanted[output.file]]
        if earlier != wanted:
            text = rows_text(row for output in outputs for row in rows_of(output, layout, *wanted[output.file]))
            store.write(LIST, text)
        _place(store, todo, scratch, quiet, lease)
    seconds = time.monotonic() - started
    return StageResult("export", made=len(todo), kept=len(outputs) - len(todo), seconds=seconds, notes=lease.notes)


def _earlier(store: Store, there: set[str], scratch: Path, layout: str) -> dict[str, tuple[str, str]]:
    for name in there:
        store.fetch(name, scratch / name)
    rows = list(read_rows(scratch / LIST, ExportRow))
    if rows and rows[0]["layout"] != layout:
        raise OutputError(f"{store.address}: holds an export to {rows[0]['layout']}; choose another place with --to")
    return {row["file"]: (row["how"], row["key"]) for row in rows}


def _place(store: Store, outputs: list[Output], scratch: Path, quiet: bool, lease: Lease) -> None:
    def place(output: Output) -> None:
        lease.check()
        if output.make is None:
            (sample,), (kind,) = output.samples, output.kinds
            store.upload(sample.files[kind], output.file)
            return
        with tempfile.TemporaryDirectory(dir=scratch) as name:
            path = Path(name) / Path(output.file).name
            try:
                output.make(path)
            except AssetError as error:
                raise OutputError(f"{error}; run `synthmat composite` again") from None
            store.upload(path, output.file)

    with (
        Progress("export", len(outputs), unit="files", quiet=quiet) as progress,
        ThreadPoolExecutor(default_workers()) as pool,
    ):
        for _ in pool.map(place, outputs):
            progress.advance()
