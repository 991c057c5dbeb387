"""Whether a worker still makes samples: seen by the files that appear, so that one that hangs is ended in time."""

from __future__ import annotations

import time
from pathlib import Path

from synthmat.compositor.imaging.sample import file_names
from synthmat.compositor.worker import Batch


class BatchWatch:
    """Follows the samples of running batches; ``limit`` are the seconds within which another one must be finished."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._seen: dict[str, tuple[int, float]] = {}

    def hung(self, batch: Batch) -> bool:
        """Tell whether a running batch has made no sample for longer than the limit."""
        finished = sum(_last_file(batch, place).exists() for place in range(len(batch.jobs)))
        before, since = self._seen.setdefault(batch.jobs[0].id, (finished, time.monotonic()))
        if finished != before:
            self._seen[batch.jobs[0].id] = finished, time.monotonic()
            return False
        return time.monotonic() - since > self._limit

    def again(self, batch: Batch) -> Batch:
        """Begin to count anew, for the second attempt at a batch."""
        self._seen.pop(batch.jobs[0].id, None)
        return batch


def _last_file(batch: Batch, place: int) -> Path:
    job = batch.jobs[place]
    names = file_names(job.id, batch.settings, job.clip, job.frame)
    return Path(batch.dataset) / job.split / list(names.values())[-1]
