"""A cartoon toy figure with a big head: random clothes, headwear, face, proportions and pose."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np
from mathutils import Euler

from synthmat.blender_scenes.builtins._material import Colour, colour, plain
from synthmat.blender_scenes.builtins._mesh import Array, ellipsoid, lathe, smooth_path, superquadric, tube

_SKINS: tuple[Colour, ...] = ((0.83, 0.51, 0.35), (0.62, 0.33, 0.19), (0.32, 0.15, 0.08), (0.88, 0.62, 0.47))


@dataclass(frozen=True)
class _Cloth:
    skin: bpy.types.Material
    shirt: bpy.types.Material
    trousers: bpy.types.Material
    shoes: bpy.types.Material
    gloves: bpy.types.Material
    hair: bpy.types.Material
    accent: bpy.types.Material
    white: bpy.types.Material
    black: bpy.types.Material


def build(rng: np.random.Generator) -> None:
    """Add the figure to the scene, about 3 units tall, standing, front towards -Y."""
    cloth = _dress(rng)
    leg, girth, head = rng.uniform(0.45, 0.75), rng.uniform(0.42, 0.6), rng.uniform(0.62, 0.8)
    hip = leg + 0.12
    torso = rng.uniform(0.75, 1.0)
    shoulder = hip + torso * 0.8
    _legs(cloth, hip, girth, rng)
    _torso(cloth, hip, torso, girth, rng)
    _arms(cloth, shoulder, girth, rng)
    top = hip + torso * 0.92 + head * 0.72
    _head(cloth, top, head, rng)
    _headwear(cloth, top, head, rng)
    if rng.random() < 0.5:
        _backpack(cloth, hip + torso * 0.5, girth)


def _dress(rng: np.random.Generator) -> _Cloth:
    hue = float(rng.random())
    apart = hue + float(rng.uniform(0.3, 0.7))
    skin = _SKINS[int(rng.integers(len(_SKINS)))]
    hairs = [(0.02, 0.012, 0.008), (0.12, 0.045, 0.015), (0.45, 0.22, 0.05), (0.35, 0.05, 0.02), (0.25, 0.25, 0.27)]
    return _Cloth(
        skin=plain("skin", skin, roughness=0.45),
        shirt=plain("shirt", colour(rng, hue=(hue, hue), saturation=(0.75, 1), value=(0.6, 0.95)), roughness=0.7),
        trousers=plain(
            "trousers", colour(rng, hue=(apart, apart), saturation=(0.6, 1), value=(0.3, 0.8)), roughness=0.8
        ),
        shoes=plain("shoes", colour(rng, hue=(0.0, 0.1), saturation=(0.5, 0.9), value=(0.2, 0.5)), roughness=0.35),
        gloves=plain("gloves", (0.85, 0.85, 0.85), roughness=0.6),
        hair=plain("hair", hairs[int(rng.integers(len(hairs)))], roughness=0.6),
        accent=plain("accent", colour(rng, saturation=(0.7, 1), value=(0.75, 1.0)), roughness=0.3, coat=0.5),
        white=plain("white", (0.9, 0.9, 0.9), roughness=0.2, coat=0.5),
        black=plain("black", (0.008, 0.008, 0.01), roughness=0.15, coat=0.5),
    )


def _legs(cloth: _Cloth, hip: float, girth: float, rng: np.random.Generator) -> None:
    stride = rng.uniform(-0.45, 0.45)
    for side in (-1, 1):
        swing = side * stride
        x = side * girth * 0.48
        foot = np.array([x + side * 0.05, -np.sin(swing) * hip * 0.7, 0.16 + abs(swing) * 0.12])
        knee = (np.array([x, 0.0, hip]) + foot) / 2 + [0, -0.08, 0]
        tube("leg", cloth.trousers, smooth_path([(x, 0, hip), knee, foot], 16), np.linspace(0.25, 0.2, 16))
        tube("cuff", cloth.trousers, np.array([foot + [0, 0, 0.05], foot + [0, 0, 0.0]]), np.full(2, 0.2))
        pitch = Euler((-swing * 0.6, 0, side * 0.15)).to_matrix()
        superquadric("shoe", cloth.shoes, foot + [0, -0.1, -0.04], (0.21, 0.34, 0.17), (1.0, 0.8), pitch)
        superquadric("sole", cloth.black, foot + [0, -0.1, -0.15], (0.2, 0.33, 0.05), (1.0, 0.4), pitch)


def _torso(cloth: _Cloth, hip: float, height: float, girth: float, rng: np.random.Generator) -> None:
    depth = girth * 0.85
    superquadric("shirt", cloth.shirt, (0, 0, hip + height * 0.5), (girth, depth, height * 0.58), (1.0, 0.9))
    # The lower body is a little larger, so that the trousers sit on the shirt.
    upper = rng.uniform(0.42, 0.62)
    profile = smooth_path(
        [
            (0.02, hip - 0.16),
            (girth * 0.75, hip - 0.1),
            (girth * 1.05, hip + height * 0.2),
            (girth * 1.04, hip + height * upper),
        ],
        24,
    )
    seat = lathe("trousers", cloth.trousers, np.concatenate([profile, [[girth * 0.9, hip + height * upper + 0.01]]]))
    seat.scale = (1.0, 0.87, 1.0)
    if rng.random() < 0.65:
        for side in (-1, 1):
            x = side * girth * 0.55
            strap = smooth_path(
                [
                    (x, -depth * 1.0, hip + height * upper - 0.08),
                    (x * 0.95, -depth * 0.86, hip + height * 0.85),
                    (x * 0.9, 0, hip + height * 1.04),
                    (x * 0.7, depth * 0.86, hip + height * 0.85),
                    (x * 0.4, depth * 1.0, hip + height * upper - 0.08),
                ],
                28,
            )
            tube("strap", cloth.trousers, strap, np.full(28, 0.075))
            ellipsoid("button", cloth.accent, (x, -depth * 1.02, hip + height * upper - 0.04), (0.085, 0.05, 0.085))
    else:
        superquadric("belt", cloth.black, (0, 0, hip + height * upper), (girth * 1.06, depth * 1.06, 0.07), (1, 0.4))
        superquadric("buckle", cloth.accent, (0, -depth * 1.07, hip + height * upper), (0.12, 0.05, 0.1), (0.3, 0.3))


def _arms(cloth: _Cloth, shoulder: float, girth: float, rng: np.random.Generator) -> None:
    length = rng.uniform(0.42, 0.55)
    for side in (-1, 1):
        lift, forward, bend = rng.uniform(-0.9, 1.1), rng.uniform(-0.5, 0.7), rng.uniform(0.1, 1.1)
        start = np.array([side * girth * 0.8, 0.0, shoulder])
        elbow = start + length * _direction(side, lift, forward)
        hand = elbow + length * 0.9 * _direction(side, lift + bend, forward + 0.4)
        path = smooth_path([start, elbow, hand], 20)
        tube("sleeve", cloth.shirt, path[:15], np.linspace(0.2, 0.16, 15))
        tube("arm", cloth.skin, path, np.full(20, 0.12))
        ahead = (path[-1] - path[-2]) / np.linalg.norm(path[-1] - path[-2])
        ellipsoid("glove", cloth.gloves, hand + ahead * 0.1, (0.19, 0.18, 0.19))
        tube("cuff", cloth.gloves, np.array([hand - ahead * 0.06, hand]), np.full(2, 0.15))
        thumb = hand + ahead * 0.14
        tube("thumb", cloth.gloves, np.array([thumb, thumb + [-side * 0.06, -0.14, 0.1]]), np.full(2, 0.07))


def _direction(side: int, lift: float, forward: float) -> Array:
    lift = min(lift, 1.35)
    along = np.array([side * np.cos(lift) * np.cos(forward), -np.sin(forward) * np.cos(lift), np.sin(lift)])
    return along / np.linalg.norm(along)


def _head(cloth: _Cloth, z: float, size: float, rng: np.random.Generator) -> None:
    wide, deep = size * rng.uniform(0.92, 1.1), size * 0.95
    ellipsoid("head", cloth.skin, (0, 0, z), (wide, deep, size))
    nose = size * rng.uniform(0.16, 0.28)
    ellipsoid("nose", cloth.skin, (0, -deep - nose * 0.35, z - size * 0.12), (nose * 1.1, nose, nose))
    gap, eye = size * rng.uniform(0.26, 0.34), size * rng.uniform(0.19, 0.25)
    look = rng.uniform(-0.25, 0.25)
    for side in (-1, 1):
        ellipsoid("ear", cloth.skin, (side * wide * 0.98, 0, z - size * 0.08), (size * 0.13, size * 0.17, size * 0.24))
        front = _on_head(side * gap, size * 0.2, wide, deep, size)
        ellipsoid("eye", cloth.white, front + [0, 0.03, z], (eye * 0.75, eye * 0.4, eye * 1.25))
        ellipsoid(
            "pupil",
            cloth.black,
            front + [look * eye, 0.03 - eye * 0.27, z - eye * 0.1],
            (eye * 0.42, eye * 0.2, eye * 0.75),
        )
        ellipsoid(
            "glint",
            cloth.white,
            front + [look * eye + eye * 0.12, -eye * 0.42 + 0.03, z + eye * 0.25],
            np.full(3, eye * 0.13),
        )
        brow = [
            _on_head(side * gap * k, size * h, wide, deep, size) + [0, -0.03, z]
            for k, h in ((0.5, 0.5), (1, 0.56), (1.5, 0.49))
        ]
        tube("brow", cloth.hair, smooth_path(brow, 12), np.full(12, size * 0.055))
    if rng.random() < 0.5:
        for side in (-1, 1):
            corners = [(side * 0.02, -0.3), (side * size * 0.26, -0.36), (side * size * 0.52, -0.27)]
            path = smooth_path([_on_head(x, size * h, wide, deep, size) + [0, -0.04, z] for x, h in corners], 14)
            tube("moustache", cloth.hair, path, np.linspace(size * 0.12, size * 0.05, 14))
    else:
        corners = [(-size * 0.3, -0.38), (0, -0.5), (size * 0.3, -0.38)]
        smile = smooth_path([_on_head(x, size * h, wide, deep, size) + [0, 0, z] for x, h in corners], 16)
        tube("smile", cloth.black, smile, np.full(16, size * 0.03))


def _on_head(x: float, up: float, wide: float, deep: float, size: float) -> Array:
    """Return the point of the face at ``x`` and ``up`` from the head's centre; z is relative to the centre."""
    inside = max(0.0, 1 - (x / wide) ** 2 - (up / size) ** 2)
    return np.array([x, -deep * np.sqrt(inside), up])


def _headwear(cloth: _Cloth, z: float, size: float, rng: np.random.Generator) -> None:
    kind = rng.choice(["cap", "cap", "beanie", "hat", "hair"])
    hair = ellipsoid("hair", cloth.hair, (0, size * 0.16, z + size * 0.1), (size * 1.06, size * 0.95, size * 0.96))
    if kind == "hair":
        for angle in np.linspace(-1.1, 1.1, 6):
            root = np.array([np.sin(angle) * size * 0.8, -size * 0.1, z + size * (0.55 + 0.4 * np.cos(angle))])
            tip = root + [np.sin(angle) * size * 0.2, -size * rng.uniform(0.2, 0.45), size * rng.uniform(0.15, 0.4)]
            tube(
                "lock",
                cloth.hair,
                smooth_path([root, (root + tip) / 2 + [0, 0, 0.06], tip], 10),
                np.linspace(size * 0.24, 0.03, 10),
            )
        return
    hair.scale.z *= 0.92
    dome = _dome(size * 1.1, size * (0.72 if kind != "beanie" else 0.86))
    if kind == "hat":
        dome = np.array(
            [
                (size * 0.8, 0.0),
                (size * 0.78, size * 0.3),
                (size * 0.72, size * 0.85),
                (size * 0.66, size * 0.9),
                (0.0, size * 0.9),
            ]
        )
    base = z + size * (0.6 if kind == "hat" else 0.38)
    crown = lathe("crown", cloth.shirt, np.concatenate([[[0.0, 0.0]], dome]))
    crown.location = (0, size * 0.06, base)
    tilt = rng.uniform(-0.12, 0.12)
    crown.rotation_euler = (-0.12, tilt, 0)
    if kind == "cap":
        superquadric(
            "brim",
            cloth.shirt,
            (0, -size * 1.02, base + size * 0.04),
            (size * 0.82, size * 0.55, size * 0.06),
            (1, 0.6),
            Euler((0.14, tilt, 0)).to_matrix(),
        )
        ellipsoid(
            "badge",
            cloth.accent,
            (0, -size * 0.98, base + size * 0.38),
            (size * 0.24, size * 0.08, size * 0.24),
            Euler((-0.5, 0, 0)).to_matrix(),
        )
    elif kind == "hat":
        superquadric("brim", cloth.shirt, (0, size * 0.06, base), (size * 1.35, size * 1.3, size * 0.06), (1, 0.5))
        superquadric(
            "band",
            cloth.accent,
            (0, size * 0.06, base + size * 0.14),
            (size * 0.83, size * 0.83, size * 0.12),
            (1, 0.2),
        )
    else:
        ring = lathe(
            "ring",
            cloth.accent,
            np.array([(size * 1.02, -0.1), (size * 1.2, -0.02), (size * 1.2, 0.12), (size * 1.02, 0.2)]) * [1, size],
        )
        ring.location = (0, size * 0.06, base)
        ellipsoid("pompon", cloth.accent, (0, size * 0.1, base + size * 0.95), np.full(3, size * 0.24))


def _dome(radius: float, height: float) -> Array:
    angle = np.linspace(0, np.pi / 2, 24)
    return np.stack([radius * np.cos(angle), height * np.sin(angle)], axis=1)


def _backpack(cloth: _Cloth, z: float, girth: float) -> None:
    superquadric("backpack", cloth.accent, (0, girth * 1.15, z), (girth * 0.62, girth * 0.45, girth * 0.75), (0.5, 0.5))
    superquadric(
        "pocket", cloth.shoes, (0, girth * 1.6, z - girth * 0.2), (girth * 0.42, girth * 0.14, girth * 0.32), (0.5, 0.5)
    )
