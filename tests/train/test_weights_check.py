"""`synthmat recipe check` on weights: those that do not fit are a fault, and not fine."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from synthmat.errors import RecipeError
from synthmat.recipe import Recipe, parse_recipe
from synthmat.train.models import build_model
from synthmat.train.weights_check import check_weights


def _recipe(*overrides: str) -> Recipe:
    return parse_recipe("name: r\nobjects: [{builtin: suzanne}]\ntrain: {model: smp}", overrides=overrides)


def test_weights_of_another_encoder_are_a_fault(tmp_path: Path) -> None:
    encoder = build_model("smp", options={"encoder": "resnet18"}).get_submodule("network.encoder")
    torch.save(encoder.state_dict(), tmp_path / "resnet18.pth")
    before = torch.get_rng_state()
    named = "encoder_weights: resnet18.pth"
    assert check_weights(_recipe(f"train.options={{encoder: resnet18, {named}}}"), tmp_path) == []
    with pytest.raises(RecipeError, match=r"^train: .*resnet18\.pth: these weights do not fit the network"):
        check_weights(_recipe(f"train.options={{encoder: mobilenet_v2, {named}}}"), tmp_path)
    of_one = _recipe("experiments={small: {}, large: {train.options: {encoder: resnet34, " + named + "}}}")
    with pytest.raises(RecipeError, match=r"^experiment large: train: .*do not fit"):
        check_weights(of_one, tmp_path)
    with pytest.raises(RecipeError, match=r"train\.options: no encoder 'resnet17'"):
        check_weights(_recipe(f"train.options={{encoder: resnet17, {named}}}"), tmp_path)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_checkpoint_of_another_network_is_a_fault_and_one_to_come_is_not(tmp_path: Path) -> None:
    torch.save(build_model("residual_unet", 4).state_dict(), tmp_path / "narrow.pth")
    recipe = _recipe("train.model=residual_unet", "train.width=8", "train.init=narrow.pth")
    with pytest.raises(RecipeError, match=r"narrow\.pth: these weights do not fit"):
        check_weights(recipe, tmp_path)
    assert check_weights(_recipe("train.model=residual_unet", "train.init=later.pth"), tmp_path) == []


def test_a_recipe_without_weights_needs_no_torch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: pytest.fail(name))
    assert check_weights(_recipe("train.options={encoder_weights: null}"), tmp_path) == []
