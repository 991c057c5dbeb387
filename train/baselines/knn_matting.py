"""KNN matting by pymatting; needs a trimap.

Chen, Li and Tang, "KNN Matting" (2013).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synthmat.train.baselines._pymatting import estimate


def predict(image: NDArray[np.uint8], trimap: NDArray[np.uint8] | None = None, *, seed: int = 0) -> NDArray[np.float32]:  # noqa: ARG001  # nothing in it is drawn
    """Return alpha Float32 (H, W); see the package's docstring."""
    return estimate("knn_matting", "estimate_alpha_knn", image, trimap)
