"""Background Matting V2: counts, refinement modes, sizes, and training that goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torchvision.models import mobilenet_v2

from synthmat.errors import AssetError
from synthmat.train.models import build_model, parameter_count
from synthmat.train.models.background_matting_v2 import BackgroundMattingV2


def _small(**options: object) -> Any:
    torch.manual_seed(0)
    model = build_model("background_matting_v2", options={"backbone": "mobilenetv2", **options})
    assert isinstance(model, BackgroundMattingV2)
    return model


def _pair(count: int, height: int, width: int) -> tuple[Tensor, Tensor]:
    rng = torch.Generator().manual_seed(1)
    image, captured = torch.rand(2, count, 3, height, width, generator=rng)
    return image, captured


@pytest.mark.parametrize(
    ("backbone", "count"), [("resnet50", 40_247_703), ("resnet101", 59_239_831), ("mobilenetv2", 5_006_839)]
)
def test_it_has_the_published_number_of_parameters(backbone: str, count: int) -> None:
    with torch.device("meta"):
        model = build_model("background_matting_v2", options={"backbone": backbone})
    assert parameter_count(model) == count
    assert parameter_count(model.get_submodule("refiner")) == 15_444


def test_refining_every_patch_is_refining_in_full() -> None:
    image, captured = _pair(2, 72, 100)
    full, patches = _small(refine_mode="full").eval(), _small(refine_mode="sampling").eval()
    # An expected error above zero everywhere, so that sampling leaves none out.
    for model in (full, patches):
        with torch.no_grad():
            model.base.decoder.conv4.bias[4] = 1.0
    with torch.inference_mode():
        one, other = full(image, captured), patches(image, captured)
    assert one.coarse is not None
    assert (one.alpha - _upsampled(one.coarse.alpha, one.alpha)).abs().max() > 0.01
    torch.testing.assert_close(one.alpha, other.alpha, atol=1e-5, rtol=0)
    torch.testing.assert_close(one.foreground, other.foreground, atol=1e-5, rtol=0)


@pytest.mark.parametrize(("mode", "expected"), [("sampling", 3), ("thresholding", 4)])
def test_only_the_worst_patches_are_refined(mode: str, expected: int) -> None:
    refiner = _small(refine_mode=mode, refine_sample_pixels=48, refine_threshold=0.5).eval().refiner
    error = torch.zeros(1, 1, 8, 8)
    error[0, 0, 2, 3:7] = torch.tensor([0.9, 0.8, 0.7, 0.6])
    coarse, pair = torch.full((1, 4, 8, 8), 0.5), torch.rand(1, 6, 32, 32)
    with torch.inference_mode():
        out = refiner(pair, coarse, error, torch.rand(1, 32, 8, 8))
    changed = (out != 0.5).any(1).view(8, 4, 8, 4).any(3).any(1)
    assert changed.nonzero().tolist() == [[2, column] for column in range(3, 3 + expected)]


@pytest.mark.parametrize("mode", ["sampling", "thresholding"])
def test_without_an_expected_error_the_coarse_alpha_stays(mode: str) -> None:
    model = _small(refine_mode=mode).eval()
    with torch.no_grad():
        model.base.decoder.conv4.bias[4] = -100.0
    with torch.inference_mode():
        found = model(*_pair(1, 64, 64))
    assert found.coarse is not None
    assert torch.equal(found.alpha, _upsampled(found.coarse.alpha, found.alpha))


@pytest.mark.parametrize("mode", ["sampling", "thresholding", "full"])
def test_training_without_an_expected_error_still_trains_every_parameter(mode: str) -> None:
    model = _small(refine_mode=mode).train()
    with torch.no_grad():
        model.base.decoder.conv4.bias[4] = -100.0
    found = model(*_pair(1, 64, 64))
    (found.alpha.mean() + found.foreground.mean() + found.error.mean()).backward()
    assert all(parameter.grad is not None for parameter in model.parameters())
    assert model.refiner.conv1.weight.grad.any()


@pytest.mark.parametrize("size", [(64, 64), (4, 4), (67, 150), (33, 1)])
def test_it_takes_any_size_for_one_picture_in_training(size: tuple[int, int]) -> None:
    found = _small(refine_sample_pixels=10_000_000).train()(*_pair(1, *size))
    assert found.alpha.shape == (1, 1, *size)
    assert found.foreground.shape == (1, 3, *size)
    assert found.alpha.isfinite().all()
    assert found.foreground.isfinite().all()


def test_it_trains_under_autocast_and_gives_float32() -> None:
    model = _small().train()
    with torch.autocast("cpu", torch.bfloat16):
        found = model(*_pair(2, 64, 64))
    tensors = [found.alpha, found.foreground, found.error, found.coarse.alpha, found.coarse.foreground]
    assert {tensor.dtype for tensor in tensors} == {torch.float32}
    sum(tensor.mean() for tensor in tensors).backward()
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())


def test_the_base_alone_sees_the_whole_picture_and_leaves_the_refiner() -> None:
    model = _small(refine=False).train()
    found = model(*_pair(2, 48, 64))
    assert found.coarse is None
    assert found.error.shape == found.alpha.shape == (2, 1, 48, 64)
    (found.alpha.mean() + found.foreground.mean() + found.error.mean()).backward()
    assert parameter_count(model) == 5_006_839 - 15_444
    assert all(parameter.grad is None for parameter in model.refiner.parameters())
    assert not model.refiner.training
    model.set_stage(2)
    assert model.refiner.training
    assert model(*_pair(2, 48, 64)).coarse.alpha.shape == (2, 1, 32, 32)


def test_an_alpha_beyond_its_range_still_learns() -> None:
    model = _small(refine=False).train()
    with torch.no_grad():
        model.base.decoder.conv4.bias[0] = -5.0
    found = model(*_pair(2, 64, 64))
    assert found.alpha.max() == 0
    (1 - found.alpha).mean().backward()
    assert model.base.decoder.conv4.bias.grad[0] < 0


def test_joint_training_learns_and_does_not_diverge() -> None:
    torch.manual_seed(0)
    model = _small(refine_sample_pixels=512).train()
    background = torch.rand(4, 3, 8, 8)
    background = torch.nn.functional.interpolate(background, size=64, mode="bilinear")
    alpha = torch.zeros(4, 1, 64, 64)
    alpha[..., 16:48, 12:40] = 1
    image = alpha * 0.9 + (1 - alpha) * background
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    losses = []
    for _ in range(25):
        found = model(image, background)
        assert found.coarse is not None
        small = torch.nn.functional.interpolate(alpha, size=found.coarse.alpha.shape[-2:], mode="area")
        wrong = (found.coarse.alpha.detach() - small).abs()
        loss = (found.alpha - alpha).abs().mean() + (found.coarse.alpha - small).abs().mean()
        loss = loss + (found.error - wrong).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert max(losses) < 2 * losses[0]
    assert losses[-1] < 0.5 * losses[0]


def test_larger_pictures_are_predicted_as_the_authors_do() -> None:
    # 45,000 of 1080 x 1080 pixels are 4 %, as 80,000 of HD are.
    model = _small(backbone_scale=0.25, refine_sample_pixels=45_000).eval()
    for size, scale, pixels in (
        ((1080, 1920), 0.25, 80_000),
        ((3840, 2160), 0.125, 320_000),
        ((540, 540), 0.5, 11_250),
    ):
        model.for_size(*size, trained=1080)
        assert model._backbone_scale == scale
        assert model.refiner.sample_pixels == pixels


@pytest.mark.parametrize(
    ("size", "base", "pixels"),
    [
        ((64, 64), (32, 32), 500),
        ((128, 256), (32, 64), 4000),
        ((24, 100), (32, 100), 293),
        ((640, 512), (40, 32), 40000),
    ],
)
def test_the_base_sees_what_it_was_trained_at(size: tuple[int, int], base: tuple[int, int], pixels: int) -> None:
    model = _small(backbone_scale=0.5, refine_sample_pixels=500).eval()
    model.for_size(*size, trained=64)
    with torch.inference_mode():
        found = model(*_pair(1, *size))
    assert found.coarse is not None
    assert found.coarse.alpha.shape[-2:] == base
    assert found.alpha.shape[-2:] == size
    assert model.refiner.sample_pixels == pixels


def test_the_base_sees_no_aliasing_of_a_large_picture() -> None:
    model, seen = _small(backbone_scale=0.5, refine_sample_pixels=500).eval(), []
    model.base.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    model.for_size(512, 512, trained=64)
    with torch.inference_mode():
        model(*_pair(1, 512, 512))
    grain = _pair(1, 512, 512)[0].std()
    assert seen[0].shape[-2:] == (32, 32)
    assert seen[0].std() < 2 * grain / 16  # the mean of 16 x 16 independent pixels


def test_a_large_picture_is_not_refined_all_over() -> None:
    model = _small()
    for size, pixels in ((64, 80_000), (256, 80_000), (1024, 1024 * 1024 // 4)):
        model.for_size(size, size, trained=64)
        assert model.refiner.sample_pixels == pixels


def test_the_base_alone_is_left_as_it_was_trained() -> None:
    model = _small(refine=False)
    model.for_size(256, 256, trained=64)
    assert not model.takes_whole
    assert model(*_pair(1, 256, 256)).coarse is None


def test_the_weights_of_a_mobilenet_load_and_the_background_starts_at_zero(tmp_path: object) -> None:
    theirs = mobilenet_v2(weights=None)
    path = f"{tmp_path}/mobilenet.pth"
    torch.save(theirs.state_dict(), path)
    first = _small(backbone_weights=path).base.backbone.features[0][0].weight
    assert torch.equal(first[:, :3], theirs.features[0][0].weight)
    assert not first[:, 3:].any()


def test_whole_networks_load_by_the_authors_names(tmp_path: object) -> None:
    theirs = _small()
    names = {key.removeprefix("base."): value for key, value in theirs.state_dict().items()}
    assert {key.split(".")[0] for key in names} == {"backbone", "aspp", "decoder", "refiner"}
    path = f"{tmp_path}/published.pth"
    torch.save(names, path)
    torch.manual_seed(5)
    ours = build_model("background_matting_v2", options={"backbone": "mobilenetv2", "weights": path})
    assert all(torch.equal(value, ours.state_dict()[key]) for key, value in theirs.state_dict().items())
    with pytest.raises(AssetError, match="do not fit the network: it lacks"):
        build_model("background_matting_v2", options={"backbone": "resnet50", "weights": path})


def _upsampled(small: Tensor, like: Tensor) -> Tensor:
    return torch.nn.functional.interpolate(small, size=like.shape[-2:], mode="bilinear", align_corners=False)


@pytest.mark.parametrize("first", [0, 4])
def test_a_deeplab_on_mobilenet_loads_whether_its_second_part_counts_from_0_or_4(tmp_path: Path, first: int) -> None:
    theirs = mobilenet_v2(weights=None).features[:-1].state_dict()
    named = {}
    for key, value in theirs.items():
        number, _, rest = key.partition(".")
        high = int(number) >= 4
        place = int(number) - 4 + first if high else number
        named[f"backbone.{'high' if high else 'low'}_level_features.{place}.{rest}"] = value
    torch.save(named, tmp_path / "deeplab.pth")
    model = _small()
    model.base.load_backbone(str(tmp_path / "deeplab.pth"))
    for key, value in theirs.items():
        own = model.base.backbone.features.state_dict()[key]
        assert torch.equal(own[:, :3] if key == "0.0.weight" else own, value)
