"""Mattes without a path tracer, for views of scenes of nothing but surfaces which hide all that is behind them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.alpha_estimate import AlphaEstimate, is_edge
from synthmat.blender_scenes.camera import clipping_planes
from synthmat.blender_scenes.coverage import Mesh, Outline, coverage, project, scanned
from synthmat.blender_scenes.instants import Instant, instants, is_sharp
from synthmat.blender_scenes.opaque_geometry import visible_surfaces
from synthmat.blender_scenes.scene_setup import Studio
from synthmat.blender_scenes.shots import Shots
from synthmat.blender_scenes.strand_coverage import Strands, project_strands
from synthmat.records import RenderSettings, View

Float = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

SOURCE = "coverage"
"""`AlphaEstimate.source` of these mattes."""

_SCANLINES = 16, 64, 1.0
_MOMENTS = 64, 2048, 1.5
_LENS_POINTS = 256, 2048, 1.5
"""The fewest and the most in each half, and how many times smaller the estimated error should be than is wanted: pixels
share the instants of a blurred view, so that a lucky pair of halves may seem better than it is."""
_LINES_OF_AN_INSTANT = 2
# How far these mattes and Cycles' converged ones (8192 samples) lie apart whatever the effort, 0.07 and 0.45 levels:
# Cycles looks up filter, shutter and lens in tables, and not quite evenly. Measured on Suzanne, a helmet and a bike.
_APART_SHARP, _APART_BLURRED = 0.00027, 0.0018
_SEEN_THROUGH = 2e-4
_MOST_UNKNOWN = 0.5
_BLOCK = 8
_UNLIKELY = 5.0


@dataclass(frozen=True)
class Covered:
    """A matte, and where ``(H, W)`` it is not what can be seen, because something there lets light through."""

    estimate: AlphaEstimate
    unknown: Mask


def measure_by_coverage(
    shots: Shots, studio: Studio, settings: RenderSettings, views: list[View], rough: dict[str, Float]
) -> tuple[dict[str, Covered], set[str]]:
    """Return the mattes of those views that can be had without rendering, or most of each, by the view's name.

    ``rough`` is the beauty pass's alpha ``(H, W)`` of each view. The names returned beside are of the views whose
    matte was found but is not what the beauty pass saw, be its noise as it may.
    """
    found: dict[str, Covered] = {}
    refused: set[str] = set()
    if studio.performance.exposure_s > 0:
        return found, refused  # the model itself moves while the shutter is open
    surfaces = visible_surfaces() if studio.performance.still else None
    for view in views:
        began = time.perf_counter()
        if not studio.performance.still:
            shots.go_to(view)
            surfaces = visible_surfaces()
        if surfaces is None:
            break
        covered = _measure(*surfaces, view, shots.camera_parts[view.name], settings)
        if covered is not None:
            if is_explained(rough[view.name], covered, settings.samples):
                found[view.name] = covered
            else:
                refused.add(view.name)
        shots.seconds[view.name] += time.perf_counter() - began
    return found, refused


def _measure(
    hiding: Mesh,
    every: Mesh | None,
    strands: Strands | None,
    view: View,
    part: dict[str, Any],
    settings: RenderSettings,
) -> Covered | None:
    """Return a view's matte, None where too much of it is not hidden by opaque surfaces, or it would not do."""
    effort, most, safety = _SCANLINES
    apart = _APART_SHARP if is_sharp(part) else _APART_BLURRED
    if apart > settings.alpha_error:
        return None
    if not is_sharp(part):
        effort, most, safety = _MOMENTS if part["depth_of_field"] is None else _LENS_POINTS
    unknown = np.zeros((settings.height, settings.width), np.bool_)
    if every is not None:
        whole, hidden = (
            _render(mesh, None, view, part, settings, effort, np.random.default_rng(view.seed))
            for mesh in (every, hiding)
        )
        unknown = cv2.dilate((np.abs(whole - hidden) > _SEEN_THROUGH).astype(np.uint8), np.ones((3, 3))) > 0
        if unknown.sum() > _MOST_UNKNOWN * (is_edge(whole.astype(np.float32)) | unknown).sum():
            return None
    generator = np.random.default_rng(view.seed)
    while True:
        halves = [
            _render(hiding, strands, view, part, settings, effort, generator).astype(np.float32) for _ in range(2)
        ]
        # Each is so much better than the one before that together they would be worse.
        estimate = AlphaEstimate(SOURCE, apart)
        estimate.add(halves[0], halves[1], effort)
        if estimate.random_error * safety <= settings.alpha_error or effort >= most:
            return Covered(estimate, unknown)
        effort *= 2


def _render(
    mesh: Mesh,
    strands: Strands | None,
    view: View,
    part: dict[str, Any],
    settings: RenderSettings,
    effort: int,
    generator: np.random.Generator,
) -> npt.NDArray[np.float64]:
    """Return coverage with so many scanlines a pixel, or for a blurred view instants."""
    near, far = clipping_planes(part["distance"])

    def seen(camera: Instant) -> Outline:
        surfaces = project(mesh, camera.matrix, camera.intrinsics, near=near, far=far)
        if strands is None:
            return surfaces
        hair = project_strands(strands, camera.matrix, camera.intrinsics, near=near, far=far)
        return Outline(*(np.concatenate(parts) for parts in zip(surfaces, hair, strict=True)))

    size = settings.width, settings.height
    if is_sharp(part):
        (camera,) = instants(view, part, 1, generator)
        down, right = generator.random(2)
        return coverage(seen(camera), *size, scanlines=effort, offsets=(float(down), float(right)))
    cameras = instants(view, part, effort, generator)
    return scanned(
        map(seen, cameras), *size, scanlines=_LINES_OF_AN_INSTANT, offsets=[camera.offset for camera in cameras]
    )


def is_explained(rough: Float, covered: Covered, samples: int) -> bool:
    """Tell whether a render's alpha with so many samples a pixel, each hidden or not, may have a matte for its mean.

    ``rough`` is ``(H, W)``. Looks at small blocks and at the whole. The first of a pixel's samples goes through its
    centre, in Cycles, and so is not random.
    """
    alpha = covered.estimate.alpha.astype(np.float64)
    known = ~covered.unknown
    difference = (np.clip(rough, 0, 1) - alpha) * known
    edge = ((alpha > 0) & (alpha < 1) & known).astype(np.float64)
    variance = alpha * (1 - alpha) * known / samples
    for size in (_BLOCK, max(alpha.shape)):
        apart, spread, edges = (_block_sums(part, size) for part in (difference, variance, edge))
        if (np.abs(apart) > _UNLIKELY * np.sqrt(spread) + (edges + _UNLIKELY) / samples).any():
            return False
    return True


def _block_sums(picture: npt.NDArray[np.float64], size: int) -> npt.NDArray[np.float64]:
    starts = [np.arange(0, edge, size) for edge in picture.shape]
    sums = np.add.reduceat(np.add.reduceat(picture, starts[0], axis=0), starts[1], axis=1)
    return np.asarray(sums)
