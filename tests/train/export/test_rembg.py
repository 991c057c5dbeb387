"""rembg's custom sessions, as its version 2 calls a network, on what is exported for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data
from support.matting_checkpoint import write_checkpoint

from synthmat.errors import AssetError
from synthmat.train.engine.checkpoint import load_model
from synthmat.train.export.rembg import SESSIONS, pinned, session_for
from synthmat.train.export.stage import export_model
from synthmat.train.predict.onnx_predictor import open_session
from synthmat.train.predict.predictor import open_predictor
from synthmat.train.predict.sized_predictor import Trained


def stretched(alpha: np.ndarray) -> np.ndarray:
    """Return the mask that rembg makes of an alpha: stretched to [0, 1] and cut off to levels."""
    low, high = alpha.min(), alpha.max()
    return ((alpha - low) / (high - low) * 255).astype(np.uint8)


def mask_by_rembg(path: Path, photo: np.ndarray, session: str) -> np.ndarray:
    """Return rembg's mask at the network's size."""
    about = SESSIONS[session]
    small = Image.fromarray(photo).resize((about.edge, about.edge), Image.Resampling.LANCZOS)
    planes = np.array(small) / max(np.max(small), 1e-6)
    planes = ((planes - about.mean) / about.deviation).transpose(2, 0, 1)[None].astype(np.float32)
    opened = open_session(path)
    (found,) = opened.run(None, {opened.get_inputs()[0].name: planes})
    assert found.shape == (1, 1, about.edge, about.edge)
    return stretched(found[0, 0])


@pytest.mark.parametrize("size", [32, 320, 400])
def test_rembg_gets_the_networks_own_mask(tmp_path: Path, size: int) -> None:
    checkpoint = write_checkpoint(tmp_path / "best.pt", size=size)
    made = export_model(checkpoint, target="rembg:u2net_custom")
    assert made.path.name == "best.u2net_custom.onnx"
    photo = data.astronaut()
    assert photo.max() == 255
    mask = mask_by_rembg(made.path, photo, "u2net_custom")
    network, _ = load_model(checkpoint)
    small = np.asarray(Image.fromarray(photo).resize((320, 320), Image.Resampling.LANCZOS))
    image = torch.from_numpy(small.copy()).permute(2, 0, 1)[None].float() / 255
    with torch.inference_mode():
        mode = {"mode": "area"} if size < 320 else {"mode": "bilinear"}
        alpha = network(torch.nn.functional.interpolate(image, size=(size, size), **mode)).alpha
        mode = {"mode": "area"} if size > 320 else {"mode": "bilinear"}
        alpha = torch.nn.functional.interpolate(alpha, size=(320, 320), **mode)
    wanted = np.rint(alpha[0, 0].numpy() * 255)
    # The two pixels that are there for rembg's stretching are the only ones off by more than one level.
    assert (np.abs(wanted - mask) > 1).sum() <= 2


def masks(alpha: float) -> torch.Tensor:
    return torch.full((1, 1, 8, 8), alpha)


@pytest.mark.parametrize("level", [0.0, 0.002, 0.04, 0.3, 0.5, 0.7, 1.0])
def test_an_even_mask_stays_as_it_is_but_for_two_pixels(level: float) -> None:
    found = stretched(pinned(masks(level)).numpy())[0, 0]
    counts = dict(zip(*np.unique(found, return_counts=True), strict=True))
    assert sum(count for value, count in counts.items() if abs(float(value) - level * 255) <= 0.51) >= 62


def test_a_nearly_empty_mask_is_not_stretched() -> None:
    alpha = masks(0.0)
    alpha[0, 0, 3, 4] = 0.05
    found = stretched(pinned(alpha).numpy())[0, 0]
    assert found[3, 4] == round(0.05 * 255)
    # The one pixel that is 1 is in the corner.
    assert np.argwhere(found > 13).tolist() == [[0, 0]]


def test_of_an_object_its_most_opaque_pixel_is_raised_and_nothing_else() -> None:
    alpha = masks(0.0)
    alpha[0, 0, 3:6, 3:6] = 0.9
    alpha[0, 0, 4, 4] = 0.95
    found = stretched(pinned(alpha).numpy())[0, 0]
    wanted = np.rint(alpha[0, 0].numpy() * 255)
    assert np.argwhere(np.abs(found - wanted) > 0.5).tolist() == [[4, 4]]


def test_the_session_nearest_in_size_is_chosen() -> None:
    small = Trained("residual_unet", ("image",), 64, False, False, 1)
    assert session_for("rembg", small) == "u2net_custom"
    assert session_for("rembg", Trained("residual_unet", ("image",), 512, False, False, 1)) == "dis_custom"
    assert session_for("rembg", Trained("residual_unet", ("image",), 256, True, False, 1)) == "dis_custom"
    assert session_for("rembg:dis_custom", small) == "dis_custom"


def test_networks_that_need_more_than_a_picture_are_refused(tmp_path: Path) -> None:
    checkpoint = write_checkpoint(tmp_path / "dim.pt", "deep_image_matting_28", width=None)
    with pytest.raises(AssetError, match="rembg gives a network nothing but a picture"):
        export_model(checkpoint, target="rembg")


def test_predict_refuses_what_was_exported_for_rembg(tmp_path: Path) -> None:
    made = export_model(write_checkpoint(tmp_path / "best.pt"), target="rembg")
    assert made.description.fixed == 320
    with pytest.raises(AssetError, match="was exported for rembg u2net_custom"):
        open_predictor(str(made.path))
