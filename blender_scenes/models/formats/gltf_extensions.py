"""Which glTF extensions Blender's importer reads, which change nothing that is seen, and what to do about the rest."""

from __future__ import annotations

import contextlib
import sys
import types
from collections.abc import Iterable, Iterator

import bpy

_IN_BOTH = {
    "EXT_mesh_gpu_instancing",
    "EXT_texture_webp",
    "KHR_animation_pointer",
    "KHR_draco_mesh_compression",
    "KHR_lights_punctual",
    "KHR_materials_anisotropy",
    "KHR_materials_clearcoat",
    "KHR_materials_emissive_strength",
    "KHR_materials_ior",
    "KHR_materials_pbrSpecularGlossiness",
    "KHR_materials_sheen",
    "KHR_materials_specular",
    "KHR_materials_transmission",
    "KHR_materials_unlit",
    "KHR_materials_variants",
    "KHR_materials_volume",
    "KHR_mesh_quantization",
    "KHR_texture_transform",
}
_SINCE_5 = {
    "EXT_meshopt_compression",
    "KHR_materials_dispersion",
    "KHR_materials_iridescence",
    "KHR_meshopt_compression",
}
READ = _IN_BOTH | (_SINCE_5 if bpy.app.version >= (5, 2) else set())
"""What the running Blender reads."""

PICTURES = {
    "KHR_texture_basisu": "KTX2 (Basis Universal)",
    "EXT_texture_avif": "AVIF",
    "MSFT_texture_dds": "DDS",
    "EXT_texture_video": "a video",
}
"""Further formats of textures, which come beside one that can be read or instead of it."""

_HARMLESS = {
    "AGI_articulations",
    "AGI_stk_metadata",
    "EXT_lights_ies",
    "EXT_lights_image_based",
    "EXT_mesh_features",
    "EXT_instance_features",
    "EXT_structural_metadata",
    "FB_ngon_encoding",
    "KHR_audio",
    "KHR_audio_emitter",
    "KHR_implicit_shapes",
    "KHR_interactivity",
    "KHR_node_hoverability",
    "KHR_node_selectability",
    "KHR_node_visibility",
    "KHR_physics_rigid_bodies",
    "KHR_xmp",
    "KHR_xmp_json_ld",
    "MSFT_lod",
    "MSFT_packing_normalRoughnessMetallic",
    "MSFT_packing_occlusionRoughnessMetallic",
    "VRM",
    "VRMC_node_constraint",
    "VRMC_springBone",
    "VRMC_springBone_extended_collider",
    "VRMC_vrm",
    "VRMC_vrm_animation",
}
"""What describes, or moves, or is done by other parts of this package; no look is lost with them."""

_UNPACK = "unpack it, for example with `gltf-transform copy`, or render with Python 3.13, whose Blender 5.2 reads it"
_HINTS = {"EXT_meshopt_compression": _UNPACK, "KHR_meshopt_compression": _UNPACK}


def refused(required: Iterable[str]) -> dict[str, str]:
    """Return the extensions without which a file cannot be read here, each with what to do."""
    return {
        name: _HINTS.get(name, "export the model without it")
        for name in sorted(set(required) - READ - _HARMLESS - set(PICTURES))
    }


def passed_over(used: Iterable[str]) -> list[str]:
    """Return the extensions that Blender leaves out though they may change what is seen."""
    return sorted(set(used) - READ - _HARMLESS - set(PICTURES))


@contextlib.contextmanager
def tolerated(required: Iterable[str]) -> Iterator[None]:
    """Make the importer read a file all the same that calls harmless extensions and further pictures required.

    As its add-ons do, by an extension class of its own; there is nothing to read for it.
    """
    extra = set(required) & (_HARMLESS | set(PICTURES))
    name = "synthmat_gltf_extensions"
    module = types.ModuleType(name)

    class _Extension:
        def __init__(self) -> None:
            self.extensions = [types.SimpleNamespace(name=extension, required=True) for extension in sorted(extra)]

    module.__dict__["glTF2ImportUserExtension"] = _Extension
    addons = bpy.context.preferences.addons
    sys.modules[name] = module
    entry = addons.new()
    entry.module = name
    try:
        yield
    finally:
        addons.remove(entry)
        del sys.modules[name]
