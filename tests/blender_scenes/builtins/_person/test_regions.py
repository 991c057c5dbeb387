"""Regions cover what they say."""

import numpy as np
import pytest
from support.posed_people import person

from synthmat.blender_scenes.builtins._person.body.data import people_data
from synthmat.blender_scenes.builtins._person.body.regions import regions

OF_BONES = ("head", "neck", "torso", "hips", "upper_arms", "forearms", "hands", "thighs", "lower_legs", "feet")
OF_SKIN = ("face", "scalp", "brows", "beard", "ears", "eyelids", "lips", "inside_mouth", "fingernails", "toenails")


def middle(name: str) -> np.ndarray:
    """Return where a region of an unposed person lies."""
    return np.average(person(0)[1].vertices, axis=0, weights=regions()[name])


def test_every_region_has_a_weight_for_every_vertex():
    assert set(regions()) == {*OF_BONES, *OF_SKIN}
    for name, weight in regions().items():
        assert weight.shape == (people_data().vertex_count,), name
        assert weight.min() >= 0
        assert weight.max() <= 1
        assert (weight > 0.5).sum() >= 16, name


def test_regions_of_the_whole_body_add_up():
    np.testing.assert_allclose(sum(regions()[name] for name in OF_BONES), 1, atol=1e-5)


@pytest.mark.parametrize("name", OF_SKIN)
def test_regions_of_skin_lie_on_the_skin_and_are_symmetric(name):
    weight = regions()[name]
    assert weight[people_data().parts["body"].vertices].sum() == pytest.approx(weight.sum())
    assert abs(middle(name)[0]) < 0.01


def test_regions_lie_where_their_names_say():
    data, (_, figure) = people_data(), person(0)
    eyes = np.mean([figure.heads[data.bone(f"eye.{side}")] for side in "LR"], axis=0)
    assert middle("brows")[2] > eyes[2] > middle("lips")[2] > middle("neck")[2]
    assert middle("scalp")[1] > middle("face")[1] > middle("lips")[1]
    assert middle("brows")[2] - eyes[2] < 0.04
    skin = data.parts["body"].vertices
    assert regions()["scalp"][skin][figure.vertices[skin, 2].argmax()] > 0.9
    assert middle("beard")[2] < middle("lips")[2] + 0.01
    down = [middle(name)[2] for name in ("head", "torso", "hips", "thighs", "lower_legs", "feet")]
    assert down == sorted(down, reverse=True)
    hands = regions()["hands"]
    assert hands[regions()["fingernails"] > 0.5].min() > 0.9
    assert regions()["feet"][regions()["toenails"] > 0.5].min() > 0.9


def test_hair_and_lips_do_not_overlap():
    for one, other in (("scalp", "brows"), ("scalp", "lips"), ("brows", "beard"), ("scalp", "ears")):
        assert (np.minimum(regions()[one], regions()[other]) > 0.5).sum() == 0, (one, other)
    both = np.minimum(regions()["beard"], regions()["lips"]) > 0.6
    assert both.sum() == 0
