"""Baselines that are not trained: one file each in this folder, with one function ``predict``.

``predict(image, trimap, *, seed)`` takes a picture UInt8 (H, W, 3), sRGB, and a trimap UInt8 (H, W) with 0, 128 and
255, or None, and returns alpha Float32 (H, W) in [0, 1]. A new file here is a new baseline; the first line of its
docstring describes it. Other packages add baselines by the entry-point group ``synthmat.baselines``; see
`synthmat.registry`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from synthmat.registry import Registry, folder_choices, lacks_function

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


BASELINES = Registry(
    "synthmat.baselines", "baseline", lambda: folder_choices(__name__, __path__), lacks_function("predict")
)
baseline_names = BASELINES.names
check_baseline = BASELINES.check


def predict_baseline(
    name: str, image: NDArray[np.uint8], trimap: NDArray[np.uint8] | None = None, *, seed: int = 0
) -> NDArray[np.float32]:
    """Return the alpha Float32 (H, W) in [0, 1] that a baseline finds; see the package's docstring.

    Where the trimap says 0 or 255, alpha is 0 or 1.

    Raises:
        ValueError: There is no such baseline, or a shape or type is wrong, or it needs a trimap and there is none, or
            the trimap lacks known foreground or background.
        MissingDependencyError: What it computes with is not installed.
    """
    choice = check_baseline(name)
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != "uint8":
        raise ValueError(f"a baseline takes a picture UInt8 (H, W, 3), not {image.dtype} {image.shape}")
    if trimap is not None and (trimap.shape != image.shape[:2] or trimap.dtype != "uint8"):
        raise ValueError(
            f"the trimap has to be UInt8 {image.shape[:2]} like the picture, not {trimap.dtype} {trimap.shape}"
        )
    for value, what in ((255, "foreground"), (0, "background")):
        if trimap is not None and not (trimap == value).any():
            raise ValueError(f"the trimap has no known {what} (no pixel is {value})")
    alpha: NDArray[np.float32] = choice.load().predict(image, trimap, seed=seed)
    if trimap is not None:
        alpha[trimap == 0], alpha[trimap == 255] = 0, 1
    return alpha
