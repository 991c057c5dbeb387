"""The numbers of a matte, and reading mattes of either bit depth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.report_output import disc, write_grey, write_rgba

from synthmat.errors import AssetError
from synthmat.report.matte_check import EMPTY, TOUCHES, faults_of, measure_matte
from synthmat.report.pictures import CHECKER_DARK, CHECKER_LIGHT, fitted, over_checker, read_matte, read_rgba


@pytest.mark.parametrize("bits", [8, 16])
def test_mattes_of_8_and_16_bits_read_alike(tmp_path: Path, bits: int) -> None:
    alpha = disc(0.3)
    write_grey(tmp_path / "a.png", alpha, bits)
    write_rgba(tmp_path / "b.png", alpha, bits)
    tolerance = 0.5 / (2**bits - 1) + 1e-6
    color_and_alpha = read_rgba(tmp_path / "b.png")
    for matte in (read_matte(tmp_path / "a.png"), read_matte(tmp_path / "b.png"), color_and_alpha[..., 3]):
        np.testing.assert_allclose(matte, alpha, atol=tolerance)
    np.testing.assert_allclose(color_and_alpha[0, 0, :3], [0.9, 0.5, 0.1], atol=0.005)


def test_a_16_bit_matte_keeps_steps_finer_than_8_bits(tmp_path: Path) -> None:
    alpha = np.linspace(0.5, 0.501, 32, dtype=np.float32).reshape(4, 8)
    write_grey(tmp_path / "a.png", alpha, 16)
    assert len(np.unique(read_matte(tmp_path / "a.png"))) == 32


@pytest.mark.parametrize("content", [None, b"", b"no picture"])
def test_a_file_that_is_no_picture_is_named(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(AssetError, match=r"a\.png"):
        read_matte(tmp_path / "a.png")


def test_faults_are_an_empty_matte_and_one_that_the_frame_cuts_off() -> None:
    assert faults_of(disc(0.3)) == ()
    assert faults_of(disc(0.3) * 0) == (EMPTY,)
    for x, y in ((0.05, 0.5), (0.95, 0.5), (0.5, 0.05), (0.5, 0.95)):
        assert faults_of(disc(0.2, x, y)) == (TOUCHES,)


def test_the_numbers_of_a_disc() -> None:
    numbers = measure_matte(disc(0.3, 0.6, 0.4))
    assert numbers.area == pytest.approx(np.pi * 0.3**2, rel=0.02)
    assert (numbers.x, numbers.y) == pytest.approx((0.6, 0.4), abs=0.005)
    assert 0 < numbers.soft < 0.2
    assert sum(numbers.histogram) == round(numbers.soft * 48 * 48)
    assert np.hypot(numbers.edge_x - 0.6, numbers.edge_y - 0.4) == pytest.approx(0.3, abs=0.06)


def test_the_edge_is_looked_for_where_most_of_it_is() -> None:
    alpha = disc(0.2, 0.3, 0.5)
    alpha[20:28, 38:46] = 0.5
    numbers = measure_matte(alpha)
    assert numbers.edge_x > 0.75


def test_scaling_a_render_leaves_no_dark_fringe() -> None:
    alpha = disc(0.3)
    rgba = np.dstack([np.where(alpha > 0, 1.0, 0.0)] * 3 + [alpha]).astype(np.float32)
    small = fitted(rgba, 12, 12)
    assert small[..., :3][small[..., 3] > 0.02].min() > 0.99


def test_the_checkerboard_shows_where_nothing_is() -> None:
    picture = np.asarray(over_checker(np.zeros((32, 32, 4), np.float32)))
    assert set(np.unique(picture)) == {round(255 * CHECKER_LIGHT), round(255 * CHECKER_DARK)}
