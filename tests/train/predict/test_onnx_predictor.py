"""Exported networks as predictors, also where there is no torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image
from skimage import data
from support.matting_checkpoint import write_checkpoint
from support.narrow_networks import narrow_deep_image_matting

from synthmat.errors import AssetError, MissingDependencyError
from synthmat.train.export.stage import export_model
from synthmat.train.predict.predictor import open_predictor

WITHOUT_TORCH = """
import sys

class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "torchvision"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Nothing())
from synthmat.cli import main
main()
"""


def without_torch(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WITHOUT_TORCH, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return np.ascontiguousarray(data.astronaut()[::4, ::3])


@pytest.mark.parametrize("mode", ["resize", "tile", "whole"])
def test_it_predicts_what_the_checkpoint_predicts(tmp_path: Path, photo: np.ndarray, mode: str) -> None:
    path = write_checkpoint(tmp_path / "best.pt", width=8, size=64)
    made = export_model(path)
    ours, theirs = (open_predictor(str(each), "cpu", mode, 64) for each in (path, made.path))
    assert theirs.how == ours.how
    assert theirs.parameters == ours.parameters
    np.testing.assert_allclose(theirs({"image": photo}).alpha, ours({"image": photo}).alpha, atol=1 / 255)


def test_background_matting_gives_its_foreground_at_any_size(tmp_path: Path, photo: np.ndarray) -> None:
    options = {"backbone": "mobilenetv2", "refine_sample_pixels": 2000}
    path = write_checkpoint(tmp_path / "bg.pt", "background_matting_v2", width=None, size=64, options=options)
    made = export_model(path)
    assert made.description.least == 32
    for part in (photo, photo[:40, :61], photo[:9, :20]):
        views = {"image": part, "captured_bg": part[::-1].copy()}
        ours, theirs = (open_predictor(str(each))(views) for each in (path, made.path))
        assert theirs.foreground.shape == part.shape
        assert theirs.alpha.shape == part.shape[:2]
        if min(part.shape[:2]) >= 32:
            np.testing.assert_allclose(theirs.alpha, ours.alpha, atol=1 / 255)
            assert np.abs(theirs.foreground.astype(int) - ours.foreground).max() <= 1


def test_a_trimap_is_given_to_the_network(tmp_path: Path, photo: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    narrow_deep_image_matting(monkeypatch)
    path = write_checkpoint(tmp_path / "dim.pt", "deep_image_matting", width=None, size=64)
    made = export_model(path)
    trimap = np.full(photo.shape[:2], 128, np.uint8)
    trimap[:20], trimap[80:] = 255, 0
    ours, theirs = (
        open_predictor(str(each), "cpu", "whole")({"image": photo, "trimap": trimap}).alpha
        for each in (path, made.path)
    )
    np.testing.assert_allclose(theirs, ours, atol=1 / 255)


def test_the_command_needs_no_torch(tmp_path: Path, photo: np.ndarray) -> None:
    path = write_checkpoint(tmp_path / "best.pt")
    made = export_model(path)
    Image.fromarray(photo).save(tmp_path / "photo.png")
    done = without_torch("predict", made.path, tmp_path / "photo.png", "--out", tmp_path / "out", "-q")
    assert done.returncode == 0, done.stderr
    alpha = np.asarray(Image.open(tmp_path / "out" / "photo_alpha.png"))
    wanted = open_predictor(str(path))({"image": photo}).alpha
    assert np.abs(alpha / 255 - wanted).max() <= 1 / 255
    assert (tmp_path / "out" / "photo_cutout.png").is_file()
    done = without_torch("predict", path, tmp_path / "photo.png", "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "synthmat[train]" in done.stderr
    assert ".onnx" in done.stderr


def test_a_missing_onnxruntime_is_named_with_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.onnx").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingDependencyError, match=r"model\.onnx.*synthmat\[onnx\]"):
        open_predictor(str(tmp_path / "model.onnx"))


def test_a_device_that_onnxruntime_does_not_know_is_named(tmp_path: Path) -> None:
    made = export_model(write_checkpoint(tmp_path / "best.pt"))
    with pytest.raises(MissingDependencyError, match="--device oneapi"):
        open_predictor(str(made.path), "oneapi")


def test_files_that_are_no_networks_of_ours_are_refused(tmp_path: Path) -> None:
    broken, foreign, older = (tmp_path / f"{name}.onnx" for name in ("broken", "foreign", "older"))
    broken.write_bytes(b"no network")
    with pytest.raises(AssetError, match=r"broken\.onnx: is no ONNX network"):
        open_predictor(str(broken))
    model = onnx.load(export_model(write_checkpoint(tmp_path / "best.pt")).path)
    for each in model.metadata_props:
        if each.key == "synthmat":
            each.value = each.value.replace('"format": 1', '"format": 99')
    onnx.save(model, older)
    with pytest.raises(AssetError, match=r"older\.onnx: its description has the format 99"):
        open_predictor(str(older))
    del model.metadata_props[:]
    onnx.save(model, foreign)
    with pytest.raises(AssetError, match=r"foreign\.onnx: does not say what its inputs mean"):
        open_predictor(str(foreign))
