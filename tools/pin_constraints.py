"""Write constraints.txt anew: the newest versions that belong together, for every supported Python.

    make constraints

Each interpreter resolves ``.[dev]`` from the package index without installing it. A package that resolves to different
versions gets a line a Python, with a marker. What torch itself pins (CUDA, triton) is left to torch.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

_LEFT_TO_TORCH = ("nvidia-", "cuda-", "triton")
_HEAD = "# Exact versions for `pip install -c constraints.txt`; made by `make constraints`, tested by `make test`.\n"


def resolve(python: str) -> dict[str, str]:
    """Return name and version of every package that ``.[dev]`` needs on this interpreter."""
    with tempfile.TemporaryDirectory() as name:
        subprocess.run([python, "-m", "venv", name + "/venv"], check=True)
        pip = [name + "/venv/bin/python", "-m", "pip", "install", "-q"]
        subprocess.run([*pip, "--upgrade", "pip"], check=True)
        report = name + "/report.json"
        subprocess.run([*pip, "--dry-run", "--ignore-installed", "--report", report, "pip", ".[dev]"], check=True)
        packages = [entry["metadata"] for entry in json.loads(Path(report).read_text())["install"]]
    versions = {package["name"].lower().replace("_", "-"): package["version"] for package in packages}
    return {
        name: version
        for name, version in versions.items()
        if name != "synthmat" and not name.startswith(_LEFT_TO_TORCH)
    }


def constraint_lines(resolved: dict[str, dict[str, str]]) -> list[str]:
    """Return the lines of the file; ``resolved`` maps a Python version such as ``3.11`` to names and versions."""
    lines = []
    for name in sorted(set().union(*resolved.values())):
        versions = {python: packages.get(name) for python, packages in resolved.items()}
        if len(set(versions.values())) == 1:
            lines.append(f"{name}=={next(iter(versions.values()))}")
        else:
            lines += [
                f"{name}=={version}; python_version == '{python}'" for python, version in versions.items() if version
            ]
    return lines


def main(pythons: list[str]) -> None:
    """Resolve with each of the interpreters and write constraints.txt."""
    resolved = {}
    for python in pythons:
        asked = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        version = subprocess.run(asked, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        resolved[version] = resolve(python)
    Path("constraints.txt").write_text(_HEAD + "\n".join(constraint_lines(resolved)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
