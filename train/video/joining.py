"""Segments joined to one video, with the exact times of the clip's frames and its sound."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any

from synthmat.errors import OutputError
from synthmat.storage.atomic import atomic_path

_FORMATS = {".mkv": "matroska", ".mov": "mov", ".mp4": "mp4", ".webm": "webm"}
_OPUS_RATE = 48_000
_ALPHA = "alpha_mode"
"""The tag by which WebM says that there is alpha beside the color."""


def join_segments(
    target: Path, segments: Sequence[Path], times: Sequence[int], time_base: Fraction, sound: Path | None = None
) -> str:
    """Write one video from segments; nothing is encoded anew but sound that the file cannot hold.

    Args:
        target: The file; its suffix says what kind.
        segments: Files of `SegmentWriter`, in order.
        times: Of all their frames, in units of ``time_base``.
        time_base: Seconds.
        sound: The clip whose sound goes along, or None.

    Returns:
        A note on the sound if it is not copied as it is, else empty.

    Raises:
        OutputError: The file cannot be written.
    """
    import av

    try:
        with atomic_path(target) as temporary, ExitStack() as stack:
            out = stack.enter_context(av.open(str(temporary), "w", format=_FORMATS[target.suffix]))
            first = stack.enter_context(av.open(str(segments[0])))
            stream = out.add_stream_from_template(first.streams.video[0])
            stream.time_base = time_base
            stream.metadata.update(
                {key: text for key, text in first.streams.video[0].metadata.items() if key == _ALPHA}
            )
            pictures = _pictures(segments, times, time_base, stream)
            tracks: list[Iterator[tuple[float, Any]]] = [pictures]
            note = ""
            if sound is not None:
                source = stack.enter_context(av.open(str(sound), metadata_errors="replace"))
                if source.streams.audio:
                    track, note = _sound(source, out, target)
                    tracks.append(track)
            for _, packet in heapq.merge(*tracks, key=lambda each: each[0]):
                out.mux_one(packet)
            return note
    except (av.error.FFmpegError, OSError) as error:
        raise OutputError(f"{target}: cannot be written: {error}") from None


def _pictures(
    segments: Sequence[Path], times: Sequence[int], time_base: Fraction, stream: Any
) -> Iterator[tuple[float, Any]]:
    """Yield second and packet of each frame."""
    import av

    number = 0
    for segment in segments:
        with av.open(str(segment)) as file:
            for packet in file.demux(video=0):
                if not packet.size:
                    continue
                packet.pts = packet.dts = times[number]
                packet.time_base = time_base
                following = times[number + 1] if number + 1 < len(times) else None
                packet.duration = following - times[number] if following else _last_step(times)
                packet.stream = stream
                yield float(times[number] * time_base), packet
                number += 1


def _last_step(times: Sequence[int]) -> int:
    return times[-1] - times[-2] if len(times) > 1 else 1


def _sound(source: Any, out: Any, target: Path) -> tuple[Iterator[tuple[float, Any]], str]:
    """Return the packets of the first sound track with their seconds, and a note if they are encoded anew."""
    track = source.streams.audio[0]
    name = track.codec_context.name
    if name in out.supported_codecs and not (target.suffix == ".mov" and name in ("opus", "vorbis", "flac")):
        return _copied(source, track, out.add_stream_from_template(track)), ""
    codec = "libopus" if target.suffix == ".webm" else "aac"
    rate = _OPUS_RATE if codec == "libopus" else track.rate
    coder = out.add_stream(codec, rate=rate, layout="stereo" if track.channels > 1 else "mono")
    words = "Opus" if codec == "libopus" else "AAC"
    return _encoded(source, track, coder), f"{target.name}: its sound is {words}, since {name} has no place in it"


def _copied(source: Any, track: Any, stream: Any) -> Iterator[tuple[float, Any]]:
    last = 0.0
    for packet in source.demux(track):
        if packet.dts is None:
            continue
        last = float(packet.dts * packet.time_base)
        packet.stream = stream
        yield last, packet


def _encoded(source: Any, track: Any, stream: Any) -> Iterator[tuple[float, Any]]:
    import av

    coder = stream.codec_context
    coder.open()
    resampler = av.AudioResampler(coder.format, coder.layout, coder.rate, frame_size=coder.frame_size or 1024)
    for frame in _ending(source.decode(track)):
        for part in resampler.resample(frame):
            for packet in stream.encode(part):
                yield float(packet.pts * packet.time_base), packet
    for packet in stream.encode(None):
        yield float(packet.pts * packet.time_base), packet


def _ending(frames: Iterator[Any]) -> Iterator[Any]:
    """Yield frames, and None behind them."""
    yield from frames
    yield None
