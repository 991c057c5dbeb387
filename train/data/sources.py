"""From the entries of ``train.data`` and ``train.validation`` to the sources that they name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from synthmat.errors import RecipeError
from synthmat.layouts import read_layout
from synthmat.layouts.folders import passed_over_notes
from synthmat.layouts.item import Item
from synthmat.layouts.mask_check import check_mattes
from synthmat.photos import Photo, list_photos
from synthmat.printable_names import expand_home
from synthmat.recipe import Recipe
from synthmat.recipe.train import Train
from synthmat.recipe.training_data import DataSource, LayoutData, OwnData
from synthmat.sample_source import SampleSource
from synthmat.storage.output_folder import OutputFolder
from synthmat.train.data import dataset, layout_source
from synthmat.train.data.dataset import DatasetSource, read_samples
from synthmat.train.data.layout_source import LayoutSource
from synthmat.train.data.mixture import WeightedSource
from synthmat.train.data.planned_source import PlannedSource
from synthmat.train.data.splits import Division

Live = Callable[[str, int, tuple[str, ...]], SampleSource]
"""Gives the live source of a split (train, val or test): new samples in each epoch, at a size, of these kinds."""

_OF_DATASET = (
    "add {kinds} to composite.outputs and run `synthmat composite` again, or train on live data (train.data: [live])"
)
_OF_LAYOUT = "its layout does not have {kinds}; use another one, or a loss and a network that do without"


@dataclass(frozen=True)
class ResolvedEntry:
    """An entry of ``train.data`` or ``train.validation`` with its defaults filled in."""

    data: DataSource
    split: str
    weight: float

    @property
    def own(self) -> str:
        """``dataset``, ``live``, or empty for a folder."""
        if isinstance(self.data, LayoutData):
            return ""
        return self.data if isinstance(self.data, str) else self.data.source


def training_entries(config: Train) -> list[ResolvedEntry]:
    """Return what is trained on; entries of weight 0 are left out."""
    found = [_resolved(entry, "train") for entry in config.data]
    return [each for each in found if each.weight]


def validation_entries(config: Train) -> list[ResolvedEntry]:
    """Return what is validated on: ``train.validation``, or the val splits of the recipe's own training data.

    Beside a folder, which is another domain, `live` and `dataset` without a weight are measured and do not count: a
    network soon does better on more samples like its own, while it does worse on photographs.

    Raises:
        RecipeError: Nothing is, since only folders are trained on.
    """
    if config.validation:
        entries = [_resolved(entry, "val") for entry in config.validation]
        held_out = any(each.weight for each in entries if not each.own)
        return [replace(each, weight=0.0) if held_out and isinstance(each.data, str) else each for each in entries]
    found = [ResolvedEntry(each.own, "val", 1.0) for each in training_entries(config) if each.own]  # type: ignore[arg-type]
    if not found:
        raise RecipeError(
            "train.validation: only folders are trained on, so say what to validate on, for example "
            "validation: [{folder: ..., split: val}]"
        )
    return list({each.own: each for each in found}.values())


def judged_note(config: Train, sources: Sequence[WeightedSource]) -> str:
    """Return in words what said when to stop, and what was only measured; empty where no folder says it.

    Args:
        config: The training.
        sources: Those of `validation_entries`, in their order.
    """
    pairs = list(zip(validation_entries(config), sources, strict=True))
    if not any(entry.weight for entry, _ in pairs if not entry.own):
        return ""
    counted = [f"{source.samples.name} ({len(source.samples)} samples)" for entry, source in pairs if entry.weight]
    others = [source.samples.name for entry, source in pairs if not entry.weight]
    besides = f"; only measured: {', '.join(others)}" if others else ""
    return f"{config.early_stopping.monitor} on {' and '.join(counted)} says when to stop and what is best{besides}"


@dataclass(frozen=True)
class SourceBuilder:
    """Makes sources for one training: ``division`` are the samples of the data set, if it takes part.

    With ``planned`` it reads no picture: every source is a stand-in for one that gives the same kinds of pictures. The
    data set is then taken as it is on disk, or without a ``division`` as ``composite.outputs`` will make it.
    """

    recipe: Recipe
    config: Train
    base: Path
    output: OutputFolder
    division: Division | None
    live: Live | None
    kinds: frozenset[str]
    planned: bool = False

    def sources(self, entries: Sequence[ResolvedEntry]) -> tuple[WeightedSource, ...]:
        """Return the source of each entry, under names that differ.

        Raises:
            RecipeError: A folder has no such split, or there is nothing that composites live data.
            AssetError: A folder is not there or cannot be read.
        """
        made: list[WeightedSource] = []
        for each in entries:
            name = _free_name(self._name(each), [source.samples.name for source in made])
            made.append(self.source(each, name))
        for source in made:
            if not len(source.samples):
                raise RecipeError(f"train: {source.samples.name} has no samples")
        return tuple(made)

    def source(self, entry: ResolvedEntry, name: str) -> WeightedSource:
        """Return the source of one entry, under a name; raises as `sources` does."""
        if isinstance(entry.data, LayoutData):
            return self._of_layout(entry.data, entry.weight, name)
        if entry.own == "live":
            kinds = self.kinds | {"image", "alpha"}
            return WeightedSource(self._live(entry.split, tuple(sorted(kinds)), name), entry.weight, kinds)
        if self.planned and self.division is None:
            outputs = frozenset(self.recipe.composite.outputs)
            return WeightedSource(PlannedSource(name), entry.weight, outputs, _OF_DATASET)
        samples = self._samples(entry.split)
        common = dataset.common_kinds(samples)
        if self.planned:
            return WeightedSource(PlannedSource(name, len(samples)), entry.weight, common, _OF_DATASET)
        source = DatasetSource(samples, self._given(common), self._size, name=name)
        return WeightedSource(source, entry.weight, common, _OF_DATASET)

    def _live(self, split: str, kinds: tuple[str, ...], name: str) -> SampleSource:
        if self.planned:
            return PlannedSource(name)
        if self.live is None:
            raise RecipeError("train.data: live data can only be made by `synthmat train`")
        # Crops are cut out of samples as large as those on disk.
        source = self.live(split, self._size or self.recipe.composite.size, kinds)
        source.name = name
        return source

    @property
    def _size(self) -> int | None:
        """The edge at which samples are read, None for the size on disk."""
        return None if self.config.fit == "crop" else self.config.size

    def _given(self, kinds: frozenset[str]) -> frozenset[str]:
        """Return what to read where all samples have ``kinds``: a batch cannot hold what only some have.

        A trimap is read where there is one, since the others get one made.
        """
        return self.kinds & (kinds | {"trimap"})

    def _samples(self, split: str) -> list[dataset.Sample]:
        if self.division is not None and split in ("train", "val"):
            return self.division.train if split == "train" else self.division.val
        return read_samples(self.output, split)

    def _of_layout(self, entry: LayoutData, weight: float, name: str) -> WeightedSource:
        folder = folder_of(entry, self.base)
        if self.planned and not folder.is_dir() and folder.is_relative_to(self.output.root):
            return WeightedSource(PlannedSource(name), weight, self.kinds | {"image", "alpha"})
        items, _ = items_of(entry, self.base)
        common = layout_source.common_kinds(items)
        if self.planned:
            return WeightedSource(PlannedSource(name, len(items)), weight, common, _OF_LAYOUT)
        digests = self.output.root / ".digests.jsonl"
        photos: list[Photo] = []
        if any(item.image is None for item in items):
            named = entry.backgrounds if entry.backgrounds is not None else self.recipe.composite.backgrounds
            photos, _ = list_photos(named, self.base, place="train.data.backgrounds", digests=digests)
        source = LayoutSource(
            items, self._given(common), self._size, name=name, seed=self.recipe.seed, photos=photos, digests=digests,
            most=self.recipe.composite.max_photo_megapixels, allowed_by="composite.max_photo_megapixels",
        )  # fmt: skip
        return WeightedSource(source, weight, common, _OF_LAYOUT)

    def _name(self, entry: ResolvedEntry) -> str:
        if isinstance(entry.data, LayoutData):
            return entry.data.name or Path(entry.data.folder).name or entry.data.layout
        return entry.own if entry.split in ("train", "val") else f"{entry.own} {entry.split}"


def folder_of(entry: LayoutData, base: Path) -> Path:
    """Return the folder that an entry names."""
    return (base / expand_home(entry.folder)).absolute()


def items_of(entry: LayoutData, base: Path) -> tuple[list[Item], list[str]]:
    """Return the items of a folder that the entry selects and that have a matte and a picture, and notes for the user.

    Raises:
        RecipeError: The folder has no such split, or none of its items has a matte and a picture.
        AssetError: The folder is not there or cannot be read, or what should be mattes seem to be something else.
    """
    folder = folder_of(entry, base)
    items = read_layout(folder, entry.layout)
    if entry.split is not None:
        there = sorted({item.split for item in items} - {""})
        items = [item for item in items if item.split == entry.split]
        if not items:
            has = f"it has {', '.join(there)}" if there else "it has none; leave split out"
            raise RecipeError(f"train: {folder}: no split {entry.split!r}; {has}")
    items = layout_source.usable(items)[: entry.limit]
    if not items:
        raise RecipeError(f"train: {folder}: none of its items has a matte and a picture; name another folder")
    if entry.mask is not None:
        items = [replace(item, mask=entry.mask.levels) for item in items]
    return items, [*check_mattes(items), *passed_over_notes(entry.name or folder.name, folder)]


def folder_notes(recipe: Recipe, base: Path) -> list[str]:
    """Return what there is to say of the folders that are trained and validated on, each folder once.

    Raises:
        RecipeError, AssetError: See `items_of`.
    """
    config = recipe.train
    entries = [each.data for each in (*training_entries(config), *validation_entries(config))]
    folders = [each for each in entries if isinstance(each, LayoutData)]
    return list(dict.fromkeys(note for each in folders for note in items_of(each, base)[1]))


def _resolved(entry: DataSource, split: str) -> ResolvedEntry:
    if isinstance(entry, LayoutData):
        return ResolvedEntry(entry, entry.split or "", entry.weight)
    if isinstance(entry, OwnData):
        return ResolvedEntry(entry, entry.split or split, entry.weight)
    return ResolvedEntry(entry, split, 1.0)


def _free_name(name: str, taken: Collection[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} {number}"
    return free
