"""Baselines that are not trained: one file each in this folder, with one function ``predict``.

``predict(image, trimap, *, seed)`` takes a picture UInt8 (H, W, 3), sRGB, and a trimap UInt8 (H, W) with 0, 128 and
255, or None, and returns alpha Float32 (H, W) in [0, 1]. A new file here is a new baseline; the first line of its
docstring describes it. Other packages add baselines by the entry-point group ``synthmat.baselines``; see
`synthmat.registry`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from synthmat.registry import Choice, abouts, check_choice, folder_choices, lacks_function, with_packages

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@cache
def baseline_choices() -> dict[str, Choice]:
    """Return every baseline by name, those that cannot be used included."""
    return with_packages("synthmat.baselines", folder_choices(__name__, __path__), lacks_function("predict"))


def baseline_names() -> dict[str, str]:
    """Return the name of every baseline and the first line of its file's docstring."""
    return abouts(baseline_choices())


def check_baseline(name: str) -> Choice:
    """Return the baseline called ``name``.

    Raises:
        ValueError: There is none, or it cannot be used; the message says why, or names the nearest one.
    """
    return check_choice("baseline", name, baseline_choices())


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
