"""Blender's importer of glTF, of which no more than this is used."""

from typing import Any

def __getattr__(name: str) -> Any: ...
