"""A video file as upright sRGB frames with their exact times."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from synthmat.errors import AssetError, MissingDependencyError
from synthmat.images.alpha import UInt8

# ITU-T H.273: color matrices and transfer characteristics.
_UNKNOWN_MATRIX, _BT709 = 2, 1
_HDR = {16: "PQ", 18: "HLG"}
_HD_HEIGHT = 720
_DEFAULT_RATE = Fraction(25)
# AVI has no times: those behind a place that was sought are guesses.
_WITHOUT_TIMES = (".avi",)


@dataclass(frozen=True)
class Clip:
    """A clip, as far as its file says.

    Args:
        path: The file.
        width: Of its frames once they are upright, pixels.
        height: Likewise.
        turns: Quarter turns counter-clockwise that make frames upright.
        time_base: The unit of its frames' times, seconds.
        rate: Frames a second, on average.
        frames: How many there are by what the file says; 0 if it does not.
        aspect: Width of an upright pixel by its height.
        sound: Codec of its sound, empty without.
        notes: What a user should know of it.
    """

    path: Path
    width: int
    height: int
    turns: int
    time_base: Fraction
    rate: Fraction
    frames: int
    aspect: Fraction
    sound: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClipFrame:
    """A frame: its ``number`` from 0, its time ``pts`` in units of the clip, and its ``image`` uint8 ``(H, W, 3)``."""

    number: int
    pts: int
    image: UInt8


def open_clip(path: Path) -> Clip:
    """Return what a video file says of itself.

    Raises:
        AssetError: It is not there, no video, or its first frame cannot be decoded.
        MissingDependencyError: PyAV is not installed.
    """
    with _opened(path) as file:
        stream = _video_of(file, path)
        first = next(_decoded(file, stream, path, 0), None)
        if first is None:
            raise AssetError(f"{path}: holds no frame that can be decoded; is it cut off?")
        turns = round(first.rotation / 90) % 4
        width, height = (first.height, first.width) if turns % 2 else (first.width, first.height)
        rate = Fraction(stream.average_rate or stream.guessed_rate or _DEFAULT_RATE)
        shape = Fraction(stream.sample_aspect_ratio or 1) or Fraction(1)
        seconds = _seconds(file, stream)
        return Clip(
            path=path,
            width=width,
            height=height,
            turns=turns,
            time_base=Fraction(stream.time_base),
            rate=rate,
            frames=stream.frames or round(seconds * rate),
            aspect=1 / shape if turns % 2 else shape,
            sound=file.streams.audio[0].codec_context.name if file.streams.audio else "",
            notes=tuple(_notes(file, first, path)),
        )


def read_frames(clip: Clip, first: int = 0, known: tuple[int, int] | None = None) -> Iterator[ClipFrame]:
    """Yield the frames of a clip from a number on.

    Frames without a time get one by the clip's rate; of frames whose times do not grow the later one gets the next
    possible time.

    Args:
        clip: What `open_clip` returned.
        first: Number of the first frame that is wanted.
        known: Number and time of a frame that is not behind it: then little of what is before that one is decoded.

    Raises:
        AssetError: The file is broken at a frame, which is named, or its frames change their size.
    """
    if known is not None and clip.path.suffix.lower() not in _WITHOUT_TIMES:
        with _opened(clip.path) as file:
            stream = _video_of(file, clip.path)
            file.seek(known[1], stream=stream, backward=True)
            found = _from_time(_decoded(file, stream, clip.path, known[0]), known[1])
            if found is not None:
                yield from _upright_from(clip, found, known[0], first)
                return
    # From the beginning, also if the file's index is wrong.
    with _opened(clip.path) as file:
        stream = _video_of(file, clip.path)
        yield from _upright_from(clip, _decoded(file, stream, clip.path, 0), 0, first)


def _upright_from(clip: Clip, frames: Iterator[Any], number: int, first: int) -> Iterator[ClipFrame]:
    """Yield frames that begin with a number from another one on."""
    for place, pts, frame in _timed(clip, frames, number):
        if place >= first:
            yield ClipFrame(place, pts, _upright(clip, frame, place))


def _from_time(frames: Iterator[Any], at: int) -> Iterator[Any] | None:
    """Return the frames from the one of a time on; None if it is not among the first ones."""
    for frame in frames:
        if frame.pts is None or frame.pts > at:
            return None
        if frame.pts == at:
            return _chained(frame, frames)
    return None


def _chained(first: Any, others: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from others


def _timed(clip: Clip, frames: Iterator[Any], first: int = 0) -> Iterator[tuple[int, int, Any]]:
    """Yield number, time and frame."""
    step = max(1, round(1 / (clip.rate * clip.time_base)))
    last: int | None = None
    for number, frame in enumerate(frames, start=first):
        pts = frame.pts
        if pts is None:
            pts = 0 if last is None else last + step
        if last is not None and pts <= last:
            pts = last + 1
        last = pts
        yield number, pts, frame


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    av = _pyav(path)
    if not path.is_file():
        raise AssetError(f"{path}: no such file")
    try:
        file = av.open(str(path), metadata_errors="replace")
    except av.error.FFmpegError as error:
        raise AssetError(f"{path}: cannot be read as a video: {_reason(error)}; is it whole?") from None
    with file:
        yield file


def _video_of(file: Any, path: Path) -> Any:
    if not file.streams.video:
        raise AssetError(f"{path}: holds no pictures, only sound or data")
    stream = file.streams.video[0]
    stream.thread_type = "AUTO"
    return stream


def _decoded(file: Any, stream: Any, path: Path, first: int) -> Iterator[Any]:
    """Yield decoded frames; an error names the frame, counted from ``first``."""
    av = _pyav(path)
    number = first
    try:
        for frame in file.decode(stream):
            yield frame
            number += 1
    except av.error.FFmpegError as error:
        raise AssetError(
            f"{path}: is broken after frame {number}: {_reason(error)}; repair it, or cut it off there"
        ) from None


def _upright(clip: Clip, frame: Any, number: int) -> UInt8:
    shape = (frame.width, frame.height) if clip.turns % 2 else (frame.height, frame.width)
    if shape != (clip.height, clip.width):
        raise AssetError(
            f"{clip.path}: frame {number} is {shape[1]}x{shape[0]} and the ones before {clip.width}x{clip.height}; "
            "encode it again at one size"
        )
    matrix = frame.colorspace
    if matrix == _UNKNOWN_MATRIX and max(shape) >= _HD_HEIGHT:
        matrix = _BT709
    source = {} if matrix == _UNKNOWN_MATRIX else {"src_colorspace": matrix}
    rgb: UInt8 = frame.reformat(format="rgb24", **source).to_ndarray()
    return np.ascontiguousarray(np.rot90(rgb, clip.turns)) if clip.turns else rgb


def _seconds(file: Any, stream: Any) -> float:
    if stream.duration:
        return float(stream.duration * stream.time_base)
    return float(file.duration / 1_000_000) if file.duration else 0.0


def _notes(file: Any, first: Any, path: Path) -> Iterator[str]:
    if first.interlaced_frame:
        yield f"{path}: is interlaced; mattes are of its combed frames, so deinterlace it first"
    if (kind := _HDR.get(int(first.color_trc or 0))) is not None:
        yield f"{path}: is HDR ({kind}), and is taken as it is; convert it to BT.709 first for right colors"
    if len(file.streams.video) > 1:
        yield f"{path}: has {len(file.streams.video)} video streams; the first one is taken"


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).strip().partition("\n")[0].rstrip(".")


def _pyav(path: Path) -> Any:
    try:
        import av
    except ImportError:
        raise MissingDependencyError(f"{path}: clips need PyAV: pip install 'synthmat[video]'") from None
    return av
