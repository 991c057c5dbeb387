"""Every export, loaded by the rule of the public trainer that it is for, has the pixels of the data set."""

import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from support.exported_pictures import bgr_to_rgb, export, gray, listing, names_in, rgb
from support.stored_dataset import NAMES, Stored

from synthmat.api import export_dataset
from synthmat.errors import OutputError
from synthmat.layouts import exportable
from synthmat.storage.manifest import read_rows


def test_background_matting_v2_sorts_fgr_and_pha_and_takes_pairs_by_place(tmp_path):
    stored = Stored(tmp_path, bits=16)
    target = export(stored, "bgmv2")
    for split, folder in (("train", "train"), ("val", "valid"), ("test", "test")):
        listed = {
            kind: listing(target / folder / kind, "**/*.jpg", "**/*.png")
            for kind in ("fgr", "pha", "com", "bgr", "bgr_captured")
        }
        names = sorted(stored.of(split))
        assert all(len(files) == len(names) for files in listed.values())
        for place, name in enumerate(names):
            pixels = stored.of(split)[name]
            assert (rgb(listed["fgr"][place]) == pixels["fg"]).all()
            assert (gray(listed["pha"][place]) == stored.alpha_8(split, name)).all()
            assert (rgb(listed["com"][place]) == pixels["image"]).all()
            assert (rgb(listed["bgr"][place]) == pixels["bg"]).all()
            assert (rgb(listed["bgr_captured"][place]) == pixels["captured_bg"]).all()


def test_robust_video_matting_lists_clips_and_takes_the_same_names_of_frames_from_both_folders(tmp_path):
    stored = Stored(tmp_path, clips=True, names={"train": ("walk-0000", "walk-0001", "walk-0002")})
    target = export(stored, "videomatte240k")
    (clip,) = names_in(target / "train" / "fgr")
    frames = names_in(target / "train" / "fgr" / clip)
    assert (clip, frames) == ("train_walk", ["00000.png", "00001.png", "00002.png"])
    for frame, pixels in zip(frames, stored.of("train").values(), strict=True):
        assert (rgb(target / "train" / "fgr" / clip / frame) == pixels["fg"]).all()
        assert (gray(target / "train" / "pha" / clip / frame) == pixels["alpha"]).all()


def test_single_pictures_are_no_videomatte_clips(tmp_path):
    stored = Stored(tmp_path)
    with pytest.raises(OutputError, match="use --layout bgmv2"):
        export(stored, "videomatte240k")


def test_rvm_evaluation_walks_clips_and_pairs_frames_of_pha_fgr_and_com(tmp_path):
    stored = Stored(tmp_path, clips=True)
    target = export(stored, "rvm_eval")
    clip = target / "test" / "test_walk"
    for number, pixels in enumerate(stored.of("test").values()):
        name = names_in(clip / "pha")[number]
        assert name == f"{number:04d}.png"
        assert (gray(clip / "pha" / name) == pixels["alpha"]).all()
        for folder, kind in (("com", "image"), ("fgr", "fg"), ("bgr", "bg")):
            assert (rgb(clip / folder / name) == pixels[kind]).all()


def test_mmagic_joins_the_root_to_every_path_of_its_json_lists(tmp_path):
    stored = Stored(tmp_path, bits=16)
    target = export(stored, "composition_1k")
    lists = {"train": "training_list.json", "val": "validation_list.json", "test": "test_list.json"}
    for split, file in lists.items():
        entries = [
            {key: target / path for key, path in entry.items()} for entry in json.loads((target / file).read_text())
        ]
        assert len(entries) == len(stored.of(split))
        for entry, (name, pixels) in zip(entries, sorted(stored.of(split).items()), strict=True):
            assert (bgr_to_rgb(entry["fg_path"]) == pixels["fg"]).all()
            assert (bgr_to_rgb(entry["bg_path"]) == pixels["bg"]).all()
            assert (bgr_to_rgb(entry["merged_path"]) == pixels["image"]).all()
            assert (cv2.imread(str(entry["alpha_path"]), cv2.IMREAD_GRAYSCALE) == stored.alpha_8(split, name)).all()
            assert ("trimap_path" in entry) == (split == "test")
            if split == "test":
                trimap = cv2.imread(str(entry["trimap_path"]), cv2.IMREAD_UNCHANGED)
                assert (trimap == pixels["trimap"]).all()


def stems(folder: Path) -> set[str]:
    return {Path(name).stem for name in names_in(folder)}


def test_gca_and_matteformer_take_the_stems_that_all_folders_share(tmp_path):
    stored = Stored(tmp_path)
    target = export(stored, "composition_1k")
    train = target / "Training_set" / "Other"
    names = stems(train / "fg") & stems(train / "alpha")
    assert names == set(stored.of("train"))
    assert len(stems(target / "Training_set" / "bg")) == len(names)
    for name in names:
        assert (bgr_to_rgb(train / "fg" / f"{name}.png") == stored.of("train")[name]["fg"]).all()
    test, trimaps = target / "Test_set", target / "Test_set" / "Adobe-licensed images" / "trimaps"
    merged = stems(test / "merged") & stems(test / "alpha_copy") & stems(trimaps)
    assert merged == {f"{name}_0" for name in stored.of("test")}
    for name in merged:
        assert (cv2.imread(str(trimaps / f"{name}.png"), 0) == stored.of("test")[name[:-2]]["trimap"]).all()
        assert (cv2.imread(str(test / "alpha_copy" / f"{name}.png"), 0) == stored.of("test")[name[:-2]]["alpha"]).all()


def test_the_deep_image_matting_script_finds_every_name_of_its_lists_and_makes_our_merged_pictures(tmp_path):
    stored = Stored(tmp_path)
    test = export(stored, "composition_1k") / "Test_set"
    part = test / "Adobe-licensed images"
    foregrounds = (test / "test_fg_names.txt").read_text().split()
    backgrounds = (test / "test_bg_names.txt").read_text().split()
    assert len(foregrounds) == len(backgrounds) == len(stored.of("test"))
    for foreground, background in zip(foregrounds, backgrounds, strict=True):
        alpha = gray(part / "alpha" / foreground)[..., None] / 255
        # The script cuts decimals off, we round: one level.
        merged = alpha * rgb(part / "fg" / foreground) + (1 - alpha) * rgb(test / "bg" / background)
        assert np.abs(merged - rgb(test / "merged" / f"{foreground[:-4]}_0.png")).max() <= 1


def gfm_paths(root: Path, images: str) -> list[tuple[Path, Path, Path, Path]]:
    """Return what GFM and P3M derive from the names of the masks: picture, mask, foreground, background."""
    names = [name for name in names_in(root / "mask") if not name.startswith(".")]
    return [
        (
            root / images / f"{Path(name).stem}.jpg",
            root / "mask" / name,
            root / "fg" / name,
            root / "bg" / f"{Path(name).stem}.jpg",
        )
        for name in names
    ]


@pytest.mark.parametrize(
    ("layout", "folders"),
    [
        (
            "am_2k",
            {"train": ("train", "original"), "val": ("validation", "original"), "test": ("test", "original")},
        ),
        (
            "p3m_10k",
            {
                "train": ("train", "blurred_image"),
                "val": ("validation/P3M-500-P", "blurred_image"),
                "test": ("validation/P3M-500-NP", "original_image"),
            },
        ),
    ],
)
def test_gfm_and_p3m_go_from_the_masks_names_to_jpegs(tmp_path, layout, folders):
    stored = Stored(tmp_path, image_format="jpg")
    target = export(stored, layout)
    for split, (folder, images) in folders.items():
        paths = gfm_paths(target / folder, images)
        assert len(paths) == len(stored.of(split))
        for (image, mask, fg, bg), (name, pixels) in zip(paths, sorted(stored.of(split).items()), strict=True):
            assert (np.asarray(Image.open(image)) == pixels["image"]).all()
            assert (np.asarray(Image.open(mask)) == pixels["alpha"]).all()
            assert (np.asarray(Image.open(fg)) == pixels["fg"]).all()
            assert (np.asarray(Image.open(bg)) == pixels["bg"]).all()
            assert (gray(target / folder / "trimap" / f"{name}.png") == pixels["trimap"]).all()


def test_png_pictures_become_jpegs_only_where_a_layout_needs_it_and_it_is_said(tmp_path):
    stored = Stored(tmp_path)
    result, target = export_dataset(stored.root, "am_2k")
    assert any("encoded as JPEG" in note for note in result.notes)
    for name, pixels in stored.of("train").items():
        # Noise is the worst case of JPEG.
        assert np.abs(rgb(target / "train" / "original" / f"{name}.jpg").astype(int) - pixels["image"]).mean() < 4
    result, target = export_dataset(stored.root, "birefnet")
    assert not any("JPEG" in note for note in result.notes)


def test_aisegment_replaces_words_in_the_path_and_takes_the_fourth_channel(tmp_path):
    stored = Stored(tmp_path, image_format="jpg", bits=16)
    target = export(stored, "aisegment")
    found = listing(target, "clip_img/*/*/*.jpg")
    assert len(found) == len(stored.pixels)
    names = {row["file"]: (row["split"], row["id"]) for row in read_rows(target / "export.jsonl")}
    for path in found:
        inside = os.path.relpath(path, target)
        matte = inside.replace("clip_img", "matting").replace("clip", "matting").replace("jpg", "png")
        rgba = cv2.imread(str(target / matte), cv2.IMREAD_UNCHANGED)
        assert names[inside] == names[matte]
        pixels = stored.pixels[names[inside]]
        assert (rgba[:, :, 3] == stored.alpha_8(*names[inside])).all()
        assert (rgba[:, :, 2::-1] == pixels["fg"]).all()
        assert (rgb(path) == pixels["image"]).all()


def test_aisegment_without_fg_cuts_out_of_the_image_as_the_original_does(tmp_path):
    stored = Stored(tmp_path, ("image", "alpha"), names={"train": ("a", "b")})
    target = export(stored, "aisegment")
    path = target / "matting" / "train" / "matting_00000000" / "train-00000001.png"
    rgba = np.asarray(Image.open(path))
    assert (rgba[..., :3] == stored.pixels["train", "b"]["image"]).all()
    assert (rgba[..., 3] == stored.pixels["train", "b"]["alpha"]).all()


def birefnet_training_set(data_root: Path, testsets: str = "TE-P3M-500-NP,TE-AM-2k") -> list[str]:
    """Return what BiRefNet's config.py makes the training set of the task Matting, with the tests that it lists."""
    return sorted(path.name for path in (data_root / "Matting").iterdir() if path.name not in testsets.split(","))


@pytest.mark.parametrize("image_format", ["jpg", "png"])
def test_birefnet_takes_everything_in_im_and_the_first_suffix_in_gt_that_is_there(tmp_path, image_format):
    stored = Stored(tmp_path, ("image", "alpha"), image_format=image_format, bits=16)
    task = export(stored, "birefnet")
    folders = {"train": "Matting/TR-train", "val": "Matting-tests/TE-val", "test": "Matting-tests/TE-test"}
    assert birefnet_training_set(task) == ["TR-train"]
    assert sorted(path.name for path in (task / "Matting-tests").iterdir()) == ["TE-test", "TE-val"]
    assert (task / "testsets.txt").read_text() == "TE-val,TE-test\n"
    for split in NAMES:
        images = listing(task / folders[split] / "im", "*")
        assert len(images) == len(stored.of(split))
        for image in images:
            base = image.replace("/im/", "/gt/")[: -(len(image.split(".")[-1]) + 1)]
            mask = next(
                base + suffix for suffix in (".png", ".jpg", ".PNG", ".JPG", ".JPEG") if Path(base + suffix).exists()
            )
            name = Path(image).stem
            assert (gray(mask) == stored.alpha_8(split, name)).all()
            assert (rgb(image) == stored.of(split)[name]["image"]).all()


def paddleseg(root: Path, file: str) -> list[dict[str, np.ndarray]]:
    """Return what PaddleSeg's data set makes of each line of a list: ``fg [bg [trimap]]``."""
    samples = []
    for line in (root / file).read_text().splitlines():
        names = line.strip().split(" ")
        foreground = f"{root.name}/{names[0]}"
        alpha = cv2.imread(str(root.parent / foreground.replace("/fg", "/alpha")), 0)
        sample = {"alpha": alpha, "fg": bgr_to_rgb(root.parent / foreground)}
        if len(names) > 1:
            sample["bg"] = bgr_to_rgb(root / names[1])
        if len(names) > 2:
            sample["trimap"] = cv2.imread(str(root / names[2]), 0)
        samples.append(sample)
    return samples


def test_paddleseg_composes_the_lines_of_its_lists(tmp_path):
    stored = Stored(tmp_path, image_format="jpg", bits=16)
    target = export(stored, "paddleseg")
    for split in NAMES:
        loaded = paddleseg(target, f"{split}.txt")
        assert len(loaded) == len(stored.of(split))
        for sample, (name, pixels) in zip(loaded, sorted(stored.of(split).items()), strict=True):
            assert (sample["alpha"] == stored.alpha_8(split, name)).all()
            assert (sample["fg"] == pixels["fg"]).all()
            assert (sample["bg"] == pixels["bg"]).all()
            assert ("trimap" in sample) == (split != "train")
            assert split == "train" or (sample["trimap"] == pixels["trimap"]).all()


def test_paddleseg_without_fg_takes_finished_pictures(tmp_path):
    stored = Stored(tmp_path, ("image", "alpha"), image_format="jpg")
    target = export(stored, "paddleseg")
    for sample, (_, pixels) in zip(paddleseg(target, "train.txt"), sorted(stored.of("train").items()), strict=True):
        assert sample.keys() == {"alpha", "fg"}
        assert (sample["fg"] == pixels["image"]).all()
        assert (sample["alpha"] == pixels["alpha"]).all()


def test_modnet_users_pair_sorted_images_and_mattes(tmp_path):
    stored = Stored(tmp_path, ("image", "alpha"), image_format="jpg")
    target = export(stored, "modnet")
    for split in NAMES:
        pairs = zip(listing(target / split / "image", "*"), listing(target / split / "matte", "*"), strict=True)
        for image, matte in pairs:
            pixels = stored.of(split)[Path(image).stem]
            assert (rgb(image) == pixels["image"]).all()
            assert (gray(matte) == pixels["alpha"]).all()


def test_the_reader_that_modnets_users_share_finds_fg_and_alpha_in_train(tmp_path):
    stored = Stored(tmp_path, ("image", "alpha"), image_format="jpg", bits=16)
    train = export(stored, "modnet") / "train"
    pairs = list(zip(listing(train / "fg", "*"), listing(train / "alpha", "*"), strict=True))
    assert len(pairs) == len(stored.of("train"))
    for image, matte in pairs:
        assert Path(image).name == Path(matte).name
        assert (rgb(image) == stored.of("train")[Path(image).stem]["image"]).all()
        assert (gray(matte) == stored.alpha_8("train", Path(image).stem)).all()


def test_vitmatte_finds_the_trimaps_beside_merged_and_is_told_its_suffixes(tmp_path):
    stored = Stored(tmp_path)
    result, target = export_dataset(stored.root, "composition_1k")
    test = target / "Test_set"
    assert names_in(test / "merged") == names_in(test / "trimaps") == names_in(test / "alpha_copy")
    for name in names_in(test / "trimaps"):
        assert (gray(test / "trimaps" / name) == stored.of("test")[name[:-6]]["trimap"]).all()
    assert any("alpha_ext='.png', fg_ext='.png'" in note for note in result.notes)


def test_mmagic_lists_the_adobe_licensed_images_of_the_training_set_and_finds_none(tmp_path):
    stored = Stored(tmp_path)
    target = export(stored, "composition_1k")
    for kind in ("fg", "alpha"):
        assert names_in(target / "Training_set" / "Adobe-licensed images" / kind) == []
    again, _ = export_dataset(stored.root, "composition_1k")
    assert again.made == 0


def test_every_layout_that_exports_is_loaded_here():
    source = "".join(Path(__file__).with_name(f"test_export_{what}.py").read_text() for what in ("layouts", "shards"))
    assert [layout for layout in exportable() if f'"{layout}"' not in source] == []
