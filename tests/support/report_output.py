"""Output folders as the stages write them, with awkward names."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.storage.manifest import write_rows

SIZE = 48
OBJECTS = ("fox", "robot 01", "<script>alert('x')", '100%#what?"', "キツネ{}$title&amp;")


def disc(radius: float, x: float = 0.5, y: float = 0.5) -> NDArray[np.float32]:
    """Return the matte of a disc with a soft edge; radius and center are shares of the frame."""
    rows, columns = (np.indices((SIZE, SIZE)) + 0.5) / SIZE
    distance = np.hypot(columns - x, rows - y)
    return np.clip((radius - distance) * SIZE / 2 + 0.5, 0, 1).astype(np.float32)


def write_rgba(path: Path, alpha: NDArray[np.float32], bits: int = 8) -> None:
    """Write an orange object with the given matte as straight RGBA."""
    top = 2**bits - 1
    pixels = np.dstack([np.full_like(alpha, value) for value in (0.1, 0.5, 0.9)] + [alpha]) * top
    _write(path, pixels, bits)


def write_grey(path: Path, alpha: NDArray[np.float32], bits: int = 8) -> None:
    """Write a matte."""
    _write(path, alpha * (2**bits - 1), bits)


def _write(path: Path, levels: NDArray[Any], bits: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    dtype = np.uint8 if bits == 8 else np.uint16
    path.write_bytes(cv2.imencode(".png", np.rint(levels).astype(dtype))[1].tobytes())


def frame_row(name: str, view: str, **more: Any) -> dict[str, Any]:
    """Return a row of the render manifest."""
    return {
        "object": name, "view": view, "files": {f"{name}/{view}.png": "0" * 64}, "seconds": 1.5, "width": SIZE,
        "height": SIZE, "samples": 16, "device": "cpu: test", "blender": "4.5.15", "azimuth": 30.0, "elevation": 10.0,
        "light": {"kind": "three_point"}, "model": {"file": f"{name}.glb", "license": "CC0-1.0", "source": "<i>me</i>"},
        "warnings": [], **more,
    }  # fmt: skip


def make_renders(root: Path, objects: Iterable[str] = OBJECTS, views: int = 3) -> list[dict[str, Any]]:
    """Write frames and their manifest."""
    rows = []
    for name in objects:
        for view in range(views):
            write_rgba(root / "renders" / name / f"{view:04d}.png", disc(0.3), bits=16 if view == 1 else 8)
            rows.append(frame_row(name, f"{view:04d}"))
    write_rows(root / "renders/manifest.jsonl", rows)
    return rows


def make_dataset(root: Path, objects: Iterable[str] = OBJECTS, each: int = 2) -> dict[str, list[dict[str, Any]]]:
    """Write a data set whose last object is the test split and whose last but one is the validation split."""
    names = list(objects)
    splits: dict[str, list[dict[str, Any]]] = {"train": [], "val": [], "test": []}
    for place, name in enumerate(names):
        split = {len(names) - 1: "test", len(names) - 2: "val"}.get(place, "train")
        for number in range(each):
            sample = f"{name}_{number:03d}"
            row = {
                "id": sample, "split": split, "object": name, "view": "0000", "background": "photos/<b>.jpg",
                "image_file_name": f"images/{sample}.png", "alpha_file_name": f"alpha/{sample}.png",
                "fg_file_name": f"fg/{sample}.png", "scale": 0.6, "x": 0.5, "y": 0.5, "flip": False, "size": SIZE,
            }  # fmt: skip
            folder, alpha = root / "dataset" / split, disc(0.3)
            write_grey(folder / row["alpha_file_name"], alpha, bits=16)
            for kind in ("image", "fg"):
                write_rgba(folder / str(row[f"{kind}_file_name"]), np.ones_like(alpha))
            splits[split].append(row)
    for split, rows in splits.items():
        write_rows(root / "dataset" / split / "metadata.jsonl", rows)
    return splits


def make_training(folder: Path, *, finished: bool = True) -> None:
    """Write the files of a training of three epochs."""
    rows = [
        {
            "epoch": epoch, "train_loss": 1 / epoch, "val_loss": 1.2 / epoch, "dice": 1 - 0.3 / epoch, "dice_mask": 0.9,
            "dice_2018": 0.5, "accuracy": 0.9, "mad": 0.1 / epoch, "mse": 0.05, "learning_rate": 0.001, "seconds": 2.0,
            "data_wait_share": 0.0,
        }
        for epoch in (1, 2, 3)
    ]  # fmt: skip
    write_rows(folder / "metrics.jsonl", rows)
    if finished:
        score = {"loss": 0.4, "dice": 0.8765, "dice_mask": 0.9, "accuracy": 0.9, "mad": 0.0333, "mse": 0.05}
        summary = {"model": "residual_unet", "parameters": 12345, "size": 64, "samples": {"val": 9, "test": 4},
                   "epochs": 3, "best_epoch": 3, "stopped": "", "val": score, "test": score}  # fmt: skip
        (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
        for name in ("curves.png", "samples.png"):
            write_rgba(folder / name, np.ones((SIZE, SIZE), np.float32))
