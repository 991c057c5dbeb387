"""Frames as a video file: H.264 of the image, lossless FFV1 of the alpha, ProRes 4444 of the cut-out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.errors import AssetError, MissingDependencyError

SUFFIXES = {"image": ".mp4", "alpha": "_alpha.mkv", "cut_out": "_cutout.mov"}
"""What the name of each kind of video ends in."""

# A quality at which the eye sees no difference; and no dates or random ids in the file.
_H264 = {"crf": "14", "preset": "medium"}
_FFV1 = {"level": "3", "slicecrc": "1", "g": "1"}
_PRORES = {"profile": "4444", "alpha_bits": "16", "vendor": "apl0"}
_FILE = {"fflags": "+bitexact", "movflags": "+faststart"}
_NTSC = (24, 30, 48, 60, 120, 240)
# The numbers that H.264 and QuickTime files have for ITU-R BT.709, and for levels from 16 to 235.
_BT709, _LIMITED = 1, 1

Frame = Mapping[str, Path]
"""The files of a frame by kind: ``image``, ``alpha``, ``fg``."""


def check_video() -> None:
    """Make sure that PyAV and its encoders are there.

    Raises:
        MissingDependencyError: They are not.
    """
    try:
        import av
    except ImportError:
        raise MissingDependencyError("writing videos needs PyAV: pip install 'synthmat[video]'") from None
    for encoder in ("libx264", "ffv1", "prores_ks"):
        try:
            av.codec.Codec(encoder, "w")
        except ValueError:
            raise MissingDependencyError(
                f"PyAV {av.__version__} was built without the encoder {encoder}: "
                "pip install --force-reinstall --only-binary av 'av>=14'"
            ) from None


def frame_rate(fps: float) -> Fraction:
    """Return an exact frame rate: 23.976, 29.97 and their like mean 24000/1001, 30000/1001 and so on."""
    exact = [rate for whole in _NTSC if abs(fps - (rate := Fraction(whole * 1000, 1001))) < 1e-3]
    return exact[0] if exact else Fraction(str(fps)).limit_denominator(1_000_000)


def write_video(kind: str, target: Path, frames: Sequence[Frame], rate: Fraction) -> None:
    """Write a video; equal frames give equal bytes.

    Args:
        kind: ``image``, H.264 with 4:2:0 chroma in BT.709, widened to even edges by repeating the last row and column;
            ``alpha``, gray FFV1 of 8 or 16 bit, lossless; ``cut_out``, straight color and alpha as ProRes 4444.
        target: The file.
        frames: At least one; all of one size.
        rate: Frames a second.

    Raises:
        AssetError: A frame cannot be read.
        OSError: The file cannot be written.
    """
    {"image": _write_image, "alpha": _write_alpha, "cut_out": _write_cut_out}[kind](target, frames, rate)


def _write_image(target: Path, frames: Sequence[Frame], rate: Fraction) -> None:
    pictures = (_even(_read(frame["image"], cv2.IMREAD_COLOR)) for frame in frames)
    _encode(target, "libx264", "yuv420p", pictures, "bgr24", rate, _H264, _to_bt709)


def _write_alpha(target: Path, frames: Sequence[Frame], rate: Fraction) -> None:
    deep = _read(frames[0]["alpha"], cv2.IMREAD_UNCHANGED).dtype == np.uint16
    levels = "gray16le" if deep else "gray"
    mattes = (_read(frame["alpha"], cv2.IMREAD_UNCHANGED) for frame in frames)
    _encode(target, "ffv1", levels, mattes, levels, rate, _FFV1)


def _write_cut_out(target: Path, frames: Sequence[Frame], rate: Fraction) -> None:
    _encode(target, "prores_ks", "yuva444p10le", map(_cut_out, frames), "rgba64le", rate, _PRORES, _to_bt709)


def _cut_out(frame: Frame) -> NDArray[np.uint16]:
    color = _read(frame["fg"], cv2.IMREAD_COLOR)[..., ::-1].astype(np.uint16) * 257
    alpha = _read(frame["alpha"], cv2.IMREAD_UNCHANGED)
    deep = alpha if alpha.dtype == np.uint16 else alpha.astype(np.uint16) * 257
    return np.asarray(np.dstack([color, deep]), np.uint16)


def _encode(
    target: Path,
    codec: str,
    format: str,
    pictures: Iterator[NDArray[Any]],
    given: str,
    rate: Fraction,
    options: dict[str, str],
    convert: Callable[[Any, str], Any] = lambda frame, _format: frame,
) -> None:
    """Encode pictures of pixel format ``given`` as ``format``; ``convert`` takes frames there and tags its colors."""
    import av

    with av.open(str(target), "w", options=_FILE) as file:
        stream: Any = file.add_stream(codec, rate=rate, options=options)
        coder = stream.codec_context
        # The number of threads would stand in the file, and change where slices end.
        coder.pix_fmt, coder.time_base, coder.thread_count = format, 1 / rate, 1
        if convert is _to_bt709:
            coder.colorspace = coder.color_primaries = coder.color_trc = _BT709
            coder.color_range = _LIMITED
        for number, pixels in enumerate(pictures):
            if number == 0:
                coder.height, coder.width = pixels.shape[:2]
            frame = convert(av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format=given), format)
            frame.pts, frame.time_base = number, 1 / rate
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))


def _to_bt709(frame: Any, format: str) -> Any:
    return frame.reformat(format=format, dst_colorspace="ITU709", dst_color_range="MPEG")


def _even(picture: NDArray[Any]) -> NDArray[Any]:
    down, across = picture.shape[0] % 2, picture.shape[1] % 2
    if not down and not across:
        return picture
    return np.asarray(cv2.copyMakeBorder(picture, 0, down, 0, across, cv2.BORDER_REPLICATE))


def _read(path: Path, flags: int) -> NDArray[Any]:
    try:
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise AssetError(f"{path}: the frame cannot be read: {error.strerror}") from None
    pixels = cv2.imdecode(data, flags) if data.size else None
    if pixels is None:
        raise AssetError(f"{path}: the frame is not a readable picture; run `synthmat composite` again")
    return np.asarray(pixels)
