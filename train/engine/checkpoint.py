"""Checkpoints: whole or absent, and free of pickled code (``torch.load(weights_only=True)`` reads them)."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import torch

from synthmat.errors import OutputError
from synthmat.storage.atomic import atomic_path
from synthmat.train.models import build_model
from synthmat.train.prediction import MattingNetwork

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

    Where an average of the weights was validated, that is what it gets, from ``last.pt`` as from ``best.pt``.

    The configuration has ``model``, ``width``, ``options`` (if it had any), ``size`` (edge of its input in pixels),
    ``seed`` and the recipe's ``train`` section.

    Raises:
        OutputError: See `load_checkpoint`; also if there is no such network, or the weights do not belong to it.
    """
    state = load_checkpoint(path)
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
