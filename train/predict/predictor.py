"""A trained network or a baseline as one thing: pictures of any size in, an alpha of that size out.

This file and what it imports do without torch, so that exported networks run where it is not installed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from synthmat.errors import AssetError, MissingDependencyError
from synthmat.images.alpha import Float, UInt8
from synthmat.networks.shipped import SHIPPED, shipped_network
from synthmat.printable_names import expand_home
from synthmat.train.baselines import baseline_names, check_baseline, predict_baseline
from synthmat.train.data.resizing import resized

if TYPE_CHECKING:
    import torch

Views = Mapping[str, NDArray[Any]]
"""Pictures of one size: ``image`` and ``captured_bg`` uint8 ``(H, W, 3)`` sRGB, ``trimap`` uint8 with 0, 128, 255."""

MODES = ("auto", "resize", "tile", "whole")
BASELINE = "baseline:"
WITH_TRIMAP = "+trimap"

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

    def many(self, several: Sequence[Views]) -> list[Matte]:
        """Return the mattes of pictures of one size; a network may be shown them all at once."""
        ...


def open_predictor(
    name: str, device: torch.device | str | None = None, mode: str = "auto", size: int | None = None
) -> Predictor:
    """Return the predictor that a text means.

    Args:
        name: A checkpoint, a folder of a training or an output folder with one; an ``.onnx`` file that
            `synthmat export model` wrote, which needs no torch; ``shipped``, the network that comes with synthmat; or a
            baseline, ``baseline:kmeans`` for example, which is given a trimap it can do without only as
            ``baseline:kmeans+trimap``.
        device: Where networks run; the processor if absent.
        mode: See `synthmat.train.predict.sized_predictor.SizedPredictor`.
        size: See there.

    Raises:
        OutputError: The checkpoint cannot be used.
        AssetError: There is neither such a file nor such a baseline.
        MissingDependencyError: What the network runs on is not installed.
    """
    path = Path(expand_home(name))
    bare = name.removeprefix(BASELINE)
    if name.startswith(BASELINE) or (not path.exists() and bare.removesuffix(WITH_TRIMAP) in baseline_names()):
        return BaselinePredictor(bare.removesuffix(WITH_TRIMAP), with_trimap=bare.endswith(WITH_TRIMAP))
    file = shipped_network() if name == SHIPPED and not path.exists() else checkpoint_at(path)
    if file.suffix.lower() == ".onnx":
        from synthmat.train.predict.onnx_predictor import OnnxPredictor

        return OnnxPredictor(file, str(device or "cpu"), mode, size)
    try:
        from synthmat.train.predict.network_predictor import NetworkPredictor
    except ModuleNotFoundError as error:
        if error.name not in ("torch", "torchvision"):
            raise
        raise MissingDependencyError(
            f"{file}: a checkpoint runs on {error.name}, which is not installed: pip install 'synthmat[train]'; or "
            "export it where that is (synthmat export model) and predict with the .onnx file"
        ) from None
    from synthmat.train.engine.device import pick_device

    return NetworkPredictor(file, pick_device(str(device or "cpu")), mode, size)


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
            f"{path}: no such checkpoint; {SHIPPED} is the network that comes with synthmat, and baselines are "
            f"{', '.join(BASELINE + each for each in baseline_names())}"
        )
    if not path.is_file():
        raise AssetError(f"{path}: is a pipe or a device; a checkpoint is a file")
    return path


def own_checkpoint_at(path: Path) -> Path:
    """Return `checkpoint_at` of what is to be exported or adapted.

    Raises:
        AssetError: See there; or it is an exported network, the one that comes with synthmat among them.
    """
    shipped = str(path) == SHIPPED and not path.exists()
    if shipped or path.suffix.lower() == ".onnx":
        exported = shipped_network() if shipped else path
        raise AssetError(f"{path}: {exported} is an exported network already; name the checkpoint of a training")
    return checkpoint_at(path)


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

    def many(self, several: Sequence[Views]) -> list[Matte]:
        """See `Predictor`."""
        return [self(views) for views in several]


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
