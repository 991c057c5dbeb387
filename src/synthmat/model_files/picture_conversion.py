"""Turns a picture of any format that Pillow reads into PNG, for programs that read fewer."""

from __future__ import annotations

import io
import warnings


def as_png(data: bytes) -> bytes | None:
    """Return the bytes of a picture as those of a PNG, of several frames the first; None if Pillow cannot read them."""
    from PIL import Image

    written = io.BytesIO()
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data)) as opened:
            opened.convert("RGBA" if opened.has_transparency_data else "RGB").save(written, "PNG", compress_level=1)
    except (OSError, ValueError, SyntaxError, IndexError, Image.DecompressionBombError):
        return None
    return written.getvalue()
