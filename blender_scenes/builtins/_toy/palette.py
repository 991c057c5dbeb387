"""Materials of a toy figure: skin, hair, clothes and the few fixed colors, chosen to go together."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._parts.material import LENGTHWISE, Color, patterned, plain, random_color

_SKINS: tuple[Color, ...] = (
    (0.87, 0.55, 0.4),
    (0.8, 0.44, 0.28),
    (0.6, 0.29, 0.15),
    (0.36, 0.16, 0.08),
    (0.2, 0.085, 0.045),
    (0.9, 0.64, 0.5),
)
_HAIRS: tuple[Color, ...] = (
    (0.012, 0.009, 0.008),
    (0.06, 0.022, 0.01),
    (0.2, 0.075, 0.02),
    (0.6, 0.33, 0.07),
    (0.42, 0.07, 0.015),
    (0.35, 0.34, 0.33),
)
_SHOES: tuple[Color, ...] = ((0.12, 0.045, 0.018), (0.5, 0.02, 0.02), (0.02, 0.025, 0.05), (0.75, 0.45, 0.05))


@dataclass(frozen=True)
class Palette:
    """What each part of a toy figure is made of."""

    skin: bpy.types.Material
    blush: bpy.types.Material
    hair: bpy.types.Material
    iris: bpy.types.Material
    shirt: bpy.types.Material
    trousers: bpy.types.Material
    hat: bpy.types.Material
    accent: bpy.types.Material
    metal: bpy.types.Material
    shoes: bpy.types.Material
    hands: bpy.types.Material
    white: bpy.types.Material
    black: bpy.types.Material
    mouth: bpy.types.Material
    tongue: bpy.types.Material


def random_palette(rng: np.random.Generator) -> Palette:
    """Return materials whose three main colors lie well apart on the color wheel."""
    hue = float(rng.random())
    apart = hue + float(rng.uniform(0.28, 0.72))
    third = (hue + apart) / 2 + (0.5 if rng.random() < 0.5 else 0.0) + float(rng.uniform(-0.08, 0.08))
    shirt = random_color(rng, hue=(hue, hue), saturation=(0.5, 0.88), value=(0.6, 0.9))
    trousers = random_color(rng, hue=(apart, apart), saturation=(0.5, 0.9), value=(0.28, 0.75))
    accent = random_color(rng, hue=(third, third), saturation=(0.55, 0.9), value=(0.75, 0.95))
    skin = _SKINS[int(rng.integers(len(_SKINS)))]
    if rng.random() < 0.08:
        skin = random_color(rng, saturation=(0.25, 0.5), value=(0.7, 0.95))
    hair = _HAIRS[int(rng.integers(len(_HAIRS)))] if rng.random() < 0.85 else random_color(rng, value=(0.4, 0.9))
    hat = (shirt, accent, trousers)[int(rng.choice(3, p=[0.45, 0.35, 0.2]))]
    skin_material = plain("skin", skin, roughness=0.42, coat=0.15)
    return Palette(
        skin=skin_material,
        blush=plain("blush", _towards(skin, (0.75, 0.12, 0.1), 0.35), roughness=0.45, coat=0.15),
        hair=plain("hair", hair, roughness=0.45, coat=0.1),
        iris=plain("iris", random_color(rng, saturation=(0.5, 0.9), value=(0.3, 0.65)), roughness=0.25),
        shirt=_cloth("shirt", shirt, accent if rng.random() < 0.4 else (0.85, 0.83, 0.78), rng, plain_fraction=0.55),
        trousers=_cloth(
            "trousers", trousers, _towards(trousers, (0.9, 0.9, 0.9), 0.25), rng, plain_fraction=0.65, dotted=False
        ),
        hat=_cloth("hat", hat, (0.85, 0.83, 0.78), rng, plain_fraction=0.75),
        accent=plain("accent", accent, roughness=0.35, coat=0.3),
        metal=plain("metal", (0.95, 0.68, 0.2), roughness=0.28, metallic=1.0),
        shoes=plain("shoes", _SHOES[int(rng.integers(len(_SHOES)))], roughness=0.3, coat=0.4),
        hands=plain("gloves", (0.82, 0.82, 0.8), roughness=0.55) if rng.random() < 0.6 else skin_material,
        white=plain("white", (0.86, 0.86, 0.86), roughness=0.2, coat=0.5),
        black=plain("black", (0.01, 0.01, 0.012), roughness=0.15, coat=0.5),
        mouth=plain("mouth", (0.12, 0.008, 0.01), roughness=0.5),
        tongue=plain("tongue", (0.7, 0.12, 0.13), roughness=0.4),
    )


def _cloth(
    name: str, base: Color, second: Color, rng: np.random.Generator, *, plain_fraction: float, dotted: bool = True
) -> bpy.types.Material:
    if rng.random() < plain_fraction:
        return plain(name, base, roughness=0.75, sheen=0.25)
    pattern = str(rng.choice(LENGTHWISE if dotted else ("stripes", "bands")))
    return patterned(name, pattern, (base, second), scale=rng.uniform(3.5, 6), roughness=0.75, sheen=0.25)


def _towards(first: Color, second: Color, fraction: float) -> Color:
    red, green, blue = (float(a + (b - a) * fraction) for a, b in zip(first, second, strict=True))
    return red, green, blue
