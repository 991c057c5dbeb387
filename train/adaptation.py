"""The end of a training with ``train.unlabelled``: its best network with the statistics of photographs, beside it."""

from __future__ import annotations

import json
from pathlib import Path

from synthmat.errors import OutputError
from synthmat.recipe import Recipe
from synthmat.render_job import content_key
from synthmat.storage.atomic import sha256_file, write_text
from synthmat.storage.output_folder import OutputFolder
from synthmat.storage.summary_file import read_summary
from synthmat.train.adapt.checkpoint import PASSES, WEIGHT, adapt_checkpoint
from synthmat.train.adapt.photos import photos_of
from synthmat.train.data.mixture import WeightedSource
from synthmat.train.engine.checkpoint import load_model
from synthmat.train.engine.requirements import loss_of
from synthmat.train.engine.setup import ADAPTED, BEST, TrainingSetup
from synthmat.train.engine.validation import evaluate
from synthmat.train.summary import score_row


def adapt_training(
    setup: TrainingSetup, recipe: Recipe, base: Path, output: OutputFolder, test: WeightedSource | None
) -> list[str]:
    """Write ``adapted.pt`` beside ``best.pt``, and what it is and reaches to ``summary.json``, under ``adapted``.

    ``best.pt`` stays what it was, and the figures beside it are its own. Nothing is done where that is up to date.

    Args:
        setup: The training, finished or interrupted by a limit, with its summary.
        recipe: The recipe, with ``train.unlabelled``.
        base: The folder at which its relative paths start.
        output: Where its data set lies.
        test: What it is measured on besides the validation samples.

    Returns:
        Notes for people.

    Raises:
        RecipeError: No photo is left to be used.
        AssetError: No photo can be read.
        OutputError: The training has no summary.
    """
    photos, notes = photos_of(recipe, base, output)
    best, target, path = setup.folder / BEST, setup.folder / ADAPTED, setup.folder / "summary.json"
    key = content_key(sha256_file(best), PASSES, WEIGHT, sorted(photo.sha256 for photo in photos))
    summary = read_summary(path)
    if summary is None:
        raise OutputError(f"{path}: what the training came to is missing; train again")
    if target.exists() and summary.get("adapted", {}).get("key") == key:
        return notes
    adapted = adapt_checkpoint(best, photos, target, device=setup.runner.device)
    measured = {"val": setup.val[0]} | ({"test": test} if test else {})
    scores = {split: _measured(setup, target, part) for split, part in measured.items()}
    summary["adapted"] = {**adapted.record, "names": adapted.names, **scores, "key": key}
    write_text(path, json.dumps(summary, indent=2) + "\n")
    dice = scores["val"]["dice"], summary["val"]["dice"]
    return [
        *notes,
        *adapted.notes,
        f"{target}: batch norms with the statistics of {adapted.record['photos']} photographs, for pictures like "
        f"those; on the validation samples Dice {dice[0]:.4f}, of {BEST} {dice[1]:.4f}",
    ]


def _measured(setup: TrainingSetup, checkpoint: Path, part: WeightedSource) -> dict[str, float]:
    network, _ = load_model(checkpoint)
    network.to(setup.runner.device)
    preprocessor, loss = setup.preprocessor(training=False), loss_of(setup.recipe)
    return score_row(evaluate(network, part, preprocessor, loss, setup.runner, batch_size=setup.recipe.batch_size))
