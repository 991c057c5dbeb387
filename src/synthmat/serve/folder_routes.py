"""The addresses of the folder on the server."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool

from synthmat.serve.folder_jobs import FolderJobs, FolderOptions, check_host
from synthmat.serve.options import read_options
from synthmat.serve.refusal import RefusedError
from synthmat.serve.settings import Settings

_MOST_JSON_BYTES = 64 * 1024


def add_folder_routes(routes: APIRouter, jobs: FolderJobs, settings: Settings) -> None:
    """Add the addresses; without a token, they answer to this machine's own names only."""

    def check(request: Request) -> None:
        if settings.token is None:
            check_host(request.headers.get("host", ""), settings.host)

    @routes.get("/api/folder", summary="Folders and pictures in the folder on the server")
    async def listing(request: Request, path: str = "") -> dict[str, Any]:
        check(request)
        return await run_in_threadpool(jobs.listing, path)

    @routes.get("/api/folder/job", summary="How far the work on a folder is")
    async def state(request: Request) -> dict[str, Any]:
        check(request)
        return jobs.state()

    @routes.post(
        "/api/folder/job", summary="Work through a folder on the server", status_code=202,
        openapi_extra={
            "requestBody": {"content": {"application/json": {"schema": FolderOptions.model_json_schema()}}}
        },
    )  # fmt: skip
    async def start(request: Request) -> dict[str, Any]:
        check(request)
        return await run_in_threadpool(jobs.start, read_options(FolderOptions, await _json(request)))

    @routes.delete("/api/folder/job", summary="Begin no further picture of the folder")
    async def cancel(request: Request) -> dict[str, Any]:
        check(request)
        return jobs.cancel()


async def _json(request: Request) -> dict[str, Any]:
    """Return a request's JSON. A page of another site cannot send any without being asked first."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise RefusedError(415, "send JSON: application/json")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_JSON_BYTES:
            raise RefusedError(413, "too much JSON")
    try:
        found = json.loads(body)
    except ValueError:
        raise RefusedError(400, "this is no JSON") from None
    if not isinstance(found, dict):
        raise RefusedError(422, "send an object")
    return found
