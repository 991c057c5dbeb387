"""TorchScript files: ``torch.jit.load`` runs them from Python and C++ without synthmat."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from synthmat.train.export.traced_network import quiet_tracing
from synthmat.train.predict.description import METADATA, Description


def write_torchscript(path: Path, module: nn.Module, examples: Sequence[Tensor], about: Description) -> None:
    """Trace a network and write it with its description, an extra file named as `METADATA`."""
    with quiet_tracing(), torch.no_grad():
        traced = torch.jit.trace(module, tuple(examples), check_trace=False)  # type: ignore[no-untyped-call]
        torch.jit.save(traced, path, _extra_files={METADATA: about.as_json()})
