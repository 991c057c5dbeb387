"""ImageMagick through Wand: is it there, and the surroundings in which workers load it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from synthmat.errors import MissingDependencyError

_INSTALL_IMAGEMAGICK = (
    "compositing needs ImageMagick's library, which Wand did not find. Install it with\n"
    "  apt-get install libmagickwand-6.q16-6   (Debian, Ubuntu; on newer releases libmagickwand-7.q16-10)\n"
    "  dnf install ImageMagick-libs            (Fedora)\n"
    "  brew install imagemagick                (macOS)\n"
    "or, if it lies in an unusual place, set MAGICK_HOME to its folder"
)


def check_wand() -> None:
    """Make sure that Wand is installed and finds ImageMagick.

    Raises:
        MissingDependencyError: One of them is missing; the message gives the command that installs it.
    """
    try:
        import wand
    except ImportError:
        raise MissingDependencyError("compositing needs Wand: pip install 'synthmat[composite]'") from None
    try:
        import wand.api  # noqa: F401 - loads the library
    except (ImportError, OSError, AttributeError):
        raise MissingDependencyError(_INSTALL_IMAGEMAGICK) from None


def worker_environment() -> dict[str, str]:
    """Return the variables that a worker needs before it loads ImageMagick: our own policy, one thread, the library.

    Wand asks the system, compiler included, for one name of the library after the other. After `check_wand` a worker
    is told which one was found.
    """
    return {
        "MAGICK_CONFIGURE_PATH": str(Path(__file__).parents[1] / "policy"),
        "MAGICK_THREAD_LIMIT": "1",
        "OMP_NUM_THREADS": "1",
        **_library_found(),
    }


def _library_found() -> dict[str, str]:
    """Return the variable that names the kind of library that this process has loaded, for example ``-6.Q16``."""
    loaded = getattr(sys.modules.get("wand.api"), "library", None)
    kind = re.search(r"MagickWand([\w.-]*?)\.(so|dylib)", getattr(loaded, "_name", None) or "")
    return {"WAND_MAGICK_LIBRARY_SUFFIX": kind[1]} if kind and kind[1] else {}
