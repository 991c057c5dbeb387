"""Contact sheet and page of a data set: images, mattes and cut-outs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from synthmat.alpha import Float
from synthmat.errors import AssetError
from synthmat.layout import SPLITS, Layout
from synthmat.manifest import Row
from synthmat.report.charts import bars, figure, histogram, scatter
from synthmat.report.dataset_sheet import write_dataset_sheet
from synthmat.report.gallery import Entry, gallery
from synthmat.report.matte_check import BINS
from synthmat.report.page import cards, failure_notice, href, notice, picture, section, table, write_page
from synthmat.report.pictures import read_matte
from synthmat.report.samples import Sample, read_samples
from synthmat.report.stage_report import (
    MISSING,
    Measured,
    StageReport,
    chosen,
    measure_all,
    measured_words,
    plural,
    stage_failures,
)

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


def report_dataset(layout: Layout) -> StageReport:
    """Write ``dataset/contact_sheet.png`` and ``dataset/index.html`` and return what the overview needs."""
    samples = read_samples(layout)
    measured = _measure(samples)
    failures = stage_failures(layout, "composite")
    sheet, page = layout.dataset / "contact_sheet.png", layout.dataset / "index.html"
    write_dataset_sheet(samples, sheet, layout.root.name)
    missing = [
        f"{sample.row.get('split')}/{sample.row.get(f'{kind}_file_name')}" for sample in samples for kind in sample.lost
    ]
    faults = [(samples[i], found.faults) for i, found in measured.items() if found.faults]
    broken = [f"{sample.name}: {', '.join(why)}" for sample, why in faults if _is_broken(why)]
    cut = sum(not _is_broken(why) for _, why in faults)
    counted = measured_words(len(measured), sum(sample.pair for sample in samples), "samples")
    numbers = _numbers(samples, failures, len(missing), len(broken), cut)
    troubles = [f"{plural(len(missing), 'file')} missing"] * bool(missing)
    troubles += [f"{plural(len(broken), 'sample')} with an empty or unreadable matte"] * bool(broken)
    write_page(
        page,
        f"{layout.root.name}: data set",
        f"{plural(len(samples), 'sample')} in {layout.dataset}",
        [
            cards(numbers),
            failure_notice(failures, layout.failures, page),
            notice("In the metadata, but the file is not there", missing) if missing else "",
            notice(f"The matte is empty or cannot be read ({counted} checked)", broken) if broken else "",
            section("Splits", _splits(samples)),
            section("Numbers", f"<div class=charts>{_charts(list(measured.values()), counted)}</div>"),
            section("Contact sheet", picture(sheet, page, "contact sheet"), closed=True),
            "<h2>Samples</h2>",
        ],
        gallery=gallery("dataset", _entries(samples, measured, page), ["split", "object", "background"]),
    )
    return StageReport("Data set", page, numbers, (sheet,), tuple(troubles), (sheet, page))


def _is_broken(faults: tuple[str, ...]) -> bool:
    """An object that the frame cuts off is what many photos show; anything else is a fault of the data set."""
    return any("touches" not in fault for fault in faults)


def _measure(samples: list[Sample]) -> dict[int, Measured]:
    indices = chosen([sample.pair for sample in samples])

    def reader(sample: Sample) -> Callable[[], tuple[Float, float | None]]:
        return lambda: (read_matte(sample.files["alpha"]), _brightness(sample.files["image"]))

    return dict(zip(indices, measure_all([reader(samples[index]) for index in indices]), strict=True))


def _brightness(path: Path) -> float:
    """Return the mean luma of an image; Pillow decodes a JPEG at an eighth of its size, which is enough for a mean."""
    try:
        with Image.open(path) as file:
            file.draft("RGB", (64, 64))
            pixels = np.asarray(file.convert("RGB"), np.float32)
    except OSError:
        raise AssetError(f"{path}: not a picture") from None
    return float(pixels.reshape(-1, 3).mean(0) @ _LUMA) / 255


def _numbers(samples: list[Sample], failures: list[Row], missing: int, broken: int, cut: int) -> dict[str, str]:
    splits = Counter(sample.row["split"] for sample in samples)
    sizes = {sample.row.get("size") for sample in samples} - {None}
    numbers = {
        "samples": f"{len(samples):,}",
        "train / val / test": " / ".join(f"{splits[split]:,}" for split in SPLITS),
        "objects": f"{len({sample.row.get('object') for sample in samples}):,}",
        "photos": f"{len({sample.row.get('background') for sample in samples}):,}",
        "edge, pixels": ", ".join(map(str, sorted(sizes, key=str))),
        "failures": f"{len(failures):,}",
        "missing files": f"{missing:,}" if missing else "",
        "bad mattes": f"{broken:,}" if broken else "",
        "objects cut off by the frame": f"{cut:,}" if cut else "",
    }
    return {name: value for name, value in numbers.items() if value}


def _splits(samples: list[Sample]) -> str:
    rows = []
    for split in SPLITS:
        its = [sample.row for sample in samples if sample.row["split"] == split]
        if its:
            rows.append(
                [
                    split,
                    f"{len(its):,}",
                    *(f"{len({row.get(key) for row in its}):,}" for key in ("object", "background")),
                ]
            )
    shared = {
        key: {row.row.get(key) for row in samples if row.row["split"] == "train"}
        & {row.row.get(key) for row in samples if row.row["split"] != "train"}
        for key in ("object", "background")
    }
    words = (
        f"{plural(len(shared['object']), 'object')} and {plural(len(shared['background']), 'photo')} of train are also "
        "in val or test."
    )
    return table(["split", "samples", "objects", "photos"], rows) + f"<p class=faint>{words}</p>"


def _charts(measured: list[Measured], counted: str) -> str:
    mattes = [found.matte for found in measured if found.matte is not None]
    soft = [sum(matte.histogram[i] for matte in mattes) for i in range(BINS)]
    many = max(1, len(mattes))
    share, opaque = sum(m.soft for m in mattes) / many, sum(m.opaque for m in mattes) / many
    words = f"{share:.1%} of the pixels are soft, {opaque:.1%} opaque, {1 - share - opaque:.1%} transparent; {counted}"
    areas = [matte.area for matte in mattes]
    bright = [found.brightness for found in measured if found.brightness is not None]
    return "".join(
        [
            figure("Alpha of the soft pixels", bars(soft, 0, 1), words),
            figure("Area of the object, share of the image", histogram(areas, limits=(0, 1)), counted),
            figure("Where the object's centre lies, left to right and top to bottom",
                   scatter([(m.x, m.y) for m in mattes], (0, 1), (0, 1), down=True), counted),
            figure("Brightness of the images", histogram(bright, limits=(0, 1)), counted),
        ]
    )  # fmt: skip


def _entries(samples: list[Sample], measured: dict[int, Measured], page: Path) -> list[Entry]:
    entries = []
    for index, sample in enumerate(samples):
        row, found = sample.row, measured.get(index)
        matte = found.matte if found else None
        links = {kind: href(file, page) for kind, file in sample.files.items() if kind not in sample.lost}
        lost = tuple(f"{kind}: {MISSING}" for kind in sample.lost)
        entries.append(
            Entry(
                title=str(row["id"]),
                note=f"{row['split']} · {row.get('object')} on {Path(str(row.get('background'))).name}",
                image=links.get("image", ""),
                alpha=links.get("alpha", ""),
                fg=links.get("fg", ""),
                faults=lost + (found.faults if found else ()),
                groups={key: str(row.get(key, "")) for key in ("split", "object", "background")},
                facts={
                    "view": str(row.get("view", "")),
                    "scale": _short(row.get("scale")),
                    "position": ", ".join(filter(None, (_short(row.get("x")), _short(row.get("y"))))),
                    "mirrored": "yes" if row.get("flip") else "",
                    "area": f"{matte.area:.1%}" if matte else "",
                    "soft pixels": f"{matte.soft:.1%}" if matte else "",
                    "model's licence": str(row.get("model_license") or ""),
                    "photo's licence": str(row.get("background_license") or ""),
                },
                edge=(matte.edge_x, matte.edge_y) if matte else _middle(row),
            )
        )
    return entries


def _middle(row: Row) -> tuple[float, float]:
    """Return where the object lies by its row, for samples whose pixels were not read."""
    x, y = row.get("x"), row.get("y")
    if isinstance(x, int | float) and isinstance(y, int | float):
        return min(1.0, max(0.0, float(x))), min(1.0, max(0.0, float(y)))
    return 0.5, 0.5


def _short(value: Any) -> str:
    return f"{value:.2f}" if isinstance(value, float) else "" if value is None else str(value)
