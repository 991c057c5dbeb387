"""A server that runs until it is told to stop."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import sys
from dataclasses import replace

from synthmat.errors import AssetError, MissingDependencyError, OutputError
from synthmat.serve.settings import LOOPBACK, Settings

_STOP_WITHIN_S = 10
_MOST_CONNECTIONS = 512


def run_server(settings: Settings, *, verbose: bool = False) -> None:
    """Serve until Ctrl+C or SIGTERM; what is being worked on then is finished, within ten seconds.

    Args:
        settings: See `Settings`.
        verbose: Whether each request is a line on stdout.

    Raises:
        AssetError: A network cannot be served; see `synthmat.serve.shelf.Shelf`.
        OutputError: The address cannot be listened on.
        MissingDependencyError: A package is not installed.
    """
    check_folder(settings)
    try:
        import uvicorn

        from synthmat.serve.application import application
        from synthmat.serve.cross_origin import checked_origin
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("fastapi", "starlette", "uvicorn", "python_multipart", "anyio"):
            raise
        raise MissingDependencyError(f"a server needs {error.name}: pip install 'synthmat[serve]'") from None
    logging.getLogger("python_multipart").setLevel(logging.ERROR)  # a client's fault is told to the client
    settings = replace(settings, origins=tuple(checked_origin(each) for each in settings.origins))
    with _listening(settings.host, settings.port) as listening:
        app = application(settings)
        config = uvicorn.Config(
            app, log_level="info" if verbose else "warning", access_log=verbose, server_header=False,
            timeout_graceful_shutdown=_STOP_WITHIN_S, limit_concurrency=_MOST_CONNECTIONS, lifespan="on",
        )  # fmt: skip
        print(_greeting(settings), flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listening])
    print("stopped", flush=True)
    if app.state.line.busy:
        os._exit(0)  # it was given its ten seconds; Python would wait for it to the end


def check_folder(settings: Settings) -> None:
    """Find out whether the allowed folder is there, and not open to everyone.

    Raises:
        AssetError: It is not there.
        OutputError: Others reach it without a token.
    """
    if settings.folder is None:
        return
    if not settings.folder.is_dir():
        raise AssetError(f"--folder {settings.folder}: no such folder")
    if settings.host not in LOOPBACK and settings.token is None:
        raise OutputError(f"--folder with --host {settings.host} lets others read and write there: add --token")


def _greeting(settings: Settings) -> str:
    host = "localhost" if settings.host in LOOPBACK else settings.host
    host = f"[{host}]" if ":" in host else host
    address = f"http://{host}:{settings.port}{settings.root_path}/"
    if settings.page and settings.token is not None:
        address += f"#token={settings.token}"
    if settings.host not in LOOPBACK and settings.token is None:
        print(f"warning: whoever reaches {settings.host} may use this server; --token asks for one", file=sys.stderr)
    names = ", ".join(model.partition("=")[0] for model in settings.models)
    return f"serving {names} at {address} (Ctrl+C stops; {address.partition('#')[0]}api says how it is used)"


def _listening(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=128)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(
            f"--host {host} --port {port}: cannot be listened on: {reason}; choose another port"
        ) from None
