"""ONNX files, by torch's exporter of traces.

Measured against the exporter of ``torch.export``: both give the same alpha, but that one takes thirty times as long,
and fixes the picture's size wherever Python computes with it.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from synthmat.errors import MissingDependencyError
from synthmat.train.export.traced_network import quiet_tracing
from synthmat.train.predict.description import METADATA, Description

_OPSET = 17


def check_onnx() -> None:
    """Raise MissingDependencyError unless the packages of the extra ``onnx`` are installed."""
    for name in ("onnx", "onnxruntime"):
        try:
            importlib.import_module(name)
        except ImportError:
            raise MissingDependencyError(
                f"exporting to ONNX needs the package {name}, which is not installed: pip install 'synthmat[onnx]'"
            ) from None


def write_onnx(path: Path, module: nn.Module, examples: Sequence[Tensor], about: Description) -> None:
    """Trace a network and write it with its description.

    Args:
        path: The file.
        module: Takes the tensors of ``about.trained.inputs``, returns those of ``about.outputs``.
        examples: Inputs to trace it with.
        about: With ``fixed``, height and width are those of the examples; the batch is always open.
    """
    names = list(about.trained.inputs)
    axes = {0: "batch"} if about.fixed else {0: "batch", 2: "height", 3: "width"}
    with quiet_tracing(), torch.no_grad():
        torch.onnx.export(
            # Some networks do otherwise while they are exported, and worse; a trace they do not notice.
            torch.jit.trace(module, tuple(examples), check_trace=False),  # type: ignore[no-untyped-call]
            tuple(examples),
            path,
            input_names=names,
            output_names=list(about.outputs),
            dynamic_axes={name: dict(axes) for name in (*names, *about.outputs)},
            opset_version=_OPSET,
            dynamo=False,
        )
    describe_onnx(path, about)


def describe_onnx(path: Path, about: Description) -> None:
    """Put a description into an ONNX file, in place of an earlier one, and check the file."""
    onnx: Any = importlib.import_module("onnx")
    model = onnx.load(path)
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, {METADATA: about.as_json(), "name": about.trained.model})
    model.producer_name, model.producer_version = "synthmat", about.synthmat
    model.doc_string = f"{about.trained.model}, a matting network, exported by synthmat for {about.contract}"
    onnx.checker.check_model(model)
    onnx.save(model, path)
