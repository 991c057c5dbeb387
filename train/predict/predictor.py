"""A trained network or a baseline as one thing: pictures of any size in, an alpha of that size out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from synthmat.errors import AssetError
from synthmat.images.alpha import Float, UInt8
from synthmat.images.trimap import FOREGROUND, UNKNOWN
from synthmat.storage.atomic import sha256_file
from synthmat.train.baselines import baseline_names, check_baseline, predict_baseline
from synthmat.train.data.resizing import by_area, resized
from synthmat.train.engine.checkpoint import load_model
from synthmat.train.models import parameter_count
from synthmat.train.predict.refine import refined_upsample
from synthmat.train.predict.tiles import Window, blended
from synthmat.train.prediction import MattingNetwork, Prediction

Views = Mapping[str, NDArray[Any]]
"""Pictures of one size: ``image`` and ``captured_bg`` uint8 ``(H, W, 3)`` sRGB, ``trimap`` uint8 with 0, 128, 255."""

MODES = ("auto", "resize", "tile", "whole")
BASELINE = "baseline:"
WITH_TRIMAP = "+trimap"

_TILE = 768
_NEED_TRIMAP = ("closed_form", "knn_matting")


@dataclass(frozen=True)
class Matte:
    """``alpha`` float32 ``(H, W)`` in [0, 1]; ``foreground`` straight color uint8 where it is predicted in full."""

    alpha: Float
    foreground: UInt8 | None = None


class Predictor(Protocol):
    """What predicts a matte.

    ``inputs`` are the kinds of views it cannot do without, ``how`` says in words how it works at the picture's size,
    ``key`` changes with whatever changes its predictions. Several threads may call it.
    """

    name: str
    inputs: tuple[str, ...]
    how: str
    key: str
    parameters: int

    def __call__(self, views: Views) -> Matte:
        """Return the matte of a picture.

        Raises:
            ValueError: The views do not do, for example a trimap without any foreground.
        """
        ...


def open_predictor(
    name: str, device: torch.device | None = None, mode: str = "auto", size: int | None = None
) -> Predictor:
    """Return the predictor that a text means.

    Args:
        name: A checkpoint, a folder of a training or an output folder with one; or a baseline, ``baseline:kmeans``
            for example, which is given a trimap it can do without only as ``baseline:kmeans+trimap``.
        device: Where networks run.
        mode: See `NetworkPredictor`.
        size: See `NetworkPredictor`.

    Raises:
        OutputError: The checkpoint cannot be used.
        AssetError: There is neither such a file nor such a baseline.
    """
    path = Path(name).expanduser()
    bare = name.removeprefix(BASELINE)
    if name.startswith(BASELINE) or (not path.exists() and bare.removesuffix(WITH_TRIMAP) in baseline_names()):
        return BaselinePredictor(bare.removesuffix(WITH_TRIMAP), with_trimap=bare.endswith(WITH_TRIMAP))
    return NetworkPredictor(checkpoint_at(path), device or torch.device("cpu"), mode, size)


def checkpoint_at(path: Path) -> Path:
    """Return the checkpoint that a path means: itself, or the best one of a training's or an output's folder.

    Raises:
        AssetError: There is none.
    """
    if path.is_dir():
        for inside in ("best.pt", "training/best.pt"):
            if (path / inside).is_file():
                return path / inside
        several = sorted(str(found.relative_to(path)) for found in path.rglob("best.pt"))
        hint = f"; name one of {', '.join(several[:6])}" if several else ""
        raise AssetError(f"{path}: no best.pt in this folder or its training{hint}")
    if not path.exists():
        raise AssetError(
            f"{path}: no such checkpoint; baselines are {', '.join(BASELINE + each for each in baseline_names())}"
        )
    return path


class NetworkPredictor:
    """A trained network on pictures of any size.

    Args:
        path: Its checkpoint.
        device: Where it runs.
        mode: ``resize`` shows it the whole picture at the size it was trained at and brings alpha back by
            its colors; ``tile`` shows it overlapping windows of the full picture; ``whole`` all of it at once.
            ``auto`` takes ``whole`` for networks made for it, such as Background Matting V2 with its refiner. Of the
            others it takes ``resize`` for those trained on whole samples, which know objects of that size only; for
            those trained on crops, ``whole`` if they take a captured background and ``tile`` otherwise.
        size: Edge of the square that ``resize`` makes of the picture, as training does, or of the windows of ``tile``;
            None for the training's size, in ``tile`` at least 768. (Of objects on pictures twice as wide as high,
            networks of 64 pixels find more in the square, IoU 0.45, 0.37 and 0.48, than at the picture's aspect with
            the longer side at 64 pixels, 0.25, 0.27 and 0.50, or the shorter one, 0.34, 0.20 and 0.33;
            by mean absolute error two of the three do better with the longer side.)

    Raises:
        OutputError: The checkpoint cannot be used.
        AssetError: There is no such mode.
    """

    def __init__(self, path: Path, device: torch.device, mode: str = "auto", size: int | None = None) -> None:
        network, config = load_model(path)
        if mode not in MODES:
            raise AssetError(f"mode {mode!r}; there are {', '.join(MODES)}")
        if mode == "auto":
            crops = config.get("train", {}).get("fit") == "crop"
            whole = network.takes_whole or (crops and "captured_bg" in network.inputs)
            mode = "whole" if whole else "tile" if crops else "resize"
        self.name = str(path)
        self.inputs: tuple[str, ...] = tuple(kind for kind in network.inputs if kind != "image")
        self.parameters = parameter_count(network)
        self._network: MattingNetwork = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stubs lack it
        self._device = device
        self._mode = mode
        self._trained: int = config["size"]
        self.size = size or (max(_TILE, self._trained) if mode == "tile" else self._trained)
        self._overlap = self.size // 4
        self._one_at_a_time = Lock()
        self.how = {
            "resize": f"{config['model']} sees the picture at {self.size}x{self.size} pixels, as in training; alpha is"
            " brought back to the full size by local foreground and background colors",
            "tile": f"{config['model']} sees the full picture in windows of {self.size} pixels that overlap by "
            f"{self._overlap} and are blended",
            "whole": f"{config['model']} sees the full picture at once",
        }[mode]
        self.key = f"{sha256_file(path)} {mode} {self.size}"

    def __call__(self, views: Views) -> Matte:
        """See `Predictor`."""
        if self._mode == "resize":
            found = self._resized(views)
        elif self._mode == "tile":
            found = self._tiled(views)
        else:
            prediction = self._run(views)
            found = Matte(_alpha(prediction), _foreground(prediction))
        return Matte(with_known(found.alpha, views.get("trimap")), found.foreground)

    def _resized(self, views: Views) -> Matte:
        image = views["image"]
        small = resized(views, self.size, self.size)
        prediction = self._run(small)
        alpha = _alpha(prediction)
        if alpha.shape == image.shape[:2]:
            return Matte(alpha, _foreground(prediction))
        if min(image.shape[:2]) < self.size:
            return Matte(by_area(alpha, image.shape[1], image.shape[0]))
        return Matte(refined_upsample(alpha, image))

    def _tiled(self, views: Views) -> Matte:
        trimap = views.get("trimap")

        def alpha_in(window: Window) -> NDArray[np.float32]:
            part = {kind: pixels[window.rows, window.columns] for kind, pixels in views.items()}
            certain = trimap is not None and not (part["trimap"] == UNKNOWN).any()
            found = (part["trimap"] == FOREGROUND).astype(np.float32) if certain else _alpha(self._run(part))
            return np.expand_dims(found, 2)

        height, width = views["image"].shape[:2]
        return Matte(blended((height, width), self.size, self._overlap, alpha_in)[..., 0])

    def _run(self, views: Views) -> Prediction:
        tensors = [self._tensor(views[kind], kind) for kind in self._network.inputs]
        height, width = views["image"].shape[:2]
        with self._one_at_a_time, torch.inference_mode():
            self._network.for_size(height, width, self._trained)
            prediction: Prediction = self._network(*tensors)
        return prediction

    def _tensor(self, pixels: NDArray[Any], kind: str) -> Tensor:
        planes = pixels[None, None] if kind == "trimap" else pixels.transpose(2, 0, 1)[None]
        if kind == "trimap":
            planes = np.where(planes == UNKNOWN, np.float32(127.5), planes)
        tensor = torch.from_numpy(np.ascontiguousarray(planes)).to(self._device)
        return tensor.float().div_(255).contiguous(memory_format=torch.channels_last)


class BaselinePredictor:
    """A baseline; see `synthmat.train.baselines`."""

    def __init__(self, name: str, *, with_trimap: bool = False) -> None:
        try:
            check_baseline(name)
        except ValueError as error:
            raise AssetError(str(error)) from None
        self._baseline = name
        self._takes = with_trimap or name in _NEED_TRIMAP
        self._one_at_a_time = Lock()
        self.name = BASELINE + name + (WITH_TRIMAP if with_trimap and name not in _NEED_TRIMAP else "")
        self.inputs: tuple[str, ...] = ("trimap",) if self._takes else ()
        self.parameters = 0
        self.how = f"{name} on the full picture{', with a trimap' if self._takes else ', without a trimap'}"
        self.key = self.name

    def __call__(self, views: Views) -> Matte:
        """See `Predictor`."""
        trimap = views["trimap"] if self._takes else None
        with self._one_at_a_time:  # a mixture of a large picture takes gigabytes
            return Matte(predict_baseline(self._baseline, np.ascontiguousarray(views["image"]), trimap))


def shrunk(views: Views, longer_side: int) -> dict[str, NDArray[Any]]:
    """Return all views with their longer side at so many pixels, the aspect kept; smaller ones are enlarged.

    See `synthmat.train.data.resizing.resized`, also for ``alpha`` among them.
    """
    height, width = views["image"].shape[:2]
    factor = longer_side / max(height, width)
    return resized(views, max(1, round(width * factor)), max(1, round(height * factor)))


def with_known(alpha: Float, trimap: NDArray[np.uint8] | None) -> Float:
    """Return alpha with 0 and 1 where the trimap knows it; unchanged without a trimap."""
    if trimap is None:
        return alpha
    return np.where(trimap == 0, np.float32(0), np.where(trimap == 255, np.float32(1), alpha))


def _alpha(prediction: Prediction) -> Float:
    alpha = prediction.alpha[0, 0].float().clamp(0, 1).cpu().numpy()
    if not np.isfinite(alpha).all():
        raise ValueError("the network's alpha holds values that are not numbers: its training diverged")
    return alpha


def _foreground(prediction: Prediction) -> UInt8 | None:
    if prediction.foreground is None:
        return None
    levels = prediction.foreground[0].float().clamp(0, 1).mul(255).round().byte()
    return np.ascontiguousarray(levels.permute(1, 2, 0).cpu().numpy())
