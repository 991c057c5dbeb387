"""A four-legged animal: its skin, coat, ears, face, feet and tail put together."""

from __future__ import annotations

import numpy as np

from synthmat.blender_scenes.builtins._animal.coat import coat_colors
from synthmat.blender_scenes.builtins._animal.ears import ear_pair
from synthmat.blender_scenes.builtins._animal.face import add_eyes, add_horns, add_nose, add_whiskers, random_iris
from synthmat.blender_scenes.builtins._animal.feet import add_claws, add_hooves
from synthmat.blender_scenes.builtins._animal.field import Part, Skin, skin_of
from synthmat.blender_scenes.builtins._animal.fur import FURS, add_fur
from synthmat.blender_scenes.builtins._animal.hair import add_beard, add_mane, add_tail_hair
from synthmat.blender_scenes.builtins._animal.head import QuadrupedHead, head_parts
from synthmat.blender_scenes.builtins._animal.pose import Pose, posed
from synthmat.blender_scenes.builtins._animal.species import SPECIES, Species, member
from synthmat.blender_scenes.builtins._animal.tinted import add_tinted, tinted
from synthmat.blender_scenes.builtins._animal.trunk import leg_parts, neck_parts, tail_parts, tail_path, trunk_parts
from synthmat.blender_scenes.builtins._parts.curve import Array

_OFTEN = {"cat": 4, "dog": 5, "horse": 2, "cow": 2, "rabbit": 2, "fox": 2, "big_cat": 2, "bear": 2}
_STEP = 0.0165


def add_quadruped(rng: np.random.Generator) -> None:
    """Add an animal on four legs to the scene, of a random kind."""
    kinds = list(SPECIES)
    often = np.array([_OFTEN.get(kind, 1) for kind in kinds], float)
    add_kind(str(rng.choice(kinds, p=often / often.sum())), rng)


def add_kind(kind: str, rng: np.random.Generator) -> None:
    """Add an animal of one of `SPECIES` to the scene."""
    species = member(kind, rng)
    pose = posed(str(rng.choice(species.poses)), species, rng)
    tail_kind, coat, scheme = (str(rng.choice(choices)) for choices in (species.tails, species.coats, species.colors))
    parts = trunk_parts(species, pose, rng) + neck_parts(species, pose)
    parts += [part for leg in pose.legs for part in leg_parts(species, leg)]
    tail = tail_path(tail_kind, species, pose, rng)
    parts += tail_parts(tail_kind, species, tail)
    on_head, head = head_parts(species, pose)
    parts += on_head
    skin = _with_mane(skin_of(parts, _STEP), scheme, species, rng)
    colors = coat_colors(scheme, skin, rng)
    colors, skin = _face_details(skin, colors, head, species)
    smooth = coat not in FURS
    material = tinted("coat", roughness=float(rng.uniform(0.5, 0.75)), sheen=0.15, rough_skin=0.006 if smooth else 0.0)
    add_tinted("skin", skin.places, skin.faces, colors if smooth else colors * 0.7, material)
    if not smooth:
        add_fur(coat, skin, colors, rng)
    _add_ears(species, head, on_head, skin, colors, coat, rng)
    _add_details(species, pose, head, parts, rng)
    dark = np.median(colors, axis=0)
    if "mane" in species.extras or "crest" in species.extras:
        add_mane(pose, parts, dark, rng, upright=scheme == "zebra" or "crest" in species.extras)
    if tail_kind in ("hair", "tuft"):
        add_tail_hair(tail, tail_kind, dark, rng)
    if "beard" in species.extras and rng.random() < 0.7:
        add_beard(head, parts, dark, rng)


def _with_mane(skin: Skin, scheme: str, species: Species, rng: np.random.Generator) -> Skin:
    """Return the skin with longer hair round the neck of a lion, and none where sheep are bare."""
    if scheme == "lion" and rng.random() < 0.75:
        skin.hair[:] += 3.2 * np.clip(skin.marks["mane"] * 1.6, 0, 1) * (skin.marks["face"] < 0.35)
    if "bare" in species.extras:
        bare = np.maximum(np.clip(skin.marks["face"] * 4, 0, 1), np.clip(skin.marks["limb"] * 4 - 1.2, 0, 1))
        skin.hair[:] *= 1 - bare
    return skin


def _face_details(skin: Skin, colors: Array, head: QuadrupedHead, species: Species) -> tuple[Array, Skin]:
    """Return colors with dark rims round the eyes, and the skin with hardly any hair there."""
    radius = species.eyes[2]
    for place in head.eyes:
        away = np.linalg.norm(skin.places - place, axis=1) / radius
        rim = np.clip((1.45 - away) / 0.3, 0, 1)[:, None]
        colors = colors * (1 - 0.85 * rim)
        skin.hair[:] *= np.clip((away - 1.3) / 1.2, 0, 1)
    nose = head.at(head.tip[0], head.tip[1] - 0.9 * species.muzzle[2], head.tip[2] + 0.3 * species.muzzle[2])
    skin.hair[:] *= np.clip(np.linalg.norm(skin.places - nose, axis=1) / species.muzzle[2] - 0.4, 0, 1)
    return colors, skin


def _add_ears(
    species: Species, head: QuadrupedHead, on_head: list[Part], skin: Skin, colors: Array, coat: str,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Add ears in the color of the skin near their roots, their inner sides rosy."""
    tone = rng.uniform(0.55, 1.0)
    for ear in ear_pair(str(rng.choice(species.ears)), head, on_head, rng):
        root = ear.skin.places[: len(ear.skin.places) // 3].mean(axis=0)
        near = np.argsort(((skin.places - root) ** 2).sum(axis=1))[:60]
        outer = np.median(colors[near], axis=0) * (tone if ear.skin.places[0, 0] else 1.0)
        rosy = 0.5 * outer + 0.5 * np.array([0.42, 0.23, 0.17]) * (0.35 + outer.mean() ** 0.5)
        tint = outer * (1 - ear.inner[:, None]) + rosy * ear.inner[:, None]
        material = tinted("ear", roughness=0.7, sheen=0.1)
        add_tinted("ear", ear.skin.places, ear.skin.faces, tint, material)
        if coat in FURS and "bare" not in species.extras:
            add_fur("short", ear.skin, tint, rng, 0.8 if coat == "short" else 1.6)


def _add_details(
    species: Species, pose: Pose, head: QuadrupedHead, parts: list[Part], rng: np.random.Generator
) -> None:
    cat = "slit" in species.extras
    bright = cat or ("whiskers" in species.extras and species.nose == "pad")
    pupil = (rng.uniform(0.12, 0.5), 0.66) if cat else (0.42, 0.42)
    add_eyes(head.eyes, head.looks, species.eyes[2], random_iris(rng, bright=bright), pupil)
    add_nose(head, parts, rng)
    if "whiskers" in species.extras:
        add_whiskers(head, parts, rng)
    for kind in ("horns", "antlers"):
        if kind in species.extras and rng.random() < 0.6:
            add_horns(kind, head, rng)
    if species.foot == "paw":
        add_claws(pose, species, rng)
    else:
        add_hooves(pose, species, rng)
