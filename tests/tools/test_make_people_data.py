"""The data file of people: what the tool packs is what synthmat unpacks."""

import gzip
import importlib
from types import ModuleType

import numpy as np
import pytest
from support.repository import REPOSITORY

from synthmat.blender_scenes.builtins._person.body.data import _offsets, _summed, people_data
from synthmat.blender_scenes.builtins._person.body.phenotype import (
    ANCESTRIES,
    AXES,
    TERMS,
    corner_weights,
    shape_weights,
)

AVERAGE = dict.fromkeys((*AXES, *ANCESTRIES), 0.5)


@pytest.fixture
def tool(monkeypatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(REPOSITORY / "tools"))
    return importlib.import_module("make_people_data")


@pytest.mark.parametrize("bits", [8, 16])
def test_differences_of_integers_are_undone(tool, bits):
    values = np.random.default_rng(0).normal(size=(3, 500)) * 0.1
    integers, step = tool.quantized(values, bits)
    packed = tool.predicted(integers)
    assert packed.dtype == integers.dtype
    np.testing.assert_array_equal(_summed(packed), integers)
    np.testing.assert_allclose(integers * step, values, atol=step * 0.51)


def test_shapes_that_move_few_points_are_unpacked_as_they_were(tool):
    rng = np.random.default_rng(1)
    shapes = {}
    for name in ("smile", "frown"):
        shapes[name] = np.zeros((900, 3), np.float32)
        shapes[name][rng.choice(900, 40, replace=False)] = rng.normal(size=(40, 3)) * 0.01
    unpacked = _offsets(tool.sparse(shapes, "action"), "action")
    assert list(unpacked) == list(shapes)
    for name, shape in shapes.items():
        dense = np.zeros_like(shape)
        dense[unpacked[name].points] = unpacked[name].meters
        np.testing.assert_allclose(dense, shape, atol=0.0003)


def test_targets_are_turned_to_meters_with_z_up(tool, tmp_path):
    path = tmp_path / "nose.target.gz"
    path.write_bytes(gzip.compress(b"# made by hand\n2 1 2 3\n0 .5 0 0\n"))
    offsets = tool.read_target(path, 4)
    np.testing.assert_allclose(offsets, [[0.05, 0, 0], [0, 0, 0], [0.1, -0.3, 0.2], [0, 0, 0]], atol=1e-7)


def test_four_bones_hold_the_skin(tool):
    weights = np.random.default_rng(2).dirichlet(np.ones(7), size=30)
    packed = tool.skin(weights)
    assert (packed["skin_weights"].astype(int).sum(axis=1) == 255).all()
    np.testing.assert_array_equal(packed["skin_bones"][:, 0], weights.argmax(axis=1))


def test_weights_of_an_axis_add_up():
    for years in (0.0, 0.2, 0.5, 1.0):
        weights = corner_weights(AVERAGE | {"age": years})
        assert weights.sum() == pytest.approx(len(AXES) + 1)
        assert weights.min() >= 0
    terms = np.array([[term in ("male", "old") for term in TERMS], [term in ("female", "old") for term in TERMS]])
    np.testing.assert_allclose(shape_weights(AVERAGE | {"age": 1.0, "gender": 0.25}, terms), [0.75, 0.25])


def test_the_file_says_what_it_is_made_of():
    data = people_data()
    assert len(data.terms) == len(data.projection) == 564
    assert len(data.actions) == 52
    assert data.vertex_count == data.parts["hair"].vertices.stop
    assert all(parent < index for index, parent in enumerate(data.parents))
