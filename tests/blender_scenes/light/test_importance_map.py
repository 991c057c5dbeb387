"""The map by which Cycles finds bright spots: as fine as the panorama asks for, and no finer."""

from __future__ import annotations

import numpy as np
import pytest

from synthmat.blender_scenes.light.importance_map import SIZES, map_size


def sky(width: int, sun: float, brightness: float) -> np.ndarray:
    """Return a gray panorama with a round sun of ``sun`` degrees across."""
    height = width // 2
    elevation = (np.arange(height) + 0.5) / height * 180 - 90
    azimuth = (np.arange(width) + 0.5) / width * 360 - 180
    away = np.hypot((azimuth[None] - 31.3) * np.cos(np.radians(40)), elevation[:, None] - 40.2)
    return np.where(away < sun / 2, brightness, 1.0)[..., None] * np.ones(3)


@pytest.mark.parametrize(("width", "sun", "size"), [(1024, 20, 512), (1024, 0.8, 2048), (4096, 0.15, 4096)])
def test_the_smaller_the_sun_the_finer_the_map(width: int, sun: float, size: int) -> None:
    assert map_size(sky(width, sun, 20_000.0)) == size


def test_a_panorama_without_bright_spots_needs_the_smallest() -> None:
    assert map_size(np.ones((64, 128, 3))) == map_size(np.zeros((64, 128, 3))) == SIZES[0]
    assert map_size(sky(1024, 0.8, 5.0)) == SIZES[0]


def test_a_turned_panorama_is_looked_at_as_it_is_turned() -> None:
    panorama = np.ones((256, 512, 3))
    panorama[180, 300] = 1e5
    assert {map_size(panorama, rotation) for rotation in (0.0, 360.0, 720.0)} == {map_size(panorama)}
    cell = 360 / 512
    assert map_size(np.roll(panorama, 5, axis=1), -5 * cell) == map_size(panorama)
