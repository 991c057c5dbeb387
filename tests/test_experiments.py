"""Experiments: recipes that differ in a few keys, trained side by side."""

from __future__ import annotations

import json

import pytest

from synthmat.errors import AssetError, MissingDependencyError, RecipeError
from synthmat.experiments import ExperimentFolder, train_experiments
from synthmat.recipe import dump_recipe, parse_recipe
from synthmat.stage import RunOptions, StageResult, record_failures
from synthmat.storage.manifest import read_rows
from synthmat.storage.output_folder import OutputFolder

SUMMARY = {"model": "unet", "size": 32, "epochs": 3, "best_epoch": 2, "stopped": "all epochs done"}
TEXT = """
name: x
objects: [{builtin: vase}]
train: {epochs: 3}
experiments:
  narrow: {train.width: 4}
  noisy: {composite.realism.noise.probability: 0.3, train.augment.flip: 0}
"""


def test_an_experiment_changes_its_keys_and_nothing_else():
    recipe = parse_recipe(TEXT)
    narrow, noisy = recipe.experiment("narrow"), recipe.experiment("noisy")
    assert (narrow.train.width, narrow.train.epochs, narrow.composite) == (4, 3, recipe.composite)
    assert noisy.composite.realism.noise.probability == 0.3
    assert noisy.train.augment.flip == 0
    assert noisy.train.width is None
    assert parse_recipe(dump_recipe(recipe)) == recipe


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("{train.widht: 4}", "experiment a: train.widht: .*Extra inputs"),
        ("{train.width: [4]}", "experiment a: train.width"),
        ("{render.samples: 4}", "only keys of composite and train can differ"),
        ("{train.epochs.more: 4}", "train.epochs holds no further keys"),
    ],
)
def test_a_faulty_experiment_is_found_with_the_recipe(change, message):
    with pytest.raises(RecipeError, match=message):
        parse_recipe(f"name: x\nobjects: [{{builtin: vase}}]\nexperiments: {{a: {change}}}")


def test_each_experiment_trains_in_its_own_folder_and_a_table_compares_them(tmp_path):
    def train_one(recipe, output):
        score = 0.9 if recipe.train.width else 0.5
        output.training.mkdir(parents=True)
        row = {"dice": score, "mad": 0.1, "mse": 0.01}
        (output.training / "summary.json").write_text(json.dumps(SUMMARY | {"val": row, "test": row}))
        return StageResult("train", made=3, failed=int(not recipe.train.width))

    recipe = parse_recipe(TEXT)
    result = train_experiments(recipe, OutputFolder(tmp_path), train_one)
    assert (result.made, result.failed) == (6, 1)
    assert ExperimentFolder(tmp_path, "narrow").training == tmp_path / "training" / "narrow"
    assert [line.split()[:3] for line in result.notes[-2:]] == [["narrow", "3", "0.9000"], ["noisy", "3", "0.5000"]]


def test_some_experiments_can_be_chosen(tmp_path):
    trained = []

    def train_one(_recipe, output):
        trained.append(output.experiment)
        return StageResult("train", made=1)

    recipe = parse_recipe(TEXT)
    assert train_experiments(recipe, OutputFolder(tmp_path), train_one, ["noisy"]).made == 1
    assert trained == ["noisy"]
    with pytest.raises(RecipeError, match="x: no experiment nosy; the recipe has narrow, noisy"):
        train_experiments(recipe, OutputFolder(tmp_path), train_one, ["noisy", "nosy"])


def _trainings(broken=(), diverging=()):
    """Return a training that fails for some, and the list of those that were begun."""
    begun = []

    def train_one(_recipe, output):
        begun.append(output.experiment)
        if output.experiment in broken:
            raise AssetError(f"{output.experiment}.pt: no such file of weights")
        failures = [{"job": "training", "error": "the loss is not a number"}] if output.experiment in diverging else []
        record_failures(output, "train", failures)
        return StageResult("train", made=1, failed=len(failures), notes=[row["error"] for row in failures])

    return train_one, begun


def _failed(folder):
    return [(row["experiment"], row["error"]) for row in read_rows(OutputFolder(folder).failures)]


def test_failures_of_one_experiment_outlive_the_others(tmp_path):
    recipe = parse_recipe(TEXT)
    train_one, begun = _trainings(broken=["narrow"])
    result = train_experiments(recipe, OutputFolder(tmp_path), train_one)
    assert (begun, result.made, result.failed, result.exit_code) == (["narrow", "noisy"], 1, 1, 1)
    assert "narrow: narrow.pt: no such file of weights" in result.notes
    assert _failed(tmp_path) == [("narrow", "narrow.pt: no such file of weights")]
    train_experiments(recipe, OutputFolder(tmp_path), _trainings(diverging=["noisy"])[0], ["noisy"])
    assert _failed(tmp_path) == [
        ("narrow", "narrow.pt: no such file of weights"),
        ("noisy", "the loss is not a number"),
    ]
    assert train_experiments(recipe, OutputFolder(tmp_path), _trainings()[0]).exit_code == 0
    assert not OutputFolder(tmp_path).failures.exists()


def test_strict_stops_at_the_first_experiment_that_fails(tmp_path):
    train_one, begun = _trainings(diverging=["narrow"])
    train_experiments(parse_recipe(TEXT), OutputFolder(tmp_path), train_one, options=RunOptions(strict=True))
    assert begun == ["narrow"]


def test_what_is_not_installed_ends_all_experiments(tmp_path):
    def train_one(_recipe, _output):
        raise MissingDependencyError("training needs torch")

    with pytest.raises(MissingDependencyError):
        train_experiments(parse_recipe(TEXT), OutputFolder(tmp_path), train_one)
