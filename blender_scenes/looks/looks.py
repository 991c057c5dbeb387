"""Random looks: an object's materials changed by degree, and never what they let through.

Only colors, roughness, metallic, coat and bump of shaders that scatter or emit light are touched. Whatever feeds
alpha, transmission, volumes, displacement and the mixing of shaders stays as it is, and with it the matte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace

import bpy
import numpy as np
from bpy.types import Material, Node, NodeSocket, NodeTree

from synthmat.blender_scenes.blender.node_math import calculated
from synthmat.blender_scenes.blender.versions import node_tree
from synthmat.blender_scenes.looks.look_changes import Change, Toward, draw_change
from synthmat.blender_scenes.looks.look_patterns import Pattern, add_pattern, surface_noise
from synthmat.blender_scenes.materials.missing_materials import is_stand_in
from synthmat.blender_scenes.surfaces.single_sided import LOOK_OF
from synthmat.render_job import Look

_STRAIGHT_UP_TO = 0.1
"""Roughness up to which Cycles' film alpha sees through glass."""
_BUMP_HEIGHT = 0.02
_NO_LIGHT = {"BSDF_TRANSPARENT", "HOLDOUT", "PRINCIPLED_VOLUME", "VOLUME_ABSORPTION", "VOLUME_SCATTER"}


def apply_look(look: Look) -> list[str]:
    """Change the materials of all that the scene holds, and return what a user should know.

    Called after the model is in the scene and before it is staged. Each material draws from a generator of its own,
    seeded by the look and the material's name.
    """
    if look.degree == 0:
        return []
    strands = _materials_of_strands()
    warnings = []
    for material in bpy.data.materials:
        if material.grease_pencil is not None or not material.users:
            continue
        if not material.is_editable:
            warnings.append(f"material {material.name} belongs to another file and keeps its look")
        elif not _change(material, look, strands=material.name in strands):
            warnings.append(f"material {material.name} has no shader that a look can change")
    return sorted(warnings)


def _change(material: Material, look: Look, *, strands: bool) -> bool:
    """Change one material, without bump on ``strands``; return whether there was anything to change or to keep."""
    seeds = (
        look.seed,
        int.from_bytes(hashlib.sha256(material.get(LOOK_OF, material.name).encode()).digest()[:8], "little"),
    )
    degree = look.degree
    if is_stand_in(material):
        degree = min(1.0, 2 * degree)  # nobody chose its gray, so that a low degree has little to respect
    change = draw_change(degree, np.random.default_rng(seeds))
    if is_stand_in(material):
        change = replace(change, cover=max(change.cover, degree))
    if strands:
        change = replace(change, bump=0.0)
    if material.node_tree is None:
        _give_nodes(material)
    shaders = list(_own_shaders(material.node_tree))
    surfaces: dict[str, _Surface] = {}
    for tree, node in shaders:
        if tree.name_full not in surfaces:
            surfaces[tree.name_full] = _Surface(tree, change, seeds)
        treat = _TREATMENTS.get(node.type)
        if treat is not None:
            treat(surfaces[tree.name_full], node)
    return not shaders or any(node.type in _TREATMENTS or node.type in _NO_LIGHT for _, node in shaders)


def _give_nodes(material: Material) -> None:
    color, roughness, metallic = tuple(material.diffuse_color), material.roughness, material.metallic
    shader = next(node for node in node_tree(material).nodes if node.type == "BSDF_PRINCIPLED")
    shader.inputs["Base Color"].default_value = color
    shader.inputs["Roughness"].default_value = roughness
    shader.inputs["Metallic"].default_value = metallic


def _materials_of_strands() -> set[str]:
    """Return the names of the materials of hair, on which bump shows as noise only."""
    strands = [item for item in bpy.data.objects if item.type == "CURVES" or item.particle_systems]
    return {slot.material.name for item in strands for slot in item.material_slots if slot.material}


def _own_shaders(tree: NodeTree) -> Iterator[tuple[NodeTree, Node]]:
    """Yield the shaders in use of a tree and of its groups, each group made the tree's own first."""
    for node in list(tree.nodes):
        if not any(out.type == "SHADER" and out.is_linked for out in node.outputs):
            continue
        if node.type == "GROUP":
            if node.node_tree is not None:
                node.node_tree = node.node_tree.copy()
                yield from _own_shaders(node.node_tree)
        elif node.type not in ("MIX_SHADER", "ADD_SHADER", "REROUTE", "GROUP_INPUT", "GROUP_OUTPUT"):
            yield tree, node


class _Surface:
    """One tree of a material while it is changed; what several shaders share is added once."""

    def __init__(self, tree: NodeTree, change: Change, seeds: tuple[int, int]) -> None:
        self._tree = tree
        self._change = change
        self._seeds = seeds
        self._pattern: Pattern | None = None

    def principled(self, node: Node) -> None:
        """Change a Principled shader; of one that lets light through only what hardly shows in the matte."""
        transmission = node.inputs["Transmission Weight"]
        if transmission.is_linked or transmission.default_value > 0:
            self.glass(node)
            return
        self._paint(node.inputs["Base Color"])
        self._move(node.inputs["Roughness"], self._change.roughness)
        self._move(node.inputs["Metallic"], self._change.metallic)
        coat = node.inputs["Coat Weight"]
        if not coat.is_linked:
            coat.default_value = max(coat.default_value, self._change.coat)
        self._bump(node)

    def painted(self, node: Node) -> None:
        """Change a shader that is all one color."""
        self._paint(node.inputs["Base Color" if "Base Color" in node.inputs else "Color"])
        if "Roughness" in node.inputs:
            self._move(node.inputs["Roughness"], self._change.roughness)
        self._bump(node)

    def tinted(self, node: Node) -> None:
        """Change the color of a shader that is a gloss over something else, or shines."""
        self._link(node.inputs["Color"], self._shifted)

    def hair(self, node: Node) -> None:
        """Change what decides the color of a Principled hair shader; which of the inputs there are is its setting."""
        for name in ("Color", "Tint"):
            if name in node.inputs:
                self._link(node.inputs[name], self._shifted)
        for name, toward in (("Melanin", self._change.melanin), ("Melanin Redness", self._change.redness)):
            if name in node.inputs:
                self._move(node.inputs[name], toward)

    def glass(self, node: Node) -> None:
        """Turn the hue of tinted glass, and make it a little smoother or rougher, on its side of the film's bound."""
        self._link(node.inputs["Base Color" if "Base Color" in node.inputs else "Color"], self._turned)
        roughness = node.inputs["Roughness"]
        if roughness.is_linked:
            return
        clear = roughness.default_value <= _STRAIGHT_UP_TO * 1.001  # inputs are of single precision
        low, high = (0.0, _STRAIGHT_UP_TO * 0.9) if clear else (_STRAIGHT_UP_TO * 1.1, 1.0)
        roughness.default_value = min(max(roughness.default_value + self._change.glass, low), high)

    def _paint(self, socket: NodeSocket) -> None:
        if self._change.pattern:
            self._tree.links.new(self._own_pattern().color, socket)
        else:
            self._link(socket, self._shifted)

    def _own_pattern(self) -> Pattern:
        if self._pattern is None:
            self._pattern = add_pattern(self._tree, np.random.default_rng((*self._seeds, 1)))
        return self._pattern

    def _link(self, socket: NodeSocket, changed: Callable[[NodeSocket], NodeSocket]) -> None:
        """Put nodes between a color input and what feeds it, or its own color where nothing does."""
        if socket.is_linked:
            source = socket.links[0].from_socket
        else:
            source = self._tree.nodes.new("ShaderNodeRGB").outputs[0]
            source.default_value = socket.default_value
        self._tree.links.new(changed(source), socket)

    def _turned(self, color: NodeSocket) -> NodeSocket:
        node = self._tree.nodes.new("ShaderNodeHueSaturation")
        node.inputs["Hue"].default_value = 0.5 + self._change.hue
        self._tree.links.new(color, node.inputs["Color"])
        return node.outputs["Color"]

    def _shifted(self, color: NodeSocket) -> NodeSocket:
        turned = self._turned(color)
        turned.node.inputs["Saturation"].default_value = self._change.saturation
        turned.node.inputs["Value"].default_value = self._change.value
        return self._toward_tint(
            "MIX", self._change.cover, self._toward_tint("COLOR", self._change.tint_fraction, turned)
        )

    def _toward_tint(self, blend: str, fraction: float, color: NodeSocket) -> NodeSocket:
        node = self._tree.nodes.new("ShaderNodeMix")
        node.data_type, node.blend_type, node.clamp_result = "RGBA", blend, True
        factor, first, second = (next(i for i in node.inputs if i.identifier == name) for name in _MIX_INPUTS)
        factor.default_value = fraction
        self._tree.links.new(color, first)
        second.default_value = (*self._change.tint, 1.0)
        return next(out for out in node.outputs if out.identifier == "Result_Color")

    def _move(self, socket: NodeSocket, toward: Toward) -> None:
        if not socket.is_linked:
            socket.default_value += toward.fraction * (toward.target - socket.default_value)
            return
        source = socket.links[0].from_socket
        step = calculated(self._tree, "MULTIPLY_ADD", source, 1 - toward.fraction, toward.fraction * toward.target)
        self._tree.links.new(step, socket)

    def _bump(self, node: Node) -> None:
        if self._change.bump == 0:
            return
        bump = self._tree.nodes.new("ShaderNodeBump")
        bump.inputs["Strength"].default_value = self._change.bump
        bump.inputs["Distance"].default_value = _BUMP_HEIGHT
        height = self._own_pattern().height if self._change.pattern else None
        self._tree.links.new(height or surface_noise(self._tree, self._change.bump_scale), bump.inputs["Height"])
        normal = node.inputs["Normal"]
        if normal.is_linked:
            self._tree.links.new(normal.links[0].from_socket, bump.inputs["Normal"])
        self._tree.links.new(bump.outputs["Normal"], normal)


_MIX_INPUTS = ("Factor_Float", "A_Color", "B_Color")

_TREATMENTS: dict[str, Callable[[_Surface, Node], None]] = {
    "BSDF_PRINCIPLED": _Surface.principled,
    "BSDF_DIFFUSE": _Surface.painted,
    "BSDF_METALLIC": _Surface.painted,
    "BSDF_TOON": _Surface.painted,
    "BSDF_TRANSLUCENT": _Surface.painted,
    "SUBSURFACE_SCATTERING": _Surface.painted,
    "BSDF_ANISOTROPIC": _Surface.tinted,
    "BSDF_GLOSSY": _Surface.tinted,
    "BSDF_SHEEN": _Surface.tinted,
    "BSDF_VELVET": _Surface.tinted,
    "BSDF_HAIR": _Surface.tinted,
    "EMISSION": _Surface.tinted,
    "BSDF_HAIR_PRINCIPLED": _Surface.hair,
    "BSDF_GLASS": _Surface.glass,
    "BSDF_REFRACTION": _Surface.glass,
}
