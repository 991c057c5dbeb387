"""Brings a model to the moments at which it is rendered: a pose, or the frames of a sequence.

Actions keep their own rate: an action plays at the frame rate that the model was made with, and the
times between are reached as fractions of frames. The shutter is counted in these frames too.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.animation.actions import AuthoredState, ModelAction, find_actions, go_to, play
from synthmat.blender_scenes.models.geometry import show_what_renders, visible_instances, visible_points
from synthmat.errors import AssetError
from synthmat.render_job import Animation, View

Points = npt.NDArray[np.float64]

_MAX_MOMENTS = 64
_MIN_MOMENTS = 8
_MAX_POINTS = 1_000_000
_FEW_POINTS = 100_000
_CELLS = 256
_ENDS_AS_IT_BEGINS = 0.03
_POINT = 1e-5
_MOTION_STEPS = 2
"""What moves is straight between 2**2 + 1 moments of an exposure."""


@dataclass(frozen=True)
class Playback:
    """How the model in the scene moves.

    ``action`` is the name of what it plays, from frame ``first`` of the scene for ``duration_s`` seconds at ``fps``
    frames a second; None where it does not move, or where time passes in it without any action (caches of
    simulations). ``points`` (N, 3) are the visible points at all times of the sequence, in the world; None where the
    present ones are all there are. ``still`` says that no time changes anything.
    """

    pose: str = "authored"
    action: str | None = None
    first: float = 0.0
    start_s: float = 0.0
    duration_s: float = math.inf
    fps: float = 24.0
    exposure_s: float = 0.0
    at_end: str = "hold"
    still: bool = True
    points: Points | None = None
    warnings: tuple[str, ...] = ()

    def seconds(self, time_s: float) -> float:
        """Return where in the action it is, so long after the start."""
        since, length = self.start_s + time_s, self.duration_s
        if length <= 0 or math.isinf(length):
            return 0.0 if length <= 0 else since
        if self.at_end == "repeat":
            return since % length
        if self.at_end == "bounce":
            return length - abs(length - since % (2 * length))
        return min(since, length)

    def frame(self, time_s: float) -> float:
        """Return the frame of the scene, whole or not, so long after the start."""
        return self.first + self.seconds(time_s) * self.fps


def apply_pose(animation: Animation | None, name: str) -> Playback:
    """Let the model that the scene holds, before it is staged, do what it should; bring it to the first moment.

    Raises:
        AssetError: The model has actions, but none of the name that is asked for; ``name`` is the model's.
    """
    for item in bpy.data.objects:
        item.cycles.use_motion_blur = False
    if animation is None:
        return Playback()
    if animation.pose == "rest":
        _rest()
        return Playback(pose="rest")
    scene = bpy.context.scene
    show_what_renders(bpy.data.objects)
    authored = AuthoredState(scene)
    action = _choose(animation.action, find_actions(), name)
    fps = scene.render.fps / scene.render.fps_base
    if action is not None:
        authored.detach()
        play(action)
        playback = _begin(scene, animation, action, fps)
    else:
        playback = Playback(first=authored.frame, fps=fps)
    looks = [_look_at(scene, frame) for frame in _moments(playback, animation, len(visible_points()))]
    moments = [points for points, _ in looks]
    if action is not None and max(edge for _, edge in looks) <= _POINT * max(map(_size, moments)):
        authored.restore()
        text = f"action {action.name} shows nothing at that time: shown as authored"
        return Playback(warnings=(text,))
    if _moves(moments):
        for item in bpy.data.objects:
            item.cycles.use_motion_blur = True
            item.cycles.motion_steps = _MOTION_STEPS
        exposure, points = animation.exposure_s, np.concatenate([_thinned(points) for points in moments])
        playback = dataclasses.replace(playback, exposure_s=exposure, still=False, points=points)
    go_to(scene, playback.frame(0.0))
    return playback


def set_view_time(playback: Playback, view: View) -> dict[str, Any]:
    """Bring the model to the moment of a view and open the shutter as long as it should; return its part of the row.

    Called before the camera is aimed, which moves while the shutter is open if it should.
    """
    scene = bpy.context.scene
    if not playback.still:
        go_to(scene, playback.frame(view.time_s))
    _open_shutter(scene, playback.exposure_s * playback.fps, camera_moves=view.motion is not None)
    playing = playback.action is not None
    return {
        "pose": playback.pose,
        "action": playback.action,
        "seconds": round(playback.seconds(view.time_s), 6) if playing else None,
        "frame": round(playback.frame(view.time_s), 4) if playing else None,
        "exposure_s": playback.exposure_s,
        "clip": view.clip or None,
        "clip_time_s": round(view.time_s, 6) if view.clip else None,
    }


def _open_shutter(scene: bpy.types.Scene, frames: float, *, camera_moves: bool) -> None:
    """Set the exposure around the present time; what is set already stays untouched, as any change costs time."""
    render = scene.render
    moves = camera_moves or frames > 0
    if render.use_motion_blur != moves:
        render.use_motion_blur = moves
    if not math.isclose(render.motion_blur_shutter, frames or 1.0, rel_tol=1e-6):
        render.motion_blur_shutter = frames or 1.0
    if render.motion_blur_position != "CENTER":
        render.motion_blur_position = "CENTER"


def _choose(wanted: str | float, actions: list[ModelAction], model: str) -> ModelAction | None:
    """Return the action of a name, letter case and the rig's name before a ``|`` aside, or the one at a share."""
    if not actions:
        return None
    if not isinstance(wanted, str):
        return actions[min(int(wanted * len(actions)), len(actions) - 1)]
    for action in actions:
        if wanted.casefold() in (action.name.casefold(), action.name.rpartition("|")[2].casefold()):
            return action
    names = ", ".join(action.name for action in actions)
    raise AssetError(f"{model}: it has no action {wanted!r}; its actions are {names}")


def _begin(scene: bpy.types.Scene, animation: Animation, action: ModelAction, fps: float) -> Playback:
    """Return how an action is played: where it begins, and what comes after its end."""
    duration = (action.last - action.first) / fps
    at_end = animation.at_end
    if at_end == "auto":
        at_end = "repeat" if _ends_as_it_begins(scene, action) else "bounce"
    start = animation.start_s
    if start is None:
        # What repeats may begin anywhere; what does not should rather not come to its end within the clip.
        free = duration if at_end == "repeat" else duration - animation.length_s
        start = animation.start * max(free, 0.0)
    return Playback("action", action.name, action.first, start, duration, fps, at_end=at_end)


def _ends_as_it_begins(scene: bpy.types.Scene, action: ModelAction) -> bool:
    go_to(scene, action.first)
    first = visible_points()
    go_to(scene, action.last)
    last = visible_points()
    if first.shape != last.shape or not len(first):
        return False
    way = np.sqrt(((first - last) ** 2).sum(axis=1).max())
    return bool(way <= _ENDS_AS_IT_BEGINS * _size(first))


def _moments(playback: Playback, animation: Animation, points: int) -> list[float]:
    """Return frames of the scene from the opening of the first to the closing of the last shutter.

    As many as there are frames in the sequence, but fewer for a long one or a model of many points.
    """
    if not animation.length_s and not animation.exposure_s:
        return [playback.frame(0.0)]
    affordable = min(_MAX_MOMENTS, max(_MIN_MOMENTS, _MAX_POINTS // max(points, 1)))
    times = np.linspace(0.0, animation.length_s, max(2, min(animation.frames, affordable)))
    frames = [playback.frame(float(time)) for time in times]
    half = animation.exposure_s * playback.fps / 2
    return [frames[0] - half, *frames, frames[-1] + half]


def _look_at(scene: bpy.types.Scene, frame: float) -> tuple[Points, float]:
    """Return the visible points (N, 3) at a frame, and the longest edge of any part's box."""
    go_to(scene, frame)
    boxes = [
        np.array(instance.object.bound_box) @ np.array(instance.matrix_world)[:3, :3].T
        for instance in visible_instances()
    ]
    return visible_points(), max((float(np.ptp(box, axis=0).max()) for box in boxes), default=0.0)


def _thinned(points: Points) -> Points:
    """Return one of all points (N, 3) in each cell of a fine grid, and those farthest out; few points stay as they are.

    What is left reaches as far as before on every axis, and elsewhere to half a percent of the size.
    """
    if len(points) <= _FEW_POINTS:
        return points
    low, size = points.min(axis=0), np.ptp(points, axis=0).max()
    cell = np.minimum((points - low) * (_CELLS / size), _CELLS - 1).astype(np.int64)
    kept = np.full(_CELLS**3, -1, np.int32)
    kept[(cell[:, 0] * _CELLS + cell[:, 1]) * _CELLS + cell[:, 2]] = np.arange(len(points))
    farthest = np.concatenate([points.argmin(axis=0), points.argmax(axis=0)])
    thinned: Points = points[np.concatenate([kept[kept >= 0], farthest])]
    return thinned


def _size(points: Points) -> float:
    return float(np.linalg.norm(np.ptp(points, axis=0))) if len(points) else 0.0


def _moves(moments: list[Points]) -> bool:
    first = moments[0]
    return any(points.shape != first.shape or not np.array_equal(points, first) for points in moments[1:])


def _rest() -> None:
    """Show skins as they were made: armatures unposed, shape keys at their basis."""
    for armature in bpy.data.armatures:
        armature.pose_position = "REST"
    for keys in bpy.data.shape_keys:
        keys.animation_data_clear()
        for block in keys.key_blocks:
            block.value = 0.0
