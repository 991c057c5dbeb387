"""A bird: body, neck, head, beak, wings folded or spread, tail and thin legs, all feathered."""

from __future__ import annotations

from dataclasses import dataclass, replace

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._animal.bird_feet import add_legs, thigh_parts
from synthmat.blender_scenes.builtins._animal.bird_head import add_bird_face, bird_head_parts
from synthmat.blender_scenes.builtins._animal.bird_kinds import BIRDS, Bird, bird_colors
from synthmat.blender_scenes.builtins._animal.field import Part, Skin, chain, ellipsoid_part, flattened, skin_of
from synthmat.blender_scenes.builtins._animal.plumage import add_coat, add_feathers
from synthmat.blender_scenes.builtins._animal.tinted import add_tinted, tinted
from synthmat.blender_scenes.builtins._parts.curve import Array, smooth_path, unit

_SIDE = np.array([1.0, 0.0, 0.0])


@dataclass(frozen=True)
class Stance:
    """How a bird stands: the middle of its body, the directions to its front and its back, and whether it sits."""

    center: Array
    ahead: Array
    back: Array
    sits: bool

    def at(self, side: float, front: float, up: float) -> Array:
        """Return a place from shares of units to the left, ahead and towards the back."""
        place: Array = self.center + side * _SIDE + front * self.ahead + up * self.back
        return place


def add_bird(rng: np.random.Generator) -> None:
    """Add a bird of a random kind to the scene; it faces -Y."""
    kinds = list(BIRDS)
    often = np.array([3.0 if kind == "songbird" else 1.0 for kind in kinds])
    bird = _member(BIRDS[str(rng.choice(kinds, p=often / often.sum()))], rng)
    stance = _stance(bird, rng)
    spread = rng.random() < 0.22 and not stance.sits
    parts = _body_parts(bird, stance)
    if not stance.sits:
        parts += thigh_parts(bird, stance.center, stance.ahead)
    lift = rng.uniform(-0.1, 0.9)
    arms = [_arm(bird, stance, side, lift) for side in (-1, 1)] if spread else []
    parts += [part for arm in arms for part in _arm_parts(arm)] if spread else _folded_parts(bird, stance)
    on_head, head = bird_head_parts(bird, stance.at(0, 0.36, 0.1 * bird.body[0]), stance.ahead, rng)
    parts += on_head
    skin = skin_of(parts, 0.0125)
    colors = bird_colors(bird.scheme, skin, rng)
    add_tinted("skin", skin.places, skin.faces, colors * 0.8, tinted("down", roughness=0.8))
    material = tinted("feathers", roughness=float(rng.uniform(0.4, 0.6)), sheen=0.1)
    add_coat(skin, colors, 0.066, material, rng)
    dark = _flight_color(skin, colors, rng)
    if spread:
        for arm in arms:
            _spread_feathers(
                arm, bird, stance, (dark, colors[np.argmin(((skin.places - arm[1]) ** 2).sum(axis=1))]), material
            )
    else:
        _folded_feathers(bird, stance, dark, material, rng)
    _tail(bird, stance, dark, material, rng)
    add_bird_face(bird, head, rng)
    if not stance.sits:
        add_legs(bird, stance.center, rng)


def _member(bird: Bird, rng: np.random.Generator) -> Bird:
    """Return one bird of a kind, its measures varied."""
    grown = rng.uniform(0.88, 1.12, 8)
    high, wide, rise = bird.body
    return replace(
        bird,
        body=(high * grown[0], wide * grown[0], rise + rng.uniform(-8, 8)),
        neck=(bird.neck[0] * grown[1], bird.neck[1] + rng.uniform(-8, 6), bird.neck[2]),
        head=bird.head * grown[2],
        beak=(bird.beak[0] * grown[3] ** 2, bird.beak[1] * grown[4], bird.beak[2]),
        leg=(bird.leg[0] * grown[5], bird.leg[1]),
        tail=(bird.tail[0] * grown[6], bird.tail[1] * rng.uniform(0.6, 1.8), bird.tail[2]),
        wing=bird.wing * grown[7],
    )


def _stance(bird: Bird, rng: np.random.Generator) -> Stance:
    sits = bird.foot == "web" and rng.random() < 0.3
    rise = np.radians(bird.body[2] * (0.6 if sits else 1.0))
    ahead = np.array([0.0, -np.cos(rise), np.sin(rise)])
    back = np.array([0.0, np.sin(rise), np.cos(rise)])
    below = np.hypot(bird.body[0] * np.cos(rise), 0.4 * np.sin(rise))
    height = below * 0.8 if sits else bird.leg[0] + 0.78 * below
    return Stance(np.array([0.0, 0.0, height]), ahead, back, sits)


def _body_parts(bird: Bird, stance: Stance) -> list[Part]:
    high, wide, _ = bird.body
    along = np.array([-0.52, -0.36, -0.16, 0.08, 0.26, 0.42])
    share = np.array([0.28, 0.58, 0.86, 1.0, 0.95, 0.66])
    center = np.array([stance.at(0, x, (1 - s) * high * 0.5) for x, s in zip(along, share, strict=True)])
    line = smooth_path(np.column_stack([center, share * high]), 12)
    return chain(
        line[:, :3], line[:, 3], blend=0.03, stretch=flattened(_SIDE, wide / high), up=stance.back,
        comb=-stance.ahead, marks={"spine": (0.0, 1.0)},
    )  # fmt: skip


def _folded_parts(bird: Bird, stance: Stance) -> list[Part]:
    """Return wings that lie along the body."""
    high, wide, _ = bird.body
    axes = np.stack([_SIDE, stance.ahead, stance.back], axis=1)
    return [
        ellipsoid_part(
            stance.at(side * wide * 0.82, 0.03, 0.2 * high), (0.32 * wide, 0.36, 0.6 * high), axes, blend=0.04,
            hair=1.15, up=stance.back, comb=-stance.ahead - 0.1 * stance.back,
            marks={"wing": (1.0, 1.0), "spine": (0.6, 0.6)},
        )
        for side in (-1, 1)
    ]  # fmt: skip


def _arm(bird: Bird, stance: Stance, side: int, lift: float) -> Array:
    """Return shoulder, elbow, wrist and tip of a spread wing ``(4, 3)``."""
    high, wide, _ = bird.body
    length = bird.wing
    out = unit(np.array([side * np.cos(lift), 0.0, np.sin(lift)]))
    shoulder = stance.at(side * wide * 0.75, 0.26, 0.4 * high)
    level = unit(stance.ahead * np.array([1, 1, 0.3]))
    elbow = shoulder + length * 0.4 * unit(out - 0.25 * level)
    wrist = elbow + length * 0.5 * unit(out + 0.35 * level)
    return np.array([shoulder, elbow, wrist, wrist + length * 0.34 * unit(out - 0.25 * level)])


def _arm_parts(arm: Array) -> list[Part]:
    return chain(
        arm,
        np.array([0.07, 0.05, 0.036, 0.02]),
        blend=0.05,
        hair=0.8,
        comb=np.array([0, 1.0, 0]),
        marks={"wing": (1.0, 1.0)},
    )


def _spread_feathers(
    arm: Array, bird: Bird, stance: Stance, tones: tuple[Array, Array], material: bpy.types.Material
) -> None:
    """Add the flight feathers of a spread wing, and two rows that cover their roots on either side."""
    count = 22
    place = np.linspace(0.02, 1, count)
    line = np.stack([np.interp(place * 3, np.arange(4), arm[:, k]) for k in range(3)], axis=1)
    outward = unit(arm[3] - arm[0])
    trailing = unit(-stance.ahead * np.array([1, 1, 0.35]))
    turn: Array = np.clip((place - 0.62) / 0.38, 0, 1)[:, None]
    ahead = unit(_toward(trailing, outward, 1 - 0.82 * turn, 0.12 + 0.95 * turn))
    normal = unit(np.cross(outward, trailing))
    normal = normal if normal[2] > 0 else -normal
    length = bird.wing * np.interp(place, (0, 0.55, 0.8, 1), (0.5, 0.56, 0.86, 0.78))
    stagger = np.linspace(0.006, -0.006, count)[:, None] * normal
    shade = np.linspace(1.0, 0.75, count)[:, None]
    up = np.broadcast_to(normal, line.shape)
    add_feathers("wing", line + stagger, ahead, up, (length, 0.062), tones[0] * shade, material, bend=0.06)
    for share, off in ((0.55, 0.014), (0.3, 0.024)):
        cover = np.broadcast_to(tones[1], line.shape) * (1.0 if share < 0.5 else 0.85)
        for side in (1, -1):
            lifted = line + side * off * normal + stagger * 0.5
            add_feathers("wing", lifted, ahead, up * side, (length * share, 0.055), cover, material, bend=0.04)


def _folded_feathers(
    bird: Bird, stance: Stance, dark: Array, material: bpy.types.Material, rng: np.random.Generator
) -> None:
    """Add the long feathers of folded wings, one above the other, their tips over the tail."""
    high, wide, _ = bird.body
    count = 9
    t = np.linspace(0, 1, count)
    for side in (-1, 1):
        start = np.array(
            [stance.at(side * wide * (1.08 - 0.1 * x), 0.0 - 0.1 * x, high * (0.02 + 0.48 * x)) for x in t]
        )
        end = np.array(
            [
                stance.at(
                    side * wide * (0.4 - 0.2 * x), 0.1 - bird.wing * (0.8 + 0.2 * (1 - x)), high * (0.12 + 0.4 * x)
                )
                for x in t
            ]
        )
        normal = unit(_toward(float(side) * _SIDE, stance.back, np.ones((count, 1)), 0.15 + 0.5 * t[:, None]))
        length = np.linalg.norm(end - start, axis=1)
        shade: Array = rng.uniform(0.85, 1.1, (count, 1)) * np.linspace(0.8, 1.1, count)[:, None]
        lifted = _toward(start, normal, np.ones((count, 1)), 0.042 - 0.012 * t[:, None])
        add_feathers(
            "wing",
            lifted,
            end - start,
            normal,
            (length, 0.07),
            dark * shade,
            material,
            bend=-0.02,
        )


def _tail(bird: Bird, stance: Stance, dark: Array, material: bpy.types.Material, rng: np.random.Generator) -> None:
    length, spread, count = bird.tail
    low = stance.at(0, -0.4, 0)[2] - 0.03
    down = np.arcsin(np.clip(low / (length + 0.12), 0.0, 1.0))  # the tail ends above the ground
    rise = max(np.radians(bird.tail_rise), np.arcsin(stance.ahead[2]) - down)
    straight = unit(-stance.ahead * np.cos(rise) + stance.back * np.sin(rise))
    angle = np.radians(np.linspace(-spread, spread, count))
    ahead = straight * np.cos(angle)[:, None] + _SIDE * np.sin(angle)[:, None]
    normal = unit(stance.back * np.cos(rise) + stance.ahead * np.sin(rise))
    root = stance.at(0, -0.4, 0.34 * bird.body[0]) + _SIDE * np.linspace(-0.06, 0.06, count)[:, None]
    root = root - normal * np.abs(np.linspace(-0.02, 0.02, count))[:, None]
    long = (length + 0.12) * (1 - rng.uniform(0, 0.25) * np.abs(np.linspace(-1, 1, count)))
    shade = rng.uniform(0.85, 1.1, (count, 1))
    droop = 0.25 if bird.tail_rise > 30 else 0.05
    add_feathers(
        "tail", root, ahead, np.broadcast_to(normal, root.shape), (long, 0.06), dark * shade, material, bend=droop
    )


def _flight_color(skin: Skin, colors: Array, rng: np.random.Generator) -> Array:
    """Return the color of long feathers: that of the wings, darker or nearly black."""
    wing = skin.marks["wing"] > 0.5
    base = np.median(colors[wing], axis=0) if wing.any() else colors.mean(axis=0)
    dark: Array = base * rng.choice([1.0, 0.7, 0.4])
    return dark


def _toward(first: Array, second: Array, much: Array, more: Array) -> Array:
    """Return a sum of vectors, each times its weights ``(n, 1)``."""
    total: Array = first * much + second * more
    return total
