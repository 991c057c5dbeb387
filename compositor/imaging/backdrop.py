"""From a photo to the background of a sample: where the square lies, and how it is shown."""

from __future__ import annotations

import math

import cv2
import numpy as np

from synthmat.compositor.realism.warping import warp
from synthmat.images.alpha import UInt8
from synthmat.images.color_matrix import apply_matrix, color_matrix
from synthmat.sample_job import Backdrop

# A wider blur than this is made of a smaller picture, which is some hundred times as fast.
_WIDEST_BLUR_PX = 3.0
# A photo that shrinks by more has enough pixels for interpolation to leave it sharp.
_SHARP_UNTIL = 1.25


def frame_photo(photo: UInt8, backdrop: Backdrop, size: int) -> UInt8:
    """Return the background of a sample before it is defocused, sRGB uint8 ``(size, size, 3)``.

    How sharp and grainy the camera's picture is shows here. What is not asked for costs nothing and changes nothing;
    the result may share its memory with the photo.

    Args:
        photo: sRGB, uint8 ``(H, W, 3)``.
        backdrop: Crop, mirror, rotation and colors; its blur is for `defocus`, after this.
        size: Edge of the result, pixels.
    """
    between = backdrop.rotate or backdrop.panned
    square = crop_rotated(photo, backdrop, size) if between else crop_square(photo, backdrop, size)
    if backdrop.flip:
        square = square[:, ::-1]
    if (backdrop.hue, backdrop.saturation, backdrop.contrast, backdrop.brightness) != (0, 1, 1, 0):
        colors = color_matrix(
            hue_deg=backdrop.hue,
            saturation=backdrop.saturation,
            contrast=backdrop.contrast,
            brightness=backdrop.brightness,
        )
        square = apply_matrix(square, colors)
    return np.ascontiguousarray(square)


def crop_square(photo: UInt8, backdrop: Backdrop, size: int) -> UInt8:
    """Return the square of the photo that a backdrop without rotation shows, uint8 ``(size, size, 3)``."""
    height, width = photo.shape[:2]
    edge = max(1, round(min(height, width) / backdrop.zoom))
    left, top = round(backdrop.crop_x * (width - edge)), round(backdrop.crop_y * (height - edge))
    square = photo[top : top + edge, left : left + edge]
    if edge == size:
        return square
    method = cv2.INTER_AREA if edge > size else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(square, (size, size), interpolation=method), np.uint8)


def crop_rotated(photo: UInt8, backdrop: Backdrop, size: int) -> UInt8:
    """Return the rotated or panned square of the photo that a backdrop shows, uint8 ``(size, size, 3)``.

    The photo rotates clockwise by ``backdrop.rotate`` degrees. All four corners lie in the photo: where the square
    would not fit, it is smaller.
    """
    height, width = photo.shape[:2]
    angle = math.radians(backdrop.rotate)
    cos, sin = math.cos(angle), math.sin(angle)
    widened = abs(cos) + abs(sin)
    edge = min(height, width) * min(1 / backdrop.zoom, 1 / widened)
    # The square's box, cut out with whole pixels, and the square's center in it.
    box = edge * widened
    left, top = backdrop.crop_x * (width - box), backdrop.crop_y * (height - box)
    first_x, first_y = max(0, math.floor(left)), max(0, math.floor(top))
    cut = photo[first_y : math.ceil(top + box), first_x : math.ceil(left + box)]
    center = np.array([left - first_x, top - first_y]) + box / 2 - 0.5
    linear = size / edge * np.array([[cos, -sin], [sin, cos]])
    matrix = np.column_stack([linear, (size - 1) / 2 - linear @ center])
    filter = cv2.INTER_CUBIC if edge < _SHARP_UNTIL * size else cv2.INTER_LINEAR
    # At the photo's own edge the filter needs a pixel more than there is; it gets the last one twice.
    return warp(cut, matrix, size, interpolation=filter, border=cv2.BORDER_REPLICATE)


def defocus(picture: UInt8, sigma: float) -> UInt8:
    """Return a picture ``(H, W, 3)`` under a Gaussian blur with a standard deviation of ``sigma`` pixels."""
    if sigma <= 0:
        return picture
    if sigma <= _WIDEST_BLUR_PX:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)
    height, width = picture.shape[:2]
    factor = 2 * sigma / _WIDEST_BLUR_PX
    small = max(1, round(width / factor)), max(1, round(height / factor))
    factor = width / small[0]
    # Averaging over areas and interpolating between them blurs too: variances of a box and of a triangle.
    rest = math.sqrt(max(0.01, sigma**2 - (factor**2 - 1) / 12 - factor**2 / 6)) / factor
    blurred = cv2.GaussianBlur(cv2.resize(picture, small, interpolation=cv2.INTER_AREA), (0, 0), rest)
    return np.asarray(cv2.resize(blurred, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
