"""Scripts that run in a Blender of their own, where objects may patch modules and reset all there is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from support.repository import REPOSITORY


def found_by(script: str, *arguments: object) -> Any:
    """Run a Python script and return what it prints last as JSON behind FOUND.

    Its ``sys.argv`` holds the arguments as JSON; modules of this folder can be imported.
    """
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(REPOSITORY / "tests"), *sys.path])}
    command = [sys.executable, "-c", script, *map(json.dumps, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False, env=environment)
    assert ended.returncode == 0, ended.stderr
    line = next(line for line in reversed(ended.stdout.splitlines()) if line.startswith("FOUND"))
    return json.loads(line.removeprefix("FOUND"))
