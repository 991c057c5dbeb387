"""Servers of networks that tests hold in their hands, and pictures to send to them."""

from __future__ import annotations

import contextlib
import io
import socket
import threading
from collections.abc import Iterator
from threading import Event
from typing import Any

import numpy as np
import uvicorn
from fastapi.testclient import TestClient
from PIL import Image

from synthmat.serve import shelf
from synthmat.serve.application import application
from synthmat.serve.settings import Limits, Settings
from synthmat.train.predict.predictor import Matte, Views


class HeldPredictor:
    """Answers with the picture's red as alpha, as soon as ``go`` is set."""

    def __init__(self, inputs: tuple[str, ...] = ()) -> None:
        self.name, self.inputs, self.how, self.key, self.parameters = "held", inputs, "red is alpha", "held", 0
        self.go, self.begun, self.seen = Event(), Event(), list[Views]()
        self.go.set()

    def __call__(self, views: Views) -> Matte:
        self.seen.append(views)
        self.begun.set()
        self.go.wait(20)
        return Matte(views["image"][..., 0].astype(np.float32) / 255)


def held_server(
    monkeypatch: Any, inputs: tuple[str, ...] = (), *, settings: dict[str, Any] | None = None, **limits: Any
) -> tuple[TestClient, HeldPredictor]:
    """Return a client of a server of one network, and that network."""
    predictor = HeldPredictor(inputs)
    monkeypatch.setattr(shelf, "open_predictor", lambda *_: predictor)
    made = Settings(("held=held",), limits=Limits(**limits), **(settings or {}))
    return TestClient(application(made)), predictor


def picture(pixels: np.ndarray, format_: str = "PNG", **how: Any) -> bytes:
    """Return a picture file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format_, **how)
    return buffer.getvalue()


def photo(height: int = 24, width: int = 32) -> np.ndarray:
    """Return a photo whose red is 255 in the middle, 128 in a column beside it and 0 elsewhere."""
    pixels = np.full((height, width, 3), (0, 90, 160), np.uint8)
    pixels[6:18, 8:20, 0] = 255
    pixels[6:18, 20, 0] = 128
    return pixels


def opened(response: Any) -> np.ndarray:
    """Return the pixels of an answer."""
    assert response.status_code == 200, response.text
    return np.asarray(Image.open(io.BytesIO(response.content)))


@contextlib.contextmanager
def listening(app: Any) -> Iterator[int]:
    """Run an application in a thread, and give its port."""
    with socket.create_server(("127.0.0.1", 0)) as place:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [place]})
        thread.start()
        try:
            yield place.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()
