"""A checkpoint as an object for programs: a picture in, its alpha out, both numpy arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthmat.train.predict.predictor import Predictor, open_predictor


class MattingModel:
    """A trained network, or a baseline, that predicts alpha at a picture's full size.

    ``inputs`` are what it needs besides the picture: ``trimap`` and ``captured_bg``, or neither. ``how`` says in words
    how it sees large pictures. Several threads may use it; the network takes their pictures one by one.

    Args:
        checkpoint: A file, a training's or output folder, ``shipped``, or ``baseline:NAME``.
        device: ``auto``, ``cpu``, ``cuda`` and so on.
        mode: How it sees a large picture; see `synthmat.train.predict.predictor.NetworkPredictor`.
        size: See there too.
    """

    def __init__(self, checkpoint: str, device: str = "auto", mode: str = "auto", size: int | None = None) -> None:
        self._predictor: Predictor = open_predictor(checkpoint, device, mode, size)
        self.name = self._predictor.name
        self.inputs = self._predictor.inputs
        self.how = self._predictor.how

    def __repr__(self) -> str:
        return f"<MattingModel {self.name}: {self.how}>"

    def predict(
        self, image: NDArray[Any], trimap: NDArray[Any] | None = None, background: NDArray[Any] | None = None
    ) -> NDArray[np.float32]:
        """Return the alpha of a picture, float32 ``(H, W)`` in 0..1.

        Args:
            image: uint8 ``(H, W, 3)``, RGB in sRGB.
            trimap: uint8 ``(H, W)``: 0 is background, 255 foreground, all between unknown. Where it knows, alpha is
                0 or 1.
            background: The same scene without the object, from the same place, uint8 ``(H, W, 3)``.

        Raises:
            ValueError: A shape or dtype is wrong, or something is missing that the network needs.

        Example:
            >>> import numpy as np, synthmat
            >>> model = synthmat.load_model("baseline:centre")
            >>> alpha = model.predict(np.zeros((48, 64, 3), np.uint8))
            >>> alpha.shape, alpha.dtype, float(alpha[24, 32]), float(alpha[0, 0])
            ((48, 64), dtype('float32'), 1.0, 0.0)
        """
        shape = image.shape[:2]
        views = {"image": _checked("image", image, (*shape, 3))}
        if trimap is not None:
            levels = _checked("trimap", trimap, shape)
            views["trimap"] = np.where((levels == 0) | (levels == 255), levels, np.uint8(128))
        if background is not None:
            views["captured_bg"] = _checked("background", background, (*shape, 3))
        for kind in self.inputs:
            if kind not in views:
                name = "background" if kind == "captured_bg" else kind
                raise ValueError(f"{self.name} needs a {name}: pass predict(image, {name}=...)")
        return self._predictor(views).alpha


def _checked(name: str, pixels: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    if pixels.dtype != np.uint8 or pixels.shape != shape:
        wanted = "x".join(map(str, shape)) if len(shape) > 1 and 0 not in shape else "H x W x 3"
        given = "x".join(map(str, pixels.shape))
        raise ValueError(f"{name}: {pixels.dtype} of {given}; give uint8 of {wanted}")
    return pixels
