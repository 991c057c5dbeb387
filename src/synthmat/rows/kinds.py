"""The kinds of pictures that a sample consists of."""

from __future__ import annotations

from typing import Literal, get_args

Kind = Literal["image", "alpha", "fg", "bg", "captured_bg", "trimap", "shadow"]

KINDS: tuple[Kind, ...] = get_args(Kind)

FOLDERS: dict[Kind, str] = {kind: "images" if kind == "image" else kind for kind in KINDS}
"""The folder of each kind inside its split."""

PAIR: tuple[str, ...] = ("image", "alpha")
"""What every sample of a training has."""

PHOTOS: tuple[str, ...] = ("image", "bg", "captured_bg")
"""Kinds that may be stored as JPEG; the others are PNG."""

COLORS: tuple[str, ...] = ("image", "fg", "bg", "captured_bg")
"""Kinds of three channels; the others have one."""

EXTRA_COLORS: tuple[str, ...] = ("fg", "bg", "captured_bg")
"""Kinds of three channels beside the image."""

INPUTS: tuple[str, ...] = (*EXTRA_COLORS, "trimap")
"""Kinds that a network may be shown, or a loss may compare with, beside image and alpha."""
