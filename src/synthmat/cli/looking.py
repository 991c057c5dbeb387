"""Commands around the stages: inspect, verify, clean, doctor, and views of panoramas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from synthmat.cli.options import Quiet, Verbose
from synthmat.cli.outcome import EXIT_FAILED, EXIT_OK, shown

app = typer.Typer()


@app.command()
def inspect(
    folder: Annotated[
        Path, typer.Argument(help="An output folder, one stage's folder in it, or a folder of predictions.")
    ],
    beside: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Compare samples in numbers with these photos, best with mattes, instead: framing, sharpness, noise, "
            "color; and how well patches of 5x5 pixels give the object away.",
        ),
    ] = None,
) -> None:
    """Make contact sheets and HTML pages of any stage's output."""
    from synthmat import api

    if beside is not None:
        print(api.compare_pictures(folder, beside))
        return
    for path in api.inspect(folder):
        print(f"wrote {shown(path)}")


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(help="An output folder, or dataset or renders in it.")],
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, metavar="N", help="Open only N samples and frames, spread evenly.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write every finding there.")] = None,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="Threads; one a core by default.")] = None,
    quiet: Quiet = False, verbose: Verbose = False,
) -> None:  # fmt: skip
    """Check a data set: files, mattes, matting equation, splits. Its renders are checked too."""
    from synthmat import api
    from synthmat.storage.atomic import write_text

    report = api.verify(folder, limit=limit, workers=workers, quiet=quiet)
    print(report.text)
    if json_file is not None:
        write_text(json_file, json.dumps(report.as_json(), indent=1, ensure_ascii=False) + "\n")
    raise typer.Exit(EXIT_OK if report.well else EXIT_FAILED)


@app.command()
def clean(
    folder: Annotated[Path, typer.Argument(help="An output folder, such as output/<name>.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    verbose: Verbose = False,
) -> None:
    """Remove what was made with other settings; asks first. Files that no list has are removed too."""
    from synthmat import api

    found = api.removable(folder)
    print(found.text)
    if not found.files:
        return
    if not yes and not typer.confirm("remove them?"):
        print("nothing was removed")
        raise typer.Exit(EXIT_FAILED)
    api.clean(folder)
    print(f"clean: {len(found.files):,} files removed")


@app.command()
def doctor() -> None:
    """Say what is installed, what is missing and how to get it."""
    from synthmat import api

    text, well = api.doctor()
    print(text)
    raise typer.Exit(EXIT_OK if well else EXIT_FAILED)


@app.command()
def views(
    panoramas: Annotated[
        list[str],
        typer.Argument(
            metavar="PANORAMA...", help="Files, folders or patterns (.hdr, .exr), Blender's names, or `all`."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where; a folder for each panorama.")],
    count: Annotated[int, typer.Option(min=1, max=1000, help="Views of each panorama.")] = 12,
    size: Annotated[int, typer.Option(min=16, max=8192, help="Edge of a view, pixels.")] = 512,
    seed: Annotated[int, typer.Option(min=0, help="Of where the camera looks.")] = 0,
) -> None:
    """Make photographs of places out of panoramas."""
    from synthmat import api

    written = api.views(panoramas, out, count=count, size=size, seed=seed)
    print(f"wrote {len(written)} views in {shown(out)}; in a recipe, which keeps those of a panorama in one split:")
    print(f"  composite: {{backgrounds: [{{photos: {out}, scenes: folder, license: ...}}]}}")
