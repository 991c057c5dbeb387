"""The arguments of `synthmat predict`: a checkpoint that may be left out, and pictures, in this order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from synthmat.errors import AssetError
from synthmat.images.clip_formats import is_clip
from synthmat.images.picture_formats import picture_suffixes
from synthmat.networks.shipped import SHIPPED
from synthmat.printable_names import expand_home
from synthmat.train.baselines import baseline_names

_WEIGHTS = (".ckpt", ".onnx", ".pt", ".pth", ".safetensors")


def named_checkpoint(arguments: Sequence[str]) -> tuple[str, list[Path]]:
    """Return the checkpoint and the pictures among the arguments of the command.

    The checkpoint is `SHIPPED` where the first argument is a picture, a folder without a checkpoint, or the only one
    and no checkpoint.

    Raises:
        AssetError: A checkpoint stands among the pictures, or no picture is named.
    """
    first, rest = arguments[0], [Path(expand_home(each)) for each in arguments[1:]]
    check_order(first, rest)
    if _is_checkpoint(Path(expand_home(first))) or first == SHIPPED or first in baseline_names():
        if not rest:
            raise AssetError(f"no picture is named; meant is synthmat predict {first} PHOTO...")
        return first, rest
    if rest and not _holds_pictures(Path(expand_home(first))):
        return first, rest
    return SHIPPED, [Path(expand_home(first)), *rest]


def check_order(checkpoint: str, inputs: Sequence[Path]) -> None:
    """Find out whether a checkpoint stands among the inputs, and pictures where it belongs.

    Raises:
        AssetError: It does; the message has the command as it was meant.
    """
    meant = next((each for each in inputs if _is_checkpoint(each)), None)
    first = Path(expand_home(checkpoint))
    if meant is None or _is_checkpoint(first) or not _holds_pictures(first):
        return
    pictures = " ".join([checkpoint, *(str(each) for each in inputs if each != meant)])
    raise AssetError(
        f"{checkpoint} is no checkpoint, but {meant} is: the checkpoint comes first; meant is "
        f"synthmat predict {meant} {pictures}"
    )


def _holds_pictures(path: Path) -> bool:
    return path.is_dir() or path.suffix.lower() in picture_suffixes() or is_clip(path)


def _is_checkpoint(path: Path) -> bool:
    if str(path).startswith("baseline:"):
        return True
    if path.is_dir():
        return any((path / name).is_file() for name in ("best.pt", "training/best.pt")) or any(path.rglob("best.pt"))
    return path.suffix.lower() in _WEIGHTS
