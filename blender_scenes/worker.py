"""What a render worker process runs. Importing this module is cheap; Blender is loaded by `prepare`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synthmat.errors import MissingDependencyError, SynthmatError
from synthmat.render_job import RenderJob

if TYPE_CHECKING:
    from synthmat.blender_scenes.blender.devices import Device

_prepared: tuple[Device, int] | None = None


def prepare(slot: int, *, device: str, threads: int) -> None:
    """Load Blender into this process and choose what it renders on.

    Args:
        slot: Number of the worker, from 0; with several GPUs each slot takes the next one.
        device: ``auto`` (a GPU if there is one), ``cpu``, ``gpu``, ``cuda``, ``optix``, ``hip``, ``metal``, ``oneapi``.
        threads: Processor threads for rendering; 0 takes all.

    Raises:
        MissingDependencyError: bpy is not installed.
        SynthmatError: There is no such device; the message says what there is.
    """
    global _prepared
    try:
        import cv2

        from synthmat.blender_scenes.blender.devices import choose_device
    except ModuleNotFoundError as error:
        if error.name not in ("bpy", "_bpy"):
            raise
        raise MissingDependencyError(
            "rendering needs Blender's Python package; install it with `pip install synthmat[render]` "
            "under Python 3.11 or 3.13"
        ) from None
    cv2.setNumThreads(threads or -1)
    _prepared = (choose_device(device, slot), threads)


def render_job(job: RenderJob) -> int:
    """Render all views of a job and return their number; see `frames.render_frames`.

    Raises:
        AssetError: The model, one of its textures or the panorama cannot be used.
        SynthmatError: Cycles failed, or `prepare` was not called in this process.
    """
    if _prepared is None:
        raise SynthmatError("this process is no render worker yet; call prepare() first")
    from synthmat.blender_scenes.frames import render_frames

    device, threads = _prepared
    return render_frames(job, device=device, threads=threads)
