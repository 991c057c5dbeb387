"""The files besides its own that a model is made of, as Blender knows them once it has read the model."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import bpy

from synthmat.errors import AssetError
from synthmat.model_files.boundary import is_refused, refusal
from synthmat.model_files.texture_files import NAMED_IN_THE_OPEN, place_of, state_of

Linked = dict[str, dict[str, str]]
"""What `linked_files` says of each asset, by its name."""


def known_files() -> set[str]:
    """Return the absolute paths of all files that Blender now refers to: textures, libraries, caches, volumes."""
    return set(bpy.utils.blend_paths(absolute=True, packed=False, local=False))


def refuse_outside(model: Path, files: Iterable[Path]) -> None:
    """Raise AssetError if one of the files is there and none that the model may bring along; see `boundary`."""
    own = bpy.utils.resource_path("LOCAL")  # what a .blend file uses of Blender's own
    for file in sorted(files):
        if is_refused(file) and not file.is_relative_to(own):
            raise AssetError(refusal(model, file))


def linked_files(model: Path, before: set[str]) -> dict[str, str]:
    """Return the state of each file that came with ``model``, by its path from the model's folder; see `state_of`.

    To be called before textures are looked for elsewhere: a file that is missing is then among them by its stated
    path, and the model counts as changed once it is found. None for formats whose fingerprint covers these files.
    ``before`` are the `known_files` before the model was read.
    """
    if model.suffix.lower() in NAMED_IN_THE_OPEN:
        return {}
    own, folder = model.resolve(), model.resolve().parent
    names = {os.path.relpath(path, folder) for path in known_files() - before if Path(path) != own}
    return {name: state_of(place_of(name, model)) for name in sorted(names)}
