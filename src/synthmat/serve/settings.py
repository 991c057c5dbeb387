"""What a server is started with."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from synthmat.executor import default_workers
from synthmat.networks.shipped import SHIPPED

LOOPBACK = ("127.0.0.1", "::1", "localhost")
"""Hosts that only this machine reaches."""

MOST_BYTES = 64 * 2**20
MOST_MEGAPIXELS = 64.0
_MOST_THREADS = 4


@dataclass(frozen=True)
class Limits:
    """What one request, and all of them together, may take.

    Args:
        queue: How many requests may wait; those beyond are answered with 429.
        timeout: Seconds that a request may take in all, then it is answered with 504.
        idle: Seconds that a client may pause while it sends, then it is answered with 408.
        max_bytes: Of a request's body.
        max_megapixels: Of each picture in it.
        threads: How many requests are worked on at once; the network takes their pictures one by one.
    """

    queue: int = 16
    timeout: float = 60.0
    idle: float = 10.0
    max_bytes: int = MOST_BYTES
    max_megapixels: float = MOST_MEGAPIXELS
    threads: int = field(default_factory=lambda: min(_MOST_THREADS, default_workers()))


@dataclass(frozen=True)
class Settings:
    """A server.

    Args:
        models: What is served, each ``PLACE`` or ``NAME=PLACE``; see `synthmat.serve.shelf.Shelf`. The first one is
            asked where a request names none. The network that comes with synthmat if absent.
        host: The address that is listened on.
        port: Likewise.
        token: What requests have to know; None lets everyone in who reaches the address.
        root_path: The path under which a proxy shows the server, such as ``/mattes``.
        page: Whether there is a page for the browser.
        folder: The folder whose pictures may be worked on where they lie; None for none.
        device: Where networks run.
        mode: How they see a large picture; see `synthmat.train.predict.sized_predictor.SizedPredictor`.
        size: See there too.
        limits: See `Limits`.
        origins: Other sites whose pages a browser lets ask this server, each ``https://shop.example`` or ``*`` for all.
    """

    models: tuple[str, ...] = (SHIPPED,)
    host: str = "127.0.0.1"
    port: int = 7000
    token: str | None = None
    root_path: str = ""
    page: bool = False
    folder: Path | None = None
    device: str = "auto"
    mode: str = "auto"
    size: int | None = None
    limits: Limits = field(default_factory=Limits)
    origins: tuple[str, ...] = ()
