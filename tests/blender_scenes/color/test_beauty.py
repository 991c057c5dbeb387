"""Color of rendered frames: its stated error, the denoiser, and what leaves both alone."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import blender_session
from support.frame_files import channels, read_rgba

from synthmat.blender_scenes.blender.pictures import srgb
from synthmat.render_job import HdriLight

CITY = HdriLight("city", 70.0, 1.0, "city", normalize=True)


def render(studio: Any, name: str, **settings: Any) -> tuple[dict[str, Any], np.ndarray, dict[str, np.ndarray]]:
    """Return row, PNG in 0..1 and EXR master of a toy under a panorama with a small sun."""
    job = studio.job("", builtin="toy_character", name=name, light=CITY, passes=("exr",), **settings)
    row = studio.blender(blender_session.render, job)[0]
    folder = Path(job.folder)
    return row, read_rgba(folder / "0000.png") / 255, channels(folder / "0000.exr")


@pytest.fixture(scope="module")
def converged(studio_in: Any, tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    """The toy's color after many samples, sRGB (H, W, 3)."""
    return render(studio_in(tmp_path_factory.mktemp("many")), "many", samples=512, denoise="off")[1]


def error(pixels: np.ndarray, truth: np.ndarray) -> float:
    """Return the root mean square difference of color, each pixel weighing by its alpha."""
    squared = np.square(pixels[..., :3] - truth[..., :3]).mean(axis=-1)
    return float(np.sqrt(np.average(squared, weights=truth[..., 3])))


@pytest.mark.parametrize("denoise", ["auto", "off"])
def test_color_errs_by_what_its_row_says(studio: Any, converged: np.ndarray, denoise: str) -> None:
    row, pixels, _ = render(studio, "stated", samples=0, color_error=0.02, max_color_samples=256, denoise=denoise)
    assert row["color"]["wanted"] == 0.02
    assert row["color"]["denoised"] == (denoise == "auto")
    assert row["color"]["error"] <= 0.02
    assert 1 / 1.5 < row["color"]["error"] / error(pixels, converged) < 1.5


def test_a_denoiser_brings_color_nearer_to_the_truth_and_touches_no_alpha(studio: Any, converged: np.ndarray) -> None:
    _, clean, _ = render(studio, "clean", samples=16, denoise="auto")
    _, noisy, _ = render(studio, "noisy", samples=16, denoise="off")
    assert error(clean, converged) < 0.75 * error(noisy, converged)
    assert np.array_equal(clean[..., 3], noisy[..., 3])


@pytest.mark.once
def test_masters_stay_raw_unless_asked(studio: Any) -> None:
    settings = {"samples": 16, "alpha_error": 0.03}
    masters = {kind: render(studio, kind, denoise=kind, **settings) for kind in ("auto", "off", "all")}
    inside = masters["off"][1][..., 3] == 1
    rgb = {kind: np.dstack([layers[channel] for channel in "RGB"])[inside] for kind, (_, _, layers) in masters.items()}
    assert np.array_equal(rgb["auto"], rgb["off"])
    assert np.abs(srgb(rgb["all"]) - masters["all"][1][inside][:, :3]).max() < 1 / 255
    assert np.abs(rgb["all"] - rgb["off"]).max() > 0.05
    assert np.array_equal(masters["auto"][1], masters["all"][1])


def test_fixed_samples_are_what_they_say(studio: Any) -> None:
    for samples, made in ((1, 2), (24, 24)):
        row, _, _ = render(studio, "fixed", samples=samples, alpha_error=0.0)
        assert row["samples"] == made
        assert row["color"]["wanted"] is None
        assert row["color"]["error"] > 0


def test_a_panorama_leaves_no_speckles(studio: Any, converged: np.ndarray) -> None:
    _, pixels, _ = render(studio, "smooth", samples=0, color_error=0.008)
    shifted = [np.roll(pixels[..., :3], (y, x), (0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    level = 40 / 255
    lonely = np.abs(pixels[..., :3] - np.median(shifted, axis=0)).max(axis=-1) > level
    wrong = np.abs(pixels[..., :3] - converged[..., :3]).max(axis=-1) > level
    assert (lonely & wrong)[pixels[..., 3] == 1].mean() <= 0.001


def test_denoising_does_not_depend_on_threads(blender: Any) -> None:
    assert len(set(blender(denoised_by_threads))) == 1


def denoised_by_threads() -> list[bytes]:
    """Denoise noise with several numbers of threads."""
    from synthmat.blender_scenes.color.denoiser import denoise

    color, albedo, normal = np.random.default_rng(0).random((3, 70, 90, 3), dtype=np.float32)
    return [denoise(color, albedo, normal, threads=threads).tobytes() for threads in (1, 2, 0, 1)]


def test_the_job_key_knows_all_that_decides_color(studio: Any) -> None:
    job = studio.job("", builtin="suzanne")
    changes = [{"color_error": 0.01}, {"max_color_samples": 64}, {"denoise": "off"}, {"samples": 8}]
    jobs = [job, *(dataclasses.replace(job, settings=dataclasses.replace(job.settings, **one)) for one in changes)]
    assert len({one.key(one.views[0]) for one in jobs}) == 5
