"""The command: every contestant on every image of a data set, then tables, pictures and a page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from synthmat.errors import AssetError
from synthmat.layouts import detect, read_layout
from synthmat.layouts.item import Item
from synthmat.layouts.mask_check import check_mattes
from synthmat.photos import Photo, list_photos
from synthmat.progress import Progress
from synthmat.storage.atomic import write_text
from synthmat.storage.output_folder import SPLITS
from synthmat.storage.run_lock import run_lock
from synthmat.train.data.layout_source import LayoutSource, usable
from synthmat.train.engine.device import pick_device
from synthmat.train.evaluate.measured_file import MeasuredFile
from synthmat.train.evaluate.measuring import Measuring
from synthmat.train.evaluate.options import EvaluateOptions
from synthmat.train.evaluate.page import write_report
from synthmat.train.evaluate.results import Results
from synthmat.train.evaluate.worst import Worst
from synthmat.train.predict.predictor import BASELINE, Predictor, open_predictor

_WORST, _APART = 8, 4


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
    then is reported. ``measured.jsonl`` keeps the figures of each image as they are made: a re-run resumes
    from them, also with a further contestant.

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
        keys = {label: predictor.key for label, predictor in predictors.items()}
        file = MeasuredFile(out, f"{source.name} {source.digest}", options, str(device), keys)
        measuring = Measuring(source, results, options, device, cases, file)
        try:
            with Progress("evaluate", len(source), unit="images", quiet=options.quiet) as progress:
                for found in measuring.images():
                    results.images.append(found)
                    progress.advance_to(len(results.images) + len({row["image"] for row in results.failures}))
            file.tidy()
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
            raise AssetError(f"{name} is given twice; give one of them another name with LABEL=...")
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
    check_mattes(items, in_recipe=False)
    kinds = {"trimap", "fg"} | {kind for predictor in predictors.values() for kind in predictor.inputs}
    photos: list[Photo] = []
    if any(item.image is None for item in items):
        photos, _ = list_photos(options.backgrounds, Path.cwd(), place="--backgrounds")
    return LayoutSource(
        items, sorted(kinds), None, name=data.name, photos=photos, max_bytes=0, most=options.max_megapixels,
        allowed_by="--max-megapixels",
    )  # fmt: skip
