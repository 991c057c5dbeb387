"""What stands in a glass or a bottle: water, wine, beer with its foam, juice and so on, and a straw."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._parts.glass import liquid
from synthmat.blender_scenes.builtins._parts.material import Color, patterned, plain, random_color
from synthmat.blender_scenes.builtins._parts.mesh import add_grid, tube
from synthmat.blender_scenes.builtins._parts.vessel import add_solid, filled, moved_out, subdivided, swept

_DRINKS: dict[str, tuple[Color, float]] = {
    "water": ((0.97, 0.99, 1.0), 0.0),
    "lemonade": ((0.98, 0.97, 0.85), 0.05),
    "red wine": ((0.4, 0.012, 0.03), 0.0),
    "white wine": ((0.95, 0.85, 0.5), 0.0),
    "rose": ((0.95, 0.5, 0.42), 0.0),
    "beer": ((0.95, 0.58, 0.1), 0.0),
    "whisky": ((0.85, 0.36, 0.06), 0.0),
    "cola": ((0.14, 0.035, 0.012), 0.1),
    "juice": ((0.95, 0.42, 0.03), 0.75),
    "milk": ((0.85, 0.82, 0.74), 1.0),
}
"""Tint and cloudiness."""


def random_liquid(rng: np.random.Generator) -> bpy.types.Material:
    """Return a drink that people know, or one of any color."""
    if rng.random() < 0.25:
        cloudy = float(rng.choice([0.0, 0.0, rng.uniform(0.2, 0.9)]))
        return liquid("liquid", random_color(rng, saturation=(0.5, 0.95), value=(0.6, 0.98)), cloudy=cloudy)
    tint, cloudy = list(_DRINKS.values())[int(rng.integers(len(_DRINKS)))]
    return liquid("liquid", tint, cloudy=cloudy)


def add_drink(inside: Array, level: float, overlap: float, rng: np.random.Generator, *, beer: bool) -> None:
    """Fill the inside of a glass, an outline from the axis up, to a height; beer has foam."""
    if not (beer or rng.random() < 0.12):
        add_solid("liquid", random_liquid(rng), filled(inside, level, overlap))
        return
    tint, cloudy = _DRINKS["beer"]
    shade = rng.uniform(0.5, 1.0)
    tint = (tint[0] * shade**0.5, tint[1] * shade**1.5, tint[2] * shade)
    add_solid("liquid", liquid("beer", tint, cloudy=cloudy), filled(inside, level, overlap))
    thick = rng.uniform(0.08, 0.25)
    room = float(inside[-1, 1]) - level
    add_foam(inside, level, min(thick, room * 0.85), overlap)


def add_foam(inside: Array, level: float, thick: float, overlap: float) -> None:
    """Add foam on a drink: a thick disc with a domed top that reaches into the wall and into the drink."""
    grown = moved_out(inside, overlap * 1.2)
    heights = np.linspace(level - 0.012, level + thick, 14)
    radii = np.interp(heights, grown[:, 1], grown[:, 0])
    sides = np.stack([radii, heights], axis=1)
    turn = np.linspace(0, np.pi / 2, 8)[1:]
    edge, soft = radii[-1], min(0.05, radii[-1] * 0.3)
    dome = np.stack([edge - soft + soft * np.cos(turn), heights[-1] + soft * 0.6 * np.sin(turn)], axis=1)
    outline = np.concatenate([[[0.0, heights[0]]], sides, dome, [[0.0, heights[-1] + soft * 0.75]]])
    foam = patterned("foam", "speckle", ((0.62, 0.55, 0.42), (0.86, 0.82, 0.72)), scale=12, roughness=0.9)
    add_grid("foam", swept(subdivided(outline, 0.05)), foam)


def add_straw(inside: Array, rng: np.random.Generator) -> None:
    """Add a straw that leans on the rim, straight or with a bend."""
    angle, thick = rng.uniform(0, 2 * np.pi), rng.uniform(0.025, 0.045)
    out = np.array([np.cos(angle), np.sin(angle), 0.0])
    foot = -out * max(float(np.interp(inside[0, 1] + 0.1, inside[:, 1], inside[:, 0])) - 2 * thick, 0) * 0.7
    foot[2] = inside[0, 1] + 2 * thick
    rim = out * (inside[-1, 0] - 1.6 * thick) + [0, 0, inside[-1, 1]]
    ahead = (rim - foot) / np.linalg.norm(rim - foot)
    top = rim + ahead * rng.uniform(0.3, 0.6)
    corners = [foot + (top - foot) * fraction for fraction in np.linspace(0, 1, 30)]
    if rng.random() < 0.5:
        bent = ahead * 0.4 + out
        corners += [top + bent / np.linalg.norm(bent) * reach for reach in np.linspace(0.04, 0.4, 10)]
    tones = (random_color(rng, saturation=(0.6, 0.95), value=(0.4, 0.95)), (0.8, 0.8, 0.8))
    kind = rng.choice(["stripes", "plain"])
    material = (
        plain("straw", tones[0], roughness=0.4) if kind == "plain" else patterned("straw", "stripes", tones, scale=4)
    )
    tube("straw", material, np.array(corners), thick, segments=20)
