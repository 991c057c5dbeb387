"""What every layout is read as: one picture, or one cut-out, and the files that belong to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

AlphaFrom = Literal["gray", "alpha_channel"]


@dataclass(frozen=True)
class MaskLevels:
    """What the levels of a mask mean that is no matte; the indices of a palette are its levels.

    ``opaque`` and all above it is alpha 1, with 0 the largest level of the file's depth; ``ignore`` is alpha 0, with
    -1 no level is.
    """

    opaque: float = 0.0
    ignore: int = -1


@dataclass(frozen=True)
class Item:
    """One sample of a data set of any layout; what it lacks is None.

    ``image`` is the composite or photograph; ``fg`` the straight color (in cut-outs without ``image``, the same file
    as ``alpha``). ``alpha_from`` says where the matte is in the file ``alpha``. ``split`` is ``train``, ``val``,
    ``test`` or empty where the layout has none. Items of one ``group`` must not be divided between splits: it names
    the foreground, the portrait or the clip. In a sequence ``clip`` names it and ``frame`` is the number in it.
    ``mask`` says what the levels of ``alpha`` mean where they are not alpha.
    """

    id: str
    split: str = ""
    group: str = ""
    image: Path | None = None
    alpha: Path | None = None
    fg: Path | None = None
    bg: Path | None = None
    captured_bg: Path | None = None
    trimap: Path | None = None
    alpha_from: AlphaFrom = "gray"
    clip: str = ""
    frame: int = 0
    mask: MaskLevels | None = None
