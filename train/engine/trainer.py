"""The training loop: deterministic from the seed, a checkpoint every epoch, and resumed to the bit."""

from __future__ import annotations

import contextlib
import json
import math
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor

from synthmat.errors import OutputError, PassedOverWarning, SynthmatError
from synthmat.progress import Progress
from synthmat.rows.row_types import EpochRow
from synthmat.storage.manifest import append_row, write_rows
from synthmat.storage.row_check import fault_of
from synthmat.train.data.mixture import WeightedSource, in_order
from synthmat.train.data.prefetch import Prefetcher
from synthmat.train.engine.checkpoint import load_checkpoint, remedy, save_checkpoint
from synthmat.train.engine.determinism import deterministic, random_states, restore_random_states, torch_seed
from synthmat.train.engine.early_stopping import best_epoch, score, stop_reason
from synthmat.train.engine.interruption import Interruption
from synthmat.train.engine.learner import Learner
from synthmat.train.engine.plots import draw_samples
from synthmat.train.engine.schedule import learning_rate
from synthmat.train.engine.setup import BEST, INTERRUPTED, LAST, METRICS, TrainingSetup
from synthmat.train.engine.steps import steps_of
from synthmat.train.engine.tensorboard import log_row
from synthmat.train.engine.validation import Evaluation, evaluate

_LOOK_EVERY = 16
"""Steps after which several processes agree on whether one of them was asked to end."""

History = list[EpochRow]


class DivergedError(SynthmatError):
    """Loss or weights are no longer numbers; the message names the epoch and what to change."""


@dataclass(frozen=True)
class Fitted:
    """How a training went so far; ``stopped`` is ``early stopping``, ``all epochs`` or ``limit``."""

    history: History
    stopped: str
    made: int


def fit(setup: TrainingSetup, limit: int | None = None) -> Fitted:
    """Train until early stopping or the recipe's number of epochs, at most ``limit`` more epochs now.

    Resumes from ``last.pt`` in ``setup.folder`` if it is there, and in the middle of an epoch from ``interrupted.pt``.
    Epoch k draws from streams named after k, so its result depends only on the state after epoch k - 1 and not on the
    process, the threads that load or the number of interruptions; on a processor with the same number of torch threads
    it is the same to the bit. SIGINT and SIGTERM are answered between two steps: ``interrupted.pt`` then holds all of
    the running epoch. Any other interruption, and a second signal, loses the running epoch.

    Writes ``last.pt``, ``best.pt`` (lowest score) and a row of ``metrics.jsonl`` after every epoch. An epoch after
    which a loss, a measure or a weight is not a finite number is undone and repeated once; from then on all rates are
    halved.

    Raises:
        DivergedError: The repeated epoch ends like that too; the checkpoints stay at the epoch before.
        KeyboardInterrupt: A signal came, and all is saved.
        OutputError: The checkpoint cannot be read.
    """
    training = _Training(setup)
    scores = [row["score"] for row in training.history]
    before = len(scores)
    config = setup.recipe
    last_epoch = config.epochs if limit is None else min(config.epochs, before + limit)
    with (
        deterministic(setup.runner.device),
        Interruption() as interruption,
        Progress(setup.name, (last_epoch - before) * len(setup.train), unit="samples", quiet=setup.quiet) as progress,
        contextlib.closing(training),
    ):
        while (stopped := stop_reason(scores, config.epochs, config.early_stopping)) is None:
            if len(scores) >= last_epoch:
                stopped = "limit"
                break
            if setup.process_group.any(interruption.asked, setup.runner.device):
                raise KeyboardInterrupt
            row = training.epoch(progress, interruption, last=len(scores) + 1 == last_epoch)
            scores.append(row["score"])
            progress.say(
                f"epoch {len(scores)}, val dice {row['dice']:.4f}, {row['images_per_second']:.0f} images/s, "
                f"data wait {row['data_wait_share']:.1%}"
            )
        if setup.process_group.any(interruption.asked, setup.runner.device):
            raise KeyboardInterrupt
    return Fitted(training.history, stopped, len(scores) - before)


@dataclass
class _Counts:
    """What an epoch has counted so far: the loss and its terms, each times samples."""

    totals: Tensor
    step: int = 0
    waited_s: float = 0.0
    seconds: float = 0.0


class _Training:
    """The state that an epoch changes: network, average, optimizer and history."""

    def __init__(self, setup: TrainingSetup) -> None:
        self._setup = setup
        self._learner = Learner(setup)
        self._prefetcher: Prefetcher | None = None
        self._prefetched_epoch = 0
        self.history: History = []
        self._begin()

    def close(self) -> None:
        """Cancel the batches that were made ahead."""
        if self._prefetcher is not None:
            self._prefetcher.close()
            self._prefetcher = None

    def epoch(self, progress: Progress, interruption: Interruption, *, last: bool) -> EpochRow:
        """Train one epoch, validate, save, and return its row of the history."""
        number = len(self.history) + 1
        row = None
        for attempt in (1, 2):
            row = self._attempt(number, progress, interruption, repeated=attempt == 2, last=last)
            if row is not None:
                break
            self.close()
            self._begin(mid_epoch=False)
        if row is None:
            best = self._setup.folder / BEST
            keep = f"; to keep its epochs, copy {best} and train from the copy (train.init, in a recipe without stages)"
            raise DivergedError(
                f"{self._setup.name}: loss or weights are not finite in epoch {number}, even with half the "
                f"rate; lower train.learning_rate (now {self._setup.recipe.learning_rate:g}) and re-run, which "
                f"restarts it from scratch{keep if self.history else ''}"
            )
        self.history.append(row)
        if self._setup.process_group.is_main:
            self._save(row)
        return row

    def _begin(self, *, mid_epoch: bool = True) -> None:
        """Set everything to the beginning, or to where the checkpoints are."""
        setup = self._setup
        self._learner.begin()
        self.history = []
        self._resume: dict[str, Any] | None = None
        if (setup.folder / LAST).exists():
            self._go_on(setup.folder / LAST)
            # A crash may have come before the last row, or left rows of epochs that are now made again.
            if setup.process_group.is_main:
                write_rows(setup.folder / METRICS, self.history)
        if mid_epoch and (setup.folder / INTERRUPTED).exists():
            try:
                self._go_on_within(setup.folder / INTERRUPTED)
            except OutputError as error:
                warnings.warn(str(error), PassedOverWarning, stacklevel=2)
                self._begin(mid_epoch=False)

    def _go_on(self, path: Path) -> None:
        """Take up the training after the last finished epoch."""
        state = load_checkpoint(path)
        with _fitting(path):
            history = json.loads(state["history"])
            if [row["epoch"] for row in history] != list(range(1, state["epoch"] + 1)):
                raise ValueError("its history is not that of its epoch")
            fault = next((fault for row in history if (fault := fault_of(row, EpochRow))), "")
            if fault:
                raise ValueError(f"its history has no figures: {fault}")
            self._learner.load(state)
            self.history = history

    def _go_on_within(self, path: Path) -> None:
        """Take up the training within an epoch, if that is the next one of this training."""
        setup, state = self._setup, load_checkpoint(path)
        with _fitting(path):
            fits = state["epoch"] == len(self.history) + 1 and len(state["totals"]) == setup.process_group.size
            if not fits or state["config"].get("key") != setup.config.get("key"):
                return
            if "checksum" not in state:
                raise ValueError("it has no checksum, as those of older versions")
            self._learner.load(state)
            self._resume = state

    def _attempt(
        self, number: int, progress: Progress, interruption: Interruption, *, repeated: bool, last: bool
    ) -> EpochRow | None:
        """Return the row of an epoch, None if it diverged."""
        setup, started = self._setup, time.perf_counter()
        if self._resume is not None:
            repeated = bool(self._resume["again"])
        counts = self._train(number, progress, interruption, repeated=repeated)
        trained_s = counts.seconds + time.perf_counter() - started
        totals = setup.process_group.all_sum(counts.totals).tolist()
        mean = [total / len(setup.train) for total in totals]
        if not math.isfinite(mean[0]) or setup.process_group.any(not self._learner.is_finite(), setup.runner.device):
            return None
        if not last:
            self._prepare(number + 1)
        found = [self._evaluate(source) for source in setup.val]
        monitored = _mean(found, [source.weight for source in setup.val])
        if not all(math.isfinite(value) for each in found for value in (each.loss or 0.0, *each.metrics.values())):
            return None
        row: dict[str, object] = {
            "epoch": number,
            "train_loss": mean[0],
            **({} if monitored.loss is None else {"val_loss": monitored.loss}),
            "score": score(setup.recipe.early_stopping, monitored.loss, monitored.metrics),
            **monitored.metrics,
            "learning_rate": self._learner.rate,
            "images_per_second": round(len(setup.train) / trained_s, 2),
            "data_wait_share": round(counts.waited_s / trained_s, 4),
            "seconds": round(counts.seconds + time.perf_counter() - started, 3),
        }
        if len(self._learner.loss.losses) > 1:
            row |= {f"train_{name}": value for name, value in zip(self._learner.loss.losses, mean[1:], strict=True)}
            row |= {f"val_{name}": value for name, value in monitored.terms.items()}
        if setup.recipe.lr_multipliers:
            row["rates"] = self._learner.rates
        if len(found) > 1:
            row["validation"] = {
                source.samples.name: {"loss": each.loss, **each.metrics}
                for source, each in zip(setup.val, found, strict=True)
            }
        if repeated:
            row["taken_back"] = True
        return cast("EpochRow", row)

    def _evaluate(self, source: WeightedSource) -> Evaluation:
        setup = self._setup
        return evaluate(
            self._learner.validated, source, setup.preprocessor(training=False), self._learner.loss, setup.runner,
            batch_size=setup.recipe.batch_size, process_group=setup.process_group,
        )  # fmt: skip

    def _prepare(self, number: int, skip: int = 0) -> None:
        """Start to make the batches of an epoch, unless it is done already."""
        if self._prefetcher is not None and self._prefetched_epoch == number:
            return
        setup, config = self._setup, self._setup.recipe
        draws = setup.train.epoch(number, setup.seed)
        self._steps = steps_of(draws, config.batch_size, config.gradient_accumulation, setup.process_group)
        ahead = [batch.draws for step in self._steps[skip:] for batch in step]
        pin = setup.runner.device.type == "cuda"
        self._prefetcher = Prefetcher(ahead, setup.preprocessor(training=True), setup.runner.threads, pin=pin)
        self._prefetched_epoch = number

    def _train(self, number: int, progress: Progress, interruption: Interruption, *, repeated: bool) -> _Counts:
        """Train epoch ``number`` and return what it counted; stops early if the loss is no longer a number."""
        setup, device = self._setup, self._setup.runner.device
        precise = torch.float32 if device.type == "mps" else torch.float64
        counts = _Counts(torch.zeros(1 + len(self._learner.loss.losses), dtype=precise, device=device))
        resume, self._resume = self._resume, None
        halvings = sum(bool(row.get("taken_back")) for row in self.history) + repeated
        scores = [row["score"] for row in self.history]
        started = time.perf_counter()
        with torch_seed(setup.seed, device, "epoch", number, setup.process_group.rank):
            if resume is not None:
                counts = _Counts(resume["totals"][setup.process_group.rank].to(device), resume["step"], *resume["time"])
                restore_random_states(resume["random"][setup.process_group.rank], device)
            self._prepare(number, counts.step)
            assert self._prefetcher is not None
            self._learner.train_mode()
            spent = counts.waited_s, counts.seconds
            for place in range(counts.step, len(self._steps)):
                epochs = number - 1 + (place + 0.5) / len(self._steps)
                rate = learning_rate(setup.recipe, scores, epochs) / 2**halvings
                counts.totals += self._learner.step(self._steps[place], self._prefetcher, rate)
                counts.step = place + 1
                counts.waited_s = spent[0] + self._prefetcher.waited_s
                progress.advance(self._steps[place][0].of_step)
                if counts.step == len(self._steps):
                    break
                look = counts.step % _LOOK_EVERY == 0
                if look and setup.process_group.size == 1 and not bool(counts.totals[0].isfinite()):
                    break
                if (look or setup.process_group.size == 1) and setup.process_group.any(interruption.asked, device):
                    counts.seconds = spent[1] + time.perf_counter() - started
                    self._save_interrupted(number, counts, repeated=repeated)
                    raise KeyboardInterrupt
        counts.seconds = spent[1]
        self.close()
        return counts

    def _save(self, row: EpochRow) -> None:
        """Write both checkpoints; the best first, so that a crash in between repeats the epoch and writes it again."""
        setup, number = self._setup, len(self.history)
        every = setup.recipe.samples_every
        if every is not None and number % every == 0:
            self._draw(number)
        if best_epoch([each["score"] for each in self.history]) == number:
            weights = self._learner.validated.state_dict()
            save_checkpoint(setup.folder / BEST, setup.config, epoch=number, model=weights, metrics=json.dumps(row))
        state = self._learner.state()
        save_checkpoint(setup.folder / LAST, setup.config, epoch=number, history=json.dumps(self.history), **state)
        (setup.folder / INTERRUPTED).unlink(missing_ok=True)
        append_row(setup.folder / METRICS, row)
        log_row(setup.folder, row)

    def _save_interrupted(self, number: int, counts: _Counts, *, repeated: bool) -> None:
        setup = self._setup
        totals = setup.process_group.gathered(counts.totals.cpu())
        random = setup.process_group.gathered(random_states(setup.runner.device))
        if setup.process_group.is_main:
            save_checkpoint(
                setup.folder / INTERRUPTED,
                setup.config,
                epoch=number,
                step=counts.step,
                totals=totals,
                random=random,
                time=[counts.waited_s, counts.seconds],
                again=repeated,
                **self._learner.state(),
            )

    def _draw(self, number: int) -> None:
        setup, source = self._setup, self._setup.val[0]
        draws = in_order(source)
        chosen = draws[:: max(1, len(draws) // 8)][:8]
        path = setup.folder / "samples" / f"epoch_{number:04d}.png"
        draw_samples(self._learner.validated, chosen, setup.preprocessor(training=False), setup.runner, path)


@contextlib.contextmanager
def _fitting(path: Path) -> Iterator[None]:
    """Tell of a checkpoint that can be read and whose content does not fit this training."""
    try:
        yield
    except (KeyError, TypeError, ValueError, RuntimeError, AttributeError, IndexError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise OutputError(
            f"{path}: does not fit this training ({type(error).__name__}: {reason}); {remedy(path)}"
        ) from None


def _mean(found: Sequence[Evaluation], weights: Sequence[float]) -> Evaluation:
    """Return the mean over sources by weight; the loss if all that count have one."""
    counted = [(each, weight) for each, weight in zip(found, weights, strict=True) if weight]
    total = sum(weight for _, weight in counted)

    def mean(values: Iterator[tuple[float, float]]) -> float:
        return sum(value * weight for value, weight in values) / total

    metrics = {name: mean((each.metrics[name], weight) for each, weight in counted) for name in counted[0][0].metrics}
    if any(each.loss is None for each, _ in counted):
        return Evaluation(None, {}, metrics, [])
    terms = {name: mean((each.terms[name], weight) for each, weight in counted) for name in counted[0][0].terms}
    loss = mean((each.loss or 0.0, weight) for each, weight in counted)
    return Evaluation(loss, terms, metrics, [])
