"""One training before it starts: its stages, their data and networks, and the key by which it is known again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from synthmat.errors import AssetError, RecipeError
from synthmat.executor import default_workers
from synthmat.recipe import Recipe
from synthmat.recipe.train import Train
from synthmat.render_job import content_key
from synthmat.stage import RunOptions
from synthmat.storage.atomic import sha256_file
from synthmat.storage.output_folder import Layout
from synthmat.train.data.dataset import DatasetSource, common_kinds, read_samples
from synthmat.train.data.mixture import Mixture, Part
from synthmat.train.data.sources import Live, SourceBuilder, wanted_training, wanted_validation
from synthmat.train.data.splits import Division
from synthmat.train.engine.checkpoint import load_checkpoint
from synthmat.train.engine.determinism import torch_seed
from synthmat.train.engine.process_group import ProcessGroup
from synthmat.train.engine.requirements import check, kinds_for, loss_of
from synthmat.train.engine.setup import FILES, LAST, TrainingSetup
from synthmat.train.engine.validation import Runner
from synthmat.train.models import build_model, parameter_count
from synthmat.train.prediction import MattingNetwork
from synthmat.train.pretrained.published import weights_for
from synthmat.train.pretrained.weights import start_from

TRAIN_VERSION = 2
"""Raised when a change of the code changes weights, so that older trainings are not gone on with."""

_MOST_THREADS = 8
_SAYS_WHEN_TO_STOP = {"epochs", "early_stopping", "splits", "stages", "samples_every", "init"}


@dataclass(frozen=True)
class StagePlan:
    """A stage: its section of the recipe, what it is called, and its folder."""

    config: Train
    label: str
    folder: Path


@dataclass(frozen=True)
class Job:
    """One training of the recipe: ``name`` is empty if it is the only one."""

    recipe: Recipe
    layout: Layout
    options: RunOptions
    base: Path
    live: Live | None
    name: str
    division: Division | None

    def stages(self) -> Iterator[StagePlan]:
        """Give its stages in turn. The last one has the training's own folder, the others folders in it."""
        config = self.recipe.train
        folder = self.layout.training / self.name
        if not config.stages:
            yield StagePlan(config, self.name, folder)
        for number, stage in enumerate(config.stages, 1):
            name = stage.name or f"stage_{number}"
            last = number == len(config.stages)
            yield StagePlan(config.of_stage(stage), f"{self.name} {name}".strip(), folder if last else folder / name)

    def setup(
        self, stage: StagePlan, before: Path | None, device: torch.device, process_group: ProcessGroup
    ) -> TrainingSetup:
        """Return all that a stage needs, checked.

        Args:
            stage: One of `stages`.
            before: Checkpoint of the stage before, to start from.
            device: Where to compute.
            world: The processes that train together.

        Raises:
            RecipeError: Data, network and loss do not go together, or the network has no such option.
            AssetError: Weights to start from cannot be used.
            OutputError: A file of the data set cannot be read.
        """
        config = stage.config
        init = before or (None if config.init is None else self._path(config.init))
        network = self._network(config, init)
        loss = loss_of(config)
        kinds = kinds_for(network, loss)
        builder = SourceBuilder(self.recipe, config, self.base, self.layout, self.division, self.live, kinds)
        train = builder.parts(wanted_training(config))
        val = builder.parts(wanted_validation(config))
        check(config, network, loss, train, val)
        mixture = Mixture(train)
        settings = config.model_dump(mode="json", exclude=_SAYS_WHEN_TO_STOP)
        stops = (config.early_stopping.monitor, config.epochs if config.schedule == "cosine" else None)
        key = content_key(
            "train", TRAIN_VERSION, settings, stops, self.recipe.seed, mixture.digest, Mixture(val).digest,
            _digest(init),
        )  # fmt: skip
        saved_config = {
            "model": config.model,
            "width": config.width,
            "options": self._options(config),
            "size": config.size,
            "seed": self.recipe.seed,
            "train": config.model_dump(mode="json"),
            "key": key,
        }
        workers = self.options.workers or default_workers()
        return TrainingSetup(
            name=f"train {stage.label}".strip(),
            recipe=config,
            seed=self.recipe.seed,
            folder=stage.folder,
            network=network,
            train=mixture,
            val=val,
            kinds=kinds,
            config=saved_config,
            runner=Runner(device, config.precision == "bf16", min(_MOST_THREADS, workers)),
            process_group=process_group,
            quiet=self.options.quiet or not process_group.is_main,
        )

    def test(self, setup: TrainingSetup) -> Part | None:
        """Return the test split of the recipe's data set, unless only folders are trained on or it has no samples."""
        if not any(each.own for each in wanted_training(setup.recipe)):
            return None
        samples = read_samples(self.layout, "test")
        size = None if setup.recipe.fit == "crop" else setup.recipe.size
        kinds = common_kinds(samples)
        if not samples or set(setup.network.inputs) - kinds - {"trimap"}:
            return None
        # What only some samples have fits in no batch; a trimap is made where there is none.
        return Part(DatasetSource(samples, setup.kinds & (kinds | {"trimap"}), size, name="test"), kinds=kinds)

    def plan(self) -> list[str]:
        """Return what would be done, in words."""
        lines = []
        for stage in self.stages():
            config = stage.config
            network = self._network(config, None)
            count = parameter_count(network)
            label = f"{stage.label}: " if stage.label else ""
            lines.append(
                f"{label}would train {config.model} with {count:,} parameters at {config.size}x{config.size}, "
                f"at most {config.epochs} epochs"
            )
        label = f"{self.name}: " if self.name else ""
        if self.division is not None:
            shared = ", ".join(f"{part} {column}s" for column, part in self.division.shared().items())
            lines.append(
                f"{label}{len(self.division.train)} training and {len(self.division.val)} validation samples "
                f"({self.division.rule}), {self.division.left_out} left out; of validation's, training sees {shared}"
            )
        return lines

    def _network(self, config: Train, init: Path | None) -> MattingNetwork:
        with torch_seed(self.recipe.seed, torch.device("cpu"), "weights"):
            try:
                network = build_model(config.model, config.width, self._options(config), pretrained=init is None)
            except ValueError as error:
                raise RecipeError(f"train.options: {error}") from None
        if init is not None:
            start_from(network, weights_for(network, init), init)
        return network

    def _options(self, config: Train) -> dict[str, bool | int | float | str | None]:
        """Return the network's options, files of weights by their full path."""
        options = dict(config.options)
        for key, value in options.items():
            if key.endswith("weights") and isinstance(value, str) and self._path(value).is_file():
                options[key] = str(self._path(value))
        return options

    def _path(self, text: str) -> Path:
        return (self.base / Path(text).expanduser()).absolute()


def set_aside(layout: Layout, folder: Path, key: str) -> Path | None:
    """Move a training with another key to ``training.<n>`` and return that folder; None if there is none."""
    if not (folder / LAST).exists() or load_checkpoint(folder / LAST)["config"].get("key") == key:
        return None
    place = folder.relative_to(layout.training)
    number = 1
    while (aside := layout.training.with_name(f"{layout.training.name}.{number}") / place).exists():
        number += 1
    aside.mkdir(parents=True)
    for file in FILES:
        if (folder / file).exists():
            (folder / file).rename(aside / file)
    return aside


def _digest(init: Path | None) -> str:
    try:
        return "" if init is None else sha256_file(init)
    except OSError as error:
        raise AssetError(f"{init}: cannot be read: {error.strerror}") from None
