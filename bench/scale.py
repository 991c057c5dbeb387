"""What plans, lists and resuming cost with very many frames and samples: seconds of a processor, and memory.

    python bench/scale.py [--frames 20000] [--samples 200000] [--empty]

Nothing is rendered: frames are empty files of as many rows, a hundred of each object. Each measurement runs in a
process of its own, whose largest memory is told. ``--empty`` measures how many empty jobs a second the local workers
take, and a Ray cluster on this machine where Ray is installed. A million frames need 4 GB of disk and some minutes.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

VIEWS, BACKGROUNDS = 100, 100
JOBS = 2000


def main() -> None:
    """Measure one thing after the other and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=20_000)
    parser.add_argument("--samples", type=int, default=200_000)
    parser.add_argument("--empty", action="store_true")
    parser.add_argument("--one", choices=list(MEASURED), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        MEASURED[given.one](given.folder, given)
        return
    with tempfile.TemporaryDirectory() as name:
        for one in MEASURED:
            if one != "empty_jobs" or given.empty:
                subprocess.run([sys.executable, __file__, *sys.argv[1:], "--one", one, "--folder", name], check=True)


def plan_frames(folder: Path, given: argparse.Namespace) -> None:
    """Plan all frames, and give each its key."""
    from synthmat.generator.plan import plan_render

    with _Told(f"{given.frames:,} frames planned"):
        jobs = plan_render(*_opened(folder, given))
    with _Told("their keys"):
        assert sum(len(key) > 0 for job in jobs for key in job.view_keys()) == given.frames


def write_frames(folder: Path, given: argparse.Namespace) -> None:
    """Make the files and the part files of all frames, as workers leave them."""
    from synthmat.generator.plan import plan_render
    from synthmat.render_job import RenderJob
    from synthmat.storage.manifest import write_rows

    recipe, base, output = _opened(folder, given)
    empty = hashlib.sha256(b"").hexdigest()

    def rows(job: RenderJob) -> Iterator[dict[str, object]]:
        about = {"width": 1024, "height": 1024, "bit_depth": 16, "samples": 128, "seconds": 12.3, "bytes": 2000000}
        for view in job.views:
            files = {f"{job.asset.name}/{view.name}.png": empty}
            row = {"object": job.asset.name, "view": view.name, "key": job.key(view), "files": files, **about}
            row["camera"] = {"location": [1.234567, 2.345678, 3.456789], "rotation": [0.1, 0.2, 0.3], "lens": 50.0}
            row["alpha"] = {"error": 0.0031, "wanted": 0.0039, "method": "coverage", "samples": 64}
            row["color"] = {"error": 0.0071, "wanted": 0.008, "samples": 128}
            yield row

    jobs = plan_render(recipe, base, output)
    with _Told("their files made, in folders of a hundred"):
        for job in jobs:
            Path(job.folder).mkdir(parents=True)
            for view in job.views:
                os.close(os.open(Path(job.folder) / f"{view.name}.png", os.O_CREAT | os.O_WRONLY))
    os.sync()  # as after a real run, in which the first of them were written long ago
    for job in jobs:
        write_rows(output.parts(output.renders) / f"{job.asset.name}.jsonl", rows(job))


def merge_frames(folder: Path, given: argparse.Namespace) -> None:
    """Merge part files into the manifest, then do it again with nothing new."""
    from synthmat.generator.frame_rows import merge_manifest
    from synthmat.generator.plan import plan_render

    recipe, base, output = _opened(folder, given)
    jobs = plan_render(recipe, base, output)
    with _Told("their rows merged from part files into the manifest"):
        assert merge_manifest(output, jobs, "") == given.frames
    print(f"  the manifest has {output.render_manifest.stat().st_size / 1e6:,.0f} MB")


def resume_frames(folder: Path, given: argparse.Namespace) -> None:
    """Plan, merge with nothing new, and find out what is finished: what a run does that has nothing to make."""
    from synthmat.generator.frame_rows import finished_frames, merge_manifest
    from synthmat.generator.plan import plan_render

    recipe, base, output = _opened(folder, given)
    with _Told("a run with nothing to do: plan, merge, read every file"):
        jobs = plan_render(recipe, base, output)
        merge_manifest(output, jobs, "")
        assert len(finished_frames(output, jobs)) == given.frames


def plan_samples(folder: Path, given: argparse.Namespace) -> None:
    """Plan samples, a hundred of each frame that there is at most."""
    from synthmat.compositor.planning.plan import plan_samples

    recipe, base, output = _opened(folder, given)
    with _Told(f"{given.samples:,} samples of {given.frames:,} frames planned"):
        plan = plan_samples(recipe, base, output)
    assert len(plan.entries) == given.samples
    with _Told("1,000 of them drawn"):
        for entry in plan.entries[:1000]:
            plan.job(entry)


def empty_jobs(folder: Path, _given: argparse.Namespace) -> None:
    """Run jobs that do nothing on two workers."""
    from synthmat.errors import MissingDependencyError
    from synthmat.executor import Executor, Task, WorkerSetup
    from synthmat.local_executor import LocalExecutor
    from synthmat.ray_executor import RayExecutor

    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    sys.path.insert(0, str(Path(__file__).parent))
    from scale import nothing

    executors: dict[str, Executor] = {"local": LocalExecutor()}
    try:
        executors["Ray"] = RayExecutor()
    except MissingDependencyError as error:
        print(error)
    for name, executor in executors.items():
        task = Task(nothing, workers=2, setup=WorkerSetup({}, str(folder / "logs")), timeout=lambda _job: 600.0)
        first = 0.0
        for _ in executor.run(task, range(JOBS)):
            first = first or time.perf_counter()
        print(f"{name}: {(JOBS - 1) / (time.perf_counter() - first):,.0f} empty jobs a second on two workers")


def nothing(job: int) -> int:
    """Do it."""
    return job


MEASURED: dict[str, Callable[[Path, argparse.Namespace], None]] = {
    each.__name__: each for each in (plan_frames, write_frames, merge_frames, resume_frames, plan_samples, empty_jobs)
}


class _Told:
    """Print what a block took, and the largest memory of the process so far."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        self._began = time.process_time(), time.perf_counter()

    def __exit__(self, *_error: object) -> None:
        seconds, wall = time.process_time() - self._began[0], time.perf_counter() - self._began[1]
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{self._what}: {seconds:.1f} s of a processor, {wall:.1f} s, {memory:,.0f} MB", flush=True)


def _opened(folder: Path, given: argparse.Namespace) -> tuple[object, Path, object]:
    from synthmat.recipe import parse_recipe
    from synthmat.storage.output_folder import OutputFolder

    text = (
        f"name: x\nseed: 1\nobjects: [{{builtin: vase, count: {given.frames // VIEWS}}}]\n"
        f"render: {{views: {{turntable: {{count: {VIEWS}}}}}}}\n"
        f"composite: {{backgrounds: builtin, per_view: {given.samples // given.frames}}}\n"
    )
    return parse_recipe(text), folder, OutputFolder(folder / "out")


if __name__ == "__main__":
    main()
