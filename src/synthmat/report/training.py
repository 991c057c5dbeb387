"""Page of one training or of several side by side: scores, curves and samples."""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape
from pathlib import Path

from synthmat.report.charts import figure, lines
from synthmat.report.page import Html, cards, failure_notice, link, notice, picture, section, table, write_page
from synthmat.report.stage_report import StageReport, plural, stage_failures
from synthmat.rows.row_types import MetricsRow
from synthmat.storage.manifest import read_rows
from synthmat.storage.output_folder import OutputFolder
from synthmat.storage.summary_file import TrainingSummary, read_summary

_SCORES = {"dice": "Dice", "dice_mask": "Dice of masks", "accuracy": "accuracy", "mad": "mean abs. error", "mse": "MSE"}
_SCORED = ("epoch", "train_loss", "val_loss", "dice", "dice_mask", "dice_2018", "accuracy", "mad", "mse")
_PICTURES = ("curves.png", "samples.png", "photographs.png")


def training_folders(folder: Path) -> dict[str, Path]:
    """Return the folders that hold a training by their names; the name is empty for ``folder`` itself."""
    found = {"": folder} if (folder / "metrics.jsonl").exists() else {}
    return found | {path.parent.name: path.parent for path in sorted(folder.glob("*/metrics.jsonl"))}


def report_training(output: OutputFolder) -> StageReport:
    """Write ``training/index.html`` and return what the overview needs."""
    page = output.training / "index.html"
    folders = training_folders(output.training)
    histories = {name: list(read_rows(path / "metrics.jsonl", MetricsRow)) for name, path in folders.items()}
    summaries = {name: read_summary(path / "summary.json") for name, path in folders.items()}
    failures = stage_failures(output, "train")
    missing = [
        str((path / file).relative_to(output.training))
        for path in folders.values()
        for file in _PICTURES
        if not (path / file).exists()
    ]
    numbers = _numbers(histories, summaries, len(failures))
    parts = [
        cards(numbers),
        failure_notice(failures, output.failures, page),
        notice("Not there (yet): they are written when a training ends", missing) if missing else "",
        section("Scores", _scores(histories, summaries)),
    ]
    for name, path in folders.items():
        parts.append(section(name or "Training", _one(path, histories[name], summaries[name], page)))
    models = {found["model"] for found in summaries.values() if found is not None}
    words = f"{', '.join(sorted(models)) or 'a network'} in {output.training}"
    write_page(page, f"{output.root.name}: training", words, parts)
    pictures = tuple(path / "samples.png" for path in folders.values() if (path / "samples.png").exists())
    troubles = () if not missing else (f"{plural(len(missing), 'picture')} not there (yet)",)
    return StageReport("Training", page, numbers, pictures, troubles, (page,))


def _best(history: list[MetricsRow]) -> MetricsRow | None:
    """Return the epoch with the lowest validation loss, None where no loss is a number."""
    # What training watched; trainings from before there was a choice have the loss alone.
    scores = [(row.get("score", row.get("val_loss")), row) for row in history]
    finite = [(score, row) for score, row in scores if score is not None and math.isfinite(score)]
    return min(finite, key=lambda pair: pair[0], default=(0.0, None))[1]


def _numbers(
    histories: dict[str, list[MetricsRow]], summaries: dict[str, TrainingSummary | None], failed: int
) -> dict[str, str]:
    found = [row for row in map(_best, histories.values()) if row is not None]
    best = max(found, key=lambda row: row.get("dice", -math.inf), default=None)
    seconds = sum(row.get("seconds", 0.0) for history in histories.values() for row in history)
    epochs = sum(map(len, histories.values()))
    numbers = {
        "trainings": f"{len(histories)}" if len(histories) > 1 else "",
        "epochs": f"{epochs:,}",
        "best validation Dice": _score(best and best.get("dice")),
        "mean abs. error there": _score(best and best.get("mad")),
        "minutes": f"{seconds / 60:.1f}",
        "failures": f"{failed:,}",
    }
    only = next(iter(summaries.values()), None)
    if len(summaries) == 1 and only is not None and (parameters := only.get("parameters")) is not None:
        numbers["parameters"] = f"{parameters:,}"
        numbers["input, pixels"] = f"{only['size']}"
    return {name: value for name, value in numbers.items() if value}


def _scores(histories: dict[str, list[MetricsRow]], summaries: dict[str, TrainingSummary | None]) -> str:
    """Return a row for each training and each split it was measured on; while it runs, of its best epoch."""
    rows: list[list[str | Html]] = []
    for name, history in histories.items():
        summary, best = summaries[name], _best(history)
        epoch = summary["best_epoch"] if summary else best["epoch"] if best else ""
        splits: dict[str, Mapping[str, object]] = {"val": summary["val"] if summary else best or {}}
        if summary and (test := summary.get("test")):
            splits["test"] = test
        counts: Mapping[str, object] = summary.get("samples", {}) if summary else {}
        for split, found in splits.items():
            head = [name or "training", split, str(counts.get(split, "")), str(epoch)]
            rows.append([*head, *(_score(found.get(key)) for key in _SCORES)])
    return table(["training", "measured on", "samples", "best epoch", *_SCORES.values()], rows)


def _one(folder: Path, history: list[MetricsRow], summary: TrainingSummary | None, page: Path) -> str:
    told: Mapping[str, object] = summary or {}
    facts = [
        told.get("split", ""),
        f"stopped: {told['stopped']}" if "stopped" in told else "not finished",
        f"{told['seconds_per_epoch']:.2f} s an epoch" if "seconds_per_epoch" in told else "",
        f"on {told['device']}" if "device" in told else "",
    ]
    curves = {
        "Loss": ({"training": "train_loss", "validation": "val_loss"}, True),
        "Dice on validation samples": ({"soft alpha": "dice", "masks at 0.5": "dice_mask"}, False),
        "Mean absolute error on validation samples": ({"alpha": "mad"}, True),
        "Learning rate": ({"learning rate": "learning_rate"}, True),
    }
    charts = [
        figure(title, lines({name: _points(history, key) for name, key in series.items()}, log=log), "by epoch")
        for title, (series, log) in curves.items()
    ]
    head = [*_SCORED, "learning_rate", "seconds", "data_wait_share"]
    rows: list[list[str | Html]] = [[_score(row.get(key)) for key in head] for row in history]
    files = [
        link(folder / file, page, file)
        for file in (*_PICTURES, "metrics.jsonl", "summary.json")
        if (folder / file).exists()
    ]
    return "\n".join(
        [
            f"<p class=faint>{escape(' · '.join(str(fact) for fact in facts if fact))}</p>",
            f"<div class=charts>{''.join(charts)}</div>",
            "<h3>Samples</h3>" + picture(folder / "samples.png", page, "samples")
            if (folder / "samples.png").exists()
            else "",
            "<h3>Real photographs that it was not trained on</h3>"
            + picture(folder / "photographs.png", page, "photographs")
            if (folder / "photographs.png").exists()
            else "",
            section("Every epoch", table([name.replace("_", " ") for name in head], rows), closed=True),
            f"<p class=faint>Files: {', '.join(files)}</p>",
        ]
    )


def _points(history: list[MetricsRow], key: str) -> list[tuple[float, float]]:
    values = ((float(row["epoch"]), row.get(key)) for row in history)
    return [(epoch, float(value)) for epoch, value in values if isinstance(value, int | float)]


def _score(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return str(value) if isinstance(value, int) else f"{value:.2e}" if 0 < abs(value) < 1e-3 else f"{value:.4f}"
