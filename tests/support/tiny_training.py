"""A training that takes milliseconds: squares on noise, and a network of two convolutions without batch norm."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from synthmat.random_streams import stream
from synthmat.recipe.train import Train
from synthmat.train.data.mixture import Mixture, WeightedSource
from synthmat.train.data.resizing import Pictures
from synthmat.train.engine.process_group import ProcessGroup
from synthmat.train.engine.setup import TrainingSetup
from synthmat.train.engine.validation import Runner
from synthmat.train.prediction import MattingNetwork, Prediction

SIZE = 16


class Squares:
    """Samples in memory; ``told`` is called with the number of each sample before it is given."""

    def __init__(
        self, count: int, name: str = "squares", *, fresh: bool = False, told: Callable[[int], None] | None = None
    ) -> None:
        self.name = name
        self.digest = f"{name} {count}"
        self.asked: list[tuple[int, int]] = []
        self._count = count
        self._fresh = fresh
        self._told = told

    def __len__(self) -> int:
        return self._count

    def label(self, index: int) -> str:
        return f"{index:03d}"

    def pictures(self, index: int, epoch: int) -> Pictures:
        self.asked.append((index, epoch))
        if self._told is not None:
            self._told(index)
        rng = stream(1, self.name, index, epoch if self._fresh else 0)
        alpha = np.zeros((SIZE, SIZE), np.uint16)
        top, left = rng.integers(2, 8, 2)
        alpha[top : top + 7, left : left + 7] = 65535
        image = rng.integers(0, 120, (SIZE, SIZE, 3)).astype(np.uint8)
        image[alpha > 0] += 100
        return {"image": image, "alpha": alpha}


class TinyNetwork(MattingNetwork):
    """Two convolutions with dropout in between: (B, 3, H, W) to alpha (B, 1, H, W)."""

    def __init__(self, dropout: float = 0.0, batch_norm: bool = False) -> None:
        super().__init__()
        self.encoder = nn.Conv2d(3, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4) if batch_norm else nn.Identity()
        self.dropout = nn.Dropout(dropout)
        self.decoder = nn.Conv2d(4, 1, 3, padding=1)

    def forward(self, image: Tensor) -> Prediction:
        logits = self.decoder(self.dropout(self.norm(self.encoder(image).relu())))
        return Prediction(logits.sigmoid(), logits)


def tiny_setup(
    folder: Path,
    *,
    source: Any = None,
    network: MattingNetwork | None = None,
    process_group: ProcessGroup | None = None,
    **config: Any,
) -> TrainingSetup:
    """Return the setup of a training on 24 squares, validated on 6."""
    section = Train.model_validate({"size": SIZE, "batch_size": 4, "epochs": 2, "learning_rate": 0.05, **config})
    if network is None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            network = TinyNetwork()
    return TrainingSetup(
        name="tiny",
        recipe=section,
        seed=5,
        folder=folder,
        network=network,
        train=Mixture((WeightedSource(source or Squares(24)),)),
        val=(WeightedSource(Squares(6, "held out")),),
        kinds=frozenset({"image", "alpha"}),
        config={"key": "tiny"},
        runner=Runner(torch.device("cpu"), section.precision == "bf16"),
        process_group=process_group or ProcessGroup(),
        quiet=True,
    )


class Plates(Squares):
    """Four squares with their straight color, their background and a captured one, at ``size``."""

    def __init__(self, size: int, kinds: tuple[str, ...]) -> None:
        super().__init__(4, "plates")
        self._size, self._kinds = size, kinds

    def pictures(self, index: int, epoch: int) -> Pictures:
        small = super().pictures(index, epoch)
        turns = self._size // SIZE
        image, alpha = (np.kron(small[kind], np.ones((turns, turns, 1)[: small[kind].ndim])) for kind in small)
        made = {"image": image, "fg": image, "bg": image / 2, "captured_bg": image / 2}
        pictures = {kind: pixels.astype(np.uint8) for kind, pixels in made.items() if kind in self._kinds}
        return {**pictures, "alpha": alpha.astype(np.uint16)}
