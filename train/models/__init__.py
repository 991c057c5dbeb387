"""Networks: one file each in this folder, with one function ``build`` that returns a `MattingNetwork`.

A new file here is a new value of ``train.model``; the first line of its docstring describes it. The keyword arguments
of its ``build`` are its options: the recipe gives them as ``train.options``, their annotations say what is allowed
(``Annotated[float, Field(gt=0, description="...")]``), and their defaults hold for what the recipe leaves out. The
option ``width`` is ``train.width``. Options whose name ends in ``weights`` name files to start from.

Other packages add networks by the entry-point group ``synthmat.models``; see `synthmat.registry`.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, get_type_hints

from synthmat.registry import Registry, check_name, folder_choices, lacks_function

if TYPE_CHECKING:
    from pydantic import BaseModel
    from torch import nn

    from synthmat.train.prediction import MattingNetwork


@dataclass(frozen=True)
class Option:
    """One option of a network: what it does, its default and what it may be, as texts for people."""

    about: str
    default: str
    kind: str


NETWORKS = Registry("synthmat.models", "network", lambda: folder_choices(__name__, __path__), lacks_function("build"))
"""Every network; listing them imports no torch."""
model_names = NETWORKS.names
check_model = NETWORKS.check


def model_options(name: str) -> dict[str, Option]:
    """Return the options of a network; this imports torch."""
    fields = _options_model(name).model_fields
    schema = _options_model(name).model_json_schema()["properties"]
    return {
        key: Option(field.description or "", _shown(field.default), _kind(schema[key])) for key, field in fields.items()
    }


def check_options(name: str, options: Mapping[str, Any] | None = None, width: int | None = None) -> dict[str, Any]:
    """Return all options of a network, with its defaults; this imports torch.

    Raises:
        ValueError: There is no such network, an option is not one of its, or has a value that it cannot have; the
            message names every one of them and says what would do.
    """
    from pydantic import ValidationError

    given = dict(options or {})
    if width is not None:
        given["width"] = width
    model = _options_model(name)
    try:
        return dict(model.model_validate(given))
    except ValidationError as error:
        faults = [_fault(name, fault["type"], fault["loc"], fault["msg"], fault["input"]) for fault in error.errors()]
        raise ValueError("; ".join(faults)) from None


def build_model(
    name: str, width: int | None = None, options: Mapping[str, Any] | None = None, *, pretrained: bool = True
) -> MattingNetwork:
    """Return a freshly initialized network; ``width`` is the channels of its first level, or its own default.

    The initial weights come from torch's global generator: seed it first. With ``pretrained=False`` the options that
    name weights are left out, for a network that gets all its weights from a checkpoint.

    Raises:
        ValueError: See `check_options`.
        MissingDependencyError: It is of another package and cannot be imported.
        AssetError: A file of weights is missing or does not fit.
    """
    found = check_options(name, options, width)
    for key in [key for key in found if key.endswith("weights")]:
        if not pretrained or found[key] == "none":
            found[key] = None
    network: MattingNetwork = check_model(name).load().build(**found)
    return network


def parameter_count(model: nn.Module) -> int:
    """Return the number of parameters that are trained: those of frozen parts are not counted."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def keras_parameter_count(model: nn.Module) -> int:
    """Return the number of parameters as Keras counts them: with the running means and variances of batch norms."""
    statistics = (buffer.numel() for buffer in model.buffers() if buffer.is_floating_point())
    return sum(parameter.numel() for parameter in model.parameters()) + sum(statistics)


@cache
def _options_model(name: str) -> type[BaseModel]:
    from pydantic import create_model

    from synthmat.strict_model import Section

    build = check_model(name).load().build
    hints = get_type_hints(build, include_extras=True)
    fields: dict[str, Any] = {
        key: (hints[key], parameter.default) for key, parameter in inspect.signature(build).parameters.items()
    }
    made: type[BaseModel] = create_model(f"{name}_options", __base__=Section, **fields)
    return made


def _fault(name: str, kind: str, place: tuple[int | str, ...], message: str, value: Any) -> str:
    option = str(place[0])
    if kind != "extra_forbidden":
        return f"option {option!r} of the network {name}: {message[:1].lower()}{message[1:]}, not {value!r}"
    known = list(_options_model(name).model_fields)
    if not known:
        return f"the network {name} has no options, and so no {option!r}"
    try:
        check_name(f"option of the network {name}", option, known)
    except ValueError as error:
        return str(error)
    raise AssertionError(option)


def _shown(default: Any) -> str:
    return "none" if default is None else str(default).lower() if isinstance(default, bool) else str(default)


def _kind(schema: dict[str, Any]) -> str:
    parts = [part for part in schema.get("anyOf", [schema]) if part.get("type") != "null"]
    if "enum" in parts[0]:
        return " | ".join(map(str, parts[0]["enum"]))
    return str(parts[0].get("type", parts[0].get("const", "")))
