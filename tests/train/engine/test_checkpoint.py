"""Networks out of checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.matting_checkpoint import write_checkpoint

from synthmat.errors import OutputError
from synthmat.train.engine.checkpoint import load_checkpoint, load_model, save_checkpoint


def _changed(path: Path, **config: Any) -> Path:
    """Write a checkpoint again with a part of its configuration changed."""
    found = load_checkpoint(path)
    del found["format"]
    save_checkpoint(path, found.pop("config") | config, **found)
    return path


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"model": "residual_net"}, r"'residual_net'.*residual_unet"),
        ({"options": {"dephth": 4}}, r"residual_unet.*'dephth'"),
        ({"width": -1}, r"'width' of the network residual_unet"),
    ],
)
def test_a_network_that_this_version_does_not_have_is_named(
    tmp_path: Path, config: dict[str, Any], message: str
) -> None:
    path = _changed(write_checkpoint(tmp_path / "best.pt"), **config)
    with pytest.raises(OutputError, match=rf"best\.pt: .*{message}.*; predict with the version that trained it"):
        load_model(path)


def test_weights_of_another_network_are_named(tmp_path: Path) -> None:
    path = _changed(write_checkpoint(tmp_path / "best.pt"), width=8)
    with pytest.raises(OutputError, match=r"best\.pt: these are not weights of residual_unet"):
        load_model(path)
