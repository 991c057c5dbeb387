"""Long hair: thousands of strands, loose, curly, tied, braided or blown by wind, on a mannequin's head or a ball."""

from __future__ import annotations

import numpy as np

from synthmat.blender_scenes.builtins._parts.hair_material import hair_colors, hair_material
from synthmat.blender_scenes.builtins._parts.hair_style import scalp_roots
from synthmat.blender_scenes.builtins._parts.haircuts import loose_hair, tied_hair
from synthmat.blender_scenes.builtins._parts.mannequin import add_body, random_body
from synthmat.blender_scenes.builtins._parts.material import Color, random_color
from synthmat.blender_scenes.builtins._parts.strands import add_strands, taper

_STRANDS = 7000
_STYLES = ("loose", "curly", "wind", "short", "tail", "tails", "braid")
_OFTEN = (0.3, 0.16, 0.16, 0.1, 0.12, 0.08, 0.08)


def build(rng: np.random.Generator) -> None:
    """Add a head, or a ball, with hair to the scene; the head's radius is about 1 and it looks along -Y."""
    style = str(rng.choice(_STYLES, p=_OFTEN))
    base = str(rng.choice(["shoulders", "stand", "ball"], p=[0.6, 0.25, 0.15]))
    if base == "ball" and style in ("tails", "braid"):
        base = "stand"
    body = random_body(base, rng)
    roots = scalp_roots(body, _STRANDS, rng)
    root_color, tip_color = hair_colors(rng)
    add_body(body, roots, _skin_color(rng), root_color, rng)
    loose = np.where(rng.random(len(roots)) < rng.uniform(0.02, 0.08), rng.uniform(0.2, 1, len(roots)), 0.0)
    if style in ("tail", "tails", "braid"):
        points = tied_hair(style, body, roots, loose, rng)
    else:
        points = loose_hair(style, body, roots, loose, rng)
    thick = rng.uniform(0.0045, 0.0065) * rng.uniform(0.7, 1.15, (len(points), 1)) * (1 - 0.4 * loose[:, None])
    material = hair_material(root_color, tip_color, rng)
    add_strands("hair", points, thick * taper(points.shape[1], 0.25), material)


def _skin_color(rng: np.random.Generator) -> Color:
    """Return the color of skin, of a white or gray mannequin, or a bright one."""
    kind = rng.choice(["skin", "skin", "gray", "bright"])
    if kind == "skin":
        return random_color(rng, hue=(0.04, 0.07), saturation=(0.28, 0.5), value=(0.35, 0.82))
    if kind == "gray":
        return random_color(rng, hue=(0.05, 0.6), saturation=(0.0, 0.08), value=(0.3, 0.88))
    return random_color(rng, saturation=(0.15, 0.4), value=(0.55, 0.85))
