"""Plain records that travel from the planner to the workers: every random draw in them is already a number."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Asset:
    """What is rendered: a model file or a variant of a built-in object.

    ``name`` is safe as a folder name. ``fingerprint`` is the sha256 of the file and of the files it refers to, or the
    built-in's name and seed, so that a changed model is rendered again.
    """

    name: str
    path: str | None = None
    builtin: str | None = None
    builtin_seed: int = 0
    fingerprint: str = ""
    license: str | None = None
    source: str | None = None
    split: str | None = None


@dataclass(frozen=True)
class ThreePointLight:
    """Key, fill and rim light; angles in degrees relative to azimuth 0 of the views, size in object radii."""

    strength: float
    key_azimuth: float
    key_elevation: float
    fill: float
    rim: float
    size: float
    temperature: float
    ambient: float


@dataclass(frozen=True)
class HdriLight:
    """A panorama: ``file`` is a path or the name of one of Blender's own, ``rotation`` is in degrees."""

    file: str
    rotation: float
    strength: float
    fingerprint: str = ""


Light = ThreePointLight | HdriLight
"""Any way of lighting a scene."""


@dataclass(frozen=True)
class Look:
    """How far materials are changed, from 0 to 1, and the seed of the changes."""

    degree: float
    seed: int


@dataclass(frozen=True)
class Pose:
    """Which of a model's actions, and which moment of it, both as a share from 0 to 1."""

    action: float
    time: float


@dataclass(frozen=True)
class CutOff:
    """An object cut off on purpose: the ``share`` of its width or height beyond one ``side`` of the frame."""

    side: str
    share: float


@dataclass(frozen=True)
class Defocus:
    """Depth of field: largest ``blur`` disc on the object as a share of the frame's width, depth in ``focus``.

    ``focus`` is 0 at the object's nearest and 1 at its farthest point.
    """

    blur: float
    focus: float


@dataclass(frozen=True)
class CameraMotion:
    """Movement of the camera during the exposure.

    ``kind`` is ``slide`` (``amount`` is a share of the frame's width, ``direction`` in degrees counter-clockwise from
    the frame's width) or ``spin`` (``amount`` in degrees about the vertical axis, no direction).
    """

    kind: str
    amount: float
    direction: float = 0.0


@dataclass(frozen=True)
class View:
    """One frame: camera angles in degrees, focal length in mm, and the seed of Cycles' sampling pattern.

    ``name`` is the file's stem, four digits or more. ``fit`` is ``orbit`` or ``silhouette``, ``fill`` the share of the
    largest size that fits; offsets are shares of the frame's width and height, to the right and upwards.
    """

    name: str
    azimuth: float
    elevation: float
    focal_length: float
    seed: int
    fit: str = "orbit"
    fill: float = 1.0
    roll: float = 0.0
    offset_x: float = 0.0
    offset_y: float = 0.0
    cut_off: CutOff | None = None
    defocus: Defocus | None = None
    motion: CameraMotion | None = None


@dataclass(frozen=True)
class RenderSettings:
    """How every frame of a job is made."""

    width: int
    height: int
    samples: int
    bit_depth: int
    exposure: float
    max_bounces: int
    margin: float
    missing_textures: str


@dataclass(frozen=True)
class RenderJob:
    """One asset under one light, seen by any number of views; ``folder`` receives ``<view>.png``."""

    asset: Asset
    light: Light
    settings: RenderSettings
    views: tuple[View, ...]
    folder: str
    rows_file: str = ""
    timeout_s: float = 600.0
    look: Look | None = None
    animation: Pose | None = None

    def key(self, view: View) -> str:
        """Return the key of one frame: a hash of all that decides its pixels, and nothing else."""
        asset = {"builtin": self.asset.builtin, "seed": self.asset.builtin_seed, "file": self.asset.fingerprint}
        return content_key("render", RENDER_VERSION, asset, self.light, self.settings, view, self.look, self.animation)


@dataclass(frozen=True)
class SampleJob:
    """One sample: a rendered view on a photo, every draw already a number.

    ``scale`` is the longer side of the object's visible box as a share of the sample's edge, ``x`` and ``y`` the
    centre of that box, ``crop_x`` and ``crop_y`` where the square crop of the photo sits (0 to 1), ``photo_zoom`` how
    many times smaller than the largest square it is, ``photo_blur`` the standard deviation of its blur as a share of
    the sample's edge.
    """

    id: str
    split: str
    object: str
    view: str
    foreground: str
    foreground_sha256: str
    background: str
    background_name: str
    background_sha256: str
    scale: float
    x: float
    y: float
    flip: bool
    crop_x: float
    crop_y: float
    photo_zoom: float = 1.0
    photo_flip: bool = False
    photo_blur: float = 0.0

    def key(self, settings: SampleSettings) -> str:
        """Return a hash of all that decides the sample's files: contents and draws, but not where files lie."""
        where = ("foreground", "background", "background_name")
        return content_key(
            "composite", COMPOSITE_VERSION, {k: v for k, v in vars(self).items() if k not in where}, vars(settings)
        )


@dataclass(frozen=True)
class SampleSettings:
    """How every sample of a run is written; what does not matter for the given outputs is 0.

    ``photo_size`` is the shorter side at which photos are kept in memory: as much as the largest zoom needs.
    """

    size: int
    outputs: tuple[str, ...]
    image_format: str
    jpeg_quality: int
    png_level: int
    bit_depth: int
    photo_size: int


RENDER_VERSION = 1
"""Raised when a change of the code changes pixels, so that older frames are made again."""

COMPOSITE_VERSION = 1
"""Raised when a change of the code changes samples, so that older ones are made again."""


def content_key(*parts: Any) -> str:
    """Return a short hash of JSON-serialisable values and dataclasses."""
    text = json.dumps(parts, sort_keys=True, default=_plain, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(f"{type(value).__name__} has no place in a job")
