"""Float pictures as Blender writes them, and frames as we do."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import OpenEXR

from synthmat.errors import SynthmatError

Float = npt.NDArray[np.float32]

_PNG_LEVEL = 3


def read_layers(file: Path) -> dict[str, Float]:
    """Return every layer of an EXR file by its name within its view layer (``Combined``, ``Depth``), float32.

    Shapes are ``(H, W)``, ``(H, W, 3)`` or ``(H, W, 4)``; color is linear and premultiplied.
    """
    layers: dict[str, dict[str, Float]] = {}
    with OpenEXR.File(str(file), separate_channels=True) as opened:
        for part in opened.parts:  # Blender 5 writes each layer as a part of its own
            for name, channel in part.channels.items():
                _, layer, letter = name.rsplit(".", 2)
                layers.setdefault(layer, {})[letter.upper()] = channel.pixels
        return {layer: _stacked(parts) for layer, parts in layers.items()}


def _stacked(parts: dict[str, Float]) -> Float:
    order = [part for part in "RGBAXYZ" if part in parts] if len(parts) > 1 else list(parts)
    pixels = [np.asarray(parts[part], np.float32) for part in order]
    return np.stack(pixels, axis=-1) if len(pixels) > 1 else pixels[0].copy()


def exr_bytes(layers: dict[str, Float]) -> bytes:
    """Return an EXR file of layers by channel name (``RGBA``, ``depth.Z``, ``normal.XYZ``), float32, lossless (ZIP)."""
    channels: dict[str, Any] = {}
    for name, pixels in layers.items():
        channels.update(_channels(name, np.ascontiguousarray(pixels, np.float32)))
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    with tempfile.TemporaryDirectory(prefix="synthmat-") as folder:
        file = Path(folder) / "frame.exr"
        OpenEXR.File(header, channels).write(str(file))
        return file.read_bytes()


def _channels(name: str, pixels: Float) -> dict[str, Any]:
    layer, _, parts = name.rpartition(".")
    prefix = f"{layer}." if layer else ""
    if pixels.ndim == 2:
        return {f"{prefix}{parts}": pixels}
    return {f"{prefix}{part}": np.ascontiguousarray(pixels[..., i]) for i, part in enumerate(parts)}


def png_bytes(color: Float, alpha: Float, *, bit_depth: int) -> bytes:
    """Return a straight RGBA PNG file of linear straight color ``(H, W, 3)`` and alpha ``(H, W)``.

    Color gets the sRGB transfer curve and is cut to 0..1. The bytes depend on the pixels only.
    """
    rgba = np.concatenate([srgb(color), np.clip(alpha, 0, 1)[..., None]], axis=-1)
    max_level = 2**bit_depth - 1
    levels = np.rint(rgba * max_level).astype(np.uint8 if bit_depth == 8 else np.uint16)
    levels[levels[..., 3] == 0] = 0
    return _encoded(levels[..., [2, 1, 0, 3]])


def srgb(linear: Float) -> Float:
    """Return linear values cut to 0..1 and encoded for display, IEC 61966-2-1."""
    cut = np.clip(linear, 0, 1)
    return np.asarray(np.where(cut <= 0.0031308, 12.92 * cut, 1.055 * cut ** (1 / 2.4) - 0.055), np.float32)


def _encoded(levels: npt.NDArray[Any]) -> bytes:
    done, data = cv2.imencode(".png", levels, [cv2.IMWRITE_PNG_COMPRESSION, _PNG_LEVEL])
    if not done:
        raise SynthmatError("the PNG file could not be made")
    return bytes(data.tobytes())
