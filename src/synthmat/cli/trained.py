"""Commands that put trained networks to use: evaluate, predict and adapt."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from synthmat import choices
from synthmat.cli.options import Device, MaxMegapixels, Mode, Quiet, Strict, Verbose
from synthmat.cli.outcome import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_OK, print_results, shown
from synthmat.layouts import readable
from synthmat.train.metrics.presets import PRESETS

app = typer.Typer()

if TYPE_CHECKING:
    LayoutName: TypeAlias = str
    PresetName: TypeAlias = str
else:
    LayoutName = Literal[("auto", *readable())]
    PresetName = StrEnum("PresetName", {name: name for name in PRESETS})  # typer reads no list of Literal


@app.command()
def evaluate(
    contestants: Annotated[
        list[str],
        typer.Argument(
            metavar="CHECKPOINT...",
            help="Checkpoints, folders of trainings, or baselines such as baseline:kmeans; LABEL=... names them.",
        ),
    ],
    data: Annotated[Path, typer.Argument(metavar="DATA", help="A data set of ours or in a public layout.")],
    compare: Annotated[
        list[str] | None, typer.Option("--compare", metavar="CHECKPOINT", help="One more, to be compared; repeatable.")
    ] = None,
    layout: Annotated[LayoutName, typer.Option("--layout", help="Of the data set.")] = "auto",
    split: Annotated[
        choices.Split | None, typer.Option("--split", help="Which images; test by default, if there are some.")
    ] = None,
    preset: Annotated[
        list[PresetName] | None, typer.Option("--preset", help="Whose metrics: dim by default; repeatable.")
    ] = None,
    trimap: Annotated[
        choices.TrimapFrom,
        typer.Option("--trimap", help="file, made from the true alpha, or auto: made where there is no file."),
    ] = "auto",
    size: Annotated[
        int | None,
        typer.Option("--size", min=8, metavar="PIXELS", help="Shrink everything to this longer side first."),
    ] = None,
    mode: Mode = "auto",
    out: Annotated[Path, typer.Option("--out", help="Folder for page and figures.")] = Path("evaluation"),
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, metavar="N", help="Measure only N images, spread evenly.")
    ] = None,
    max_megapixels: MaxMegapixels = 100,
    device: Device = "auto", quiet: Quiet = False, verbose: Verbose = False,
) -> None:  # fmt: skip
    """Measure networks and baselines side by side on any data set."""
    from synthmat import api

    found = api.evaluate(
        [*contestants, *(compare or [])], data, out, layout=layout, split=split,
        presets=tuple(map(str, preset or ["dim"])), trimap=trimap, size=size, mode=mode, limit=limit,
        max_megapixels=max_megapixels, device=device, quiet=quiet,
    )  # fmt: skip
    print(found.text)
    for path in found.files:
        print(f"wrote {shown(path)}")
    raise typer.Exit(EXIT_INTERRUPTED if found.interrupted else EXIT_FAILED if found.failures else EXIT_OK)


@app.command()
def predict(
    arguments: Annotated[
        list[str],
        typer.Argument(
            metavar="[CHECKPOINT] INPUT...",
            help="A checkpoint, a training's folder, or baseline:NAME; if none is named, the network that comes with "
            "synthmat. Then pictures, clips, and folders of them.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for the results.")] = Path("predictions"),
    trimap: Annotated[Path | None, typer.Option("--trimap", help="A trimap, or a folder with one a picture.")] = None,
    captured_bg: Annotated[
        Path | None,
        typer.Option("--captured-bg", help="The empty scene, or a folder with one a picture; or a clip of it."),
    ] = None,
    captured_seconds: Annotated[
        str | None, typer.Option("--captured-seconds", metavar="FROM-TO", help="When a clip shows the empty scene.")
    ] = None,
    background: Annotated[
        Path | None,
        typer.Option("--background", help="A new background, a folder of some, or '#00ff00'; of clips also a clip."),
    ] = None,
    mode: Mode = "auto",
    size: Annotated[
        int | None, typer.Option("--size", min=8, metavar="PIXELS", help="Edge: resize's square, tile's windows.")
    ] = None,
    foreground: Annotated[
        bool, typer.Option("--foreground/--no-foreground", help="Write cut-outs with decontaminated color.")
    ] = True,
    format_: Annotated[choices.CutoutFormat, typer.Option("--format", help="Of cut-outs.")] = "png",
    bits: Annotated[Literal["8", "16"], typer.Option("--bits", help="Of the alpha PNG.")] = "8",
    alpha_as: Annotated[choices.AlphaAs, typer.Option("--alpha-as", help="Alpha of clips: FFV1 or PNGs.")] = "video",
    cutout_as: Annotated[choices.CutoutAs, typer.Option("--cutout-as", help="Cut-outs of clips.")] = "prores",
    steady: Annotated[
        bool, typer.Option("--steady/--no-steady", help="Average alpha of clips along the motion.")
    ] = True,
    batch: Annotated[int, typer.Option("--batch", min=1, help="Frames that the network sees at once.")] = 4,
    clean: Annotated[bool, typer.Option("--clean", help="Drop stray parts and fill holes.")] = False,
    clean_parts: Annotated[
        int, typer.Option(min=0, help="--clean: keep so many of the largest parts; 0 keeps all that are not small.")
    ] = 0,
    clean_least_part: Annotated[
        float, typer.Option(min=0, max=1, help="--clean: drop parts below this share of the largest.")
    ] = 0.05,
    clean_holes: Annotated[
        float, typer.Option(min=0, max=1, help="--clean: fill holes below this share of the object.")
    ] = 0.01,
    clean_opening: Annotated[float, typer.Option(min=0, help="--clean: radius of an opening, pixels.")] = 0,
    clean_closing: Annotated[float, typer.Option(min=0, help="--clean: radius of a closing, pixels.")] = 0,
    clean_smooth: Annotated[float, typer.Option(min=0, help="--clean: sigma of a blur, pixels.")] = 0,
    limit: Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="Make at most N new ones.")] = None,
    max_megapixels: MaxMegapixels = 400,
    device: Device = "auto", strict: Strict = False, quiet: Quiet = False, verbose: Verbose = False,
) -> None:  # fmt: skip
    """Make mattes and cut-outs of photos and clips; re-run to resume."""
    from synthmat import api
    from synthmat.train.predict.argument_order import named_checkpoint
    from synthmat.train.predict.clean import Cleaning

    checkpoint, inputs = named_checkpoint(arguments)
    cleaning = Cleaning(clean_opening, clean_closing, clean_parts, clean_least_part, clean_holes, clean_smooth)
    if cleaning != Cleaning() and not clean:
        raise typer.BadParameter("--clean-... say how --clean cleans up, which is not given; add it")
    result = api.predict(
        checkpoint, inputs, out, trimap=trimap, captured_bg=captured_bg, background=background,
        mode=mode, size=size, bits=16 if bits == "16" else 8, foreground=foreground, format=format_,
        clean=cleaning if clean else None, alpha_as=alpha_as, cutout_as=cutout_as, steady=steady, batch=batch,
        captured_seconds=None if captured_seconds is None else _seconds(captured_seconds),
        max_megapixels=max_megapixels, device=device, limit=limit, strict=strict, quiet=quiet,
    )  # fmt: skip
    print_results([result], quiet=quiet)
    raise typer.Exit(result.exit_code)


def _seconds(text: str) -> tuple[float, float]:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)", text)
    if found is None or float(found[1]) >= float(found[2]):
        raise typer.BadParameter(f"--captured-seconds {text}: write it as FROM-TO, for example 0-2.5")
    return float(found[1]), float(found[2])


@app.command()
def adapt(
    checkpoint: Annotated[Path, typer.Argument(metavar="CHECKPOINT", help="A checkpoint, or a training's folder.")],
    photos: Annotated[list[Path], typer.Argument(metavar="PHOTO...", help="Photos, and folders of photos.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="The new checkpoint; adapted.pt beside the old one by default.")
    ] = None,
    trimap: Annotated[Path | None, typer.Option("--trimap", help="A trimap, or a folder with one a photo.")] = None,
    captured_bg: Annotated[
        Path | None, typer.Option("--captured-bg", help="The empty scene, or a folder with one a photo.")
    ] = None,
    passes: Annotated[int, typer.Option("--passes", min=1, help="How often each photo is shown.")] = 4,
    weight: Annotated[
        float, typer.Option("--weight", min=0, max=1, help="Of the photos; the rest is what the training had.")
    ] = 0.7,
    device: Device = "auto", verbose: Verbose = False,
) -> None:  # fmt: skip
    """Fit a network's batch-norm statistics to photos. They should be like those it is for, and need no mattes."""
    from synthmat import api

    adapted = api.adapt(
        checkpoint, photos, out, trimap=trimap, captured_bg=captured_bg, passes=passes, weight=weight, device=device
    )  # fmt: skip
    for note in adapted.notes:
        print(f"adapt: {note}")
    record = adapted.record
    print(f"adapt: {record['batch_norms']} batch norms, {record['photos']} photos: wrote {shown(adapted.path)}")
