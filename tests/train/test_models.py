"""The networks: their size, their shapes, and how they are found."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from synthmat.train.models import build_model, keras_parameter_count, model_names, parameter_count


def test_the_2018_network_has_the_published_number_of_parameters() -> None:
    model = build_model("unet_2018")
    assert keras_parameter_count(model) == 34_246_017
    assert parameter_count(model) == 34_232_961


def test_the_residual_network_has_the_documented_number_of_parameters() -> None:
    assert parameter_count(build_model("residual_unet")) == 2_075_713


@pytest.mark.parametrize("name", sorted(model_names()))
def test_width_scales_a_network(name: str) -> None:
    few, many = (parameter_count(build_model(name, width)) for width in (4, 8))
    assert 3.5 < many / few < 4.1


@pytest.mark.parametrize("size", [(64, 64), (16, 16), (17, 70)])
def test_the_residual_network_takes_any_size(size: tuple[int, int]) -> None:
    model = build_model("residual_unet", 2)
    logits = model(torch.rand(1, 3, *size))
    assert logits.shape == (1, 1, *size)
    assert logits.isfinite().all()


def test_a_multiple_of_sixteen_is_not_padded() -> None:
    model = build_model("residual_unet", 2).eval()
    seen = []
    model.stem.register_forward_hook(lambda _module, inputs, _output: seen.append(inputs[0].shape[-2:]))
    model(torch.rand(1, 3, 48, 64))
    assert seen == [(48, 64)]


@pytest.mark.parametrize("name", sorted(model_names()))
def test_a_new_network_is_undecided(name: str) -> None:
    torch.manual_seed(0)
    alpha = build_model(name, 8)(torch.rand(4, 3, 64, 64)).sigmoid()
    assert 0.1 < alpha.mean() < 0.9
    assert alpha.std() < 0.35


def test_names_come_without_torch() -> None:
    code = "import sys, synthmat.train.models as m; print(*m.model_names()); assert 'torch' not in sys.modules"
    names = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert names == ["residual_unet", "unet_2018"]
    assert all(model_names().values())


def test_an_unknown_network_is_named_with_the_nearest_one() -> None:
    with pytest.raises(ValueError, match=r"'residual_net'.*residual_unet"):
        build_model("residual_net")
