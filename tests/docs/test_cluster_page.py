"""The scripts and templates on the cluster's page do what the page says."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from support.repository import REPOSITORY

PAGE = (REPOSITORY / "docs/guides/cluster.md").read_text()
RECIPE = """version: 1
name: x
seed: 1
objects: [{builtin: vase, count: 3}]
render: {resolution: 16, views: {turntable: {count: 2}}}
"""
TRAINING = """version: 1
name: x
seed: 1
train:
  data: [{folder: pairs}]
  validation: [{folder: pairs}]
  size: 16
  epochs: 2
  batch_size: 2
"""
SYNTHMAT = f"""#!/bin/sh
[ "$1" = composite ] && exec echo "$@"
exec {sys.executable} -m synthmat "$@" --dry-run
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with a recipe, and a synthmat on the path that only says what it would do."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/synthmat").write_text(SYNTHMAT)
    (tmp_path / "bin/synthmat").chmod(0o755)
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return tmp_path


def block(kind: str, beginning: str) -> str:
    """Return the block of the page that begins so."""
    return next(each for each in re.findall(rf"```{kind}\n(.*?)```", PAGE, re.S) if each.startswith(beginning))


def run(command: list[str], folder: Path, **variables: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env=os.environ | variables, capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def frames(told: str) -> int:
    """Return how many frames a dry run would render."""
    return int(re.search(r"(\d+) (?:of \d+ )?frames", told)[1])


@pytest.mark.once
def test_the_parts_of_the_slurm_script_are_the_whole_plan(place):
    script = block("bash", "#!/bin/bash").replace("/scratch/toys", str(place / "out")).replace(" --quiet", "")
    (place / "render.sbatch").write_text(script)
    assert "#SBATCH --array=1-16" in script
    parts = [
        run(["bash", "render.sbatch"], place, SLURM_ARRAY_TASK_ID=str(part), SLURM_ARRAY_TASK_MAX="2")
        for part in (1, 2)
    ]
    assert sorted(map(frames, parts)) == [3, 3]


@pytest.mark.once
def test_the_open_job_description_is_what_its_runner_takes(place):
    template = block("text", "specificationVersion")
    job = yaml.safe_load(template)
    assert [step["name"] for step in job["steps"]] == ["Render", "Composite"]
    runner = shutil.which("openjd")
    if runner is None:
        pytest.skip("no openjd-cli")
    (place / "template.yaml").write_text(template)
    options = [f"Recipe={place / 'recipe.yaml'}", f"Out={place / 'out'}", "Parts=2"]
    told = run(
        [runner, "run", "template.yaml", "--step", "Composite", "--run-dependencies"]
        + [word for option in options for word in ("-p", option)], place,
    )  # fmt: skip
    assert "Session ended successfully" in told
    assert f"composite {place / 'recipe.yaml'} --out {place / 'out'} -q" in told
    assert told.count("Running Task") == 3


@pytest.mark.once
def test_two_machines_train_one_network(tmp_path):
    pytest.importorskip("torch")
    (tmp_path / "recipe.yaml").write_text(TRAINING)
    rng = np.random.default_rng(0)
    for kind in ("image", "alpha"):
        (tmp_path / "pairs" / kind).mkdir(parents=True)
        for number in range(4):
            pixels = rng.integers(0, 256, (20, 20) if kind == "alpha" else (20, 20, 3)).astype(np.uint8)
            cv2.imwrite(str(tmp_path / f"pairs/{kind}/{number}.png"), pixels)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
    (first, second) = re.findall(r"^    torchrun (--nnodes 2 .*)$", PAGE, re.M)
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "torch.distributed.run", *_here(line, port), "--out", "out", "--device", "cpu"],
            cwd=tmp_path, env=os.environ | {"OMP_NUM_THREADS": "1"}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True,
        )
        for line in (first, second)
    ]  # fmt: skip
    told = [process.communicate(timeout=240)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0], told
    assert ["2 epochs" in each for each in told] == [True, False], told
    assert len((tmp_path / "out/training/metrics.jsonl").read_text().splitlines()) == 2


def _here(line: str, port: int) -> list[str]:
    """Return the words of a line of the page with this machine's address, and one process instead of four."""
    for old, new in (("node0", "127.0.0.1"), ("29500", str(port)), ("--nproc-per-node 4", "--nproc-per-node 1")):
        assert old in line
        line = line.replace(old, new)
    return line.split()
