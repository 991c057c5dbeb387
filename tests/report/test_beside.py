"""Numbers of pictures beside those of others, and what patches of 5 by 5 pixels give away."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from synthmat.errors import AssetError
from synthmat.report.appearance import appearance
from synthmat.report.beside import beside
from synthmat.report.shortcuts import shortcuts


def scene(seed: int, *, noise: float = 0.0, blur: float = 0.0, low: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return a picture of a disc of the same texture as its background, but for noise or blur of the disc."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:128, :160]
    alpha = np.hypot(x - 80, y - (100 if low else 64)) < 40
    image = cv2.GaussianBlur(rng.normal(size=(128, 160, 3)), (0, 0), 1.2) * 90 + 120
    disc = cv2.GaussianBlur(image, (0, 0), blur) if blur else image
    image = np.where(alpha[..., None], disc + rng.normal(size=image.shape) * noise, image)
    return image.clip(0, 255).astype(np.uint8), alpha.astype(np.float32)


def test_what_differs_between_inside_and_outside_is_measured_and_nothing_else() -> None:
    same, blurred, noisy = (appearance(*scene(0, **what)) for what in ({}, {"blur": 1.5}, {"noise": 30}))
    for name in ("sharpness in/out", "noise in/out", "brightness in-out", "saturation in-out"):
        assert abs(same[name]) < 0.1
    assert blurred["sharpness in/out"] < -1
    assert noisy["noise in/out"] > 0.5
    assert same["coverage"] == pytest.approx(np.pi * 40**2 / (128 * 160), rel=0.01)
    image, alpha = scene(0)
    image[alpha > 0.5] = image[alpha > 0.5] // 2
    assert appearance(image, alpha)["boundary contrast"] > same["boundary contrast"] + 0.1


def test_framing_tells_where_an_object_is_cut_off() -> None:
    whole, cut = appearance(*scene(0)), appearance(*scene(0, low=True))
    assert whole["bottom"] == whole["sides"] == whole["top"] == cut["top"] == 0
    assert cut["bottom"] > 0.3


def test_what_cannot_be_measured_is_left_out() -> None:
    image, alpha = scene(0)
    assert "coverage" not in appearance(image)
    empty = appearance(image, alpha * 0)
    assert empty["coverage"] == 0
    assert "boundary contrast" not in empty


def test_patches_find_blur_and_noise_and_nothing_where_there_is_nothing() -> None:
    found = {
        name: shortcuts([scene(seed, **what) for seed in range(12)])
        for name, what in {"none": {}, "blur": {"blur": 1.5}, "noise": {"noise": 30}}.items()
    }
    assert all(abs(area - 0.5) < 0.06 for area in found["none"].values())
    assert found["blur"]["texture"] > 0.8
    assert found["noise"]["texture"] > 0.65
    with pytest.raises(ValueError, match="3 pictures have an object"):
        shortcuts([scene(seed) for seed in range(3)])


def write(folder: Path, count: int, *, mattes: bool = True, **what: object) -> Path:
    for kind in ("image", "alpha") if mattes else ("image",):
        (folder / kind).mkdir(parents=True)
    for seed in range(count):
        image, alpha = scene(seed, **what)
        Image.fromarray(image).save(folder / "image" / f"{seed:02}.png")
        if mattes:
            Image.fromarray((alpha * 255).astype(np.uint8)).save(folder / "alpha" / f"{seed:02}.png")
    return folder


def test_two_folders_are_compared_the_largest_differences_first(tmp_path: Path) -> None:
    ours, theirs = write(tmp_path / "ours", 9, blur=1.5), write(tmp_path / "theirs", 8, low=True)
    lines = beside(ours, theirs).splitlines()
    assert lines[0] == f"{ours}: 9 pictures; {theirs}: 8"
    far = [line.split("  ")[0] for line in lines if line.endswith("<- far")]
    assert {"bottom", "sharpness in/out"} <= {*far}
    assert "brightness" not in far
    patch = next(line for line in lines if line.startswith("5x5 patch: texture"))
    assert float(patch.split()[3]) > 0.8 > float(patch.split()[4])
    assert any(line.startswith("bottom: ") for line in lines)


def test_photos_without_mattes_are_compared_by_what_they_have(tmp_path: Path) -> None:
    ours, photos = write(tmp_path / "ours", 8), write(tmp_path / "photos", 3, mattes=False)
    text = beside(ours, photos)
    assert "sharpness " in text
    assert "coverage" not in text
    assert "unknown" in next(line for line in text.splitlines() if line.startswith("5x5 patch: texture"))


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(AssetError, match="no such folder"):
        beside(tmp_path / "gone", tmp_path / "empty")
