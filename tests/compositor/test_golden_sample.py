"""A sample as COMPOSITE_VERSION had it: other pixels need another version, or old samples are kept as new ones."""

from __future__ import annotations

import hashlib
from typing import Any

import cv2
import numpy as np
import pytest
from support.composite_project import noise_photo
from support.golden import FOLDER, changed, golden, pixels_to_text, text_to_pixels

from synthmat.compositor.stage import composite
from synthmat.sample_job import COMPOSITE_VERSION
from synthmat.stage import RunOptions
from synthmat.storage.manifest import read_rows, write_rows

_OUTPUTS = ("image", "alpha", "fg", "bg", "captured_bg", "trimap")
_KEYS = """
size: 24, per_view: 1, split: {by: none}, outputs: [image, alpha, fg, bg, captured_bg, trimap],
placement: {scale: 0.8, rotate: 12, flip: 1}, photo: {zoom: 1.5, rotate: 4, blur: 0.05, hue: 20, flip: 1},
recolor: {probability: 1, hue: 40}, distractors: {probability: 1, blur: 0.02}, stack: {probability: 1},
realism: {color_transfer: {probability: 1}, haze: {probability: 1}, exposure: {probability: 1},
white_balance: {probability: 1}, noise: {probability: 1}},
captured_background: {color: {probability: 1}, misaligned: {probability: 1}, noise: {probability: 1}},
trimap: {method: distance, erode: 2, dilate: 3}
"""


Pixels = np.ndarray[Any, Any]


@pytest.fixture
def sample(project: Any) -> tuple[dict[str, Pixels], dict[str, Any]]:
    """Return a sample's pixels, 8 bits, kind by kind, and its row."""
    rows = []
    for number in range(2):
        path = project.render(f"object{number}", 0)
        # Stored, since digests are in the key and bytes of a new PNG depend on the library that compresses it.
        data = (FOLDER / f"object{number}.png").read_bytes()
        path.write_bytes(data)
        files = {f"object{number}/0000.png": hashlib.sha256(data).hexdigest()}
        rows.append({"object": f"object{number}", "view": "0000", "files": files, "model": {}})
    write_rows(project.output.render_manifest, rows)
    project.photo("noise.bmp", noise_photo(1, 40, 50))
    result = composite(project.recipe(_KEYS), project.base, project.output, RunOptions(workers=1, quiet=True))
    assert (result.made, result.failed) == (2, 0), result.notes
    row = next(read_rows(project.output.metadata("train")))
    folder = project.output.dataset / "train"
    return {kind: cv2.imread(str(folder / row[f"{kind}_file_name"]), cv2.IMREAD_UNCHANGED) for kind in _OUTPUTS}, row


def test_a_sample_changes_only_with_the_version(sample: tuple[dict[str, Pixels], dict[str, Any]]) -> None:
    """Versions of OpenCV interpolate to other levels; within one, a processor may round a level otherwise."""
    pixels, row = sample
    found = {kind: pixels_to_text(each) for kind, each in pixels.items()} | {"key": row["key"]}
    opencv = f"OpenCV {cv2.__version__.partition('.')[0]}"
    stored = golden("sample", "COMPOSITE_VERSION", COMPOSITE_VERSION, found, opencv)
    told = changed("COMPOSITE_VERSION", COMPOSITE_VERSION)
    assert row["key"] == stored["key"], f"the row's key: {told}"
    for kind, each in pixels.items():
        then = text_to_pixels(stored[kind], 3 if each.ndim == 3 else 1).reshape(each.shape)
        assert np.abs(each.astype(int) - then).max() <= (0 if kind == "trimap" else 1), f"{kind}: {told}"
