"""Make the photographs of places that come with synthmat: tools/make_places.py src/synthmat/places

Perspective views of the panoramas that Blender brings along, which are CC0 and show no subject: what a camera would
have taken that stood there. Views that show the dog of the courtyard are left out.
"""

from __future__ import annotations

import importlib.util
import math
import os
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

os.environ["OPENCV_IO_ENABLE_OPENEXR"] = "1"  # read when cv2 is first imported

import cv2

SIZE = 288
"""Edge in pixels: of the panoramas' 1,024 pixels such a view shows 200 to 240."""

VIEWS = ((0, 0, 80), (60, -8, 70), (120, 4, 85), (180, 0, 75), (240, -12, 80), (300, 3, 85))
"""Azimuth, elevation and field of view, degrees."""

COURTYARD = ((0, 0, 80), (30, -5, 70), (60, -8, 70), (90, 5, 80), (120, 4, 85), (300, 3, 85))

Floats = NDArray[np.float32]


def main(target: Path) -> None:
    """Write the views of every panorama."""
    found = importlib.util.find_spec("bpy")
    assert found is not None
    assert found.origin
    for file in sorted(Path(found.origin).parent.glob("*/datafiles/studiolights/world/*.exr")):
        panorama = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
        assert panorama is not None, f"{file}: cannot be read"
        for number, (azimuth, elevation, field) in enumerate(COURTYARD if file.stem == "courtyard" else VIEWS, 1):
            picture = developed(view(panorama, azimuth, elevation, field))
            cv2.imwrite(str(target / f"{file.stem}_{number}.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 88])


def view(panorama: Floats, azimuth: float, elevation: float, field: float) -> Floats:
    """Return what a camera in the middle sees, linear ``(SIZE, SIZE, 3)``; ``field`` is its horizontal angle."""
    height, width = panorama.shape[:2]
    x, y = np.meshgrid(*[(np.arange(SIZE) + 0.5) / SIZE - 0.5] * 2)
    ray = np.stack([x, -y, np.full_like(x, 0.5 / math.tan(math.radians(field) / 2))], axis=-1)
    ray /= np.linalg.norm(ray, axis=-1, keepdims=True)
    up = math.radians(elevation)
    upward = ray[..., 1] * math.cos(up) + ray[..., 2] * math.sin(up)
    ahead = ray[..., 2] * math.cos(up) - ray[..., 1] * math.sin(up)
    longitude = np.arctan2(ray[..., 0], ahead) + math.radians(azimuth)
    column = (longitude / (2 * math.pi) + 0.5) % 1 * width - 0.5
    row = (0.5 - np.arcsin(np.clip(upward, -1, 1)) / math.pi) * height - 0.5
    wrapped = cv2.copyMakeBorder(panorama, 0, 0, 2, 2, cv2.BORDER_WRAP)
    places = (column + 2).astype(np.float32), row.astype(np.float32)
    return np.asarray(cv2.remap(wrapped, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def developed(linear: Floats) -> NDArray[np.uint8]:
    """Return a picture of usual brightness, highlights rolled off by Reinhard's curve (2002), white at 3."""
    luminance = linear @ np.float32([0.0722, 0.7152, 0.2126])  # of BGR
    exposed = linear * (0.22 / max(float(np.exp(np.log(luminance + 1e-4).mean())), 1e-4))
    shown = np.clip(1.25 * exposed * (1 + exposed / 9) / (1 + exposed), 0, 1)
    encoded = np.where(shown < 0.0031308, 12.92 * shown, 1.055 * shown ** (1 / 2.4) - 0.055)
    return np.rint(255 * encoded).astype(np.uint8)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
