"""Networks, losses, layouts, built-in objects and baselines of other packages are found by their entry points."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.made_package import NEVER_IMPORTED, write_package

import synthmat
from synthmat.builtin_objects import BUILTINS, builtin_objects
from synthmat.environment_report import environment_report
from synthmat.errors import MissingDependencyError, RecipeError
from synthmat.generator.plan import plan_render
from synthmat.layouts import LAYOUTS, read_layout, readable
from synthmat.recipe import parse_recipe
from synthmat.recipe.schema import schema_text
from synthmat.stage import RunOptions
from synthmat.storage.manifest import read_rows
from synthmat.storage.output_folder import OutputFolder
from synthmat.train.baselines import BASELINES, predict_baseline
from synthmat.train.losses import LOSSES, build_loss, loss_names
from synthmat.train.models import NETWORKS, build_model, check_model, model_names

OBJECT = "name: x\nobjects: [{builtin: my_cube}]\n"


def _forget() -> None:
    for registry in (BUILTINS, LAYOUTS, BASELINES, LOSSES, NETWORKS):
        registry.__dict__.pop("choices", None)
    for name in [name for name in sys.modules if name.partition(".")[0] in ("my_matting", "other")]:
        del sys.modules[name]
    importlib.invalidate_caches()


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Return `write_package` for a folder that Python looks into."""
    folder = tmp_path / "site-packages"
    monkeypatch.syspath_prepend(str(folder))
    # Blender and torch need seconds to say what they are.
    monkeypatch.setattr("synthmat.environment_report._ask", lambda *_: (None, "not asked"))

    def write(**about: object) -> None:
        write_package(folder, **about)  # type: ignore[arg-type]
        _forget()

    yield write
    _forget()


def test_names_of_a_package_are_known_without_importing_it(install: Callable[..., None]) -> None:
    install(sources=NEVER_IMPORTED)
    assert model_names()["my_network"] == "One convolution, from a package."
    assert loss_names()["my_loss"] == "Mean of |p - a|, from a package."
    assert builtin_objects()["my_cube"] == "A cube of a random size, from a package."
    assert "my_layout" in readable()
    text = environment_report()[0]
    for line in (
        "network my_network",
        "loss my_loss",
        "layout my_layout",
        "built-in object my_cube",
        "baseline my_baseline",
    ):
        assert line in text
    assert "by my-matting 1.0: Gray everywhere, from a package." in " ".join(text.split())
    parse_recipe(f"{OBJECT}train: {{model: my_network, loss: my_loss, data: [{{folder: a, layout: my_layout}}]}}")
    assert "my_matting" not in sys.modules


def test_names_of_a_package_are_in_the_schema(install: Callable[..., None]) -> None:
    before = json.loads(schema_text())["$defs"]
    install()
    after = json.loads(schema_text())["$defs"]
    for section, key, name in (("Train", "model", "my_network"), ("LayoutData", "layout", "my_layout"),
                               ("Builtin", "builtin", "my_cube")):  # fmt: skip
        names = [each[section]["properties"][key]["enum"] for each in (before, after)]
        assert set(names[1]) - set(names[0]) == {name}
    one, several = after["Train"]["properties"]["loss"]["anyOf"]
    assert "my_loss" in one["enum"]
    assert "my_loss" in several["propertyNames"]["enum"]


def test_a_network_and_a_loss_of_a_package_train(install: Callable[..., None], tmp_path: Path) -> None:
    pytest.importorskip("torch")
    install()
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(4):
        cv2.imwrite(str(folder / f"{number}.rgb.png"), np.full((20, 20, 3), 40 * number, np.uint8))
        cv2.imwrite(str(folder / f"{number}.a.png"), np.full((20, 20), 255 * (number % 2), np.uint8))
    assert [item.id for item in read_layout(folder)] == ["0", "1", "2", "3"]
    data = "[{folder: pictures, layout: my_layout}]"
    train = f"model: my_network, options: {{kernel: 1}}, loss: my_loss, data: {data}, validation: {data}"
    (tmp_path / "recipe.yaml").write_text(
        f"name: x\nobjects: [{{builtin: vase}}]\ntrain: {{{train}, size: 16, epochs: 1, batch_size: 2}}\n"
    )
    for version, made in (("1.0", 1), ("1.0", 0), ("1.1", 1)):
        install(version=version)
        result = synthmat.train(
            tmp_path / "recipe.yaml", out=tmp_path / "out", options=RunOptions(quiet=True, device="cpu", workers=1)
        )
        assert (result.failed, result.made) == (0, made), version
    summary = json.loads((tmp_path / "out/training/summary.json").read_text())
    assert (summary["model"], summary["parameters"]) == ("my_network", 4)


def test_a_builtin_of_a_package_is_rendered(install: Callable[..., None], tmp_path: Path) -> None:
    install()
    (tmp_path / "recipe.yaml").write_text(
        f"{OBJECT}render: {{resolution: 32, samples: 4, views: {{turntable: {{count: 1}}}}}}\n"
    )
    result = synthmat.render(
        tmp_path / "recipe.yaml", out=tmp_path / "out", options=RunOptions(quiet=True, device="cpu", workers=1)
    )
    assert (result.failed, result.made) == (0, 1)
    output = OutputFolder(tmp_path / "out")
    (row,) = read_rows(output.render_manifest)
    model = row["model"]
    assert (model["builtin"], model["license"], model["source"]) == ("my_cube", None, "made by my-matting 1.0")
    (picture,) = row["files"]
    alpha = cv2.imread(str(output.renders / picture), cv2.IMREAD_UNCHANGED)[..., 3]
    assert alpha.max() > 0
    assert alpha.min() == 0


def test_a_new_version_of_a_package_renders_its_objects_anew_and_ours_not(
    install: Callable[..., None], tmp_path: Path
) -> None:
    recipe = "name: x\nobjects: [{builtin: my_cube}, {builtin: vase}, {group: [{builtin: my_cube}, {builtin: vase}]}]\n"
    keys = []
    for version in ("1.0", "1.1"):
        install(version=version)
        jobs = plan_render(parse_recipe(recipe), tmp_path, OutputFolder(tmp_path / "out"))
        keys.append({job.asset.name: job.key(job.views[0]) for job in jobs})
    assert {name for name in keys[0] if keys[0][name] == keys[1][name]} == {"vase"}


def test_a_baseline_of_a_package_predicts(install: Callable[..., None]) -> None:
    install()
    assert (predict_baseline("my_baseline", np.zeros((4, 5, 3), np.uint8)) == 0.5).all()


def test_a_name_that_is_taken_is_an_error_that_names_the_package(install: Callable[..., None]) -> None:
    install(groups={"synthmat.models": {"residual_unet": "my_matting.network"}})
    with pytest.raises(ValueError, match=r"of the package my-matting 1\.0 cannot be used: synthmat has the same name"):
        check_model("residual_unet")
    install(name="other")
    install()
    with pytest.raises(RecipeError, match=r"(my-matting|other)==1\.0 has the same name; rename it, or uninstall "):
        parse_recipe(OBJECT)


FAULTS = {
    "my_matting.gone": r"there is no module my_matting\.gone with Python source; reinstall my-matting",
    "gone_package.network": r"there is no module gone_package\.network",
    "my_matting.cube:build": r"it has to name a module alone, for example my_matting\.cube",
    "my_matting.losses": r"its module my_matting\.losses defines no function build",
    "my_matting.broken": r"broken\.py cannot be read",
}


@pytest.mark.parametrize("value", FAULTS)
def test_an_entry_point_that_cannot_be_used_is_named_with_its_package(install: Callable[..., None], value: str) -> None:
    install(groups={"synthmat.models": {"wrong": value}}, sources={"broken": "def ("})
    said = rf"the entry point synthmat\.models: wrong = {value} of the package my-matting 1\.0 cannot be used: "
    with pytest.raises(RecipeError, match=said + ".*" + FAULTS[value]):
        parse_recipe("name: x\nobjects: [{builtin: vase}]\ntrain: {model: wrong}")
    parse_recipe("name: x\nobjects: [{builtin: vase}]")
    assert "wrong" not in model_names()
    text, well = environment_report()
    assert not well
    assert f"wrong = {value} of the package my-matting 1.0 cannot be used" in " ".join(text.split())


def test_a_name_with_other_letters_is_a_fault(install: Callable[..., None]) -> None:
    install(groups={"synthmat.losses": {"My-loss": "my_matting.losses"}})
    assert "lower-case letters" in LOSSES.choices["My-loss"].fault


def test_a_module_that_cannot_be_imported_is_named_with_its_package(
    install: Callable[..., None], tmp_path: Path
) -> None:
    fails = "import gone_package\ndef build():\n    pass\n"
    install(sources={"network": fails, "cube": fails})
    with pytest.raises(
        MissingDependencyError,
        match=r"my_network: the module my_matting\.network of the package my-matting 1\.0 cannot be imported: "
        r"ModuleNotFoundError: No module named 'gone_package'",
    ):
        build_model("my_network")
    (tmp_path / "recipe.yaml").write_text(OBJECT)
    result = synthmat.render(
        tmp_path / "recipe.yaml", out=tmp_path / "out", options=RunOptions(quiet=True, device="cpu", workers=1)
    )
    assert result.failed
    (failure,) = read_rows(OutputFolder(tmp_path / "out").failures)
    assert "the module my_matting.cube of the package my-matting==1.0" in failure["error"]
    assert "No module named 'gone_package'" in failure["error"]


def test_a_function_that_is_no_loss_is_named(install: Callable[..., None]) -> None:
    pytest.importorskip("torch")
    install(sources={"losses": "def my_loss_loss(prediction, batch):\n    return 0\n"})
    with pytest.raises(ValueError, match=r"my_matting\.losses\.my_loss_loss of the package my-matting is no loss"):
        build_loss("my_loss")
