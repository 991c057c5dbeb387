"""Where to compute."""

from __future__ import annotations

import os

import torch

from synthmat.errors import MissingDependencyError

# The render stage knows more names; a user gives one --device to all stages.
_SAME = {"gpu": "cuda", "optix": "cuda", "hip": "cuda", "metal": "mps", "oneapi": "xpu"}


def pick_device(name: str) -> torch.device:
    """Return the device of the given name; ``auto`` is the GPU if torch can use one, else the processor.

    Of the processes that torchrun starts, each gets the GPU of its number on this machine.

    Raises:
        MissingDependencyError: torch has no such device here, or fewer GPUs than there are processes.
    """
    rank = os.environ.get("LOCAL_RANK")
    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    device = device_for(name, gpus, None if rank is None else int(rank))
    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise _unusable(name, error) from None
    return device


def device_for(name: str, gpus: int, local_rank: int | None = None) -> torch.device:
    """Return the device of the given name for one process; nothing is tried out.

    Args:
        name: ``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``, ... or a name of the render stage.
        gpus: How many CUDA GPUs are here.
        local_rank: Number of this process among those that torchrun has started on this machine, None without it.

    Raises:
        MissingDependencyError: torch knows no such device, there are more processes than GPUs, or all of them would
            get the same one.
    """
    if name == "auto":
        name = "cuda" if gpus else "cpu"
    try:
        device = torch.device(_SAME.get(name, name))
    except RuntimeError as error:
        raise _unusable(name, error) from None
    if device.type != "cuda" or local_rank is None:
        return device
    if device.index is not None:
        raise MissingDependencyError(
            f"--device {name}: torchrun gives each process a GPU of its own; use --device cuda, and choose GPUs with "
            "CUDA_VISIBLE_DEVICES"
        )
    if 0 < gpus <= local_rank:
        raise MissingDependencyError(
            f"--device {name}: torchrun has started more processes than the {gpus} GPUs that are here; set "
            f"--nproc-per-node to {gpus}, or use --device cpu"
        )
    return torch.device("cuda", local_rank)


def _unusable(name: str, error: Exception) -> MissingDependencyError:
    reason = str(error).strip().partition("\n")[0]
    return MissingDependencyError(
        f"--device {name}: torch {torch.__version__} cannot train on it here ({reason}); "
        "use --device cpu, or install a torch that knows it (https://pytorch.org/get-started)"
    )
