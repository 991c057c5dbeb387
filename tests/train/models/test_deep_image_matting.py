"""Deep Image Matting: counts, stages, unpooling, and VGG16's weights."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision.models import vgg16, vgg16_bn

from synthmat.errors import AssetError
from synthmat.train.models import build_model, parameter_count
from synthmat.train.models.deep_image_matting import DeepImageMatting, _unpooled


def _model(**options: object) -> DeepImageMatting:
    model = build_model("deep_image_matting", options={"poolings": 2, **options})
    assert isinstance(model, DeepImageMatting)
    return model


def _sample(height: int = 32, width: int = 32) -> tuple[Tensor, Tensor]:
    trimap = torch.full((1, 1, height, width), 0.5)
    trimap[..., :8], trimap[..., -8:] = 0, 1
    return torch.rand(1, 3, height, width), trimap


@pytest.mark.parametrize("name", ["deep_image_matting", "deep_image_matting_28"])
@pytest.mark.parametrize(("stage", "count"), [(1, 28_297_153), (2, 76_801), (3, 28_297_153 + 76_801)])
def test_a_stage_trains_the_published_number_of_parameters(name: str, stage: int, count: int) -> None:
    with torch.device("meta"):
        model = build_model(name, options={"stage": stage})
    assert parameter_count(model) == count


def test_unpooling_is_torchs() -> None:
    pooled, indices = F.max_pool2d(torch.rand(2, 3, 8, 12), 2, return_indices=True)
    assert torch.equal(_unpooled(pooled, indices), F.max_unpool2d(pooled, indices, 2))


@pytest.mark.parametrize(("name", "size"), [("deep_image_matting", (33, 45)), ("deep_image_matting_28", (28, 28))])
@pytest.mark.parametrize("upsampling", ["indices", "nearest"])
def test_it_takes_its_sizes(name: str, size: tuple[int, int], upsampling: str) -> None:
    model = build_model(name, options={"upsampling": upsampling, "stage": 3})
    found = model(*_sample(*size))
    assert found.alpha.shape == found.coarse.alpha.shape == (1, 1, *size)
    assert found.alpha.isfinite().all()


def test_a_small_picture_keeps_seven_pixels_with_two_poolings() -> None:
    model = build_model("deep_image_matting_28").eval()
    deep, _ = model.get_submodule("encoder")(torch.rand(1, 4, 28, 28))
    assert deep.shape == (1, 512, 7, 7)


def test_the_refinement_starts_from_the_raw_alpha() -> None:
    found = _model(stage=3).train()(*_sample())
    torch.testing.assert_close(found.alpha, found.coarse.alpha)


def test_the_second_stage_changes_only_the_refinement() -> None:
    model = _model(stage=2, batch_norm=True).train()
    before = {key: value.clone() for key, value in model.state_dict().items()}
    optimizer = torch.optim.Adam(parameter for parameter in model.parameters() if parameter.requires_grad)
    for _ in range(2):
        optimizer.zero_grad()
        model(*_sample()).alpha.mean().backward()
        optimizer.step()
    changed = {key.split(".")[0] for key, value in model.state_dict().items() if not torch.equal(value, before[key])}
    assert changed == {"refinement"}
    model.set_stage(3)
    assert model.encoder.training
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_there_is_no_fourth_stage() -> None:
    with pytest.raises(ValueError, match="stages 1 to 3, not 4"):
        _model().set_stage(4)


def test_prediction_keeps_what_the_trimap_knows() -> None:
    image, trimap = _sample()
    with torch.inference_mode():
        kept = _model().eval()(image, trimap)
        free = _model(keep_known=False).eval()(image, trimap)
    assert (kept.alpha[trimap == 0] == 0).all()
    assert (kept.alpha[trimap == 1] == 1).all()
    assert kept.alpha[trimap == 0.5].std() > 0
    assert free.alpha[trimap == 0].max() > 0
    torch.testing.assert_close(free.logits.sigmoid(), free.alpha)


@pytest.mark.parametrize("batch_norm", [False, True])
def test_weights_of_vgg16_load_and_the_trimap_starts_at_zero(batch_norm: bool, tmp_path: Path) -> None:
    torch.manual_seed(3)
    theirs = (vgg16_bn if batch_norm else vgg16)(weights=None).features
    path = tmp_path / "vgg.pth"
    torch.save({f"features.{key}": value for key, value in theirs.state_dict().items()}, path)
    encoder = _model(encoder_weights=str(path), batch_norm=batch_norm, poolings=5).eval().encoder
    image = torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        x = torch.cat([image, torch.rand(1, 1, 64, 64)], 1)
        for level in encoder.levels:
            x = F.max_pool2d(level(x), 2)
        torch.testing.assert_close(x, theirs.eval()(image))
    with pytest.raises(AssetError, match=f"set the option batch_norm to {str(batch_norm).lower()}"):
        _model(encoder_weights=str(path), batch_norm=not batch_norm)
