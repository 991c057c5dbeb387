"""What a stage changes, and what it leaves as the training has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from synthmat.recipe import Recipe
from synthmat.recipe.train import Train
from synthmat.stage import RunOptions
from synthmat.storage.output_folder import OutputFolder
from synthmat.train.engine.checkpoint import load_checkpoint
from synthmat.train.stage import train


def _of_stage(stage: dict[str, Any], **config: Any) -> Train:
    section = Train.model_validate({**config, "stages": [stage]})
    return section.of_stage(section.stages[0])


def test_a_stage_changes_what_it_names() -> None:
    config = {"fit": "resize", "precision": "bf16", "augment": {"rotate": 20.0, "flip": 0.1}}
    same = _of_stage({}, **config)
    assert same == Train.model_validate(config)
    other = _of_stage({"fit": "crop", "precision": "float32", "augment": {"rotate": 0.0}}, **config)
    assert (other.fit, other.precision) == ("crop", "float32")
    assert (other.augment.rotate, other.augment.flip) == (0, 0.1)
    assert other.augment.scale == same.augment.scale


def test_a_stage_on_crops_follows_one_on_whole_samples(
    discs: Callable[..., OutputFolder], recipe: Callable[..., Recipe]
) -> None:
    output = discs()
    config = recipe(
        "train.epochs=1", "train.size=16",
        "train.stages=[{name: whole}, {name: crops, fit: crop, precision: bf16, augment: {flip: 0.0}}]",
    )  # fmt: skip
    assert train(config, output, RunOptions(device="cpu", workers=1, quiet=True)).made == 2
    sections = [load_checkpoint(output.training / name)["config"]["train"] for name in ("whole/last.pt", "last.pt")]
    assert [section["fit"] for section in sections] == ["resize", "crop"]
    assert [section["precision"] for section in sections] == ["float32", "bf16"]
    assert [section["augment"]["flip"] for section in sections] == [0.5, 0.0]
