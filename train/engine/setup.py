"""What one training needs, and what it writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synthmat.recipe.train import Train
from synthmat.train.data.mixture import Mixture, WeightedSource
from synthmat.train.data.preprocessor import Preprocessor
from synthmat.train.engine.process_group import ProcessGroup
from synthmat.train.engine.validation import Runner
from synthmat.train.prediction import MattingNetwork

LAST, BEST, INTERRUPTED, METRICS = "last.pt", "best.pt", "interrupted.pt", "metrics.jsonl"
ADAPTED = "adapted.pt"
"""What `best.pt` is called with the statistics of photographs."""
PHOTOGRAPHS = "photographs.png"
"""What the network makes of photographs that it was not trained on."""
FILES = (
    *(LAST, BEST, ADAPTED, INTERRUPTED, METRICS),
    *("summary.json", "curves.png", "samples.png", PHOTOGRAPHS, "samples", "tensorboard"),
)
"""All that a training's folder may hold."""


@dataclass(frozen=True)
class TrainingSetup:
    """What one training needs.

    ``network`` is freshly made or has the weights to start from; ``config`` goes into the checkpoints. ``val`` are
    measured separately; what is monitored is their mean by weight.
    """

    name: str
    recipe: Train
    seed: int
    folder: Path
    network: MattingNetwork
    train: Mixture
    val: tuple[WeightedSource, ...]
    kinds: frozenset[str]
    config: dict[str, Any]
    runner: Runner
    process_group: ProcessGroup = field(default_factory=ProcessGroup)
    quiet: bool = False

    def preprocessor(self, *, training: bool) -> Preprocessor:
        """Return what makes examples of draws."""
        return Preprocessor.of(self.recipe, self.kinds, self.seed, training=training)
