"""What an evaluation found, as numbers, as JSON and as a table of text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from synthmat.train.evaluate.bootstrap import Difference, paired_difference
from synthmat.train.evaluate.cost import Cost
from synthmat.train.evaluate.scores import summary_of, title_of
from synthmat.train.metrics import PRESETS
from synthmat.train.predict.predictor import Predictor


@dataclass
class ImageResult:
    """The figures of one image: scores and costs by contestant, regions by preset."""

    id: str
    split: str
    group: str
    width: int
    height: int
    regions: dict[str, str]
    scores: dict[str, dict[str, float]]
    costs: dict[str, Cost]


@dataclass
class Results:
    """Everything that was measured; ``predictors`` are the contestants by label.

    ``measured_before`` counts the images of which an earlier run found everything.
    """

    data: str
    layout: str
    split: str
    size: int | None
    presets: list[str]
    device: str
    digest: str
    images_in_all: int
    predictors: dict[str, Predictor]
    images: list[ImageResult] = field(default_factory=list)
    failures: list[dict[str, str]] = field(default_factory=list)
    interrupted: bool = False
    measured_before: int = 0

    @property
    def resolution(self) -> str:
        """At what size was measured, in words."""
        return "each image's own" if self.size is None else f"longer side {self.size} pixels"

    def summary(self, label: str) -> dict[str, dict[str, float | int | None]]:
        """Return mean, median and counts of each figure of a contestant."""
        return summary_of([image.scores[label] for image in self.images if label in image.scores])

    def milliseconds(self, label: str) -> float | None:
        """Return the median time of a prediction."""
        seconds = [image.costs[label].seconds for image in self.images if label in image.costs]
        return 1000 * float(np.median(seconds)) if seconds else None

    def peak_megabytes(self, label: str) -> float | None:
        """Return the most memory that a prediction took."""
        peaks = [
            peak
            for image in self.images
            if label in image.costs and (peak := image.costs[label].peak_bytes) is not None
        ]
        return max(peaks) / 1e6 if peaks else None

    def figures(self) -> list[str]:
        """Return the names of all figures that any contestant has."""
        return list(dict.fromkeys(name for i in self.images for scores in i.scores.values() for name in scores))

    def regions(self) -> dict[str, list[str]]:
        """Return the regions that were measured by preset: several if only some images had a trimap."""
        found: dict[str, list[str]] = {}
        for image in self.images:
            for preset, region in image.regions.items():
                if region not in found.setdefault(preset, []):
                    found[preset].append(region)
        return found

    def comparisons(self) -> list[tuple[str, str, dict[str, Difference]]]:
        """Return each pair of contestants and the differences of their figures on the images that both have."""
        result = []
        for first, second in combinations(self.predictors, 2):
            both = [image for image in self.images if first in image.scores and second in image.scores]
            groups = [image.group for image in both]
            differences = {}
            for name in self.figures():
                one, other = ([image.scores[each].get(name, math.nan) for image in both] for each in (first, second))
                difference = paired_difference(one, other, groups)
                if difference is not None:
                    differences[name] = difference
            result.append((first, second, differences))
        return result

    def as_json(self) -> dict[str, Any]:
        """Return everything as JSON; what is not a number is null."""
        regions = self.regions()
        return {
            "data": self.data,
            "layout": self.layout,
            "split": self.split,
            "data_digest": self.digest,
            "images_in_all": self.images_in_all,
            "images_measured_before": self.measured_before,
            "interrupted": self.interrupted,
            "resolution": self.resolution,
            "device": self.device,
            "presets": {
                name: {
                    "description": PRESETS[name].description,
                    "regions": regions.get(name, []),
                    "units": dict(PRESETS[name].units),
                }
                for name in self.presets
            },
            "models": {
                label: {
                    "path": predictor.name,
                    "how": predictor.how,
                    "parameters": predictor.parameters,
                    "milliseconds_median": self.milliseconds(label),
                    "peak_megabytes": self.peak_megabytes(label),
                    "figures": self.summary(label),
                }
                for label, predictor in self.predictors.items()
            },
            "comparisons": [
                {
                    "first": first,
                    "second": second,
                    "second_minus_first": {
                        name: {**asdict(found), "certain": found.certain} for name, found in differences.items()
                    },
                }
                for first, second, differences in self.comparisons()
            ],
            "images": [
                {
                    "id": image.id,
                    "split": image.split,
                    "group": image.group,
                    "width": image.width,
                    "height": image.height,
                    "regions": image.regions,
                    "scores": {label: _finite(scores) for label, scores in image.scores.items()},
                    "milliseconds": {label: 1000 * cost.seconds for label, cost in image.costs.items()},
                }
                for image in self.images
            ],
            "failures": self.failures,
        }

    def text(self) -> str:
        """Return mean figures, speed and memory as a table for the terminal."""
        names = [name for name in self.figures() if name not in ("dice_mask", "dice_2018")]
        head = ["mean of", *map(title_of, names), "ms", "MB"]
        rows = [head]
        for label in self.predictors:
            found = self.summary(label)
            means = [number(found[name]["mean"] if name in found else None) for name in names]
            rows.append([label, *means, number(self.milliseconds(label)), number(self.peak_megabytes(label))])
        lines = [
            f"{len(self.images)} of {self.images_in_all} images of {self.data} ({self.layout}, {self.split}); "
            f"resolution: {self.resolution}"
        ]
        lines += [
            f"preset {preset}: {PRESETS[preset].description}; region: {'; '.join(found)}"
            for preset, found in self.regions().items()
        ]
        lines += [f"{label}: {predictor.how}" for label, predictor in self.predictors.items()]
        lines += aligned(rows)
        lines += [f"left out of {label}'s {title_of(name)}: {count} images without such a region"
                  for label in self.predictors for name, found in self.summary(label).items()
                  if (count := found["left_out"])]  # fmt: skip
        if self.measured_before:
            lines.append(
                f"{self.measured_before} images were measured by an earlier run; delete measured.jsonl to repeat them"
            )
        if self.interrupted:
            lines.append(f"interrupted: {len(self.images)} of {self.images_in_all} images were measured")
        lines += [f"failed: {row['image']} {row['model']}: {row['error']}" for row in self.failures[:10]]
        if len(self.failures) > 10:
            lines.append(f"and {len(self.failures) - 10} more failures, see evaluation.json")
        return "\n".join(lines)


def number(value: float | int | None) -> str:
    """Return a figure with four digits that count, empty for none."""
    if value is None or not math.isfinite(value):
        return ""
    if value == 0 or isinstance(value, int):
        return str(int(value))
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}" if abs(value) >= 1e-3 else f"{value:.2e}"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows of words as lines, columns below each other, the first to the left."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            [row[0].ljust(widths[0]), *(word.rjust(width) for word, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    ]


def _finite(scores: dict[str, float]) -> dict[str, float | None]:
    return {name: value if math.isfinite(value) else None for name, value in scores.items()}
