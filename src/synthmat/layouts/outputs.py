"""The files that an export consists of: each is a file of the data set as it is, or is made from some of them."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from synthmat.render_job import content_key
from synthmat.rows.samples import StoredSample

_JPEG_QUALITY = 95
_PNG_LEVEL = 1


@dataclass(frozen=True)
class ExportOptions:
    """What an export can be told beside the layout; a shard ends when it has reached one of the two limits.

    ``alpha_bits`` is 8 or 16; shards with 16 keep alpha as it is.
    """

    samples_per_shard: int = 1000
    shard_megabytes: float = 1000.0
    alpha_bits: int = 8

    def __post_init__(self) -> None:
        if self.alpha_bits not in (8, 16):
            raise ValueError(f"alpha has 8 or 16 bits, not {self.alpha_bits}")


@dataclass(frozen=True)
class Output:
    """One file of an export.

    ``file`` is its path in the export with ``/``. ``kinds`` are the files of ``samples`` that it holds. ``make`` writes
    it to a path, in a temporary place; without it the one file of the one sample is linked or copied. ``how`` says how
    it is made and has to change when that does; ``note``, for the user, what is lost or otherwise worth knowing.
    """

    file: str
    samples: tuple[StoredSample, ...]
    kinds: tuple[str, ...]
    make: Callable[[Path], None] | None = None
    how: str = "as it is"
    note: str = ""

    @property
    def key(self) -> str:
        """A hash of the contents that it is made of."""
        contents = [(sample.id, sample.split, [sample.digests.get(k) for k in self.kinds]) for sample in self.samples]
        return content_key(self.how, contents)


def as_it_is(sample: StoredSample, kind: str, stem: str) -> Output:
    """Return a file of the data set under another name, with its own suffix."""
    return Output(stem + sample.files[kind].suffix.lower(), (sample,), (kind,))


def optional(sample: StoredSample, kind: str, stem: str) -> list[Output]:
    """Return `as_it_is` if the sample has such a file."""
    return [as_it_is(sample, kind, stem)] if kind in sample.files else []


def alpha_8_bit(sample: StoredSample, stem: str) -> Output:
    """Return the alpha as 8-bit gray PNG; 16 bits are rounded to the nearest level."""
    if is_8_bit_gray_png(sample.files["alpha"]):
        return as_it_is(sample, "alpha", stem)
    note = "alpha rounded to 8 bits, as this layout's readers take it"
    return Output(f"{stem}.png", (sample,), ("alpha",), partial(_write_alpha, sample), "8 bit", note)


def as_jpeg(sample: StoredSample, kind: str, stem: str) -> Output:
    """Return a picture as JPEG with the suffix ``.jpg``; others are encoded in quality 95 with full chroma."""
    if sample.files[kind].suffix.lower() == ".jpg":
        return as_it_is(sample, kind, stem)
    note = f"{kind} encoded as JPEG of quality {_JPEG_QUALITY}, since this layout's readers look for .jpg"
    return Output(f"{stem}.jpg", (sample,), (kind,), partial(_write_jpeg, sample, kind), "jpeg", note)


def as_png(sample: StoredSample, kind: str, stem: str) -> Output:
    """Return a picture as PNG; others are decoded and stored without further loss."""
    if sample.files[kind].suffix.lower() == ".png":
        return as_it_is(sample, kind, stem)
    note = f"{kind} stored as PNG (no further loss), since this layout's readers look for .png"
    return Output(f"{stem}.png", (sample,), (kind,), partial(_write_png, sample, kind), "png", note)


def cut_out(sample: StoredSample, stem: str) -> Output:
    """Return an RGBA PNG of 8 bits: straight color (the image's where there is no fg) and alpha."""
    kind = "fg" if "fg" in sample.files else "image"
    note = "RGBA made of fg and alpha" if kind == "fg" else "RGBA made of image and alpha, as there is no fg"
    return Output(f"{stem}.png", (sample,), (kind, "alpha"), partial(_write_cut_out, sample, kind), "rgba", note)


def text_file(file: str, lines: Iterable[str], samples: Iterable[StoredSample] = (), note: str = "") -> Output:
    """Return a text file, one line each; ``samples`` may be left out where other files name them."""
    content = "".join(f"{line}\n" for line in lines)

    def make(path: Path) -> None:
        path.write_text(content, encoding="utf-8")

    return Output(file, tuple(samples), (), make, f"text {content_key(content)}", note)


def empty_folder(name: str) -> Output:
    """Return a folder without files, which a reader lists."""
    return Output(name, (), (), Path.mkdir, "empty folder")


def is_8_bit_gray_png(path: Path) -> bool:
    """Return whether the header of a PNG file says gray of 8 bits; other files are none."""
    with path.open("rb") as file:
        head = file.read(26)
    return head[:8] == b"\x89PNG\r\n\x1a\n" and head[24:26] == b"\x08\x00"


def alpha_png(path: Path) -> bytes:
    """Return the alpha in a file as 8-bit gray PNG."""
    from PIL import Image

    from synthmat.images.alpha import to_levels
    from synthmat.layouts.pixels import read_alpha

    buffer = io.BytesIO()
    Image.fromarray(to_levels(read_alpha(path), 8)).save(buffer, "PNG", compress_level=_PNG_LEVEL)
    return buffer.getvalue()


def _write_alpha(sample: StoredSample, path: Path) -> None:
    path.write_bytes(alpha_png(sample.files["alpha"]))


def _write_jpeg(sample: StoredSample, kind: str, path: Path) -> None:
    from PIL import Image

    from synthmat.layouts.pixels import read_image

    buffer = io.BytesIO()
    Image.fromarray(read_image(sample.files[kind])).save(buffer, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    path.write_bytes(buffer.getvalue())


def _write_png(sample: StoredSample, kind: str, path: Path) -> None:
    from PIL import Image

    from synthmat.layouts.pixels import read_image

    Image.fromarray(read_image(sample.files[kind])).save(path, "PNG", compress_level=_PNG_LEVEL)


def _write_cut_out(sample: StoredSample, kind: str, path: Path) -> None:
    import numpy as np
    from PIL import Image

    from synthmat.images.alpha import to_levels
    from synthmat.layouts.pixels import read_alpha, read_image

    alpha = to_levels(read_alpha(sample.files["alpha"]), 8)
    pixels = np.dstack([read_image(sample.files[kind], alpha.shape), alpha])
    Image.fromarray(pixels).save(path, "PNG", compress_level=_PNG_LEVEL)
