"""Renders made without Blender: soft-edged pictures with a manifest as the render stage writes it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from synthmat.recipe import Recipe, parse_recipe
from synthmat.storage.manifest import write_rows
from synthmat.storage.output_folder import OutputFolder


class Project:
    """A folder with a recipe's files: ``renders`` and ``photos`` fill it, ``recipe`` reads the rest."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.output = OutputFolder(base / "out")
        self._rows: dict[tuple[str, str], dict[str, Any]] = {}

    def render(
        self,
        name: str,
        view: int | str,
        rgba: np.ndarray | None = None,
        clip: str = "",
        lit_as: Path | None = None,
        **model: str,
    ) -> Path:
        """Write one frame and the manifest; ``rgba`` is straight, uint8 or uint16, ``lit_as`` a photo."""
        rgba = soft_disc(seed=len(self._rows)) if rgba is None else rgba
        path = self.output.renders / name / (f"{view}.png" if isinstance(view, str) else f"{view:04d}.png")
        path.parent.mkdir(parents=True, exist_ok=True)
        assert cv2.imwrite(str(path), cv2.cvtColor(rgba, cv2.COLOR_RGBA2BGRA))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        row = {"object": name, "view": path.stem, "files": {f"{name}/{path.name}": digest}, "model": model}
        row["animation"] = {"clip": clip or None}
        if lit_as is not None:
            photo = hashlib.sha256(lit_as.read_bytes()).hexdigest()
            row["light"] = {"kind": "as_photo", "photo": lit_as.name, "photo_sha256": photo}
        self._rows[name, path.stem] = row
        write_rows(self.output.render_manifest, self._rows.values())
        return path

    def renders(self, objects: int = 3, views: int = 2) -> None:
        for number in range(objects):
            for view in range(views):
                self.render(f"object{number}", view, license="CC0-1.0", source="test")

    def photo(self, name: str, pixels: np.ndarray | None = None, **save: Any) -> Path:
        path = self.base / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = noise_photo(len(list(path.parent.iterdir()))) if pixels is None else pixels
        Image.fromarray(pixels).save(path, **save)
        return path

    def photos(self, count: int = 4) -> None:
        for number in range(count):
            self.photo(f"photo{number}.png")

    def recipe(self, composite: str = "", **top: Any) -> Recipe:
        """Return a recipe with 48-pixel samples; ``composite`` holds further keys, as ``size: 32, per_view: 2``."""
        photos = "" if "backgrounds" in composite else "backgrounds: photos, "
        size = "" if "size:" in composite.split("{")[0] or ", size:" in composite else "size: 48, "
        keys = f"{{{photos}{size}image_format: {top.get('image_format', 'png')}, {composite}}}"
        text = f"name: trial\nseed: {top.get('seed', 1)}\nobjects: [{{models: x}}]\ncomposite: {keys}\n"
        return parse_recipe(text)


def soft_disc(size: int = 64, seed: int = 0, dtype: type = np.uint8, hidden: int = 0) -> np.ndarray:
    """Return a disc with a soft edge, color ``hidden`` under alpha 0."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size] + 0.5
    centre = size / 2 + rng.uniform(-2, 2, 2)
    distance = np.hypot(x - centre[0], y - centre[1])
    alpha = np.clip((size * 0.3 - distance) / 4 + 0.5, 0, 1)
    color = rng.uniform(0.2, 1, 3)
    top = np.iinfo(dtype).max
    rgba = np.empty((size, size, 4), dtype)
    rgba[..., :3] = np.rint(color * top * (0.7 + 0.3 * x[..., None] / size))
    rgba[..., 3] = np.rint(alpha * top)
    rgba[rgba[..., 3] == 0, :3] = hidden
    return rgba


def noise_photo(seed: int, height: int = 60, width: int = 80) -> np.ndarray:
    return np.random.default_rng(1000 + seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
