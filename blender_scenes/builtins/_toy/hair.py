"""Hair of a toy figure: a shell that follows the head, and what stands out from it. In radii of the head."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import smooth_path
from synthmat.blender_scenes.builtins._parts.mesh import add_grid, ellipsoid, ribbon, tube
from synthmat.blender_scenes.builtins._toy.head import HeadShape
from synthmat.blender_scenes.builtins._toy.palette import Palette

UNDER_HATS = ("short", "bob", "ponytail", "pigtails")
STYLES = (*UNDER_HATS, "spikes", "bun", "curls", "mohawk", "quiff")


def add_hair(style: str, shape: HeadShape, palette: Palette, rng: np.random.Generator) -> None:
    """Add hair of one of `STYLES` to the scene."""
    thick = rng.uniform(0.06, 0.1)
    back = rng.uniform(-42, -28)
    if style == "bob":
        thick, back = rng.uniform(0.11, 0.16), rng.uniform(-58, -48)
    if style != "mohawk":
        _add_shell(shape, palette.hair, thick, back, rng)
    {
        "short": _add_nothing,
        "bob": _add_fringe,
        "ponytail": _add_ponytail,
        "pigtails": _add_pigtails,
        "spikes": _add_spikes,
        "bun": _add_bun,
        "curls": _add_curls,
        "mohawk": _add_mohawk,
        "quiff": _add_quiff,
    }[style](shape, palette, rng)


def _add_shell(
    shape: HeadShape, material: bpy.types.Material, thick: float, back: float, rng: np.random.Generator
) -> None:
    azimuth = np.linspace(-180, 180, 192, endpoint=False)[None, :]
    front, parting = rng.uniform(46, 56), rng.uniform(-12, 12)
    at = (0, 25, 52, 70, 84, 97, 112, 140, 180)
    border = np.interp(np.abs(azimuth), at, (front, front - 3, front - 14, 20, -8, 0, -16, back + 4, back))
    border = border + parting * np.sin(np.radians(azimuth)) * np.cos(np.radians(azimuth / 2)) ** 4
    fraction = np.linspace(0, 1, 28)[:, None]
    strands = 0.024 * np.abs(np.sin(np.radians(azimuth) * rng.integers(7, 13))) * fraction
    lift = (thick + strands) * np.sqrt(1 - fraction**8) - 0.02 * (fraction == 1)
    add_grid("hair", shape.point(azimuth, 90 - (90 - border) * fraction, lift), material)


def _add_nothing(shape: HeadShape, palette: Palette, rng: np.random.Generator) -> None:
    pass


def _add_fringe(shape: HeadShape, palette: Palette, rng: np.random.Generator) -> None:
    low = rng.uniform(36, 42)
    for azimuth in np.linspace(-52, 52, 8):
        path = smooth_path([shape.point(azimuth * k, e, 0.06) for k, e in ((0.5, 74), (0.85, 56), (1, low))], 10)
        tube("fringe", palette.hair, path, np.linspace(0.17, 0.07, 10))


def _add_ponytail(shape: HeadShape, palette: Palette, rng: np.random.Generator) -> None:
    root = shape.point(180, rng.uniform(8, 20), 0.06)
    swing, length = rng.uniform(-0.35, 0.35), rng.uniform(0.6, 1.0)
    path = smooth_path(
        [
            root,
            root + [swing * 0.3, 0.3, 0.1],
            root + [swing, 0.45, -length * 0.5],
            root + [swing * 1.2, 0.35, -length],
        ],
        24,
    )
    tube("ponytail", palette.hair, path, np.interp(np.linspace(0, 1, 24), (0, 0.4, 1), (0.1, 0.2, 0.04)))
    ellipsoid("band", palette.accent, root + [0, 0.08, 0.02], (0.14, 0.08, 0.14))


def _add_pigtails(shape: HeadShape, palette: Palette, rng: np.random.Generator) -> None:
    length, at = rng.uniform(0.35, 0.75), rng.uniform(0, 14)
    for side in (-1, 1):
        root = shape.point(side * 122, at, 0.08)
        path = smooth_path([root, root + [side * 0.22, 0.12, 0.04], root + [side * 0.36, 0.12, -length]], 18)
        tube("pigtail", palette.hair, path, np.interp(np.linspace(0, 1, 18), (0, 0.5, 1), (0.09, 0.19, 0.06)))
        ellipsoid("band", palette.accent, path[2], (0.1, 0.13, 0.13))


def _add_spikes(shape: HeadShape, palette: Palette, rng: np.random.Generator) -> None:
    """Add locks that rise at the front and lie towards the nape at the back."""
    for elevation, count, length in ((72, 5, 0.5), (52, 8, 0.42), (24, 7, 0.3), (-4, 6, 0.22)):
        reach = 170 if elevation > 60 else 140 if elevation > 40 else 84
        for fraction in np.linspace(-1, 1, count):
            azimuth = 180 + fraction * reach + rng.uniform(-6, 6)
            lean = 14 if elevation > 40 else -22
            root = shape.point(azimuth, elevation, -0.1)
            bend = shape.point(azimuth, elevation + lean * 0.3, length * 0.45)
            tip = shape.point(azimuth, elevation + lean, length * rng.uniform(0.85, 1.2))
            path = smooth_path([root, bend, tip], 12)
            tube("spike", palette.hair, path, np.linspace(0.33, 0.02, 12), segments=16)


def _add_bun(shape: HeadShape, palette: Palette, rng: np.random.Generator) -> None:
    size = rng.uniform(0.24, 0.36)
    pair = rng.random() < 0.4
    for azimuth in (120, -120) if pair else (180,):
        at = shape.point(azimuth, 52 if pair else rng.uniform(40, 66), size * 0.7)
        ellipsoid("bun", palette.hair, at, np.full(3, size * (0.85 if pair else 1.0)))
        ellipsoid("band", palette.accent, at * 0.86, np.array((1, 1, 1)) * size * 0.78)


def _add_curls(shape: HeadShape, palette: Palette, rng: np.random.Generator) -> None:
    size = rng.uniform(0.17, 0.25)
    for number in range(64):
        elevation = float(np.degrees(np.arcsin(1 - 1.5 * (number + 0.5) / 64)))
        azimuth = (number * 137.508) % 360 - 180
        if elevation > np.interp(abs(azimuth), (0, 50, 80, 100, 180), (52, 46, 16, 0, -30)):
            at = shape.point(azimuth, elevation, rng.uniform(0.03, 0.1))
            ellipsoid("curl", palette.hair, at, size * rng.uniform(0.8, 1.15, 3))


def _add_mohawk(shape: HeadShape, palette: Palette, rng: np.random.Generator) -> None:
    """Add a crest with a jagged edge from the forehead to the nape."""
    height, teeth = rng.uniform(0.3, 0.5), int(rng.integers(6, 10))
    along = np.linspace(0, 1, 80)
    elevation = 42 + 168 * along
    jag = 0.75 + 0.25 * np.abs(np.sin(np.pi * teeth * along))
    crest = height * jag * np.sin(np.pi * np.clip(0.06 + 0.9 * along, 0, 1)) ** 0.5
    loop = np.linspace(0, 2 * np.pi, 24, endpoint=False)[None, :]
    up = 0.5 + 0.5 * np.sin(loop)
    grid = shape.point(0, elevation[:, None], -0.08 + (crest[:, None] + 0.08) * up)
    grid = (
        grid
        + np.array([1, 0, 0])
        * (0.15 * np.cos(loop) * (1 - 0.6 * up) * np.sqrt(np.sin(np.pi * along))[:, None])[..., None]
    )
    add_grid("mohawk", grid, palette.hair)


def _add_quiff(shape: HeadShape, palette: Palette, rng: np.random.Generator) -> None:
    side = rng.choice([-1, 1])
    for fraction in np.linspace(-1, 1, 5):
        root = shape.point(fraction * 38, 56, -0.02)
        top = shape.point(fraction * 34, 50, 0.38 - 0.1 * abs(fraction))
        tip = shape.point(fraction * 30 + side * 18, 78, 0.34)
        path = smooth_path([shape.point(fraction * 60, 80, 0.02), root * 0.4 + top * 0.6, tip], 14)
        ribbon("quiff", palette.hair, path, (1, 0, 0), np.linspace(0.24, 0.12, 14), 0.14)
