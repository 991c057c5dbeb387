"""Renders of two objects without Blender: files and rows as a worker leaves them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from support.composite_project import soft_disc

from synthmat.images.png_file import encode_png
from synthmat.render_job import RenderJob
from synthmat.storage.atomic import write_bytes
from synthmat.storage.manifest import append_row

RECIPE: dict[str, Any] = {
    "name": "x",
    "objects": [{"builtin": "vase", "count": 2}],
    "render": {"resolution": 16, "views": {"turntable": {"count": 2}}},
    "composite": {"backgrounds": "photos", "size": 16, "image_format": "png", "per_view": 1, "split": {"by": "none"}},
}


def stub_frames(job: RenderJob) -> float:
    """Make the frames of a job: small discs that differ by object, view and key."""
    for view in job.views:
        key = job.key(view)
        data = encode_png(np.asarray(soft_disc(16, seed=int(key[:6], 16))))
        name = f"{job.asset.name}/{view.name}.png"
        write_bytes(Path(job.folder) / f"{view.name}.png", data)
        files = {name: hashlib.sha256(data).hexdigest()}
        append_row(Path(job.rows_file), {"object": job.asset.name, "view": view.name, "key": key, "files": files})
    return 0.0
