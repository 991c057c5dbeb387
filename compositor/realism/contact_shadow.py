"""The shadow that an object cast on the ground in its render, put under the object in a photo."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.compositor.realism.warping import warp
from synthmat.errors import AssetError, MissingDependencyError
from synthmat.images.alpha import Float
from synthmat.storage.atomic import sha256_file

_CHANNEL = "shadow.Y"
# Edge-preserving smoothing of what is left of Monte Carlo noise: reach, and the variance from which on it is an edge.
_REACH_PX, _EDGE = 9, 0.01
# Beyond the render's frame the shadow goes on as at its border and fades out over this fraction of the frame.
_FADE, _FADE_PX = 0.25, 16
# A photo's levels are about this root of light: a camera adds contrast to the 2.2 of the display.
_GAMMA = 1.5


def load_shadow(path: Path, sha256: str) -> Float:
    """Return the shadow pass of a render, float32 ``(H, W)`` in 0..1, freed from most of its noise.

    It is the fraction of light that the ground loses.

    Raises:
        AssetError: The file is missing, has changed since it was rendered, is broken, or has no shadow pass.
        MissingDependencyError: OpenEXR is not installed.
    """
    check_shadows()
    import OpenEXR

    if not path.is_file():
        raise AssetError(f"{path}: the render's passes are not there; run `synthmat render` with passes: [shadow]")
    if sha256_file(path) != sha256:
        raise AssetError(f"{path}: the passes have changed since they were rendered; run `synthmat render`")
    try:
        with OpenEXR.File(str(path), separate_channels=True) as opened:
            channel = opened.parts[0].channels.get(_CHANNEL)
            shadow = None if channel is None else np.clip(np.asarray(channel.pixels, np.float32), 0, 1)
    except RuntimeError as error:
        raise AssetError(f"{path}: the EXR file is broken: {error}") from None
    if shadow is None:
        raise AssetError(f"{path}: the render has no shadow pass; run `synthmat render` with passes: [shadow]")
    return _smoothed(shadow)


def check_shadows() -> None:
    """Make sure that shadow passes can be read.

    Raises:
        MissingDependencyError: OpenEXR is not installed.
    """
    try:
        import OpenEXR  # noqa: F401
    except ImportError:
        raise MissingDependencyError(
            "Shadows lie in EXR files; install what reads them: pip install 'synthmat[render]'"
        ) from None


def place_shadow(
    shadow: Float, matrix: NDArray[np.float64], size: int, *, strength: float = 1.0, softness: float = 0.0
) -> Float:
    """Return how much darker the shadow makes each pixel of a sample: its plate is multiplied by 1 minus this.

    Beyond the render's frame it fades out, so that the frame's border does not show.

    Args:
        shadow: See `load_shadow`; of the whole frame of the render.
        matrix: 2x3, from pixel positions in the render to positions in the sample, the same as the object's.
        size: Edge of the sample, pixels.
        strength: 0 (none) to 1 (all of the light that the object takes away).
        softness: Standard deviation of a blur, fraction of ``size``.

    Returns:
        float32 ``(size, size)`` in 0..1, 0 where there is no shadow; for sRGB values, not for linear light.
    """
    placed = warp(shadow, matrix, size, border=cv2.BORDER_REPLICATE) * warp(*_fade(shadow.shape, matrix), size)
    if softness > 0:
        placed = cv2.GaussianBlur(placed, (0, 0), softness * size)
    light = cv2.pow(1 - np.float32(strength) * np.clip(placed, 0, 1), 1 / _GAMMA)
    return np.asarray(1 - light, np.float32)


def _smoothed(shadow: Float) -> Float:
    """Smooth a picture with itself as guide (He et al., "Guided image filtering", ECCV 2010)."""
    window = (_REACH_PX, _REACH_PX)
    mean = cv2.blur(shadow, window)
    variance = np.maximum(cv2.blur(shadow * shadow, window) - mean * mean, 0)
    slope = variance / (variance + _EDGE)
    smoothed = cv2.blur(slope, window) * shadow + cv2.blur(mean * (1 - slope), window)
    return np.clip(np.asarray(smoothed, np.float32), 0, 1)


def _fade(shape: tuple[int, ...], matrix: NDArray[np.float64]) -> tuple[Float, NDArray[np.float64]]:
    """Return a small picture that is 1 in a frame and falls to 0 around it, and its way to the sample."""
    ramp = (np.arange(_FADE_PX) + 0.5) / _FADE_PX
    rise = ramp * ramp * (3 - 2 * ramp)
    inside = round(_FADE_PX / _FADE)
    line = np.concatenate([rise, np.ones(inside), rise[::-1]]).astype(np.float32)
    y, x = (side / inside for side in shape)
    corner = [0.5 * x - 0.5 - _FADE_PX * x, 0.5 * y - 0.5 - _FADE_PX * y]
    enlarge = np.array([[x, 0, corner[0]], [0, y, corner[1]], [0, 0, 1]])
    return np.outer(line, line), matrix @ enlarge
