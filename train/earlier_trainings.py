"""Trainings of other settings: moved to ``training.<n>``, and found again when the settings are theirs once more."""

from __future__ import annotations

import contextlib
import warnings
from pathlib import Path

from synthmat.errors import OutputError, PassedOverWarning
from synthmat.storage.output_folder import OutputFolder
from synthmat.train.engine.checkpoint import load_checkpoint
from synthmat.train.engine.setup import BEST, FILES, LAST


def settle(output: OutputFolder, folder: Path, key: str) -> list[str]:
    """Bring a training's folder to a key: another training moves away, and one of this key comes back.

    Args:
        output: The output folder.
        folder: The training's folder, ``output.training`` or one below it.
        key: What the training is recognized by.

    Returns:
        What to tell the user: nothing where the folder is empty, or its training goes on.

    Raises:
        OutputError: The training that is there cannot be read, or its last checkpoint is gone.
    """
    there = _key_of(folder)
    if there == key:
        return []
    found = _find(output, folder, key)
    if there is None and found is None and (folder / BEST).exists():
        there = _key_of_best(folder, key)
    moved = _move_away(output, folder) if there is not None else None
    if found is None:
        return [] if moved is None else [
            f"the recipe or the data changed, so it restarts from scratch; the old training was moved to {moved}, and "
            "going back to its settings finds it again"
        ]  # fmt: skip
    _take_back(found, folder)
    kept = "" if moved is None else f"; the one of the other settings was moved to {moved}"
    return [f"these are the settings of an earlier training, which was found in {found} and goes on{kept}"]


def _find(output: OutputFolder, folder: Path, key: str) -> Path | None:
    """Return where a training with a key was moved to; one that cannot be read is passed over with a warning."""
    place = folder.relative_to(output.training)
    for number in sorted(_numbers(output)):
        aside = _numbered(output, number) / place
        try:
            if _key_of(aside) == key:
                return aside
        except OutputError as error:
            warnings.warn(f"an earlier training is passed over: {error}", PassedOverWarning, stacklevel=2)
    return None


def _move_away(output: OutputFolder, folder: Path) -> Path:
    place = folder.relative_to(output.training)
    number = 1
    while (aside := _numbered(output, number) / place).exists():
        number += 1
    _move(folder, aside)
    return aside


def _take_back(aside: Path, folder: Path) -> None:
    _move(aside, folder)
    for empty in (aside, *aside.parents):
        try:
            empty.rmdir()
        except OSError:  # Other trainings lie there.
            break


def _move(source: Path, target: Path) -> None:
    """Move all files of a training; its last checkpoint at the end, so that one which is cut short is found again."""
    target.mkdir(parents=True, exist_ok=True)
    for name in (*(name for name in FILES if name != LAST), LAST):
        if (source / name).exists():
            (source / name).rename(target / name)


def _key_of(folder: Path) -> str | None:
    """Return the key of the training in a folder, None if there is none; an empty one where it has no key."""
    if not (folder / LAST).exists():
        return None
    return str(load_checkpoint(folder / LAST)["config"].get("key", ""))


def _key_of_best(folder: Path, key: str) -> str | None:
    """Return the key of a training whose best checkpoint alone is left, None where a crash in its first epoch left it.

    Raises:
        OutputError: It is a training of ``key`` that was further: from the start is not where it goes on.
    """
    best = folder / BEST
    state = load_checkpoint(best)
    found, epoch = str(state["config"].get("key", "")), state.get("epoch")
    if found != key:
        return found
    if epoch != 1:
        raise OutputError(
            f"{folder / LAST}: it is gone, and {best} of epoch {epoch} is there; put a copy back, or move {folder} "
            f"away and go on from {BEST} (train.init); to train from the start, delete {folder}"
        )
    return None


def _numbered(output: OutputFolder, number: int) -> Path:
    return output.training.with_name(f"{output.training.name}.{number}")


def _numbers(output: OutputFolder) -> set[int]:
    """Return the numbers of the folders that trainings were moved to."""
    numbers = set()
    for path in output.root.glob(f"{output.training.name}.*"):
        with contextlib.suppress(ValueError):
            numbers.add(int(path.suffix[1:]))
    return numbers
