"""Composition-1k (Deep Image Matting): fg, alpha, merged and trimaps, with name lists and mmagic's JSON lists."""

from __future__ import annotations

import json
from pathlib import Path

from synthmat.errors import AssetError
from synthmat.layouts.folders import paired_items, pictures, subfolder, unlike
from synthmat.layouts.item import Item
from synthmat.layouts.outputs import ExportOptions, Output, alpha_8_bit, as_it_is, as_png, empty_folder, text_file
from synthmat.layouts.stored import require
from synthmat.rows.samples import StoredSample

# Readers look in these folders by name; what lies in them needs not be Adobe's.
_PARTS = ("Adobe-licensed images", "Other")
_SETS = {
    "train": ("Training_set", "training", "Other"),
    "val": ("Validation_set", "validation", "Other"),
    "test": ("Test_set", "test", "Adobe-licensed images"),
}


def detect(root: Path) -> int:
    """Return 3 for a folder with Training_set or Test_set."""
    return 3 * any(subfolder(_base(root), folder) is not None for folder, *_ in _SETS.values())


def read(root: Path) -> list[Item]:
    """Read merged pictures where they are, foregrounds with their alpha where they are not.

    A merged picture is called ``<foreground>_<number>``; its trimap and background have the same name.

    Raises:
        AssetError: The folders are not there, files lack their partner, or a list names a file that is not there.
    """
    base = _base(root)
    items = []
    for split, (set_name, prefix, _) in _SETS.items():
        folder = subfolder(base, set_name)
        if folder is not None:
            cut_outs = _foregrounds(folder, split, prefix)
            items += _merged(folder, cut_outs) or list(cut_outs.values())
    if not items:
        raise unlike(root, "composition_1k", "Training_set or Test_set, each with fg and alpha in one of its folders")
    return items


def export(samples: list[StoredSample], _options: ExportOptions) -> list[Output]:
    """Lay out each sample as a foreground on one background, merged by us; the test set gets trimaps and alpha_copy.

    mmagic lists ``Adobe-licensed images`` of the training set too, so those folders are there, empty. ViTMatte's
    ``inference.py`` wants the trimaps beside ``merged``, others among the Adobe-licensed images: they lie in both.
    """
    require(samples, "composition_1k", "alpha", "image", "fg", "bg")
    require((sample for sample in samples if sample.split == "test"), "composition_1k", "trimap")
    outputs: list[Output] = []
    for split, (folder, prefix, subset) in _SETS.items():
        mine = [sample for sample in samples if sample.split == split]
        rows = []
        for sample in mine:
            files = _files(sample, folder, subset)
            outputs += files.values()
            listed = {kind: output for kind, output in files.items() if not kind.endswith("_copy")}
            rows.append({f"{kind}_path": output.file for kind, output in listed.items()})
        if mine and split == "train":
            outputs += [empty_folder(f"{folder}/{_PARTS[0]}/{kind}") for kind in ("fg", "alpha")]
        if mine:
            outputs += [
                text_file(
                    f"{folder}/{prefix}_fg_names.txt", (Path(row["fg_path"]).name for row in rows), note=_note(rows)
                ),
                text_file(f"{folder}/{prefix}_bg_names.txt", (Path(row["bg_path"]).name for row in rows)),
                text_file(f"{prefix}_list.json", [json.dumps(rows, indent=1)]),
            ]
    return outputs


def _files(sample: StoredSample, folder: str, subset: str) -> dict[str, Output]:
    merged = f"{sample.id}_0"
    files = {
        "alpha": alpha_8_bit(sample, f"{folder}/{subset}/alpha/{sample.id}"),
        "fg": as_it_is(sample, "fg", f"{folder}/{subset}/fg/{sample.id}"),
        "bg": as_it_is(sample, "bg", f"{folder}/bg/{merged}"),
        "merged": as_png(sample, "image", f"{folder}/merged/{merged}"),
    }
    if sample.split == "test":
        files["trimap"] = as_it_is(sample, "trimap", f"{folder}/{subset}/trimaps/{merged}")
        files["trimap_copy"] = as_it_is(sample, "trimap", f"{folder}/trimaps/{merged}")
        files["alpha_copy"] = alpha_8_bit(sample, f"{folder}/alpha_copy/{merged}")
    return files


def _note(rows: list[dict[str, str]]) -> str:
    """Return what ViTMatte has to be told of a set: its training looks for .jpg everywhere unless told otherwise."""
    found = {kind: Path(rows[0][f"{kind}_path"]).suffix for kind in ("alpha", "fg", "bg")}
    told = ", ".join(f"{kind}_ext={suffix!r}" for kind, suffix in found.items() if suffix != ".jpg")
    return f"ViTMatte's training has to be told {told} (ImageFileTrain in its data loader's config)" if told else ""


def _base(root: Path) -> Path:
    return subfolder(root, "Combined_Dataset") or root


def _foregrounds(folder: Path, split: str, prefix: str) -> dict[str, Item]:
    """Return the foregrounds of one set by name, those of its list if it has one."""
    found: dict[str, Item] = {}
    for subset in (*(subfolder(folder, name) for name in _PARTS), folder):
        if subset is not None and any(
            any(own.iterdir()) for name in ("fg", "alpha") if (own := subfolder(subset, name))
        ):
            pair = {"alpha": subfolder(subset, "alpha"), "fg": subfolder(subset, "fg")}
            found |= {item.id: item for item in paired_items(subset, "composition_1k", split, pair)}
    names = folder / f"{prefix}_fg_names.txt"
    if not names.is_file():
        return found
    listed = [Path(line.strip()).stem for line in names.read_text(encoding="utf-8").splitlines() if line.strip()]
    missing = [name for name in listed if name not in found]
    if missing:
        raise AssetError(f"{names}: {len(missing)} of {len(listed)} names have no fg and alpha: {missing[0]}, ...")
    return {name: found[name] for name in listed}


def _merged(folder: Path, cut_outs: dict[str, Item]) -> list[Item]:
    """Return an item for each merged picture of the foregrounds, none if there are no such pictures."""
    merged = subfolder(folder, "merged") or subfolder(folder.parent, "merged")
    if merged is None:
        return []
    parts = [folder, *(subset for name in _PARTS if (subset := subfolder(folder, name)))]
    trimaps = {
        name: path
        for subset in parts
        if (own := subfolder(subset, "trimaps", "trimap"))
        for name, path in pictures(own).items()
    }
    backgrounds = pictures(own) if (own := subfolder(folder, "bg")) else {}
    items = []
    for name, path in pictures(merged).items():
        cut_out = cut_outs.get(name.rpartition("_")[0])
        if cut_out is not None:
            items.append(
                Item(
                    id=name,
                    split=cut_out.split,
                    group=cut_out.id,
                    image=path,
                    alpha=cut_out.alpha,
                    fg=cut_out.fg,
                    bg=backgrounds.get(name),
                    trimap=trimaps.get(name, trimaps.get(cut_out.id)),
                )
            )
    return items
