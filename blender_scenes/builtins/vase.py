"""A thrown vase: a random profile with foot, belly, neck and lip, ribs, handles, and one to three glazes."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import Array, smooth_path
from synthmat.blender_scenes.builtins._parts.material import (
    LENGTHWISE,
    PATTERNS,
    Color,
    patterned,
    plain,
    principled,
    random_color,
    scaled,
)
from synthmat.blender_scenes.builtins._parts.mesh import add_grid, tube

_CLAYS: tuple[Color, ...] = ((0.45, 0.16, 0.07), (0.62, 0.45, 0.28), (0.08, 0.06, 0.05), (0.75, 0.7, 0.62))


def build(rng: np.random.Generator) -> None:
    """Add the vase to the scene, hollow, with a wall."""
    height = rng.uniform(1.3, 3.0)
    outside = _profile(height, rng)
    wall = rng.uniform(0.04, 0.08)
    inside = outside[::-1].copy()
    inside[:, 0] = np.maximum(inside[:, 0] - wall, 0.02)
    inside = inside[inside[:, 1] > wall * 1.5]
    angle = np.linspace(0, np.pi, 9)[1:-1]
    lip = outside[-1, 0]
    rim = np.stack([lip - wall / 2 + np.cos(angle) * wall / 2, height + np.sin(angle) * wall / 2], axis=1)
    foot = np.array([[0.0, 0.03], [outside[0, 0] * 0.8, 0.03], [outside[0, 0] * 0.86, 0.0]])
    profile = np.concatenate([foot, outside, rim, inside, [[0.0, inside[-1, 1]]]])
    glaze = _glaze(height, rng)
    add_grid("vase", _swept(profile, height, rng), glaze)
    if rng.random() < 0.35:
        _add_handles(outside, height, wall, glaze, rng)


def _profile(height: float, rng: np.random.Generator) -> Array:
    """Return the outer profile ``(n, 2)`` of radius and height, from the foot up: with a neck, or open like a bowl."""
    foot, belly = rng.uniform(0.25, 0.55), rng.uniform(0.55, 1.05)
    corners = [(foot, 0.0), (foot * rng.uniform(0.75, 1.0), height * 0.05)]
    if rng.random() < 0.75:
        neck = rng.uniform(0.14, 0.5)
        corners += [(belly, height * rng.uniform(0.25, 0.6)), (neck, height * rng.uniform(0.74, 0.9))]
        if rng.random() < 0.3:
            corners.insert(3, (rng.uniform(neck, belly), height * 0.68))
        corners += [(neck * rng.uniform(1.05, 1.9), height)]
    else:
        corners += [(belly * 0.8, height * rng.uniform(0.3, 0.45)), (belly * rng.uniform(0.9, 1.1), height * 0.75)]
        corners += [(belly * rng.uniform(0.95, 1.35), height)]
    outside = smooth_path(corners, 80)
    outside[:, 0] = np.maximum(outside[:, 0], 0.1)
    return outside


def _swept(profile: Array, height: float, rng: np.random.Generator) -> Array:
    """Return the grid of the vase: round, or with ribs that run up or around, or wound about it."""
    angle = np.linspace(0, 2 * np.pi, 144, endpoint=False)[None, :]
    radius, up = profile[:, :1], profile[:, 1:]
    ribs, depth = int(rng.integers(6, 25)), rng.uniform(0.02, 0.05)
    fade = np.sin(np.pi * np.clip(up / height, 0, 1)) ** 0.5
    kind = rng.choice(["smooth", "smooth", "upright", "wound", "thrown"])
    if kind == "upright":
        radius = radius * (1 + depth * fade * np.cos(ribs * angle))
    elif kind == "wound":
        radius = radius * (1 + depth * fade * np.cos(ribs * angle + rng.uniform(-6, 6) * up / height))
    elif kind == "thrown":
        radius = radius + 0.3 * depth * fade * np.cos(2 * np.pi * ribs * up / height) + 0 * angle
    points: Array = np.stack(np.broadcast_arrays(radius * np.cos(angle), radius * np.sin(angle), up), axis=-1)
    return points


def _add_handles(
    outside: Array, height: float, wall: float, material: bpy.types.Material, rng: np.random.Generator
) -> None:
    low, high = sorted(rng.uniform((0.3, 0.68), (0.5, 0.92)) * height)
    radius = [float(np.interp(z, outside[:, 1], outside[:, 0])) - wall * 0.5 for z in (low, high)]
    reach = max(radius) + rng.uniform(0.2, 0.45)
    corners = np.array(
        [(radius[0], 0, low), (reach, 0, low * 0.7 + high * 0.3), (reach, 0, high), (radius[1], 0, high)]
    )
    path = smooth_path(corners, 40)
    thick = rng.uniform(0.05, 0.09)
    start = rng.uniform(0, 2 * np.pi)
    for number in range(int(rng.integers(1, 3))):
        angle = start + np.pi * number
        cos, sin = np.cos(angle), np.sin(angle)
        rotated = path @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
        tube("handle", material, rotated, np.interp(np.linspace(0, 1, 40), (0, 0.3, 0.7, 1), (1.3, 1, 1, 1.3)) * thick)


def _glaze(height: float, rng: np.random.Generator) -> bpy.types.Material:
    tones = (random_color(rng, saturation=(0.25, 0.85)), random_color(rng, saturation=(0.0, 0.5), value=(0.55, 0.95)))
    roughness, coat = rng.uniform(0.05, 0.4), float(rng.uniform(0, 1))
    kind = str(rng.choice(["plain", "dipped", "dipped", *PATTERNS, *LENGTHWISE]))
    if kind == "plain":
        return plain("glaze", tones[0], roughness=roughness, coat=coat)
    if kind == "dipped":
        clay = _CLAYS[int(rng.integers(len(_CLAYS)))]
        return _dipped(height, (clay, tones[0], tones[1]), roughness, rng)
    scale = rng.uniform(2, 8) if kind in PATTERNS else rng.uniform(1.5, 5)
    return patterned("glaze", kind, tones, scale=scale, roughness=roughness, coat=coat)


def _dipped(
    height: float, tones: tuple[Color, Color, Color], roughness: float, rng: np.random.Generator
) -> bpy.types.Material:
    """Return bare clay below, a glaze above it with a wavy border, and a second glaze round the lip."""
    material = plain("glaze", tones[0], roughness=roughness)
    nodes, links = material.node_tree.nodes, material.node_tree.links
    noise = nodes.new("ShaderNodeTexNoise")
    noise.inputs["Scale"].default_value = float(rng.uniform(1.5, 4))
    place = nodes.new("ShaderNodeTexCoord")
    axes = nodes.new("ShaderNodeSeparateXYZ")
    add = nodes.new("ShaderNodeMath")
    ramp = nodes.new("ShaderNodeValToRGB")
    links.new(place.outputs["Object"], noise.inputs["Vector"])
    links.new(place.outputs["Object"], axes.inputs["Vector"])
    links.new(scaled(material, axes.outputs["Z"], 1 / height, -0.12), add.inputs[0])
    links.new(scaled(material, noise.outputs[0], float(rng.uniform(0.05, 0.3)), 0.0), add.inputs[1])
    links.new(add.outputs["Value"], ramp.inputs["Fac"])
    stops = ramp.color_ramp.elements
    border, upper = rng.uniform(0.12, 0.4), rng.uniform(0.55, 0.9)
    stops[0].position, stops[0].color = border, (*tones[0], 1)
    stops[1].position, stops[1].color = border + 0.012, (*tones[1], 1)
    for position, tone in ((upper, tones[1]), (upper + rng.uniform(0.01, 0.2), tones[2])):
        stops.new(position).color = (*tone, 1)
    links.new(ramp.outputs["Color"], principled(material).inputs["Base Color"])
    return material
