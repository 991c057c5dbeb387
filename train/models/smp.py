"""Any architecture and encoder of segmentation_models_pytorch (U-Net on ResNet34 by default).

The package's documentation lists what there is: https://smp.readthedocs.io
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Sequence
from typing import Annotated, Any

import segmentation_models_pytorch as smp
import torch.nn.functional as F
from pydantic import Field
from segmentation_models_pytorch.encoders import encoders
from torch import Tensor, nn

from synthmat.registry import check_name
from synthmat.train.models._batch_norm import allow_single_values
from synthmat.train.models._normalise import EncoderColors
from synthmat.train.models._padding import padded
from synthmat.train.prediction import MattingNetwork, Prediction
from synthmat.train.pretrained.encoder import load_encoder

_MIN_STRIDES = {"PAN": 8}
"""Shortest edge that an architecture takes, in strides of its encoder: PAN pools three times more. Others take two."""

_CHANNELS = ("decoder_channels", "psp_out_channels", "decoder_segmentation_channels", "decoder_fusion_channels")
"""What architectures call the channels of their decoder."""

_DIFFERENT = "timm-tf_efficientnet_lite"
"""Encoders of smp's own that pad and normalize otherwise than timm's of that name: features are 70 to 115 % off."""

Weights = Annotated[
    str | None,
    Field(
        description="What the encoder starts from: none (at random), imagenet (where a package such as that of "
        "`synthmat[pretrained]`, or the cache of Hugging Face or of torch hub, has it: nothing is downloaded), or the "
        "path of a state dictionary (.pth, .safetensors)."
    ),
]
Channels = Annotated[
    int | list[int] | None,
    Field(
        description="Channels of the decoder: a list from its deepest level to its finest for Unet, UnetPlusPlus and "
        "MAnet, one number for others; smp's own if absent."
    ),
]
Depth = Annotated[
    int | None, Field(ge=3, le=5, description="Levels of the encoder that are used, 3 to 5; smp's own if absent.")
]
Dropout = Annotated[
    float,
    Field(ge=0, lt=1, description="Share of the decoder's channels that training leaves out before the last layer."),
]


def build(
    architecture: Annotated[str, Field(description="Unet, UnetPlusPlus, MAnet, Linknet, FPN, PSPNet, ...")] = "Unet",
    encoder: Annotated[str, Field(description="resnet34, resnet50, mobilenet_v2, mit_b0, tu-..., ...")] = "resnet34",
    encoder_weights: Weights = None,
    decoder_channels: Channels = None,
    encoder_depth: Depth = None,
    dropout: Dropout = 0.0,
) -> MattingNetwork:
    """Return an `SmpNetwork`."""
    return SmpNetwork(architecture, encoder, encoder_weights, decoder_channels, encoder_depth, dropout)


class SmpNetwork(MattingNetwork):
    """A network of segmentation_models_pytorch from images (B, 3, H, W) to alpha (B, 1, H, W).

    Colors are normalized as the encoder's weights expect it, as for ImageNet if there are none, and pictures are
    padded with their edge pixels to multiples of the encoder's stride, and to twice that at least (eight times for PAN,
    128 pixels).

    Raises:
        ValueError: There is no such architecture or encoder, or they and their options do not go together.
        AssetError: The encoder's weights are not there or do not fit.
    """

    def __init__(
        self,
        architecture: str,
        encoder: str,
        encoder_weights: str | None = None,
        decoder_channels: int | Sequence[int] | None = None,
        encoder_depth: int | None = None,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        known = {kind.__name__: kind for kind in smp.MODEL_ARCHITECTURES_MAPPING.values()}
        check_name("architecture", architecture, known)
        if not encoder.startswith("tu-"):
            check_name("encoder", encoder, list(encoders))
        options = _decoder_options(known[architecture], decoder_channels, encoder_depth)
        try:
            self.network = known[architecture](encoder, encoder_weights=None, in_channels=3, classes=1, **options)
        except (ValueError, NotImplementedError, RuntimeError, TypeError, AttributeError) as error:
            raise ValueError(f"architecture {architecture} does not go with encoder {encoder}: {error}") from None
        self.colors = EncoderColors()
        if encoder_weights is not None:
            _start(self, encoder, encoder_weights)
        allow_single_values(self.network)
        if dropout:
            self.network.segmentation_head.register_forward_pre_hook(_Dropout(dropout))
        self.stride = int(self.network.encoder.output_stride)
        self._min_size = _MIN_STRIDES.get(architecture, 2) * self.stride

    def forward(self, image: Tensor) -> Prediction:
        height, width = image.shape[-2:]
        logits = self.network(padded(self.colors(image), self.stride, self._min_size))
        logits = logits[..., :height, :width].float()
        return Prediction(logits.sigmoid(), logits)


def _start(network: SmpNetwork, encoder: str, weights: str) -> None:
    if encoder.startswith(_DIFFERENT):
        warnings.warn(
            f"encoder {encoder} is smp's own and computes something else than timm's network, whose weights it is "
            f"given; take tu-{encoder.removeprefix('timm-')}",
            stacklevel=2,
        )
    loaded = load_encoder(network.network.encoder, encoder, weights)
    network.colors.expect(loaded.mean, loaded.deviation)
    network.origin = loaded.origin


def _decoder_options(kind: Any, channels: int | Sequence[int] | None, depth: int | None) -> dict[str, Any]:
    """Return smp's arguments for the size of a decoder; those that are not given stay smp's own."""
    parameters = inspect.signature(kind.__init__).parameters
    found: dict[str, Any] = {} if depth is None else {"encoder_depth": depth}
    key = next((name for name in _CHANNELS if name in parameters), None)
    own = None if key is None else parameters[key].default
    levels = depth or parameters["encoder_depth"].default
    if channels is None:
        # The finest levels stay as wide as they were.
        return found | {key: own[-levels:]} if key is not None and isinstance(own, tuple) else found
    if key is None:
        raise ValueError(f"architecture {kind.__name__} has no decoder_channels; leave them out")
    if isinstance(channels, int) == isinstance(own, tuple):
        wanted = f"a list of {levels} numbers" if isinstance(own, tuple) else "one number"
        raise ValueError(f"decoder_channels of architecture {kind.__name__} are {wanted}, not {channels!r}")
    if not isinstance(channels, int) and len(channels) != levels:
        raise ValueError(f"decoder_channels has {len(channels)} numbers and should have {levels}, one a level")
    return found | {key: channels}


class _Dropout:
    """Leaves out whole channels before a module is called, while that is in training mode."""

    def __init__(self, share: float) -> None:
        self._share = share

    def __call__(self, module: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
        return (F.dropout2d(inputs[0], self._share, module.training),)
