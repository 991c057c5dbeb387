"""Sets up the scene of a job: model, materials, light, camera and every setting."""

from __future__ import annotations

import contextlib
import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from synthmat.blender_scenes.animation.animation import Playback, apply_pose
from synthmat.blender_scenes.blender.devices import Device
from synthmat.blender_scenes.blender.reset import empty_scene
from synthmat.blender_scenes.blender.settings import apply_settings
from synthmat.blender_scenes.camera.camera import add_camera
from synthmat.blender_scenes.light.lights import add_light
from synthmat.blender_scenes.looks.looks import apply_look
from synthmat.blender_scenes.materials.missing_materials import add_missing_materials, add_missing_nodes
from synthmat.blender_scenes.materials.textures import resolve_textures
from synthmat.blender_scenes.models.formats.blend_file import active_scene
from synthmat.blender_scenes.models.geometry import show_what_renders, visible_materials
from synthmat.blender_scenes.models.group import add_group
from synthmat.blender_scenes.models.helper_meshes import hide_helper_meshes
from synthmat.blender_scenes.models.importing import import_model
from synthmat.blender_scenes.models.linked_files import Linked, known_files, linked_files, refuse_outside
from synthmat.blender_scenes.models.normalization import NormalizedModel, normalize_model
from synthmat.blender_scenes.models.offered_crops import withdraw_crops
from synthmat.blender_scenes.models.orientation import rotate_model
from synthmat.blender_scenes.models.texture_coordinates import coordinate_warnings
from synthmat.blender_scenes.surfaces.decals import lift_decals
from synthmat.blender_scenes.surfaces.duplicate_faces import remove_duplicate_faces
from synthmat.blender_scenes.surfaces.single_sided import hide_back_faces
from synthmat.blender_scenes.surfaces.winding import fix_winding
from synthmat.errors import AssetError
from synthmat.model_files.boundary import files_in
from synthmat.model_files.referenced import referenced_files
from synthmat.render_job import Animation, Asset, Member, RenderJob, RenderSettings


@dataclass(frozen=True)
class SceneSetup:
    """A scene that is ready to be rendered, the model's playback, and warnings for the user."""

    scene: bpy.types.Scene
    camera: bpy.types.Object
    normalized: NormalizedModel
    playback: Playback
    warnings: list[str]
    members: list[set[str]]
    """The names of the materials of each member, where the object is a group."""
    linked: Linked


def set_up_scene(job: RenderJob, *, device: Device, threads: int) -> SceneSetup:
    """Empty Blender and set up the scene of a job.

    Raises:
        AssetError: The model, one of its textures or the panorama cannot be used.
    """
    members: list[set[str]] = []
    linked: Linked = {}
    if job.asset.members:
        scenes = _active_scenes(job.asset.members)
        empty_scene()
        warnings, members = add_group(
            job.asset.members, lambda asset: _add_object(asset, job.settings, linked, scenes.get(asset.path))
        )
        withdraw_crops()
    else:
        empty_scene()
        warnings = _add_object(job.asset, job.settings, linked, animation=job.animation)
    scene = bpy.context.scene  # reading a .blend file with several scenes makes a new one
    playback = apply_pose(job.animation, job.asset.path or job.asset.name)
    warnings += playback.warnings
    if job.look is not None:
        warnings += apply_look(job.look)
    normalized = normalize_model(scene, job.asset.path or job.asset.name, playback.points)
    add_light(scene, job.light)
    camera = add_camera(scene)
    apply_settings(scene, job.settings, device=device, threads=threads)
    scene.cycles.seed = job.views[0].seed
    return SceneSetup(scene, camera, normalized, playback, warnings, members, linked)


def _active_scenes(members: tuple[Member, ...]) -> dict[str | None, str]:
    """Return which scene to take of each .blend file; reading them empties Blender, so this comes first."""
    scenes: dict[str | None, str] = {}
    for path in {member.asset.path for member in members}:
        if path is not None and path.lower().endswith(".blend"):
            with contextlib.suppress(RuntimeError, OSError):  # import_model says what is wrong
                scenes[path] = active_scene(Path(path))
    return scenes


def _add_object(
    asset: Asset,
    settings: RenderSettings,
    linked: Linked,
    scene: str | None = None,
    animation: Animation | None = None,
) -> list[str]:
    """Add one object, ready to be rendered, and return warnings for the user; see `import_model`.

    A built-in object does what the ``animation`` wants of it, if it can.

    The files that it is made of are added to ``linked``.
    """
    if asset.builtin is not None:
        _build(asset, animation)
        add_missing_materials()
        return remove_duplicate_faces()
    if asset.path is None:
        raise AssetError(f"{asset.name}: neither a model file nor a built-in object")
    with files_in(Path(asset.path).parent, *map(Path, asset.folders)):
        return _add_model(Path(asset.path), asset, settings, linked, scene)


def _add_model(path: Path, asset: Asset, settings: RenderSettings, linked: Linked, scene: str | None) -> list[str]:
    before = known_files()
    others = {item.name for item in bpy.data.objects}
    with contextlib.suppress(OSError):  # import_model says what is wrong
        refuse_outside(path, referenced_files(path))
    imported = import_model(path, scene)
    refuse_outside(path, map(Path, known_files() - before))
    linked[asset.name] = linked_files(path, before)
    add_missing_nodes()
    add_missing_materials()
    warnings = imported.warnings + hide_helper_meshes(others) + remove_duplicate_faces() + fix_winding()
    lift_decals()
    show_what_renders(bpy.data.objects)
    replace = settings.missing_textures == "grey"
    warnings += resolve_textures(path, visible_materials(), imported.images, replace=replace, faults=imported.missing)
    warnings += coordinate_warnings()
    hide_back_faces()
    if asset.is_turned:
        rotate_model(path, asset.up, asset.rotate)
    return warnings


def _build(asset: Asset, animation: Animation | None) -> None:
    """Add a built-in object, in motion where the animation says so.

    Raises:
        AssetError: It has no motion of the name that is asked for.
    """
    module, rng = _builtin_module(asset), np.random.default_rng(asset.builtin_seed)
    motions: tuple[str, ...] = getattr(module, "MOTIONS", ())
    if animation is None or animation.pose != "action" or not motions:
        module.build(rng)
        return
    wanted = animation.action
    if not isinstance(wanted, str):
        wanted = motions[min(int(wanted * len(motions)), len(motions) - 1)]
    if wanted.casefold() not in motions:
        raise AssetError(f"{asset.name}: it has no action {wanted!r}; its actions are {', '.join(motions)}")
    module.build_moving(rng, wanted.casefold())


def _builtin_module(asset: Asset) -> Any:
    """Import what makes a built-in object, ours or that of another package.

    Raises:
        AssetError: The module of another package cannot be imported.
    """
    if not asset.builtin_module:
        return importlib.import_module(f"synthmat.blender_scenes.builtins.{asset.builtin}")
    try:
        return importlib.import_module(asset.builtin_module)
    except Exception as error:
        raise AssetError(
            f"{asset.name}: the module {asset.builtin_module} of the package {asset.builtin_package}, which makes the "
            f"built-in object {asset.builtin}, cannot be imported: {type(error).__name__}: {error}; install what it "
            "lacks, or another version"
        ) from error
