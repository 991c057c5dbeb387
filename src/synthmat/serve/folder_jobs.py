"""Pictures that lie on the server: one folder is allowed, and one job at a time works through a folder in it."""

from __future__ import annotations

import ipaddress
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from synthmat.errors import SynthmatError
from synthmat.images.picture_formats import picture_suffixes
from synthmat.serve.options import CleanFields
from synthmat.serve.refusal import RefusedError
from synthmat.serve.settings import LOOPBACK
from synthmat.serve.shelf import Shelf
from synthmat.stage import StageResult
from synthmat.train.predict.stage import PredictOptions, predict_with

_MOST_LISTED = 500


class FolderOptions(CleanFields):
    """What is to be done with a folder; paths start at the allowed one."""

    input: Annotated[str, Field(description="Folder of photos.")]
    output: Annotated[str, Field(description="Folder for the results.")]
    model: str | None = None
    trimap: Annotated[str | None, Field(description="Folder with a trimap for each photo.")] = None
    captured_bg: Annotated[str | None, Field(description="The empty scene, or a folder with one for each photo.")] = (
        None
    )
    background: Annotated[str | None, Field(description="A new background, or a folder of some.")] = None
    bits: Literal["8", "16"] = "8"
    format: Literal["png", "webp"] = "png"


@dataclass
class _Job:
    options: FolderOptions
    stopped: threading.Event = field(default_factory=threading.Event)
    done: int = 0
    total: int = 0
    error: str = ""
    result: StageResult | None = None
    running: bool = True

    def go_on(self, done: int, total: int) -> bool:
        self.done, self.total = done, total
        return not self.stopped.is_set()


class FolderJobs:
    """The allowed folder, and the job in it.

    Args:
        root: The folder.
        shelf: The networks.
    """

    def __init__(self, root: Path, shelf: Shelf) -> None:
        self.root = root.resolve()
        self._shelf = shelf
        self._lock = threading.Lock()
        self._job: _Job | None = None

    def inside(self, text: str) -> Path:
        """Return the path that a text means, once links are followed.

        Raises:
            RefusedError: It is an address, or is not in the allowed folder.
        """
        if "://" in text:
            raise RefusedError(422, f"{text[:80]!r} is an address; name a folder, nothing is fetched from elsewhere")
        try:
            path = (self.root / text).resolve()
        except (OSError, ValueError, RuntimeError):  # a NUL in it, or links in a circle
            raise RefusedError(422, f"{text[:80]!r} is no path") from None
        if not path.is_relative_to(self.root):
            raise RefusedError(403, f"{text[:80]!r} is not in the folder that this server may work in")
        return path

    def listing(self, text: str) -> dict[str, Any]:
        """Return what is in a folder: folders in it, and how many pictures lie right there.

        Raises:
            RefusedError: It is not in the allowed folder, or is not there.
        """
        folder = self.inside(text)
        if not folder.is_dir():
            raise RefusedError(404, f"{text[:80]!r}: there is no such folder")
        entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
        folders = [entry.name for entry in entries if entry.is_dir()]
        pictures = [entry for entry in entries if entry.suffix.lower() in picture_suffixes() and entry.is_file()]
        return {
            "path": "" if folder == self.root else folder.relative_to(self.root).as_posix(),
            "folders": folders[:_MOST_LISTED],
            "more_folders": max(0, len(folders) - _MOST_LISTED),
            "pictures": len(pictures),
        }

    def start(self, options: FolderOptions) -> dict[str, Any]:
        """Begin a job, and return its state.

        Raises:
            RefusedError: Another one is running, a path is outside, or the network is not there.
        """
        model = self._shelf.named(options.model)
        source, out = self.inside(options.input), self.inside(options.output)
        given = {kind: getattr(options, kind) for kind in ("trimap", "captured_bg", "background")}
        places = {kind: self.inside(text) for kind, text in given.items() if text}
        if not source.exists():
            raise RefusedError(404, f"input: {options.input[:80]!r} is not there")
        if out == source or (out.exists() and not out.is_dir()):
            raise RefusedError(422, "output: name a folder of its own for the results")
        with self._lock:
            if self._job is not None and self._job.running:
                raise RefusedError(409, "a folder is being worked on already; wait, or cancel that first")
            job = self._job = _Job(options)
        wanted = PredictOptions(
            bits=16 if options.bits == "16" else 8, format=options.format, clean=options.cleaning, quiet=True
        )

        def work() -> None:
            try:
                job.result = predict_with(self._shelf.predictor(model), [source], out, places, wanted, job.go_on)
            except SynthmatError as error:
                job.error = str(error).replace(str(self.root), "").partition("\n")[0]
            except Exception as error:  # the page has to hear of it; nobody else is there
                job.error = f"the server failed: {type(error).__name__}"
                raise
            finally:
                job.running = False

        threading.Thread(target=work, name="folder job", daemon=True).start()
        return self.state()

    def state(self) -> dict[str, Any]:
        """Return how far the last job is; an empty record if there was none."""
        job = self._job
        if job is None:
            return {}
        result = job.result
        counts = {} if result is None else {"made": result.made, "kept": result.kept, "failed": result.failed}
        return {
            "input": job.options.input,
            "output": job.options.output,
            "running": job.running,
            "cancelled": job.stopped.is_set(),
            "done": job.done,
            "total": job.total,
            "error": job.error,
            "notes": [] if result is None else [note.replace(str(self.root), "") for note in result.notes],
            **counts,
        }

    def cancel(self) -> dict[str, Any]:
        """Begin no further picture of the job, and return its state; what is finished is kept."""
        if self._job is not None:
            self._job.stopped.set()
        return self.state()


def check_host(header: str, host: str) -> None:
    """Refuse a request that a page of another site makes the user's browser send, under a name that leads here.

    Args:
        header: The request's Host.
        host: What the server listens on.

    Raises:
        RefusedError: The name is neither an address, nor localhost, nor ``host``.
    """
    name = header.rpartition(":")[0] if header.rpartition(":")[2].isdigit() else header
    bare = name.strip("[]").lower()
    try:
        ipaddress.ip_address(bare)
    except ValueError:
        if bare not in (*LOOPBACK, host.lower()):
            raise RefusedError(
                403, f"this server does not go by the name {bare[:80]!r}; start it with --token"
            ) from None
