"""Surfaces that clothes are cut from: finer, cut exactly where a field is 0, with the boundary that is left."""

import numpy as np
import pytest

from synthmat.blender_scenes.builtins._person.drape import Collider, Fabric, draped
from synthmat.blender_scenes.builtins._person.surface import (
    Surface,
    boundary_loops,
    cut,
    edges_of,
    subdivided,
    triangulated,
    vertex_normals,
)


def grid(size: int) -> Surface:
    """Return a flat square of quads over (0, 0) to (1, 1) at height 0."""
    x, y = np.meshgrid(np.linspace(0, 1, size), np.linspace(0, 1, size))
    index = np.arange(size * size).reshape(size, size)
    corners = [index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]]
    places = np.stack([x, y, np.zeros_like(x)], axis=-1).reshape(-1, 3)
    return Surface(places, np.stack(corners, axis=-1).reshape(-1, 4))


def area(surface: Surface) -> float:
    a, b, c = (surface.places[surface.faces[:, k]] for k in range(3))
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


def test_subdividing_quarters_faces_and_keeps_a_flat_square_flat_but_for_its_corners():
    finer = subdivided(grid(5))
    assert finer.faces.shape == (64, 4)
    assert len(finer.columns) == 81
    assert finer.places[:, 2] == pytest.approx(0)
    assert area(Surface(finer.columns, triangulated(finer.faces))) == pytest.approx(1, abs=0.02)
    assert vertex_normals(finer.places, finer.faces) == pytest.approx(np.tile([0, 0, 1], (81, 1)))


@pytest.mark.parametrize("line", [0.3, 0.5, 0.501, 0.77])
def test_a_cut_lies_on_the_line_and_leaves_no_sliver(line):
    whole = grid(9)
    part = cut(Surface(whole.columns, triangulated(whole.faces)), line - whole.places[:, 0])
    assert part.places[:, 0].max() == pytest.approx(line)
    assert area(part) == pytest.approx(line, abs=0.003)  # a corner on the border may move along a diagonal
    edges = edges_of(part.faces)[0]
    assert np.linalg.norm(part.places[edges[:, 0]] - part.places[edges[:, 1]], axis=1).min() > 0.2 / 8
    assert len(boundary_loops(part.faces)) == 1


def test_cloth_falls_on_what_is_below_it_and_keeps_its_lengths():
    table = grid(21)
    above = grid(21)
    places = above.places + [0, 0, 0.02]
    faces = triangulated(above.faces)
    collider = Collider(table.places, table.faces, np.arange(len(places)))
    room = np.full(len(places), 0.005)
    fallen = draped(places, places, faces, np.zeros(len(places)), collider, Fabric(0.1, room), 40)
    assert fallen[:, 2].min() > 0.0049
    assert fallen[:, 2].max() < 0.01
    edges = edges_of(faces)[0]
    lengths = [np.linalg.norm(each[edges[:, 0]] - each[edges[:, 1]], axis=1) for each in (places, fallen)]
    assert lengths[1] == pytest.approx(lengths[0], rel=0.05)
