"""Mattes without a path tracer, for views of scenes of nothing but what hides all behind it, and textured cards."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.camera.camera import clipping_planes
from synthmat.blender_scenes.camera.instants import Instant, instants, is_sharp
from synthmat.blender_scenes.matte.alpha_estimate import AlphaEstimate, is_edge
from synthmat.blender_scenes.matte.coverage.card_coverage import (
    FIBONACCI,
    Bytes,
    Cards,
    card_coverage,
    layers,
    project_cards,
)
from synthmat.blender_scenes.matte.coverage.coverage import Mesh, Outline, coverage, project, scanned
from synthmat.blender_scenes.matte.coverage.opaque_geometry import Visible, visible_surfaces
from synthmat.blender_scenes.matte.coverage.strand_coverage import Strands, cut, project_ribbons
from synthmat.blender_scenes.scene.scene_setup import SceneSetup
from synthmat.blender_scenes.scene.view_renderer import ViewRenderer
from synthmat.render_job import RenderSettings, View

Float = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

SOURCE = "coverage"
"""`AlphaEstimate.source` of these mattes."""

_SCANLINES = 16, 64, 1.0
_SCANLINES_OF_HAIR = 8, 64, 1.0
_INSTANTS = 64, 2048, 1.5
"""The fewest and the most in each half, and how many times smaller the estimated error should be than is wanted: pixels
share the instants of a blurred view, so that a lucky pair of halves may seem better than it is."""
_LINES_OF_AN_INSTANT = 2
_FEWEST_POINTS = 5
_INSTANTS_OF_CARDS = 24, 2048, 1.5
_LOOKS = 16
_MAX_CARDS = 150
"""Triangles for each pixel that may show them in a blurred view: with more Cycles is faster."""
_GOLDEN = 0.6180339887
_SURELY = 1e-4
_MARGIN = np.ones((7, 7), np.uint8)
_CURVE_APART = {True: 0.003, False: 0.01}
"""How many pixels a strand's pieces may lie beside its curve: in sharp views, and in blurred ones, which hide more."""
# How far these mattes and Cycles' converged ones lie apart whatever the effort, 0.09 levels, with hair 0.15: one of
# 1023 of Cycles' samples misses the film filter. Measured on Suzanne, a helmet, a bike, fur, long hair and down.
_APART, _APART_HAIR = 0.00036, 0.0006
# Measured on bushes, a fern and a branch: how far apart these lie, and their error with one point a pixel and its fall.
_APART_CARDS, _ONE_POINT, _CARDS_POWER, _CARDS_SAFETY = 0.0006, 0.1, 0.9, 1.05
_MAX_HAIR = 300
"""Points of strands in all instants of half a blurred view, for each pixel: with more Cycles is faster."""
_SEEN_THROUGH = 2e-4
_MAX_UNKNOWN = 0.5
_BLOCK = 8
_UNLIKELY = 5.0


@dataclass(frozen=True)
class Covered:
    """A matte, and where ``(H, W)`` it is not what can be seen, because something there lets light through."""

    estimate: AlphaEstimate
    unknown: Mask


def measure_by_coverage(
    renderer: ViewRenderer,
    setup: SceneSetup,
    settings: RenderSettings,
    views: list[View],
    rough: dict[str, Float],
    samples: dict[str, int],
) -> tuple[dict[str, Covered], set[str]]:
    """Return the mattes of those views that can be had without rendering, or most of each, by the view's name.

    ``rough`` is the beauty pass's alpha ``(H, W)`` of each view, of so many ``samples`` a pixel. The names returned
    beside are of the views whose matte was found but is not what the beauty pass saw, be its noise as it may.
    """
    found: dict[str, Covered] = {}
    refused: set[str] = set()
    if setup.playback.exposure_s > 0:
        return found, refused  # the model itself moves while the shutter is open
    pictures: dict[str, Bytes] = {}
    visible = visible_surfaces(pictures) if setup.playback.still else None
    for view in views:
        began = time.perf_counter()
        if not setup.playback.still:
            renderer.go_to(view)
            visible = visible_surfaces(pictures)
        if visible is None:
            break
        task = _MatteTask(view, renderer.camera_fields[view.name], settings, renderer.heartbeat)
        covered = _measure(visible, task, rough[view.name])
        if covered is not None:
            if is_explained(rough[view.name], covered, samples[view.name]):
                found[view.name] = covered
            else:
                refused.add(view.name)
        renderer.seconds[view.name] += time.perf_counter() - began
    return found, refused


@dataclass(frozen=True)
class _MatteTask:
    """A view of the scene: its camera as `camera.aim_camera` describes it, and how exact its matte should be.

    ``heartbeat`` is called for each camera that the scene is projected for: a blurred view has thousands.
    """

    view: View
    camera: dict[str, Any]
    settings: RenderSettings
    heartbeat: Callable[[], None]

    @property
    def sharp(self) -> bool:
        """Whether one pinhole camera sees all of it."""
        return is_sharp(self.camera)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""
        return self.settings.width, self.settings.height


def _measure(visible: Visible, task: _MatteTask, rough: Float) -> Covered | None:
    """Return a view's matte, None where too much of it is not hidden by opaque surfaces, or it would not do."""
    strands, wanted = visible.strands, task.settings.alpha_error
    if (_APART_HAIR if strands else _APART) > wanted:
        return None
    if visible.cards is not None:
        seen = _seen(visible.hiding, strands, task)
        if task.sharp:
            estimate = _with_cards(visible.cards, seen, task, hair=strands is not None)
        else:
            estimate = None if strands else _with_blurred_cards(visible.cards, seen, task, _surely_hidden(rough))
        if estimate is not None:
            return Covered(estimate, np.zeros(task.size[::-1], np.bool_))
    unknown = _seen_through(visible, task)
    if unknown is None:
        return None
    estimate = _of_hiding(visible.hiding, strands, task, rough)
    return None if estimate is None else Covered(estimate, unknown)


def _effort(task: _MatteTask, *, hair: bool) -> tuple[int, int, float]:
    """Return the fewest and the most scanlines, or instants, of a half, and the margin of safety; see `_INSTANTS`."""
    if not task.sharp:
        return _INSTANTS
    return _SCANLINES_OF_HAIR if hair else _SCANLINES


def _seen_through(visible: Visible, task: _MatteTask) -> Mask | None:
    """Return where ``(H, W)`` something lets light through that nothing hides, None where that is most of the edge."""
    if visible.every is None:
        return np.zeros(task.size[::-1], np.bool_)
    effort, _, _ = _effort(task, hair=visible.strands is not None)
    whole, hidden = (
        _render(_seen(mesh, None, task), task, effort, np.random.default_rng(task.view.seed))
        for mesh in (visible.every, visible.hiding)
    )
    unknown = cv2.dilate((np.abs(whole - hidden) > _SEEN_THROUGH).astype(np.uint8), np.ones((3, 3))) > 0
    edge = is_edge(whole.astype(np.float32)) | unknown
    return None if unknown.sum() > _MAX_UNKNOWN * edge.sum() else unknown


def _of_hiding(hiding: Mesh, strands: Strands | None, task: _MatteTask, rough: Float) -> AlphaEstimate | None:
    """Return the matte of what hides all behind it, None where Cycles would be faster."""
    wanted, apart = task.settings.alpha_error, _APART_HAIR if strands else _APART
    effort, max_scanlines, safety = _effort(task, hair=strands is not None)
    inside = _surely_hidden(rough) if strands and not task.sharp else None
    generator = np.random.default_rng(task.view.seed)
    seen = _seen(hiding, strands, task, inside)
    max_hair = _MAX_HAIR * task.settings.width * task.settings.height
    estimate = AlphaEstimate(SOURCE, apart)
    while effort:
        if strands and not task.sharp and effort * len(strands.points) > max_hair:
            return None
        halves = [_render(seen, task, effort, generator).astype(np.float32) for _ in range(2)]
        if inside is not None:
            halves = [np.maximum(half, inside) for half in halves]
        if task.sharp:
            # Each is so much better than the one before that together they would be worse.
            estimate = AlphaEstimate(SOURCE, apart)
        estimate.add(halves[0], halves[1], effort)
        if estimate.random_error * safety <= wanted or sum(estimate.samples) >= max_scanlines:
            break
        effort = 2 * effort if task.sharp else estimate.more_samples(wanted / safety, 2 * max_scanlines)
    return estimate


def _surely_hidden(rough: Float) -> Mask:
    """Return where a blurred view hides all that is behind it, ``(H, W)``: every sample round it was stopped."""
    return np.asarray(cv2.erode((rough > 1 - _SURELY).astype(np.uint8), _MARGIN) > 0)


def _with_cards(
    cards: Cards, seen: Callable[[Instant], Outline], task: _MatteTask, *, hair: bool
) -> AlphaEstimate | None:
    """Return the matte of a sharp view of cards and all that hides what is behind it, None where it would not do."""
    if task.settings.alpha_error < _APART_CARDS:
        return None
    generator = np.random.default_rng(task.view.seed)
    near, far = clipping_planes(task.camera["distance"])
    (camera,) = instants(task.view, task.camera, 1, generator)
    outline, visible = seen(camera), project_cards(cards, camera.matrix, camera.intrinsics, near=near, far=far)
    if visible is None:
        return None
    deep = layers(visible, *task.size)
    where = cv2.dilate((deep > 0).astype(np.uint8), np.ones((3, 3)))[1:-1, 1:-1] > 0
    estimate = AlphaEstimate(SOURCE, _APART_CARDS)
    min_scanlines, max_scanlines, _ = _effort(task, hair=hair)
    wanted = (task.settings.alpha_error**2 - _APART_CARDS**2) ** 0.5
    error = _ONE_POINT
    while not estimate.samples or (error > wanted and sum(estimate.samples) < FIBONACCI[-1]):
        points = _more_points(estimate.samples or [1], error / wanted)
        halves: list[Float] = []
        for mirrored in (False, True):
            hidden = _render(seen, task, int(np.clip(points // 2, min_scanlines, max_scanlines)), generator)
            if not estimate.samples and not mirrored:
                where &= hidden < 1
            x, y = generator.random(2)
            alpha = card_coverage(visible, outline, where, deep, points=points, offsets=(x, y, mirrored))
            halves.append(np.where(where, alpha, hidden).astype(np.float32))
        estimate.add(halves[0], halves[1], points)
        error = estimate.random_error
    return estimate


def _with_blurred_cards(
    cards: Cards, seen: Callable[[Instant], Outline], task: _MatteTask, inside: Mask
) -> AlphaEstimate | None:
    """Return the matte of a blurred view of cards and all that hides what is behind it, None where it would not do.

    ``inside`` is where ``(H, W)`` all is hidden.
    """
    wanted, (effort, most, safety) = task.settings.alpha_error, _INSTANTS_OF_CARDS
    if wanted < _APART_CARDS:
        return None
    generator = np.random.default_rng(task.view.seed)
    deep = _layers_of_cards(cards, task, instants(task.view, task.camera, _LOOKS, generator))
    where = (cv2.dilate((deep > 0).astype(np.uint8), _MARGIN)[1:-1, 1:-1] > 0) & ~inside
    if len(cards.faces) > _MAX_CARDS * where.sum():
        return None
    estimate = AlphaEstimate(SOURCE, _APART_CARDS)
    while effort:
        halves = []
        for _ in range(2):
            hidden = _render(seen, task, effort, generator)
            cameras = instants(task.view, task.camera, effort, generator)
            alpha = _mean_of_cards(cards, seen, task, (where, deep), cameras)
            if alpha is None:
                return None
            halves.append(np.where(inside, 1, np.where(where, alpha, hidden)).astype(np.float32))
        estimate.add(halves[0], halves[1], effort)
        if estimate.random_error * safety <= wanted or sum(estimate.samples) >= most:
            break
        effort = estimate.more_samples(wanted / safety, 2 * most)
    return estimate


def _layers_of_cards(cards: Cards, task: _MatteTask, cameras: list[Instant]) -> npt.NDArray[np.int64]:
    """Return the most layers of cards that any of some cameras sees, as `layers` does."""
    near, far = clipping_planes(task.camera["distance"])
    most = np.zeros((task.size[1] + 2, task.size[0] + 2), np.int64)
    for camera in cameras:
        visible = project_cards(cards, camera.matrix, camera.intrinsics, near=near, far=far)
        if visible is not None:
            most = np.maximum(most, layers(visible, *task.size))
    return most


def _mean_of_cards(
    cards: Cards,
    seen: Callable[[Instant], Outline],
    task: _MatteTask,
    place: tuple[Mask, npt.NDArray[np.int64]],
    cameras: list[Instant],
) -> npt.NDArray[np.float64] | None:
    """Return the mean over some cameras of alpha ``(H, W)``, None where one clips a card.

    ``place`` is where it is wanted, and how many layers there are. Each camera looks at few points of a square, and at
    others than those before it.
    """
    near, far = clipping_planes(task.camera["distance"])
    where, deep = place
    # Projecting costs as much as looking at about as many points as there are cards.
    worth = len(cards.faces) / max(1, int(where.sum()))
    points = next((each for each in (_FEWEST_POINTS, *FIBONACCI) if each >= worth), FIBONACCI[-1])
    total = np.zeros(where.shape)
    for number, camera in enumerate(cameras):
        visible = project_cards(cards, camera.matrix, camera.intrinsics, near=near, far=far)
        if visible is None:
            return None
        offsets = camera.offset, camera.offset * len(cameras) * _GOLDEN % 1, bool(number % 2)
        total += card_coverage(visible, seen(camera), where, deep, points=points, offsets=offsets)
    return total / len(cameras)


def _more_points(before: list[int], times: float) -> int:
    """Return how many points bring an error that is so many times too large after some rounds to what is wanted."""
    power = 2 * _CARDS_POWER
    now = sum(points**power for points in before)
    more = now * ((times * _CARDS_SAFETY) ** 2 - 1)
    return next((points for points in FIBONACCI if points**power >= more), FIBONACCI[-1])


def _seen(
    mesh: Mesh, strands: Strands | None, task: _MatteTask, inside: Mask | None = None
) -> Callable[[Instant], Outline]:
    """Return what outlines surfaces and strands as cameras see them that are where the view's is or nearby.

    Strands may be left out well ``inside`` pixels ``(H, W)`` that are hidden anyway.
    """
    near, far = clipping_planes(task.camera["distance"])
    matrix, intrinsics = np.array(task.camera["matrix_world"]), np.array(task.camera["intrinsics"])
    ribbons = cut(strands, matrix, intrinsics, apart=_CURVE_APART[task.sharp]) if strands else None
    hidden = None if inside is None else cv2.erode(inside.astype(np.uint8), _MARGIN) > 0

    def seen(camera: Instant) -> Outline:
        task.heartbeat()
        surfaces = project(mesh, camera.matrix, camera.intrinsics, near=near, far=far)
        if ribbons is None:
            return surfaces
        hair = project_ribbons(ribbons, camera.matrix, camera.intrinsics, near=near, far=far, hidden=hidden)
        return Outline(*(np.concatenate(parts) for parts in zip(surfaces, hair, strict=True)))

    if not task.sharp:
        return seen
    outline = seen(Instant(matrix, intrinsics, 0.0))
    return lambda _: outline


def _render(
    seen: Callable[[Instant], Outline], task: _MatteTask, effort: int, generator: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Return coverage with so many scanlines a pixel, or for a blurred view instants."""
    if task.sharp:
        (camera,) = instants(task.view, task.camera, 1, generator)
        down, right = generator.random(2)
        return coverage(seen(camera), *task.size, scanlines=effort, offsets=(float(down), float(right)))
    cameras = instants(task.view, task.camera, effort, generator)
    return scanned(
        map(seen, cameras), *task.size, scanlines=_LINES_OF_AN_INSTANT, offsets=[camera.offset for camera in cameras]
    )


def is_explained(rough: Float, covered: Covered, samples: int) -> bool:
    """Tell whether a render's alpha with so many samples a pixel, each hidden or not, may have a matte for its mean.

    ``rough`` is ``(H, W)``. Looks at small blocks and at the whole. The first of a pixel's samples goes through its
    center, in Cycles, and so is not random.
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
