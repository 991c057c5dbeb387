"""An animal: a cat, dog, horse, cow, bear, rabbit, fox or another, or a bird, in a coat of its kind and a pose."""

from __future__ import annotations

import numpy as np

from synthmat.blender_scenes.builtins._animal.bird import add_bird
from synthmat.blender_scenes.builtins._animal.quadruped import add_quadruped

_BIRDS = 0.22
"""Share of birds."""


def build(rng: np.random.Generator) -> None:
    """Add the animal to the scene, its trunk about 1 unit long; it stands on z = 0 and faces -Y."""
    if rng.random() < _BIRDS:
        add_bird(rng)
    else:
        add_quadruped(rng)
