"""What a training came to: ``summary.json`` and the pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from synthmat.atomic import write_text
from synthmat.records import content_key
from synthmat.train.checkpoint import load_model
from synthmat.train.dataset import SampleStore, samples_key
from synthmat.train.early_stopping import best_epoch
from synthmat.train.evaluation import evaluate
from synthmat.train.models import parameter_count
from synthmat.train.plots import draw_curves, draw_samples
from synthmat.train.splits import Division
from synthmat.train.trainer import BEST, FILES, Fitted, TrainingSetup


def summarise(setup: TrainingSetup, fitted: Fitted, division: Division, test: SampleStore) -> dict[str, Any]:
    """Measure the best network, draw the pictures and write ``summary.json``; only read it if it is up to date."""
    key = content_key(setup.config["key"], samples_key(test.samples), len(fitted.history), fitted.stopped)
    path = setup.folder / "summary.json"
    if path.exists() and all((setup.folder / file).exists() for file in FILES):
        there: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if there.get("key") == key:
            return there
    model, _ = load_model(setup.folder / BEST)
    model.to(setup.device)
    scores = {
        split: evaluate(model, store, setup.device, batch_size=setup.recipe.batch_size, threads=setup.threads)
        for split, store in (("val", setup.val), ("test", test))
        if len(store)
    }
    draw_curves(fitted.history, setup.folder / "curves.png", setup.name)
    draw_samples(model, setup.val, scores["val"].dice, setup.device, setup.folder / "samples.png")
    seconds = sum(row["seconds"] for row in fitted.history)
    summary = {
        "model": setup.recipe.model,
        "parameters": parameter_count(model),
        "size": setup.recipe.size,
        "seed": setup.seed,
        "device": str(setup.device),
        "split": division.rule,
        "samples": {
            "train": len(division.train),
            "val": len(division.val),
            "left_out": division.left_out,
            "test": len(test),
        },
        "val_also_in_train": division.shared(),
        "epochs": len(fitted.history),
        "stopped": fitted.stopped,
        "best_epoch": best_epoch([row["val_loss"] for row in fitted.history]),
        "seconds": round(seconds, 2),
        "seconds_per_epoch": round(seconds / len(fitted.history), 3),
        **{split: {"loss": found.loss, **found.metrics} for split, found in scores.items()},
        "key": key,
    }
    write_text(path, json.dumps(summary, indent=2) + "\n")
    return summary


def side_by_side(path: Path, summaries: dict[str, dict[str, Any]]) -> list[str]:
    """Write the summaries of all divisions to one file and return them as the lines of a table."""
    write_text(path, json.dumps({"trainings": summaries}, indent=2) + "\n")
    if not summaries:
        return []
    wide = max(map(len, summaries))
    lines = [f"{'':{wide}}  train   val  epochs    dice  of masks     mad"]
    for name, found in summaries.items():
        val = found["val"]
        lines.append(
            f"{name:{wide}}  {found['samples']['train']:5}  {found['samples']['val']:4}  {found['epochs']:6}  "
            f"{val['dice']:.4f}    {val['dice_mask']:.4f}  {val['mad']:.4f}"
        )
    return lines
