"""Garments: cut from the surface round a body by a pattern, made wider, draped and given thickness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import bpy
import numpy as np
from mathutils import Vector
from mathutils.kdtree import KDTree

from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._parts.mesh import add_mesh
from synthmat.blender_scenes.builtins._person.body.body import Body
from synthmat.blender_scenes.builtins._person.drape import Collider, Fabric, draped
from synthmat.blender_scenes.builtins._person.measures import Measures, body_measures
from synthmat.blender_scenes.builtins._person.patterns import Pattern, Skirt, Top
from synthmat.blender_scenes.builtins._person.surface import (
    RESTING,
    Indices,
    Surface,
    cut,
    edges_of,
    smoothed,
    subdivided,
    triangulated,
    vertex_normals,
)

_PLACE, _REST, _MEASURES, _EDGE, _LIFT = slice(0, 3), slice(3, 6), slice(6, 14), 14, 15
_STEPS = 45
_LAYER = 0.006
"""Thickness of a layer of cloth with the air in it, meters."""


@dataclass(frozen=True)
class Fit:
    """How a garment sits: all lengths in meters.

    Attributes:
        clearance: Least distance from the body; layers have more of it the farther out they are.
        room: How far it stands off the body before it falls.
        ease: How much longer its threads are than the body is round.
        stiffness: Against bending, from 0 to 1.
        hold: How firmly it keeps its place, from 0 to 1; low for wide cloth.
        thickness: Of the cloth; 0 for a single layer, as sheer cloth is.
    """

    clearance: float = 0.004
    room: float = 0.01
    ease: float = 1.04
    stiffness: float = 0.1
    hold: float = 0.02
    thickness: float = 0.0015


@dataclass(frozen=True)
class Garment:
    """A draped garment: its surface, triangles with places in the first columns, and the measures of its vertices.

    ``edge`` ``(n,)`` is how far each vertex lies from the nearest edge, meters.
    """

    surface: Surface
    measures: Measures
    edge: Array
    thickness: float


class Dummy:
    """A posed body as a tailor's dummy: the surface round it that garments are cut from and drape on."""

    def __init__(self, body: Body) -> None:
        self.body = body
        self.tights = self._part("tights", 1)
        self.skirt = self._part("skirt", 2)
        self.rest_scale = float(np.ptp(body.rest[body.parts["body"].vertices, 2])) / 1.53

    def _part(self, name: str, levels: int) -> Surface:
        part = self.body.parts[name]
        measures = body_measures().columns[part.vertices]
        columns = np.concatenate([self.body.vertices[part.vertices], self.body.rest[part.vertices], measures], axis=1)
        surface = Surface(columns.astype(float), self.body.faces[part.faces].astype(np.int64) - part.vertices.start)
        for _ in range(levels):
            surface = subdivided(surface)
        return surface


def sewn(dummy: Dummy, pattern: Pattern, fit: Fit, under: Sequence[Pattern] = ()) -> Garment:
    """Return a garment on a dummy, draped over what is worn ``under`` it."""
    whole = dummy.skirt if isinstance(pattern, Skirt) else dummy.tights
    measures = Measures.of(whole.columns[:, _MEASURES])
    field = pattern.field(measures)
    edges = edges_of(whole.faces)[0]
    lift = _lift(measures, under)
    room = fit.room * _slack(pattern, measures) + lift
    lies = 0.7 * _shoulders(measures) if isinstance(pattern, Top) else np.zeros(len(room))
    shell, rest = (_shell(whole.columns[:, each], whole.faces, edges, room, lies) for each in (_PLACE, _REST))
    columns = np.concatenate([shell, rest, whole.columns[:, _MEASURES], field[:, None], lift[:, None]], axis=1)
    piece = cut(Surface(columns, triangulated(whole.faces)), field)
    edge = piece.columns[:, _EDGE]
    hold = np.clip(fit.hold + _held(pattern, Measures.of(piece.columns[:, _MEASURES])), 0, 0.6)
    collider = _collider(dummy, piece.places)
    ease = _eased(pattern, Measures.of(piece.columns[:, _MEASURES]), fit.ease)
    fabric = Fabric(fit.stiffness, fit.clearance + piece.columns[:, _LIFT], ease)
    fallen = draped(piece.places, piece.columns[:, _REST], piece.faces, hold, collider, fabric, _STEPS)
    return Garment(piece.moved(fallen), Measures.of(piece.columns[:, _MEASURES]), np.abs(edge), fit.thickness)


def add_garment(name: str, garment: Garment, material: bpy.types.Material) -> bpy.types.Object:
    """Add a garment to the scene; shaders find ``edge``, ``across`` and ``along`` on it, meters.

    Its attributes `RESTING` say where each vertex lies round the body before that was posed, meters.
    """
    across, along = _threads(garment.measures)
    rest = garment.surface.columns[:, _REST]
    columns = np.concatenate([garment.surface.places, np.stack([garment.edge, across, along], axis=1), rest], axis=1)
    fine = subdivided(Surface(columns, garment.surface.faces))
    attributes: dict[str, Array] = dict(zip(("edge", "across", "along", *RESTING), fine.columns[:, 3:].T, strict=True))
    item = add_mesh(name, fine.places, fine.faces, material, attributes)
    if garment.thickness:
        solid = item.modifiers.new("thickness", "SOLIDIFY")
        solid.thickness, solid.offset = garment.thickness, 1.0
    return item


def _shell(places: Array, faces: Indices, edges: Indices, room: Array, lies: Array) -> Array:
    """Return a surface off the body by ``room`` ``(n,)`` that bridges what cloth does not follow.

    Where it ``lies`` ``(n,)`` on the body, from 0 to 1, it follows it.
    """
    return smoothed(places + vertex_normals(places, faces) * room[:, None], edges, 5, fixed=lies)


def _lift(at: Measures, under: Sequence[Pattern]) -> Array:
    """Return how thick what is worn already is at each point ``(n,)``, meters."""
    layers = [np.clip((pattern.field(at) + 0.03) / 0.02, 0, 1) for pattern in under]
    return _LAYER * np.sum(layers, axis=0) if layers else np.zeros(len(at.z))


def _slack(pattern: Pattern, at: Measures) -> Array:
    """Return how much of its room a garment has at each point ``(n,)``: hardly any at neck, cuffs and waistband."""
    if isinstance(pattern, Top):
        tight = np.maximum(np.maximum(_collar(pattern, at), _cuffs(pattern, at)), _waist(pattern, at))
        return np.asarray((1 - 0.85 * tight) * (1 - 0.5 * _shoulders(at)))
    slack: Array = np.clip((pattern.waist - at.z) / 0.1, 0.15, 1.0)
    return slack


def _eased(pattern: Pattern, at: Measures, ease: float) -> Array:
    """Return how much longer than the body is round the threads are at each point ``(n,)``, a factor.

    A neckline is a little tighter than the neck, and there is no more cloth than needed on shoulders and at cuffs.
    """
    if not isinstance(pattern, Top):
        return np.full(len(at.z), ease)
    spare = (ease - 1) * (1 - 0.8 * _shoulders(at)) * (1 - np.maximum(_cuffs(pattern, at), _waist(pattern, at)))
    neck = _collar(pattern, at)
    return np.asarray(1 + spare * (1 - neck) - 0.03 * neck)


def _collar(pattern: Top, at: Measures) -> Array:
    """Return how near to the neckline each point lies ``(n,)``, from 0 to 1."""
    return np.asarray(np.clip(1 - (at.neck - pattern.neck) / 0.06, 0, 1))


def _cuffs(pattern: Top, at: Measures) -> Array:
    """Return how near to the end of a long sleeve each point lies ``(n,)``, from 0 to 1."""
    if pattern.sleeve < 1.5:
        return np.zeros(len(at.z))
    return np.asarray(np.clip(1 - (pattern.sleeve - at.reach) * 0.25 / 0.06, 0, 1) * (at.arm > 0.5))


def _waist(pattern: Top, at: Measures) -> Array:
    """Return how near to the seam at the waist each point lies ``(n,)``, from 0 to 1, where there is one."""
    if not pattern.waisted:
        return np.zeros(len(at.z))
    return np.asarray(np.clip(1 - (at.z - pattern.hem) / 0.08, 0, 1) * (at.arm < 0.5))


def _shoulders(at: Measures) -> Array:
    """Return how much cloth lies on the shoulders at each point ``(n,)``, from 0 to 1."""
    on_arm = np.clip(1 - at.reach / 0.35, 0, 1) * np.clip(at.arm * 2, 0, 1)
    return np.asarray(np.clip((at.z - 0.36) / 0.06, 0, 1) * np.maximum(on_arm, at.arm < 0.5))


def _held(pattern: Pattern, at: Measures) -> Array:
    """Return how firmly waistbands, collars and shoulders keep their place ``(n,)``."""
    if isinstance(pattern, Top):
        neck = np.clip(1 - (at.neck - pattern.neck) / 0.05, 0, 1) * 0.4
        return np.asarray(np.maximum(neck, 0.5 * _waist(pattern, at)))
    return np.asarray(np.clip(1 - (pattern.waist - at.z) / 0.05, 0, 1) * 0.5)


def _collider(dummy: Dummy, places: Array) -> Collider:
    body = dummy.tights
    tree = KDTree(len(body.places))
    for i, spot in enumerate(body.places.tolist()):
        tree.insert(spot, i)
    tree.balance()
    nearest = np.array([tree.find(Vector(spot))[1] for spot in places.tolist()])
    return Collider(body.places, body.faces, nearest)


def _threads(at: Measures) -> tuple[Array, Array]:
    """Return where on the cloth each vertex lies, meters: across the threads that run down, and along them."""
    share = np.clip((at.arm - 0.2) / 0.6, 0, 1)
    along = (1 - share) * -at.z + share * (at.reach * 0.25 - 0.4)
    return at.around, along
