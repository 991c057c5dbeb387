"""The command: every contestant on every image of a data set, then tables, pictures and a page."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from synthmat.atomic import write_text
from synthmat.errors import AssetError, MissingDependencyError, SynthmatError
from synthmat.layout import SPLITS
from synthmat.layouts import detect, read_layout
from synthmat.layouts.item import Item
from synthmat.photos import Photo, list_photos
from synthmat.progress import Progress
from synthmat.run_lock import run_lock
from synthmat.train.device import pick_device
from synthmat.train.evaluate.cost import Cost, with_cost
from synthmat.train.evaluate.page import write_report
from synthmat.train.evaluate.results import ImageResult, Results
from synthmat.train.evaluate.scores import FLICKER, Truth, scores_of, to_8_bit
from synthmat.train.evaluate.worst import Worst, draw_case
from synthmat.train.layout_source import LayoutSource, usable
from synthmat.train.metrics import PRESETS, check_preset, dtssd, trimap_from_alpha
from synthmat.train.predict.predictor import BASELINE, MODES, Matte, Predictor, open_predictor, shrunk

TRIMAPS = ("auto", "made", "file")

_WORST, _APART = 8, 4


@dataclass(frozen=True)
class EvaluateOptions:
    """What is measured of what.

    ``layout`` and ``split`` choose the images: ``split`` None is ``test`` if there is one, else ``val``, else all.
    ``presets`` are of `synthmat.train.metrics.PRESETS`. ``trimap``: ``file`` takes the data set's, ``made`` one made
    from the true alpha, ``auto`` the latter where there is none. ``size`` shrinks everything to this longer side before
    anything else; None measures at each image's own resolution. ``mode`` is that of `NetworkPredictor`.
    ``backgrounds`` are put behind cut-outs without an image, as in a recipe. ``limit`` images are spread evenly.
    """

    layout: str = "auto"
    split: str | None = None
    presets: tuple[str, ...] = ("dim",)
    trimap: str = "auto"
    size: int | None = None
    mode: str = "auto"
    backgrounds: str = "builtin"
    limit: int | None = None
    device: str = "auto"
    quiet: bool = False

    def __post_init__(self) -> None:
        try:
            for preset in self.presets:
                check_preset(preset)
        except ValueError as error:
            raise AssetError(f"--preset: {error}") from None
        for what, value, known in (("trimap", self.trimap, TRIMAPS), ("mode", self.mode, MODES)):
            if value not in known:
                raise AssetError(f"--{what} {value}: there are {', '.join(known)}")


@dataclass(frozen=True)
class Evaluated:
    """What an evaluation found: a table as text, the files written, and everything as `Results`."""

    results: Results
    text: str
    files: list[Path] = field(default_factory=list)

    @property
    def failures(self) -> list[dict[str, str]]:
        """The images that could not be measured, and why."""
        return self.results.failures

    @property
    def interrupted(self) -> bool:
        """Whether it was stopped before the last image."""
        return self.results.interrupted


def evaluate(contestants: Sequence[str], data: Path, out: Path, options: EvaluateOptions | None = None) -> Evaluated:
    """Measure every contestant on every image of a data set; write ``index.html``, ``evaluation.json`` and pictures.

    An image that cannot be read is named and left out. An interruption ends the measuring; what was measured until
    then is reported.

    Args:
        contestants: See `synthmat.train.predict.predictor.open_predictor`; ``LABEL=...`` gives one a name.
        data: Folder of a data set in a layout of `synthmat.layouts`.
        out: Folder for the results.
        options: See `EvaluateOptions`.

    Raises:
        AssetError: The data set or a contestant is not there, or lacks what the contestants need.
        OutputError: A checkpoint or the output folder cannot be used.
        MissingDependencyError: A baseline needs a package that is not installed.
    """
    options = options or EvaluateOptions()
    device = pick_device(options.device)
    predictors = _opened(contestants, device, options.mode)
    try:
        layout = detect(data) if options.layout == "auto" else options.layout
        items, split = _chosen(read_layout(data, layout), options)
    except ValueError as error:
        raise AssetError(str(error)) from None
    source = _source(items, data, predictors, options)
    results = Results(
        data=str(data), layout=layout, split=split, size=options.size, presets=list(options.presets),
        device=str(device), digest=source.digest, images_in_all=len(source), predictors=predictors,
    )  # fmt: skip
    cases = {"worst": Worst(_WORST), "apart": Worst(_APART)}
    with run_lock(out):
        try:
            with Progress("evaluate", len(source), unit="images", quiet=options.quiet) as progress:
                for found in _measured(source, results, options, device, cases):
                    results.images.append(found)
                    progress.advance_to(len(results.images) + len({row["image"] for row in results.failures}))
        except KeyboardInterrupt:
            results.interrupted = True
        if not results.images and not results.interrupted:
            first = results.failures[0]["error"] if results.failures else "there are no images"
            raise AssetError(f"{data}: none of {len(source)} images could be measured; the first: {first}")
        write_text(out / "evaluation.json", json.dumps(results.as_json(), indent=1, ensure_ascii=False) + "\n")
        pages = write_report(results, cases, out)
    return Evaluated(results, results.text(), [out / "evaluation.json", *pages])


def _opened(contestants: Sequence[str], device: torch.device, mode: str) -> dict[str, Predictor]:
    """Return the predictors by label: the one given, or as little of the path as tells them apart."""
    found: dict[str, Predictor] = {}
    plain: list[tuple[str, Predictor]] = []
    for text in contestants:
        label, equals, rest = text.partition("=")
        named = bool(equals) and bool(label) and not Path(text).exists()
        predictor = open_predictor(rest if named else text, device, mode)
        plain.append((label if named else "", predictor))
    shorts = _short_names([predictor.name for label, predictor in plain if not label])
    for label, predictor in plain:
        name = label or shorts[predictor.name]
        if name in found:
            raise AssetError(f"{name} stands there twice; give one another name with LABEL=...")
        found[name] = predictor
    return found


def _short_names(names: Sequence[str]) -> dict[str, str]:
    """Return for each path the last parts that tell it from the others, without a trailing ``training/best.pt``."""
    parts = {
        name: (name.removeprefix(BASELINE),) if name.startswith(BASELINE) else _telling(Path(name)) for name in names
    }
    for count in range(1, max((len(each) for each in parts.values()), default=0) + 1):
        short = {name: "/".join(parts[name][-count:]) for name in parts}
        if len(set(short.values())) == len(parts):
            return short
    return {name: name for name in names}


def _telling(path: Path) -> tuple[str, ...]:
    parts = list(path.absolute().with_suffix("").parts[1:])
    for usual in ("best", "training"):
        if len(parts) > 1 and parts[-1] == usual:
            parts.pop()
    return tuple(parts)


def _chosen(items: Sequence[Item], options: EvaluateOptions) -> tuple[list[Item], str]:
    """Return the images to measure, clips in order, and the split's name."""
    splits = {item.split for item in items}
    split = options.split or next((name for name in ("test", "val") if name in splits), "all")
    if split not in (*SPLITS, "all"):
        raise AssetError(f"--split {split}: there are {', '.join(SPLITS)} and all")
    chosen = usable([item for item in items if split in ("all", item.split)])
    if not chosen:
        there = ", ".join(sorted(name for name in splits if name)) or "none"
        raise AssetError(f"no images with a matte in the split {split}; the data set's splits: {there}")
    chosen.sort(key=lambda item: (item.split, item.clip, item.frame if item.clip else 0))
    if options.limit is not None and options.limit < len(chosen):
        places = np.linspace(0, len(chosen) - 1, options.limit).round().astype(int)
        chosen = [chosen[place] for place in places]
    return chosen, split


def _source(items: list[Item], data: Path, predictors: dict[str, Predictor], options: EvaluateOptions) -> LayoutSource:
    kinds = {"trimap", "fg"} | {kind for predictor in predictors.values() for kind in predictor.inputs}
    photos: list[Photo] = []
    if any(item.image is None for item in items):
        photos, _ = list_photos(options.backgrounds, Path.cwd(), place="--backgrounds")
    return LayoutSource(items, sorted(kinds), None, name=data.name, photos=photos, most_bytes=0)


def _measured(
    source: LayoutSource, results: Results, options: EvaluateOptions, device: torch.device, cases: dict[str, Worst]
) -> Iterator[ImageResult]:
    """Yield the figures of each image; what fails is added to the results' failures."""
    before: dict[str, tuple[Item, NDArray[np.uint8], NDArray[np.uint8]]] = {}
    for index, item in enumerate(source.items):
        try:
            views = _views(source, index, options)
            truth = _truth(views, item, results, options)
        except (SynthmatError, ValueError, MemoryError) as error:
            results.failures.append({"image": item.id, "model": "", "error": str(error).partition("\n")[0]})
            continue
        mattes: dict[str, Matte] = {}
        found = ImageResult(
            item.id, item.split, item.group or item.id, views["image"].shape[1], views["image"].shape[0], {}, {}, {}
        )
        for label, predictor in results.predictors.items():
            try:
                matte, cost = _predicted(predictor, views, truth, item, device)
                scores, found.regions = scores_of(matte, truth, options.presets)
            except MissingDependencyError:
                raise
            except (SynthmatError, ValueError, RuntimeError, MemoryError) as error:
                words = str(error).strip().partition("\n")[0]
                results.failures.append({"image": item.id, "model": label, "error": words})
                continue
            mattes[label] = matte
            shown = to_8_bit(matte.alpha), to_8_bit(truth.alpha)
            if (last := before.get(label)) is not None and _follows(item, last[0]):
                scores[FLICKER] = dtssd([last[1], shown[0]], [last[2], shown[1]])
            if item.clip:
                before[label] = item, *shown
            found.scores[label], found.costs[label] = scores, cost
        if mattes:
            _keep(cases, found, views, mattes, f"{options.presets[0]}.mad")
            yield found


def _views(source: LayoutSource, index: int, options: EvaluateOptions) -> dict[str, NDArray[Any]]:
    views = source.pictures(index, 0)
    if options.trimap == "made":
        views = {kind: pixels for kind, pixels in views.items() if kind != "trimap"}
    return views if options.size is None else shrunk(views, options.size)


def _truth(views: dict[str, NDArray[Any]], item: Item, results: Results, options: EvaluateOptions) -> Truth:
    trimap, made = views.get("trimap"), ""
    wanted = any(PRESETS[preset].region == "unknown" for preset in options.presets) or any(
        "trimap" in predictor.inputs for predictor in results.predictors.values()
    )
    if trimap is None and wanted:
        if options.trimap == "file":
            raise AssetError(f"{item.id}: has no trimap, and --trimap file allows none to be made")
        trimap, made = trimap_from_alpha(views["alpha"])
    return Truth(views["alpha"], trimap, made, views.get("fg"))


def _predicted(
    predictor: Predictor, views: dict[str, NDArray[Any]], truth: Truth, item: Item, device: torch.device
) -> tuple[Matte, Cost]:
    given = {"image": views["image"]}
    for kind in predictor.inputs:
        picture = truth.trimap if kind == "trimap" else views.get(kind)
        if picture is None:
            raise AssetError(f"{item.id}: has no {kind.replace('_', ' ')}, which {predictor.name} needs")
        given[kind] = picture
    return with_cost(lambda: predictor(given), device)


def _follows(item: Item, before: Item) -> bool:
    return bool(item.clip) and item.clip == before.clip and item.frame == before.frame + 1


def _keep(
    cases: dict[str, Worst], found: ImageResult, views: dict[str, NDArray[Any]], mattes: dict[str, Matte], by: str
) -> None:
    """Offer an image to the worst ones, and to those where the models are farthest apart."""
    errors = {label: scores[by] for label, scores in found.scores.items()}
    note = ", ".join(f"{label} {error:.4g}" for label, error in errors.items())

    def draw() -> Any:
        predictions = {label: matte.alpha for label, matte in mattes.items()}
        return draw_case(views["image"], views["alpha"], predictions, found.id, f"{by}: {note}")

    values = list(errors.values())
    cases["worst"].offer(float(np.mean(values)), found.id, draw)
    if len(values) > 1 and all(map(math.isfinite, values)):
        cases["apart"].offer(max(values) - min(values), found.id, draw)
