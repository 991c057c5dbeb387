"""A package of a user, installed in a folder: one network, loss, layout, built-in object and baseline."""

from __future__ import annotations

from pathlib import Path

NAME, MODULE = "my-matting", "my_matting"
GROUPS = {
    "synthmat.models": {"my_network": "my_matting.network"},
    "synthmat.losses": {"my_loss": "my_matting.losses"},
    "synthmat.layouts": {"my_layout": "my_matting.layout"},
    "synthmat.builtins": {"my_cube": "my_matting.cube"},
    "synthmat.baselines": {"my_baseline": "my_matting.baseline"},
}
_SOURCES = {
    "__init__": 'raise AssertionError("imported although nothing of it is used")\n',
    "network": '''"""One convolution, from a package."""
from typing import Annotated
from pydantic import Field
from torch import nn
from synthmat.train.prediction import MattingNetwork, Prediction

class Network(MattingNetwork):
    def __init__(self, kernel):
        super().__init__()
        self.head = nn.Conv2d(3, 1, kernel, padding=kernel // 2)

    def forward(self, image):
        logits = self.head(image)
        return Prediction(logits.sigmoid(), logits)

def build(kernel: Annotated[int, Field(ge=1, description="Edge of the kernel.")] = 3):
    return Network(kernel)
''',
    "losses": '''"""Losses from a package."""
from synthmat.train.losses.loss import loss

@loss()
def my_loss_loss(prediction, batch):
    """Mean of |p - a|, from a package."""
    return (prediction.alpha - batch["alpha"]).abs().mean()
''',
    "layout": '''"""Pictures NAME.rgb.png with mattes NAME.a.png, from a package."""
from synthmat.layouts import Item

def detect(root):
    return 99 * any(root.glob("*.rgb.png"))

def read(root):
    files = sorted(root.glob("*.rgb.png"))
    names = [file.name.removesuffix(".rgb.png") for file in files]
    return [Item(id=name, image=file, alpha=root / f"{name}.a.png") for name, file in zip(names, files)]
''',
    "cube": '''"""A cube of a random size, from a package."""
import bpy

def build(rng):
    bpy.ops.mesh.primitive_cube_add(size=float(rng.uniform(0.5, 2)))
''',
    "baseline": '''"""Gray everywhere, from a package."""
import numpy as np

def predict(image, trimap, *, seed):
    return np.full(image.shape[:2], 0.5, np.float32)
''',
}


def write_package(
    root: Path,
    *,
    name: str = NAME,
    version: str = "1.0",
    groups: dict[str, dict[str, str]] | None = None,
    sources: dict[str, str] | None = None,
) -> None:
    """Write a package as pip would install it into ``root``, over one that lies there."""
    module = name.replace("-", "_")
    for file, text in {**_SOURCES, "__init__": "", **(sources or {})}.items():
        (root / module).mkdir(parents=True, exist_ok=True)
        (root / module / f"{file}.py").write_text(text)
    for old in root.glob(f"{module}-*.dist-info"):
        for file in old.iterdir():
            file.unlink()
        old.rmdir()
    info = root / f"{module}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    lines = [
        line
        for group, entries in (GROUPS if groups is None else groups).items()
        for line in (f"[{group}]", *(f"{key} = {value}" for key, value in entries.items()))
    ]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")


NEVER_IMPORTED = {"__init__": _SOURCES["__init__"]}
"""Sources of a package that must not be imported."""
