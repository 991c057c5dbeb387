"""Bodies of smoke as nodes: puffs, a column, a ring."""

from __future__ import annotations

from collections.abc import Callable

import bpy
import numpy as np

from synthmat.blender_scenes.blender.node_math import calculated, moved
from synthmat.blender_scenes.builtins._parts.curve import Array

Body = Callable[[bpy.types.NodeTree, bpy.types.NodeSocket], bpy.types.NodeSocket]
"""Makes nodes of a value at a place: 1 in the middle of the smoke, 0 at its mean surface and negative outside."""


def puffs(centers: Array, sizes: Array) -> Body:
    """Return a body of round puffs that melt into each other."""

    def body(tree: bpy.types.NodeTree, place: bpy.types.NodeSocket) -> bpy.types.NodeSocket:
        joined: bpy.types.NodeSocket | None = None
        for center, size in zip(centers.tolist(), sizes.tolist(), strict=True):
            reach = moved(tree, "DISTANCE", place, center)
            puff = calculated(tree, "MULTIPLY_ADD", reach, -1 / size, 1.0)
            joined = puff if joined is None else calculated(tree, "SMOOTH_MAX", joined, puff, 0.25)
        assert joined is not None
        return joined

    return body


def column(rng: np.random.Generator, foot: tuple[float, float], top: tuple[float, float]) -> Body:
    """Return a body that rises, widens and sways."""
    low, high = rng.uniform(*foot), rng.uniform(*top)
    sway, turns, phase = rng.uniform(0.05, 0.22), rng.uniform(1.5, 4.0), rng.uniform(0, 2 * np.pi, 2)

    def body(tree: bpy.types.NodeTree, place: bpy.types.NodeSocket) -> bpy.types.NodeSocket:
        axes = tree.nodes.new("ShaderNodeSeparateXYZ")
        tree.links.new(place, axes.inputs[0])
        height = axes.outputs["Z"]
        reach = tree.nodes.new("ShaderNodeCombineXYZ")
        for axis, start in zip("XY", phase.tolist(), strict=True):
            wave = calculated(tree, "SINE", calculated(tree, "MULTIPLY_ADD", height, turns, start))
            tree.links.new(calculated(tree, "MULTIPLY_ADD", wave, -sway, axes.outputs[axis]), reach.inputs[axis])
        width = calculated(tree, "MULTIPLY_ADD", height, (high - low) / 1.6, (high + low) / 2)
        away = moved(tree, "LENGTH", reach.outputs[0])
        ratio = calculated(tree, "DIVIDE", away, calculated(tree, "MAXIMUM", width, 0.05))
        return calculated(tree, "SUBTRACT", 1.0, ratio)

    return body


def ring_body(radius: float, thick: float, height: float) -> Body:
    """Return a body that is a horizontal ring."""

    def body(tree: bpy.types.NodeTree, place: bpy.types.NodeSocket) -> bpy.types.NodeSocket:
        flat = moved(tree, "LENGTH", moved(tree, "MULTIPLY", place, (1, 1, 0)))
        up = moved(tree, "DOT_PRODUCT", place, (0, 0, 1))
        out = tree.nodes.new("ShaderNodeCombineXYZ")
        tree.links.new(calculated(tree, "SUBTRACT", flat, radius), out.inputs["X"])
        tree.links.new(calculated(tree, "SUBTRACT", up, height), out.inputs["Y"])
        return calculated(tree, "MULTIPLY_ADD", moved(tree, "LENGTH", out.outputs[0]), -1 / thick, 1.0)

    return body
