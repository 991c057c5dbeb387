"""Procedural patterns of random scale, rotation and colors for random looks.

They lie in world coordinates, where a staged model is about as large as the unit sphere: so they need no UVs, have the
same grain on models of any size, and run on from one part of a model to the next.
"""

from __future__ import annotations

import colorsys
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from bpy.types import NodeSocket, NodeTree, ShaderNode

from synthmat.blender_scenes.blender.node_math import calculated, moved, noise
from synthmat.blender_scenes.looks.look_changes import random_color
from synthmat.render_job import Color


class Pattern(NamedTuple):
    """A pattern's color and its height from 0 to 1, as outputs of nodes."""

    color: NodeSocket
    height: NodeSocket


def add_pattern(tree: NodeTree, rng: np.random.Generator) -> Pattern:
    """Add the nodes of a random pattern to a material or group."""
    paint, contrasts = PATTERNS[str(rng.choice(sorted(PATTERNS)))]
    height = paint(tree, _place(tree, rng), rng)
    return Pattern(_colored(tree, height, str(rng.choice(contrasts)), rng), height)


def surface_noise(tree: NodeTree, scale: float) -> NodeSocket:
    """Return noise from 0 to 1 with ``scale`` features a unit of length."""
    return noise(tree, _position(tree), scale, 3.0).outputs[0]


def _position(tree: NodeTree) -> NodeSocket:
    return tree.nodes.new("ShaderNodeNewGeometry").outputs["Position"]


def _place(tree: NodeTree, rng: np.random.Generator) -> NodeSocket:
    mapping = tree.nodes.new("ShaderNodeMapping")
    tree.links.new(_position(tree), mapping.inputs["Vector"])
    mapping.inputs["Location"].default_value = rng.uniform(-20, 20, 3).tolist()
    # A pattern that stands upright is as likely as one at any angle.
    angles = rng.uniform(-np.pi, np.pi, 3) * (rng.random() < 0.5)
    mapping.inputs["Rotation"].default_value = angles.tolist()
    return mapping.outputs["Vector"]


def _features(rng: np.random.Generator, few: float, many: float) -> float:
    return float(np.exp(rng.uniform(np.log(few), np.log(many))))


def _noise(tree: NodeTree, place: NodeSocket, rng: np.random.Generator) -> NodeSocket:
    node = noise(tree, place, _features(rng, 1.5, 12), rng.uniform(1, 9), rng.uniform(0.35, 0.7))
    node.inputs["Distortion"].default_value = rng.choice([0.0, rng.uniform(0.5, 3)])
    return calculated(tree, "MULTIPLY_ADD", node.outputs[0], 2.2, -0.6)


def _wave(tree: NodeTree, place: NodeSocket, kind: str, scale: float, distortion: float, detail: float) -> NodeSocket:
    node = tree.nodes.new("ShaderNodeTexWave")
    node.wave_type = kind
    tree.links.new(place, node.inputs["Vector"])
    node.inputs["Scale"].default_value = scale
    node.inputs["Distortion"].default_value = distortion
    node.inputs["Detail"].default_value = detail
    return node.outputs["Color"]


def _wood(tree: NodeTree, place: NodeSocket, rng: np.random.Generator) -> NodeSocket:
    grain = moved(tree, "MULTIPLY", place, (1.0, 1.0, rng.uniform(0.08, 0.3)))
    return _wave(tree, grain, "RINGS", _features(rng, 1, 4), rng.uniform(3, 9), 4.0)


def _marble(tree: NodeTree, place: NodeSocket, rng: np.random.Generator) -> NodeSocket:
    return _wave(tree, place, "BANDS", _features(rng, 0.4, 2), rng.uniform(8, 22), rng.uniform(3, 6))


def _stripes(tree: NodeTree, place: NodeSocket, rng: np.random.Generator) -> NodeSocket:
    return _wave(tree, place, "BANDS", _features(rng, 0.7, 4), rng.choice([0.0, rng.uniform(0.5, 4)]), 2.0)


def _checker(tree: NodeTree, place: NodeSocket, rng: np.random.Generator) -> NodeSocket:
    node = tree.nodes.new("ShaderNodeTexChecker")
    tree.links.new(place, node.inputs["Vector"])
    node.inputs["Color1"].default_value = (0.0, 0.0, 0.0, 1.0)
    node.inputs["Color2"].default_value = (1.0, 1.0, 1.0, 1.0)
    node.inputs["Scale"].default_value = _features(rng, 1.5, 8)
    return node.outputs["Color"]


def _brick(tree: NodeTree, place: NodeSocket, rng: np.random.Generator) -> NodeSocket:
    flat = tree.nodes.new("ShaderNodeCombineXYZ")
    # The texture is flat: laid over a slanting direction, its rows go round the sides of a model.
    tree.links.new(moved(tree, "DOT_PRODUCT", place, (0.9, 0.55, 0.0)), flat.inputs["X"])
    tree.links.new(moved(tree, "DOT_PRODUCT", place, (0.0, 0.0, 1.0)), flat.inputs["Y"])
    node = tree.nodes.new("ShaderNodeTexBrick")
    tree.links.new(flat.outputs[0], node.inputs["Vector"])
    for name, gray in (("Color1", 0.3), ("Color2", 0.75), ("Mortar", 0.0)):
        node.inputs[name].default_value = (gray, gray, gray, 1.0)
    node.inputs["Scale"].default_value = _features(rng, 2, 7)
    node.inputs["Mortar Size"].default_value = rng.uniform(0.01, 0.05)
    return node.outputs["Color"]


def _voronoi(tree: NodeTree, place: NodeSocket, scale: float, randomness: float) -> ShaderNode:
    node = tree.nodes.new("ShaderNodeTexVoronoi")
    tree.links.new(place, node.inputs["Vector"])
    node.inputs["Scale"].default_value = scale
    node.inputs["Randomness"].default_value = randomness
    return node


def _speckle(tree: NodeTree, place: NodeSocket, rng: np.random.Generator) -> NodeSocket:
    near = _voronoi(tree, place, _features(rng, 5, 25), 1.0).outputs["Distance"]
    return calculated(tree, "MULTIPLY_ADD", near, -1.6, 1.1)


def _dots(tree: NodeTree, place: NodeSocket, rng: np.random.Generator) -> NodeSocket:
    near = _voronoi(tree, place, _features(rng, 2.5, 8), rng.choice([0.0, 0.35])).outputs["Distance"]
    return calculated(tree, "MULTIPLY_ADD", near, -1.5, 1.15)


def _cells(tree: NodeTree, place: NodeSocket, rng: np.random.Generator) -> NodeSocket:
    node = _voronoi(tree, place, _features(rng, 1.5, 12), rng.uniform(0.6, 1.0))
    part = tree.nodes.new("ShaderNodeSeparateColor")
    tree.links.new(node.outputs["Color"], part.inputs[0])
    return part.outputs[0]


def _gradient(tree: NodeTree, place: NodeSocket, rng: np.random.Generator) -> NodeSocket:
    way = rng.normal(size=3)
    along = moved(tree, "DOT_PRODUCT", _position(tree), (way / np.linalg.norm(way)).tolist())
    blur = noise(tree, place, rng.uniform(0.5, 2), 2.0).outputs[0]
    return calculated(tree, "MULTIPLY_ADD", calculated(tree, "ADD", along, blur), 0.55, 0.2)


_MakePattern = Callable[[NodeTree, NodeSocket, np.random.Generator], NodeSocket]

PATTERNS: dict[str, tuple[_MakePattern, tuple[str, ...]]] = {
    "brick": (_brick, ("CONSTANT", "LINEAR")),
    "cells": (_cells, ("CONSTANT", "LINEAR")),
    "checker": (_checker, ("CONSTANT",)),
    "dots": (_dots, ("CONSTANT",)),
    "gradient": (_gradient, ("LINEAR",)),
    "marble": (_marble, ("LINEAR",)),
    "noise": (_noise, ("CONSTANT", "LINEAR", "LINEAR")),
    "speckle": (_speckle, ("CONSTANT", "LINEAR")),
    "stripes": (_stripes, ("CONSTANT", "LINEAR")),
    "wood": (_wood, ("LINEAR",)),
}
"""Every pattern: what adds its height, and how its colors may follow one another."""


def _colored(tree: NodeTree, height: NodeSocket, contrast: str, rng: np.random.Generator) -> NodeSocket:
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    tree.links.new(height, ramp.inputs[0])
    ramp.color_ramp.interpolation = contrast
    colors = _palette(rng, int(rng.integers(2, 5)))
    stops = ramp.color_ramp.elements
    while len(stops) < len(colors):
        stops.new(0.5)
    count = len(colors)
    edges = np.arange(count) / count if contrast == "CONSTANT" else np.linspace(0.1, 0.9, count)
    edges[1:] += rng.uniform(-0.3, 0.3) / count
    for stop, edge, color in zip(stops, edges, colors, strict=True):
        stop.position, stop.color = float(edge), (*color, 1.0)
    return ramp.outputs["Color"]


def _palette(rng: np.random.Generator, count: int) -> list[Color]:
    """Return colors that have nothing to do with each other, or shades of one."""
    if rng.random() < 0.5:
        return [random_color(rng) for _ in range(count)]
    hue, saturation, _ = colorsys.rgb_to_hsv(*random_color(rng))
    values = rng.permutation(np.linspace(rng.uniform(0.02, 0.3), rng.uniform(0.5, 0.95), count))
    hues = (hue + rng.normal(0, 0.04, count)) % 1.0
    return [
        colorsys.hsv_to_rgb(float(shade), saturation, float(value)) for shade, value in zip(hues, values, strict=True)
    ]
