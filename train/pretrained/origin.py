"""Where the weights come from that a checkpoint's network once started with."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import torch


def origin_in(path: Path | None) -> dict[str, str] | None:
    """Return what a checkpoint of synthmat says of the weights that its own training started from.

    None for any other file of weights, and for a network that started at random.
    """
    if path is None:
        return None
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        found = json.loads(state["config"]).get("pretrained")
    except (OSError, EOFError, RuntimeError, ValueError, KeyError, TypeError, AttributeError, pickle.UnpicklingError):
        return None
    return found if isinstance(found, dict) else None
