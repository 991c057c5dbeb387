"""From a recipe to a trained network through the command line, also when it is killed on the way."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.command_line import Answer, synthmat

RECIPE = """
name: path
seed: 3
objects: [{builtin: suzanne, count: 3}, {builtin: vase}]
render: {resolution: 48, samples: 2, views: {turntable: {count: 2}}}
composite: {per_view: 6, size: 48, outputs: [image, alpha, fg, bg], image_format: png, split: {val: 0.25, test: 0.25}}
train: {size: 32, width: 4, epochs: 4, batch_size: 8}
"""


def arguments(stage: str, out: Path) -> list[str]:
    return [stage, "recipe.yaml", "--out", str(out), "--workers", "1", "--quiet"]


def command(stage: str, out: Path) -> list[str]:
    return [sys.executable, "-m", "synthmat.cli", *arguments(stage, out)]


def resumed(stage: str, folder: Path, out: Path) -> Answer:
    """Run a stage that was begun elsewhere to its end, in this process."""
    answer = synthmat(*arguments(stage, out), folder=folder)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with the recipe and ``whole``, the output of an uninterrupted run."""
    folder = tmp_path_factory.mktemp("path")
    (folder / "recipe.yaml").write_text(RECIPE)
    ended = subprocess.run(
        command("run", folder / "whole"), cwd=folder, capture_output=True, text=True, timeout=280, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    (folder / "said").write_text(ended.stdout)
    return folder


def test_a_run_ends_with_a_network_a_report_and_what_to_do_next(folder):
    said = (folder / "said").read_text()
    for path in ("renders/contact_sheet.png", "dataset/contact_sheet.png", "training/curves.png", "report.html"):
        assert (folder / "whole" / path).stat().st_size > 1000
        assert path in said
    assert "8 frames of 4 objects" in said
    assert "Dice" in said
    assert (folder / "whole" / "dataset" / "README.md").exists()
    assert "count: 2" in (folder / "whole" / "recipe.yaml").read_text()


def test_no_object_and_no_photo_is_in_two_splits(folder):
    seen = {}
    for split in ("train", "val", "test"):
        lines = (folder / "whole" / "dataset" / split / "metadata.jsonl").read_text().splitlines()
        for row in map(json.loads, lines):
            for kind in ("object", "background"):
                assert seen.setdefault((kind, row[kind]), split) == split
    assert set(seen.values()) == {"train", "val", "test"}


def test_a_second_run_makes_nothing(folder):
    before = stamps(folder / "whole")
    assert "composite: 0 made" in resumed("composite", folder, folder / "whole").stdout
    assert stamps(folder / "whole") == before


def stamps(out: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in out.glob("dataset/*/*/*")}


def killed(folder: Path, stage: str, out: Path, ready) -> None:
    """Run a stage and kill it with SIGKILL as soon as ``ready`` says so."""
    process = subprocess.Popen(command(stage, out), cwd=folder, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not ready() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    assert process.poll() is None, "it ended before it could be killed"
    process.send_signal(signal.SIGKILL)
    process.wait()
    time.sleep(2.5)  # orphaned workers end by themselves


def test_composite_and_train_killed_in_the_middle_end_with_the_same_files(folder, tmp_path):
    import torch

    out = tmp_path / "killed"
    (out / "renders").parent.mkdir()
    subprocess.run(["cp", "-r", folder / "whole" / "renders", out / "renders"], check=True)
    killed(folder, "composite", out, lambda: len(list(out.glob("dataset/*/alpha/[!.]*.png"))) >= 10)
    made = len(list(out.glob("dataset/*/alpha/[!.]*.png")))
    assert made < 48
    again = resumed("composite", folder, out)
    kept = int(again.stdout.split(" kept")[0].split(",")[-1])
    assert kept >= made - 2
    assert pictures(out) == pictures(folder / "whole")

    killed(folder, "train", out, lambda: (out / "training" / "metrics.jsonl").exists())
    resumed("train", folder, out)
    for name in ("best.pt", "last.pt"):
        ours = torch.load(out / "training" / name, weights_only=True)["model"]
        theirs = torch.load(folder / "whole" / "training" / name, weights_only=True)["model"]
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(ours[key], theirs[key]) for key in ours)
    epochs = [json.loads(line)["epoch"] for line in (out / "training" / "metrics.jsonl").read_text().splitlines()]
    assert epochs == list(range(1, 5))


def pictures(out: Path) -> dict[str, bytes]:
    dataset = out / "dataset"
    return {path.relative_to(dataset).as_posix(): path.read_bytes() for path in dataset.glob("*/*/[!.]*.png")}
