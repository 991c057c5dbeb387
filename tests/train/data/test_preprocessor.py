"""From a sample's pictures to what the network is shown."""

from __future__ import annotations

from typing import Any

import numpy as np

from synthmat.recipe.train import Train
from synthmat.train.data.mixture import Draw, WeightedSource
from synthmat.train.data.preprocessor import Preprocessor
from synthmat.train.data.resizing import Pictures, resized, three_levels

ALL = frozenset({"image", "alpha", "fg", "bg", "trimap"})


class _OnePicture:
    name, digest = "one", "one"

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures

    def __len__(self) -> int:
        return 1

    def label(self, index: int) -> str:
        return str(index)

    def pictures(self, _index: int, _epoch: int) -> Pictures:
        return self._pictures


def _wide(height: int = 90, width: int = 200) -> Pictures:
    """Return a small soft disc far to the right, over stripes of one pixel."""
    rows, columns = np.mgrid[0:height, 0:width]
    soft = np.clip((14 - np.hypot(columns - 165, rows - 50)) / 6, 0, 1)
    alpha = (soft * 65535).round().astype(np.uint16)
    fg = np.full((height, width, 3), (220, 40, 40), np.uint8)
    bg = np.where((columns % 2)[..., None] == 1, 180, 20) * np.ones(3)
    image = np.rint(soft[..., None] * fg + (1 - soft[..., None]) * bg)
    return {"image": image.astype(np.uint8), "alpha": alpha, "fg": fg, "bg": bg.astype(np.uint8)}


def _examples(kinds: frozenset[str] = ALL, *, training: bool = True, **config: Any) -> Preprocessor:
    plain = {"flip": 0.0, "rotate": 0.0, "shift": 0.0, "scale": 0.0, "brightness": 0.0, "contrast": 0.0,
             "saturation": 0.0, "hue": 0.0}  # fmt: skip
    section = Train.model_validate({"size": 32, "augment": plain, **config})
    return Preprocessor.of(section, kinds, 3, training=training)


def test_crops_lie_about_what_is_partly_covered_and_differ() -> None:
    make, source = _examples(fit="crop"), WeightedSource(_OnePicture(_wide()))
    found = [make(Draw(source, 0, draw)) for draw in range(12)]
    for planes in found:
        alpha = planes["alpha"]
        assert alpha.shape == (32, 32)
        assert ((alpha > 0.01) & (alpha < 0.99)).any()
        weight = alpha[..., None]
        mixed = weight * planes["fg"] + (1 - weight) * planes["bg"]
        assert np.abs(planes["image"] - mixed).max() < 2.5 / 255
        assert np.abs(planes["fg"] - np.array([220, 40, 40]) / 255).max() < 0.01
    assert len({planes["alpha"].tobytes() for planes in found}) > 8


def test_validation_crops_are_the_same_in_every_epoch() -> None:
    make, source = _examples(fit="crop", training=False), WeightedSource(_OnePicture(_wide()))
    first, second = make(Draw(source, 0, 0)), make(Draw(source, 0, 0))
    assert all(np.array_equal(first[kind], second[kind]) for kind in ALL)


def test_resizing_keeps_the_image_foreground_over_background() -> None:
    small = resized(_wide(96, 192), 32, 32)
    weight = small["alpha"][..., None] / 65535
    assert np.abs(small["image"] - weight * small["fg"] - (1 - weight) * small["bg"]).max() < 2.5
    assert ((small["alpha"] > 0) & (small["alpha"] < 65535)).sum() > 8


def test_a_trimap_on_disk_shrinks_to_what_is_certain() -> None:
    pictures = _wide(64, 64)
    trimap = np.zeros((64, 64), np.uint8)
    trimap[10:31, 10:31] = 255
    small = resized({**pictures, "trimap": trimap}, 32, 32)["trimap"]
    assert small[5:15, 5:15].min() == 255
    assert set(small[15, 5:15].tolist()) == {128}
    assert small[20:].max() == 0


def test_trimaps_of_any_file_have_three_levels() -> None:
    assert three_levels(np.array([[0.01, 0.3, 0.5, 0.99]])).tolist() == [[0, 128, 128, 255]]


def test_pictures_of_any_aspect_are_resized_together() -> None:
    pictures = {**_wide(), "trimap": np.full((90, 200), 255, np.uint8)}
    for width, height in ((60, 50), (300, 30)):
        made = resized(pictures, width, height)
        assert {kind: pixels.shape[:2] for kind, pixels in made.items()} == dict.fromkeys(pictures, (height, width))
        assert all(pixels.dtype == pictures[kind].dtype for kind, pixels in made.items())
    without = resized({"image": pictures["image"], "fg": pictures["fg"]}, 60, 50)
    assert without["fg"].shape == (50, 60, 3)


def test_trimaps_are_made_after_the_warp_and_know_nothing_wrong() -> None:
    turning = {"rotate": 90.0, "scale": 0.3}
    make = _examples(augment=turning, trimap={"method": "any"})
    source = WeightedSource(_OnePicture({**_wide(64, 64), "alpha": _wide(64, 200)["alpha"][:, 136:]}))
    sizes = set()
    for draw in range(12):
        planes = make(Draw(source, 0, draw))
        trimap, alpha = planes["trimap"], planes["alpha"]
        assert set(np.unique(trimap)) <= {0.0, 0.5, 1.0}
        assert np.all(alpha[trimap == 1] > 0.999)
        assert np.all(alpha[trimap == 0] < 0.001)
        sizes.add(int((trimap == 0.5).sum()))
    assert len(sizes) > 6


def test_only_what_is_wanted_is_made() -> None:
    planes = _examples(frozenset({"image", "alpha"}))(Draw(WeightedSource(_OnePicture(_wide())), 0, 1))
    assert set(planes) == {"image", "alpha"}
