"""Whether a network can be adapted to photographs by ``train.unlabelled``."""

from __future__ import annotations

from synthmat.errors import RecipeError
from synthmat.recipe.train import Train
from synthmat.train.adapt.statistics import batch_norms
from synthmat.train.prediction import MattingNetwork


def check_adaptable(config: Train, network: MattingNetwork) -> None:
    """Refuse ``train.unlabelled`` for a network that cannot be adapted, before it is trained.

    Raises:
        RecipeError: It is shown more than photographs, or has no batch norm.
    """
    if config.unlabelled is None:
        return
    more = [kind for kind in network.inputs if kind != "image"]
    if more:
        raise RecipeError(
            f"train.unlabelled: {config.model} is shown {' and '.join(more)} too, which photographs alone do not have; "
            "leave it out, and use `synthmat adapt` with them"
        )
    if not batch_norms(network):
        raise RecipeError(f"train.unlabelled: {config.model} has no batch norms that could be adapted; leave it out")
