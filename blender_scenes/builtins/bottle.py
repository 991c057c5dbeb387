"""A bottle with a real wall, of glass or plastic: wine, beer, spirits, water, soap or perfume, with label and cap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._parts.bottle_cap import CAPS
from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._parts.drink import random_liquid
from synthmat.blender_scenes.builtins._parts.glass import glass, random_tint
from synthmat.blender_scenes.builtins._parts.material import Color, plain, principled, random_color
from synthmat.blender_scenes.builtins._parts.mesh import add_grid
from synthmat.blender_scenes.builtins._parts.vessel import SEGMENTS, filled, moved_out, rounded, shell, swept
from synthmat.blender_scenes.builtins._textures.label_texture import label_image

_GLASSES: tuple[Color, ...] = (
    (0.9, 0.97, 0.93),
    (0.36, 0.68, 0.3),
    (0.55, 0.66, 0.22),
    (0.72, 0.42, 0.14),
    (0.2, 0.4, 0.8),
)
"""What a wall lets through."""

_NAMED = ("clear", "green", "olive", "brown", "blue")


@dataclass(frozen=True)
class _Shape:
    """Outline of the outside from the axis to the mouth, and the heights between which the body is upright.

    ``section`` is 1 for a round body and nearer to 0 the squarer it is, ``flat`` its depth as a fraction of its width.
    """

    outside: Array
    wall: float
    body: tuple[float, float]
    shoulder: float
    caps: tuple[str, ...]
    section: float = 1.0
    flat: float = 1.0
    glasses: tuple[str, ...] = _NAMED
    plastic: bool = False
    ribs: float = 0.0


def build(rng: np.random.Generator) -> None:
    """Add the bottle, what is in it, its label and its cap to the scene; it stands on the ground."""
    shape = _KINDS[int(rng.integers(len(_KINDS)))](rng)
    inside = moved_out(shape.outside, -shape.wall)
    outside = shape.outside.copy()
    neck, mouth = float(outside[-1, 0]), float(outside[-1, 1])
    outside[:, 0] += 0.25 * neck * _near(outside[:, 1], mouth - 0.07, 0.035) * (outside[:, 1] > shape.shoulder)
    outline, _ = shell(outside, inside)
    material, opaque = _wall_material(shape, rng)
    ribbed = outline.copy()
    low, high = shape.body
    if shape.ribs:
        wave = np.cos(2 * np.pi * (outline[:, 1] - low) / shape.ribs) - 1
        ribbed[:, 0] *= 1 + 0.02 * wave * ((outline[:, 1] > low) & (outline[:, 1] < high))
    add_grid("bottle", _grid(ribbed, shape), material)
    if not opaque and rng.random() < 0.6:
        level = low + (mouth - low) * rng.uniform(0.3, 0.8)
        drink = filled(inside, level, shape.wall * 0.3)
        if shape.ribs:
            wave = np.cos(2 * np.pi * (drink[:, 1] - low) / shape.ribs) - 1
            drink[:, 0] *= 1 + 0.02 * wave * ((drink[:, 1] > low) & (drink[:, 1] < high))
        add_grid("liquid", _grid(drink, shape), random_liquid(rng))
    if rng.random() < (0.7 if shape.flat < 1 else 0.85):
        _add_label(shape, rng)
    if rng.random() < 0.85:
        CAPS[str(rng.choice(shape.caps))](neck, mouth, shape.shoulder, rng)


def _near(height: Array, at: float, width: float) -> Array:
    bump: Array = np.exp(-(((height - at) / width) ** 4))
    return bump


def _wall_material(shape: _Shape, rng: np.random.Generator) -> tuple[bpy.types.Material, bool]:
    """Return the material of the wall, and whether nothing of what is inside can be seen."""
    if shape.plastic and rng.random() < 0.35:
        tone = random_color(rng, saturation=(0.0, 0.75), value=(0.3, 0.95))
        return plain("plastic", tone, roughness=rng.uniform(0.15, 0.45), coat=rng.uniform(0, 0.6)), True
    if shape.plastic:
        cloudy = float(rng.choice([0.0, rng.uniform(0.1, 0.6)]))
        clear = 1 - cloudy if cloudy else None
        return glass(
            "plastic", random_tint(rng, deep=0.25), ior=1.47, roughness=rng.uniform(0.0, 0.08), clear=clear
        ), False
    kind = str(rng.choice(shape.glasses))
    tint = random_tint(rng, deep=0.15) if kind == "clear" else _GLASSES[_NAMED.index(kind)]
    shade = rng.uniform(0.25, 1.2)
    red, green, blue = (float(part**shade) for part in tint)
    return glass("glass", (red, green, blue), ior=rng.uniform(1.48, 1.52), roughness=rng.choice([0.0, 0.02])), False


def _grid(outline: Array, shape: _Shape) -> Array:
    """Return the grid of an outline with the body's section, round again above the shoulder."""
    angle = np.linspace(0, 2 * np.pi, SEGMENTS, endpoint=False)[None, :]
    fraction = np.clip((outline[:, 1:] - shape.body[1]) / max(shape.shoulder - shape.body[1], 1e-3), 0, 1)
    fraction = fraction**2 * (3 - 2 * fraction)
    power = 2 / (shape.section + (1 - shape.section) * fraction)
    flat = shape.flat + (1 - shape.flat) * fraction
    cos, sin = np.cos(angle), np.sin(angle)
    reach = (np.abs(cos) ** power + np.abs(sin) ** power) ** (-1 / power)
    return swept(outline, ring=np.stack([reach * cos, reach * sin * flat], axis=-1))


def _add_label(shape: _Shape, rng: np.random.Generator) -> None:
    """Wrap a label round the upright part of the body, wholly or its front."""
    low, high = shape.body
    tall = (high - low) * rng.uniform(0.45, 0.85)
    start = low + (high - low - tall) * rng.uniform(0.3, 0.8)
    radius = float(np.interp(start, shape.outside[2:, 1], shape.outside[2:, 0]))
    whole = rng.random() < 0.3 and shape.section == 1
    span = 2 * np.pi if whole else rng.uniform(1.3, 2.8)
    columns, rows = 97, 12
    angle = np.linspace(-span / 2, span / 2, columns) - np.pi / 2
    if shape.section < 1:
        angle = np.linspace(-0.62, 0.62, columns) - np.pi / 2
        span = 1.3
    heights = np.linspace(start, start + tall, rows)
    power = 2 / shape.section
    reach = (np.abs(np.cos(angle)) ** power + np.abs(np.sin(angle)) ** power) ** (-1 / power)
    ring = (radius + 0.006) * np.stack([reach * np.cos(angle), reach * np.sin(angle) * shape.flat], axis=1)
    points = np.concatenate(
        [np.broadcast_to(ring, (rows, columns, 2)), np.broadcast_to(heights[:, None, None], (rows, columns, 1))],
        axis=-1,
    )
    ratio = span * radius / tall
    tall_px = int(np.clip(256 / max(ratio, 1), 96, 256))
    material = plain("label", (1.0, 1.0, 1.0), roughness=rng.uniform(0.35, 0.8))
    texture = material.node_tree.nodes.new("ShaderNodeTexImage")
    texture.image = label_image(int(np.clip(tall_px * ratio, 96, 768)), tall_px, rng)
    material.node_tree.links.new(texture.outputs["Color"], principled(material).inputs["Base Color"])
    item = add_grid("label", points, material, around=False)
    v, u = np.meshgrid(np.linspace(0, 1, rows), np.linspace(0, 1, columns), indexing="ij")
    corners = np.empty(len(item.data.loops), np.int32)
    item.data.loops.foreach_get("vertex_index", corners)
    layer = item.data.uv_layers.new(name="label")
    layer.data.foreach_set("uv", np.stack([u, v], -1).reshape(-1, 2)[corners].astype(np.float32).reshape(-1))


def _outline(
    wide: float,
    body: float,
    shoulder: float,
    neck: float,
    tall: float,
    *,
    punt: float,
    soft: tuple[float, float, float],
) -> Array:
    """Return the outside: foot, upright body, shoulder, neck; ``soft`` are the roundings of foot, shoulder and neck."""
    foot = [(0, punt, 0), (wide * 0.55, punt * 0.5, 0.2), (wide * 0.8, 0, 0.05), (wide, 0, soft[0])]
    return rounded([*foot, (wide, body, soft[1]), (neck, shoulder, soft[2]), (neck, tall, 0)], steps=16)


def _bordeaux(rng: np.random.Generator) -> _Shape:
    wide, tall = rng.uniform(0.34, 0.42), rng.uniform(2.6, 2.9)
    body = tall * rng.uniform(0.58, 0.66)
    outline = _outline(wide, body, body + 0.28, 0.125, tall, punt=0.12, soft=(0.06, 0.25, 0.2))
    return _Shape(outline, 0.03, (0.12, body - 0.22), body + 0.3, ("cork", "capsule", "capsule"), glasses=_NAMED[:4])


def _burgundy(rng: np.random.Generator) -> _Shape:
    wide, tall = rng.uniform(0.4, 0.47), rng.uniform(2.5, 2.8)
    body = tall * rng.uniform(0.4, 0.48)
    outline = _outline(wide, body, tall * 0.74, 0.13, tall, punt=0.14, soft=(0.07, 1.2, 1.0))
    return _Shape(outline, 0.035, (0.12, body - 0.28), tall * 0.76, ("cork", "capsule"), glasses=_NAMED[:4])


def _beer(rng: np.random.Generator) -> _Shape:
    wide, tall = rng.uniform(0.36, 0.46), rng.uniform(1.7, 2.4)
    body = tall * rng.uniform(0.5, 0.6)
    outline = _outline(wide, body, tall * 0.76, 0.15, tall, punt=0.04, soft=(0.08, 0.5, 0.6))
    return _Shape(outline, 0.03, (0.1, body - 0.16), tall * 0.78, ("crown", "crown", "crown"), glasses=_NAMED)


def _spirit(rng: np.random.Generator) -> _Shape:
    wide, tall = rng.uniform(0.42, 0.56), rng.uniform(1.8, 2.5)
    body = tall * rng.uniform(0.55, 0.7)
    section, flat = float(rng.choice([1.0, rng.uniform(0.25, 0.6)])), float(rng.choice([1.0, rng.uniform(0.5, 0.8)]))
    outline = _outline(wide, body, body + 0.2, rng.uniform(0.13, 0.18), tall, punt=0.03, soft=(0.05, 0.15, 0.12))
    caps = ("screw", "cork", "stopper")
    return _Shape(
        outline, 0.04, (0.1, body - 0.14), body + 0.22, caps, section, flat, glasses=("clear", "clear", "brown")
    )


def _water(rng: np.random.Generator) -> _Shape:
    wide, tall = rng.uniform(0.36, 0.44), rng.uniform(1.9, 2.5)
    body = tall * rng.uniform(0.62, 0.72)
    outline = _outline(wide, body, tall * 0.88, 0.13, tall, punt=0.08, soft=(0.12, 0.4, 0.12))
    ribs = float(rng.choice([0.0, rng.uniform(0.1, 0.25)]))
    return _Shape(outline, 0.014, (0.15, body - 0.18), tall * 0.9, ("screw",), plastic=True, ribs=ribs)


def _soap(rng: np.random.Generator) -> _Shape:
    wide, tall = rng.uniform(0.4, 0.55), rng.uniform(1.4, 2.0)
    body = tall * rng.uniform(0.72, 0.82)
    flat, section = float(rng.uniform(0.45, 1.0)), float(rng.uniform(0.5, 1.0))
    outline = _outline(wide, body, tall * 0.88, rng.uniform(0.12, 0.17), tall, punt=0.03, soft=(0.1, 0.25, 0.04))
    return _Shape(
        outline, 0.02, (0.14, body - 0.16), tall * 0.9, ("screw", "pump", "pump"), section, flat, plastic=True
    )


def _perfume(rng: np.random.Generator) -> _Shape:
    wide, body = rng.uniform(0.45, 0.7), rng.uniform(0.7, 1.4)
    section, flat = float(rng.choice([1.0, 0.2, rng.uniform(0.2, 0.6)])), float(rng.uniform(0.4, 0.9))
    soft = float(rng.uniform(0.04, 0.3))
    outline = _outline(wide, body, body + 0.03, 0.13, body + 0.2, punt=0.01, soft=(soft * 0.6, soft, 0.01))
    high = body - soft * 0.8
    glasses = ("clear", "clear", "clear", "blue")
    return _Shape(
        outline, rng.uniform(0.05, 0.08), (soft * 0.5, high), body + 0.04, ("box", "stopper"), section, flat, glasses
    )


_KINDS: tuple[Callable[[np.random.Generator], _Shape], ...] = (
    _bordeaux,
    _burgundy,
    _beer,
    _spirit,
    _water,
    _soap,
    _perfume,
)
