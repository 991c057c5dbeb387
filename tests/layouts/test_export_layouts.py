"""Every export, loaded by the rule of the public trainer that it is for, has the pixels of the data set."""

import gc
import io
import json
import os
import re
import tarfile
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from support.stored_dataset import NAMES, Stored

from synthmat.api import export_dataset
from synthmat.errors import OutputError
from synthmat.layouts import exportable
from synthmat.layouts.coco import packed, run_lengths
from synthmat.storage.manifest import read_rows


def export(stored: Stored, layout: str, **options) -> Path:
    result, target = export_dataset(stored.root, layout, **options)
    assert result.failed == 0
    assert result.made > 0
    return target


def rgb(path: Path) -> np.ndarray:
    """Read color as most trainers do."""
    return np.asarray(Image.open(path).convert("RGB"))


def gray(path: Path) -> np.ndarray:
    """Read a matte as most trainers do: Pillow would cut 16 bits off at 255."""
    return np.asarray(Image.open(path).convert("L"))


def listing(folder: Path, *patterns: str) -> list[str]:
    """Return the paths that patterns match, sorted as text."""
    return sorted(str(path) for pattern in patterns for path in folder.glob(pattern))


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def bgr_to_rgb(path: Path) -> np.ndarray:
    pixels = cv2.imread(str(path))
    assert pixels is not None, path
    return pixels[..., ::-1]


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


@pytest.mark.parametrize("image_format", ["jpg", "png"])
def test_birefnet_takes_everything_in_im_and_the_first_suffix_in_gt_that_is_there(tmp_path, image_format):
    stored = Stored(tmp_path, ("image", "alpha"), image_format=image_format, bits=16)
    task = export(stored, "birefnet") / "Matting"
    folders = {"train": "TR-train", "val": "TE-val", "test": "TE-test"}
    # BiRefNet trains on whatever lies in its task's folder and is no test.
    assert sorted(path.name for path in task.iterdir()) == sorted(folders.values())
    assert (task.parent / "testsets.txt").read_text() == "TE-val,TE-test\n"
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


def unpacked(text: str, height: int, width: int) -> np.ndarray:
    """Return the mask of COCO's packed run lengths, by its published C code told in our words."""
    lengths: list[int] = []
    value = shift = 0
    for letter in text.encode():
        chunk = letter - 48
        value |= (chunk & 31) << shift
        shift += 5
        if not chunk & 32:
            if chunk & 16:
                value -= 1 << shift
            lengths.append(value + (lengths[-2] if len(lengths) > 2 else 0))
            value = shift = 0
    return np.repeat(np.arange(len(lengths)) % 2 == 1, lengths).reshape(width, height).T


def test_coco_readers_get_the_masks_of_alpha_above_one_half(tmp_path):
    stored = Stored(tmp_path, ("image", "alpha"), bits=16)
    target = export(stored, "coco")
    for split in NAMES:
        content = json.loads((target / "annotations" / f"instances_{split}.json").read_text())
        images = {image["id"]: image for image in content["images"]}
        assert len(images) == len(content["annotations"]) == len(stored.of(split))
        for instance in content["annotations"]:
            image = images[instance["image_id"]]
            pixels = stored.of(split)[Path(image["file_name"]).stem]
            mask = pixels["alpha"] > 0.5 * 65535
            height, width = instance["segmentation"]["size"]
            assert (height, width) == (image["height"], image["width"]) == mask.shape
            assert (unpacked(instance["segmentation"]["counts"], height, width) == mask).all()
            assert (rgb(target / split / image["file_name"]) == pixels["image"]).all()
            left, top, across, down = instance["bbox"]
            assert mask[top : top + down, left : left + across].sum() == mask.sum() == instance["area"]


def test_cocos_own_tools_unpack_our_masks(tmp_path):
    coco = pytest.importorskip("pycocotools.coco")
    masks = pytest.importorskip("pycocotools.mask")
    stored = Stored(tmp_path, ("image", "alpha"))
    read = coco.COCO(str(export(stored, "coco") / "annotations" / "instances_train.json"))
    assert {Path(image["file_name"]).stem for image in read.imgs.values()} == set(stored.of("train"))
    for image in read.imgs.values():
        pixels = rgb(stored.root / "exports" / "coco" / "train" / image["file_name"])
        assert (pixels == stored.of("train")[Path(image["file_name"]).stem]["image"]).all()
    for instance in read.loadAnns(read.getAnnIds()):
        name = Path(read.imgs[instance["image_id"]]["file_name"]).stem
        assert (read.annToMask(instance) == (stored.of("train")[name]["alpha"] > 127.5)).all()
        assert masks.area(instance["segmentation"]) == instance["area"]


def test_run_lengths_of_any_mask_unpack_to_it():
    rng = np.random.default_rng(3)
    for density in (0.0, 0.02, 0.5, 0.98, 1.0):
        mask = rng.random((120, 75)) < density
        assert (unpacked(packed(run_lengths(mask)), 120, 75) == mask).all()


def grouped(path: Path) -> dict[str, dict[str, bytes]]:
    """Return the samples of a shard as `webdataset` forms them: neighbours of one name up to its first dot."""
    samples: dict[str, dict[str, bytes]] = defaultdict(dict)
    with tarfile.open(path) as shard:
        for member in shard:
            key, kind = re.fullmatch(r"((?:.*/)?[^.]+)\.([^/]*)", member.name).groups()
            if key in samples:
                assert key == next(reversed(samples)), "files of one sample have to follow each other"
            samples[key][kind.lower()] = shard.extractfile(member).read()
    return samples


def test_webdataset_groups_members_by_key_and_keeps_16_bits_of_alpha_if_asked(tmp_path):
    stored = Stored(tmp_path, image_format="jpg", bits=16)
    target = export(stored, "webdataset", samples_per_shard=2, alpha_bits=16)
    assert [path.name for path in sorted(target.glob("train-*.tar"))] == ["train-000000.tar", "train-000001.tar"]
    for split in NAMES:
        samples = {}
        for path in sorted(target.glob(f"{split}-*.tar")):
            shard = grouped(path)
            assert len(shard) <= 2
            samples |= shard
        assert samples.keys() == stored.of(split).keys()
        for name, files in samples.items():
            pixels = stored.of(split)[name]
            assert set(files) == {"jpg", "alpha.png", "fg.png", "bg.jpg", "captured_bg.jpg", "trimap.png", "json"}
            for kind, file in (("image", "jpg"), ("alpha", "alpha.png"), ("fg", "fg.png"), ("trimap", "trimap.png")):
                assert (np.asarray(Image.open(io.BytesIO(files[file]))) == pixels[kind]).all()
            assert json.loads(files["json"])["id"] == name


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_webdatasets_own_decoders_take_our_shards(tmp_path):
    webdataset = pytest.importorskip("webdataset")
    stored = Stored(tmp_path, bits=16)
    result, target = export_dataset(stored.root, "webdataset")
    assert any("alpha rounded to 8 bits" in note for note in result.notes)
    shards = sorted(str(path) for path in target.glob("train-*.tar"))
    samples = list(webdataset.WebDataset(shards, shardshuffle=False).decode("l8"))
    gc.collect()  # it leaves its files open
    assert {sample["__key__"] for sample in samples} == set(stored.of("train"))
    for sample in samples:
        assert (sample["alpha.png"] == stored.alpha_8("train", sample["__key__"])).all()


def test_16_bits_of_alpha_in_shards_come_with_a_warning(tmp_path):
    stored = Stored(tmp_path, bits=16)
    result, target = export_dataset(stored.root, "webdataset", alpha_bits=16)
    assert any("decode it yourself" in note for note in result.notes)
    again, _ = export_dataset(stored.root, "webdataset")
    assert again.made == len(list(target.glob("*.tar")))
    with pytest.raises(ValueError, match="8 or 16 bits"):
        export_dataset(stored.root, "webdataset", alpha_bits=12)


def test_hugging_faces_own_reader_takes_our_data_set(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    datasets = pytest.importorskip("datasets", exc_type=ImportError, reason="needs `datasets` and its pyarrow")
    stored = Stored(tmp_path)
    read = datasets.load_dataset("imagefolder", data_dir=str(stored.folder), cache_dir=str(tmp_path / "cache"))
    for split, hugging in (("train", "train"), ("val", "validation"), ("test", "test")):
        assert set(read[hugging]["id"]) == set(stored.of(split))
        for row in read[hugging]:
            for kind in ("image", "alpha", "fg", "bg", "captured_bg", "trimap"):
                assert (np.asarray(row[kind]) == stored.of(split)[row["id"]][kind]).all(), kind


def test_shards_have_the_same_bytes_wherever_and_whenever_they_are_written(tmp_path):
    first = export(Stored(tmp_path / "a"), "webdataset")
    again = export(Stored(tmp_path / "b"), "webdataset")
    for path in first.glob("*.tar"):
        assert path.read_bytes() == (again / path.name).read_bytes()


def test_shards_end_before_they_exceed_their_size(tmp_path):
    stored = Stored(tmp_path)
    target = export(stored, "webdataset", shard_megabytes=0.001)
    assert len(list(target.glob("train-*.tar"))) == len(stored.of("train"))


def test_every_layout_that_exports_is_loaded_here():
    source = Path(__file__).read_text()
    assert [layout for layout in exportable() if f'"{layout}"' not in source] == []
