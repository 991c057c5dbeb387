"""Make the README's picture from a finished run: tools/make_overview.py OUTPUT_FOLDER docs/overview.jpg

A column for each of a few test samples: the render, the composite, its matte, and what the network made of it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from synthmat.report.contact_sheet import grid
from synthmat.report.pictures import over_checker, read_rgba
from synthmat.storage.manifest import read_rows
from synthmat.storage.output_folder import OutputFolder
from synthmat.train.engine.checkpoint import load_model

COLUMNS, CELL = 8, 132


def main(output: OutputFolder, target: Path) -> None:
    """Write the picture."""
    rows = [row for split in ("test", "val") for row in read_rows(output.metadata(split))]
    rows = [rows[len(rows) * number // COLUMNS] for number in range(COLUMNS)]
    model, config = load_model(output.training / "best.pt")
    size = config["train"]["size"]
    lines: list[list[Image.Image]] = [[], [], [], []]
    for row in rows:
        folder = output.dataset / row["split"]
        image = Image.open(folder / row["image_file_name"]).convert("RGB")
        pixels = np.asarray(image.resize((size, size), Image.Resampling.BOX), np.float32) / 255
        with torch.no_grad():
            alpha = model(torch.from_numpy(pixels).permute(2, 0, 1)[None]).alpha[0, 0].numpy()
        render = over_checker(read_rgba(output.renders / row["object"] / f"{row['view']}.png"))
        matte = Image.open(folder / row["alpha_file_name"])
        guess = Image.fromarray(np.rint(alpha * 255).astype(np.uint8))
        for line, picture in zip(lines, (render, image, matte, guess), strict=True):
            line.append(picture.resize((CELL, CELL), Image.Resampling.BICUBIC))
    names = ["render", "composite", "its matte", f"network, {size} px"]
    target.parent.mkdir(exist_ok=True)
    grid(lines, names, cell=(CELL, CELL)).save(target, quality=88)


if __name__ == "__main__":
    main(OutputFolder(Path(sys.argv[1]).absolute()), Path(sys.argv[2]))
