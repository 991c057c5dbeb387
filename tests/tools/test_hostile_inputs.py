"""Each of the broken and hostile inputs ends as it has to: it works, or one line names it."""

from __future__ import annotations

import importlib.util
import sys

import pytest
from support.repository import REPOSITORY


def _module():
    specification = importlib.util.spec_from_file_location("hostile_inputs", REPOSITORY / "tools/hostile_inputs.py")
    module = importlib.util.module_from_spec(specification)
    sys.modules["hostile_inputs"] = module
    specification.loader.exec_module(module)
    return module


HOSTILE = _module()
CASES = [(group, case) for group, cases in HOSTILE.GROUPS.items() for case in cases]
_NEEDS = {".pt": "torch", ".onnx": "onnxruntime"}


@pytest.mark.parametrize(("group", "case"), CASES, ids=[f"{group}-{case.name[:20]}" for group, case in CASES])
def test_it_ends_as_it_has_to(group, case, tmp_path):
    for suffix, package in _NEEDS.items():
        if case.name.endswith(suffix):
            pytest.importorskip(package)
    (tmp_path / "plain.png").write_bytes(HOSTILE.picture())
    case.make(tmp_path / case.name)
    before = {path.name for path in tmp_path.iterdir()}
    found = HOSTILE.outcome(group, tmp_path / case.name)
    assert case.outcome in found if case.outcome else not found
    assert "\n\n" not in found
    assert {path.name for path in tmp_path.iterdir()} <= {*before, "out"}
