"""Renders the frames of one job: one model under one light, seen by any number of cameras."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import tempfile
import time
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from synthmat.atomic import write_bytes
from synthmat.blender_scenes.animation import apply_pose
from synthmat.blender_scenes.camera import add_camera, aim_camera
from synthmat.blender_scenes.devices import Device
from synthmat.blender_scenes.double_faces import remove_double_faces
from synthmat.blender_scenes.geometry import visible_materials
from synthmat.blender_scenes.importing import Imported, import_model
from synthmat.blender_scenes.lights import add_light
from synthmat.blender_scenes.looks import apply_look
from synthmat.blender_scenes.materials import add_missing_materials
from synthmat.blender_scenes.png import without_metadata
from synthmat.blender_scenes.reset import empty_scene
from synthmat.blender_scenes.settings import apply_settings
from synthmat.blender_scenes.staging import Staged, stage
from synthmat.blender_scenes.textures import settle_textures
from synthmat.blender_scenes.versions import BLENDER_VERSION
from synthmat.errors import AssetError, SynthmatError
from synthmat.manifest import append_row
from synthmat.records import Asset, HdriLight, RenderJob, RenderSettings


def render_frames(job: RenderJob, *, device: Device, threads: int) -> int:
    """Render every view of a job, write each to ``<job.folder>/<view>.png`` with a row, and return their number.

    A row is written once its file is in place, so that a crash costs the frame under way at most.

    Raises:
        AssetError: The model, one of its textures or the panorama cannot be used.
        SynthmatError: Cycles failed.
    """
    scene, camera, staged, warnings = set_up_scene(job, device=device, threads=threads)
    common = {
        "object": job.asset.name,
        **_settings_part(job.settings, device),
        "light": {"kind": _light_kind(job), **dataclasses.asdict(job.light)},
        "model": _model_part(job.asset, staged),
        "warnings": warnings,
    }
    with tempfile.TemporaryDirectory(prefix="synthmat-") as scratch:
        scene.render.filepath = str(Path(scratch) / "frame.png")
        for view in job.views:
            began = time.perf_counter()
            camera_part = aim_camera(camera, view, staged.profile, settings=job.settings)
            if scene.cycles.seed != view.seed:
                scene.cycles.seed = view.seed
                scene.update_tag()  # persistent data keeps the old seed otherwise
            data = _render(Path(scene.render.filepath), job)
            target = Path(job.folder) / f"{view.name}.png"
            write_bytes(target, data)
            frame = {
                "view": view.name,
                "key": job.key(view),
                "files": {f"{target.parent.name}/{target.name}": hashlib.sha256(data).hexdigest()},
                "bytes": len(data),
                "seconds": round(time.perf_counter() - began, 4),
                "seed": view.seed,
                "azimuth": view.azimuth,
                "elevation": view.elevation,
                "camera": camera_part,
            }
            if job.rows_file:
                append_row(Path(job.rows_file), {**common, **frame})
    return len(job.views)


def set_up_scene(
    job: RenderJob, *, device: Device, threads: int
) -> tuple[bpy.types.Scene, bpy.types.Object, Staged, list[str]]:
    """Empty Blender and set a job's scene up: model, materials, light, camera and every setting.

    Returns the scene, its camera, where the model went, and what a user should know.

    Raises:
        AssetError: The model, one of its textures or the panorama cannot be used.
    """
    scene = empty_scene()
    imported = _add_object(job.asset)
    add_missing_materials()
    warnings = imported.warnings + remove_double_faces()
    if job.animation is not None:
        warnings += apply_pose(job.animation)
    if job.look is not None:
        warnings += apply_look(job.look)
    staged = stage(scene, job.asset.path or job.asset.name)
    warnings += _settle_textures(job, imported)
    add_light(scene, job.light)
    camera = add_camera(scene)
    apply_settings(scene, job.settings, device=device, threads=threads)
    scene.cycles.seed = job.views[0].seed
    return scene, camera, staged, warnings


def _add_object(asset: Asset) -> Imported:
    if asset.builtin is None:
        if asset.path is None:
            raise AssetError(f"{asset.name}: neither a model file nor a built-in object")
        return import_model(Path(asset.path))
    builtin = importlib.import_module(f"synthmat.blender_scenes.builtins.{asset.builtin}")
    builtin.build(np.random.default_rng(asset.builtin_seed))
    return Imported()


def _settle_textures(job: RenderJob, imported: Imported) -> list[str]:
    if job.asset.path is None:
        return []
    replace = job.settings.missing_textures == "grey"
    return settle_textures(Path(job.asset.path), visible_materials(), imported.images, replace=replace)


def _render(file: Path, job: RenderJob) -> bytes:
    file.unlink(missing_ok=True)
    try:
        result = bpy.ops.render.render(write_still=True)
    except RuntimeError as error:
        raise SynthmatError(f"{job.asset.name}: Blender could not render it: {str(error).strip()}") from None
    if "FINISHED" not in result or not file.is_file():
        raise SynthmatError(f"{job.asset.name}: Blender gave no picture; the worker's log may say why")
    return without_metadata(file.read_bytes())


def _settings_part(settings: RenderSettings, device: Device) -> dict[str, Any]:
    return {
        "width": settings.width,
        "height": settings.height,
        "bit_depth": settings.bit_depth,
        "samples": settings.samples,
        "engine": "cycles",
        "device": f"{device.kind.lower()}: {device.name}",
        "blender": BLENDER_VERSION,
    }


def _light_kind(job: RenderJob) -> str:
    return "hdri" if isinstance(job.light, HdriLight) else "three_point"


def _model_part(asset: Asset, staged: Staged) -> dict[str, Any]:
    return {
        "file": Path(asset.path).name if asset.path else None,
        "builtin": asset.builtin,
        "builtin_seed": asset.builtin_seed if asset.builtin else None,
        "fingerprint": asset.fingerprint,
        "license": asset.license,
        "source": asset.source,
        "split": asset.split,
        "scale": staged.scale,
        "centre": list(staged.centre),
    }
