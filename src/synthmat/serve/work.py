"""What is done for one request, in a worker thread: pictures in, the network, one picture out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from threading import Lock
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.images.alpha import Float, UInt8
from synthmat.serve.body import Form, Upload
from synthmat.serve.line import Stop
from synthmat.serve.options import MatteOptions, parsed_color
from synthmat.serve.pictures import alpha_of, captured_of, photo_file_of, photo_of, trimap_of
from synthmat.serve.refusal import RefusedError
from synthmat.serve.shelf import Shelf, Shelved
from synthmat.train.predict.clean import cleaned
from synthmat.train.predict.foreground import estimate_foreground
from synthmat.train.predict.outputs import alpha_png, composite_jpeg, covering, cutout_picture
from synthmat.train.predict.predictor import Matte

FILES = {
    "image": "The photo.",
    "captured_bg": "The empty scene from the same place, for networks that need it.",
    "trimap": "0 background, 128 unknown, 255 foreground; what it knows, alpha keeps.",
    "background": "New background: a picture, scaled to cover.",
    "alpha": "A matte made before, gray or with an alpha channel; no network is asked then.",
}
"""The files that ``/api/matte`` takes."""

_LARGE_MEGAPIXELS = 30
_BLUR_SIDE = 512


@dataclass(frozen=True)
class Answer:
    """A picture, and what is said of it in headers."""

    body: bytes
    media_type: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Steps:
    """How long the steps of a request took, for the header Server-Timing, and what its photo's file has left out."""

    seconds: dict[str, float] = field(default_factory=dict)
    left_out: str = ""

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Measure one of them."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started

    @property
    def headers(self) -> dict[str, str]:
        """All of them, milliseconds; and a note, if something was left out."""
        timing = ", ".join(f"{name};dur={1000 * seconds:.1f}" for name, seconds in self.seconds.items())
        return {"Server-Timing": timing, **({"X-Synthmat-Note": self.left_out} if self.left_out else {})}


class Workshop:
    """Answers requests for mattes; several threads may work in it, one of them on a large picture.

    Args:
        shelf: The networks.
        max_megapixels: Of any picture.
    """

    def __init__(self, shelf: Shelf, max_megapixels: float) -> None:
        self.shelf = shelf
        self.max_megapixels = max_megapixels
        self._large = Lock()

    def photo(self, upload: Upload, steps: Steps) -> UInt8:
        """Return an uploaded photo's pixels; see `synthmat.serve.pictures.photo_of`."""
        with steps.of("decode"):
            photo = photo_file_of(upload, self.max_megapixels)
        steps.left_out = photo.left_out
        return photo.pixels

    def ask(self, model: Shelved, views: dict[str, NDArray[Any]], steps: Steps) -> Matte:
        """Return what a network makes of pictures of one size."""
        with steps.of("load"):
            predictor = self.shelf.predictor(model)
        with steps.of("network"):
            return predictor(views)

    def alone(self, photo: NDArray[Any]) -> Any:
        """Return a context in which no other large picture is worked on, if this one is large."""
        return self._large if photo.shape[0] * photo.shape[1] > 1e6 * _LARGE_MEGAPIXELS else nullcontext()


def check_files(form: Form, options: MatteOptions, shelf: Shelf) -> None:
    """Find out before anything is decoded whether a form has the files that it needs, and no others.

    Raises:
        RefusedError: It has not.
    """
    given = set(form.files)
    if unknown := sorted(given - FILES.keys()):
        raise RefusedError(422, f"{unknown[0][:80]}: there is no such file field; there are {', '.join(FILES)}")
    model = shelf.named(options.model)
    new = [name for name in ("color", "blur") if getattr(options, name) is not None] + sorted(given & {"background"})
    if len(new) > 1:
        raise RefusedError(422, f"{new[0]}, {new[1]}: give one new background")
    if new and options.output in ("alpha", "cutout"):
        raise RefusedError(422, f"{new[0]}: only a composite has a background, and output is {options.output}")
    if options.output == "composite" and not new:
        raise RefusedError(422, "output: a composite needs color, blur or the file background")
    if "image" not in given and (given != {"alpha"} or options.output != "alpha"):
        raise RefusedError(422, "image: is missing")
    if "alpha" in given:
        if idle := sorted(given & {"captured_bg", "trimap"}):
            raise RefusedError(422, f"{idle[0]}: is for a network, and none is asked where alpha is given")
        return
    if missing := [kind for kind in model.inputs if kind not in given]:
        raise RefusedError(422, f"{missing[0]}: is missing; {model.name} needs it")
    if "captured_bg" in given and "captured_bg" not in model.inputs:
        raise RefusedError(422, f"captured_bg: {model.name} takes none")


def matte_answer(workshop: Workshop, form: Form, options: MatteOptions, stop: Stop) -> Answer:
    """Return the picture that a form asks for.

    Raises:
        RefusedError: A picture in it is none, too large, or does not belong to the others.
        AssetError: A picture in it is broken.
        ValueError: The network can do nothing with them.
    """
    steps, most = Steps(), workshop.max_megapixels
    model = workshop.shelf.named(options.model)
    photo = workshop.photo(form.files["image"], steps) if "image" in form.files else None
    with workshop.alone(photo) if photo is not None else nullcontext():
        if "alpha" in form.files:
            with steps.of("decode"):
                matte = Matte(alpha_of(form.files["alpha"], most))
            if photo is not None and matte.alpha.shape != photo.shape[:2]:
                raise RefusedError(422, "alpha: is not of the picture's size")
        else:
            assert photo is not None
            matte = workshop.ask(model, _views(form, photo, most, steps), steps)
        stop.check()
        alpha = matte.alpha
        if (rules := options.cleaning) is not None:
            with steps.of("clean"):
                alpha = cleaned(alpha, rules)
        stop.check()
        answer = _picture(form, options, photo, Matte(alpha, matte.foreground), most, steps)
    asked = {} if "alpha" in form.files else {"X-Synthmat-Model": model.name.encode("ascii", "replace").decode()}
    return Answer(answer.body, answer.media_type, {**answer.headers, **asked, **steps.headers})


def file_name(upload: Upload | None, what: str, suffix: str) -> dict[str, str]:
    """Return the header that proposes a file name to the client, plain ASCII without a path."""
    stem = PurePosixPath(upload.name).stem if upload is not None else ""
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_") else "_" for sign in stem)
    return {"Content-Disposition": f'inline; filename="{plain or "picture"}_{what}.{suffix}"'}


def _views(form: Form, photo: UInt8, most: float, steps: Steps) -> dict[str, NDArray[Any]]:
    views: dict[str, NDArray[Any]] = {"image": photo}
    shape = (photo.shape[0], photo.shape[1])
    with steps.of("decode"):
        if "trimap" in form.files:
            views["trimap"] = trimap_of(form.files["trimap"], shape, most)
        if "captured_bg" in form.files:
            views["captured_bg"] = captured_of(form.files["captured_bg"], shape, most)
    return views


def _picture(form: Form, options: MatteOptions, photo: UInt8 | None, matte: Matte, most: float, steps: Steps) -> Answer:
    source = form.files.get("image") or form.files.get("alpha")
    if options.output == "alpha" or photo is None:
        with steps.of("encode"):
            body = alpha_png(matte.alpha, int(options.bits))
        return Answer(body, "image/png", file_name(source, "alpha", "png"))
    foreground = matte.foreground
    if foreground is None:
        with steps.of("foreground"):
            foreground = estimate_foreground(photo, matte.alpha)
    background = _background(form, options, photo, matte.alpha, most, steps)
    with steps.of("encode"):
        if background is None:
            body = cutout_picture(foreground, matte.alpha, options.format)
            return Answer(body, f"image/{options.format}", file_name(source, "cutout", options.format))
        body = composite_jpeg(foreground, matte.alpha, background)
    return Answer(body, "image/jpeg", file_name(source, "composite", "jpg"))


def _background(
    form: Form, options: MatteOptions, photo: UInt8, alpha: Float, most: float, steps: Steps
) -> UInt8 | None:
    if "background" in form.files:
        with steps.of("decode"):
            return covering(photo_of(form.files["background"], most), *alpha.shape)
    if options.color is not None:
        return np.broadcast_to(np.array(parsed_color(options.color), np.uint8), photo.shape)
    if options.blur is not None:
        with steps.of("blur"):
            return blurred(photo, alpha, options.blur)
    return None


def blurred(photo: UInt8, alpha: Float, percent: float) -> UInt8:
    """Return a photo's background out of focus, without the object's color in it, uint8 ``(H, W, 3)``.

    It is blurred at 512 pixels, where a blur of one percent is five pixels wide.

    Args:
        photo: uint8 ``(H, W, 3)``.
        alpha: float32 ``(H, W)``, of the object.
        percent: Sigma, of the longer side.
    """
    height, width = alpha.shape
    scale = min(1.0, _BLUR_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.float32)
    weight = 1 - np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), np.float32)
    sigma = max(size) * percent / 100
    total = cv2.GaussianBlur(small * weight[..., None], (0, 0), sigma)
    share = cv2.GaussianBlur(weight, (0, 0), sigma)[..., None]
    plain = cv2.GaussianBlur(small, (0, 0), sigma)
    soft = np.where(share > 1e-3, total / np.maximum(share, 1e-3), plain)
    levels = np.rint(soft).clip(0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(levels, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
