"""Keys decide what is stale: every field of a job reaches its key, or stands here with the reason why it need not."""

from __future__ import annotations

import dataclasses
from typing import Any, get_args

import pytest
from support.record_fields import containers_of, fields_of, other, replaced

from synthmat.render_job import (
    Animation,
    AreaLamp,
    Asset,
    CameraMotion,
    CutOff,
    Defocus,
    HdriLight,
    Light,
    Look,
    Member,
    PhotoLight,
    RandomLight,
    RenderJob,
    RenderSettings,
    SunSkyLight,
    ThreePointLight,
    View,
)
from synthmat.sample_job import (
    Backdrop,
    CapturedBackground,
    Foreground,
    Layer,
    Realism,
    Recolor,
    SampleJob,
    SampleSettings,
    TrimapDraw,
)

# What decides no pixel of a frame. Everything else has to reach the key.
NOT_IN_THE_FRAME = {
    "Asset.name": "a folder's name",
    "Asset.folders": "where files that it refers to may lie; their contents are in the fingerprint",
    "Asset.path": "where the file lies; its contents are the fingerprint",
    "Asset.license": "provenance, of which rows are told anew without rendering",
    "Asset.source": "provenance, too",
    "Asset.split": "which split it goes to, not how it looks",
    "Asset.identity": "which split its variants share",
    "Asset.look_degree": "the planner has made a Look of it, which is in the key",
    "RenderJob.folder": "where frames are written",
    "RenderJob.rows_file": "where rows are written",
    "RenderJob.timeout_s": "when to give up",
    "RenderJob.start_timeout_s": "as timeout_s",
    "RenderJob.memory_bytes": "what a cluster sets aside for a worker",
}
# A member's fingerprint names its file's contents, or the built-in and its seed.
NOT_IN_THE_FRAME_OF_A_MEMBER = {"Asset.builtin", "Asset.builtin_seed"}
# What decides no pixel of a sample: where files lie and what they are called; their digests are in the key.
NOT_IN_THE_SAMPLE = {
    "Foreground.path": "where the file lies; its sha256 is in the key",
    "Foreground.alpha_path": "as path",
    "Foreground.passes": "as path",
    "Backdrop.path": "as path",
    "Backdrop.name": "what the row calls the photo",
}

_LAMP = AreaLamp(10.0, 20.0, 1.0, 0.5, (1.0, 0.9, 0.8))
LIGHTS = (
    ThreePointLight(1.0, -40.0, 40.0, 0.4, 0.8, 1.5, 6500.0, 0.15),
    HdriLight("studio", 30.0, 1.0, "abc", 0.9, (1.0, 1.0, 0.9), True),
    SunSkyLight(1.0, 30.0, 40.0, 0.5, 1.0, 1.0, 1.0, 1.0, 0.3),
    RandomLight((_LAMP,), (0.1, 0.1, 0.1)),
    PhotoLight("a.jpg", "abc", (0.2, 0.3, 0.4), 0.1, 0.2, (_LAMP,), (0.1, 0.1, 0.1)),
)
_VIEW = View(
    "0000", 10.0, 20.0, 50.0, 7, "silhouette", 0.9, 1.0, 0.1, -0.1,
    CutOff("left", 0.2), Defocus(0.01, 0.5), CameraMotion("slide", 0.1, 45.0), "0000", 0.5,
)  # fmt: skip
_CHAIR = Asset(
    "chair",
    "chair.glb",
    "chair",
    3,
    "f00d",
    "CC0-1.0",
    "us",
    "train",
    "chair",
    (),
    0.5,
    "y",
    (0.0, 1.0, 0.0),
    folders=("textures",),
)
_GROUP = dataclasses.replace(_CHAIR, name="group", members=(Member(_CHAIR, 1.0, 30.0, 0, 60.0, 1.2),))
_SETTINGS = RenderSettings(64, 48, 4, 8, 0.5, 4, 0.08, "error", 0.03, 64, ("exr",), 0.01, 32, "all")


def frame_job(light: Light = LIGHTS[0]) -> RenderJob:
    """Return a job in which every field has something in it."""
    animation = Animation("action", 0.5, 0.1, 0.2, 1.0, 3, 0.02, "hold")
    return RenderJob(_GROUP, light, _SETTINGS, (_VIEW,), "out", "rows.jsonl", look=Look(0.5, 3), animation=animation)


_PHOTO = Backdrop("a.jpg", "a", "abc", 0.4, 0.6, 1.5, True, 5.0, 0.01, 0.1, 1.1, 0.9, 10.0, True)
_FOREGROUND = Foreground(
    "fox", "fox", "0000", "fox.png", "f0", "fox_a.png", "f1", "renders", "straight", "fox.exr", "f2", 200.0, 128
)
_LAYER = Layer(_FOREGROUND, 0.5, 0.4, 0.6, 10.0, True, True, 0.01, Recolor(10.0, 1.1, 0.9, 0.1, _PHOTO, 0.5))
_FIRST = SampleJob(
    "fox_0", "train", (_LAYER,), _PHOTO, (_LAYER,), Realism(0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.02, 80, 3),
    CapturedBackground(1.1, 0.9, 1.1, 10.0, 0.02, 0.5, 0.01, -0.01, 4), TrimapDraw("distance", 5, 7), "0000", 3,
)  # fmt: skip
SAMPLE = dataclasses.replace(_FIRST, reference=_FIRST)
SAMPLE_SETTINGS = SampleSettings(48, ("image", "alpha", "captured_bg", "trimap"), "png", 90, 3, 8, 96, "linear")


def frame_key(job: RenderJob) -> str:
    return job.key(job.views[0])


def may_stay(name: str, place: tuple[str | int, ...]) -> bool:
    """Whether a frame's key may, and then must, stay the same when this field changes."""
    return name in NOT_IN_THE_FRAME or (name in NOT_IN_THE_FRAME_OF_A_MEMBER and "members" in place)


def changeable(job: RenderJob) -> list[tuple[str, tuple[str | int, ...], Any]]:
    """Return all fields of a job; a member is no group."""
    inner = ("asset", "members", 0, "asset", "members")
    full = replaced(job, inner, (Member(_CHAIR, 1.0, 0.0, 0, 0.0, 1.0),))
    # Fields of a group's member, without those of a group in a group, which no recipe can make.
    outer = replaced(full, (*inner, 0, "asset", "members"), (0,))
    return [found for found in fields_of(outer) if found[1][: len(inner)] != inner]


@pytest.mark.parametrize("light", LIGHTS, ids=lambda light: light.kind)
def test_every_field_of_a_render_job_reaches_the_frames_key_or_is_listed(light):
    job = frame_job(light)
    before, seen = frame_key(job), set()
    for name, place, value in changeable(job):
        same = frame_key(replaced(job, place, other(value))) == before
        assert same == may_stay(name, place), f"{name} at {place} {'does not reach' if same else 'reaches'} the key"
        seen.add(name)
    assert seen >= NOT_IN_THE_FRAME.keys()
    assert len(seen) > 60


def test_every_kind_of_light_is_tried():
    assert {type(light) for light in LIGHTS} == set(get_args(Light))


@pytest.mark.parametrize("light", LIGHTS, ids=lambda light: light.kind)
def test_a_frames_key_tells_what_is_there_from_what_is_not(light):
    job = frame_job(light)
    before, optional = frame_key(job), {"look", "animation", "cut_off", "defocus", "motion"}
    for name, place, value in containers_of(job):
        if name in ("RenderJob.views", "Asset.folders") or (name == "Asset.members" and "members" in place[:-1]):
            continue
        if place[-1] in optional:
            assert frame_key(replaced(job, place, None)) != before, name
        elif isinstance(value, tuple):
            assert frame_key(replaced(job, place, (*value, value[-1]))) != before, name
    kinds = {frame_key(frame_job(each)) for each in LIGHTS}
    assert len(kinds) == len(LIGHTS)


def test_a_frames_key_follows_its_own_view_and_no_other():
    job, another = frame_job(), dataclasses.replace(_VIEW, name="0001", azimuth=90.0)
    both = dataclasses.replace(job, views=(_VIEW, another))
    assert both.key(_VIEW) == job.key(_VIEW)
    assert both.key(another) != both.key(_VIEW)


def test_every_field_of_a_sample_job_reaches_the_samples_key_or_is_listed():
    before, seen = SAMPLE.key(SAMPLE_SETTINGS), set()
    # The frame that a clip is fitted to has none of its own.
    inner = replaced(SAMPLE, ("reference", "reference"), 0)
    for name, place, value in fields_of(inner):
        if place == ("reference", "reference"):
            continue
        same = replaced(SAMPLE, place, other(value)).key(SAMPLE_SETTINGS) == before
        assert same == (name in NOT_IN_THE_SAMPLE), f"{name} at {place} {'does not reach' if same else 'reaches'} it"
        seen.add(name)
    assert seen >= NOT_IN_THE_SAMPLE.keys()
    records = (SampleJob, Layer, Foreground, Backdrop, Recolor, Realism, CapturedBackground, TrimapDraw)
    assert {name.partition(".")[0] for name in seen} == {record.__name__ for record in records}


def test_a_samples_key_tells_what_is_there_from_what_is_not():
    before, optional = SAMPLE.key(SAMPLE_SETTINGS), {"recolor", "texture", "reference"}
    for name, place, value in containers_of(SAMPLE):
        if place[-1] in optional:
            assert replaced(SAMPLE, place, None).key(SAMPLE_SETTINGS) != before, name
        elif isinstance(value, tuple):
            assert replaced(SAMPLE, place, (*value, value[-1])).key(SAMPLE_SETTINGS) != before, name


def test_every_setting_reaches_the_samples_key():
    before = SAMPLE.key(SAMPLE_SETTINGS)
    for name, place, value in fields_of(SAMPLE_SETTINGS):
        assert SAMPLE.key(replaced(SAMPLE_SETTINGS, place, other(value))) != before, name


@pytest.mark.parametrize(("kind", "part"), [("trimap", "trimap"), ("captured_bg", "captured")])
def test_draws_of_a_file_that_is_not_written_do_not_make_a_sample_anew(kind, part):
    """What ``part`` draws counts if and only if ``kind`` is an output."""
    less = dataclasses.replace(SAMPLE_SETTINGS, outputs=tuple(k for k in SAMPLE_SETTINGS.outputs if k != kind))
    for name, place, value in fields_of(getattr(SAMPLE, part), (part,)):
        changed = replaced(SAMPLE, place, other(value))
        assert changed.key(less) == SAMPLE.key(less), name
        assert changed.key(SAMPLE_SETTINGS) != SAMPLE.key(SAMPLE_SETTINGS), name
