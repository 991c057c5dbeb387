"""Where to compute."""

from __future__ import annotations

import torch

from synthmat.errors import MissingDependencyError

# The render stage knows more names; a user gives one --device to all stages.
_SAME = {"gpu": "cuda", "optix": "cuda", "hip": "cuda", "metal": "mps", "oneapi": "xpu"}


def pick_device(name: str) -> torch.device:
    """Return the device of the given name; ``auto`` is the GPU if torch can use one, else the processor.

    Raises:
        MissingDependencyError: torch has no such device here.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(_SAME.get(name, name))
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise MissingDependencyError(
            f"--device {name}: torch {torch.__version__} cannot train on it here ({reason}); "
            "use --device cpu, or install a torch that knows it (https://pytorch.org/get-started)"
        ) from None
    return device
