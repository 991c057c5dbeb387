"""A small data set of ours, written file by file: pictures of 40 x 24 pixels with soft mattes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from synthmat.images.alpha import over_uint8
from synthmat.storage.atomic import sha256_file
from synthmat.storage.manifest import write_rows

WIDTH, HEIGHT = 40, 24
FOLDERS = {"image": "images"}
ALL = ("image", "alpha", "fg", "bg", "captured_bg", "trimap")
# Names that a reader could mistake for words of its own.
NAMES = {
    "train": ("paperclip_0000-jpg", "fg_mug-0002", "fox-0010"),
    "val": ("clip_img-0001", "png_owl-0003"),
    "test": ("mask-0007", "alpha_fern-0008"),
}


def soft_alpha(rng: np.random.Generator, bits: int = 8) -> np.ndarray:
    """Return a disc with a soft edge somewhere in the frame, uint8 or uint16 ``(HEIGHT, WIDTH)``."""
    rows, columns = np.indices((HEIGHT, WIDTH))
    x, y = rng.uniform(12, WIDTH - 12), rng.uniform(9, HEIGHT - 9)
    alpha = np.clip((7.3 - np.hypot(columns - x, rows - y)) / 4 + 0.5, 0, 1)
    return np.rint(alpha * (2**bits - 1)).astype(np.uint16 if bits == 16 else np.uint8)


def pixels_of(number: int, bits: int = 8) -> dict[str, np.ndarray]:
    """Return the pixels of every kind of a sample."""
    rng = np.random.default_rng(number)
    alpha = soft_alpha(rng, bits)
    fg, bg = rng.integers(0, 256, (2, HEIGHT, WIDTH, 3), np.uint8)
    levels = alpha.astype(np.float64) / (2**bits - 1)
    trimap = np.where(levels >= 1, 255, np.where(levels <= 0, 0, 128)).astype(np.uint8)
    captured = np.clip(bg.astype(np.int16) + 5, 0, 255).astype(np.uint8)
    image = over_uint8(fg, alpha, bg)
    return {"image": image, "alpha": alpha, "fg": fg, "bg": bg, "captured_bg": captured, "trimap": trimap}


class Stored:
    """The data set ``root/dataset``; ``pixels`` are those of each sample by split and id, as they were written."""

    def __init__(
        self,
        root: Path,
        kinds: tuple[str, ...] = ALL,
        *,
        names: dict[str, tuple[str, ...]] = NAMES,
        image_format: str = "png",
        bits: int = 8,
        clips: bool = False,
    ) -> None:
        self.root = root
        self.folder = root / "dataset"
        self.bits = bits
        self.pixels: dict[tuple[str, str], dict[str, np.ndarray]] = {}
        for split, own in names.items():
            rows = []
            for number, name in enumerate(own):
                row = self._sample(split, name, kinds, image_format)
                clip = {"clip": f"{split}_walk", "frame": number} if clips else {"clip": "", "frame": 0}
                rows.append(row | clip)
            write_rows(self.folder / split / "metadata.jsonl", rows)

    def _sample(self, split: str, name: str, kinds: tuple[str, ...], image_format: str) -> dict[str, Any]:
        pixels = pixels_of(len(self.pixels), self.bits)
        row: dict[str, Any] = {"id": name, "split": split, "object": name[:3], "identity": name[:3]}
        row |= {"view": name[-4:], "background": f"photo-{split}.jpg"}
        for kind in kinds:
            suffix = image_format if kind in ("image", "bg", "captured_bg") else "png"
            path = self.folder / split / FOLDERS.get(kind, kind) / f"{name}.{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels[kind]).save(path, **({"quality": 95, "subsampling": 0} if suffix == "jpg" else {}))
            if suffix == "jpg":
                pixels[kind] = np.asarray(Image.open(path))
            row[f"{kind}_file_name"] = f"{path.parent.name}/{path.name}"
            row[f"{kind}_sha256"] = sha256_file(path)
        self.pixels[split, name] = {kind: pixels[kind] for kind in kinds}
        return row

    def alpha_8(self, split: str, name: str) -> np.ndarray:
        """Return a sample's alpha, rounded to 8 bits."""
        alpha = self.pixels[split, name]["alpha"]
        return alpha if self.bits == 8 else np.rint(alpha / 257).astype(np.uint8)

    def of(self, split: str) -> dict[str, dict[str, np.ndarray]]:
        """Return the pixels of a split's samples by id."""
        return {name: pixels for (own, name), pixels in self.pixels.items() if own == split}


def place(root: Path, name: str, pixels: np.ndarray, **save: Any) -> Path:
    """Write a picture at ``root/name``, making folders."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **save)
    return path
