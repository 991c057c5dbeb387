"""What a network makes of photographs with a subject, as one picture: photograph, matte, cut-out."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from synthmat.images.photo_file import read_photo
from synthmat.report.contact_sheet import grid
from synthmat.report.pictures import over_checker
from synthmat.train.predict.foreground import estimate_foreground
from synthmat.train.predict.predictor import Predictor

_CELL = 190
_LABELS = ("photograph", "matte", "cut-out")


def photograph_sheet(predictor: Predictor, photos: Iterable[Path]) -> Image.Image:
    """Return a picture with a column for each photograph.

    Args:
        predictor: A network that needs nothing but the image.
        photos: Photographs in any format that is read here.

    Raises:
        AssetError: A photograph cannot be read.
    """
    rows: list[list[Image.Image]] = [[] for _ in _LABELS]
    for path in photos:
        photo = read_photo(path).pixels
        alpha = predictor({"image": photo}).alpha
        matte = Image.fromarray(np.rint(alpha * 255).astype(np.uint8))
        cutout = over_checker(np.dstack([estimate_foreground(photo, alpha) / np.float32(255), alpha]))
        for row, picture in zip(rows, (Image.fromarray(photo), matte, cutout), strict=True):
            row.append(picture)
    return grid(rows, cell=(_CELL, _CELL), row_labels=_LABELS)
