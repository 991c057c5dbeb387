"""The baselines, on a red disc over a blue gradient."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from numpy.typing import NDArray

from synthmat.errors import MissingDependencyError
from synthmat.train.baselines import baseline_names, predict_baseline

WITHOUT_TRIMAP = ["gaussian_mixture", "kmeans"]
WITH_PYMATTING = ["closed_form", "knn_matting"]


@pytest.fixture(scope="module")
def disc() -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.float64]]:
    """Return image, trimap and true alpha; the disc reaches no border."""
    rows, columns = np.mgrid[0:48, 0:64]
    alpha = np.clip((14.5 - np.hypot(rows - 22, columns - 30)) / 3, 0, 1)
    noise = np.random.default_rng(0).normal(0, 6, (48, 64, 3))
    blue = np.stack([40 + columns, 90 + rows, 200 - columns], 2)
    image = alpha[..., None] * [210, 60, 30] + (1 - alpha[..., None]) * blue + noise
    trimap = np.where(alpha == 1, 255, np.where(alpha == 0, 0, 128)).astype(np.uint8)
    return image.clip(0, 255).astype(np.uint8), trimap, alpha


def test_every_baseline_has_a_sentence() -> None:
    assert sorted(baseline_names()) == sorted(["centre", *WITHOUT_TRIMAP, *WITH_PYMATTING])
    assert all(baseline_names().values())


def test_the_centre_is_half_of_any_picture_and_what_the_trimap_knows(disc: tuple[NDArray, ...]) -> None:  # type: ignore[type-arg]
    image, trimap, _ = disc
    alpha = predict_baseline("centre", image)
    assert alpha.mean() == pytest.approx(0.5, abs=0.01)
    assert (alpha[24, 32], alpha[0, 0], alpha[24, 1]) == (1, 0, 0)
    assert np.array_equal(predict_baseline("centre", image, trimap)[trimap != 128], trimap[trimap != 128] / 255)


@pytest.mark.parametrize("with_trimap", [False, True])
@pytest.mark.parametrize("name", WITHOUT_TRIMAP)
def test_clusters_find_the_disc(name: str, with_trimap: bool, disc: tuple[NDArray, ...]) -> None:  # type: ignore[type-arg]
    image, trimap, truth = disc
    alpha = predict_baseline(name, image, trimap if with_trimap else None)
    assert alpha.shape == (48, 64)
    assert alpha.dtype == np.float32
    assert 0 <= alpha.min() <= alpha.max() <= 1
    # k-means shades alpha by the distance; all background would have an error of 0.17.
    assert np.abs(alpha - truth).mean() < (0.08 if name == "kmeans" else 0.04)
    found = alpha > 0.5
    assert (found & (truth > 0.5)).sum() / (found | (truth > 0.5)).sum() > 0.8


@pytest.mark.parametrize("name", WITHOUT_TRIMAP)
def test_a_baseline_is_the_same_each_time(name: str, disc: tuple[NDArray, ...]) -> None:  # type: ignore[type-arg]
    large = np.tile(disc[0], (4, 3, 1))  # more pixels than are fitted
    assert np.array_equal(predict_baseline(name, large, seed=3), predict_baseline(name, large, seed=3))


@pytest.mark.parametrize("name", WITHOUT_TRIMAP)
def test_a_picture_of_one_color_has_an_alpha(name: str) -> None:
    alpha = predict_baseline(name, np.full((20, 20, 3), 90, np.uint8))
    assert np.isfinite(alpha).all()


@pytest.mark.parametrize("name", WITH_PYMATTING)
def test_a_method_of_pymatting_finds_the_disc(name: str, disc: tuple[NDArray, ...]) -> None:  # type: ignore[type-arg]
    image, trimap, truth = disc
    with pytest.raises(ValueError, match="needs a trimap"):
        predict_baseline(name, image)
    if importlib.util.find_spec("pymatting") is None:
        with pytest.raises(MissingDependencyError, match=r"pip install 'synthmat\[matting\]'"):
            predict_baseline(name, image, trimap)
        pytest.skip("pymatting is not installed")
    alpha = predict_baseline(name, image, trimap)
    assert alpha.dtype == np.float32
    assert np.abs(alpha - truth)[trimap == 128].mean() < 0.2
    assert (alpha[trimap == 255] == 1).all()
    assert (alpha[trimap == 0] == 0).all()


def test_wrong_input_is_named(disc: tuple[NDArray, ...]) -> None:  # type: ignore[type-arg]
    image, trimap, _ = disc
    with pytest.raises(ValueError, match="did you mean kmeans"):
        predict_baseline("k_means", image)
    with pytest.raises(ValueError, match=r"UInt8 \(H, W, 3\), not float64"):
        predict_baseline("kmeans", image / 255)
    with pytest.raises(ValueError, match=r"like the picture, not uint8 \(24, 64\)"):
        predict_baseline("kmeans", image, trimap[::2])
    with pytest.raises(ValueError, match="no known foreground"):
        predict_baseline("kmeans", image, np.minimum(trimap, 128))
