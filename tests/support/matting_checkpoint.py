"""Checkpoints of networks that nobody trained, for tests of what is done with trained ones."""

from pathlib import Path

import torch

from synthmat.train.engine.checkpoint import save_checkpoint
from synthmat.train.models import build_model


def write_checkpoint(
    path: Path, model: str = "residual_unet", *, width: int | None = 4, size: int = 32, fit="resize", options=None
):
    """Write random weights of a network, and return the path."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        network = build_model(model, width, options)
    config = {"model": model, "width": width, "options": options, "size": size, "seed": 0, "train": {"fit": fit}}
    save_checkpoint(path, config, model=network.state_dict())
    return path
