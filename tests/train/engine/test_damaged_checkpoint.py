"""Checkpoints and recipes of any content: used if whole, else one of our own errors; never a wrong network."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.matting_checkpoint import write_checkpoint

from synthmat.errors import OutputError, RecipeError, SynthmatError
from synthmat.networks.shipped import shipped_network
from synthmat.recipe import parse_recipe
from synthmat.train.engine.checkpoint import load_checkpoint, load_model
from synthmat.train.predict.predictor import open_predictor

VALUES = st.sampled_from([None, 0, -1, 10**30, 1.5, "", "x", b"x", [], [1], {}, {"a": 1}, torch.zeros(2), True])
KEYS = ["format", "config", "model", "epoch", "checksum", "optimizer", "history", "average", "other"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("checkpoint") / "best.pt"
    write_checkpoint(path)
    return path


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1), flip=st.integers(1, 255), cut=st.booleans())
@example(place=0.0, flip=1, cut=True)
def test_a_flipped_byte_or_a_cut_is_refused_or_changes_no_weight(whole, tmp_path, place, flip, cut):
    data = bytearray(whole.read_bytes())
    at = min(len(data) - 1, int(place * len(data)))
    if cut:
        del data[at:]
    else:
        data[at] ^= flip
    damaged = tmp_path / "damaged.pt"
    damaged.write_bytes(bytes(data))
    found, told = None, "damaged.pt"
    try:
        found, _ = load_model(damaged)
    except SynthmatError as error:
        told = str(error)
    assert "damaged.pt" in told
    if found is None:
        return
    expected, _ = load_model(whole)
    for one, other in zip(found.state_dict().values(), expected.state_dict().values(), strict=True):
        assert torch.equal(one, other)


def test_a_damaged_checkpoint_is_never_taken_for_weights_that_others_have_published(whole, tmp_path):
    state = torch.load(whole, weights_only=True)
    for tensor in state["model"].values():
        tensor.add_(1)
    torch.save(state, tmp_path / "rotten.pt")
    with pytest.raises(OutputError, match=r"rotten\.pt: cannot be used as a checkpoint: it is damaged: its checksum"):
        load_model(tmp_path / "rotten.pt")


def test_a_checkpoint_that_is_cut_off_is_told_so_in_few_words(whole, tmp_path):
    (tmp_path / "short.pt").write_bytes(whole.read_bytes()[:1000])
    with pytest.raises(OutputError) as told:
        load_model(tmp_path / "short.pt")
    remedy = "name another file, or put a copy back"
    assert str(told.value) == f"{tmp_path}/short.pt: cannot be used as a checkpoint: it is cut off or damaged; {remedy}"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.dictionaries(st.sampled_from(KEYS), VALUES, min_size=1, max_size=3))
@example(changes={"model": {}})
@example(changes={"average": torch.zeros(2)})
@example(changes={"config": "[]"})
@example(changes={"config": '{"model": 5, "width": {}, "options": [], "size": "x"}'})
def test_a_checkpoint_that_holds_other_things(whole, tmp_path, changes):
    state = torch.load(whole, weights_only=True) | changes
    state.pop("checksum", None)
    odd = tmp_path / "odd.pt"
    torch.save(state, odd)
    for load in (load_checkpoint, load_model, lambda path: open_predictor(str(path))):
        with contextlib.suppress(SynthmatError):
            load(odd)


@pytest.mark.once
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1), flip=st.integers(1, 255), cut=st.booleans())
def test_an_exported_network_that_is_damaged(tmp_path, place, flip, cut):
    pytest.importorskip("onnxruntime")
    data = bytearray(shipped_network().read_bytes())
    at = min(len(data) - 1, int(place * len(data)))
    if cut:
        del data[at:]
    else:
        data[at] ^= flip
    (tmp_path / "damaged.onnx").write_bytes(bytes(data))
    image = np.zeros((40, 40, 3), np.uint8)
    with contextlib.suppress(SynthmatError, ValueError):
        open_predictor(str(tmp_path / "damaged.onnx"))({"image": image})


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**40), 10**40), st.floats(), st.text(max_size=8), st.dates()
)
NESTED = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
SECTIONS = ("objects", "render", "composite", "train", "experiments", "seed", "name", "version")


@settings(max_examples=100, deadline=None)
@given(section=st.sampled_from(SECTIONS), value=NESTED)
@example(section="objects", value=[{"builtin": "vase", "count": 10**400}])
@example(section="train", value={"options": {"width": float("nan")}})
def test_a_recipe_of_any_values(section, value):
    import yaml

    recipe = {"version": 1, "name": "x", "objects": [{"builtin": "vase"}]} | {section: value}
    with contextlib.suppress(RecipeError):
        parse_recipe(yaml.safe_dump(recipe, allow_unicode=True))


@settings(max_examples=100, deadline=None)
@given(text=st.text(st.characters(codec="utf-8"), max_size=60) | st.text("{}[]:-&*!|>%@`'\"#,\n x?", max_size=40))
@example(text="&a [*a, *a]")
@example(text="!!python/object/apply:os.system [x]")
@example(text="? [1]\n: 2")
@example(text="x: 0x" + "f" * 5000)
@example(text="x: 1" + "_" * 500 + "2:30")
def test_a_recipe_of_any_text(text):
    with contextlib.suppress(RecipeError):
        parse_recipe(text)
