"""An export, and its pictures as trainers read them."""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from support.stored_dataset import Stored

from synthmat.api import export_dataset


def export(stored: Stored, layout: str, **options) -> Path:
    result, target = export_dataset(stored.root, layout, **options)
    assert result.failed == 0
    assert result.made > 0
    return target


def rgb(path: Path | str) -> np.ndarray:
    """Read color as most trainers do."""
    return np.asarray(Image.open(path).convert("RGB"))


def gray(path: Path | str) -> np.ndarray:
    """Read a matte as most trainers do: Pillow would cut 16 bits off at 255."""
    return np.asarray(Image.open(path).convert("L"))


def listing(folder: Path, *patterns: str) -> list[str]:
    """Return the paths that patterns match, sorted as text."""
    return sorted(str(path) for pattern in patterns for path in folder.glob(pattern))


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def bgr_to_rgb(path: Path) -> np.ndarray:
    pixels = cv2.imread(str(path))
    assert pixels is not None, path
    return pixels[..., ::-1]
