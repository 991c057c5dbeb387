"""Raised letters: short words, numbers, signs and glyphs of many alphabets, solid, puffed, of wire or of strips."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np
from mathutils import Euler, Matrix, Vector

from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._parts.material import patterned, plain, principled, random_color, random_material
from synthmat.blender_scenes.builtins._parts.mesh import add_grid, tube_points
from synthmat.blender_scenes.builtins._parts.text_glyphs import GlyphStyle, glyph_outlines, solid_glyph
from synthmat.blender_scenes.builtins._parts.text_lines import random_lines

_UPRIGHT = Matrix.Rotation(np.pi / 2, 4, "X")
_MIN_METAL_ROUGHNESS = 0.35
"""Strokes are a few pixels wide and round: smoother metal packs all the light round it into specks of one pixel."""


@dataclass(frozen=True)
class _Letter:
    """The parts of one letter, and where its left and right edge lie in their own coordinates."""

    parts: list[bpy.types.Object]
    left: float
    right: float


def build(rng: np.random.Generator) -> None:
    """Add the text to the scene, its front towards -Y, lines about 1 unit high."""
    lines = random_lines(rng)
    kind = str(rng.choice(["solid", "solid", "solid", "puffed", "wire", "strip"]))
    latin = all(ord(sign) < 0x250 for line in lines for sign in line)
    style = _random_style(kind, rng, second_font=latin and rng.random() < 0.35)
    materials = [_material(kind, number, rng) for number in range(int(rng.choice([1, 1, 3])))]
    front = _material(kind, 3, rng) if kind == "solid" and rng.random() < 0.35 else None
    thin = rng.uniform(0.027, 0.045)
    rows: list[list[_Letter | None]] = []
    for line in lines:
        row: list[_Letter | None] = []
        for sign in line:
            material = materials[sum(len(done) for done in [*rows, row]) % len(materials)]
            row.append(None if sign == " " else _letter(sign, kind, style, thin, (material, front or material)))
        rows.append(row)
    if not any(letter and letter.parts for row in rows for letter in row):
        rows = [[_letter("A", "solid", style, thin, (materials[0], materials[0]))]]
    _set(rows, rng)


def _random_style(kind: str, rng: np.random.Generator, *, second_font: bool) -> GlyphStyle:
    shear = rng.choice([0.0, 0.0, rng.uniform(0.15, 0.5)])
    if kind == "puffed":
        return GlyphStyle(second_font, 0.0, rng.uniform(0.035, 0.06), rng.uniform(-0.012, 0.012), shear)
    bevel = rng.choice([0.004, rng.uniform(0.008, 0.03)])
    extrude = rng.choice([rng.uniform(0.03, 0.08), rng.uniform(0.08, 0.3)])
    return GlyphStyle(second_font, extrude, bevel, rng.uniform(-0.014, 0.03), shear)


def _material(kind: str, number: int, rng: np.random.Generator) -> bpy.types.Material:
    name = f"letter {number}"
    look = rng.choice(["any", "any", "metal", "toy", "dark", "glow" if kind in ("wire", "strip") else "stripes"])
    if look == "metal":
        tone = ((0.9, 0.62, 0.25), (0.7, 0.71, 0.73), (0.85, 0.45, 0.3))[int(rng.integers(3))]
        return plain(name, tone, roughness=rng.uniform(_MIN_METAL_ROUGHNESS, 0.55), metallic=1.0)
    if look == "toy":
        return plain(name, random_color(rng, saturation=(0.75, 1.0), value=(0.7, 1.0)), roughness=0.3, coat=0.6)
    if look == "dark":
        return plain(name, random_color(rng, saturation=(0.0, 0.4), value=(0.03, 0.2)), roughness=rng.uniform(0.3, 0.8))
    if look == "stripes":
        tones = (random_color(rng), random_color(rng, saturation=(0.0, 0.4), value=(0.7, 1.0)))
        return patterned(name, str(rng.choice(["checker", "marble", "wood"])), tones, scale=rng.uniform(3, 9))
    if look == "glow":
        material = plain(name, (0.8, 0.8, 0.8), roughness=0.3)
        tone = random_color(rng, saturation=(0.4, 0.9), value=(0.9, 1.0))
        principled(material).inputs["Emission Color"].default_value = (*tone, 1.0)
        principled(material).inputs["Emission Strength"].default_value = float(rng.uniform(0.6, 1.5))
        return material
    return _roughened(random_material(name, rng))


def _roughened(material: bpy.types.Material) -> bpy.types.Material:
    """Make a metal at least as rough as those of letters."""
    inputs = principled(material).inputs
    if inputs["Metallic"].default_value:
        inputs["Roughness"].default_value = max(inputs["Roughness"].default_value, _MIN_METAL_ROUGHNESS)
    return material


def _letter(
    sign: str, kind: str, style: GlyphStyle, thin: float, materials: tuple[bpy.types.Material, bpy.types.Material]
) -> _Letter | None:
    """Add a letter at the origin, still lying on its back; its sides and its front may differ in material."""
    if kind in ("wire", "strip"):
        parts = [
            add_grid("letter", _swept(loop, kind, thin, style.extrude), materials[0], closed=True)
            for loop in glyph_outlines(sign, style, thin * 0.8)
        ]
    else:
        mesh = solid_glyph(sign, style)
        parts = []
        if mesh is not None:
            mesh.materials.clear()
            for material in materials:
                mesh.materials.append(material)
            for face in mesh.polygons:
                face.material_index = int(face.normal.z > 0.9)
            parts = [bpy.data.objects.new("letter", mesh)]
            bpy.context.scene.collection.objects.link(parts[0])
    if not parts:
        return None
    across = [vertex.co.x for part in parts for vertex in part.data.vertices]
    return _Letter(parts, min(across), max(across))


def _swept(loop: Array, kind: str, thin: float, extrude: float) -> Array:
    """Return the grid of a round wire along an outline, or of a wall that stands on it."""
    path = np.column_stack([loop, np.zeros(len(loop))])
    if kind == "wire":
        return tube_points(path, thin, segments=12, closed=True)
    ahead = np.roll(loop, -1, axis=0) - np.roll(loop, 1, axis=0)
    beside = np.column_stack([ahead[:, 1], -ahead[:, 0]]) / np.maximum(np.linalg.norm(ahead, axis=1), 1e-9)[:, None]
    angle = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    wide, high = (np.sign(part) * np.abs(part) ** 0.4 for part in (np.cos(angle), np.sin(angle)))
    wall = path[:, None] + np.zeros((1, 16, 1))
    wall[..., :2] += beside[:, None] * (wide * thin * 0.5)[None, :, None]
    wall[..., 2] += high * max(extrude, 0.05)
    return wall


def _set(rows: list[list[_Letter | None]], rng: np.random.Generator) -> None:
    """Move letters to their places: in lines, along an arch or a wave, round a ring, one above another, or loosely."""
    way = str(rng.choice(["lines", "lines", "lines", "arch", "wave", "ring", "column", "loose", "loose"]))
    gap, spacing = rng.uniform(0.03, 0.12), rng.uniform(0.95, 1.25)
    bend, tilt = rng.uniform(0.6, 2.4) * rng.choice([-1, 1]), rng.uniform(0.1, 0.5)
    phase, swing = rng.uniform(0, 2 * np.pi), rng.uniform(0.12, 0.35)
    if way == "column" and sum(len(row) for row in rows) > 5:
        way = "lines"
    longest = max(sum(_width(letter, gap) for letter in row) for row in rows)
    if way == "column":
        rows = [[letter] for row in rows for letter in row if letter]
    for number, row in enumerate(rows):
        length = sum(_width(letter, gap) for letter in row)
        at = -length / 2
        for letter in row:
            wide = _width(letter, gap)
            x, z = at + wide / 2, -number * spacing
            at += wide
            if letter is None:
                continue
            place = Matrix.Translation((x, 0, z))
            if way == "arch":
                radius = longest / bend
                place = Matrix.Translation((0, 0, z - radius)) @ Matrix.Rotation(x / radius, 4, "Y")
                place = place @ Matrix.Translation((0, 0, radius))
            elif way == "wave":
                place.translation.z += swing * float(np.sin(2 * x + phase))
                place = place @ Matrix.Rotation(-swing * float(np.cos(2 * x + phase)), 4, "Y")
            elif way == "ring":
                radius = max(longest / (2 * np.pi) * 1.15, longest / abs(bend) / 1.6, 0.3)
                place = Matrix.Translation((0, 0, z)) @ Matrix.Rotation(x / radius, 4, "Z")
                place = place @ Matrix.Translation((0, -radius, 0))
            elif way == "loose":
                tilted = Euler((rng.normal(0, tilt * 0.6), rng.normal(0, tilt * 0.6), rng.normal(0, tilt)))
                place = place @ Matrix.Translation((0, rng.normal(0, 0.1), rng.normal(0, 0.08)))
                place = place @ Matrix.Rotation(tilted.z, 4, "Y") @ Matrix.Rotation(tilted.x, 4, "Z")
                place = place @ Matrix.Diagonal(Vector((rng.uniform(0.8, 1.25),) * 3).to_4d())
            to_middle = Matrix.Translation((-(letter.left + letter.right) / 2, 0, 0))
            for part in letter.parts:
                part.matrix_basis = place @ _UPRIGHT @ to_middle


def _width(letter: _Letter | None, gap: float) -> float:
    return 0.35 if letter is None else letter.right - letter.left + gap
