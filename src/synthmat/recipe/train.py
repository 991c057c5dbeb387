"""Recipe section ``train``: the network, its data, its loss and its schedule."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from synthmat.recipe.composite import Trimap
from synthmat.recipe.training_data import DataSource, SplitName
from synthmat.strict_model import Section

Loss = str | dict[str, float]
Options = dict[str, bool | int | float | str | list[int] | None]
Rates = dict[str, Annotated[float, Field(gt=0, le=1000)]]


_NOT_TRAINS = {"name", "options", "augment", "adapt", "pseudo_labels"}
"""Keys of a stage that are not simply those of `train`."""


class EarlyStopping(Section):
    """Stop when what is watched has not fallen by ``min_delta`` for ``patience`` epochs."""

    renamed: ClassVar[dict[str, str]] = {"watch": "monitor"}

    patience: int = Field(default=20, ge=1, description="Epochs without improvement.")
    min_delta: float = Field(default=1e-4, ge=0, description="Smallest fall that counts.")
    monitor: Literal["loss", "mad", "mse", "dice", "dice_mask", "accuracy"] = Field(
        default="loss",
        description="What is watched on the validation samples, for the best epoch and the plateau too; dice and "
        "accuracy count as their distance from 1.",
    )


class Plateau(Section):
    """Multiply the learning rate by ``factor`` after ``patience`` epochs without improvement."""

    patience: int = Field(default=8, ge=1, description="Epochs without improvement.")
    factor: float = Field(default=0.3, gt=0, lt=1, description="Factor on the learning rate.")
    min_rate: float = Field(default=1e-6, ge=0, description="Smallest learning rate.")


class Augment(Section):
    """Random changes to each training sample, geometry on all of its pictures alike."""

    flip: float = Field(default=0.5, ge=0, le=1, description="Probability of mirroring left to right.")
    rotate: float = Field(default=10.0, ge=0, le=180, description="Largest rotation either way, degrees.")
    shift: float = Field(default=0.05, ge=0, le=0.5, description="Largest shift either way, fraction of the edge.")
    scale: float = Field(default=0.1, ge=0, lt=1, description="Largest zoom either way, fraction.")
    brightness: float = Field(default=0.15, ge=0, le=1, description="Largest change of brightness either way.")
    contrast: float = Field(default=0.15, ge=0, le=1, description="Largest change of contrast either way.")
    saturation: float = Field(default=0.2, ge=0, le=1, description="Largest change of saturation either way.")
    hue: float = Field(default=10.0, ge=0, le=180, description="Largest turn of the hue either way, degrees.")


class Resplit(Section):
    """A division of the data set made for one training run, in place of the data set's own folders."""

    by: list[Literal["sample", "object", "view", "background"]] = Field(
        min_length=1,
        description="What train and validation must not share; samples that would mix the two sides are left out.",
    )
    val: float = Field(default=0.2, gt=0, lt=1, description="Fraction of each of these kept for validation.")


class PseudoLabels(Section):
    """Mattes of the photos of `train.unlabelled`, by a network that is sure of them, trained on beside `data`."""

    teacher: str | None = Field(
        default=None,
        description="A checkpoint relative to the recipe, or `shipped`, the network that comes with synthmat; the best "
        "network of the stage before if absent (with `adapt`: the adapted one).",
    )
    weight: Annotated[float, Field(gt=0, le=1000)] = Field(
        default=1.0, description="How often each of them is drawn, compared with a sample of weight 1."
    )
    max_uncertainty: float = Field(
        default=0.5,
        gt=0,
        le=2,
        description="Keep mattes that expect to be wrong by no more than this fraction of what they cover.",
    )


class Stage(Section):
    """One part of a training; what it leaves out is as in ``train``. It starts from the best weights before it."""

    renamed: ClassVar[dict[str, str]] = {"accumulate": "gradient_accumulation", "rates": "lr_multipliers"}

    name: SplitName | None = Field(default=None, description="Names its folder; stage_1, stage_2, ... if absent.")
    epochs: int | None = Field(default=None, ge=1, le=100_000, description="Most epochs.")
    options: Options = Field(default_factory=dict, description="Options of the network, over those of `train`.")
    loss: Loss | None = Field(default=None, description="Loss, or losses with their weights.")
    size: int | None = Field(default=None, ge=16, le=4096, description="Edge of the network's input, pixels.")
    fit: Literal["resize", "crop"] | None = Field(default=None, description="Whole samples, or crops of them.")
    augment: Augment | None = Field(
        default=None, description="Random changes to training samples, over those of `train`."
    )
    precision: Literal["float32", "bf16"] | None = Field(default=None, description="bf16: the network under autocast.")
    batch_size: int | None = Field(default=None, ge=1, description="Samples per step.")
    gradient_accumulation: int | None = Field(default=None, ge=1, description="Batches per step.")
    learning_rate: float | None = Field(default=None, gt=0, description="First learning rate.")
    lr_multipliers: Rates | None = Field(
        default=None, description="Factors on the learning rate of parts of the network."
    )
    freeze: list[str] | None = Field(default=None, description="Parts of the network that are not trained.")
    schedule: Literal["plateau", "cosine", "constant"] | None = Field(default=None, description="How the rate falls.")
    warmup: float | None = Field(default=None, ge=0, description="Epochs in which the rate rises.")
    adapt: bool = Field(
        default=False,
        description="Begin with the statistics of the photos of `train.unlabelled` in the batch norms. With the "
        "encoder frozen it keeps them, and the decoder learns to read an encoder that is used to photographs.",
    )
    pseudo_labels: PseudoLabels | None = Field(
        default=None,
        description="Train on the photos of `train.unlabelled` too, with the mattes that a network is sure of.",
    )

    @field_validator("loss")
    @classmethod
    def _loss_known(cls, loss: Loss | None) -> Loss | None:
        return loss if loss is None else _checked(loss)


class Train(Section):
    """The network, its data, its loss and its schedule."""

    renamed: ClassVar[dict[str, str]] = {"accumulate": "gradient_accumulation", "rates": "lr_multipliers"}

    model: str = Field(default="residual_unet", description="Name of the network; `synthmat doctor` lists them.")
    width: int | None = Field(
        default=None, ge=1, le=1024, description="Channels of the first level; the network's own default if absent."
    )
    options: Options = Field(default_factory=dict, description="Options of the network, each by its name.")
    init: str | None = Field(
        default=None,
        description="Start from the weights in this checkpoint or state dictionary, relative to the recipe.",
    )
    freeze: list[str] = Field(
        default_factory=list, description="Parts of the network, by the beginning of their name, that are not trained."
    )
    size: int = Field(default=64, ge=16, le=4096, description="Edge of the network's input, pixels.")
    fit: Literal["resize", "crop"] = Field(
        default="resize",
        description="resize: the whole sample at `size`; crop: a square of one to two times `size` about a pixel that "
        "is partly covered, as in Deep Image Matting, resized to `size`. Crops are cut out of samples of "
        "`composite.size`, live ones too, so that should be twice `size` or more.",
    )
    data: list[DataSource] = Field(
        default_factory=lambda: list[DataSource](("dataset",)),
        min_length=1,
        description="What is trained on: `dataset`, `live`, folders in one of the field's layouts, several mixed.",
    )
    validation: list[DataSource] = Field(
        default_factory=list,
        description="What early stopping looks at, each as in `data`. Absent: the val splits of `data`. Beside a "
        "folder, of real photos with mattes for example, `live` and `dataset` are measured and do not count, unless "
        "they are given a weight.",
    )
    unlabelled: str | Annotated[list[str], Field(min_length=1)] | None = Field(
        default=None,
        description="Photos without mattes: a folder, a pattern, a list of them, `backgrounds` for those of "
        "`composite.backgrounds`. At the end the statistics of the best network's batch norms are moved to theirs "
        "(seven parts of ten), which helps on photos like these; that is `adapted.pt` beside `best.pt`. What the test "
        "split or a folder under `validation` is judged on is left out.",
    )
    trimap: Trimap = Field(
        default_factory=lambda: Trimap(), description="How trimaps are made where the data have none, pixels of `size`."
    )
    loss: Loss = Field(
        default="bce_dice", description="A loss, or several with their weights: {alpha_l1: 1, laplacian: 0.5}."
    )
    epochs: int = Field(default=100, ge=1, le=100_000, description="Most epochs.")
    batch_size: int = Field(default=8, ge=1, description="Samples per batch, in each process.")
    gradient_accumulation: int = Field(default=1, ge=1, description="Batches per step of the optimizer.")
    optimizer: Literal["adamw", "adam", "rmsprop"] = Field(default="adamw", description="Optimizer.")
    learning_rate: float = Field(default=2e-3, gt=0, description="First learning rate.")
    lr_multipliers: Rates = Field(
        default_factory=dict,
        description="Factors on the learning rate of parts of the network, by the beginning of their name: "
        "{encoder: 0.1}; the longest that fits holds.",
    )
    weight_decay: float = Field(default=1e-4, ge=0, description="Weight decay.")
    clip_gradients: float | None = Field(default=None, gt=0, description="Largest norm of the gradient.")
    ema: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="Decay of a moving average of the weights, which is then validated and kept.",
    )
    precision: Literal["float32", "bf16"] = Field(default="float32", description="bf16: the network under autocast.")
    compile: bool = Field(default=False, description="Have torch compile the network first.")
    early_stopping: EarlyStopping = Field(default_factory=lambda: EarlyStopping(), description="When to stop.")
    schedule: Literal["plateau", "cosine", "constant"] = Field(
        default="plateau",
        description="How the learning rate falls: see `plateau`; or along a cosine to 0 at the last epoch.",
    )
    warmup: float = Field(default=0.0, ge=0, description="Epochs in which the learning rate rises from 0.")
    plateau: Plateau = Field(default_factory=lambda: Plateau(), description="When to lower the learning rate.")
    augment: Augment = Field(default_factory=lambda: Augment(), description="Random changes to training samples.")
    stages: list[Stage] = Field(
        default_factory=list, description="Several trainings, each from the best weights of the one before."
    )
    splits: dict[SplitName, Literal["folders"] | Resplit] = Field(
        default_factory=dict,
        description="Several trainings on the same data set, reported side by side: a name each, and `folders` (the "
        "data set's own splits) or a division of its own. Absent: one training on the folders.",
    )
    samples_every: int | None = Field(
        default=None, ge=1, description="Draw validation samples every so many epochs; only at the end if absent."
    )

    @field_validator("model")
    @classmethod
    def _known(cls, name: str) -> str:
        from synthmat.train.models import check_model

        check_model(name)
        return name

    @field_validator("loss")
    @classmethod
    def _loss_known(cls, loss: Loss) -> Loss:
        return _checked(loss)

    @model_validator(mode="after")
    def _consistent(self) -> Train:
        if self.splits and not any(_own(entry) == "dataset" for entry in self.data):
            raise ValueError("splits divide the data set, and data does not name it")
        if all(getattr(entry, "weight", 1.0) == 0 for entry in self.data):
            raise ValueError("data has no source with a weight above 0")
        if self.validation and all(getattr(entry, "weight", 1.0) == 0 for entry in self.validation):
            raise ValueError("validation has no source with a weight above 0")
        names = [stage.name for stage in self.stages if stage.name]
        if len(names) != len(set(names)):
            raise ValueError("two stages have the same name")
        if any(stage.adapt for stage in self.stages) and self.unlabelled is None:
            raise ValueError("a stage has adapt, and train.unlabelled names no photos to take statistics from")
        if any(stage.pseudo_labels for stage in self.stages) and self.unlabelled is None:
            raise ValueError("a stage has pseudo_labels, and train.unlabelled names no photos that would get them")
        if self.stages and self.stages[0].pseudo_labels and self.stages[0].pseudo_labels.teacher is None:
            raise ValueError("pseudo_labels of the first stage need a teacher: there is no stage before it")
        if self.stages and self.stages[0].adapt:
            raise ValueError("the first stage cannot adapt: there is no stage before it whose network would be adapted")
        return self

    def of_stage(self, stage: Stage) -> Train:
        """Return this section with what a stage changes."""
        changes: dict[str, Any] = stage.model_dump(exclude=_NOT_TRAINS, exclude_none=True)
        changes |= {"options": {**self.options, **stage.options}, "stages": []}
        if stage.augment is not None:
            changes["augment"] = self.augment.model_copy(update=stage.augment.model_dump(exclude_unset=True))
        return self.model_copy(update=changes)


def _own(entry: DataSource) -> str:
    return entry if isinstance(entry, str) else getattr(entry, "source", "")


def _checked(loss: Loss) -> Loss:
    from synthmat.train.losses import check_loss, check_weights

    if isinstance(loss, str):
        check_loss(loss)
    else:
        check_weights(loss)
    return loss
