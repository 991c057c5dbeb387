"""Every network as an ONNX file beside itself in torch: size, largest difference of alpha, time of a picture.

    python bench/exports.py [--only NAME] [--edge 128] [--seed 1]

Weights are random, and pictures are scikit-image's photographs at three sizes, alone and three at once.
Seconds are the processor's, on one thread, for a picture of the first size; networks that need more than a photograph
get another one as captured background, and a trimap of its brightness. `spread` is what alpha ranges over: where it is
small, a small difference says little.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from skimage import data
from torch import Tensor, nn

from synthmat.train.engine.checkpoint import load_model, save_checkpoint
from synthmat.train.export.stage import export_model
from synthmat.train.models import build_model, parameter_count
from synthmat.train.predict.onnx_predictor import open_session
from synthmat.train.prediction import MattingNetwork

_BGM = {"backbone": "mobilenetv2"}
NETWORKS: dict[str, tuple[str, dict[str, Any]]] = {
    "residual_unet": ("residual_unet", {}),
    "unet_2018": ("unet_2018", {}),
    "smp, EfficientNet-Lite0": ("smp", {"encoder": "tu-tf_efficientnet_lite0"}),
    "smp, PSPNet on ResNet-18": ("smp", {"architecture": "PSPNet", "encoder": "resnet18"}),
    "unet_resnet50": ("unet_resnet50", {}),
    "deep_image_matting, by the pooling's places": ("deep_image_matting", {"stage": 3}),
    "deep_image_matting, nearest": ("deep_image_matting", {"upsampling": "nearest"}),
    "deep_image_matting_28": ("deep_image_matting_28", {}),
    "background_matting_v2, base": ("background_matting_v2", _BGM | {"refine": False}),
    "background_matting_v2, refiner full": ("background_matting_v2", _BGM | {"refine_mode": "full"}),
    "background_matting_v2, refiner sampling": (
        "background_matting_v2", _BGM | {"refine_mode": "sampling", "refine_sample_pixels": 12000},
    ),
    "background_matting_v2, refiner thresholding": (
        "background_matting_v2", _BGM | {"refine_mode": "thresholding", "refine_threshold": 0.3},
    ),
}  # fmt: skip
_BATCHES = (1, 3)
_RUNS = 3
_PHOTOS = ("astronaut", "coffee", "chelsea", "rocket")


def main() -> None:
    """Print a row for each network."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only")
    parser.add_argument("--edge", type=int, default=128)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(1)
    sizes = [(given.edge, given.edge), (given.edge * 3 // 4 + 1, given.edge), (given.edge, given.edge // 2 + 7)]
    print("| network | weights | ONNX | largest difference | spread | torch | onnxruntime |", flush=True)
    print("|---|---|---|---|---|---|---|", flush=True)
    for name in NETWORKS:
        if given.only in (None, NETWORKS[name][0], name):
            print(_row(name, sizes, given.seed), flush=True)


def _row(name: str, sizes: Sequence[tuple[int, int]], seed: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder) / "best.pt"
        _write(checkpoint, *NETWORKS[name], sizes[0][0], seed)
        network, config = load_model(checkpoint)
        made = export_model(checkpoint)
        session = open_session(made.path, threads=1)
        megabytes = made.path.stat().st_size / 1e6
    for note in (note for note in made.notes if "licenses" not in note):
        print(f"{name}: {note}")
    if made.description.fixed:
        sizes = [(made.description.fixed,) * 2]

    def in_torch(inputs: Sequence[Tensor]) -> NDArray[np.float32]:
        with torch.inference_mode():
            network.for_size(*inputs[0].shape[-2:], config["size"])
            return network(*inputs).alpha.numpy()

    def in_onnx(inputs: Sequence[Tensor]) -> NDArray[np.float32]:
        found: NDArray[np.float32] = session.run(
            ["alpha"], {kind: tensor.numpy() for kind, tensor in zip(network.inputs, inputs, strict=True)}
        )[0]
        return found

    differences, spread = [], 0.0
    for height, width in sizes:
        for batch in _BATCHES:
            inputs = _inputs(network, batch, height, width)
            alpha = in_torch(inputs)
            differences.append(float(np.abs(alpha - in_onnx(inputs)).max()))
            spread = max(spread, float(np.ptp(alpha)))
    one = _inputs(network, 1, *sizes[0])
    return (
        f"| {name} | {parameter_count(network) / 1e6:.1f} M | {megabytes:.1f} MB | {max(differences):.1e} | "
        f"{spread:.2f} | {_seconds(in_torch, one):.3f} s | {_seconds(in_onnx, one):.3f} s |"
    )


def _write(path: Path, model: str, options: dict[str, Any], size: int, seed: int) -> None:
    """Write a checkpoint of random weights, the last ones so that alpha takes many values."""
    torch.manual_seed(seed)
    network = build_model(model, None, options, pretrained=False)
    network.for_size(size, size, size)
    _see(network, _inputs(network, 3, size, size))
    _spread(network, _inputs(network, 1, size, size))
    config = {"model": model, "width": None, "options": options, "size": size, "seed": 0, "train": {"fit": "resize"}}
    save_checkpoint(path, config, model=network.state_dict())


def _see(network: MattingNetwork, inputs: Sequence[Tensor]) -> None:
    """Give batch norms the statistics of a batch, as if trained: with none, signals of random weights die out."""
    for part in network.modules():
        if isinstance(part, nn.modules.batchnorm._BatchNorm):
            part.momentum = 1.0
    with torch.no_grad():
        network.train()(*inputs)
    network.eval()


def _spread(network: MattingNetwork, inputs: Sequence[Tensor]) -> None:
    """Shift and scale what the last convolution gives, of those that give more than zeros: to logits of deviation 2.

    Background Matting V2's gives alpha itself and the error that its refiner looks for: to 0.5 and 0.3 on average.
    """
    given: list[tuple[nn.Conv2d, Tensor]] = []
    hooks = [
        part.register_forward_hook(lambda layer, _inputs, output: given.append((layer, output)))
        for name, part in network.named_modules()
        if isinstance(part, nn.Conv2d) and (part.out_channels == 1 or name == "base.decoder.conv4")
    ]
    with torch.inference_mode():
        network(*inputs)
    for hook in hooks:
        hook.remove()
    last, output = next((layer, output) for layer, output in reversed(given) if output.std() > 0)
    wanted = [(0, 0.0, 2.0)] if last.out_channels == 1 else [(0, 0.5, 0.3), (4, 0.3, 0.2)]
    with torch.no_grad():
        for channel, mean, deviation in wanted:
            scale = deviation / output[:, channel].std()
            last.weight[channel] *= scale
            if last.bias is not None:
                last.bias[channel] = (last.bias[channel] - output[:, channel].mean()) * scale + mean


def _inputs(network: MattingNetwork, batch: int, height: int, width: int) -> list[Tensor]:
    """Return a batch of photographs for each input, float32 ``(batch, C, height, width)`` from 0 to 1."""
    photos = [getattr(data, name)() for name in _PHOTOS]
    small = [cv2.resize(photo, (width, height), interpolation=cv2.INTER_AREA) for photo in photos]
    planes = torch.from_numpy(np.stack(small)).permute(0, 3, 1, 2).float() / 255
    image = planes[:batch].contiguous()
    trimap = (image.mean(1, keepdim=True) * 2.999).floor() / 2
    found = {"image": image, "captured_bg": planes[1 : batch + 1].contiguous(), "trimap": trimap}
    return [found[kind] for kind in network.inputs]


def _seconds(run: Callable[[Sequence[Tensor]], Any], inputs: Sequence[Tensor]) -> float:
    """Return the processor's seconds of a run, the least of some."""
    found = []
    for _ in range(_RUNS):
        began = time.process_time()
        run(inputs)
        found.append(time.process_time() - began)
    return min(found)


if __name__ == "__main__":
    main()
