"""The words that options take where only a few are possible; here so that `--help` needs none of what obeys them."""

from __future__ import annotations

from typing import Literal

Device = Literal["auto", "cpu", "gpu", "cuda", "optix", "hip", "metal", "oneapi"]
"""Where to compute; ``gpu`` is whichever kind of GPU is there."""

Mode = Literal["auto", "resize", "tile", "whole"]
"""How a network sees a large picture; see `synthmat.train.predict.predictor.NetworkPredictor`."""

TrimapFrom = Literal["auto", "made", "file"]
"""Which trimap an evaluation measures by; see `synthmat.train.evaluate.options.EvaluateOptions`."""

Split = Literal["train", "val", "test", "all"]
"""Which part of a data set is meant."""

CutoutFormat = Literal["png", "webp"]
"""File format of a cut-out."""

Bits = Literal[8, 16]
"""Bits of an alpha PNG."""

AlphaAs = Literal["video", "frames"]
"""How alpha of a clip is written."""

CutoutAs = Literal["prores", "vp9"]
"""How the cut-out of a clip is encoded."""
