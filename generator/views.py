"""Where the camera stands in each frame of an object."""

from __future__ import annotations

from synthmat.random_streams import stream
from synthmat.recipe import Number, Recipe, draw
from synthmat.records import Asset, View


def plan_views(recipe: Recipe, asset: Asset) -> tuple[View, ...]:
    """Return the views of one object; every draw comes from a stream named after the object and the quantity."""
    turntable = recipe.render.views.turntable

    def drawn(what: str, number: Number, low: float, high: float) -> float:
        return draw(number, stream(recipe.seed, "object", asset.name, what), low, high)

    elevation = drawn("elevation", turntable.elevation, -89, 89)
    start = drawn("start", turntable.start, -3600, 3600)
    focal_length = drawn("focal_length", recipe.render.camera.focal_length, 8, 400)
    # One for all views: Cycles with persistent data sends the whole scene anew for another seed, 80 ms a frame.
    sampling_seed = int(stream(recipe.seed, "object", asset.name, "sampling").integers(2**31))
    digits = max(4, len(str(turntable.count - 1)))
    return tuple(
        View(
            name=f"{index:0{digits}d}",
            azimuth=(start + turntable.sweep * index / turntable.count) % 360,
            elevation=elevation,
            focal_length=focal_length,
            seed=sampling_seed,
        )
        for index in range(turntable.count)
    )
