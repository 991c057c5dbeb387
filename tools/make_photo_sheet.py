"""Make the README's picture of photographs: tools/make_photo_sheet.py docs/photographs.jpg

What the network that comes with synthmat makes of photographs that scikit-image and scikit-learn carry: the photograph,
its matte, and its cut-out on a checkerboard. All that have a subject are shown, not the best of them.
"""

from __future__ import annotations

import sys
from pathlib import Path

from synthmat.networks.shipped import SHIPPED
from synthmat.photos import photos_with_a_subject
from synthmat.train.predict.photograph_sheet import photograph_sheet
from synthmat.train.predict.predictor import open_predictor


def main(target: Path) -> None:
    """Write the picture."""
    sheet = photograph_sheet(open_predictor(SHIPPED), photos_with_a_subject().values())
    sheet.save(target, quality=88, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
