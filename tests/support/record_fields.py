"""Every field of a record and of all that it holds, and the record again with one of them changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

Place = tuple[str | int, ...]
"""The way from a record to a value: names of fields and indices of tuples."""


def fields_of(record: Any, place: Place = ()) -> Iterator[tuple[str, Place, Any]]:
    """Give ``Class.field``, its place and its value for each field that holds no further record.

    Raises:
        AssertionError: A field is None or an empty tuple, so that what it may hold would go untried.
    """
    for field in dataclasses.fields(record):
        name, value = f"{type(record).__name__}.{field.name}", getattr(record, field.name)
        assert value is not None, f"{name}: give the record of this test a value there"
        assert value != (), f"{name}: give the record of this test something in there"
        yield from _inside(name, (*place, field.name), value)


def _inside(name: str, place: Place, value: Any) -> Iterator[tuple[str, Place, Any]]:
    if dataclasses.is_dataclass(value):
        yield from fields_of(value, place)
    elif isinstance(value, tuple):
        for index, each in enumerate(value):
            yield from _inside(name, (*place, index), each)
    else:
        yield name, place, value


def containers_of(record: Any, place: Place = ()) -> Iterator[tuple[str, Place, Any]]:
    """Give ``Class.field``, its place and its value for each record and tuple that is held."""
    for field in dataclasses.fields(record):
        value, its = getattr(record, field.name), (*place, field.name)
        held = value if isinstance(value, tuple) else (value,)
        if isinstance(value, tuple) or dataclasses.is_dataclass(value):
            yield f"{type(record).__name__}.{field.name}", its, value
        for index, each in enumerate(held):
            if dataclasses.is_dataclass(each):
                yield from containers_of(each, (*its, index) if isinstance(value, tuple) else its)


def other(value: Any) -> Any:
    """Return another value of the same type.

    Raises:
        TypeError: There is no rule for its type.
    """
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        return f"{value}x"
    raise TypeError(f"no rule for another {type(value).__name__}")


def replaced(record: Any, place: Place, value: Any) -> Any:
    """Return a copy of a record, or a tuple, with another value at a place."""
    if not place:
        return value
    first, *rest = place
    if isinstance(record, tuple):
        assert isinstance(first, int)
        return (*record[:first], replaced(record[first], tuple(rest), value), *record[first + 1 :])
    assert isinstance(first, str)
    return dataclasses.replace(record, **{first: replaced(getattr(record, first), tuple(rest), value)})
