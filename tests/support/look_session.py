"""What the tests of looks run inside the Blender process: materials of every kind, and what a look does to them."""

from __future__ import annotations

from typing import Any

from synthmat.render_job import Look


def link_of(socket: Any) -> str | None:
    """Return the node and output that feed a socket."""
    return f"{socket.links[0].from_node.name}.{socket.links[0].from_socket.name}" if socket.is_linked else None


def alpha_deciders(look: Look | None) -> dict[str, Any]:
    """Make a leaf card, glass, fog, a cut-out and a displaced surface; return what decides alpha there."""
    _empty()
    leaf = _material("leaf")
    picture = leaf.node_tree.nodes.new("ShaderNodeTexImage")
    shader = leaf.node_tree.nodes["Principled BSDF"]
    leaf.node_tree.links.new(picture.outputs["Color"], shader.inputs["Base Color"])
    leaf.node_tree.links.new(picture.outputs["Alpha"], shader.inputs["Alpha"])
    glass = _material("glass").node_tree.nodes["Principled BSDF"]
    glass.inputs["Transmission Weight"].default_value = 0.7
    glass.inputs["Roughness"].default_value = 0.08
    frosted = _material("frosted").node_tree.nodes["Principled BSDF"]
    frosted.inputs["Transmission Weight"].default_value = 1.0
    frosted.inputs["Roughness"].default_value = 0.12
    fog = _alone("fog", "ShaderNodeVolumePrincipled", "Volume")
    fog.inputs["Density"].default_value = 3.0
    mix, clear = _cut_out("cut out")
    bumpy = _material("bumpy")
    height = bumpy.node_tree.nodes.new("ShaderNodeDisplacement")
    output = bumpy.node_tree.nodes["Material Output"]
    bumpy.node_tree.links.new(height.outputs[0], output.inputs["Displacement"])
    warnings = _apply(look)
    return {
        "leaf": link_of(shader.inputs["Alpha"]),
        "transmission": [glass.inputs["Transmission Weight"].default_value, glass.inputs["IOR"].default_value],
        "clear": glass.inputs["Roughness"].default_value <= 0.1,
        "frosted": frosted.inputs["Roughness"].default_value > 0.1,
        "untinted": [glass.inputs[0].is_linked and _saturation(glass), glass.inputs["Alpha"].default_value],
        "fog": [fog.inputs["Density"].default_value, list(fog.inputs["Color"].default_value), fog.inputs[0].is_linked],
        "cut out": [mix.inputs[0].default_value, list(clear.inputs[0].default_value), link_of(mix.inputs[1])],
        "displacement": link_of(output.inputs["Displacement"]),
        "warnings": warnings,
    }


def hue_of_one(names: list[str], look: Look) -> float:
    """Make materials of the given names, apply a look, and return the turn of the hue of the one called ``one``."""
    _empty()
    materials = {name: _material(name) for name in names}
    _apply(look)
    nodes = materials["one"].node_tree.nodes
    return float(next(node for node in nodes if node.type == "HUE_SAT").inputs["Hue"].default_value)


def shared_group(look: Look) -> list[Any]:
    """Make two materials of one node group that holds the shader; return the groups after a look, and the warnings."""
    import bpy

    _empty()
    group = bpy.data.node_groups.new("paint", "ShaderNodeTree")
    group.interface.new_socket("Shader", in_out="OUTPUT", socket_type="NodeSocketShader")
    inside, end = group.nodes.new("ShaderNodeBsdfPrincipled"), group.nodes.new("NodeGroupOutput")
    group.links.new(inside.outputs[0], end.inputs[0])
    nodes = []
    for name in ("first", "second"):
        material = _material(name)
        tree = material.node_tree
        node = tree.nodes.new("ShaderNodeGroup")
        node.node_tree = group
        tree.links.new(node.outputs[0], tree.nodes["Material Output"].inputs["Surface"])
        nodes.append(node)
    warnings = _apply(look)
    hues = [
        [part.inputs["Hue"].default_value for part in node.node_tree.nodes if part.type == "HUE_SAT"] for node in nodes
    ]
    return [hues, len(group.nodes), warnings]


def other_shaders(look: Look) -> dict[str, Any]:
    """Make a material of each shader that can stand alone; return which of them a look changed, and the warnings."""
    _empty()
    kinds = ("Diffuse", "Glossy", "Toon", "Translucent", "Sheen", "Hair", "HairPrincipled", "Glass", "Refraction")
    nodes = {kind: _alone(kind, f"ShaderNodeBsdf{kind}", "Surface") for kind in kinds}
    nodes["Emission"] = _alone("Emission", "ShaderNodeEmission", "Surface")
    nodes["Subsurface"] = _alone("Subsurface", "ShaderNodeSubsurfaceScattering", "Surface")
    nodes["Portal"] = _alone("Portal", "ShaderNodeBsdfRayPortal", "Surface")
    nodes["Transparent"] = _alone("Transparent", "ShaderNodeBsdfTransparent", "Surface")
    warnings = _apply(look)
    return {"changed": sorted(kind for kind, node in nodes.items() if node.inputs[0].is_linked), "warnings": warnings}


def pattern_names() -> dict[str, int]:
    """Return a seed for each pattern."""
    import numpy as np

    from synthmat.blender_scenes.looks.look_patterns import PATTERNS

    names = sorted(PATTERNS)
    drawn = {str(np.random.default_rng(seed).choice(names)): seed for seed in range(200)}
    assert sorted(drawn) == names
    return drawn


def save_patterned(path: str, seed: int) -> None:
    """Write a .blend file of a ball that shines in a pattern."""
    import bpy
    import numpy as np

    from synthmat.blender_scenes.looks.look_patterns import add_pattern

    _empty()
    bpy.ops.mesh.primitive_uv_sphere_add(segments=32, ring_count=16)
    material = _material("pattern")
    tree = material.node_tree
    shine = tree.nodes.new("ShaderNodeEmission")
    tree.links.new(add_pattern(tree, np.random.default_rng(seed)).color, shine.inputs["Color"])
    tree.links.new(shine.outputs[0], tree.nodes["Material Output"].inputs["Surface"])
    bpy.context.object.data.materials.append(material)
    bpy.ops.wm.save_as_mainfile(filepath=path, copy=True)


def _empty() -> None:
    from synthmat.blender_scenes.blender.reset import empty_scene

    empty_scene()


def _material(name: str) -> Any:
    """Add a Principled material that is in use."""
    import bpy

    from synthmat.blender_scenes.blender.versions import node_tree

    material = bpy.data.materials.new(name)
    node_tree(material)
    material.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = (0.6, 0.2, 0.1, 1.0)
    if name in ("glass", "frosted"):
        material.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = (1.0, 1.0, 1.0, 1.0)
    mesh = bpy.data.meshes.new(name)
    mesh.materials.append(material)
    bpy.context.scene.collection.objects.link(bpy.data.objects.new(name, mesh))
    return material


def _alone(name: str, kind: str, socket: str) -> Any:
    """Add a material of one shader only, and return its node."""
    tree = _material(name).node_tree
    output, node = tree.nodes["Material Output"], tree.nodes.new(kind)
    tree.nodes.remove(tree.nodes["Principled BSDF"])
    tree.links.new(node.outputs[0], output.inputs[socket])
    return node


def _cut_out(name: str) -> tuple[Any, Any]:
    tree = _material(name).node_tree
    clear, mix = tree.nodes.new("ShaderNodeBsdfTransparent"), tree.nodes.new("ShaderNodeMixShader")
    mix.inputs[0].default_value = 0.3
    tree.links.new(clear.outputs[0], mix.inputs[1])
    tree.links.new(tree.nodes["Principled BSDF"].outputs[0], mix.inputs[2])
    tree.links.new(mix.outputs[0], tree.nodes["Material Output"].inputs["Surface"])
    return mix, clear


def _saturation(glass: Any) -> float:
    return float(glass.inputs["Base Color"].links[0].from_node.inputs["Saturation"].default_value)


def _apply(look: Look | None) -> list[str]:
    from synthmat.blender_scenes.looks.looks import apply_look

    return apply_look(look) if look else []
