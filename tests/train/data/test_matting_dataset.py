"""Any data set that we read, as other people's training loops take it."""

import pickle

import numpy as np
import pytest
import torch
from PIL import Image
from support.stored_dataset import Stored
from torch.utils.data import DataLoader

from synthmat.errors import AssetError
from synthmat.train.data.matting_dataset import MattingDataset


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    return Stored(tmp_path_factory.mktemp("output"), bits=16)


def test_samples_are_what_is_on_disk(stored):
    dataset = MattingDataset(stored.root, split="val", kinds=["fg", "captured_bg", "trimap"])
    assert {each["id"] for each in dataset} == set(stored.of("val"))
    for sample in dataset:
        pixels = stored.pixels["val", sample["id"]]
        for kind in ("image", "fg", "captured_bg"):
            assert torch.equal(sample[kind], torch.from_numpy(pixels[kind].transpose(2, 0, 1) / np.float32(255)))
        assert torch.allclose(sample["alpha"][0], torch.from_numpy(pixels["alpha"] / np.float32(65535)), atol=1e-6)
        assert set(sample["trimap"].unique().tolist()) <= {0.0, 0.5, 1.0}


def test_a_public_layout_is_read_too_and_can_be_transformed(tmp_path):
    for name in ("a", "b"):
        for folder, mode in (("image", "RGB"), ("alpha", "L")):
            (tmp_path / folder).mkdir(exist_ok=True)
            Image.new(mode, (20, 10), 200 if mode == "L" else (9, 8, 7)).save(tmp_path / folder / f"{name}.png")
    dataset = MattingDataset(tmp_path, layout="pairs", size=16, transform=lambda sample: sample["image"].shape)
    assert list(dataset) == [torch.Size([3, 16, 16])] * 2


def test_cut_outs_get_another_photo_in_another_epoch(tmp_path):
    (tmp_path / "cutouts").mkdir()
    pixels = np.zeros((32, 32, 4), np.uint8)
    pixels[8:24, 8:24] = 255
    Image.fromarray(pixels).save(tmp_path / "cutouts/a.png")
    dataset = MattingDataset(tmp_path / "cutouts", layout="rgba", kinds=["bg"])
    first = dataset[0]
    assert torch.equal(first["image"], dataset[0]["image"])
    dataset.set_epoch(1)
    assert not torch.equal(first["image"], dataset[0]["image"])


def test_workers_of_a_loader_can_be_spawned(stored):
    dataset = MattingDataset(stored.root, split="train")
    before = dataset[0]["image"]
    assert torch.equal(pickle.loads(pickle.dumps(dataset))[0]["image"], before)
    assert next(iter(DataLoader(dataset, batch_size=3)))["image"].shape == (3, 3, 24, 40)


def test_what_is_not_there_is_named(stored):
    with pytest.raises(AssetError, match="no samples of split night; it has test, train, val"):
        MattingDataset(stored.root, split="night")
    with pytest.raises(ValueError, match="no kind depth; there are fg, bg, captured_bg, trimap"):
        MattingDataset(stored.root, kinds=["depth"])
    with pytest.raises(IndexError):
        MattingDataset(stored.root, split="val")[2]


def test_a_kind_that_some_samples_lack_is_named(tmp_path):
    root = Stored(tmp_path, kinds=("image", "alpha")).root
    with pytest.raises(AssetError, match="7 samples have no fg, such as "):
        MattingDataset(root, kinds=["fg"])
