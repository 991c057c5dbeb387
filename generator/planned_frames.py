"""All frames of a plan, numbered, with their keys: 24 bytes for each of a million."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from pathlib import Path

from synthmat.model_files.texture_files import place_of, state_of
from synthmat.render_job import Asset, RenderJob
from synthmat.rows.row_types import FrameRow, MemberPart, ModelPart
from synthmat.storage.line_places import BlockNumbering

Frame = tuple[str, str]
"""Object and view."""

_KEY_BYTES = 16


def frame_of(row: FrameRow) -> Frame:
    """Return which frame a row is about."""
    return row["object"], row["view"]


class PlannedFrames:
    """The frames of render jobs, numbered by object and view, as the manifest has them.

    Keys are made when a frame of their object is first asked for, and kept.

    Args:
        jobs: The plan, or a part of it; no two have an object in common.
    """

    def __init__(self, jobs: Iterable[RenderJob]) -> None:
        self._jobs = sorted(jobs, key=lambda job: job.asset.name)
        self._blocks = {job.asset.name: number for number, job in enumerate(self._jobs)}
        self._numbers = BlockNumbering([len(job.views) for job in self._jobs])
        self._views = [_order(tuple(view.name for view in job.views)) for job in self._jobs]
        self._keys = bytearray(_KEY_BYTES * len(self))
        self._has_keys = bytearray(len(self._jobs))

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self._numbers)

    def number(self, name: Frame) -> int:
        """Return the number of a frame, -1 if it is not planned."""
        block = self._blocks.get(name[0], -1)
        place = self._views[block].places.get(name[1], -1) if block >= 0 else -1
        return -1 if place < 0 else self._numbers.firsts[block] + place

    def name(self, number: int) -> Frame:
        """Return the frame with a number."""
        block, place = self._numbers.block(number)
        return self._jobs[block].asset.name, self._views[block].names[place]

    def asset(self, row: FrameRow) -> Asset:
        """Return what a planned frame shows."""
        return self._jobs[self._blocks[row["object"]]].asset

    def has(self, row: FrameRow) -> bool:
        """Return whether a row's frame is planned just so, and its model still made of the same files."""
        number = self.number(frame_of(row))
        if number < 0 or self._key(row["object"], number) != row.get("key"):
            return False
        return "model" not in row or self._is_of_the_same(row["model"], self.asset(row))

    def _key(self, name: str, number: int) -> str:
        block = self._blocks[name]
        if not self._has_keys[block]:
            first, job = self._numbers.firsts[block], self._jobs[block]
            for view, key in zip(job.views, job.view_keys(), strict=True):
                start = _KEY_BYTES * (first + self._views[block].places[view.name])
                self._keys[start : start + _KEY_BYTES] = bytes.fromhex(key)
            self._has_keys[block] = 1
        return self._keys[_KEY_BYTES * number : _KEY_BYTES * (number + 1)].hex()

    def _is_of_the_same(self, model: ModelPart, asset: Asset) -> bool:
        return all(
            self._state(str(its.path), name) == known
            for part, its in _parts(model, asset)
            for name, known in part.get("linked", {}).items()
        )

    @functools.cached_property
    def _state(self) -> functools._lru_cache_wrapper[str]:
        """Tells the state of a file that a model refers to; each is looked at once."""
        return functools.cache(lambda model, name: state_of(place_of(name, Path(model))))


def _parts(model: ModelPart, asset: Asset) -> Iterator[tuple[MemberPart, Asset]]:
    yield model, asset
    for part, member in zip(model.get("members", ()), asset.members, strict=False):
        yield part, member.asset


class _Views:
    """The places of an object's views in the order of their names."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = sorted(names)
        self.places = {name: place for place, name in enumerate(self.names)}


@functools.lru_cache(maxsize=1024)
def _order(names: tuple[str, ...]) -> _Views:
    """Return the order of an object's views; objects with views of the same names share it."""
    return _Views(names)
