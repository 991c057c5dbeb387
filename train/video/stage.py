"""`synthmat predict` on clips: run again, it goes on behind the last finished segment."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from synthmat.errors import AssetError, MissingDependencyError, SynthmatError
from synthmat.images.photo_file import MAX_MEGAPIXELS
from synthmat.progress import Progress
from synthmat.render_job import content_key
from synthmat.rows.row_types import ClipPredictionRow, FailureRow
from synthmat.stage import StageResult, record_failures
from synthmat.storage.atomic import remove_leftovers, sha256_file
from synthmat.storage.digests import digests_of
from synthmat.storage.manifest import append_row, read_rows, write_rows
from synthmat.storage.output_folder import OutputFolder
from synthmat.storage.run_lock import run_lock
from synthmat.train.predict.background_color import is_color
from synthmat.train.predict.clean import cleaned
from synthmat.train.predict.foreground import FOREGROUND_METHOD
from synthmat.train.predict.predictor import Predictor, open_predictor
from synthmat.train.predict.stage import PredictOptions
from synthmat.train.video.backdrop import EmptyScene, open_backdrop
from synthmat.train.video.clip_file import Clip, ClipFrame, open_clip, read_frames
from synthmat.train.video.inputs import CLIPS, ClipInput
from synthmat.train.video.joining import join_segments
from synthmat.train.video.recorder import SEGMENT, Recorder, Wanted
from synthmat.train.video.steady import REACH, Step, steadied
from synthmat.train.video.threads import Behind, ahead

_VERSION = 1
_IN_WORK = ".clips"
_FEWER = 0.98
_AHEAD, _BEHIND = 2, 6


@dataclass(frozen=True)
class _Work:
    """What is the same for all clips."""

    predictor: Predictor
    options: PredictOptions
    out: Path
    captured_bg: Path | None
    background: Path | None
    result: StageResult


def predict_clips(
    checkpoint: str,
    clips: Sequence[ClipInput],
    out: Path,
    *,
    captured_bg: Path | None = None,
    background: Path | None = None,
    options: PredictOptions | None = None,
) -> StageResult:
    """Write ``<name>_alpha.mkv``, ``<name>_cutout.mov`` and ``<name>_composite.mp4`` for clips at their full size.

    Times of frames are those of the clip, frames are upright, and the sound goes along with cut-outs and composites.
    ``clips.jsonl`` says what was made of what. Decoding, the network and encoding work at the same time, each on a few
    frames, so that memory does not grow with the clip.

    Args:
        checkpoint: See `synthmat.train.predict.predictor.open_predictor`.
        clips: See `synthmat.train.video.inputs.divided`.
        out: Folder for the results.
        captured_bg: A picture of the empty scene, or a clip of it; ``options.captured_seconds`` of each clip instead.
        background: A picture, a clip or a color ``#rrggbb`` for composites.
        options: See `PredictOptions`.

    Raises:
        AssetError: Something named is not there, or the network needs what a clip cannot give it.
        OutputError: The checkpoint or the output folder cannot be used.
        MissingDependencyError: PyAV is not installed.
    """
    started = time.monotonic()
    options = options or PredictOptions()
    predictor = open_predictor(checkpoint, options.device, options.mode, options.size)
    _check(predictor, captured_bg, background, options)
    output, result = OutputFolder(out), StageResult("predict", notes=[predictor.how])
    work = _Work(predictor, options, out, captured_bg, background, result)
    failures: list[FailureRow] = []
    with run_lock(out):
        remove_leftovers(out)
        for clip in clips:
            if (options.limit is not None and result.made >= options.limit) or (options.strict and failures):
                break
            try:
                made = _one(work, clip)
            except MissingDependencyError:
                raise
            except (SynthmatError, ValueError, RuntimeError, MemoryError) as error:
                failures.append({"name": clip.name, "error": _words(error, clip)})
            else:
                result.made += made
                result.kept += not made
        rows = {row["name"]: row for row in read_rows(out / CLIPS, ClipPredictionRow)}
        write_rows(out / CLIPS, [rows[name] for name in sorted(rows)])
    record_failures(output, "predict clips", failures)
    result.failed = len(failures)
    result.notes += [f"{row.get('name')}: {row['error']}" for row in failures]
    result.seconds = time.monotonic() - started
    return result


def _check(predictor: Predictor, captured_bg: Path | None, background: Path | None, options: PredictOptions) -> None:
    """Find out whether there is all that the network needs."""
    if "trimap" in predictor.inputs:
        raise AssetError(
            f"{predictor.name} needs a trimap for every picture, which a clip does not have; take a network "
            "without, or predict its frames as pictures, with --trimap"
        )
    if "captured_bg" in predictor.inputs and captured_bg is None and options.captured_seconds is None:
        raise AssetError(
            f"{predictor.name} needs a captured background: --captured-bg with a picture or clip of the empty scene, "
            "or --captured-seconds 0-2 if the clip shows it then"
        )
    for place in (captured_bg, background):
        if place is not None and not is_color(place) and not place.exists():
            raise AssetError(f"{place}: no such file")


def _one(work: _Work, given: ClipInput) -> bool:
    """Make the results of a clip unless they are there as they should be; return whether it made any."""
    options, out = work.options, work.out
    files = [given.path, *(each for each in (work.captured_bg, work.background) if each and not is_color(each))]
    digests = digests_of(files)
    config = replace(options, device="auto", limit=None, max_megapixels=MAX_MEGAPIXELS, strict=False, quiet=False)
    key = content_key(
        "clip", _VERSION, work.predictor.key, [digests[path] for path in files], str(work.background), config,
        FOREGROUND_METHOD, REACH, SEGMENT,
    )  # fmt: skip
    before = {row["name"]: row for row in read_rows(out / CLIPS, ClipPredictionRow)}.get(given.name)
    if before is not None and before["key"] == key and _is_intact(before, out):
        return False
    clip = open_clip(given.path)
    work.result.notes += clip.notes
    state = out / _IN_WORK / given.name / key
    if state.parent.is_dir() and (others := [each for each in state.parent.iterdir() if each.name != key]):
        work.result.notes.append(f"{given.name}: unfinished segments of other settings are deleted")
        for each in others:
            shutil.rmtree(each)
    wanted = Wanted(
        bits=options.bits,
        frames=out / f"{given.name}_alpha" if options.alpha_as == "frames" else None,
        cutout=options.cutout_as if options.foreground else "",
        backdrop=open_backdrop(work.background) if work.background else None,
    )
    started = time.monotonic()
    recorder = Recorder(clip, wanted, state)
    if recorder.kept:
        work.result.notes.append(f"{given.name}: goes on behind frame {recorder.kept}")
    _record(work, clip, recorder)
    made = _joined(work, given, clip, wanted, key, recorder)
    append_row(
        out / CLIPS,
        {**made, "seconds": round(time.monotonic() - started, 3)},
    )
    _remove(state, out)
    return True


def _remove(state: Path, out: Path) -> None:
    """Delete what a clip in work leaves, and the folders above that are empty then."""
    shutil.rmtree(state)
    for folder in state.parents:
        if folder == out or any(folder.iterdir()):
            return
        folder.rmdir()


def _is_intact(row: ClipPredictionRow, out: Path) -> bool:
    folder = row.get("folder")
    there = folder is None or sum(1 for _ in (out / folder).glob("*.png")) >= row["frames"]
    return there and all(
        (out / name).is_file() and sha256_file(out / name) == digest for name, digest in row["files"].items()
    )


def _record(work: _Work, clip: Clip, recorder: Recorder) -> None:
    """Predict and write all frames that are not written yet."""
    batch, reach = work.options.batch, REACH if work.options.steady else 0
    # Where the batches of an undisturbed run begin, so that the same batches give the same bits.
    start = max(0, recorder.kept - reach) // batch * batch
    last = min(start, recorder.kept - 1)
    frames = read_frames(clip, start, (last, recorder.times[last]) if last > 0 else None)
    predicted = _predicted(work, clip, ahead(_batches(frames, batch), _AHEAD))
    with (
        Progress("predict", max(clip.frames, recorder.kept), unit="frames", quiet=work.options.quiet) as progress,
        Behind(recorder.write, _BEHIND) as behind,
    ):
        for step in steadied(predicted, reach):
            if step.number >= recorder.kept:
                behind.put(step)
                progress.advance_to(step.number + 1)
    recorder.finish()
    if len(recorder.times) < _FEWER * clip.frames:
        work.result.notes.append(
            f"{clip.path}: {len(recorder.times)} frames could be read of the {clip.frames} that it should have; is it "
            "cut off?"
        )


def _predicted(work: _Work, clip: Clip, batches: Iterator[list[ClipFrame]]) -> Iterator[Step]:
    needed = "captured_bg" in work.predictor.inputs
    scene = EmptyScene(clip, work.captured_bg, work.options.captured_seconds) if needed else None
    for frames in batches:
        views: list[dict[str, NDArray[Any]]] = [{"image": frame.image} for frame in frames]
        if scene is not None:
            views = [{**each, "captured_bg": scene.pixels} for each in views]
        for frame, matte in zip(frames, work.predictor.many(views), strict=True):
            alpha = cleaned(matte.alpha, work.options.clean) if work.options.clean else matte.alpha
            yield Step(frame.number, frame.pts, frame.image, alpha, matte.foreground)


def _batches(frames: Iterator[ClipFrame], size: int) -> Iterator[list[ClipFrame]]:
    batch: list[ClipFrame] = []
    for frame in frames:
        batch.append(frame)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _joined(
    work: _Work, given: ClipInput, clip: Clip, wanted: Wanted, key: str, recorder: Recorder
) -> ClipPredictionRow:
    """Join the segments, and return what there is to say of the results."""
    written = []
    for kind, encoding in wanted.encodings.items():
        target = work.out / f"{given.name}{encoding.suffix}"
        sound = clip.path if clip.sound and kind != "alpha" else None
        note = join_segments(target, recorder.segments(kind), recorder.times, clip.time_base, sound)
        work.result.notes += [note] if note else []
        written.append(target)
    row: ClipPredictionRow = {
        "name": given.name,
        "key": key,
        "input": str(given.path),
        "files": {path.relative_to(work.out).as_posix(): sha256_file(path) for path in written},
        "frames": len(recorder.times),
        "width": clip.width,
        "height": clip.height,
        "predictor": work.predictor.name,
        "how": work.predictor.how,
    }
    if wanted.frames is not None:
        row["folder"] = wanted.frames.relative_to(work.out).as_posix()
    return row


def _words(error: Exception, clip: ClipInput) -> str:
    text = str(error).strip().partition("\n")[0] or type(error).__name__
    if isinstance(error, SynthmatError):
        return text
    if isinstance(error, MemoryError) or "memory" in text:
        return f"{clip.path}: not enough memory ({text}); try --batch 1, --mode resize, or a smaller --size"
    return f"{clip.path}: {text}"
