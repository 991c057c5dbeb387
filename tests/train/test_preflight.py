"""What a training would stumble over is found before anything is rendered for it."""

from __future__ import annotations

import subprocess
import sys

import cv2
import numpy as np
import pytest
from support.matting_checkpoint import write_checkpoint

import synthmat
from synthmat.errors import RecipeError, SynthmatError
from synthmat.preflight import check_files
from synthmat.recipe import parse_recipe
from synthmat.stage import RunOptions
from synthmat.storage.output_folder import OutputFolder
from synthmat.train.preflight import check_training

HEAD = "name: x\nobjects: [{builtin: suzanne}]\n"
FAULTS = {
    "options: {depth: 3}": "train.options: no option of the network residual_unet 'depth'",
    "freeze: [encodr]": "train.freeze: the network has no part 'encodr'; it has ",
    "lr_multipliers: {encodr: 0.1}": "train.lr_multipliers: the network has no part 'encodr'; it has ",
    "loss: foreground_l1": "train.loss: foreground_l1 looks at foreground, which the network residual_unet does not",
    "loss: composition": "train.loss: the loss composition needs bg and fg, which dataset lacks; add bg, fg",
    "init: gone.pt": "gone.pt: no such file of weights; put it there, or name another one",
    "validation: [{folder: gone}]": "train.validation: BASE/gone: no such folder",
    "data: [{folder: here}]": "train.validation: only folders are trained on, so say what to validate on",
}


def _check(tmp_path, train: str, more: str = ""):
    (tmp_path / "here").mkdir(exist_ok=True)
    recipe = parse_recipe(f"{HEAD}train: {{width: 4, {train}}}\n{more}")
    check_files(recipe, tmp_path, OutputFolder(tmp_path / "out"), ["train"]).raise_stops()
    return check_training(recipe, tmp_path, OutputFolder(tmp_path / "out"))


@pytest.mark.parametrize("train", FAULTS)
def test_a_fault_of_the_training_is_found_without_data(tmp_path, train):
    with pytest.raises(RecipeError) as caught:
        _check(tmp_path, train)
    assert FAULTS[train].replace("BASE", str(tmp_path)) in str(caught.value)


def test_an_encoder_that_smp_does_not_have_is_found(tmp_path):
    pytest.importorskip("segmentation_models_pytorch")
    with pytest.raises(RecipeError, match=r"train\.options: no encoder 'resnet35'; did you mean"):
        check_training(
            parse_recipe(f"{HEAD}train: {{model: smp, options: {{encoder: resnet35}}}}"),
            tmp_path,
            OutputFolder(tmp_path),
        )


def test_all_faults_of_all_stages_and_experiments_are_listed(tmp_path):
    with pytest.raises(RecipeError) as caught:
        _check(
            tmp_path,
            "stages: [{name: one}, {name: two, freeze: [nothing]}]",
            "experiments: {a: {train.width: 2}, b: {train.loss: foreground_l1}}",
        )
    faults = str(caught.value).splitlines()
    assert [fault.partition(": train.")[0] for fault in faults] == [
        "experiment a: two",
        "experiment b: one",
        "experiment b: two",
    ]


def test_a_split_that_will_be_empty_is_found(tmp_path):
    with pytest.raises(RecipeError, match=r"composite\.split leaves no samples for val"):
        _check(tmp_path, "epochs: 1", "composite: {split: {by: none}}")
    forced = parse_recipe(
        "name: x\nobjects: [{builtin: suzanne}, {builtin: vase, split: val}]\ncomposite: {split: {by: none}}"
    )
    assert not check_files(forced, tmp_path, OutputFolder(tmp_path / "out"), ["train"]).stops


def test_what_is_right_passes_and_says_what_would_be_trained(tmp_path):
    init = write_checkpoint(tmp_path / "first.pt")
    lines = _check(tmp_path, f"init: {init.name}, loss: alpha_l1, data: [live], epochs: 7")
    assert len(lines) == 1
    assert lines[0].startswith("would train residual_unet with ")
    assert lines[0].endswith("at 64x64, at most 7 epochs")
    assert _check(tmp_path, "init: out/training/other/best.pt, validation: [{folder: out/dataset}]")


def test_folders_in_a_layout_are_looked_at(tmp_path):
    for name in ("image", "alpha"):
        (tmp_path / "pairs" / name).mkdir(parents=True)
        cv2.imwrite(str(tmp_path / "pairs" / name / "a.png"), np.full((8, 8), 255, np.uint8))
    data = "data: [{folder: pairs, layout: pairs}], validation: [{folder: pairs, layout: pairs}]"
    assert _check(tmp_path, data)
    with pytest.raises(
        RecipeError, match="the loss composition needs bg and fg, which pairs lacks; its layout does not"
    ):
        _check(tmp_path, f"{data}, loss: composition")


def test_a_run_with_a_faulty_training_renders_nothing(tmp_path):
    (tmp_path / "recipe.yaml").write_text(f"{HEAD}train: {{freeze: [encodr]}}\n")
    for options in (RunOptions(quiet=True), RunOptions(dry_run=True)):
        with pytest.raises(RecipeError, match="no part 'encodr'"):
            synthmat.run(tmp_path / "recipe.yaml", out=tmp_path / "out", options=options)
    assert not (tmp_path / "out").exists()


def test_a_dry_run_plans_every_stage(tmp_path):
    (tmp_path / "recipe.yaml").write_text(
        f"{HEAD}train: {{width: 4}}\nexperiments: {{a: {{}}, b: {{train.size: 32}}}}\n"
    )
    results = synthmat.run(tmp_path / "recipe.yaml", out=tmp_path / "out", options=RunOptions(dry_run=True))
    assert [(result.stage, result.failed) for result in results] == [("render", 0), ("composite", 0), ("train", 0)]
    assert "would render" in results[0].notes[0]
    assert "is planned when the stage before is done" in results[1].notes[0]
    assert [note.partition(" with ")[0] for note in results[2].notes] == [
        "experiment a: would train residual_unet",
        "experiment b: would train residual_unet",
    ]
    assert not (tmp_path / "out").exists()


def test_experiments_are_all_checked_before_the_first_is_trained(discs, tmp_path):
    output = discs()
    (tmp_path / "recipe.yaml").write_text(
        f"{HEAD}train: {{width: 4, size: 32, epochs: 1}}\nexperiments: {{a: {{}}, b: {{train.freeze: [encodr]}}}}\n"
    )
    with pytest.raises(RecipeError, match=r"experiment b: train\.freeze: the network has no part 'encodr'"):
        synthmat.train(tmp_path / "recipe.yaml", out=output.root, options=RunOptions(quiet=True, device="cpu"))
    assert not output.training.exists()


@pytest.mark.parametrize(
    ("train", "fault"),
    [
        ("loss: composition", "the loss composition needs bg and fg, which dataset lacks"),
        ("freeze: [encodr]", "the network has no part 'encodr'"),
        ("init: gone.pt", "gone.pt"),
        ("data: [dataset, {folder: gone}]", "gone: no such folder"),
    ],
)
def test_a_dry_run_of_the_training_alone_finds_what_the_training_would(discs, tmp_path, train, fault):
    output = discs()
    (tmp_path / "recipe.yaml").write_text(f"{HEAD}train: {{width: 4, size: 32, epochs: 1, {train}}}\n")
    for dry_run in (True, False):
        with pytest.raises(SynthmatError, match=fault):
            synthmat.train(
                tmp_path / "recipe.yaml",
                out=output.root,
                options=RunOptions(quiet=True, device="cpu", dry_run=dry_run),
            )


def test_a_dry_run_plans_live_data_without_renders_and_reads_no_picture(discs, tmp_path):
    output = discs()
    for picture in output.dataset.rglob("*.png"):
        picture.unlink()
    (tmp_path / "recipe.yaml").write_text(f"{HEAD}train: {{width: 4, size: 32, data: [live, dataset]}}\n")
    result = synthmat.train(tmp_path / "recipe.yaml", out=output.root, options=RunOptions(dry_run=True))
    planned, divided = result.notes
    assert planned.startswith("would train residual_unet with ")
    assert divided.startswith("12 training and 4 validation samples")


def test_recipe_check_finds_missing_files_and_imports_no_torch(tmp_path):
    (tmp_path / "recipe.yaml").write_text(f"{HEAD}train: {{init: gone.pt}}\n")
    code = "import sys; from synthmat import cli; sys.argv = ['synthmat', 'recipe', 'check', 'recipe.yaml']\n"
    code += "try: cli.main()\nfinally: print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "False\n")
    assert f"train.init: {tmp_path / 'gone.pt'}: no such file of weights" in done.stderr
