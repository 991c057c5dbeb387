"""A network as other programs call it: tensors in, tensors out, made ready for the size of each picture."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from synthmat.random_streams import stream
from synthmat.train.prediction import MattingNetwork
from synthmat.train.tracing import by_area, tracing


class TracedNetwork(nn.Module):
    """The inputs of a network in its order, float32 in [0, 1], to ``alpha`` (B, 1, H, W), and ``foreground`` if any.

    Args:
        network: It is changed; see `traceable`.
        trained: Edge of its training's pictures, pixels.
    """

    def __init__(self, network: MattingNetwork, trained: int) -> None:
        super().__init__()
        self.network = traceable(network)
        self._trained = trained
        self.eval()

    def forward(self, *inputs: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        height, width = inputs[0].shape[-2:]
        self.network.for_size(height, width, self._trained)
        found = self.network(*inputs)
        alpha: Tensor = found.alpha.clamp(0, 1)
        return alpha if found.foreground is None else (alpha, found.foreground.clamp(0, 1))


class AreaPool(nn.Module):
    """What it replaces, an adaptive average pooling to ``(height, width)``, in a form that a trace keeps."""

    def __init__(self, size: tuple[int, int]) -> None:
        super().__init__()
        self._size = size

    def forward(self, x: Tensor) -> Tensor:
        return by_area(x, *self._size) if tracing() else F.adaptive_avg_pool2d(x, self._size)


def traceable(network: MattingNetwork) -> MattingNetwork:
    """Return a network whose parameters ask for no gradients, so that clamps are plain, and whose poolings export.

    Where it refines the worst patches, the first of those that are equal come first, as in whatever runs the export.
    """
    for module in list(network.modules()):
        if hasattr(module, "ranked_by_place"):
            module.ranked_by_place = True  # type: ignore[assignment]  # a module, to torch's stubs
        for name, child in module.named_children():
            size = child.output_size if isinstance(child, nn.AdaptiveAvgPool2d) else 1
            height, width = (size, size) if isinstance(size, int) else size or (None, None)
            if (height, width) != (1, 1) and height is not None and width is not None:
                setattr(module, name, AreaPool((height, width)))
    return network.requires_grad_(False)


def made_inputs(names: tuple[str, ...], batch: int, height: int, width: int, seed: int = 0) -> tuple[Tensor, ...]:
    """Return smooth pictures with some noise, a trimap of all three levels, as a network's inputs ask for them."""
    draws = stream(seed, "export", batch, height, width)
    down, across = np.mgrid[:height, :width].astype(np.float32) / max(height, width)
    made = []
    for name in names:
        if name == "trimap":
            planes = np.broadcast_to(np.floor(across * 2.999) / 2, (batch, 1, height, width))
        else:
            waves = draws.uniform(1, 9, (batch, 3, 2, 1, 1)).astype(np.float32)
            noise = draws.normal(0, 0.05, (batch, 3, height, width))
            planes = 0.5 + 0.4 * np.sin(waves[:, :, 0] * down + waves[:, :, 1] * across) + noise
        made.append(torch.from_numpy(np.array(planes, np.float32)).clamp(0, 1))
    return tuple(made)


@contextmanager
def quiet_tracing() -> Iterator[None]:
    """Keep back what torch says of traces in general: each is compared with its network, which says more."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", torch.jit.TracerWarning)  # type: ignore[attr-defined]  # torch's stubs lack it
        for kind in (DeprecationWarning, FutureWarning):
            warnings.simplefilter("ignore", kind)
        warnings.filterwarnings("ignore", category=UserWarning, module=r"torch\.onnx")
        # Where an operator cannot be exported, torch prints the whole graph.
        log: Callable[[bool], None] = getattr(torch._C, "_jit_set_onnx_log_enabled", lambda _: None)
        log(False)
        yield
