"""Samples composited while a network trains: no two epochs show the same picture.

The recipe's ``composite`` section says how, as for the data set on disk, and the algebra is the same; only the size is
the network's, where that sees whole samples. All photos of the split are drawn, by their weights, except for
foregrounds whose light fits one of them. Foregrounds, photos and shadows are kept in memory, as many as fit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from synthmat.byte_cache import LRUCache
from synthmat.compositor.card.licenses import NOT_GIVEN
from synthmat.compositor.imaging.compose import compose
from synthmat.compositor.imaging.foreground_image import KEPT, ForegroundImage, ForegroundImageCache
from synthmat.compositor.imaging.photo_decoding import load_photo
from synthmat.compositor.planning.plan import Plan, plan_samples
from synthmat.compositor.realism.contact_shadow import load_shadow
from synthmat.errors import AssetError, OutputError
from synthmat.images.alpha import Float, UInt8, over_uint8
from synthmat.random_streams import stream
from synthmat.recipe import Recipe
from synthmat.render_job import content_key
from synthmat.sample_job import Backdrop, Foreground, SampleJob
from synthmat.storage.output_folder import OutputFolder

_MAX_BYTES = 2**30
_MAX_SHADOW_BYTES = 2**29
_MAX_TRIES = 20
# Numbers of samples on disk count from 0; those of an epoch begin far above, so that none of them is the same.
_EPOCH = 1_000_000


class LiveSamples:
    """A `synthmat.sample_source.SampleSource` that composites one sample for each that the data set would have.

    Args:
        recipe: The checked recipe.
        base: The folder at which its relative paths start.
        output: Where the renders lie.
        split: ``train``, ``val`` or ``test``.
        size: Edge of the pictures, pixels.
        kinds: What to make besides image and alpha.
    """

    def __init__(
        self, recipe: Recipe, base: Path, output: OutputFolder, split: str, size: int, kinds: Iterable[str] = ()
    ) -> None:
        wanted = [kind for kind in dict.fromkeys(["image", "alpha", *kinds]) if kind != "shadow"]
        section = recipe.composite.model_copy(update={"size": size, "outputs": wanted, "bit_depth": 16})
        self._plan: Plan = plan_samples(recipe.model_copy(update={"composite": section}), base, output)
        self._entries = self._plan.entries.where(lambda entry: entry.split == split)
        if not self._entries:
            raise OutputError(f"{output.renders}: no foreground belongs to {split}; see composite.split")
        self._pool = self._plan.pools[split]
        self._output = output
        self._megapixels = recipe.composite.max_photo_megapixels
        self._foregrounds = ForegroundImageCache(_MAX_BYTES)
        self._photos: LRUCache[str, UInt8] = LRUCache(_MAX_BYTES, _size)
        self._shadows: LRUCache[Foreground, Float] = LRUCache(_MAX_SHADOW_BYTES, _size)
        self.name = f"live {split}"
        contents = [
            [
                (each.foreground.object, each.foreground.view, each.foreground.sha256, each.lit_as)
                for each in self._plan.candidates
            ],
            [(photo.sha256, photo.weight) for photo in (self._plan.photos[number] for number in self._pool.numbers)],
            section.model_dump(mode="json", exclude={"sample_timeout", "start_timeout"}),
        ]
        self.digest = content_key("live", split, recipe.seed, contents)
        given = [self._plan.candidates[number].license for number in {entry.candidate for entry in self._entries}]
        given += [self._plan.photos[number].license for number in self._pool.numbers]
        self.licenses = Counter(each or NOT_GIVEN for each in given)

    def __len__(self) -> int:
        """Return the number of samples in an epoch: as many as the split has on disk."""
        return len(self._entries)

    def label(self, index: int) -> str:
        """Return the id of the sample on disk whose foreground it shows."""
        return self._entries[index].id

    def pictures(self, index: int, epoch: int) -> dict[str, NDArray[Any]]:
        """Return a sample's pictures by kind; see `SampleSource`. Draws that leave nothing to see are drawn again.

        Raises:
            AssetError: A foreground or photo cannot be read, or 20 draws in turn show nothing.
        """
        for attempt in range(_MAX_TRIES):
            job = self._job(index, epoch, attempt)
            made = compose(
                job, self._plan.settings, self._photo(job.backdrop), self._foreground, self._shadow, self._photo, _mix
            )
            if made is not None:
                return made.by_kind
        first = job.layers[0].foreground
        raise AssetError(f"{first.path}: {_MAX_TRIES} draws show nothing of it; narrow composite.placement")

    def _job(self, index: int, epoch: int, attempt: int) -> SampleJob:
        entry = self._entries[index]
        number = _EPOCH * (1 + epoch) + 1000 * entry.number + attempt
        photo = self._plan.matching_photo(entry)
        if photo is None:
            (photo,) = self._pool.drawn(1, stream(self._plan.recipe.seed, "live", entry.id, epoch, "photo"))
        return self._plan.job(entry._replace(number=number, photo=photo))

    def _photo(self, backdrop: Backdrop) -> UInt8:
        size = self._plan.settings.photo_size
        return self._photos.get(
            backdrop.path,
            lambda: load_photo(Path(backdrop.path), size, self._megapixels, sha256=backdrop.sha256),
        )

    def _foreground(self, foreground: Foreground) -> ForegroundImage:
        kept = self._output.dataset / KEPT
        return self._foregrounds.load(foreground, self._plan.settings.size, kept, self._megapixels)

    def _shadow(self, foreground: Foreground) -> Float:
        return self._shadows.get(foreground, lambda: load_shadow(Path(foreground.passes), foreground.passes_sha256))


def _mix(foreground: UInt8, alpha: NDArray[Any], background: UInt8, blend: str) -> tuple[NDArray[Any], UInt8]:
    """Do ImageMagick's part in NumPy: equal to one level, and quicker for a few pixels on many threads."""
    return alpha, over_uint8(foreground[None], alpha[None], background[None], blend)[0]


def _size(pixels: NDArray[Any]) -> int:
    return pixels.nbytes


def live_samples(recipe: Recipe, base: Path, output: OutputFolder) -> Any:
    """Return what makes `LiveSamples` of a split, at a size, with more kinds of pictures."""
    return partial(LiveSamples, recipe, base, output)
