"""How large a picture is, by its header: what would fill the memory is refused before it is decoded."""

from __future__ import annotations

import io
import math
import warnings
from pathlib import Path

from PIL import Image

from synthmat.errors import AssetError
from synthmat.images.picture_formats import pillow_formats

MOST_MEGAPIXELS = 100.0
"""Of pictures of others, unless the user says otherwise."""


def check_megapixels(path: Path, most: float, allowed_by: str, *, data: bytes | None = None, what: str = "") -> None:
    """Raise AssetError if a picture has more megapixels than allowed; what is no picture is left to those who read it.

    Args:
        path: The picture.
        most: Megapixels.
        allowed_by: The key or option that says so, for the message.
        data: What is in the file, if it has been read already.
        what: What the picture is, for the message.

    Raises:
        AssetError: It is too large.

    Example:
        >>> check_megapixels(Path("poster.png"), 100, "--max-megapixels")
        Traceback (most recent call last):
        synthmat.errors.AssetError: poster.png: has 900 megapixels, more than --max-megapixels (100) allows; ...
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path if data is None else io.BytesIO(data), formats=pillow_formats()) as picture:
                megapixels = picture.width * picture.height / 1e6
    except Image.DecompressionBombError:
        megapixels = math.inf
    except Exception:
        return
    if megapixels > most:
        size = f"{megapixels:.4g}" if math.isfinite(megapixels) else "far more"
        whose = f"the {what} has" if what else "has"
        limit = f"{allowed_by} ({most:g}) allows"
        raise AssetError(f"{path}: {whose} {size} megapixels, more than {limit}; make it smaller, or allow more")
