"""`train.unlabelled`: the best network with the statistics of photographs beside it, honest about which."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from synthmat.errors import RecipeError
from synthmat.preflight import check_files
from synthmat.recipe import Recipe, parse_recipe
from synthmat.stage import RunOptions
from synthmat.storage.output_folder import OutputFolder
from synthmat.train.engine.checkpoint import load_checkpoint
from synthmat.train.preflight import check_training
from synthmat.train.stage import train

OPTIONS = RunOptions(workers=1, device="cpu", quiet=True)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Return a folder with the photos that the samples of the fixture `discs` name, and one more."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(5):
        noise = np.random.default_rng(number).integers(0, 100 + 20 * number, (40, 40, 3), np.uint8)
        cv2.imwrite(str(folder / f"photo_{number}.jpg"), noise)
    return folder


def _rename(layout: OutputFolder, split: str, photo: str) -> None:
    path = layout.dataset / split / "metadata.jsonl"
    rows = [json.loads(line) | {"background": photo} for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def _summary(layout: OutputFolder) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((layout.training / "summary.json").read_text())
    return found


def test_the_best_network_stays_and_an_adapted_one_comes_beside_it(
    discs: Callable[..., OutputFolder], recipe: Callable[..., Recipe], tmp_path: Path, photos: Path
) -> None:
    layout = discs(train=12, val=4, test=4)
    _rename(layout, "test", "photos/photo_1.jpg")
    train(recipe("composite.backgrounds=photos", "train.epochs=1"), layout, OPTIONS, base=tmp_path)
    best = (layout.training / "best.pt").read_bytes()
    assert not (layout.training / "adapted.pt").exists()
    chosen = recipe("composite.backgrounds=photos", "train.epochs=1", "train.unlabelled=backgrounds")
    result = train(chosen, layout, OPTIONS, base=tmp_path)
    assert result.made == 0, "nothing is trained again"
    assert (layout.training / "best.pt").read_bytes() == best
    record = load_checkpoint(layout.training / "adapted.pt")["config"]["adapted"]
    told = _summary(layout)["adapted"]
    assert (record["photos"], record["digest"]) == (4, told["digest"])
    assert told["names"] == [f"photos/photo_{number}.jpg" for number in (0, 2, 3, 4)]
    assert 0 <= told["val"]["dice"] <= 1
    assert told["test"] != _summary(layout)["test"]
    said = "\n".join(result.notes)
    assert "1 of 5 photos are judged on, and left out" in said
    assert "adapted.pt: batch norms with the statistics of 4 photographs" in said
    written = (layout.training / "adapted.pt").stat().st_mtime_ns
    train(chosen, layout, OPTIONS, base=tmp_path)
    assert (layout.training / "adapted.pt").stat().st_mtime_ns == written, "it is up to date"
    (photos / "photo_4.jpg").unlink()
    train(chosen, layout, OPTIONS, base=tmp_path)
    assert _summary(layout)["adapted"]["photos"] == 3


def test_photographs_of_a_validation_folder_are_not_used(
    discs: Callable[..., OutputFolder], recipe: Callable[..., Recipe], tmp_path: Path, photos: Path
) -> None:
    layout = discs(train=6, val=2)
    folder = tmp_path / "held_out"
    for kind in ("image", "alpha"):
        (folder / kind).mkdir(parents=True)
    (folder / "image" / "a.jpg").write_bytes((photos / "photo_0.jpg").read_bytes())
    alpha = np.zeros((40, 40), np.uint8)
    cv2.imwrite(str(folder / "alpha" / "a.png"), cv2.circle(alpha, (20, 20), 9, 255, -1, cv2.LINE_AA))
    chosen = recipe("train.epochs=1", "train.unlabelled=photos", "train.validation=[{folder: held_out, layout: pairs}]")
    train(chosen, layout, OPTIONS, base=tmp_path)
    assert _summary(layout)["adapted"]["names"] == [f"photos/photo_{number}.jpg" for number in (1, 2, 3, 4)]


def test_where_all_are_judged_on_the_recipe_is_wrong(
    discs: Callable[..., OutputFolder], recipe: Callable[..., Recipe], tmp_path: Path, photos: Path
) -> None:
    layout = discs(train=6, val=2, test=2)
    _rename(layout, "test", "photos/photo_1.jpg")
    chosen = recipe("composite.backgrounds=photos", "train.epochs=1", f"train.unlabelled={photos}/photo_1.jpg")
    with pytest.raises(RecipeError, match=r"train\.unlabelled: all of its 1 photos are judged on"):
        train(chosen, layout, OPTIONS, base=tmp_path)


def test_only_the_last_stage_is_adapted(
    discs: Callable[..., OutputFolder], recipe: Callable[..., Recipe], tmp_path: Path, photos: Path
) -> None:
    layout = discs(train=6, val=2)
    stages = "train.stages=[{name: first, epochs: 1}, {name: second, epochs: 1}]"
    train(recipe(stages, f"train.unlabelled={photos}"), layout, OPTIONS, base=tmp_path)
    assert [path.relative_to(layout.training).as_posix() for path in layout.training.rglob("adapted.pt")] == [
        "adapted.pt"
    ]


def test_a_stage_that_adapts_begins_with_the_statistics_of_photographs(
    discs: Callable[..., OutputFolder], recipe: Callable[..., Recipe], tmp_path: Path, photos: Path
) -> None:
    layout = discs(train=6, val=2)
    stages = "train.stages=[{name: first, epochs: 1}, {name: second, epochs: 1, adapt: true, freeze: [encoder]}]"
    chosen = recipe(stages, f"train.unlabelled={photos}")
    train(chosen, layout, OPTIONS, base=tmp_path)
    rendered, adapted, kept = (
        load_checkpoint(layout.training / name)["model"] for name in ("first/best.pt", "first/adapted.pt", "best.pt")
    )
    frozen = [name for name in kept if name.startswith("encoder") and name.endswith("running_mean")]
    assert frozen
    assert all((kept[name] == adapted[name]).all() for name in frozen)
    assert not any((kept[name] == rendered[name]).all() for name in frozen)
    assert (layout.training / "adapted.pt").exists()
    assert train(chosen, layout, OPTIONS, base=tmp_path).made == 0, "it is found again as it was"


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ("{stages: [{}, {adapt: true}]}", "train.unlabelled names no photos"),
        ("{unlabelled: photos, stages: [{adapt: true}, {}]}", "the first stage cannot adapt"),
    ],
)
def test_a_stage_that_cannot_adapt_is_refused(settings: str, fault: str) -> None:
    with pytest.raises(RecipeError, match=fault):
        parse_recipe(f"name: r\nobjects: [{{builtin: suzanne}}]\ntrain: {settings}")


@pytest.mark.parametrize(
    ("network", "fault"),
    [
        (
            ["train.model=background_matting_v2", "train.loss=alpha_l1"],
            "background_matting_v2 is shown captured_bg",
        ),
        (["train.model=smp", "train.options={encoder: mit_b0, architecture: FPN}"], "smp has no batch norms"),
    ],
)
def test_a_network_that_cannot_be_adapted_is_refused_before_anything_is_made(
    network: list[str], fault: str, tmp_path: Path, photos: Path
) -> None:
    wanted = [*network, f"train.unlabelled={photos}", "train.data=[live]"]
    chosen = parse_recipe("name: r\nobjects: [{builtin: suzanne}]", overrides=wanted)
    with pytest.raises(RecipeError, match=f"train\\.unlabelled: {fault}"):
        check_training(chosen, tmp_path, OutputFolder(tmp_path / "out"))


def test_photos_that_are_not_there_are_named_before_anything_is_made(tmp_path: Path) -> None:
    wanted = ["train.unlabelled=[backgrounds, nowhere]"]
    chosen = parse_recipe("name: r\nobjects: [{builtin: suzanne}]", overrides=wanted)
    found = check_files(chosen, tmp_path, OutputFolder(tmp_path / "out"), ["train"])
    assert any("train.unlabelled: no photo" in stop and "nowhere" in stop for stop in found.stops)


def test_an_empty_list_is_no_list() -> None:
    with pytest.raises(RecipeError, match="unlabelled"):
        parse_recipe("name: r\nobjects: [{builtin: suzanne}]\ntrain: {unlabelled: []}")
