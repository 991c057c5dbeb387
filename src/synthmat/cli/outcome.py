"""How a command ends: what it prints of its results, and its exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from synthmat.stage import StageResult
from synthmat.storage.output_folder import OutputFolder

EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_INTERRUPTED = 0, 1, 2, 130


def finish(
    results: Sequence[StageResult], *, summary: bool = False, limited: bool = False, quiet: bool = False
) -> None:
    """Print what the stages did and leave with the exit code that says it.

    Args:
        results: In order.
        summary: Whether they are of a whole run, which ends with what to look at and to do next.
        limited: Whether it was asked for a part only.
        quiet: Whether failures were not told of as they happened.
    """
    print_results(results, quiet=quiet)
    folder = next((result.folder for result in results if result.folder is not None), None)
    if summary and folder is not None:
        from synthmat.summary import summary_text

        print(summary_text(OutputFolder(folder.parent), limited=limited))
    raise typer.Exit(EXIT_FAILED if any(result.failed for result in results) else EXIT_OK)


def print_results(results: Sequence[StageResult], *, quiet: bool = False) -> None:
    """Print notes, counts and the place of each result, and of failures what was not told when they happened."""
    for result in results:
        told = set() if quiet or result.stage not in ("render", "preview") else _failure_lines(result)
        for note in result.notes:
            if note not in told:
                print(f"{result.stage}: {note}")
        counts = f"{result.made} made, {result.kept} kept, {result.failed} failed in {result.seconds:.1f} s"
        print(f"{result.stage}: {counts}{'' if result.folder is None else f': {shown(result.folder)}'}")
        if result.failed and result.folder is not None:
            root = result.folder if result.stage in ("predict", "preview") else result.folder.parent
            print(f"what failed, and why: {shown(OutputFolder(root).failures)}")


def shown(path: Path) -> str:
    """Return a path as short as it can be said from the working folder."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) and path != here else str(path)


def complain(text: str) -> None:
    """Print a line for people that is no result."""
    print(text, file=sys.stderr)


def _failure_lines(result: StageResult) -> set[str]:
    return {f"{row.get('job')}: {row.get('error')}" for row in result.failures}
