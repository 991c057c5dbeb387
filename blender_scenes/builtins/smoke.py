"""Smoke as a volume whose density fades out within its bounds: cloud, puff, plume, wisp, ring, mushroom or mist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import bpy
import numpy as np
from mathutils import Euler

from synthmat.blender_scenes.blender.node_math import calculated, moved, noise, smooth_step
from synthmat.blender_scenes.blender.versions import node_tree
from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._parts.material import random_color
from synthmat.blender_scenes.builtins._parts.mesh import superquadric, superquadric_points
from synthmat.blender_scenes.builtins._parts.smoke_body import Body, column, puffs, ring_body

_FADE = (0.92, 0.58)
"""Between these fractions of the way to the bounds the density rises from nothing."""

_STEPS = 5.0
"""Step rate times density at which alpha stays within a hundredth of what far smaller steps give."""


@dataclass(frozen=True)
class _Shape:
    """The half-axes of the bounds, how box-like they are from the side (1: not), and what is inside.

    ``body`` makes nodes of a value that is 1 in the middle of the smoke, 0 at its mean surface and negative outside.
    ``density`` is the range of that of the thickest parts, ``thins`` whether it falls with the height, ``tilt`` the
    angle of the whole in radians.
    """

    radii: tuple[float, float, float]
    boxy: float
    body: Body
    density: tuple[float, float]
    rough: float = 1.0
    soft: tuple[float, float] = (0.15, 0.9)
    wispy: float = 0.0
    thins: bool = False
    tilt: float = 0.0


def build(rng: np.random.Generator) -> None:
    """Add the smoke to the scene: a mesh of radius 1 without a surface, filled by a volume.

    Density counts per unit of the scene, so the bounds have the radius of a normalized model.
    """
    shape = _KINDS[int(rng.integers(len(_KINDS)))](rng)
    farthest = np.linalg.norm(superquadric_points((1.0, shape.boxy), 40) * shape.radii, axis=-1).max()
    radii = np.array(shape.radii) / farthest
    rotation = Euler((shape.tilt, 0.0, float(rng.uniform(-0.8, 0.8)) if shape.tilt else 0.0)).to_matrix()
    superquadric("smoke", _material(shape, radii, rng), (0, 0, 0), radii, (1.0, shape.boxy), rotation)


def _material(shape: _Shape, radii: Array, rng: np.random.Generator) -> bpy.types.Material:
    material = bpy.data.materials.new("smoke")
    tree = node_tree(material)
    tree.nodes.clear()
    place = tree.nodes.new("ShaderNodeTexCoord").outputs["Object"]
    place = moved(tree, "DIVIDE", place, radii.tolist())
    highest = float(np.exp(rng.uniform(*np.log(shape.density))))
    density = calculated(tree, "MULTIPLY", _density(tree, place, shape, rng), highest)
    # Cycles walks through a mesh in tenths of its size; too few steps through thick smoke thin it out.
    material.cycles.volume_step_rate = float(np.clip(_STEPS / highest, 0.15, 0.8))
    volume = tree.nodes.new("ShaderNodeVolumePrincipled")
    volume.inputs["Density Attribute"].default_value = ""
    volume.inputs["Color"].default_value = (*_albedo(rng), 1.0)
    volume.inputs["Anisotropy"].default_value = float(rng.uniform(0.0, 0.35))
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    tree.links.new(density, volume.inputs["Density"])
    tree.links.new(volume.outputs["Volume"], output.inputs["Volume"])
    return material


def _density(
    tree: bpy.types.NodeTree, place: bpy.types.NodeSocket, shape: _Shape, rng: np.random.Generator
) -> bpy.types.NodeSocket:
    """Return the density, from 0 to 1, at a place whose bounds are those of a unit superquadric."""
    start = moved(tree, "ADD", place, rng.uniform(-50, 50, 3).tolist())
    stretched = moved(tree, "MULTIPLY", start, shape.radii)
    drift = noise(tree, stretched, float(rng.uniform(1.2, 2.2)), 0.0).outputs["Color"]
    shift = moved(tree, "SUBTRACT", drift, (0.5, 0.5, 0.5))
    swirl = float(rng.uniform(0.3, 0.8))
    bent = moved(tree, "MULTIPLY_ADD", shift, (swirl,) * 3, place)
    body = shape.body(tree, bent)
    detail = noise(
        tree,
        moved(tree, "MULTIPLY_ADD", shift, (swirl * 1.5,) * 3, stretched),
        float(rng.uniform(2.2, 4.0)) if shape.wispy == 0 else float(rng.uniform(1.2, 2.0)),
        4.0 if shape.wispy == 0 else 2.0,
        float(rng.uniform(0.5, 0.62)) if shape.wispy == 0 else 0.4,
    ).outputs[0]
    lump = calculated(tree, "MULTIPLY_ADD", detail, 3.6 * shape.rough, -1.8 * shape.rough)
    edge = calculated(tree, "ADD", body, lump)
    density = smooth_step(tree, edge, 0.0, float(rng.uniform(*shape.soft)))
    if shape.wispy > 0:
        fold = calculated(tree, "ABSOLUTE", calculated(tree, "SUBTRACT", detail, 0.5))
        sheet = smooth_step(tree, fold, shape.wispy, 0.0)
        density = calculated(tree, "MULTIPLY", smooth_step(tree, body, 0.0, 0.4), sheet)
    if shape.thins:
        higher = smooth_step(tree, moved(tree, "DOT_PRODUCT", place, (0, 0, 1)), 0.9, float(rng.uniform(-0.6, 0.2)))
        density = calculated(tree, "MULTIPLY", density, higher)
    return calculated(tree, "MULTIPLY", density, _fade(tree, place, shape.boxy))


def _fade(tree: bpy.types.NodeTree, place: bpy.types.NodeSocket, boxy: float) -> bpy.types.NodeSocket:
    """Return 1 inside, and a smooth fall to 0 before the bounds."""
    power = 2 / boxy
    round_about = moved(tree, "LENGTH", moved(tree, "MULTIPLY", place, (1, 1, 0)))
    height = moved(tree, "LENGTH", moved(tree, "MULTIPLY", place, (0, 0, 1)))
    total = calculated(
        tree, "ADD", calculated(tree, "POWER", round_about, power), calculated(tree, "POWER", height, power)
    )
    return smooth_step(tree, calculated(tree, "POWER", total, 1 / power), *_FADE)


def _albedo(rng: np.random.Generator) -> tuple[float, float, float]:
    """Return white, gray, nearly black, or a color."""
    kind = rng.choice(["white", "gray", "dark", "colored"], p=[0.4, 0.2, 0.15, 0.25])
    if kind == "colored":
        return random_color(rng, saturation=(0.3, 0.85), value=(0.7, 0.98))
    low, high = {"white": (0.94, 0.99), "gray": (0.6, 0.85), "dark": (0.1, 0.45)}[str(kind)]
    tone = rng.uniform(low, high)
    warm = rng.uniform(-0.02, 0.02)
    return float(tone + warm), float(tone), float(tone - warm)


def _cloud(rng: np.random.Generator) -> _Shape:
    """Return a heap of puffs on a flat base."""
    count = int(rng.integers(4, 9))
    across = np.linspace(-0.6, 0.6, count) + rng.uniform(-0.08, 0.08, count)
    sizes = rng.uniform(0.3, 0.62, count) * np.sqrt(1.05 - across**2 * 1.7)
    centers = np.stack([across, rng.uniform(-0.25, 0.25, count), sizes * 0.75 - 0.4], axis=1)
    radii = (1.0, float(rng.uniform(0.55, 0.8)), float(rng.uniform(0.55, 0.75)))
    return _Shape(radii, 0.8, puffs(centers, sizes), (10, 30), soft=(0.15, 0.45))


def _puff(rng: np.random.Generator) -> _Shape:
    count = int(rng.integers(1, 5))
    centers = rng.uniform(-0.35, 0.35, (count, 3))
    radii = rng.uniform(0.75, 1.0, 3)
    return _Shape((radii[0], radii[1], radii[2]), 1.0, puffs(centers, rng.uniform(0.45, 0.65, count)), (3, 22))


def _plume(rng: np.random.Generator) -> _Shape:
    return _Shape(
        (float(rng.uniform(0.4, 0.6)), float(rng.uniform(0.4, 0.6)), 1.0),
        0.35,
        column(rng, (0.12, 0.25), (0.55, 0.8)),
        (5, 25),
        rough=0.8,
        thins=True,
    )


def _wisp(rng: np.random.Generator) -> _Shape:
    """Return thin folded sheets, as over a candle that was blown out."""
    body = column(rng, (0.2, 0.4), (0.7, 1.0))
    wide = float(rng.uniform(0.35, 0.55))
    return _Shape((wide, wide, 1.0), 0.35, body, (10, 40), wispy=float(rng.uniform(0.03, 0.08)), thins=True)


def _ring(rng: np.random.Generator) -> _Shape:
    thick = float(rng.uniform(0.16, 0.26))
    tall, tilt = float(rng.uniform(0.5, 0.7)), float(rng.uniform(0.2, 1.4))
    return _Shape((1.0, 1.0, tall), 1.0, ring_body(0.58, thick, 0.0), (5, 22), rough=0.6, tilt=tilt)


def _mushroom(rng: np.random.Generator) -> _Shape:
    cap, stem = ring_body(0.42, 0.42, 0.42), column(rng, (0.2, 0.5), (0.14, 0.3))

    def body(tree: bpy.types.NodeTree, place: bpy.types.NodeSocket) -> bpy.types.NodeSocket:
        under = smooth_step(tree, moved(tree, "DOT_PRODUCT", place, (0, 0, 1)), 0.7, 0.4)
        below = calculated(tree, "MULTIPLY_ADD", calculated(tree, "ADD", stem(tree, place), 1.0), under, -1.0)
        return calculated(tree, "SMOOTH_MAX", cap(tree, place), below, 0.3)

    return _Shape((0.85, 0.85, 1.0), 0.5, body, (8, 28), rough=0.8, soft=(0.1, 0.5))


def _mist(rng: np.random.Generator) -> _Shape:
    """Return a low bank, half-transparent almost everywhere."""
    tall = float(rng.uniform(0.3, 0.45))

    def body(tree: bpy.types.NodeTree, place: bpy.types.NodeSocket) -> bpy.types.NodeSocket:
        reach = moved(tree, "LENGTH", moved(tree, "MULTIPLY", place, (1.1, 1.1, 1.4)))
        return calculated(tree, "SUBTRACT", 1.0, reach)

    return _Shape((1.0, float(rng.uniform(0.6, 1.0)), tall), 1.0, body, (1.2, 6))


_KINDS: tuple[Callable[[np.random.Generator], _Shape], ...] = (
    _cloud,
    _puff,
    _plume,
    _wisp,
    _ring,
    _mushroom,
    _mist,
)
