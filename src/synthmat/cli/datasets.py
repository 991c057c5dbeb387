"""Commands that write what other programs load: `export dataset`, `export model`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import typer

from synthmat.cli.options import Quiet, Verbose
from synthmat.cli.outcome import shown
from synthmat.layouts import exportable
from synthmat.object_store.store import is_address

app = typer.Typer(
    help="Write a data set or a network as other programs read it.",
    no_args_is_help=True,
)

if TYPE_CHECKING:
    LayoutName: TypeAlias = str
else:
    LayoutName = Literal[tuple(exportable())]


@app.command("dataset")
def export_dataset(
    folder: Annotated[Path, typer.Argument(help="A data set, or the output folder it lies in.")],
    layout: Annotated[LayoutName, typer.Option("--layout", help="Whose layout.")],
    to: Annotated[
        str | None, typer.Option("--to", metavar="PATH", help="Folder instead of exports/<layout>, or s3://... .")
    ] = None,
    copy: Annotated[bool, typer.Option("--copy/--link", help="Copy files, or make hard links to them.")] = False,
    samples_per_shard: Annotated[int, typer.Option(min=1, help="webdataset: most samples in a shard.")] = 1000,
    shard_megabytes: Annotated[float, typer.Option(min=0.001, help="webdataset: largest shard, MB.")] = 1000.0,
    alpha_bits: Annotated[
        int, typer.Option(min=8, max=16, help="webdataset: 8, or 16 to keep alpha as it is.")
    ] = 8,
    quiet: Quiet = False, verbose: Verbose = False,
) -> None:  # fmt: skip
    """Write a data set in a public layout; re-run to resume."""
    from synthmat import api

    shards: dict[str, Any] = {"samples_per_shard": samples_per_shard, "shard_megabytes": shard_megabytes}
    shards["alpha_bits"] = alpha_bits
    if to is not None and is_address(to):
        result, place = api.export_to_store(folder, layout, to, quiet=quiet, **shards), to
    else:
        result, target = api.export_dataset(folder, layout, to, copy=copy, quiet=quiet, **shards)
        place = shown(target)
    for note in result.notes:
        print(f"export: {note}")
    print(f"export: {result.made} made, {result.kept} kept in {result.seconds:.1f} s: {place}")


@app.command("model")
def export_model(
    checkpoint: Annotated[Path, typer.Argument(metavar="CHECKPOINT", help="A checkpoint, or a training's folder.")],
    to: Annotated[Literal["onnx", "torchscript"], typer.Option("--to", help="Kind of file.")] = "onnx",
    for_: Annotated[
        str | None,
        typer.Option("--for", metavar="PROGRAM", help="rembg, rembg:u2net_custom (320 px), rembg:dis_custom (1024)."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="File instead of one beside the checkpoint.")] = None,
    int8: Annotated[bool, typer.Option("--int8", help="Weights in 8 bit: a quarter of the size, less exact.")] = False,
    mirror: Annotated[
        bool, typer.Option("--mirror", help="See each picture mirrored too: better mattes, twice the time.")
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Write a trained network as a file that needs no synthmat, compared with its checkpoint."""
    from synthmat import api

    made = api.export_model(checkpoint, out, to=to, target=for_, int8=int8, mirror=mirror)
    for note in made.notes:
        print(f"export: {note}")
    print(
        f"export: alpha differs from the checkpoint's by up to {made.difference.largest:.1e}, "
        f"{made.difference.mean:.1e} on average"
    )
    print(f"wrote {shown(made.path)}, {made.path.stat().st_size / 1e6:.1f} MB")
