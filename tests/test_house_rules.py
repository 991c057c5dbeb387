"""Rules that hold for all of our sources; each keeps a promise of the README."""

import ast
import functools
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from support.repository import REPOSITORY

PACKAGES = {
    "blender_scenes": "synthmat.blender_scenes",
    "generator": "synthmat.generator",
    "compositor": "synthmat.compositor",
    "train": "synthmat.train",
    "src/synthmat": "synthmat",
}
STAGES = ["compositor", "generator", "train"]
SOURCES = [path for folder in PACKAGES for path in sorted((REPOSITORY / folder).rglob("*.py"))]
BLENDER = {"bpy", "bpy_extras", "bmesh", "mathutils", "gpu", "freestyle", "idprop", "imbuf"}
HEAVY = {"torch", "torchvision", "bpy", "cv2", "wand", "matplotlib", "pydantic", "skimage", "sklearn", "numpy"}


@functools.cache
def imported(path: Path) -> set[str]:
    """Return the full names of all modules that a source file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: import by the full name"
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def in_package(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def tracked_files() -> list[Path]:
    """Return the repository's text files: those git tracks, and new ones that it does not ignore."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    binary = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".exr", ".glb", ".blend", ".npz", ".onnx", ".pt"}
    paths = [REPOSITORY / name for name in listed.stdout.splitlines()]
    return [path for path in paths if path.is_file() and path.suffix.lower() not in binary]


def hidden_randomness(path: Path) -> list[str]:
    """Return calls of module-level random number generators, and generators that nobody seeded."""
    text = path.read_text()
    if "rand" not in text and "default_rng" not in text:
        return []
    code = ast.unparse(ast.parse(text))
    calls = re.findall(r"\b(?:np|numpy)\.random\.(?!Generator\b|SeedSequence\b|PCG64\b|default_rng\b)\w+", code)
    imports = {name for name in imported(path) if in_package(name, "random") or name == "numpy.random"}
    return [*calls, *re.findall(r"\bdefault_rng\(\)", code), *sorted(imports)]


def test_there_are_sources_of_every_package():
    assert all(any(source.is_relative_to(REPOSITORY / folder) for source in SOURCES) for folder in PACKAGES)


def test_every_random_draw_comes_from_a_generator_that_is_passed_in():
    offenders = {str(path): hidden_randomness(path) for path in SOURCES}
    assert not {path: found for path, found in offenders.items() if found}


@pytest.mark.parametrize(
    "line", ["import random", "from numpy.random import rand", "np.random.seed(3)", "rng = np.random.default_rng()"]
)
def test_hidden_randomness_would_be_found(tmp_path, line):
    (tmp_path / "module.py").write_text(f"import numpy as np\n{line}\n")
    assert hidden_randomness(tmp_path / "module.py")


def test_only_blender_scenes_imports_blender():
    outside = [path for path in SOURCES if not path.is_relative_to(REPOSITORY / "blender_scenes")]
    assert not {str(path) for path in outside if BLENDER & {name.partition(".")[0] for name in imported(path)}}


@pytest.mark.parametrize("stage", STAGES)
def test_stages_do_not_import_each_other(stage):
    others = [f"synthmat.{other}" for other in STAGES if other != stage]
    for path in (REPOSITORY / stage).rglob("*.py"):
        assert not {name for name in imported(path) if any(in_package(name, other) for other in others)}, path


def folder_arrows() -> dict[tuple[str, str], set[str]]:
    """Return which folder imports which other, and by which files; packages' own files at the top count for none."""
    modules = {}
    for folder, package in PACKAGES.items():
        for path in (REPOSITORY / folder).rglob("*.py"):
            parts = [package, *path.relative_to(REPOSITORY / folder).with_suffix("").parts]
            modules[".".join(part for part in parts if part != "__init__")] = path
    arrows: dict[tuple[str, str], set[str]] = {}
    for name, path in modules.items():
        for other in imported(path) & set(modules):
            pair = tuple(m if modules[m].stem == "__init__" else m.rpartition(".")[0] for m in (name, other))
            if pair[0] != pair[1] and not set(pair) & {*PACKAGES.values()}:
                arrows.setdefault(pair, set()).add(f"{name} -> {other}")
    return arrows


def test_data_flows_one_way_between_folders():
    arrows = folder_arrows()
    assert len(arrows) > 50
    assert not {pair: files for pair, files in arrows.items() if pair[::-1] in arrows}


def test_blender_scenes_imports_of_ours_only_plain_records():
    core = ("render_job", "errors", "storage", "model_files")
    allowed = {"synthmat.blender_scenes", *(f"synthmat.{module}" for module in core)}
    for path in (REPOSITORY / "blender_scenes").rglob("*.py"):
        ours = {name for name in imported(path) if in_package(name, "synthmat")}
        assert not {name for name in ours if not any(in_package(name, module) for module in allowed)}, path
        others = {name.partition(".")[0] for name in imported(path)} - BLENDER - {"synthmat", "numpy", "cv2", "OpenEXR"}
        assert others <= sys.stdlib_module_names, path


def test_no_file_names_a_path_of_one_machine_or_a_package_index():
    own = Path(__file__).resolve()
    pattern = re.compile(
        r"/(?:work|root|farm|home/\w+|Users/\w+)/|(?:--|PIP_)(?:extra[-_])?index[-_]url|find-links", re.I
    )
    found = [
        f"{path.relative_to(REPOSITORY)}:{number}: {line.strip()}"
        for path in tracked_files()
        if path != own
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if pattern.search(line)
    ]
    assert not found


REGISTRIES = {f"synthmat.train.{folder}" for folder in ("losses", "metrics", "models")}


@pytest.mark.parametrize("module", sorted({*PACKAGES.values(), *REGISTRIES, "synthmat.recipes"}))
def test_importing_a_package_costs_nothing(module):
    code = f"import {module}, sys; print(*({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


HELP = f"""
import atexit, sys
from synthmat import cli
atexit.register(lambda: print("LOADED", *({HEAVY!r} & set(sys.modules))))
sys.argv = ["synthmat", "--help"]
cli.main()
"""


def cpu_seconds_of_children() -> float:
    """Return what ended child processes have computed: what they waited for on a busy machine does not count."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_help_answers_at_once():
    seconds = []
    for _ in range(3):
        started = cpu_seconds_of_children()
        done = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, check=True)
        seconds.append(cpu_seconds_of_children() - started)
    assert "render" in done.stdout
    assert done.stdout.splitlines()[-1] == "LOADED"
    assert min(seconds) < 1.0  # under half a second where the processors are not shared
