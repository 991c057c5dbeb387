"""ONNX files that see every picture twice, as it is and mirrored, and give the mean of both mattes.

A network errs differently on a mirrored picture, so that the mean errs less; it takes twice the time.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from synthmat.train.export.onnx_file import describe_onnx
from synthmat.train.predict.description import Description

_WIDTH = 3
"""The axis of a batch of pictures along which it is mirrored."""


_ENDS = ("mirror.start", "mirror.end", "mirror.axis", "mirror.step")
"""Names of the inputs of a Slice that turns a picture round."""


class Mirrored(nn.Module):
    """What `write_mirrored` makes of a network, in torch.

    Args:
        network: Takes tensors ``(B, C, H, W)``, and returns such a tensor or several.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, *inputs: Tensor) -> Tensor | tuple[Tensor, ...]:
        """Return the means over both pictures, ``(B, C, H, W)``."""
        plain: Tensor | tuple[Tensor, ...] = self.network(*inputs)
        turned: Tensor | tuple[Tensor, ...] = self.network(*(each.flip(_WIDTH) for each in inputs))
        if isinstance(plain, Tensor):
            assert isinstance(turned, Tensor)
            return (plain + turned.flip(_WIDTH)) / 2
        return tuple((one + other.flip(_WIDTH)) / 2 for one, other in zip(plain, turned, strict=True))


def write_mirrored(path: Path, source: Path, about: Description) -> None:
    """Write a network that mirrors its inputs itself: both go through it as one batch of twice the size.

    Args:
        path: The file.
        source: The network, an ONNX file with an open batch; its inputs and outputs are ``(B, C, H, W)``.
        about: What the new file says of itself.
    """
    onnx: Any = importlib.import_module("onnx")
    model = onnx.load(source)
    inputs, outputs = ({each.name for each in part} for part in (model.graph.input, model.graph.output))
    for node in model.graph.node:
        node.input[:] = [f"{name}.both" if name in inputs else name for name in node.input]
        node.output[:] = [f"{name}.both" if name in outputs else name for name in node.output]
    before, after = [], []
    node_of = onnx.helper.make_node
    for name in inputs:
        before += [
            node_of("Slice", [name, *_ENDS], [f"{name}.turned"]),
            node_of("Concat", [name, f"{name}.turned"], [f"{name}.both"], axis=0),
        ]
    for name in outputs:
        after += [
            node_of("Split", [f"{name}.both"], [f"{name}.plain", f"{name}.turned"], axis=0),
            node_of("Slice", [f"{name}.turned", *_ENDS], [f"{name}.back"]),
            node_of("Mean", [f"{name}.plain", f"{name}.back"], [name]),
        ]
    nodes = [*before, *model.graph.node, *after]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    for name, value in zip(_ENDS, (-1, -(2**31), _WIDTH, -1), strict=True):
        number = onnx.helper.make_tensor(name, onnx.TensorProto.INT64, [1], [value])
        model.graph.initializer.append(number)
    onnx.save(model, path)
    describe_onnx(path, about)
