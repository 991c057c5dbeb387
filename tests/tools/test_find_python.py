"""Setting up: which Python is taken, and what is said where there is none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.repository import REPOSITORY

VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
BASE = Path(sys.base_prefix, "bin", f"python{VERSION}")


@pytest.fixture
def bare(tmp_path) -> dict[str, str]:
    """Return the environment of a machine without any program."""
    return {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path)}


def run_tool(script: str, *arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess:
    command = [shutil.which("bash"), f"tools/{script}", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)


def test_the_interpreter_itself_is_found_from_within_a_virtual_environment():
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    found = run_tool("find_python.sh", VERSION, environment={"PATH": path, "HOME": "/nonexistent"})
    assert found.stdout.strip() == str(BASE)


def test_a_python_that_pyenv_installed_is_found(tmp_path, bare):
    folder = tmp_path / ".pyenv" / "versions" / f"{VERSION}.0" / "bin"
    folder.mkdir(parents=True)
    (folder / "python").symlink_to(BASE)
    assert run_tool("find_python.sh", "3.99", VERSION, environment=bare).stdout.strip() == str(BASE)
    assert run_tool("find_python.sh", "3.99", environment=bare).returncode == 1


def test_a_python_that_was_asked_for_is_taken_or_refused():
    asked = os.environ | {"PYTHON": str(BASE)}
    assert run_tool("find_python.sh", "3.99", VERSION, environment=asked).stdout.strip() == str(BASE)
    refused = run_tool("make_venv.sh", "unused", "dev", "3.98", "3.99", environment=asked)
    assert refused.returncode == 2
    assert f"PYTHON={BASE} is not one of the supported versions of Python: 3.98 3.99" in refused.stderr


def test_without_a_supported_python_nothing_is_made_and_the_way_to_one_is_named(bare):
    refused = run_tool("make_venv.sh", "unused", "dev", "3.11", "3.13", environment=bare)
    assert refused.returncode == 2
    assert "no supported Python found; synthmat needs one of: 3.11 3.13" in refused.stderr
    assert "pyenv install 3.13" in refused.stderr
    assert not (REPOSITORY / "unused").exists()
