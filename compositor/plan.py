"""From a recipe and the rendered frames to sample jobs in which every draw is already a number."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from synthmat.compositor.splits import assign, divide, wanted_splits
from synthmat.errors import OutputError
from synthmat.layout import SPLITS, Layout
from synthmat.manifest import read_rows
from synthmat.photos import Photo, list_photos
from synthmat.random_streams import stream
from synthmat.recipe import Recipe, bounds, draw
from synthmat.recipe.composite import LARGEST_ZOOM
from synthmat.records import SampleJob, SampleSettings


@dataclass(frozen=True)
class Render:
    """A rendered frame as the render manifest describes it; ``license`` and ``source`` are empty if not known.

    ``identity`` is what the object is a variant of, the object's own name where it is none.
    """

    object: str
    identity: str
    view: str
    path: str
    sha256: str
    license: str = ""
    source: str = ""
    split: str | None = None


@dataclass(frozen=True)
class Plan:
    """All samples of a recipe, sorted by id, and what they are made of."""

    jobs: tuple[SampleJob, ...]
    settings: SampleSettings
    renders: tuple[Render, ...]
    photos: tuple[Photo, ...]
    rule: str
    notes: tuple[str, ...]


def plan_samples(recipe: Recipe, base: Path, layout: Layout) -> Plan:
    """Plan every sample of a recipe.

    Every draw comes from a stream named after the object, the view and the sample's number, so a new object, or a
    higher ``per_view``, changes no draw of the samples that were there (which photos a split has can change).

    Raises:
        OutputError: There is no rendered frame.
        RecipeError: The recipe's photos are not there.
    """
    renders = read_renders(layout)
    wishes = recipe.composite
    photos, notes = list_photos(wishes.backgrounds, base, wishes.max_backgrounds)
    views: dict[str, list[str]] = defaultdict(list)
    for render in renders:
        views[render.object].append(render.view)
    forced = {render.object: render.split for render in renders if render.split in SPLITS}
    identities = {render.object: render.identity for render in renders}
    division = divide(wishes.split, recipe.seed, views, forced, [photo.name for photo in photos], identities)
    by_name = {photo.name: photo for photo in photos}
    pools = {part: [by_name[name] for name in names] for part, names in division.photos.items()}
    number = {photo.name: index for index, photo in enumerate(photos)}
    jobs = []
    for render in renders:
        part = division.frames.get((render.object, render.view), "train")
        pool = pools[part]
        if wishes.pairing == "all":
            chosen = [(number[photo.name], photo) for photo in pool]
        else:
            rng = stream(recipe.seed, "composite", render.object, render.view, "photos")
            chosen = list(enumerate(_drawn(pool, wishes.per_view, rng)))
        jobs += [_job(recipe, render, photo, part, index) for index, photo in chosen]
    if division.rule == "sample":
        drawn = assign([job.id for job in jobs], wishes.split, recipe.seed, "sample", wanted_splits(wishes.split))
        jobs = [replace(job, split=forced.get(job.object, drawn[job.id])) for job in jobs]
    jobs.sort(key=lambda job: job.id)
    return Plan(
        tuple(jobs), _settings(recipe), tuple(renders), tuple(photos), division.rule, tuple(notes + division.notes)
    )


def read_renders(layout: Layout) -> list[Render]:
    """Return the frames of the render manifest, sorted by object and view.

    Raises:
        OutputError: There are none.
    """
    renders = {}
    for row in read_rows(layout.render_manifest):
        name, view, model = row["object"], row["view"], row.get("model") or {}
        file = f"{name}/{view}.png"
        if file not in row["files"]:
            continue
        renders[name, view] = Render(
            object=name,
            identity=model.get("identity") or name,
            view=view,
            path=str(layout.renders / file),
            sha256=row["files"][file],
            license=model.get("license") or "",
            source=model.get("source") or "",
            split=model.get("split"),
        )
    if not renders:
        raise OutputError(f"{layout.render_manifest}: no rendered frames there; run `synthmat render` first")
    return [renders[frame] for frame in sorted(renders)]


def _settings(recipe: Recipe) -> SampleSettings:
    wishes = recipe.composite
    return SampleSettings(
        size=wishes.size,
        outputs=tuple(sorted(set(wishes.outputs))),
        image_format=wishes.image_format,
        jpeg_quality=wishes.jpeg_quality if wishes.image_format == "jpg" else 0,
        png_level=wishes.png_level,
        bit_depth=wishes.bit_depth,
        photo_size=round(wishes.size * min(bounds(wishes.photo.zoom)[1], LARGEST_ZOOM)),
    )


def _drawn(pool: list[Photo], count: int, rng: np.random.Generator) -> Iterator[Photo]:
    """Yield ``count`` photos, each once before any comes again; the first ones do not depend on ``count``."""
    swapped: dict[int, int] = {}
    for taken in range(count):
        place = taken % len(pool)
        if place == 0:
            swapped.clear()
        other = int(rng.integers(place, len(pool)))
        yield pool[swapped.get(other, other)]
        swapped[other] = swapped.get(place, place)


def _job(recipe: Recipe, render: Render, photo: Photo, part: str, number: int) -> SampleJob:
    wishes = recipe.composite
    rng = stream(recipe.seed, "composite", render.object, render.view, number)
    # One after another in this order: a distribution takes its numbers from the same stream.
    scale = draw(wishes.placement.scale, rng, 0.01, 20)
    x = draw(wishes.placement.x, rng, -10, 10)
    y = draw(wishes.placement.y, rng, -10, 10)
    flip, crop_x, crop_y, photo_flip = rng.random(4)
    photo_zoom = draw(wishes.photo.zoom, rng, 1, LARGEST_ZOOM)
    photo_blur = draw(wishes.photo.blur, rng, 0, 0.2)
    return SampleJob(
        id=f"{safe_id(render.object)}_{safe_id(render.view)}_{number:03d}",
        split=part,
        object=render.object,
        view=render.view,
        foreground=render.path,
        foreground_sha256=render.sha256,
        background=photo.path,
        background_name=photo.name,
        background_sha256=photo.sha256,
        scale=scale,
        x=x,
        y=y,
        flip=bool(flip < wishes.placement.flip),
        crop_x=float(crop_x),
        crop_y=float(crop_y),
        photo_zoom=photo_zoom,
        photo_flip=bool(photo_flip < wishes.photo.flip),
        photo_blur=photo_blur,
    )


def safe_id(name: str) -> str:
    """Return ``name`` without dots and signs, which tar-based formats split names at; a hash keeps it unique."""
    safe = re.sub(r"[^\w-]", "_", name)
    return safe if safe == name else f"{safe}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"
