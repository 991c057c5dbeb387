"""Glyphs of Blender's fonts as solid letters and as outlines; a sign that a font lacks comes from its fall-backs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import Array

_SECOND_FONT = "DejaVuSansMono.woff2"


@dataclass(frozen=True)
class GlyphStyle:
    """How glyphs look, in units of about the height of a line.

    ``extrude`` is half of the depth, to which the round bevel's radius adds; ``offset`` makes strokes bolder, negative
    thinner; ``shear`` slants.
    """

    second_font: bool
    extrude: float
    bevel: float
    offset: float
    shear: float


def solid_glyph(sign: str, style: GlyphStyle) -> bpy.types.Mesh | None:
    """Return a bevelled letter in the plane XY, its front towards +Z, or None for a sign without a picture.

    Where bevel and offset would grow spikes out of sharp corners, they are made smaller.
    """
    flat = _mesh(sign, replace(style, offset=0.0), filled=False)
    size = _size(flat)
    bpy.data.meshes.remove(flat)
    for fraction in (1.0, 0.4, 0.0):
        mesh = _mesh(sign, replace(style, bevel=style.bevel * fraction, offset=style.offset * fraction), filled=True)
        fits = (_size(mesh) <= size + 2 * (style.bevel + abs(style.offset)) + 0.1).all()
        if fits or not fraction:
            break
        bpy.data.meshes.remove(mesh)
    mesh.validate()
    if len(mesh.polygons):
        return mesh
    bpy.data.meshes.remove(mesh)
    return None


def _size(mesh: bpy.types.Mesh) -> Array:
    """Return width and height of a mesh."""
    points = np.zeros((max(len(mesh.vertices), 1), 3), np.float32)
    if len(mesh.vertices):
        mesh.vertices.foreach_get("co", points.reshape(-1))
    return np.asarray(np.ptp(points[:, :2], axis=0), float)


def glyph_outlines(sign: str, style: GlyphStyle, step: float) -> list[Array]:
    """Return the closed outlines of a glyph, each ``(n, 2)`` with points about ``step`` apart."""
    mesh = _mesh(sign, style, filled=False)
    points = np.empty((len(mesh.vertices), 3), np.float32)
    mesh.vertices.foreach_get("co", points.reshape(-1))
    joined = {tuple(sorted(edge.vertices)) for edge in mesh.edges}
    bpy.data.meshes.remove(mesh)
    breaks = [i + 1 for i in range(len(points) - 1) if (i, i + 1) not in joined]
    loops = np.split(points[:, :2].astype(float), breaks)
    return [_evenly(loop, step) for loop in loops if len(loop) > 2]


def _mesh(sign: str, style: GlyphStyle, *, filled: bool) -> bpy.types.Mesh:
    curve = bpy.data.curves.new("glyph", "FONT")
    curve.body = sign
    curve.resolution_u = 6
    curve.shear = style.shear
    curve.offset = style.offset
    font = Path(bpy.utils.resource_path("LOCAL")) / "datafiles" / "fonts" / _SECOND_FONT
    if style.second_font and font.exists():
        curve.font = bpy.data.fonts.load(str(font), check_existing=True)
    if filled:
        curve.extrude, curve.bevel_depth, curve.bevel_resolution = style.extrude, style.bevel, 4
    else:
        curve.fill_mode = "NONE"
    item = bpy.data.objects.new("glyph", curve)
    bpy.context.scene.collection.objects.link(item)
    mesh = bpy.data.meshes.new_from_object(item.evaluated_get(bpy.context.evaluated_depsgraph_get()))
    bpy.data.objects.remove(item)
    bpy.data.curves.remove(curve)
    return mesh


def _evenly(loop: Array, step: float) -> Array:
    """Return a closed outline with points at equal distances."""
    closed = np.concatenate([loop, loop[:1]])
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    count = max(12, round(along[-1] / step))
    places = np.linspace(0, along[-1], count, endpoint=False)
    return np.stack([np.interp(places, along, closed[:, axis]) for axis in (0, 1)], axis=1)
