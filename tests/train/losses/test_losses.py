"""The losses want the exact soft alpha, not a mask."""

from __future__ import annotations

import importlib
import math
import pkgutil
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from synthmat.train import losses
from synthmat.train.losses import bce_dice, build_loss, combined, loss_names, soft_dice
from synthmat.train.losses.background_matting_v2 import background_matting_v2
from synthmat.train.losses.laplacian import expand, laplacian_pyramid
from synthmat.train.losses.loss import Loss
from synthmat.train.losses.sobel import sobel
from synthmat.train.prediction import Prediction

Batch = dict[str, torch.Tensor]
NAMES = sorted(loss_names())
OF_COLOR_ONLY = "foreground_l1"


def _soft_alpha() -> torch.Tensor:
    return torch.linspace(0, 1, 64, dtype=torch.float64).reshape(1, 1, 8, 8)


def _noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _batch(alpha: torch.Tensor) -> Batch:
    """Return a batch of red before blue-green noise, the image itself noisy, without a trimap."""
    count, _, height, width = alpha.shape
    fg = _noise(count, 3, height, width, seed=1) * 0.3 + torch.tensor([0.7, 0.0, 0.0]).reshape(1, 3, 1, 1)
    bg = _noise(count, 3, height, width, seed=2) * 0.4 + torch.tensor([0.0, 0.3, 0.5]).reshape(1, 3, 1, 1)
    image = (alpha * fg + (1 - alpha) * bg + 0.1 * _noise(count, 3, height, width, seed=3)).clamp(0, 1)
    return {"alpha": alpha, "fg": fg, "bg": bg, "image": image}


def _prediction(alpha: torch.Tensor, batch: Batch) -> Prediction:
    """Return a whole prediction of ``alpha``: the true color, a coarse one of half the size, and its exact error."""

    def half(values: torch.Tensor) -> torch.Tensor:
        return F.interpolate(values, scale_factor=0.5, mode="bilinear", align_corners=False)

    coarse = Prediction(half(alpha), foreground=half(batch["fg"]))
    back = F.interpolate(coarse.alpha, alpha.shape[-2:], mode="bilinear", align_corners=False)
    logits = torch.logit(alpha, eps=1e-6)
    return Prediction(alpha, logits, batch["fg"], error=(back - batch["alpha"]).abs().detach(), coarse=coarse)


def test_every_registered_loss_is_there_and_none_is_forgotten() -> None:
    modules = [
        importlib.import_module(f"{losses.__name__}.{each.name}") for each in pkgutil.iter_modules(losses.__path__)
    ]
    written = {name for module in modules for name, value in vars(module).items() if isinstance(value, Loss)}
    assert written == {f"{name}_loss" for name in NAMES}
    for name in NAMES:
        assert "alpha" in build_loss(name).needs.batch


def test_a_wrong_name_is_told_the_nearest_one() -> None:
    with pytest.raises(ValueError, match=r"no loss 'laplacain'; did you mean laplacian\?"):
        build_loss("laplacain")


@pytest.mark.parametrize("name", NAMES)
def test_the_loss_is_smallest_and_flat_at_the_truth(name: str) -> None:
    loss = build_loss(name)
    batch = _batch(_soft_alpha().clamp(0.02, 0.98))
    alpha = batch["alpha"].clone().requires_grad_()
    exact = loss(_prediction(alpha, batch), batch)
    if name != OF_COLOR_ONLY:
        exact.backward()
        assert alpha.grad is not None
        assert float(alpha.grad.abs().max()) < 1e-6
    others = [alpha * 0.9, (alpha > 0.5).double().clamp(0.02, 0.98), alpha + 0.1 * (_noise(1, 1, 8, 8, seed=4) - 0.5)]
    if name != OF_COLOR_ONLY:
        for other in others:
            assert loss(_prediction(other.detach(), batch), batch) > exact + 1e-4
    else:
        wrong = replace(_prediction(batch["alpha"], batch), foreground=batch["fg"] + 0.1)
        assert loss(wrong, batch) > exact + 1e-4


@pytest.mark.parametrize("name", [name for name in NAMES if name not in (OF_COLOR_ONLY, "gradient")])
def test_descent_on_the_loss_ends_at_the_soft_alpha(name: str) -> None:
    loss = build_loss(name)
    batch = _batch(_soft_alpha().clamp(0.05, 0.95))
    logits = torch.zeros_like(batch["alpha"], requires_grad=True)
    optimizer = torch.optim.Adam([logits], lr=0.2)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.985)
    for _ in range(400):
        optimizer.zero_grad()
        prediction = _prediction(logits.sigmoid(), batch)
        loss(replace(prediction, logits=logits), batch).backward()
        optimizer.step()
        schedule.step()
    assert float((logits.sigmoid() - batch["alpha"]).abs().mean().detach()) < 0.02


@pytest.mark.parametrize("truth", [0.0, 1.0])
@pytest.mark.parametrize("guess", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("known", [0.0, 1.0, None])
@pytest.mark.parametrize("name", NAMES)
def test_value_and_slopes_are_finite_for_bare_mattes_and_no_unknown_pixels(
    name: str, known: float | None, guess: float, truth: float
) -> None:
    alpha = torch.full((2, 1, 7, 5), truth)
    batch = {key: value.float() for key, value in _batch(alpha).items()}
    if known is not None:
        batch["trimap"] = torch.full_like(alpha, known)
    leaf = torch.full_like(alpha, guess, requires_grad=True)
    prediction = _prediction(leaf, batch)
    logits = torch.full_like(alpha, 40 * (guess - 0.5), requires_grad=True)
    prediction = replace(prediction, alpha=leaf, logits=logits, foreground=batch["fg"].clone().requires_grad_())
    value = build_loss(name)(prediction, batch)
    value.backward()
    assert value.shape == ()
    assert bool(torch.isfinite(value))
    for each in (leaf, logits):
        assert each.grad is None or bool(torch.isfinite(each.grad).all())


@pytest.mark.parametrize("name", NAMES)
def test_autocast_to_bfloat16_changes_nothing_but_the_rounding_of_the_prediction(name: str) -> None:
    batch = {key: value.float() for key, value in _batch(_soft_alpha()).items()}
    whole = _prediction((batch["alpha"] * 0.8 + 0.1).bfloat16().float(), batch)
    assert whole.logits is not None
    rounded = replace(whole, alpha=whole.alpha.bfloat16(), logits=whole.logits.bfloat16())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        under = build_loss(name)(rounded, batch)
    assert under.dtype == torch.float32
    assert float(under) == float(build_loss(name)(replace(whole, logits=whole.logits.bfloat16().float()), batch))


TRUTH = torch.tensor([0.0, 0.4, 0.6, 1.0], dtype=torch.float64).reshape(1, 1, 2, 2)
GUESS = torch.tensor([0.0, 0.5, 0.5, 0.8], dtype=torch.float64).reshape(1, 1, 2, 2)
TRIMAP = torch.tensor([0.0, 0.5, 0.5, 1.0], dtype=torch.float64).reshape(1, 1, 2, 2)
FG = torch.tensor([1.0, 0.5, 0.2], dtype=torch.float64).reshape(1, 3, 1, 1).expand(1, 3, 2, 2)
BG = torch.tensor([0.0, 0.5, 0.6], dtype=torch.float64).reshape(1, 3, 1, 1).expand(1, 3, 2, 2)


@pytest.mark.parametrize(
    ("name", "trimap", "value"),
    [
        ("alpha_l1", None, 0.4 / 4),
        ("alpha_mse", None, (0.01 + 0.01 + 0.04) / 4),
        # overlap 0.2 + 0.3 + 0.8 = 1.3; squares 1.14 and 1.52
        ("dice", None, 1 - 3.6 / 3.66),
        ("squared_dice", None, 1 - 2.6 / 2.66),
        ("charbonnier", None, 0.4 / 4),
        ("charbonnier", TRIMAP, 0.2 / 2),
        # |F - B| is 1, 0 and 0.4, so 1.4 / 3 in the mean over channels
        ("composition", None, 0.4 / 4 * 1.4 / 3),
        ("composition", TRIMAP, 0.2 / 2 * 1.4 / 3),
        # Differences 0 0.1 / -0.1 -0.2. With repeated edges d/dx is (3 top + bottom) / 8 and (top + 3 bottom) / 8 of
        # the rows' steps 0.1 and -0.1: 0.2 / 8 and -0.2 / 8; d/dy, of the columns' -0.1 and -0.3: 0.6 / 8 and 1 / 8.
        ("gradient", None, (0.2 + 0.2 + 0.6 + 1.0) / 8 / 2),
    ],
)
def test_values_worked_out_by_hand(name: str, trimap: torch.Tensor | None, value: float) -> None:
    batch = {"alpha": TRUTH, "fg": FG, "bg": BG} | ({} if trimap is None else {"trimap": trimap})
    # Deep Image Matting's root adds at most 1e-6.
    assert float(build_loss(name)(Prediction(GUESS), batch)) == pytest.approx(value, abs=1.1e-6, rel=1e-6)


def test_cross_entropy_of_logits_by_hand() -> None:
    guess = torch.tensor([0.2, 0.5, 0.9, 0.7], dtype=torch.float64).reshape(1, 1, 2, 2)
    terms = [
        -(a * math.log(p) + (1 - a) * math.log(1 - p)) for p, a in zip(guess.flatten(), TRUTH.flatten(), strict=True)
    ]
    prediction = Prediction(guess, torch.logit(guess))
    assert float(build_loss("bce")(prediction, {"alpha": TRUTH})) == pytest.approx(sum(terms) / 4)
    both = sum(terms) / 4 + 1 - float(soft_dice(guess, TRUTH))
    assert float(build_loss("bce_dice")(prediction, {"alpha": TRUTH})) == pytest.approx(both)


def test_foreground_counts_only_where_there_is_alpha_and_over_all_pixels() -> None:
    predicted = FG + torch.tensor([9.0, 0.1, 0.2, 0.3], dtype=torch.float64).reshape(1, 1, 2, 2)
    loss = build_loss("foreground_l1")(Prediction(GUESS, foreground=predicted), {"alpha": TRUTH, "fg": FG})
    assert float(loss) == pytest.approx((0.1 + 0.2 + 0.3) / 4)


@pytest.mark.parametrize("size", [(32, 32), (33, 17), (1, 5), (3, 2)])
def test_the_pyramid_of_any_size_adds_up_to_the_picture(size: tuple[int, int]) -> None:
    alpha = _noise(2, 1, *size)
    levels = laplacian_pyramid(alpha)
    whole = levels[-1]
    for level in reversed(levels[:-1]):
        whole = level + expand(whole, level.shape[-2], level.shape[-1])
    assert len(levels) == 5
    assert float((whole - alpha).abs().max()) < 1e-12


def test_a_constant_is_only_in_the_last_level_of_the_pyramid() -> None:
    *differences, rest = laplacian_pyramid(torch.full((1, 1, 37, 20), 0.3, dtype=torch.float64))
    assert max(float(each.abs().max()) for each in differences) < 1e-12
    assert float((rest - 0.3).abs().max()) < 1e-12
    value = build_loss("laplacian")(
        Prediction(torch.full((1, 1, 37, 20), 0.5)), {"alpha": torch.full((1, 1, 37, 20), 0.2)}
    )
    assert float(value) == pytest.approx(2**4 * 0.3 / 5)


def test_sobel_gives_the_slope_of_a_ramp_per_pixel() -> None:
    rows, columns = torch.meshgrid(torch.arange(6.0), torch.arange(7.0), indexing="ij")
    slopes = sobel((0.1 * columns - 0.05 * rows)[None, None])[..., 1:-1, 1:-1]
    assert torch.allclose(slopes[:, 0], torch.tensor(0.1), atol=1e-6)
    assert torch.allclose(slopes[:, 1], torch.tensor(-0.05), atol=1e-6)


def test_background_matting_v2_is_the_sum_of_its_parts_at_one_scale() -> None:
    batch = _batch(_soft_alpha())
    guess, error, color = batch["alpha"] * 0.7 + 0.1, torch.full_like(batch["alpha"], 0.2), batch["fg"] * 0.5
    found = background_matting_v2(Prediction(guess, foreground=color, error=error), batch)
    wrong = (guess - batch["alpha"]).abs()
    slopes = [(sobel(each).square().sum(1) + 1e-6).sqrt() for each in (guess, batch["alpha"])]
    parts = [wrong.mean(), (slopes[0] - slopes[1]).abs().mean(), (error - wrong).square().mean()]
    parts.append(((color - batch["fg"]).abs() * (batch["alpha"] > 0)).mean())
    assert float(found) == pytest.approx(float(sum(parts)))


def test_background_matting_v2_judges_both_the_coarse_alpha_and_the_refined() -> None:
    batch = _batch(_soft_alpha())
    exact = _prediction(batch["alpha"], batch)
    assert exact.coarse is not None
    wrong = replace(exact, coarse=replace(exact.coarse, alpha=exact.coarse.alpha * 0.5))
    assert background_matting_v2(wrong, batch) > background_matting_v2(exact, batch) + 0.1
    badly_refined = replace(exact, alpha=exact.alpha * 0.5)
    assert background_matting_v2(badly_refined, batch) > background_matting_v2(exact, batch) + 0.1
    without_color = replace(exact, coarse=replace(exact.coarse, foreground=None))
    with pytest.raises(ValueError, match=r"coarse\.foreground"):
        background_matting_v2(without_color, batch)


@pytest.mark.parametrize(
    ("name", "pulls"), [("background_matting_v2", False), ("background_matting_v2_attached", True)]
)
def test_only_the_published_error_term_pulls_at_the_alpha_it_judges(name: str, pulls: bool) -> None:
    batch = _batch(_soft_alpha())

    def slope_of_coarse_alpha(error: float) -> torch.Tensor:
        prediction = _prediction(batch["alpha"] * 0.7 + 0.1, batch)
        assert prediction.coarse is not None
        alpha = prediction.coarse.alpha.detach().requires_grad_()
        coarse = replace(prediction.coarse, alpha=alpha)
        build_loss(name)(
            replace(prediction, coarse=coarse, error=torch.full_like(batch["alpha"], error)), batch
        ).backward()
        assert alpha.grad is not None
        return alpha.grad

    # What the error map says changes the coarse alpha's slope if, and only if, its target is attached.
    assert bool((slope_of_coarse_alpha(0.0) != slope_of_coarse_alpha(0.9)).any()) == pulls


def test_a_sum_gives_each_term_and_needs_what_its_losses_need() -> None:
    loss = combined({"alpha_l1": 2.0, "composition": 0.5})
    assert loss.needs.missing(["alpha", "bg", "image"], ["alpha"]) == ["batch fg"]
    assert loss.needs.optional == {"trimap"}
    batch = {"alpha": TRUTH, "fg": FG, "bg": BG}
    terms = loss.terms(Prediction(GUESS), batch)
    assert {name: float(value) for name, value in terms.items()} == pytest.approx(
        {"alpha_l1": 0.1, "composition": 0.14 / 3}, abs=1e-5
    )
    assert float(loss(Prediction(GUESS), batch)) == pytest.approx(2 * 0.1 + 0.5 * 0.14 / 3, abs=1e-5)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({}, "at least one"),
        ({"alpha_l1": 0.0}, "above 0"),
        ({"alpha_l1": math.nan}, "above 0"),
        ({"alpha_l2": 1.0}, "did you mean alpha_l1"),
    ],
)
def test_a_sum_that_makes_no_sense_is_refused(weights: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        combined(weights)


@pytest.mark.parametrize(
    ("name", "what"),
    [("bce", "prediction logits"), ("composition", "batch bg, batch fg"), ("foreground_l1", "batch fg")],
)
def test_what_a_loss_lacks_is_named(name: str, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        build_loss(name)(Prediction(GUESS), {"alpha": TRUTH})


def test_dice_is_one_only_at_the_soft_alpha_itself() -> None:
    alpha = _soft_alpha()
    assert float(soft_dice(alpha, alpha)) == pytest.approx(1.0, abs=1e-12)
    for other in ((alpha > 0.5).double(), alpha * 0.9, (alpha + 0.02).clamp(max=1), alpha.sqrt()):
        assert float(soft_dice(other, alpha)) < 1 - 1e-4


def test_plain_sums_in_the_denominator_would_prefer_a_mask() -> None:
    alpha = _soft_alpha()
    mask = (alpha > 0.5).double()

    def plain(prediction: torch.Tensor) -> float:
        return float(2 * (prediction * alpha).sum() / (prediction.sum() + alpha.sum()))

    assert plain(mask) > plain(alpha)
    assert float(soft_dice(mask, alpha)) < float(soft_dice(alpha, alpha))


@pytest.mark.parametrize("value", [0.02, 0.3, 0.5, 0.77])
def test_the_loss_is_smallest_at_the_soft_value(value: float) -> None:
    alpha = torch.full((1, 1, 4, 4), value, dtype=torch.float64)
    guesses = torch.linspace(0.005, 0.995, 199, dtype=torch.float64)
    found = [float(bce_dice(torch.logit(guess).expand(1, 1, 4, 4), alpha)) for guess in guesses]
    assert float(guesses[found.index(min(found))]) == pytest.approx(value, abs=0.003)


@pytest.mark.parametrize("name", ["dice", "squared_dice"])
def test_an_empty_matte_is_matched_by_an_empty_prediction(name: str) -> None:
    empty = torch.zeros(1, 1, 4, 4)
    dice: Callable[[Prediction, Batch], torch.Tensor] = build_loss(name)
    assert float(dice(Prediction(empty), {"alpha": empty})) == 0
    assert float(dice(Prediction(torch.ones(1, 1, 4, 4)), {"alpha": empty})) > 0.9
