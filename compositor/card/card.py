"""The data-set card: what is in the folder, how it was divided, under which licenses, and how to read it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import yaml

from synthmat.compositor.card.card_licenses import license_sections, used_things
from synthmat.compositor.planning.plan import Plan
from synthmat.recipe import Recipe
from synthmat.rows.row_types import SampleRow
from synthmat.rows.samples import draws_of, part_of
from synthmat.storage.atomic import write_text
from synthmat.storage.output_folder import SPLITS, OutputFolder

_MAX_DRAWS = 2000
_RULES = {
    "object": "By object: no model is in two splits.",
    "view": "By view: every split shows other views of the same models, in blocks of neighboring angles.",
    "sample": "At random, sample by sample: models are shared between the splits.",
    "none": "Not divided: everything is train unless the recipe says otherwise.",
}
_FILES = {
    "image": "images/{id}.{suffix} | the composite, sRGB",
    "alpha": "alpha/{id}.png | the matte, {bits}-bit gray, 0 transparent to {top} opaque",
    "fg": "fg/{id}.{suffix} | the object's straight color, continued where alpha is 0",
    "bg": "bg/{id}.{suffix} | the background as the camera saw it without object, shadow and noise",
    "captured_bg": "captured_bg/{id}.{suffix} | the background photographed once more: noise, colors, misalignment",
    "trimap": "trimap/{id}.png | 0 background, 128 unknown, 255 foreground",
    "shadow": "shadow/{id}.png | how much light the ground loses: 255 for all of it",
}
_EFFECTS = {
    "color_transfer": "colors towards the photo's (Reinhard 2001)",
    "sharpness": "as sharp as the photo at most",
    "grain": "as noisy as the photo",
    "haze": "haze",
    "exposure": "exposure",
    "temperature": "white balance",
    "noise": "sensor noise over the image",
    "jpeg_quality": "JPEG artifacts in the image",
}


def write_card(output: OutputFolder, recipe: Recipe, plan: Plan, rows: dict[str, SampleRow]) -> None:
    """Write ``dataset/README.md`` for the samples that are there, or remove it when there are none."""
    path = output.dataset / "README.md"
    if not rows:
        path.unlink(missing_ok=True)
        return
    write_text(path, card_text(recipe, plan, list(rows.values())))


def card_text(recipe: Recipe, plan: Plan, rows: list[SampleRow]) -> str:
    """Return the card as Markdown with the front matter that the Hugging Face Hub reads."""
    models, photos = used_things(plan, rows)
    pairs = {(entry.photo, entry.split) for entry in plan.entries}
    apart = len(pairs) == len({photo for photo, _ in pairs})
    sections = [
        _front_matter(recipe, plan, apart, {each.license for each in (*models, *photos)}, len(rows)),
        f"# {recipe.name}\n\nImages with exact alpha mattes: objects composited over photographs by synthmat from the "
        f"recipe `{recipe.name}`, seed {recipe.seed}. The full recipe is `../recipe.yaml`.",
        "![contact sheet](contact_sheet.png)",
        _counts(plan, rows, apart),
        _files(recipe, rows),
        _realism(rows),
        _reading(),
        *license_sections(models, photos, rows),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _front_matter(recipe: Recipe, plan: Plan, photos_apart: bool, licenses: set[str], count: int) -> str:
    only = next(iter(licenses)).lower() if len(licenses) == 1 else ""
    sizes = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
    data = {
        "license": only if re.fullmatch(r"(cc0|cc-by(-sa|-nc)?)-[1-4]\.0|mit|apache-2\.0", only) else "other",
        "pretty_name": recipe.name,
        "tags": ["alpha-matting", "image-matting", "synthetic", "synthmat"],
        "task_categories": ["image-segmentation"],
        "size_categories": [next((name for most, name in sizes if count < most), "n>1M")],
        # What `synthmat verify` holds the splits to.
        "synthmat": {"split_by": plan.rule, "photos_apart": photos_apart},
    }
    return f"---\n{yaml.safe_dump(data, sort_keys=False)}---"


def _counts(plan: Plan, rows: list[SampleRow], photos_apart: bool) -> str:
    columns: dict[str, Callable[[SampleRow], str | None]] = {
        "identities": lambda row: row.get("identity"),
        "objects": lambda row: row.get("object"),
        "photos": lambda row: row.get("background"),
        "clips": lambda row: row.get("clip"),
    }
    if not any(row.get("clip") for row in rows):
        columns.pop("clips")
    lines = [f"| split | samples | {' | '.join(columns)} |", "|---|---|" + "---|" * len(columns)]
    for split in SPLITS:
        its = [row for row in rows if row.get("split") == split]
        if its:
            counts = [len({column(row) for row in its} - {""}) for column in columns.values()]
            lines.append(f"| {split} | {len(its)} | {' | '.join(map(str, counts))} |")
    missing = len(plan.entries) - len(rows)
    photos_rule = "No photo is in two splits." if photos_apart else "Photos are shared between the splits."
    text = "## Splits\n\n" + "\n".join(lines) + f"\n\n{_RULES[plan.rule]} {photos_rule}"
    if "clips" in columns:
        text += " The frames of a clip share its photo and its draws."
    if missing:
        text += f"\n\n{missing} of {len(plan.entries)} planned samples are not made (yet); see `../failures.jsonl`."
    return text + "".join(f"\n\n**Note:** {note}." for note in plan.notes)


def _files(recipe: Recipe, rows: list[SampleRow]) -> str:
    config = recipe.composite
    name = "<id>" if not any(row.get("clip") for row in rows) else "<id or clip/frame>"
    values = {"id": name, "suffix": config.image_format, "bits": config.bit_depth, "top": 2**config.bit_depth - 1}
    # fg is never a JPEG: color under soft alpha would get its blocks.
    values_of = {kind: values | ({"suffix": "png"} if kind == "fg" else {}) for kind in _FILES}
    lines = ["| file in `<split>/` | content |", "|---|---|"]
    for kind, words in _FILES.items():
        if kind in config.outputs:
            file, content = words.format(**values_of[kind]).split(" | ")
            lines.append(f"| `{file}` | {content} |")
    lines.append("| `metadata.jsonl` | a row a sample: files, checksums, object, view, all draws, licenses |")
    return (
        f"## Files\n\n{config.size} x {config.size} pixels.\n\n" + "\n".join(lines) + f"\n\n{_equation(recipe, rows)}"
    )


def _equation(recipe: Recipe, rows: list[SampleRow]) -> str:
    shadowed = any(row.get("shadowed") for row in rows)
    where = "sRGB encoding, as the field does" if recipe.composite.blend == "srgb" else "linear light, as a camera does"
    formula = "alpha * fg + (1 - alpha) * bg" + (" * (1 - shadow / 255)" if shadowed else "")
    text = f"Blended in {where}: image = {formula}."
    exact, clean = (sum(bool(row.get(key)) for row in rows) for key in ("exact", "clean"))
    if recipe.composite.image_format == "jpg":
        text += " The image is JPEG, so the equation holds up to JPEG's loss"
        return text + (f", in the {clean} samples with `clean`." if clean < len(rows) else ".")
    if exact == len(rows):
        return text + " The files are PNG, and the equation holds to one level."
    return (
        f"{text} The files are PNG, and the equation holds to one level in the {exact} samples with `exact`; the other "
        f"{len(rows) - exact} have noise or compression artifacts on top."
    )


def _realism(rows: list[SampleRow]) -> str:
    """Return what the samples have, counted in at most `_MAX_DRAWS` of them: draws are JSON text in each row."""
    of_rows = {
        "contact shadow of the render": sum(bool(row.get("shadowed")) for row in rows),
        "several objects": sum(row.get("objects", 1) > 1 for row in rows),
        "distractors in the background": sum(bool(row.get("distractors")) for row in rows),
    }
    seen = [draws_of(row) for row in rows[:: max(1, -(-len(rows) // _MAX_DRAWS))]]
    strengths = [part_of(each, "realism") for each in seen]
    effects = {
        name: [abs(value) for each in strengths if isinstance(value := each.get(name), int | float) and value]
        for name in _EFFECTS
    }
    fractions = {words: (len(effects[name]), effects[name]) for name, words in _EFFECTS.items() if effects[name]}
    lines = [f"| {words} | {_fraction(count, len(seen))} | {_span(its)} |" for words, (count, its) in fractions.items()]
    lines += [f"| {words} | {_fraction(count, len(rows))} | |" for words, count in of_rows.items() if count]
    methods = Counter(str(part_of(each, "trimap").get("method")) for each in seen if "trimap_file_name" in rows[0])
    lines += [f"| trimap by {name} | {_fraction(count, len(seen))} | |" for name, count in methods.most_common()]
    if not lines:
        return ""
    counted = "" if len(seen) == len(rows) else f" Effects are counted in {len(seen)} samples, spread evenly."
    head = "| what | share of the samples | strength |\n|---|---|---|\n"
    return (
        f"## What was done to them\n\n{head}" + "\n".join(lines) + f"\n\n`drawn` in each row has every number.{counted}"
    )


def _fraction(count: int, total: int) -> str:
    return f"{count / total:.1%}"


def _span(values: list[Any]) -> str:
    low, high = min(values), max(values)
    return f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"


def _reading() -> str:
    return (
        "## Reading it\n\n"
        "```python\n"
        "from datasets import load_dataset\n\n"
        'data = load_dataset("imagefolder", data_dir="dataset")   # columns image, alpha, ...; val is `validation`\n'
        "```\n\n"
        "or pair the files of `images/` and `alpha/` by name."
    )
