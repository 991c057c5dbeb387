"""The stage: it learns, its network is kept with all that it needs, and what is wrong is said before it starts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from support.tiny_training import Plates
from support.training_runs import run_training, same_weights, weights_in

from synthmat.errors import AssetError, MissingDependencyError, OutputError, PassedOverWarning, RecipeError
from synthmat.recipe import Recipe
from synthmat.stage import RunOptions
from synthmat.storage.manifest import read_rows, write_rows
from synthmat.storage.output_folder import OutputFolder
from synthmat.summary import summary_text
from synthmat.train.engine import trainer
from synthmat.train.engine.checkpoint import load_model
from synthmat.train.stage import train

Discs = Callable[..., OutputFolder]
MakeRecipe = Callable[..., Recipe]
QUIET = RunOptions(device="cpu", workers=1, quiet=True)


def test_a_small_network_learns_soft_discs(discs: Discs, recipe: MakeRecipe) -> None:
    output = discs(train=32, val=8)
    config = recipe("train.width=8", "train.batch_size=4", "train.epochs=12", "train.learning_rate=3e-3")
    result = run_training(config, output)
    summary = json.loads((output.training / "summary.json").read_text())
    history = list(read_rows(output.training / "metrics.jsonl"))
    assert history[0]["dice"] < 0.9
    assert summary["val"]["dice"] > 0.95
    assert summary["val"]["mad"] < 0.1
    assert (result.made, result.kept, result.failed, result.exit_code) == (12, 0, 0, 0)
    assert summary["epochs"] == 12
    assert summary["val"]["dice"] == pytest.approx(history[summary["best_epoch"] - 1]["dice"], abs=1e-9)


@pytest.mark.drawn
def test_what_is_written(discs: Discs, recipe: MakeRecipe) -> None:
    output = discs(train=8, val=6, test=2)
    run_training(recipe("train.epochs=2"), output)
    names = {path.name for path in output.training.iterdir() if not path.name.startswith(".")}
    assert names - {"tensorboard"} == {
        "last.pt",
        "best.pt",
        "metrics.jsonl",
        "summary.json",
        "curves.png",
        "samples.png",
        "photographs.png",
    }
    rows = list(read_rows(output.training / "metrics.jsonl"))
    assert [row["epoch"] for row in rows] == [1, 2]
    measures = {"dice", "dice_mask", "dice_2018", "accuracy", "mad", "mse"}
    assert rows[0].keys() == measures | {
        "epoch", "train_loss", "val_loss", "score", "learning_rate", "seconds", "data_wait_share", "images_per_second"
    }  # fmt: skip
    summary = json.loads((output.training / "summary.json").read_text())
    assert measures < summary["val"].keys()
    assert measures < summary["test"].keys()
    assert summary["samples"] == {"train": 8, "val": 6, "test": 2, "left_out": 0}
    for name in ("curves.png", "samples.png"):
        assert (output.training / name).stat().st_size > 10_000


def test_loading_threads_change_nothing(discs: Discs, recipe: MakeRecipe, monkeypatch: pytest.MonkeyPatch) -> None:
    one, many = discs("one", train=20, val=4), discs("many", train=20, val=4)
    config = recipe("train.epochs=2", "train.batch_size=3")
    # Torch's own threads sum in another order, so only the loader's number may differ here.
    monkeypatch.setattr(torch, "set_num_threads", lambda _count: None)
    run_training(config, one, workers=1)
    run_training(config, many, workers=4)
    assert same_weights(weights_in(one.training), weights_in(many.training))


def test_the_seed_alone_decides(discs: Discs, recipe: MakeRecipe) -> None:
    first, second, other = (discs(name) for name in ("first", "second", "other"))
    torch.manual_seed(1)
    run_training(recipe("train.epochs=2"), first)
    torch.manual_seed(2)
    before = torch.get_rng_state()
    run_training(recipe("train.epochs=2"), second)
    assert torch.equal(before, torch.get_rng_state())
    run_training(recipe("train.epochs=2", "seed=4"), other)
    assert same_weights(weights_in(first.training), weights_in(second.training))
    assert not same_weights(weights_in(first.training), weights_in(other.training))


def test_early_stopping_ends_a_training_that_no_longer_improves(discs: Discs, recipe: MakeRecipe) -> None:
    output = discs()
    config = recipe("train.epochs=50", "train.early_stopping={patience: 3, min_delta: 100}")
    run_training(config, output)
    summary = json.loads((output.training / "summary.json").read_text())
    # The first epoch always counts as a fall, then three do not.
    assert (summary["epochs"], summary["stopped"]) == (4, "early stopping")
    assert run_training(config, output).made == 0


def test_the_learning_rate_falls_on_a_plateau(
    discs: Discs, recipe: MakeRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = discs()
    evaluate = trainer.evaluate

    def flat(*args: Any, **options: Any) -> Any:
        found = evaluate(*args, **options)
        return replace(found, loss=1.0)

    monkeypatch.setattr(trainer, "evaluate", flat)
    config = recipe(
        "train.epochs=8", "train.learning_rate=1e-3", "train.plateau={patience: 2, factor: 0.5, min_rate: 3e-4}"
    )
    run_training(config, output, limit=3)
    run_training(config, output)
    rates = [row["learning_rate"] for row in read_rows(output.training / "metrics.jsonl")]
    assert rates == pytest.approx([1e-3] * 4 + [5e-4] * 3 + [3e-4])


def test_several_divisions_stand_side_by_side(discs: Discs, recipe: MakeRecipe) -> None:
    output = discs(train=12, val=4)
    config = recipe("train.epochs=1", "train.splits={plain: folders, honest: {by: [view, background], val: 0.25}}")
    result = run_training(config, output)
    both = json.loads((output.training / "summary.json").read_text())["trainings"]
    assert both["plain"]["samples"] == {"train": 12, "val": 4, "left_out": 0, "test": 0}
    assert both["honest"]["samples"] == {"train": 9, "val": 1, "left_out": 6, "test": 0}
    assert both["honest"]["val_also_in_train"] == {"object": "1 of 1", "view": "0 of 1", "background": "0 of 1"}
    for name in ("plain", "honest"):
        assert (output.training / name / "best.pt").exists()
        assert any(note.startswith(name) and f"{both[name]['val']['dice']:.4f}" in note for note in result.notes[-2:])
    # The file that compares them is no summary of one, which is nothing to warn of.
    told = summary_text(output)
    assert all(f"{name}, val: Dice {both[name]['val']['dice']:.4f}" in told for name in both)


def test_a_network_that_diverges_is_reported_and_the_others_go_on(discs: Discs, recipe: MakeRecipe) -> None:
    output = discs()
    config = recipe(
        "train.epochs=3", "train.learning_rate=1e30", "train.splits={a: folders, b: {by: [sample], val: 0.25}}"
    )
    result = run_training(config, output)
    rows = list(read_rows(output.failures))
    assert (result.failed, result.exit_code) == (2, 1)
    assert [row["job"] for row in rows] == ["a", "b"]
    assert "lower train.learning_rate (now 1e+30)" in rows[0]["error"]


def test_a_checkpoint_alone_is_enough_to_predict(discs: Discs, recipe: MakeRecipe) -> None:
    output = discs()
    run_training(recipe("train.epochs=1"), output)
    model, config = load_model(output.training / "best.pt")
    assert (config["model"], config["size"], config["width"]) == ("residual_unet", 32, 4)
    assert model(torch.rand(1, 3, 32, 32)).alpha.shape == (1, 1, 32, 32)


def test_the_last_checkpoint_predicts_with_the_average_that_was_validated(discs: Discs, recipe: MakeRecipe) -> None:
    output = discs()
    run_training(recipe("train.epochs=1", "train.ema=0.9"), output)
    best, last = (load_model(output.training / name)[0].state_dict() for name in ("best.pt", "last.pt"))
    assert same_weights(best, last)
    assert not same_weights(best, weights_in(output.training, "last.pt"))


@pytest.mark.parametrize("damage", ["cut off", "not ours", "empty", "a pickle"])
def test_a_broken_checkpoint_is_named(discs: Discs, recipe: MakeRecipe, damage: str) -> None:
    output = discs()
    run_training(recipe("train.epochs=1"), output)
    path = output.training / "last.pt"
    if damage == "a pickle":
        torch.save({"format": 1, "config": Path("x")}, path)
    else:
        whole = path.read_bytes()
        path.write_bytes({"cut off": whole[: len(whole) // 2], "not ours": b"hello" * 100, "empty": b""}[damage])
    with pytest.raises(
        OutputError, match=r"last\.pt: cannot be used as a checkpoint: .*best\.pt, which is whole, of epoch 1"
    ):
        run_training(recipe("train.epochs=2"), output)


def test_a_training_whose_last_checkpoint_is_gone_does_not_start_anew(discs: Discs, recipe: MakeRecipe) -> None:
    output = discs()
    run_training(recipe("train.epochs=2"), output)
    folder = output.training
    best = torch.load(folder / "best.pt", weights_only=True)
    epoch = best["epoch"]
    (folder / "last.pt").unlink()
    if epoch == 1:
        best["epoch"] = 2
        best.pop("checksum")
        torch.save(best, folder / "best.pt")
    with pytest.raises(OutputError, match=r"last\.pt: it is gone, and .*best\.pt of epoch 2 is there; put a copy back"):
        run_training(recipe("train.epochs=2"), output)
    run_training(recipe("train.epochs=1", "train.learning_rate=0.001"), output)
    assert (output.root / "training.1" / "best.pt").exists(), "that of other settings is not written over"


def test_a_summary_that_is_damaged_is_made_again(discs: Discs, recipe: MakeRecipe) -> None:
    output = discs()
    run_training(recipe("train.epochs=1"), output)
    path = output.training / "summary.json"
    before = path.read_bytes()
    for damage in (b"", b"[]", b"{", b'{"val": 5, "epochs": 1}'):
        path.write_bytes(damage)
        with pytest.warns(PassedOverWarning, match="summary.json: it is passed over"):
            run_training(recipe("train.epochs=1"), output)
        assert path.read_bytes() == before


def test_a_picture_of_900_megapixels_in_a_data_set_is_refused_before_it_is_decoded(
    discs: Discs, recipe: MakeRecipe
) -> None:
    output = discs()
    path = sorted((output.dataset / "train" / "images").iterdir())[0]
    data = bytearray(path.read_bytes())
    data[16:24] = (30_000).to_bytes(4, "big") * 2
    path.write_bytes(data)
    with pytest.raises(OutputError, match=r"900 megapixels, which is no sample of ours"):
        run_training(recipe("train.epochs=1"), output)


def test_without_a_data_set_the_step_before_is_named(tmp_path: Path, recipe: MakeRecipe) -> None:
    with pytest.raises(OutputError, match="run `synthmat composite` first"):
        train(recipe(), OutputFolder(tmp_path / "nothing"), QUIET)


def test_an_empty_split_is_named(discs: Discs, recipe: MakeRecipe) -> None:
    with pytest.raises(OutputError, match=r"no validation samples: .* 5 in train and 0 in val"):
        train(recipe(), discs(train=5), QUIET)


def test_an_unknown_network_is_refused_before_anything_is_read(tmp_path: Path, recipe: MakeRecipe) -> None:
    with pytest.raises(RecipeError, match="did you mean unet_2018"):
        train(recipe("train.model=unet_2019"), OutputFolder(tmp_path / "nothing"), QUIET)


def test_an_absent_device_is_refused(discs: Discs, recipe: MakeRecipe) -> None:
    with pytest.raises(MissingDependencyError, match=r"--device xpu: .*--device cpu"):
        run_training(recipe(), discs(), device="xpu")


def test_a_dry_run_counts_and_writes_nothing(discs: Discs, recipe: MakeRecipe) -> None:
    output = discs()
    result = run_training(recipe("train.width=null"), output, dry_run=True)
    assert not output.training.exists()
    assert "residual_unet with 2,075,713 parameters at 32x32" in result.notes[0]
    assert "12 training and 4 validation samples" in result.notes[1]
    assert (result.made, result.kept) == (0, 0)


def test_the_2018_network_trains(discs: Discs, recipe: MakeRecipe) -> None:
    output = discs()
    run_training(recipe("train.model=unet_2018", "train.width=4", "train.epochs=3", "train.optimizer=rmsprop"), output)
    rows = list(read_rows(output.training / "metrics.jsonl"))
    assert rows[-1]["train_loss"] < rows[0]["train_loss"]


def test_stages_start_from_the_best_of_the_one_before(discs: Discs, recipe: MakeRecipe) -> None:
    output = discs(train=6, val=2)
    config = recipe(
        "train.epochs=1", "train.stages=[{name: rough, epochs: 2}, {learning_rate: 1e-6, freeze: [stem], size: 48}]"
    )
    result = run_training(config, output)
    assert result.made == 3
    rough, last = output.training / "rough", output.training
    assert json.loads((rough / "summary.json").read_text())["epochs"] == 2
    summary = json.loads((last / "summary.json").read_text())
    assert (summary["epochs"], summary["size"]) == (1, 48)
    before, after = weights_in(rough, "best.pt"), weights_in(last, "best.pt")
    moved = {name: float((after[name] - before[name]).abs().max()) for name in before if "weight" in name}
    assert max(moved.values()) < 1e-4
    assert all(value == 0 for name, value in moved.items() if name.startswith("stem."))
    assert run_training(config, output).made == 0


@pytest.mark.parametrize("own", ["{source: dataset, weight: 0}", "dataset"])
def test_it_stops_by_a_held_out_domain(discs: Discs, recipe: MakeRecipe, tmp_path: Path, own: str) -> None:
    output, other = discs(train=8, val=2), discs("other", train=3, seed=4)
    config = recipe(
        "train.epochs=2",
        f"train.validation=[{{folder: other, layout: synthmat}}, {own}]",
        "train.early_stopping.monitor=mad",
    )
    result = train(config, output, QUIET, base=tmp_path)
    judged = "mad on other (3 samples) says when to stop and what is best; only measured: dataset"
    assert judged in result.notes
    for row in read_rows(output.training / "metrics.jsonl"):
        assert row["validation"].keys() == {"other", "dataset"}
        assert row["score"] == row["mad"] == row["validation"]["other"]["mad"] != row["validation"]["dataset"]["mad"]
    summary = json.loads((output.training / "summary.json").read_text())
    assert summary["validation"].keys() == {"other", "dataset"}
    assert len(list(read_rows(other.metadata("train")))) == 3


@pytest.mark.parametrize("kind", ["fg", "trimap"])
def test_samples_of_which_only_some_have_a_picture_are_validated(discs: Discs, recipe: MakeRecipe, kind: str) -> None:
    output = discs(val=3, test=3)
    for split in ("val", "test"):
        rows = list(read_rows(output.metadata(split)))
        rows[0][f"{kind}_file_name"] = rows[0]["image_file_name" if kind == "fg" else "alpha_file_name"]
        write_rows(output.metadata(split), rows)
    config = recipe(
        "train.data=[live]", "train.validation=[dataset]", "train.epochs=1", "train.early_stopping.monitor=mad",
        "train.loss={charbonnier: 1, composition: 1}",
    )  # fmt: skip
    train(config, output, QUIET, live=lambda _split, size, kinds: Plates(size, kinds))
    summary = json.loads((output.training / "summary.json").read_text())
    assert "loss" not in summary["val"]
    assert 0 < summary["test"]["mad"] < 1


def test_it_starts_from_a_checkpoint(discs: Discs, recipe: MakeRecipe, tmp_path: Path) -> None:
    first, second = discs("first"), discs("second")
    run_training(recipe("train.epochs=1"), first)
    config = recipe("train.epochs=1", "train.learning_rate=1e-9", f"train.init={first.training / 'best.pt'}")
    run_training(config, second)
    before, after = weights_in(first.training, "best.pt"), weights_in(second.training)
    assert max(float((after[name] - before[name]).abs().max()) for name in before if "weight" in name) < 1e-6
    with pytest.raises(AssetError, match=r"nothing\.pt: no such file"):
        train(recipe("train.init=nothing.pt"), second, QUIET, base=tmp_path)


def test_background_matting_trains_its_base_and_then_both(tmp_path: Path, recipe: MakeRecipe) -> None:
    config = recipe(
        "train.data=[live]", "train.model=background_matting_v2", "train.width=null", "train.size=32",
        "train.loss=background_matting_v2", "train.batch_size=2", "train.learning_rate=1e-4", "train.epochs=1",
        "train.options={backbone: mobilenetv2, refine_sample_pixels: 64}",
        "train.stages=[{name: base, options: {refine: false}}, {lr_multipliers: {refiner: 3, base.backbone: 0.5}}]",
    )  # fmt: skip
    result = train(config, OutputFolder(tmp_path), QUIET, live=lambda _split, size, kinds: Plates(size, kinds))
    assert (result.made, result.failed) == (2, 0)
    base, both = (weights_in(folder, "last.pt") for folder in (tmp_path / "training" / "base", tmp_path / "training"))
    assert any(not torch.equal(base[name], both[name]) for name in base if name.startswith("refiner."))
    row = next(iter(read_rows(tmp_path / "training" / "metrics.jsonl")))
    assert row["rates"] == pytest.approx({"rest": 1e-4, "refiner": 3e-4, "base.backbone": 5e-5})


def test_options_are_checked_before_anything_starts(discs: Discs, recipe: MakeRecipe) -> None:
    output = discs()
    with pytest.raises(RecipeError, match=r"train\.options: .*residual_unet.*depth"):
        run_training(recipe("train.options={depth: 3}"), output)
    assert not (output.training / "last.pt").exists()
