"""Looks change what is seen and never what is let through."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from support import blender_session, look_session

from synthmat.render_job import Look

FIXED = {"alpha_error": 0.1, "max_alpha_samples": 128}
"""So coarse that the number of samples is always the fewest, and two mattes differ by their materials alone."""


def pixels_of(studio: Any, path: Path | str, look: Look | None, **changes: Any) -> Any:
    """Return the one frame of a model, RGBA as integers."""
    job = dataclasses.replace(studio.job(path, **{"alpha_error": 0.0, "width": 48, "height": 48, **changes}), look=look)
    rows = studio.blender(blender_session.render, job)
    assert rows[0]["warnings"] == []
    assert rows[0]["model"]["identity"] == job.asset.identity
    assert rows[0]["look"] == (None if look is None else dataclasses.asdict(look))
    file = Path(job.folder) / "0000.png"
    return np.asarray(cv2.imread(str(file), cv2.IMREAD_UNCHANGED)).astype(int)


def apart(first: Any, second: Any) -> float:
    """Return how far the colors of two frames are apart where both are opaque, on average."""
    opaque = (first[:, :, 3] == 255) & (second[:, :, 3] == 255)
    return float(np.abs(first - second)[opaque][:, :3].mean())


@pytest.mark.cases_once
@pytest.mark.parametrize("builtin", ["leafy_branch", "fur_ball"])
def test_any_look_leaves_alpha_as_it_is_bit_for_bit(studio: Any, builtin: str) -> None:
    plain, changed = (pixels_of(studio, "", look, builtin=builtin, **FIXED) for look in (None, Look(1.0, 3)))
    assert np.array_equal(plain[:, :, 3], changed[:, :, 3])
    assert ((plain[:, :, 3] > 0) & (plain[:, :, 3] < 255)).any()
    assert apart(plain, changed) > 5


@pytest.mark.data
def test_leaf_cards_of_a_model_keep_their_alpha_bit_for_bit(studio: Any, free_data: Path) -> None:
    file = free_data / "models" / "flower_bushes.glb"
    plain, changed = (pixels_of(studio, file, look, elevation=30.0, **FIXED) for look in (None, Look(1.0, 4)))
    assert np.array_equal(plain[:, :, 3], changed[:, :, 3])
    assert apart(plain, changed) > 5


def test_degree_zero_is_as_authored_pixel_for_pixel(studio: Any) -> None:
    plain, same = (pixels_of(studio, "", look, builtin="shape") for look in (None, Look(0.0, 3)))
    assert np.array_equal(plain, same)


def test_a_seed_decides_the_look_and_a_low_degree_stays_nearer_than_a_high_one(studio: Any, towers: Path) -> None:
    plain, first, again, other, little = (
        pixels_of(studio, towers / "tower.glb", look, azimuths=(30.0,))
        for look in (None, Look(1.0, 5), Look(1.0, 5), Look(1.0, 6), Look(0.1, 5))
    )
    assert np.array_equal(first, again)
    assert apart(first, other) > 10
    assert 0.5 < apart(plain, little) < apart(plain, first) / 2


def test_texture_detail_survives_a_low_degree(studio: Any, towers: Path) -> None:
    plain, changed = (
        pixels_of(studio, towers / "tower.ply", look, azimuths=(30.0,), samples=16) for look in (None, Look(0.25, 7))
    )
    opaque = (plain[:, :, 3] == 255) & (changed[:, :, 3] == 255)
    for channel in (0, 2):
        assert np.corrcoef(plain[opaque][:, channel], changed[opaque][:, channel])[0, 1] > 0.7


def test_a_model_without_material_is_gray_as_authored_and_anything_with_a_look(studio: Any, towers: Path) -> None:
    gray, *looks = (
        pixels_of(studio, towers / "tower.stl", look) for look in (None, *(Look(0.4, seed) for seed in range(4)))
    )
    assert np.ptp(gray[gray[:, :, 3] == 255][:, :3], axis=1).mean() < 12
    assert min(apart(gray, pixels) for pixels in looks) > 10
    assert min(apart(first, second) for first, second in itertools.combinations(looks, 2)) > 10


def test_nothing_that_decides_alpha_is_touched(blender: Callable[..., Any]) -> None:
    authored = blender(look_session.alpha_deciders, None)
    for seed in range(8):
        changed = blender(look_session.alpha_deciders, Look(1.0, seed))
        assert changed.pop("untinted") == [1.0, 1.0]
        assert changed == {key: value for key, value in authored.items() if key != "untinted"}


def test_a_material_draws_by_its_name_whatever_else_there_is(blender: Callable[..., Any]) -> None:
    look = Look(0.3, 9)
    alone = blender(look_session.hue_of_one, ["one"], look)
    assert blender(look_session.hue_of_one, ["another", "one", "a third"], look) == alone
    assert blender(look_session.hue_of_one, ["one"], Look(0.3, 10)) != alone


def test_materials_that_share_a_node_group_get_looks_of_their_own(blender: Callable[..., Any]) -> None:
    (first, second), nodes_of_the_group, warnings = blender(look_session.shared_group, Look(0.3, 1))
    assert len(first) == len(second) == 1
    assert first != second
    assert nodes_of_the_group == 2
    assert warnings == []


def test_every_shader_with_a_color_is_changed_and_unknown_ones_are_named(blender: Callable[..., Any]) -> None:
    result = blender(look_session.other_shaders, Look(0.3, 1))
    assert set(result["changed"]) == {
        *("Diffuse", "Emission", "Glass", "Glossy", "Hair", "HairPrincipled", "Refraction"),
        *("Sheen", "Subsurface", "Toon", "Translucent"),
    }
    assert result["warnings"] == ["material Portal has no shader that a look can change"]


def test_every_pattern_shows_on_a_surface_without_uvs(studio: Any, blender: Callable[..., Any], tmp_path: Path) -> None:
    for name, seed in blender(look_session.pattern_names).items():
        path = tmp_path / f"{name}.blend"
        blender(look_session.save_patterned, str(path), seed)
        pixels = pixels_of(studio, path, None)
        colors = pixels[pixels[:, :, 3] == 255][:, :3]
        assert colors.std(axis=0).max() > 6, name
        assert not ((colors[:, 1] < 5) & (colors[:, [0, 2]].min(axis=1) > 250)).any(), f"{name} is magenta"
