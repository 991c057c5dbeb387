"""Rendering and compositing into an object store: a working folder on this machine, and what is finished published."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from synthmat.object_store.store import Store
from synthmat.stage import RunOptions, StageResult
from synthmat.storage.output_folder import OutputFolder

if TYPE_CHECKING:
    from synthmat.object_store.working_copy import StoredTable, WorkingCopy

WORK_VARIABLE = "SYNTHMAT_WORK"
"""The environment variable that names the folder of working folders."""


def working_folder(address: str) -> Path:
    """Return the folder on this machine in which the output of an address is made; it may be deleted between runs."""
    place = os.environ.get(WORK_VARIABLE) or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "synthmat")
    slug = re.sub(r"[^\w-]+", "-", address.partition("://")[2]).strip("-")[-40:]
    return Path(place).expanduser().absolute() / f"{slug}-{hashlib.sha256(address.encode()).hexdigest()[:8]}"


def render_into_store(address: str, options: RunOptions, run: Callable[[Path, RunOptions], StageResult]) -> StageResult:
    """Render in the working folder of an address, and publish frames, rows and the rest.

    Args:
        address: That of the store.
        options: See `RunOptions`.
        run: Renders into a folder, with options.

    Raises:
        OutputError: The store cannot be read or written to, or another run writes there.
    """
    store, output = _opened(address)
    others = [output.recipe, output.failures]
    frames = _renders(store, output, others, options)
    return _published(frames, output.renders, options, lambda given: run(output.root, given))


def composite_into_store(
    address: str, options: RunOptions, run: Callable[[Path, RunOptions], StageResult]
) -> StageResult:
    """Composite in the working folder of an address, and publish samples, metadata and the rest.

    Rendered frames are brought here first; see `render_into_store` for arguments and errors.
    """
    from synthmat.compositor.sample_rows import sample_table
    from synthmat.compositor.video.clip_videos import video_table
    from synthmat.object_store.working_copy import StoredTable, WorkingCopy

    store, output = _opened(address)
    frames = _renders(store, output, [], options)
    frames.pull()
    if not options.dry_run:
        frames.fetch()

    def tables() -> list[StoredTable]:
        videos = StoredTable(
            video_table(output), lambda row: output.dataset / row["split"] / "videos" / "manifest.jsonl", False
        )
        return [StoredTable(sample_table(output), lambda row: output.metadata(row["split"])), videos]

    others = [output.recipe, output.failures, output.dataset / "README.md"]
    samples = WorkingCopy(store, output.root, tables, others, _label(options))
    return _published(samples, output.dataset, options, lambda given: run(output.root, given))


def _opened(address: str) -> tuple[Store, OutputFolder]:
    return Store(address), OutputFolder(working_folder(address.rstrip("/")))


def _label(options: RunOptions) -> str:
    return "" if options.shard is None else f"{options.shard[0]}of{options.shard[1]}"


def _renders(store: Store, output: OutputFolder, others: list[Path], options: RunOptions) -> WorkingCopy:
    from synthmat.generator.frame_rows import frame_table
    from synthmat.object_store.working_copy import StoredTable, WorkingCopy

    def tables() -> list[StoredTable]:
        return [StoredTable(frame_table(output), lambda _row: output.render_manifest)]

    return WorkingCopy(store, output.root, tables, others, _label(options))


def _published(
    copy: WorkingCopy, stage: Path, options: RunOptions, run: Callable[[RunOptions], StageResult]
) -> StageResult:
    from synthmat.object_store.lease import leased
    from synthmat.object_store.publishing_executor import PublishingExecutor

    if options.dry_run:
        copy.pull()
        return run(options)
    with leased(copy.store, stage.name, _label(options)) as lease:
        copy.check = lease.check
        copy.pull()
        try:
            result = run(replace(options, executor=PublishingExecutor(options.executor, copy)))
        except Exception:
            copy.publish()
            raise
        copy.publish(whole=True)
    result.notes += lease.notes
    result.notes.append(
        f"published in {copy.store.address}: {copy.published} files, {copy.bytes / 1e6:.1f} MB; the working folder may "
        "be deleted, the next run needs none of it"
    )
    return result
