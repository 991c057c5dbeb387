"""What is installed: the wheel is complete, and works beside a user's own train.py and generator.py."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
SETUPTOOLS = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["setuptools"]
FOLDERS = {name: REPOSITORY / folder for name, folder in SETUPTOOLS["package-dir"].items()}
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]


def packages_on_disk() -> set[str]:
    """Return the package name of every folder that holds Python files."""
    names = set()
    for package, root in FOLDERS.items():
        for path in root.rglob("*.py"):
            names.add(".".join([package, *path.parent.relative_to(root).parts]))
    return names


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Build the wheel from a copy of the sources, so that nothing left in the checkout can slip in."""
    copy = tmp_path_factory.mktemp("sources")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, copy)
    for folder in FOLDERS.values():
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(folder, copy / folder.relative_to(REPOSITORY), ignore=ignored)
    built = copy / "dist"
    command = [*PIP, "wheel", "-q", "--no-deps", "--no-build-isolation", "--wheel-dir", str(built), str(copy)]
    subprocess.run(command, check=True, capture_output=True)
    (path,) = built.iterdir()
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """Install the wheel alone into a folder of its own."""
    target = tmp_path_factory.mktemp("installed")
    command = [*PIP, "install", "-q", "--no-deps", "--no-index", "--target", str(target), str(wheel)]
    subprocess.run(command, check=True, capture_output=True)
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


def test_the_list_of_packages_names_every_folder_with_python_files():
    assert sorted(SETUPTOOLS["packages"]) == sorted(packages_on_disk())


def test_the_wheel_holds_every_source_and_data_file_and_no_tests(wheel):
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    expected = {
        f"{package.replace('.', '/')}/{path.relative_to(root)}"
        for package, root in FOLDERS.items()
        for path in root.rglob("*")
        if path.is_file() and path.suffix != ".pyc" and not any(part.endswith(".egg-info") for part in path.parts)
    }
    assert held == expected
    assert {
        "synthmat/py.typed",
        "synthmat/recipes/quickstart.yaml",
        "synthmat/recipes/recipe.schema.json",
        "synthmat/compositor/policy/policy.xml",
    } <= held


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
