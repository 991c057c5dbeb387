"""What is installed, which devices there are, what is missing, and the command that gets it."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthmat.builtin_objects import BUILTINS, builtin_objects
from synthmat.executor import default_workers

_BLENDER_OF_PYTHON = {(3, 11): "4.5", (3, 13): "5.2"}
_STAGES = {"": "", "render": "to render", "composite": "to composite", "train": "to train"}
_LEAST_FREE_GB = 5
_MOST_NAME, _LEAST_COLUMNS = 32, 60
_TIMEOUT_S = 180
_TORCH_PROBE = """
import json, torch
names = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
print(json.dumps({"version": torch.__version__, "gpus": names, "mps": torch.backends.mps.is_available()}))
"""
_MAGICK_PROBE = "import json, wand.api, wand.version; print(json.dumps({'version': wand.version.MAGICK_VERSION}))"


@dataclass(frozen=True)
class Finding:
    """One line of the report; ``remedy`` is what to do, and empty if nothing has to be done."""

    name: str
    text: str
    remedy: str = ""


def environment_report() -> tuple[str, bool]:
    """Return a report of what is installed and what is missing, and whether every stage can run.

    Nothing heavy is imported here: Blender, torch and ImageMagick are asked in processes of their own. Lines are as
    long as the terminal is wide, without one 100 characters.
    """
    sections = {
        "Python": [_python(), *_packages()],
        "Render": list(_blender()),
        "Composite": [_imagemagick()],
        "Train": list(_torch()),
        **({"Added by other packages": added} if (added := list(_added())) else {}),
        "Machine": list(_machine()),
    }
    names = [found.name for findings in sections.values() for found in findings]
    wide = min(_MOST_NAME, max(map(len, names))) + 2
    columns = max(_LEAST_COLUMNS, shutil.get_terminal_size((100, 24)).columns)
    lines = []
    for title, findings in sections.items():
        lines.append(title)
        for found in findings:
            lines += _lines(found, wide, columns)
        lines.append("")
    troubles = sum(bool(found.remedy) for findings in sections.values() for found in findings)
    lines.append("All is well." if not troubles else f"To do: {troubles}; see MISSING above.")
    return "\n".join(lines), not troubles


def _lines(found: Finding, wide: int, columns: int) -> Iterator[str]:
    """Yield the lines of a finding: state, name of at most ``wide`` characters, text and remedy wrapped beside them."""
    indent = " " * (10 + wide)
    head = f"  {'MISSING' if found.remedy else 'ok':8}{found.name:{wide}}"
    if len(head) > len(indent):
        yield head
        head = indent
    yield from textwrap.wrap(found.text, columns, initial_indent=head, subsequent_indent=indent) or [head.rstrip()]
    if found.remedy:
        # A command is copied: it is never cut in the middle of a word.
        yield from textwrap.wrap(
            found.remedy, columns, initial_indent=f"{indent}-> ", subsequent_indent=f"{indent}   ",
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip


def _python() -> Finding:
    version = sys.version_info[:2]
    blender = _BLENDER_OF_PYTHON.get(version)
    if blender:
        return Finding("Python", f"{platform.python_version()}, for which there is Blender {blender}")
    remedy = "make the environment with Python 3.11 (Blender 4.5) or 3.13 (Blender 5.2)"
    return Finding("Python", f"{platform.python_version()}: Blender has no package for it", remedy)


def _packages() -> Iterator[Finding]:
    """Compare what synthmat's own metadata ask for with what is installed."""
    try:
        requirements = importlib.metadata.requires("synthmat") or []
    except importlib.metadata.PackageNotFoundError:
        yield Finding("synthmat", "not installed, only found on the path", "pip install 'synthmat[full]'")
        return
    for requirement in requirements:
        wanted = _wanted(requirement)
        if wanted is None:
            continue
        name, least, stage = wanted
        remedy = f"pip install 'synthmat[{stage}]'" if stage else "pip install synthmat"
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield Finding(name, f"not installed; needed {_STAGES[stage]}".rstrip(), remedy)
            continue
        if _numbers(version) < _numbers(least):
            yield Finding(name, f"{version} is too old, {least} is the least", f"pip install -U '{name}>={least}'")
        else:
            yield Finding(name, version)


def _wanted(requirement: str) -> tuple[str, str, str] | None:
    """Return name, least version and extra of a requirement, or None if it is not for this Python or for users."""
    specifier, _, marker = requirement.partition(";")
    python = re.search(r"python_version == ['\"]([\d.]+)['\"]", marker)
    extra = re.search(r"extra == ['\"](\w+)['\"]", marker)
    stage = extra.group(1) if extra else ""
    name = re.match(r"[\w.-]+", specifier.strip())
    ours = name is not None and name.group() == "synthmat"
    if stage not in _STAGES or name is None or ours or (python and _numbers(python.group(1)) != sys.version_info[:2]):
        return None
    least = re.search(r">=\s*([\d.]+)", specifier)
    return name.group(), least.group(1) if least else "0", stage


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.partition("+")[0]))


def _blender() -> Iterator[Finding]:
    probe, error = _ask("-m", "synthmat.blender_scenes.probe")
    if probe is None:
        yield Finding("Blender", f"does not start: {error}", _stage_remedy("render", "bpy"))
    else:
        yield Finding("Blender", f"{probe.get('blender')}")
        for kind, names in (probe.get("devices") or {}).items():
            yield Finding(f"device {kind}", ", ".join(names) or "none")
        yield Finding("reads", " ".join(probe.get("importers") or []))
        yield Finding("Draco-compressed glTF", "yes" if probe.get("draco") else "no: this Blender lacks the library")
        yield Finding("Blender's panoramas", ", ".join(probe.get("hdris") or []) or "none")
    yield from (Finding(f"object {name}", about) for name, about in builtin_objects().items())


def _imagemagick() -> Finding:
    found, error = _ask("-c", _MAGICK_PROBE)
    if found is not None:
        return Finding("ImageMagick", str(found["version"]))
    if not _installed("wand"):
        return Finding("ImageMagick", "not known without Wand", "pip install 'synthmat[composite]'")
    return Finding("ImageMagick", f"Wand does not find its library: {error}", imagemagick_command())


def imagemagick_command() -> str:
    """Return the command that installs ImageMagick's library on this machine."""
    if sys.platform == "darwin":
        return "brew install imagemagick"
    try:
        system = platform.freedesktop_os_release()
    except OSError:
        system = {}
    family = {system.get("ID", ""), *system.get("ID_LIKE", "").split()}
    if system.get("ID") == "debian":
        release = _numbers(system.get("VERSION_ID", ""))
        package = "libmagickwand-6.q16-6" if () < release <= (12,) else "libmagickwand-7.q16-10"
        return f"apt-get install -y {package}"
    if family & {"debian", "ubuntu"}:
        # Its library's package has another name in nearly every release; this one depends on the right one.
        return "apt-get install -y libmagickwand-dev"
    if family & {"fedora", "rhel", "centos"}:
        return "dnf install ImageMagick-libs"
    return "install ImageMagick (6 or 7) with its MagickWand library, or set MAGICK_HOME to its folder"


def _torch() -> Iterator[Finding]:
    found, error = _ask("-c", _TORCH_PROBE)
    if found is None:
        yield Finding("torch", f"does not start: {error}", _stage_remedy("train", "torch"))
    else:
        device = ", ".join(found["gpus"]) or "processor only: torch sees no CUDA device"
        yield Finding("trains on", device + ("; Apple GPU with --device metal" if found["mps"] else ""))
    from synthmat.train.models import model_names

    yield from (Finding(f"network {name}", about) for name, about in model_names().items())


def _added() -> Iterator[Finding]:
    """Yield what other packages add by entry points, what of it cannot be used included; see `synthmat.registry`."""
    from synthmat.layouts import LAYOUTS
    from synthmat.train.baselines import BASELINES
    from synthmat.train.losses import LOSSES
    from synthmat.train.models import NETWORKS

    for registry in (BUILTINS, NETWORKS, LOSSES, LAYOUTS, BASELINES):
        for choice in registry.choices.values():
            if choice.package:
                by = f"by {choice.package} {choice.version}"
                told = f"{by}, cannot be used" if choice.fault else f"{by}: {choice.about or 'no description'}"
                yield Finding(f"{registry.what} {choice.name}", told, choice.fault)


def _machine() -> Iterator[Finding]:
    yield Finding("processors", f"{default_workers()}")
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    remedy = f"make room or choose another place with --out; a data set needs {_LEAST_FREE_GB} GB and more"
    yield Finding("free disk space here", f"{free:,.0f} GB", "" if free >= _LEAST_FREE_GB else remedy)


def _stage_remedy(stage: str, package: str) -> str:
    """Return how to get what a stage's package lacks: the package, or a look at what it says itself."""
    if _installed(package):
        return f"python -c 'import {package}' shows what it lacks; pip install --force-reinstall {package}"
    return f"pip install 'synthmat[{stage}]'"


def _installed(package: str) -> bool:
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _ask(*arguments: str) -> tuple[dict[str, Any] | None, str]:
    """Return the JSON object that a Python process prints, or None and the last line of its complaint."""
    try:
        process = subprocess.run(
            [sys.executable, *arguments], capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return None, f"no answer within {_TIMEOUT_S} s"
    start = process.stdout.find("{")
    try:
        answer = json.loads(process.stdout[start:]) if start >= 0 and process.returncode == 0 else None
    except json.JSONDecodeError:
        answer = None
    complaint = [line.strip() for line in process.stderr.splitlines() if line.strip()]
    reason = complaint[-1] if complaint else f"it ended with exit code {process.returncode}"
    return (answer, "") if isinstance(answer, dict) else (None, reason)
