"""Hair of a person: roots on the scalp, a cut that suits, gray with age, thinning or none."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Matrix

from synthmat.blender_scenes.builtins._parts.curve import Array, unit
from synthmat.blender_scenes.builtins._parts.hair_material import hair_material
from synthmat.blender_scenes.builtins._parts.haircuts import tied_hair
from synthmat.blender_scenes.builtins._parts.strands import add_strands, taper
from synthmat.blender_scenes.builtins._person.complexion import Complexion
from synthmat.blender_scenes.builtins._person.cuts import LOOSE, loose_cut
from synthmat.blender_scenes.builtins._person.head_room import HeadRoom
from synthmat.blender_scenes.builtins._person.headwear import Hat, under_hat
from synthmat.blender_scenes.builtins._person.surface import Surface, triangulated

STYLES = (*LOOSE, "tail", "tails", "braid", "bald")
_OFTEN = {  # long, bob, wind, short, cropped, afro, buzz, tail, tails, braid, bald
    "girl": (0.38, 0.14, 0.04, 0.02, 0.0, 0.06, 0.0, 0.18, 0.1, 0.08, 0.0),
    "boy": (0.03, 0.06, 0.0, 0.56, 0.24, 0.06, 0.05, 0.0, 0.0, 0.0, 0.0),
    "woman": (0.4, 0.2, 0.05, 0.09, 0.02, 0.05, 0.0, 0.14, 0.01, 0.04, 0.0),
    "man": (0.05, 0.04, 0.01, 0.37, 0.3, 0.03, 0.09, 0.03, 0.0, 0.0, 0.08),
}


def random_style(*, age: float, male: bool, covered: bool, curly: float, rng: np.random.Generator) -> str:
    """Return one of `STYLES`.

    Args:
        age: From 0, newborn, to 1, old.
        male: Whose.
        covered: Whether a hat goes on it: then nothing stands up or is tied on top.
        curly: How likely tight curls are, from 0 to 1, beyond what anybody may have.
        rng: Draws it.
    """
    who = ("boy" if male else "girl") if age < 0.4 else ("man" if male else "woman")
    if covered:
        return str(rng.choice(["short", "cropped"] if male else ["long", "bob", "braid"]))
    if rng.random() < curly * 0.55:
        return str(rng.choice(["afro", "buzz", "braid"] if not male else ["afro", "buzz", "buzz"]))
    return str(rng.choice(STYLES, p=_OFTEN[who]))


def scalp_directions(head: Surface, weight: Array, room: HeadRoom, count: int, rng: np.random.Generator) -> Array:
    """Return directions ``(count, 3)``, in a haircut's axes, in which hair grows: evenly spread over the scalp.

    ``weight`` ``(n,)`` is how much each vertex of the head belongs to it, from 0 to 1.
    """
    triangles = triangulated(head.faces)
    places = room.to_units(head.places, room.scale)
    corners = places[triangles]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    chance = area * weight[triangles].max(axis=1)
    chosen = rng.choice(len(triangles), size=count * 2, p=chance / chance.sum())
    share = rng.dirichlet([1.0, 1.0, 1.0], size=count * 2)
    inside = (weight[triangles[chosen]] * share).sum(axis=1) > rng.uniform(0.25, 0.75, count * 2)
    spots = (corners[chosen] * share[..., None]).sum(axis=1)[inside][:count]
    directions: Array = unit(spots)
    return directions


def add_hair(
    style: str, roots: Array, room: HeadRoom, hat: Hat | None, complexion: Complexion, rng: np.random.Generator
) -> bpy.types.Object | None:
    """Add hair to the scene, the ties of tied hair included; None for a bald head.

    Args:
        style: One of `STYLES`.
        roots: Directions of the roots ``(n, 3)``, see `scalp_directions`.
        room: The head.
        hat: What presses it down, if anything.
        complexion: The hair's colors.
        rng: Draws the rest.
    """
    roots = _thinned(style, roots, complexion, rng)
    if not len(roots):
        return None
    before = set(bpy.context.scene.collection.objects)
    loose = np.where(rng.random(len(roots)) < rng.uniform(0.02, 0.1), rng.uniform(0.2, 1, len(roots)), 0.0)
    if style in ("tail", "tails", "braid"):
        points = tied_hair(style, room, roots, loose, rng)
    else:
        points = loose_cut(style if style != "bald" else "cropped", room, roots, loose, rng)
    if hat is not None:
        points = under_hat(hat, room, points)
    place = Matrix(room.matrix.tolist())
    for item in set(bpy.context.scene.collection.objects) - before:
        item.matrix_basis = place @ item.matrix_basis
    dense = style in ("buzz", "cropped", "afro", "bald")
    thick = rng.uniform(0.0032, 0.0042) if dense else rng.uniform(0.0021, 0.003)
    thick = thick * rng.uniform(0.7, 1.15, (len(points), 1)) * np.where(loose > 0, 0.4, 1.0)[:, None]
    material = hair_material(complexion.hair, complexion.tips, rng)
    return add_strands("hair", room.to_world(points), room.scale * thick * taper(points.shape[1], 0.25), material)


def _thinned(style: str, roots: Array, complexion: Complexion, rng: np.random.Generator) -> Array:
    """Return the roots that are left to somebody whose hair recedes, or is a rim around a bald crown."""
    if style != "bald" and not (style in ("short", "cropped") and complexion.age > 0.68 and rng.random() < 0.4):
        return roots
    low = rng.uniform(0.1, 0.45) if style == "bald" else rng.uniform(0.75, 0.9)
    if style == "bald" and rng.random() < 0.4:
        return roots[:0]
    line = rng.uniform(0.5, 0.85) if style == "bald" else rng.uniform(-0.35, 0.35)
    # Thinner and thinner towards the crown, and from there to the front; the temples go first.
    inside = np.minimum((roots[:, 2] - low) / 0.25, (line + 0.35 * np.abs(roots[:, 0]) - roots[:, 1]) / 0.3)
    kept: Array = roots[rng.random(len(roots)) > np.clip(inside, 0, 0.96)]
    return kept
