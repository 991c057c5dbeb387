"""Something with straight edges: a carton, a house, a bus, a cabinet or a sign, with windows, labels and lettering."""

from __future__ import annotations

from collections.abc import Callable

import bmesh
import bpy
import numpy as np
from mathutils import Matrix

from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._parts.material import plain, random_color, random_material
from synthmat.blender_scenes.builtins._parts.text_glyphs import GlyphStyle, solid_glyph

_LETTERS = "ABCDEFGHKLMNOPRSTUVXYZ0123456789"
_UPRIGHT = Matrix.Rotation(np.pi / 2, 4, "X")
_RAISED = 0.012
"""How far labels, windows and letters stand out from the surface below."""


def build(rng: np.random.Generator) -> None:
    """Add the object to the scene, its longest edge about 2 units, its front towards -Y."""
    kinds: tuple[Callable[[np.random.Generator], None], ...] = (_carton, _house, _bus, _cabinet, _sign)
    kinds[int(rng.integers(len(kinds)))](rng)


def _carton(rng: np.random.Generator) -> None:
    size = rng.uniform((0.8, 0.3, 0.7), (2.0, 1.4, 2.0))
    cardboard = plain("cardboard", random_color(rng, hue=(0.06, 0.12), saturation=(0.3, 0.6)), roughness=0.9)
    body = cardboard if rng.random() < 0.4 else random_material("print", rng)
    _box("carton", (0, 0, size[2] / 2), size, body, bevel=rng.uniform(0.004, 0.05))
    if rng.random() < 0.5:
        tape = plain("tape", random_color(rng, saturation=(0.1, 0.5)), roughness=0.25)
        _box("tape", (0, 0, size[2] / 2), (size[0] * 0.12, size[1] + _RAISED, size[2] + _RAISED), tape)
    for number in range(int(rng.integers(1, 4))):
        _label(size, size[1] / 2 + 2 * number * _RAISED, rng)


def _house(rng: np.random.Generator) -> None:
    size = rng.uniform((0.7, 0.6, 0.8), (1.5, 1.2, 2.2))
    _box("walls", (0, 0, size[2] / 2), size, random_material("walls", rng))
    roof = plain("roof", random_color(rng, value=(0.1, 0.5)), roughness=0.8)
    _box("roof", (0, 0, size[2]), (*(size[:2] * rng.uniform(1.02, 1.15)), rng.uniform(0.03, 0.2)), roof)
    rows, columns = int(rng.integers(2, 8)), int(rng.integers(2, 7))
    pane, frame = _pane(rng), plain("frame", random_color(rng, saturation=(0, 0.4), value=(0.5, 1.0)))
    share = rng.uniform(0.45, 0.8, 2)
    for axis, sign in ((1, -1), (1, 1), (0, -1), (0, 1)):
        _windows(size, axis, sign, (rows, columns), share, pane, frame)


def _bus(rng: np.random.Generator) -> None:
    size = np.array([2.0, rng.uniform(0.6, 0.8), rng.uniform(0.65, 1.1)])
    body = plain("paint", random_color(rng), roughness=rng.uniform(0.1, 0.4), coat=0.8)
    _box("body", (0, 0, 0.2 + size[2] / 2), size, body, bevel=rng.uniform(0.05, 0.14))
    rubber, pane = plain("rubber", (0.02, 0.02, 0.02), roughness=0.8), _pane(rng)
    for x in (-0.62, 0.62):
        for y in (-size[1] / 2, size[1] / 2):
            _wheel((x, y, 0.2), 0.2, rubber)
    count, height = int(rng.integers(3, 9)), size[2] * rng.uniform(0.28, 0.45)
    wide = 1.7 / count
    for level in range(1 if size[2] < 0.95 else 2):
        z = 0.2 + size[2] * (0.72 - 0.42 * level)
        for place in range(count):
            x = (place - (count - 1) / 2) * wide
            _box("window", (x, 0, z), (wide * 0.85, size[1] + _RAISED, height * (1 - 0.3 * level)), pane)
        _box("windscreen", (0, 0, z), (size[0] + _RAISED, size[1] * 0.8, height), pane)
    if rng.random() < 0.7:
        stripe = plain("stripe", random_color(rng), roughness=0.3)
        z = 0.2 + size[2] * rng.uniform(0.15, 0.35)
        _box("stripe", (0, 0, z), (size[0] * 0.96, size[1] + _RAISED, rng.uniform(0.03, 0.12)), stripe)
    _lettering(rng, (0, -size[1] / 2 - _RAISED, 0.2 + size[2] * 0.3), size[2] * 0.2)


def _cabinet(rng: np.random.Generator) -> None:
    size = rng.uniform((0.7, 0.4, 0.8), (1.8, 0.9, 2.0))
    wood = random_material("wood", rng)
    _box("body", (0, 0, size[2] / 2), size, wood, bevel=rng.uniform(0.003, 0.03))
    front = wood if rng.random() < 0.5 else random_material("front", rng)
    knob = plain("knob", random_color(rng, saturation=(0, 0.5)), roughness=0.25, metallic=1.0)
    rows, columns = int(rng.integers(1, 6)), int(rng.integers(1, 4))
    wide, high = size[0] / columns, size[2] / rows
    for row in range(rows):
        for column in range(columns):
            x, z = (column + 0.5) * wide - size[0] / 2, (row + 0.5) * high
            _box("panel", (x, -size[1] / 2, z), (wide * 0.92, 0.05, high * 0.9), front, bevel=0.008)
            _box("handle", (x, -size[1] / 2 - 0.05, z), (min(0.12, wide / 3), 0.05, 0.03), knob, bevel=0.01)


def _sign(rng: np.random.Generator) -> None:
    size = np.array([rng.uniform(0.9, 2.0), rng.uniform(0.02, 0.12), rng.uniform(0.6, 1.6)])
    foot = rng.uniform(0.2, 0.9) if rng.random() < 0.5 else 0.0
    post = plain("post", random_color(rng, saturation=(0, 0.3)), roughness=0.4, metallic=float(rng.random() < 0.5))
    for x in (-0.3, 0.3) if foot else ():
        _box("post", (x * size[0], size[1], (foot + size[2]) / 2), (0.06, 0.05, foot + size[2]), post)
    board = plain("board", random_color(rng, value=(0.3, 1.0)), roughness=rng.uniform(0.2, 0.7))
    _box("board", (0, 0, foot + size[2] / 2), size, board, bevel=0.01)
    labels = int(rng.integers(0, 3))
    for number in range(labels):
        _label(size, size[1] / 2 + 2 * number * _RAISED, rng, above=foot)
    for line in range(int(rng.integers(1, 4))):
        z = foot + size[2] * (0.78 - 0.24 * line)
        at = (0.0, -size[1] / 2 - 2 * (labels + 1) * _RAISED, z)
        _lettering(rng, at, size[2] * rng.uniform(0.12, 0.2), widest=size[0] * 0.9)


def _windows(
    size: Array, axis: int, sign: int, count: tuple[int, int], share: Array, pane: bpy.types.Material,
    frame: bpy.types.Material,
) -> None:  # fmt: skip
    """Add rows of windows to one wall: to those across ``axis``, on the side of ``sign``."""
    across, step = 1 - axis, np.array([size[1 - axis] / count[1], size[2] / count[0]])
    for row in range(count[0]):
        for column in range(count[1]):
            center = np.zeros(3)
            center[axis] = sign * size[axis] / 2
            center[across] = (column + 0.5) * step[0] - size[across] / 2
            center[2] = (row + 0.5) * step[1]
            extent = np.zeros(3)
            extent[axis], extent[across], extent[2] = _RAISED, *(step * share)
            _box("frame", center, extent, frame)
            extent[axis], extent[across], extent[2] = 2 * _RAISED, *(step * share * 0.86)
            _box("window", center, extent, pane)


def _label(size: Array, depth: float, rng: np.random.Generator, *, above: float = 0.0) -> None:
    """Add a label with a line of letters to the front, ``depth`` before the middle; no two labels at one depth."""
    wide, high = size[0] * rng.uniform(0.2, 0.7), size[2] * rng.uniform(0.12, 0.4)
    x = rng.uniform(-1, 1) * (size[0] - wide) * 0.45
    z = above + size[2] / 2 + rng.uniform(-1, 1) * (size[2] - high) * 0.45
    paper = plain("label", random_color(rng, saturation=(0, 0.7), value=(0.6, 1.0)), roughness=0.6)
    _box("label", (x, -depth, z), (wide, _RAISED, high), paper)
    _lettering(rng, (x, -depth - _RAISED, z), high * 0.45, widest=wide * 0.9)


def _lettering(
    rng: np.random.Generator, center: tuple[float, float, float], height: float, *, widest: float = 1.6
) -> None:
    """Add a line of letters that faces -Y, ``height`` high, in the middle of ``center``."""
    ink = plain("ink", random_color(rng, value=(0.02, 0.9)), roughness=0.5)
    count = int(np.clip(widest / (height * 0.75), 1, rng.integers(3, 12)))
    style = GlyphStyle(False, _RAISED / max(height, 0.01), 0.0, float(rng.uniform(0, 0.02)), 0.0)
    for place, sign in enumerate(rng.choice(list(_LETTERS), count)):
        mesh = solid_glyph(str(sign), style)
        if mesh is None:
            continue
        mesh.materials.clear()
        mesh.materials.append(ink)
        letter = bpy.data.objects.new("letter", mesh)
        x = center[0] + (place - (count - 1) / 2) * height * 0.75 - height * 0.3
        at = Matrix.Translation((x, center[1], center[2] - height / 2))
        letter.matrix_basis = at @ Matrix.Scale(height, 4) @ _UPRIGHT
        bpy.context.scene.collection.objects.link(letter)


def _pane(rng: np.random.Generator) -> bpy.types.Material:
    dark = random_color(rng, hue=(0.5, 0.65), saturation=(0.1, 0.5), value=(0.05, 0.5))
    return plain("pane", dark, roughness=0.05, coat=1.0)


def _wheel(center: tuple[float, float, float], radius: float, material: bpy.types.Material) -> None:
    mesh, shaped = bpy.data.meshes.new("wheel"), bmesh.new()
    lying = Matrix.Translation(center) @ _UPRIGHT
    bmesh.ops.create_cone(
        shaped, cap_ends=True, segments=40, radius1=radius, radius2=radius, depth=0.12, matrix=lying
    )  # fmt: skip
    _link(mesh, shaped, material)


def _box(name: str, center: object, size: object, material: bpy.types.Material, bevel: float = 0.0) -> None:
    """Add a box by its center and the lengths of its edges, which ``bevel`` rounds."""
    mesh, shaped = bpy.data.meshes.new(name), bmesh.new()
    place = Matrix.Translation(np.asarray(center, float).tolist())
    extent = np.asarray(size, float)
    bmesh.ops.create_cube(shaped, size=1.0, matrix=place @ Matrix.Diagonal((*extent.tolist(), 1.0)))
    if bevel:
        bmesh.ops.bevel(
            shaped, geom=list(shaped.edges), offset=min(bevel, float(extent.min()) * 0.45), segments=3, profile=0.5,
            affect="EDGES",
        )  # fmt: skip
    _link(mesh, shaped, material)


def _link(mesh: bpy.types.Mesh, shaped: bmesh.types.BMesh, material: bpy.types.Material) -> None:
    shaped.to_mesh(mesh)
    shaped.free()
    mesh.materials.append(material)
    bpy.context.scene.collection.objects.link(bpy.data.objects.new(mesh.name, mesh))
