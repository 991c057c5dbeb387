"""Samples on disk and their pixels at the network's size."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from synthmat.errors import OutputError
from synthmat.storage.manifest import read_rows, write_rows
from synthmat.storage.output_folder import OutputFolder
from synthmat.train.data.dataset import DatasetSource, read_samples, samples_key

Discs = Callable[..., OutputFolder]


def test_a_hard_edge_shrinks_to_fractions_of_it(discs: Discs) -> None:
    output = discs(train=1, size=64)
    sample = read_samples(output, "train")[0]
    hard = np.zeros((64, 64), np.uint8)
    hard[:, 35:] = 255
    cv2.imwrite(str(sample.files["alpha"]), hard)
    alpha = DatasetSource([sample], size=16).pictures(0, 0)["alpha"]
    assert alpha.dtype == np.uint16
    assert alpha[0].tolist() == [0] * 8 + [pytest.approx(65535 / 4, abs=1)] + [65535] * 7


def test_sixteen_bit_alpha_keeps_its_bits(discs: Discs) -> None:
    sample = read_samples(discs(train=1, size=16), "train")[0]
    fine = np.arange(256, dtype=np.uint16).reshape(16, 16) * 250
    cv2.imwrite(str(sample.files["alpha"]), fine)
    assert np.array_equal(DatasetSource([sample], size=16).pictures(0, 0)["alpha"], fine)


def test_colors_are_red_green_blue(discs: Discs) -> None:
    sample = read_samples(discs(train=1, size=16), "train")[0]
    cv2.imwrite(str(sample.files["image"]), np.full((16, 16, 3), (10, 20, 200), np.uint8))
    assert DatasetSource([sample], size=16).pictures(0, 0)["image"][0, 0].tolist() == [200, 20, 10]


def test_pixels_are_kept_only_if_they_fit(discs: Discs) -> None:
    samples = read_samples(discs(train=3, size=32), "train")
    kept, read_anew = DatasetSource(samples, size=32), DatasetSource(samples, size=32, max_bytes=100)
    before = [source.pictures(1, 0)["alpha"].copy() for source in (kept, read_anew)]
    cv2.imwrite(str(samples[1].files["alpha"]), np.zeros((32, 32), np.uint8))
    assert np.array_equal(kept.pictures(1, 0)["alpha"], before[0])
    assert before[1].any()
    assert not read_anew.pictures(1, 1)["alpha"].any()


def test_threads_see_the_same_pixels(discs: Discs) -> None:
    samples = read_samples(discs(train=8, size=32), "train")
    alone, shared = DatasetSource(samples, size=24), DatasetSource(samples, size=24)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda index: shared.pictures(index, 0), list(range(8)) * 8))
    for index, pictures in enumerate(found):
        for kind, pixels in alone.pictures(index % 8, 0).items():
            assert np.array_equal(pictures[kind], pixels)


def test_the_key_follows_the_bytes_and_not_the_place(discs: Discs) -> None:
    here, there = (read_samples(discs(name, train=2), "train") for name in ("here", "there"))
    assert samples_key(here) == samples_key(there)
    there[0].files["alpha"].write_bytes(there[1].files["alpha"].read_bytes())
    assert samples_key(here) != samples_key(there)


@pytest.mark.parametrize("damage", ["missing", "empty", "cut off", "of another size"])
def test_a_broken_file_is_named(discs: Discs, damage: str) -> None:
    sample = read_samples(discs(train=1), "train")[0]
    if damage == "missing":
        sample.files["alpha"].unlink()
    elif damage == "of another size":
        cv2.imwrite(str(sample.files["alpha"]), np.zeros((7, 9), np.uint8))
    else:
        sample.files["alpha"].write_bytes(sample.files["alpha"].read_bytes()[: 0 if damage == "empty" else 20])
    with pytest.raises(OutputError, match=r"000000\.png.*synthmat composite"):
        DatasetSource([sample], size=16).pictures(0, 0)


def test_the_identity_of_a_variant_is_read_and_a_row_without_one_is_its_own(discs: Discs) -> None:
    output = discs(train=2)
    rows = list(read_rows(output.metadata("train")))
    rows[0] |= {"object": "fox_007", "identity": "fox"}
    write_rows(output.metadata("train"), rows)
    first, second = read_samples(output, "train")
    assert (first.object, first.identity) == ("fox_007", "fox")
    assert second.identity == second.object
