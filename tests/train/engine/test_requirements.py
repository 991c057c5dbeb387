"""Data, network and loss are checked against each other before a training starts."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from support.tiny_training import Squares, TinyNetwork
from torch import Tensor

from synthmat.errors import RecipeError
from synthmat.recipe.train import Train
from synthmat.train.data.mixture import WeightedSource
from synthmat.train.engine.requirements import check, kinds_for, loss_of
from synthmat.train.prediction import MattingNetwork, Prediction

PLAIN = WeightedSource(Squares(4, "photos"), remedy="add {kinds} to composite.outputs")
FULL = WeightedSource(Squares(4), kinds=frozenset({"image", "alpha", "fg", "bg", "captured_bg"}))


class _NeedsBackground(TinyNetwork):
    inputs = ("image", "captured_bg")

    def forward(self, image: Tensor, captured_bg: Tensor) -> Prediction:  # type: ignore[override]
        return super().forward(image + captured_bg)


class _AlphaOnly(TinyNetwork):
    def forward(self, image: Tensor) -> Prediction:
        return Prediction(super().forward(image).alpha)


def _check(network: MattingNetwork, train: WeightedSource = FULL, val: WeightedSource = FULL, **config: Any) -> None:
    section = Train.model_validate(config)
    check(section, network, loss_of(section), [train], [val])


def test_a_loss_without_its_pictures_says_how_to_get_them() -> None:
    with pytest.raises(RecipeError, match=r"the loss composition needs bg and fg, which photos lacks; add bg, fg to"):
        _check(TinyNetwork(), PLAIN, loss={"composition": 1.0})
    _check(TinyNetwork(), loss={"composition": 1.0})


def test_a_network_without_its_inputs_is_named() -> None:
    with pytest.raises(RecipeError, match=r"train\.model: the network residual_unet needs captured_bg"):
        _check(_NeedsBackground(), PLAIN)
    with pytest.raises(RecipeError, match=r"needs captured_bg"):
        _check(_NeedsBackground(), val=PLAIN)


def test_a_loss_that_the_network_cannot_serve_names_those_that_fit() -> None:
    with pytest.raises(
        RecipeError, match=r"bce_dice looks at logits, .*does not give in training; .*: dice, .*alpha_l1"
    ):
        _check(_AlphaOnly())
    _check(_AlphaOnly(), loss="alpha_l1")


def test_a_held_out_domain_without_the_losss_pictures_needs_another_measure() -> None:
    with pytest.raises(RecipeError, match=r"needs bg and fg, which photos lacks.*early_stopping\.monitor to mad"):
        _check(TinyNetwork(), val=PLAIN, loss="composition")
    _check(TinyNetwork(), val=PLAIN, loss="composition", early_stopping={"watch": "mad"})


def test_a_weight_that_leaves_no_sample_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"photos has 4 samples, so a weight of 0\.1 .*raise it to 0\.25 or more"):
        _check(TinyNetwork(), WeightedSource(Squares(4, "photos"), 0.1))
    _check(TinyNetwork(), WeightedSource(Squares(4, "photos"), 0.25))
    _check(TinyNetwork(), val=WeightedSource(Squares(4, "photos"), 0.0))


def test_trimaps_are_never_lacking() -> None:
    loss = loss_of(Train.model_validate({"loss": "charbonnier"}))
    assert "trimap" in kinds_for(TinyNetwork(), loss)
    _check(TinyNetwork(), PLAIN, PLAIN, loss="charbonnier")


def test_checking_changes_neither_the_network_nor_the_generator() -> None:
    network = TinyNetwork(dropout=0.5, batch_norm=True)
    before, state = {name: value.clone() for name, value in network.state_dict().items()}, torch.get_rng_state()
    _check(network)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert torch.equal(state, torch.get_rng_state())
