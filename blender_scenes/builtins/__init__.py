"""Built-in objects: one file each, with one function `build(rng)` that adds the object to the empty scene."""
