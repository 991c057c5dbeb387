"""Strands cover what their length and thickness say, and the same as in Cycles."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest
from support import blender_session
from support.frame_files import TRACED

from synthmat.blender_scenes.matte.coverage.coverage import coverage
from synthmat.blender_scenes.matte.coverage.strand_coverage import Strands, cut, joined, moved, project_ribbons
from synthmat.render_job import CameraMotion, Defocus

SIZE, FAR = 24, 1000.0
INTRINSICS = np.array([[FAR, 0, SIZE / 2], [0, FAR, SIZE / 2], [0, 0, 1]])
AHEAD = np.eye(4)  # a camera in the origin that looks along -Z, and shows (x, y, -FAR) x pixels from its center


def strand(points: Any, radii: Any = 0.5) -> Strands:
    """Return a strand through points (P, 2) in pixels, y up."""
    places = np.array([(x, y, -FAR) for x, y in points])
    return Strands(places, np.broadcast_to(np.asarray(radii, float), len(places)).copy(), np.array([len(places)]))


def covered(strands: Strands, scanlines: int = 32, hidden: Any = None) -> Any:
    ribbons = cut(strands, AHEAD, INTRINSICS, apart=0.003)
    outline = project_ribbons(ribbons, AHEAD, INTRINSICS, near=0.1, far=2 * FAR, hidden=hidden)
    return coverage(outline, SIZE, SIZE, scanlines=scanlines, offsets=(0.37, 0.61))


@pytest.mark.parametrize("angle", [0.0, 17.0, 45.0, 90.0, 200.0])
@pytest.mark.parametrize("count", [2, 5])
def test_a_straight_strand_covers_its_length_times_its_width(angle: float, count: int) -> None:
    way = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    found = covered(strand(np.linspace(-6, 6, count)[:, None] * way))
    assert found.sum() == pytest.approx(12 * 1.0, rel=0.01)
    assert found.max() <= 1


def test_a_strand_tapers_evenly_between_its_points() -> None:
    assert covered(strand([(-6, 1), (6, 3)], [0.6, 0.0])).sum() == pytest.approx(np.hypot(12, 2) * 0.6, rel=0.01)


def test_a_bent_strand_covers_the_length_of_its_curve_times_its_width() -> None:
    turn = np.linspace(0, 1.5 * np.pi, 24)
    found = covered(strand(np.stack([6 * np.cos(turn), 6 * np.sin(turn)], axis=1), 0.3))
    assert found.sum() == pytest.approx(1.5 * np.pi * 6 * 0.6, rel=0.01)


def test_what_lies_behind_another_strand_or_the_same_counts_once() -> None:
    across, down = strand([(-6, 0), (6, 0)]), strand([(0, 6), (0, -6)])
    assert covered(joined([across, down, across])).sum() == pytest.approx(12 + 12 - 1, rel=0.01)
    there_and_back = strand([(-6, 0), (0, 0), (6, 0), (0, 0), (-6, 0)])
    # Where it turns it is as wide as ever, and reaches no farther than its curve.
    assert covered(there_and_back).sum() == pytest.approx(12.3, abs=0.4)


def test_a_strand_that_bends_more_sharply_than_it_is_wide_has_no_holes() -> None:
    found = covered(strand([(-3, -3), (0, 3), (0.3, 3), (3, -3)], 1.2))
    assert found.max() > 0.999
    assert found.min() >= 0
    assert 15 < found.sum() < 33


def test_leaving_out_what_is_hidden_changes_nothing_elsewhere() -> None:
    across = strand([(x, 0.2 * x) for x in range(-10, 11)])
    beside = strand([(x, 8) for x in range(-10, 11)])
    hidden = np.zeros((SIZE, SIZE), np.bool_)
    hidden[8:16, 4:16] = True
    whole, without = (covered(joined([across, beside]), hidden=mask) for mask in (None, hidden))
    elsewhere = np.ones_like(hidden)
    elsewhere[6:18, 2:18] = False
    assert without[elsewhere] == pytest.approx(whole[elsewhere], abs=1e-4)
    assert without[10:15, 7:13].max() == 0
    assert whole[10:15, 7:13].max() > 0.5


def test_strands_grow_with_what_they_are_on_and_what_is_stretched_is_refused() -> None:
    one = strand([(-1, 0), (1, 0)], 0.1)
    half = np.diag([0.5, 0.5, 0.5, 1.0])
    turned = np.array([[0, 2.0, 0, 0], [-2.0, 0, 0, 0], [0, 0, 2.0, FAR], [0, 0, 0, 1.0]])
    assert moved(one, half).radii == pytest.approx(0.05)
    assert covered(moved(one, turned)).sum() == pytest.approx(4 * 0.4, rel=0.03)
    assert moved(one, np.diag([1.0, 1.0, 2.0, 1.0])) is None


def test_what_is_behind_the_camera_covers_nothing() -> None:
    one = strand([(-3, 0), (3, 0)])
    assert not covered(one._replace(points=-one.points)).any()
    assert not covered(Strands(np.empty((0, 3)), np.empty(0), np.empty(0, np.int64))).any()
    assert not covered(strand([(1, 1)])).any()


def alpha_of(studio: Any, path: Path | str, name: str, view: dict[str, Any] | None = None, **changes: Any) -> Any:
    """Render a frame and return its row and alpha."""
    job = studio.job(path, name=name, passes=("exr",), **({"alpha_error": 0.004} | changes))
    job = dataclasses.replace(job, views=(dataclasses.replace(job.views[0], **(view or {})),))
    (row,) = studio.blender(blender_session.render, job)
    with OpenEXR.File(str(studio.folder / name / "0000.exr"), separate_channels=True) as opened:
        return row, opened.channels()["A"].pixels


@pytest.mark.cases_once
@pytest.mark.parametrize("builtin", ["grass_tuft", "fur_ball"])
def test_hair_covers_what_cycles_renders(studio: Any, builtin: str) -> None:
    changes = {"width": 40, "height": 40, "builtin": builtin}
    row, alpha = alpha_of(studio, "", "covered", **changes, alpha_error=0.006)
    _, traced = alpha_of(studio, "", "traced", **changes, **TRACED, samples=256)
    edge = (traced > 0.002) & (traced < 0.998)
    assert row["alpha"]["from"] == "coverage"
    assert row["alpha"]["error"] <= 0.006
    assert edge.sum() > 200
    assert np.sqrt(np.square(alpha - traced)[edge].mean()) < 0.02
    assert abs((alpha - traced)[edge].mean()) < 0.002


@pytest.mark.cases_once
@pytest.mark.parametrize(
    "view",
    [
        {},
        {"motion": CameraMotion("slide", 0.1, 30.0)},
        {"motion": CameraMotion("spin", 12.0)},
        {"defocus": Defocus(0.1, 0.2)},
    ],
    ids=["sharp", "slide", "spin", "depth of field"],
)
def test_thick_bent_and_scaled_strands_cover_what_cycles_renders(
    studio: Any, blender: Any, tmp_path: Path, view: dict[str, Any]
) -> None:
    blender(make_wires, str(tmp_path))
    row, alpha = alpha_of(studio, tmp_path / "wires.blend", "covered", view)
    _, traced = alpha_of(studio, tmp_path / "wires.blend", "traced", view, **TRACED, samples=1024)
    assert row["alpha"]["from"] == "coverage"
    assert np.abs(alpha - traced).max() < (0.05 if view else 0.03)
    assert abs((alpha - traced).mean()) < 2e-4


def make_wires(folder: str) -> None:
    """Write a .blend file of a few thick strands, and the same half as large beside them."""
    import bpy

    blender_session._empty()
    item = _hair(
        [[(-1, 0, -1), (-0.5, 0, 1), (0.6, 0.2, -1), (0.9, -0.3, 0.7)], [(0, 0, -1), (0.3, 0, 1)], [(0, 0, 0)]]
    )
    radii = [0.02, 0.05, 0.12, 0.01, 0.08, 0.0, 0.3]
    item.data.attributes.new("radius", "FLOAT", "POINT").data.foreach_set("value", radii)
    half = bpy.data.objects.new("half", item.data)
    half.scale, half.location, half.rotation_euler = (0.5, 0.5, 0.5), (1.5, 0, 0.2), (0.4, 0.3, 0.2)
    bpy.context.scene.collection.objects.link(half)
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder) / "wires.blend"), copy=True)


def _hair(strands: list[list[tuple[float, float, float]]]) -> Any:
    import bpy

    curves = bpy.data.hair_curves.new("hair")
    curves.add_curves([len(points) for points in strands])
    places = [coordinate for points in strands for point in points for coordinate in point]
    curves.attributes["position"].data.foreach_set("vector", places)
    curves.materials.append(blender_session._paint((0.5, 0.5, 0.5)))
    item = bpy.data.objects.new("hair", curves)
    bpy.context.scene.collection.objects.link(item)
    return item


def test_curves_of_other_kinds_are_not_taken_for_hair(blender: Any) -> None:
    assert blender(read_kinds) == [True, False, False, False, False]


def read_kinds() -> list[bool]:
    """Return whether strands are read of hair as it is, without radii, cyclic, of straight lines and Bezier curves."""
    from synthmat.blender_scenes.matte.coverage.strand_coverage import read_strands

    found = []
    for kind in ("hair", "bare", "cyclic", "POLY", "BEZIER"):
        blender_session._empty()
        curves = _hair([[(0, 0, 0), (1, 0, 0), (1, 1, 0)], [(0, 0, 1), (1, 0, 1)]]).data
        if kind != "bare":
            curves.attributes.new("radius", "FLOAT", "POINT").data.foreach_set("value", [0.1] * 5)
        if kind == "cyclic":
            curves.attributes.new("cyclic", "BOOLEAN", "CURVE").data.foreach_set("value", [False, True])
        if kind.isupper():
            curves.set_types(type=kind)
        found.append(read_strands(curves) is not None)
    return found
