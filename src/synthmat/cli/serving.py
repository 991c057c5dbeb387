"""Commands that put trained networks behind an address: serve and app."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synthmat.cli.options import Device, Mode, Verbose
from synthmat.networks.shipped import SHIPPED

app = typer.Typer()

Models = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[MODEL]...",
        help="Checkpoints, .onnx files or baseline:NAME; NAME=PLACE names one. The first is the default; if none is "
        "named, the network that comes with synthmat.",
    ),
]
Host = Annotated[str, typer.Option("--host", help="Address to listen on; 0.0.0.0 for all of this machine's.")]
Port = Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to listen on.")]
Token = Annotated[
    str | None,
    typer.Option("--token", envvar="SYNTHMAT_TOKEN", help="What clients have to send as Authorization: Bearer TOKEN."),
]
Queue = Annotated[int, typer.Option("--queue", min=0, metavar="N", help="Requests that may wait; others get 429.")]
Timeout = Annotated[float, typer.Option("--timeout", min=1, metavar="SECONDS", help="Of a request, then it gets 504.")]
MaxMegapixels = Annotated[float, typer.Option("--max-megapixels", min=0.01, help="Of a picture; others get 413.")]
MaxBytes = Annotated[int, typer.Option("--max-bytes", min=1024, help="Of a request; others get 413.")]
RootPath = Annotated[str, typer.Option("--root-path", metavar="/PATH", help="Where a proxy shows the server.")]
Origins = Annotated[
    list[str] | None,
    typer.Option("--allow-origin", metavar="ORIGIN", help="A site whose pages may ask this server (CORS); * for all."),
]
Size = Annotated[int | None, typer.Option("--size", min=8, metavar="PIXELS", help="As of predict.")]


def _checked_root(path: str) -> str:
    bare = path.strip("/")
    return f"/{bare}" if bare else ""


@app.command()
def serve(
    models: Models = None,
    port: Port = 7000,
    host: Host = "127.0.0.1",
    token: Token = None,
    queue: Queue = 16,
    timeout: Timeout = 60,
    max_megapixels: MaxMegapixels = 64,
    max_bytes: MaxBytes = 64 * 2**20,
    root_path: RootPath = "",
    origins: Origins = None,
    mode: Mode = "auto",
    size: Size = None,
    device: Device = "auto",
    verbose: Verbose = False,
) -> None:
    """Answer requests for mattes over HTTP, also of rembg's clients."""
    _run(
        models, port, host, token, (queue, timeout, max_megapixels, max_bytes), root_path, (mode, size, device),
        verbose, origins=tuple(origins or ()),
    )  # fmt: skip


@app.command("app")
def open_app(
    models: Models = None,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="A folder here whose pictures the page may work on.")
    ] = None,
    port: Port = 7000,
    host: Host = "127.0.0.1",
    token: Token = None,
    queue: Queue = 16,
    timeout: Timeout = 120,
    max_megapixels: MaxMegapixels = 64,
    max_bytes: MaxBytes = 128 * 2**20,
    root_path: RootPath = "",
    mode: Mode = "auto",
    size: Size = None,
    device: Device = "auto",
    verbose: Verbose = False,
) -> None:
    """Show a page in the browser that cuts photos out. It is a server such as `serve` starts."""
    _run(
        models, port, host, token, (queue, timeout, max_megapixels, max_bytes), root_path, (mode, size, device),
        verbose, page=True, folder=folder,
    )  # fmt: skip


def _run(
    models: list[str] | None, port: int, host: str, token: str | None, limits: tuple[int, float, float, int],
    root_path: str, network: tuple[str, int | None, str], verbose: bool, *, page: bool = False,
    folder: Path | None = None, origins: tuple[str, ...] = (),
) -> None:  # fmt: skip
    from synthmat.serve.running import run_server
    from synthmat.serve.settings import Limits, Settings

    queue, timeout, max_megapixels, max_bytes = limits
    mode, size, device = network
    settings = Settings(
        tuple(models or [SHIPPED]), host, port, token or None, _checked_root(root_path), page=page, folder=folder,
        device=device, mode=mode, size=size, origins=origins,
        limits=Limits(queue=queue, timeout=timeout, max_bytes=max_bytes, max_megapixels=max_megapixels),
    )  # fmt: skip
    run_server(settings, verbose=verbose)
