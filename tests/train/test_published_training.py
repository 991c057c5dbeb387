"""Published checkpoints fine-tuned by the ready recipe, and measured before and after."""

import shutil

import cv2
import numpy as np
import torch
from support.mmagic_weights import mmagic_weights
from support.repository import RECIPES

import synthmat
from synthmat.stage import RunOptions
from synthmat.train.models import build_model


def _pairs(folder, count, seed):
    """Write pairs as the recipe's header asks for them: a disc before noise out of focus."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:96, 0:128]
    for number in range(count):
        behind = cv2.GaussianBlur(rng.integers(0, 256, (96, 128, 3)).astype(np.float32), (0, 0), 4)
        alpha = np.clip(30 - np.hypot(rows - 48, columns - rng.uniform(40, 90)) + 0.5, 0, 1)
        color = np.broadcast_to(rng.integers(0, 256, 3), behind.shape)
        pictures = {
            "com": alpha[..., None] * color + (1 - alpha[..., None]) * behind,
            "bgr_captured": behind, "pha": 255 * alpha, "fgr": color,
        }  # fmt: skip
        for kind, pixels in pictures.items():
            (folder / kind).mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(folder / kind / f"{number:04d}.png"), np.rint(pixels).astype(np.uint8))


def _published(path):
    """Write random weights of Background Matting V2 by its authors' names."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        state = build_model("background_matting_v2", options={"backbone": "mobilenetv2"}).state_dict()
    torch.save({key.removeprefix("base."): value for key, value in state.items()}, path)
    return path


def test_background_matting_is_fine_tuned_and_measured_before_and_after(tmp_path):
    shutil.copy(RECIPES / "finetune_background_matting.yaml", tmp_path / "recipe.yaml")
    _pairs(tmp_path / "pairs", 4, 0)
    _pairs(tmp_path / "held_out", 2, 1)
    before = _published(tmp_path / "pytorch_mobilenetv2.pth")
    overrides = ["train.size=64", "train.epochs=1", "train.options.refine_sample_pixels=400", "train.lr_multipliers={}"]
    result = synthmat.train(
        tmp_path / "recipe.yaml", out=tmp_path / "out", overrides=[*overrides, "train.learning_rate=1e-6"],
        options=RunOptions(workers=1, device="cpu", quiet=True),
    )  # fmt: skip
    assert (result.made, result.failed) == (1, 0)
    best = tmp_path / "out/training/best.pt"
    theirs, ours = torch.load(before, weights_only=True), torch.load(best, weights_only=True)["model"]
    change = (ours["base.decoder.conv4.weight"] - theirs["decoder.conv4.weight"]).abs().max()
    assert 0 < change < 1e-4
    found = synthmat.evaluate(
        [before, best], tmp_path / "held_out", tmp_path / "evaluation", presets=("whole",), quiet=True
    )
    assert not found.failures
    assert len(found.results.predictors) == 2


def test_mmagics_deep_image_matting_is_measured_trained_from_and_predicts(tmp_path):
    _pairs(tmp_path / "pairs", 2, 0)
    before = tmp_path / "dim.pth"
    torch.save({"meta": {}, "state_dict": mmagic_weights()}, before)
    folder = {"folder": str(tmp_path / "pairs"), "layout": "bgmv2"}
    recipe = {
        "version": 1, "name": "dim", "seed": 1,
        "train": {
            "model": "deep_image_matting", "init": str(before), "size": 32, "fit": "crop", "data": [folder],
            "validation": [folder], "loss": "alpha_l1", "batch_size": 2, "learning_rate": 1e-6, "epochs": 1,
        },
    }  # fmt: skip
    result = synthmat.train(recipe, out=tmp_path / "out", options=RunOptions(workers=1, device="cpu", quiet=True))
    assert (result.made, result.failed) == (1, 0)
    best = tmp_path / "out/training/best.pt"
    theirs, ours = torch.load(before, weights_only=True)["state_dict"], torch.load(best, weights_only=True)["model"]
    change = (ours["encoder.levels.0.0.weight"] - theirs["backbone.encoder.layer1.0.weight"]).abs().max()
    assert 0 < change < 1e-4
    found = synthmat.evaluate([before, best], tmp_path / "pairs", tmp_path / "evaluation", presets=("dim",), quiet=True)
    assert not found.failures
    assert len(found.results.predictors) == 2
    trimap = np.full((96, 128), 128, np.uint8)
    trimap[:, :20], trimap[40:56, 60:68] = 0, 255
    cv2.imwrite(str(tmp_path / "trimap.png"), trimap)
    photo = tmp_path / "pairs/com/0000.png"
    assert synthmat.predict(before, photo, tmp_path / "predicted", trimap=tmp_path / "trimap.png", quiet=True).made == 1
    alpha = cv2.imread(str(tmp_path / "predicted/0000_alpha.png"), cv2.IMREAD_UNCHANGED)
    assert (alpha[:, :20] == 0).all()
    assert (alpha[40:56, 60:68] == 255).all()
