"""The training loop: deterministic from the seed, a checkpoint every epoch, and resumed to the bit."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import ReduceLROnPlateau

from synthmat.errors import SynthmatError
from synthmat.manifest import append_row, write_rows
from synthmat.progress import Progress
from synthmat.random_streams import stream
from synthmat.recipe.train import Train
from synthmat.train.augment import augment
from synthmat.train.checkpoint import load_checkpoint, save_checkpoint
from synthmat.train.dataset import SampleStore
from synthmat.train.early_stopping import best_epoch, why_over
from synthmat.train.evaluation import evaluate
from synthmat.train.loader import batches
from synthmat.train.losses import bce_dice
from synthmat.train.models import build_model

LAST, BEST, METRICS = "last.pt", "best.pt", "metrics.jsonl"
FILES = (LAST, BEST, METRICS, "summary.json", "curves.png", "samples.png")
"""All that a training's folder holds when it is over."""

_PLATEAU_MIN_DELTA = 1e-4

History = list[dict[str, Any]]


class DivergedError(SynthmatError):
    """The loss is no longer a number; the message names the epoch and what to change."""


@dataclass(frozen=True)
class TrainingSetup:
    """What one training needs: the recipe's section, the seed, its folder, its samples and where to compute.

    ``config`` goes into the checkpoints. ``threads`` make batches; the network uses torch's own.
    """

    name: str
    recipe: Train
    seed: int
    folder: Path
    train: SampleStore
    val: SampleStore
    config: dict[str, Any]
    device: torch.device
    threads: int
    quiet: bool = False


@dataclass(frozen=True)
class Fitted:
    """How a training went so far; ``stopped`` is ``early stopping``, ``all epochs`` or ``limit``."""

    history: History
    stopped: str
    made: int


def fit(setup: TrainingSetup, limit: int | None = None) -> Fitted:
    """Train until early stopping or the recipe's number of epochs, at most ``limit`` more epochs now.

    Goes on from ``last.pt`` in ``setup.folder`` if it is there. Epoch k draws from streams named after k, so its
    result depends only on the state after epoch k - 1 and not on the process, the threads that load or the number of
    interruptions; on a processor with the same number of torch threads it is the same to the bit. An interruption
    (KeyboardInterrupt) loses the running epoch only.

    Writes ``last.pt``, ``best.pt`` (lowest validation loss) and a row of ``metrics.jsonl`` after every epoch.

    Raises:
        DivergedError: A loss is not a finite number; the checkpoints stay at the epoch before.
        OutputError: The checkpoint cannot be read.
    """
    run = _Run(setup)
    losses = [row["val_loss"] for row in run.history]
    before = len(losses)
    most = setup.recipe.epochs if limit is None else min(setup.recipe.epochs, before + limit)
    per_epoch = len(setup.train)
    with (
        _deterministic(setup.device),
        Progress(setup.name, (most - before) * per_epoch, unit="samples", quiet=setup.quiet) as progress,
    ):
        while (over := why_over(losses, setup.recipe.epochs, setup.recipe.early_stopping)) is None:
            if len(losses) >= most:
                over = "limit"
                break
            row = run.epoch(progress)
            losses.append(row["val_loss"])
            progress.say(f"epoch {len(losses)}, val dice {row['dice']:.4f}")
    return Fitted(run.history, over, len(losses) - before)


class _Run:
    """The state that an epoch changes: network, optimiser, learning rate and history."""

    def __init__(self, setup: TrainingSetup) -> None:
        self._setup = setup
        recipe = setup.recipe
        with _torch_seed(setup.seed, setup.device, "weights"):
            self._model = build_model(recipe.model, recipe.width)
        # Channels-last convolutions take a quarter less time on processors, and no more on GPUs.
        self._model.to(device=setup.device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
        self._optimizer = _optimizer(recipe, self._model)
        self._schedule = ReduceLROnPlateau(
            self._optimizer,
            factor=recipe.plateau.factor,
            patience=recipe.plateau.patience,
            min_lr=recipe.plateau.min_rate,
            threshold=_PLATEAU_MIN_DELTA,
            threshold_mode="abs",
        )
        self.history: History = []
        if (setup.folder / LAST).exists():
            self._resume()

    def epoch(self, progress: Progress) -> dict[str, Any]:
        """Train one epoch, validate, save, and return its row of the history."""
        started = time.perf_counter()
        setup, number = self._setup, len(self.history) + 1
        rate = self._optimizer.param_groups[0]["lr"]
        loss, waited = self._train(number, progress)
        measured = evaluate(
            self._model, setup.val, setup.device, batch_size=setup.recipe.batch_size, threads=setup.threads
        )
        if not math.isfinite(loss) or not math.isfinite(measured.loss):
            raise DivergedError(
                f"{setup.name}: the loss is no longer a number in epoch {number}; lower train.learning_rate "
                f"(now {setup.recipe.learning_rate:g}) and run again"
            )
        seconds = time.perf_counter() - started
        row = {
            "epoch": number,
            "train_loss": loss,
            "val_loss": measured.loss,
            **measured.metrics,
            "learning_rate": rate,
            "seconds": round(seconds, 3),
            "data_wait_share": round(waited / seconds, 4),
        }
        self._schedule.step(measured.loss)
        self.history.append(row)
        self._save()
        append_row(setup.folder / METRICS, row)
        return row

    def _train(self, number: int, progress: Progress) -> tuple[float, float]:
        """Return the mean training loss of epoch ``number`` and the seconds spent waiting for batches."""
        setup = self._setup
        store, recipe = setup.train, setup.recipe

        def make(index: int) -> Any:
            rng = stream(setup.seed, "augment", number, store.samples[index].id)
            return augment(*store.pair(index), recipe.augment, rng)

        order = stream(setup.seed, "order", number).permutation(len(store)).tolist()
        total = torch.zeros((), device=setup.device)
        waited = 0.0
        self._model.train()
        with _torch_seed(setup.seed, setup.device, "epoch", number):
            feed = batches(order, recipe.batch_size, make, setup.threads)
            while True:
                asked = time.perf_counter()
                batch = next(feed, None)
                waited += time.perf_counter() - asked
                if batch is None:
                    break
                images, alphas = (part.to(setup.device, non_blocking=True) for part in batch)
                loss = bce_dice(self._model(images.contiguous(memory_format=torch.channels_last)), alphas)
                self._optimizer.zero_grad(set_to_none=True)
                loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
                self._optimizer.step()
                total += loss.detach() * len(alphas)
                progress.advance(len(alphas))
        return float(total) / len(store), waited

    def _save(self) -> None:
        """Write both checkpoints; the best first, so that a crash in between repeats the epoch and writes it again."""
        folder, config = self._setup.folder, self._setup.config
        weights, number = self._model.state_dict(), len(self.history)
        if best_epoch([row["val_loss"] for row in self.history]) == number:
            save_checkpoint(folder / BEST, config, epoch=number, model=weights, metrics=json.dumps(self.history[-1]))
        save_checkpoint(
            folder / LAST,
            config,
            epoch=number,
            model=weights,
            optimizer=self._optimizer.state_dict(),
            scheduler=self._schedule.state_dict(),
            history=json.dumps(self.history),
        )

    def _resume(self) -> None:
        state = load_checkpoint(self._setup.folder / LAST)
        self._model.load_state_dict(state["model"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["scheduler"])
        self.history = json.loads(state["history"])
        # A crash may have come before the last row, or left rows of epochs that are now made again.
        write_rows(self._setup.folder / METRICS, self.history)


def _optimizer(recipe: Train, model: nn.Module) -> Optimizer:
    kinds: dict[str, Any] = {"adamw": torch.optim.AdamW, "adam": torch.optim.Adam, "rmsprop": torch.optim.RMSprop}
    made: Optimizer = kinds[recipe.optimizer](
        model.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
    )
    return made


@contextmanager
def _torch_seed(seed: int, device: torch.device, *names: str | int) -> Iterator[None]:
    """Seed torch's generators from a named stream, and put them back as they were afterwards."""
    cuda = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=cuda):
        torch.manual_seed(int(stream(seed, "torch", *names).integers(2**63)))
        yield


@contextmanager
def _deterministic(device: torch.device) -> Iterator[None]:
    """Have torch use deterministic algorithms where it has them; on a GPU some have no such form."""
    before, warn_only = (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
    )
    torch.use_deterministic_algorithms(device.type == "cpu", warn_only=True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before, warn_only=warn_only)
