"""Kills workers and parents of real runs at random until one run ends, and compares it with an undisturbed one.

    python tools/random_kills.py [ROUNDS]

Renders three tiny built-in objects and composites them, each command again and again. Before every run a third of its
pictures are lost, so that there is something to do; while it works a worker or the parent is killed, or a worker
stopped, at a random moment. At the end the frames, samples and their rows, without times, have to be those of a run
that nobody disturbed.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

RECIPE = """version: 1
name: x
seed: 1
objects: [{builtin: vase, count: 3}]
render:
  {resolution: 16, samples: 1, alpha_error: 0, views: {turntable: {count: 4}}, frame_timeout: 60, start_timeout: 60}
composite: {backgrounds: builtin, size: 32, per_view: 2, sample_timeout: 20, start_timeout: 60}
"""


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    hits: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "recipe.yaml").write_text(RECIPE)
        for stage in ("render", "composite"):
            _begun(folder, stage, "whole").wait()
        draws = random.Random(1)
        for stage, pictures in (("render", "renders"), ("composite", "dataset")):
            for number in range(rounds):
                _lose(folder / "tried" / pictures, draws)
                hit = _disturbed(folder, stage, draws)
                hits[f"{stage}: {hit}"] += 1
                print(f"{stage} {number}: {hit}", flush=True)
            for _ in range(3):
                if _begun(folder, stage, "tried").wait() == 0:
                    break
        same = _content(folder / "whole") == _content(folder / "tried")
    print(*(f"{count} x {hit}" for hit, count in sorted(hits.items())), sep="\n")
    print("the same as without kills" if same else "DIFFERENT from a run without kills")
    return 0 if same else 1


def _begun(folder: Path, stage: str, out: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "synthmat", stage, "recipe.yaml", "--out", out, "--workers", "2", "-q"]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)


def _lose(folder: Path, draws: random.Random) -> None:
    """Delete a third of the pictures, as a disk does that was not flushed."""
    for path in sorted(folder.glob("[!.]*/**/*.png" if folder.name == "renders" else "[!.]*/**/*.*g")):
        if draws.random() < 1 / 3:
            path.unlink()


def _disturbed(folder: Path, stage: str, draws: random.Random) -> str:
    """Run a stage, disturb it, wait for its end and return what was done to it."""
    process = _begun(folder, stage, "tried")
    what = draws.choice(["parent", "worker", "stop"])
    workers: list[int] = []
    until = time.monotonic() + 120
    while not workers and process.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
        workers = _children(process.pid)
    time.sleep(draws.uniform(0, 6))
    workers = _children(process.pid) or workers
    if process.poll() is not None:
        return "over before"
    victim = process.pid if what == "parent" or not workers else draws.choice(workers)
    sign = signal.SIGSTOP if what == "stop" and victim != process.pid else signal.SIGKILL
    done = subprocess.run(["kill", f"-{int(sign)}", str(victim)], stderr=subprocess.DEVNULL, check=False)
    process.wait()
    if done.returncode:
        return "over before"
    return f"{sign.name} to {'the parent' if victim == process.pid else 'a worker'}"


def _children(parent: int) -> list[int]:
    told = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(parent)], capture_output=True, text=True, check=False
    )
    return [int(line.split()[0]) for line in told.stdout.splitlines() if "spawn_main" in line]


def _content(out: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for path in sorted(out.rglob("*.*")):
        name = path.relative_to(out).as_posix()
        if path.suffix == ".jsonl" and "/." not in f"/{name}":
            rows = [json.loads(line) for line in path.read_text().splitlines()]
            found[name] = [{key: each for key, each in row.items() if key != "seconds"} for row in rows]
        elif path.suffix in (".png", ".jpg") and "/." not in f"/{name}":
            found[name] = path.read_bytes()
    return found


if __name__ == "__main__":
    sys.exit(main())
