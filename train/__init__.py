"""Networks, losses, metrics and the trainer.

``synthmat.train`` is this package and, called, the command of the same name: ``synthmat.train("recipe.yaml")``.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

if __name__ != "synthmat.train":
    raise ImportError("import this folder as synthmat.train (pip install -e .)")


class _Stage(ModuleType):
    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Train the recipe's network; see `synthmat.api.train` for the arguments."""
        from synthmat.api import train

        return train(*arguments, **options)


sys.modules[__name__].__class__ = _Stage
