"""A run with nothing to do leaves the manifest alone; what the plan says otherwise of a frame brings it up to date."""

from __future__ import annotations

import json
import os

from support.executors import HereExecutor
from support.stub_frames import RECIPE, stub_frames

from synthmat import api


def render(out, objects):
    recipe = {key: value for key, value in RECIPE.items() if key != "composite"} | {"objects": objects}
    return api.render(recipe, out=out, workers=1, quiet=True, executor=HereExecutor(stub_frames))


def test_the_manifest_is_written_only_if_it_changes(tmp_path):
    manifest = tmp_path / "renders/manifest.jsonl"
    its = [{"builtin": "vase", "count": 2}]
    assert render(tmp_path, its).made > 0
    content = manifest.read_bytes()
    os.utime(manifest, (1, 1))
    again = render(tmp_path, its)
    assert (again.made, again.kept) == (0, len(content.splitlines()))
    assert manifest.stat().st_mtime == 1
    other = render(tmp_path, [its[0] | {"split": "test"}])
    assert (other.made, other.kept) == (0, again.kept)
    assert {json.loads(line)["model"]["split"] for line in manifest.read_bytes().splitlines()} == {"test"}
    render(tmp_path, its)
    assert manifest.read_bytes() == content
    manifest.write_bytes(b"".join(reversed(content.splitlines(keepends=True))))
    assert render(tmp_path, its).made == 0
    assert manifest.read_bytes() == content
