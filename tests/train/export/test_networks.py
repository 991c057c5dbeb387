"""Every network as ONNX and TorchScript, beside itself in torch: on photos of three sizes, in two batches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data
from support.matting_checkpoint import write_checkpoint
from support.narrow_networks import narrow_deep_image_matting
from torch import Tensor

from synthmat.train.engine.checkpoint import checksum, load_model
from synthmat.train.export.comparison import onnx_run, torchscript_run
from synthmat.train.export.stage import export_model
from synthmat.train.models import model_names

NETWORKS = {
    "residual_unet": ("residual_unet", 4, {}),
    "unet_2018": ("unet_2018", 4, {}),
    "smp": ("smp", None, {"encoder": "resnet18"}),
    "smp PSPNet": ("smp", None, {"architecture": "PSPNet", "encoder": "resnet18"}),
    "unet_resnet50": ("unet_resnet50", None, {}),
    "deep_image_matting": ("deep_image_matting", None, {"stage": 3}),
    "deep_image_matting nearest": ("deep_image_matting", None, {"upsampling": "nearest"}),
    "deep_image_matting_28": ("deep_image_matting_28", None, {}),
    "base": ("background_matting_v2", None, {"backbone": "mobilenetv2", "refine": False}),
    **{
        f"refiner {mode}": ("background_matting_v2", None, {"backbone": "mobilenetv2", "refine_mode": mode} | more)
        for mode, more in {
            "full": {},
            "thresholding": {"refine_threshold": 0.3},
            "sampling": {"refine_sample_pixels": 1600},
        }.items()
    },
}
BATCHES = [((64, 64), 1), ((64, 64), 3), ((49, 66), 3), ((75, 41), 1)]
SIZE = 64


def written(folder: Path, name: str) -> Path:
    """Write a checkpoint whose alpha takes many values."""
    model, width, options = NETWORKS[name]
    path = write_checkpoint(folder / "best.pt", model, width=width, size=SIZE, options=options)
    if model == "background_matting_v2":
        state = torch.load(path, weights_only=True)
        last = {key: state["model"][f"base.decoder.conv4.{key}"] for key in ("weight", "bias")}
        last["weight"][:5] *= 60
        last["bias"][0], last["bias"][4] = 0.5, 0.3
        resave(state, path)
    return path


def resave(state: dict[str, Any], path: Path) -> None:
    """Write a checkpoint that was changed, with the checksum of what it is now."""
    state.pop("checksum")
    torch.save(state | {"checksum": checksum(state)}, path)


def inputs_of(names: tuple[str, ...], photos: list[np.ndarray], batch: int, size: tuple[int, int]) -> list[Tensor]:
    """Return ``batch`` different photos at a size, the captured background another one, a trimap of three levels."""
    height, width = size
    small = [np.asarray(Image.fromarray(photo).resize((width, height))) for photo in photos]
    planes = [torch.from_numpy(np.array(photo)).permute(2, 0, 1).float() / 255 for photo in small]
    found = {"image": torch.stack(planes[:batch]), "captured_bg": torch.stack(planes[1 : batch + 1])}
    found["trimap"] = (found["image"].mean(1, keepdim=True) * 2.999).floor() / 2
    return [found[name] for name in names]


def check(path: Path, run, photos: list[np.ndarray]) -> None:
    network, config = load_model(path)
    for size, batch in BATCHES:
        inputs = inputs_of(network.inputs, photos, batch, size)
        with torch.inference_mode():
            network.for_size(*size, config["size"])
            alpha = network(*inputs).alpha.numpy()
        assert alpha.shape == (batch, 1, *size)
        assert np.ptp(alpha) > 0.02
        found = run(inputs)
        assert found.shape == alpha.shape
        assert np.abs(found - alpha).max() <= 1 / 255


@pytest.fixture(autouse=True)
def _narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    narrow_deep_image_matting(monkeypatch)


@pytest.fixture(scope="module")
def photos() -> list[np.ndarray]:
    return [getattr(data, name)() for name in ("astronaut", "coffee", "chelsea", "rocket")]


def test_every_network_is_tested() -> None:
    assert {model for model, *_ in NETWORKS.values()} == set(model_names())


@pytest.mark.parametrize("name", NETWORKS)
def test_onnx_gives_what_torch_gives(name: str, tmp_path: Path, photos: list[np.ndarray]) -> None:
    path = written(tmp_path, name)
    made = export_model(path)
    assert made.path == tmp_path / "best.onnx"
    assert made.description.fixed == 0
    check(path, onnx_run(made.path, made.description.trained.inputs), photos)


@pytest.mark.parametrize("name", ["residual_unet", "smp PSPNet", "refiner sampling"])
def test_torchscript_gives_what_torch_gives(name: str, tmp_path: Path, photos: list[np.ndarray]) -> None:
    path = written(tmp_path, name)
    made = export_model(path, to="torchscript")
    check(path, torchscript_run(made.path), photos)


@pytest.mark.data
@pytest.mark.parametrize("name", ["residual_unet", "refiner sampling"])
def test_onnx_gives_what_torch_gives_on_photos_of_backgrounds(name: str, tmp_path: Path, free_data: Path) -> None:
    files = sorted((free_data / "backgrounds").glob("*.jpg"))[:4]
    path = written(tmp_path, name)
    made = export_model(path)
    opened = [np.asarray(Image.open(file).convert("RGB")) for file in files]
    check(path, onnx_run(made.path, made.description.trained.inputs), opened)


def test_errors_that_are_all_equal_do_not_keep_a_refiner_from_being_exported(tmp_path: Path) -> None:
    path = written(tmp_path, "refiner sampling")
    state = torch.load(path, weights_only=True)
    state["model"]["base.decoder.conv4.bias"][4] = 100
    resave(state, path)
    assert export_model(path).description.fixed == 0
