"""The network that comes with synthmat: used where none is named, described by its card, small, and of use."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data
from support.repository import REPOSITORY
from typer.testing import CliRunner

import synthmat
from synthmat.cli.app import app
from synthmat.errors import AssetError, MissingDependencyError
from synthmat.networks.shipped import SHIPPED, shipped_card, shipped_network
from synthmat.train.predict.argument_order import named_checkpoint
from synthmat.train.predict.predictor import open_predictor


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Return a photograph of a cup that fills the middle of the picture."""
    path = tmp_path / "photos" / "cup.png"
    path.parent.mkdir()
    Image.fromarray(data.coffee()).resize((200, 160)).save(path)
    return path


def test_a_photo_alone_is_predicted_by_the_network_that_ships(photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = CliRunner().invoke(app, ["predict", str(photo), "--out", str(out), "--no-foreground"])
    assert done.exit_code == 0, done.output
    alpha = np.asarray(Image.open(out / "cup_alpha.png"))
    assert alpha.shape == (160, 200)
    assert alpha[55:105, 65:135].mean() > 3 * alpha[:25, -35:].mean()


def test_from_python_it_is_the_default_and_has_a_name(photo: Path) -> None:
    pixels = np.asarray(Image.open(photo))
    alpha = synthmat.load_model().predict(pixels)
    np.testing.assert_array_equal(alpha, open_predictor(SHIPPED, "auto")({"image": pixels}).alpha)
    np.testing.assert_array_equal(alpha, synthmat.load_model(shipped_network()).predict(pixels))


def test_what_comes_first_is_a_checkpoint_only_if_it_can_be_one(tmp_path: Path) -> None:
    photos, training = tmp_path / "photos", tmp_path / "out"
    (training / "training").mkdir(parents=True)
    (training / "training" / "best.pt").touch()
    photos.mkdir()
    both = [photos, Path("b.jpg")]
    assert named_checkpoint(["a.jpg", "b.jpg"]) == (SHIPPED, [Path("a.jpg"), Path("b.jpg")])
    assert named_checkpoint([str(photos)]) == (SHIPPED, [photos])
    assert named_checkpoint([str(photos), "b.jpg"]) == (SHIPPED, both)
    for checkpoint in ("best.pt", "net.onnx", "baseline:kmeans", "kmeans", SHIPPED, str(training), "missing"):
        assert named_checkpoint([checkpoint, str(photos), "b.jpg"]) == (checkpoint, both)
    with pytest.raises(AssetError, match=r"no picture is named; meant is synthmat predict best\.pt PHOTO"):
        named_checkpoint(["best.pt"])
    with pytest.raises(AssetError, match=r"meant is synthmat predict best\.onnx a\.jpg"):
        named_checkpoint(["a.jpg", "best.onnx"])


def test_without_onnxruntime_it_is_said_what_to_install(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'synthmat\[onnx\]'"):
        synthmat.predict(SHIPPED, photo, photo.parent / "out", quiet=True)


def test_it_is_small_and_its_card_says_what_one_has_to_know() -> None:
    assert shipped_network().stat().st_size < 8e6
    card = shipped_card().read_text(encoding="utf-8")
    for word in ("trained on", "alphamatting.com", "bootstrap", "Bad:", "License", "seed"):
        assert word in card
    packaged = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    assert '"synthmat.networks" = ["*.onnx", "*.md"]' in packaged
