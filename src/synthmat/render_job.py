"""Plain records that travel from the planner to the workers: every random draw in them is already a number."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import operator
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class Asset:
    """What is rendered: a model file or a variant of a built-in object.

    ``name`` is safe as a folder name. ``identity`` names the thing itself: variants of one model have it in common, and
    must never be divided between training and test; left out, it is the name. ``look_degree`` is how far its
    materials are changed, where the recipe says so for it alone. ``fingerprint`` is the sha256 of the file
    and of the files it refers to, or the built-in's name and seed, so that a changed model is rendered again.
    ``up`` is the axis of the file that points upwards, ``y`` or ``z``, or ``auto``, the format's own; ``rotate`` are
    degrees about x (to the right), y (to the back) and z (upwards), by which it is turned after that, in this order.
    ``builtin_module`` and ``builtin_package`` (such as ``my-matting==1.0``) say which module of which package makes a
    built-in object that is none of ours; see `synthmat.registry`. ``folders`` are those besides the model's own in
    which files that it refers to may lie.
    """

    name: str
    path: str | None = None
    builtin: str | None = None
    builtin_seed: int = 0
    fingerprint: str = ""
    license: str | None = None
    source: str | None = None
    split: str | None = None
    identity: str = ""
    members: tuple[Member, ...] = ()
    look_degree: float | None = None
    up: str = "auto"
    rotate: tuple[float, float, float] = (0.0, 0.0, 0.0)
    builtin_module: str = ""
    builtin_package: str = ""
    folders: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.identity:
            object.__setattr__(self, "identity", self.name)

    @property
    def is_turned(self) -> bool:
        """Whether it stands otherwise than its format has it."""
        return self.up != "auto" or any(self.rotate)

    @property
    def described(self) -> str:
        """What it is, for people: the file, the built-in object, or the members of the group."""
        if self.members:
            return "a group of " + ", ".join(member.asset.name for member in self.members)
        return self.path or f"built-in {self.builtin}"


@dataclass(frozen=True)
class Member:
    """One object of a group: its radius, how it is turned (degrees), and where it stands.

    It stands beside the earlier member with the index ``anchor``, in a direction (degrees), ``apart`` times as far as
    they need so as not to touch when either turns.
    """

    asset: Asset
    scale: float
    turn: float
    anchor: int
    direction: float
    apart: float


Color = tuple[float, float, float]
"""Linear sRGB, 0 and up."""

WHITE: Color = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class ThreePointLight:
    """Key, fill and rim light; angles in degrees relative to azimuth 0 of the views, size in object radii.

    The colors tint each lamp; the key light also has the color of its ``temperature``, kelvin.
    """

    kind: ClassVar[str] = "three_point"

    strength: float
    key_azimuth: float
    key_elevation: float
    fill: float
    rim: float
    size: float
    temperature: float
    ambient: float
    key_color: Color = WHITE
    fill_color: Color = WHITE
    rim_color: Color = WHITE


@dataclass(frozen=True)
class HdriLight:
    """A panorama: ``file`` is a path or the name of one of Blender's own, ``rotation`` is in degrees.

    With ``normalize``, ``strength`` 1 exposes a white object well, however bright the panorama is.
    """

    kind: ClassVar[str] = "hdri"

    file: str
    rotation: float
    strength: float
    fingerprint: str = ""
    saturation: float = 1.0
    tint: Color = WHITE
    normalize: bool = False


@dataclass(frozen=True)
class SunSkyLight:
    """Sun and clear sky over level ground; angles in degrees, ``sun_size`` the diameter of the sun's disc.

    ``air`` and ``dust`` are factors on what a clear atmosphere holds, ``ground`` is the ground's albedo.
    ``sun_strength`` and ``sky_strength`` are factors on the natural shares of both; ``strength`` 1 exposes well.
    """

    kind: ClassVar[str] = "sun_sky"

    strength: float
    sun_azimuth: float
    sun_elevation: float
    sun_size: float
    sun_strength: float
    sky_strength: float
    air: float
    dust: float
    ground: float


@dataclass(frozen=True)
class AreaLamp:
    """A square lamp that faces the object; ``radiance`` is what white paint at the origin, facing it, gives back.

    Angles in degrees as of a camera that stands where the lamp is, ``size`` in object radii.
    """

    azimuth: float
    elevation: float
    radiance: float
    size: float
    color: Color


@dataclass(frozen=True)
class RandomLight:
    """Lamps around the object, wherever they were drawn, and light from everywhere."""

    kind: ClassVar[str] = "random"

    lamps: tuple[AreaLamp, ...]
    ambient: Color


@dataclass(frozen=True)
class PhotoLight:
    """A lamp and ambient light chosen to fit a background photo, and what was measured in it.

    ``photo`` and ``photo_sha256`` name the photo as rows of the data set do. ``photo_color`` is its mean, linear sRGB;
    ``left_to_right`` and ``top_to_bottom`` are -1 (all light in the right, bottom half) to 1 (left, top half).
    """

    kind: ClassVar[str] = "match_photo"

    photo: str
    photo_sha256: str
    photo_color: Color
    left_to_right: float
    top_to_bottom: float
    lamps: tuple[AreaLamp, ...]
    ambient: Color


Light = ThreePointLight | HdriLight | SunSkyLight | RandomLight | PhotoLight
"""Any way of lighting a scene; ``kind`` is its key in a recipe."""


@dataclass(frozen=True)
class Look:
    """How far materials are changed, from 0 (as authored) to 1 (anything), and the seed of the changes."""

    degree: float
    seed: int


@dataclass(frozen=True)
class Animation:
    """What a model does with the actions it brings along; all times are seconds of the action.

    ``pose`` is ``authored``, ``rest`` or ``action``. ``action`` is a name, or a share from 0 to 1 that chooses among
    the model's actions in the order of their names. It begins at ``start_s``, or, where that is None, at the share
    ``start`` of what its length leaves free. ``length_s`` is the time from the first to the last of the ``frames``,
    ``exposure_s`` how long the shutter is open. ``at_end`` is what comes after the end: see `recipe.animation`.
    """

    pose: str
    action: str | float = 0.0
    start: float = 0.0
    start_s: float | None = None
    length_s: float = 0.0
    frames: int = 1
    exposure_s: float = 0.0
    at_end: str = "auto"


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
    the frame's width), ``spin`` (``amount`` in degrees about the vertical axis, no direction) or ``still``. Either all
    views of a job have a motion or none has: Cycles cannot switch motion blur on and off within a scene.
    """

    kind: str
    amount: float
    direction: float = 0.0


@dataclass(frozen=True)
class View:
    """One frame: camera angles in degrees, focal length in mm, and the seed of Cycles' sampling pattern.

    ``name`` is the file's stem, four digits or more. ``fit`` is ``orbit`` or ``silhouette``, ``fill`` the share of the
    largest size that fits; offsets are shares of the frame's width and height, to the right and upwards. ``clip`` is
    the sequence that the frame belongs to, if any, and ``time_s`` how far the model's action is there, seconds.
    ``framing`` is ``whole`` or the part that fills the frame: see `recipe.camera`.
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
    clip: str = ""
    time_s: float = 0.0
    framing: str = "whole"


@dataclass(frozen=True)
class RenderSettings:
    """How every frame of a job is made; ``alpha_error`` 0 takes alpha from the beauty pass.

    ``samples`` is the fixed number of samples a pixel of the beauty pass; 0 takes as many as ``color_error`` asks for,
    and ``max_color_samples`` at most. ``denoise`` is ``auto``, ``off`` or ``all``: see `recipe.render`.
    """

    width: int
    height: int
    samples: int
    bit_depth: int
    exposure: float
    max_bounces: int
    margin: float
    missing_textures: str
    alpha_error: float = 0.004
    max_alpha_samples: int = 8192
    passes: tuple[str, ...] = ()
    color_error: float = 0.008
    max_color_samples: int = 128
    denoise: str = "auto"


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
    start_timeout_s: float = 600.0
    memory_bytes: int = 0
    look: Look | None = None
    animation: Animation | None = None

    def key(self, view: View) -> str:
        """Return the key of one frame: a hash of all that decides its pixels, and nothing else."""
        (key,) = self._keys_of([view])
        return key

    def view_keys(self) -> Iterator[str]:
        """Yield the key of each view, in order."""
        return self._keys_of(self.views)

    def _keys_of(self, views: Iterable[View]) -> Iterator[str]:
        """Yield `content_key` of each view and all that the views share, which is written once."""
        head = _json(["render", RENDER_VERSION, self._asset_part(), self.light, self.settings])[:-1] + ","
        tail = "," + _json([self.look, self.animation])[1:]
        hashed = hashlib.sha256(head.encode())
        for view in views:
            seen = dict(zip(_VIEW_FIELDS, _of_view(view), strict=True))
            if view.framing == "whole":
                del seen["framing"]  # as keys were before there were framings
            its = hashed.copy()
            its.update((_json(seen) + tail).encode())
            yield its.hexdigest()[:_KEY_LENGTH]

    def _asset_part(self) -> dict[str, Any]:
        members = self.asset.members
        asset: dict[str, Any] = {
            "builtin": self.asset.builtin,
            "seed": self.asset.builtin_seed,
            "file": self.asset.fingerprint,
            "members": [(m.asset.fingerprint, m.scale, m.turn, m.anchor, m.direction, m.apart) for m in members],
        }
        assets = [self.asset, *(member.asset for member in members)]
        if any(each.is_turned for each in assets):
            asset["stands"] = [(each.up, each.rotate) for each in assets]
        if any(each.builtin_module or each.builtin_package for each in assets):
            asset["made_by"] = [(each.builtin_module, each.builtin_package) for each in assets]
        return asset


RENDER_VERSION = 12
"""Raised when a change of the code changes pixels, so that older frames are made again."""


def content_key(*parts: Any) -> str:
    """Return a short hash of JSON-serialisable values and dataclasses."""
    return hashlib.sha256(_json(parts).encode()).hexdigest()[:_KEY_LENGTH]


_KEY_LENGTH = 32


def _json(value: Any) -> str:
    return _ENCODER.encode(value)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return vars(value)  # what is nested comes here too; `dataclasses.asdict` copies all of it, ten times as slowly
    raise TypeError(f"{type(value).__name__} has no place in a job")


_ENCODER = json.JSONEncoder(sort_keys=True, default=_plain, separators=(",", ":"))
_VIEW_FIELDS = tuple(field.name for field in dataclasses.fields(View))
_of_view = operator.attrgetter(*_VIEW_FIELDS)  # `vars` would leave a mapping behind in each of a million views
