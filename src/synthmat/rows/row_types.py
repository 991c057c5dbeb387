"""The columns of every list on disk that other code reads; `synthmat.storage.manifest.read_rows` checks them.

Columns that a type does not name may stand beside these. A row that lacks a required column, or in which one is of
another type, is passed over with a warning.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict

from synthmat.storage.inside import InsidePath

Scalar = str | int | float | bool | None


class MemberPart(TypedDict, total=False):
    """One object of a group."""

    name: str
    file: str | None
    builtin: str | None
    linked: dict[str, str]
    license: str | None
    source: str | None


class ModelPart(MemberPart, total=False):
    """The model of a frame: where it comes from, and the files that it refers to with their state."""

    identity: str
    split: str | None
    members: list[MemberPart]


class AlphaPart(TypedDict, total=False):
    """How exact the matte of a frame is."""

    error: float | None
    wanted: float


class ColorPart(TypedDict, total=False):
    """How exact the color of a frame is."""

    error: float
    wanted: float | None


class LightPart(TypedDict, total=False):
    """The light of a frame."""

    kind: str
    file: str
    photo_sha256: str


class AnimationPart(TypedDict, total=False):
    """The sequence that a frame belongs to."""

    clip: str | None


class FrameRow(TypedDict):
    """A rendered frame; ``files`` are paths below the folder of renders and their sha256."""

    object: str
    view: str
    files: dict[InsidePath, str]
    key: NotRequired[str]
    model: NotRequired[ModelPart]
    alpha: NotRequired[AlphaPart]
    color: NotRequired[ColorPart]
    light: NotRequired[LightPart | None]
    animation: NotRequired[AnimationPart | None]
    camera: NotRequired[dict[str, object] | None]
    warnings: NotRequired[list[str] | None]
    width: NotRequired[int]
    height: NotRequired[int]
    bit_depth: NotRequired[int]
    samples: NotRequired[int]
    device: NotRequired[str]
    blender: NotRequired[str]
    azimuth: NotRequired[float]
    elevation: NotRequired[float]
    seconds: NotRequired[float]
    bytes: NotRequired[int]
    straight_above_1: NotRequired[float]
    light_without_alpha: NotRequired[float]


class SetupRow(TypedDict):
    """The seconds that a render job took besides those of its frames."""

    object: str
    seconds: float


class FileColumns(TypedDict, total=False):
    """Where a sample's files lie, from its split's folder, and their sha256."""

    image_file_name: str | None
    image_sha256: str | None
    alpha_file_name: str | None
    alpha_sha256: str | None
    fg_file_name: str | None
    fg_sha256: str | None
    bg_file_name: str | None
    bg_sha256: str | None
    captured_bg_file_name: str | None
    captured_bg_sha256: str | None
    trimap_file_name: str | None
    trimap_sha256: str | None
    shadow_file_name: str | None
    shadow_sha256: str | None


class SampleRow(FileColumns):
    """A sample; each kind that it has adds ``<kind>_file_name`` and ``<kind>_sha256``."""

    id: str
    split: NotRequired[str]
    key: NotRequired[str]
    object: NotRequired[str]
    identity: NotRequired[str]
    view: NotRequired[str]
    background: NotRequired[str]
    clip: NotRequired[str | None]
    frame: NotRequired[int | None]
    size: NotRequired[int]
    drawn: NotRequired[str]
    others: NotRequired[str | None]
    distractors: NotRequired[str | None]
    objects: NotRequired[int]
    light: NotRequired[str | None]
    scale: NotRequired[float]
    x: NotRequired[float]
    y: NotRequired[float]
    flip: NotRequired[bool]
    blend: NotRequired[str]
    exact: NotRequired[bool]
    clean: NotRequired[bool]
    shadowed: NotRequired[bool]
    seconds: NotRequired[float]
    foreground_source: NotRequired[str]
    licenses: NotRequired[str | None]
    model_license: NotRequired[str | None]
    model_source: NotRequired[str | None]
    background_license: NotRequired[str | None]
    background_source: NotRequired[str | None]


class ClipRow(TypedDict):
    """The videos of a clip; ``files`` are paths below the data set's folder and their sha256."""

    clip: str
    split: str
    files: dict[InsidePath, str]
    key: str
    frames: NotRequired[int]
    fps: NotRequired[str]


class PseudoLabelRow(TypedDict):
    """What came of one photograph; ``uncertainty`` and ``covered`` are those of the matte, ``kept`` or not."""

    name: str
    sha256: str
    kept: bool
    covered: NotRequired[float]
    uncertainty: NotRequired[float]
    error: NotRequired[str]


class PredictionRow(TypedDict):
    """What was made of one picture; ``files`` are paths below the folder of predictions and their sha256."""

    name: str
    files: dict[InsidePath, str]
    key: NotRequired[str]
    input: NotRequired[str]
    width: NotRequired[int]
    height: NotRequired[int]
    predictor: NotRequired[str]
    how: NotRequired[str]
    foreground: NotRequired[str]
    seconds: NotRequired[float]
    timings: NotRequired[dict[str, float]]


class ClipPredictionRow(TypedDict):
    """What was made of one clip; ``folder`` holds its alpha as frames, if it was asked for so."""

    name: str
    files: dict[str, str]
    key: str
    frames: int
    folder: NotRequired[str]
    input: NotRequired[str]
    width: NotRequired[int]
    height: NotRequired[int]
    predictor: NotRequired[str]
    how: NotRequired[str]
    seconds: NotRequired[float]


class SegmentRow(TypedDict):
    """A finished stretch of a clip that is in work; ``times`` are those of its frames, in the clip's unit."""

    first: int
    times: list[int]
    files: dict[str, str]


class MeasuredRow(TypedDict):
    """The figures of one prediction; scores and regions are pairs of a name and a value, in the order of tables."""

    key: str
    image: str
    scores: list[list[Scalar]]
    regions: list[list[str]]
    width: int
    height: int
    seconds: float
    peak_bytes: int | None
    model: NotRequired[str]


class ExportRow(TypedDict):
    """A file of an export, and one of the samples in it."""

    file: InsidePath
    layout: str
    how: str
    key: str
    kinds: NotRequired[list[str]]
    split: NotRequired[str]
    id: NotRequired[str]


class MetricsRow(TypedDict):
    """What was measured after an epoch of a training; each loss and each rate of a part adds columns."""

    epoch: int
    train_loss: NotRequired[float]
    val_loss: NotRequired[float | None]
    score: NotRequired[float]
    dice: NotRequired[float]
    mad: NotRequired[float]
    seconds: NotRequired[float]


class EpochRow(TypedDict):
    """A `MetricsRow` that this version has measured itself: what its training goes on from is all there."""

    epoch: int
    train_loss: float
    val_loss: NotRequired[float]
    score: float
    dice: float
    dice_mask: float
    learning_rate: float
    images_per_second: float
    data_wait_share: float
    seconds: float
    taken_back: NotRequired[bool]


class FailureRow(TypedDict):
    """What could not be made, and why.

    ``kind`` is that of `synthmat.executor.Outcome`. Of a render job ``views`` are those that are missing.
    """

    error: str
    stage: NotRequired[str]
    shard: NotRequired[str]
    kind: NotRequired[str]
    attempts: NotRequired[int]
    job: NotRequired[str]
    file: NotRequired[str | None]
    views: NotRequired[list[str]]
    sample: NotRequired[str]
    split: NotRequired[str]
    object: NotRequired[str]
    view: NotRequired[str]
    background: NotRequired[str]
    name: NotRequired[str]
    experiment: NotRequired[str]
