"""What network and loss need of the data and of each other, checked before a training starts."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch

from synthmat.errors import RecipeError
from synthmat.recipe.train import Train
from synthmat.train.data.mixture import WeightedSource, lacking
from synthmat.train.losses import build_loss, combined, loss_names
from synthmat.train.losses.loss import given_fields
from synthmat.train.losses.weighted_sum import WeightedSum
from synthmat.train.prediction import MattingNetwork

_PROBE = 64


def loss_of(config: Train) -> WeightedSum:
    """Return the recipe's loss; a single one has weight 1."""
    return combined({config.loss: 1.0} if isinstance(config.loss, str) else config.loss)


def kinds_for(network: MattingNetwork, loss: WeightedSum) -> frozenset[str]:
    """Return the kinds of pictures that training takes; a trimap is never lacking, since the loader can make one."""
    return frozenset({"image", *network.inputs}) | loss.needs.batch | loss.needs.optional


def check(
    config: Train,
    network: MattingNetwork,
    loss: WeightedSum,
    train: Sequence[WeightedSource],
    val: Sequence[WeightedSource],
) -> None:
    """Check data, network and loss against each other.

    Raises:
        RecipeError: A source lacks a picture that the network or the loss needs, an epoch has no sample of one, or the
            network does not give what the loss looks at; the message names all of it and says what to do.
    """
    for source in train:
        if not source.per_epoch:
            count = len(source.samples)
            raise RecipeError(
                f"train.data: {source.samples.name} has {count} samples, so a weight of {source.weight:g} gives an "
                f"epoch none of them; raise it to {1 / count:.3g} or more, or leave {source.samples.name} out"
            )
    _check_prediction(config, network, loss)
    optional = frozenset({"trimap"})
    for what, needs in ((f"the network {config.model}", frozenset(network.inputs)), *_loss_needs(loss)):
        of_loss = what.startswith("the loss")
        sources = train if of_loss else [*train, *val]
        for source, kinds in lacking(sources, needs - optional):
            raise RecipeError(
                f"train.{'loss' if of_loss else 'model'}: {what} needs {' and '.join(kinds)}, which "
                f"{source.samples.name} lacks; {source.remedy.format(kinds=', '.join(kinds))}"
            )
    if config.early_stopping.monitor == "loss":
        for source, kinds in lacking([source for source in val if source.weight], loss.needs.batch - optional):
            raise RecipeError(
                f"train.validation: the loss needs {' and '.join(kinds)}, which {source.samples.name} lacks, so it "
                "cannot be monitored; set train.early_stopping.monitor to mad"
            )


def measurable(loss: WeightedSum, source: WeightedSource) -> bool:
    """Return whether the loss can be measured on a source."""
    return not lacking([source], loss.needs.batch - {"trimap"})


def _loss_needs(loss: WeightedSum) -> list[tuple[str, frozenset[str]]]:
    return [(f"the loss {name}", each.needs.batch) for name, each in loss.losses.items()]


def _check_prediction(config: Train, network: MattingNetwork, loss: WeightedSum) -> None:
    """Have a copy of the network predict once, in training and in validation."""
    probe = copy.deepcopy(network)
    device = next(probe.parameters()).device
    inputs = [
        torch.full((2, 1 if kind == "trimap" else 3, _PROBE, _PROBE), 0.5, device=device) for kind in network.inputs
    ]
    for mode in (True, False):
        probe.train(mode)
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            given = given_fields(probe(*inputs))
        missing = [name for name in loss.losses if not loss.losses[name].needs.prediction <= set(given)]
        if missing:
            fit = [name for name in loss_names() if build_loss(name).needs.prediction <= set(given)]
            lacks = sorted(loss.losses[missing[0]].needs.prediction - set(given))
            raise RecipeError(
                f"train.loss: {missing[0]} looks at {' and '.join(lacks)}, which the network {config.model} does not "
                f"give in {'training' if mode else 'prediction'}; losses that go with it: {', '.join(fit)}"
            )
