"""YAML with YAML 1.2's idea of numbers and words, and with the line and column of every value.

PyYAML reads YAML 1.1, where ``no`` is false, ``010`` is eight, ``12:30`` is 750 and ``1e-4`` is a string. Only the
composer of PyYAML is used here; scalars are read by the core schema of YAML 1.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

Path = tuple[str | int, ...]

_INT = re.compile(r"[-+]?[0-9]{1,4000}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, bool | None] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True) | dict.fromkeys(("false", "False", "FALSE"), False)
_OLD_BOOLEANS = re.compile(r"(?i:yes|no|on|off|y|n)")
_MOST_NODES = 100_000


@dataclass(frozen=True)
class Mark:
    """A place in the source, counted from 1."""

    line: int
    column: int


@dataclass
class Source:
    """A YAML document: its data, where each value and key stands, and the faults found on the way.

    ``values`` and ``keys`` map a path such as ``("render", "views", 0)`` to the place of the value and of its key.
    """

    data: Any = None
    values: dict[Path, Mark] = field(default_factory=dict)
    keys: dict[Path, Mark] = field(default_factory=dict)
    faults: list[tuple[Mark, Path, str]] = field(default_factory=list)
    old_booleans: dict[Path, str] = field(default_factory=dict)

    def mark_of(self, path: Path) -> Mark:
        """Return the place of ``path``, or of the nearest part of it that the document has.

        Data that were not read from a text have no places: line and column are 0.
        """
        if not self.values:
            return Mark(0, 0)
        while path and path not in self.values:
            path = path[:-1]
        return self.keys.get(path) or self.values.get(path) or Mark(1, 1)


def scalar(text: str) -> Any:
    """Return what the plain scalar ``text`` means in the core schema of YAML 1.2; ``010`` is ten, ``no`` a string.

    A number of thousands of digits is infinite, as a floating-point number that is too large.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def read_yaml(text: str) -> Source:
    """Read one YAML document; syntax errors and repeated keys end up in ``faults``, never as exceptions."""
    source = Source()
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Mark(mark.line + 1, mark.column + 1) if mark else Mark(1, 1)
        source.faults.append((place, (), " ".join(filter(None, (error.context, error.problem)))))
        return source
    except (yaml.YAMLError, RecursionError) as error:
        source.faults.append((Mark(1, 1), (), f"not a YAML text: {error}"))
        return source
    if node is not None:
        source.data = _construct(node, (), source, budget=iter(range(_MOST_NODES)), parents=())
    return source


def _construct(
    node: yaml.Node, path: Path, source: Source, budget: Iterator[int], parents: tuple[yaml.Node, ...]
) -> Any:
    place = Mark(node.start_mark.line + 1, node.start_mark.column + 1)
    source.values[path] = place
    if next(budget, None) is None or node in parents:
        source.faults.append((place, path, "too many values: an alias repeats itself"))
        return None
    parents = (*parents, node)
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key_place = Mark(key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if not isinstance(key_node, yaml.ScalarNode):
                source.faults.append((key_place, path, "a key must be a word"))
                continue
            key = key_node.value
            if key in mapping:
                first = source.keys[(*path, key)]
                source.faults.append((key_place, (*path, key), f"duplicate key (first defined on line {first.line})"))
                continue
            source.keys[(*path, key)] = key_place
            mapping[key] = _construct(value_node, (*path, key), source, budget, parents)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_construct(item, (*path, i), source, budget, parents) for i, item in enumerate(node.value)]
    if not isinstance(node, yaml.ScalarNode) or node.style is not None:
        return node.value
    if _OLD_BOOLEANS.fullmatch(node.value):
        source.old_booleans[path] = node.value
    return scalar(node.value)
