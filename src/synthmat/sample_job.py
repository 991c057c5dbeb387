"""What a compositing worker is told of one sample: every random draw in it is already a number.

Angles are degrees, positions and sizes shares of the sample's edge, strengths 0 (nothing) to 1 (in full), unless said
otherwise. ``seed`` fields seed the noise fields that are too large to travel with a job.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from synthmat.render_job import content_key


@dataclass(frozen=True)
class Foreground:
    """A cut-out on disk: straight RGBA in one file, or color in ``path`` and a gray matte in ``alpha_path``.

    ``source`` says where it comes from: ``renders``, or what the recipe calls the folder. ``color`` says what the
    color is: ``straight`` (the object's own), or ``image`` (a photo of the object before its old background, whose
    foreground has to be estimated). ``passes`` is the EXR file with the render's own passes, if it has one.
    ``mask_opaque`` and ``mask_ignore`` say what the matte's levels mean where they are not alpha, as in
    `synthmat.layouts.item.MaskLevels`.
    """

    object: str
    identity: str
    view: str
    path: str
    sha256: str
    alpha_path: str = ""
    alpha_sha256: str = ""
    source: str = "renders"
    color: str = "straight"
    passes: str = ""
    passes_sha256: str = ""
    mask_opaque: float = 0.0
    mask_ignore: int = -1


@dataclass(frozen=True)
class Backdrop:
    """A photo and how it is shown.

    ``crop_x`` and ``crop_y`` (0 to 1) say where the square lies in the photo, ``zoom`` how many times smaller than the
    largest possible square it is. ``blur`` is the standard deviation of a defocus, share of the sample's edge.
    ``brightness`` is added (share of white), ``contrast`` and ``saturation`` are factors, ``hue`` a turn in degrees.
    With ``panned`` the square may begin between pixels, so that a slow pan does not go in jumps.
    """

    path: str
    name: str
    sha256: str
    crop_x: float = 0.5
    crop_y: float = 0.5
    zoom: float = 1.0
    flip: bool = False
    rotate: float = 0.0
    blur: float = 0.0
    brightness: float = 0.0
    contrast: float = 1.0
    saturation: float = 1.0
    hue: float = 0.0
    panned: bool = False


@dataclass(frozen=True)
class Recolor:
    """Other colors for a foreground.

    With a ``texture`` a photo's colors take the place of its own by ``share``, lit as it was. Then all of it changes
    by ``hue`` (a turn in degrees), ``saturation`` and ``contrast`` (factors) and ``brightness`` (added, share of
    white).
    """

    hue: float = 0.0
    saturation: float = 1.0
    contrast: float = 1.0
    brightness: float = 0.0
    texture: Backdrop | None = None
    share: float = 0.0


@dataclass(frozen=True)
class Layer:
    """A foreground and where it lies: ``scale`` is the longer side of its visible box, ``x``, ``y`` that box's center.

    It is mirrored first and turned (clockwise on the screen) then; ``scale`` means the box before turning. With
    ``whole`` the box is the whole frame, so that all frames of a clip have one. ``blur`` is the standard deviation of
    a defocus, share of the sample's edge. ``recolor`` is None where its colors are its own.
    """

    foreground: Foreground
    scale: float
    x: float
    y: float
    rotate: float = 0.0
    flip: bool = False
    whole: bool = False
    blur: float = 0.0
    recolor: Recolor | None = None


@dataclass(frozen=True)
class Realism:
    """What brings foreground and photo together; the defaults change nothing.

    ``exposure`` is in stops and ``temperature`` in -1 (bluer) to 1 (redder), both of foreground and background alike.
    ``noise`` is the standard deviation of sensor noise at mid gray, share of white; ``jpeg_quality`` 0 means no
    compression artifacts.
    """

    color_transfer: float = 0.0
    sharpness: float = 0.0
    grain: float = 0.0
    shadow: float = 0.0
    haze: float = 0.0
    exposure: float = 0.0
    temperature: float = 0.0
    noise: float = 0.0
    jpeg_quality: int = 0
    seed: int = 0


@dataclass(frozen=True)
class CapturedBackground:
    """How the captured background differs from the clean plate; the published perturbations of BackgroundMattingV2.

    ``brightness``, ``contrast`` and ``saturation`` are factors, ``hue`` a turn in degrees, ``noise`` a standard
    deviation as a share of white; ``rotate``, ``shift_x`` and ``shift_y`` are a small misalignment.
    """

    brightness: float = 1.0
    contrast: float = 1.0
    saturation: float = 1.0
    hue: float = 0.0
    noise: float = 0.0
    rotate: float = 0.0
    shift_x: float = 0.0
    shift_y: float = 0.0
    seed: int = 0


@dataclass(frozen=True)
class TrimapDraw:
    """How the trimap is made: ``kernel``, ``distance`` or ``uncertainty``; ``erode`` and ``dilate`` are pixels."""

    method: str = "kernel"
    erode: int = 10
    dilate: int = 10


@dataclass(frozen=True)
class SampleJob:
    """One sample: a stack of layers, the nearest first, on a photo.

    ``layers`` make the alpha; ``distractors`` are objects that belong to the background. ``clip`` names the sequence
    that the sample is a frame of, ``frame`` is its number in it; ``clip`` is empty for single pictures. ``reference``
    is the clip's first frame where the object is fitted to the photo: measured there, a fit does not flicker.
    """

    id: str
    split: str
    layers: tuple[Layer, ...]
    backdrop: Backdrop
    distractors: tuple[Layer, ...] = ()
    realism: Realism = field(default_factory=Realism)
    captured: CapturedBackground = field(default_factory=CapturedBackground)
    trimap: TrimapDraw = field(default_factory=TrimapDraw)
    clip: str = ""
    frame: int = 0
    reference: SampleJob | None = None

    def key(self, settings: SampleSettings) -> str:
        """Return a hash of all that decides the sample's files: contents and draws, but not where files lie."""
        drawn = _without_places(self)
        if "captured_bg" not in settings.outputs:
            drawn.pop("captured")
        if "trimap" not in settings.outputs:
            drawn.pop("trimap")
        return content_key("composite", COMPOSITE_VERSION, drawn, vars(settings))


@dataclass(frozen=True)
class SampleSettings:
    """How every sample of a run is written; what does not matter for the given outputs is 0.

    ``photo_size`` is the shorter side at which photos are kept in memory: as much as the largest zoom needs.
    ``blend`` is ``srgb`` or ``linear``; in both, files are in sRGB encoding.
    """

    size: int
    outputs: tuple[str, ...]
    image_format: str
    jpeg_quality: int
    png_level: int
    bit_depth: int
    photo_size: int
    blend: str = "srgb"


COMPOSITE_VERSION = 5
"""Raised when a change of the code changes samples, so that older ones are made again."""

_PLACES = ("path", "alpha_path", "passes", "name")


def _without_places(value: Any) -> Any:
    """Return dataclasses as mappings, without the fields that say where a file lies or what it is called."""
    if isinstance(value, tuple):
        return [_without_places(each) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: _without_places(each) for name, each in vars(value).items() if name not in _PLACES}
    return value
