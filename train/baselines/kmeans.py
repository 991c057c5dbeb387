"""k-means on color and position; alpha is how much closer the nearest background center is than the foreground's.

Soft: alpha = d_bg^2 / (d_fg^2 + d_bg^2), with the distances to the nearest centers of either kind.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synthmat.train.baselines._clusters import CLUSTERS, foreground_clusters, pixel_features, sklearn_class, some_pixels


def predict(
    image: NDArray[np.uint8], trimap: NDArray[np.uint8] | None = None, *, seed: int = 0, clusters: int = CLUSTERS
) -> NDArray[np.float32]:
    """Return alpha Float32 (H, W); see the package's docstring."""
    features = pixel_features(image)
    fitted = sklearn_class("cluster", "KMeans")(clusters, n_init=3, random_state=seed).fit(some_pixels(features, seed))
    distances = (fitted.transform(features) ** 2).reshape(*image.shape[:2], clusters)
    nearest = np.eye(clusters, dtype=np.float32)[distances.argmin(2)]
    foreground = foreground_clusters(nearest, trimap)
    to_fg, to_bg = distances[..., foreground].min(2), distances[..., ~foreground].min(2)
    alpha: NDArray[np.float32] = (to_bg / np.maximum(to_fg + to_bg, 1e-12)).astype(np.float32)
    return alpha
