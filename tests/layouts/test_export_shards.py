"""Exports that are not folders of pictures: COCO annotations, WebDataset shards, and tables of the Hugging Face Hub."""

import gc
import io
import json
import re
import tarfile
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.exported_pictures import export, rgb
from support.stored_dataset import NAMES, Stored

from synthmat.api import export_dataset
from synthmat.layouts.coco import packed, run_lengths


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
    """Return the samples of a shard as `webdataset` forms them: neighbors of one name up to its first dot."""
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
