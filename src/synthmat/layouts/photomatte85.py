"""PhotoMatte85: a folder of RGBA cut-outs, all for testing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from synthmat.layouts.item import Item
from synthmat.layouts.rgba import has_cut_outs, read_cut_outs


def detect(root: Path) -> int:
    """Return 3 for a folder of RGBA pictures that is called photomatte."""
    return 3 * ("photomatte" in root.name.lower() and has_cut_outs(root))


def read(root: Path) -> list[Item]:
    """Read the cut-outs: straight color and alpha in one file.

    Raises:
        AssetError: There are no pictures.
    """
    return [replace(item, split="test") for item in read_cut_outs(root, "photomatte85")]
