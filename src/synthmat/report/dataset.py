"""Contact sheet and page of a data set: images, mattes and cut-outs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from synthmat.errors import AssetError
from synthmat.images.alpha import Float
from synthmat.report.charts import bars, figure, histogram, scatter
from synthmat.report.dataset_sheet import write_dataset_sheet
from synthmat.report.gallery import Entry, gallery
from synthmat.report.matte_check import BINS, TOUCHES
from synthmat.report.page import Html, cards, failure_notice, href, notice, picture, section, table, write_page
from synthmat.report.pictures import read_matte
from synthmat.report.samples import effects_of, read_samples
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
from synthmat.rows.row_types import FailureRow, SampleRow
from synthmat.rows.samples import StoredSample, draws_of, part_of
from synthmat.storage.output_folder import SPLITS, OutputFolder

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


def report_dataset(output: OutputFolder) -> StageReport:
    """Write ``dataset/contact_sheet.png`` and ``dataset/index.html`` and return what the overview needs."""
    samples = read_samples(output)
    measured = _measure(samples)
    failures = stage_failures(output, "composite")
    sheet, page = output.dataset / "contact_sheet.png", output.dataset / "index.html"
    write_dataset_sheet(samples, sheet, output.root.name)
    missing = [
        f"{sample.split}/{sample.row.get(f'{kind}_file_name')}" for sample in samples for kind in sorted(sample.missing)
    ]
    faults = [(samples[i], found.faults) for i, found in measured.items() if found.faults]
    broken = [f"{sample.name}: {', '.join(why)}" for sample, why in faults if _is_broken(why)]
    cut = sum(not _is_broken(why) for _, why in faults)
    counted = measured_words(len(measured), sum(sample.is_pair for sample in samples), "samples")
    numbers = _numbers(samples, failures, len(missing), len(broken), cut)
    troubles = [f"{plural(len(missing), 'file')} missing"] * bool(missing)
    troubles += [f"{plural(len(broken), 'sample')} with an empty or unreadable matte"] * bool(broken)
    write_page(
        page,
        f"{output.root.name}: data set",
        f"{plural(len(samples), 'sample')} in {output.dataset}",
        [
            cards(numbers),
            failure_notice(failures, output.failures, page),
            notice("In the metadata, but the file is not there", missing) if missing else "",
            notice(f"The matte is empty or cannot be read ({counted} checked)", broken) if broken else "",
            section("Splits", _splits(samples)),
            section("Numbers", f"<div class=charts>{_charts(list(measured.values()), counted)}</div>"),
            section("Effects and objects", _effects(samples)),
            section("Contact sheet", picture(sheet, page, "contact sheet"), closed=True),
            "<h2>Samples</h2>",
        ],
        gallery=gallery("dataset", _entries(samples, measured, page), _filters(samples)),
    )
    return StageReport("Data set", page, numbers, (sheet,), tuple(troubles), (sheet, page))


def _is_broken(faults: tuple[str, ...]) -> bool:
    """An object that the frame cuts off is what many photos show; anything else is a fault of the data set."""
    return any(fault != TOUCHES for fault in faults)


def _measure(samples: list[StoredSample]) -> dict[int, Measured]:
    indices = chosen([sample.is_pair for sample in samples])

    def reader(sample: StoredSample) -> Callable[[], tuple[Float, float | None]]:
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


def _numbers(
    samples: list[StoredSample], failures: list[FailureRow], missing: int, broken: int, cut: int
) -> dict[str, str]:
    splits = Counter(sample.split for sample in samples)
    sizes = {sample.row.get("size") for sample in samples} - {None}
    numbers = {
        "samples": f"{len(samples):,}",
        "train / val / test": " / ".join(f"{splits[split]:,}" for split in SPLITS),
        "objects": f"{len({sample.identity for sample in samples}):,}",
        "photos": f"{len({sample.row.get('background') for sample in samples}):,}",
        "clips": f"{len({sample.row.get('clip') for sample in samples} - {'', None}):,}",
        "edge, pixels": ", ".join(map(str, sorted(sizes, key=str))),
        "failures": f"{len(failures):,}",
        "missing files": f"{missing:,}" if missing else "",
        "bad mattes": f"{broken:,}" if broken else "",
        "objects cut off by the frame": f"{cut:,}" if cut else "",
    }
    return {name: value for name, value in numbers.items() if value and (name, value) != ("clips", "0")}


def _splits(samples: list[StoredSample]) -> str:
    columns: dict[str, Callable[[StoredSample], Any]] = {
        "objects": lambda sample: sample.identity,
        "photos": lambda sample: sample.background,
        "clips": lambda sample: sample.clip,
    }
    rows: list[list[str | Html]] = []
    for split in SPLITS:
        its = [sample for sample in samples if sample.split == split]
        if its:
            counts = [f"{len({column(sample) for sample in its} - {'', None}):,}" for column in columns.values()]
            rows.append([split, f"{len(its):,}", *counts])
    shared = {
        name: {column(sample) for sample in samples if sample.split == "train"}
        & {column(sample) for sample in samples if sample.split != "train"}
        for name, column in columns.items()
    }
    words = (
        f"{plural(len(shared['objects']), 'object')} and {plural(len(shared['photos']), 'photo')} of train are also "
        "in val or test."
    )
    return table(["split", "samples", *columns], rows) + f"<p class=faint>{words}</p>"


def _effects(samples: list[StoredSample]) -> str:
    """Return a row for each effect: how many samples have it, and how much of it."""
    found: dict[str, list[float | None]] = {}
    for sample in samples:
        for name, strength in effects_of(sample.row, draws_of(sample.row)).items():
            found.setdefault(name, []).append(strength)
    rows: list[list[str | Html]] = []
    for name, strengths in sorted(found.items(), key=lambda item: -len(item[1])):
        numbers = [strength for strength in strengths if strength is not None]
        ends = dict.fromkeys(f"{end:.3g}" for end in (min(numbers), max(numbers))) if numbers else {}
        rows.append([name, f"{len(strengths):,}", f"{len(strengths) / len(samples):.1%}", " to ".join(ends)])
    counts = Counter(count for sample in samples if isinstance(count := sample.row.get("objects"), int))
    for count, its in sorted(counts.items()):
        rows.append([plural(count, "object"), f"{its:,}", f"{its / len(samples):.1%}", ""])
    return table(["what", "samples", "share", "strength"], rows) if rows else ""


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
            figure("Where the object's center lies, left to right and top to bottom",
                   scatter([(m.x, m.y) for m in mattes], (0, 1), (0, 1), down=True), counted),
            figure("Brightness of the images", histogram(bright, limits=(0, 1)), counted),
        ]
    )  # fmt: skip


def _filters(samples: list[StoredSample]) -> list[str]:
    clips = ["clip"] if any(sample.clip for sample in samples) else []
    return ["split", "object", "photo", "license", "effect", *clips]


def _entries(samples: list[StoredSample], measured: dict[int, Measured], page: Path) -> list[Entry]:
    return [_entry(sample, measured.get(index), page) for index, sample in enumerate(samples)]


def _entry(sample: StoredSample, found: Measured | None, page: Path) -> Entry:
    row, matte = sample.row, found.matte if found else None
    drawn = draws_of(row)
    effects = effects_of(row, drawn)
    of_matte = found.faults if found else ()
    photo = str(row.get("background", ""))
    return Entry(
        title=str(row["id"]),
        note=f"{sample.split} · {row.get('object')} on {Path(photo).name}",
        files={kind: "" if kind in sample.missing else href(file, page) for kind, file in sample.files.items()},
        faults=tuple(f"{kind}: {MISSING}" for kind in sorted(sample.missing))
        + tuple(why for why in of_matte if why != TOUCHES),
        groups={
            "split": sample.split,
            "object": sample.identity,
            "photo": photo,
            "license": str(row.get("licenses") or ""),
            "effect": "; ".join(effects),
            "clip": str(row.get("clip") or ""),
        },
        facts={
            "variant": str(row.get("object", "")) if str(row.get("object")) != sample.identity else "",
            "view": str(row.get("view", "")),
            "frame": _short(row.get("frame")) if row.get("clip") else "",
            "light": str(row.get("light") or ""),
            "behind it": str(row.get("others") or ""),
            "distractors": str(row.get("distractors") or ""),
            "scale": _short(row.get("scale")),
            "position": ", ".join(filter(None, (_short(row.get("x")), _short(row.get("y"))))),
            "cut off": "by the frame" if TOUCHES in of_matte else "",
            "mirrored": "yes" if row.get("flip") else "",
            "strengths": ", ".join(f"{name} {value:.3g}" for name, value in effects.items() if value is not None),
            "trimap by": str(part_of(drawn, "trimap").get("method", "")) if "trimap" in sample.files else "",
            "blend": str(row.get("blend") or ""),
            "equation": ("exact" if row["exact"] else "not exact") if "exact" in row else "",
            "area": f"{matte.area:.1%}" if matte else "",
            "soft pixels": f"{matte.soft:.1%}" if matte else "",
            "model's license": str(row.get("model_license") or ""),
            "model's source": str(row.get("model_source") or ""),
            "photo's license": str(row.get("background_license") or ""),
            "photo's source": str(row.get("background_source") or ""),
        },
        edge=(matte.edge_x, matte.edge_y) if matte else _middle(row),
        clip=str(row.get("clip") or ""),
    )


def _middle(row: SampleRow) -> tuple[float, float]:
    """Return where the object lies by its row, for samples whose pixels were not read."""
    x, y = row.get("x"), row.get("y")
    if isinstance(x, int | float) and isinstance(y, int | float):
        return min(1.0, max(0.0, float(x))), min(1.0, max(0.0, float(y)))
    return 0.5, 0.5


def _short(value: Any) -> str:
    return f"{value:.2f}" if isinstance(value, float) else "" if value is None else str(value)
