"""What a model is made of: the sha256 of its file and of the files that it refers to."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from synthmat.model_files.boundary import files_in
from synthmat.model_files.referenced import referenced_files
from synthmat.model_files.texture_files import state_of
from synthmat.storage.atomic import sha256_file


def fingerprint(model: Path, *folders: Path) -> str:
    """Return a hash that changes when the model or a file it refers to (texture, buffer, material) changes.

    Only those in the model's own folder and in ``folders`` are read; see `synthmat.model_files.boundary`.

    glTF, GLB, OBJ, PLY and USD name these files in the open and are followed; those of other formats are found by the
    workers and stand in the frames' rows. A model that cannot be read is left to the worker that wants to render it,
    which says so.
    """
    try:
        digest = hashlib.sha256(sha256_file(model).encode())
        with files_in(model.parent, *folders):
            for path in sorted(referenced_files(model)):
                digest.update(os.fsencode(path.name))
                digest.update(state_of(path).encode())
    except OSError:
        return "unreadable"
    return digest.hexdigest()
