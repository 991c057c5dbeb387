"""Metrics against the field's golden numbers, slow definitions written out again, and figures worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from synthmat.train.metrics import (
    METRICS,
    PRESETS,
    dtssd,
    foreground_mse,
    image_metrics,
    matte_metrics,
    mean_metrics,
    overlap_metrics,
    trimap_from_alpha,
)
from synthmat.train.metrics.connectivity import connectivity_error
from synthmat.train.metrics.gradient import gradient_error, slope

UInt8 = NDArray[np.uint8]

ALPHA = torch.tensor([0.0, 0.4, 0.6, 1.0]).reshape(1, 1, 2, 2)
GUESS = torch.tensor([0.0, 0.5, 0.5, 0.8]).reshape(1, 1, 2, 2)


def _golden_pair() -> tuple[UInt8, UInt8, UInt8]:
    """Return the prediction, alpha and trimap of mmagic's tests; the prediction is masked by the trimap."""
    trimap = np.zeros((32, 32), np.uint8)
    trimap[:16, :16], trimap[16:, 16:] = 128, 255
    return np.where(trimap == 255, 255, 0).astype(np.uint8), np.full((32, 32), 255, np.uint8), trimap


def _soft_pair(seed: int = 0, height: int = 30, width: int = 41) -> tuple[UInt8, UInt8, UInt8]:
    """Return a wrong matte of blobs with soft edges, the right one and a trimap of the soft edges' surroundings."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:height, 0:width]
    alpha = np.zeros((height, width))
    for _ in range(5):
        y, x, radius = rng.uniform(0, height), rng.uniform(0, width), rng.uniform(3, 9)
        alpha = np.maximum(alpha, np.clip((radius - np.hypot(rows - y, columns - x)) / 5 + 0.5, 0, 1))
    guess = np.clip(alpha + rng.normal(0, 0.15, alpha.shape) * (alpha > 0), 0, 1)
    trimap = np.where((alpha > 0.02) & (alpha < 0.98), 128, np.where(alpha >= 0.98, 255, 0))
    return *((matte * 255).round().astype(np.uint8) for matte in (guess, alpha)), trimap.astype(np.uint8)


@pytest.mark.parametrize(
    ("preset", "sad", "mse", "grad", "conn"),
    [
        ("dim", 0.256, 1.0, 0.0028887450, 0.256),
        ("mmagic", 0.768, 3.0, 0.0028887450, 0.256),
        ("bgmv2", 0.256, 1.0, 2.8887450, 256),
    ],
)
def test_the_golden_numbers_of_the_unknown_region(
    preset: str, sad: float, mse: float, grad: float, conn: float
) -> None:
    found = matte_metrics(*_golden_pair(), preset=preset)
    assert found.preset == preset
    assert found.region.startswith("unknown")
    wanted = {"sad": sad, "mse": mse, "mad": mse, "conn": conn}
    assert {name: found.values[name] for name in wanted} == pytest.approx(wanted, abs=1e-12)
    assert found.values["grad"] == pytest.approx(grad, rel=2e-8)


@pytest.mark.parametrize(
    ("preset", "mse", "grad"),
    [("whole", 0.75, 0.5967634), ("rvm", 750, 0.5967634), ("rvm_hr", 750, 0.5967634), ("gfm", 0.75, 0.6271935)],
)
def test_the_golden_numbers_of_the_whole_image(preset: str, mse: float, grad: float) -> None:
    prediction, alpha, _ = _golden_pair()
    found = matte_metrics(prediction, alpha, preset=preset)
    assert (found.region, found.values["sad"], found.values["conn"]) == ("whole", 0.768, 0.768)
    assert (found.values["mse"], found.values["mad"]) == (mse, mse)
    assert found.values["grad"] == pytest.approx(grad, rel=1e-6)


def test_every_preset_scales_every_metric_and_names_itself() -> None:
    pair = _soft_pair()
    for name, preset in PRESETS.items():
        row = matte_metrics(*pair, preset=name).row()
        assert list(row) == ["preset", "region", *preset.units]
        assert row["preset"] == name
        assert all(preset.scale(metric) > 0 for metric in preset.units)
    with pytest.raises(ValueError, match="did you mean whole"):
        matte_metrics(*pair, preset="hole")


@pytest.mark.parametrize("preset", sorted(PRESETS))
@pytest.mark.parametrize("seed", [0, 1])
def test_equal_mattes_have_no_error_and_others_the_same_either_way_round_and_mirrored(preset: str, seed: int) -> None:
    guess, alpha, trimap = _soft_pair(seed)
    if PRESETS[preset].overlay:
        alpha = np.where(trimap == 128, alpha, trimap)
    assert set(matte_metrics(alpha, alpha, trimap, preset).values.values()) == {0.0}
    found = matte_metrics(guess, alpha, trimap, preset).values
    assert all(value > 0 for value in found.values())
    guess = np.where(trimap == 128, guess, trimap) if PRESETS[preset].overlay else guess
    assert matte_metrics(alpha, guess, trimap, preset).values == pytest.approx(found)
    for turned in (np.fliplr, np.flipud, np.transpose):
        images = [np.ascontiguousarray(turned(each)) for each in (guess, alpha, trimap)]
        assert matte_metrics(*images, preset=preset).values == pytest.approx(found)


def test_sums_and_means_over_the_unknown_region_by_hand() -> None:
    alpha = np.array([[0, 102, 153, 255]], np.uint8)
    guess = np.array([[51, 153, 102, 204]], np.uint8)
    trimap = np.array([[0, 128, 128, 255]], np.uint8)
    unknown = matte_metrics(guess, alpha, trimap, "dim").values
    whole = matte_metrics(guess, alpha, None, "whole").values
    assert (unknown["sad"], unknown["mse"], unknown["mad"]) == pytest.approx((0.4 / 1000, 0.04, 0.2))
    assert (whole["sad"], whole["mse"], whole["mad"]) == pytest.approx((0.8 / 1000, 0.04, 0.2))


def test_known_pixels_do_not_count_except_where_mmagic_sees_the_trimap_contradict_the_truth() -> None:
    guess, alpha, trimap = _soft_pair()
    spoilt = np.where(trimap == 128, guess, 255 - guess)
    for name in ("sad", "mse", "mad"):
        assert matte_metrics(spoilt, alpha, trimap).values[name] == matte_metrics(guess, alpha, trimap).values[name]
    assert matte_metrics(spoilt, alpha, trimap, "mmagic") == matte_metrics(guess, alpha, trimap, "mmagic")
    wrong = trimap.copy()
    wrong[np.where(alpha == 0)[0][0], np.where(alpha == 0)[1][0]] = 255
    more = (
        matte_metrics(guess, alpha, wrong, "mmagic").values["sad"]
        - matte_metrics(guess, alpha, trimap, "mmagic").values["sad"]
    )
    assert more == pytest.approx(1 / 1000)


def test_floats_and_16_bits_are_measured_as_they_would_be_saved() -> None:
    guess, alpha, trimap = _soft_pair()
    found = matte_metrics(guess, alpha, trimap)
    assert matte_metrics(guess.astype(np.uint16) * 257, alpha / 255, trimap / 255) == found
    assert matte_metrics((guess / 255 + 0.001).astype(np.float32), alpha, trimap) == found


def test_an_empty_unknown_region_has_sums_but_no_means() -> None:
    guess, alpha, _ = _soft_pair()
    found = matte_metrics(guess, alpha, np.where(alpha > 127, 255, 0).astype(np.uint8)).values
    assert (found["sad"], found["grad"], found["conn"]) == (0, 0, 0)
    assert math.isnan(found["mse"])
    assert math.isnan(found["mad"])


def test_wrong_input_is_refused_by_name() -> None:
    guess, alpha, trimap = _soft_pair()
    with pytest.raises(ValueError, match="there is no trimap"):
        matte_metrics(guess, alpha)
    with pytest.raises(ValueError, match="prediction 41x29, alpha 41x30"):
        matte_metrics(guess[1:], alpha, trimap)
    with pytest.raises(ValueError, match="alpha 41x30, trimap 40x30"):
        matte_metrics(guess, alpha, trimap[:, 1:])
    with pytest.raises(ValueError, match=r"true alpha has to be \(H, W\)"):
        matte_metrics(guess, np.stack([alpha] * 3, -1), trimap)
    with pytest.raises(ValueError, match="not numbers"):
        matte_metrics(np.full(alpha.shape, np.nan), alpha, trimap)
    with pytest.raises(ValueError, match="not int64"):
        matte_metrics(guess.astype(np.int64), alpha, trimap)


def test_a_trimap_made_from_the_true_alpha_is_named_in_the_region() -> None:
    guess, alpha, _ = _soft_pair()
    trimap, made = trimap_from_alpha(alpha / 255, erode=3, dilate=5)
    assert ((trimap == 128) >= ((alpha > 0) & (alpha < 255))).all()
    found = matte_metrics(guess, alpha, trimap, "mmagic", made)
    assert found.region == (
        "unknown, SAD/MSE/MAD summed over the whole image (trimap made from the true alpha, kernel, erode 3, dilate 5)"
    )


def _slow_connectivity(prediction: UInt8, alpha: UInt8, region: NDArray[np.bool_], empty_leaves: bool) -> float:
    """Conn as its definition reads: flood filling, pixel by pixel, thresholds in hundredths of 255."""
    height, width = alpha.shape
    level = {(y, x): 1.0 for y in range(height) for x in range(width)}
    left: set[tuple[int, int]] = set()
    for tenth in range(1, 11):
        reach = {(y, x) for y, x in level if 10 * int(min(prediction[y, x], alpha[y, x])) >= 255 * tenth}
        parts = []
        while reach:
            part, edge = set(), [min(reach)]
            reach.discard(edge[0])
            while edge:
                y, x = edge.pop()
                part.add((y, x))
                near = {(y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)} & reach
                reach -= near
                edge.extend(near)
            parts.append(part)
        if not parts and not empty_leaves:
            continue
        largest = max(parts, key=len, default=set())
        for place in level.keys() - largest - left:
            level[place] = (tenth - 1) / 10
            left.add(place)
    total = 0.0
    for place, low in level.items():
        if region[place]:
            beyond = [int(matte[place]) / 255 - low for matte in (prediction, alpha)]
            phi = [1 - excess if excess >= 0.15 else 1.0 for excess in beyond]
            total += abs(phi[0] - phi[1])
    return total


@pytest.mark.parametrize("empty_leaves", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_connectivity_agrees_with_flood_filling(seed: int, empty_leaves: bool) -> None:
    guess, alpha, trimap = _soft_pair(seed)
    if seed % 2:  # no pixel reaches the highest thresholds
        guess = guess // 2
    region = trimap == 128
    slow = _slow_connectivity(guess, alpha, region, empty_leaves)
    assert slow > 1
    assert connectivity_error(guess, alpha, region, empty_leaves=empty_leaves) == pytest.approx(slow, abs=1e-9)


def test_an_empty_part_matters_to_who_leaves() -> None:
    half, whole = np.full((3, 3), 127, np.uint8), np.full((3, 3), 255, np.uint8)
    assert connectivity_error(half, whole) == pytest.approx(9 * 0.6)
    assert connectivity_error(half, whole, empty_leaves=False) == 0
    assert matte_metrics(half, whole, preset="whole").values["conn"] == pytest.approx(9 * 0.6 / 1000)
    assert matte_metrics(half, whole, preset="gfm").values["conn"] == 0


@pytest.mark.parametrize(("level", "error"), [(153, 0.4), (152, 0.5)])
def test_153_of_255_reaches_the_threshold_of_six_tenths(level: int, error: float) -> None:
    # Alone in the picture: at 153 the level is 0.6, so the true 1 exceeds it by 0.4 and the guess by nothing.
    found = connectivity_error(np.full((1, 1), level, np.uint8), np.full((1, 1), 255, np.uint8))
    assert found == pytest.approx(error)


def test_parts_that_touch_at_a_corner_only_are_two() -> None:
    alpha = np.array([[255, 255, 0], [0, 0, 255]], np.uint8)
    half = np.where(alpha > 0, 128, 0).astype(np.uint8)
    assert connectivity_error(half, alpha) == pytest.approx(2 * (1 - 0.5) + (1 - 128 / 255), abs=0.01)


@pytest.mark.parametrize(("kind", "half", "mode"), [("normalized", 4, "edge"), ("plain", 6, "symmetric")])
def test_slopes_agree_with_a_convolution_written_out(kind: str, half: int, mode: str) -> None:
    _, alpha, _ = _soft_pair(3)
    offsets = np.arange(-half, half + 1)
    bell = np.exp(-(offsets**2) / (2 * 1.4**2)) / (1.4 * math.sqrt(2 * math.pi))
    down = np.outer(-offsets / 1.4**2 * bell, bell)
    down /= math.sqrt((down**2).sum()) if kind == "normalized" else bell.sum() ** 2
    padded = np.pad(alpha / 255, half, mode=mode)  # type: ignore[call-overload]  # its stub wants literals
    windows = np.lib.stride_tricks.sliding_window_view(padded, down.shape)
    expected = np.hypot(*(np.einsum("hwij,ij->hw", windows, each) for each in (down, down.T)))
    assert np.abs(slope(alpha, kind, stretch=False) - expected).max() < 1e-12  # type: ignore[arg-type]  # a literal too


def test_the_plain_slopes_are_those_of_scipy() -> None:
    ndimage = pytest.importorskip("scipy.ndimage")
    guess, alpha, _ = _soft_pair(2)
    lengths = []
    for matte in (guess, alpha):
        lengths.append(
            np.hypot(*(ndimage.gaussian_filter(matte / 255, 1.4, order=order) for order in ((1, 0), (0, 1))))
        )
    expected = float(((lengths[0] - lengths[1]) ** 2).sum())
    assert gradient_error(guess, alpha, kind="plain", stretch=False) == pytest.approx(expected, rel=1e-9)


def test_the_nine_by_nine_filter_has_the_reference_norm() -> None:
    offsets = np.arange(-4, 5)
    bell = np.exp(-(offsets**2) / (2 * 1.4**2)) / (1.4 * math.sqrt(2 * math.pi))
    assert np.linalg.norm(np.outer(bell, offsets / 1.4**2 * bell)) == pytest.approx(0.10177, abs=5e-6)
    # So "over 10", not normalized, is about "over 1000", normalized: the other border and size do the rest.
    guess, alpha, _ = _soft_pair(height=90, width=120)
    plain = matte_metrics(guess, alpha, preset="gfm").values["grad"]
    assert 1.0 < plain / matte_metrics(guess, alpha, preset="whole").values["grad"] < 1.1


def test_stretching_hides_an_error_of_scale() -> None:
    _, alpha, _ = _soft_pair(height=90, width=120)
    darker = (alpha * 0.8).round().astype(np.uint8)
    assert gradient_error(darker, alpha) < gradient_error(darker, alpha, stretch=False) / 1000
    assert slope(np.full((9, 9), 77, np.uint8), "normalized", stretch=True).max() == 0


def test_overlap_on_8_bit_mattes_is_that_of_the_batch_and_its_intersection_over_union() -> None:
    guess, alpha, _ = _soft_pair()
    found = overlap_metrics(guess, alpha)
    masks = guess >= 128, alpha >= 128
    assert found["iou"] == pytest.approx((masks[0] & masks[1]).sum() / (masks[0] | masks[1]).sum())
    batch = image_metrics(*(torch.from_numpy(each)[None, None].double() / 255 for each in (guess, alpha)))
    for name in ("dice", "dice_mask", "dice_2018", "accuracy"):
        assert found[name] == float(batch[name])
    assert overlap_metrics(np.zeros((4, 4)), np.zeros((4, 4)))["iou"] == 1


def test_foreground_error_counts_only_where_there_is_alpha() -> None:
    truth = np.full((1, 3, 3), 100, np.uint8)
    guess = truth + np.array([51, 102, 0], np.uint8)[None, :, None]
    alpha = np.array([[0, 1, 255]], np.uint8)
    assert foreground_mse(guess, truth, alpha) == pytest.approx(0.4**2 / 2)
    assert math.isnan(foreground_mse(guess, truth, np.zeros_like(alpha)))
    with pytest.raises(ValueError, match="alpha 2x1"):
        foreground_mse(guess, truth, alpha[:, 1:])


def test_dtssd_sees_flicker_and_not_a_constant_error() -> None:
    frames = [np.full((4, 6), level, np.uint8) for level in (50, 60, 90)]
    brighter = [frame + np.uint8(20) for frame in frames]
    assert dtssd(brighter, frames) == 0
    flickering = [frames[0], brighter[1], frames[2]]
    assert dtssd(flickering, frames) == pytest.approx(100 * 20 / 255)
    half = frames[1].copy()
    half[:2] += 20
    assert dtssd([frames[0], half, frames[2]], frames) == pytest.approx(100 * 20 / 255 / math.sqrt(2))
    with pytest.raises(ValueError, match="two or more frames, of both; here 1 and 3"):
        dtssd(frames[:1], frames)


def test_soft_metrics_of_a_batch_by_hand() -> None:
    found = {name: float(value) for name, value in image_metrics(GUESS, ALPHA).items()}
    assert found == pytest.approx(
        {
            # overlap 0.2 + 0.3 + 0.8 = 1.3; squares 0.25 + 0.25 + 0.64 = 1.14 and 0.16 + 0.36 + 1 = 1.52; smooth 1
            "dice": 3.6 / 3.66,
            # masks 0 1 1 1 and 0 0 1 1
            "dice_mask": 4 / 5,
            # mask above 100/255: 0 1 1 1; overlap 1.8, sums 1.8 and 3; smooth 1
            "dice_2018": 4.6 / 5.8,
            "accuracy": 3 / 4,
            "mad": 0.4 / 4,
            "mse": (0.01 + 0.01 + 0.04) / 4,
        },
        rel=1e-6,
    )


def test_the_exact_matte_is_perfect_except_to_the_measure_of_2018() -> None:
    found = image_metrics(ALPHA, ALPHA)
    for name, best in {"dice": 1, "dice_mask": 1, "accuracy": 1, "mad": 0, "mse": 0}.items():
        assert float(found[name]) == best
    assert float(found["dice_2018"]) < 0.95


@pytest.mark.parametrize(("level", "in_mask"), [(100, False), (101, True)])
def test_the_threshold_of_2018_is_above_100_of_255(level: int, in_mask: bool) -> None:
    alpha = torch.full((1, 1, 2, 2), level / 255)
    # Against an empty mask a full prediction gets 1/5, against a full one 1.
    assert float(image_metrics(torch.ones(1, 1, 2, 2), alpha)["dice_2018"]) == pytest.approx(1 if in_mask else 0.2)


def test_two_empty_masks_agree() -> None:
    empty = torch.full((1, 1, 2, 2), 0.1)
    assert float(image_metrics(empty, empty)["dice_mask"]) == 1


def test_the_mean_is_over_images_however_they_are_batched() -> None:
    images = torch.rand(5, 1, 4, 4, generator=torch.Generator().manual_seed(1))
    guesses = torch.rand(5, 1, 4, 4, generator=torch.Generator().manual_seed(2))
    at_once = mean_metrics([image_metrics(guesses, images)])
    in_parts = mean_metrics(image_metrics(guesses[part], images[part]) for part in (slice(0, 4), slice(4, 5)))
    assert tuple(at_once) == METRICS
    assert in_parts == pytest.approx(at_once, rel=1e-12)
