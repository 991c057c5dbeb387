"""The captured background: the same place photographed once more without the object, and never quite the same."""

from __future__ import annotations

import cv2
import numpy as np

from synthmat.compositor.realism.normal_noise import normal_noise
from synthmat.images.alpha import UInt8
from synthmat.images.color_matrix import LUMA, apply_matrix, color_matrix
from synthmat.random_streams import stream
from synthmat.sample_job import CapturedBackground


def capture_background(plate: UInt8, changes: CapturedBackground) -> UInt8:
    """Return a clean plate with noise, other colors and a small misalignment, in this order; uint8 ``(S, S, 3)``.

    These are the perturbations of Lin et al., "Real-Time High-Resolution Background Matting", CVPR 2021. What comes
    into the picture from outside is its mirror image. Contrast is about the mean luma, as when a camera meters again.

    Args:
        plate: The background before the object came, sRGB uint8 ``(S, S, 3)``.
        changes: What changes; with nothing in it, the plate itself comes back.
    """
    captured = plate
    if changes.noise > 0:
        noise = normal_noise(plate.shape, stream(changes.seed, "captured background"))
        noise *= np.float32(255 * changes.noise)
        noise += plate
        captured = np.clip(np.rint(noise, out=noise), 0, 255, out=noise).astype(np.uint8)
    mean = float(np.dot(LUMA, cv2.mean(captured)[:3])) / 255
    colors = color_matrix(
        gain=changes.brightness,
        hue_deg=changes.hue,
        saturation=changes.saturation,
        contrast=changes.contrast,
        pivot=mean * changes.brightness,
    )
    if not np.allclose(colors, np.eye(3, 4), rtol=0, atol=1e-9):
        captured = apply_matrix(captured, colors)
    if changes.rotate or changes.shift_x or changes.shift_y:
        captured = _moved(captured, changes)
    return captured


def _moved(picture: UInt8, changes: CapturedBackground) -> UInt8:
    size = picture.shape[0]
    # OpenCV counts angles the other way round.
    matrix = np.asarray(cv2.getRotationMatrix2D(((size - 1) / 2, (size - 1) / 2), -changes.rotate, 1.0), np.float64)
    matrix[:, 2] += np.array([changes.shift_x, changes.shift_y]) * size
    return np.asarray(
        cv2.warpAffine(picture, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101),
        np.uint8,
    )
