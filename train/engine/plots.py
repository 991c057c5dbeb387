"""Pictures of a training: its curves, and what the network makes of validation samples."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthmat.rows.row_types import EpochRow
from synthmat.storage.atomic import atomic_path
from synthmat.train.data.mixture import Draw
from synthmat.train.data.preprocessor import Preprocessor
from synthmat.train.engine.early_stopping import best_epoch
from synthmat.train.engine.validation import Runner, predict
from synthmat.train.prediction import MattingNetwork

_PLAIN_COLOR = (0.25, 0.75, 0.35)
_WORST, _OTHERS = 4, 4


def draw_curves(history: Sequence[EpochRow], path: Path, title: str) -> None:
    """Draw loss, Dice and learning rate over the epochs."""
    figure = curves_figure(history, title)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=110)


def curves_figure(history: Sequence[EpochRow], title: str) -> Any:
    """Return the figure that `draw_curves` writes."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    epochs = [row["epoch"] for row in history]
    best = best_epoch([row["score"] for row in history])
    figure = Figure(figsize=(13, 4.4), layout="constrained")
    figure.suptitle(f"{title}: best epoch {best}, validation Dice {history[best - 1]['dice']:.4f}")
    loss, dice, rate = figure.subplots(1, 3)
    loss.plot(epochs, [row["train_loss"] for row in history], ".-", label="training (augmented)")
    if all("val_loss" in row for row in history):
        loss.plot(epochs, [row.get("val_loss", math.nan) for row in history], ".-", label="validation")
    loss.set(ylabel="loss", yscale="log")
    dice.plot(epochs, [row["dice"] for row in history], ".-", label="soft alpha")
    dice.plot(epochs, [row["dice_mask"] for row in history], ".-", label="masks at 0.5")
    dice.set(ylabel="validation Dice", ylim=(0.8 if history[best - 1]["dice"] > 0.9 else None, 1.005))
    rate.plot(epochs, [row["learning_rate"] for row in history], ".-", color="tab:green", label="learning rate")
    rate.set(ylabel="learning rate", yscale="log")
    for axes in (loss, dice, rate):
        axes.axvline(best, color="grey", linestyle=":", label="best epoch")
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2, frameon=False)  # below: it hides no curve
    return figure


def draw_samples(
    network: MattingNetwork,
    draws: Sequence[Draw],
    preprocessor: Preprocessor,
    runner: Runner,
    path: Path,
    dice: Sequence[float] | None = None,
) -> None:
    """Draw some samples, a row each, with their ``dice`` beside them if it is known.

    A row: image, true alpha, predicted alpha, difference (red: too much, blue: too little), and the image on a plain
    color by the predicted alpha. What shines through of the old background at soft edges is in the image's own colors
    there: nothing estimates the foreground's.
    """
    from matplotlib.figure import Figure

    columns = ("image", "true alpha", "predicted alpha", "difference", "on a plain color")
    size = preprocessor.size
    cell = size + max(2, size // 16)
    grid = np.ones((cell * len(draws), cell * len(columns), 3), np.float32)
    for row, found in enumerate(predict(network, draws, preprocessor, runner)):
        image, alpha, guess = found[0].permute(1, 2, 0).numpy(), found[1].numpy(), found[2].numpy()
        cut_out = image * guess[..., None] + np.array(_PLAIN_COLOR) * (1 - guess[..., None])
        pictures = (image, _gray(alpha), _gray(guess), _difference(guess - alpha), cut_out)
        for column, picture in enumerate(pictures):
            top, left = row * cell, column * cell
            grid[top : top + size, left : left + size] = picture
    figure = Figure(figsize=(2 * len(columns), 2 * len(draws)))
    axes = figure.add_axes((0, 0, 1, 1), frame_on=False)
    axes.imshow(np.clip(grid, 0, 1), interpolation="nearest")
    axes.set_xticks([cell * column + size / 2 for column in range(len(columns))], columns)
    labels = ["\n".join(textwrap.wrap(draw.source.samples.label(draw.index), 32)) for draw in draws]
    if dice is not None:
        labels = [f"{label}\nDice {value:.4f}" for label, value in zip(labels, dice, strict=True)]
    axes.set_yticks([cell * row + size / 2 for row in range(len(draws))], labels)
    axes.tick_params(length=0, top=False, labeltop=True, labelbottom=False)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=100, bbox_inches="tight")  # what stands beside the axes belongs to the picture


def worst_and_others(dice: Sequence[float]) -> list[int]:
    """Return the places of the lowest values, and of some spread evenly over the rest, best last."""
    ranked = sorted(range(len(dice)), key=dice.__getitem__)
    spread = np.linspace(_WORST, len(ranked) - 1, min(_OTHERS, max(0, len(ranked) - _WORST))).round().astype(int)
    return ranked[:_WORST] + [ranked[place] for place in spread]


def _gray(alpha: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.repeat(alpha[..., None], 3, axis=2)


def _difference(error: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return white for 0, red for too much alpha, blue for too little, in full color from 0.5 on."""
    strength = np.clip(np.abs(error) * 2, 0, 1)[..., None]
    color = np.where(error[..., None] > 0, np.array([0.85, 0.1, 0.1]), np.array([0.1, 0.2, 0.85]))
    shown: NDArray[np.float32] = (1 - strength + strength * color).astype(np.float32)
    return shown
