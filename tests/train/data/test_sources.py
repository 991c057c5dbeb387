"""From the recipe's entries to sources: the data set, folders in other layouts, and live data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from support.repository import RECIPES
from support.tiny_training import SIZE, Plates, Squares

from synthmat.errors import AssetError, RecipeError
from synthmat.layouts import read_layout
from synthmat.photos import Photo
from synthmat.recipe import Recipe, load_recipe, parse_recipe
from synthmat.recipe.training_data import LayoutData
from synthmat.storage.output_folder import OutputFolder
from synthmat.train.data.layout_source import LayoutSource
from synthmat.train.data.mixture import Draw, WeightedSource
from synthmat.train.data.preprocessor import Preprocessor
from synthmat.train.data.sources import ResolvedEntry, SourceBuilder, training_entries, validation_entries

Discs = Callable[..., OutputFolder]
KINDS = frozenset({"image", "alpha", "fg", "bg", "captured_bg"})
READY = sorted(RECIPES.glob("*.yaml"))


def _recipe(*overrides: str) -> Recipe:
    return parse_recipe("name: mixed\nobjects: [{builtin: suzanne}]", overrides=[f"train.size={SIZE}", *overrides])


def _cut_outs(folder: Path, count: int = 3, height: int = 40, width: int = 60) -> Path:
    """Write RGBA cut-outs of green ellipses."""
    folder.mkdir(parents=True)
    for number in range(count):
        pixels = np.zeros((height, width, 4), np.uint8)
        pixels[..., 1] = 200
        alpha = np.zeros((height, width), np.uint8)
        cv2.ellipse(alpha, (width // 2, height // 2), (10 + number, 12), 0, 0, 360, 255, -1, cv2.LINE_AA)
        pixels[..., 3] = alpha
        cv2.imwrite(str(folder / f"{number}.png"), pixels)
    return folder


def _photos(folder: Path, count: int = 4) -> list[Photo]:
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    photos = []
    for number in range(count):
        path = folder / f"{number}.png"
        cv2.imwrite(str(path), rng.integers(0, 255, (80, 100, 3)).astype(np.uint8))
        photos.append(Photo(path.name, str(path), str(number)))
    return photos


def _builder(recipe: Recipe, base: Path, output: OutputFolder | None = None, live: Any = None) -> SourceBuilder:
    return SourceBuilder(recipe, recipe.train, base, output or OutputFolder(base / "out"), None, live, KINDS)


@pytest.mark.parametrize("size", [None, 24])
def test_cut_outs_come_on_another_photo_in_each_epoch(tmp_path: Path, size: int | None) -> None:
    items = read_layout(_cut_outs(tmp_path / "cut"), "rgba")
    photos = _photos(tmp_path / "photos")
    source, again = (LayoutSource(items, KINDS, size, name="cut", photos=photos) for _ in range(2))
    seen = set()
    for epoch in range(4):
        found = source.pictures(1, epoch)
        assert set(found) == KINDS
        assert all(pixels.shape[:2] == ((size, size) if size else (40, 60)) for pixels in found.values())
        weight = found["alpha"][..., None] / 65535
        assert np.abs(found["image"] - weight * found["fg"] - (1 - weight) * found["bg"]).max() <= 0.51
        change = np.abs(found["captured_bg"].astype(float) - found["bg"]).mean()
        assert 0 < change < 15
        assert all(np.array_equal(pixels, again.pictures(1, epoch)[kind]) for kind, pixels in found.items())
        seen.add(found["bg"].tobytes())
    assert len(seen) == 4
    assert source.digest == again.digest


def test_the_digest_follows_pixels_and_photos(tmp_path: Path) -> None:
    items = read_layout(_cut_outs(tmp_path / "cut"), "rgba")
    photos = _photos(tmp_path / "photos")
    digests = {LayoutSource(items, name="cut", photos=its).digest for its in (photos, photos[:2])}
    assert items[0].alpha is not None
    items[0].alpha.write_bytes(items[1].alpha.read_bytes())  # type: ignore[union-attr]
    digests.add(LayoutSource(items, name="cut", photos=photos).digest)
    assert len(digests) == 3


def test_photographs_with_mattes_are_read_as_they_are(tmp_path: Path) -> None:
    for kind in ("original", "mask", "trimap"):
        (tmp_path / kind).mkdir()
    matte = np.zeros((30, 50), np.uint8)
    matte[10:20, 10:30] = 255
    for kind, pixels in {"original": np.full((30, 50, 3), 90, np.uint8), "mask": matte, "trimap": matte}.items():
        cv2.imwrite(str(tmp_path / kind / ("a.jpg" if kind == "original" else "a.png")), pixels)
    recipe = _recipe("train.data=[{folder: ., layout: aim_500}]")
    builder = SourceBuilder(recipe, recipe.train, tmp_path, OutputFolder(tmp_path), None, None, KINDS | {"trimap"})
    source = builder.sources(training_entries(recipe.train))[0]
    assert source.kinds == {"image", "alpha", "trimap"}
    assert {kind: pixels.shape for kind, pixels in source.samples.pictures(0, 0).items()} == {
        "image": (SIZE, SIZE, 3), "alpha": (SIZE, SIZE), "trimap": (SIZE, SIZE)
    }  # fmt: skip
    with pytest.raises(RecipeError, match=r"no split 'train'; it has test"):
        builder.sources([ResolvedEntry(recipe.train.data[0].model_copy(update={"split": "train"}), "", 1.0)])  # type: ignore[union-attr]


def test_a_mixture_of_everything(discs: Discs, tmp_path: Path) -> None:
    output = discs(train=5, val=2)
    _cut_outs(tmp_path / "cut")
    calls = []

    def live(split: str, size: int, kinds: tuple[str, ...]) -> Squares:
        calls.append((split, size, kinds))
        return Squares(7, "renders", fresh=True)

    recipe = _recipe(
        "train.data=[dataset, {source: live, weight: 2}, {folder: cut, weight: 3, limit: 2}, {folder: cut}]",
        "train.validation=[live, {source: dataset, weight: 0}, {source: dataset, split: train, weight: 0}]",
    )
    builder = _builder(recipe, tmp_path, output, live)
    train, val = (builder.sources(wanted(recipe.train)) for wanted in (training_entries, validation_entries))
    assert [(source.samples.name, source.per_epoch) for source in train] == [
        ("dataset", 5), ("live", 14), ("cut", 6), ("cut 2", 3)
    ]  # fmt: skip
    assert [source.samples.name for source in val] == ["live", "dataset", "dataset 2"]
    assert [len(source.samples) for source in val] == [7, 2, 5]
    assert calls == [(split, SIZE, tuple(sorted(KINDS))) for split in ("train", "val")]
    assert train[1].kinds == train[2].kinds == KINDS
    assert train[0].kinds == {"image", "alpha"}


def test_crops_are_cut_out_of_live_samples_as_large_as_those_on_disk(tmp_path: Path) -> None:
    recipe = _recipe("composite.size=64", "train.fit=crop", "train.data=[live]")
    builder = _builder(recipe, tmp_path, live=lambda _split, size, kinds: Plates(size, kinds))
    source = builder.sources(training_entries(recipe.train))[0]
    whole = source.samples.pictures(0, 0)["alpha"]
    assert whole.shape == (64, 64)
    make = Preprocessor.of(recipe.train, KINDS, 0, training=False)
    shares = [make(Draw(source, 0, draw))["alpha"].mean() for draw in range(12)]
    # Of a crop half as wide or less, the object is another share than of the whole sample.
    assert np.ptp(shares) > 0.1


@pytest.mark.parametrize("path", READY, ids=lambda path: path.name)
def test_samples_of_ready_recipes_are_large_enough_for_their_crops(path: Path) -> None:
    recipe = load_recipe(path)
    for each in (recipe, *map(recipe.experiment, recipe.experiments)):
        for config in (each.train, *map(each.train.of_stage, each.train.stages)):
            composites = any(not isinstance(source, LayoutData) for source in config.data)
            assert config.fit == "resize" or not composites or each.composite.size >= 2 * config.size


def test_validation_is_by_default_on_the_val_splits_of_ones_own_data() -> None:
    section = _recipe("train.data=[dataset, live, {folder: a}]").train
    assert [(each.own, each.split) for each in validation_entries(section)] == [("dataset", "val"), ("live", "val")]
    with pytest.raises(RecipeError, match=r"train\.validation: only folders are trained on"):
        validation_entries(_recipe("train.data=[{folder: a}]").train)


def test_beside_a_folder_ones_own_samples_do_not_count_unless_they_have_a_weight() -> None:
    def weights(entries: str) -> list[float]:
        return [each.weight for each in validation_entries(_recipe(f"train.validation={entries}").train)]

    assert weights("[live, {folder: real}]") == [0, 1]
    assert weights("[{source: live, weight: 0.5}, {folder: real}, dataset]") == [0.5, 1, 0]
    assert weights("[live, {folder: real, weight: 0}]") == [1, 0]
    assert weights("[live, dataset]") == [1, 1]


def test_what_cannot_be_had_is_said(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="live data can only be made by"):
        _builder(_recipe(), tmp_path).sources([ResolvedEntry("live", "train", 1.0)])
    with pytest.raises(AssetError, match="no such folder"):
        _builder(_recipe(), tmp_path).sources(training_entries(_recipe("train.data=[{folder: nowhere}]").train))
    with pytest.raises(AssetError, match="there are no photos to put them on"):
        LayoutSource(read_layout(_cut_outs(tmp_path / "cut"), "rgba"), name="cut")


def test_parts_may_not_all_weigh_nothing() -> None:
    with pytest.raises(RecipeError, match="no source with a weight above 0"):
        _recipe("train.data=[{source: live, weight: 0}]")
    assert isinstance(WeightedSource(Squares(3), 0.5).per_epoch, int)
