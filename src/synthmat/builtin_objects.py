"""Which built-in objects there are, known without Blender: one file each in ``blender_scenes/builtins``.

Other packages add theirs by the entry-point group ``synthmat.builtins``; see `synthmat.registry`.
"""

from __future__ import annotations

from synthmat.registry import Choice, Registry, folder_choices, lacks_function


def _ours() -> dict[str, Choice]:
    import synthmat.blender_scenes.builtins as package

    return folder_choices(package.__name__, package.__path__)


BUILTINS = Registry("synthmat.builtins", "built-in object", _ours, lacks_function("build"))
builtin_objects = BUILTINS.names
check_builtin = BUILTINS.check
