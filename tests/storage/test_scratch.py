"""Temporary folders do not outlive their runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from synthmat.storage.scratch import remove_abandoned, scratch_folder

HOLDER = """
import sys, time
from synthmat.storage.scratch import scratch_folder
with scratch_folder() as folder:
    (folder / "frame.exr").write_bytes(b"x")
    print(folder, flush=True)
    time.sleep(60)
"""


def test_the_folder_of_a_killed_run_is_removed_and_that_of_a_running_one_is_not(tmp_path, monkeypatch):
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", HOLDER]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    folder = Path(process.stdout.readline().strip())
    other = tmp_path / "synthmat-of-somebody"
    other.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    remove_abandoned()
    assert (folder / "frame.exr").exists()
    process.send_signal(signal.SIGKILL)
    process.wait()
    with scratch_folder() as mine:
        assert mine.is_dir()
        assert not folder.exists()
    assert list(tmp_path.iterdir()) == [other]
