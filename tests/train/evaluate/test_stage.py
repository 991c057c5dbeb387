"""`synthmat evaluate`."""

import json
import re

import cv2
import numpy as np
import pytest
from support import command_line
from support.matting_checkpoint import write_checkpoint

import synthmat
from synthmat.errors import AssetError
from synthmat.layouts import read_layout
from synthmat.train.baselines import predict_baseline
from synthmat.train.evaluate import stage as evaluating
from synthmat.train.evaluate.bootstrap import paired_difference
from synthmat.train.evaluate.options import EvaluateOptions
from synthmat.train.metrics import matte_metrics
from synthmat.train.predict.predictor import Matte

QUIET = EvaluateOptions(quiet=True, presets=("dim", "whole"))


class Knows:
    """A predictor that looks the truth up, and errs by ``error``."""

    parameters, inputs, how = 0, (), "knows"

    def __init__(self, name, folder, error=0.0):
        self.name, self.key, self.error = name, name, error
        self.truths = {}
        for item in read_layout(folder):
            self.truths[cv2.imread(str(item.image))[..., ::-1].tobytes()] = cv2.imread(str(item.alpha), 0)

    def __call__(self, views):
        alpha = self.truths[np.ascontiguousarray(views["image"]).tobytes()].astype(np.float32) / 255
        return Matte(np.abs(alpha - np.float32(self.error)))


@pytest.fixture
def knowing(monkeypatch):
    """Let the names ``perfect`` and ``wrong`` be contestants that look at the truth of a folder."""

    def install(folder):
        def opened(name, *arguments):
            if name in ("perfect", "wrong"):
                return Knows(name, folder, {"perfect": 0.0, "wrong": 0.2}[name])
            return real(name, *arguments)

        real = evaluating.open_predictor
        monkeypatch.setattr(evaluating, "open_predictor", opened)

    return install


def test_a_perfect_prediction_has_no_error(discs, knowing, tmp_path):
    folder = discs(test=3, train=2).root
    knowing(folder)
    found = synthmat.evaluate("perfect", folder, tmp_path / "ev", options=QUIET)
    figures = found.results.summary("perfect")
    for preset in ("dim", "whole"):
        assert {figures[f"{preset}.{name}"]["mean"] for name in ("sad", "mse", "mad", "grad", "conn")} == {0}
    assert figures["iou"]["mean"] == figures["dice"]["mean"] == figures["accuracy"]["mean"] == 1
    assert (figures["iou"]["images"], found.failures, found.results.split) == (3, [], "test")


def test_a_baseline_gets_the_figures_of_its_alpha(discs, tmp_path):
    folder = discs(test=3).root
    found = synthmat.evaluate("baseline:kmeans", folder, tmp_path / "ev", options=QUIET)
    for image, item in zip(found.results.images, read_layout(folder), strict=True):
        alpha = predict_baseline("kmeans", np.ascontiguousarray(cv2.imread(str(item.image))[..., ::-1]))
        expected = matte_metrics(alpha, cv2.imread(str(item.alpha), 0), preset="whole").values
        scores = image.scores["kmeans"]
        assert {name: scores[f"whole.{name}"] for name in expected} == pytest.approx(expected)


def test_page_and_json_say_what_was_measured_and_where(discs, tmp_path):
    folder = discs(test=4).root
    network = write_checkpoint(tmp_path / "net" / "best.pt")
    out = tmp_path / "ev"
    more = ["--compare", "baseline:kmeans", "--preset", "dim", "--preset", "gfm", "--out", str(out)]
    done = command_line.synthmat("evaluate", f"mine={network}", folder, "-q", *more, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "trimap made from the true alpha" in done.stdout
    assert "SAD (gfm)" in done.stdout
    written = json.loads((out / "evaluation.json").read_text())
    assert list(written["models"]) == ["mine", "kmeans"]
    assert written["presets"]["gfm"]["regions"] == ["whole"]
    assert written["presets"]["dim"]["regions"][0].startswith("unknown (trimap made from the true alpha, kernel")
    assert "at 32x32 pixels" in written["models"]["mine"]["how"]
    assert written["models"]["mine"]["parameters"] > 1000
    assert written["models"]["mine"]["milliseconds_median"] > 0
    assert len(written["images"]) == 4
    assert set(written["images"][0]["scores"]) == {"mine", "kmeans"}
    (pair,) = written["comparisons"]
    difference = pair["second_minus_first"]["dim.sad"]
    means = [written["models"][label]["figures"]["dim.sad"]["mean"] for label in ("mine", "kmeans")]
    assert difference["mean"] == pytest.approx(means[1] - means[0])
    assert difference["low"] <= difference["mean"] <= difference["high"]
    page = (out / "index.html").read_text()
    for words in ("SAD (dim)", "unknown (trimap made", "mine", "kmeans", "peak MB", "Worst images", "differ most"):
        assert words in page
    assert page.count("data:image/jpeg") == 8
    assert "NaN" not in (out / "evaluation.json").read_text()


def test_measuring_at_another_size_shrinks_image_and_truth(discs, tmp_path):
    folder = discs(test=2).root
    network = write_checkpoint(tmp_path / "best.pt", size=24)
    options = EvaluateOptions(quiet=True, presets=("whole",), size=24)
    found = synthmat.evaluate(network, folder, tmp_path / "ev", options=options).results
    assert {(image.width, image.height) for image in found.images} == {(24, 24)}
    assert found.resolution == "longer side 24 pixels"


def test_broken_images_and_those_without_an_unknown_region_are_named_and_left_out(discs, tmp_path):
    output = discs(test=4)
    images = sorted((output.dataset / "test/images").iterdir())
    images[1].write_bytes(b"broken")
    item = read_layout(output.root)[2]
    cv2.imwrite(str(item.alpha), np.zeros((48, 48), np.uint8))
    found = synthmat.evaluate("kmeans", output.root, tmp_path / "ev", options=QUIET)
    assert [row["image"] for row in found.failures] == [images[1].stem]
    figures = found.results.summary("kmeans")
    assert (figures["dim.mad"]["images"], figures["dim.mad"]["left_out"]) == (2, 1)
    assert (figures["whole.mad"]["images"], figures["whole.mad"]["left_out"]) == (3, 0)
    assert "left out of kmeans's MAD (dim): 1" in found.text
    assert images[1].stem in (tmp_path / "ev" / "index.html").read_text()


def test_trimaps_of_the_data_set_are_taken_if_there_are_any(discs, tmp_path):
    folder = discs(test=2).root
    with pytest.raises(AssetError, match="none of 2 images"):
        synthmat.evaluate("kmeans", folder, tmp_path / "ev", options=EvaluateOptions(quiet=True, trimap="file"))
    rows = (folder / "dataset/test/metadata.jsonl").read_text().splitlines()
    (folder / "dataset/test/trimap").mkdir()
    changed = []
    for row in map(json.loads, rows):
        trimap = np.full((48, 48), 128, np.uint8)
        trimap[0], trimap[24] = 0, 255
        cv2.imwrite(str(folder / f"dataset/test/trimap/{row['id']}.png"), trimap)
        changed.append({**row, "trimap_file_name": f"trimap/{row['id']}.png"})
    (folder / "dataset/test/metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in changed))
    for wish, region in {"auto": "unknown", "file": "unknown", "made": "unknown (trimap made"}.items():
        options = EvaluateOptions(quiet=True, trimap=wish)
        regions = synthmat.evaluate("kmeans", folder, tmp_path / "ev", options=options).results.regions()["dim"]
        assert len(regions) == 1
        assert regions[0] == region if wish != "made" else regions[0].startswith(region)


def test_an_interruption_reports_what_was_measured(discs, knowing, tmp_path, monkeypatch):
    folder = discs(test=4).root
    knowing(folder)
    calls = []

    def interrupted(_knows, views):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return Matte(np.zeros(views["image"].shape[:2], np.float32))

    monkeypatch.setattr(Knows, "__call__", interrupted)
    found = synthmat.evaluate("perfect", folder, tmp_path / "ev", options=QUIET)
    assert found.interrupted
    assert len(found.results.images) == 2
    assert "Interrupted: 2 of 4" in (tmp_path / "ev" / "index.html").read_text()


class Killed(BaseException):
    """Ends a process as a signal would."""


@pytest.fixture
def dying(monkeypatch):
    """Let the process die at the n-th prediction; return the names of those who predicted."""
    asked = []

    def install(at):
        def call(self, views):
            asked.append(self.name)
            if len(asked) == at:
                raise Killed
            return real(self, views)

        monkeypatch.setattr(Knows, "__call__", call)
        return asked

    real = Knows.__call__
    return install


def _figures(found):
    return json.dumps({image.id: image.scores for image in found.results.images})


def test_an_evaluation_that_was_killed_goes_on_where_it_stopped(discs, knowing, dying, tmp_path):
    folder = discs(test=12).root
    knowing(folder)
    whole = synthmat.evaluate(["wrong", "perfect"], folder, tmp_path / "whole", options=QUIET)
    asked = dying(at=20)
    with pytest.raises(Killed):
        synthmat.evaluate(["wrong", "perfect"], folder, tmp_path / "ev", options=QUIET)
    again = synthmat.evaluate(["wrong", "perfect"], folder, tmp_path / "ev", options=QUIET)
    assert asked[20:25] == ["perfect", "wrong", "perfect", "wrong", "perfect"]
    assert len(asked) <= 25 + 2 * (8 + 4)  # the worst are predicted again, to be drawn
    assert again.results.measured_before == 9
    assert "9 images were measured by an earlier run" in again.text
    assert _figures(again) == _figures(whole)
    drawn = [sorted(path.name[:7] for path in (tmp_path / run / "cases").iterdir()) for run in ("whole", "ev")]
    assert drawn[0] == drawn[1]


def test_a_further_contestant_or_another_option_is_measured_alone(discs, knowing, dying, tmp_path):
    folder = discs(test=6).root
    knowing(folder)
    asked = dying(at=1000)
    synthmat.evaluate("perfect", folder, tmp_path / "ev", options=QUIET)
    synthmat.evaluate(["wrong", "perfect"], folder, tmp_path / "ev", options=QUIET)
    assert asked[:12] == ["perfect"] * 6 + ["wrong"] * 6
    del asked[:]
    found = synthmat.evaluate("perfect", folder, tmp_path / "ev", options=EvaluateOptions(quiet=True)).results
    assert (asked, found.measured_before) == (["perfect"] * 6, 0)
    item = read_layout(folder)[0]
    cv2.imwrite(str(item.alpha), np.full((48, 48), 128, np.uint8))
    knowing(folder)
    found = synthmat.evaluate("perfect", folder, tmp_path / "ev", options=EvaluateOptions(quiet=True)).results
    assert found.measured_before == 0


def test_the_flicker_of_a_sequence_outlives_a_kill(discs, knowing, dying, tmp_path):
    folder = discs(test=4).root
    knowing(folder)
    path = folder / "dataset/test/metadata.jsonl"
    rows = [json.loads(line) | {"clip": "walk", "frame": n} for n, line in enumerate(path.read_text().splitlines())]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    whole = synthmat.evaluate("wrong", folder, tmp_path / "whole", options=QUIET)
    dying(at=3)
    with pytest.raises(Killed):
        synthmat.evaluate("wrong", folder, tmp_path / "ev", options=QUIET)
    assert _figures(synthmat.evaluate("wrong", folder, tmp_path / "ev", options=QUIET)) == _figures(whole)


def test_two_models_are_compared_on_the_images_of_each_object(discs, knowing, tmp_path):
    folder = discs(test=6).root
    knowing(folder)
    path = folder / "dataset/test/metadata.jsonl"
    rows = [
        json.loads(line) | {"object": f"object {number}"} for number, line in enumerate(path.read_text().splitlines())
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = synthmat.evaluate(["wrong", "perfect"], folder, tmp_path / "ev", options=QUIET).results
    ((first, second, differences),) = found.comparisons()
    assert (first, second) == ("wrong", "perfect")
    mad = differences["whole.mad"]
    assert mad.mean == pytest.approx(-0.2, abs=1e-3)
    assert mad.certain
    assert (mad.groups, mad.second_lower) == (6, 1)


def test_sequences_get_their_flicker(discs, knowing, tmp_path):
    folder = discs(test=3).root
    knowing(folder)
    path = folder / "dataset/test/metadata.jsonl"
    rows = [json.loads(line) | {"clip": "walk", "frame": n} for n, line in enumerate(path.read_text().splitlines())]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = synthmat.evaluate(["perfect", "wrong"], folder, tmp_path / "ev", options=QUIET).results
    figures = found.summary("perfect")["dtssd"]
    assert (figures["images"], figures["mean"]) == (2, 0)
    assert found.summary("wrong")["dtssd"]["mean"] > 0


def test_the_error_of_the_foregrounds_color_is_said_to_be_of_the_object_alone(discs, knowing, tmp_path, monkeypatch):
    folder = discs(test=2).root
    knowing(folder)
    path = folder / "dataset/test/metadata.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps(row | {"fg_file_name": row["image_file_name"]}) + "\n" for row in rows))
    alpha_only = Knows.__call__
    monkeypatch.setattr(Knows, "__call__", lambda self, views: Matte(alpha_only(self, views).alpha, views["image"]))
    found = synthmat.evaluate("perfect", folder, tmp_path / "ev", options=QUIET).results
    assert found.summary("perfect")["fg_mse"]["mean"] == 0
    page = (tmp_path / "ev" / "index.html").read_text()
    assert re.search(r"FG MSE</td><td>[^<]*</td><td>where the true alpha is above 0</td>", page)
    assert re.search(r"IoU</td><td>[^<]*</td><td>whole</td>", page)


def test_bootstrap_covers_the_mean_and_respects_groups():
    rng = np.random.default_rng(0)
    one = rng.normal(0, 1, 200)
    groups = [str(number // 20) for number in range(200)]
    shift = np.repeat(rng.normal(0.3, 0.5, 10), 20)
    by_group = paired_difference(one, one + shift, groups)
    by_image = paired_difference(one, one + shift, [str(number) for number in range(200)])
    assert by_group.mean == pytest.approx(shift.mean())
    assert by_group.high - by_group.low > 2 * (by_image.high - by_image.low)
    assert paired_difference([np.nan], [1.0], ["a"]) is None
    same = paired_difference(one, one, groups)
    assert (same.mean, same.low, same.high, same.certain, same.second_lower) == (0, 0, 0, False, 0.5)


@pytest.mark.parametrize(
    ("options", "words"),
    [({"presets": ("dimm",)}, "did you mean dim"), ({"trimap": "x"}, "auto, made, file"), ({"split": "tset"}, "train")],
)
def test_wrong_options_are_said(discs, tmp_path, options, words):
    with pytest.raises(AssetError, match=words):
        synthmat.evaluate("kmeans", discs(test=1).root, tmp_path / "ev", options=EvaluateOptions(quiet=True, **options))
