"""Whether a row read from disk is what its type says: the code behind it may then use the columns without a doubt."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from functools import cache
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from synthmat.storage.inside import INSIDE, is_inside

Check = Callable[[object], bool]


def fault_of(row: Mapping[str, object], row_type: type) -> str:
    """Return what keeps ``row`` from being of a TypedDict's type, empty if nothing does; other columns do not matter.

    Values are checked to any depth: ``str``, ``int``, ``float`` (an int too), ``bool``, ``None``, lists, mappings,
    unions, literals, other TypedDicts and `InsidePath`.
    """
    for column, (required, check) in _columns(row_type).items():
        if column not in row:
            if required:
                return f"it has no {column}"
        elif not check(row[column]):
            return f"its {column} is {_short(row[column])}"
    return ""


@cache
def _columns(row_type: type) -> dict[str, tuple[bool, Check]]:
    """Return for each column whether it must be there, and the test of its value."""
    required: frozenset[str] = getattr(row_type, "__required_keys__", frozenset())
    # Of annotations that are text, as with `from __future__ import annotations`, the class itself sees no NotRequired.
    hints = get_type_hints(row_type, include_extras=True)
    return {
        name: (name in required and get_origin(hint) is not NotRequired, _check(hint)) for name, hint in hints.items()
    }


def _check(hint: Any) -> Check:
    """Return the test of one type."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Any or hint is object:
        return lambda _value: True
    if origin in (Required, NotRequired):
        return _check(arguments[0])
    if is_typeddict(hint):
        return lambda value: isinstance(value, dict) and not fault_of(value, hint)
    if origin in (Union, types.UnionType):
        several = [_check(argument) for argument in arguments]
        return lambda value: any(check(value) for check in several)
    if origin is Literal:
        return lambda value: value in arguments
    if origin is list:
        item = _check(arguments[0])
        return lambda value: isinstance(value, list) and all(map(item, value))
    if origin in (dict, Mapping):
        key, item = map(_check, arguments)
        return lambda value: isinstance(value, dict) and all(map(key, value)) and all(map(item, value.values()))
    if origin is Annotated and INSIDE in arguments:
        return lambda value: isinstance(value, str) and is_inside(value)
    return _plain(hint)


def _plain(hint: Any) -> Check:
    if hint is None or hint is types.NoneType:
        return lambda value: value is None
    if hint is int:
        return lambda value: isinstance(value, int) and not isinstance(value, bool)
    if hint is float:
        return lambda value: isinstance(value, int | float) and not isinstance(value, bool)
    return lambda value: isinstance(value, hint)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}..."
