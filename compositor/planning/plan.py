"""From a recipe, foregrounds and photos to sample jobs in which every draw is already a number.

A plan of a hundred thousand samples is a short entry for each; the job itself, with all of its draws, is made when it
is asked for, and is the same whenever that is.
"""

from __future__ import annotations

import fnmatch
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from synthmat.compositor.planning.draws import Companions, sample_job
from synthmat.compositor.planning.entries import Entries, Entry
from synthmat.compositor.planning.foregrounds import ForegroundCandidate, allowed_by, list_foregrounds
from synthmat.compositor.planning.photo_pool import PhotoPool
from synthmat.compositor.planning.splits import deal, divide
from synthmat.errors import RecipeError
from synthmat.photos import Photo, list_photos
from synthmat.random_streams import stream
from synthmat.recipe import Recipe, bounds
from synthmat.recipe.composite import LARGEST_ZOOM
from synthmat.sample_job import SampleJob, SampleSettings
from synthmat.storage.output_folder import SPLITS, OutputFolder


@dataclass(frozen=True)
class Plan:
    """All samples of a recipe, sorted by id, and what they are made of; ``pools`` are the photos of each split."""

    recipe: Recipe
    entries: Entries
    settings: SampleSettings
    candidates: tuple[ForegroundCandidate, ...]
    photos: tuple[Photo, ...]
    pools: dict[str, PhotoPool]
    companions: Companions
    rule: str
    notes: tuple[str, ...]

    def job(self, entry: Entry) -> SampleJob:
        """Return the job of a sample; every draw comes from streams named after its object, view and number."""
        return sample_job(
            self.recipe,
            entry.id,
            entry.split,
            entry.number,
            self.candidates[entry.candidate],
            self.photos[entry.photo],
            self.companions,
        )

    def matching_photo(self, entry: Entry) -> int | None:
        """Return the photo that a sample's light fits; None if there is none, or pairing is `all`."""
        if self.recipe.composite.pairing == "all":
            return None
        return self.pools[entry.split].matching_photo(self.candidates[entry.candidate].lit_as)

    @property
    def jobs(self) -> Iterator[SampleJob]:
        """Every job, in the order of the ids."""
        return map(self.job, self.entries)


def plan_samples(recipe: Recipe, base: Path, output: OutputFolder, *, remember: bool = True) -> Plan:
    """Plan every sample of a recipe; ``remember`` keeps checksums of the inputs beside the output.

    Every draw comes from a stream named after the object, the view and the sample's number, so a new object, or a
    higher ``per_view``, changes no draw of the samples that were there; a new object joins some of them as a neighbor.

    Raises:
        OutputError: There is no foreground.
        RecipeError: The recipe's photos or folders are not there, or none of them has an allowed license.
    """
    config = recipe.composite
    digests = digest_cache(output) if remember else None
    candidates, notes = list_foregrounds(recipe, base, output, digests)
    photos, remarks = list_photos(config.backgrounds, base, config.max_backgrounds, digests=digests)
    notes += remarks
    if config.licenses is not None:
        candidates = _allowed(candidates, "foregrounds", config.licenses, notes)
        photos = _allowed(photos, "photos", config.licenses, notes)
    views = _views(candidates)
    forced = {each.foreground.object: each.split for each in candidates if each.split in SPLITS}
    identities = {each.foreground.object: each.foreground.identity for each in candidates}
    division = divide(
        config.split,
        recipe.seed,
        views,
        forced,
        [photo.name for photo in photos],
        identities,
        {photo.name: photo.split for photo in photos if photo.split},
        {photo.name: photo.scene for photo in photos if photo.scene},
    )
    number = {photo.name: index for index, photo in enumerate(photos)}
    pools = {split: PhotoPool([number[name] for name in names], photos) for split, names in division.photos.items()}
    split_of = [division.frames.get((each.foreground.object, _unit(each)), "train") for each in candidates]
    if (kept := config.train_objects) is not None:
        chosen_frames = [
            (each, split)
            for each, split in zip(candidates, split_of, strict=True)
            if split != "train" or any(fnmatch.fnmatchcase(each.foreground.object, name) for name in kept)
        ]
        if not any(split == "train" for _, split in chosen_frames):
            raise RecipeError(f"composite.train_objects: no object of train is called {' or '.join(kept)}")
        candidates, split_of = [each for each, _ in chosen_frames], [split for _, split in chosen_frames]
    if config.pairing == "random":
        notes += _light_notes(candidates, [pools[split] for split in split_of])

    def samples(place: int) -> Iterator[tuple[int, str, int]]:
        split, candidate = split_of[place], candidates[place]
        for index, photo in _chosen(recipe, candidate, _unit(candidate), pools[split]):
            yield index, split, photo

    entries = Entries.planned(candidates, samples)
    if division.rule == "sample":
        entries = _by_sample(recipe, entries, candidates, forced)
    return Plan(
        recipe,
        entries,
        _settings(recipe),
        tuple(candidates),
        tuple(photos),
        pools,
        Companions.of(candidates, split_of, config, photos, pools),
        division.rule,
        tuple(notes + division.notes),
    )


def digest_cache(output: OutputFolder) -> Path:
    """Return the file that remembers the checksums of inputs."""
    return output.root / ".digests.jsonl"


_Licensed = TypeVar("_Licensed", ForegroundCandidate, Photo)


def _allowed(things: list[_Licensed], what: str, patterns: Sequence[str], notes: list[str]) -> list[_Licensed]:
    """Return what is under an allowed license, with a note on how much is not."""
    wanted = ", ".join(patterns)
    keep = [thing for thing in things if allowed_by(patterns, thing.license)]
    if not keep:
        raise RecipeError(f"composite.licenses: none of the {len(things)} {what} is under one of {wanted}")
    if len(keep) < len(things):
        notes.append(f"{len(things) - len(keep)} of {len(things)} {what} are left out: not under one of {wanted}")
    return keep


def _unit(candidate: ForegroundCandidate) -> str:
    """Return the view or clip that is never divided."""
    return candidate.clip or candidate.foreground.view


def _views(candidates: Sequence[ForegroundCandidate]) -> dict[str, list[str]]:
    """Return for each object its views and clips, in order."""
    views: dict[str, list[str]] = {}
    for name, its in itertools.groupby(candidates, key=lambda each: each.foreground.object):
        views[name] = list(dict.fromkeys(map(_unit, its)))
    return views


def _chosen(recipe: Recipe, candidate: ForegroundCandidate, unit: str, pool: PhotoPool) -> list[tuple[int, int]]:
    """Return the number and the photo of each sample of a foreground; the frames of a clip have the same.

    Unless it goes on every photo, a foreground whose light fits a photo of its split lies on that one alone.
    """
    config = recipe.composite
    if config.pairing == "all":
        return [(photo, photo) for photo in pool.numbers]
    rng = stream(recipe.seed, "composite", candidate.foreground.object, unit, "photos")
    count = config.per_view * candidate.weight
    whole = int(count)
    if count > whole:
        whole += bool(
            stream(recipe.seed, "composite", candidate.foreground.object, unit, "share").random() < count - whole
        )
    lit_as = pool.matching_photo(candidate.lit_as)
    return list(enumerate(pool.drawn(whole, rng) if lit_as is None else [lit_as] * whole))


def _light_notes(candidates: Sequence[ForegroundCandidate], pools: Sequence[PhotoPool]) -> list[str]:
    """Say how many foregrounds lie on the photo that their light fits, if any has such a light."""
    matched = [
        pool.matching_photo(each.lit_as) is not None
        for each, pool in zip(candidates, pools, strict=True)
        if each.lit_as
    ]
    if not matched:
        return []
    rest = "" if all(matched) else "; the others' photos are in another split or no backgrounds"
    return [f"the light of {len(matched)} foregrounds fits a photo, and {sum(matched)} of them lie on that photo{rest}"]


def _by_sample(
    recipe: Recipe, entries: Entries, candidates: Sequence[ForegroundCandidate], forced: dict[str, str]
) -> Entries:
    """Draw the split of each sample by itself; the frames of a clip are one sample."""

    def unit(entry: Entry) -> str:
        return entry.id.rpartition("_")[0] if candidates[entry.candidate].clip else entry.id

    drawn = deal(dict.fromkeys(map(unit, entries)), recipe.composite.split, recipe.seed, "sample")
    return entries.divided(lambda entry: forced.get(candidates[entry.candidate].foreground.object, drawn[unit(entry)]))


def _settings(recipe: Recipe) -> SampleSettings:
    config = recipe.composite
    # A turned square that lies in the photo is smaller than one that is not.
    turned = 1.0 if bounds(config.photo.rotate) == (0, 0) else math.sqrt(2)
    return SampleSettings(
        size=config.size,
        outputs=tuple(sorted(set(config.outputs))),
        image_format=config.image_format,
        jpeg_quality=config.jpeg_quality if config.image_format == "jpg" else 0,
        png_level=config.png_level,
        bit_depth=config.bit_depth,
        photo_size=round(config.size * min(bounds(config.photo.zoom)[1], LARGEST_ZOOM) * turned),
        blend=config.blend,
    )
