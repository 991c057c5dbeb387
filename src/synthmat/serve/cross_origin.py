"""Pages of other sites that may ask the server: CORS, as the Fetch standard (https://fetch.spec.whatwg.org) has it."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from synthmat.errors import OutputError

ALL = "*"
_TOLD = ("Content-Disposition", "Retry-After", "Server-Timing", "X-Synthmat-Model", "X-Synthmat-Note")


def allow_origins(app: FastAPI, origins: Sequence[str]) -> None:
    """Let browsers show the answers of a server to pages of other sites. Cookies are neither used nor allowed.

    Args:
        app: The application; what is added to it later is inside of this.
        origins: See `checked_origin`.
    """
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type"],
        expose_headers=list(_TOLD),
        max_age=600,
    )


def checked_origin(text: str) -> str:
    """Return an origin as browsers send it, in small letters.

    Raises:
        OutputError: It is neither ``*`` nor scheme, host and port.

    Example:
        >>> checked_origin("https://Shop.example:8443")
        'https://shop.example:8443'
    """
    try:
        parts = urlsplit(text)
        bare = f"{parts.scheme}://{parts.netloc}".lower()
        good = text == ALL or (
            parts.scheme in ("http", "https") and parts.hostname and "@" not in bare and bare == text.lower()
        )
        _ = parts.port
    except ValueError:
        good = False
    if not good:
        raise OutputError(
            f"--allow-origin {text}: an origin is a scheme, a host and perhaps a port, without a path, for example "
            "https://shop.example; * allows all"
        )
    return text if text == ALL else bare
