"""A stand-in for samples that do not exist yet or are not read, with which a training is planned."""

from __future__ import annotations

from synthmat.train.data.resizing import Pictures

_UNKNOWN = 10**9
"""More samples than any weight could leave without one."""


class PlannedSource:
    """A `synthmat.sample_source.SampleSource` that has a name and a number of samples, and gives none."""

    digest = ""

    def __init__(self, name: str, samples: int = _UNKNOWN) -> None:
        self.name = name
        self._samples = samples

    def __len__(self) -> int:
        """Return how many samples there will be, a very large number if nobody knows."""
        return self._samples

    def pictures(self, index: int, epoch: int) -> Pictures:
        """Raise AssertionError: nothing is read while a training is planned."""
        raise AssertionError(f"{self.name}: sample {index} of epoch {epoch} is only planned")

    def label(self, index: int) -> str:
        """Return what to call a sample."""
        return f"{self.name} {index}"
