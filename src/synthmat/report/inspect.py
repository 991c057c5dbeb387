"""Contact sheets and pages for whatever stages' output lies in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from synthmat.errors import OutputError
from synthmat.report.dataset import report_dataset
from synthmat.report.overview import report_overview
from synthmat.report.predictions import report_predictions
from synthmat.report.renders import report_renders
from synthmat.report.stage_report import StageReport
from synthmat.report.training import report_training, training_folders
from synthmat.storage.output_folder import PREDICTIONS, SPLITS, OutputFolder

_REPORTS = {"renders": report_renders, "dataset": report_dataset, "training": report_training}


@dataclass(frozen=True)
class _OneStage(OutputFolder):
    """A stage's folder on its own, whatever its name."""

    folder: Path

    @property
    def renders(self) -> Path:
        return self.folder

    @property
    def dataset(self) -> Path:
        return self.folder

    @property
    def training(self) -> Path:
        return self.folder


def inspect(folder: Path) -> list[Path]:
    """Write contact sheets and HTML pages beside each stage's output, and ``report.html`` over all of them.

    Args:
        folder: An output folder, or one of ``renders``, ``dataset`` and ``training`` in it, or a folder of
            predictions; of a stage's folder only that stage is shown.

    Returns:
        The files written.

    Raises:
        OutputError: There is nothing to inspect, or it cannot be written beside it.
    """
    folder = folder.absolute()
    if (folder / PREDICTIONS).is_file():
        with _told_as_output_error():
            return report_predictions(folder)
    output = OutputFolder(folder)
    stages = [stage for stage in _REPORTS if _has(stage, folder / stage)]
    whole = bool(stages) or output.failures.exists()
    if not whole:
        output = _OneStage(folder.parent, folder)
        stages = [stage for stage in _REPORTS if _has(stage, folder)][:1]
    if not whole and not stages:
        raise OutputError(_nothing(folder))
    with _told_as_output_error():
        reports: list[StageReport] = [_REPORTS[stage](output) for stage in stages]
        written = [file for report in reports for file in report.files]
        if whole:
            written.append(report_overview(output, reports))
    return written


@contextmanager
def _told_as_output_error() -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise OutputError(f"{error.filename}: cannot write there; the pages lie beside what they show") from None


def _has(stage: str, folder: Path) -> bool:
    """Return whether a folder holds a stage's output, finished or interrupted."""
    if any((folder / ".parts").glob("*.jsonl")):
        return True
    if stage == "renders":
        return (folder / "manifest.jsonl").exists()
    if stage == "dataset":
        return any((folder / split / "metadata.jsonl").exists() for split in SPLITS)
    return bool(training_folders(folder))


def _nothing(folder: Path) -> str:
    if not folder.is_dir():
        return f"{folder}: no such folder"
    return (
        f"{folder}: nothing to inspect; expected an output folder with renders/manifest.jsonl, "
        "dataset/<split>/metadata.jsonl or training/metrics.jsonl, or one of these three folders itself, or one "
        "of predictions with predictions.jsonl"
    )
