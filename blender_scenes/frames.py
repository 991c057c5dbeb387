"""Renders the frames of one job: one model under one light, seen by any number of cameras."""

from __future__ import annotations

import hashlib
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.blender.devices import Device
from synthmat.blender_scenes.blender.pictures import exr_bytes, png_bytes
from synthmat.blender_scenes.color.beauty import Beauty, denoiser_of, render_beauty
from synthmat.blender_scenes.color.color_estimate import Denoise
from synthmat.blender_scenes.color.frame_check import fault_warnings
from synthmat.blender_scenes.frame_row import job_fields
from synthmat.blender_scenes.materials.matte_materials import MatteMaterials
from synthmat.blender_scenes.matte.alpha_estimate import AlphaEstimate
from synthmat.blender_scenes.matte.coverage_mattes import SOURCE, Covered, measure_by_coverage
from synthmat.blender_scenes.matte.matte import matte_scene, measure_mattes
from synthmat.blender_scenes.matte.object_alphas import measure_object_alphas
from synthmat.blender_scenes.matte.transmission import measure_transmission
from synthmat.blender_scenes.passes import beauty_channels, number_objects, switch_on
from synthmat.blender_scenes.scene.scene_setup import SceneSetup, set_up_scene
from synthmat.blender_scenes.scene.view_renderer import ViewRenderer
from synthmat.blender_scenes.shadow import measure_shadows
from synthmat.errors import AssetError
from synthmat.render_job import RenderJob, RenderSettings, View
from synthmat.storage.atomic import write_bytes
from synthmat.storage.manifest import append_row

Float = npt.NDArray[np.float32]

_MAX_VIEWS, _MAX_PIXELS, _MAX_SECONDS = 16, 16 * 1024**2, 90.0
_GLOW, _TRACE = 0.02, 1e-3
"""Linear light that can be seen, and alpha that cannot: flames and beams that hide nothing have the one without the
other, and no straight color can tell of them."""


@dataclass
class _Frame:
    """What is known of a view: its beauty pass, its matte, and the passes of their own.

    ``refused`` says that coverage was found without rendering, but is not what the beauty pass saw.
    """

    view: View
    beauty: Beauty
    matte: AlphaEstimate | None = None
    refused: bool = False
    materials: MatteMaterials | None = None
    channels: dict[str, Float] = field(default_factory=dict)

    @property
    def alpha(self) -> Float:
        """The matte ``(H, W)`` in 0..1; that of the beauty pass where no other was asked for."""
        return self.matte.alpha if self.matte else np.clip(self.beauty.premultiplied[..., 3], 0, 1)


def render_frames(job: RenderJob, *, device: Device, threads: int) -> int:
    """Render every view of a job, write each to ``<job.folder>/<view>.png`` with a row, and return their number.

    Works in blocks of views: first the beauty pass of all, then the matte pass of all, since going to and fro makes
    Cycles reload the scene. A row is written once its files are in place, so that a crash costs a block at most.

    Raises:
        AssetError: The model, one of its textures or the panorama cannot be used.
        SynthmatError: Cycles failed.
    """
    setup = set_up_scene(job, device=device, threads=threads)
    layer = setup.scene.view_layers[0]
    switch_on(layer, job.settings.passes)
    layer.cycles.denoising_store_passes = True
    denoiser = denoiser_of(job.settings, threads)
    common = job_fields(job, setup, device)
    if "index" in job.settings.passes:
        common["index"] = number_objects()
    rows = Path(job.rows_file) if job.rows_file else None
    if rows:
        rows.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="synthmat-") as scratch:
        renderer = ViewRenderer(setup, job, Path(scratch), lambda: rows.touch() if rows else None)
        waiting, empty = list(job.views), []
        while waiting:
            block = _block(renderer, setup, job, waiting, denoiser)
            waiting = waiting[len(block) :]
            for frame in block:
                if not frame.alpha.any():
                    empty.append(frame.view.name)
                    continue
                row = _write(job, frame, renderer)
                row["warnings"] = [*common["warnings"], *_faults(job, frame)]
                if rows:
                    append_row(rows, common | row)
    if empty:
        raise AssetError(_nothing_seen(job, empty))
    return len(job.views)


def _nothing_seen(job: RenderJob, views: list[str]) -> str:
    some = ", ".join(views[:5]) + (" and others" if len(views) > 5 else "")
    return (
        f"{job.asset.path or job.asset.name}: nothing of it can be seen in {len(views)} of {len(job.views)} views "
        f"({some}); its materials may be transparent, its faces turned away, or render.camera may place it outside"
    )


def _faults(job: RenderJob, frame: _Frame) -> list[str]:
    ambient = getattr(job.light, "ambient", 1.0)
    return fault_warnings(frame.beauty.faults, lit_from_everywhere=bool(np.all(np.asarray(ambient) > 0)))


def _block(
    renderer: ViewRenderer, setup: SceneSetup, job: RenderJob, waiting: list[View], denoiser: Denoise | None
) -> list[_Frame]:
    """Render as many of the views as make a block, pass by pass."""
    settings = job.settings
    block = _colors(renderer, settings, waiting, denoiser)
    _add_mattes(renderer, setup, settings, block)
    if "shadow" in settings.passes:
        samples = {frame.view.name: frame.beauty.samples for frame in block}
        shadows = measure_shadows(renderer, setup, [frame.view for frame in block], samples)
        for frame in block:
            frame.channels["shadow.Y"] = shadows[frame.view.name]
    return block


def _colors(
    renderer: ViewRenderer, settings: RenderSettings, waiting: list[View], denoiser: Denoise | None
) -> list[_Frame]:
    """Render the beauty pass of the first views, until a block is full or has taken long enough."""
    max_views = max(1, min(_MAX_VIEWS, _MAX_PIXELS // (settings.width * settings.height)))
    block: list[_Frame] = []
    began = time.monotonic()
    for view in waiting[:max_views]:
        block.append(_Frame(view, render_beauty(renderer, settings, view, denoiser)))
        if time.monotonic() - began > _MAX_SECONDS:
            break
    return block


def _add_mattes(renderer: ViewRenderer, setup: SceneSetup, settings: RenderSettings, block: list[_Frame]) -> None:
    """Give each frame its matte, without rendering where that will do, and the passes that need the matte's scene."""
    views = [frame.view for frame in block]
    rough = {frame.view.name: frame.beauty.premultiplied[..., 3] for frame in block}
    samples = {frame.view.name: frame.beauty.samples for frame in block}
    covered: dict[str, Covered] = {}
    refused: set[str] = set()
    if settings.alpha_error:
        covered, refused = measure_by_coverage(renderer, setup, settings, views, rough, samples)
    mattes = {name: known.estimate for name, known in covered.items() if not known.unknown.any()}
    traced = [view for view in views if settings.alpha_error and view.name not in mattes]
    apart = bool(setup.members) and "objects" in settings.passes
    if traced or apart or "transmission" in settings.passes:
        with matte_scene(setup.scene, settings.alpha_error) as materials:
            mattes |= measure_mattes(renderer, settings, traced, rough, materials, covered)
            if apart:
                alphas = measure_object_alphas(renderer, setup, settings, views, mattes, materials)
                for frame in block:
                    named = enumerate(alphas[frame.view.name], start=1)
                    frame.channels |= {f"objects.{number}": alpha for number, alpha in named}
            if "transmission" in settings.passes:
                through = measure_transmission(renderer, setup.scene, settings, views, materials)
                for frame in block:
                    if frame.view.name in through:
                        frame.channels["transmission.RGB"] = through[frame.view.name]
            for frame in block:
                frame.materials = materials
    for frame in block:
        frame.matte, frame.refused = mattes.get(frame.view.name), frame.view.name in refused


def _write(job: RenderJob, frame: _Frame, renderer: ViewRenderer) -> dict[str, Any]:
    """Write the files of a frame and return its fields of the row."""
    began = time.perf_counter()
    settings, name, folder = job.settings, frame.view.name, Path(job.folder)
    beauty, alpha = frame.beauty, frame.alpha
    covered = alpha > 0
    color = np.where(covered[..., None], beauty.straight, np.float32(0))
    files = {f"{name}.png": png_bytes(color, alpha, bit_depth=settings.bit_depth)}
    if settings.passes:
        master = color if settings.denoise == "all" else np.where(covered[..., None], beauty.raw, np.float32(0))
        rgba = np.concatenate([master * alpha[..., None], alpha[..., None]], axis=-1)
        if "transmission" in settings.passes:
            frame.channels.setdefault("transmission.RGB", np.repeat(1 - alpha[..., None], 3, axis=-1))
        channels = {"RGBA": rgba, **beauty_channels(beauty.layers, settings.passes), **frame.channels}
        files[f"{name}.exr"] = exr_bytes(channels)
    for file, data in files.items():
        write_bytes(folder / file, data)
    glow = (alpha < _TRACE) & (beauty.premultiplied[..., :3].max(axis=-1) > _GLOW)
    return {
        "view": name,
        "key": job.key(frame.view),
        "files": {f"{folder.name}/{file}": hashlib.sha256(data).hexdigest() for file, data in files.items()},
        "bytes": sum(len(data) for data in files.values()),
        "alpha": _alpha_fields(frame, settings.alpha_error),
        "samples": beauty.samples,
        "color": _color_fields(beauty, settings),
        "straight_above_1": round(float((color.max(axis=-1) > 1)[covered].mean()), 5),
        "light_without_alpha": round(float(glow.sum() / max(1, (glow | covered).sum())), 5),
        "seed": frame.view.seed,
        "azimuth": frame.view.azimuth,
        "elevation": frame.view.elevation,
        "camera": renderer.camera_fields[name],
        "animation": renderer.animation_fields[name],
        "seconds": round(renderer.seconds[name] + time.perf_counter() - began, 4),
    }


def _color_fields(beauty: Beauty, settings: RenderSettings) -> dict[str, Any]:
    return {
        "error": round(beauty.errors.whole, 6),
        "interior_error": round(beauty.errors.interior, 6),
        "edge_error": round(beauty.errors.edge, 6),
        "wanted": None if settings.samples else settings.color_error,
        "denoised": beauty.denoised,
        "raw_error": round(beauty.raw_errors.whole, 6),
    }


def _alpha_fields(frame: _Frame, wanted: float) -> dict[str, Any]:
    if frame.matte is None:
        return {"from": "beauty pass", "error": None}
    full = frame.materials.full if frame.materials else []
    by_coverage = frame.matte.source == SOURCE
    return {
        "from": f"{frame.matte.source}, full materials" if full else frame.matte.source,
        "error": round(frame.matte.error, 6),
        "wanted": wanted,
        "edge_pixels": frame.matte.edge_pixels,
        "samples": [] if by_coverage else [2 * n for n in frame.matte.samples],
        **({"refused": "coverage: the beauty pass differs from it by more than noise"} if frame.refused else {}),
        "full_materials": full,
        "glass_materials": frame.materials.glass if frame.materials else [],
    }
