"""Licence and source of the weights that a training starts from: in its checkpoints, through all of its stages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import torch

from synthmat.recipe import Recipe
from synthmat.stage import RunOptions
from synthmat.storage.output_folder import OutputFolder
from synthmat.train.engine.checkpoint import load_checkpoint
from synthmat.train.models import build_model
from synthmat.train.stage import train


def test_a_checkpoint_says_whose_weights_it_started_from(
    discs: Callable[..., OutputFolder], recipe: Callable[..., Recipe], tmp_path: Path
) -> None:
    encoder = build_model("smp", options={"encoder": "resnet18"}).get_submodule("network.encoder")
    torch.save(encoder.state_dict(), tmp_path / "resnet18.pth")
    layout, options = discs(size=32, train=4, val=2), RunOptions(workers=1, device="cpu", quiet=True)
    chosen = recipe(
        *("train.model=smp", "train.width=null", "train.epochs=1"),
        "train.options={encoder: resnet18, encoder_weights: resnet18.pth}",
        "train.stages=[{name: first, freeze: [network.encoder]}, {name: second}]",
    )
    train(chosen, layout, options, base=tmp_path)
    for file in ("first/best.pt", "best.pt"):
        origin = load_checkpoint(layout.training / file)["config"]["pretrained"]
        assert (origin["file"], origin["encoder"], origin["license"]) == ("resnet18.pth", "resnet18", "not given")
    assert json.loads((layout.training / "summary.json").read_text())["pretrained"] == origin
    train(recipe("train.epochs=1"), layout, options, base=tmp_path)
    assert "pretrained" not in load_checkpoint(layout.training / "best.pt")["config"]
