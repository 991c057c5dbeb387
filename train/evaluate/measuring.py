"""Every contestant on every image; what an earlier run measured is kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from synthmat.errors import AssetError, MissingDependencyError, SynthmatError
from synthmat.images.alpha import UInt8
from synthmat.layouts.item import Item
from synthmat.train.data.layout_source import LayoutSource
from synthmat.train.evaluate.cost import Cost, with_cost
from synthmat.train.evaluate.measured_file import Figures, MeasuredFile
from synthmat.train.evaluate.options import EvaluateOptions
from synthmat.train.evaluate.results import ImageResult, Results
from synthmat.train.evaluate.scores import FLICKER, Truth, scores_of, to_8_bit
from synthmat.train.evaluate.worst import Worst, draw_case
from synthmat.train.metrics import PRESETS, dtssd, trimap_from_alpha
from synthmat.train.predict.predictor import Matte, Predictor, shrunk

Views = dict[str, NDArray[Any]]


@dataclass
class Measuring:
    """The measuring of all contestants of ``results`` on the images of ``source``.

    What fails is added to the results' failures. ``cases`` get the images that went worst and those where the models
    are farthest apart.
    """

    source: LayoutSource
    results: Results
    options: EvaluateOptions
    device: torch.device
    cases: dict[str, Worst]
    file: MeasuredFile
    _before: dict[str, tuple[int, UInt8, UInt8]] = field(default_factory=dict)

    def images(self) -> Iterator[ImageResult]:
        """Yield the figures of each image of which there are any."""
        known: list[tuple[int, ImageResult]] = []
        for index, item in enumerate(self.source.items):
            before = self._known(item)
            missing = self.results.predictors.keys() - before.keys()
            self.results.measured_before += not missing
            found = before | (self._measured(index, item, before) if missing else {})
            if found:
                result = self._result(item, found)
                if before:
                    known.append((index, result))
                yield result
        self._offer_known(known)

    def _known(self, item: Item) -> dict[str, Figures]:
        found = {label: self.file.get(item.id, label) for label in self.results.predictors}
        return {label: figures for label, figures in found.items() if figures is not None}

    def _result(self, item: Item, found: Mapping[str, Figures]) -> ImageResult:
        labels = [label for label in self.results.predictors if label in found]
        one = found[labels[-1]]
        return ImageResult(
            item.id,
            item.split,
            item.group or item.id,
            one.width,
            one.height,
            one.regions,
            {label: found[label].scores for label in labels},
            {label: found[label].cost for label in labels},
        )

    def _measured(self, index: int, item: Item, known: Mapping[str, Figures]) -> dict[str, Figures]:
        """Measure an image with the contestants of which nothing is known."""
        try:
            views = self._views(index)
            truth = self._truth(views, item)
        except (SynthmatError, ValueError, MemoryError) as error:
            self._failed(item, "", error)
            return {}
        mattes: dict[str, Matte] = {}
        found: dict[str, Figures] = {}
        height, width = views["image"].shape[:2]
        for label, predictor in self.results.predictors.items():
            if label in known:
                continue
            try:
                matte, cost = self._predicted(predictor, views, truth, item)
                scores, regions = scores_of(matte, truth, self.options.presets)
                scores |= self._flicker(index, label, matte, truth)
            except MissingDependencyError:
                raise
            except (SynthmatError, ValueError, RuntimeError, MemoryError) as error:
                self._failed(item, label, error)
                continue
            mattes[label] = matte
            found[label] = Figures(scores, regions, width, height, cost)
            self.file.add(item.id, label, found[label])
        if mattes and not known:
            result = self._result(item, found)
            for kind, worst in self.cases.items():
                draw = partial(self._drawn, result, lambda: (views, mattes))
                worst.offer(self._severity(kind, result), result.id, draw)
        return found

    def _failed(self, item: Item, label: str, error: Exception) -> None:
        words = str(error).strip().partition("\n")[0]
        self.results.failures.append({"image": item.id, "model": label, "error": words})

    def _views(self, index: int) -> Views:
        views = self.source.pictures(index, 0)
        if self.options.trimap == "made":
            views = {kind: pixels for kind, pixels in views.items() if kind != "trimap"}
        return views if self.options.size is None else shrunk(views, self.options.size)

    def _truth(self, views: Views, item: Item) -> Truth:
        trimap, made = views.get("trimap"), ""
        wanted = any(PRESETS[preset].region == "unknown" for preset in self.options.presets) or any(
            "trimap" in predictor.inputs for predictor in self.results.predictors.values()
        )
        if trimap is None and wanted:
            if self.options.trimap == "file":
                raise AssetError(f"{item.id}: has no trimap, and --trimap file allows none to be made")
            trimap, made = trimap_from_alpha(views["alpha"])
        return Truth(views["alpha"], trimap, made, views.get("fg"))

    def _predicted(self, predictor: Predictor, views: Views, truth: Truth, item: Item) -> tuple[Matte, Cost]:
        given = {"image": views["image"]}
        for kind in predictor.inputs:
            picture = truth.trimap if kind == "trimap" else views.get(kind)
            if picture is None:
                raise AssetError(f"{item.id}: has no {kind.replace('_', ' ')}, which {predictor.name} needs")
            given[kind] = picture
        return with_cost(lambda: predictor(given), self.device)

    def _again(self, index: int, labels: Collection[str]) -> tuple[Views, dict[str, Matte]]:
        """Return the views of an image that was measured before, and what contestants predict of it."""
        item, views = self.source.items[index], self._views(index)
        truth = self._truth(views, item)
        predictors = self.results.predictors
        return views, {label: self._predicted(predictors[label], views, truth, item)[0] for label in labels}

    def _flicker(self, index: int, label: str, matte: Matte, truth: Truth) -> dict[str, float]:
        """Return how much the matte flickers against that of the frame before, if there is one that was measured."""
        item, shown = self.source.items[index], (to_8_bit(matte.alpha), to_8_bit(truth.alpha))
        if not item.clip:
            return {}
        last = self._before.get(label)
        self._before[label] = index, *shown
        if index == 0 or not _follows(item, self.source.items[index - 1]):
            return {}
        if last is None or last[0] != index - 1:
            if self.file.get(self.source.items[index - 1].id, label) is None:
                return {}
            views, mattes = self._again(index - 1, [label])
            last = index - 1, to_8_bit(mattes[label].alpha), to_8_bit(views["alpha"])
        return {FLICKER: dtssd([last[1], shown[0]], [last[2], shown[1]])}

    def _offer_known(self, known: Sequence[tuple[int, ImageResult]]) -> None:
        """Offer images of earlier runs to the cases, those that fit best first, so that few are predicted again."""
        for kind, worst in self.cases.items():
            rated = [(self._severity(kind, result), index, result) for index, result in known]
            rated = sorted((each for each in rated if math.isfinite(each[0])), key=lambda each: -each[0])
            for severity, index, result in rated[: worst.max_images]:
                worst.offer(
                    severity, result.id, partial(self._drawn, result, partial(self._again, index, result.scores))
                )

    def _drawn(self, result: ImageResult, pictures: Callable[[], tuple[Views, dict[str, Matte]]]) -> Image.Image:
        by = _by(self.options)
        views, mattes = pictures()
        predictions = {label: matte.alpha for label, matte in mattes.items()}
        note = ", ".join(f"{label} {scores[by]:.4g}" for label, scores in result.scores.items())
        return draw_case(views["image"], views["alpha"], predictions, result.id, f"{by}: {note}")

    def _severity(self, kind: str, result: ImageResult) -> float:
        """Return how bad an image is, or how far apart the models are on it; not a number if that cannot be said."""
        errors = [scores[_by(self.options)] for scores in result.scores.values()]
        if kind == "worst":
            return float(np.mean(errors))
        return max(errors) - min(errors) if len(errors) > 1 and all(map(math.isfinite, errors)) else math.nan


def _by(options: EvaluateOptions) -> str:
    """Return the figure by which images are called bad."""
    return f"{options.presets[0]}.mad"


def _follows(item: Item, before: Item) -> bool:
    return bool(item.clip) and item.clip == before.clip and item.frame == before.frame + 1
