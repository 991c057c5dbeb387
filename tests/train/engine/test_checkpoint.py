"""Networks out of checkpoints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
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


def _flipped(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 0x10
    path.write_bytes(data)


def test_a_flipped_bit_anywhere_in_the_weights_is_told_and_never_loaded(tmp_path: Path) -> None:
    path = write_checkpoint(tmp_path / "best.pt")
    whole, weights = path.read_bytes(), load_checkpoint(path)["model"]
    loaded = 0
    for place in range(0, len(whole), max(1, len(whole) // 60)):
        _flipped(path, place)
        try:
            found = load_checkpoint(path)["model"]
        except OutputError:
            pass
        else:
            loaded += 1
            assert all(torch.equal(found[name], weights[name]) for name in weights), place
        path.write_bytes(whole)
    assert loaded < 10, "bytes between the values, which count for nothing"


def test_a_checkpoint_of_an_older_version_without_a_checksum_is_read(tmp_path: Path) -> None:
    path = write_checkpoint(tmp_path / "best.pt")
    state = torch.load(path, weights_only=True)
    del state["checksum"]
    torch.save(state, path)
    assert load_model(path)[1]["model"] == "residual_unet"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300))
def test_whatever_a_checkpoint_holds_is_a_named_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "best.pt").write_bytes(data)
    with pytest.raises(OutputError, match=r"best\.pt: cannot be used as a checkpoint"):
        load_checkpoint(tmp_path / "best.pt")


CONFIG = json.dumps({"model": "residual_unet", "width": 4})


@pytest.mark.parametrize(
    "state",
    [
        5, {}, {"format": 1}, {"format": 1, "config": "["}, {"format": 1, "config": "[]"},
        {"format": 1, "config": "{}"}, {"format": 1, "config": CONFIG}, {"format": 1, "config": CONFIG, "model": 3},
        {"format": 1, "config": CONFIG, "average": 3}, {"format": 1, "config": CONFIG, "model": {"x": 1}},
        {"format": 1, "config": '{"model": 3, "width": []}', "model": {}},
    ],
)  # fmt: skip
def test_whatever_a_readable_checkpoint_holds_is_a_named_error(tmp_path: Path, state: object) -> None:
    torch.save(state, tmp_path / "best.pt")
    with pytest.raises(OutputError, match=r"best\.pt: "):
        load_model(tmp_path / "best.pt")


def test_an_empty_last_checkpoint_names_the_best_one_that_is_whole(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "best.pt")
    (tmp_path / "last.pt").touch()
    with pytest.raises(OutputError) as told:
        load_checkpoint(tmp_path / "last.pt")
    assert "the file is empty; put a copy back, or use" in str(told.value)
    assert f"{tmp_path / 'best.pt'}, which is whole, of epoch" in str(told.value)
    assert "from the start" not in str(told.value)
    (tmp_path / "best.pt").write_bytes(b"")
    with pytest.raises(OutputError, match="to train from the start"):
        load_checkpoint(tmp_path / "last.pt")
