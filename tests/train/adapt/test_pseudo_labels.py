"""Pseudo-labels: the mattes that a network is sure of, trained on beside the data, once and the same in every run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from synthmat.errors import AssetError, RecipeError
from synthmat.layouts import read_layout
from synthmat.layouts.pixels import read_alpha
from synthmat.preflight import check_files
from synthmat.recipe import Recipe, parse_recipe
from synthmat.recipe.train import PseudoLabels
from synthmat.stage import RunOptions
from synthmat.storage.output_folder import OutputFolder
from synthmat.train.adapt import pseudo_labels
from synthmat.train.adapt.photos import Unlabelled, photos_in
from synthmat.train.adapt.pseudo_labels import mean_matte, pseudo_label, sharpened, uncertainty
from synthmat.train.engine.checkpoint import load_checkpoint
from synthmat.train.predict.predictor import Matte
from synthmat.train.predict.sized_predictor import SizedPredictor, Trained
from synthmat.train.preflight import check_training
from synthmat.train.stage import train

OPTIONS = RunOptions(workers=1, device="cpu", quiet=True)
STAGES = (
    "train.stages=[{name: first, epochs: 1}, {name: second, epochs: 1, adapt: true, "
    "pseudo_labels: {max_uncertainty: 2}}]"
)


class _Bright(SizedPredictor):
    """Takes bright pixels for the object, twice as bright at the left edge than at the right one."""

    def __init__(self, size: int | None = None, *, crops: bool = False, inputs: tuple[str, ...] = ("image",)) -> None:
        super().__init__(
            "bright", Trained("bright", inputs, 64, crops, takes_whole=False, parameters=0), "resize", size
        )
        self.key = "bright"

    def _run(self, several: Any) -> list[Matte]:
        falls = np.linspace(1, 0.5, several[0]["image"].shape[1], dtype=np.float32)
        return [Matte(views["image"][..., 0].astype(np.float32) / 255 * falls, None) for views in several]


@pytest.fixture
def photos(tmp_path: Path) -> list[Unlabelled]:
    """Return photos: two bright squares, which are sure, one less bright, an empty one, and a broken one."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, level, half in (("a", 255, 16), ("b", 255, 20), ("hedged", 200, 20), ("empty", 255, 0)):
        picture = np.zeros((64, 64, 3), np.uint8)
        picture[32 - half : 32 + half, 32 - half : 32 + half] = level
        cv2.imwrite(str(folder / f"{name}.png"), picture)
    (folder / "broken.png").write_bytes((folder / "a.png").read_bytes()[:60])
    return photos_in([folder], tmp_path / "out", {})[0]


@pytest.fixture
def bright(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """Have every teacher be `_Bright`; return the sizes at which one was opened."""
    opened: list[int | None] = []

    def open_bright(_name: str, _device: str, _mode: str, size: int | None = None) -> _Bright:
        opened.append(size)
        return _Bright(size)

    monkeypatch.setattr(pseudo_labels, "open_predictor", open_bright)
    return opened


def _label(photos: list[Unlabelled], folder: Path, most: float = 0.7) -> pseudo_labels.PseudoLabelled:
    return pseudo_label(photos, "bright", PseudoLabels(max_uncertainty=most), folder, device="cpu", quiet=True)


def test_mattes_are_kept_where_the_network_is_sure(
    photos: list[Unlabelled], bright: list[int | None], tmp_path: Path
) -> None:
    made = _label(photos, tmp_path / "training")
    rows = [json.loads(line) for line in (made.folder / "labels.jsonl").read_text().splitlines()]
    assert {Path(row["name"]).stem: row["kept"] for row in rows} == {
        "a": True, "b": True, "hedged": False, "empty": False, "broken": False
    }  # fmt: skip
    assert (made.record["photos"], made.record["kept"]) == (5, 2)
    said = "\n".join(made.notes)
    assert "mattes of 2 of 5 photos, of which bright is sure" in said
    assert "broken.png" in said, "what cannot be read is named"
    items = read_layout(made.folder, "pairs")
    assert len(items) == 2
    item = next(each for each in items if each.id.startswith(_sum(photos, "a")[:8]))
    assert item.alpha is not None
    alpha = read_alpha(item.alpha, item.alpha_from)
    edge = len(alpha)
    assert edge == 64 == max(size or 0 for size in bright)
    assert alpha[edge // 2, edge // 2] == pytest.approx(0.9, abs=0.02), "three quarters, with logits doubled"
    assert alpha[2, 2] == 0


@pytest.mark.usefixtures("bright")
def test_an_interrupted_run_goes_on_and_a_finished_one_is_kept(
    photos: list[Unlabelled], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = _label(photos, tmp_path / "whole")
    real = pseudo_labels.read_photo
    read: list[Path] = []

    def fails_at_the_third(path: Path) -> Any:
        read.append(path)
        if len(read) == 3:
            raise KeyboardInterrupt
        return real(path)

    monkeypatch.setattr(pseudo_labels, "read_photo", fails_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        _label(photos, tmp_path / "cut")
    again = _label(photos, tmp_path / "cut")
    assert len(read) == 6, "the first two are not matted again"
    assert again.record == whole.record
    assert _bytes(again.folder) == _bytes(whole.folder)
    next((again.folder / "alpha").iterdir()).unlink()
    _label(photos, tmp_path / "cut")
    assert len(read) == 7, "one that is gone is made again"
    assert _bytes(again.folder) == _bytes(whole.folder)


@pytest.mark.usefixtures("bright")
def test_other_photos_and_another_limit_have_a_folder_of_their_own(photos: list[Unlabelled], tmp_path: Path) -> None:
    first = _label(photos, tmp_path)
    fewer = _label([photo for photo in photos if photo.name != "b"], tmp_path)
    looser = _label(photos, tmp_path, 1.9)
    assert len({each.folder for each in (first, fewer, looser)}) == 3
    assert [each.record["kept"] for each in (first, fewer, looser)] == [2, 1, 3]


@pytest.mark.usefixtures("bright")
def test_where_nothing_is_sure_it_says_what_to_do(photos: list[Unlabelled], tmp_path: Path) -> None:
    with pytest.raises(AssetError, match="sure of none of its mattes of 5 photos; a larger max_uncertainty"):
        _label(photos, tmp_path, 0.01)


@pytest.mark.parametrize(
    ("teacher", "fault"),
    [
        (_Bright(crops=True), "was trained on crops"),
        (_Bright(inputs=("image", "trimap")), "is shown trimap too"),
        (object(), "is no trained network"),
    ],
)
def test_teachers_that_photographs_do_not_suit_are_refused(
    teacher: object, fault: str, photos: list[Unlabelled], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pseudo_labels, "open_predictor", lambda *_given: teacher)
    with pytest.raises(AssetError, match=fault):
        _label(photos, tmp_path)


def test_the_mean_is_the_same_of_a_mirrored_picture() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    views = [_Bright(size) for size in (32, 64)]
    mean = mean_matte(picture, views)
    assert mean.shape == (64, 64)
    assert np.allclose(mean_matte(picture[:, ::-1], views), mean[:, ::-1], atol=1e-6)


def test_uncertainty_is_the_expected_error_over_what_is_covered() -> None:
    certain = np.zeros((10, 10), np.float32)
    certain[:5] = 1
    assert uncertainty(certain) == 0
    assert uncertainty(np.full((10, 10), 0.5, np.float32)) == pytest.approx(2)
    assert uncertainty(np.where(certain > 0, np.float32(0.75), np.float32(0))) == pytest.approx(2 * 0.25 / 0.75)


def test_sharpening_doubles_logits_and_keeps_the_half() -> None:
    def logit(alpha: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.log(alpha / (1 - alpha))

    alpha = np.array([0.25, 0.5, 0.7], np.float32)
    assert np.allclose(logit(sharpened(alpha)), 2 * logit(alpha), atol=1e-4)
    assert sharpened(np.array([0, 0.05, 0.95, 1], np.float32)).tolist() == [0, 0, 1, 1]


@pytest.mark.usefixtures("photos")
def test_a_stage_learns_from_the_photographs_too(
    discs: Callable[..., OutputFolder], recipe: Callable[..., Recipe], tmp_path: Path
) -> None:
    layout = discs(train=6, val=2)
    chosen = recipe(STAGES, f"train.unlabelled={tmp_path / 'photos'}")
    (tmp_path / "photos" / "broken.png").unlink()
    result = train(chosen, layout, OPTIONS, base=tmp_path)
    config = load_checkpoint(layout.training / "best.pt")["config"]
    labels = next((layout.training / "pseudo_labels").iterdir())
    assert config["pseudo_labels"]["kept"] == len(read_layout(labels, "pairs")) > 0
    assert "pseudo_labels" not in load_checkpoint(layout.training / "first" / "best.pt")["config"]
    assert any("of which" in note and "is sure" in note for note in result.notes)
    again = train(chosen, layout, OPTIONS, base=tmp_path)
    assert again.made == 0, "it is found again as it was"
    other = recipe(STAGES.replace("{max", "{weight: 2, max"), f"train.unlabelled={tmp_path / 'photos'}")
    assert train(other, layout, OPTIONS, base=tmp_path).made == 1, "a weight is another training"


@pytest.mark.usefixtures("photos")
def test_a_small_network_learns_from_a_teacher(
    discs: Callable[..., OutputFolder], recipe: Callable[..., Recipe], tmp_path: Path
) -> None:
    teacher = discs("teacher", train=6, val=2)
    train(recipe("train.epochs=1"), teacher, OPTIONS, base=tmp_path)
    layout = discs(train=6, val=2)
    stage = "train.stages=[{epochs: 1, pseudo_labels: {teacher: teacher/training/best.pt, max_uncertainty: 2}}]"
    train(recipe(stage, f"train.unlabelled={tmp_path / 'photos'}"), layout, OPTIONS, base=tmp_path)
    record = load_checkpoint(layout.training / "best.pt")["config"]["pseudo_labels"]
    assert record["teacher"].split()[0] == _sum_of(teacher.training / "best.pt")


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ("{stages: [{}, {pseudo_labels: {}}]}", "train.unlabelled names no photos"),
        ("{unlabelled: photos, stages: [{pseudo_labels: {}}]}", "first stage need a teacher"),
    ],
)
def test_stages_without_photos_or_teacher_are_refused(settings: str, fault: str) -> None:
    with pytest.raises(RecipeError, match=fault):
        parse_recipe(f"name: r\nobjects: [{{builtin: suzanne}}]\ntrain: {settings}")


@pytest.mark.usefixtures("photos")
def test_what_photographs_cannot_teach_and_a_teacher_that_is_missing_are_found_before_anything_is_made(
    tmp_path: Path,
) -> None:
    stages = "train.stages=[{pseudo_labels: {teacher: nobody.pt}}]"
    wanted = ["train.data=[live]", "train.unlabelled=photos", stages]
    chosen = parse_recipe("name: r\nobjects: [{builtin: suzanne}]", overrides=wanted)
    found = check_files(chosen, tmp_path, OutputFolder(tmp_path / "out"), ["train"])
    assert any("pseudo_labels.teacher" in stop and "nobody.pt" in stop for stop in found.stops)
    assert "mattes of the photos" in check_training(chosen, tmp_path, OutputFolder(tmp_path / "out"))[0]
    chosen = parse_recipe("name: r\nobjects: [{builtin: suzanne}]", overrides=[*wanted, "train.loss=composition"])
    with pytest.raises(RecipeError, match="pseudo_labels have no bg and no fg"):
        check_training(chosen, tmp_path, OutputFolder(tmp_path / "out"))


def _sum(photos: list[Unlabelled], stem: str) -> str:
    return next(photo.sha256 for photo in photos if Path(photo.name).stem == stem)


def _sum_of(path: Path) -> str:
    from synthmat.storage.atomic import sha256_file

    return sha256_file(path)


def _bytes(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*.png"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
