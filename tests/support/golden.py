"""Values that may change only together with a version constant: ``tests/golden`` has a file for each version."""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np
from support.repository import REPOSITORY

FOLDER = REPOSITORY / "tests" / "golden"


def golden(kind: str, constant: str, version: int, found: Any, variant: str = "") -> Any:
    """Return the value that was stored for this version.

    Args:
        kind: Beginning of the file's name.
        constant: Name of the version constant.
        version: Its value.
        found: What this code makes, of JSON's types; stored if nothing is and SYNTHMAT_NEW_GOLDEN is set.
        variant: Key in the file, such as ``Blender 4.5``, where its version decides the value.

    Raises:
        AssertionError: Nothing is stored for this version; the message says what to store and where.
    """
    path = FOLDER / f"{kind}_{version}.json"
    stored = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if variant not in stored and os.environ.get("SYNTHMAT_NEW_GOLDEN"):
        stored[variant] = found
        path.write_text(json.dumps(stored, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    assert variant in stored, (
        f"{constant} is {version} and tests/golden/{path.name} has no value {variant and f'of {variant} '}for it. If "
        f"the new output is what the change is meant to make, run this test with SYNTHMAT_NEW_GOLDEN=1, commit that "
        f"file and delete that of the version before"
    )
    return stored[variant]


def changed(constant: str, version: int) -> str:
    """Return what a test says when the output is another and the version constant is as it was."""
    return (
        f"the output changed and {constant} is still {version}: files of earlier runs would be kept as if they were of "
        f"this code. Raise {constant}, or restore the output"
    )


def pixels_to_text(pixels: np.ndarray[Any, Any]) -> list[str]:
    """Return 8-bit pixels (H, W, C) as a line of hexadecimal digits for each row."""
    return [row.tobytes().hex() for row in np.ascontiguousarray(pixels)]


def text_to_pixels(lines: list[str], channels: int) -> np.ndarray[Any, Any]:
    """Return what `pixels_to_text` was given."""
    rows = [np.frombuffer(bytes.fromhex(line), np.uint8).reshape(-1, channels) for line in lines]
    return np.stack(rows)
