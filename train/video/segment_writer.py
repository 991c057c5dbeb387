"""The results of a stretch of a clip as video files, so that a run that was killed goes on behind the last of them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.errors import OutputError
from synthmat.images.alpha import Float, UInt8, to_levels

# Without frames that refer to later ones: the n-th packet of a segment is its n-th frame.
_H264 = {"crf": "16", "preset": "medium", "bf": "0"}
_FFV1 = {"level": "3", "slicecrc": "1", "g": "1"}
_PRORES = {"profile": "4444", "alpha_bits": "16", "vendor": "apl0"}
_VP9 = {"crf": "20", "b": "0", "deadline": "good", "cpu-used": "5", "row-mt": "1", "auto-alt-ref": "0"}
# The numbers of ITU-R BT.709, and of levels from 16 to 235.
_BT709, _LIMITED = 1, 1


@dataclass(frozen=True)
class Encoding:
    """How a kind of result is encoded.

    Args:
        suffix: What its file's name ends in.
        codec: The encoder.
        stored: Its pixel format.
        given: The pixel format that it is made from.
        options: Of the encoder.
    """

    suffix: str
    codec: str
    stored: str
    given: str
    options: dict[str, str]


ALPHA = {
    8: Encoding("_alpha.mkv", "ffv1", "gray", "gray", _FFV1),
    16: Encoding("_alpha.mkv", "ffv1", "gray16le", "gray16le", _FFV1),
}
"""Lossless FFV1, by the bits of alpha."""

CUTOUTS = {
    "prores": Encoding("_cutout.mov", "prores_ks", "yuva444p10le", "rgba64le", _PRORES),
    "vp9": Encoding("_cutout.webm", "libvpx-vp9", "yuva420p", "rgba", _VP9),
}
"""Straight color and alpha."""

COMPOSITE = Encoding("_composite.mp4", "libx264", "yuv420p", "rgb24", _H264)


class SegmentWriter:
    """One video file of frames of one size, numbered from 0; their real times are put in when segments are joined.

    Args:
        path: The file.
        encoding: How.
        rate: Frames a second.
        aspect: Width of a pixel by its height.

    Raises:
        OutputError: The file cannot be written.
    """

    def __init__(self, path: Path, encoding: Encoding, rate: Fraction, aspect: Fraction) -> None:
        import av

        self._av, self._path, self._encoding = av, path, encoding
        rate = rate.limit_denominator(1001)
        try:
            self._file: Any = av.open(str(path), "w")
            self._stream: Any = self._file.add_stream(encoding.codec, rate=rate, options=dict(encoding.options))
        except (av.error.FFmpegError, ValueError, OSError) as error:
            raise OutputError(f"{path}: cannot be written: {error}") from None
        coder: Any = self._stream.codec_context
        coder.pix_fmt, coder.time_base = encoding.stored, 1 / rate
        coder.sample_aspect_ratio = aspect
        if encoding.stored.startswith("yuv"):
            coder.colorspace = coder.color_primaries = coder.color_trc = _BT709
            coder.color_range = _LIMITED
        self._count = 0

    def add(self, pixels: NDArray[Any]) -> None:
        """Encode a frame, ``(H, W)`` or ``(H, W, C)`` as the encoding takes it.

        Raises:
            OutputError: The disk is full, or the encoder refuses.
        """
        pixels = _even(pixels) if self._encoding.stored.endswith("420p") else pixels
        if not self._count:
            self._stream.codec_context.height, self._stream.codec_context.width = pixels.shape[:2]
        frame = self._av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format=self._encoding.given)
        if self._encoding.stored.startswith("yuv"):
            frame = frame.reformat(format=self._encoding.stored, dst_colorspace="ITU709", dst_color_range="MPEG")
        frame.pts, frame.time_base = self._count, self._stream.codec_context.time_base
        self._count += 1
        self._mux(frame)

    def close(self) -> None:
        """Write what the encoder still holds, and end the file."""
        if self._count:
            self._mux(None)
        self._file.close()

    def _mux(self, frame: Any) -> None:
        try:
            self._file.mux(self._stream.encode(frame))
        except (self._av.error.FFmpegError, OSError) as error:
            raise OutputError(f"{self._path}: cannot be written: {error}") from None


def cutout_pixels(foreground: UInt8, alpha: Float, cutout: str) -> NDArray[Any]:
    """Return straight color and alpha as `CUTOUTS` take them."""
    if cutout == "vp9":
        return np.dstack([foreground, to_levels(alpha, 8)])
    return np.dstack([foreground.astype(np.uint16) * 257, to_levels(alpha, 16)])


def _even(picture: NDArray[Any]) -> NDArray[Any]:
    """Return a picture with its last row and column repeated where their number is odd."""
    down, across = picture.shape[0] % 2, picture.shape[1] % 2
    if not down and not across:
        return picture
    return np.asarray(cv2.copyMakeBorder(picture, 0, down, 0, across, cv2.BORDER_REPLICATE))
