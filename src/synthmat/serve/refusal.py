"""Requests that are not carried out."""

from __future__ import annotations

from collections.abc import Mapping

from synthmat.errors import SynthmatError

CLIENT_LEFT = 499
"""Status of a request whose client closed the connection; nobody reads the answer."""


class RefusedError(SynthmatError):
    """A request is not carried out; the message says why and what to do.

    Args:
        status: The HTTP status of the answer.
        message: For whoever sent the request.
        headers: More of the answer's headers.
    """

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})
