"""Every public layout is found out and read, with the splits, groups and partners it has."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.stored_dataset import ALL, Stored, pixels_of, place

from synthmat.api import export_dataset
from synthmat.errors import AssetError, OutputError, SynthmatError
from synthmat.layouts import detect, exportable, layouts, read_alpha, read_layout, read_pair, readable

P = pixels_of(1)
CUT_OUT = np.dstack([P["fg"], P["alpha"]])


def write(root: Path, *files: str) -> Path:
    """Write a picture for each name: what its folder is called says which."""
    mattes = ("alpha", "GT", "gt", "mask", "matte", "pha", "alphas")
    for file in files:
        folder = Path(file).parts[:-1]
        if "matting" in folder or not folder:
            pixels = CUT_OUT
        elif any("rimap" in part for part in folder):
            pixels = P["trimap"]
        else:
            pixels = P["alpha"] if any(part.startswith(mattes) for part in folder) else P["image"]
        place(root, file, pixels)
    return root


def ids(root: Path, layout: str = "auto") -> list[tuple[str, str]]:
    return [(item.split, item.id) for item in read_layout(root, layout)]


TREES = {
    "aim_500": ["original/o_1.jpg", "mask/o_1.png", "trimap/o_1.png", "usr/o_1.png"],
    "aisegment": [
        "clip_img/1803/clip_00000000/1803-0001.jpg",
        "matting/1803/matting_00000000/1803-0001.png",
    ],
    "alphamatting": [
        "input_training_lowres/GT01.png",
        "gt_training_lowres/GT01.png",
        "trimap_training_lowres/Trimap1/GT01.png",
        "trimap_training_lowres/Trimap2/GT01.png",
    ],
    "am_2k": ["train/original/m_1.jpg", "train/mask/m_1.png", "validation/original/m_2.jpg", "validation/mask/m_2.png"],
    "bgmv2": ["train/fgr/a/x.png", "train/pha/a/x.jpg", "valid/fgr/y.png", "valid/pha/y.png", "backgrounds/z.png"],
    "birefnet": ["DIS-TR/im/1#A#2#b#3.jpg", "DIS-TR/gt/1#A#2#b#3.png", "DIS-VD/im/v.jpg", "DIS-VD/gt/v.png"],
    "composition_1k": [
        "Training_set/Other/fg/cat.jpg",
        "Training_set/Other/alpha/cat.jpg",
        "Training_set/Adobe-licensed images/fg/dog.jpg",
        "Training_set/Adobe-licensed images/alpha/dog.png",
    ],
    "distinctions_646": ["Train/FG/1.png", "Train/GT/1.png", "Test/FG/2.png", "Test/GT/2.png"],
    "modnet": ["train/image/a.jpg", "train/matte/a.png"],
    "p3m_10k": [
        "train/blurred_image/p_1.jpg",
        "train/mask/p_1.png",
        "validation/P3M-500-P/blurred_image/p_2.jpg",
        "validation/P3M-500-P/mask/p_2.png",
        "validation/P3M-500-NP/original_image/p_3.jpg",
        "validation/P3M-500-NP/mask/p_3.png",
    ],
    "pairs": ["images/a.jpg", "alphas/a.png"],
    "photomatte85": ["a.png", "b.png"],
    "ppm_100": ["image/6146816_o.jpg", "matte/6146816_o.jpg"],
    "rgba": ["a.png", "b.png"],
    "rvm_eval": ["videomatte/clip1/com/0000.png", "videomatte/clip1/pha/0000.png", "videomatte/clip1/fgr/0000.png"],
    "videomatte240k": ["train/fgr/0001/00000.jpg", "train/pha/0001/00000.jpg"],
}


@pytest.mark.parametrize("layout", sorted(TREES))
def test_each_layout_is_found_out_by_its_folders_and_read(tmp_path, layout):
    root = write(tmp_path / {"photomatte85": "PhotoMatte85"}.get(layout, "data"), *TREES[layout])
    assert detect(root) == layout
    items = read_layout(root)
    assert items == read_layout(root, layout)
    for item in items:
        image, alpha = read_pair(item)
        assert np.abs(alpha * 255 - P["alpha"]).max() < 30  # some of them are JPEGs
        assert image.shape[:2] == alpha.shape


def test_every_readable_layout_is_tested():
    assert sorted([*TREES, "synthmat"]) == sorted(readable())
    assert all(about.summary.endswith(".") for about in layouts().values())


def test_splits_follow_the_folders(tmp_path):
    assert ids(write(tmp_path / "a", *TREES["p3m_10k"])) == [("train", "p_1"), ("val", "p_2"), ("test", "p_3")]
    assert ids(write(tmp_path / "b", *TREES["birefnet"])) == [("train", "1#A#2#b#3"), ("val", "v")]
    assert ids(write(tmp_path / "c", *TREES["distinctions_646"])) == [("train", "1"), ("test", "2")]
    assert ids(write(tmp_path / "d", *TREES["pairs"])) == [("", "a")]


def test_comp_1k_merged_pictures_share_the_alpha_and_group_of_their_foreground(tmp_path):
    part = "Combined_Dataset/Test_set/Adobe-licensed images"
    files = [f"{part}/fg/a b.png", f"{part}/alpha/a b.png", f"{part}/fg/unlisted.png", f"{part}/alpha/unlisted.png"]
    merged = [f"Combined_Dataset/Test_set/merged/a b_{number}.png" for number in (0, 2, 10)]
    root = write(tmp_path, *files, *merged, f"{part}/trimaps/a b_2.png", "Combined_Dataset/Test_set/bg/a b_0.png")
    names = root / "Combined_Dataset" / "Test_set" / "test_fg_names.txt"
    names.write_text("a b.png\r\n")
    items = read_layout(root)
    assert [item.id for item in items] == ["a b_0", "a b_2", "a b_10"]
    assert {(item.split, item.group, item.alpha, item.fg) for item in items} == {
        ("test", "a b", root / part / "alpha" / "a b.png", root / part / "fg" / "a b.png")
    }
    assert [item.trimap is not None for item in items] == [False, True, False]
    assert [item.bg is not None for item in items] == [True, False, False]
    names.write_text("a b.png\ngone.png\n")
    with pytest.raises(AssetError, match=r"test_fg_names\.txt: 1 of 2 names have no fg and alpha: gone"):
        read_layout(root)


def test_alphamatting_gives_both_trimaps_in_one_group_and_reads_rgb_mattes(tmp_path):
    root = write(tmp_path, *TREES["alphamatting"])
    place(root, "gt_training_lowres/GT01.png", np.dstack([P["alpha"]] * 3))
    items = read_layout(root)
    assert [item.id for item in items] == ["GT01_Trimap1", "GT01_Trimap2"]
    assert {item.group for item in items} == {"GT01"}
    assert (np.rint(read_alpha(items[0].alpha) * 255) == P["alpha"]).all()


def test_frames_of_clips_are_numbered_and_kept_together(tmp_path):
    files = [f"train/{kind}/{clip}/{n:05d}.jpg" for kind in ("fgr", "pha") for clip in ("0002", "0010") for n in (0, 7)]
    items = read_layout(write(tmp_path, *files))
    assert [(item.clip, item.frame, item.group) for item in items] == [
        ("0002", 0, "0002"), ("0002", 7, "0002"), ("0010", 0, "0010"), ("0010", 7, "0010")
    ]  # fmt: skip


def test_equal_names_in_two_splits_get_ids_of_their_own(tmp_path):
    files = [f"{split}/{kind}/0001/00000.jpg" for split in ("train", "test") for kind in ("fgr", "pha")]
    assert ids(write(tmp_path, *files)) == [("train", "train/0001/00000"), ("test", "test/0001/00000")]


def test_order_is_natural_case_does_not_matter_and_rubbish_is_passed_over(tmp_path):
    root = write(tmp_path, *(f"Images/{n}.JPG" for n in (10, 9, 1)), *(f"ALPHA/{n}.PNG" for n in (1, 9, 10)))
    for junk in ("Images/.DS_Store", "Images/._1.jpg", "Images/Thumbs.db", "ALPHA/notes.txt", "__MACOSX/Images/1.jpg"):
        path = root / junk
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    assert ids(root) == [("", "1"), ("", "9"), ("", "10")]


def test_links_to_files_and_folders_are_followed_once(tmp_path):
    real = write(tmp_path / "real", "images/sub/a.jpg", "alphas/sub/a.png")
    root = tmp_path / "linked"
    for kind in ("images", "alphas"):
        (root / kind).mkdir(parents=True)
        (root / kind / "sub").symlink_to(real / kind / "sub")
        (root / kind / "again").symlink_to(root / kind)
    assert ids(root) == [("", "sub/a")]


def test_a_picture_without_partner_is_named_with_its_folder_and_what_lies_there(tmp_path):
    root = write(tmp_path, "images/a.jpg", "images/b.jpg", "alphas/a.png", "alphas/c.png")
    with pytest.raises(AssetError) as caught:
        read_layout(root)
    assert f"{root / 'images'}: 1 of 2 pictures have none of the same name in {root / 'alphas'}: b" in str(caught.value)
    assert "    b.jpg" in str(caught.value)


def test_aisegment_passes_over_the_few_pictures_without_matte(tmp_path):
    files = [file.replace("0001.", f"000{n}.") for file in TREES["aisegment"] for n in (1, 2, 3)]
    root = write(tmp_path, *files, "clip_img/1803/clip_00000000/1803-0009.jpg")
    assert [item.id for item in read_layout(root)] == ["1803-0001", "1803-0002", "1803-0003"]


def test_two_pictures_of_one_name_are_an_error(tmp_path):
    root = write(tmp_path, "images/a.jpg", "images/a.png", "alphas/a.png")
    with pytest.raises(AssetError, match="two pictures of one name"):
        read_layout(root)


@pytest.mark.parametrize("layout", sorted(set(TREES) | {"synthmat"}))
def test_a_folder_in_another_layout_is_an_error_that_says_what_was_expected(tmp_path, layout):
    (tmp_path / "data" / "something").mkdir(parents=True)
    (tmp_path / "data" / "something" / "else.txt").write_text("x")
    with pytest.raises(SynthmatError) as caught:
        read_layout(tmp_path / "data", layout)
    assert isinstance(caught.value, AssetError | OutputError)
    assert str(tmp_path / "data") in str(caught.value)
    if layout != "synthmat":
        assert "something/" in str(caught.value)


@pytest.mark.parametrize("layout", sorted(set(TREES) - {"rgba", "photomatte85"}))
def test_empty_folders_are_an_error(tmp_path, layout):
    for file in TREES[layout]:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    with pytest.raises(AssetError, match=str(tmp_path)):
        read_layout(tmp_path, layout)


def test_unknown_folders_and_layouts_are_named(tmp_path):
    with pytest.raises(AssetError, match="no such folder"):
        read_layout(tmp_path / "nowhere")
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(AssetError, match=r"in none of the layouts(.|\n)*a\.txt"):
        detect(tmp_path)
    with pytest.raises(ValueError, match="did you mean am_2k"):
        read_layout(tmp_path, "am2k")


def test_photos_without_alpha_channel_are_no_cut_outs(tmp_path):
    Image.fromarray(P["image"]).save(tmp_path / "a.png")
    with pytest.raises(AssetError, match="in none of the layouts"):
        detect(tmp_path)


def test_our_own_data_set_is_read_with_all_its_files(tmp_path):
    stored = Stored(tmp_path, clips=True, bits=16)
    assert detect(tmp_path) == detect(stored.folder) == "synthmat"
    items = read_layout(tmp_path)
    assert [(item.split, item.id) for item in items] == [
        (split, name) for split in ("train", "val", "test") for name in sorted(stored.of(split))
    ]
    assert {item.clip for item in items} == {"train_walk", "val_walk", "test_walk"}
    for item in items:
        assert item.group == item.id[:3]
        for kind in ALL:
            assert (np.asarray(Image.open(getattr(item, kind))) == stored.pixels[item.split, item.id][kind]).all()


# In these an id is part of a longer name, or the name is the clip's.
RENAMED = {"composition_1k": lambda name: name[:-2], "aisegment": None, "rvm_eval": None, "videomatte240k": None}


@pytest.mark.parametrize("layout", sorted(set(exportable()) & set(readable())))
def test_what_is_exported_reads_back_the_same(tmp_path, layout):
    stored = Stored(tmp_path, image_format="jpg", clips=layout in ("videomatte240k", "rvm_eval"))
    _, target = export_dataset(stored.root, layout)
    assert detect(target) == layout
    items = read_layout(target)
    assert len(items) == len(stored.pixels)
    pixels = {(split, name): pixels for (split, name), pixels in stored.pixels.items()}
    ordered = {split: [pixels[split, name] for name in sorted(stored.of(split))] for split in ("train", "val", "test")}
    for item in items:
        rename = RENAMED.get(layout, lambda name: name)
        if rename is not None:
            expected = pixels[item.split, rename(item.id)]
        elif item.clip:
            expected = list(stored.of(item.split).values())[item.frame]
            assert item.clip == item.group == f"{item.split}_walk"
        else:
            expected = ordered[item.split].pop(0)
        assert (np.rint(read_alpha(item.alpha, item.alpha_from) * 255) == expected["alpha"]).all()
        for kind in ("image", "fg", "bg", "captured_bg", "trimap"):
            path = getattr(item, kind)
            assert path is None or (np.asarray(Image.open(path)) == expected[kind]).all()
        assert item.image or item.fg
