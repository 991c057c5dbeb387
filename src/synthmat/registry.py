"""What recipes choose by name: our own files, and what other installed packages add by entry points.

A choice is a module. Ours are the files of a folder, for example ``train/models/residual_unet.py``; a package of yours
adds its own by an entry point, which names a module. In its ``pyproject.toml``::

    [project]
    name = "my-matting"
    version = "1.0"
    dependencies = ["synthmat"]

    [project.entry-points."synthmat.models"]
    my_network = "my_matting.network"

    [project.entry-points."synthmat.losses"]
    my_loss = "my_matting.losses"

After ``pip install`` (``pip install -e .`` while you work on it) the names can be used in recipes, ``synthmat doctor``
and the JSON Schema of recipes list them, and ``synthmat recipe check`` knows them. What the module has to define:

===================== ======================== =========================================================================
Group                 In a recipe              Functions of the module
===================== ======================== =========================================================================
``synthmat.models``   ``train.model``          ``build(**options)``, which returns a
                                               `synthmat.train.prediction.MattingNetwork`; its keyword arguments, with
                                               annotations and defaults, are ``train.options``
                                               (see `synthmat.train.models`).
``synthmat.losses``   ``train.loss``           ``NAME_loss(prediction, batch)`` under the decorator
                                               `synthmat.train.losses.loss.loss`, which says what it needs.
``synthmat.layouts``  ``layout`` of a folder   ``read(root)`` and ``detect(root)``, ``export(samples, options)``, or all
                                               three (see `synthmat.layouts`).
``synthmat.builtins`` ``objects: [{builtin}]`` ``build(rng)``, which adds the object to Blender's empty scene and draws
                                               all that is random from ``rng``, a `numpy.random.Generator`.
``synthmat.baselines`` ``baseline:NAME``       ``predict(image, trimap, *, seed)`` (see `synthmat.train.baselines`).
===================== ======================== =========================================================================

A name consists of lower-case letters, digits and ``_`` and has to be free: one that two packages use, or a package and
synthmat, cannot be used until one of them is renamed or uninstalled. The first line of the module's docstring (of a
loss, its function's) describes it. Modules are found and described without being imported, so that reading a recipe
imports neither torch nor Blender; what is used is imported by the module's full name. Render workers import built-in
objects in processes of their own, which see the same packages.

The package's version is part of what a choice is: frames of a built-in object and trainings with a network or loss are
made again after an upgrade of the package. After a change of the code without a new version they are kept as they are.

A choice that cannot be used (its module is not there, it lacks the function, its name is taken) is an error only where
it is asked for, which names the package; ``synthmat doctor`` lists it too.
"""

from __future__ import annotations

import ast
import difflib
import importlib
import importlib.util
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.machinery import PathFinder
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from synthmat.errors import MissingDependencyError

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Choice:
    """One value that a recipe can name.

    ``about`` is one line; ``module`` is imported by `load`; ``functions`` are the names that it defines. ``package``
    and ``version`` are those of the installed package that adds it by an entry point, and empty for ours. ``fault``
    says why it cannot be used, if so.
    """

    name: str
    about: str
    module: str
    functions: frozenset[str] = frozenset()
    package: str = ""
    version: str = ""
    fault: str = ""

    @property
    def origin(self) -> str:
        """The package and its version, such as ``my-matting==1.0``; empty for ours."""
        return f"{self.package}=={self.version}" if self.package else ""

    def load(self) -> Any:
        """Import the module and return it.

        Raises:
            MissingDependencyError: The module of another package cannot be imported; the message names the package.
        """
        try:
            return importlib.import_module(self.module)
        except Exception as error:
            if not self.package:
                raise
            raise MissingDependencyError(
                f"{self.name}: the module {self.module} of the package {self.package} {self.version} cannot be "
                f"imported: {type(error).__name__}: {error}; install what it lacks, or another version of "
                f"{self.package}"
            ) from error


def folder_choices(package: str, folders: Iterable[str]) -> dict[str, Choice]:
    """Return a choice for each file in a package of ours with this ``__path__``; files that start with ``_`` are none.

    Nothing is imported.
    """
    files = sorted(path for folder in folders for path in Path(folder).glob("[a-z]*.py"))
    return {path.stem: _described(Choice(path.stem, "", f"{package}.{path.stem}"), path) for path in files}


class Registry:
    """All choices of one kind: ours, and those that installed packages add. Nothing is imported to list them.

    Args:
        group: The entry points' group, such as ``synthmat.models``.
        what: What a choice is called in messages, such as ``network``.
        ours: Returns our own choices.
        lacks: Returns what the module of a choice lacks, or an empty text.
        reserved: Further names that a package cannot use.
    """

    def __init__(
        self,
        group: str,
        what: str,
        ours: Callable[[], Mapping[str, Choice]],
        lacks: Callable[[Choice], str],
        *,
        reserved: Collection[str] = (),
    ) -> None:
        self.what = what
        self._group = group
        self._ours = ours
        self._lacks = lacks
        self._reserved = reserved

    @cached_property
    def choices(self) -> dict[str, Choice]:
        """Every choice by name, those with a fault included."""
        found = dict(self._ours())
        for entry in sorted(entry_points(group=self._group), key=lambda each: (each.name, each.value)):
            choice = _of_package(entry)
            fault = choice.fault
            if not fault and (lacks := self._lacks(choice)):
                fault = f"its module {choice.module} {lacks}"
            if entry.name in found or entry.name in self._reserved:
                other = found[entry.name].origin if entry.name in found else ""
                fault = f"{other or 'synthmat'} has the same name; rename it, or uninstall {choice.package}"
            entry_text = f"the entry point {self._group}: {entry.name} = {entry.value} of the package {choice.package} "
            fault = f"{entry_text}{choice.version} cannot be used: {fault}" if fault else ""
            found[entry.name] = replace(choice, fault=fault)
        return found

    def usable(self, function: str = "") -> dict[str, Choice]:
        """Return the choices without a fault, or those of them whose module defines a function."""
        return {
            name: each
            for name, each in self.choices.items()
            if not each.fault and (not function or function in each.functions)
        }

    def names(self) -> dict[str, str]:
        """Return the name and the description of every choice without a fault."""
        return {name: choice.about for name, choice in self.usable().items()}

    def check(self, name: str, function: str = "") -> Choice:
        """Return the choice called ``name``, whose module defines ``function`` if that is given.

        Raises:
            ValueError: There is none, or it cannot be used; the message says why, or names the nearest one.
        """
        if name in self.choices and self.choices[name].fault:
            raise ValueError(self.choices[name].fault)
        check_name(self.what, name, self.usable(function))
        return self.choices[name]


def lacks_function(name: str) -> Callable[[Choice], str]:
    """Return a check, for `Registry`, that a module defines the function ``name``; ``{}`` is the choice's name."""

    def lacks(choice: Choice) -> str:
        needed = name.format(choice.name)
        return "" if needed in choice.functions else f"defines no function {needed}"

    return lacks


def check_name(what: str, name: str, known: Collection[str]) -> None:
    """Raise ValueError, with the nearest name, unless ``name`` is known; ``what`` says what it should name."""
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"possible: {', '.join(known)}"
        raise ValueError(f"no {what} {name!r}; {hint}")


def _of_package(entry: EntryPoint) -> Choice:
    """Return what an entry point names, described by its source; ``fault`` says what is wrong with it."""
    package, version = (entry.dist.name, entry.dist.version) if entry.dist else ("?", "?")
    choice = Choice(entry.name, "", entry.value.strip(), package=package, version=version)
    if not _NAME.fullmatch(entry.name):
        return replace(choice, fault="a name has lower-case letters, digits and _ only, and starts with a letter")
    if entry.attr or entry.extras:
        return replace(choice, fault=f"it has to name a module alone, for example {entry.module}")
    file = _source(entry.module)
    if file is None:
        return replace(choice, fault=f"there is no module {entry.module} with Python source; reinstall {package}")
    try:
        return _described(choice, file)
    except (OSError, SyntaxError, ValueError) as error:
        return replace(choice, fault=f"{file} cannot be read: {error}; reinstall {package}")


def _described(choice: Choice, file: Path) -> Choice:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions, docs = set(), {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            functions.add(node.name)
            docs[node.name] = ast.get_docstring(node)
        elif isinstance(node, ast.ImportFrom):
            functions |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign):
            functions |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    about = docs.get(f"{choice.name}_loss") or ast.get_docstring(tree) or ""
    return replace(choice, about=about.partition("\n")[0], functions=frozenset(functions))


def _source(module: str) -> Path | None:
    """Return a module's source file, None if there is none; neither it nor its packages are imported."""
    first, *rest = module.split(".")
    spec = importlib.util.find_spec(first)
    name = first
    for part in rest:
        if spec is None or spec.submodule_search_locations is None:
            return None
        name = f"{name}.{part}"
        spec = PathFinder.find_spec(name, spec.submodule_search_locations)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    return Path(spec.origin)
