"""Closed-form matting by pymatting; needs a trimap.

Levin, Lischinski and Weiss, "A Closed-Form Solution to Natural Image Matting" (2008).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synthmat.train.baselines._pymatting import estimate


def predict(image: NDArray[np.uint8], trimap: NDArray[np.uint8] | None = None, *, seed: int = 0) -> NDArray[np.float32]:  # noqa: ARG001  # nothing in it is drawn
    """Return alpha Float32 (H, W); see the package's docstring."""
    return estimate("closed_form", "estimate_alpha_cf", image, trimap)
