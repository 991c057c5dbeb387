"""Materials of glass, clear plastic and liquids, made so that one alpha a pixel can say what they let through.

A colored surface lets more of one color through than of another, and a single alpha cannot. So light is split: as
much as even the weakest color gets passes straight, as through clear glass, and film alpha falls by it; what the
others get beyond that is refracted a little roughly, for which Cycles keeps the film opaque, and brings the color
along.
"""

from __future__ import annotations

from collections.abc import Callable

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._parts.material import Color, plain, principled, random_color

FILM_ROUGHNESS = 0.1
"""Cycles' default bound: film alpha sees through transmission up to this roughness, and not beyond it."""

_TINTS: tuple[Callable[[np.random.Generator], Color], ...] = (
    lambda rng: random_color(rng, hue=(0.25, 0.55), saturation=(0.0, 0.06), value=(0.97, 1.0)),
    lambda rng: random_color(rng, hue=(0.0, 1.0), saturation=(0.04, 0.2), value=(0.93, 1.0)),
    lambda rng: random_color(rng, hue=(0.0, 1.0), saturation=(0.5, 0.9), value=(0.75, 0.97)),
)


def glass(
    name: str,
    tint: Color = (1.0, 1.0, 1.0),
    *,
    roughness: float = 0.0,
    ior: float = 1.5,
    clear: float | None = None,
) -> bpy.types.Material:
    """Return a material that refracts.

    Args:
        name: Of the material.
        tint: What a wall, two surfaces, lets through; linear RGB.
        roughness: Of its surface, up to `FILM_ROUGHNESS`.
        ior: Index of refraction.
        clear: Fraction of light that passes a surface straight, so that alpha falls by it; as much as all colors get if
            it is not given, less for glass that is frosted or cloudy.
    """
    surface = np.sqrt(np.asarray(tint))
    fraction = float(surface.min()) if clear is None else min(clear, float(surface.min()))
    material = plain(name, tint, roughness=roughness)
    first = principled(material)
    _refract(first, ior)
    if fraction > 0.97:
        return material
    nodes, links = material.node_tree.nodes, material.node_tree.links
    first.inputs["Base Color"].default_value = (1.0, 1.0, 1.0, 1.0)
    rest = (surface - fraction) / (1 - fraction)
    second = nodes.new("ShaderNodeBsdfPrincipled")
    second.inputs["Base Color"].default_value = (*(rest**2).tolist(), 1.0)
    second.inputs["Roughness"].default_value = FILM_ROUGHNESS * (1.15 if clear is None else 4.0)
    _refract(second, ior)
    mix = nodes.new("ShaderNodeMixShader")
    mix.inputs[0].default_value = 1 - fraction
    links.new(first.outputs[0], mix.inputs[1])
    links.new(second.outputs[0], mix.inputs[2])
    output = next(node for node in nodes if node.type == "OUTPUT_MATERIAL")
    links.new(mix.outputs[0], output.inputs["Surface"])
    return material


def random_tint(rng: np.random.Generator, *, deep: float) -> Color:
    """Return the tint of a glass: clear for the most part, slightly tinted, or deep with probability ``deep``."""
    kind = rng.choice(3, p=[0.65 * (1 - deep), 0.35 * (1 - deep), deep])
    return _TINTS[int(kind)](rng)


def liquid(name: str, tint: Color, *, cloudy: float = 0.0) -> bpy.types.Material:
    """Return a liquid: clear and colored by ``tint``, or with the share ``cloudy`` of it as opaque as milk."""
    material = glass(name, tint, ior=1.333)
    if cloudy > 0:
        for node in material.node_tree.nodes:
            if node.type == "BSDF_PRINCIPLED":
                node.inputs["Transmission Weight"].default_value = 1 - cloudy
                if cloudy > 0.5 or node.inputs["Roughness"].default_value > FILM_ROUGHNESS:
                    node.inputs["Base Color"].default_value = (*tint, 1.0)
    return material


def _refract(shader: bpy.types.ShaderNode, ior: float) -> None:
    shader.inputs["Transmission Weight"].default_value = 1.0
    shader.inputs["IOR"].default_value = ior
