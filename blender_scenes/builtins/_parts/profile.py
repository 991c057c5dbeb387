"""Profiles of turned things."""

from __future__ import annotations

import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import Array


def with_sharp_corners(profile: Array) -> Array:
    """Return a profile ``(n, 2)`` with more points close to its corners, which so stay sharp when shaded smooth."""
    fraction = np.array([0.0, 0.04, 0.96])
    pieces = profile[:-1, None] + (profile[1:] - profile[:-1])[:, None] * fraction[None, :, None]
    return np.concatenate([pieces.reshape(-1, 2), profile[-1:]])
