"""A leafy branch: leaves cut out of flat cards by the alpha of a texture, on a curved stem with twigs and berries."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import Array, smooth_path, unit
from synthmat.blender_scenes.builtins._parts.material import Color, attribute, plain, principled, random_color, scaled
from synthmat.blender_scenes.builtins._parts.mesh import add_grids, ellipsoid, tube
from synthmat.blender_scenes.builtins._textures.leaf_texture import leaf_image

_ROWS, _COLUMNS = 9, 5


def build(rng: np.random.Generator) -> None:
    """Add the branch to the scene, about 2 units long, rising from the origin."""
    bark = plain("bark", random_color(rng, hue=(0.04, 0.22), saturation=(0.3, 0.6), value=(0.15, 0.45)), roughness=0.85)
    lean = rng.uniform(-0.8, 0.8, 2)
    corners = [
        (0, 0, 0),
        (*lean * 0.2, 0.6),
        (*lean * 0.9, 1.3),
        (*lean * rng.uniform(1.2, 2.0), rng.uniform(1.6, 2.1)),
    ]
    stem = smooth_path(corners, 60)
    thick = rng.uniform(0.025, 0.04)
    tube("stem", bark, stem, np.linspace(thick, thick * 0.3, 60), segments=12)
    twigs = [stem[10:]]
    start = rng.uniform(0, 2 * np.pi)
    for number, fraction in enumerate(np.linspace(0.25, 0.85, int(rng.integers(5, 11)))):
        twig = _twig(stem, int(fraction * 59), start + number * 2.4, rng)
        tube("twig", bark, twig, np.linspace(thick * 0.55, thick * 0.2, len(twig)), segments=10)
        twigs.append(twig[4:])
    _add_leaves(twigs, rng)
    if rng.random() < 0.4:
        _add_berries(twigs, rng)


def _twig(stem: Array, at: int, angle: float, rng: np.random.Generator) -> Array:
    ahead = unit(stem[at] - stem[at - 1])
    out = unit(np.array([np.cos(angle), np.sin(angle), 0.0]) + ahead * rng.uniform(0.2, 0.9))
    length = rng.uniform(0.6, 1.15) * (1.25 - at / 60)
    droop = np.array([0, 0, rng.uniform(-0.35, 0.15)]) * length
    return smooth_path([stem[at], stem[at] + out * length * 0.5, stem[at] + out * length + droop], 26)


def _add_leaves(twigs: list[Array], rng: np.random.Generator) -> None:
    """Add leaves along all twigs, in a spiral round them or in pairs, and one at each end."""
    size, curl, fold = rng.uniform(0.4, 0.8), rng.uniform(-0.1, 0.6), rng.uniform(0.05, 0.45)
    gap, spread = int(rng.integers(3, 6)), rng.uniform(0.6, 1.2)
    pairs = rng.random() < 0.5
    cards = []
    for twig in twigs:
        for number, at in enumerate([*range(1, len(twig) - 1, gap), len(twig) - 1]):
            end = at == len(twig) - 1
            ahead = unit(twig[at] - twig[at - 1])
            for opposite in (0.0, np.pi) if pairs and not end else (0.0,):
                angle = number * (np.pi / 2 if pairs else 2.4) + opposite + rng.uniform(-0.3, 0.3)
                out = _around(ahead, angle)
                along = ahead if end else unit(ahead + spread * out + rng.normal(0, 0.12, 3))
                scale = size * rng.uniform(0.7, 1.1) * (1.1 - 0.35 * at / len(twig))
                cards.append(_card(twig[at], along, scale, curl + rng.uniform(-0.2, 0.2), fold, rng))
    item = add_grids("leaves", cards, _leaf_material(rng), around=False)
    _map_texture(item.data, len(cards), rng)


def _around(ahead: Array, angle: float) -> Array:
    side = unit(np.cross(ahead, [0.31, 0.95, 0.05]))
    tilted: Array = np.cos(angle) * side + np.sin(angle) * np.cross(ahead, side)
    return tilted


def _card(root: Array, along: Array, size: float, curl: float, fold: float, rng: np.random.Generator) -> Array:
    """Return the grid of one leaf: bent downward along its length and folded along its middle."""
    v, u = np.meshgrid(np.linspace(0, 1, _ROWS), np.linspace(-0.5, 0.5, _COLUMNS), indexing="ij")
    across = unit(np.cross(along, [rng.normal(0, 0.25), rng.normal(0, 0.25), 1.0]))
    up = np.cross(across, along)
    height = np.abs(u) * fold - curl * v**2 * 0.5 + 0.03 * np.sin(9 * v + rng.uniform(0, 6.28)) * u * 2
    grid: Array = root + size * (v[..., None] * along + u[..., None] * across + height[..., None] * up)
    return grid


def _map_texture(mesh: bpy.types.Mesh, count: int, rng: np.random.Generator) -> None:
    """Lay the whole picture on each leaf, and give each its own brightness as the attribute ``tint``."""
    v, u = np.meshgrid(np.linspace(0, 1, _ROWS), np.linspace(0, 1, _COLUMNS), indexing="ij")
    places = np.tile(np.stack([u, v], axis=-1).reshape(-1, 2), (count, 1))
    corners = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", corners)
    layer = mesh.uv_layers.new(name="leaf")
    layer.data.foreach_set("uv", places[corners].astype(np.float32).reshape(-1))
    tint = mesh.attributes.new("tint", "FLOAT", "POINT")
    tint.data.foreach_set("value", rng.uniform(0, 1, count).astype(np.float32).repeat(_ROWS * _COLUMNS))


def _leaf_material(rng: np.random.Generator) -> bpy.types.Material:
    hue = (0.2, 0.36) if rng.random() < 0.65 else (-0.03, 0.14)
    blade = random_color(rng, hue=hue, saturation=(0.55, 0.9), value=(0.3, 0.75))
    vein = random_color(rng, hue=hue, saturation=(0.2, 0.5), value=(0.6, 0.9))
    border = random_color(rng, hue=(-0.02, 0.3), saturation=(0.4, 0.9), value=(0.25, 0.8))
    material = plain("leaf", blade, roughness=rng.uniform(0.35, 0.7))
    nodes, links = material.node_tree.nodes, material.node_tree.links
    texture = nodes.new("ShaderNodeTexImage")
    tones: tuple[Color, Color, Color] = (blade, vein, border)
    texture.image = leaf_image(tones, 256, rng)
    texture.extension = "CLIP"
    vary = nodes.new("ShaderNodeHueSaturation")
    links.new(scaled(material, attribute(material, "tint"), 0.06, 0.47), vary.inputs["Hue"])
    links.new(scaled(material, attribute(material, "tint"), 0.6, 0.7), vary.inputs["Value"])
    links.new(texture.outputs["Color"], vary.inputs["Color"])
    links.new(vary.outputs["Color"], principled(material).inputs["Base Color"])
    links.new(texture.outputs["Alpha"], principled(material).inputs["Alpha"])
    return material


def _add_berries(twigs: list[Array], rng: np.random.Generator) -> None:
    material = plain("berry", random_color(rng, saturation=(0.6, 0.95), value=(0.4, 0.95)), roughness=0.2, coat=0.6)
    size = rng.uniform(0.05, 0.09)
    for twig in twigs[1:]:
        for _ in range(int(rng.integers(1, 4))):
            at = twig[int(rng.integers(3, len(twig)))] + [*rng.normal(0, size, 2), -size * 1.3]
            ellipsoid("berry", material, at, np.full(3, size * rng.uniform(0.8, 1.15)))
