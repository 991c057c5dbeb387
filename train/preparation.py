"""One training before it starts: its stages, their data and networks, and the key by which it is recognized."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from synthmat.errors import AssetError, RecipeError
from synthmat.executor import default_workers
from synthmat.printable_names import expand_home
from synthmat.recipe import Recipe
from synthmat.recipe.train import Options, PseudoLabels, Train
from synthmat.recipe.training_data import LayoutData
from synthmat.render_job import content_key
from synthmat.sample_source import licenses_of
from synthmat.stage import RunOptions
from synthmat.storage.atomic import sha256_file
from synthmat.storage.output_folder import OutputFolder
from synthmat.train.adapt.eligible import check_adaptable
from synthmat.train.adapt.pseudo_labels import PseudoLabelled
from synthmat.train.data.dataset import read_samples
from synthmat.train.data.mixture import Mixture, WeightedSource
from synthmat.train.data.sources import Live, ResolvedEntry, SourceBuilder, training_entries, validation_entries
from synthmat.train.data.splits import Division
from synthmat.train.engine.determinism import torch_seed
from synthmat.train.engine.param_groups import freeze, make_optimizer
from synthmat.train.engine.process_group import ProcessGroup
from synthmat.train.engine.requirements import check, kinds_for, loss_of
from synthmat.train.engine.setup import TrainingSetup
from synthmat.train.engine.validation import Runner
from synthmat.train.losses import check_loss
from synthmat.train.models import build_model, check_model, parameter_count
from synthmat.train.prediction import MattingNetwork
from synthmat.train.pretrained.origin import origin_in
from synthmat.train.pretrained.published import weights_for
from synthmat.train.pretrained.weights import start_from

TRAIN_VERSION = 2
"""Raised when a change of the code changes weights, so that older trainings are not resumed."""

_MAX_THREADS = 8
_SAYS_WHEN_TO_STOP = {"epochs", "early_stopping", "splits", "stages", "samples_every", "init", "unlabelled"}


@dataclass(frozen=True)
class StagePlan:
    """A stage: its section of the recipe, what it is called, and its folder.

    ``adapt`` says whether it begins with the statistics of photographs, ``pseudo_labels`` whether it learns from mattes
    of them; see `synthmat.recipe.train.Stage`.
    """

    config: Train
    label: str
    folder: Path
    adapt: bool = False
    pseudo_labels: PseudoLabels | None = None


@dataclass(frozen=True)
class Prepared:
    """Network and data of a stage; ``kinds`` are the pictures that training takes of each sample."""

    network: MattingNetwork
    kinds: frozenset[str]
    train: Mixture
    val: tuple[WeightedSource, ...]


@dataclass(frozen=True)
class Job:
    """One training of the recipe: ``name`` is empty if it is the only one."""

    recipe: Recipe
    output: OutputFolder
    options: RunOptions
    base: Path
    live: Live | None
    name: str
    division: Division | None

    def stages(self) -> Iterator[StagePlan]:
        """Give its stages in turn. The last one has the training's own folder, the others folders in it."""
        config = self.recipe.train
        folder = self.output.training / self.name
        if not config.stages:
            yield StagePlan(config, self.name, folder)
        for number, stage in enumerate(config.stages, 1):
            name = stage.name or f"stage_{number}"
            last = number == len(config.stages)
            label = f"{self.name} {name}".strip()
            place = folder if last else folder / name
            yield StagePlan(config.of_stage(stage), label, place, stage.adapt, stage.pseudo_labels)

    def prepare(
        self, config: Train, init: Path | None, *, more: Sequence[ResolvedEntry] = (), planned: bool = False
    ) -> Prepared:
        """Return network, loss and data of a stage, checked against each other.

        Args:
            config: Its section of the recipe.
            init: Checkpoint or weights to start from.
            more: What is trained on beside ``train.data``.
            planned: Use stand-ins for samples that do not exist yet; see `SourceBuilder`.

        Raises:
            RecipeError: Data, network and loss do not go together, or the network has no such option.
            AssetError: Weights to start from cannot be used.
            OutputError: A file of the data set cannot be read.
        """
        network = self._network(config, init)
        loss = loss_of(config)
        kinds = kinds_for(network, loss)
        builder = self._builder(config, kinds, planned)
        train = builder.sources([*training_entries(config), *more])
        val = builder.sources(validation_entries(config))
        check(config, network, loss, train, val)
        check_adaptable(config, network)
        return Prepared(network, kinds, Mixture(train), val)

    def setup(
        self,
        stage: StagePlan,
        before: Path | None,
        device: torch.device,
        process_group: ProcessGroup,
        labelled: PseudoLabelled | None = None,
    ) -> TrainingSetup:
        """Return all that a stage needs, checked; see `prepare`, which says what it raises.

        Args:
            stage: One of `stages`.
            before: Checkpoint of the stage before, to start from.
            device: Where to compute.
            process_group: The processes that train together.
            labelled: Mattes of photographs to train on too.
        """
        config = stage.config
        init = before or (None if config.init is None else self._path(config.init))
        more = [] if labelled is None else [_entry(stage, labelled.folder)]
        prepared = self.prepare(config, init, more=more)
        origin = prepared.network.origin or origin_in(init)
        settings = config.model_dump(mode="json", exclude=_SAYS_WHEN_TO_STOP)
        stops = (config.early_stopping.monitor, config.epochs if config.schedule == "cosine" else None)
        key = content_key(
            "train", TRAIN_VERSION, settings, stops, self.recipe.seed, prepared.train.digest,
            Mixture(prepared.val).digest,
            _digest(init), *_packages(config),
        )  # fmt: skip
        saved_config = {
            "model": config.model,
            "width": config.width,
            "options": self._options(config),
            "size": config.size,
            "seed": self.recipe.seed,
            "train": config.model_dump(mode="json", exclude=None if config.unlabelled else {"unlabelled"}),
            "key": key,
            **({"pretrained": dict(origin)} if origin else {}),
            **({"pseudo_labels": labelled.record} if labelled else {}),
            **_live_data(prepared.train),
        }
        workers = self.options.workers or default_workers()
        return TrainingSetup(
            name=f"train {stage.label}".strip(),
            recipe=config,
            seed=self.recipe.seed,
            folder=stage.folder,
            network=prepared.network,
            train=prepared.train,
            val=prepared.val,
            kinds=prepared.kinds,
            config=saved_config,
            runner=Runner(device, config.precision == "bf16", min(_MAX_THREADS, workers)),
            process_group=process_group,
            quiet=self.options.quiet or not process_group.is_main,
        )

    def test(self, setup: TrainingSetup) -> WeightedSource | None:
        """Return the test split of the recipe's data set, unless only folders are trained on or it has no samples."""
        if not any(each.own for each in training_entries(setup.recipe)) or not read_samples(self.output, "test"):
            return None
        source = self._builder(setup.recipe, setup.kinds).source(ResolvedEntry("dataset", "test", 1.0), "test")
        return None if set(setup.network.inputs) - source.kinds - {"trimap"} else source

    def teacher(self, wanted: PseudoLabels) -> str | None:
        """Return what pseudo-labels come from, a path relative to the recipe made whole; None: the stage before."""
        if wanted.teacher is None or self._path(wanted.teacher).exists():
            return None if wanted.teacher is None else str(self._path(wanted.teacher))
        return wanted.teacher

    def plan(self) -> list[str]:
        """Return what would be trained, a line for each stage, and on how many samples; write and train nothing.

        Every stage is prepared as for training, up to its optimizer, except that it starts from no checkpoint of the
        stage before.

        Raises:
            RecipeError: A stage cannot be trained; lists the fault of each.
        """
        lines, faults = [], []
        for stage in self.stages():
            label = f"{stage.label}: " if stage.label else ""
            try:
                lines.append(label + self._planned(stage))
            except (RecipeError, AssetError) as error:
                faults.append(f"{label}{error}")
        if faults:
            raise RecipeError("\n".join(dict.fromkeys(faults)))
        label = f"{self.name}: " if self.name else ""
        if self.division is not None:
            shared = ", ".join(f"{seen} {column}s" for column, seen in self.division.shared().items())
            lines.append(
                f"{label}{len(self.division.train)} training and {len(self.division.val)} validation samples "
                f"({self.division.rule}), {self.division.left_out} left out; of validation's, training sees {shared}"
            )
        return lines

    def _planned(self, stage: StagePlan) -> str:
        """Prepare a stage, and return what would be trained."""
        config, wanted = stage.config, stage.pseudo_labels
        init = None if config.init is None else self._path(config.init)
        if init is not None and not init.is_file() and init.is_relative_to(self.output.root):
            init = None  # may still be trained
        prepared = self.prepare(config, init, planned=True)
        if wanted and (lacking := sorted(prepared.kinds - {"image", "alpha", "trimap"})):
            raise RecipeError(f"pseudo_labels have no {' and no '.join(lacking)}, which network or loss needs")
        freeze(prepared.network, config.freeze)
        make_optimizer(config, prepared.network)
        return (
            f"would train {config.model} with {parameter_count(prepared.network):,} parameters at "
            f"{config.size}x{config.size}, at most {config.epochs} epochs"
            + (", on mattes of the photos of train.unlabelled too" if wanted else "")
        )

    def _builder(self, config: Train, kinds: frozenset[str], planned: bool = False) -> SourceBuilder:
        return SourceBuilder(self.recipe, config, self.base, self.output, self.division, self.live, kinds, planned)

    def _network(self, config: Train, init: Path | None) -> MattingNetwork:
        with torch_seed(self.recipe.seed, torch.device("cpu"), "weights"):
            try:
                network = build_model(config.model, config.width, self._options(config), pretrained=init is None)
            except ValueError as error:
                raise RecipeError(f"train.options: {error}") from None
        if init is not None:
            start_from(network, weights_for(network, init), init)
        return network

    def _options(self, config: Train) -> Options:
        """Return the network's options, files of weights by their full path."""
        options = dict(config.options)
        for key, value in options.items():
            if key.endswith("weights") and isinstance(value, str) and self._path(value).is_file():
                options[key] = str(self._path(value))
        return options

    def _path(self, text: str) -> Path:
        return (self.base / expand_home(text)).absolute()


def _entry(stage: StagePlan, folder: Path) -> ResolvedEntry:
    assert stage.pseudo_labels is not None  # where there is a folder
    data = LayoutData(folder=str(folder), layout="pairs", name="pseudo_labels", weight=stage.pseudo_labels.weight)
    return ResolvedEntry(data, "train", stage.pseudo_labels.weight)


def _live_data(mixture: Mixture) -> dict[str, Any]:
    """Return what a checkpoint says of live samples, of which nothing is on disk: their digest and their licenses."""
    live = [source.samples for source in mixture.sources if licenses_of(source.samples)]
    if not live:
        return {}
    licenses: Counter[str] = sum((Counter(licenses_of(samples)) for samples in live), Counter())
    return {"live_data": {"digest": content_key([samples.digest for samples in live]), "licenses": dict(licenses)}}


def _packages(config: Train) -> list[str]:
    """Return the packages that add the network and the losses, such as ``my-matting==1.0``; nothing for our own."""
    losses = [config.loss] if isinstance(config.loss, str) else list(config.loss)
    choices = [check_model(config.model), *map(check_loss, losses)]
    return sorted({choice.origin for choice in choices} - {""})


def _digest(init: Path | None) -> str:
    try:
        return "" if init is None else sha256_file(init)
    except OSError as error:
        raise AssetError(f"{init}: cannot be read: {error.strerror}") from None
