"""Materials for the matte pass: each surface emits white and transmits what it transmitted before.

Every shader node that scatters or emits light is replaced by white emission, and a Principled shader by a mix of
transparency and white emission by whatever feeds its alpha; glass becomes what `matte_glass` says. Mixes, fac textures,
node groups and displacement stay, so that coverage, and with it film alpha, stays what it was. What cannot be said so
keeps its full material: volumes, holdouts, and glass with a coat or a thin film on it.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import bpy

from synthmat.blender_scenes.materials.matte_glass import is_plain_glass, see_through, transmits

OPAQUE_SHADERS = {
    "ADD_CLOSURE",
    "AMBIENT_OCCLUSION",
    "BACKGROUND",
    "BSDF_ANISOTROPIC",
    "BSDF_DIFFUSE",
    "BSDF_GLOSSY",
    "BSDF_HAIR",
    "BSDF_HAIR_PRINCIPLED",
    "BSDF_METALLIC",
    "BSDF_RAY_PORTAL",
    "BSDF_SHEEN",
    "BSDF_TOON",
    "BSDF_TRANSLUCENT",
    "BSDF_VELVET",
    "EMISSION",
    "SUBSURFACE_SCATTERING",
}
SEEN_FROM_BEHIND = "synthmat seen from behind"
"""Name of the Mix Shader node that makes a single-sided material transparent from behind: see `single_sided`."""

_MIXES = {"MIX_SHADER", "ADD_SHADER", "REROUTE", "GROUP", "GROUP_INPUT", "GROUP_OUTPUT"}


@dataclass(frozen=True)
class MatteMaterials:
    """How to go back to the full materials, and which those are.

    ``full`` are the names of the materials that stay as they are, ``glass`` of those that bend light; ``white`` holds
    the emission nodes of each changed material.
    """

    restore: Callable[[], None]
    full: list[str]
    glass: list[str]
    white: dict[str, list[bpy.types.Node]]


def to_matte(materials: list[bpy.types.Material]) -> MatteMaterials:
    """Turn materials into their matte versions in place, as far as that does not change what they let through."""
    undo: list[Callable[[], None]] = []
    full: list[str] = []
    glass: list[str] = []
    white: dict[str, list[bpy.types.Node]] = {}
    done: set[bpy.types.NodeTree] = set()
    for material in materials:
        if not _can_be_matte(material):
            full.append(material.name)
            continue
        undo.append(_without_light_sampling(material))
        if material.node_tree is None:
            continue
        if any(_bends(node) for tree in _trees(material.node_tree) for node in _shaders(tree)):
            glass.append(material.name)
        for tree in _trees(material.node_tree):
            if tree not in done:
                done.add(tree)
                undo.append(_shine(tree, white.setdefault(material.name, [])))

    def restore() -> None:
        for step in reversed(undo):
            step()

    return MatteMaterials(restore, sorted(full), sorted(glass), white)


class Cover(enum.Enum):
    """What a material does to what is behind it: hides it, is transparent without refraction, or anything else."""

    OPAQUE = enum.auto()
    TRANSPARENT = enum.auto()
    OTHER = enum.auto()


def has_one_side(material: bpy.types.Material) -> bool:
    """Tell whether a material is transparent from behind."""
    return material.node_tree is not None and SEEN_FROM_BEHIND in material.node_tree.nodes


def bends(material: bpy.types.Material) -> bool:
    """Tell whether a material bends light that goes through it, or holds a volume."""
    if material.node_tree is None:
        return False
    outputs = [node for node in material.node_tree.nodes if node.type == "OUTPUT_MATERIAL"]
    shaders = [node for tree in _trees(material.node_tree) for node in _shaders(tree)]
    return any(output.inputs["Volume"].is_linked for output in outputs) or any(_bends(node) for node in shaders)


def cover(material: bpy.types.Material) -> Cover:
    """Tell what a material does to that which is behind it, on the face where it is and nowhere else.

    Of a material that is transparent from behind, what its front does.
    """
    if material.node_tree is None:
        return Cover.OPAQUE
    output = material.node_tree.get_output_node("CYCLES")
    if output is None or not output.inputs["Surface"].is_linked or not _can_be_matte(material):
        return Cover.OTHER
    if output.inputs["Displacement"].is_linked and material.displacement_method != "BUMP":
        return Cover.OTHER
    back = material.node_tree.nodes.get(SEEN_FROM_BEHIND)
    clear = back.inputs[2].links[0].from_node if back is not None else None
    shaders = [node for tree in _trees(material.node_tree) for node in _shaders(tree) if node != clear]
    if any(_bends(node) for node in shaders):
        return Cover.OTHER
    return Cover.OPAQUE if all(_hides(node) for node in shaders) else Cover.TRANSPARENT


def _hides(node: bpy.types.Node) -> bool:
    """Tell whether a shader lets nothing through."""
    if node.type == "BSDF_PRINCIPLED":
        return not node.inputs["Alpha"].is_linked and node.inputs["Alpha"].default_value >= 1
    return node.type in OPAQUE_SHADERS


def _can_be_matte(material: bpy.types.Material) -> bool:
    """Tell whether the matte version of a material lets through just what the material does."""
    if material.node_tree is None:
        return True
    outputs = [node for node in material.node_tree.nodes if node.type == "OUTPUT_MATERIAL"]
    if any(output.inputs["Volume"].is_linked for output in outputs):
        return False
    return all(
        node.type in OPAQUE_SHADERS or node.type in ("BSDF_TRANSPARENT", "BSDF_REFRACTION") or is_plain_glass(node)
        for tree in _trees(material.node_tree)
        for node in _shaders(tree)
        if not (node.type == "BSDF_PRINCIPLED" and not transmits(node))
    )


def _bends(node: bpy.types.Node) -> bool:
    return node.type in ("BSDF_GLASS", "BSDF_REFRACTION") or (node.type == "BSDF_PRINCIPLED" and transmits(node))


def _shaders(tree: bpy.types.NodeTree) -> Iterator[bpy.types.Node]:
    """Yield the nodes of one tree that are shaders themselves and are used."""
    for node in tree.nodes:
        if node.type not in _MIXES and any(out.type == "SHADER" and out.is_linked for out in node.outputs):
            yield node


def _trees(tree: bpy.types.NodeTree) -> Iterator[bpy.types.NodeTree]:
    yield tree
    for node in tree.nodes:
        if node.type == "GROUP" and node.node_tree is not None:
            yield from _trees(node.node_tree)


def _shine(tree: bpy.types.NodeTree, whites: list[bpy.types.Node]) -> Callable[[], None]:
    """Put white emission in the place of each shader of a tree, and return what takes it away again.

    The emission nodes are added to ``whites``.
    """
    added: list[bpy.types.Node] = []
    moved: list[tuple[bpy.types.NodeSocket, bpy.types.NodeSocket]] = []
    for node in list(_shaders(tree)):
        if node.type in ("BSDF_TRANSPARENT", "BSDF_REFRACTION"):
            continue
        white = tree.nodes.new("ShaderNodeEmission")
        added.append(white)
        whites.append(white)
        shader = white.outputs[0]
        if _bends(node):
            shader = see_through(tree, node, shader, added)
        alpha = node.inputs["Alpha"] if node.type == "BSDF_PRINCIPLED" else None
        if alpha is not None and (alpha.is_linked or alpha.default_value < 1):
            clear, mix = tree.nodes.new("ShaderNodeBsdfTransparent"), tree.nodes.new("ShaderNodeMixShader")
            added += [clear, mix]
            tree.links.new(clear.outputs[0], mix.inputs[1])
            tree.links.new(shader, mix.inputs[2])
            if alpha.is_linked:
                tree.links.new(alpha.links[0].from_socket, mix.inputs[0])
            else:
                mix.inputs[0].default_value = alpha.default_value
            shader = mix.outputs[0]
        for link in [link for out in node.outputs if out.type == "SHADER" for link in out.links]:
            moved.append((link.from_socket, link.to_socket))
            tree.links.new(shader, link.to_socket)

    def take_away() -> None:
        for source, target in moved:
            tree.links.new(source, target)
        for node in added:
            tree.nodes.remove(node)

    return take_away


def _without_light_sampling(material: bpy.types.Material) -> Callable[[], None]:
    """Keep Cycles from making a lamp of every white face, which costs seconds and gives nothing."""
    before = material.cycles.emission_sampling
    material.cycles.emission_sampling = "NONE"

    def put_back() -> None:
        material.cycles.emission_sampling = before

    return put_back
