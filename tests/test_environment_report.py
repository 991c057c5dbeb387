"""The doctor names what is there and, for all that is not, the command that gets it."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import subprocess
import sys
from typing import Any

import pytest

import synthmat
from synthmat.environment_report import _ask, _packages, _wanted, environment_report, imagemagick_command


@pytest.fixture(scope="module")
def report() -> tuple[str, bool]:
    return environment_report()


def test_this_environment_is_described(report: tuple[str, bool]) -> None:
    text, well = report
    assert platform.python_version() in text
    assert importlib.metadata.version("numpy") in text
    for name in ("Blender", "ImageMagick", "object vase", "network residual_unet", "free disk space", "device cpu"):
        assert name in text
    assert well is ("MISSING" not in text)


def test_the_python_command_can_be_called_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synthmat.environment_report._ask", lambda *_: (None, "x"))
    assert synthmat.doctor() == synthmat.doctor()


def test_nothing_heavy_is_imported_by_it() -> None:
    code = (
        "import sys, synthmat.environment_report as e; e._ask = lambda *a: (None, 'x'); e.environment_report(); "
        "print([m for m in ('torch', 'bpy', 'cv2', 'wand', 'matplotlib', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_is_missing_comes_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        if name in ("torch", "wand", "bpy"):
            raise importlib.metadata.PackageNotFoundError(name)
        return {"pillow": "9.5.0"}.get(name, "999")

    monkeypatch.setattr(importlib.metadata, "version", version)
    monkeypatch.setattr("synthmat.environment_report._ask", lambda *_: (None, "No module named it"))
    text, well = environment_report()
    assert not well
    for stage in ("render", "composite", "train"):
        assert f"pip install 'synthmat[{stage}]'" in text
    assert "9.5.0 is too old" in text
    assert "pip install -U 'pillow>=" in text


def test_a_library_that_wand_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synthmat.environment_report._ask", lambda *_: (None, "MagickWand shared library not found."))
    text, well = environment_report()
    assert not well
    assert imagemagick_command() in text


@pytest.mark.parametrize(
    ("system", "command"),
    [
        ({"ID": "debian", "VERSION_ID": "12"}, "apt-get install -y libmagickwand-6.q16-6"),
        ({"ID": "debian", "VERSION_ID": "13"}, "apt-get install -y libmagickwand-7.q16-10"),
        ({"ID": "debian"}, "apt-get install -y libmagickwand-7.q16-10"),
        ({"ID": "ubuntu", "ID_LIKE": "debian", "VERSION_ID": "24.04"}, "apt-get install -y libmagickwand-dev"),
        ({"ID": "rocky", "ID_LIKE": "rhel centos fedora"}, "dnf install ImageMagick-libs"),
    ],
)
def test_the_command_fits_the_system(monkeypatch: pytest.MonkeyPatch, system: dict[str, str], command: str) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: system)
    assert imagemagick_command() == command


def test_macos_has_brew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert imagemagick_command() == "brew install imagemagick"


def test_a_python_without_blender_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synthmat.environment_report._BLENDER_OF_PYTHON", {})
    monkeypatch.setattr("synthmat.environment_report._ask", lambda *_: (None, "x"))
    text, well = environment_report()
    assert not well
    assert "Python 3.11 (Blender 4.5) or 3.13 (Blender 5.2)" in " ".join(text.split())


def test_little_disk_space_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 1_000_000_000

    def usage(_path: Any) -> Usage:
        return Usage()

    monkeypatch.setattr("synthmat.environment_report._ask", lambda *_: ({"version": "1", "gpus": [], "mps": False}, ""))
    monkeypatch.setattr("shutil.disk_usage", usage)
    text, well = environment_report()
    assert not well
    assert "1 GB" in text


def test_requirements_are_read_as_pip_writes_them() -> None:
    here, other = f"{sys.version_info.major}.{sys.version_info.minor}", "3.99"
    assert _wanted("numpy>=1.26") == ("numpy", "1.26", "")
    assert _wanted('wand>=0.6.13; extra == "composite"') == ("wand", "0.6.13", "composite")
    assert _wanted(f'bpy<4.6,>=4.5; python_version == "{here}" and extra == "render"') == ("bpy", "4.5", "render")
    assert _wanted(f'bpy<4.6,>=4.5; python_version == "{other}" and extra == "render"') is None
    assert _wanted('ruff>=0.8; extra == "dev"') is None
    assert _wanted('synthmat[composite,render,train]; extra == "full"') is None
    assert {found.name for found in _packages()} >= {"numpy", "wand", "torch"}


def test_a_process_that_dies_or_talks_nonsense_gives_its_last_words() -> None:
    assert _ask("-c", "print('loading'); print('{\"version\": 1}')") == ({"version": 1}, "")
    assert _ask("-c", "raise ImportError('libX.so: no such file')") == (None, "ImportError: libX.so: no such file")
    assert _ask("-c", "import os; os._exit(139)") == (None, "it ended with exit code 139")
    assert _ask("-c", "print('{')")[0] is None


@pytest.mark.parametrize("columns", ["80", "120"])
def test_the_report_fits_its_columns(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr("synthmat.environment_report._ask", lambda *_: (None, "MagickWand shared library not found."))
    text, _ = environment_report()
    assert max(map(len, text.splitlines())) <= int(columns)
    named = [line for line in text.splitlines() if line.startswith(("  ok", "  MISSING"))]
    places = {re.match(r"  \S+ +(\S.*?\S)  +(?=\S)", line).end() for line in named}  # type: ignore[union-attr]
    assert len(places) == 1
