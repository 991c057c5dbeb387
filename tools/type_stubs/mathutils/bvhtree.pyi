"""Blender gives this module no types: all of it is Any, for editors and type checkers without stubs of their own."""

from typing import Any

def __getattr__(name: str) -> Any: ...
