"""The foregrounds that a recipe names: rendered frames, and folders of cut-outs in the field's layouts."""

from __future__ import annotations

import fnmatch
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from synthmat.compositor.imaging.foreground_image import check_matting
from synthmat.compositor.realism.contact_shadow import check_shadows
from synthmat.errors import OutputError, RecipeError
from synthmat.layouts.item import Item
from synthmat.printable_names import expand_home
from synthmat.recipe import Recipe
from synthmat.recipe.sources import ForegroundFolder
from synthmat.rows.row_types import FrameRow, LightPart
from synthmat.sample_job import Foreground
from synthmat.storage.digests import digests_of
from synthmat.storage.manifest import read_rows
from synthmat.storage.output_folder import SPLITS, OutputFolder


@dataclass(frozen=True)
class ForegroundCandidate:
    """A foreground and what is known of it; ``license``, ``source`` and ``light`` are empty if not known.

    ``clip`` names the sequence that it is a frame of, ``frame`` counts in it.
    ``weight`` is the number of samples made of it, compared with the recipe's ``per_view``.
    ``lit_as`` is the sha256 of the photo that its light was made to fit.
    """

    foreground: Foreground
    license: str = ""
    source: str = ""
    split: str | None = None
    light: str = ""
    lit_as: str = ""
    weight: float = 1.0
    clip: str = ""
    frame: int = 0

    @property
    def name(self) -> tuple[str, str]:
        """Object and view, together unique."""
        return self.foreground.object, self.foreground.view


def list_foregrounds(
    recipe: Recipe, base: Path, output: OutputFolder, digests: Path | None
) -> tuple[list[ForegroundCandidate], list[str]]:
    """Return every foreground of the recipe, sorted by object and view, and notes for the user.

    Raises:
        OutputError: There is no rendered frame, or a folder has nothing in the output that the recipe says.
        RecipeError: A folder is not there, or two folders have one name.
        AssetError: A folder is in another output than the recipe says, or in none that is known; or what should be
            mattes seem to be masks of 0 and 1, labels, or of fewer bits than their files.
        MissingDependencyError: Colors have to be estimated, and pymatting is not installed; or shadows are wanted,
            and OpenEXR is not.
    """
    config = recipe.composite
    found: list[ForegroundCandidate] = []
    names: set[tuple[str, str]] = set()
    notes: list[str] = []
    shadows = "shadow" in recipe.render.passes
    if config.realism.shadow and not shadows:
        notes.append("composite.realism.shadow: there are no shadows; add shadow to render.passes")
    if config.realism.shadow and shadows:
        check_shadows()
    for number, entry in enumerate(config.foregrounds):
        if isinstance(entry, ForegroundFolder):
            its, remarks = _of_folder(entry, base, digests, f"composite.foregrounds[{number}]")
            notes += remarks
        else:
            its = read_renders(output, shadows=shadows)
            if not isinstance(entry, str):
                its = [replace(candidate, weight=entry.weight) for candidate in its]
        if len(config.foregrounds) == 1 and not isinstance(entry, ForegroundFolder):
            return its, notes
        for candidate in its:
            if candidate.name in names:
                raise RecipeError(
                    f"composite.foregrounds[{number}]: {candidate.name[0]} is there twice; give the folder a name"
                )
            names.add(candidate.name)
        found += its
    return sorted(found, key=lambda each: each.name), notes


def read_renders(output: OutputFolder, *, shadows: bool = False) -> list[ForegroundCandidate]:
    """Return the frames of the render manifest, sorted by object and view; ``shadows`` says that they have that pass.

    Raises:
        OutputError: There are none.
    """
    renders: list[ForegroundCandidate] = []
    in_order = True
    folder = str(output.renders)
    for row in read_rows(output.render_manifest, FrameRow):
        file = f"{row['object']}/{row['view']}.png"
        if file in row["files"]:
            found = _render(row, folder, file, shadows)
            in_order = in_order and not (renders and found.name <= renders[-1].name)
            renders.append(found)
    if not renders:
        raise OutputError(f"{output.render_manifest}: no rendered frames there; run `synthmat render` first")
    if in_order:  # As a run leaves it: of a million frames no two need be compared.
        return renders
    by_name = {each.name: each for each in renders}
    return [by_name[name] for name in sorted(by_name)]


def _render(row: FrameRow, folder: str, file: str, shadows: bool) -> ForegroundCandidate:
    model = row.get("model") or {}
    master = file.removesuffix(".png") + ".exr"
    has_passes = shadows and master in row["files"]
    motion = row.get("animation") or {}
    light = row.get("light") or {}
    return ForegroundCandidate(
        Foreground(
            object=sys.intern(row["object"]),
            identity=sys.intern(model.get("identity") or row["object"]),
            view=sys.intern(row["view"]),
            path=f"{folder}/{file}",
            sha256=row["files"][file],
            passes=f"{folder}/{master}" if has_passes else "",
            passes_sha256=row["files"][master] if has_passes else "",
        ),
        license=sys.intern(model.get("license") or ""),
        source=sys.intern(model.get("source") or ""),
        split=model.get("split"),
        light=sys.intern(_light(light)),
        lit_as=light.get("photo_sha256") or "",
        clip=str(motion.get("clip") or ""),
        frame=_number(row["view"]) if motion.get("clip") else 0,
    )


def _number(view: str) -> int:
    """Return the frame's number, which its view's name ends in; a frame that could not be rendered leaves a gap."""
    last = view.rpartition("_")[2]
    return int(last) if last.isdecimal() else 0


def _light(light: LightPart) -> str:
    file = light.get("file")
    return f"{light.get('kind', '')} {Path(str(file)).name}".strip() if file else str(light.get("kind", ""))


def _of_folder(
    entry: ForegroundFolder, base: Path, digests: Path | None, place: str
) -> tuple[list[ForegroundCandidate], list[str]]:
    root = _folder(entry, base)
    items, notes = folder_items(entry, base, place)
    mask = entry.mask.levels if entry.mask else None
    name = entry.name or re.sub(r"[^\w-]", "_", root.name)[:32]
    colors = {item.id: _color(item) for item in items}
    checksums = digests_of({path for item in items for path in (item.alpha, colors[item.id]) if path}, digests)
    estimated = 0
    found = []
    for item in items:
        color, alpha = colors[item.id], item.alpha
        if color is None or alpha is None:
            continue
        straight = _is_straight(item)
        estimated += not straight
        same = color == alpha
        found.append(
            ForegroundCandidate(
                Foreground(
                    object=f"{name}/{item.group}" if item.group else name,
                    identity=f"{name}/{item.group or item.id}",
                    view=item.id,
                    path=str(color),
                    sha256=checksums[color],
                    alpha_path="" if same else str(alpha),
                    alpha_sha256="" if same else checksums[alpha],
                    source=name,
                    color="straight" if straight else "image",
                    mask_opaque=mask.opaque if mask else 0.0,
                    mask_ignore=mask.ignore if mask else -1,
                ),
                license=entry.license or "",
                source=entry.source or "",
                split=item.split if item.split in SPLITS else entry.split,
                weight=entry.weight,
                clip=item.clip or "",
                frame=item.frame or 0,
            )
        )
    notes = [f"{name}: {len(found)} foregrounds in {root}", *notes]
    if estimated:
        notes.append(
            f"{name}: {estimated} of them have no foreground color, only the photo; it is estimated with pymatting "
            "(multi-level, Germer et al. 2020)"
        )
    return found, notes


def folder_items(entry: ForegroundFolder, base: Path, place: str) -> tuple[list[Item], list[str]]:
    """Return the items of a folder that are foregrounds, and notes; ``place`` is its key in the recipe.

    Raises:
        RecipeError: The folder is not there.
        OutputError: No item has a matte.
        AssetError: It is in another output, or what should be mattes seem to be something else.
        MissingDependencyError: Colors have to be estimated, and pymatting is not installed.
    """
    from synthmat.layouts import read_layout
    from synthmat.layouts.folders import passed_over_notes
    from synthmat.layouts.mask_check import check_mattes

    root = _folder(entry, base)
    if not root.is_dir():
        raise RecipeError(f"{place}: {root}: no such folder")
    # Merged pictures of one foreground on many backgrounds count once.
    items = list({(item.fg or item.image, item.alpha): item for item in read_layout(root, entry.layout)}.values())
    mask = entry.mask.levels if entry.mask else None
    items = [replace(item, mask=mask) for item in items if item.alpha is not None][: entry.limit]
    if not items:
        raise OutputError(f"{root}: no foreground with an alpha matte in it")
    notes = [f"{place}: {warning}" for warning in check_mattes(items)]
    if any(_color(item) and not _is_straight(item) for item in items):
        check_matting()
    return items, [*notes, *passed_over_notes(place, root)]


def _folder(entry: ForegroundFolder, base: Path) -> Path:
    return (base / expand_home(entry.folder)).absolute()


def _color(item: Item) -> Path | None:
    return item.fg or (item.alpha if item.alpha_from == "alpha_channel" else item.image)


def _is_straight(item: Item) -> bool:
    return item.fg is not None or _color(item) == item.alpha


def allowed_by(patterns: Sequence[str] | None, license_: str) -> bool:
    """Return whether a license is one of those wanted; one that is not known never is, unless all are."""
    return patterns is None or any(fnmatch.fnmatchcase(license_.lower(), each.lower()) for each in patterns if license_)
