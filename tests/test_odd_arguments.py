"""Arguments that nobody means: one clear line for each, and no traceback."""

from __future__ import annotations

import os
import sys

import pytest

from synthmat.cli import main

DIGITS = "9" * 5000


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["render", "--shard", "²/3"], "write it as I/N"),
        (["render", "--shard", f"1/{DIGITS}"], "write it as I/N"),
        (["render", "--shard", "0/3"], "write it as I/N"),
        (["render", "--dry-run", "--set", f"seed={DIGITS}"], "seed: Input should be a valid integer, not inf"),
        (["render", "--dry-run", "--set", f"objects.{DIGITS}=1"], "objects has 1 entries"),
        (["render", "--dry-run", "--set", "objects=[{models: ~nobody_at_all/x}]"], "no model at"),
        (["render", "--dry-run", "--set", 'objects=[{models: "a\\0b"}]'], "no model at"),
        (["composite", "--dry-run", "--set", "composite.foregrounds=[{folder: ~nobody_at_all/x}]"], "no such folder"),
        (["predict", "~nobody_at_all/x", "~nobody_at_all/y"], "no such checkpoint"),
        (["predict", "pipe.onnx", "a.png"], "pipe.onnx: is a pipe or a device"),
        (["export", "model", "pipe.pt"], "pipe.pt: is a pipe or a device"),
        (["adapt", "/dev/zero", "a.png"], "/dev/zero: is a pipe or a device"),
        (["serve", "pipe.onnx"], "pipe.onnx: is a pipe or a device"),
        (["export", "model", "shipped"], "is an exported network already; name the checkpoint of a training"),
        (["adapt", "other.onnx", "a.png"], "is an exported network already; name the checkpoint of a training"),
        (["serve", "=baseline:centre"], "=baseline:centre: write NAME=PLACE, or the place alone"),
        (["serve", "a="], "a=: write NAME=PLACE, or the place alone"),
        (["predict", "a.png", "--clean", "--clean-opening", "1e9"], "--clean-opening 1e+09: from 0 to 200"),
        (["predict", "a.png", "--clean-holes", "0.5"], "--clean-... say how --clean cleans up"),
    ],
)
def test_one_line_says_what_is_wrong(arguments, told, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recipe.yaml").write_text("name: x\nobjects: [{builtin: vase}]\n")
    (tmp_path / "a.png").write_bytes(b"")
    for name in ("pipe.pt", "pipe.onnx"):
        os.mkfifo(tmp_path / name)
    monkeypatch.setattr(sys, "argv", ["synthmat", *arguments])
    with pytest.raises(SystemExit) as leaving:
        main()
    assert leaving.value.code == 2
    assert told in capsys.readouterr().err
