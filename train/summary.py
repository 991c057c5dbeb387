"""What a training came to: ``summary.json`` and the pictures."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import cast

from synthmat.render_job import content_key
from synthmat.storage.atomic import write_text
from synthmat.storage.summary_file import TrainingSummary, read_summary
from synthmat.train.data.mixture import WeightedSource, in_order
from synthmat.train.data.splits import Division
from synthmat.train.engine.checkpoint import load_model
from synthmat.train.engine.early_stopping import best_epoch
from synthmat.train.engine.plots import draw_curves, draw_samples, worst_and_others
from synthmat.train.engine.requirements import loss_of
from synthmat.train.engine.setup import BEST, LAST, METRICS, TrainingSetup
from synthmat.train.engine.trainer import Fitted
from synthmat.train.engine.validation import Evaluation, evaluate
from synthmat.train.models import parameter_count

_WRITTEN = (LAST, BEST, METRICS, "curves.png", "samples.png")


def summarize(
    setup: TrainingSetup, fitted: Fitted, division: Division | None, test: WeightedSource | None
) -> TrainingSummary:
    """Measure the best network, draw the pictures and write ``summary.json``; only read it if it is up to date.

    ``test`` is what it is measured on besides the validation samples. What lies in ``val`` is the first of the
    validation sources; further ones are under ``validation``.
    """
    key = content_key(setup.config["key"], test.samples.digest if test else "", len(fitted.history), fitted.stopped)
    path = setup.folder / "summary.json"
    if all((setup.folder / file).exists() for file in _WRITTEN):
        there = read_summary(path)
        if there is not None and there.get("key") == key:
            return there
    network, _ = load_model(setup.folder / BEST)
    network.to(setup.runner.device)
    preprocessor = setup.preprocessor(training=False)

    def measured(source: WeightedSource) -> Evaluation:
        loss = loss_of(setup.recipe)
        return evaluate(network, source, preprocessor, loss, setup.runner, batch_size=setup.recipe.batch_size)

    domains = {source.samples.name: measured(source) for source in setup.val}
    first = domains[setup.val[0].samples.name]
    scores = {"val": first} | ({"test": measured(test)} if test else {})
    draw_curves(fitted.history, setup.folder / "curves.png", setup.name)
    shown = worst_and_others(first.dice)
    draws = in_order(setup.val[0])
    draw_samples(
        network, [draws[place] for place in shown], preprocessor, setup.runner, setup.folder / "samples.png",
        [first.dice[place] for place in shown],
    )  # fmt: skip
    seconds = sum(row["seconds"] for row in fitted.history)
    summary = {
        "model": setup.recipe.model,
        "parameters": parameter_count(network),
        "size": setup.recipe.size,
        "seed": setup.seed,
        "device": str(setup.runner.device),
        "split": division.rule if division else "",
        "data": {source.samples.name: source.per_epoch for source in setup.train.sources},
        "samples": {
            "train": len(setup.train),
            "val": sum(len(source.samples) for source in setup.val),
            "left_out": division.left_out if division else 0,
            "test": len(test.samples) if test else 0,
        },
        "val_also_in_train": division.shared() if division else {},
        "epochs": len(fitted.history),
        "stopped": fitted.stopped,
        "best_epoch": best_epoch([row["score"] for row in fitted.history]),
        "seconds": round(seconds, 2),
        "seconds_per_epoch": round(seconds / len(fitted.history), 3),
        **{split: score_row(found) for split, found in scores.items()},
        "key": key,
    }
    if "pretrained" in setup.config:
        summary["pretrained"] = setup.config["pretrained"]
    if len(domains) > 1:
        summary["validation"] = {name: score_row(found) for name, found in domains.items()}
    write_text(path, json.dumps(summary, indent=2) + "\n", durable=True)
    return cast("TrainingSummary", summary)


def score_row(found: Evaluation) -> dict[str, float]:
    """Return loss, terms and metrics of an evaluation as one row."""
    loss = {} if found.loss is None else {"loss": found.loss}
    return {**loss, **found.terms, **found.metrics} if len(found.terms) > 1 else {**loss, **found.metrics}


def side_by_side(path: Path, summaries: dict[str, TrainingSummary]) -> list[str]:
    """Write the summaries of all divisions to one file and return them as the lines of a table."""
    write_text(path, json.dumps({"trainings": summaries}, indent=2) + "\n")
    if not summaries:
        return []
    wide = max(map(len, summaries))
    lines = [f"{'':{wide}}  train   val  epochs    dice  of masks     mad"]
    for name, found in summaries.items():
        val, counts = found["val"], found.get("samples", {})
        lines.append(
            f"{name:{wide}}  {counts.get('train', 0):5}  {counts.get('val', 0):4}  {found['epochs']:6}  "
            f"{val['dice']:.4f}    {val.get('dice_mask', math.nan):.4f}  {val['mad']:.4f}"
        )
    return lines
