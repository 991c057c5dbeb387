"""Checkpoints: whole or absent, and free of pickled code (``torch.load(weights_only=True)`` reads them).

A checksum over all values is checked on loading: a disk that rots changes weights without a word otherwise.
"""

from __future__ import annotations

import hashlib
import io
import json
import pickle
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from synthmat.errors import AssetError, OutputError
from synthmat.storage.atomic import atomic_path
from synthmat.train.models import build_model
from synthmat.train.prediction import MattingNetwork
from synthmat.train.pretrained.published import published
from synthmat.train.pretrained.weights import read_weights, start_from

_FORMAT = 1
_BEST, _LAST, _INTERRUPTED = "best.pt", "last.pt", "interrupted.pt"


def save_checkpoint(path: Path, config: dict[str, Any], **state: Any) -> None:
    """Write ``state`` atomically, onto the disk before it takes its place; ``config`` is kept as JSON text."""
    content = {"format": _FORMAT, "config": json.dumps(config), **_without_checksum(state)}
    # By way of the memory, since of a full disk torch says neither that nor where.
    buffer = io.BytesIO()
    torch.save({**content, "checksum": checksum(content)}, buffer)
    with atomic_path(path, durable=True) as temporary, temporary.open("wb") as file:
        file.write(buffer.getbuffer())


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Return what `save_checkpoint` wrote, tensors on the processor, ``config`` as a dictionary again.

    ``checksum`` is among it, but for checkpoints of versions that wrote none.

    Raises:
        OutputError: The file is missing, cut off, damaged, or none of ours; the message says what can be done.
    """
    try:
        return _loaded(path)
    except Exception as error:  # What torch raises for a damaged file depends on the place of the damage.
        raise OutputError(f"{path}: cannot be used as a checkpoint: {_reason(path, error)}; {remedy(path)}") from None


def checksum(value: Any) -> str:
    """Return the sha256 of a checkpoint's values: tensors by type, shape and bytes, the rest as they are printed."""
    digest = hashlib.sha256()
    _add(digest, value)
    return digest.hexdigest()


def _loaded(path: Path) -> dict[str, Any]:
    state = torch.load(path, map_location="cpu", weights_only=True)
    if not isinstance(state, dict) or state.get("format") != _FORMAT:
        raise ValueError("it is not a checkpoint of this version of synthmat")
    written = state.get("checksum")
    if written is not None and written != checksum(_without_checksum(state)):
        raise ValueError("it is damaged: its checksum is another one")
    config = json.loads(state["config"])
    if not isinstance(config, dict):
        raise ValueError("it holds no configuration")
    average = state.get("average", {"weights": {}})
    if not isinstance(state.get("model", {}), dict) or not isinstance(average, dict) or "weights" not in average:
        raise ValueError("what should be weights in it is something else")
    return {**state, "config": config}


def _is_ours(path: Path) -> bool:
    """Return whether a file that cannot be used was written by `save_checkpoint`; one of its names may be damaged."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception:  # It is nobody's.
        return False
    return isinstance(state, dict) and len(state.keys() & {"format", "config", "checksum"}) > 1


def _without_checksum(state: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in state.items() if key != "checksum"}


def _add(digest: Any, value: Any) -> None:
    if isinstance(value, Tensor):
        plain = value.detach().cpu().contiguous()
        digest.update(f"tensor {plain.dtype} {tuple(plain.shape)}".encode())
        digest.update(plain.reshape(-1).view(torch.uint8).numpy() if plain.numel() else b"")
    elif isinstance(value, dict):
        digest.update(f"dict {len(value)}".encode())
        for key, each in value.items():
            digest.update(repr(key).encode())
            _add(digest, each)
    elif isinstance(value, list | tuple):
        digest.update(f"{type(value).__name__} {len(value)}".encode())
        for each in value:
            _add(digest, each)
    else:
        digest.update(repr(value).encode())


def _reason(path: Path, error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if path.is_file() and not path.stat().st_size:
        return "the file is empty"
    if isinstance(error, pickle.UnpicklingError):
        return "it holds pickled code, or is damaged"
    text = str(error).strip().partition("\n")[0]
    if "PytorchStreamReader" in text:  # What it says of corrupted files takes five lines.
        return "it is cut off or damaged"
    return text or "the file ends too early"


def remedy(path: Path) -> str:
    """Return what can be done about a checkpoint that cannot be used: go on from the other one, if that is whole."""
    if path.name == _INTERRUPTED:
        return "it is passed over, and its epoch starts anew"
    if path.name not in (_LAST, _BEST):
        return "name another file, or put a copy back"
    other = path.with_name(_LAST if path.name == _BEST else _BEST)
    try:
        epoch = _loaded(other).get("epoch", "which it does not say")
    except Exception:  # Whatever is wrong with it, it is no help.
        return f"put a copy back, or move {path.parent} away to train from the start"
    return (
        f"put a copy back, or use {other}, which is whole, of epoch {epoch}: predict with it, or move {path.parent} "
        "away and go on from it (train.init)"
    )


def load_model(path: Path) -> tuple[MattingNetwork, dict[str, Any]]:
    """Return a trained network, ready for prediction on the processor, and its configuration.

    A state dictionary that others have published is taken too; see `synthmat.train.pretrained.published`.

    Where an average of the weights was validated, that is what it gets, from ``last.pt`` as from ``best.pt``.

    The configuration has ``model``, ``width``, ``options`` (if it had any), ``size`` (edge of its input in pixels),
    ``seed`` and the recipe's ``train`` section.

    Raises:
        OutputError: See `load_checkpoint`; also if there is no such network, or the weights do not belong to it.
    """
    try:
        state = load_checkpoint(path)
    except OutputError as error:
        if _is_ours(path):  # A damaged one of ours is never taken for somebody else's weights.
            raise
        return _published_model(path, error)
    config: dict[str, Any] = state["config"]
    try:
        with torch.random.fork_rng(devices=[]):
            model = build_model(config["model"], config["width"], config.get("options"), pretrained=False)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise OutputError(
            f"{path}: its network is none of this version of synthmat: {error}; predict with the version that trained "
            "it, or train it again"
        ) from None
    try:
        model.load_state_dict(state["average"]["weights"] if "average" in state else state["model"])
    except (RuntimeError, KeyError, TypeError, AttributeError) as error:
        raise OutputError(f"{path}: these are not weights of {config['model']}: {error}") from None
    return model.eval(), config


def _published_model(path: Path, error: OutputError) -> tuple[MattingNetwork, dict[str, Any]]:
    """Return the network of a published state dictionary; raise ``error`` if a file is none."""
    try:
        weights = read_weights(path)
    except AssetError:
        raise error from None
    found = published(weights, path)
    if found is None:
        raise OutputError(
            f"{path}: holds weights without a word of their network; what is known without one are Background Matting "
            "V2 as its authors publish it and mmagic's Deep Image Matting"
        )
    with torch.random.fork_rng(devices=[]):
        model = build_model(found.model, None, found.options, pretrained=False)
    start_from(model, found.completed(model), path)
    config = {"model": found.model, "width": None, "options": found.options, "size": found.size, "seed": 0}
    return model.eval(), config | {"train": {"fit": found.fit, "data": ["others' data"]}}
