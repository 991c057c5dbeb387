"""`synthmat predict` with its arguments the wrong way round: pictures first, the checkpoint after them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from synthmat.errors import AssetError
from synthmat.images.picture_formats import picture_suffixes
from synthmat.printable_names import expand_home

_WEIGHTS = (".ckpt", ".pt", ".pth")


def check_order(checkpoint: str, inputs: Sequence[Path]) -> None:
    """Find out whether a checkpoint stands among the inputs, and pictures where it belongs.

    Raises:
        AssetError: It does; the message has the command as it was meant.
    """
    meant = next((each for each in inputs if _is_checkpoint(each)), None)
    first = Path(expand_home(checkpoint))
    if meant is None or _is_checkpoint(first) or not (first.is_dir() or first.suffix.lower() in picture_suffixes()):
        return
    pictures = " ".join([checkpoint, *(str(each) for each in inputs if each != meant)])
    raise AssetError(
        f"{checkpoint} is no checkpoint, but {meant} is: the checkpoint comes first; meant is "
        f"synthmat predict {meant} {pictures}"
    )


def _is_checkpoint(path: Path) -> bool:
    if str(path).startswith("baseline:"):
        return True
    if path.is_dir():
        return any((path / name).is_file() for name in ("best.pt", "training/best.pt"))
    return path.suffix.lower() in _WEIGHTS
