"""Where the time of a picture goes."""

from __future__ import annotations

import time
from collections.abc import Sequence


class Clock:
    """Where the time of a picture goes, in seconds."""

    def __init__(self) -> None:
        self._laps: dict[str, float] = {}
        self._last = time.monotonic()

    def lap(self, name: str) -> None:
        """Add what has passed since the last lap."""
        now = time.monotonic()
        self._laps[name] = self._laps.get(name, 0) + now - self._last
        self._last = now

    @property
    def rounded(self) -> dict[str, float]:
        """By name, to a millisecond."""
        return {name: round(seconds, 3) for name, seconds in self._laps.items()}

    @property
    def total(self) -> float:
        """All of it."""
        return round(sum(self._laps.values()), 3)


def timings_note(timings: Sequence[dict[str, float]]) -> str:
    """Return the mean seconds of a picture by what they were spent on; steps of several pictures overlap.

    Example:
        >>> timings_note([{"decode": 0.25, "network": 1.0}, {"decode": 0.75, "network": 2.0}])
        'seconds a picture: decode 0.50, network 1.50'
    """
    names = list(dict.fromkeys(name for each in timings for name in each))
    means = {name: sum(each.get(name, 0) for each in timings) / len(timings) for name in names}
    return f"seconds a picture: {', '.join(f'{name} {seconds:.2f}' for name, seconds in means.items())}"
