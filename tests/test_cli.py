"""The command line: its exit codes, and messages that say what to do."""

import os
import subprocess
import sys

import pytest
from support.command_line import synthmat
from support.repository import RECIPES

from synthmat.recipe import Recipe, load_recipe
from synthmat.recipe import explain as explain_module


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


@pytest.mark.parametrize("how", [("-m", "synthmat"), ("-m", "synthmat.cli")])
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_is_there_by_every_name(tmp_path, how, option):
    done = subprocess.run([sys.executable, *how, option], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Usage: synthmat [OPTIONS] COMMAND")
    assert "--install-completion" in done.stdout
    command = [sys.executable, *how, "recipe", "check", option]
    below = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "RECIPES" in below.stdout.upper()


def test_completion_can_be_installed(tmp_path):
    # Typer asks the terminal for its shell unless told to take a name.
    environment = {**os.environ, "HOME": str(tmp_path), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    command = [sys.executable, "-m", "synthmat", "--install-completion", "bash"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (script,) = (tmp_path / ".bash_completions").iterdir()
    assert "synthmat" in script.read_text()
    assert str(script) in (tmp_path / ".bashrc").read_text()


@pytest.mark.parametrize(
    ("arguments", "known"),
    [
        (["render", "--device", "gpo"], "'optix'"),
        (["evaluate", "a", "b", "--preset", "dym"], "'mmagic'"),
        (["evaluate", "a", "b", "--layout", "aim500"], "'aim_500'"),
        (["evaluate", "a", "b", "--trimap", "none"], "'made'"),
        (["predict", "a", "b", "--mode", "tiles"], "'tile'"),
        (["predict", "a", "b", "--format", "tif"], "'webp'"),
        (["predict", "a", "b", "--bits", "12"], "'16'"),
        (["export", "dataset", "a", "--layout", "imagenet"], "'webdataset'"),
    ],
)
def test_arguments_with_a_fixed_set_of_values_are_choices(tmp_path, arguments, known):
    refused = synthmat(*arguments, folder=tmp_path)
    assert refused.returncode == 2
    assert known in refused.stderr
    assert "Traceback" not in refused.stderr


def test_init_says_what_to_do_from_where_one_stands(tmp_path):
    here = synthmat("init", folder=tmp_path)
    assert here.stdout.splitlines() == [
        "wrote recipe.yaml and its schema; put your own files into models/ and photos/",
        "next: synthmat preview; synthmat run",
    ]
    there = synthmat("init", "toys", "--from", "hard_edges", folder=tmp_path)
    assert there.stdout.splitlines()[1] == "next: cd toys; synthmat preview; synthmat run"
    assert {path.name for path in tmp_path.iterdir()} == {
        "recipe.yaml", "recipe.schema.json", "models", "photos", "toys",
    }  # fmt: skip
    assert synthmat("recipe", "check", folder=tmp_path / "toys").stdout == "recipe.yaml: fine\n"
    unknown = synthmat("init", "x", "--from", "hard_edge", folder=tmp_path)
    assert (unknown.returncode, "did you mean hard_edges?" in unknown.stderr) == (2, True)


def test_the_template_says_only_what_is_true(tmp_path):
    synthmat("init", folder=tmp_path)
    text = (tmp_path / "recipe.yaml").read_text()
    assert "are the default" not in text
    assert "is the default" not in text
    schema = text.partition("$schema=./")[2].split()[0]
    assert (tmp_path / schema).is_file()
    recipe = load_recipe(tmp_path / "recipe.yaml")
    assert [(each.license, each.source) for each in recipe.objects] == [(None, None)]
    for line in text.splitlines():
        command = line.strip("# ").partition("   ")[0]
        if command.startswith("synthmat "):
            assert synthmat(*command.split()[1:], "--help", folder=tmp_path).returncode == 0, line


def test_recipes_are_listed_and_explained(tmp_path):
    listed = synthmat("recipe", "list", folder=tmp_path).stdout
    for file in RECIPES.glob("*.yaml"):
        assert f"\n{file.stem} " in f"\n{listed}"
    explained = synthmat("recipe", "explain", "render.camera", folder=tmp_path).stdout
    assert "focal_length: number or {uniform}" in explained
    assert "default 50.0" in explained
    everything = synthmat("recipe", "explain", folder=tmp_path).stdout
    assert all(f"  {key}: " in everything for key in Recipe.model_fields)
    wrong = synthmat("recipe", "explain", "render.camra", folder=tmp_path)
    assert (wrong.returncode, "did you mean camera?" in wrong.stderr) == (2, True)


def test_every_key_of_a_recipe_can_be_explained():
    def keys(model, before, seen):
        for name, info in model.model_fields.items():
            yield f"{before}{name}"
            for below in explain_module.models_of(info.annotation):
                if below not in seen:
                    yield from keys(below, f"{before}{name}.", {*seen, below})

    found = list(keys(Recipe, "", set()))
    assert len(found) > 200
    for key in found:
        assert explain_module.explain(key).startswith(f"{key}: ")


def test_a_failure_is_printed_once(tmp_path):
    (tmp_path / "broken.glb").write_bytes(b"no model")
    (tmp_path / "recipe.yaml").write_text(
        "name: x\nobjects: [{model: broken.glb}]\nrender: {resolution: 32, views: {turntable: {count: 1}}}\n"
    )
    for quiet in ([], ["-q"]):
        done = synthmat("render", "--workers", "1", *quiet, folder=tmp_path)
        assert done.returncode == 1
        told = [line for line in (done.stdout + done.stderr).splitlines() if "broken.glb" in line]
        assert len(told) == 1, told
        assert "what failed, and why: output/x/failures.jsonl" in done.stdout


def test_the_list_of_commands_says_whole_sentences(tmp_path):
    lines = synthmat("--help", folder=tmp_path).stdout.partition("Commands:")[2].splitlines()
    assert len(lines) > 12
    assert [line for line in lines if line.endswith("...")] == []


def test_a_run_ends_with_what_to_do_next(tmp_path):
    pytest.importorskip("torch")
    (tmp_path / "recipe.yaml").write_text(
        "name: x\nobjects: [{builtin: shape, count: 3}]\n"
        "render: {resolution: 32, views: {turntable: {count: 2}}, samples: 1}\n"
        "composite: {size: 32, per_view: 1, split: {by: object, val: 0.34, test: 0}}\n"
        "train: {size: 32, width: 4, epochs: 3}\n"
    )
    done = synthmat("run", "--limit", "5", "--workers", "1", "-q", "--no-estimate", "--device", "cpu", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    (rendered,) = (line for line in lines if line.startswith("render: 5 made, 0 kept, 0 failed"))
    assert rendered.endswith(": output/x/renders")
    assert any(line.startswith("composite: 5 made") for line in lines)
    best = tmp_path / "output/x/training/best.pt"
    assert f"  synthmat predict {best} PHOTO..." in lines
    assert f"  synthmat evaluate {best} baseline:kmeans {tmp_path / 'output/x/dataset'}" in lines
    assert "  the same command without --limit" in lines


def test_a_limit_that_leaves_the_training_no_samples_is_no_failure(tmp_path):
    pytest.importorskip("torch")
    (tmp_path / "recipe.yaml").write_text(
        "name: x\nobjects: [{builtin: shape, count: 3}]\n"
        "render: {resolution: 32, views: {turntable: {count: 1}}, samples: 1}\n"
        "composite: {size: 32, per_view: 1}\ntrain: {size: 32, width: 4, epochs: 1}\n"
    )
    done = synthmat("run", "--limit", "1", "--workers", "1", "-q", "--no-estimate", "--device", "cpu", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert any(line.startswith("train: waits: a limit of 1 leaves it too few") for line in lines), lines
    report = tmp_path / "output/x/report.html"
    assert report.exists()
    assert f"  open {report} in a browser" in lines


def test_a_former_name_of_a_key_is_told_once(tmp_path):
    (tmp_path / "recipe.yaml").write_text(
        "name: x\nobjects: [{builtin: shape}]\nrender: {looks: {degree: 0.5}, views: {turntable: {count: 1}}}\n"
    )
    done = synthmat("run", "--dry-run", "--no-estimate", folder=tmp_path)
    assert done.stderr.count("degree is now called randomness") == 1, done.stderr
