"""Where training samples come from: a data set on disk, a public layout, or compositing on the fly."""

from __future__ import annotations

from typing import Any, Protocol

from numpy.typing import NDArray


class SampleSource(Protocol):
    """Samples by number, each the same whenever it is asked for with the same ``epoch``; safe to call from threads.

    ``name`` and ``digest`` say what it is: two sources with equal digests give equal samples. One that knows what its
    samples are made of has ``licenses`` too; see `licenses_of`.
    """

    name: str
    digest: str

    def __len__(self) -> int:
        """Return the number of samples in an epoch."""
        ...

    def pictures(self, index: int, epoch: int) -> dict[str, NDArray[Any]]:
        """Return the pictures of a sample by kind, all of one height and width.

        ``image``, ``fg``, ``bg`` and ``captured_bg`` are uint8 RGB ``(H, W, 3)``, ``alpha`` is uint16 ``(H, W)``,
        ``trimap`` uint8 ``(H, W)`` of 0, 128 and 255. ``image`` and ``alpha`` are always there.

        Args:
            index: Which one, from 0.
            epoch: Sources that never give the same picture twice draw new samples in each epoch.

        Raises:
            SynthmatError: The sample cannot be read or made.
        """
        ...

    def label(self, index: int) -> str:
        """Return what to call a sample in tables."""
        ...


def licenses_of(source: SampleSource) -> dict[str, int]:
    """Return how many of the pictures that a source makes samples of are under each license; empty if not known."""
    return dict(getattr(source, "licenses", {}))
