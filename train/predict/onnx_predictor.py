"""Networks in ONNX files, exported by ``synthmat export model``, as predictors: no torch is needed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthmat.errors import AssetError, MissingDependencyError
from synthmat.executor import default_workers
from synthmat.storage.atomic import sha256_file
from synthmat.train.predict.description import METADATA, PLAIN, Description, read_description
from synthmat.train.predict.predictor import Matte, Views
from synthmat.train.predict.sized_predictor import SizedPredictor, as_planes, check_numbers

_CPU = "CPUExecutionProvider"
_PROVIDERS = {
    "cuda": "CUDAExecutionProvider",
    "hip": "ROCMExecutionProvider",
    "mps": "CoreMLExecutionProvider",
    "metal": "CoreMLExecutionProvider",
    "oneapi": "OpenVINOExecutionProvider",
}
_SAME = {"gpu": "cuda", "optix": "cuda"}


class OnnxPredictor(SizedPredictor):
    """A network in an ONNX file.

    Args:
        path: The file.
        device: ``auto`` is CUDA where onnxruntime has it, else the processor.
        mode: See `SizedPredictor`.
        size: See `SizedPredictor`; a network of a fixed size takes that one only.

    Raises:
        AssetError: The file is no network of ours, was exported for another program, or takes no such size.
        MissingDependencyError: onnxruntime is not installed, or does not know the device.
    """

    def __init__(self, path: Path, device: str = "cpu", mode: str = "auto", size: int | None = None) -> None:
        self._session = open_session(path, device)
        self.description = description_of(self._session, path)
        if self.description.contract != PLAIN:
            raise AssetError(
                f"{path}: was exported for {self.description.contract}, whose pictures are normalized in another way; "
                "export it again without --for"
            )
        super().__init__(str(path), self.description.trained, mode, size or self.description.fixed or None)
        fixed = self.description.fixed
        if fixed and (self.mode == "whole" or self.size != fixed):
            raise AssetError(
                f"{path}: takes pictures of {fixed}x{fixed} pixels only; use --mode resize or tile, and no --size"
            )
        self.key = f"{sha256_file(path)} {self.mode} {self.size}"

    def _run(self, several: Sequence[Views]) -> list[Matte]:
        height, width = several[0]["image"].shape[:2]
        given = {
            kind: np.concatenate([self._tensor(views[kind], kind) for views in several]) for kind in self.trained.inputs
        }
        with self._one_at_a_time:
            found = dict(zip(self.description.outputs, self._session.run(None, given), strict=True))
        return [
            _matte({kind: planes[each, :, :height, :width] for kind, planes in found.items()})
            for each in range(len(several))
        ]

    def _tensor(self, pixels: NDArray[Any], kind: str) -> NDArray[np.float32]:
        planes = as_planes(pixels, kind).astype(np.float32) / np.float32(255)
        height, width = planes.shape[-2:]
        least = self.description.fixed or self.description.least
        below, right = max(0, least - height), max(0, least - width)
        return np.pad(planes, ((0, 0), (0, 0), (0, below), (0, right)), "edge") if below or right else planes


def _matte(found: dict[str, NDArray[np.float32]]) -> Matte:
    """Return the matte of one picture from its planes by name, ``(C, H, W)``."""
    alpha: NDArray[np.float32] = found["alpha"][0].clip(0, 1)
    check_numbers(alpha)
    if "foreground" not in found:
        return Matte(alpha)
    color = np.rint(found["foreground"].clip(0, 1) * 255).astype(np.uint8)
    return Matte(alpha, np.ascontiguousarray(color.transpose(1, 2, 0)))


def open_session(path: Path, device: str = "cpu", threads: int | None = None) -> Any:
    """Return an onnxruntime session.

    Args:
        path: An ONNX file.
        device: See `OnnxPredictor`.
        threads: How many compute; one a processor if absent.

    Raises:
        AssetError: The file is no ONNX network, or is damaged.
        MissingDependencyError: onnxruntime is not installed, or does not know the device.
    """
    try:
        import onnxruntime
    except ImportError:
        raise MissingDependencyError(
            f"{path}: needs onnxruntime, which is not installed: pip install 'synthmat[onnx]'"
        ) from None
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads or default_workers()
    providers = _providers(device, onnxruntime.get_available_providers())
    try:
        return onnxruntime.InferenceSession(path.read_bytes(), options, providers=providers)
    except OSError as error:
        raise AssetError(f"{path}: cannot be read: {error.strerror}") from None
    except Exception as error:  # onnxruntime has many kinds, none of them public
        reason = str(error).strip().partition("\n")[0]
        raise AssetError(f"{path}: is no ONNX network, or is damaged: {reason}") from None


def description_of(session: Any, path: Path) -> Description:
    """Return what the file of a session says of itself.

    Raises:
        AssetError: It was not exported by synthmat.
    """
    text = session.get_modelmeta().custom_metadata_map.get(METADATA)
    if text is None:
        raise AssetError(
            f"{path}: does not say what its inputs mean, so it was not made by `synthmat export model`; export a "
            "checkpoint with that"
        )
    try:
        return read_description(text)
    except ValueError as error:
        raise AssetError(f"{path}: {error}; export the checkpoint again") from None


def _providers(device: str, there: list[str]) -> list[str]:
    kind = device.partition(":")[0]
    kind = _SAME.get(kind, kind)
    if kind == "cpu":
        return [_CPU]
    if kind == "auto":
        return [name for name in (_PROVIDERS["cuda"], _CPU) if name in there]
    wanted = _PROVIDERS.get(kind, "")
    if wanted not in there:
        raise MissingDependencyError(
            f"--device {device}: this onnxruntime has {', '.join(there)} only; use --device cpu, or install the "
            "onnxruntime of that device (https://onnxruntime.ai/getting-started)"
        )
    return [wanted, _CPU]
