"""Networks: one file each in this folder, with one function ``build(width)`` that returns a `torch.nn.Module`.

A network takes images (B, 3, H, W), float32 sRGB in [0, 1], and returns logits (B, 1, H, W) of alpha. A new file here
is a new value of ``train.model``; the first line of its docstring describes it.
"""

from __future__ import annotations

import ast
import difflib
import importlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from synthmat.errors import RecipeError

if TYPE_CHECKING:
    from torch import nn


@cache
def model_names() -> dict[str, str]:
    """Return the name of every network and the first line of its file's docstring, without importing torch."""
    files = (path for folder in __path__ for path in Path(folder).glob("[a-z]*.py"))
    return {
        path.stem: (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]
        for path in sorted(files)
    }


def check_model(name: str) -> None:
    """Raise `RecipeError`, with the nearest name, unless ``name`` is a network."""
    known = model_names()
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"possible: {', '.join(known)}"
        raise RecipeError(f"train.model: no network {name!r}; {hint}")


def build_model(name: str, width: int | None = None) -> nn.Module:
    """Return a freshly initialised network; ``width`` is the channels of its first level, or its own default.

    The initial weights come from torch's global generator: seed it first.

    Raises:
        RecipeError: There is no such network.
    """
    check_model(name)
    module: nn.Module = importlib.import_module(f"{__name__}.{name}").build(width)
    return module


def parameter_count(model: nn.Module) -> int:
    """Return the number of trained parameters."""
    return sum(parameter.numel() for parameter in model.parameters())


def keras_parameter_count(model: nn.Module) -> int:
    """Return the number of parameters as Keras counts them: with the running means and variances of batch norms."""
    statistics = (buffer.numel() for buffer in model.buffers() if buffer.is_floating_point())
    return parameter_count(model) + sum(statistics)
