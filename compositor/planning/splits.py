"""Which object, view and photo belongs to training, validation or test.

Each is drawn by itself, from a hash of its name, so that a new object or photo moves none of the others: what a network
was trained on does not become its test when the recipe grows. The sizes of the splits are therefore near the shares,
and not equal to them; only where there are so few that a split would stay empty does one depend on the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from synthmat.errors import RecipeError
from synthmat.random_streams import uniform
from synthmat.recipe.composite import Split
from synthmat.storage.output_folder import SPLITS

Frame = tuple[str, str]
"""Object and view."""


@dataclass(frozen=True)
class Division:
    """A way of dividing samples.

    ``frames`` gives the split of each (object, view), or is empty if each sample is drawn by itself; ``photos`` gives
    the photos of each split; ``rule`` is the rule that was applied in the end, ``notes`` what the user has to know.
    """

    rule: str
    frames: dict[Frame, str]
    photos: dict[str, list[str]]
    notes: list[str]


def divide(
    shares: Split,
    seed: int,
    views: Mapping[str, list[str]],
    forced: Mapping[str, str],
    photos: list[str],
    identities: Mapping[str, str] | None = None,
    forced_photos: Mapping[str, str] | None = None,
    scenes: Mapping[str, str] | None = None,
) -> Division:
    """Divide objects, views and photos; objects of one identity, and photos of one scene, stay together.

    Args:
        shares: The recipe's rule and shares.
        seed: The recipe's seed.
        views: The views of each object, in the order of the turntable.
        forced: Objects whose split the recipe says.
        photos: Names of the photos.
        identities: What each object is a variant of; an object that is not named is a thing of its own.
        forced_photos: Photos whose split the recipe says.
        scenes: What each photo shows; one that is not named is a scene of its own.
    """
    everywhere: dict[str, list[str]] = dict.fromkeys(SPLITS, photos)
    if shares.by == "none":
        all_frames = {(name, view): forced.get(name, "train") for name, its in views.items() for view in its}
        return Division(
            "none", all_frames, everywhere, ["split.by is none: every sample without a forced split is train"]
        )
    if shares.by == "sample":
        note = (
            "split.by is sample: every object and photo of val and test is in train too, so their scores say little "
            "about new objects"
        )
        return Division("sample", {}, everywhere, [note])
    rule, frames, notes = _divided_frames(shares, seed, views, forced, identities or {})
    present = set(frames.values())
    notes += [f"too few views: {name} has no sample" for name in wanted_splits(shares) if name not in present]
    scene = {name: (scenes or {}).get(name, name) for name in photos}
    things_seen = dict.fromkeys(scene.values())
    if len(things_seen) < len(present):
        what = "photo" if len(things_seen) == len(photos) else "scene"
        notes.append(
            f"{_count(len(things_seen), what)} cannot be divided among {', '.join(sorted(present))}; all splits share "
            "them, so add photos for an honest figure"
        )
        return Division(rule, frames, everywhere, notes)
    forced_scenes = {scene[name]: split for name, split in (forced_photos or {}).items() if name in scene}
    of_scene = assign(things_seen, shares, seed, "photo", present, forced_scenes)
    pools = {name: [photo for photo in photos if of_scene[scene[photo]] == name] for name in SPLITS}
    for name in sorted(present):
        if not pools[name]:
            raise RecipeError(f"composite.backgrounds: no photo is left for {name}; keep fewer of them for one split")
    return Division(rule, frames, pools, notes)


def _divided_frames(
    shares: Split, seed: int, views: Mapping[str, list[str]], forced: Mapping[str, str], identities: Mapping[str, str]
) -> tuple[str, dict[Frame, str], list[str]]:
    """Return the rule that could be kept, the split of each frame, and what is to be told of it."""
    wanted = wanted_splits(shares)
    if shares.by == "view":
        return "view", _blocks(shares, views, forced, wanted), []
    identity = {name: identities.get(name, name) for name in views}
    things = dict.fromkeys(identity.values())
    forced_things = {identity[name]: split for name, split in forced.items() if name in identity}
    objects = assign(things, shares, seed, "object", wanted, forced_things)
    if all(name in objects.values() for name in wanted):
        return "object", {(name, view): objects[identity[name]] for name, its in views.items() for view in its}, []
    note = (
        f"{_count(len(things), 'object')} cannot fill {', '.join(wanted)} without sharing; views are split "
        "instead, in blocks of neighboring angles. Every model is seen in training, so scores on val and "
        "test flatter the network; add objects for an honest figure"
    )
    return "view", _blocks(shares, views, forced, wanted), [note]


def wanted_splits(shares: Split) -> list[str]:
    """Return the splits that the recipe asks for: train, and those with a share above 0."""
    return ["train", *(name for name in ("val", "test") if getattr(shares, name) > 0)]


def assign(
    names: Iterable[str],
    shares: Split,
    seed: int,
    kind: str,
    wanted: Collection[str],
    forced: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Give each name the split that it is forced into, or else the one that its own draw and the shares say.

    A split in ``wanted`` that would stay empty borrows the name whose draw is nearest to it: train from any other, then
    test, then val from one that has several. The name goes back once the split has one of its own.
    """
    names = list(names)
    result = {name: (forced or {})[name] for name in names if name in (forced or {})}
    draws = {name: uniform(seed, "split", kind, name) for name in names if name not in result}
    test = shares.test if "test" in wanted else 0.0
    val = test + (shares.val if "val" in wanted else 0.0)
    result |= {name: "test" if at < test else "val" if at < val else "train" for name, at in draws.items()}
    sizes = Counter(result.values())
    middles = {"train": 1.0, "test": 0.0, "val": (test + val) / 2}
    for split in ("train", "test", "val"):
        spare = [name for name in draws if split == "train" or sizes[result[name]] > 1 or result[name] not in wanted]
        if split in wanted and not sizes[split] and spare:
            nearest = min(spare, key=lambda name: abs(draws[name] - middles[split]))
            sizes[result[nearest]] -= 1
            sizes[split] += 1
            result[nearest] = split
    return result


def deal(names: Iterable[str], shares: Split, seed: int, kind: str) -> dict[str, str]:
    """Give each name a split in exact numbers, round(share * n), as the split by sample of 2018 did.

    A further name moves up to two of the others, which share everything with the other splits all the same.
    """
    order = sorted(names, key=lambda name: uniform(seed, "split", kind, name))
    counts = _counts(len(order), shares, wanted_splits(shares))
    test, val = (counts.get(split, 0) for split in ("test", "val"))
    splits = ["test"] * test + ["val"] * val
    return dict(zip(order, splits + ["train"] * (len(order) - len(splits)), strict=False))


def _counts(total: int, shares: Split, wanted: Collection[str]) -> dict[str, int]:
    """Return the sizes of test and val for ``total`` names such that something is left for train."""
    counts = {split: max(1, round(getattr(shares, split) * total)) for split in ("test", "val") if split in wanted}
    while sum(counts.values()) >= total and max(counts.values(), default=0) > 1:
        counts[max(counts, key=lambda split: counts[split])] -= 1
    return counts


def _blocks(
    shares: Split, views: Mapping[str, list[str]], forced: Mapping[str, str], wanted: list[str]
) -> dict[Frame, str]:
    """Split the views of each object in contiguous blocks: at random, every test view would have a twin in train."""
    frames: dict[Frame, str] = {}
    for name, its in views.items():
        splits = ["train"] * len(its)
        if name in forced:
            splits = [forced[name]] * len(its)
        elif len(its) >= len(wanted):
            counts = _counts(len(its), shares, wanted)
            for split in ("test", "val"):
                count = counts.get(split, 0)
                end = splits.index("test") if split == "val" and "test" in splits else len(splits)
                splits[end - count : end] = [split] * count
        frames.update({(name, view): split for view, split in zip(its, splits, strict=True)})
    return frames


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
