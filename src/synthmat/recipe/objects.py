"""Recipe section ``objects``: what is rendered."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from synthmat.recipe.base import Section

Split = Literal["train", "val", "test"]


class _Source(Section):
    license: str | None = Field(
        None, description="Licence of the model, for the data-set card (for example CC-BY-4.0)."
    )
    source: str | None = Field(None, description="Where the model comes from: author, address.")
    split: Split | None = Field(None, description="Force these objects into one split instead of drawing it.")


class ModelFile(_Source):
    """One 3D model file."""

    model: str = Field(description="A glTF, GLB, OBJ, FBX, PLY, STL, USD or .blend file, relative to the recipe.")
    name: str | None = Field(None, description="Name of the object in the output; the file's name by default.")


class ModelFiles(_Source):
    """Every 3D model file that matches a pattern."""

    models: str | list[str] = Field(
        description="A pattern (toys/**/*.glb), a folder, or a list of them, relative to the recipe."
    )


class Builtin(_Source):
    """Objects that synthmat makes itself, in endless variants."""

    builtin: str = Field(description="Name of a built-in object; `synthmat doctor` lists them.")
    count: int = Field(1, ge=1, le=100_000, description="How many variants.")
    name: str | None = Field(None, description="Name in the output; the built-in's name by default.")

    @model_validator(mode="after")
    def _known(self) -> Builtin:
        from synthmat.builtin_objects import check_builtin

        check_builtin(self.builtin)
        return self


def _tag(value: Any) -> str | None:
    for key in ("model", "models", "builtin"):
        if key in value if isinstance(value, dict) else hasattr(value, key):
            return key
    return None


ObjectSource = Annotated[
    Annotated[ModelFile, Tag("model")] | Annotated[ModelFiles, Tag("models")] | Annotated[Builtin, Tag("builtin")],
    Discriminator(
        _tag,
        custom_error_type="object_source",
        custom_error_message="an object needs one of the keys model, models or builtin",
    ),
]
"""One entry of ``objects``."""
