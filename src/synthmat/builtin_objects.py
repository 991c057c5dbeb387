"""Which built-in objects there are, known without Blender: one file each in ``blender_scenes/builtins``.

Other packages add theirs by the entry-point group ``synthmat.builtins``; see `synthmat.registry`.
"""

from __future__ import annotations

from functools import cache

from synthmat.registry import Choice, abouts, check_choice, folder_choices, lacks_function, with_packages


@cache
def builtin_choices() -> dict[str, Choice]:
    """Return every built-in object by name, those that cannot be used included."""
    import synthmat.blender_scenes.builtins as package

    ours = folder_choices(package.__name__, package.__path__)
    return with_packages("synthmat.builtins", ours, lacks_function("build"))


def builtin_objects() -> dict[str, str]:
    """Return the name of every built-in object and the first line of its file's docstring."""
    return abouts(builtin_choices())


def check_builtin(name: str) -> Choice:
    """Return the built-in object called ``name``.

    Raises:
        ValueError: There is none, or it cannot be used; the message says why, or names the nearest one.
    """
    return check_choice("built-in object", name, builtin_choices())
