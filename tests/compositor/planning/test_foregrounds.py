"""Foregrounds from folders of any layout, beside renders or without them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.composite_project import noise_photo, soft_disc
from support.executors import HereExecutor

from synthmat.compositor.imaging.foreground_image import KEPT, load_foreground
from synthmat.compositor.imaging.placement import straight_levels
from synthmat.compositor.planning.foregrounds import list_foregrounds
from synthmat.compositor.planning.plan import plan_samples
from synthmat.compositor.stage import composite
from synthmat.errors import AssetError, MissingDependencyError, OutputError, RecipeError
from synthmat.images.alpha import over_uint8
from synthmat.recipe import parse_recipe
from synthmat.stage import RunOptions
from synthmat.storage.manifest import read_rows

QUIET = RunOptions(workers=1, quiet=True, executor=HereExecutor())
COLOR = (220, 90, 40)


def _cut_out(seed: int = 0) -> np.ndarray:
    rgba = soft_disc(64, seed)
    rgba[..., :3] = COLOR
    return rgba


def _write(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    order = {2: None, 3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}[pixels.shape[2] if pixels.ndim == 3 else 2]
    assert cv2.imwrite(str(path), pixels if order is None else cv2.cvtColor(pixels, order))


def _rgba(root: Path) -> None:
    for number in range(3):
        _write(root / f"{number}.png", _cut_out(number))


def _pairs(root: Path) -> None:
    for number in range(3):
        _write(root / "fg" / f"{number}.png", _cut_out(number)[..., :3])
        _write(root / "alpha" / f"{number}.png", _cut_out(number)[..., 3])


def _photos_with_mattes(root: Path, images: str = "image", mattes: str = "alpha", first: int = 0) -> None:
    for number in range(first, first + 3):
        rgba = _cut_out(number)
        green = np.full((64, 64, 3), (20, 200, 60), np.uint8)
        _write(root / images / f"{number}.png", over_uint8(rgba[..., :3], rgba[..., 3], green))
        _write(root / mattes / f"{number}.png", rgba[..., 3])


def _bgmv2(root: Path) -> None:
    for clip in ("one", "two"):
        for frame in range(3):
            _write(root / "fgr" / clip / f"{frame:04d}.png", _cut_out(frame)[..., :3])
            _write(root / "pha" / clip / f"{frame:04d}.png", _cut_out(frame)[..., 3])


def _aisegment(root: Path) -> None:
    for number in range(3):
        _write(root / "clip_img" / "1" / "clip_0" / f"{number}.png", noise_photo(1, 64, 64))
        _write(root / "matting" / "1" / "matting_0" / f"{number}.png", _cut_out(number))


def _composition_1k(root: Path) -> None:
    for folder, part, count in (("Training_set", "Other", 2), ("Test_set", "Adobe-licensed images", 1)):
        for number in range(count):
            _write(root / folder / part / "fg" / f"{part[0]}{number}.png", _cut_out(number)[..., :3])
            _write(root / folder / part / "alpha" / f"{part[0]}{number}.png", _cut_out(number)[..., 3])
            if folder == "Test_set":
                for merged in range(4):
                    _write(root / folder / "merged" / f"{part[0]}{number}_{merged}.png", noise_photo(merged, 64, 64))


def _p3m(root: Path) -> None:
    _photos_with_mattes(root / "train", "blurred_image", "mask")
    _photos_with_mattes(root / "validation" / "P3M-500-NP", "original_image", "mask", first=3)


def _found(project, entry: str):
    recipe = project.recipe(f"foregrounds: [{entry}]")
    return list_foregrounds(recipe, project.base, project.output, None)


def _composited(project, keys: str) -> list[dict]:
    result = composite(project.recipe(keys), project.base, project.output, QUIET)
    assert result.failed == 0, result.notes
    return [row for split in ("train", "val", "test") for row in read_rows(project.output.metadata(split))]


@pytest.mark.parametrize(
    ("write", "layout", "names", "identities", "splits"),
    [
        (_rgba, "rgba", {"x/0:0", "x/1:1", "x/2:2"}, 3, {None}),
        (_pairs, "pairs", {"x/0:0", "x/1:1", "x/2:2"}, 3, {None}),
        (_bgmv2, "bgmv2", {f"x/{clip}:{clip}/{frame:04d}" for clip in ("one", "two") for frame in range(3)}, 2, {None}),
        (_aisegment, "aisegment", {"x/0:0", "x/1:1", "x/2:2"}, 3, {None}),
        (_composition_1k, "composition_1k", {"x/O0:O0", "x/O1:O1", "x/A0:A0_3"}, 3, {"train", "test"}),
    ],
)
@pytest.mark.parametrize("auto", [False, True])
def test_every_layout_gives_each_foreground_once_with_its_own_color(
    project, write, layout, names, identities, splits, auto
):
    write(project.base / "x")
    found, notes = _found(project, f"{{folder: x, layout: {'auto' if auto else layout}}}")
    assert {":".join(each.name) for each in found} == names
    assert notes == [f"x: {len(names)} foregrounds in {project.base / 'x'}"]
    assert len({each.foreground.identity for each in found}) == identities
    assert {each.split for each in found} == splits
    for each in found:
        color, alpha = straight_levels(load_foreground(each.foreground, 64, project.base / "kept").premultiplied, 8)
        assert np.abs(color[alpha > 3].astype(int) - COLOR).max() <= 1
    if layout == "bgmv2":
        assert [(each.clip, each.frame) for each in found] == [(c, f) for c in ("one", "two") for f in range(3)]


@pytest.mark.parametrize(("write", "layout", "count"), [(_photos_with_mattes, "pairs", 3), (_p3m, "p3m_10k", 6)])
def test_photos_with_mattes_get_their_color_estimated_and_this_is_said(project, write, layout, count):
    pytest.importorskip("pymatting")
    write(project.base / "x")
    project.photo("black.png", np.zeros((60, 60, 3), np.uint8))
    found, notes = _found(project, f"{{folder: x, layout: {layout}}}")
    assert len(found) == count
    assert f"{count} of them have no foreground color, only the photo; it is estimated with pymatting" in notes[1]
    rows = _composited(
        project, f"foregrounds: [{{folder: x, layout: {layout}}}], outputs: [image, alpha, fg], per_view: 1"
    )
    for row in rows:
        folder = project.output.dataset / row["split"]
        alpha = cv2.imread(str(folder / row["alpha_file_name"]), cv2.IMREAD_UNCHANGED)
        fg = cv2.imread(str(folder / row["fg_file_name"]))[..., ::-1]
        soft = (alpha > 100) & (alpha < 250)
        assert np.abs(fg[soft].astype(int) - COLOR).mean() < 15, "the green behind it is gone"
    assert len(list((project.output.dataset / KEPT).iterdir())) == count


def test_a_missing_pymatting_is_found_before_the_first_sample(project, monkeypatch):
    _photos_with_mattes(project.base / "x")
    project.photos(1)
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "pymatting" else found(name))
    with pytest.raises(MissingDependencyError, match=r"pip install 'synthmat\[matting\]'"):
        _composited(project, "foregrounds: [{folder: x}]")
    assert not project.output.dataset.exists()


def test_images_of_one_group_are_never_divided(project):
    for person in range(8):
        for frame in range(4):
            _write(project.base / "x" / "fgr" / f"p{person}" / f"{frame}.png", _cut_out(frame)[..., :3])
            _write(project.base / "x" / "pha" / f"p{person}" / f"{frame}.png", _cut_out(frame)[..., 3])
    project.photos(6)
    for by in ("object", "view", "sample"):
        plan = plan_samples(
            project.recipe(f"foregrounds: [{{folder: x}}], split: {{by: {by}}}"), project.base, project.output
        )
        splits = {}
        for entry in plan.entries:
            unit = plan.candidates[entry.candidate].clip, entry.number if by == "sample" else 0
            splits.setdefault(unit, set()).add(entry.split)
        assert all(len(its) == 1 for its in splits.values()), by
        assert set.union(*splits.values()) == {"train", "val", "test"} or by == "view"


def test_licenses_reach_rows_and_card_and_filter(project):
    _rgba(project.base / "mine")
    _pairs(project.base / "theirs")
    project.photos(1)
    keys = (
        "foregrounds: [{folder: mine, license: CC0-1.0, source: me}, "
        "{folder: theirs, license: research only, split: test}], split: {by: none}, per_view: 1"
    )
    rows = _composited(project, keys)
    about = {(row["foreground_source"], row["model_license"], row["model_source"], row["split"]) for row in rows}
    assert about == {("mine", "CC0-1.0", "me", "train"), ("theirs", "research only", "", "test")}
    card = (project.output.dataset / "README.md").read_text()
    assert "CC0-1.0" in card
    assert "research only" in card
    plan = plan_samples(
        project.recipe(keys + ", licenses: [CC0-*], backgrounds: [{photos: photos, license: CC0-1.0}]"),
        project.base,
        project.output,
    )
    assert {each.foreground.source for each in plan.candidates} == {"mine"}


def test_folders_and_renders_are_mixed_by_weight_and_stacked_with_each_other(project):
    project.renders(objects=3, views=2)
    _rgba(project.base / "x")
    project.photos(2)
    keys = (
        "foregrounds: [renders, {folder: x, weight: 2}], per_view: 2, split: {by: none}, "
        "stack: {probability: 1, spacing: 0.2}, distractors: {probability: 1, count: 1}"
    )
    rows = _composited(project, keys)
    count = {source: sum(row["foreground_source"] == source for row in rows) for source in ("renders", "x")}
    assert count == {"renders": 12, "x": 12}
    mixed = [row for row in rows if (row["foreground_source"] == "x") != row["others"].startswith("x/")]
    assert mixed
    assert any(row["distractors"].startswith("x/") for row in rows)
    half = plan_samples(project.recipe(keys.replace("weight: 2", "weight: 0.5")), project.base, project.output)
    assert sum(half.candidates[entry.candidate].foreground.source == "x" for entry in half.entries) == 3


def test_without_renders_in_the_recipe_neither_objects_nor_renders_are_needed(project):
    _rgba(project.base / "x")
    project.photos(3)
    recipe = parse_recipe(
        "name: trial\ncomposite: {foregrounds: [{folder: x}], backgrounds: photos, size: 32, per_view: 1}"
    )
    result = composite(recipe, project.base, project.output, QUIET)
    assert (result.made, result.failed) == (3, 0)
    for text in ("name: a", "name: a\nobjects: []", "name: a\ncomposite: {foregrounds: [{folder: x}, renders]}"):
        with pytest.raises(RecipeError, match="objects: nothing to render; name models or built-in objects"):
            parse_recipe(text)


def test_a_large_foreground_is_decoded_once_and_kept_small(project, monkeypatch):
    _write(project.base / "x" / "big.png", soft_disc(700))
    found, _ = _found(project, "{folder: x}")
    kept = project.base / "kept"
    first = load_foreground(found[0].foreground, 64, kept)
    assert sum(file.stat().st_size for file in kept.iterdir()) < first.premultiplied.nbytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail(f"{path} is read again"))
    again = load_foreground(found[0].foreground, 64, kept)
    assert np.array_equal(first.premultiplied, again.premultiplied)
    assert (first.left, first.top, first.width, first.height, first.shrunk) == (
        again.left, again.top, again.width, again.height, again.shrunk
    )  # fmt: skip
    file = next(kept.iterdir())
    monkeypatch.undo()
    for broken in (b"", b"123", file.read_bytes()[:200]):
        file.write_bytes(broken)
        assert np.array_equal(load_foreground(found[0].foreground, 64, kept).premultiplied, first.premultiplied)


def test_what_the_recipe_gets_wrong_about_folders_is_said(project):
    with pytest.raises(RecipeError, match=r"composite.foregrounds.0.layout: .*rgbaa.*did you mean|possible"):
        project.recipe("foregrounds: [{folder: x, layout: rgbaa}]")
    with pytest.raises(RecipeError, match=r"composite.foregrounds.0: a foreground is `renders`, or has the key folder"):
        project.recipe("foregrounds: [3]")
    with pytest.raises(RecipeError, match=r"foregrounds.0.weight: Input should be a valid number, not 'much'"):
        project.recipe("foregrounds: [{folder: x, weight: much}]")
    with pytest.raises(RecipeError, match=r"composite.foregrounds\[0\]: .*nowhere: no such folder"):
        _found(project, "{folder: nowhere}")
    (project.base / "empty").mkdir()
    with pytest.raises(AssetError, match="empty: in none of the layouts"):
        _found(project, "{folder: empty}")
    _write(project.base / "images" / "image" / "a.png", noise_photo(1))
    with pytest.raises((AssetError, OutputError), match="pairs"):
        _found(project, "{folder: images, layout: pairs}")
    _rgba(project.base / "x")
    _rgba(project.base / "y" / "x")
    with pytest.raises(RecipeError, match="is there twice; give the folder a name"):
        _found(project, "{folder: x}, {folder: y/x}")


def _masks_of_0_and_1(root: Path) -> None:
    for number in range(4):
        _write(root / "fg" / f"{number}.png", _cut_out(number)[..., :3])
        _write(root / "alpha" / f"{number}.png", (_cut_out(number)[..., 3] > 127).astype(np.uint8))


def test_a_folder_of_masks_of_0_and_1_is_refused_until_the_recipe_says_what_they_are(project):
    _masks_of_0_and_1(project.base / "x")
    project.photos(1)
    with pytest.raises(AssetError, match=r"alpha/0\.png: its levels are 0 and 1.* say `mask: {opaque: 1}`"):
        _found(project, "{folder: x}")
    keys = "outputs: [image, alpha, fg], per_view: 1, foregrounds: [{folder: x, mask: {opaque: 1}}], split: {by: none}"
    rows = _composited(project, keys)
    assert len(rows) == 4
    for row in rows:
        alpha = cv2.imread(str(project.output.dataset / "train" / row["alpha_file_name"]), cv2.IMREAD_UNCHANGED)
        assert alpha.max() == 255


def test_a_mask_of_0_and_1_among_mattes_is_told_and_costs_its_own_sample(project):
    _rgba(project.base / "x")
    bad = _cut_out(9)
    bad[..., 3] = bad[..., 3] > 127
    _write(project.base / "x" / "bad.png", bad)
    project.photos(1)
    recipe = project.recipe("foregrounds: [{folder: x}], per_view: 1, split: {by: none}")
    result = composite(recipe, project.base, project.output, QUIET)
    assert (result.made, result.failed) == (3, 1)
    told = "\n".join(result.notes)
    assert "bad.png: its levels are 0 and 1, so it seems to be a mask (1 of the 4 mattes looked at are such)" in told
    assert "bad.png: alpha is at most 0.39%, so there is nothing to see" in told
    card = (project.output.dataset / "README.md").read_text()
    assert "bad.png: its levels are 0 and 1" in card


def test_pictures_of_formats_that_are_not_read_are_counted_on_the_terminal_and_in_the_card(project):
    _rgba(project.base / "x")
    project.photos(1)
    for name in ("a.gif", "b.gif", "c.jxl"):
        (project.base / "x" / name).write_bytes(b"GIF89a")
        (project.base / "photos" / name).write_bytes(b"GIF89a")
    (project.base / "photos" / "list.txt").write_text("no picture")
    recipe = project.recipe("foregrounds: [{folder: x}], per_view: 1, split: {by: none}")
    result = composite(recipe, project.base, project.output, QUIET)
    told = [note for note in result.notes if "passed over" in note]
    words = "3 pictures are passed over, since they cannot be read: 2 .gif, 1 .jxl; convert GIF"
    assert len(told) == 2
    assert f"composite.foregrounds[0]: {project.base / 'x'}: {words}" in told[0]
    assert f"composite.backgrounds: photos: {words}" in told[1]
    card = (project.output.dataset / "README.md").read_text()
    assert all(f"**Note:** {note}." in card for note in told)
