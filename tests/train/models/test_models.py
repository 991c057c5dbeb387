"""The networks: their size, their shapes, their options, and how they are found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from synthmat.errors import AssetError
from synthmat.train.models import (
    build_model,
    check_options,
    keras_parameter_count,
    model_names,
    model_options,
    parameter_count,
)
from synthmat.train.prediction import MattingNetwork, Prediction

NAMES = sorted(model_names())
SMALL: dict[str, dict[str, Any]] = {
    "background_matting_v2": {"backbone": "mobilenetv2"},
    "deep_image_matting": {"stage": 3},
    "deep_image_matting_28": {"stage": 3},
    "residual_unet": {"width": 4},
    "smp": {"architecture": "DeepLabV3Plus", "encoder": "mobilenet_v2"},
    "unet_2018": {"width": 4},
}


def _small(name: str) -> MattingNetwork:
    torch.manual_seed(0)
    return build_model(name, options=SMALL.get(name))


def _pictures(model: MattingNetwork, count: int, height: int, width: int) -> list[Tensor]:
    channels = {"image": 3, "captured_bg": 3, "trimap": 1}
    return [torch.rand(count, channels[name], height, width) for name in model.inputs]


def _tensors(found: Prediction) -> list[Tensor]:
    own = [found.alpha, found.logits, found.foreground, found.error]
    return [tensor for tensor in own if tensor is not None] + (_tensors(found.coarse) if found.coarse else [])


def test_the_2018_network_has_the_published_number_of_parameters() -> None:
    model = build_model("unet_2018")
    assert keras_parameter_count(model) == 34_246_017
    assert parameter_count(model) == 34_232_961


@pytest.mark.parametrize(("name", "count"), [("residual_unet", 2_075_713), ("unet_resnet50", 32_521_105)])
def test_a_network_has_the_documented_number_of_parameters(name: str, count: int) -> None:
    assert parameter_count(build_model(name)) == count


@pytest.mark.parametrize("size", [(64, 64), (37, 70)])
@pytest.mark.parametrize("name", NAMES)
def test_one_picture_of_any_size_trains_every_parameter(name: str, size: tuple[int, int]) -> None:
    model = _small(name).train()
    found = model(*_pictures(model, 1, *size))
    assert found.alpha.shape == (1, 1, *size)
    assert 0 <= found.alpha.min() <= found.alpha.max() <= 1
    assert all(tensor.isfinite().all() for tensor in _tensors(found))
    sum(tensor.square().mean() for tensor in _tensors(found)).backward()
    assert not [name for name, parameter in model.named_parameters() if parameter.grad is None]
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())


@pytest.mark.parametrize("name", NAMES)
def test_weights_are_all_of_a_network(name: str) -> None:
    model = _small(name).eval()
    torch.manual_seed(1)
    other = build_model(name, options=SMALL.get(name)).eval()
    other.load_state_dict(model.state_dict())
    pictures = _pictures(model, 1, 40, 40)
    with torch.inference_mode():
        assert torch.equal(model(*pictures).alpha, other(*pictures).alpha)


@pytest.mark.parametrize("name", NAMES)
def test_alpha_is_float32_under_autocast(name: str) -> None:
    model = _small(name).train()
    with torch.autocast("cpu", torch.bfloat16):
        found = model(*_pictures(model, 2, 32, 32))
    assert {tensor.dtype for tensor in _tensors(found)} == {torch.float32}


@pytest.mark.parametrize("name", ["residual_unet", "unet_2018"])
def test_width_scales_a_network(name: str) -> None:
    few, many = (parameter_count(build_model(name, width)) for width in (4, 8))
    assert 3.5 < many / few < 4.1


def test_a_multiple_of_sixteen_is_not_padded() -> None:
    model = build_model("residual_unet", 2).eval()
    seen = []
    model.stem.register_forward_hook(lambda _module, inputs, _output: seen.append(inputs[0].shape[-2:]))
    model(torch.rand(1, 3, 48, 64))
    assert seen == [(48, 64)]


@pytest.mark.parametrize("name", ["deep_image_matting", "residual_unet", "smp", "unet_2018"])
def test_a_new_network_is_undecided(name: str) -> None:
    model = _small(name)
    alpha = model(*_pictures(model, 2, 64, 64)).alpha
    assert 0.1 < alpha.mean() < 0.9
    assert alpha.std() < 0.35


def test_names_come_without_torch() -> None:
    code = "import sys, synthmat.train.models as m; print(*m.model_names()); assert 'torch' not in sys.modules"
    names = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert {"residual_unet", "unet_2018", "smp"} <= set(names)
    assert all(model_names().values())


def test_an_unknown_network_is_named_with_the_nearest_one() -> None:
    with pytest.raises(ValueError, match=r"'residual_net'.*residual_unet"):
        build_model("residual_net")


def test_every_option_is_described_and_has_a_default() -> None:
    for name in NAMES:
        for option, about in model_options(name).items():
            assert about.about.endswith("."), (name, option)
            assert about.kind, (name, option)
    assert model_options("background_matting_v2")["refine_mode"].kind == "sampling | thresholding | full"
    assert check_options("residual_unet", width=3) == {"width": 3}


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("smp", {"encodr": "resnet18"}, "'encodr'; did you mean encoder"),
        ("smp", {"encoder": "resnet17"}, "no encoder 'resnet17'; did you mean resnet1"),
        ("smp", {"architecture": "Umet"}, "no architecture 'Umet'; did you mean Unet"),
        ("smp", {"architecture": "DPT"}, "architecture DPT does not go with encoder resnet34"),
        ("smp", {"width": 8}, "no option of the network smp 'width'"),
        ("smp", {"decoder_channels": [8, 8]}, "decoder_channels has 2 numbers and should have 5"),
        ("smp", {"decoder_channels": 8}, "decoder_channels of architecture Unet are a list of 5 numbers, not 8"),
        ("smp", {"architecture": "Linknet", "decoder_channels": 8}, "Linknet has no decoder_channels"),
        ("smp", {"encoder_depth": 2}, "option 'encoder_depth'.*greater than or equal to 3"),
        ("deep_image_matting", {"stage": 4}, "'stage' of the network deep_image_matting: input should be 1, 2 or 3"),
        ("background_matting_v2", {"refine": "yes", "backbone_scale": 2.0}, "'refine'.*; option 'backbone_scale'.*"),
    ],
)
def test_wrong_options_are_named(name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_model(name, options=options)


@pytest.mark.parametrize("architecture", ["PAN", "PSPNet", "UPerNet"])
def test_architectures_that_pool_deep_take_small_pictures(architecture: str) -> None:
    torch.manual_seed(0)
    model = build_model("smp", options={"architecture": architecture, "encoder": "mobilenet_v2"})
    for mode in (True, False):
        assert model.train(mode)(torch.rand(2, 3, 20, 70)).alpha.shape == (2, 1, 20, 70)


def test_the_decoder_of_smp_has_the_channels_depth_and_dropout_asked_for() -> None:
    small = {"encoder": "resnet18", "decoder_channels": [64, 32, 16, 8, 8]}
    usual, few = (parameter_count(build_model("smp", options=each)) for each in ({"encoder": "resnet18"}, small))
    assert few < 0.9 * usual
    shallow = build_model("smp", options={"encoder": "resnet18", "encoder_depth": 3})
    assert shallow(torch.rand(1, 3, 20, 20)).alpha.shape == (1, 1, 20, 20)
    model = build_model("smp", options={**small, "dropout": 0.5})
    plain = build_model("smp", options=small)
    plain.load_state_dict(model.state_dict())
    picture = torch.rand(1, 3, 32, 32)
    with torch.inference_mode():
        assert torch.equal(model.eval()(picture).alpha, plain.eval()(picture).alpha)
        assert not torch.equal(model.train()(picture).alpha, model(picture).alpha)


def test_encoder_weights_load_from_a_file(tmp_path: Path) -> None:
    options = {"architecture": "FPN", "encoder": "resnet18"}
    encoder = build_model("smp", options=options).get_submodule("network.encoder").state_dict()
    path = tmp_path / "resnet18.pth"
    torch.save({**encoder, "fc.weight": torch.zeros(1000, 512)}, path)
    named = {**options, "encoder_weights": str(path)}
    found = build_model("smp", options=named).get_submodule("network.encoder").state_dict()
    assert all(torch.equal(found[key], value) for key, value in encoder.items())
    path.unlink()
    build_model("smp", options=named, pretrained=False)
    with pytest.raises(AssetError, match="no such file of weights"):
        build_model("smp", options=named)


def test_imagenet_weights_are_not_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("asks the net"))
    with pytest.raises(AssetError, match=r"resnet18\.imagenet.*nothing is downloaded|nothing is downloaded.*resnet18"):
        build_model("smp", options={"encoder": "resnet18", "encoder_weights": "imagenet"})
    hub = tmp_path / "hub" / "checkpoints"
    hub.mkdir(parents=True)
    encoder = build_model("smp", options={"encoder": "resnet18"}).get_submodule("network.encoder").state_dict()
    torch.save(encoder, hub / "resnet18-12345678.pth")
    build_model("smp", options={"encoder": "resnet18", "encoder_weights": "imagenet"})
