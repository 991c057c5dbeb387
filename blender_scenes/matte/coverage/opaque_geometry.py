"""The triangles of a scene that hide what is behind them or are textured cards, where that is all there is to it."""

from __future__ import annotations

from typing import Any, NamedTuple

import bpy
import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.materials.card import CardAlpha
from synthmat.blender_scenes.materials.card_alpha import card_alpha
from synthmat.blender_scenes.materials.matte_materials import Cover, cover, has_one_side
from synthmat.blender_scenes.matte.coverage.card_coverage import Bytes, Cards, textured
from synthmat.blender_scenes.matte.coverage.coverage import Mesh, connect
from synthmat.blender_scenes.matte.coverage.strand_coverage import Strands, joined, moved, read_strands
from synthmat.blender_scenes.models.geometry import visible_instances

Points = npt.NDArray[np.float64]
Corners = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_MAX_TRIANGLES = 4_000_000
_AS_MESH = {"CURVE", "SURFACE", "FONT", "META"}


class Surfaces(NamedTuple):
    """Triangles: ``points`` (V, 3), and the corners (N, 3) of ``opaque`` and of ``transparent`` ones.

    Transparent ones may let through some of what is behind them, without refraction. ``places`` (N, 3, 2) and ``kinds``
    (N,) are what `Cards` has of them, -1 for those that are no cards. ``single_opaque`` and ``single_transparent`` (N,)
    are those that are not seen from behind.
    """

    points: Points
    opaque: Corners
    transparent: Corners
    places: Points
    kinds: Corners
    single_opaque: Mask
    single_transparent: Mask

    def moved(self, matrix: Points) -> Surfaces:
        """Return the surfaces after a transform (4, 4), wound as they were also where that mirrors them."""
        points = self.points @ matrix[:3, :3].T + matrix[:3, 3]
        if np.linalg.det(matrix[:3, :3]) >= 0:
            return self._replace(points=points)
        opaque, transparent, places = self.opaque[:, ::-1], self.transparent[:, ::-1], self.places[:, ::-1]
        return self._replace(points=points, opaque=opaque, transparent=transparent, places=places)


class Visible(NamedTuple):
    """What the camera can see.

    ``hiding`` are the triangles that hide what is behind them, ``every`` is all of them where there are others too.
    ``strands`` are those of hair, which hide it as well; ``cards`` are the others, where these are textured cards.
    """

    hiding: Mesh
    every: Mesh | None
    strands: Strands | None
    cards: Cards | None


class _Covers(NamedTuple):
    """What is known of materials by name: cover, number of the alpha, -1 for no cards, and whether one side is seen."""

    found: dict[str, tuple[Cover, int, bool]]
    alphas: list[CardAlpha]
    pictures: dict[str, Bytes]


_NO_CORNERS, _NO_MASK = np.empty((0, 3), np.int64), np.empty(0, np.bool_)
_NOTHING = Surfaces(
    np.empty((0, 3)), _NO_CORNERS, _NO_CORNERS, np.empty((0, 3, 2)), np.empty(0, np.int64), _NO_MASK, _NO_MASK
)


def visible_surfaces(pictures: dict[str, Bytes]) -> Visible | None:
    """Return all in the world that the camera can see in a render of the scene as it is.

    None where some of what the scene shows is none of these (particle hair, points, volumes, glass, holdouts, what
    Cycles displaces or subdivides while it renders), where there are too many triangles, and where there is hair among
    what lets light through but is no cards, or nothing at all. ``pictures`` keeps the textures of cards that were read,
    by name.
    """
    covers = _Covers({}, [], pictures)
    read: dict[tuple[Any, ...], Surfaces | None] = {}
    parts: list[Surfaces] = []
    hair: list[Strands] = []
    triangles = 0
    for part in visible_instances():
        item = part.object
        if not item.visible_camera:
            continue
        if item.type == "CURVES":
            strands = _strands(item, np.array(part.matrix_world, dtype=np.float64), covers)
            if strands is None or not _is_plain(item):
                return None
            hair.append(strands)
            continue
        pointer = item.data.as_pointer() if item.type == "MESH" else item.as_pointer()
        key = pointer, *(slot.material.name_full if slot.material else "" for slot in item.material_slots)
        if key not in read:
            read[key] = _surfaces(item, covers)
        found = read[key]
        triangles += len(found.opaque) + len(found.transparent) if found else 0
        if found is None or not _is_plain(item) or triangles > _MAX_TRIANGLES:
            return None
        matrix = np.array(part.matrix_world, dtype=np.float64)
        parts.append(found.moved(matrix))
    points = np.concatenate([np.empty((0, 3)), *(part.points for part in parts)])
    opaque, transparent = (_numbered(parts, corners) for corners in ("opaque", "transparent"))
    strands = joined(hair) if hair else None
    cards = _cards(points, transparent, parts, covers.alphas)
    if (
        not (len(opaque) or strands or cards)
        or not np.isfinite(points).all()
        or (strands and len(transparent) and not cards)
    ):
        return None
    single, of_transparent = (_joined(parts, name) for name in ("single_opaque", "single_transparent"))
    every = None
    if len(transparent):
        every = connect(points, np.concatenate([opaque, transparent]), np.concatenate([single, of_transparent]))
    return Visible(connect(points, opaque, single), every, strands, cards)


def _cards(points: Points, transparent: Corners, parts: list[Surfaces], alphas: list[CardAlpha]) -> Cards | None:
    """Return transparent triangles as cards, None where there are none or some are more than that."""
    kinds = np.concatenate([np.empty(0, np.int64), *(part.kinds for part in parts)])
    if not len(kinds) or kinds.min() < 0:
        return None
    mesh = connect(points, transparent, _joined(parts, "single_transparent"))
    places = np.concatenate([part.places for part in parts])
    return Cards(mesh.points, mesh.faces, places, kinds, tuple(alphas), mesh.single)


def _joined(parts: list[Surfaces], masks: str) -> Mask:
    return np.concatenate([np.empty(0, np.bool_), *(getattr(part, masks) for part in parts)])


def _numbered(parts: list[Surfaces], corners: str) -> Corners:
    """Return the corners of all parts, counted through the points of all parts."""
    before = np.cumsum([0, *(len(part.points) for part in parts)])
    found = [getattr(part, corners) + int(start) for part, start in zip(parts, before, strict=False)]
    return np.concatenate([np.empty((0, 3), np.int64), *found])


def _is_plain(item: bpy.types.Object) -> bool:
    """Tell whether an evaluated object is rendered as the triangles that it has."""
    if item.is_holdout or item.is_shadow_catcher or item.original.holdout_get(view_layer=bpy.context.view_layer):
        return False
    if any(one.settings.type == "HAIR" and one.settings.render_type == "PATH" for one in item.particle_systems):
        return False
    # Blender 5 keeps the switch on the modifier, Blender 4 on the object.
    diced = [item.cycles, *item.modifiers]
    return not any(getattr(owner, "use_adaptive_subdivision", False) for owner in diced)


def _surfaces(item: bpy.types.Object, covers: _Covers) -> Surfaces | None:
    """Return an object's triangles in its own space, None where it or its material is more than a surface."""
    if item.type != "MESH" and item.type not in _AS_MESH:
        return None
    slots = [slot.material for slot in item.material_slots]
    kinds = [_cover(material, covers) for material in slots] or [(Cover.OPAQUE, -1, False)]
    if any(kind == Cover.OTHER for kind, _, _ in kinds):
        return None
    mesh = item.data if item.type == "MESH" else item.to_mesh()
    if mesh is None:
        return _NOTHING
    mesh.calc_loop_triangles()
    points, corners = np.empty(len(mesh.vertices) * 3, np.float32), np.empty(len(mesh.loop_triangles) * 3, np.int32)
    used = np.zeros(len(mesh.loop_triangles), np.int32)
    mesh.vertices.foreach_get("co", points)
    mesh.loop_triangles.foreach_get("vertices", corners)
    if len(kinds) > 1:
        mesh.loop_triangles.foreach_get("material_index", used)
    used = np.clip(used, 0, len(kinds) - 1)
    opaque = np.array([kind == Cover.OPAQUE for kind, _, _ in kinds])[used]
    places, numbers = _places(mesh, np.array([number for _, number, _ in kinds])[used], ~opaque, covers.alphas)
    if item.type != "MESH":
        item.to_mesh_clear()
    faces = corners.reshape(-1, 3).astype(np.int64)
    single = np.array([one_side for _, _, one_side in kinds])[used]
    vertices = points.reshape(-1, 3).astype(np.float64)
    return Surfaces(vertices, faces[opaque], faces[~opaque], places, numbers, single[opaque], single[~opaque])


def _places(
    mesh: bpy.types.Mesh, kinds: Corners, transparent: npt.NDArray[np.bool_], alphas: list[CardAlpha]
) -> tuple[Points, Corners]:
    """Return places and kinds of `Surfaces` of a mesh's transparent triangles, by the kinds of all its triangles."""
    kinds = kinds[transparent]
    places = np.zeros((len(kinds), 3, 2))
    if not len(kinds):
        return places, kinds
    loops = np.empty(len(mesh.loop_triangles) * 3, np.int32)
    mesh.loop_triangles.foreach_get("loops", loops)
    for number in np.unique(kinds[kinds >= 0]):
        ours, lookup = kinds == number, alphas[number].lookup
        if lookup is None:
            continue
        named = lookup.uv_map
        layer = next((one for one in mesh.uv_layers if (one.name == named if named else one.active_render)), None)
        if layer is None:
            kinds[ours] = -1
            continue
        uv = np.empty(len(mesh.loops) * 2, np.float32)
        layer.uv.foreach_get("vector", uv)
        found = textured(alphas[number], uv.reshape(-1, 2).astype(np.float64)[loops.reshape(-1, 3)[transparent][ours]])
        if found is None:
            kinds[ours] = -1
        else:
            places[ours] = found
    return places, kinds


def _strands(item: bpy.types.Object, matrix: Points, covers: _Covers) -> Strands | None:
    """Return an object's strands in the world, None where they or their materials are not what can be projected."""
    if any(_cover(slot.material, covers)[0] != Cover.OPAQUE for slot in item.material_slots):
        return None
    found = read_strands(item.data)
    return moved(found, matrix) if found else None


def _cover(material: bpy.types.Material | None, covers: _Covers) -> tuple[Cover, int, bool]:
    if material is None:
        return Cover.OPAQUE, -1, False
    if material.name_full not in covers.found:
        kind, number = cover(material), -1
        alpha = card_alpha(material, covers.pictures) if kind == Cover.TRANSPARENT else None
        if alpha is not None:
            number = len(covers.alphas)
            covers.alphas.append(alpha)
        covers.found[material.name_full] = kind, number, has_one_side(material)
    return covers.found[material.name_full]
