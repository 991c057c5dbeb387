"""Cards: exact where transparency is known, and the same as Cycles' for pictures however they are looked up."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest
from support import blender_session
from support.frame_files import TRACED

from synthmat.blender_scenes.materials.card import CardAlpha, Lookup
from synthmat.blender_scenes.matte.coverage.card_coverage import (
    Cards,
    card_coverage,
    layers,
    project_cards,
    textured,
)
from synthmat.blender_scenes.matte.coverage.coverage import Outline, connect, filter_integral, project
from synthmat.render_job import CameraMotion, Defocus

WIDTH, HEIGHT = 24, 16
AHEAD = np.eye(4)  # a camera in the origin that looks along -Z
INTRINSICS = np.array([[1.0, 0, WIDTH / 2], [0, 1.0, HEIGHT / 2], [0, 0, 1]])
NO_OUTLINE = Outline(np.empty((0, 2)), np.empty((0, 2)), np.empty(0))
UNIT = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
LEVELS = np.arange(256) / 255


def quad(left: float, right: float, bottom: float, top: float, depth: float = 1.0) -> Any:
    """Return four points that are seen at x and y in pixels from the center."""
    corners = [(left, bottom), (right, bottom), (right, top), (left, top)]
    return np.array([(x * depth, y * depth, -depth) for x, y in corners])


def seen(quads: list[Any], transmittances: list[float], outline: Outline = NO_OUTLINE, points: int = 89) -> Any:
    faces = np.concatenate([np.array([(0, 1, 2), (0, 2, 3)]) + 4 * i for i in range(len(quads))])
    mesh = connect(np.concatenate(quads), faces)
    alphas = tuple(CardAlpha(np.full(256, one), None, np.zeros((1, 1), np.uint8)) for one in transmittances)
    cards = Cards(mesh.points, mesh.faces, np.zeros((len(faces), 3, 2)), np.repeat(np.arange(len(quads)), 2), alphas)
    return alpha_of(cards, outline, points)


def alpha_of(cards: Cards, outline: Outline = NO_OUTLINE, points: int = 89) -> Any:
    visible = project_cards(cards, AHEAD, INTRINSICS, near=0.1, far=100.0)
    assert visible is not None
    where = np.ones((HEIGHT, WIDTH), np.bool_)
    deep = layers(visible, WIDTH, HEIGHT)
    return card_coverage(visible, outline, where, deep, points=points, offsets=(0.37, 0.61, False))


def expected(left: float, right: float, bottom: float, top: float) -> Any:
    """Return the filtered rectangle in closed form."""
    x = np.arange(WIDTH) + 0.5 - WIDTH / 2
    y = HEIGHT / 2 - np.arange(HEIGHT) - 0.5
    across = filter_integral(right - x) - filter_integral(left - x)
    return (filter_integral(top - y) - filter_integral(bottom - y))[:, None] * across


def test_a_card_covers_its_share_of_what_the_filters_integral_says() -> None:
    box = (-5.3, 4.1, -3.77, 2.2)
    found = seen([quad(*box)], [0.3])
    assert np.abs(found - 0.7 * expected(*box)).max() < 0.01
    assert np.abs(found[HEIGHT // 2, 8:14] - 0.7).max() < 1e-9  # where two triangles meet too
    assert not found[0].any()


def test_sides_that_cards_share_are_neither_missed_nor_seen_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(2)
    grid = np.mgrid[-10:11:2, -8:9:2].transpose(1, 2, 0).astype(np.float64)
    grid[1:-1, 1:-1] += generator.uniform(-0.9, 0.9, grid[1:-1, 1:-1].shape)
    depths = generator.uniform(1, 3, grid.shape[:2])[..., None]
    points = np.concatenate([grid, -np.ones_like(depths)], axis=2) * depths
    quads = [points[[i, i + 1, i + 1, i], [j, j, j + 1, j + 1]] for i in range(10) for j in range(8)]
    found = seen(quads, [0.5] * len(quads))
    assert np.abs(found[2:-2, 4:-4] - 0.5).max() < 1e-12
    monkeypatch.setattr("synthmat.blender_scenes.matte.coverage.card_coverage._MAX_POINTS", 2000)
    assert np.abs(seen(quads, [0.5] * len(quads)) - found).max() < 1e-12


def test_cards_behind_each_other_multiply_what_they_let_through() -> None:
    front, behind = quad(-5, 5, -3, 3), quad(-6.5, 4, -3.5, 2.5, depth=4.0)
    found = seen([front, behind], [0.5, 0.2])
    assert found[HEIGHT // 2, WIDTH // 2] == pytest.approx(0.9)
    both = expected(-5, 4, -3, 2.5)
    alone = 0.5 * expected(-5, 5, -3, 3) + 0.8 * expected(-6.5, 4, -3.5, 2.5)
    assert np.abs(found - (alone - 0.4 * both)).max() < 0.012


def test_what_is_opaque_hides_cards_and_is_not_seen_through_them() -> None:
    bar, box = (-1.3, 1.1, -9.0, 9.0), (-5.0, 5.0, -3.0, 3.0)
    mesh = connect(quad(*bar, depth=3.0), np.array([(0, 1, 2), (0, 2, 3)]))
    outline = project(mesh, AHEAD, INTRINSICS, near=0.1, far=100.0)
    found = seen([quad(*box)], [0.5], outline)
    both = expected(max(bar[0], box[0]), min(bar[1], box[1]), max(bar[2], box[2]), min(bar[3], box[3]))
    assert np.abs(found - (expected(*bar) + 0.5 * (expected(*box) - both))).max() < 0.012


def test_more_points_come_nearer_to_the_filters_integral() -> None:
    box = (-5.3, 4.1, -3.77, 2.2)
    wrong = [np.sqrt(np.square(seen([quad(*box)], [0.0], points=n) - expected(*box)).mean()) for n in (13, 144)]
    assert wrong[1] < wrong[0] / 4


def test_pictures_are_seen_in_perspective() -> None:
    # A floor whose picture is opaque from half its depth: in the picture that is at 2/3 of its height.
    picture = np.repeat(np.array([[0], [255]], np.uint8), 64, axis=0)
    floor = np.array([(-50.0, -4, -1), (50, -4, -1), (50, -4, -4), (-50, -4, -4)])
    uv = np.array([(0.0, 0), (1, 0), (1, 1), (0, 1)])
    alpha = CardAlpha(1 - LEVELS, Lookup("", 3, "", UNIT, "EXTEND", "Linear"), picture)
    faces = np.array([(0, 1, 2), (0, 2, 3)])
    cards = Cards(floor, faces, textured(alpha, uv[faces]), np.zeros(2, np.int64), (alpha,))
    middle = alpha_of(cards)[:, WIDTH // 2]
    assert middle.sum() == pytest.approx(4 / 2.5 - 4 / 4, abs=0.02)


def test_a_picture_too_far_away_is_no_card_and_one_at_the_lens_neither() -> None:
    alpha = CardAlpha(1 - LEVELS, Lookup("", 3, "", UNIT, "CLIP", "Linear"), np.zeros((64, 64), np.uint8))
    assert textured(alpha, np.full((1, 3, 2), 1000.0)) is None
    close = Cards(
        quad(-1, 1, -1, 1, depth=0.01), np.array([(0, 1, 2)]), np.zeros((1, 3, 2)), np.zeros(1, int), (alpha,)
    )
    assert project_cards(close, AHEAD, INTRINSICS, near=0.1, far=100.0) is None


def frame(studio: Any, path: Path | str, name: str, view: dict[str, Any] | None = None, **changes: Any) -> Any:
    """Render a frame, its view changed by ``view``, and return what its row says of alpha, and alpha."""
    job = studio.job(path, name=name, passes=("exr",), **({"alpha_error": 0.004, "width": 40, "height": 40} | changes))
    job = dataclasses.replace(job, views=(dataclasses.replace(job.views[0], **(view or {})),))
    (row,) = studio.blender(blender_session.render, job)
    with OpenEXR.File(str(studio.folder / name / "0000.exr"), separate_channels=True) as opened:
        return row["alpha"], opened.channels()["A"].pixels


@pytest.mark.cases_once
@pytest.mark.parametrize(
    "how",
    [
        {},
        {"extension": "CLIP"},
        {"extension": "EXTEND"},
        {"extension": "MIRROR", "interpolation": "Closest"},
        {"cut_off": True, "mapping": True},
        {"channel": "Green", "mixed": True},
    ],
    ids=lambda how: " ".join(map(str, how.values())) or "plain",
)
def test_textured_cards_are_what_cycles_renders(studio: Any, blender: Any, tmp_path: Path, how: dict[str, Any]) -> None:
    blender(make_cards, str(tmp_path), how)
    row, alpha = frame(studio, tmp_path / "cards.blend", "cards")
    _, traced = frame(studio, tmp_path / "cards.blend", "traced", **TRACED, samples=256)
    edge = (traced > 0.002) & (traced < 0.998)
    assert row["from"] == "coverage"
    assert row["error"] <= 0.004
    assert edge.sum() > 100
    assert np.sqrt(((alpha - traced)[edge] ** 2).mean()) < 0.015  # most of which is the render's own noise
    assert abs((alpha - traced)[edge].mean()) < 0.0015


@pytest.mark.cases_once
@pytest.mark.parametrize(
    "view",
    [{"motion": CameraMotion("spin", 12.0)}, {"defocus": Defocus(0.1, 0.2)}],
    ids=["spin", "depth of field"],
)
def test_blurred_cards_are_what_cycles_renders(studio: Any, blender: Any, tmp_path: Path, view: dict[str, Any]) -> None:
    blender(make_cards, str(tmp_path), {})
    row, alpha = frame(studio, tmp_path / "cards.blend", "cards", view)
    _, traced = frame(studio, tmp_path / "cards.blend", "traced", view, **TRACED, samples=768)
    edge = (traced > 0.002) & (traced < 0.998)
    assert row["from"] == "coverage"
    assert row["error"] <= 0.004
    assert edge.sum() > 100
    assert np.sqrt(((alpha - traced)[edge] ** 2).mean()) < 0.012
    assert abs((alpha - traced)[edge].mean()) < 0.0015


def make_cards(folder: str, how: dict[str, Any]) -> None:
    """Write a stem and two leaning cards whose picture is repeated or cut off at its sides."""
    import bpy

    blender_session._empty()
    bpy.ops.mesh.primitive_cylinder_add(vertices=16, radius=0.06, depth=2.4)
    bpy.context.object.data.materials.append(blender_session._paint((0.5, 0.3, 0.1)))
    material = card_material(how)
    for turn, y in ((0.3, -0.2), (-0.4, 0.3)):
        bpy.ops.mesh.primitive_plane_add(size=1.6, rotation=(1.4, turn, turn), location=(0.1, y, 0))
        card = bpy.context.object
        card.data.materials.append(material)
        for loop in card.data.uv_layers[0].uv:
            loop.vector = (loop.vector[0] * 2.3 - 0.7, loop.vector[1] * 1.7 - 0.4)
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder) / "cards.blend"), copy=True)


def card_material(how: dict[str, Any]) -> Any:
    import bpy

    levels = np.random.default_rng(5).uniform(0.1, 1.0, (6, 5, 4))
    image = bpy.data.images.new("levels", 5, 6, alpha=True)
    image.colorspace_settings.name = "Non-Color" if "channel" in how else "sRGB"
    image.alpha_mode = "CHANNEL_PACKED"
    image.pixels.foreach_set(levels.astype(np.float32).reshape(-1))
    image.update()
    image.pack()
    material = blender_session._paint((0.2, 0.6, 0.1))
    tree, shader = material.node_tree, material.node_tree.nodes["Principled BSDF"]
    texture = tree.nodes.new("ShaderNodeTexImage")
    texture.image = image
    texture.extension, texture.interpolation = how.get("extension", "REPEAT"), how.get("interpolation", "Linear")
    value = texture.outputs["Alpha"]
    if "channel" in how:
        split = tree.nodes.new("ShaderNodeSeparateColor")
        tree.links.new(texture.outputs["Color"], split.inputs[0])
        value = split.outputs[how["channel"]]
    if "cut_off" in how:
        compare = tree.nodes.new("ShaderNodeMath")
        compare.operation = "GREATER_THAN"
        tree.links.new(value, compare.inputs[0])
        value = compare.outputs[0]
    if "mapping" in how:
        names, mapping = tree.nodes.new("ShaderNodeUVMap"), tree.nodes.new("ShaderNodeMapping")
        mapping.inputs["Rotation"].default_value = (0.0, 0.0, 0.4)
        mapping.inputs["Scale"].default_value = (1.2, 0.8, 1.0)
        mapping.inputs["Location"].default_value = (0.3, -0.1, 0.0)
        tree.links.new(names.outputs[0], mapping.inputs[0])
        tree.links.new(mapping.outputs[0], texture.inputs[0])
    if "mixed" in how:
        clear, mix = tree.nodes.new("ShaderNodeBsdfTransparent"), tree.nodes.new("ShaderNodeMixShader")
        clear.inputs[0].default_value = (0.9, 0.9, 0.9, 1.0)
        tree.links.new(value, mix.inputs[0])
        tree.links.new(clear.outputs[0], mix.inputs[1])
        tree.links.new(shader.outputs[0], mix.inputs[2])
        tree.links.new(mix.outputs[0], tree.nodes["Material Output"].inputs[0])
    else:
        tree.links.new(value, shader.inputs["Alpha"])
    if "odd" in how:
        noise = tree.nodes.new("ShaderNodeTexNoise")
        tree.links.new(noise.outputs[0], shader.inputs["Alpha"])
    return material


def test_what_is_fed_by_more_than_a_picture_is_rendered(studio: Any, blender: Any, tmp_path: Path) -> None:
    blender(make_cards, str(tmp_path), {"odd": True})
    row, _ = frame(studio, tmp_path / "cards.blend", "frame", alpha_error=0.05, width=32, height=32)
    assert "matte pass" in row["from"]
