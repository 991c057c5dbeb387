"""Which device a process computes on, with GPUs that are not here."""

from __future__ import annotations

import pytest
import torch

from synthmat.errors import MissingDependencyError
from synthmat.train.engine.device import device_for, pick_device
from synthmat.train.engine.process_group import joined


@pytest.mark.parametrize(
    ("name", "gpus", "rank", "expected"),
    [
        ("auto", 0, None, "cpu"),
        ("auto", 2, None, "cuda"),
        ("optix", 2, None, "cuda"),
        ("cuda:1", 2, None, "cuda:1"),
        ("metal", 0, None, "mps"),
        ("auto", 4, 0, "cuda:0"),
        ("auto", 4, 3, "cuda:3"),
        ("cuda", 2, 1, "cuda:1"),
        ("cpu", 2, 5, "cpu"),
        ("auto", 0, 5, "cpu"),
    ],
)
def test_every_process_of_torchrun_has_a_gpu_of_its_own(name: str, gpus: int, rank: int | None, expected: str) -> None:
    assert device_for(name, gpus, rank) == torch.device(expected)


def test_what_processes_cannot_share_is_said() -> None:
    with pytest.raises(MissingDependencyError, match=r"more processes than the 2 GPUs.*--nproc-per-node to 2"):
        device_for("cuda", 2, 2)
    for rank in (0, 1):
        with pytest.raises(MissingDependencyError, match=r"--device cuda:1: .*CUDA_VISIBLE_DEVICES"):
            device_for("cuda:1", 2, rank)
    with pytest.raises(MissingDependencyError, match=r"--device grafikkarte: .*use --device cpu"):
        device_for("grafikkarte", 2)


def test_the_number_of_the_process_is_torchruns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    tried = []
    monkeypatch.setattr(torch, "empty", lambda _count, device: tried.append(device))
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert pick_device("auto") == torch.device("cuda:1")
    assert tried == [torch.device("cuda:1")]


def test_processes_that_join_work_on_their_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    monkeypatch.setattr(torch.cuda, "set_device", lambda device: calls.append(str(device)))
    monkeypatch.setattr("torch.distributed.init_process_group", lambda backend, **_: calls.append(backend))
    monkeypatch.setattr("torch.distributed.destroy_process_group", lambda: None)
    monkeypatch.setattr("torch.distributed.get_rank", lambda: 1)
    monkeypatch.setattr("torch.distributed.get_world_size", lambda: 2)
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
    with joined(torch.device("cuda:1")) as process_group:
        assert (process_group.rank, process_group.size) == (1, 2)
    assert calls == ["cuda:1", "nccl"]
