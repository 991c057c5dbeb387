"""The options of the commands as keyword arguments: ``render(recipe, workers=1)``. Each may be left out.

They have the names, meanings and defaults of the fields of the option records.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from synthmat.executor import Executor

if TYPE_CHECKING:
    from synthmat.choices import AlphaAs, Bits, CutoutAs, CutoutFormat, Mode, Split, TrimapFrom
    from synthmat.train.predict.clean import Cleaning


class RunKeywords(TypedDict, total=False):
    """Of the stages; see `synthmat.RunOptions`."""

    workers: int | None
    device: str
    shard: tuple[int, int] | None
    limit: int | None
    dry_run: bool
    strict: bool
    quiet: bool
    estimate: bool
    executor: Executor


class EvaluateKeywords(TypedDict, total=False):
    """Of `synthmat.evaluate`; see `synthmat.EvaluateOptions`."""

    layout: str
    split: Split | None
    presets: tuple[str, ...]
    trimap: TrimapFrom
    size: int | None
    mode: Mode
    backgrounds: str
    limit: int | None
    max_megapixels: float
    device: str
    quiet: bool


class PredictKeywords(TypedDict, total=False):
    """Of `synthmat.predict`; see `synthmat.PredictOptions`."""

    mode: Mode
    size: int | None
    bits: Bits
    foreground: bool
    format: CutoutFormat
    clean: Cleaning | None
    alpha_as: AlphaAs
    cutout_as: CutoutAs
    steady: bool
    batch: int
    captured_seconds: tuple[float, float] | None
    device: str
    limit: int | None
    max_megapixels: float
    strict: bool
    quiet: bool
