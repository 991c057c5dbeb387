"""Numbers in a recipe: a plain value, or a small tagged distribution that the planner draws from."""

from __future__ import annotations

import math
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from synthmat.strict_model import Section

_Pair = Annotated[list[float], Field(min_length=2, max_length=2)]


class Uniform(Section):
    """Evenly distributed between two bounds: ``{uniform: [low, high]}``."""

    uniform: _Pair = Field(description="Lower and upper bound.")

    @model_validator(mode="after")
    def _ordered(self) -> Uniform:
        if self.uniform[0] > self.uniform[1]:
            raise ValueError(f"the lower bound {self.uniform[0]} is above the upper bound {self.uniform[1]}")
        return self


class LogUniform(Section):
    """Evenly distributed in the logarithm: ``{log_uniform: [low, high]}``, both above 0."""

    log_uniform: _Pair = Field(description="Lower and upper bound, above 0.")

    @model_validator(mode="after")
    def _ordered(self) -> LogUniform:
        if not 0 < self.log_uniform[0] <= self.log_uniform[1]:
            raise ValueError("log_uniform needs 0 < low <= high")
        return self


class Normal(Section):
    """Normally distributed: ``{normal: [mean, standard deviation]}``."""

    normal: _Pair = Field(description="Mean and standard deviation.")

    @model_validator(mode="after")
    def _positive(self) -> Normal:
        if self.normal[1] < 0:
            raise ValueError(f"the standard deviation {self.normal[1]} is negative")
        return self


class Choice(Section):
    """One of several values, each as likely: ``{choice: [a, b, c]}``."""

    choice: list[float] = Field(min_length=1, description="The values to choose from.")


def _tag(value: Any) -> str:
    if isinstance(value, dict):
        return next((str(key) for key in value), "uniform")
    if isinstance(value, Section):
        return next(iter(type(value).model_fields))
    return "number"


Number = Annotated[
    Annotated[float, Tag("number")]
    | Annotated[Uniform, Tag("uniform")]
    | Annotated[LogUniform, Tag("log_uniform")]
    | Annotated[Normal, Tag("normal")]
    | Annotated[Choice, Tag("choice")],
    Discriminator(
        _tag,
        custom_error_type="distribution",
        custom_error_message="use a number, or one of {uniform: [low, high]}, {log_uniform: [low, high]}, "
        "{normal: [mean, sd]}, {choice: [...]}",
    ),
]
"""A recipe value that may be drawn: a plain number or a distribution."""


def within(low: float, high: float) -> AfterValidator:
    """Return a check that a `Number` stays in [low, high]; the tails of a normal distribution are cut by `draw`."""

    def check(number: Any) -> Any:
        least, most = bounds(number)
        if math.isfinite(least) and not low <= least <= most <= high:
            value = f"{least:g}" if least == most else f"{least:g} to {most:g}"
            raise ValueError(f"{value} is outside {low:g} to {high:g}")
        return number

    return AfterValidator(check)


def draw(number: Number, rng: np.random.Generator, low: float = -math.inf, high: float = math.inf) -> float:
    """Draw one value of ``number`` with ``rng``, cut to [low, high]; a plain number is returned as it is."""
    return min(max(_draw(number, rng), low), high)


def _draw(number: Number, rng: np.random.Generator) -> float:
    match number:
        case Uniform(uniform=[low, high]):
            return float(rng.uniform(low, high))
        case LogUniform(log_uniform=[low, high]):
            return float(math.exp(rng.uniform(math.log(low), math.log(high))))
        case Normal(normal=[mean, deviation]):
            return float(rng.normal(mean, deviation))
        case Choice(choice=values):
            return float(values[int(rng.integers(len(values)))])
        case int() | float():
            return float(number)
    raise TypeError(f"not a recipe number: {number!r}")


def bounds(number: Number) -> tuple[float, float]:
    """Return the smallest and largest value that ``number`` can take (infinite for a normal distribution)."""
    match number:
        case Uniform(uniform=[low, high]) | LogUniform(log_uniform=[low, high]):
            return low, high
        case Normal(normal=[mean, deviation]):
            return (mean, mean) if deviation == 0 else (-math.inf, math.inf)
        case Choice(choice=values):
            return min(values), max(values)
        case int() | float():
            return float(number), float(number)
    raise TypeError(f"not a recipe number: {number!r}")
