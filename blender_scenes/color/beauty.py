"""The beauty pass: renders of a frame's color in rounds, until it is as exact as the recipe wants it."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.color.color_estimate import ColorErrors, ColorEstimate, Denoise, Half, SolvedColor
from synthmat.blender_scenes.color.denoiser import denoise, denoiser_available
from synthmat.blender_scenes.color.frame_check import ShadingFaults, shading_faults
from synthmat.blender_scenes.scene.view_renderer import COLOR, ViewRenderer
from synthmat.render_job import RenderSettings, View

Float = npt.NDArray[np.float32]

_FIRST = 8
"""Samples a pixel of each half at first."""
_MAX_ROUNDS = 5
_ALBEDO, _NORMAL = "Denoising Albedo", "Denoising Normal"


@dataclass(frozen=True)
class Beauty:
    """What the beauty pass found of a frame.

    ``premultiplied`` is linear color and alpha as rendered, ``(H, W, 4)``; ``straight`` is the best straight color
    ``(H, W, 3)``, ``raw`` the same without denoising. ``layers`` are the passes that came with it. ``samples`` is how
    many a pixel has.
    """

    premultiplied: Float
    straight: Float
    raw: Float
    layers: dict[str, Float]
    samples: int
    denoised: bool
    errors: ColorErrors
    raw_errors: ColorErrors
    faults: ShadingFaults


def denoiser_of(settings: RenderSettings, threads: int) -> Denoise | None:
    """Return what takes noise out of a job's frames; None where it is switched off or this Blender has none."""
    if settings.denoise == "off" or not denoiser_available():
        return None
    return functools.partial(denoise, threads=threads)


def render_beauty(renderer: ViewRenderer, settings: RenderSettings, view: View, denoiser: Denoise | None) -> Beauty:
    """Render a view's color until its error is what ``settings`` want, in two independent halves.

    With ``settings.samples`` it is rendered once, with so many samples a pixel in both halves together.

    Raises:
        SynthmatError: Blender gave no picture.
    """
    estimate = ColorEstimate()
    exposure = np.float32(2.0**settings.exposure)
    samples = (settings.samples + 1) // 2 if settings.samples else min(_FIRST, settings.max_color_samples // 2)
    layers: dict[str, Float] = {}
    solved: SolvedColor | None = None
    for turn in range(_MAX_ROUNDS):
        halves = []
        for half in (0, 1):
            renderer.set_sampling(samples=samples, seed=_seed(view.seed, 2 * turn + half))
            found = renderer.render(view)
            found[COLOR][..., :3] *= exposure
            halves.append(Half(found.pop(COLOR), found.pop(_ALBEDO), found.pop(_NORMAL)))
            layers = layers or found
        estimate.add(halves[0], halves[1], samples)
        solved = estimate.solved(denoiser)
        wanted, limit = settings.color_error, settings.max_color_samples
        samples = 0 if settings.samples else estimate.more_samples(solved, wanted, limit)
        if not samples:
            break
    assert solved is not None  # there is a round at least
    return Beauty(
        estimate.premultiplied,
        solved.color,
        solved.raw,
        layers,
        2 * estimate.samples,
        solved.denoised,
        solved.errors,
        solved.raw_errors,
        shading_faults(estimate.premultiplied, estimate.albedo),
    )


def _seed(seed: int, turn: int) -> int:
    """Return a seed of the sampling pattern that no other render of the frame's color has."""
    return (seed + 0x1B873593 * turn) % 2**31
