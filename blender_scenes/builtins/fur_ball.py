"""A ball of fur: thousands of tapered strands of hair on a round body, plain, spotted or striped, some with a face."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import Array, unit
from synthmat.blender_scenes.builtins._parts.material import Color, attribute, plain, principled, random_color
from synthmat.blender_scenes.builtins._parts.mesh import ellipsoid

_STRANDS, _POINTS = 3000, 8


def build(rng: np.random.Generator) -> None:
    """Add body, fur and perhaps a face and feet to the scene; the body's radius is 1."""
    radii = rng.uniform(0.85, 1.15, 3)
    dark, light = _tones(rng)
    ellipsoid("body", plain("skin", dark, roughness=0.9), (0, 0, 0), radii * 0.99)
    faced = rng.random() < 0.6
    _add_fur(radii, (dark, light), rng, face=faced)
    if faced:
        _add_face(radii, rng)


def _tones(rng: np.random.Generator) -> tuple[Color, Color]:
    """Return a dark and a light tone: those of animals, or bright ones."""
    if rng.random() < 0.5:
        hue, saturation = rng.uniform(0.04, 0.1), rng.uniform(0.0, 0.65)
    else:
        hue, saturation = rng.uniform(0, 1), rng.uniform(0.4, 0.85)
    low, high = rng.uniform(0.2, 0.55), rng.uniform(0.7, 1.0)
    dark = random_color(rng, hue=(hue, hue), saturation=(saturation, saturation), value=(low, low))
    near = hue + rng.uniform(-0.08, 0.08)
    return dark, random_color(rng, hue=(near, near), saturation=(saturation * 0.5, saturation), value=(high, high))


def _add_fur(radii: Array, tones: tuple[Color, Color], rng: np.random.Generator, *, face: bool) -> None:
    points, shade = _strands(radii, rng, face=face)
    count = len(points)
    thickness = rng.uniform(0.008, 0.014) * np.linspace(1, 0.08, _POINTS)[None, :] * rng.uniform(0.7, 1.2, (count, 1))
    fur = bpy.data.hair_curves.new("fur")
    fur.add_curves([_POINTS] * count)
    fur.attributes["position"].data.foreach_set("vector", points.astype(np.float32).reshape(-1))
    for name, values in (("radius", thickness), ("shade", shade)):
        layer = fur.attributes.get(name) or fur.attributes.new(name, "FLOAT", "POINT")
        layer.data.foreach_set("value", values.astype(np.float32).reshape(-1))
    fur.materials.append(_fur_material(tones, rng))
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("fur", fur))


def _strands(radii: Array, rng: np.random.Generator, *, face: bool) -> tuple[Array, Array]:
    """Return the points ``(n, points, 3)`` of all strands and how light each point is, from 0 to 1."""
    number = np.arange(_STRANDS) + 0.5
    height, around = 1 - 2 * number / _STRANDS, np.pi * (1 + 5**0.5) * number
    ring = np.sqrt(1 - height**2)
    direction = unit(
        np.stack([ring * np.cos(around), ring * np.sin(around), height], 1) + rng.normal(0, 0.02, (_STRANDS, 3))
    )
    length = rng.uniform(0.15, 0.6) * rng.uniform(0.7, 1.2, _STRANDS)
    if face:
        # Short where the eyes and the nose are, so that they are seen.
        length = length * np.clip(
            2.2 * np.arccos(np.clip(direction @ unit(np.array([0, -1, 0.15])), -1, 1)) - 0.35, 0.25, 1
        )
    root, normal = direction * radii, unit(direction / radii)
    comb = _comb(direction, rng)
    tuft = direction[rng.integers(_STRANDS, size=int(rng.integers(60, 400)))]
    nearest = tuft[np.argmax(direction @ tuft.T, axis=1)] * radii * (1 + length[:, None])
    clump, droop, frizz = rng.uniform(0, 0.7), rng.uniform(0, 0.6), rng.uniform(0.0, 0.1)
    wave, phase = rng.uniform(2, 9), rng.uniform(0, 2 * np.pi, _STRANDS)
    t = np.linspace(0, 1, _POINTS)
    points = np.empty((_STRANDS, _POINTS, 3))
    side = unit(np.cross(normal, [0.2, 0.1, 1.0]))
    for i, fraction in enumerate(t):
        straight = root + normal * (length * fraction)[:, None] + comb * (length * fraction**1.5)[:, None]
        straight[:, 2] -= droop * length * fraction**2
        curl = (frizz * length * fraction * np.sin(wave * fraction + phase))[:, None]
        straight = straight + side * curl + np.cross(normal, side) * curl * np.cos(phase)[:, None]
        points[:, i] = straight + (nearest - straight) * clump * fraction**2
    spots = _spots(direction, rng)[:, None]
    light = t[None, :] ** rng.uniform(0.4, 1.5) * 0.8 + 0.1
    shade: Array = np.clip(light + spots + rng.normal(0, 0.12, (_STRANDS, 1)), 0, 1)
    return _outside(points, radii), shade


def _comb(direction: Array, rng: np.random.Generator) -> Array:
    """Return how the fur is combed: along the surface, in a random common direction with a swirl."""
    common = unit(rng.normal(size=3)) * rng.uniform(0.0, 0.9) + np.cross(
        unit(rng.normal(size=3)), direction
    ) * rng.uniform(0, 0.5)
    combed: Array = common - direction * (common * direction).sum(axis=1, keepdims=True)
    return combed


def _spots(direction: Array, rng: np.random.Generator) -> Array:
    """Return 0 or more where the coat is lighter: nowhere, in patches, in stripes or at the belly."""
    kind = rng.choice(["plain", "patches", "stripes", "belly"])
    lighter: Array = np.zeros(len(direction))
    if kind == "patches":
        centers = unit(rng.normal(size=(9, 3)))
        lighter = 0.6 * ((direction @ centers.T).max(axis=1) > rng.uniform(0.86, 0.94))
    elif kind == "stripes":
        lighter = 0.5 * (np.sin(direction @ unit(rng.normal(size=3)) * rng.uniform(8, 16)) > 0.2)
    elif kind == "belly":
        lighter = 0.6 / (1 + np.exp(9 * (direction[:, 2] + direction[:, 1] * 0.6 + 0.1)))
    return lighter


def _outside(points: Array, radii: Array) -> Array:
    """Push points of strands that went into the body back to its surface."""
    inside = np.linalg.norm(points / radii, axis=-1, keepdims=True)
    pushed: Array = points * np.maximum(1, 1.005 / inside)
    return pushed


def _fur_material(tones: tuple[Color, Color], rng: np.random.Generator) -> bpy.types.Material:
    material = plain("fur", tones[0], roughness=rng.uniform(0.35, 0.65))
    nodes, links = material.node_tree.nodes, material.node_tree.links
    ramp = nodes.new("ShaderNodeValToRGB")
    for stop, tone in zip(ramp.color_ramp.elements, tones, strict=True):
        stop.color = (*tone, 1)
    links.new(attribute(material, "shade"), ramp.inputs["Fac"])
    links.new(ramp.outputs["Color"], principled(material).inputs["Base Color"])
    return material


def _add_face(radii: Array, rng: np.random.Generator) -> None:
    white = plain("white", (0.86, 0.86, 0.86), roughness=0.15, coat=0.6)
    black = plain("black", (0.01, 0.01, 0.012), roughness=0.1, coat=0.8)
    nose = plain(
        "nose", random_color(rng, hue=(-0.06, 0.06), saturation=(0.4, 0.8), value=(0.1, 0.9)), roughness=0.2, coat=0.5
    )
    size, apart = rng.uniform(0.14, 0.24), rng.uniform(0.26, 0.4)
    for side in (-1, 1):
        at = unit(np.array([side * apart, -1, 0.3])) * radii
        ellipsoid("eye", white, at + [0, -0.04, 0], np.full(3, size))
        look = unit(np.array([-side * 0.12, -1, 0.05]))
        ellipsoid("pupil", black, at + [0, -0.04, 0] + look * size * 0.45, np.full(3, size * 0.68))
        ellipsoid("glint", white, at + [-0.3 * size, -0.04 - size * 1.02, size * 0.42], np.full(3, size * 0.13))
    at = unit(np.array([0, -1, 0.02])) * radii
    ellipsoid("nose", nose, at + [0, -0.1, 0], np.array((0.13, 0.1, 0.09)) * rng.uniform(0.8, 1.3))
    if rng.random() < 0.6:
        for side in (-1, 1):
            foot = np.array([side * 0.4, -0.35, -radii[2] * 0.98])
            ellipsoid("foot", nose, foot, (0.26, 0.42, 0.15))
