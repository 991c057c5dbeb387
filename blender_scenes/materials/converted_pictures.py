"""Pictures that Blender cannot read and Pillow can: GIF, AVIF and odd kinds of others."""

from __future__ import annotations

from pathlib import Path

import bpy

from synthmat.model_files.picture_conversion import as_png
from synthmat.model_files.texture_files import files_at


def convert_picture(image: bpy.types.Image, path: Path | None) -> bool:
    """Pack an image as PNG, of several frames the first, and tell whether that made it one that Blender can read.

    ``path`` is where the image's file is, if it is not packed.
    """
    if image.packed_file is not None:
        data = as_png(bytes(image.packed_file.data))
    else:
        files = files_at(path) if path is not None else []
        data = as_png(files[0].read_bytes()) if files else None
    if data is None:
        return False
    space, alpha = image.colorspace_settings.name or "sRGB", image.alpha_mode
    image.source = "FILE"
    image.pack(data=data, data_len=len(data))
    image.colorspace_settings.name, image.alpha_mode = space, alpha
    return 0 not in tuple(image.size)
