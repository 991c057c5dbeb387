"""Net, lace and mesh: curtains, canopies, tablecloths and bags cut out by a texture, nets of thread, a wire fence."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._parts.cloth import (
    Cloth,
    add_cloth,
    canopy,
    draped,
    grid_places,
    hung,
    threads_on,
)
from synthmat.blender_scenes.builtins._parts.curve import Array, ring_path, smooth_path, unit
from synthmat.blender_scenes.builtins._parts.fence import add_fence
from synthmat.blender_scenes.builtins._parts.material import Color, patterned, plain, random_color
from synthmat.blender_scenes.builtins._parts.mesh import ellipsoid, lathe, superquadric, tube
from synthmat.blender_scenes.builtins._parts.strands import add_strands
from synthmat.blender_scenes.builtins._textures.alpha_picture import alpha_image, cut_out_material
from synthmat.blender_scenes.builtins._textures.lace_texture import lace_strip
from synthmat.blender_scenes.builtins._textures.net_texture import NETS, net_tile


def build(rng: np.random.Generator) -> None:
    """Add one thing of net or lace to the scene, about 2 units large."""
    makers = (_curtain, _curtain, _canopy, _tablecloth, _tablecloth, _bag, _bag, _hoop, _hoop)
    number = int(rng.integers(len(makers) + 1))
    if number == len(makers):
        add_fence(rng)
    else:
        makers[number](rng)


def _thread_color(rng: np.random.Generator) -> Color:
    """Return a color of linen, or a bright or dark one."""
    if rng.random() < 0.45:
        return random_color(rng, hue=(0.08, 0.14), saturation=(0.02, 0.25), value=(0.7, 0.9))
    return random_color(rng, saturation=(0.3, 0.85), value=(0.25, 0.85))


def _dress(cloth: Cloth, rng: np.random.Generator, *, lace: float, nets: tuple[str, ...] = NETS) -> None:
    """Add cloth to the scene, as lace with this probability or else as one of ``nets``."""
    tone = np.array(_thread_color(rng))
    if rng.random() < lace:
        alpha, shade = lace_strip(512, 1024, rng)
        across = max(round(cloth.width / cloth.height * 2), 1)
        repeats: tuple[float, float] = (across, 1)
    else:
        alpha, shade = net_tile(str(rng.choice(nets)), 512, rng)
        size = rng.uniform(0.3, 0.55)
        repeats = (max(round(cloth.width / size), 1), max(round(cloth.height / size), 1))
    image = alpha_image("net", tone * shade[..., None], alpha)
    add_cloth("cloth", cloth, cut_out_material(image, roughness=rng.uniform(0.6, 0.9)), repeats)


def _metal_or_wood(rng: np.random.Generator) -> bpy.types.Material:
    if rng.random() < 0.5:
        return plain("metal", (0.6, 0.55, 0.45), roughness=rng.uniform(0.15, 0.4), metallic=1.0)
    dark = random_color(rng, hue=(0.05, 0.09), saturation=(0.4, 0.6), value=(0.25, 0.5))
    light = random_color(rng, hue=(0.06, 0.1), saturation=(0.3, 0.5), value=(0.5, 0.75))
    return patterned("wood", "wood", (dark, light), scale=3, roughness=0.45)


def _curtain(rng: np.random.Generator) -> None:
    """Add a curtain on a rod, or a fishing net on two poles with floats on its rope."""
    cloth = hung(rng)
    material = _metal_or_wood(rng)
    middle = cloth.points[-1].copy()
    kernel = np.ones(71) / 71
    padded = np.pad(middle, ((35, 35), (0, 0)), mode="edge")
    rod = np.stack([np.convolve(padded[:, k], kernel, mode="valid") for k in range(3)], axis=1)[::14]
    if rng.random() < 0.4:
        sag = rng.uniform(0.1, 0.3) * np.sin(np.pi * np.linspace(0, 1, cloth.points.shape[1]))
        cloth.points[..., 2] -= sag[None] * np.linspace(0.6, 1, cloth.points.shape[0])[:, None]
        rope = smooth_path(cloth.points[-1, ::12], 160)
        tube("rope", plain("rope", (0.45, 0.33, 0.2), roughness=0.9), rope, 0.014, segments=10)
        floats = plain(
            "float", random_color(rng, hue=(0.0, 0.15), saturation=(0.6, 0.9), value=(0.6, 0.9)), roughness=0.5
        )
        for at in rope[:: int(rng.integers(14, 26))]:
            ellipsoid("float", floats, at, np.array([0.045, 0.045, 0.06]) * rng.uniform(0.9, 1.2))
        for end in (cloth.points[-1, 0], cloth.points[-1, -1]):
            tube("pole", material, [end + [0, 0, 0.12], [end[0], end[1], -cloth.height - 0.15]], 0.03, segments=16)
        _dress(cloth, rng, lace=0.0, nets=("diamonds", "squares"))
        return
    tube("rod", material, rod + [0, 0, 0.035], 0.022, segments=16)
    for end in (rod[0], rod[-1]):
        ellipsoid("knob", material, end + [0, 0, 0.035], np.full(3, 0.05))
    for at in rod[1:-1:2]:
        ring = np.stack([0 * ring_path(1, 0, 24)[:, 0], *ring_path(0.04, 0, 24)[:, :2].T], axis=1)
        tube("ring", material, ring + at + [0, 0, 0.02], 0.006, segments=8, closed=True)
    _dress(cloth, rng, lace=0.6)


def _canopy(rng: np.random.Generator) -> None:
    """Add a canopy that hangs from a ring, as over a bed."""
    cloth = canopy(rng)
    material = _metal_or_wood(rng)
    top = float(np.hypot(*cloth.points[-1, :, :2].T).mean())
    tube("ring", material, ring_path(top, 0.0, 64), 0.02, closed=True)
    height = top * 1.2 + 0.1
    for angle in np.arange(3) * 2.1:
        foot = np.array([top * np.cos(angle), top * np.sin(angle), 0.0])
        tube("cord", material, np.array([foot, [0, 0, height]]), 0.008, segments=8)
    ellipsoid("hook", material, (0, 0, height), np.full(3, 0.03))
    _dress(cloth, rng, lace=0.5)


def _tablecloth(rng: np.random.Generator) -> None:
    """Add a cloth over a round table."""
    radius = rng.uniform(0.45, 0.8)
    cloth = draped(radius, rng)
    material = _metal_or_wood(rng)
    edge = np.array([(0.0, -0.06), (radius - 0.05, -0.06), (radius - 0.02, -0.05), (radius - 0.02, 0.0), (0.0, 0.0)])
    lathe("top", material, edge)
    tall = max(cloth.height - radius, 0.7) * rng.uniform(1.05, 1.4)
    leg = [(0.0, -0.05), (0.12, -0.06), (0.06, -0.15), (0.09, -tall * 0.5), (0.05, -tall * 0.7), (0.1, -tall * 0.9)]
    profile = smooth_path([*leg, (0.36, -tall * 0.97), (0.38, -tall), (0.0, -tall)], 80)
    lathe("leg", material, np.maximum(profile, [0.0, -9.0])[::-1])
    _dress(cloth, rng, lace=0.7)


def _bag(rng: np.random.Generator) -> None:
    """Add a net bag full of fruit or balls, closed by a knot at the top."""
    size, layers = rng.uniform(0.26, 0.36), int(rng.integers(2, 5))
    hue = float(rng.choice([0.07, 0.12, 0.0, 0.25, 0.6]))
    peel = random_color(
        rng,
        hue=(hue - 0.02, hue + 0.02),
        saturation=(0.6, 0.9),
        value=(0.6, 0.9),
    )
    red, green, blue = (0.8 * part for part in peel)
    fruit = patterned("fruit", "noise", (peel, (red, green, blue)), scale=9, roughness=0.4)
    each, spots, stretch = int(rng.integers(3, 5)), [], rng.uniform(0.85, 1.25)
    for layer in range(layers):
        away = size * 1.02 / np.sin(np.pi / each)
        for k in range(each):
            angle = 2 * np.pi * (k + layer / 2) / each + rng.normal(0, 0.1)
            spot = [away * np.cos(angle), away * np.sin(angle), layer * size * 1.62 * stretch]
            spots.append(np.array(spot) + rng.normal(0, size * 0.06, 3))
    for spot in spots:
        radii = size * np.array([1, 1, stretch]) * rng.uniform(0.9, 1.03)
        ellipsoid("fruit", fruit, spot, radii)
    cloth = _round(np.array(spots), np.array([size, size, size * stretch]) * 1.05, rng)
    knot = cloth.points[-12, :, :].mean(axis=0)
    band = plain("band", random_color(rng, saturation=(0.5, 0.9)), roughness=0.5)
    tube("band", band, ring_path(0.05, 0.0, 32) + knot, 0.02, closed=True)
    if rng.random() < 0.35:
        tone = plain("thread", _thread_color(rng), roughness=0.6)
        add_strands("thread", threads_on(cloth, int(rng.integers(16, 30)), rng.uniform(0.3, 0.7)), 0.009, tone)
    else:
        _dress(cloth, rng, lace=0.0, nets=("diamonds", "hexagons", "squares"))


def _round(spots: Array, radii: Array, rng: np.random.Generator) -> Cloth:
    """Return cloth pulled tightly round ellipsoids at ``spots`` ``(n, 3)``, gathered below and above them."""
    rows, columns = 100, 241
    across, up = grid_places(rows, columns)
    low, high = spots[:, 2].min() - radii[2] * 1.05, spots[:, 2].max() + radii[2] * 1.05
    tail = rng.uniform(0.3, 0.5)
    z = low + (high + tail - low) * up
    angle = 2 * np.pi * across
    reach = np.full_like(z, 0.035)
    for spot in spots:
        flat = 1 - np.clip((z - spot[2]) / radii[2], -1, 1) ** 2
        along = np.cos(angle) * spot[0] + np.sin(angle) * spot[1]
        aside = np.cos(angle) * spot[1] - np.sin(angle) * spot[0]
        root = radii[0] ** 2 * flat - aside**2
        reach = np.maximum(reach, np.where(root > 0, along + np.sqrt(np.maximum(root, 0)), 0))
    for _ in range(40):
        ring = np.concatenate([reach[:, -13:-1], reach, reach[:, 1:13]], axis=1)
        even = (ring[:, :-24] + ring[:, 24:]) / 2
        tall = np.concatenate([reach[:1], (reach[:-2] + reach[2:]) / 2, reach[-1:]])
        reach = np.maximum(reach, 0.5 * np.minimum(even, reach * 1.2) + 0.5 * tall)
    neck = np.clip((z - high) / 0.08, 0, 1)
    reach = np.where(
        z > high - 0.02,
        np.minimum(reach, 0.045 + 0.1 * (1 - neck) + 0.12 * np.clip((z - high - 0.12) / tail, 0, 1)),
        reach,
    )
    reach = reach * (1 + 0.25 * neck * np.sin(7 * angle))
    points = np.stack([reach * np.cos(angle), reach * np.sin(angle), z], axis=-1)
    return Cloth(points, 2 * np.pi * float(reach.max()), high - low + tail, True)


def _hoop(rng: np.random.Generator) -> None:
    """Add a net of thread on a hoop: open below as for basketball, or closed and with a handle as for fish."""
    across, up = grid_places(80, 241)
    deep, open_below = rng.uniform(0.9, 1.5), rng.random() < 0.4
    turn, oval = 2 * np.pi * across, rng.uniform(0.75, 1.0)
    if open_below:
        oval, reach = 1.0, 0.7 - 0.28 * np.sin(np.pi / 2 * (1 - up)) ** 1.2 + 0.05 * (1 - up) ** 4
    else:
        reach = 0.7 * np.clip(1 - (1 - up) ** rng.uniform(2, 4), 0.0, 1) ** 0.6
    reach = reach * (1 + 0.02 * (1 - up) * up * 4 * np.sin(5 * turn + rng.uniform(0, 6)))
    points = np.stack([reach * np.cos(turn), oval * reach * np.sin(turn), -deep * (1 - up)], axis=-1)
    points[..., 0] += rng.normal(0, 0.12) * (1 - up) ** 2
    cloth = Cloth(points, 4.4, deep, True)
    count = int(rng.integers(10, 18)) if open_below else int(rng.integers(18, 40))
    thick = rng.uniform(0.011, 0.017) if open_below else rng.uniform(0.005, 0.008)
    material = plain("thread", _thread_color(rng), roughness=0.8)
    lines = threads_on(cloth, count, rng.uniform(1.5, 2.4) / count * (deep * 4), 140)
    add_strands("thread", lines, thick, material)
    frame = plain("frame", random_color(rng, saturation=(0.4, 0.9)), roughness=0.3, metallic=rng.choice([0.0, 0.8]))
    rim = ring_path(0.71, 0.0, 96) * [1, oval, 1]
    tube("rim", frame, rim, rng.uniform(0.016, 0.03), closed=True)
    if open_below:
        tube("arm", frame, [[0.72, 0, 0], [0.95, 0, 0]], 0.05, segments=12, flat=0.4)
        board = plain("board", random_color(rng, saturation=(0.0, 0.3), value=(0.6, 0.85)), roughness=0.3)
        superquadric("board", board, (0.97, 0, 0.3), (0.025, rng.uniform(0.7, 0.95), 0.52), (0.06, 0.06))
    else:
        long, lift = rng.uniform(0.7, 1.6), rng.uniform(-0.1, 0.6)
        ahead = unit(np.array([1.0, 0.0, lift]))
        wood = _metal_or_wood(rng)
        tube("handle", wood, smooth_path([rim[0], rim[0] + ahead * 0.3, rim[0] + ahead * long], 20), 0.028, segments=14)
        tube("grip", frame, [rim[0] + ahead * long * 0.75, rim[0] + ahead * (long + 0.01)], 0.04, segments=14)
