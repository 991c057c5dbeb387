"""Make the README's picture of photographs: tools/make_photo_sheet.py docs/photographs.jpg

What the network that comes with synthmat makes of photographs that scikit-image and scikit-learn carry: the photograph,
its matte, and its cut-out on a checkerboard. All that have a subject are shown, not the best of them.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from synthmat.images.photo_file import read_photo
from synthmat.networks.shipped import SHIPPED
from synthmat.report.contact_sheet import grid
from synthmat.report.pictures import over_checker
from synthmat.train.predict.foreground import estimate_foreground
from synthmat.train.predict.predictor import open_predictor

CELL = 190
PHOTOS = (
    ("skimage", "data/astronaut.png"),
    ("skimage", "data/chelsea.png"),
    ("skimage", "data/coffee.png"),
    ("sklearn", "datasets/images/flower.jpg"),
    ("skimage", "data/rocket.jpg"),
)


def main(target: Path) -> None:
    """Write the picture."""
    predictor = open_predictor(SHIPPED)
    lines: list[list[Image.Image]] = [[], [], []]
    for package, name in PHOTOS:
        found = importlib.util.find_spec(package)
        assert found is not None
        assert found.submodule_search_locations
        photo = read_photo(Path(found.submodule_search_locations[0]) / name).pixels
        alpha = predictor({"image": photo}).alpha
        levels = np.rint(alpha * 255).astype(np.uint8)
        cutout = over_checker(np.dstack([estimate_foreground(photo, alpha) / np.float32(255), alpha]))
        for line, picture in zip(lines, (Image.fromarray(photo), Image.fromarray(levels), cutout), strict=True):
            line.append(picture)
    sheet = grid(lines, cell=(CELL, CELL), row_labels=["photograph", "matte", "cut-out"])
    sheet.save(target, quality=88, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
