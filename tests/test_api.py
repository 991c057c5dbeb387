"""What programs build on: names, examples, results, and that nothing heavy is imported before it is needed."""

from __future__ import annotations

import dataclasses
import doctest
import importlib.util
import subprocess
import sys
import typing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.stored_dataset import Stored

import synthmat
from synthmat import keywords
from synthmat.errors import AssetError
from synthmat.stage import RunOptions

PUBLIC = {
    "synthmat.api.opening": "open_recipe",
    "synthmat.api.stages": "render",
    "synthmat.api.networks": "load_model",
    "synthmat.api.folders": "inspect",
    "synthmat.recipe.loading": "load_recipe",
    "synthmat.recipe.ready": "ready_recipes",
    "synthmat.recipe.explain": "explain",
    "synthmat.strict_model": "Section",
    "synthmat.train.predict.matting_model": "MattingModel",
    "synthmat.train.data.matting_dataset": "MattingDataset",
}
COMMANDS = (
    "init", "preview", "render", "composite", "train", "run", "evaluate", "predict", "adapt", "inspect", "verify",
    "doctor", "export_dataset", "views",
)  # fmt: skip


def examples() -> list[doctest.DocTest]:
    """Return the examples of all public docstrings."""
    found = []
    for name in PUBLIC:
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError:  # without torch
            continue
        found += [each for each in doctest.DocTestFinder().find(module, name) if each.examples]
    return found


@pytest.fixture
def working_folder(tmp_path, monkeypatch):
    """Give a folder with a small data set, a training, two photos and two cut-outs, as the examples expect them."""
    monkeypatch.chdir(tmp_path)
    Stored(tmp_path / "output/toys")
    for name in ("fox", "cup"):
        for folder, channels in (("photos", 3), ("cutouts", 4)):
            pixels = np.full((48, 64, channels), 120, np.uint8)
            pixels[:8] = 0
            (tmp_path / folder).mkdir(exist_ok=True)
            Image.fromarray(pixels).save(tmp_path / folder / f"{name}.png")
    if importlib.util.find_spec("torch"):
        from support.matting_checkpoint import write_checkpoint

        (tmp_path / "output/toys/training").mkdir()
        write_checkpoint(tmp_path / "output/toys/training/best.pt")
    return tmp_path


NEED_TORCH = ("train", "run", "evaluate", "predict", "adapt", "load_model", "matte_metrics")


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
@pytest.mark.usefixtures("working_folder")
def test_examples_of_public_docstrings_run(example):
    if example.name.rpartition(".")[2] in NEED_TORCH:
        pytest.importorskip("torch")
    told: list[str] = []
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    doctest.DocTestRunner(optionflags=flags, verbose=False).run(example, out=told.append)
    assert not told, "".join(told)


@pytest.mark.parametrize("name", [name for name in synthmat.__all__ if name[0].islower() and name != "train"])
def test_every_public_function_has_an_example(name):
    assert ">>>" in (getattr(synthmat, name).__doc__ or "")


def test_every_command_is_a_function_that_dir_lists():
    assert set(COMMANDS) <= set(dir(synthmat))
    assert set(synthmat.__all__) <= set(dir(synthmat))
    assert not [name for name in dir(synthmat) if name[0] == "_" and not name.startswith("__")]


def test_importing_submodules_takes_no_function_away():
    code = (
        "import synthmat, synthmat.dataset_export, synthmat.environment_report, synthmat.preflight\n"
        "import synthmat.train.models, synthmat.report.inspect, synthmat.verification.verify\n"
        f"print(*[name for name in {COMMANDS} if not callable(getattr(synthmat, name))])\n"
        f"print(*[name for name in {COMMANDS} if type(getattr(synthmat, name)).__name__ != 'function'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["", "train"]


def test_no_submodule_has_the_name_of_a_command_but_train():
    package = Path(synthmat.__file__).parent
    modules = {path.stem for path in package.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert modules & set(synthmat.__all__) == {"train"}


@pytest.mark.parametrize(
    ("module", "record", "typed"),
    [
        ("synthmat.stage", "RunOptions", keywords.RunKeywords),
        ("synthmat.train.evaluate.options", "EvaluateOptions", keywords.EvaluateKeywords),
        ("synthmat.train.predict.stage", "PredictOptions", keywords.PredictKeywords),
    ],
)
def test_keywords_are_the_fields_of_the_record(module, record, typed):
    if record != "RunOptions":
        pytest.importorskip("torch")
    fields = {field.name for field in dataclasses.fields(getattr(importlib.import_module(module), record))}
    assert set(typed.__annotations__) == fields - {"begun"}


@pytest.mark.usefixtures("working_folder")
def test_keywords_win_over_the_record_and_an_unknown_one_is_an_error():
    recipe = {"name": "toys", "objects": [{"builtin": "vase"}]}
    result = synthmat.render(recipe, options=RunOptions(dry_run=False, shard=(1, 2)), dry_run=True)
    assert result.notes[0] == "would render 6 frames of 1 objects, keep 0"
    with pytest.raises(TypeError, match="worker"):
        synthmat.render(recipe, worker=1)


def test_a_dry_run_writes_nothing_and_has_no_paths(working_folder):
    result = synthmat.render({"name": "other", "objects": [{"builtin": "vase"}]}, dry_run=True)
    assert (result.folder, result.paths, result.failures) == (None, [], [])
    assert not (working_folder / "output/other").exists()


def test_predict_returns_its_pictures_and_its_failures(working_folder):
    pytest.importorskip("torch")
    (working_folder / "photos/broken.png").write_bytes(b"no picture")
    result = synthmat.predict("baseline:centre", "photos", "out", quiet=True)
    assert result.folder == working_folder / "out"
    assert {path.name for path in result.paths} >= {"fox_alpha.png", "fox_cutout.png", "cup_alpha.png"}
    assert [row["name"] for row in result.failures] == ["broken"]
    assert "broken.png" in result.failures[0]["error"]


@pytest.mark.parametrize("checkpoint", ["output/toys", "output/toys/training/best.pt", "baseline:centre"])
@pytest.mark.usefixtures("working_folder")
def test_swapped_arguments_of_predict_are_recognised(checkpoint):
    pytest.importorskip("torch")
    with pytest.raises(AssetError, match=f"the checkpoint comes first; meant is synthmat predict {checkpoint} photos"):
        synthmat.predict("photos", checkpoint)


@pytest.mark.usefixtures("working_folder")
def test_a_model_tells_what_it_lacks():
    pytest.importorskip("torch")
    image = np.zeros((48, 64, 3), np.uint8)
    model = synthmat.load_model("baseline:closed_form")
    with pytest.raises(ValueError, match=r"needs a trimap: pass predict\(image, trimap=\.\.\.\)"):
        model.predict(image)
    for wrong in (image.astype(np.float32), image[..., 0], np.zeros((48, 64, 4), np.uint8)):
        with pytest.raises(ValueError, match=r"image: .* give uint8 of"):
            model.predict(wrong)
    with pytest.raises(ValueError, match="trimap: uint8 of 10x10; give uint8 of 48x64"):
        model.predict(image, trimap=np.zeros((10, 10), np.uint8))


@pytest.mark.usefixtures("working_folder")
def test_a_model_predicts_what_the_command_writes():
    pytest.importorskip("torch")
    synthmat.predict("output/toys", "photos/fox.png", "out", quiet=True, device="cpu")
    written = np.asarray(Image.open("out/fox_alpha.png"))
    image = np.asarray(Image.open("photos/fox.png"))
    alpha = synthmat.load_model("output/toys", device="cpu").predict(image)
    assert np.array_equal(np.rint(alpha * 255).astype(np.uint8), written)


@pytest.mark.usefixtures("working_folder")
def test_metrics_follow_the_trimap():
    pytest.importorskip("torch")
    truth = np.zeros((64, 64), np.float32)
    truth[:, 32:] = 1
    wrong = truth.copy()
    wrong[:8, :8] = 1
    trimap = np.full((64, 64), 128, np.uint8)
    trimap[:8, :8] = 0
    assert synthmat.matte_metrics(wrong, truth)["sad"] == pytest.approx(0.064)
    assert synthmat.matte_metrics(wrong, truth, trimap)["sad"] == 0
    with pytest.raises(ValueError, match="no metric preset 'dym'; did you mean dim"):
        synthmat.matte_metrics(wrong, truth, preset="dym")


def test_hints_of_the_functions_can_be_read():
    assert typing.get_type_hints(keywords.RunKeywords)["workers"] == int | None


def test_a_recipe_of_folders_alone_only_trains(working_folder):
    pytest.importorskip("torch")
    Stored(working_folder / "other")
    recipe = {
        "name": "folders",
        "train": {
            "data": [{"folder": "output/toys", "split": "train"}],
            "validation": [{"folder": "other", "split": "val"}],
            "size": 32,
            "width": 4,
            "epochs": 1,
        },
    }
    (result,) = synthmat.run(recipe, quiet=True, workers=1, device="cpu")
    assert (result.stage, result.made, result.failures) == ("train", 1, [])
    assert [path.name for path in result.paths] == ["best.pt", "summary.json"]
    assert result.folder == working_folder / "output/folders/training"
    assert not (working_folder / "output/folders/renders").exists()


def test_the_line_of_the_readme_works_in_a_script(tmp_path):
    if importlib.util.find_spec("bpy") is None:  # to import it here would change what workers can import
        pytest.skip("no Blender")
    (tmp_path / "recipe.yaml").write_text(
        "name: x\nobjects: [{builtin: shape}]\nrender: {resolution: 32, samples: 1, views: {turntable: {count: 1}}}\n"
    )
    (tmp_path / "script.py").write_text(
        "import bpy, synthmat\nprint('started')\nresult = synthmat.render('recipe.yaml', workers=1)\n"
        "print(result.made, [path.name for path in result.paths])\n"
    )
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, timeout=250, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("started\n1 ['manifest.jsonl']\n")
    logs = "".join(log.read_text() for log in (tmp_path / "output/x/renders/.logs").iterdir())
    assert "started" not in logs
