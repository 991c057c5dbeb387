"""``/api/remove`` as clients of rembg's server know it: its fields, and what each does to the picture."""

from __future__ import annotations

import io
from dataclasses import replace

import cv2
import numpy as np
from PIL import Image

from synthmat.errors import MissingDependencyError
from synthmat.images.alpha import Float, UInt8, to_levels
from synthmat.images.photo_file import srgb_profile
from synthmat.serve.body import Form
from synthmat.serve.line import Stop
from synthmat.serve.options import RemoveOptions, levels
from synthmat.serve.refusal import RefusedError
from synthmat.serve.shelf import Shelf, Shelved
from synthmat.serve.work import Answer, Steps, Workshop, file_name
from synthmat.train.baselines import predict_baseline
from synthmat.train.predict.foreground import estimate_foreground
from synthmat.train.predict.outputs import alpha_png, cutout_picture

FILE = "file"
"""The field of the photo."""

MODELS = frozenset(
    (
        "ben-custom", "ben_custom", "birefnet-cod", "birefnet-dis", "birefnet-general", "birefnet-general-lite",
        "birefnet-hrsod", "birefnet-massive", "birefnet-portrait", "bria-rmbg", "dis_custom", "isnet-anime",
        "isnet-general-use", "sam", "silueta", "u2net", "u2net_cloth_seg", "u2net_custom", "u2net_human_seg", "u2netp",
    )
)  # fmt: skip
"""Networks that rembg's clients ask for by name."""

_MOST_MATTING_MEGAPIXELS = 4.0


def remove_model(options: RemoveOptions, shelf: Shelf) -> Shelved:
    """Return the network that is meant: for one of rembg's, which is not here, the first one.

    Raises:
        RefusedError: There is none of this name.
    """
    known = {model.name for model in shelf.models}
    foreign = options.model in MODELS and options.model not in known
    return shelf.named(None if foreign else options.model or None)


def check_remove(form: Form, options: RemoveOptions, shelf: Shelf) -> None:
    """Find out before anything is decoded whether a form has its file, and a network that can do without others.

    Raises:
        RefusedError: It has not.
    """
    if set(form.files) != {FILE}:
        raise RefusedError(
            422, f"{FILE}: is missing" if FILE not in form.files else f"only the file field {FILE} is read"
        )
    model = remove_model(options, shelf)
    if model.inputs:
        raise RefusedError(422, f"model: {model.name} needs {' and '.join(model.inputs)}; use /api/matte")


def remove_answer(workshop: Workshop, form: Form, options: RemoveOptions, stop: Stop) -> Answer:
    """Return the picture that a client of rembg asks for, a PNG.

    Unlike rembg's, a cut-out's color at soft edges is always the object's own, unless ``extras`` has ``putalpha``.

    Raises:
        RefusedError: The picture is none, or too large.
        AssetError: The picture is broken.
    """
    steps = Steps()
    model = remove_model(options, workshop.shelf)
    photo = workshop.photo(form.files[FILE], steps)
    notes = {"X-Synthmat-Model": model.name.encode("ascii", "replace").decode()}
    with workshop.alone(photo):
        matte = workshop.ask(model, {"image": photo}, steps)
        stop.check()
        alpha = _hardened(matte.alpha) if options.ppm else matte.alpha
        if options.a and not options.om:
            with steps.of("matting"):
                found = _closed_form(photo, alpha, options)
            if found is None:
                notes["X-Synthmat-Note"] = "no alpha matting: the mask has no sure foreground or background"
            else:
                alpha, matte = found, replace(matte, foreground=None)
        stop.check()
        if options.om:
            with steps.of("encode"):
                body = alpha_png(alpha, 8)
        else:
            color = photo if options.putalpha else matte.foreground
            if color is None:
                with steps.of("foreground"):
                    color = estimate_foreground(photo, alpha)
            with steps.of("encode"):
                body = _cutout(color, alpha, options.bgc)
    name = file_name(form.files[FILE], "alpha" if options.om else "cutout", "png")
    return Answer(body, "image/png", {**name, **steps.headers, **notes})


def _cutout(color: UInt8, alpha: Float, bgc: str | None) -> bytes:
    if bgc is None:
        return cutout_picture(color, alpha, "png")
    layer = Image.fromarray(np.dstack([color, to_levels(alpha, 8)]))
    buffer = io.BytesIO()
    ground = Image.new("RGBA", layer.size, levels(bgc, (3, 4)))
    Image.alpha_composite(ground, layer).save(buffer, "PNG", compress_level=3, icc_profile=srgb_profile())
    return buffer.getvalue()


def _hardened(alpha: Float) -> Float:
    """Return a mask of 0 and 1 with a smooth outline: opened, blurred, cut at one half."""
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    soft = cv2.GaussianBlur(cv2.morphologyEx(alpha, cv2.MORPH_OPEN, cross), (0, 0), 2)
    return (np.asarray(soft) >= 127 / 255).astype(np.float32)


def _closed_form(photo: UInt8, alpha: Float, options: RemoveOptions) -> Float | None:
    """Return alpha by closed-form matting between what surely is foreground and background; None if there is neither.

    Raises:
        RefusedError: The picture is too large for it, or it is not installed.
    """
    if alpha.size > _MOST_MATTING_MEGAPIXELS * 1e6:
        raise RefusedError(413, f"a: alpha matting takes up to {_MOST_MATTING_MEGAPIXELS:g} megapixels; leave it out")
    mask = to_levels(alpha, 8)
    kernel = np.ones((max(1, options.ae),) * 2, np.uint8)
    sure = cv2.erode((mask > options.af).view(np.uint8), kernel, borderType=cv2.BORDER_CONSTANT, borderValue=(0,))
    none = cv2.erode((mask < options.ab).view(np.uint8), kernel, borderType=cv2.BORDER_CONSTANT, borderValue=(1,))
    if not sure.any() or not none.any():
        return None
    trimap = np.where(sure > 0, np.uint8(255), np.where(none > 0, np.uint8(0), np.uint8(128)))
    try:
        return predict_baseline("closed_form", photo, trimap)
    except MissingDependencyError as error:
        raise RefusedError(501, f"a: {error}") from None
