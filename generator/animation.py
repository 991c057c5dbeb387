"""What each object does: as its file shows it, a moment of one of its actions, or a whole sequence."""

from __future__ import annotations

import dataclasses

from synthmat.builtin_objects import MOTIONS
from synthmat.random_streams import stream
from synthmat.recipe import Number, Recipe, draw
from synthmat.recipe.animation import Sequence
from synthmat.render_job import Animation, Asset, CameraMotion, View

_MIN_DIGITS = 4


def plan_animation(recipe: Recipe, asset: Asset) -> Animation | None:
    """Return what one object does, or None where it stays as authored; few built-in objects move."""
    wanted = recipe.render.animation
    if asset.builtin is not None and (asset.builtin not in MOTIONS or wanted.pose == "rest"):
        return None
    moves = wanted.action != "none" and (wanted.sequence is not None or wanted.pose == "random")
    if not moves:
        return Animation("rest") if wanted.pose == "rest" else None
    choice = _fraction(recipe, asset, "action") if wanted.action == "random" else wanted.action
    start = _fraction(recipe, asset, "start of action")
    if wanted.sequence is None:
        exposure = _drawn(recipe, asset, "exposure", wanted.motion_blur, 0, 1)
        return Animation("action", choice, start, exposure_s=exposure)
    sequence = wanted.sequence
    step = _seconds_a_frame(recipe, asset, sequence)
    return Animation(
        "action",
        choice,
        start,
        start_s=None if sequence.start == "random" else _drawn(recipe, asset, "start", sequence.start, 0, 86_400),
        length_s=step * (sequence.frames - 1),
        frames=sequence.frames,
        exposure_s=step * sequence.shutter,
        at_end=sequence.at_end,
    )


def expand_sequence(views: tuple[View, ...], recipe: Recipe, asset: Asset) -> tuple[View, ...]:
    """Return every frame of the clip that begins at each view; without a sequence the views as they are.

    A camera that goes on around the object also blurs it while the shutter is open, unless the view has a movement of
    its own, and sees it at one size throughout.
    """
    sequence = recipe.render.animation.sequence
    if sequence is None:
        return views
    step = _seconds_a_frame(recipe, asset, sequence)
    spin = _drawn(recipe, asset, "spin", sequence.spin, -720, 720)
    return tuple(frame for view in views for frame in _clip(view, sequence, step, spin / sequence.fps))


def _clip(view: View, sequence: Sequence, step: float, turn: float) -> list[View]:
    """Return the frames of one clip, ``turn`` degrees and ``step`` seconds of the action apart."""
    digits = max(_MIN_DIGITS, len(str(sequence.frames - 1)))
    blur = turn * sequence.shutter
    if turn:
        motion = CameraMotion("spin", blur) if blur and not _moves(view) else view.motion
        view = dataclasses.replace(view, fit="orbit", motion=motion)
    return [
        dataclasses.replace(
            view,
            name=f"{view.name}_{number:0{digits}d}",
            azimuth=(view.azimuth + turn * number) % 360,
            clip=view.name,
            time_s=step * number,
        )
        for number in range(sequence.frames)
    ]


def _moves(view: View) -> bool:
    """Tell whether the camera moves of its own accord while the shutter is open."""
    return view.motion is not None and view.motion.kind != "still"


def _seconds_a_frame(recipe: Recipe, asset: Asset, sequence: Sequence) -> float:
    """Return how much of the action passes from one frame to the next, seconds."""
    return _drawn(recipe, asset, "speed", sequence.speed, 0.01, 100) / sequence.fps


def _fraction(recipe: Recipe, asset: Asset, what: str) -> float:
    return float(stream(recipe.seed, "object", asset.name, "animation", what).random())


def _drawn(recipe: Recipe, asset: Asset, what: str, number: Number, low: float, high: float) -> float:
    return draw(number, stream(recipe.seed, "object", asset.name, "animation", what), low, high)
