"""Commands that write data sets for other programs: `export dataset`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from synthmat.cli.options import Quiet, Verbose
from synthmat.cli.outcome import shown
from synthmat.layouts import exportable

app = typer.Typer(help="Write a data set as the field's trainers read it.", no_args_is_help=True)

if TYPE_CHECKING:
    LayoutName: TypeAlias = str
else:
    LayoutName = Literal[tuple(exportable())]


@app.callback()
def _group() -> None:
    """Keep `dataset` a word of its own, though it is the only one yet."""


@app.command("dataset")
def export_dataset(
    folder: Annotated[Path, typer.Argument(help="A data set, or the output folder it lies in.")],
    layout: Annotated[LayoutName, typer.Option("--layout", help="Whose layout.")],
    to: Annotated[Path | None, typer.Option("--to", help="Folder instead of exports/<layout> beside it.")] = None,
    copy: Annotated[bool, typer.Option("--copy/--link", help="Copy files, or make hard links to them.")] = False,
    samples_per_shard: Annotated[int, typer.Option(min=1, help="webdataset: most samples in a shard.")] = 1000,
    shard_megabytes: Annotated[float, typer.Option(min=0.001, help="webdataset: largest shard, MB.")] = 1000.0,
    quiet: Quiet = False, verbose: Verbose = False,
) -> None:  # fmt: skip
    """Write a data set in a public layout; re-run to resume."""
    from synthmat import api

    result, target = api.export_dataset(
        folder, layout, to, copy=copy, samples_per_shard=samples_per_shard, shard_megabytes=shard_megabytes,
        quiet=quiet,
    )  # fmt: skip
    for note in result.notes:
        print(f"export: {note}")
    print(f"export: {result.made} made, {result.kept} kept in {result.seconds:.1f} s: {shown(target)}")
