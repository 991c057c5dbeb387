"""One piece of clothing as shops show it: on a dummy, on a hanger, or worn by nobody, the inside of its neck seen."""

from __future__ import annotations

import numpy as np

from synthmat.blender_scenes.builtins._person.body.body import random_body
from synthmat.blender_scenes.builtins._person.garment import Dummy
from synthmat.blender_scenes.builtins._person.hanger import hang_up
from synthmat.blender_scenes.builtins._person.shop import add_dummy
from synthmat.blender_scenes.builtins._person.wardrobe import one_piece


def build(rng: np.random.Generator) -> None:
    """Add the garment to the scene, in meters, its front towards -Y."""
    body = random_body(rng, pose="standing", expression="neutral")
    dummy = Dummy(body)
    worn = one_piece(dummy, female=body.description.gender, rng=rng)
    shown = rng.random()
    if shown < 0.38:
        add_dummy(dummy, rng)
    elif shown < 0.65:
        hang_up(worn, body, rng)
