"""Recipes are checked strictly, and every fault is found at once and has its place."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthmat.errors import RecipeError
from synthmat.recipe import Recipe, dump_recipe, load_recipe, parse_recipe
from synthmat.recipe.yaml_source import scalar

GOOD = """\
version: 1
name: trial
objects:
  - {builtin: suzanne}
"""


def faults_of(text: str, *overrides: str) -> list[str]:
    with pytest.raises(RecipeError) as caught:
        parse_recipe(text, "recipe.yaml", overrides)
    return str(caught.value).splitlines()


def test_a_minimal_recipe_has_every_default():
    recipe = parse_recipe(GOOD)
    assert recipe.render.views.turntable.count == 12
    assert recipe.composite.outputs == ["image", "alpha"]


def test_the_dump_of_a_recipe_reads_back_as_the_same_recipe():
    text = GOOD + "render: {lights: [{hdri: {files: studio}}, {three_point: {fill: {uniform: [0, 1]}}}]}\n"
    recipe = parse_recipe(text)
    assert parse_recipe(dump_recipe(recipe)) == recipe


def test_all_faults_are_listed_with_file_line_and_column():
    text = """\
version: 1
name: x
seed: 1
seed: 3
objects:
  - builtin: suzane
  - modle: a.glb
  - models: [a, b]
    licence: CC0
render:
  sise: 3
  samples: 12:30
  lights: {spot: {}}
  views: {turntable: {elevation: {unifrom: [3, 1]}}}
  camera: {focal_length: {uniform: [90, 50]}}
composite: {split: {by: objekt}, outputs: [imag]}
train: {splits: {b: {by: [vew]}}}
"""
    faults = faults_of(text)
    places = [":".join(fault.split(":")[1:3]) for fault in faults]
    assert places == [
        "4:1", "6:14", "7:5", "9:5", "11:3", "12:12", "13:11", "14:34", "15:36", "16:25", "16:44", "17:27",
    ]  # fmt: skip
    joined = "\n".join(faults)
    for hint in ("did you mean suzanne?", "did you mean license?", "did you mean object?", "did you mean image?"):
        assert hint in joined


def test_a_key_that_is_only_close_to_the_right_one_names_it():
    assert "did you mean samples?" in faults_of(GOOD + "render: {sampels: 3}\n")[0]


@pytest.mark.parametrize("value", ["no", "off", "yes", "12:30", "0x10", "1_000", "'64'", "1.5", "true"])
def test_words_and_numbers_of_yaml_1_1_are_not_taken_for_integers(value):
    assert "render.samples" in faults_of(GOOD + f"render: {{samples: {value}}}\n")[0]


def test_a_word_that_was_a_truth_value_once_is_explained():
    assert "`no` is a word here" in faults_of(GOOD + "render: {samples: no}\n")[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [("010", 10), ("1e-4", 1e-4), ("-.5", -0.5), ("no", "no"), ("12:30", "12:30"), ("~", None), ("true", True)],
)
def test_scalars_mean_what_yaml_1_2_says(text, value):
    assert scalar(text) == value
    assert type(scalar(text)) is type(value)


@given(st.integers(-(10**9), 10**9))
def test_every_integer_reads_back(number):
    assert scalar(str(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_reads_back(number):
    assert scalar(repr(number)) == number


def test_an_alias_bomb_is_refused():
    bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
    for letter, before in zip("bcdefgh", "abcdefg", strict=True):
        bomb += f"{letter}: &{letter} [{','.join(['*' + before] * 10)}]\n"
    assert any("too many values" in fault for fault in faults_of(bomb))


def test_an_alias_that_holds_itself_is_refused():
    assert any("too many values" in fault for fault in faults_of("a: &a [*a]\n"))


@pytest.mark.parametrize("text", ["", "3", "[1, 2]", "a: [", "\t", "!!python/object:os.system {}", "a: b: c"])
def test_what_is_no_mapping_gives_a_fault_and_no_traceback(text):
    assert faults_of(text)


def test_nothing_in_a_recipe_is_run():
    with pytest.raises(RecipeError):
        parse_recipe(GOOD + "seed: !!python/object/apply:os.getpid []\n")


def test_an_override_replaces_a_value():
    recipe = parse_recipe(GOOD, overrides=["render.samples=3", "objects.0.count=2", "composite.placement.flip=0.5"])
    assert (recipe.render.samples, recipe.objects[0].count, recipe.composite.placement.flip) == (3, 2, 0.5)


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("render.sampels=3", "did you mean samples?"),
        ("render.samples=lots", "'lots'"),
        ("render.samples", "key=value"),
        ("objects.4.count=1", "has 1 entries"),
        ("name.x=1", "holds no further keys"),
    ],
)
def test_a_faulty_override_is_named(override, words):
    (fault,) = faults_of(GOOD, override)
    assert fault.startswith(f"--set {override}")
    assert words in fault


@pytest.mark.parametrize("kind", [dict, Recipe.model_validate])
def test_a_dictionary_and_a_checked_recipe_do_as_well_as_a_file(kind):
    given = kind({"name": "trial", "objects": [{"builtin": "suzanne"}]})
    assert load_recipe(given) == parse_recipe(GOOD)
    assert load_recipe(given, ["render.samples=3"]) == parse_recipe(GOOD, overrides=["render.samples=3"])
    assert load_recipe(given) == parse_recipe(GOOD), "an override must not change what was given"


def test_a_dictionary_may_hold_paths_and_tuples():
    recipe = load_recipe({"name": "a", "objects": ({"models": Path("toys")},), "render": {"resolution": (64, 32)}})
    assert (recipe.objects[0].models, recipe.render.resolution) == ("toys", [64, 32])


def test_faults_of_a_dictionary_name_the_key_and_no_line():
    with pytest.raises(RecipeError) as caught:
        load_recipe({"objects": [{"builtin": "suzane"}], "render": {"sampels": 3}})
    first, second, third = sorted(str(caught.value).splitlines())
    assert first == "recipe: name: missing required key"
    assert second.startswith("recipe: objects.0.builtin: ")
    assert third == "recipe: render.sampels: unknown key; did you mean samples?"


def test_a_key_that_is_there_twice_names_the_line_of_the_first():
    assert faults_of(GOOD + "name: other\n") == ["recipe.yaml:5:1: name: duplicate key (first defined on line 2)"]


ONLY_FOLDERS = "name: a\ntrain: {data: [{folder: aim}], validation: [{folder: p3m}]}\n"


def test_a_recipe_that_trains_on_folders_alone_needs_no_objects():
    assert parse_recipe(ONLY_FOLDERS).stages == ("train",)
    assert parse_recipe(GOOD).stages == ("render", "composite", "train")
    cut_outs = "name: a\ncomposite: {foregrounds: [{folder: cutouts}]}\n"
    assert parse_recipe(cut_outs).stages == ("composite", "train")
    for also in ("data: [{folder: aim}, live]", "data: [{folder: aim}], validation: [dataset]"):
        assert "objects: nothing to render" in faults_of(f"name: a\ntrain: {{{also}}}\n")[0]


def test_a_missing_recipe_says_how_to_get_one(tmp_path):
    with pytest.raises(RecipeError, match="synthmat init"):
        load_recipe(tmp_path / "recipe.yaml")


def test_a_binary_file_is_no_recipe(tmp_path):
    (tmp_path / "recipe.yaml").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(RecipeError, match="cannot be read as a text"):
        load_recipe(tmp_path / "recipe.yaml")


def test_every_value_of_a_recipe_is_documented():
    def undocumented(model, seen):
        for name, info in model.model_fields.items():
            if not info.description:
                yield f"{model.__name__}.{name}"
        for child in (kind for kind in model.__subclasses__() if kind not in seen):
            seen.add(child)
            yield from undocumented(child, seen)

    assert not list(undocumented(Recipe.__base__, set()))


@pytest.mark.parametrize(
    "text",
    [
        "render: {resolution: 8}", "render: {resolution: [64]}", "render: {lights: []}",
        "render: {camera: {focal_length: 2}}", "render: {views: {turntable: {elevation: {uniform: [0, 100]}}}}",
        "composite: {split: {val: 0.6, test: 0.5}}", "composite: {placement: {scale: {log_uniform: [0, 1]}}}",
        "seed: -1", "name: ../x", "train: {epochs: 0}", "render: {exposure: .inf}", "version: 2",
    ],
)  # fmt: skip
def test_impossible_values_are_refused(text):
    key = text.partition(":")[0]
    lines = [line for line in GOOD.splitlines() if not line.startswith(f"{key}:")]
    assert faults_of("\n".join([*lines, text]))


OLD_NAMES = """
name: old
objects:
  - {group: [{builtin: vase}, {builtin: chair}], apart: 0.7}
render:
  lights: {as_photo: {photos: backgrounds}}
  looks: {degree: 0.3}
  camera: {cut_off: {probability: 0.5, share: 0.2}}
composite: {backgrounds: photos, only: ["vase*"], stack: {probability: 1, apart: 0.4}}
train: {accumulate: 2, rates: {encoder: 0.1}, early_stopping: {watch: mad}}
experiments: {narrow: {composite.only: [chair], train.accumulate: 4}}
"""
NEW_NAMES = {
    "apart: ": "spacing: ",
    "as_photo: ": "match_photo: ",
    "degree: ": "randomness: ",
    "cut_off: ": "truncation: ",
    "share: ": "fraction: ",
    "only: ": "train_objects: ",
    "accumulate: ": "gradient_accumulation: ",
    "rates: ": "lr_multipliers: ",
    "watch: ": "monitor: ",
}


def test_former_names_of_keys_are_read_and_each_is_told_once():
    new = OLD_NAMES
    for old, name in NEW_NAMES.items():
        new = new.replace(old, name)
    with pytest.warns(FutureWarning) as told:
        recipe = parse_recipe(OLD_NAMES, "old.yaml")
    messages = {str(each.message) for each in told}
    assert messages == {
        f"old.yaml: {old[:-2]} is now called {name[:-2]}; the old name will go one day"
        for old, name in NEW_NAMES.items()
    }
    assert len(told) == len(messages)
    assert recipe.model_copy(update={"experiments": {}}) == parse_recipe(new).model_copy(update={"experiments": {}})
    assert recipe.experiment("narrow") == parse_recipe(new).experiment("narrow")
    assert recipe.experiment("narrow").composite.train_objects == ["chair"]


def test_an_override_reaches_a_key_by_either_name():
    text = "name: a\nobjects: [{builtin: vase}]\ncomposite: {only: [vase]}"
    with pytest.warns(FutureWarning):
        recipe = parse_recipe(text, overrides=["composite.train_objects=[chair]"])
    assert recipe.composite.train_objects == ["chair"]


def test_a_fault_under_a_former_name_is_found_where_it_stands():
    text = "name: a\nobjects: [{builtin: vase}]\ntrain:\n  accumulate: 0"
    with pytest.raises(RecipeError, match=r"a\.yaml:4:15: train\.accumulate: .*not 0"):
        parse_recipe(text, "a.yaml")


def test_a_key_and_its_former_name_contradict_each_other():
    with pytest.raises(RecipeError, match="accumulate is the former name of gradient_accumulation; give one of them"):
        parse_recipe("name: a\nobjects: [{builtin: vase}]\ntrain: {accumulate: 2, gradient_accumulation: 3}")
