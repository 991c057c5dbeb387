"""Where objects lie, for scripts of `support.blender_script`."""

from __future__ import annotations

from typing import Any

import numpy as np


def points(item: Any) -> np.ndarray[Any, Any]:
    """Return the vertices of a mesh, or the points of curves, in the world, float ``(N, 3)``."""
    owner, key = (
        (item.data.vertices, "co") if item.type == "MESH" else (item.data.attributes["position"].data, "vector")
    )
    values = np.empty((len(owner), 3), np.float32)
    owner.foreach_get(key, values.reshape(-1))
    matrix = np.array(item.matrix_world)
    return values @ matrix[:3, :3].T + matrix[:3, 3]
