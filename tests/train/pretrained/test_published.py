"""State dictionaries as others publish them: predicted with, trained from, exported."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from support.mmagic_weights import mmagic_weights
from torch import Tensor

from synthmat.errors import AssetError, OutputError
from synthmat.train.engine.checkpoint import load_model
from synthmat.train.export.stage import export_model
from synthmat.train.models import build_model
from synthmat.train.predict.predictor import open_predictor
from synthmat.train.pretrained.published import weights_for
from synthmat.train.pretrained.weights import start_from


def network_of(name: str, **options: object) -> torch.nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(2)
        return build_model(name, options=options).eval()


def background_matting(folder: Path, backbone: str = "mobilenetv2", *, refiner: bool = True) -> Path:
    """Write random weights by the names of Background Matting V2's authors."""
    state = network_of("background_matting_v2", backbone=backbone).state_dict()
    theirs = {key.removeprefix("base."): value for key, value in state.items() if refiner or key.startswith("base.")}
    torch.save(theirs, folder / "published.pth")
    return folder / "published.pth"


def mmagic_alpha(weights: dict[str, Tensor], image: Tensor, trimap: Tensor) -> Tensor:
    """Return stage 1's alpha by mmagic's names and layers, told in our words."""

    def conv(x: Tensor, name: str) -> Tensor:
        weight = weights[f"backbone.{name}.weight"]
        return F.conv2d(x, weight, weights[f"backbone.{name}.bias"], padding=weight.shape[-1] // 2)

    mean, deviation = (torch.tensor(each).view(3, 1, 1) for each in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    x, indices = torch.cat([(image - mean) / deviation, trimap], 1), []
    for number, count in enumerate((2, 2, 3, 3, 3), 1):
        for place in range(count):
            x = conv(x, f"encoder.layer{number}.{2 * place}").relu()
        x, index = F.max_pool2d(x, 2, return_indices=True)
        indices.append(index)
    x = conv(conv(x, "encoder.conv6").relu(), "decoder.deconv6_1").relu()
    for number in (5, 4, 3, 2, 1):
        x = conv(F.max_unpool2d(x, indices[number - 1], 2), f"decoder.deconv{number}_1").relu()
    return conv(x, "decoder.deconv1").sigmoid()


@pytest.mark.parametrize("backbone", ["mobilenetv2", "resnet50", "resnet101"])
def test_background_matting_predicts_as_its_authors_do(tmp_path: Path, backbone: str) -> None:
    network, config = load_model(background_matting(tmp_path, backbone))
    assert config["model"] == "background_matting_v2"
    assert config["options"]["backbone"] == backbone
    image, captured = torch.rand(2, 1, 3, 128, 192, generator=torch.Generator().manual_seed(1))
    seen: list[Tensor] = []
    network.base.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    with torch.inference_mode():
        network(image, captured)
        network.for_size(1080, 1920, config["size"])
    pair = torch.cat([image, captured], 1)
    assert torch.equal(seen[0], F.interpolate(pair, size=(32, 48), mode="bilinear", align_corners=False))
    assert network.refiner.sample_pixels == 80_000
    assert network._backbone_scale == 0.25
    for key, value in torch.load(tmp_path / "published.pth", weights_only=True).items():
        assert torch.equal(network.state_dict()[key if key.startswith("refiner.") else f"base.{key}"], value)


def test_what_was_published_goes_through_the_predictor_and_the_export(tmp_path: Path) -> None:
    path = background_matting(tmp_path)
    image, captured = np.random.default_rng(0).integers(0, 256, (2, 70, 90, 3)).astype(np.uint8)
    views = {"image": image, "captured_bg": captured}
    predictor = open_predictor(str(path))
    assert predictor.inputs == ("captured_bg",)
    made = export_model(path)
    assert any("licenses" in note for note in made.notes)
    theirs = open_predictor(str(made.path))(views)
    np.testing.assert_allclose(theirs.alpha, predictor(views).alpha, atol=1 / 255)


def test_training_starts_from_what_was_published(tmp_path: Path) -> None:
    path = background_matting(tmp_path)
    network = network_of("background_matting_v2", backbone="mobilenetv2")
    with torch.no_grad():
        network.base.decoder.conv4.bias.zero_()
    start_from(network, weights_for(network, path), path)
    assert network.base.decoder.conv4.bias.any()
    base = background_matting(tmp_path, refiner=False)
    own = network.refiner.conv1.weight.clone()
    start_from(network, weights_for(network, base), base)
    assert torch.equal(network.refiner.conv1.weight, own)
    assert load_model(base)[1]["options"]["refine"] is False


def test_mmagics_deep_image_matting_gives_what_it_gives_there(tmp_path: Path) -> None:
    weights = mmagic_weights()
    torch.save({"meta": {"epoch": 1}, "state_dict": weights}, tmp_path / "dim.pth")
    network, config = load_model(tmp_path / "dim.pth")
    assert config["model"] == "deep_image_matting"
    rng = torch.Generator().manual_seed(1)
    image, trimap = torch.rand(1, 3, 64, 96, generator=rng), torch.full((1, 1, 64, 96), 0.5)
    with torch.inference_mode():
        ours, theirs = network(image, trimap).alpha, mmagic_alpha(weights, image, trimap)
    assert theirs.std() > 0.01
    assert (ours - theirs).abs().max() < 1e-5


def test_mmagics_refiner_is_left_out_and_that_is_said(tmp_path: Path) -> None:
    torch.save(mmagic_weights() | {"refiner.refine_conv1.weight": torch.zeros(64, 4, 3, 3)}, tmp_path / "dim.pth")
    with pytest.warns(UserWarning, match="mmagic's refiner is left out"):
        load_model(tmp_path / "dim.pth")
    torch.save(mmagic_weights() | {"backbone.encoder.bn.weight": torch.zeros(512)}, tmp_path / "dim.pth")
    with pytest.raises(AssetError, match=r"encoder\.bn\.weight"):
        load_model(tmp_path / "dim.pth")


def test_weights_of_unknown_networks_are_said_to_be_unknown(tmp_path: Path) -> None:
    torch.save({"fc.weight": torch.zeros(2, 2)}, tmp_path / "classifier.pth")
    with pytest.raises(OutputError, match=r"classifier\.pth: holds weights without a word of their network"):
        load_model(tmp_path / "classifier.pth")
