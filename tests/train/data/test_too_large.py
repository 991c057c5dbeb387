"""Pictures of others that would fill the memory: refused by their header, in training, measuring and predicting."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import synthmat
from synthmat.errors import AssetError
from synthmat.images.picture_size import check_megapixels
from synthmat.layouts import Item
from synthmat.train.data.layout_source import LayoutSource


@pytest.fixture
def pairs(tmp_path):
    """Two pairs in a folder: one of 0.0024 megapixels, one of 0.04."""
    for name, edge in (("small", 49), ("large", 200)):
        for kind in ("image", "alpha"):
            (tmp_path / "pairs" / kind).mkdir(parents=True, exist_ok=True)
            pixels = np.full((edge, edge) if kind == "alpha" else (edge, edge, 3), 255, np.uint8)
            pixels[: edge // 2] = 0
            Image.fromarray(pixels).save(tmp_path / "pairs" / kind / f"{name}.png")
    return tmp_path / "pairs"


def item(folder, name, **more):
    return Item(name, image=folder / f"image/{name}.png", alpha=folder / f"alpha/{name}.png", **more)


def test_training_reads_none_that_is_larger_than_the_recipe_allows(pairs):
    source = LayoutSource(
        [item(pairs, "small"), item(pairs, "large")], name="x", most=0.01, allowed_by="composite.max_photo_megapixels"
    )
    assert source.pictures(0, 0)["image"].shape == (49, 49, 3)
    with pytest.raises(
        AssetError, match=r"large\.png: has 0\.04 megapixels, more than composite\.max_photo_megapixels"
    ):
        source.pictures(1, 0)


def test_a_trimap_or_background_that_is_too_large_counts_too(pairs):
    large = pairs / "image/large.png"
    for kind in ("trimap", "bg"):
        source = LayoutSource([item(pairs, "small", **{kind: large})], (kind,), name="x", most=0.01)
        with pytest.raises(AssetError, match=r"large\.png: has 0\.04 megapixels"):
            source.pictures(0, 0)


def test_evaluate_measures_the_others_and_names_it(pairs, tmp_path):
    found = synthmat.evaluate(
        ["baseline:centre"], pairs, tmp_path / "out", presets=("whole",), max_megapixels=0.01, quiet=True
    )
    (failure,) = found.failures
    assert "large.png: has 0.04 megapixels, more than --max-megapixels (0.01) allows" in str(failure)


def test_predict_does_the_others_and_names_it(pairs, tmp_path):
    found = synthmat.predict("baseline:centre", pairs / "image", tmp_path / "out", max_megapixels=0.01, quiet=True)
    assert (found.made, found.failed) == (1, 1)
    assert "large.png: more than 0.01 megapixels" in found.failures[0]["error"]


def test_what_is_no_picture_is_left_to_those_who_read_it(tmp_path):
    (tmp_path / "words.png").write_text("no picture")
    check_megapixels(tmp_path / "words.png", 1, "x")
    check_megapixels(tmp_path / "nothing.png", 1, "x")
