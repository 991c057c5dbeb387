"""Spawned processes that leave the caller's main module alone.

A process that `multiprocessing` spawns imports the main module of the one that spawned it, so that functions defined
there can be unpickled. For a script of three lines without ``if __name__ == "__main__"`` that means: the script runs
again in every worker. Our workers run functions of importable modules only, so they can do without.
"""

from __future__ import annotations

import re
import threading
from multiprocessing import popen_spawn_posix, spawn
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

_MAIN = ("init_main_from_name", "init_main_from_path")
_OF_BLENDER = re.compile(r"[/\\]bpy[/\\]\d+\.\d+[/\\]scripts[/\\]")
"""What ``import bpy`` puts in front of ``sys.path``: other processes find Blender's scripts, named bpy, first."""
_launching = threading.Lock()


class _Popen(popen_spawn_posix.Popen):
    def _launch(self, process_obj: Any) -> None:
        """Launch the process with preparation data that do not name the main module.

        They are put together by a function of `multiprocessing.spawn` that takes no options. It is replaced for the
        moment of the launch, and for this thread: others that spawn meanwhile get what they expect.
        """
        with _launching:
            original, thread = spawn.get_preparation_data, threading.get_ident()

            def without_main(name: str) -> dict[str, Any]:
                data = original(name)
                own = threading.get_ident() == thread
                if not own:
                    return data
                data["sys_path"] = [path for path in data["sys_path"] if not _OF_BLENDER.search(path)]
                return {key: value for key, value in data.items() if key not in _MAIN}

            spawn.get_preparation_data = without_main
            try:
                super()._launch(process_obj)  # type: ignore[misc]  # private, and so not in the stubs
            finally:
                spawn.get_preparation_data = original


class _Process(SpawnProcess):
    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802  # the name that multiprocessing looks for
        return _Popen(process_obj)


class SpawnWithoutMain(SpawnContext):
    """The context ``spawn``, whose processes do not import the caller's main module."""

    Process = _Process
