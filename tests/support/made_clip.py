"""Small video files for tests: a disc that moves over a pattern, with sound, odd times or a rotation if asked for."""

from fractions import Fraction
from typing import Any

import av
import numpy as np


def disc_frames(count: int, height: int = 48, width: int = 64):
    """Return frames of a bright disc that moves, uint8 (H, W, 3), and its alpha, float32."""
    rows, columns = np.mgrid[0:height, 0:width]
    behind = np.stack([20 + columns, 60 + rows, 40 + 0 * rows], 2)
    images, mattes = [], []
    for number in range(count):
        distance = np.hypot(rows - height / 2, columns - width * (0.25 + 0.5 * number / max(count - 1, 1)))
        alpha = np.clip(height / 4 - distance + 0.5, 0, 1).astype(np.float32)
        image = alpha[..., None] * np.array([230, 200, 60]) + (1 - alpha[..., None]) * behind
        images.append(image.round().astype(np.uint8))
        mattes.append(alpha)
    return images, mattes


def write_clip(path, images, *, rate=25, times=None, sound="", turn=0, codec="libx264", format="yuv420p", shape=None):
    """Write frames and return the path.

    ``times`` are theirs in units of 1/600 s, ``sound`` a codec, ``turn`` degrees clockwise by which they are shown.
    """
    with av.open(str(path), "w") as file:
        options = {"crf": "10", "g": "6"} if codec == "libx264" else {}
        stream: Any = file.add_stream(codec, rate=rate, options=options)
        stream.pix_fmt = format
        stream.height, stream.width = images[0].shape[:2]
        stream.codec_context.time_base = Fraction(1, 600) if times is not None else Fraction(1, rate)
        if shape is not None:
            stream.codec_context.sample_aspect_ratio = shape
        if turn:
            stream.set_display_rotation(-turn)
        track = file.add_stream(sound, rate=48000, layout="mono") if sound else None
        for number, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
            frame.pts = number if times is None else times[number]
            frame.time_base = stream.codec_context.time_base
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
        if track is not None:
            _hum(file, track, len(images) / rate)
    return path


def _hum(file, track, seconds: float) -> None:
    resampler = av.AudioResampler(track.codec_context.format, track.codec_context.layout, 48000, frame_size=960)
    wave = np.sin(np.arange(int(48000 * seconds)) / 30).astype(np.float32)[None]
    sound = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
    sound.sample_rate, sound.pts = 48000, 0
    for part in [*resampler.resample(sound), *resampler.resample(None)]:
        file.mux(track.encode(part))
    file.mux(track.encode(None))


def read_clip(path, format="rgb24"):
    """Return the frames of a file, and their times in seconds."""
    with av.open(str(path)) as file:
        frames = list(file.decode(video=0))
    return [each.to_ndarray(format=format) for each in frames], [float(each.pts * each.time_base) for each in frames]


def packets_of_sound(path) -> list[bytes]:
    """Return the packets of the first sound track as they are stored."""
    with av.open(str(path)) as file:
        return [bytes(packet) for packet in file.demux(audio=0) if packet.size]


def read_alpha_of_vp9(path):
    """Return the alpha of each frame of a WebM file, uint8 (H, W); FFmpeg's own decoder leaves it out."""
    decoder = av.CodecContext.create("libvpx-vp9", "r")
    with av.open(str(path)) as file:
        frames = [frame for packet in file.demux(video=0) if packet.size for frame in decoder.decode(packet)]
    return [frame.to_ndarray(format="rgba")[..., 3] for frame in frames]
