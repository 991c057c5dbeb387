"""PaddleSeg matting: fg and alpha of each split, bg, and lists of lines ``fg bg trimap``."""

from __future__ import annotations

from synthmat.layouts.outputs import ExportOptions, Output, alpha_8_bit, as_it_is, as_png, text_file
from synthmat.layouts.stored import require
from synthmat.rows.samples import StoredSample


def export(samples: list[StoredSample], _options: ExportOptions) -> list[Output]:
    """Lay out samples for composition by the reader where all have fg and bg, else the finished images as ``fg``.

    The reader finds the alpha by writing ``/alpha`` for ``/fg`` in the whole path, so both have one suffix.
    """
    require(samples, "paddleseg", "alpha")
    online = all({"fg", "bg"} <= sample.files.keys() for sample in samples)
    if not online:
        require(samples, "paddleseg", "image")
    outputs = []
    lines: dict[str, list[str]] = {}
    for sample in samples:
        files = _files(sample, online)
        outputs += [*files.values(), alpha_8_bit(sample, f"{sample.split}/alpha/{_name(sample)}")]
        lines.setdefault(sample.split, []).append(" ".join(output.file for output in files.values()))
    return outputs + [text_file(f"{split}.txt", its) for split, its in lines.items()]


def _files(sample: StoredSample, online: bool) -> dict[str, Output]:
    """Return the files that a line of the list names, in its order."""
    stem = f"{sample.split}/fg/{_name(sample)}"
    if not online:
        return {"fg": as_png(sample, "image", stem)}
    files = {"fg": as_png(sample, "fg", stem), "bg": as_it_is(sample, "bg", f"bg/{sample.split}-{sample.id}")}
    if sample.split != "train" and "trimap" in sample.files:
        files["trimap"] = as_it_is(sample, "trimap", f"{sample.split}/trimap/{_name(sample)}")
    return files


def _name(sample: StoredSample) -> str:
    return f"sample-{sample.id}" if sample.id.startswith("fg") else sample.id
