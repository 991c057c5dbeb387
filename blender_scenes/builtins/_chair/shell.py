"""Chairs with a seat shell on thin legs: moulded, slatted, or a net of wire."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._chair.parts import Finish, add_leg, add_rods, random_finish, random_metal
from synthmat.blender_scenes.builtins._parts.curve import Array, smooth_path, unit
from synthmat.blender_scenes.builtins._parts.material import plain, random_color
from synthmat.blender_scenes.builtins._parts.mesh import add_grid, ellipsoid, ribbon, tube
from synthmat.blender_scenes.builtins._parts.wood import random_wood


class Shell:
    """The surface of a seat and its back: ``point(u, v)``, u across from -1 to 1, v from the front edge, 0 to 1."""

    def __init__(self, rng: np.random.Generator) -> None:
        """Draw how wide, how high and how round it is."""
        back, lean = rng.uniform(0.45, 1.0), rng.uniform(0.12, 0.3)
        profile = [(-0.52, 0.9), (-0.44, 1.0), (-0.1, 0.97), (0.24, 0.95), (0.42, 1.08)]
        profile += [(0.46 + lean * back * 0.5, 1.06 + back * 0.55), (0.46 + lean * back, 1.02 + back)]
        self._profile = smooth_path(profile, 80)
        wide, top = rng.uniform(0.46, 0.54), rng.uniform(0.55, 1.05)
        self._width = np.interp(np.linspace(0, 1, 80), (0, 0.3, 0.62, 1), (wide * 0.94, wide, wide, wide * top))
        self._roundness = rng.uniform(3, 9)
        self._raised, self._wrapped = rng.uniform(0.02, 0.16), rng.uniform(0.05, 0.26)
        self._arms = rng.choice([0.0, rng.uniform(0.2, 0.34)])

    def point(self, u: Array, v: Array) -> Array:
        """Return points ``(..., 3)``."""
        u, v = np.broadcast_arrays(u, v)
        at = np.linspace(0, 1, 80)
        y, z, width = (np.interp(v, at, values) for values in (*self._profile.T, self._width))
        near_end = np.clip(1 - np.abs(2 * v - 1) ** self._roundness, 0, 1) ** (1 / self._roundness)
        behind = np.clip((v - 0.45) / 0.25, 0, 1)
        side = np.abs(u) ** 2.5
        z = z + side * self._raised * (1 - behind) + self._arms * side * np.exp(-(((v - 0.5) / 0.17) ** 2))
        y = y - side * self._wrapped * behind
        points: Array = np.stack([u * width * near_end, y, z], axis=-1)
        return points


def shell_chair(rng: np.random.Generator) -> None:
    """Add a moulded, slatted or wire shell on dowels, a tower of rods, hairpins, straight tubes or runners."""
    shell = Shell(rng)
    legs = random_finish(rng)
    kind = rng.choice(["moulded", "moulded", "wire", "wire", "slats"])
    if kind == "moulded":
        _add_moulded(shell, rng)
    elif kind == "wire":
        _add_wire(shell, random_metal(rng), rng)
    else:
        _add_slats(shell, legs, rng)
    base = (_dowels, _dowels, _tower, _hairpins, _runners)[int(rng.integers(5))]
    under = shell.point(np.array(0.0), np.linspace(0.15, 0.5, 20))[:, 2].min()
    base(legs, float(under) - 0.02, rng)


def _add_moulded(shell: Shell, rng: np.random.Generator) -> None:
    if rng.random() < 0.7:
        tone = random_color(rng, saturation=(0.0, 0.9), value=(0.08, 0.95))
        material = plain("plastic", tone, roughness=rng.uniform(0.25, 0.55), coat=rng.uniform(0, 0.4))
    else:
        material = random_wood(rng).rods
    v = (1 - np.cos(np.linspace(0, np.pi, 72))) / 2
    u = np.sin(np.linspace(-np.pi / 2, np.pi / 2, 49))
    surface = shell.point(u[None, :], v[:, None])
    normal = np.cross(np.gradient(surface, axis=1), np.gradient(surface, axis=0))
    normal[1:-1] = unit(normal[1:-1] + 1e-12)
    normal[0], normal[-1] = normal[1], normal[-2]
    edge = (1 - np.abs(u[None, :]) ** 12) ** 0.5 * (1 - np.abs(2 * v[:, None] - 1) ** 12) ** 0.5
    thick = 0.016 * edge[..., None] * normal
    ring = np.concatenate([surface + thick, (surface - thick)[:, -2:0:-1]], axis=1)
    add_grid("shell", ring, material)


def _add_wire(shell: Shell, material: bpy.types.Material, rng: np.random.Generator) -> None:
    """Add a net of wires, straight or in diamonds, inside a thicker border."""
    thin, fraction = rng.uniform(0.007, 0.011), np.linspace(0, 1, 60)
    across, lengthwise = int(rng.integers(7, 15)), int(rng.integers(12, 24))
    if rng.random() < 0.4:
        paths = []
        for start in np.arange(-lengthwise, across) / across:
            for flip in (1, -1):
                u, v = 2 * (start + fraction * lengthwise / across) - 1, fraction
                kept = np.abs(u) <= 1
                if kept.sum() > 2:
                    u, v = (np.interp(fraction, np.linspace(0, 1, int(kept.sum())), part[kept]) for part in (u, v))
                    paths.append(shell.point(u * float(flip), np.clip(v, 0.004, 0.996)))
    else:
        paths = [shell.point(np.full(60, u), fraction) for u in np.linspace(-1, 1, across)[1:-1]]
        paths += [shell.point(2 * fraction - 1, np.full(60, v)) for v in np.linspace(0, 1, lengthwise + 2)[1:-1]]
    add_rods("wire", material, paths, thin, segments=8)
    tube("border", material, _border(shell), thin * rng.uniform(1.6, 2.6), closed=True, segments=12)


def _border(shell: Shell) -> Array:
    v = (1 - np.cos(np.linspace(0, np.pi, 90)[1:-1])) / 2
    right = shell.point(np.ones_like(v), v)
    return np.concatenate([right, right[::-1] * [-1, 1, 1]])


def _add_slats(shell: Shell, finish: Finish, rng: np.random.Generator) -> None:
    """Add slats across, or staves lengthwise, on two bent bars."""
    bars = [shell.point(np.full(60, u), np.linspace(0.02, 0.98, 60)) - [0, -0.015, 0.025] for u in (-0.55, 0.55)]
    add_rods("bar", finish.metal, bars, 0.018)
    if rng.random() < 0.5:
        count = int(rng.integers(9, 19))
        for v in np.linspace(0.03, 0.97, count):
            path = shell.point(np.linspace(-1, 1, 30), np.full(30, v))
            around = shell.point(np.zeros(2), np.array([v - 0.02, v + 0.02]))
            ribbon("slat", finish.rods, path, around[1] - around[0], 0.62 / count, 0.012)
    else:
        for u in np.linspace(-0.9, 0.9, int(rng.integers(6, 11))):
            path = shell.point(np.full(60, u), np.linspace(0.02, 0.98, 60))
            ribbon("stave", finish.rods, path, (1.0, 0, 0), 0.034, 0.012)


def _feet(rng: np.random.Generator) -> tuple[Array, Array]:
    """Return the tops and the feet of four legs, ``(4, 2)``: front left, front right, back left, back right."""
    corner = np.array([(-1, -1), (1, -1), (-1, 1), (1, 1)]) * 1.0
    return corner * [0.2, 0.22], corner * [rng.uniform(0.36, 0.48), rng.uniform(0.38, 0.5)]


def _dowels(finish: Finish, top: float, rng: np.random.Generator) -> None:
    """Add tapered dowels braced by crossing thin rods."""
    heads, feet = _feet(rng)
    legs = [
        add_leg(finish.rods, (*head, top), (*foot, 0), rng.uniform(0.034, 0.04), np.linspace(1.0, 0.55, 64))
        for head, foot in zip(heads, feet, strict=True)
    ]
    braces = [
        np.linspace(legs[a][6], legs[b][30], 8)
        for a, b in ((0, 1), (1, 0), (2, 3), (3, 2), (0, 2), (2, 0), (1, 3), (3, 1))
    ]
    add_rods("brace", finish.metal, braces, 0.009, segments=8)
    frame = np.array([(*head * 1.3, top + 0.015) for head in heads[[0, 1, 3, 2]]])
    add_rods("frame", finish.metal, [np.linspace(frame[k], frame[(k + 1) % 4], 8) for k in range(4)], 0.012, segments=8)


def _tower(finish: Finish, top: float, rng: np.random.Generator) -> None:
    """Add legs of two thin rods each, crossing each other under the seat."""
    heads, feet = _feet(rng)
    thin = rng.uniform(0.009, 0.014)
    rods = []
    for head, foot in zip(heads, feet, strict=True):
        end = np.array([*foot, 0.0])
        for mirrored in ((1, -1), (-1, 1), (0.9, 0.9)):
            rods.append(np.linspace([*(head * mirrored * 1.2), top], end, 12))
        ellipsoid("foot", finish.metal, end, np.full(3, thin * 2))
    add_rods("rod", finish.metal, rods, thin, segments=10)


def _hairpins(finish: Finish, top: float, rng: np.random.Generator) -> None:
    heads, feet = _feet(rng)
    paths = []
    for head, foot in zip(heads * 1.25, feet, strict=True):
        aside = np.array([-head[1], head[0]]) * 0.5
        end = np.array([*foot, 0.02])
        down = np.linspace(np.append(head + aside, top), end, 30)
        paths.append(np.concatenate([down, np.linspace(end, np.append(head - aside, top), 30)[1:]]))
    add_rods("hairpin", finish.metal, paths, rng.uniform(0.012, 0.017), segments=10)


def _runners(finish: Finish, top: float, rng: np.random.Generator) -> None:
    """Add a bent rod on each side that runs along the floor, and two rods across."""
    wide, thick = rng.uniform(0.36, 0.46), rng.uniform(0.016, 0.022)
    front, rear = -rng.uniform(0.38, 0.48), rng.uniform(0.4, 0.52)
    for side in (-1, 1):
        corners = [(side * 0.3, front * 0.7, top), (side * wide, front, 0.08), (side * wide, front * 0.9, 0.0)]
        corners += [(side * wide, 0, 0.0), (side * wide, rear * 0.9, 0.0), (side * wide, rear, 0.08)]
        tube("runner", finish.metal, smooth_path([*corners, (side * 0.3, rear * 0.45, top)], 90), thick, segments=12)
    for y in (front * 0.7, rear * 0.45):
        tube("cross", finish.metal, [(-0.3, y, top), (0.3, y, top)], thick, segments=12)
