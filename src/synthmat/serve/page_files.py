"""The files of the page for the browser, which come with the package."""

from __future__ import annotations

from html import escape
from importlib.resources import files

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse, Response

_KINDS = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}


def add_page(app: FastAPI, root_path: str) -> None:
    """Add the page at ``/`` and its files under ``/page/``.

    Args:
        app: The application.
        root_path: The path under which a proxy shows the server; the page's addresses start there.
    """
    folder = files("synthmat.serve.page")
    index = folder.joinpath("index.html").read_text(encoding="utf-8")
    html = index.replace("<head>", f'<head>\n<base href="{escape(root_path)}/">' if root_path else "<head>", 1)
    assets = {each.name: each.read_bytes() for each in folder.iterdir() if each.name.rpartition(".")[2] in _KINDS}
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    async def page() -> HTMLResponse:
        return HTMLResponse(html)

    @routes.get("/page/{name}")
    async def asset(name: str) -> Response:
        if name not in assets:
            return Response(status_code=404)
        return Response(assets[name], media_type=_KINDS[name.rpartition(".")[2]])

    app.include_router(routes)
