"""`synthmat adapt`: a new checkpoint, the same for the same photographs, and clear words where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from synthmat.errors import AssetError, OutputError
from synthmat.train.adapt.command import adapt
from synthmat.train.adapt.statistics import batch_norms
from synthmat.train.engine.checkpoint import load_checkpoint, load_model, save_checkpoint
from synthmat.train.models import build_model
from synthmat.train.predict.predictor import open_predictor

SIZE = 32


def _checkpoint(path: Path, model: str = "residual_unet", fit: str = "resize", **options: Any) -> Path:
    torch.manual_seed(0)
    width = 4 if model == "residual_unet" else None
    network = build_model(model, width, options)
    config = {"model": model, "width": width, "options": options, "size": SIZE, "seed": 0, "train": {"fit": fit}}
    save_checkpoint(path, config, epoch=3, model=network.state_dict())
    return path


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(5):
        noise = np.random.default_rng(number).integers(0, 60 + 20 * number, (50 + number, 70, 3), np.uint8)
        cv2.imwrite(str(folder / f"{number}.png"), noise)
    return folder


def _means(path: Path) -> list[torch.Tensor]:
    return [norm.running_mean for norm in batch_norms(load_model(path)[0])]


def _equal(one: Path, other: Path) -> bool:
    return all(torch.equal(*pair) for pair in zip(_means(one), _means(other), strict=True))


@pytest.mark.parametrize("fit", ["resize", "crop"])
def test_the_same_photographs_give_the_same_statistics(fit: str, tmp_path: Path, photos: Path) -> None:
    path = _checkpoint(tmp_path / "best.pt", fit=fit)
    found = adapt(path, [photos], device="cpu")
    assert found.path == tmp_path / "adapted.pt"
    record = load_checkpoint(found.path)["config"]["adapted"]
    assert (record["photos"], record["passes"], len(record["digest"])) == (5, 4, len(found.record["digest"]))
    assert not _equal(path, found.path)
    again = adapt(path, sorted(photos.iterdir(), reverse=True), tmp_path / "again.pt", device="cpu")
    assert _equal(found.path, again.path)
    assert again.record == found.record
    (photos / "4.png").unlink()
    assert not _equal(found.path, adapt(path, [photos], tmp_path / "fewer.pt", device="cpu").path)
    weights, own = load_checkpoint(path)["model"], load_checkpoint(found.path)["model"]
    assert all(torch.equal(value, own[key]) for key, value in weights.items() if key.endswith((".weight", ".bias")))
    assert open_predictor(str(found.path)).parameters == open_predictor(str(path)).parameters


def test_the_weight_of_the_photographs_is_seven_parts_of_ten_unless_another_is_named(
    tmp_path: Path, photos: Path
) -> None:
    path = _checkpoint(tmp_path / "best.pt")
    found = {
        weight: adapt(path, [photos], tmp_path / f"{weight}.pt", device="cpu", **given)
        for weight, given in {"usual": {}, "all": {"weight": 1.0}, "none": {"weight": 0.0}}.items()
    }
    assert (found["usual"].record["weight"], found["all"].record["weight"]) == (0.7, 1.0)
    assert _equal(path, found["none"].path)
    first, usual, last = (_means(each)[0] for each in (path, found["usual"].path, found["all"].path))
    assert torch.allclose(usual, 0.3 * first + 0.7 * last, atol=1e-6)
    with pytest.raises(ValueError, match=r"weight: 1\.5"):
        adapt(path, [photos], device="cpu", weight=1.5)


def test_what_cannot_be_used_is_passed_over_and_named(tmp_path: Path, photos: Path) -> None:
    (photos / "broken.jpg").write_bytes(b"no picture")
    (photos / "copy.png").write_bytes((photos / "1.png").read_bytes())
    (photos / "clip.mov").write_bytes(b"")
    found = adapt(_checkpoint(tmp_path / "best.pt"), [photos], device="cpu")
    assert found.record["photos"] == 5
    said = "\n".join(found.notes)
    assert "passed over: " in said
    assert "broken.jpg" in said
    assert "copy is the same photo as 1" in said
    assert "5 photographs are few" in said
    for path in photos.glob("*.png"):
        path.unlink()
    with pytest.raises(AssetError, match=r"none of the photographs can be read; .*broken\.jpg"):
        adapt(tmp_path / "best.pt", [photos], device="cpu")


def test_a_network_without_batch_norms_says_so(tmp_path: Path, photos: Path) -> None:
    path = _checkpoint(tmp_path / "best.pt", "smp", encoder="mit_b0", architecture="FPN")
    with pytest.raises(AssetError, match=r"best\.pt: smp has no batch norms"):
        adapt(path, [photos], device="cpu")
    assert not (tmp_path / "adapted.pt").exists()


def test_networks_that_are_shown_more_are_given_it(tmp_path: Path, photos: Path) -> None:
    path = _checkpoint(tmp_path / "best.pt", "background_matting_v2", backbone="mobilenetv2")
    with pytest.raises(AssetError, match="is shown a captured bg with every photograph: --captured-bg"):
        adapt(path, [photos], device="cpu")
    found = adapt(path, [photos], partners={"captured_bg": photos}, device="cpu")
    assert not _equal(path, found.path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(AssetError, match="no captured bg called 0"):
        adapt(path, [photos], partners={"captured_bg": tmp_path / "empty"}, device="cpu")


def test_no_other_file_is_written_over(tmp_path: Path, photos: Path) -> None:
    path = _checkpoint(tmp_path / "best.pt")
    with pytest.raises(AssetError, match="is the checkpoint itself"):
        adapt(path, [photos], path, device="cpu")
    other = _checkpoint(tmp_path / "other.pt")
    with pytest.raises(OutputError, match=r"other\.pt: there already, and no adapted checkpoint"):
        adapt(path, [photos], other, device="cpu")
    adapt(path, [photos], device="cpu")
    adapt(tmp_path, [photos], device="cpu")
