"""Where the camera stands for an azimuth and an elevation, and what its pixels mean."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

SENSOR_WIDTH_MM = 36.0
"""Width of the sensor that focal lengths refer to; it spans the width of the frame, whatever its height."""

Matrix = npt.NDArray[np.float64]


def orbit_matrix(azimuth: float, elevation: float, distance: float) -> Matrix:
    """Return the camera-to-world matrix (4, 4) of a camera that looks at the origin from ``distance``.

    Angles are in degrees. Azimuth 0 stands on the -Y side, so that it sees the front; positive azimuths go
    counter-clockwise seen from above. The camera looks along its own -Z with +Y up, as cameras do in Blender.
    """
    a, e = math.radians(azimuth), math.radians(elevation)
    right = (math.cos(a), math.sin(a), 0.0)
    up = (-math.sin(e) * math.sin(a), math.sin(e) * math.cos(a), math.cos(e))
    back = (math.cos(e) * math.sin(a), -math.cos(e) * math.cos(a), math.sin(e))
    matrix = np.eye(4)
    matrix[:3, 0], matrix[:3, 1], matrix[:3, 2] = right, up, back
    matrix[:3, 3] = np.multiply(back, distance)
    return matrix


def intrinsics(width: int, height: int, focal_length: float) -> Matrix:
    """Return K (3, 3) in pixels for square pixels; x to the right, y down, the frame's top left corner at (0, 0)."""
    focal_px = focal_length * width / SENSOR_WIDTH_MM
    return np.array([[focal_px, 0.0, width / 2], [0.0, focal_px, height / 2], [0.0, 0.0, 1.0]])
