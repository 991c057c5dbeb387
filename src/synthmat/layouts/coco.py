"""COCO instances: pictures in a folder for each split, masks of alpha above one half as run lengths in JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthmat.layouts.outputs import ExportOptions, Output, as_it_is
from synthmat.layouts.stored import require
from synthmat.rows.samples import StoredSample

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_CHUNK_BITS = 5
_MORE = 1 << _CHUNK_BITS
_SIGN = 1 << (_CHUNK_BITS - 1)


def export(samples: list[StoredSample], _options: ExportOptions) -> list[Output]:
    """Lay out pictures as ``<split>/<id>`` and ``annotations/instances_<split>.json``; a mask is no matte any more."""
    require(samples, "coco", "image", "alpha")
    outputs = [as_it_is(sample, "image", f"{sample.split}/{sample.id}") for sample in samples]
    for split in dict.fromkeys(sample.split for sample in samples):
        mine = tuple(sample for sample in samples if sample.split == split)
        make = partial(_write_instances, mine)
        note = "masks are alpha > 0.5: soft edges are lost in this layout"
        outputs.append(Output(f"annotations/instances_{split}.json", mine, ("alpha",), make, "rle", note))
    return outputs


def run_lengths(mask: NDArray[np.bool_]) -> list[int]:
    """Return how long the runs of a mask ``(H, W)`` are, column by column, of 0 and 1 in turn, the first of 0."""
    import numpy as np

    flat = mask.ravel(order="F").astype(np.int8)
    edges = np.flatnonzero(np.diff(flat, prepend=0)).tolist()
    return [stop - start for start, stop in zip([0, *edges], [*edges, flat.size], strict=True)]


def packed(lengths: list[int]) -> str:
    """Return run lengths as the text that COCO's tools call compressed.

    From the fourth on, each is stored as its difference from the one before the last. A number is cut into 5 bits at a
    time, the lowest first, bit 6 saying that more follow, bit 5 of the last being its sign; 48 makes it a letter.
    """
    letters = []
    for place, length in enumerate(lengths):
        value = length - lengths[place - 2] if place > 2 else length
        while True:
            chunk = value & (_MORE - 1)
            value >>= _CHUNK_BITS
            ends = value == (-1 if chunk & _SIGN else 0)
            letters.append(chr((chunk if ends else chunk | _MORE) + 48))
            if ends:
                break
    return "".join(letters)


def _write_instances(samples: tuple[StoredSample, ...], path: Path) -> None:
    """Write the JSON file of one split, picture by picture; a picture without a mask has no instance."""
    images: list[dict[str, Any]] = []
    instances: list[dict[str, Any]] = []
    for number, sample in enumerate(samples, start=1):
        mask = _mask(sample)
        height, width = mask.shape
        name = f"{sample.id}{sample.files['image'].suffix.lower()}"
        images.append({"id": number, "file_name": name, "height": height, "width": width})
        instances += [{"id": number, "image_id": number} | fields for fields in _instance(mask)]
    categories = [{"id": 1, "name": "foreground", "supercategory": "foreground"}]
    content = {"info": {}, "licenses": [], "images": images, "annotations": instances, "categories": categories}
    path.write_text(json.dumps(content), encoding="utf-8")


def _mask(sample: StoredSample) -> NDArray[np.bool_]:
    from synthmat.layouts.pixels import read_alpha

    mask: NDArray[np.bool_] = read_alpha(sample.files["alpha"]) > 0.5
    return mask


def _instance(mask: NDArray[np.bool_]) -> Iterator[dict[str, Any]]:
    import numpy as np

    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size:
        left, top = int(columns[0]), int(rows[0])
        yield {
            "category_id": 1,
            "iscrowd": 0,
            "area": int(mask.sum()),
            "bbox": [left, top, int(columns[-1]) - left + 1, int(rows[-1]) - top + 1],
            "segmentation": {"size": list(mask.shape), "counts": packed(run_lengths(mask))},
        }
