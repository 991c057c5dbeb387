"""The end of a training: what its network makes of real photographs that it was not trained on."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from synthmat.errors import SynthmatError
from synthmat.photos import list_photos, photos_with_a_subject
from synthmat.recipe import Recipe
from synthmat.storage.atomic import atomic_path
from synthmat.storage.output_folder import SPLITS, OutputFolder
from synthmat.storage.summary_file import read_summary
from synthmat.train.adapt.pseudo_labels import learned_names
from synthmat.train.data.dataset import read_samples
from synthmat.train.engine.setup import ADAPTED, BEST, PHOTOGRAPHS, TrainingSetup
from synthmat.train.predict.photograph_sheet import photograph_sheet
from synthmat.train.predict.predictor import open_predictor


def show_photographs(setup: TrainingSetup, recipe: Recipe, base: Path, output: OutputFolder) -> list[str]:
    """Draw ``photographs.png`` in the folder of a finished training; return notes for people.

    Shown are the photographs with a subject that scikit-image and scikit-learn carry, without those that are
    backgrounds of the recipe or the data set, or whose pseudo-labels were learned. Nothing is drawn where none is left,
    or where the network needs more than an image.

    Args:
        setup: The training, finished or interrupted by a limit.
        recipe: The recipe.
        base: The folder at which its relative paths start.
        output: Where its data set lies.
    """
    target = setup.folder / PHOTOGRAPHS
    best = next(path for name in (ADAPTED, BEST) if (path := setup.folder / name).exists())
    if target.exists() and target.stat().st_mtime_ns > best.stat().st_mtime_ns:
        return []
    photos = photos_with_a_subject()
    seen = {sample.background for split in SPLITS for sample in read_samples(output, split)}
    with suppress(SynthmatError):  # a data set is trained on also where its photos are not
        seen |= {photo.name for photo in list_photos(recipe.composite.backgrounds, base)[0]}
    backgrounds = sum(name in seen for name in photos)
    seen |= learned_names(setup.folder)
    unseen = [path for name, path in photos.items() if name not in seen]
    predictor = open_predictor(str(best))
    if not unseen or predictor.inputs:
        target.unlink(missing_ok=True)
        return []
    sheet = photograph_sheet(predictor, unseen)
    with atomic_path(target) as temporary:
        sheet.save(temporary)
    rest = f"; left out as backgrounds of the data set: {backgrounds}" if backgrounds else ""
    if learned := len(photos) - len(unseen) - backgrounds:
        rest += f"; left out since their pseudo-labels were learned: {learned}"
    summary = read_summary(setup.folder / "summary.json")
    names = summary.get("adapted", {}).get("names") if summary else None
    statistics = set(names) if isinstance(names, list) else set()
    if adapted_to := sum(name in statistics for name in photos if name not in seen):
        rest += f"; statistics of {adapted_to} of them, without mattes, are in its batch norms (train.unlabelled)"
    return [f"{target}: what {best.name} makes of {len(unseen)} real photographs that it was not trained on{rest}"]
