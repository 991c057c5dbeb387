"""A whole person from a body: dressed first, then the skin that still shows, eyes, mouth, hair."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._parts.material import plain
from synthmat.blender_scenes.builtins._parts.mesh import add_mesh
from synthmat.blender_scenes.builtins._person.body.body import Body
from synthmat.blender_scenes.builtins._person.complexion import Complexion, random_complexion
from synthmat.blender_scenes.builtins._person.eyes import add_eye, eye_material
from synthmat.blender_scenes.builtins._person.face_hair import add_beard, add_brows, add_lashes, random_beard
from synthmat.blender_scenes.builtins._person.garment import Dummy
from synthmat.blender_scenes.builtins._person.hair import add_hair, random_style, scalp_directions
from synthmat.blender_scenes.builtins._person.head_room import HeadRoom
from synthmat.blender_scenes.builtins._person.headwear import Hat, add_glasses, add_hat, outside_hat, random_hat
from synthmat.blender_scenes.builtins._person.measures import Measures, body_measures
from synthmat.blender_scenes.builtins._person.patterns import Pattern
from synthmat.blender_scenes.builtins._person.shoes import in_shoe
from synthmat.blender_scenes.builtins._person.skin import add_skin
from synthmat.blender_scenes.builtins._person.surface import Surface, compact, subdivided
from synthmat.blender_scenes.builtins._person.wardrobe import dressed
from synthmat.blender_scenes.camera.crops import Crop
from synthmat.blender_scenes.models.offered_crops import offer_crops

Mask = NDArray[np.bool_]

_HEM = 0.02
"""Skin ends this far inside of a garment, meters."""
_CHEST, _BREASTBONE = 0.34, 0.28
"""Heights below which the trunk never shows, above the hip joints on the mean body, meters; the second between the
breasts."""
_NECK = 0.5
"""Height of the neck above the hip joints on the mean body, meters; no garment covers what is above."""


def add_person(body: Body, rng: np.random.Generator) -> None:
    """Add a person to the scene, dressed."""
    about = body.description
    age = float(np.interp(about.years, (0, 10, 25, 90), (0.0, 0.33, 0.55, 1.0)))
    male = about.gender < 0.5
    complexion = random_complexion(dict(about.ancestry), age=age, male=male, rng=rng)
    dummy = Dummy(body)
    worn = dressed(dummy, female=0.0 if male else 1.0, rng=rng)
    patterns = [each.pattern for each in worn if not each.sheer]
    african = float(about.ancestry["african"])
    hat = random_hat(rng)
    style = random_style(age=age, male=male, covered=hat is not None, curly=african, rng=rng)
    beard = random_beard(age=age, male=male, rng=rng)
    _add_bare(body, patterns, complexion, style, beard, rng)
    material = eye_material(complexion.iris, rng)
    for eye in body.eyes.values():
        add_eye(np.asarray(eye.center, float), eye.radius, np.asarray(eye.gaze, float), material)
    _add_mouth(body)
    offer_crops(_crops(body))
    _add_head_hair(body, [each.garment.surface for each in worn], complexion, style, beard, hat, rng)
    if rng.random() < 0.22:
        add_glasses(body, rng)


def _crops(body: Body) -> dict[str, Crop]:
    """Return what portraits show: down to the chest, the waist or the thighs, and not all of what is at the sides."""
    skin = body.vertices[body.parts["body"].vertices]
    head = body.joints["head"][:3, 3]
    top = float(skin[body.regions["head"][: len(skin)] > 0.5][:, 2].max()) + 0.02
    size = top - float(head[2])
    hip = np.mean([body.joints[f"upperleg01.{side}"][:3, 3] for side in "LR"], axis=0)
    knee = np.mean([body.joints[f"lowerleg01.{side}"][:3, 3] for side in "LR"], axis=0)
    lows = {
        "portrait": (float(head[2]) - 1.2 * size, 1.15 * size),
        "half_length": (float(hip[2]) + 0.35 * size, 2.2 * size),
        "three_quarters": (float(hip[2] * 0.5 + knee[2] * 0.5), 3.5 * size),
    }
    return {name: Crop(low, top, float(head[0]), float(head[1]), radius) for name, (low, radius) in lows.items()}


def bare_faces(body: Body, patterns: list[Pattern]) -> Mask:
    """Return which faces of the skin show ``(F,)`` bool: no garment covers them, and they are none that always hide.

    Torso, hips and the upper half of the thighs are never shown, whatever is worn.
    """
    part = body.parts["body"]
    at = Measures.of(body_measures().columns[part.vertices])
    chest = np.where(np.abs(at.x) < 0.025, _BREASTBONE, _CHEST)
    always = (at.arm < 0.3) & (at.z < chest) & (at.leg < 0.3)
    covered = always.astype(float) - 0.5
    below = np.where(at.z < _NECK, 0.3, -0.3)
    for pattern in patterns:
        covered = np.maximum(covered, np.minimum(pattern.field(at), below) - _HEM)
    covered = np.maximum(covered, in_shoe(at) - 0.01)
    corners = body.faces[part.faces] - part.vertices.start
    bare: Mask = (covered[corners] < 0).any(axis=1) & ~always[corners].any(axis=1)
    return bare


def _add_bare(
    body: Body, patterns: list[Pattern], complexion: Complexion, style: str, beard: str, rng: np.random.Generator
) -> None:
    part, regions = body.parts["body"], body.regions
    nails = np.maximum(regions["fingernails"], regions["toenails"])
    blush = _blush(body)
    shades: dict[str, Array] = {
        "lips": regions["lips"].astype(float),
        "blush": blush,
        "beard": regions["beard"] * (1.0 if beard in ("none", "stubble") else 0.6),
        "scalp": regions["scalp"] * (0.15 if style == "bald" else 0.8),
        "nails": nails,
        "shine": _face_spots(body, ((0.0, 0.655, 0.03, 0.02), (0.0, 0.585, 0.012, 0.02), (0.0, 0.53, 0.014, 0.012))),
        "lines": _face_spots(body, ((0.0, 0.66, 0.045, 0.02),)),
    }
    faces = body.faces[part.faces][bare_faces(body, patterns)].astype(np.int64)
    columns = np.concatenate([body.vertices, body.rest, *(each[:, None] for each in shades.values())], axis=1)
    skin = compact(Surface(columns.astype(float), faces))
    add_skin(skin, dict(zip(shades, skin.columns[:, 6:].T, strict=True)), complexion, rng)


def _blush(body: Body) -> Array:
    """Return where skin is red ``(V,)``: cheeks, the tip of the nose, ears, knuckles."""
    data = body_measures()
    x, z = np.abs(data.x), data.z
    rest = body.regions["face"]
    cheeks = np.exp(-(((x - 0.045) / 0.02) ** 2) - ((z - 0.583) / 0.02) ** 2) * rest
    nose = np.exp(-((x / 0.014) ** 2) - ((z - 0.58) / 0.014) ** 2) * rest * 0.8
    found: Array = np.clip(cheeks + nose + 0.6 * body.regions["ears"] + 0.3 * body.regions["eyelids"], 0, 1)
    return found


def _face_spots(body: Body, spots: tuple[tuple[float, float, float, float], ...]) -> Array:
    """Return how near to some spots of the face each vertex lies ``(V,)``, from 0 to 1.

    Each spot has a middle aside and a height, as `Measures` have them, and how far it reaches in both; meters.
    """
    data = body_measures()
    near = [np.exp(-(((data.x - x) / wide) ** 2) - ((data.z - z) / high) ** 2) for x, z, wide, high in spots]
    found: Array = np.max(near, axis=0) * body.regions["face"]
    return found


def _add_mouth(body: Body) -> None:
    teeth = plain("teeth", (0.7, 0.64, 0.52), roughness=0.2, coat=0.3)
    tongue = plain("tongue", (0.42, 0.12, 0.11), roughness=0.35)
    for name, material in (("upper_teeth", teeth), ("lower_teeth", teeth), ("tongue", tongue)):
        part = body.parts[name]
        surface = compact(Surface(body.vertices.astype(float), body.faces[part.faces].astype(np.int64)))
        add_mesh(name, surface.places, surface.faces, material)


def _add_head_hair(
    body: Body,
    clothes: list[Surface],
    complexion: Complexion,
    style: str,
    beard: str,
    hat: Hat | None,
    rng: np.random.Generator,
) -> None:
    part, regions = body.parts["body"], body.regions
    chosen = body.faces[part.faces].astype(np.int64)
    whole = np.concatenate([body.vertices, *(regions[name][:, None] for name in ("scalp", "brows", "beard"))], axis=1)
    belongs = regions["head"][chosen].min(axis=1) > 0.5
    inside = regions["inside_mouth"][chosen].max(axis=1) > 0.5
    head = subdivided(compact(Surface(whole.astype(float), chosen[belongs & ~inside])))
    low = (regions["neck"] + regions["torso"])[chosen].min(axis=1) > 0.5
    neck = compact(Surface(body.vertices.astype(float), chosen[low]))
    eyes = [np.asarray(eye.center, float) for eye in body.eyes.values()]
    turn = body.joints["head"][:3, :3]
    size = float(np.mean([eye.radius for eye in body.eyes.values()])) / 0.0165
    middle = np.mean(eyes, axis=0) + turn @ np.array([0.0, 0.078, 0.012]) * size
    ears = regions["ears"]
    smooth = compact(Surface(body.vertices.astype(float), chosen[belongs & (ears[chosen].max(axis=1) < 0.5)]))
    room = HeadRoom(subdivided(smooth), middle, turn @ [0.0, -1.0, 0.0], [neck, *clothes])
    roots = scalp_directions(head, head.columns[:, 3], room, 12_000, rng)
    if hat is not None:
        roots = outside_hat(hat, roots)
        add_hat(hat, room, rng)
    add_hair(style, roots, room, hat, complexion, rng)
    add_brows(head, head.columns[:, 4], size, complexion, rng)
    strips = body.parts["lashes"].faces
    add_lashes(
        compact(Surface(body.vertices.astype(float), body.faces[strips].astype(np.int64))), eyes, size, complexion, rng
    )
    lips = (body.vertices * regions["lips"][:, None]).sum(axis=0) / regions["lips"].sum()
    add_beard(beard, head, head.columns[:, 5], lips.astype(float), size, complexion, rng)
