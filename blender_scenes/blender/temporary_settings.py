"""Settings that are changed temporarily and restored."""

from __future__ import annotations

from typing import Any

import bpy


class TemporarySettings:
    """Sets attributes and remembers what they were."""

    def __init__(self) -> None:
        self._before: list[tuple[Any, str, Any]] = []

    def set(self, owner: Any, name: str, value: Any) -> None:
        """Set an attribute of ``owner``."""
        before = getattr(owner, name)
        if isinstance(before, bpy.types.bpy_prop_array):
            before = tuple(before)  # Blender hands out the array itself, which is about to change
        self._before.append((owner, name, before))
        setattr(owner, name, value)

    def restore(self) -> None:
        """Put every attribute back to what it was, the last one first."""
        while self._before:
            owner, name, value = self._before.pop()
            setattr(owner, name, value)
