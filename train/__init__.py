"""Networks, losses, metrics and the trainer.

``synthmat.train`` is two things: this package, and the command ``synthmat.train("recipe.yaml")``. Importing any module
of the package, as the command itself does, puts the package in the place of ``synthmat.train``, so a function of that
name would be gone after its first call. Hence the package can be called; `synthmat.api.train` is the function itself,
with its arguments and an example.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synthmat.stage import StageResult

if __name__ != "synthmat.train":
    raise ImportError("import this folder as synthmat.train (pip install -e .)")


class _Callable(ModuleType):
    def __call__(self, *arguments: Any, **keywords: Any) -> StageResult:
        """Train the recipe's network; see `synthmat.api.train` for the arguments."""
        from synthmat.api import train

        return train(*arguments, **keywords)


sys.modules[__name__].__class__ = _Callable
