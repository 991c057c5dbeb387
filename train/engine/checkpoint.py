"""Checkpoints: whole or absent, and free of pickled code (``torch.load(weights_only=True)`` reads them)."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import torch

from synthmat.errors import AssetError, OutputError
from synthmat.storage.atomic import atomic_path
from synthmat.train.models import build_model
from synthmat.train.prediction import MattingNetwork
from synthmat.train.pretrained.published import published
from synthmat.train.pretrained.weights import read_weights, start_from

_FORMAT = 1


def save_checkpoint(path: Path, config: dict[str, Any], **state: Any) -> None:
    """Write ``state`` atomically; ``config`` is kept as JSON text."""
    with atomic_path(path) as temporary:
        torch.save({"format": _FORMAT, "config": json.dumps(config), **state}, temporary)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Return what `save_checkpoint` wrote, tensors on the processor, ``config`` as a dictionary again.

    Raises:
        OutputError: The file is missing, cut off, or none of ours.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        if not isinstance(state, dict) or state.get("format") != _FORMAT:
            raise ValueError("it is not a checkpoint of this version of synthmat")
        return {**state, "config": json.loads(state["config"])}
    except (OSError, EOFError, RuntimeError, ValueError, KeyError, TypeError, pickle.UnpicklingError) as error:
        reason = getattr(error, "strerror", None) or str(error).strip().partition("\n")[0] or "the file ends too early"
        raise OutputError(
            f"{path}: cannot be used as a checkpoint: {reason}; put a copy back, or move "
            f"{path.parent} away to train from the start"
        ) from None


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
        return _published_model(path, error)
    config: dict[str, Any] = state["config"]
    try:
        with torch.random.fork_rng(devices=[]):
            model = build_model(config["model"], config["width"], config.get("options"), pretrained=False)
    except ValueError as error:
        raise OutputError(
            f"{path}: its network is none of this version of synthmat: {error}; predict with the version that trained "
            "it, or train it again"
        ) from None
    weights = state["average"]["weights"] if "average" in state else state["model"]
    try:
        model.load_state_dict(weights)
    except (RuntimeError, KeyError) as error:
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
