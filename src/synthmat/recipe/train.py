"""Recipe section ``train``: the network, its loss and its schedule."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from synthmat.recipe.base import Section


class EarlyStopping(Section):
    """Stop when the validation loss has not fallen by ``min_delta`` for ``patience`` epochs."""

    patience: int = Field(20, ge=1, description="Epochs without improvement.")
    min_delta: float = Field(1e-4, ge=0, description="Smallest fall of the validation loss that counts.")


class Plateau(Section):
    """Multiply the learning rate by ``factor`` after ``patience`` epochs without improvement."""

    patience: int = Field(8, ge=1, description="Epochs without improvement.")
    factor: float = Field(0.3, gt=0, lt=1, description="Factor on the learning rate.")
    min_rate: float = Field(1e-6, ge=0, description="Smallest learning rate.")


class Augment(Section):
    """Random changes to each training sample, geometry on image and alpha alike."""

    flip: float = Field(0.5, ge=0, le=1, description="Probability of mirroring left to right.")
    rotate: float = Field(10.0, ge=0, le=180, description="Largest rotation either way, degrees.")
    shift: float = Field(0.05, ge=0, le=0.5, description="Largest shift either way, share of the edge.")
    scale: float = Field(0.1, ge=0, lt=1, description="Largest zoom either way, share.")
    brightness: float = Field(0.15, ge=0, le=1, description="Largest change of brightness either way.")
    contrast: float = Field(0.15, ge=0, le=1, description="Largest change of contrast either way.")
    saturation: float = Field(0.2, ge=0, le=1, description="Largest change of saturation either way.")
    hue: float = Field(10.0, ge=0, le=180, description="Largest turn of the hue either way, degrees.")


class Resplit(Section):
    """A division of the data set made for one training run, in place of the data set's own folders."""

    by: list[Literal["sample", "object", "view", "background"]] = Field(
        min_length=1,
        description="What train and validation must not share; samples that would mix the two sides are left out.",
    )
    val: float = Field(0.2, gt=0, lt=1, description="Share of each of these kept for validation.")


SplitName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
"""Names a training and its folder."""


class Train(Section):
    """The network, its loss and its schedule."""

    model: str = Field("residual_unet", description="Name of the network; `synthmat doctor` lists them.")
    width: int | None = Field(
        None, ge=1, le=1024, description="Channels of the first level; the network's own default if absent."
    )
    size: int = Field(64, ge=16, le=4096, description="Edge of the network's input, pixels.")
    loss: Literal["bce_dice"] = Field("bce_dice", description="Binary cross-entropy plus Dice, both on soft alpha.")
    epochs: int = Field(100, ge=1, le=100_000, description="Most epochs.")
    batch_size: int = Field(8, ge=1, description="Samples per step.")
    optimizer: Literal["adamw", "adam", "rmsprop"] = Field("adamw", description="Optimiser.")
    learning_rate: float = Field(2e-3, gt=0, description="First learning rate.")
    weight_decay: float = Field(1e-4, ge=0, description="Weight decay.")
    early_stopping: EarlyStopping = Field(default_factory=lambda: EarlyStopping(), description="When to stop.")
    plateau: Plateau = Field(default_factory=lambda: Plateau(), description="When to lower the learning rate.")
    augment: Augment = Field(default_factory=lambda: Augment(), description="Random changes to training samples.")
    splits: dict[SplitName, Literal["folders"] | Resplit] = Field(
        default_factory=dict,
        description="Several trainings on the same data set, reported side by side: a name each, and `folders` (the "
        "data set's own splits) or a division of its own. Absent: one training on the folders.",
    )

    @field_validator("model")
    @classmethod
    def _known(cls, name: str) -> str:
        from synthmat.train.models import check_model

        check_model(name)
        return name
