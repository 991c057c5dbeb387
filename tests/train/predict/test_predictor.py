"""Networks and baselines on pictures of any size."""

import numpy as np
import pytest
import torch
from support.matting_checkpoint import write_checkpoint
from support.tiny_training import TinyNetwork

from synthmat.errors import AssetError
from synthmat.train.predict import network_predictor
from synthmat.train.predict.network_predictor import NetworkPredictor
from synthmat.train.predict.predictor import Matte, open_predictor, shrunk, with_known

CPU = torch.device("cpu")


@pytest.fixture
def image():
    return np.random.default_rng(0).integers(0, 256, (150, 110, 3)).astype(np.uint8)


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """Return a predictor of two convolutions, whose results reach two pixels far."""

    def make(mode, size=None, fit="resize"):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(3)
            network = TinyNetwork().eval()
        config = {"model": "tiny", "size": 40, "train": {"fit": fit}}
        monkeypatch.setattr(network_predictor, "load_model", lambda _: (network, config))
        path = tmp_path / "tiny.pt"
        path.write_bytes(b"weights")
        return NetworkPredictor(path, CPU, mode, size)

    return make


def test_tiles_give_what_the_whole_picture_gives(tiny, image):
    whole = tiny("whole")({"image": image}).alpha
    tiles = tiny("tile", 48)({"image": image}).alpha
    assert whole.shape == tiles.shape == (150, 110)
    assert np.ptp(whole) > 0.01
    np.testing.assert_allclose(tiles, whole, atol=2e-5)


def test_networks_trained_on_crops_see_full_resolution_others_their_own_size(tiny, image):
    crops = tiny("auto", 48, fit="crop")
    assert "windows of 48 pixels" in crops.how
    assert "at 40x40 pixels" in tiny("auto").how
    np.testing.assert_array_equal(crops({"image": image}).alpha, tiny("tile", 48)({"image": image}).alpha)


@pytest.mark.parametrize("refine", [True, False])
def test_background_matting_with_its_refiner_sees_the_whole_picture_and_gives_its_foreground(tmp_path, image, refine):
    options = {"backbone": "mobilenetv2", "backbone_scale": 0.5, "refine": refine}
    path = write_checkpoint(tmp_path / "bg.pt", "background_matting_v2", width=None, size=64, options=options)
    predictor = open_predictor(str(path), CPU)
    assert predictor.how.endswith("sees the full picture at once") == refine
    bases = []
    predictor._network.base.register_forward_hook(lambda _module, inputs, _output: bases.append(inputs[0].shape[-2:]))
    found = predictor({"image": image, "captured_bg": image})
    assert found.alpha.shape == (150, 110)
    # The picture is padded to 152 x 112; the 64 pixels of the training were 32 for the base.
    assert bases == [(44, 33) if refine else (32, 32)]
    assert (found.foreground is not None) == refine
    if refine:
        assert found.foreground.shape == (150, 110, 3)


def test_resizing_shows_the_square_of_the_training_and_comes_back_at_the_full_size(tiny, image, monkeypatch):
    seen = []
    predictor = tiny("resize")
    forward = predictor._network.forward
    monkeypatch.setattr(predictor._network, "forward", lambda x: (seen.append(x.shape), forward(x))[1])
    alpha = predictor({"image": image}).alpha
    assert seen == [(1, 3, 40, 40)]
    assert alpha.shape == (150, 110)
    assert 0 <= alpha.min() <= alpha.max() <= 1


def test_small_pictures_are_enlarged_for_the_network_and_come_back_small(tiny):
    assert tiny("resize")({"image": np.zeros((11, 20, 3), np.uint8)}).alpha.shape == (11, 20)


def test_a_trimap_decides_where_it_is_certain(tiny, image):
    trimap = np.full((150, 110), 128, np.uint8)
    trimap[:20], trimap[-20:] = 255, 0
    alpha = tiny("resize")({"image": image, "trimap": trimap}).alpha
    assert (alpha[:20] == 1).all()
    assert (alpha[-20:] == 0).all()
    assert 0 < alpha[70, 50] < 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(NetworkPredictor, "_run", lambda *_: pytest.fail("a certain window was predicted"))
        np.testing.assert_array_equal(tiny("tile", 48)({"image": image, "trimap": trimap * 0 + 255}).alpha, 1)


def test_a_network_with_a_trimap_gets_it(tmp_path, image):
    path = write_checkpoint(tmp_path / "dim.pt", "deep_image_matting_28", width=None)
    predictor = open_predictor(str(path), CPU)
    assert predictor.inputs == ("trimap",)
    trimap = np.full((150, 110), 128, np.uint8)
    trimap[:50], trimap[100:] = 255, 0
    assert predictor({"image": image, "trimap": trimap}).alpha.shape == (150, 110)


def test_baselines_and_folders_of_trainings_are_found_by_name(tmp_path, image):
    path = write_checkpoint(tmp_path / "run" / "training" / "best.pt")
    for name in (path, path.parent, tmp_path / "run"):
        assert open_predictor(str(name), CPU).name == str(path)
    for name in ("kmeans", "baseline:kmeans"):
        assert open_predictor(name, CPU).inputs == ()
    assert open_predictor("baseline:kmeans+trimap", CPU).inputs == ("trimap",)
    assert open_predictor("kmeans")({"image": image}).alpha.shape == (150, 110)
    with pytest.raises(AssetError, match="did you mean kmeans"):
        open_predictor("baseline:kmean", CPU)
    with pytest.raises(AssetError, match=r"best.pt.*run/training/best.pt"):
        open_predictor(str(tmp_path), CPU)


def test_shrinking_keeps_known_only_what_is_known_throughout():
    trimap = np.full((40, 60), 255, np.uint8)
    trimap[:, 31:] = 0
    small = shrunk({"image": np.zeros((40, 60, 3), np.uint8), "trimap": trimap}, 30)
    assert small["image"].shape == (20, 30, 3)
    assert set(small["trimap"][:, :15].ravel()) == {255}
    assert set(small["trimap"][:, 15]) == {128}
    assert set(small["trimap"][:, 16:].ravel()) == {0}


def test_what_a_trimap_knows_replaces_alpha():
    alpha = np.full((1, 3), 0.4, np.float32)
    np.testing.assert_allclose(with_known(alpha, np.array([[0, 128, 255]], np.uint8)), [[0, 0.4, 1]])


def test_a_squeezed_alpha_comes_back_where_the_object_is(tmp_path, monkeypatch):
    image = np.full((60, 180, 3), [30, 60, 190], np.uint8)
    image[20:45, 90:150] = [200, 40, 30]
    predictor = NetworkPredictor(write_checkpoint(tmp_path / "best.pt", size=20), CPU)
    red = {}

    def sees_red(several):
        (views,) = several
        red["alpha"] = ((views["image"][..., 0].astype(np.float32) - 30) / 170).clip(0, 1)
        return [Matte(red["alpha"])]

    monkeypatch.setattr(predictor, "_run", sees_red)
    alpha = predictor({"image": image}).alpha
    assert red["alpha"].shape == (20, 20)
    truth = np.zeros((60, 180), np.float32)
    truth[20:45, 90:150] = 1
    assert np.abs(alpha - truth).mean() < 0.005
