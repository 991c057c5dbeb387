"""Groups of objects: beside each other on one ground, and an alpha for each that adds up to the whole."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest
from support import blender_session

from synthmat.render_job import Asset, Member


def group_job(studio: Any, members: tuple[Member, ...], **changes: Any) -> Any:
    job = studio.job("", builtin="suzanne", name="group", passes=("objects", "index"), **changes)
    return dataclasses.replace(job, asset=Asset("group", members=members))


def member(builtin: str, *, anchor: int = 0, direction: float = 0.0, apart: float = 1.1, scale: float = 1.0) -> Member:
    asset = Asset(builtin, builtin=builtin, builtin_seed=1)
    return Member(asset, scale=scale, turn=20.0, anchor=anchor, direction=direction, apart=apart)


def layers(studio: Any, view: str = "0000") -> dict[str, Any]:
    with OpenEXR.File(str(studio.folder / "group" / f"{view}.exr"), separate_channels=True) as opened:
        return {name: channel.pixels for name, channel in opened.channels().items()}


def test_each_member_has_an_alpha_and_they_add_up(studio: Any) -> None:
    members = (
        member("suzanne"),
        member("vase"),
        member("toy_character", anchor=1),
        member("wire_basket", direction=120.0),
    )
    (row,) = studio.blender(blender_session.render, group_job(studio, members))
    found = layers(studio)
    alphas = np.stack([found[f"objects.{number}"] for number in (1, 2, 3, 4)])
    assert np.allclose(alphas.sum(axis=0), found["A"], atol=1e-5)
    assert all(alpha.max() > 0.9 for alpha in alphas[:3])
    assert row["model"]["members"][1]["name"] == "vase"


@pytest.mark.once
def test_three_people_stand_side_by_side(studio: Any) -> None:
    people = (Asset(f"person_{seed}", builtin="person", builtin_seed=seed) for seed in (21, 24, 9))  # of little hair
    directions = (0.0, 0.0, 180.0)
    members = tuple(Member(each, 1.0, 0.0, 0, way, 1.0) for each, way in zip(people, directions, strict=True))
    studio.blender(blender_session.render, group_job(studio, members, samples=1, alpha_error=0.2))
    found = layers(studio)
    alphas = np.stack([found[f"objects.{number}"] for number in (1, 2, 3)])
    assert alphas.sum(axis=(1, 2)).min() > 40
    columns = [float((alpha.sum(axis=0) @ np.arange(alpha.shape[1])) / alpha.sum()) for alpha in alphas]
    assert columns[2] + 8 < columns[0] < columns[1] - 8


def test_what_stands_in_front_hides_what_is_behind(studio: Any) -> None:
    members = (member("suzanne"), member("vase", direction=90.0, scale=0.8))  # the vase behind, seen from the front
    job = group_job(studio, members, azimuths=(0.0, 180.0))
    studio.blender(blender_session.render, job)
    areas = {view: [layers(studio, view)[f"objects.{n}"].sum() for n in (1, 2)] for view in ("0000", "0001")}
    assert areas["0001"][1] > 1.5 * areas["0000"][1]
    assert areas["0000"][0] > 1.1 * areas["0001"][0]


def test_members_do_not_touch_where_they_are_not_to(studio: Any) -> None:
    members = tuple(member("vase", anchor=0, direction=10.0 * i, apart=1.0) for i in range(5))
    spots = studio.blender(places, members)
    for i, (x, y, reach) in enumerate(spots):
        for a, b, other in spots[:i]:
            assert math.dist((x, y), (a, b)) >= reach + other - 1e-3


def test_members_without_materials_have_alphas_of_their_own(studio: Any, towers: Path) -> None:
    found = group_of_files(studio, [towers / "tower.stl", towers / "tower.stl"])
    assert min(found["objects.1"].sum(), found["objects.2"].sum()) > 50


def test_a_blend_file_with_several_scenes_may_be_a_member(studio: Any, blender: Any, towers: Path) -> None:
    blender(make_two_scenes, str(towers))
    found = group_of_files(studio, [towers / "tower.glb", towers / "two_scenes.blend"])
    assert min(found["objects.1"].sum(), found["objects.2"].sum()) > 50


def group_of_files(studio: Any, files: list[Path]) -> dict[str, Any]:
    members = tuple(
        Member(Asset(f"file_{place}", path=str(file), fingerprint="x"), 1.0, 0.0, 0, 0.0, 1.1)
        for place, file in enumerate(files)
    )
    studio.blender(blender_session.render, group_job(studio, members))
    return layers(studio)


def make_two_scenes(folder: str) -> None:
    """Write the tower in a file whose active scene is the second of two."""
    import bpy

    blender_session._tower()
    bpy.context.scene.name = "z shown"
    bpy.data.scenes.new("a empty")
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder) / "two_scenes.blend"), copy=True)


def places(members: tuple[Member, ...]) -> list[tuple[float, float, float]]:
    """Add a group to an empty scene and return where each member stands and how far it reaches."""
    import bpy
    import numpy as np

    from synthmat.blender_scenes.blender.reset import empty_scene
    from synthmat.blender_scenes.models.geometry import visible_instances
    from synthmat.blender_scenes.models.group import add_group

    def add(asset: Asset) -> list[str]:
        from synthmat.blender_scenes.builtins import vase

        vase.build(np.random.default_rng(asset.builtin_seed))
        return []

    scene = empty_scene()
    add_group(members, add)
    points: dict[str, list[Any]] = {item.name: [] for item in scene.collection.objects}
    for part in visible_instances():
        mesh = part.object.to_mesh()
        points[part.parent.name] += [(part.matrix_world @ vertex.co)[:2] for vertex in mesh.vertices]
    found = []
    for name, its in points.items():
        at = np.array(its)
        middle = (at.min(axis=0) + at.max(axis=0)) / 2
        found.append((*middle.tolist(), float(np.linalg.norm(at - middle, axis=1).max()) * 0.97))
        assert bpy.data.objects[name].instance_collection is not None
    return found
