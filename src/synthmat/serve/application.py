"""The server as an ASGI application: which address does what."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from pydantic import BaseModel
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from synthmat import __version__
from synthmat.errors import MissingDependencyError, OutputError, SynthmatError
from synthmat.serve.api_page import api_page
from synthmat.serve.body import Form, drain, gone, read_form
from synthmat.serve.cross_origin import allow_origins
from synthmat.serve.folder_jobs import FolderJobs
from synthmat.serve.folder_routes import add_folder_routes
from synthmat.serve.line import Line, Stop
from synthmat.serve.options import MatteOptions, RemoveOptions, read_options
from synthmat.serve.page_files import add_page
from synthmat.serve.refusal import RefusedError
from synthmat.serve.rembg_answer import FILE, check_remove, remove_answer
from synthmat.serve.settings import Settings
from synthmat.serve.shelf import Shelf
from synthmat.serve.work import FILES, Answer, Workshop, check_files, matte_answer

_LOG = logging.getLogger("synthmat.serve")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob: data:; style-src 'self' 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'self'; form-action 'none'",
}
_PICTURE = {"image/png": {"schema": {"type": "string", "format": "binary"}}}

_Options = TypeVar("_Options", bound=BaseModel)


@dataclass(frozen=True)
class Desk:
    """What all requests of a server share."""

    settings: Settings
    shelf: Shelf
    workshop: Workshop
    line: Line
    jobs: FolderJobs | None


def application(settings: Settings) -> FastAPI:
    """Return the application, with its networks opened.

    Raises:
        AssetError: See `synthmat.serve.shelf.Shelf`.
        OutputError: See there too.
        MissingDependencyError: See there too.
    """
    shelf = Shelf(settings.models, settings.device, settings.mode, settings.size)
    limits = settings.limits
    jobs = None if settings.folder is None else FolderJobs(settings.folder, shelf)
    desk = Desk(settings, shelf, Workshop(shelf, limits.max_megapixels), Line(limits.threads, limits.queue), jobs)
    app = FastAPI(
        title="synthmat",
        version=__version__,
        description="Mattes, cut-outs and composites of photos by trained networks.",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan(desk),
    )
    app.state.line = desk.line
    app.include_router(_open_routes(desk, app))
    app.include_router(_network_routes(desk))
    if settings.page:
        add_page(app, settings.root_path)
    app.add_exception_handler(RefusedError, _refused)
    app.add_middleware(_Frame, settings.root_path)
    if settings.origins:
        allow_origins(app, settings.origins)
    return app


def check_token(desk: Desk) -> Callable[[Request], None]:
    """Return what refuses requests that do not know the server's token."""

    def check(request: Request) -> None:
        wanted = desk.settings.token
        if wanted is None:
            return
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), wanted.encode()):
            raise RefusedError(
                401, "the token is missing or wrong: send Authorization: Bearer TOKEN", {"WWW-Authenticate": "Bearer"}
            )

    return check


def _open_routes(desk: Desk, app: FastAPI) -> APIRouter:
    """Return what needs no token: whether the server is well, and how it is used."""
    routes = APIRouter()

    @routes.get("/health", summary="Whether the server is well, and how long its line is")
    async def health() -> dict[str, Any]:
        return {"status": "ok", "version": __version__, "requests": desk.line.taken}

    @routes.get("/api", include_in_schema=False)
    async def page() -> HTMLResponse:
        return HTMLResponse(api_page(app.openapi(), desk.settings.root_path))

    if not desk.settings.page:

        @routes.get("/", include_in_schema=False)
        async def start() -> RedirectResponse:
            return RedirectResponse("api")  # relative, since a proxy may show the server under a path

    return routes


def _network_routes(desk: Desk) -> APIRouter:
    routes = APIRouter(dependencies=[Depends(check_token(desk))])

    @routes.get("/api/models", summary="The networks, the first one being the default")
    async def models() -> list[dict[str, Any]]:
        return [
            {"name": each.name, "inputs": each.inputs, "how": each.how, "parameters": each.parameters}
            for each in desk.shelf.models
        ]

    @routes.post(
        "/api/matte", summary="A matte, a cut-out or a composite of a photo", response_class=Response,
        responses={200: {"content": _PICTURE}}, openapi_extra=_body(MatteOptions, FILES, ["image"]),
    )  # fmt: skip
    async def matte(request: Request) -> Response:
        return await _answered(request, desk, MatteOptions, check_files, matte_answer)

    @routes.post(
        "/api/remove", summary="The same as rembg's server has it", response_class=Response,
        responses={200: {"content": _PICTURE}}, openapi_extra=_body(RemoveOptions, {FILE: "The photo."}, [FILE]),
    )  # fmt: skip
    async def remove(request: Request) -> Response:
        return await _answered(request, desk, RemoveOptions, check_remove, remove_answer)

    @routes.get("/api/remove", summary="Refused: nothing is fetched from an address", status_code=400)
    async def remove_from_address() -> None:
        raise RefusedError(400, f"this server fetches nothing from an address; POST the picture as the file {FILE}")

    if desk.jobs is not None:
        add_folder_routes(routes, desk.jobs, desk.settings)
    return routes


async def _answered(
    request: Request,
    desk: Desk,
    kind: type[_Options],
    check: Callable[[Form, _Options, Shelf], None],
    answer: Callable[[Workshop, Form, _Options, Stop], Answer],
) -> Response:
    """Answer a request with a form: a place in the line, the form, its check, the work."""
    limits, loop = desk.settings.limits, asyncio.get_running_loop()
    ends = loop.time() + limits.timeout
    try:
        with desk.line.place() as place:
            async with asyncio.timeout_at(ends) as receiving:
                form = await read_form(request, limits.max_bytes, limits.idle)
                receiving.reschedule(None)
            options = read_options(kind, _with_query(form, request.query_params))
            check(form, options, desk.shelf)

            def work(stop: Stop) -> Answer:
                return answer(desk.workshop, form, options, stop)

            found = await desk.line.run(place, work, ends - loop.time(), lambda: gone(request))
    except TimeoutError:
        raise RefusedError(408, f"the request was not complete after {limits.timeout:g} s") from None
    except asyncio.CancelledError:
        raise RefusedError(503, "the server is stopping") from None
    except RefusedError as error:
        if error.status in (413, 415, 429):
            await drain(request, limits.max_bytes)
        raise
    except (SynthmatError, ValueError, MemoryError, RuntimeError) as error:
        raise _as_refusal(error) from error
    return Response(found.body, media_type=found.media_type, headers=found.headers)


def _with_query(form: Form, query: Mapping[str, str]) -> dict[str, str]:
    """Return a form's fields and those in the address, where rembg's clients put some."""
    for name, value in query.items():
        if form.fields.get(name, value) != value:
            raise RefusedError(422, f"{name[:80]}: the form and the address say different things")
    return {**query, **form.fields}


def _as_refusal(error: Exception) -> RefusedError:
    """Return a fault of the pictures as the client's, and any other, which is logged, as the server's."""
    text = str(error).strip().partition("\n")[0]
    if isinstance(error, MemoryError) or "memory" in text:
        return RefusedError(413, "not enough memory for a picture of this size; send a smaller one")
    if isinstance(error, MissingDependencyError | OutputError):
        _LOG.error("%s", text)
        return RefusedError(500, "the server cannot do this; its log says why")
    if isinstance(error, SynthmatError | ValueError):
        return RefusedError(422, text)
    _LOG.error("unexpected", exc_info=error)
    return RefusedError(500, "the server failed; its log says why")


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RefusedError)
    return JSONResponse({"detail": str(error)}, error.status, error.headers)


def _lifespan(desk: Desk) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        desk.line.close()
        if desk.jobs is not None:
            desk.jobs.cancel()

    return lifespan


def _body(options: type[BaseModel], files: Mapping[str, str], required: list[str]) -> dict[str, Any]:
    """Return the description of a form for the OpenAPI document."""
    schema = options.model_json_schema()
    binary = {"type": "string", "format": "binary"}
    properties = {name: {**binary, "description": words} for name, words in files.items()} | schema["properties"]
    form = {"type": "object", "properties": properties, "required": required}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}}}


class _Frame:
    """Takes a proxy's path off the address, where the proxy left it on, and adds the headers that every answer has."""

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self._app = app
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._root_path and scope["type"] == "http":
            scope["root_path"] = self._root_path

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)
