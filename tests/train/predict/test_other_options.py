"""Predictions made with other options are set aside, and found again by whoever goes back to these."""

import json

import pytest
from PIL import Image

import synthmat
from synthmat import api
from synthmat.train.predict.inputs import find_inputs
from synthmat.train.predict.stage import PredictOptions

NETWORK = "baseline:centre"


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    (folder / "more").mkdir(parents=True)
    for number, name in enumerate(("a.png", "b.png", "more/c.png")):
        Image.new("RGB", (40, 30), (60 * number, 90, 120)).save(folder / name)
    return folder


def predict(photos, out, **options):
    return synthmat.predict(NETWORK, photos, out, options=PredictOptions(quiet=True, **options))


def files_of(out) -> dict[str, bytes]:
    found = (path for path in out.rglob("*") if path.is_file())
    places = {path.relative_to(out).as_posix(): path for path in found}
    return {name: path.read_bytes() for name, path in places.items() if not name.startswith(".")}


def names(out) -> list[str]:
    return [json.loads(line)["name"] for line in (out / "predictions.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("other", [{"bits": 16}, {"foreground": False}, {"format": "webp"}])
def test_going_back_finds_the_earlier_results_byte_for_byte(photos, tmp_path, other):
    out = tmp_path / "out"
    assert predict(photos, out).made == 3
    first = files_of(out)
    changed = predict(photos, out, **other)
    assert (changed.made, changed.kept) == (3, 0)
    assert any("3 finished predictions of other settings are kept" in note for note in changed.notes), changed.notes
    second = files_of(out)
    back = predict(photos, out)
    assert (back.made, back.kept) == (0, 3)
    assert files_of(out) == first
    assert predict(photos, out, **other).made == 0
    assert files_of(out) == second
    assert names(out) == ["a", "b", "more/c"]


def test_nothing_of_other_options_is_left_among_the_results(photos, tmp_path):
    out = tmp_path / "out"
    predict(photos, out)
    predict(photos, out, foreground=False)
    assert sorted(name for name in files_of(out) if name.endswith(".png")) == [
        "a_alpha.png", "b_alpha.png", "more/c_alpha.png",
    ]  # fmt: skip


def test_results_of_other_pictures_stay_and_a_changed_picture_is_made_again(photos, tmp_path):
    out = tmp_path / "out"
    predict(photos, out)
    Image.new("RGB", (40, 30), "white").save(photos / "a.png")
    one = synthmat.predict(NETWORK, photos / "a.png", out, options=PredictOptions(quiet=True, bits=16))
    assert (one.made, one.kept) == (1, 0)
    assert names(out) == ["a", "b", "more/c"]
    assert predict(photos, out).made == 1, "the picture is another one; the others are as they were"


def test_a_damaged_result_that_was_set_aside_is_made_again(photos, tmp_path):
    out = tmp_path / "out"
    predict(photos, out)
    predict(photos, out, bits=16)
    next((out / ".stale").rglob("*-0.png")).write_bytes(b"damaged")
    back = predict(photos, out)
    assert (back.made, back.kept) == (1, 2)


def test_set_aside_results_among_the_pictures_are_no_inputs(photos):
    predict(photos, photos)
    predict(photos, photos, bits=16)
    assert [each.name for each in find_inputs([photos], photos)] == ["a", "b", "more/c"]


def test_clean_removes_what_is_set_aside(photos, tmp_path):
    out = tmp_path / "out"
    predict(photos, out)
    predict(photos, out, bits=16)
    kept = files_of(out)
    assert len(api.clean(out).files) == 7, "alpha and cut-out of three pictures, and their list"
    assert files_of(out) == kept
    assert predict(photos, out, bits=16).kept == 3
