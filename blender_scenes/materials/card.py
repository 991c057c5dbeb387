"""What a textured card lets through, as a table of one picture's channel; free of Blender."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Lookup:
    """Where opacity is looked up: channel of an image, name of a UV map ("" for the active one), and how.

    ``matrix`` (2, 3) is what is done to UV before. ``extension`` and ``interpolation`` are those of Blender's node.
    """

    image: str
    channel: int
    uv_map: str
    matrix: tuple[tuple[float, float, float], tuple[float, float, float]]
    extension: str
    interpolation: str


@dataclass(frozen=True)
class CardAlpha:
    """Transmittance (256,), 0..1, by the channel's level, and the picture (H, W), lowest row first, of levels.

    Without a ``lookup`` both are the same everywhere.
    """

    transmittance: Float
    lookup: Lookup | None
    picture: Bytes
