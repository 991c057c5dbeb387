"""A training goes on where it stopped, to the bit; one of other settings is kept, and found again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.tiny_training import Squares
from support.training_runs import run_training, same_weights, weights_in

from synthmat.errors import PassedOverWarning
from synthmat.recipe import Recipe
from synthmat.stage import RunOptions
from synthmat.storage.manifest import read_rows
from synthmat.storage.output_folder import OutputFolder
from synthmat.train.engine import learner
from synthmat.train.engine.checkpoint import load_checkpoint
from synthmat.train.stage import train

Discs = Callable[..., OutputFolder]
MakeRecipe = Callable[..., Recipe]
QUIET = RunOptions(device="cpu", workers=1, quiet=True)


def test_interrupted_and_resumed_is_the_same_to_the_bit(discs: Discs, recipe: MakeRecipe) -> None:
    straight, resumed = discs("straight"), discs("resumed")
    run_training(recipe(), straight)
    run_training(recipe(), resumed, limit=2)
    assert json.loads((resumed.training / "summary.json").read_text())["stopped"] == "limit"
    result = run_training(recipe(), resumed)
    assert (result.made, result.kept) == (2, 2)
    assert same_weights(weights_in(straight.training), weights_in(resumed.training))
    assert same_weights(weights_in(straight.training, "best.pt"), weights_in(resumed.training, "best.pt"))
    timing = {"seconds", "data_wait_share", "images_per_second"}
    histories = [
        [{key: row[key] for key in row.keys() - timing} for row in read_rows(output.training / "metrics.jsonl")]
        for output in (straight, resumed)
    ]
    assert histories[0] == histories[1]


def test_an_interruption_in_mid_epoch_loses_that_epoch_only(
    discs: Discs, recipe: MakeRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    straight, broken = discs("straight"), discs("broken")
    run_training(recipe(), straight)
    steps = 0
    run = learner.run

    def interrupted(*args: Any) -> Any:
        nonlocal steps
        steps += 1
        if steps == 6:  # two batches an epoch: in the middle of the third
            raise KeyboardInterrupt
        return run(*args)

    with monkeypatch.context() as patch:
        patch.setattr(learner, "run", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run_training(recipe(), broken)
    assert load_checkpoint(broken.training / "last.pt")["epoch"] == 2
    # A crash between the two writes leaves a row too many or too few.
    with (broken.training / "metrics.jsonl").open("a") as file:
        file.write('{"epoch": 3, "val_loss": 9}\n{"epoch": 4')
    assert run_training(recipe(), broken).made == 2
    assert [row["epoch"] for row in read_rows(broken.training / "metrics.jsonl")] == [1, 2, 3, 4]
    assert same_weights(weights_in(straight.training), weights_in(broken.training))


def test_finished_training_is_left_alone(discs: Discs, recipe: MakeRecipe) -> None:
    output = discs()
    run_training(recipe("train.epochs=2"), output)
    before = {path: path.stat().st_mtime_ns for path in output.training.glob("*.*")}
    result = run_training(recipe("train.epochs=2"), output)
    # The history's file is only checked against the checkpoint, and written again with the same rows.
    assert {path for path, at in before.items() if path.stat().st_mtime_ns != at} <= {output.training / "metrics.jsonl"}
    assert (result.made, result.kept) == (0, 2)
    assert any("already finished" in note for note in result.notes)


def test_more_epochs_or_patience_go_on_from_the_finished_training(discs: Discs, recipe: MakeRecipe) -> None:
    output, straight = discs(), discs("straight")
    run_training(recipe("train.epochs=2"), output)
    patient = ("train.epochs=3", "train.early_stopping.patience=50")
    assert run_training(recipe(*patient), output).made == 1
    run_training(recipe(*patient), straight)
    assert same_weights(weights_in(straight.training), weights_in(output.training))


@pytest.mark.parametrize("change", ["recipe", "data"])
def test_a_change_starts_anew_and_keeps_the_old_training(discs: Discs, recipe: MakeRecipe, change: str) -> None:
    output = discs()
    run_training(recipe("train.epochs=1"), output)
    old = (output.training / "last.pt").read_bytes()
    config = recipe("train.epochs=1", "train.learning_rate=5e-4") if change == "recipe" else recipe("train.epochs=1")
    if change == "data":
        discs(seed=9)
    result = run_training(config, output)
    aside = output.root / "training.1"
    assert result.made == 1
    assert (aside / "last.pt").read_bytes() == old
    assert (aside / "summary.json").exists()
    assert any(str(aside) in note for note in result.notes)
    run_training(recipe("train.epochs=1", "train.learning_rate=7e-4"), output)
    assert (output.root / "training.2" / "last.pt").exists()


def test_going_back_to_earlier_settings_finds_their_training_again(discs: Discs, recipe: MakeRecipe) -> None:
    output = discs()
    run_training(recipe("train.epochs=1"), output)
    first = weights_in(output.training)
    run_training(recipe("train.epochs=1", "train.learning_rate=5e-4"), output)
    second = weights_in(output.training)
    back = run_training(recipe("train.epochs=1"), output)
    assert (back.made, back.kept) == (0, 1)
    assert same_weights(weights_in(output.training), first)
    assert any("found in" in note and "training.1" in note for note in back.notes), back.notes
    assert same_weights(weights_in(output.root / "training.2"), second)
    assert not (output.root / "training.1").exists(), "nothing is left there"
    assert run_training(recipe("train.epochs=1", "train.learning_rate=5e-4"), output).made == 0
    assert same_weights(weights_in(output.training), second)


def test_an_earlier_training_that_cannot_be_read_is_named_and_the_others_looked_at(
    discs: Discs, recipe: MakeRecipe
) -> None:
    output = discs()
    for rate in ("1e-3", "5e-4", "7e-4"):
        run_training(recipe("train.epochs=1", f"train.learning_rate={rate}"), output)
    (output.root / "training.1" / "last.pt").write_bytes(b"broken")
    with pytest.warns(PassedOverWarning, match=r"training\.1/last\.pt"):
        assert run_training(recipe("train.epochs=1", "train.learning_rate=5e-4"), output).made == 0


@pytest.mark.parametrize("config", [[], ["train.schedule=cosine", "train.ema=0.9", "train.warmup=1"]])
def test_live_data_never_come_twice_and_resume_to_the_bit(
    tmp_path: Path, recipe: MakeRecipe, config: list[str]
) -> None:
    made = recipe("train.data=[live]", "train.size=16", "train.epochs=3", *config)
    sources: list[Squares] = []

    def live(split: str, _size: int, _kinds: tuple[str, ...]) -> Squares:
        sources.append(Squares({"train": 12, "val": 4}[split], split, fresh=True))
        sources[-1].licenses = {"CC0-1.0": 3, "CC-BY-4.0": 1} if split == "train" else {"GPL-3.0": 1}
        return sources[-1]

    straight, resumed = OutputFolder(tmp_path / "straight"), OutputFolder(tmp_path / "resumed")
    train(made, straight, QUIET, live=live)
    asked = sources[0].asked
    assert len(set(asked)) == len(asked) == 3 * 12
    assert {epoch for _, epoch in sources[1].asked} == {0}
    train(made, resumed, RunOptions(device="cpu", workers=1, quiet=True, limit=1), live=live)
    train(made, resumed, QUIET, live=live)
    assert same_weights(weights_in(straight.training), weights_in(resumed.training))
    assert json.loads((straight.training / "summary.json").read_text())["samples"]["train"] == 12
    said = [load_checkpoint(each.training / "best.pt")["config"]["live_data"] for each in (straight, resumed)]
    assert said[0] == said[1]
    assert said[0]["licenses"] == {"CC0-1.0": 3, "CC-BY-4.0": 1}
