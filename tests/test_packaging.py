"""What is installed: the wheel is complete, and works beside a user's own train.py and generator.py."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from support.repository import REPOSITORY

SOURCES = REPOSITORY / "src"
FOLDERS = ("blender_scenes", "compositor", "generator", "recipes", "train")
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]


def sources() -> dict[str, Path]:
    """Return every source and data file of the package, by its name in the wheel."""
    found = {}
    for name, root in {
        "synthmat": SOURCES / "synthmat",
        **{f"synthmat/{name}": REPOSITORY / name for name in FOLDERS},
    }.items():
        for path in root.rglob("*"):
            if path.is_file() and path.suffix != ".pyc" and not any(part.endswith(".egg-info") for part in path.parts):
                found[f"{name}/{path.relative_to(root)}"] = path
    return found


def run_pip(*arguments: str) -> None:
    done = subprocess.run([*PIP, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def sdist(tmp_path_factory) -> Path:
    """Build the source distribution from a copy of the sources, so that nothing left in the checkout can slip in."""
    copy = tmp_path_factory.mktemp("sources")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, copy)
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for folder in ("src", *FOLDERS):
        shutil.copytree(REPOSITORY / folder, copy / folder, ignore=ignored, symlinks=True)
    build = "from setuptools import build_meta; print(build_meta.build_sdist('dist'))"
    done = subprocess.run([sys.executable, "-c", build], cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return copy / "dist" / done.stdout.split()[-1]


@pytest.fixture(scope="module")
def wheel(sdist, tmp_path_factory) -> Path:
    """Build the wheel from the source distribution, as pip does where there is no wheel."""
    built = tmp_path_factory.mktemp("wheel")
    run_pip("wheel", "-q", "--no-deps", "--no-build-isolation", "--wheel-dir", str(built), str(sdist))
    (path,) = built.iterdir()
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """Install the wheel alone into a folder of its own."""
    target = tmp_path_factory.mktemp("installed")
    run_pip("install", "-q", "--no-deps", "--no-index", "--target", str(target), str(wheel))
    return target


@pytest.fixture
def user_folder(tmp_path) -> Path:
    """Return a folder with modules of the user's own that must not be imported."""
    for name in ("train.py", "generator.py", "compositor.py", "blender_scenes.py", "recipes.py"):
        (tmp_path / name).write_text("raise RuntimeError('this is the user\\'s own file')\n")
    return tmp_path


def run_installed(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    environment = os.environ | {"PYTHONPATH": str(installed)}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=200, check=False
    )


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_package_links_to_the_folders_at_the_top(folder):
    link = SOURCES / "synthmat" / folder
    assert link.is_symlink()
    assert link.resolve() == REPOSITORY / folder


def test_every_folder_with_python_files_is_a_package():
    holding = {path.parent for name, path in sources().items() if path.suffix == ".py"}
    assert not {str(folder) for folder in holding if not (folder / "__init__.py").is_file()}


def test_the_wheel_holds_every_source_and_data_file_and_no_tests(wheel):
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == set(sources())
    assert {
        "synthmat/py.typed",
        "synthmat/recipes/quickstart.yaml",
        "synthmat/recipes/recipe.schema.json",
        "synthmat/compositor/policy/policy.xml",
    } <= held


def test_the_source_distribution_holds_files_and_no_links(sdist):
    with tarfile.open(sdist) as archive:
        members = {member.name.partition("/")[2]: member for member in archive}
    assert {f"src/{name}" for name in sources()} <= set(members)
    assert not {name for name, member in members.items() if member.issym() or member.islnk()}


def test_the_wheel_carries_the_licence_and_the_command(wheel):
    with zipfile.ZipFile(wheel) as archive:
        about = {
            name.rpartition("/")[2]: archive.read(name).decode() for name in archive.namelist() if ".dist-info/" in name
        }
    assert "GNU GENERAL PUBLIC LICENSE" in about["LICENSE"]
    assert "synthmat = synthmat.cli:main" in about["entry_points.txt"]


def test_the_wheel_works_beside_the_users_own_modules(installed, user_folder):
    where = run_installed(installed, user_folder, "-c", "import synthmat.train, synthmat; print(synthmat.__file__)")
    assert Path(where.stdout.strip()).is_relative_to(installed), where.stderr
    version = run_installed(installed, user_folder, "-m", "synthmat.cli", "--version")
    assert version.stdout.startswith("synthmat "), version.stderr


def test_the_wheel_renders_beside_the_users_own_modules(installed, user_folder):
    recipe = installed / "synthmat" / "recipes" / "quickstart.yaml"
    settings = ["--set", "render.samples=2", "--set", "render.resolution=32"]
    rendered = run_installed(
        installed, user_folder, "-m", "synthmat.cli", "render", str(recipe), "--limit", "2", *settings, "--out", "made"
    )
    assert rendered.returncode == 0, rendered.stdout + rendered.stderr
    rows = [json.loads(line) for line in (user_folder / "made/renders/manifest.jsonl").read_text().splitlines()]
    assert len(rows) == 2
    assert len(list((user_folder / "made/renders").rglob("*.png"))) == 2


@pytest.mark.parametrize("folder", ["blender_scenes", "compositor", "generator", "train"])
def test_a_stage_is_not_imported_by_its_folders_name(folder):
    command = [sys.executable, "-c", f"import {folder}"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert f"ImportError: import this folder as synthmat.{folder}" in done.stderr
