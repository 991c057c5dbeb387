"""Faults that only the finished pixels show."""

from __future__ import annotations

import numpy as np

from synthmat.blender_scenes.color.frame_check import fault_warnings, shading_faults


def frame(color: tuple[float, float, float], rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a gray square, ``rows`` of its ten rows in another color, and its albedo."""
    premultiplied = np.full((10, 10, 4), 0.3, np.float32)
    premultiplied[..., 3] = 1
    premultiplied[:rows, :, :3] = color
    return premultiplied, np.full((10, 10, 3), 0.5, np.float32)


def test_magenta_is_told() -> None:
    premultiplied, albedo = frame((0.3, 0.0, 0.3), 3)
    albedo[:3] = (1.0, 0.02, 1.0)
    faults = shading_faults(premultiplied, albedo)
    assert faults.magenta == 0.3
    assert "30% of the object is pure magenta" in fault_warnings(faults, lit_from_everywhere=True)[0]


def test_faces_that_give_back_no_light_are_told_unless_it_may_be_dark() -> None:
    faults = shading_faults(*frame((0.0, 0.0, 0.0), 2))
    assert faults.unlit == 0.2
    assert "20% of the object gives back no light" in fault_warnings(faults, lit_from_everywhere=True)[0]
    assert fault_warnings(faults, lit_from_everywhere=False) == []


def test_black_paint_and_nothing_at_all_are_no_faults() -> None:
    premultiplied, albedo = frame((0.0, 0.0, 0.0), 2)
    albedo[:2] = 0.0
    assert fault_warnings(shading_faults(premultiplied, albedo), lit_from_everywhere=True) == []
    assert shading_faults(np.zeros((4, 4, 4), np.float32), np.zeros((4, 4, 3), np.float32)).unlit == 0
