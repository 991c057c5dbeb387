"""The soak in a short form: memory and descriptors stay as they are, and it would be seen if they did not."""

from __future__ import annotations

import importlib.util
import mmap
import sys

import pytest
from support.repository import REPOSITORY

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(scope="module")
def soak():
    specification = importlib.util.spec_from_file_location("soak", REPOSITORY / "tools/soak.py")
    module = importlib.util.module_from_spec(specification)
    sys.modules["soak"] = module
    specification.loader.exec_module(module)
    yield module
    del sys.modules["soak"]


@pytest.mark.once
@pytest.mark.parametrize(("what", "count"), [("frames", 100), ("samples", 500), ("predictions", 40)])
def test_nothing_grows(soak, tmp_path, what, count):
    if what == "predictions":
        pytest.importorskip("onnxruntime")
    grown = getattr(soak, what)(tmp_path, count)
    assert not grown.is_fault, grown


def test_what_grows_is_seen(soak, tmp_path):
    kept: list[object] = []

    def leaking():
        for number in range(40):
            memory = mmap.mmap(-1, 2**22)  # not from what the process has freed before
            memory.write(b"x" * 2**22)
            kept.append(memory)
            yield number

    def opening():
        for number in range(40):
            kept.append((tmp_path / str(number)).open("w"))
            yield number

    assert soak.watched(leaking()).megabytes > soak.MOST_MB
    grown = soak.watched(opening())
    for each in kept[40:]:
        each.close()
    assert grown.is_fault
    assert grown.descriptors >= 19
