"""The command: a checkpoint written as one file for other programs, and compared with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from synthmat import __version__
from synthmat.errors import AssetError, OutputError
from synthmat.storage.atomic import atomic_path, sha256_file
from synthmat.train.engine.checkpoint import load_model
from synthmat.train.export.comparison import MOST, Difference, Run, compared, onnx_run, torchscript_run
from synthmat.train.export.int8_weights import write_int8
from synthmat.train.export.mirrored import Mirrored, write_mirrored
from synthmat.train.export.onnx_file import check_onnx, write_onnx
from synthmat.train.export.provenance import data_of
from synthmat.train.export.rembg import SESSIONS, RembgNetwork, session_for
from synthmat.train.export.torchscript_file import write_torchscript
from synthmat.train.export.traced_network import TracedNetwork, made_inputs
from synthmat.train.predict.description import PLAIN, Description
from synthmat.train.predict.network_predictor import trained_of
from synthmat.train.predict.predictor import own_checkpoint_at
from synthmat.train.predict.sized_predictor import TILE, Trained
from synthmat.train.prediction import MattingNetwork

FORMATS = {"onnx": ".onnx", "torchscript": ".ts"}

_LONGEST_REASON = 200
_DRAWS = 3
"""How often other pictures are tried where alpha differs."""
_EXAMPLE = (64, 256)
"""Least and largest edge of the pictures that a network is traced and compared with, pixels."""


@dataclass(frozen=True)
class ExportedModel:
    """What was written: the file, what it says of itself, its difference from the checkpoint, and notes for people."""

    path: Path
    description: Description
    difference: Difference
    notes: tuple[str, ...] = ()


def export_model(
    checkpoint: Path,
    out: Path | None = None,
    *,
    to: str = "onnx",
    target: str | None = None,
    int8: bool = False,
    mirror: bool = False,
) -> ExportedModel:
    """Write a trained network as an ONNX or TorchScript file.

    Any batch will do, and any height and width where the network allows it; else both are those of its training.
    Before the file takes its place it is run beside the checkpoint, on made pictures: up to three sets of them, since a
    last bit may decide where a network takes the larger of two values.

    Args:
        checkpoint: A checkpoint, or a folder of a training or an output with one.
        out: The file; beside the checkpoint, named after it, if absent.
        to: ``onnx`` or ``torchscript``.
        target: A program that is to load it: ``rembg``, or ``rembg:`` and one of `SESSIONS`. None for
            `synthmat predict` and programs of one's own, which give float32 from 0 to 1.
        int8: Store weights in 8 bit, of ONNX only.
        mirror: Have the file see each picture mirrored too, and give the mean of both; of ONNX only.

    Raises:
        AssetError: There is no such checkpoint, format or program, or they do not go together.
        OutputError: The checkpoint cannot be used, or the export's alpha differs from its by more than `MOST`.
        MissingDependencyError: The packages of the extra ``onnx`` are not installed.
    """
    if to not in FORMATS:
        raise AssetError(f"--to {to}: there are {' and '.join(FORMATS)}")
    if to != "onnx" and (target or int8 or mirror):
        option = f"--for {target}" if target else "--int8" if int8 else "--mirror"
        raise AssetError(f"--to {to}: {option} goes with --to onnx only")
    if to == "onnx":
        check_onnx()
    source = own_checkpoint_at(checkpoint)
    network, config = load_model(source)
    about = _about(source, network, config)
    session = session_for(target, about.trained) if target else ""
    path = out or source.with_name(f"{source.stem}{f'.{session}' if session else ''}{FORMATS[to]}")
    if path.suffix.lower() != FORMATS[to]:
        raise AssetError(f"--out {path}: give it a name that ends in {FORMATS[to]}")
    if session:
        about = replace(about, contract=f"rembg {session}", fixed=SESSIONS[session].edge, outputs=("alpha",))
        module: nn.Module = RembgNetwork(network, about.trained, SESSIONS[session])
    else:
        module = TracedNetwork(network, about.trained.size)
    notes = [f"{path} was there and is replaced"] if path.exists() else []
    with atomic_path(path) as temporary:
        about, difference, said = _written(temporary, to, module, about)
        notes += [said] if said else []
        if mirror:
            module, about = Mirrored(module), replace(about, mirrored=True)
            difference = _rewritten(temporary, write_mirrored, module, about, "--mirror")
            if difference.largest > MOST:
                raise OutputError(
                    f"{about.trained.model} cannot be exported with --mirror: its alpha differs by up to "
                    f"{difference.largest:.4f}; leave it out"
                )
        if int8:
            about = replace(about, precision="int8")
            difference = _rewritten(temporary, write_int8, module, about, "--int8")
    if unknown := about.data.get("unknown"):
        notes.append(f"it was trained on {', '.join(unknown)}, under licenses that are not known")
    elif not about.data.get("licenses"):
        notes.append("the licenses of what it was trained on are not known: no data set lies beside the checkpoint")
    return ExportedModel(path, about, difference, tuple(notes))


def _about(source: Path, network: MattingNetwork, config: dict[str, Any]) -> Description:
    trained = trained_of(network, config)
    return Description(
        trained=trained,
        # Of the networks, those that take a captured background give a foreground.
        outputs=("alpha", "foreground") if "captured_bg" in trained.inputs else ("alpha",),
        least=network.least_traced,
        synthmat=__version__,
        checkpoint=sha256_file(source),
        training=str(config.get("key", "")),
        data=data_of(source, config),
    )


def _written(path: Path, to: str, module: nn.Module, about: Description) -> tuple[Description, Difference, str]:
    """Write a file that takes any size if that can be, and return what it is; the text is for people, or empty.

    It says why the file does not take any size, or that alpha differs on some pictures.
    """
    attempts = [about] if about.fixed else [about, replace(about, fixed=_edge(about.trained))]
    fault = found = ""
    for attempt in attempts:
        examples = _batches(attempt)
        try:
            if to == "onnx":
                write_onnx(path, module, examples[-1], attempt)
                run = onnx_run(path, attempt.trained.inputs)
            else:
                write_torchscript(path, module, examples[-1], attempt)
                run = torchscript_run(path)
            difference, drawn = _compared(module, run, attempt)
        except (ValueError, RuntimeError, AssertionError, AssetError) as error:
            found = str(error).strip().partition("\n")[0][:_LONGEST_REASON]
        else:
            if drawn <= _DRAWS:
                chosen = (
                    f"on {drawn - 1} of {drawn} sets of made pictures alpha differs in places, by up to "
                    f"{difference.largest:.3f}, as rounding does where the larger of two nearly equal values is taken, "
                    "or weights are very large"
                )
                fixed = f"height and width are fixed at {attempt.fixed} pixels, since with any size: {fault}"
                return attempt, difference, fixed if fault else chosen if drawn > 1 else ""
            found = f"its alpha differs by up to {difference.largest:.4f}"
        fault = fault or found
    raise OutputError(f"{about.trained.model} cannot be exported to {to}: {found}; choose another format with --to")


def _compared(module: nn.Module, run: Run, about: Description) -> tuple[Difference, int]:
    """Return the largest difference, and how many sets of pictures it took until one differed by no more than `MOST`.

    That is more than `_DRAWS` if none did: a wrong file differs on all of them. Where a network takes the larger of two
    values, as Deep Image Matting's poolings do, rounding decides between nearly equal ones, and a place that does not
    agree says nothing against the file.
    """
    worst: Difference | None = None
    for drawn in range(1, _DRAWS + 1):
        found = compared(module, run, _batches(about, drawn - 1))
        worst = found if worst is None or found.largest > worst.largest else worst
        if found.largest <= MOST:
            return worst, drawn
    assert worst is not None
    return worst, _DRAWS + 1


def _rewritten(
    path: Path, write: Callable[[Path, Path, Description], None], module: nn.Module, about: Description, option: str
) -> Difference:
    """Replace an ONNX file by what ``write`` makes of it, and return by how much that differs from ``module``."""
    before = path.with_name(f"{path.stem}.before{path.suffix}")
    path.rename(before)
    try:
        write(path, before, about)
    finally:
        before.unlink()
    try:
        return compared(module, onnx_run(path, about.trained.inputs), _batches(about))
    except ValueError as error:
        raise OutputError(f"{about.trained.model} cannot be exported with {option}: {error}; leave it out") from None


def _batches(about: Description, seed: int = 0) -> list[Sequence[Tensor]]:
    """Return pictures to compare with, the last for tracing: two batches and sizes, or as many as it takes."""
    names = about.trained.inputs
    if about.contract != PLAIN:
        session = SESSIONS[about.contract.removeprefix("rembg ")]
        (image,) = made_inputs(names, 1, about.fixed, about.fixed, seed)
        return [(session.normalized(image),)]
    if about.fixed:
        return [made_inputs(names, batch, about.fixed, about.fixed, seed) for batch in (1, 2)]
    edge = min(max(about.trained.size, _EXAMPLE[0]), _EXAMPLE[1])
    return [made_inputs(names, 1, edge * 3 // 4 + 1, edge, seed), made_inputs(names, 2, edge, edge + 17, seed)]


def _edge(trained: Trained) -> int:
    return trained.size if trained.mode == "resize" else max(TILE, trained.size)
