"""The data-set card: what is in the folder, how it was divided, under which licences, and how to read it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

import yaml

from synthmat.atomic import write_text
from synthmat.compositor.plan import Plan
from synthmat.layout import SPLITS, Layout
from synthmat.manifest import Row
from synthmat.recipe import Recipe

_LONGEST_TABLE = 200
_RULES = {
    "object": "By object: no model is in two splits.",
    "view": "By view: every split shows other views of the same models, in blocks of neighbouring angles.",
    "sample": "At random, sample by sample: models are shared between the splits.",
    "none": "Not divided: everything is train unless the recipe says otherwise.",
}
_FOLDERS = {
    "image": "`images/<id>.{suffix}` | the composite, sRGB",
    "alpha": "`alpha/<id>.png` | the matte, {bits}-bit grey, 0 transparent to {top} opaque",
    "fg": "`fg/<id>.png` | the object's straight colour, continued where alpha is 0",
    "bg": "`bg/<id>.{suffix}` | the photo without the object",
}


def write_card(layout: Layout, recipe: Recipe, plan: Plan, rows: dict[str, Row]) -> None:
    """Write ``dataset/README.md`` for the samples that are there, or remove it when there are none."""
    path = layout.dataset / "README.md"
    if not rows:
        path.unlink(missing_ok=True)
        return
    write_text(path, card_text(recipe, plan, list(rows.values())))


def card_text(recipe: Recipe, plan: Plan, rows: list[Row]) -> str:
    """Return the card as Markdown with the front matter that the Hugging Face Hub reads."""
    models = {render.object: (render.license, render.source) for render in plan.renders}
    photos = {photo.name: (photo.license, photo.source) for photo in plan.photos}
    used_models = sorted({row["object"] for row in rows})
    used_photos = sorted({row["background"] for row in rows})
    licenses = {models[name][0] for name in used_models} | {photos[name][0] for name in used_photos}
    sections = [
        _front_matter(recipe, licenses, len(rows)),
        f"# {recipe.name}\n\nImages with exact alpha mattes: 3D models, rendered and composited over photographs by "
        f"synthmat from the recipe `{recipe.name}`, seed {recipe.seed}. The full recipe is `../recipe.yaml`.",
        "![contact sheet](contact_sheet.png)",
        _counts(plan, rows),
        _files(recipe),
        _reading(),
        _sources("Models", "model", used_models, models, _splits_of(rows, "object")),
        _sources("Photos", "photo", used_photos, photos, _splits_of(rows, "background")),
    ]
    return "\n\n".join(sections) + "\n"


def _front_matter(recipe: Recipe, licenses: set[str], count: int) -> str:
    only = next(iter(licenses)).lower() if len(licenses) == 1 else ""
    sizes = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
    data = {
        "license": only if re.fullmatch(r"(cc0|cc-by(-sa|-nc)?)-[1-4]\.0|mit|apache-2\.0", only) else "other",
        "pretty_name": recipe.name,
        "tags": ["alpha-matting", "image-matting", "synthetic", "synthmat"],
        "task_categories": ["image-segmentation"],
        "size_categories": [next((name for most, name in sizes if count < most), "n>1M")],
    }
    return f"---\n{yaml.safe_dump(data, sort_keys=False)}---"


def _counts(plan: Plan, rows: list[Row]) -> str:
    lines = ["| split | samples | objects | photos |", "|---|---|---|---|"]
    for split in SPLITS:
        its = [row for row in rows if row["split"] == split]
        if its:
            objects, photos = ({row[key] for row in its} for key in ("object", "background"))
            lines.append(f"| {split} | {len(its)} | {len(objects)} | {len(photos)} |")
    missing = len(plan.jobs) - len(rows)
    pairs = {(job.background_name, job.split) for job in plan.jobs}
    shared = len(pairs) > len({photo for photo, _ in pairs})
    photos_rule = "Photos are shared between the splits." if shared else "No photo is in two splits."
    text = "## Splits\n\n" + "\n".join(lines) + f"\n\n{_RULES[plan.rule]} {photos_rule}"
    if missing:
        text += f"\n\n{missing} of {len(plan.jobs)} planned samples are not made (yet); see `../failures.jsonl`."
    return text + "".join(f"\n\n**Note:** {note}." for note in plan.notes)


def _files(recipe: Recipe) -> str:
    wishes = recipe.composite
    values = {"suffix": wishes.image_format, "bits": wishes.bit_depth, "top": 2**wishes.bit_depth - 1}
    lines = ["| file in `<split>/` | content |", "|---|---|"]
    lines += [f"| {_FOLDERS[kind].format(**values)} |" for kind in _FOLDERS if kind in wishes.outputs]
    lines.append("| `metadata.jsonl` | a row a sample: files, checksums, object, view, placement, licences |")
    equation = "Blended in sRGB encoding, as the field does: image = alpha * fg + (1 - alpha) * bg. " + (
        "The files are PNG, and the equation holds to one level."
        if wishes.image_format == "png"
        else "The image is JPEG, so the equation holds up to JPEG's loss."
    )
    return f"## Files\n\n{wishes.size} x {wishes.size} pixels.\n\n" + "\n".join(lines) + f"\n\n{equation}"


def _reading() -> str:
    return (
        "## Reading it\n\n"
        "```python\n"
        "from datasets import load_dataset\n\n"
        'data = load_dataset("imagefolder", data_dir="dataset")   # columns image, alpha, ...; val is `validation`\n'
        "```\n\n"
        "or pair the files of `images/` and `alpha/` by name."
    )


def _splits_of(rows: Iterable[Row], key: str) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        counts[row[key]][row["split"]] += 1
    return counts


def _sources(
    title: str, what: str, names: list[str], about: dict[str, tuple[str, str]], counts: dict[str, Counter[str]]
) -> str:
    unknown = [name for name in names if not about[name][0]]
    lines = [f"| {what} | samples | licence | source |", "|---|---|---|---|"]
    for name in names[:_LONGEST_TABLE]:
        license_, source = about[name]
        samples = ", ".join(f"{split} {counts[name][split]}" for split in SPLITS if counts[name][split])
        lines.append(f"| {_cell(name)} | {samples} | {_cell(license_) or 'not given'} | {_cell(source)} |")
    text = f"## {title}\n\n" + "\n".join(lines)
    if len(names) > _LONGEST_TABLE:
        text += f"\n\nand {len(names) - _LONGEST_TABLE} more; all of them are in the metadata files."
    if unknown:
        noun = what if len(unknown) == 1 else f"{what}s"
        text += f"\n\n**The licence of {len(unknown)} {noun} is not given.** Find out before you pass this data set on."
    return text


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
