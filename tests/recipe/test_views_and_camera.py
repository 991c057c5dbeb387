"""The sections for views, camera and blur: what they hold by default, and faults that name their place."""

import pytest

from synthmat.errors import RecipeError
from synthmat.recipe import dump_recipe, parse_recipe

HEAD = "name: x\nobjects: [{builtin: suzanne}]\n"


@pytest.mark.parametrize(
    ("marked", "words"),
    [
        ("views: ^{spiral: {}}", "exactly one of the keys turntable, sphere or random"),
        ("views: ^{}", "exactly one of the keys"),
        ("views: ^{turntable: {}, sphere: {}}", "exactly one of the keys"),
        ("views: {sphere: {elevation: ^[60, -20]}}", "low <= high"),
        ("views: {sphere: {^cuont: 3}}", "did you mean count?"),
        ("views: {random: {elevation: {zone: ^[0, 91]}}}", "no range of elevations"),
        ("views: {random: {elevation: ^{uniform: [0, 95]}}}", "outside -89 to 89"),
        ("camera: {fit: ^tight}", "silhouette"),
        ("camera: {truncation: {fraction: ^0}}", "outside 0.01 to 0.9"),
        ("camera: {truncation: {sides: [^lower]}}", "lower"),
        ("camera: {offset_x: ^{uniform: [-0.5, 0.5]}}", "outside -0.4 to 0.4"),
        ("depth_of_field: {^f_stop: 2.8}", "unknown key"),
        ("motion_blur: {movement: ^{shake: {}}}", "exactly one of the keys slide or spin"),
        ("motion_blur: {movement: ^[]}", "the list is empty"),
    ],
)
def test_a_fault_names_its_place_and_what_to_write(marked, words):
    line = f"render: {{{marked}}}"
    with pytest.raises(RecipeError) as caught:
        parse_recipe(f"{HEAD}{line.replace('^', '')}\n", "r.yaml")
    assert str(caught.value).startswith(f"r.yaml:3:{line.index('^') + 1}: ")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "views: {sphere: {}}",
        "views: {random: {elevation: 20}}",
        "camera: {truncation: {}}, depth_of_field: {}, motion_blur: {}",
        "motion_blur: {movement: [{slide: {length: 0.1}}, {spin: {angle: {choice: [1, 5]}}}]}",
    ],
)
def test_what_is_dumped_reads_back(text):
    recipe = parse_recipe(f"{HEAD}render: {{{text}}}\n")
    assert parse_recipe(dump_recipe(recipe)) == recipe


def test_by_default_a_turntable_is_sharp_and_whole():
    render = parse_recipe(HEAD).render
    assert list(render.views.model_dump()) == ["turntable"]
    assert (render.depth_of_field, render.motion_blur, render.camera.truncation) == (None, None, None)
