"""Gaussian mixture on color and position; alpha is the posterior of the foreground's components."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synthmat.train.baselines._clusters import CLUSTERS, foreground_clusters, pixel_features, sklearn_class, some_pixels


def predict(
    image: NDArray[np.uint8], trimap: NDArray[np.uint8] | None = None, *, seed: int = 0, clusters: int = CLUSTERS
) -> NDArray[np.float32]:
    """Return alpha Float32 (H, W); see the package's docstring."""
    features = pixel_features(image)
    # A flat background has no spread: without a floor its component would shrink to a point.
    mixture = sklearn_class("mixture", "GaussianMixture")(clusters, reg_covar=1e-3, random_state=seed)
    fitted = mixture.fit(some_pixels(features, seed))
    posterior = fitted.predict_proba(features).astype(np.float32).reshape(*image.shape[:2], clusters)
    alpha: NDArray[np.float32] = posterior[..., foreground_clusters(posterior, trimap)].sum(2)
    return alpha.clip(0, 1)
