"""Which built-in objects there are, known without Blender: one file each in ``blender_scenes/builtins``.

Other packages add theirs by the entry-point group ``synthmat.builtins``; see `synthmat.registry`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from synthmat.registry import Choice, Registry, folder_choices, lacks_function


def _ours() -> dict[str, Choice]:
    import synthmat.blender_scenes.builtins as package

    return folder_choices(package.__name__, package.__path__)


@dataclass(frozen=True)
class Ingredient:
    """A data file that a family of ours is made from: its path beside the families, and what rows say of it.

    ``version`` is raised when seeds of the family give other objects, so that its frames alone are made again.
    """

    file: str
    source: str
    version: int = 1


_PEOPLE = Ingredient("_person/body/people.npz", "bodies from MakeHuman's data (CC0-1.0)", 2)
INGREDIENTS = {"person": _PEOPLE, "garment": _PEOPLE}
"""The families that are made from data files, by name."""


MOTIONS = {"person": ("look_around", "talk", "walk", "wave")}
"""What members of a family can do, by the name of the family: their module has ``build_moving(rng, motion)``."""


@lru_cache
def ingredient_digest(name: str) -> str:
    """Return the sha256 of what a family is made from, its data file and version; empty for families without any."""
    if name not in INGREDIENTS:
        return ""
    import synthmat.blender_scenes.builtins as package

    file = Path(next(iter(package.__path__))) / INGREDIENTS[name].file
    digest = hashlib.sha256(file.read_bytes())
    digest.update(str(INGREDIENTS[name].version).encode())
    return digest.hexdigest()


BUILTINS = Registry("synthmat.builtins", "built-in object", _ours, lacks_function("build"))
builtin_objects = BUILTINS.names
check_builtin = BUILTINS.check
