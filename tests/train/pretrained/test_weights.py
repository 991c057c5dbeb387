"""Files of weights: what is read, and what is said of the wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from synthmat.errors import AssetError
from synthmat.train.pretrained.weights import read_weights, start_from


def test_wrapped_weights_and_safetensors_are_the_same(tmp_path: Path) -> None:
    weights = nn.Linear(2, 3).state_dict()
    parallel = {f"module.{key}": value for key, value in weights.items()}
    torch.save({"epoch": 3, "state_dict": parallel}, tmp_path / "wrapped.pth")
    save_file(weights, tmp_path / "plain.safetensors")
    for file in ("wrapped.pth", "plain.safetensors"):
        found = read_weights(tmp_path / file)
        assert all(torch.equal(found[key], value) for key, value in weights.items())


class _Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (Path("pwned"),)


def test_nothing_in_a_file_is_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"weight": _Evil()}, "evil.pth")
    with pytest.raises(AssetError, match=r"evil\.pth: cannot be read as weights"):
        read_weights("evil.pth")
    assert not Path("pwned").exists()


@pytest.mark.parametrize("content", [b"", b"not weights at all"])
def test_a_broken_file_is_named(content: bytes, tmp_path: Path) -> None:
    for name in ("broken.pth", "broken.safetensors"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(AssetError, match=rf"{name}: cannot be read as weights: \S"):
            read_weights(tmp_path / name)


def test_a_file_without_weights_is_named(tmp_path: Path) -> None:
    torch.save([1, 2], tmp_path / "list.pth")
    with pytest.raises(AssetError, match="holds no state dictionary"):
        read_weights(tmp_path / "list.pth")


def test_further_channels_start_at_zero_only_in_the_first_convolution() -> None:
    weights = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(4, 2, 1)).state_dict()
    network = nn.Sequential(nn.Conv2d(5, 4, 3), nn.Conv2d(4, 2, 1))
    start_from(network, weights, "x.pth", first="0.weight")
    assert torch.equal(network[0].weight[:, :3], weights["0.weight"])
    assert not network[0].weight[:, 3:].any()
    with pytest.raises(AssetError, match=r"x\.pth.*0\.weight is \(4, 3, 3, 3\) and should be \(4, 5, 3, 3\)"):
        start_from(network, weights, "x.pth")


def test_missing_and_surplus_weights_are_named() -> None:
    weights = nn.Linear(2, 2).state_dict()
    with pytest.raises(AssetError, match="it lacks bias; it has besides bios"):
        start_from(nn.Linear(2, 2), {"weight": weights["weight"], "bios": weights["bias"]}, "x.pth")
