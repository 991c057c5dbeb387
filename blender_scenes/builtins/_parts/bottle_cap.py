"""What closes a bottle: cork, capsule, crown cap, screw cap, stopper, block or pump."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import smooth_path
from synthmat.blender_scenes.builtins._parts.material import patterned, plain, random_color
from synthmat.blender_scenes.builtins._parts.mesh import add_grid, ellipsoid, superquadric, tube
from synthmat.blender_scenes.builtins._parts.vessel import SEGMENTS, add_solid, rounded, swept


def _cork(neck: float, mouth: float, _shoulder: float, rng: np.random.Generator) -> None:
    material = patterned("cork", "noise", ((0.5, 0.3, 0.15), (0.25, 0.13, 0.06)), scale=25, roughness=0.9)
    low, high, wide = mouth - 0.16, mouth + rng.uniform(0.03, 0.14), neck * 0.72
    add_solid("cork", material, rounded([(0, low, 0), (wide, low, 0.01), (wide * 1.04, high, 0.015), (0, high, 0)]))


def _capsule(neck: float, mouth: float, shoulder: float, rng: np.random.Generator) -> None:
    """Add the foil round the neck of a bottle of wine, up to and over its mouth."""
    metallic = float(rng.choice([0.0, 1.0]))
    foil = plain("capsule", random_color(rng, value=(0.1, 0.8)), roughness=rng.uniform(0.25, 0.5), metallic=metallic)
    low = max(shoulder + 0.02, mouth - rng.uniform(0.35, 0.6))
    out, lip = neck + 0.008, neck * 1.25 + 0.012
    corners = [
        (0, low + 0.03, 0),
        (neck * 0.99, low + 0.01, 0),
        (out, low, 0),
        (out, mouth - 0.13, 0.03),
        (lip, mouth - 0.1, 0.02),
    ]
    add_solid("capsule", foil, rounded([*corners, (lip, mouth + 0.04, 0.025), (0, mouth + 0.045, 0)]))


def _crown(neck: float, mouth: float, _shoulder: float, rng: np.random.Generator) -> None:
    """Add a crown cap: a low disc whose skirt has 21 flutes."""
    tin = plain("crown cap", random_color(rng), roughness=0.25, metallic=float(rng.choice([0.4, 1.0])), coat=0.5)
    wide, top = neck * 1.27 + 0.01, mouth + 0.05
    outline = rounded(
        [
            (0, mouth - 0.09, 0),
            (wide * 1.07, mouth - 0.1, 0.005),
            (wide, mouth + 0.01, 0.06),
            (wide * 0.9, top, 0.03),
            (0, top + 0.01, 0),
        ]
    )
    angle = np.linspace(0, 2 * np.pi, SEGMENTS, endpoint=False)
    depth = np.clip((mouth + 0.02 - outline[:, 1:]) / 0.11, 0, 1) * 0.06
    add_grid("crown cap", swept(outline, 1 + depth * np.cos(21 * angle)[None, :]), tin)


def _screw(neck: float, mouth: float, _shoulder: float, rng: np.random.Generator) -> None:
    """Add a cap with fine grooves all round."""
    metallic = float(rng.choice([0.0, 0.0, 1.0]))
    cap = plain(
        "screw cap", random_color(rng, saturation=(0.0, 0.9)), roughness=rng.uniform(0.2, 0.5), metallic=metallic
    )
    wide, low, high = (
        neck * rng.uniform(1.3, 1.45) + 0.01,
        mouth - rng.uniform(0.14, 0.2),
        mouth + rng.uniform(0.02, 0.06),
    )
    outline = rounded([(0, low, 0), (wide, low, 0.01), (wide * 0.98, high, 0.025), (0, high, 0)], steps=8)
    angle = np.linspace(0, 2 * np.pi, SEGMENTS, endpoint=False)
    upright = (outline[:, 1:] > low + 0.02) & (outline[:, 1:] < high - 0.03)
    add_grid("screw cap", swept(outline, 1 - 0.025 * upright * (np.cos(32 * angle) > 0)[None, :]), cap)


def _stopper(neck: float, mouth: float, _shoulder: float, rng: np.random.Generator) -> None:
    """Add a turned stopper: a ball or a knob on a collar, of metal, wood or plastic."""
    tone, metallic = random_color(rng, saturation=(0.0, 0.8)), float(rng.choice([0.0, 1.0]))
    material = plain("stopper", tone, roughness=rng.uniform(0.1, 0.4), metallic=metallic, coat=rng.uniform(0, 0.6))
    wide, top = neck * rng.uniform(1.3, 1.6), mouth + rng.uniform(0.06, 0.3)
    collar = [(0, mouth - 0.1, 0), (neck * 0.7, mouth - 0.1, 0), (neck * 0.7, mouth + 0.004, 0)]
    add_solid("stopper", material, rounded([*collar, (wide, mouth + 0.004, 0.02), (wide, top, 0.03), (0, top, 0)]))
    if rng.random() < 0.5:
        ball = wide * rng.uniform(0.9, 1.5)
        ellipsoid("ball", material, (0, 0, top + ball * 0.85), np.full(3, ball))


def _box(neck: float, mouth: float, shoulder: float, rng: np.random.Generator) -> None:
    """Add the block that covers the sprayer of a bottle of perfume."""
    metallic = float(rng.choice([0.0, 1.0]))
    material = plain(
        "block", random_color(rng, saturation=(0.0, 0.5)), roughness=rng.uniform(0.08, 0.35), metallic=metallic
    )
    tall, wide = rng.uniform(0.14, 0.28), neck * rng.uniform(1.5, 2.2)
    middle = shoulder + 0.02 + tall
    corner = float(rng.choice([0.15, 0.15, 1.0]))
    superquadric("block", material, (0, 0, middle), (wide, wide * rng.uniform(0.7, 1), tall), (corner, 0.12), rings=64)
    collar = plain("collar", (0.8, 0.65, 0.35), roughness=0.2, metallic=1.0)
    low, high = shoulder - 0.02, min(middle - tall + 0.02, mouth)
    add_solid("collar", collar, rounded([(0, low, 0), (neck * 1.3, low, 0), (neck * 1.3, high, 0.01), (0, high, 0)]))


def _pump(neck: float, mouth: float, _shoulder: float, rng: np.random.Generator) -> None:
    """Add a pump with a bent spout."""
    material = plain("pump", random_color(rng, saturation=(0.0, 0.6), value=(0.1, 0.95)), roughness=0.3)
    wide, low = neck * 1.35 + 0.01, mouth - 0.12
    add_solid(
        "collar", material, rounded([(0, low, 0), (wide, low, 0.01), (wide, mouth + 0.05, 0.03), (0, mouth + 0.06, 0)])
    )
    tall = rng.uniform(0.2, 0.35)
    tube("stem", material, [(0, 0, mouth), (0, 0, mouth + tall)], neck * 0.35)
    reach, angle = rng.uniform(0.3, 0.5), rng.uniform(-0.8, 0.8)
    out = np.array([np.sin(angle), -np.cos(angle), 0.0])
    head = [out * -0.1, out * 0.05 + [0, 0, 0.02], out * reach * 0.8, out * reach - [0, 0, 0.08]]
    path = smooth_path(np.array(head) + [0, 0, mouth + tall], 24)
    tube("spout", material, path, np.linspace(neck * 0.62, neck * 0.3, 24))


CAPS: dict[str, Callable[[float, float, float, np.random.Generator], None]] = {
    "cork": _cork,
    "capsule": _capsule,
    "crown": _crown,
    "screw": _screw,
    "stopper": _stopper,
    "box": _box,
    "pump": _pump,
}
"""By name; each takes the radius of the neck, the heights of the mouth and of the neck's lower end, and a generator."""
