"""What a clip is put over, and the empty scene that a network compares it with."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from synthmat.errors import AssetError
from synthmat.images.alpha import UInt8
from synthmat.images.clip_formats import is_clip
from synthmat.images.photo_file import read_photo
from synthmat.train.predict.background_color import color_levels, is_color
from synthmat.train.predict.outputs import covering
from synthmat.train.video.clip_file import Clip, ClipFrame, open_clip, read_frames

_MOST_FRAMES, _MOST_BYTES = 32, 400_000_000
_STRIP = 64
_SAME_TIME_S = 1e-4


class Backdrop(Protocol):
    """A background that may change with time."""

    def at(self, seconds: float, height: int, width: int) -> UInt8:
        """Return it as it is so many seconds after the start, uint8 ``(height, width, 3)``; times never go back."""
        ...


def open_backdrop(place: Path) -> Backdrop:
    """Return what a text means: a color ``#rrggbb``, a clip, which starts anew when it is over, or a picture.

    Raises:
        AssetError: It is none of these.
    """
    if is_color(place):
        return _Color(place)
    if place.is_dir():
        raise AssetError(f"{place}: is a folder; the background of a clip is a picture, a clip or a color (#00ff00)")
    return _Film(place) if is_clip(place) else _Picture(place)


class _Color:
    def __init__(self, place: Path) -> None:
        self._levels = color_levels(str(place)).tolist()

    def at(self, seconds: float, height: int, width: int) -> UInt8:  # noqa: ARG002
        """See `Backdrop`."""
        return np.broadcast_to(np.array(self._levels, np.uint8), (height, width, 3))


class _Picture:
    def __init__(self, place: Path) -> None:
        self._photo = read_photo(place).pixels
        self._fitted: UInt8 | None = None

    def at(self, seconds: float, height: int, width: int) -> UInt8:  # noqa: ARG002
        """See `Backdrop`."""
        if self._fitted is None or self._fitted.shape[:2] != (height, width):
            self._fitted = covering(self._photo, height, width)
        return self._fitted


class _Film:
    def __init__(self, place: Path) -> None:
        self._clip = open_clip(place)
        self._frames = self._endless()
        self._now = next(self._frames)
        self._next = next(self._frames)

    def at(self, seconds: float, height: int, width: int) -> UInt8:
        """See `Backdrop`."""
        while self._next[0] <= seconds + _SAME_TIME_S:
            self._now, self._next = self._next, next(self._frames)
        return covering(self._now[1], height, width)

    def _endless(self) -> Iterator[tuple[float, UInt8]]:
        """Yield when each frame starts to show, in seconds, and the frame; over and over again."""
        start = 0.0
        while True:
            begun: float | None = None
            shown = 0.0
            for frame in read_frames(self._clip):
                seconds = float(frame.pts * self._clip.time_base)
                begun = seconds if begun is None else begun
                shown = seconds - begun
                yield start + shown, frame.image
            start += shown + float(1 / self._clip.rate)


class EmptyScene:
    """The captured background of a clip, the same for all its frames.

    Args:
        clip: The clip.
        place: A picture of the empty scene or a clip of it, whose median it then is; None with ``seconds``.
        seconds: From when to when the clip itself shows it.

    Raises:
        AssetError: There is no frame in these seconds, or the picture has another shape.
    """

    def __init__(self, clip: Clip, place: Path | None, seconds: tuple[float, float] | None) -> None:
        self._clip, self._place, self._seconds = clip, place, seconds

    @cached_property
    def pixels(self) -> UInt8:
        """The scene, uint8 ``(H, W, 3)`` of the clip's size."""
        if self._place is None:
            assert self._seconds is not None
            return median_of(self._clip, *self._seconds)
        found = median_of(open_clip(self._place)) if is_clip(self._place) else read_photo(self._place).pixels
        height, width = self._clip.height, self._clip.width
        if abs(found.shape[1] / found.shape[0] - width / height) > 0.02 * width / height:
            raise AssetError(
                f"{self._place}: {found.shape[1]}x{found.shape[0]}, but the clip is {width}x{height}; the empty scene "
                "has to be seen by the same camera from the same place"
            )
        if found.shape[:2] != (height, width):
            found = np.asarray(cv2.resize(found, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
        return found


def median_of(clip: Clip, start: float = 0.0, end: float | None = None) -> UInt8:
    """Return the median of up to 32 frames between two times, seconds from the first frame, pixel by pixel.

    Whoever walks through the scene in less than half of that time is not in it.

    Raises:
        AssetError: There is no frame in between.
    """
    length = (end if end is not None else float(clip.frames / clip.rate)) - start
    most = max(3, min(_MOST_FRAMES, _MOST_BYTES // (3 * clip.width * clip.height)))
    every = max(1, round(length * float(clip.rate)) // most)
    between = list(itertools.islice(_every(clip, start, end, every), 2 * most))
    if not between:
        raise AssetError(
            f"{clip.path}: has no frame between second {start:g} and {'its end' if end is None else f'{end:g}'}, where "
            "the empty scene should be"
        )
    stack = np.stack([frame.image for frame in between])
    result: UInt8 = np.empty_like(stack[0])
    for top in range(0, clip.height, _STRIP):
        result[top : top + _STRIP] = np.median(stack[:, top : top + _STRIP], axis=0)
    return result


def _every(clip: Clip, start: float, end: float | None, step: int) -> Iterator[ClipFrame]:
    begun: float | None = None
    count = 0
    for frame in read_frames(clip):
        seconds = float(frame.pts * clip.time_base)
        begun = seconds if begun is None else begun
        if end is not None and seconds - begun > end:
            return
        if seconds - begun >= start:
            if count % step == 0:
                yield frame
            count += 1
