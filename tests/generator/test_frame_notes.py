"""What is told of frames, from rows as they stand in the manifest."""

import pytest

from synthmat.generator.frame_notes import frame_notes

pytestmark = pytest.mark.once


def row(view, *, color=0.004, alpha=0.002, samples=128, **more):
    files = {f"vase/{view}.png": "0" * 64}
    colors, alphas = {"error": color, "wanted": 0.008}, {"error": alpha, "wanted": 0.004}
    return {"object": "vase", "view": view, "files": files, "color": colors, "alpha": alphas, "samples": samples} | more


def test_nothing_is_said_of_frames_that_are_as_exact_as_wanted():
    assert frame_notes([row("0000"), row("0001")]) == []


def test_noisy_color_is_said_with_what_nine_of_ten_frames_would_need():
    rows = [row("0000"), *(row(f"{view:04}", color=0.010) for view in range(1, 10)), row("0010", color=0.016)]
    (note,) = frame_notes(rows)
    assert note.startswith("10 of 11 frames have noisier color than color_error 0.008: 0.0100 in the median, 0.0160 at")
    assert "(vase/0010)" in note
    # 128 samples at 0.010: noise is 0.008 with (10 / 8)^2 as many. At 0.016 it takes 512.
    assert note.endswith("render.max_color_samples: 200 would be enough for nine of ten")
    assert "render.max_color_samples: 520 would" in frame_notes(rows[-1:])[0]


def test_inexact_mattes_lost_color_and_warnings_are_said_once_each():
    rows = [row(f"000{view}", alpha=0.006, straight_above_1=0.03, warnings=["no texture"]) for view in range(2)]
    notes = frame_notes(rows)
    assert len(notes) == 3
    assert "2 of 2 mattes are less exact than alpha_error 0.004, the worst vase/0000 with 0.0060" in notes[0]
    assert "2 of 2 PNGs cut off straight color above 1" in notes[1]
    assert notes[2] == "vase: no texture"
