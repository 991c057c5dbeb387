"""The command line: its exit codes, and messages that say what to do."""

import subprocess
import sys
from pathlib import Path

import pytest


def synthmat(*arguments: str, folder: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "synthmat.cli", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def test_init_writes_a_recipe_that_is_right_and_never_overwrites(tmp_path):
    assert synthmat("init", folder=tmp_path).returncode == 0
    checked = synthmat("recipe", "check", "recipe.yaml", folder=tmp_path)
    assert (checked.returncode, checked.stdout) == (0, "recipe.yaml: fine\n")
    again = synthmat("init", folder=tmp_path)
    assert again.returncode == 2
    assert "there already" in again.stderr


def test_a_starter_recipe_without_models_says_where_they_belong(tmp_path):
    synthmat("init", folder=tmp_path)
    rendered = synthmat("render", "--dry-run", folder=tmp_path)
    assert rendered.returncode == 2
    assert f"no model at {tmp_path / 'models'}" in rendered.stderr


def test_a_faulty_recipe_starts_nothing(tmp_path):
    (tmp_path / "recipe.yaml").write_text("name: x\nobjects: [{builtin: suzanne}]\nrender: {sampels: 3}\n")
    for command in ("render", "composite", "train", "run"):
        result = synthmat(command, folder=tmp_path)
        assert result.returncode == 2
        assert "recipe.yaml:3:10: render.sampels: unknown key; did you mean samples?" in result.stderr
        assert "Traceback" not in result.stderr
    assert not (tmp_path / "output").exists()


def test_show_fills_in_defaults_and_reads_back(tmp_path):
    (tmp_path / "recipe.yaml").write_text("name: x\nobjects: [{builtin: suzanne}]\n")
    shown = synthmat("recipe", "show", "--set", "render.samples=7", folder=tmp_path)
    (tmp_path / "recipe.yaml").write_text(shown.stdout)
    assert "samples: 7" in shown.stdout
    assert synthmat("recipe", "show", folder=tmp_path).stdout == shown.stdout


@pytest.mark.parametrize("shard", ["0/2", "3/2", "x", "1"])
def test_an_impossible_shard_is_refused(tmp_path, shard):
    (tmp_path / "recipe.yaml").write_text("name: x\nobjects: [{builtin: suzanne}]\n")
    result = synthmat("render", "--shard", shard, folder=tmp_path)
    assert result.returncode == 2
    assert "I/N" in result.stderr


@pytest.mark.parametrize("command", ["composite", "train"])
def test_a_stage_without_the_one_before_says_which_to_run(tmp_path, command):
    (tmp_path / "recipe.yaml").write_text("name: x\nobjects: [{builtin: suzanne}]\n")
    result = synthmat(command, folder=tmp_path)
    assert result.returncode == 2
    assert "synthmat " in result.stderr
    assert "Traceback" not in result.stderr


def test_an_output_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "recipe.yaml").write_text("name: x\nobjects: [{builtin: suzanne}]\n")
    (tmp_path / "file").write_text("")
    result = synthmat("render", "--out", "file", folder=tmp_path)
    assert result.returncode == 2
    assert "--out" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_network_can_be_named_in_short(tmp_path):
    pytest.importorskip("torch")
    (tmp_path / "recipe.yaml").write_text("name: x\nobjects: [{builtin: suzanne}]\ntrain: {data: [live]}\n")
    planned = synthmat("train", "--model", "unet_2018", "--dry-run", folder=tmp_path)
    assert planned.returncode == 0, planned.stderr
    assert "train: would train unet_2018 with " in planned.stdout
    unknown = synthmat("train", "--model", "unet_2019", folder=tmp_path)
    assert unknown.returncode == 2
    assert "no network 'unet_2019'; did you mean unet_2018?" in unknown.stderr
