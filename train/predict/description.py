"""What an exported network says of itself: JSON in the file's metadata."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from synthmat.train.predict.sized_predictor import Trained

METADATA = "synthmat"
"""The name of the metadata entry, in ONNX and in TorchScript."""

PLAIN = "synthmat"
"""The contract of an export that is for nobody in particular."""

_FORMAT = 1
_CHANNELS = {"image": 3, "captured_bg": 3, "trimap": 1, "alpha": 1, "foreground": 3}
_MEANINGS = {
    "image": "sRGB, straight from a picture's levels divided by 255",
    "captured_bg": "sRGB of the same scene without the object",
    "trimap": "0 background, 0.5 unknown, 1 foreground",
    "alpha": "alpha matte",
    "foreground": "straight sRGB color of the foreground",
}


@dataclass(frozen=True)
class Description:
    """A network in a file.

    Args:
        trained: What it is, and how it was trained.
        outputs: Their names, ``alpha`` first.
        fixed: The only height and width that it takes, pixels; 0 if it takes any.
        least: The least height and width that it takes, pixels.
        contract: `PLAIN`, or the program that it was exported for.
        precision: ``float32`` or ``int8``.
        mirrored: It sees each picture mirrored too, and gives the mean of both.
        synthmat: The version that wrote it.
        checkpoint: sha256 of the checkpoint that it was made from.
        training: What its training is known by: a digest of recipe, data and code.
        data: ``digest`` of the data set and the number of samples by license, as far as they are known.
    """

    trained: Trained
    outputs: tuple[str, ...] = ("alpha",)
    fixed: int = 0
    least: int = 1
    contract: str = PLAIN
    precision: str = "float32"
    mirrored: bool = False
    synthmat: str = ""
    checkpoint: str = ""
    training: str = ""
    data: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> str:
        """Return it as JSON, with the shapes and ranges of inputs and outputs for whoever reads the file."""
        made = {
            "format": _FORMAT,
            "name": self.trained.model,
            "contract": self.contract,
            "precision": self.precision,
            **({"mirrored": True} if self.mirrored else {}),
            "parameters": self.trained.parameters,
            "inputs": {name: self._tensor(name) for name in self.trained.inputs},
            "outputs": {name: self._tensor(name) for name in self.outputs},
            "trained": {
                "size": self.trained.size,
                "crops": self.trained.crops,
                "takes_whole": self.trained.takes_whole,
            },
            "fixed": self.fixed,
            "least": self.least,
            "synthmat": self.synthmat,
            "checkpoint_sha256": self.checkpoint,
            "training": self.training,
            "data": self.data,
        }
        return json.dumps(made, indent=1, ensure_ascii=False)

    def _tensor(self, name: str) -> dict[str, Any]:
        edges = [self.fixed, self.fixed] if self.fixed else ["height", "width"]
        ours = self.contract == PLAIN
        return {
            "shape": ["batch", _CHANNELS[name], *edges],
            "type": "float32",
            "range": [0, 1] if ours or name in self.outputs else f"as {self.contract} normalizes it",
            "meaning": _MEANINGS[name],
        }


def read_description(text: str) -> Description:
    """Return what `Description.as_json` wrote.

    Raises:
        ValueError: It is something else, or of another version of synthmat.
    """
    try:
        found = json.loads(text)
        if found["format"] != _FORMAT:
            raise ValueError(f"its description has the format {found['format']}, and this version reads {_FORMAT}")
        about = found["trained"]
        trained = Trained(
            model=str(found["name"]),
            inputs=tuple(found["inputs"]),
            size=int(about["size"]),
            crops=bool(about["crops"]),
            takes_whole=bool(about["takes_whole"]),
            parameters=int(found["parameters"]),
        )
        unknown = set(trained.inputs) - _CHANNELS.keys()
        if unknown or trained.size < 1:
            raise ValueError(f"its description names inputs that do not exist: {', '.join(sorted(unknown))}")
        return Description(
            trained=trained,
            outputs=tuple(found["outputs"]),
            fixed=int(found["fixed"]),
            least=int(found["least"]),
            contract=str(found["contract"]),
            precision=str(found["precision"]),
            mirrored=bool(found.get("mirrored", False)),
            synthmat=str(found["synthmat"]),
            checkpoint=str(found["checkpoint_sha256"]),
            training=str(found["training"]),
            data=dict(found["data"]),
        )
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise ValueError(f"its description cannot be read: {type(error).__name__} {error}") from None
