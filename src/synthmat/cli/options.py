"""Arguments and options that several commands take, and the record that they become."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from synthmat import choices
from synthmat.stage import RunOptions

if TYPE_CHECKING:
    from synthmat.executor import Executor

_DEVICES = get_args(choices.Device)


def _known_device(name: str) -> str:
    if name not in _DEVICES and not re.fullmatch(r"(cuda|xpu):\d+|mps", name):
        raise typer.BadParameter(f"{name!r} is not one of {', '.join(map(repr, _DEVICES))}, and not cuda:N")
    return name


def _devices(incomplete: str) -> list[str]:
    return [name for name in _DEVICES if name.startswith(incomplete)]


RecipePath = Annotated[Path, typer.Argument(help="The recipe; see `synthmat init`.", show_default=True)]
Out = Annotated[
    str | None,
    typer.Option("--out", metavar="PATH", help="Output folder instead of output/<name>, or s3://... ."),
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override a recipe value, e.g. render.samples=16."),
]
Workers = Annotated[int | None, typer.Option("--workers", min=1, help="Worker processes; one a core by default.")]
Device = Annotated[
    str,
    typer.Option(
        "--device", metavar=f"<{'|'.join(_DEVICES)}>", callback=_known_device, autocompletion=_devices,
        help="Where to compute; of several GPUs cuda:N is one for train, evaluate and predict.",
    ),
]  # fmt: skip
Mode = Annotated[
    choices.Mode,
    typer.Option("--mode", help="resize: at the training's size; tile: windows; whole; auto: by its training."),
]
Shard = Annotated[str | None, typer.Option("--shard", metavar="I/N", help="Make only the I-th of N parts, I from 1.")]
Limit = Annotated[
    int | None, typer.Option("--limit", min=1, metavar="N", help="Make at most N new frames, samples or epochs.")
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help="Say what would be done, what is missing and, of rendering, how long it will take; do nothing.",
    ),
]
NoEstimate = Annotated[
    bool, typer.Option("--no-estimate", help="Render no calibrating frames to say how long rendering will take.")
]
Engine = Annotated[
    str | None,
    typer.Option(
        "--engine",
        metavar="ray[:ADDRESS]",
        help="Run the workers on a Ray cluster, not on this machine alone.",
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Stop at the first failure.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="No progress.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Show tracebacks of errors.")]


def run_options(shard: str | None = None, engine: str | None = None, **fields: Any) -> RunOptions:
    """Return the options of a stage; ``shard`` is read from ``I/N``, ``engine`` from ``ray:ADDRESS``."""
    if engine is not None and not fields.get("dry_run"):
        fields["executor"] = _executor(engine)
    return RunOptions(shard=None if shard is None else _shard(shard), **fields)


def _executor(engine: str) -> Executor:
    name, _, address = engine.partition(":")
    if name != "ray":
        raise typer.BadParameter(f"--engine {engine[:40]}: write ray, or ray:ADDRESS with that of a cluster")
    from synthmat.ray_executor import RayExecutor

    return RayExecutor(address)


def _shard(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", text)
    index, parts = map(int, found.groups()) if found else (0, 0)
    if not 1 <= index <= parts:
        raise typer.BadParameter(f"--shard {text[:40]}: write it as I/N with I from 1 to N, for example 2/8")
    return index, parts


MaxMegapixels = Annotated[
    float, typer.Option("--max-megapixels", min=0.01, help="Larger pictures are refused before they are decoded.")
]
