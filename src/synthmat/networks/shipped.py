"""Where the network that comes with synthmat lies, and its card."""

from __future__ import annotations

from pathlib import Path

SHIPPED = "shipped"
"""What it is called where a checkpoint can be named."""

_FILE = Path(__file__).with_name("photo_world.onnx")


def shipped_network() -> Path:
    """Return the ONNX file of the network that comes with synthmat; `synthmat predict` uses it where none is named."""
    return _FILE


def shipped_card() -> Path:
    """Return its card in Markdown: what it was trained on, what it reaches on photographs, where it fails."""
    return _FILE.with_suffix(".md")
