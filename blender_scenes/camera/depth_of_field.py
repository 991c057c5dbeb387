"""The aperture that blurs an object by a wanted amount."""

from __future__ import annotations

from dataclasses import dataclass

from synthmat.blender_scenes.camera.orbit import SENSOR_WIDTH_MM
from synthmat.render_job import Defocus

METERS_PER_MM = 1e-3


@dataclass(frozen=True)
class Aperture:
    """``f_stop`` for a scene in meters, ``diameter`` of the aperture and ``focus_distance`` in object radii."""

    f_stop: float
    diameter: float
    focus_distance: float


def choose_aperture(defocus: Defocus, near: float, far: float, *, focal_length: float) -> Aperture:
    """Return the aperture that gives the most blurred of two depths a disc of ``defocus.blur`` frame widths.

    A thin lens of diameter A that is focused on depth f images a point at depth z as a disc of A |1/f - 1/z| times
    the focal length. ``near`` and ``far`` are depths along the line of sight, ``focal_length`` is in mm.
    """
    focus = near + defocus.focus * (far - near)
    spread = max(1 / near - 1 / focus, 1 / focus - 1 / far)
    if spread <= 0:
        return Aperture(float("inf"), 0.0, focus)
    diameter = defocus.blur * SENSOR_WIDTH_MM / focal_length / spread
    return Aperture(focal_length * METERS_PER_MM / diameter, diameter, focus)
