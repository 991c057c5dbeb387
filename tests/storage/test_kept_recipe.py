"""The recipe beside an output is that of the run that made it."""

from __future__ import annotations

import pytest

import synthmat
from synthmat.errors import OutputError
from synthmat.stage import RunOptions
from synthmat.storage.run_lock import run_lock


def test_a_run_that_is_refused_leaves_the_recipe_of_the_output_as_it_was(tmp_path):
    recipe, out = tmp_path / "recipe.yaml", tmp_path / "out"
    recipe.write_text("name: x\nobjects: [{builtin: vase}]\nrender: {resolution: 16}\n")
    out.mkdir()
    kept = out / "recipe.yaml"
    kept.write_text("of an earlier run")
    with run_lock(out / "renders"), pytest.raises(OutputError, match="another synthmat run"):
        synthmat.render(recipe, out=out, options=RunOptions(quiet=True))
    with pytest.raises(OutputError, match="no rendered frames"):
        synthmat.composite(recipe, out=out)
    with pytest.raises(OutputError, match="no data set"):
        synthmat.train(recipe, out=out)
    assert kept.read_text() == "of an earlier run"
