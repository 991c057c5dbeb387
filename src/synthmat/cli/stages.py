"""Commands that carry out a recipe: preview, render, composite, train, run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synthmat.cli.options import (
    Device,
    DryRun,
    Engine,
    Limit,
    NoEstimate,
    Out,
    Quiet,
    RecipePath,
    Set,
    Shard,
    Strict,
    Verbose,
    Workers,
    run_options,
)  # fmt: skip
from synthmat.cli.outcome import complain, finish, print_results, shown

app = typer.Typer()

Model = Annotated[
    str | None, typer.Option("--model", metavar="NAME", help="Train this network: short for --set train.model=NAME.")
]
Experiment = Annotated[
    list[str] | None,
    typer.Option("--experiment", metavar="NAME", help="Train only this one of the recipe's experiments; repeatable."),
]
LicenseFilter = Annotated[
    str | None,
    typer.Option("--license-filter", metavar="A,B", help="Use only these licenses: CC0-*,CC-BY-4.0."),
]


@app.command()
def preview(
    recipe: RecipePath = Path("recipe.yaml"), out: Out = None, set_: Set = None, workers: Workers = None,
    device: Device = "auto",
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, metavar="N", help="Render at most N new objects.")
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Show the page in the browser.")] = False,
    strict: Strict = False, quiet: Quiet = False, verbose: Verbose = False,
) -> None:  # fmt: skip
    """Render every object once, small and in seconds. Contact sheets and a page show all of them, with warnings."""
    from synthmat import api

    options = run_options(workers=workers, device=device, limit=limit, strict=strict, quiet=quiet)
    result = api.preview(recipe, out=out, overrides=set_ or [], options=options)
    print_results([result], quiet=quiet)
    for path in (*result.sheets, result.page):
        print(f"wrote {shown(path)}")
    if open_:
        import webbrowser

        if not webbrowser.open(result.page.as_uri()):
            complain("no browser could be started; open the page yourself")
    raise typer.Exit(result.exit_code)


@app.command()
def render(
    recipe: RecipePath = Path("recipe.yaml"), out: Out = None, set_: Set = None, workers: Workers = None,
    device: Device = "auto", shard: Shard = None, limit: Limit = None, dry_run: DryRun = False,
    no_estimate: NoEstimate = False, engine: Engine = None, strict: Strict = False, quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:  # fmt: skip
    """Render the recipe's objects onto transparent PNGs."""
    from synthmat import api

    options = run_options(
        shard, engine, workers=workers, device=device, limit=limit, dry_run=dry_run, strict=strict, quiet=quiet,
        estimate=dry_run and not no_estimate,
    )  # fmt: skip
    finish([api.render(recipe, out=out, overrides=set_ or [], options=options)], quiet=quiet)


@app.command()
def composite(
    recipe: RecipePath = Path("recipe.yaml"), out: Out = None, set_: Set = None, workers: Workers = None,
    shard: Shard = None, limit: Limit = None, license_filter: LicenseFilter = None, dry_run: DryRun = False,
    engine: Engine = None, strict: Strict = False, quiet: Quiet = False, verbose: Verbose = False,
) -> None:  # fmt: skip
    """Put the rendered objects on photos and write the data set."""
    from synthmat import api

    if license_filter is not None:
        set_ = [*(set_ or []), f"composite.licenses={[name.strip() for name in license_filter.split(',')]}"]
    options = run_options(shard, engine, workers=workers, limit=limit, dry_run=dry_run, strict=strict, quiet=quiet)
    finish([api.composite(recipe, out=out, overrides=set_ or [], options=options)])


@app.command()
def train(
    recipe: RecipePath = Path("recipe.yaml"), out: Out = None, set_: Set = None, model: Model = None,
    experiment: Experiment = None, workers: Workers = None, device: Device = "auto", limit: Limit = None,
    dry_run: DryRun = False, strict: Strict = False, quiet: Quiet = False, verbose: Verbose = False,
) -> None:  # fmt: skip
    """Train the recipe's network on the data set; re-run to resume."""
    from synthmat import api

    options = run_options(
        workers=workers, device=device, limit=limit, dry_run=dry_run, strict=strict, quiet=quiet
    )  # fmt: skip
    finish([
        api.train(recipe, out=out, overrides=set_ or [], options=options, experiments=experiment or [], model=model)
    ])  # fmt: skip


@app.command()
def run(
    recipe: RecipePath = Path("recipe.yaml"), out: Out = None, set_: Set = None, workers: Workers = None,
    device: Device = "auto", limit: Limit = None, dry_run: DryRun = False,
    no_estimate: NoEstimate = False, engine: Engine = None, strict: Strict = False, quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:  # fmt: skip
    """Render, composite, train and report."""
    from synthmat import api

    options = run_options(
        engine=engine, workers=workers, device=device, limit=limit, dry_run=dry_run, strict=strict, quiet=quiet,
        estimate=not no_estimate,
    )  # fmt: skip
    finish(
        api.run(recipe, out=out, overrides=set_ or [], options=options),
        summary=True,
        limited=limit is not None,
        quiet=quiet,
    )
