"""Where the camera is in each frame of an object, and how it looks at it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from synthmat.errors import RecipeError
from synthmat.random_streams import stream
from synthmat.recipe import Number, Recipe, draw
from synthmat.recipe.camera import Framing, Slide, SlideMovement
from synthmat.recipe.views import Random, RandomViews, Sphere, SphereViews, Turntable, TurntableViews, Zone
from synthmat.render_job import Asset, CameraMotion, CutOff, Defocus, View

Stream = Callable[[str], np.random.Generator]
"""Gives the random stream of a named quantity, of one object or of one view of it."""

_GOLDEN_ANGLE = 180 * (3 - math.sqrt(5))
_MIN_ROOM = 0.02
_STILL = CameraMotion("still", 0.0)
"""The shutter is open for a camera that does not move. Opening it for some views of an object only makes Cycles, with
persistent data, render the others wrongly, or crash."""


def plan_views(recipe: Recipe, asset: Asset) -> tuple[View, ...]:
    """Return the views of one object; every draw comes from a stream named after the object, view and quantity.

    Raises:
        RecipeError: Margin, offset and blur together leave the object no room in the frame.
    """
    views = recipe.render.views

    def of_object(what: str) -> np.random.Generator:
        return stream(recipe.seed, "object", asset.name, what)

    def of_view(index: int) -> Stream:
        return lambda what: stream(recipe.seed, "object", asset.name, "view", index, what)

    match views:
        case TurntableViews():
            count, places = views.turntable.count, _turntable(views.turntable, of_object)
        case SphereViews():
            count, places = views.sphere.count, _sphere(views.sphere, of_object)
        case RandomViews():
            count, places = views.random.count, _random(views.random, of_view)
    # One for all views: Cycles with persistent data syncs the whole scene again for another seed, 80 ms a frame.
    sampling_seed = int(of_object("sampling").integers(2**31))
    digits = max(4, len(str(count - 1)))
    steady = isinstance(views, TurntableViews)
    return tuple(
        _view(
            recipe,
            f"{index:0{digits}d}",
            place,
            lens=of_object if steady else of_view(index),
            chances=of_view(index),
            seed=sampling_seed,
        )
        for index, place in enumerate(places)
    )


def zone_elevation(share: float, low: float, high: float) -> float:
    """Return the elevation, degrees, below which ``share`` (0 to 1) of the sphere between two elevations lies."""
    bottom, top = math.sin(math.radians(low)), math.sin(math.radians(high))
    height = bottom + share * (top - bottom)
    return min(max(math.degrees(math.asin(min(max(height, -1.0), 1.0))), low), high)


def _turntable(turntable: Turntable, of_object: Stream) -> Iterator[tuple[float, float]]:
    elevation = draw(turntable.elevation, of_object("elevation"), -89, 89)
    start = draw(turntable.start, of_object("start"), -3600, 3600)
    for index in range(turntable.count):
        yield (start + turntable.sweep * index / turntable.count) % 360, elevation


def _sphere(sphere: Sphere, of_object: Stream) -> Iterator[tuple[float, float]]:
    """Yield the points of a Fibonacci lattice: bands of equal area, each a golden angle on from the last."""
    start = draw(sphere.start, of_object("start"), -3600, 3600)
    low, high = sphere.elevation
    for index in range(sphere.count):
        yield (start + _GOLDEN_ANGLE * index) % 360, zone_elevation((index + 0.5) / sphere.count, low, high)


def _random(random: Random, of_view: Callable[[int], Stream]) -> Iterator[tuple[float, float]]:
    for index in range(random.count):
        azimuth = draw(random.azimuth, of_view(index)("azimuth"), -3600, 3600) % 360
        rng = of_view(index)("elevation")
        if isinstance(random.elevation, Zone):
            yield azimuth, zone_elevation(float(rng.random()), *random.elevation.zone)
        else:
            yield azimuth, draw(random.elevation, rng, -89, 89)


def _view(recipe: Recipe, name: str, place: tuple[float, float], *, lens: Stream, chances: Stream, seed: int) -> View:
    """Return one view: ``lens`` gives what may be one for a whole turntable, ``chances`` what each view draws."""
    camera = recipe.render.camera
    automatic = "orbit" if isinstance(recipe.render.views, TurntableViews) else "silhouette"

    def drawn(what: str, number: Number, low: float, high: float) -> float:
        # Ten thousand objects with many views are planned in seconds if plain numbers cost no stream.
        return float(number) if isinstance(number, int | float) else draw(number, lens(what), low, high)

    view = View(
        name=name,
        azimuth=place[0],
        elevation=place[1],
        focal_length=drawn("focal_length", camera.focal_length, 8, 400),
        seed=seed,
        fit=automatic if camera.fit == "auto" else camera.fit,
        framing=_framing(camera.framing, lens),
        fill=drawn("fill", camera.fill, 0.05, 1),
        roll=drawn("roll", camera.roll, -180, 180),
        offset_x=drawn("offset_x", camera.offset_x, -0.4, 0.4),
        offset_y=drawn("offset_y", camera.offset_y, -0.4, 0.4),
        cut_off=_cut_off(recipe, chances),
        defocus=_defocus(recipe, chances),
        motion=_motion(recipe, chances),
    )
    _check_room(recipe, view)
    return view


def _framing(framing: Framing | list[Framing], lens: Stream) -> str:
    if isinstance(framing, str):
        return framing
    return framing[int(lens("framing").integers(len(framing)))]


def _happens(probability: float, rng: np.random.Generator) -> bool:
    return bool(rng.random() < probability)


def _cut_off(recipe: Recipe, chances: Stream) -> CutOff | None:
    cut_off = recipe.render.camera.truncation
    if cut_off is None or not _happens(cut_off.probability, chances("cut_off")):
        return None
    side = cut_off.sides[int(chances("cut_off_side").integers(len(cut_off.sides)))]
    return CutOff(side=side, share=draw(cut_off.fraction, chances("cut_off_share"), 0.01, 0.9))


def _defocus(recipe: Recipe, chances: Stream) -> Defocus | None:
    depth = recipe.render.depth_of_field
    if depth is None or not _happens(depth.probability, chances("depth_of_field")):
        return None
    blur = draw(depth.blur, chances("blur"), 0, 0.1)
    return Defocus(blur=blur, focus=draw(depth.focus, chances("focus"), 0, 1)) if blur > 0 else None


def _motion(recipe: Recipe, chances: Stream) -> CameraMotion | None:
    blur = recipe.render.motion_blur
    if blur is None:
        return None
    if not _happens(blur.probability, chances("motion_blur")):
        return _STILL
    movements = blur.movement if isinstance(blur.movement, list) else [blur.movement]
    movement = movements[int(chances("movement").integers(len(movements)))]
    if isinstance(movement, SlideMovement):
        motion = _slide(movement.slide, chances)
    else:
        motion = CameraMotion("spin", draw(movement.spin.angle, chances("spin_angle"), 0, 45))
    return motion if motion.amount > 0 else _STILL


def _slide(slide: Slide, chances: Stream) -> CameraMotion:
    length = draw(slide.length, chances("slide_length"), 0, 0.4)
    return CameraMotion("slide", length, draw(slide.direction, chances("slide_direction"), -3600, 3600) % 360)


def _check_room(recipe: Recipe, view: View) -> None:
    """Refuse a view in which nothing is left of the frame for the object."""
    width, height = recipe.render.size
    blur = view.defocus.blur if view.defocus else 0.0
    smear = view.motion.amount if view.motion and view.motion.kind == "slide" else 0.0
    margin = recipe.render.camera.margin
    room_x = 0.5 - margin - abs(view.offset_x) - (blur + smear) / 2
    room_y = 0.5 - margin - abs(view.offset_y) - (blur + smear) / 2 * width / height
    if min(room_x, room_y) < _MIN_ROOM:
        raise RecipeError(
            f"render: a margin of {margin:g}, an offset of {view.offset_x:.2g}, {view.offset_y:.2g}, a blur of "
            f"{blur:.2g} and a smear of {smear:.2g} leave the object no room in a frame of "
            f"{width} x {height}; make some of margin, offset_x, offset_y, blur or length smaller"
        )
