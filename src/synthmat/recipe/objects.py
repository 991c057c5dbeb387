"""Recipe section ``objects``: what is rendered."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from synthmat.recipe.distributions import Number, Uniform, within
from synthmat.strict_model import Section

Split = Literal["train", "val", "test"]


class _Source(Section):
    license: str | None = Field(
        default=None,
        description="License of the model, for the data-set card (for example CC-BY-4.0); by default what a glTF, GLB "
        "or VRM file says of itself.",
    )
    source: str | None = Field(
        default=None, description="Where the model comes from: author, address; by default what the file says."
    )
    split: Split | None = Field(default=None, description="Force these objects into one split instead of drawing it.")
    looks: Annotated[Number, within(0, 1)] | None = Field(
        default=None, description="How far their materials are changed, in place of `render.looks.randomness`."
    )


class _Model(_Source):
    variants: int = Field(
        default=1,
        ge=1,
        le=100_000,
        description="How many times each file appears, every time with a look, light, views and pose of its own; all "
        "of them go into the same split.",
    )
    up: Literal["auto", "y", "z"] = Field(
        default="auto",
        description="Which axis of the file points upwards, for scans and exports that lie down. auto: as the format "
        "has it, Y for glTF and OBJ, Z for STL, PLY and .blend, what the file says for FBX and USD. (A USD file "
        "that lies down is turned by rotate; it takes no other up than auto.)",
    )
    files_in: list[str] = Field(
        default=[],
        description="Folders in which textures and other files that the models refer to may lie, relative to the "
        "recipe. Always allowed are a model's own folder and the recipe's; a model that refers to a file elsewhere is "
        "refused.",
    )
    rotate: list[Annotated[float, Field(ge=-360, le=360)]] = Field(
        default=[0.0, 0.0, 0.0],
        min_length=3,
        max_length=3,
        description="Degrees by which the model is then turned, about an axis to the right, one to the back and one "
        "upwards, as seen at azimuth 0, one after the other. [90, 0, 0] stands up what lies with its top to the back, "
        "[0, 0, 90] turns it counter-clockwise as seen from above.",
    )


class ModelFile(_Model):
    """One 3D model file."""

    model: str = Field(description="A glTF, GLB, VRM, OBJ, FBX, PLY, STL, USD or .blend file, relative to the recipe.")
    name: str | None = Field(default=None, description="Name of the object in the output; the file's name by default.")


class ModelFiles(_Model):
    """Every 3D model file that matches a pattern."""

    models: str | list[str] = Field(
        description="A pattern (toys/**/*.glb), a folder, or a list of them, relative to the recipe."
    )


class Builtin(_Source):
    """Objects that synthmat makes itself, in endless variants."""

    builtin: str = Field(description="Name of a built-in object; `synthmat doctor` lists them.")
    count: int = Field(default=1, ge=1, le=100_000, description="How many variants.")
    name: str | None = Field(default=None, description="Name in the output; the built-in's name by default.")

    @model_validator(mode="after")
    def _known(self) -> Builtin:
        from synthmat.builtin_objects import check_builtin

        check_builtin(self.builtin)
        return self


Single = Annotated[
    Annotated[ModelFile, Tag("model")] | Annotated[ModelFiles, Tag("models")] | Annotated[Builtin, Tag("builtin")],
    Discriminator(
        lambda value: _tag(value),
        custom_error_type="group_member",
        custom_error_message="a member of a group needs one of the keys model, models or builtin",
    ),
]
"""One entry of a group."""


class Group(_Source):
    """Several objects in one picture, in front of and beside each other."""

    renamed: ClassVar[dict[str, str]] = {"apart": "spacing"}

    group: list[Single] = Field(
        min_length=1, description="Models and built-in objects to choose from; none of them appears on its own."
    )
    count: int = Field(default=1, ge=1, le=100_000, description="How many groups.")
    name: str = Field(default="group", description="Name in the output.")
    members: Annotated[Number, within(2, 12)] = Field(
        default=Uniform(uniform=[2, 4]), description="How many objects a group has, 2 to 12, rounded."
    )
    scale: Annotated[Number, within(0.05, 1)] = Field(
        default=Uniform(uniform=[0.5, 1.0]), description="Size of each object, 0.05 to 1 of the largest there may be."
    )
    spacing: Annotated[Number, within(0, 5)] = Field(
        default=Uniform(uniform=[1.0, 1.5]),
        description="How far an object stands from another: 1 is where they just do not touch, less lets them overlap.",
    )


def _tag(value: Any) -> str | None:
    for key in ("model", "models", "builtin", "group"):
        if key in value if isinstance(value, dict) else hasattr(value, key):
            return key
    return None


ObjectSource = Annotated[
    Annotated[ModelFile, Tag("model")]
    | Annotated[ModelFiles, Tag("models")]
    | Annotated[Builtin, Tag("builtin")]
    | Annotated[Group, Tag("group")],
    Discriminator(
        _tag,
        custom_error_type="object_source",
        custom_error_message="an object needs one of the keys model, models, builtin or group",
    ),
]
"""One entry of ``objects``."""
