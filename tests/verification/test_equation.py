"""The residual is that of the equation written out, pixel by pixel, in double precision."""

from __future__ import annotations

import numpy as np
import pytest

from synthmat.images.alpha import apply_shadow
from synthmat.images.srgb import to_linear, to_srgb
from synthmat.verification.equation import residual


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("blend", ["srgb", "linear"])
@pytest.mark.parametrize("with_shadow", [False, True])
def test_the_equation_in_double_precision_has_a_residual_of_one_level_at_most(dtype, blend, with_shadow):
    rng = np.random.default_rng(2)
    fg, bg = rng.integers(0, 256, (2, 24, 20, 3), np.uint8)
    top = np.iinfo(dtype).max
    alpha = rng.integers(0, top, (24, 20), endpoint=True).astype(dtype)
    alpha[:4], alpha[4:8] = 0, top
    shadow = rng.integers(0, 256, (24, 20), np.uint8) if with_shadow else None
    below = bg / 255 if shadow is None else np.rint(bg * (255.0 - shadow[..., None]) / 255) / 255
    weight = alpha[..., None] / float(top)
    if blend == "linear":
        mixed = to_srgb(weight * to_linear(fg / 255) + (1 - weight) * to_linear(below))
    else:
        mixed = weight * fg / 255 + (1 - weight) * below
    image = np.rint(mixed * 255).astype(np.uint8)
    found = residual(image, fg, bg, alpha, shadow, blend)
    assert found.largest <= 1
    assert found.beyond == 0
    worse = image.copy()
    worse[20, 3, 1] = image[20, 3, 1] ^ 128
    found = residual(worse, fg, bg, alpha, shadow, blend)
    assert 127 <= found.largest <= 129
    assert found.beyond == 1


def test_a_shadow_belongs_to_the_background_alone():
    fg, bg = np.full((2, 2, 3), 200, np.uint8), np.full((2, 2, 3), 100, np.uint8)
    alpha = np.array([[255, 255], [0, 0]], np.uint8)
    shadow = np.full((2, 2), 51, np.uint8)
    image = np.where(alpha[..., None] > 0, fg, apply_shadow(bg, shadow))
    assert image[1, 0, 0] == 80
    assert residual(image, fg, bg, alpha, shadow).largest == 0
    assert residual(image, fg, bg, alpha).largest == 20
