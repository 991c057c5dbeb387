"""What is done with trained networks: evaluate, predict, adapt, load_model, matte_metrics, export_model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from synthmat.keywords import EvaluateKeywords, PredictKeywords
from synthmat.networks.shipped import SHIPPED
from synthmat.printable_names import expand_home
from synthmat.stage import StageResult, recorded_failures
from synthmat.storage.output_folder import OutputFolder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from synthmat.train.adapt.checkpoint import Adapted
    from synthmat.train.evaluate.options import EvaluateOptions
    from synthmat.train.evaluate.stage import Evaluated
    from synthmat.train.export.stage import ExportedModel
    from synthmat.train.predict.matting_model import MattingModel
    from synthmat.train.predict.stage import PredictOptions


def evaluate(
    contestants: str | Path | Sequence[str | Path],
    data: str | Path,
    out: str | Path = "evaluation",
    *,
    options: EvaluateOptions | None = None,
    **keywords: Unpack[EvaluateKeywords],
) -> Evaluated:
    """Measure checkpoints and baselines on a data set of ours or of a public layout; write a page and a JSON file.

    See `synthmat.train.evaluate.stage.evaluate` for the arguments and errors.

    Returns:
        ``.results`` has every figure, ``.text`` a table, ``.files`` what was written, ``.failures`` what could not be
        measured.

    Example:
        >>> found = evaluate(["baseline:centre"], "output/toys", split="val", presets=("whole",), quiet=True)
        >>> [file.name for file in found.files][:1], found.failures
        (['evaluation.json'], [])
    """
    from synthmat.train.evaluate.options import EvaluateOptions
    from synthmat.train.evaluate.stage import evaluate as evaluate_all

    several = [contestants] if isinstance(contestants, str | Path) else contestants
    chosen = replace(options or EvaluateOptions(), **keywords)
    return evaluate_all([str(each) for each in several], Path(data).absolute(), Path(out).absolute(), chosen)


def predict(
    checkpoint: str | Path,
    inputs: str | Path | Sequence[str | Path],
    out: str | Path = "predictions",
    *,
    trimap: str | Path | None = None,
    captured_bg: str | Path | None = None,
    background: str | Path | None = None,
    options: PredictOptions | None = None,
    **keywords: Unpack[PredictKeywords],
) -> StageResult:
    """Write mattes, cut-outs and composites of pictures and clips at their full size; results that are there are kept.

    ``checkpoint`` may be ``"shipped"``, the network that comes with synthmat.

    See `synthmat.train.predict.stage.predict` and `synthmat.train.video.stage.predict_clips` for the arguments and
    errors.

    Returns:
        ``folder`` is ``out``, ``paths`` the tables of all results and every file that is listed there.

    Example:
        >>> result = predict("baseline:centre", "photos", out="mattes", foreground=False, quiet=True)
        >>> [path.name for path in result.paths]
        ['predictions.jsonl', 'cup_alpha.png', 'fox_alpha.png']
    """
    from synthmat.train.predict.argument_order import check_order
    from synthmat.train.predict.stage import PredictOptions
    from synthmat.train.predict.stage import predict as predict_pictures
    from synthmat.train.video.inputs import divided
    from synthmat.train.video.stage import predict_clips

    several = [Path(expand_home(each)) for each in ([inputs] if isinstance(inputs, str | Path) else inputs)]
    check_order(str(checkpoint), several)
    folder = Path(out).absolute()
    chosen = replace(options or PredictOptions(), **keywords)
    clips, pictures = divided(several, folder)
    places = {
        "captured_bg": None if captured_bg is None else Path(captured_bg),
        "background": None if background is None else Path(background),
    }
    results = []
    if pictures or not clips:
        trimaps = None if trimap is None else Path(trimap)
        results.append(predict_pictures(str(checkpoint), pictures, folder, trimap=trimaps, options=chosen, **places))
    if clips:
        results.append(predict_clips(str(checkpoint), clips, folder, options=chosen, **places))
        if trimap is not None:
            results[-1].notes.append("--trimap is of pictures; no frame of a clip was given one")
    return _together(results, folder)


def _together(results: Sequence[StageResult], folder: Path) -> StageResult:
    """Return one result for pictures and clips."""
    from synthmat.rows.row_types import ClipPredictionRow, PredictionRow
    from synthmat.storage.manifest import read_rows
    from synthmat.train.predict.inputs import ROWS
    from synthmat.train.video.inputs import CLIPS

    lists = (folder / ROWS, folder / CLIPS)
    rows = [*read_rows(lists[0], PredictionRow), *read_rows(lists[1], ClipPredictionRow)]
    made = [folder / name for row in rows for name in row["files"]]
    output = OutputFolder(folder)
    failed = sum(each.failed for each in results)
    return StageResult(
        "predict",
        made=sum(each.made for each in results),
        kept=sum(each.kept for each in results),
        failed=failed,
        seconds=sum(each.seconds for each in results),
        notes=list(dict.fromkeys(note for each in results for note in each.notes)),
        folder=folder,
        paths=[file for file in (*lists, *made) if file.is_file()],
        failures=[*recorded_failures(output, "predict"), *recorded_failures(output, "predict clips")] if failed else [],
    )


def load_model(
    checkpoint: str | Path = SHIPPED, *, device: str = "auto", mode: str = "auto", size: int | None = None
) -> MattingModel:
    """Return a trained network whose ``predict(image, trimap=None, background=None)`` gives alpha, numpy in and out.

    Args:
        checkpoint: A file, a training's or output folder, or a baseline such as ``baseline:kmeans``; the network that
            comes with synthmat if absent.
        device: ``auto``, ``cpu``, ``cuda`` and so on.
        mode: How it sees a large picture: ``auto``, ``resize``, ``tile`` or ``whole``.
        size: Edge of the square that ``resize`` makes, or of the windows of ``tile``.

    Raises:
        AssetError: There is no such checkpoint or baseline.
        OutputError: The checkpoint cannot be used.
        MissingDependencyError: torch is not installed (for ONNX files onnxruntime), or lacks the device.

    Example:
        >>> import numpy as np
        >>> model = load_model("output/toys")
        >>> alpha = model.predict(np.zeros((120, 160, 3), np.uint8))
        >>> alpha.shape, alpha.dtype, bool(0 <= alpha.min() <= alpha.max() <= 1)
        ((120, 160), dtype('float32'), True)
    """
    from synthmat.train.predict.matting_model import MattingModel

    return MattingModel(str(checkpoint), device, mode, size)


def matte_metrics(
    prediction: NDArray[np.generic],
    truth: NDArray[np.generic],
    trimap: NDArray[np.generic] | None = None,
    *,
    preset: str | None = None,
) -> dict[str, float]:
    """Return the field's metrics of a matte: ``sad``, ``mse``, ``mad``, ``grad``, ``conn``, ``iou`` and ``dice``.

    The first five follow the published definitions and units of a preset. With a trimap that is ``dim`` unless told
    otherwise, which measures its unknown region; without one it is ``whole``, the same over the whole picture. ``iou``
    (of the mattes cut at 0.5) and ``dice`` (of soft alpha) always are of the whole picture.

    Args:
        prediction: ``(H, W)``, uint8, uint16 or float in 0..1.
        truth: The true alpha, likewise.
        trimap: Likewise; 0 is background, 255 foreground, all between unknown.
        preset: A name in `synthmat.train.metrics.PRESETS`.

    Raises:
        ValueError: There is no such preset, it needs a trimap, or shapes or dtypes are wrong.

    Example:
        >>> import numpy as np
        >>> truth = np.zeros((64, 64), np.float32)
        >>> truth[16:48, 16:48] = 1
        >>> found = matte_metrics(truth * np.float32(0.8), truth)
        >>> round(found["sad"], 4), round(found["mad"], 4), found["iou"]
        (0.2048, 0.05, 1.0)
    """
    from synthmat.train.metrics import matte_metrics as measure
    from synthmat.train.metrics import overlap_metrics

    chosen = preset or ("whole" if trimap is None else "dim")
    overlap = overlap_metrics(prediction, truth)
    values = measure(prediction, truth, trimap, chosen).values
    return values | {name: overlap[name] for name in ("iou", "dice")}


def adapt(
    checkpoint: str | Path,
    photos: str | Path | Sequence[str | Path],
    out: str | Path | None = None,
    *,
    trimap: str | Path | None = None,
    captured_bg: str | Path | None = None,
    passes: int = 4,
    weight: float = 0.7,
    device: str = "auto",
) -> Adapted:
    """Write a checkpoint with the batch-norm statistics of photographs that have no mattes.

    See `synthmat.train.adapt.command.adapt` for the arguments and errors.

    Returns:
        ``path`` is the new checkpoint, ``record`` what it says of the photographs, ``notes`` name those passed over.

    Example:
        >>> adapted = adapt("output/toys/training/best.pt", "photos")
        >>> adapted.path.name, adapted.record["photos"]
        ('adapted.pt', 1)
    """
    from synthmat.train.adapt.command import adapt as adapt_one

    several = [photos] if isinstance(photos, str | Path) else photos
    places = {"trimap": trimap, "captured_bg": captured_bg}
    partners = {kind: Path(place) for kind, place in places.items() if place is not None}
    return adapt_one(
        Path(expand_home(checkpoint)), [Path(expand_home(each)) for each in several],
        None if out is None else Path(out), partners=partners, passes=passes, weight=weight, device=device,
    )  # fmt: skip


def export_model(
    checkpoint: str | Path,
    out: str | Path | None = None,
    *,
    to: str = "onnx",
    target: str | None = None,
    int8: bool = False,
    mirror: bool = False,
) -> ExportedModel:
    """Write a trained network as an ONNX or TorchScript file, for programs of one's own or for rembg.

    See `synthmat.train.export.stage.export_model` for the arguments and errors.

    Example:
        >>> made = export_model("output/toys")
        >>> made.path.name
        'best.onnx'
    """
    from synthmat.train.export.stage import export_model as export

    place = None if out is None else Path(out).absolute()
    return export(Path(expand_home(checkpoint)), place, to=to, target=target, int8=int8, mirror=mirror)
