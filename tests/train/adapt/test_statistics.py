"""Statistics of batch norms: the averages over what is shown, and nothing else changes."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from synthmat.train.adapt.statistics import batch_norms, re_estimate
from synthmat.train.models import build_model
from synthmat.train.prediction import MattingNetwork, Prediction


class _Normed(MattingNetwork):
    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(3)
        self.unused = nn.BatchNorm2d(3)
        self.drop = nn.Dropout(0.9)

    def forward(self, image: Tensor) -> Prediction:
        return Prediction(self.drop(self.norm(image)).mean(1, keepdim=True).sigmoid())


def test_means_and_variances_are_averages_over_the_batches() -> None:
    network = _Normed()
    network.norm.running_mean.fill_(7)
    network.unused.running_mean.fill_(7)
    batches = [torch.rand(4, 3, 8, 8) * scale for scale in (1.0, 2.0, 3.0)]
    re_estimate(network, [[batch] for batch in batches])
    means = torch.stack([batch.mean((0, 2, 3)) for batch in batches]).mean(0)
    variances = torch.stack([batch.var((0, 2, 3)) for batch in batches]).mean(0)
    assert torch.allclose(network.norm.running_mean, means)
    assert torch.allclose(network.norm.running_var, variances)
    assert network.unused.running_mean.tolist() == [7, 7, 7]
    assert (network.norm.momentum, network.training, network.norm.training) == (0.1, False, False)


def test_a_weight_keeps_some_of_what_was_there() -> None:
    network = _Normed()
    network.norm.running_mean.fill_(7)
    network.norm.running_var.fill_(5)
    batch = torch.rand(4, 3, 8, 8)
    re_estimate(network, [[batch]], weight=0.7)
    assert torch.allclose(network.norm.running_mean, 0.3 * 7 + 0.7 * batch.mean((0, 2, 3)))
    assert torch.allclose(network.norm.running_var, 0.3 * 5 + 0.7 * batch.var((0, 2, 3)))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("residual_unet", {"width": 4}),
        ("unet_2018", {"width": 4}),
        ("smp", {"architecture": "DeepLabV3Plus", "encoder": "mobilenet_v2"}),
        ("deep_image_matting", {"batch_norm": True, "stage": 3}),
        ("background_matting_v2", {"backbone": "mobilenetv2"}),
    ],
)
def test_every_network_with_batch_norms_takes_others_and_keeps_its_weights(name: str, options: dict[str, str]) -> None:
    torch.manual_seed(0)
    network = build_model(name, options=options)
    channels = {"image": 3, "captured_bg": 3, "trimap": 1}
    pictures = [torch.rand(2, channels[kind], 64, 64) for kind in network.inputs]
    weights = {key: value.clone() for key, value in network.named_parameters()}
    before = [norm.running_mean.clone() for norm in batch_norms(network)]
    re_estimate(network, [pictures])
    after = [norm.running_mean for norm in batch_norms(network)]
    changed = sum(not torch.equal(*pair) for pair in zip(before, after, strict=True))
    assert changed > 0.8 * len(before) > 0
    assert all(torch.equal(value, weights[key]) for key, value in network.named_parameters())
    assert all(value.isfinite().all() for value in network.buffers())
