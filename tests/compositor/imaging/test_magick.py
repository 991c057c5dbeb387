"""ImageMagick's mask and composite against plain arithmetic, and what its policy forbids."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wand import api

from synthmat.compositor.imaging.magick import extract_and_over
from synthmat.compositor.imaging.wand_setup import check_wand, worker_environment
from synthmat.errors import MissingDependencyError
from synthmat.images.alpha import over_uint8


def _pixels(seed: int, count: int, dtype: type) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    top = np.iinfo(dtype).max
    alpha = rng.integers(0, top, count, endpoint=True).astype(dtype)
    alpha[rng.random(count) < 0.2] = 0
    alpha[rng.random(count) < 0.2] = top
    color = rng.integers(0, 256, (2, count, 3), dtype=np.uint8)
    return color[0], alpha, color[1]


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(1, 1500),
    st.sampled_from([np.uint8, np.uint16]),
    st.sampled_from(["srgb", "linear"]),
)
def test_imagemagick_agrees_with_numpy_to_one_level(seed, count, dtype, blend):
    foreground, alpha, background = _pixels(seed, count, dtype)
    mask, image = extract_and_over(foreground, alpha, background, blend)
    assert mask.dtype == dtype
    assert np.array_equal(mask, alpha)
    exact = over_uint8(foreground[None], alpha[None], background[None], blend)[0]
    assert np.abs(image.astype(int) - exact).max() <= 1
    assert np.array_equal(image[alpha == 0], background[alpha == 0])
    assert np.array_equal(image[alpha == np.iinfo(dtype).max], foreground[alpha == np.iinfo(dtype).max])


def test_the_policy_of_workers_forbids_names_programs_and_other_formats():
    script = """
import numpy as np
from wand.image import Image
from wand.resource import limits
from synthmat.compositor.imaging.magick import extract_and_over
zero = np.zeros((3, 3), np.uint8)
assert (extract_and_over(zero, np.zeros(3, np.uint8), zero + 9)[1] == 9).all()
for name in ("text:/etc/hostname", "label:@/etc/hostname", "http://localhost/a.png", "xc:red", "gradient:"):
    try:
        with Image(filename=name) as image:
            print("READ", name, image.size)
    except Exception as error:
        print(type(error).__name__)
print(limits["thread"])
"""
    # A process of its own, since ImageMagick reads its policy once.
    answer = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | worker_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "READ" not in answer.stdout
    assert answer.stdout.count("PolicyError") >= 4
    assert answer.stdout.split()[-1] == "1"


def test_a_missing_library_is_named_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "wand.api", None)
    with pytest.raises(MissingDependencyError, match="apt-get install libmagickwand"):
        check_wand()
    monkeypatch.setitem(sys.modules, "wand", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'synthmat\[composite\]'"):
        check_wand()


def test_a_worker_is_told_which_library_was_found():
    check_wand()
    script = """
import ctypes.util, os, subprocess
names = []
asked = ctypes.util.find_library
ctypes.util.find_library = lambda name: names.append(name) or asked(name)
import wand.api
print(wand.api.library._name, len(names))
"""
    environment = os.environ | worker_environment()
    answer = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    name, asked = answer.stdout.split()
    assert name == api.library._name
    assert int(asked) <= 3, "once each for MagickCore, MagickWand and the C library, not once for each name"


def test_a_library_without_a_kind_in_its_name_leaves_workers_to_look_for_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "wand.api", SimpleNamespace(library=SimpleNamespace(_name="libMagickWand.so")))
    assert "WAND_MAGICK_LIBRARY_SUFFIX" not in worker_environment()
    monkeypatch.delitem(sys.modules, "wand.api")
    assert "WAND_MAGICK_LIBRARY_SUFFIX" not in worker_environment()
