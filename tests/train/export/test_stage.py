"""Exports: what files say of themselves, what is refused, 8 bit, and networks that take one size only."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from support.matting_checkpoint import write_checkpoint
from typer.testing import CliRunner

from synthmat.cli.app import app
from synthmat.errors import AssetError, MissingDependencyError, OutputError
from synthmat.storage.atomic import sha256_file
from synthmat.train.engine.checkpoint import load_checkpoint, save_checkpoint
from synthmat.train.export import stage
from synthmat.train.export.comparison import Difference
from synthmat.train.export.provenance import SAME_PARTS, data_of
from synthmat.train.export.stage import export_model
from synthmat.train.predict.predictor import open_predictor


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return write_checkpoint(tmp_path / "training" / "best.pt")


def said(path: Path) -> Any:
    properties = {each.key: each.value for each in onnx.load(path).metadata_props}
    assert properties["name"] == json.loads(properties["synthmat"])["name"]
    return json.loads(properties["synthmat"])


def test_the_command_writes_a_file_that_says_what_it_is(checkpoint: Path) -> None:
    rows = [
        {"id": "1", "licenses": "CC0-1.0; CC-BY-4.0"},
        {"id": "2", "licenses": "CC0-1.0"},
        {"id": "3", "licenses": ""},
    ]
    metadata = checkpoint.parent.parent / "dataset" / "train" / "metadata.jsonl"
    metadata.parent.mkdir(parents=True)
    metadata.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = CliRunner().invoke(app, ["export", "model", str(checkpoint)])
    assert done.exit_code == 0, done.output
    assert "best.onnx" in done.output
    assert "licenses" not in done.output
    about = said(checkpoint.with_name("best.onnx"))
    assert about["name"] == "residual_unet"
    assert about["inputs"]["image"]["shape"] == ["batch", 3, "height", "width"]
    assert about["inputs"]["image"]["range"] == [0, 1]
    assert about["trained"] == {"size": 32, "crops": False, "takes_whole": False}
    assert about["checkpoint_sha256"] == sha256_file(checkpoint)
    assert about["data"]["licenses"] == {"CC-BY-4.0": 1, "CC0-1.0": 2, "not given": 1}
    assert about["data"]["digest"] == sha256_file(metadata)


def test_without_a_data_set_the_licenses_are_said_to_be_unknown(checkpoint: Path) -> None:
    assert any("licenses" in note for note in export_model(checkpoint).notes)
    again = export_model(checkpoint.parent)
    assert any("was there and is replaced" in note for note in again.notes)


LIVE = {"digest": "3e", "licenses": {"CC0-1.0": 5, "CC-BY-4.0": 1}}
ORIGIN = {"encoder": "resnet18", "license": "BSD-3-Clause"}


@pytest.mark.parametrize(
    ("data", "config", "beside", "wanted"),
    [
        (["live"], {"live_data": LIVE}, False, LIVE),
        (["live"], {}, False, {"unknown": ["live"]}),
        (["live"], {}, True, {"licenses": {"CC0-1.0": 2}, "of": SAME_PARTS}),
        (["dataset", "live"], {"live_data": LIVE}, True, {"licenses": {"CC0-1.0": 7, "CC-BY-4.0": 1}}),
        (["dataset", {"folder": "cut"}], {}, True, {"licenses": {"CC0-1.0": 2}, "unknown": ["cut"]}),
        (["live"], {"live_data": LIVE, "pretrained": ORIGIN}, False, LIVE | {"pretrained": ORIGIN}),
    ],
)
def test_what_it_was_trained_on(tmp_path: Path, data, config, beside: bool, wanted) -> None:
    metadata = tmp_path / "toys" / "dataset" / "train" / "metadata.jsonl"
    if beside:
        metadata.parent.mkdir(parents=True)
        metadata.write_text(2 * '{"id": "a", "licenses": "CC0-1.0"}\n')
    found = data_of(tmp_path / "toys" / "training" / "adapted.pt", {"train": {"data": data}, **config})
    if beside:
        assert found.pop("digest") == sha256_file(metadata) or len(data) == 2
    assert found == wanted


def test_a_folder_among_what_it_was_trained_on_is_told(checkpoint: Path) -> None:
    state = load_checkpoint(checkpoint)
    config = {**state["config"], "train": {"data": ["live", {"folder": "cut"}]}, "live_data": LIVE}
    save_checkpoint(checkpoint, config, model=state["model"])
    assert "it was trained on cut, under licenses that are not known" in export_model(checkpoint).notes


@pytest.mark.filterwarnings("ignore:`torch.jit:FutureWarning")
def test_torchscript_carries_the_same_description(checkpoint: Path) -> None:
    made = export_model(checkpoint, to="torchscript")
    files = {"synthmat": ""}
    torch.jit.load(made.path, _extra_files=files)
    assert files["synthmat"].decode() == made.description.as_json()


def test_eight_bits_take_less_space_and_their_loss_is_told(tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path / "best.pt", width=16)
    whole, small = export_model(checkpoint), export_model(checkpoint, tmp_path / "small.onnx", int8=True)
    assert small.path.stat().st_size < 0.35 * whole.path.stat().st_size
    assert small.description.precision == said(small.path)["precision"] == "int8"
    assert small.difference.mean > whole.difference.mean
    image = np.random.default_rng(0).integers(0, 256, (40, 50, 3)).astype(np.uint8)
    assert open_predictor(str(small.path))({"image": image}).alpha.shape == (40, 50)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best.onnx", "best.pt", "small.onnx"]


@pytest.mark.parametrize(
    ("model", "width", "options"),
    [("residual_unet", 4, {}), ("background_matting_v2", None, {"backbone": "mobilenetv2", "refine": False})],
)
def test_a_mirrored_export_gives_the_mean_of_both_mattes(
    tmp_path: Path, model: str, width: int | None, options: dict[str, object]
) -> None:
    checkpoint = write_checkpoint(tmp_path / "best.pt", model, width=width, options=options)
    plain, both = export_model(checkpoint), export_model(checkpoint, tmp_path / "both.onnx", mirror=True)
    assert both.difference.largest < 1e-3
    assert both.description.mirrored
    assert said(both.path)["mirrored"] is True
    assert "mirrored" not in said(plain.path)
    views = {
        kind: np.random.default_rng(1).integers(0, 256, (32, 32, 3)).astype(np.uint8)
        for kind in plain.description.trained.inputs
    }
    one, two = (open_predictor(str(made.path), None, "whole") for made in (plain, both))
    alphas = [one(views).alpha, one({kind: view[:, ::-1] for kind, view in views.items()}).alpha[:, ::-1]]
    np.testing.assert_allclose(two(views).alpha, np.mean(alphas, axis=0), atol=1e-5)
    assert np.abs(alphas[0] - alphas[1]).max() > 1e-3


def test_a_network_that_takes_one_size_only_is_exported_at_it(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = stage.compared

    def fails_at_other_sizes(module, run, batches):
        if batches[0][0].shape[-1] != 32:
            raise ValueError("this runs at 32 pixels only")
        return compared(module, run, batches)

    monkeypatch.setattr(stage, "compared", fails_at_other_sizes)
    made = export_model(checkpoint)
    assert made.description.fixed == 32
    assert said(made.path)["inputs"]["image"]["shape"] == ["batch", 3, 32, 32]
    assert "this runs at 32 pixels only" in made.notes[0]
    image = np.random.default_rng(0).integers(0, 256, (70, 50, 3)).astype(np.uint8)
    for mode in ("resize", "tile"):
        theirs, ours = open_predictor(str(made.path), None, mode, 32), open_predictor(str(checkpoint), None, mode, 32)
        np.testing.assert_allclose(theirs({"image": image}).alpha, ours({"image": image}).alpha, atol=1e-4)
    with pytest.raises(AssetError, match=r"pictures of 32x32 pixels only"):
        open_predictor(str(made.path), None, "whole")


def test_a_place_where_a_last_bit_decides_fixes_no_size_and_is_told(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared, batches = stage.compared, []

    def differs_on_the_first(module, run, given):
        batches.append(given)
        return Difference(0.1, 1e-4) if len(batches) == 1 else compared(module, run, given)

    monkeypatch.setattr(stage, "compared", differs_on_the_first)
    made = export_model(checkpoint)
    assert made.description.fixed == 0
    assert made.difference.largest == 0.1
    assert made.notes[0].startswith("on 1 of 2 sets of made pictures alpha differs in places, by up to 0.100")
    assert not torch.equal(batches[0][0][0], batches[1][0][0])


def test_an_export_that_differs_is_not_written(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "compared", lambda *_: Difference(0.1, 0.01))
    with pytest.raises(OutputError, match=r"its alpha differs by up to 0\.1000"):
        export_model(checkpoint)
    assert [path.name for path in checkpoint.parent.iterdir()] == ["best.pt"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"to": "tflite"}, "there are onnx and torchscript"),
        ({"to": "torchscript", "int8": True}, "--int8 goes with --to onnx only"),
        ({"to": "torchscript", "mirror": True}, "--mirror goes with --to onnx only"),
        ({"to": "torchscript", "target": "rembg"}, "--for rembg goes with --to onnx only"),
        ({"target": "rembq"}, "did you mean rembg"),
        ({"target": "rembg:dis_costum"}, "did you mean dis_custom"),
        ({"out": Path("model.pt")}, r"a name that ends in \.onnx"),
    ],
)
def test_what_does_not_go_together_is_refused(checkpoint: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises(AssetError, match=message):
        export_model(checkpoint, **options)


@pytest.mark.parametrize("package", ["onnx", "onnxruntime"])
def test_a_missing_package_is_named_with_its_extra(
    checkpoint: Path, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingDependencyError, match=rf"{package}.*synthmat\[onnx\]"):
        export_model(checkpoint)


def test_descriptions_come_back_as_they_were(checkpoint: Path) -> None:
    from synthmat.train.predict.description import read_description

    about = replace(export_model(checkpoint).description, data={"digest": "x"}, fixed=64)
    assert read_description(about.as_json()) == about
