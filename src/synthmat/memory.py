"""What is said where the memory does not suffice: libraries tell it in exceptions of many kinds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from synthmat.errors import OutOfMemoryError

_WORDS = re.compile(
    r"out of memory|allocate memory|not enough memory|failed to map segment|can't start new thread|bad_alloc",
    re.IGNORECASE,
)


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an exception, of Python, NumPy, OpenCV, torch or the loader of libraries, says that."""
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError | ImportError | OSError) and bool(_WORDS.search(str(error)))
    )


@contextmanager
def memory_told(what: str, remedy: str) -> Iterator[None]:
    """Turn such an exception into one line.

    Raises:
        OutOfMemoryError: The memory of the machine, of the process or of the GPU does not suffice.
    """
    try:
        yield
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise OutOfMemoryError(f"{what}: not enough memory; {remedy} ({reason[:200]})") from error
