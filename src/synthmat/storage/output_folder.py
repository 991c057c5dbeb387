"""Where everything lies in an output folder; see docs/reference/output.md."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SPLITS = ("train", "val", "test")
PREDICTIONS = "predictions.jsonl"
"""The list of results in a folder of predictions."""


@dataclass(frozen=True)
class OutputFolder:
    """The paths of one output folder, ``output/<name>`` unless the user says otherwise."""

    root: Path

    @property
    def recipe(self) -> Path:
        """The recipe with every default filled in."""
        return self.root / "recipe.yaml"

    @property
    def renders(self) -> Path:
        """The folder of rendered frames, ``<object>/<view>.png``."""
        return self.root / "renders"

    @property
    def render_manifest(self) -> Path:
        """A row for each rendered frame."""
        return self.renders / "manifest.jsonl"

    @property
    def render_setup(self) -> Path:
        """A row for each render job that was done: the seconds that it took besides those of its frames."""
        return self.renders / ".setup.jsonl"

    @property
    def dataset(self) -> Path:
        """The folder of the data set, ``<split>/images`` and so on."""
        return self.root / "dataset"

    def metadata(self, split: str) -> Path:
        """A row for each sample of a split."""
        return self.dataset / split / "metadata.jsonl"

    @property
    def training(self) -> Path:
        """The folder of checkpoints, metrics and curves."""
        return self.root / "training"

    @property
    def failures(self) -> Path:
        """What could not be made, and why."""
        return self.root / "failures.jsonl"

    def parts(self, stage: Path) -> Path:
        """Rows that workers have appended to during a run and that the next merge takes up."""
        return stage / ".parts"

    def logs(self, stage: Path) -> Path:
        """What the workers of a stage printed."""
        return stage / ".logs"

    @property
    def preview(self) -> OutputFolder:
        """The same paths for `synthmat preview`, apart from all that a data set is made of."""
        return _PreviewFolder(self.root)


@dataclass(frozen=True)
class _PreviewFolder(OutputFolder):
    """Where the small frames of a preview lie; see `OutputFolder.preview`."""

    @property
    def recipe(self) -> Path:
        return self.renders / "recipe.yaml"

    @property
    def renders(self) -> Path:
        return self.root / "preview"

    @property
    def failures(self) -> Path:
        return self.renders / "failures.jsonl"
