"""Which built-in objects there are, known without Blender: one file each in ``blender_scenes/builtins``."""

from __future__ import annotations

from functools import cache

from synthmat.named_files import check_name, named_files


@cache
def builtin_objects() -> dict[str, str]:
    """Return the name of every built-in object and the first line of its file's docstring."""
    import synthmat.blender_scenes.builtins as package

    return named_files(package.__path__)


def check_builtin(name: str) -> None:
    """Raise ValueError, with the nearest name, unless ``name`` is a built-in object."""
    check_name("built-in object", name, builtin_objects())
