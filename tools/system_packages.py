"""Make sure that what pip cannot install is there: install it, or print the command that does and exit with 2.

    python tools/system_packages.py

Blender's package loads X and GL libraries even when it draws on no screen; Wand loads ImageMagick's; and Debian ships
Python without what makes virtual environments. The system's package manager is called as root or through a sudo that
asks no password. Standard library only: this runs before anything is installed.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

# What `ldd` names for both of Blender's wheels, beyond the C and C++ run time: file, Debian's and Fedora's package.
_BLENDER_LIBRARIES = {
    "libX11.so.6": ("libx11-6", "libX11"),
    "libXrender.so.1": ("libxrender1", "libXrender"),
    "libXfixes.so.3": ("libxfixes3", "libXfixes"),
    "libXi.so.6": ("libxi6", "libXi"),
    "libxkbcommon.so.0": ("libxkbcommon0", "libxkbcommon"),
    "libSM.so.6": ("libsm6", "libSM"),
    "libICE.so.6": ("libice6", "libICE"),
    "libGL.so.1": ("libgl1", "libglvnd-glx"),
}
_MAGICK_WAND = "ImageMagick's library MagickWand"
_MAGICK_PACKAGES = {"dnf": "ImageMagick-libs", "brew": "imagemagick"}
_APT_MAGICK = re.compile(r"libmagickwand-\d+\.q16-\d+(t64)?")
_VENV = "Python's ensurepip"


def loads(library: str) -> bool:
    """Return whether the shared library can be loaded here."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_magick_wand() -> bool:
    """Return whether Wand will find ImageMagick: under MAGICK_HOME, or where the system keeps its libraries."""
    home = os.environ.get("MAGICK_HOME")
    if home and any(loads(str(path)) for path in Path(home, "lib").glob("libMagickWand*")):
        return True
    kinds = [f"MagickWand{release}{depth}" for release in ("-7", "-6") for depth in (".Q16HDRI", ".Q16", ".Q8")]
    found = (ctypes.util.find_library(name) for name in [*kinds, "MagickWand"])
    return any(name is not None and loads(name) for name in found)


def missing() -> list[str]:
    """Return what is not there: library files and the two names above."""
    lacking = [] if importlib.util.find_spec("ensurepip") else [_VENV]
    if sys.platform == "linux":
        lacking += [library for library in _BLENDER_LIBRARIES if not loads(library)]
    return lacking if has_magick_wand() else [*lacking, _MAGICK_WAND]


def package(lacking: str, manager: str) -> str:
    """Return the name under which a package manager (apt-get, dnf or brew) has what is lacking."""
    if lacking == _VENV:
        return f"python{sys.version_info[0]}.{sys.version_info[1]}" + ("-venv" if manager == "apt-get" else "")
    if lacking == _MAGICK_WAND:
        return _apt_magick_wand() if manager == "apt-get" else _MAGICK_PACKAGES[manager]
    debian, fedora = _BLENDER_LIBRARIES[lacking]
    return debian if manager == "apt-get" else fedora


def _apt_magick_wand() -> str:
    """Return the run-time package's name, which changes with the release: libmagickwand-6.q16-6 on Debian 12."""
    listed = subprocess.run(["apt-cache", "pkgnames", "libmagickwand-"], stdout=subprocess.PIPE, text=True, check=False)
    names = sorted(filter(_APT_MAGICK.fullmatch, listed.stdout.split()))
    return names[-1] if names else "libmagickwand-dev"


def install_command(lacking: list[str], manager: str, as_root: list[str]) -> list[str]:
    """Return the command that installs what is lacking; ``as_root`` is what stands before it, such as ``sudo``."""
    packages = [package(name, manager) for name in lacking]
    if manager == "brew":
        return ["brew", "install", *packages]
    lean = ["--no-install-recommends"] if manager == "apt-get" else []
    return [*as_root, manager, "install", "-y", *lean, *packages]


def root_prefix(manager: str) -> list[str] | None:
    """Return what to put before a command to run it with the rights it needs; None where that takes a password."""
    if os.geteuid() == 0 or manager == "brew":
        return []
    asked = shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], stderr=subprocess.DEVNULL, check=False)
    return ["sudo", "-n"] if asked and asked.returncode == 0 else None


def main() -> int:
    """Check, install, check again; return the exit code."""
    lacking = missing()
    if not lacking:
        return 0
    print(f"missing on this machine: {', '.join(lacking)}", file=sys.stderr)
    manager = next((name for name in ("apt-get", "dnf", "brew") if shutil.which(name)), None)
    if manager is None:
        print("install them with this system's package manager, then run make again", file=sys.stderr)
        return 2
    prefix = root_prefix(manager)
    if prefix is not None:
        if manager == "apt-get":
            subprocess.run([*prefix, "apt-get", "update", "-qq"], check=False)
        command = install_command(lacking, manager, prefix)
        print(shlex.join(command), file=sys.stderr)
        subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        importlib.invalidate_caches()
        lacking = missing()
        if not lacking:
            return 0
        print(f"still missing: {', '.join(lacking)}", file=sys.stderr)
    refresh = "sudo apt-get update && " if manager == "apt-get" else ""
    by_hand = shlex.join(install_command(lacking, manager, ["sudo"]))
    print(f"install by hand, then run make again:\n  {refresh}{by_hand}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
