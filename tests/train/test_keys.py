"""What is kept of an earlier training, prediction or evaluation: only what nothing that decides it has changed of."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from support.matting_checkpoint import write_checkpoint

import synthmat
from synthmat.recipe import Recipe
from synthmat.recipe.train import Train
from synthmat.stage import RunOptions
from synthmat.storage.manifest import read_rows
from synthmat.train.engine.process_group import ProcessGroup
from synthmat.train.evaluate.options import EvaluateOptions
from synthmat.train.predict.clean import Cleaning
from synthmat.train.predict.stage import PredictOptions
from synthmat.train.preparation import Job

# Another value of every key of `train`. What does not change the training's key stands below.
TRAIN = {
    "model": "unet_2018", "width": 5, "options": "{width: 5}", "init": "start.pt", "freeze": "[down]",
    "size": 48, "fit": "crop", "data": "[{source: dataset, weight: 2}]", "validation": "[dataset]",
    "trimap.method": "distance", "trimap.erode": 3, "trimap.dilate": 3, "loss": "alpha_l1", "epochs": 9,
    "batch_size": 3, "gradient_accumulation": 2, "optimizer": "adam", "learning_rate": 0.01,
    "lr_multipliers": "{down: 0.5}", "weight_decay": 0.01, "clip_gradients": 1.0, "ema": 0.9, "precision": "bf16",
    "compile": "true", "early_stopping.patience": 3, "early_stopping.min_delta": 0.01,
    "early_stopping.monitor": "mad", "schedule": "constant", "warmup": 1, "plateau.patience": 3,
    "plateau.factor": 0.5, "plateau.min_rate": 0.001, "augment.flip": 0.1, "augment.rotate": 1, "augment.shift": 0.1,
    "augment.scale": 0.2, "augment.brightness": 0.1, "augment.contrast": 0.1, "augment.saturation": 0.1,
    "augment.hue": 1, "stages": "[{epochs: 3}]", "splits": "{honest: {by: [object]}}", "samples_every": 2,
    "unlabelled": "photos",
}  # fmt: skip
SAME_TRAINING = {
    "epochs": "a longer training goes on from the shorter one",
    "early_stopping.patience": "as epochs",
    "early_stopping.min_delta": "as epochs",
    "stages": "each stage has a key of its own, made of its own settings",
    "splits": "which samples these are is in the key as the digest of the data",
    "samples_every": "pictures for the eye",
    "unlabelled": "what is made of the best network in the end, with a key of its own",
}
SAME_PREDICTION = {
    "device": "the same network, up to rounding",
    "limit": "how many, not what of each",
    "alpha_as": "of clips",
    "cutout_as": "of clips",
    "steady": "of clips",
    "batch": "of clips",
    "captured_seconds": "of clips",
    "max_megapixels": "which pictures are refused, not what is made of the others",
    "strict": "when to stop",
    "quiet": "what is printed",
}
PREDICT: dict[str, Any] = {
    "mode": "tile", "size": 24, "bits": 16, "foreground": False, "format": "webp", "clean": Cleaning(),
    "alpha_as": "frames", "cutout_as": "vp9", "steady": False, "batch": 2, "captured_seconds": (0.0, 1.0),
    "device": "cpu", "limit": 1, "max_megapixels": 50.0, "strict": True, "quiet": False,
}  # fmt: skip
SAME_FIGURES = {
    "layout": "a name for what `auto` found",
    "split": "a name for what None chose",
    "backgrounds": "only behind cut-outs without an image; which photos these are is in the digest of the data",
    "device": "a name for what `auto` chose; the device itself is in the key",
    "max_megapixels": "which pictures are refused, not what is measured of the others",
    "quiet": "what is printed",
}
EVALUATE: dict[str, Any] = {
    "layout": "synthmat", "split": "test", "presets": ("dim", "whole"), "trimap": "made", "size": 24, "mode": "tile",
    "backgrounds": "photos", "limit": 1, "device": "cpu", "max_megapixels": 50.0, "quiet": False,
}  # fmt: skip


def leaves(settings: dict[str, Any], before: str = "") -> set[str]:
    """Return the dotted keys of a section and of those in it; a distribution and an empty mapping are values."""
    found = set()
    for name, value in settings.items():
        inner = isinstance(value, dict) and value and "uniform" not in value
        found |= leaves(value, f"{before}{name}.") if inner else {before + name}
    return found


def test_every_key_of_train_is_tried() -> None:
    assert leaves(Train().model_dump(mode="json")) == TRAIN.keys()


@pytest.fixture
def training_key(discs: Callable[..., Any], recipe: Callable[..., Recipe], tmp_path: Path) -> Callable[..., str]:
    """Return a function that gives the key of a training with changed settings."""
    layout = discs(train=4, val=2)
    write_checkpoint(tmp_path / "start.pt")

    def key(*overrides: str) -> str:
        options = RunOptions(device="cpu", workers=1, quiet=True)
        job = Job(recipe(*overrides), layout, options, tmp_path, None, "", None)
        stage = next(job.stages())
        return str(job.setup(stage, None, torch.device("cpu"), ProcessGroup()).config["key"])

    return key


def test_every_key_of_train_begins_a_new_training_or_is_listed(training_key: Callable[..., str]) -> None:
    before = training_key()
    for name, value in TRAIN.items():
        same = training_key(f"train.{name}={value}") == before
        assert same == (name in SAME_TRAINING), name


def test_every_option_predicts_anew_or_is_listed(tmp_path: Path) -> None:
    assert {field.name for field in dataclasses.fields(PredictOptions)} == PREDICT.keys()
    checkpoint = write_checkpoint(tmp_path / "best.pt")
    cv2.imwrite(str(tmp_path / "a.png"), np.random.default_rng(0).integers(0, 255, (40, 40, 3), np.uint8))
    plain = PredictOptions(quiet=True, device="auto")

    def made(options: PredictOptions) -> int:
        return synthmat.predict(checkpoint, tmp_path / "a.png", tmp_path / "out", options=options).made

    for name, value in PREDICT.items():
        made(plain)
        assert made(plain) == 0
        assert (made(dataclasses.replace(plain, **{name: value})) == 0) == (name in SAME_PREDICTION), name


def test_every_option_measures_anew_or_is_listed(discs: Callable[..., Any], tmp_path: Path) -> None:
    assert {field.name for field in dataclasses.fields(EvaluateOptions)} == EVALUATE.keys()
    layout = discs(test=2)
    checkpoint = write_checkpoint(tmp_path / "best.pt")

    def keys(name: str, options: EvaluateOptions) -> set[str]:
        synthmat.evaluate(checkpoint, layout.root, tmp_path / name, options=options)
        return {row["key"] for row in read_rows(tmp_path / name / "measured.jsonl")}

    plain = EvaluateOptions(quiet=True)
    before = keys("plain", plain)
    for name, value in EVALUATE.items():
        same = keys(name, dataclasses.replace(plain, **{name: value})) == before
        assert same == (name in SAME_FIGURES), name
