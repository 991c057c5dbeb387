"""The command ``synthmat adapt``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from synthmat.errors import AssetError, OutputError
from synthmat.images.picture_formats import passed_over, passed_over_note
from synthmat.storage.visible_files import visible_files
from synthmat.train.adapt.checkpoint import PASSES, WEIGHT, Adapted, adapt_checkpoint
from synthmat.train.adapt.photos import check_out, photos_in
from synthmat.train.engine.checkpoint import load_checkpoint, load_model
from synthmat.train.engine.device import pick_device
from synthmat.train.engine.setup import ADAPTED
from synthmat.train.predict.predictor import own_checkpoint_at


def adapt(
    checkpoint: Path,
    photos: Sequence[Path],
    out: Path | None = None,
    *,
    partners: Mapping[str, Path] | None = None,
    passes: int = PASSES,
    weight: float = WEIGHT,
    device: str = "auto",
) -> Adapted:
    """Take the statistics of a network's batch norms from photographs without mattes, and write a new checkpoint.

    Args:
        checkpoint: A checkpoint, or the folder of a training with one.
        photos: Files, and folders with all below them.
        out: The new checkpoint, ``adapted.pt`` beside the old one by default; an earlier adaptation is replaced.
        partners: Trimaps or captured backgrounds for networks that take them, by kind: a file or folder each.
        passes: How often each photograph is shown.
        weight: Of the photographs' statistics, from 0 to 1; the rest are those of the training.
        device: Where to compute.

    Raises:
        AssetError: Something named is not there, the network takes more than photographs or has no batch norm, or no
            photograph can be read.
        OutputError: The checkpoint cannot be used, or ``out`` is something else than an adapted checkpoint.
    """
    path = own_checkpoint_at(checkpoint)
    target = out or path.with_name(ADAPTED)
    check_out(target, path)
    if target.exists() and "adapted" not in load_checkpoint(target)["config"]:
        raise OutputError(f"{target}: there already, and no adapted checkpoint; choose another file with --out")
    given = dict(partners or {})
    inputs = load_model(path)[0].inputs
    for kind in inputs[1:]:
        if kind not in given:
            words = kind.replace("_", " ")
            raise AssetError(f"{path} is shown a {words} with every photograph: --{kind.replace('_', '-')}")
    found, notes = photos_in(photos, target, {kind: given[kind] for kind in inputs[1:]})
    adapted = adapt_checkpoint(path, found, target, device=pick_device(device), passes=passes, weight=weight)
    passed = passed_over(file for folder in photos if folder.is_dir() for file in visible_files(folder))
    if passed:
        notes.append(passed_over_note(", ".join(str(folder) for folder in photos if folder.is_dir()), passed))
    adapted.notes[:0] = notes
    return adapted
