"""A finished training shows its network on real photographs, and on none that it was trained in front of."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PIL import Image
from support.training_runs import run_training

from synthmat.photos import photos_with_a_subject
from synthmat.recipe import Recipe
from synthmat.storage.manifest import read_rows, write_rows
from synthmat.storage.output_folder import OutputFolder
from synthmat.summary import summary_text

pytest.importorskip("skimage")
pytestmark = pytest.mark.drawn

Discs = Callable[..., OutputFolder]
MakeRecipe = Callable[..., Recipe]


def test_photographs_are_shown_once_and_again_after_more_training(discs: Discs, recipe: MakeRecipe) -> None:
    output = discs(train=6, val=2)
    sheet = output.training / "photographs.png"
    chosen = recipe("composite.backgrounds=builtin_places", "train.epochs=1")
    said = "\n".join(run_training(chosen, output).notes)
    assert f"what best.pt makes of {len(photos_with_a_subject())} real photographs that it was not trained on" in said
    assert "statistics of" not in said
    with Image.open(sheet) as picture:
        assert picture.width > len(photos_with_a_subject()) * 190
        assert picture.height > 3 * 190
    written = sheet.stat().st_mtime_ns
    run_training(chosen, output)
    assert sheet.stat().st_mtime_ns == written
    run_training(recipe("composite.backgrounds=builtin_places", "train.epochs=1", "train.learning_rate=0.02"), output)
    assert sheet.stat().st_mtime_ns > written


def test_a_network_with_the_statistics_of_what_is_shown_says_so(discs: Discs, recipe: MakeRecipe) -> None:
    output = discs(train=6, val=2)
    adapted = recipe("composite.backgrounds=builtin_places", "train.epochs=1", "train.unlabelled=builtin")
    said = "\n".join(run_training(adapted, output).notes)
    count = len(photos_with_a_subject())
    assert f"what adapted.pt makes of {count} real photographs that it was not trained on" in said
    assert f"statistics of {count} of them, without mattes, are in its batch norms" in said
    assert f"synthmat predict {output.training / 'adapted.pt'} PHOTO..." in summary_text(output)


def test_photographs_whose_pseudo_labels_were_learned_are_left_out(discs: Discs, recipe: MakeRecipe) -> None:
    output = discs(train=6, val=2)
    run_training(recipe("composite.backgrounds=builtin_places", "train.epochs=1"), output)
    rows = [
        {"name": "skimage/rocket.jpg", "sha256": "0", "kept": True},
        {"name": "skimage/coffee.png", "sha256": "1", "kept": False},
    ]
    write_rows(output.training / "pseudo_labels" / "a" / "labels.jsonl", rows)
    (output.training / "photographs.png").unlink()
    said = "\n".join(run_training(recipe("composite.backgrounds=builtin_places", "train.epochs=1"), output).notes)
    shown = len(photos_with_a_subject()) - 1
    assert f"{shown} real photographs that it was not trained on; left out since their pseudo-labels were" in said


def test_none_is_shown_where_all_may_be_backgrounds(discs: Discs, recipe: MakeRecipe) -> None:
    output = discs(train=6, val=2)
    result = run_training(recipe("composite.backgrounds=builtin", "train.epochs=1"), output)
    assert not (output.training / "photographs.png").exists()
    assert "real photographs" not in "\n".join(result.notes)


def test_what_a_sample_lies_on_is_left_out_also_where_the_folder_of_photos_is_gone(
    discs: Discs, recipe: MakeRecipe
) -> None:
    output = discs(train=6, val=2)
    rows = [row | {"background": "skimage/rocket.jpg"} for row in read_rows(output.metadata("train"))]
    write_rows(output.metadata("train"), rows)
    said = "\n".join(run_training(recipe("composite.backgrounds=gone", "train.epochs=1"), output).notes)
    assert "4 real photographs that it was not trained on; left out as backgrounds of the data set: 1" in said
