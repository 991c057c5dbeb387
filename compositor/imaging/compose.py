"""From a job to the pictures of its sample: background, objects, camera, in the order of the light."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthmat.compositor.imaging.backdrop import defocus, frame_photo
from synthmat.compositor.imaging.captured_background import capture_background
from synthmat.compositor.imaging.foreground_image import ForegroundImage
from synthmat.compositor.imaging.harmonization import Harmonization, harmonize_layer
from synthmat.compositor.imaging.magick import extract_and_over
from synthmat.compositor.imaging.placement import Placed, over_canvas, place, stacked
from synthmat.compositor.imaging.recolor import LoadTexture, recolored
from synthmat.compositor.imaging.sample import Mix, blend_layer
from synthmat.compositor.realism.contact_shadow import place_shadow
from synthmat.compositor.realism.exposure import expose
from synthmat.compositor.realism.haze import haze_background
from synthmat.compositor.realism.jpeg_artifacts import add_jpeg_artifacts
from synthmat.compositor.realism.sensor_noise import add_sensor_noise
from synthmat.images.alpha import UInt8, apply_shadow
from synthmat.images.trimap import make_trimap
from synthmat.sample_job import Foreground, Layer, SampleJob, SampleSettings

LoadForeground = Callable[[Foreground], ForegroundImage]
LoadShadow = Callable[[Foreground], NDArray[np.float32]]

_MAX_TURN_DEG = 15.0


@dataclass
class Pictures:
    """The pictures of a sample by kind, all ``(size, size)``, and what came out of its draws.

    ``image``, ``fg``, ``bg`` and ``captured_bg`` are uint8 RGB, ``alpha`` uint8 or uint16, ``trimap`` and ``shadow``
    uint8. Only the kinds that the settings ask for are there, and ``alpha``.
    """

    by_kind: dict[str, NDArray[Any]]
    facts: dict[str, Any] = field(default_factory=dict)


def compose(
    job: SampleJob,
    settings: SampleSettings,
    photo: UInt8,
    load_foreground: LoadForeground,
    load_shadow: LoadShadow,
    load_texture: LoadTexture,
    mix: Mix = extract_and_over,
    harmonization: Harmonization | None = None,
) -> Pictures | None:
    """Make the pictures of a sample; None if no part of its first object shows.

    ``bg`` is the photo as the camera saw it without the object: with distractors, haze and exposure, without shadow
    and noise. The image is alpha fg + (1 - alpha) bg (1 - shadow), and has sensor noise and JPEG artifacts on top.

    Args:
        job: Every draw.
        settings: What to write, and how to blend.
        photo: sRGB, uint8 ``(H, W, 3)``, shorter side ``settings.photo_size``.
        load_foreground: Gives a foreground's pixels.
        load_shadow: Gives a render's shadow pass, float32 ``(H, W)``, 0 where the ground is lit.
        load_texture: Gives the photo that lends a foreground its colors, as ``photo``.
        mix: See `synthmat.compositor.imaging.sample.blend_layer`.
        harmonization: The measured harmonization, measured here if None; see `measure_harmonization`.
    """
    size, realism = settings.size, job.realism
    scene = _scene(job, photo, load_foreground, load_texture, size)
    if scene is None:
        return None
    shown, plate = scene.shown, scene.plate
    joined, harmonization = harmonize_layer(scene.joined, scene.framed, plate, realism, harmonization)
    background = haze_background(plate, harmonization.air, realism.haze) if harmonization.air is not None else plate
    background = expose(background, realism.exposure, realism.temperature)
    shadow = _shadow(shown, load_shadow, realism.shadow, size)
    lit = background if shadow is None else apply_shadow(background, shadow)
    blended = blend_layer(joined, lit, settings, mix)
    if not blended.alpha.any():
        return None
    image = add_sensor_noise(blended.image, realism.noise, realism.seed)
    image = add_jpeg_artifacts(image, realism.jpeg_quality)
    wanted = settings.outputs
    pictures: dict[str, NDArray[Any]] = {"image": image, "alpha": blended.alpha, "bg": background}
    if "fg" in wanted:
        pictures["fg"] = blended.bled()
    if "captured_bg" in wanted:
        pictures["captured_bg"] = capture_background(background, job.captured)
    if "trimap" in wanted:
        pictures["trimap"] = make_trimap(
            blended.alpha, job.trimap.method, erode=job.trimap.erode, dilate=job.trimap.dilate
        )
    if "shadow" in wanted:
        pictures["shadow"] = np.zeros((size, size), np.uint8) if shadow is None else shadow
    facts: dict[str, Any] = {"sharpness_sigma": harmonization.sharpness_sigma, "grain_sigma": harmonization.grain_sigma}
    facts |= {"zoom": round(shown[0][1].zoom, 6), "shown": len(shown), "shadowed": shadow is not None}
    return Pictures({kind: pixels for kind, pixels in pictures.items() if kind in wanted or kind == "alpha"}, facts)


def measure_harmonization(
    job: SampleJob, settings: SampleSettings, photo: UInt8, load_foreground: LoadForeground, load_texture: LoadTexture
) -> Harmonization | None:
    """Return the harmonization of a job's object, for other frames of its clip; None if nothing shows."""
    scene = _scene(job, photo, load_foreground, load_texture, settings.size)
    return None if scene is None else harmonize_layer(scene.joined, scene.framed, scene.plate, job.realism)[1]


@dataclass(frozen=True)
class _Scene:
    """The scene of a sample: the photo before its defocus and after, and the layers, also joined to one."""

    framed: UInt8
    plate: UInt8
    shown: list[tuple[Layer, Placed]]
    joined: Placed


def _scene(
    job: SampleJob, photo: UInt8, load_foreground: LoadForeground, load_texture: LoadTexture, size: int
) -> _Scene | None:
    def placed(layer: Layer) -> Placed | None:
        part = place(load_foreground(layer.foreground), layer, size)
        return part if part is None or layer.recolor is None else recolored(part, layer.recolor, load_texture)

    framed = frame_photo(photo, job.backdrop, size)
    plate = defocus(framed, job.backdrop.blur * size)
    for layer in reversed(job.distractors):
        distractor = placed(layer)
        plate = over_canvas(distractor, plate) if distractor is not None else plate
    parts = [(layer, placed(layer)) for layer in job.layers]
    shown = [(layer, part) for layer, part in parts if part is not None and part.premultiplied[..., 3].any()]
    if not shown or shown[0][0] is not job.layers[0]:
        return None
    return _Scene(framed, plate, shown, stacked([part for _, part in shown], size))


def _shadow(
    shown: list[tuple[Layer, Placed]], load_shadow: LoadShadow, strength: float, size: int
) -> NDArray[np.uint8] | None:
    """Return how much of the light is missing, 255 for all of it; None where no object has a shadow."""
    if strength <= 0:
        return None
    lit = np.ones((size, size), np.float32)
    found = False
    for layer, part in shown:
        # A shadow falls downwards as it was rendered: a turned or tilted one would show at once.
        if layer.foreground.passes and abs(layer.rotate) <= _MAX_TURN_DEG:
            lit *= 1 - place_shadow(load_shadow(layer.foreground), part.matrix, size, strength=strength)
            found = True
    if not found:
        return None
    shadow: NDArray[np.uint8] = np.rint((1 - lit) * 255).astype(np.uint8)
    return shadow if shadow.any() else None
