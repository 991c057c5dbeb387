"""A feather or a few: a curved shaft with hundreds of barbs that split into gaps, and down at its foot."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._parts.blades import add_blades, blade_grids
from synthmat.blender_scenes.builtins._parts.curve import Array, frames_along, smooth_path, unit
from synthmat.blender_scenes.builtins._parts.material import Color, attribute, plain, principled, random_color, scaled
from synthmat.blender_scenes.builtins._parts.mesh import tube
from synthmat.blender_scenes.builtins._parts.strands import add_strands, taper

_PATTERNS = ("plain", "tip", "bands", "spots", "eye")


def build(rng: np.random.Generator) -> None:
    """Add one feather, or a fan of them, to the scene, about 2 units tall, its quill at the origin."""
    kind = str(rng.choice(["wing", "wing", "wing", "plume", "eye"]))
    count = int(rng.choice([1, 2, 3, 3, 5]))
    tones = _tones(kind, rng)
    material = _vane_material(tones, "eye" if kind == "eye" else str(rng.choice(_PATTERNS[:4])), rng)
    shaft = plain(
        "shaft", random_color(rng, hue=(0.06, 0.12), saturation=(0.1, 0.4), value=(0.5, 0.85)), roughness=0.35
    )
    red, green, blue = (0.6 * part + 0.15 for part in tones[0])
    soft = plain("down", (red, green, blue), roughness=0.8)
    start = rng.uniform(0, 2 * np.pi)
    for number in range(count):
        around = start + number * (2 * np.pi / count if count > 2 else 2.0)
        _add_feather(kind, around, 0.0 if count == 1 else rng.uniform(0.25, 0.6), (material, shaft, soft), rng)


def _tones(kind: str, rng: np.random.Generator) -> tuple[Color, Color]:
    if kind == "eye":
        hue = rng.uniform(0.22, 0.4)
        return (
            random_color(rng, hue=(hue, hue), saturation=(0.5, 0.8), value=(0.35, 0.6)),
            random_color(rng, hue=(0.55, 0.66), saturation=(0.6, 0.9), value=(0.3, 0.7)),
        )
    if rng.random() < 0.6:
        light = random_color(rng, hue=(0.04, 0.12), saturation=(0.0, 0.4), value=(0.55, 0.86))
        return light, random_color(rng, hue=(0.02, 0.1), saturation=(0.1, 0.6), value=(0.2, 0.5))
    return random_color(rng, saturation=(0.4, 0.9), value=(0.4, 0.9)), random_color(
        rng, saturation=(0.3, 0.9), value=(0.25, 0.9)
    )


def _add_feather(
    kind: str, around: float, lean: float, materials: tuple[bpy.types.Material, ...], rng: np.random.Generator
) -> None:
    vane, shaft, soft = materials
    ring = np.array([np.cos(around), np.sin(around), 0.0])
    bow, tall = rng.uniform(0.15, 0.5) * rng.choice([-1.0, 1.0]), rng.uniform(1.7, 2.2)
    corners = [
        [0, 0, 0],
        ring * (lean * 0.3 + bow * 0.35) + [0, 0, 0.35 * tall],
        ring * (lean * 0.8 + bow * 0.35) + [0, 0, 0.7 * tall],
    ]
    spine = smooth_path([*corners, ring * (lean * 1.3 - bow * 0.3) + [0, 0, tall * 0.98]], 240)
    thin = np.linspace(1, 0.12, 240)
    tube("shaft", shaft, spine[::4], 0.02 * thin[::4], segments=10)
    # A single feather is twisted so far that no view is along all of its vane.
    twist = rng.uniform(0.5, 1.4) * (1.0 if lean else 1.8) * rng.choice([-1, 1])
    side, front = frames_along(spine, closed=False)
    angle = (np.linspace(0, 1, 240) * twist + rng.uniform(0, 6.28))[:, None]
    side, front = side * np.cos(angle) + front * np.sin(angle), front * np.cos(angle) - side * np.sin(angle)
    for sign in (-1.0, 1.0):
        wide = rng.uniform(0.27, 0.48) * (rng.uniform(0.45, 0.7) if sign < 0 and kind == "wing" else 1.0)
        _add_vane(kind, sign, wide, spine, side, front, vane, rng)
    _add_down(spine, side, front, soft, rng)


def _add_vane(
    kind: str,
    sign: float,
    wide: float,
    spine: Array,
    side: Array,
    front: Array,
    material: bpy.types.Material,
    rng: np.random.Generator,
) -> None:
    """Add the barbs of one side: they lie close together, but for a few splits where they part."""
    count = {"wing": 300, "plume": 230, "eye": 150}[kind]
    fraction = np.sort(rng.uniform(0, 1, count) * 0.25 + np.linspace(0, 1, count) * 0.75)
    at = 0.2 + 0.795 * fraction
    position = at * (len(spine) - 1)
    low = np.minimum(position.astype(int), len(spine) - 2)
    part = (position - low)[:, None]
    root = spine[low] * (1 - part) + spine[low + 1] * part
    ahead = unit(spine[low + 1] - spine[low])
    form = np.clip(np.sin(np.pi * np.clip(fraction * 0.86 + 0.12, 0, 1)), 0, 1) ** 0.55
    length = wide * form + 0.02
    loose = {"wing": 0.025, "plume": 0.3, "eye": 0.12}[kind]
    angle = np.interp(fraction, (0, 0.75, 1), (1.0, 0.7, 0.15)) + rng.normal(0, loose * 0.3, count)
    # Groups of neighbors lean together, which opens gaps between the groups.
    borders = np.sort(rng.uniform(0, 1, int(rng.integers(3, 9)) if kind == "wing" else 30))
    group = np.searchsorted(borders, fraction)
    angle = angle + rng.normal(0, 0.09 if kind == "wing" else 0.16, len(borders) + 1)[group]
    lift = rng.normal(0, 0.05, len(borders) + 1)[group] + rng.normal(0, loose, count)
    out = sign * side[low]
    rows = 12
    t = np.linspace(0, 1, rows)[None, :, None]
    curve = np.cos(angle)[:, None, None] + 0.35 * t
    paths = root[:, None] + length[:, None, None] * t * (
        ahead[:, None] * curve + out[:, None] * np.sin(angle)[:, None, None] * (1 - 0.12 * t)
    )
    cup = rng.uniform(0.1, 0.35)
    paths = paths + front[low][:, None] * (length[:, None, None] * t**1.6 * (cup + lift[:, None, None]))
    if kind != "wing":
        sag = rng.uniform(0.05, 0.45) if kind == "plume" else 0.1
        wave = rng.uniform(0, 6.28, count)
        ripple = 0.08 * length[:, None] * np.sin(5 * t[..., 0] + wave[:, None]) * t[..., 0]
        paths[..., 2] -= sag * length[:, None] * t[..., 0] ** 2
        paths = paths + front[low][:, None] * ripple[..., None]
    gap = 0.795 * 2.0 / count
    thick = {"wing": 0.62, "plume": 0.32, "eye": 0.3}[kind] * gap * np.linspace(1.0, 0.35, rows)[None]
    grids = blade_grids(paths, np.broadcast_to(thick, (count, rows)), ahead, 0.15)
    item = add_blades("vane", grids, material, rng.random(count))
    for name, values in (
        ("up", np.repeat(at, rows * 3)),
        ("reach", np.tile(np.repeat(np.linspace(0, 1, rows), 3), count)),
    ):
        layer = item.data.attributes.new(name, "FLOAT", "POINT")
        layer.data.foreach_set("value", values.astype(np.float32))
    if kind != "wing":
        _add_barbules(paths, ahead, material, rng)


def _add_barbules(paths: Array, ahead: Array, material: bpy.types.Material, rng: np.random.Generator) -> None:
    """Add short hairs on both sides of loose barbs."""
    rows = rng.integers(1, paths.shape[1] - 1, (len(paths), 22))
    root = np.take_along_axis(paths, rows[..., None], axis=1).reshape(-1, 3)
    along = np.take_along_axis(np.gradient(paths, axis=1), rows[..., None], axis=1).reshape(-1, 3)
    along = unit(along)
    out = unit(
        np.repeat(ahead, 22, axis=0) * rng.choice([-1.0, 1.0], (len(root), 1)) + along + rng.normal(0, 0.3, root.shape)
    )
    hairs = (
        root[:, None] + out[:, None] * (np.linspace(0, 1, 3)[None] * rng.uniform(0.02, 0.06, (len(root), 1)))[..., None]
    )
    add_strands("barbule", hairs, 0.0014 * taper(3, 0.4, 0.0), material, {"tint": rng.random((len(root), 1))})


def _add_down(spine: Array, side: Array, front: Array, material: bpy.types.Material, rng: np.random.Generator) -> None:
    """Add soft curled hairs where the vane begins."""
    count = 420
    row = (rng.triangular(0.06, 0.2, 0.34, count) * len(spine)).astype(int)
    angle = rng.choice([0, np.pi], count) + rng.normal(0, 0.5, count)
    out = np.cos(angle)[:, None] * side[row] + np.sin(angle)[:, None] * front[row]
    ahead = unit(spine[row + 1] - spine[row])
    t = np.linspace(0, 1, 9)[None, :, None]
    length = rng.uniform(0.05, 0.17, (count, 1, 1))
    wave = np.sin(t * rng.uniform(4, 9, (count, 1, 1)) + rng.uniform(0, 6, (count, 1, 1)))
    points = spine[row][:, None] + length * t * (out[:, None] + ahead[:, None] * (0.3 - 0.8 * t))
    points = points + length * 0.14 * t * wave * unit(rng.normal(size=(count, 1, 3)))
    add_strands("down", points, 0.0022 * taper(9, 0.3, 0.0), material)


def _vane_material(tones: tuple[Color, Color], pattern: str, rng: np.random.Generator) -> bpy.types.Material:
    """Return a material that paints one of `_PATTERNS` over the attributes ``up``, ``reach`` and ``tint``."""
    material = plain("vane", tones[0], roughness=rng.uniform(0.4, 0.65), sheen=0.2)
    nodes, links = material.node_tree.nodes, material.node_tree.links
    place = nodes.new("ShaderNodeCombineXYZ")
    links.new(attribute(material, "up"), place.inputs["X"])
    links.new(scaled(material, attribute(material, "reach"), 0.25, 0.0), place.inputs["Y"])
    ramp = nodes.new("ShaderNodeValToRGB")
    stops = ramp.color_ramp.elements
    source = place.outputs["Vector"]
    if pattern in ("bands", "spots"):
        texture = nodes.new("ShaderNodeTexWave" if pattern == "bands" else "ShaderNodeTexVoronoi")
        texture.inputs["Scale"].default_value = rng.uniform(1.5, 4.5) if pattern == "bands" else rng.uniform(9, 18)
        if pattern == "bands":
            texture.inputs["Distortion"].default_value = rng.uniform(0.5, 3.0)
        links.new(source, texture.inputs["Vector"])
        links.new(texture.outputs.get("Fac") or texture.outputs["Distance"], ramp.inputs["Fac"])
        stops[0].position, stops[1].position = 0.38, 0.55
    elif pattern == "eye":
        measure = nodes.new("ShaderNodeVectorMath")
        measure.operation = "DISTANCE"
        measure.inputs[1].default_value = (0.84, 0.0, 0.0)
        links.new(source, measure.inputs[0])
        links.new(scaled(material, measure.outputs["Value"], 3.0, 0.0), ramp.inputs["Fac"])
        stops[0].color, stops[0].position = (0.02, 0.03, 0.16, 1), 0.22
        for position, tone in ((0.27, (*tones[1], 1)), (0.45, (0.02, 0.3, 0.35, 1)), (0.5, (0.5, 0.28, 0.06, 1))):
            stops.new(position).color = tone
        stops[-1].position = 0.85
    else:
        links.new(attribute(material, "up"), ramp.inputs["Fac"])
        stops[0].position, stops[1].position = (0.6, rng.uniform(0.7, 1.0)) if pattern == "tip" else (0.0, 3.0)
    if pattern == "eye":
        stops[-1].color = (*tones[0], 1)
    else:
        stops[0].color, stops[1].color = (*tones[0], 1), (*tones[1], 1)
    vary = nodes.new("ShaderNodeHueSaturation")
    links.new(scaled(material, attribute(material, "tint"), 0.5, 0.72), vary.inputs["Value"])
    links.new(ramp.outputs["Color"], vary.inputs["Color"])
    links.new(vary.outputs["Color"], principled(material).inputs["Base Color"])
    return material
