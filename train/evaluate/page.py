"""The page of an evaluation, and the pictures of its worst cases."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path

from synthmat.report.charts import figure, lines
from synthmat.report.contact_sheet import save_sheet
from synthmat.report.page import Html, cards, notice, picture, section, table, write_page
from synthmat.train.evaluate.bootstrap import MIN_GROUPS, Difference
from synthmat.train.evaluate.results import Results, number
from synthmat.train.evaluate.scores import HIGHER_IS_BETTER, region_of, title_of, unit_of
from synthmat.train.evaluate.worst import Worst
from synthmat.train.metrics import PRESETS

_MAX_ROWS = 1000


def write_report(results: Results, cases: Mapping[str, Worst], out: Path) -> list[Path]:
    """Write ``index.html`` and the pictures of ``cases`` below ``out``; return the page's path."""
    page = out / "index.html"
    shown = {}
    for old in (out / "cases").glob("*.png"):
        old.unlink()
    for kind, worst in cases.items():
        files = []
        for place, (_, name, sheet) in enumerate(worst.kept, start=1):
            path = out / "cases" / f"{kind}_{place}_{re.sub(r'[^A-Za-z0-9._-]+', '_', name)[-60:]}.png"
            save_sheet(sheet, path)
            files.append(path)
        shown[kind] = "".join(picture(path, page, path.stem) for path in files)
    by = title_of(f"{results.presets[0]}.mad")
    parts = [
        cards(_numbers(results)),
        _interrupted(results),
        _failures(results),
        section("Figures", _figures(results)),
        section("Which is better", _comparisons(results)) if len(results.predictors) > 1 else "",
        section("How the errors are spread", _spread(results)),
        section(f"Worst images, by {by}" + (", mean of all" if len(results.predictors) > 1 else ""), shown["worst"]),
        section(f"Images where they differ most in {by}", shown["apart"]),
        section("Every image", _every_image(results), closed=True),
    ]
    where = f"{results.split} of {results.data}, layout {results.layout}"
    write_page(page, f"Evaluation: {', '.join(results.predictors)}", where, parts)
    return [page]


def _numbers(results: Results) -> dict[str, str | Html]:
    found: dict[str, str | Html] = {
        "images": f"{len(results.images):,}",
        "resolution": results.resolution,
        "presets": ", ".join(results.presets),
        "device": results.device,
        "failures": f"{len(results.failures):,}",
    }
    return found


def _interrupted(results: Results) -> str:
    if not results.interrupted:
        return ""
    return notice(f"Interrupted: {len(results.images)} of {results.images_in_all} images were measured")


def _failures(results: Results) -> str:
    names = [f"{row['image']} {row['model']}: {row['error']}" for row in results.failures]
    return notice(f"{len(names):,} could not be measured and are left out", names) if names else ""


def _figures(results: Results) -> str:
    summaries = {label: results.summary(label) for label in results.predictors}
    regions = results.regions()
    rows: list[list[str | Html]] = []
    for name in results.figures():
        best = _best(summaries, name) if len(summaries) > 1 else None
        cells = [_cell(found.get(name), best) for found in summaries.values()]
        rows.append([title_of(name), unit_of(name), region_of(name, regions), *cells])
    costs: list[list[str | Html]] = [
        [words, *(number(of(label)) for label in results.predictors)]
        for words, of in (("ms an image, median", results.milliseconds), ("peak MB", results.peak_megabytes))
    ]
    costs.append(["parameters", *(f"{each.parameters:,}" for each in results.predictors.values())])
    notes = [
        f"Means over images, the best in bold, and medians. Resolution: {results.resolution}.",
        *(f"{label}: {predictor.how}." for label, predictor in results.predictors.items()),
        *(f"Preset {preset}: {PRESETS[preset].description}." for preset in results.presets),
        "IoU, Dice of masks and accuracy are of alpha cut at 0.5; of these and Dice, higher is better.",
        "Memory: what a prediction takes on top of what the process holds; time: without reading the files.",
    ]
    head = ["figure", "unit", "region", *results.predictors]
    tables = table(head, rows) + table(["cost", *results.predictors], costs)
    return tables + "<br>".join(f"<small>{escape(word)}</small>" for word in notes)


def _cell(found: Mapping[str, float | int | None] | None, best: float | None) -> Html:
    if found is None:
        return Html("")
    mean = number(found["mean"])
    small = f"median {number(found['median'])}" + (f", {found['left_out']} left out" if found["left_out"] else "")
    shown = f"<b>{mean}</b>" if best is not None and found["mean"] == best else mean
    return Html(f"{shown} <small>{escape(small)}</small>")


def _best(summaries: Mapping[str, Mapping[str, Mapping[str, float | int | None]]], name: str) -> float | None:
    means = [mean for found in summaries.values() if name in found and (mean := found[name]["mean"]) is not None]
    choose = max if name in HIGHER_IS_BETTER else min
    return choose(means) if means else None


def _comparisons(results: Results) -> str:
    rows: list[list[str | Html]] = []
    for first, second, differences in results.comparisons():
        for name, found in differences.items():
            if name in ("dice_2018", "dice_mask"):
                continue
            better = second if (found.mean < 0) != (name in HIGHER_IS_BETTER) else first
            won = found.second_lower if name not in HIGHER_IS_BETTER else 1 - found.second_lower
            fraction = won if better == second else 1 - won
            words = f"{better}, in {fraction:.0%} of the images" if found.certain else _doubt(found)
            interval = f"{number(found.low) or '0'} .. {number(found.high) or '0'}"
            count = f"{found.images:,} images, {found.groups:,} groups"
            rows.append([f"{second} - {first}", title_of(name), number(found.mean), interval, words, count])
    note = (
        "Difference of the means on the images that both have, with the 95 % interval of a paired bootstrap over "
        "groups (images of one object are one group); one is called better where the interval leaves out 0 and there "
        f"are at least {MIN_GROUPS} groups."
    )
    return (
        table(["difference", "figure", "mean", "95 % interval", "better", "from"], rows) + f"<p class=faint>{note}</p>"
    )


def _doubt(found: Difference) -> str:
    return "too few groups to tell" if found.groups < MIN_GROUPS else "not certain"


def _spread(results: Results) -> str:
    charts = []
    for name in results.figures():
        preset, dot, _ = name.rpartition(".")
        if not dot and name not in ("iou", "dice"):
            continue
        series = {}
        for label in results.predictors:
            values = sorted(
                value
                for image in results.images
                if math.isfinite(value := image.scores.get(label, {}).get(name, math.nan))
            )
            series[label] = [(100 * (place + 0.5) / len(values), value) for place, value in enumerate(values)]
        note = "images sorted from the lowest to the highest, per cent"
        charts.append(figure(f"{title_of(name)} {unit_of(name)}".strip(), lines(series, log=bool(preset)), note))
    return f"<div class=charts>{''.join(charts)}</div>"


def _every_image(results: Results) -> str:
    names = [name for name in results.figures() if name not in ("dice_2018", "dice_mask")]
    head = ["image", "size", "model", *map(title_of, names), "ms"]
    rows: list[list[str | Html]] = [
        [
            image.id,
            f"{image.width}x{image.height}",
            label,
            *(number(scores.get(name)) for name in names),
            number(1000 * image.costs[label].seconds),
        ]
        for image in results.images
        for label, scores in image.scores.items()
    ]
    rest = len(rows) - _MAX_ROWS
    note = f"<p class=faint>and {rest:,} more rows in evaluation.json</p>" if rest > 0 else ""
    return table(head, rows[:_MAX_ROWS]) + note
