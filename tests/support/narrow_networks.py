"""Published networks with an eighth of their channels: the same layers in a hundredth of the time."""

import pytest

from synthmat.train.models import deep_image_matting


def narrow_deep_image_matting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give Deep Image Matting an eighth of VGG16's channels, 0.4 instead of 28.3 million parameters."""
    for name in ("_VGG16", "_DECODER"):
        monkeypatch.setattr(deep_image_matting, name, _eighth(getattr(deep_image_matting, name)))


def _eighth(channels: tuple) -> tuple:
    return tuple(_eighth(each) if isinstance(each, tuple) else each // 8 for each in channels)
