"""Where the camera is for an azimuth and an elevation, and what its pixels mean."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

SENSOR_WIDTH_MM = 36.0
"""Width of the sensor that focal lengths refer to; it spans the width of the frame, whatever its height."""

Matrix = npt.NDArray[np.float64]


def orbit_matrix(azimuth: float, elevation: float, distance: float, roll: float = 0.0) -> Matrix:
    """Return the camera-to-world matrix (4, 4) of a camera that looks at the origin from ``distance``.

    Angles are in degrees. Azimuth 0 is on the -Y side, so that it sees the front; positive azimuths go
    counter-clockwise seen from above. The camera looks along its own -Z with +Y up, as cameras do in Blender. A
    positive roll turns it counter-clockwise about its line of sight, so that the picture turns clockwise.
    """
    a, e = math.radians(azimuth), math.radians(elevation)
    right = (math.cos(a), math.sin(a), 0.0)
    up = (-math.sin(e) * math.sin(a), math.sin(e) * math.cos(a), math.cos(e))
    back = (math.cos(e) * math.sin(a), -math.cos(e) * math.cos(a), math.sin(e))
    matrix = np.eye(4)
    cos, sin = math.cos(math.radians(roll)), math.sin(math.radians(roll))
    matrix[:3, 0] = np.multiply(right, cos) + np.multiply(up, sin)
    matrix[:3, 1] = np.multiply(up, cos) - np.multiply(right, sin)
    matrix[:3, 2] = back
    matrix[:3, 3] = np.multiply(back, distance)
    return matrix


def rotated_about_vertical(matrix: Matrix, angle: float) -> Matrix:
    """Return a camera-to-world matrix (4, 4) turned by ``angle`` degrees about the world's vertical axis."""
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    turn = np.eye(4)
    turn[:2, :2] = [[cos, -sin], [sin, cos]]
    turned: Matrix = turn @ matrix
    return turned


def intrinsics(width: int, height: int, focal_length: float, shift: tuple[float, float] = (0.0, 0.0)) -> Matrix:
    """Return K (3, 3) in pixels for square pixels; x to the right, y down, the frame's top left corner at (0, 0).

    ``shift`` is how far the lens moves the picture to the right and up, as fractions of the frame's width and height.
    """
    focal_px = focal_length * width / SENSOR_WIDTH_MM
    center_x, center_y = width * (0.5 + shift[0]), height * (0.5 - shift[1])
    return np.array([[focal_px, 0.0, center_x], [0.0, focal_px, center_y], [0.0, 0.0, 1.0]])
