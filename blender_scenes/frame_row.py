"""The manifest row of a frame: what it shows, how it was made and how exact it is."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from synthmat.blender_scenes.blender.devices import Device
from synthmat.blender_scenes.blender.versions import BLENDER_VERSION
from synthmat.blender_scenes.models.linked_files import Linked
from synthmat.blender_scenes.models.normalization import NormalizedModel
from synthmat.blender_scenes.scene.scene_setup import SceneSetup
from synthmat.render_job import Asset, Member, RenderJob, RenderSettings


def job_fields(job: RenderJob, setup: SceneSetup, device: Device) -> dict[str, Any]:
    """Return what all frames of a job have in common."""
    return {
        "object": job.asset.name,
        **_settings_fields(job.settings, device),
        "light": {"kind": job.light.kind, **dataclasses.asdict(job.light)},
        "look": None if job.look is None else dataclasses.asdict(job.look),
        "model": _model_fields(job.asset, setup.normalized, setup.linked),
        "warnings": setup.warnings,
    }


def _settings_fields(settings: RenderSettings, device: Device) -> dict[str, Any]:
    return {
        "width": settings.width,
        "height": settings.height,
        "bit_depth": settings.bit_depth,
        "exposure": settings.exposure,
        "engine": "cycles",
        "device": f"{device.kind.lower()}: {device.name}",
        "blender": BLENDER_VERSION,
    }


def _model_fields(asset: Asset, normalized: NormalizedModel, linked: Linked) -> dict[str, Any]:
    return {
        "identity": asset.identity,
        **_asset_fields(asset, linked),
        "split": asset.split,
        "scale": normalized.scale,
        "centre": list(normalized.center),
        **({"members": [_member_fields(member, linked) for member in asset.members]} if asset.members else {}),
    }


def _member_fields(member: Member, linked: Linked) -> dict[str, Any]:
    fields = _asset_fields(member.asset, linked)
    return {"name": member.asset.name, **fields, "scale": member.scale, "turn": member.turn}


def _asset_fields(asset: Asset, linked: Linked) -> dict[str, Any]:
    return {
        "file": Path(asset.path).name if asset.path else None,
        "builtin": asset.builtin,
        "builtin_seed": asset.builtin_seed if asset.builtin else None,
        "fingerprint": asset.fingerprint,
        **({"up": asset.up, "rotate": list(asset.rotate)} if asset.is_turned else {}),
        **({"linked": linked[asset.name]} if linked.get(asset.name) else {}),
        "license": asset.license,
        "source": asset.source,
    }
