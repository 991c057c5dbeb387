"""The fields of a form, besides its files, as records with ranges."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from synthmat.serve.refusal import RefusedError
from synthmat.train.predict.clean import Cleaning

Color = tuple[int, int, int]
_HEX = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_CLEANING = ("opening", "closing", "parts", "least_part", "holes", "smooth")

_Options = TypeVar("_Options", bound=BaseModel)


class _Fields(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CleanFields(_Fields):
    """How alpha is cleaned up."""

    clean: Annotated[bool, Field(description="Clean alpha up as `synthmat predict --clean` does.")] = False
    opening: Annotated[float | None, Field(ge=0, le=25, description="Radius of an opening, pixels.")] = None
    closing: Annotated[float | None, Field(ge=0, le=25, description="Radius of a closing, pixels.")] = None
    parts: Annotated[int | None, Field(ge=0, description="Keep so many of the largest parts; 0 keeps all.")] = None
    least_part: Annotated[
        float | None, Field(ge=0, le=1, description="Drop parts below this share of the largest.")
    ] = None
    holes: Annotated[float | None, Field(ge=0, le=1, description="Fill holes below this share of the object.")] = None
    smooth: Annotated[float | None, Field(ge=0, le=50, description="Sigma of a blur, pixels.")] = None

    @property
    def cleaning(self) -> Cleaning | None:
        """How alpha is cleaned up; None for not at all.

        With ``clean`` what is not given is as `synthmat predict --clean` has it; without, what is not given is left
        out.
        """
        given = {name: value for name in _CLEANING if (value := getattr(self, name)) is not None}
        if not self.clean and not any(given.values()):
            return None
        return Cleaning(**({} if self.clean else {"least_part": 0.0, "holes": 0.0}) | given)


class MatteOptions(CleanFields):
    """What ``/api/matte`` is asked for."""

    model: Annotated[str | None, Field(description="Which network; see /api/models. The first one by default.")] = None
    output: Annotated[
        Literal["alpha", "cutout", "composite"] | None,
        Field(
            description="The matte, the object with transparency, or the object over something else. By default a "
            "composite if the form says over what, otherwise a cut-out."
        ),
    ] = None
    bits: Annotated[Literal["8", "16"], Field(description="Of an alpha PNG.")] = "8"
    format: Annotated[Literal["png", "webp"], Field(description="Of a cut-out.")] = "png"
    color: Annotated[str | None, Field(description="New background: #rrggbb, #rgb, or red,green,blue.")] = None
    blur: Annotated[
        float | None,
        Field(
            gt=0, le=20, description="New background: the photo itself, blurred by so many percent of its longer side"
        ),
    ] = None

    @field_validator("color")
    @classmethod
    def _known_color(cls, text: str | None) -> str | None:
        if text is not None:
            parsed_color(text)
        return text


class RemoveOptions(_Fields):
    """What ``/api/remove`` is asked for, with rembg's names, meanings and defaults."""

    model: Annotated[
        str | None,
        Field(description="Which network; one that rembg knows and this server does not means the first one here."),
    ] = None
    a: Annotated[bool, Field(description="Alpha matting: closed form between the two thresholds.")] = False
    af: Annotated[int, Field(ge=0, le=255, description="Alpha matting: foreground above this level.")] = 240
    ab: Annotated[int, Field(ge=0, le=255, description="Alpha matting: background below this level.")] = 10
    ae: Annotated[int, Field(ge=0, le=255, description="Alpha matting: both eroded by so many pixels.")] = 10
    om: Annotated[bool, Field(description="Only the mask.")] = False
    ppm: Annotated[bool, Field(description="Make the mask smooth and hard.")] = False
    dc: Annotated[bool, Field(description="Free edges of the old background's color, which is done in any case.")] = (
        True
    )
    vm: Annotated[bool, Field(description="Refine by ViTMatte, which this server does not have.")] = False
    bgc: Annotated[str | None, Field(description="Background color: red,green,blue,alpha.")] = None
    extras: Annotated[
        str | None, Field(description='JSON; {"putalpha": true} keeps the photo\'s own color at edges.')
    ] = None

    @field_validator("bgc")
    @classmethod
    def _four_levels(cls, text: str | None) -> str | None:
        if text:
            levels(text, (3, 4))
        return text or None

    @field_validator("vm")
    @classmethod
    def _no_vitmatte(cls, wanted: bool) -> bool:
        if wanted:
            raise ValueError("there is no ViTMatte here; the network's own alpha is soft already")
        return wanted

    @field_validator("extras")
    @classmethod
    def _known_extras(cls, text: str | None) -> str | None:
        if text:
            _putalpha(text)
        return text or None

    @property
    def putalpha(self) -> bool:
        """Whether the photo's own color is kept at edges."""
        return _putalpha(self.extras) if self.extras else False


def read_options(kind: type[_Options], fields: Mapping[str, str]) -> _Options:
    """Return a form's fields as a record.

    Raises:
        RefusedError: One is unknown or out of range; the message names all.
    """
    try:
        return kind.model_validate(dict(fields))
    except ValidationError as error:
        faults = "; ".join(f"{_place(fault['loc'])}: {_reason(fault)}" for fault in error.errors())
        raise RefusedError(422, faults) from None


def parsed_color(text: str) -> Color:
    """Return a color's sRGB levels.

    Raises:
        ValueError: It is none.
    """
    found = _HEX.fullmatch(text.strip())
    if not found:
        red, green, blue = levels(text, (3,))
        return red, green, blue
    digits = found.group(1)
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def levels(text: str, counts: tuple[int, ...]) -> tuple[int, ...]:
    """Return numbers of 0 to 255 that stand between commas.

    Raises:
        ValueError: They are something else, or not as many as one of ``counts``.
    """
    parts = [part.strip() for part in text.split(",")]
    if len(parts) not in counts or not all(re.fullmatch(r"\d{1,3}", part) and int(part) < 256 for part in parts):
        wanted = " or ".join(map(str, counts))
        raise ValueError(f"{text[:80]!r} is no color; write {wanted} levels of 0 to 255 with commas between them")
    return tuple(map(int, parts))


def _putalpha(text: str) -> bool:
    try:
        extras = json.loads(text)
    except ValueError:
        raise ValueError("is not JSON") from None
    if (
        not isinstance(extras, dict)
        or extras.keys() - {"putalpha"}
        or not isinstance(extras.get("putalpha", False), bool)
    ):
        raise ValueError('this server takes {"putalpha": true} or {"putalpha": false} only')
    return bool(extras.get("putalpha", False))


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part)[:80] for part in location) or "form"


def _reason(fault: Any) -> str:
    if fault["type"] == "extra_forbidden":
        return "there is no such field"
    return str(fault["msg"]).removeprefix("Value error, ")
