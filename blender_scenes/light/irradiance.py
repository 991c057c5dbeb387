"""How brightly light from all sides lights a white matte object, for exposing a scene well. Needs no Blender."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

WELL_EXPOSED = 0.6
"""Luminance, linear, that a white matte object has where it is lit well; about 0.8 in sRGB."""

_BRIGHTEST = 1.1
_LIT_WELL = 80
_NORMALS = 256
_COARSE = (32, 64)
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


def sphere_directions(count: int) -> Floats:
    """Return unit vectors (count, 3) that lie evenly on the sphere, along a golden spiral."""
    index: Floats = np.arange(count, dtype=np.float64) + 0.5
    z = 1 - 2 * index / count
    angle = index * math.pi * (3 - math.sqrt(5))
    radius = np.sqrt(1 - z**2)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), z], axis=1)


def panorama_directions(height: int, width: int) -> tuple[Floats, Floats]:
    """Return the unit vectors (H, W, 3) that the pixels of a panorama look along, and their solid angles (H, 1).

    Equirectangular as Cycles reads it, first row at the bottom: the middle column looks along +X, the columns left of
    it towards +Y.
    """
    elevation: Floats = (np.arange(height, dtype=np.float64) + 0.5) / height * math.pi - math.pi / 2
    azimuth: Floats = math.pi - (np.arange(width, dtype=np.float64) + 0.5) / width * 2 * math.pi
    horizontal = np.cos(elevation)[:, None]
    directions = np.stack(
        [
            horizontal * np.cos(azimuth),
            horizontal * np.sin(azimuth),
            np.broadcast_to(np.sin(elevation)[:, None], (height, width)),
        ],
        axis=2,
    )
    return directions, horizontal * (math.pi / height) * (2 * math.pi / width)


def white_sphere(panorama: Floats, sun: Floats | None = None, toward_sun: Floats | None = None) -> Floats:
    """Return the linear colors (N, 3) that a white matte sphere shows to all sides.

    Args:
        panorama: Radiance (H, W, 3) from all sides, as `panorama_directions` orders it.
        sun: Light of a distant lamp (3,): what white paint that faces it gives back.
        toward_sun: Where that lamp is, a unit vector (3,).
    """
    panorama = _coarse(panorama)
    directions, solid_angles = panorama_directions(*panorama.shape[:2])
    normals = sphere_directions(_NORMALS)
    cosines = np.clip(normals @ directions.reshape(-1, 3).T, 0, None)
    color = cosines @ (panorama * solid_angles[..., None]).reshape(-1, 3) / math.pi
    if sun is not None and toward_sun is not None:
        color = color + np.clip(normals @ toward_sun, 0, None)[:, None] * sun
    return np.asarray(color)


def exposure_factor(sphere: Floats) -> float:
    """Return the factor on all light that exposes a white matte sphere well: bright, and hardly clipped.

    Args:
        sphere: Its linear colors (N, 3) to all sides, from `white_sphere`.
    """
    lit = float(np.percentile(sphere @ LUMINANCE, _LIT_WELL))
    brightest = float(sphere.max())
    if lit <= 0:
        return 0.0
    return min(WELL_EXPOSED / lit, _BRIGHTEST / brightest)


def _coarse(panorama: Floats) -> Floats:
    """Average blocks of pixels: white paint sees no detail."""
    height, width = panorama.shape[:2]
    rows, columns = max(1, height // _COARSE[0]), max(1, width // _COARSE[1])
    cut = panorama[: height // rows * rows, : width // columns * columns]
    return np.asarray(cut.reshape(height // rows, rows, width // columns, columns, 3).mean(axis=(1, 3)))
