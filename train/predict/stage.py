"""The command: mattes, cut-outs and composites of many pictures; run again, it goes on where it stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.errors import AssetError, MissingDependencyError, OutputError, SynthmatError
from synthmat.executor import default_workers
from synthmat.images.photo_file import MAX_MEGAPIXELS, PhotoFile, read_photo
from synthmat.images.picture_formats import passed_over, passed_over_note
from synthmat.images.picture_size import check_megapixels
from synthmat.printable_names import printable
from synthmat.progress import Progress
from synthmat.render_job import content_key
from synthmat.rows.row_types import FailureRow, PredictionRow
from synthmat.stage import StageResult, record_failures
from synthmat.storage.atomic import remove_leftovers, sha256_file
from synthmat.storage.digests import digests_of
from synthmat.storage.manifest import append_row
from synthmat.storage.output_folder import OutputFolder
from synthmat.storage.row_table import aside_note
from synthmat.storage.run_lock import run_lock
from synthmat.storage.visible_files import visible_files
from synthmat.train.data.layout_source import read_trimap
from synthmat.train.predict.background_color import color_levels, is_color
from synthmat.train.predict.clean import Cleaning, cleaned
from synthmat.train.predict.foreground import FOREGROUND_METHOD, estimate_foreground
from synthmat.train.predict.inputs import ROWS, Input, Partners, find_inputs
from synthmat.train.predict.outputs import FORMATS, covering, write_alpha, write_composite, write_cutout
from synthmat.train.predict.prediction_rows import known_names, take_up, tidy
from synthmat.train.predict.predictor import Predictor, open_predictor
from synthmat.train.predict.timings import Clock, timings_note
from synthmat.train.predict.unused import unused_notes

_SAME_ASPECT = 0.02
# Beside the network, a picture of 3 megapixels keeps a core busy for one to three seconds; it takes 200 MB meanwhile.
_MOST_NOTES = 10
_MOST_THREADS = 4
_LARGE_MEGAPIXELS = 30


@dataclass(frozen=True)
class PredictOptions:
    """How pictures are predicted and what is written.

    ``mode`` and ``size`` are those of `NetworkPredictor`; ``bits`` of the alpha PNG, 8 or 16; ``foreground`` whether a
    cut-out is written, in ``format``; ``clean`` how alpha is cleaned up, None not at all. Pictures of more than
    ``max_megapixels`` are refused before they are decoded.

    Of clips only: ``alpha_as`` ``video`` or ``frames``; ``cutout_as`` ``prores`` or ``vp9``; ``steady`` whether alpha
    is averaged along the motion; ``batch`` how many frames the network is shown at once; ``captured_seconds`` from when
    to when a clip shows the empty scene.
    """

    mode: str = "auto"
    size: int | None = None
    bits: int = 8
    foreground: bool = True
    format: str = "png"
    clean: Cleaning | None = None
    alpha_as: str = "video"
    cutout_as: str = "prores"
    steady: bool = True
    batch: int = 4
    captured_seconds: tuple[float, float] | None = None
    device: str = "auto"
    limit: int | None = None
    max_megapixels: float = MAX_MEGAPIXELS
    strict: bool = False
    quiet: bool = False

    def __post_init__(self) -> None:
        if self.format not in FORMATS:
            raise AssetError(f"--format {self.format}: cut-outs are {' or '.join(FORMATS)}")
        if self.bits not in (8, 16):
            raise AssetError(f"--bits {self.bits}: alpha has 8 or 16")
        if self.alpha_as not in ("video", "frames"):
            raise AssetError(f"--alpha-as {self.alpha_as}: video or frames")
        if self.cutout_as not in ("prores", "vp9"):
            raise AssetError(f"--cutout-as {self.cutout_as}: prores or vp9")
        if self.batch < 1:
            raise AssetError(f"--batch {self.batch}: at least 1")


@dataclass(frozen=True)
class _Work:
    """What is the same for all pictures: several are in work at once, of which one is predicted, and one is large."""

    predictor: Predictor
    options: PredictOptions
    out: Path
    partners: dict[str, Partners] = field(default_factory=dict)
    color: str = ""
    large: Lock = field(default_factory=Lock)
    timings: list[dict[str, float]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def files(self, picture: Input) -> dict[str, Path]:
        """Return what belongs to a picture: itself, trimap, captured background, background."""
        found = {"image": picture.path}
        for kind, partners in self.partners.items():
            found[kind] = partners.some(picture) if kind == "background" else partners.of(picture)
        return found

    def key(self, picture: Input) -> str:
        """Return what the results of a picture are recognized by: network, options, and all that belongs to it.

        Raises:
            AssetError: Something that belongs to it is not there.
        """
        files, config = self.files(picture), self.options
        digests = digests_of(files.values())
        return content_key(
            self.predictor.key,
            {kind: digests[path] for kind, path in files.items()},
            [config.bits, config.foreground, config.format, config.clean, FOREGROUND_METHOD],
            *([self.color] if self.color else []),
        )


def predict(
    checkpoint: str,
    inputs: Sequence[Path],
    out: Path,
    *,
    trimap: Path | None = None,
    captured_bg: Path | None = None,
    background: Path | None = None,
    options: PredictOptions | None = None,
) -> StageResult:
    """Write ``<name>_alpha.png``, ``<name>_cutout.png`` and ``<name>_composite.jpg`` for pictures at their full size.

    ``predictions.jsonl`` says what was made of what; files that are there already, made of the same pictures by the
    same network with the same options, are kept. Those of other networks and options are set aside in ``.stale``, and
    found again by a run that wants them once more. ``failures.jsonl`` names the pictures that could not be done. Up to
    four pictures are in work at once; the network takes them one by one.

    Args:
        checkpoint: See `synthmat.train.predict.predictor.open_predictor`.
        inputs: Files and folders.
        out: Folder for the results.
        trimap: A file, or a folder with one for each picture.
        captured_bg: The empty scene from the same place: a file, or a folder with one for each picture.
        background: A new background: a file, a color ``#rrggbb``, or a folder; without one of a picture's name, any of
            it.
        options: See `PredictOptions`.

    Raises:
        AssetError: Something named is not there, or the network needs a trimap or captured background.
        OutputError: The checkpoint or the output folder cannot be used.
        MissingDependencyError: A package that the baseline needs is not installed.
    """
    options = options or PredictOptions()
    predictor = open_predictor(checkpoint, options.device, options.mode, options.size)
    places = {"trimap": trimap, "captured_bg": captured_bg, "background": background}
    given = {kind: place for kind, place in places.items() if place is not None}
    return predict_with(predictor, inputs, out, given, options)


def predict_with(
    predictor: Predictor,
    inputs: Sequence[Path],
    out: Path,
    places: Mapping[str, Path],
    options: PredictOptions,
    go_on: Callable[[int, int], bool] | None = None,
) -> StageResult:
    """Do what `predict` does with a network that is open already.

    Args:
        predictor: The network.
        inputs: Files and folders.
        out: Folder for the results.
        places: ``trimap``, ``captured_bg`` and ``background``, as far as there are any.
        options: See `PredictOptions`; device, mode and size are those of ``predictor``.
        go_on: Is told now and then how many pictures are finished and how many there are; where it returns False, no
            further one is begun.

    Raises:
        AssetError: See `predict`.
        OutputError: See `predict`.
        MissingDependencyError: See `predict`.
    """
    started = time.monotonic()
    color = str(places["background"]) if "background" in places and is_color(places["background"]) else ""
    partners = {
        kind: Partners(kind.replace("_", " "), place)
        for kind, place in places.items()
        if not (color and kind == "background")
    }
    for kind in predictor.inputs:
        if kind not in partners:
            raise AssetError(f"{predictor.name} needs a {kind.replace('_', ' ')}: --{kind.replace('_', '-')}")
    pictures = find_inputs(inputs, out)
    passed = passed_over(file for path in inputs if path.is_dir() for file in visible_files(path))
    work = _Work(predictor, options, out, partners, color)
    output = OutputFolder(out)
    result = StageResult("predict", notes=[predictor.how, *unused_notes(predictor, places, options.captured_seconds)])
    if passed:
        result.notes.append(passed_over_note(", ".join(str(path) for path in inputs if path.is_dir()), passed))
    with run_lock(out):
        remove_leftovers(out)
        keys = _keys(work, pictures)
        failures = _all(work, pictures, keys, take_up(out, keys), result, go_on)
        aside = tidy(out)
    record_failures(output, "predict", failures)
    if work.timings:
        result.notes.append(timings_note(work.timings))
    result.notes += _few(sorted(work.left_out), " have something that does not count")
    result.failed = len(failures)
    result.notes += aside_note(aside, "predictions", out)
    result.notes += _few([f"{row.get('name')}: {row['error']}" for row in failures], f", see {output.failures}")
    result.seconds = time.monotonic() - started
    return result


def _few(notes: list[str], where: str) -> list[str]:
    """Return ten of the notes, and how many more there are."""
    return notes[:_MOST_NOTES] + ([f"and {len(notes) - _MOST_NOTES} more{where}"] if len(notes) > _MOST_NOTES else [])


def _keys(work: _Work, pictures: Sequence[Input]) -> dict[str, str]:
    """Return the keys of the pictures of which something was made before; without those that will fail."""
    known = known_names(work.out)
    keys = {}
    for picture in pictures:
        if picture.name in known:
            with suppress(AssetError):  # It is told where the picture's turn comes.
                keys[picture.name] = work.key(picture)
    return keys


def _all(
    work: _Work,
    pictures: Sequence[Input],
    keys: dict[str, str],
    finished: set[str],
    result: StageResult,
    go_on: Callable[[int, int], bool] | None,
) -> list[FailureRow]:
    """Work on several pictures at once, as far as the options say, and return a row for each that failed."""
    options, failures = work.options, dict[Input, FailureRow]()
    left = iter(pictures)
    running: dict[Future[bool], Input] = {}
    threads = min(_MOST_THREADS, default_workers())

    def next_one() -> Input | None:
        full = options.limit is not None and result.made + len(running) >= options.limit
        if go_on is not None and not go_on(result.made + result.kept + len(failures), len(pictures)):
            return None
        return None if len(running) == threads or full or (options.strict and failures) else next(left, None)

    with (
        Progress("predict", len(pictures), unit="pictures", quiet=options.quiet) as progress,
        ThreadPoolExecutor(threads) as pool,
    ):
        while True:
            while (picture := next_one()) is not None:
                there = picture.name in finished
                running[pool.submit(_one, work, picture, keys.get(picture.name), there)] = picture
            if not running:
                return [failures[picture] for picture in pictures if picture in failures]
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                picture = running.pop(done)
                try:
                    made = done.result()
                except MissingDependencyError:
                    raise
                except (SynthmatError, ValueError, RuntimeError, MemoryError, cv2.error) as error:
                    failures[picture] = {"name": picture.name, "error": _words(error, picture)}
                else:
                    result.made += made
                    result.kept += not made
                progress.advance()


def _one(work: _Work, picture: Input, key: str | None, finished: bool) -> bool:
    """Make the files of a picture and add their row to the list, unless they are there as they should be.

    Args:
        work: What is the same for all.
        picture: The picture.
        key: Its key, where that is known already.
        finished: Whether its files are there.

    Returns:
        Whether it made any.
    """
    if finished:
        return False
    key, files = key or work.key(picture), work.files(picture)
    clock = Clock()
    photo = read_photo(picture.path, work.options.max_megapixels)
    clock.lap("decode")
    if photo.left_out:
        work.left_out.append(f"{picture.name}: {photo.left_out}")
    with work.large if photo.pixels.size > 3e6 * _LARGE_MEGAPIXELS else nullcontext():
        made = _made(work, picture, files, photo, clock)
    made |= {"key": key, "seconds": clock.total, "timings": clock.rounded}
    append_row(work.out / ROWS, made)
    work.timings.append(clock.rounded)
    return True


def _made(work: _Work, picture: Input, files: dict[str, Path], photo: PhotoFile, clock: Clock) -> PredictionRow:
    """Write the files of a picture and return what there is to say of them."""
    config, views = work.options, _views(files, photo, work.options.max_megapixels)
    clock.lap("decode")
    matte = work.predictor(views)
    clock.lap("network")
    alpha = matte.alpha
    if config.clean:
        alpha = cleaned(alpha, config.clean)
        clock.lap("clean")
    written = [work.out / f"{picture.name}_alpha.png"]
    write_alpha(written[0], alpha, config.bits)
    clock.lap("encode")
    if config.foreground or "background" in files or work.color:
        foreground = matte.foreground
        if foreground is None:
            foreground = estimate_foreground(photo.pixels, alpha)
        clock.lap("color")
        if config.foreground:
            written.append(work.out / f"{picture.name}_cutout.{config.format}")
            write_cutout(written[-1], foreground, alpha, photo.exif)
        if "background" in files or work.color:
            written.append(work.out / f"{picture.name}_composite.jpg")
            if work.color:
                background = np.broadcast_to(color_levels(work.color), photo.pixels.shape)
            else:
                background = covering(read_photo(files["background"], config.max_megapixels).pixels, *alpha.shape)
            write_composite(written[-1], foreground, alpha, background, photo.exif)
        clock.lap("encode")
    return {
        "name": picture.name,
        "input": printable(str(picture.path)),
        "width": alpha.shape[1],
        "height": alpha.shape[0],
        "predictor": work.predictor.name,
        "how": work.predictor.how,
        "foreground": "network" if matte.foreground is not None else FOREGROUND_METHOD,
        "files": {path.relative_to(work.out).as_posix(): sha256_file(path) for path in written},
    }


def _views(files: dict[str, Path], photo: PhotoFile, most: float) -> dict[str, NDArray[Any]]:
    views: dict[str, NDArray[Any]] = {"image": photo.pixels}
    shape = photo.pixels.shape[:2]
    if "trimap" in files:
        check_megapixels(files["trimap"], most, "--max-megapixels")
        views["trimap"] = read_trimap(files["trimap"], shape)
        _check_size(files["trimap"], views["trimap"].shape, shape)
    if "captured_bg" in files:
        captured = read_photo(files["captured_bg"], most).pixels
        if abs(captured.shape[1] / captured.shape[0] - shape[1] / shape[0]) > _SAME_ASPECT:
            _check_size(files["captured_bg"], captured.shape[:2], shape)
        if captured.shape[:2] != shape:
            captured = np.asarray(cv2.resize(captured, shape[::-1], interpolation=cv2.INTER_AREA))
        views["captured_bg"] = captured
    return views


def _check_size(path: Path, found: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    if found != wanted:
        raise AssetError(
            f"{path}: {found[1]}x{found[0]}, but the picture is {wanted[1]}x{wanted[0]}; they have to be of one size"
        )


def _words(error: Exception, picture: Input) -> str:
    text = str(error).strip().partition("\n")[0] or type(error).__name__
    if isinstance(error, OutputError | AssetError):
        return text
    if isinstance(error, MemoryError) or "memory" in text:
        return f"{picture.path}: not enough memory for it in this mode ({text}); try --mode resize, or a smaller --size"
    return f"{picture.path}: {text}"
