"""Setting up: system libraries are checked by loading them, and installed under the names of the distribution."""

import importlib.util
import sys

import pytest
from support.repository import REPOSITORY

_TOOL = REPOSITORY / "tools" / "system_packages.py"


@pytest.fixture(scope="module")
def tool():
    specification = importlib.util.spec_from_file_location("system_packages", _TOOL)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture
def apt_with(tmp_path, monkeypatch):
    """Return a function that lets ``apt-cache`` list the given packages, as another release does."""

    def pretend(*packages: str) -> None:
        (tmp_path / "apt-cache").write_text("#!/bin/sh\nprintf '%s\\n' " + " ".join(packages) + "\n")
        (tmp_path / "apt-cache").chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    return pretend


def test_this_machine_lacks_nothing(tool):
    assert tool.missing() == []


def test_a_library_that_is_not_there_is_missing(tool, monkeypatch):
    monkeypatch.setitem(tool._BLENDER_LIBRARIES, "libabsent.so.9", ("libabsent9", "absent"))
    assert tool.missing() == (["libabsent.so.9"] if sys.platform == "linux" else [])


@pytest.mark.parametrize(
    ("listed", "name"),
    [
        (["libmagickwand-dev", "libmagickwand-6.q16-6", "libmagickwand-6.q16hdri-6"], "libmagickwand-6.q16-6"),
        (["libmagickwand-7.q16-10", "libmagickwand-7.q16-dev"], "libmagickwand-7.q16-10"),
        (["libmagickwand-6.q16-7t64", "libmagickwand-6.q16-dev"], "libmagickwand-6.q16-7t64"),
        (["libmagickwand-dev"], "libmagickwand-dev"),
    ],
)
def test_apt_installs_image_magick_under_the_name_of_the_release(tool, apt_with, listed, name):
    apt_with(*listed)
    command = tool.install_command(["libXi.so.6", tool._MAGICK_WAND], "apt-get", ["sudo", "-n"])
    assert command == ["sudo", "-n", "apt-get", "install", "-y", "--no-install-recommends", "libxi6", name]


def test_dnf_and_brew_install_under_their_own_names(tool):
    lacking = ["libXi.so.6", tool._MAGICK_WAND]
    assert tool.install_command(lacking, "dnf", []) == ["dnf", "install", "-y", "libXi", "ImageMagick-libs"]
    assert tool.install_command([tool._MAGICK_WAND], "brew", ["sudo"]) == ["brew", "install", "imagemagick"]
