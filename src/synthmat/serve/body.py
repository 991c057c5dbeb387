"""The body of a request: a multipart form, read into memory within limits of size and time; nothing goes to disk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from synthmat.serve.refusal import CLIENT_LEFT, RefusedError

_MOST_FILES, _MOST_FIELDS, _MOST_FIELD_BYTES = 8, 40, 16 * 1024
_LONGEST_NAME = 80
_DRAINED_S = 3.0


@dataclass(frozen=True)
class Upload:
    """A file of a form. ``name`` is what the client calls it, for messages only: no path is ever made of it."""

    field: str
    name: str
    data: bytes

    @property
    def label(self) -> str:
        """What it is called in messages."""
        return f"{self.field} ({self.name})" if self.name else self.field


@dataclass(frozen=True)
class Form:
    """The files and the other fields of a form by their names."""

    files: dict[str, Upload] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)


async def read_form(request: Request, max_bytes: int, idle: float) -> Form:
    """Return a request's form.

    Args:
        request: Its body is not read yet.
        max_bytes: Of the body.
        idle: Seconds that the client may pause.

    Raises:
        RefusedError: The body is no such form, is too large, comes too slowly, or names a field twice.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise RefusedError(415, "send the picture as a file of a form: multipart/form-data")
    _check_announced(request, max_bytes)
    parser = MultiPartParser(
        request.headers, _limited(request, max_bytes, idle), max_files=_MOST_FILES, max_fields=_MOST_FIELDS,
        max_part_size=_MOST_FIELD_BYTES,
    )  # fmt: skip
    parser.spool_max_size = max_bytes + 1  # what is larger would go to a temporary file
    try:
        data = await parser.parse()
    except MultiPartException as error:
        raise RefusedError(400, f"the form cannot be read: {error.message}") from None
    except ClientDisconnect:
        raise RefusedError(CLIENT_LEFT, "the client has left") from None
    try:
        return _form(data)
    finally:
        await data.close()


def _form(data: FormData) -> Form:
    form = Form()
    for name, value in data.multi_items():
        if name in form.files or name in form.fields:
            raise RefusedError(422, f"{_printable(name)}: is there twice")
        if isinstance(value, UploadFile):
            form.files[name] = Upload(_printable(name), _printable(value.filename or ""), value.file.read())
        else:
            form.fields[name] = value
    return form


async def drain(request: Request, max_bytes: int) -> None:
    """Receive for some seconds what a client goes on sending, so that it gets to reading why it is refused."""
    left = max_bytes
    try:
        async with asyncio.timeout(_DRAINED_S):
            async for chunk in request.stream():
                left -= len(chunk)
                if left < 0:
                    return
    except (TimeoutError, ClientDisconnect, RuntimeError):  # RuntimeError: some of it has been read
        return


async def gone(request: Request) -> None:
    """Return once the client has left; the body has been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _check_announced(request: Request, max_bytes: int) -> None:
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > max_bytes:
        raise _too_large(max_bytes)


async def _limited(request: Request, max_bytes: int, idle: float) -> AsyncGenerator[bytes, None]:
    left = max_bytes
    chunks = request.stream()
    while True:
        try:
            # Not wait_for: in Python 3.11 it can lose a cancellation, here of the time limit, to a chunk that comes
            # at the same moment.
            async with asyncio.timeout(idle):
                chunk = await anext(chunks)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise RefusedError(408, f"nothing came for {idle:g} s") from None
        left -= len(chunk)
        if left < 0:
            raise _too_large(max_bytes)
        yield chunk


def _too_large(max_bytes: int) -> RefusedError:
    return RefusedError(413, f"more than {max_bytes / 2**20:g} MiB in one request; send less, or see --max-bytes")


def _printable(text: str) -> str:
    """Return the last part of a name as far as it can be printed, and not too long."""
    last = text.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable())[:_LONGEST_NAME]
