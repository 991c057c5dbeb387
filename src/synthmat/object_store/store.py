"""An object store by its address, with the few operations that are needed and errors that name the object."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from synthmat.errors import MissingDependencyError, OutputError
from synthmat.storage.atomic import atomic_path

Result = TypeVar("Result")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://.+")
_TRIES, _PAUSE_S = 3, 0.5
_THREADS = 8


def is_address(place: object) -> bool:
    """Return whether a place is the address of a store, such as ``s3://bucket/folder``, and no path."""
    return isinstance(place, str) and bool(_ADDRESS.fullmatch(place))


class Store:
    """The objects below an address. Names are relative to it and have slashes.

    Args:
        address: As fsspec takes it, for example ``s3://bucket/folder``. Credentials, region and another server
            (``AWS_ENDPOINT_URL``) come from where the store's own tools look for them.

    Raises:
        MissingDependencyError: fsspec, or its package for this kind of store, is not installed.
        OutputError: fsspec knows no such kind of store, or it cannot be reached.
    """

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        kind = address.partition("://")[0]
        try:
            from fsspec.core import url_to_fs

            self._files, self._root = url_to_fs(self.address, use_listings_cache=False)
        except ImportError:
            raise MissingDependencyError(
                f"{address}: output in a store needs fsspec's package for {kind}: pip install "
                + ("'synthmat[s3]'" if kind == "s3" else "gcsfs" if kind == "gs" else f"the one for {kind}")
            ) from None
        except Exception as error:
            raise OutputError(f"{address}: {_words(error)}") from None

    def names(self, under: str = "") -> dict[str, int]:
        """Return the names of all objects below ``under`` and their sizes in bytes."""
        top = f"{self._root}/{under}".rstrip("/")

        def find() -> dict[str, Any]:
            self._files.invalidate_cache()
            return dict(self._files.find(top, detail=True))

        found = self._tried("be listed", under, find, missing={})
        first = len(self._root.lstrip("/")) + 1
        return {path.lstrip("/")[first:]: int(about["size"] or 0) for path, about in found.items()}

    def read(self, name: str) -> bytes:
        """Return the content of an object."""
        return bytes(self._tried("be read", name, lambda: self._files.cat_file(self._path(name))))

    def write(self, name: str, data: bytes) -> None:
        """Put an object there, or in the place of an older one: there is never a part of it."""
        self._tried("be written", name, lambda: self._files.pipe_file(self._path(name), data))

    def read_if_there(self, name: str) -> bytes | None:
        """Return the content of an object, None where there is none."""

        def read() -> bytes:
            self._files.invalidate_cache()
            return bytes(self._files.cat_file(self._path(name)))

        found: bytes | None = self._tried("be read", name, read, missing=None)
        return found

    def create(self, name: str, data: bytes) -> bool:
        """Put an object where there is none; return whether the store itself sees to that nobody else has done so.

        Where one is there already it stays; who has created it is found by reading it.
        """
        try:
            self._files.pipe_file(self._path(name), data, mode="create")
            return True
        except Exception:  # There is one, or the store cannot do that: each says so in its own way.
            if self.read_if_there(name) is None:
                self.write(name, data)
            return False

    def modified(self, name: str) -> float | None:
        """Return when an object was written, in seconds by the store's clock, None where it tells no times."""

        def modified() -> float | None:
            self._files.invalidate_cache()
            try:
                return float(self._files.modified(self._path(name)).timestamp())
            except (NotImplementedError, AttributeError):
                return None

        found: float | None = self._tried("be read", name, modified, missing=None)
        return found

    def fetch(self, name: str, path: Path) -> None:
        """Write an object to a file."""
        with atomic_path(path) as temporary:
            self._tried("be read", name, lambda: self._files.get_file(self._path(name), str(temporary)))

    def upload(self, path: Path, name: str) -> None:
        """Put a file there, however large."""
        self._tried("be written", name, lambda: self._files.put_file(str(path), self._path(name)))

    def copy(self, name: str, other: str) -> None:
        """Copy an object within the store."""
        self._tried("be copied", name, lambda: self._files.cp_file(self._path(name), self._path(other)))

    def remove(self, names: Iterable[str]) -> None:
        """Remove objects; one that is not there is none."""

        def remove(name: str) -> None:
            self._tried("be removed", name, lambda: self._files.rm_file(self._path(name)), missing=None)

        each_of(remove, names)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _tried(self, what: str, name: str, do: Callable[[], Any], **missing: Any) -> Any:
        """Do something, again if the store or the way to it fails.

        Raises:
            OutputError: It failed three times, or there is no such object and no ``missing`` to return then.
        """
        for attempt in range(1, _TRIES + 1):
            try:
                return do()
            except FileNotFoundError as error:
                if "missing" in missing:
                    return missing["missing"]
                failed: Exception = error
                break
            except Exception as error:  # Each kind of store has its own errors.
                failed = error
                if isinstance(error, PermissionError) or attempt == _TRIES:
                    break
                time.sleep(_PAUSE_S * attempt)
        place = f"{self.address}/{name}" if name else self.address
        raise OutputError(f"{place}: cannot {what}: {_words(failed)}; what is published is kept") from None


def each_of(do: Callable[[str], Result], names: Iterable[str]) -> list[Result]:
    """Do something with each name, several at once, since a store answers slowly and many times at once."""
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(do, names))


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")
