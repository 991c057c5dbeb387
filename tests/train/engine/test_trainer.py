"""The loop: steps, averages, rates and interruptions, on a network small enough to see what happens."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from support.repository import REPOSITORY
from support.tiny_training import Squares, TinyNetwork, tiny_setup
from torch import Tensor

from synthmat.errors import OutputError, PassedOverWarning
from synthmat.train.engine import trainer
from synthmat.train.engine.checkpoint import load_checkpoint, save_checkpoint
from synthmat.train.engine.trainer import DivergedError, fit
from synthmat.train.prediction import Prediction

State = dict[str, Tensor]


def _weights(folder: Path, name: str = "last.pt") -> State:
    weights: State = load_checkpoint(folder / name)["model"]
    return weights


def _apart(one: State, other: State) -> float:
    assert one.keys() == other.keys()
    return max(float((one[name].double() - other[name].double()).abs().max()) for name in one)


def test_batches_that_are_accumulated_are_one_large_batch(tmp_path: Path) -> None:
    fit(tiny_setup(tmp_path / "large", batch_size=8))
    fit(tiny_setup(tmp_path / "parts", batch_size=4, gradient_accumulation=2))
    fit(tiny_setup(tmp_path / "small", batch_size=4))
    assert _apart(_weights(tmp_path / "large"), _weights(tmp_path / "parts")) < 1e-5
    assert _apart(_weights(tmp_path / "large"), _weights(tmp_path / "small")) > 1e-3


def test_uneven_batches_count_by_their_samples(tmp_path: Path) -> None:
    fit(tiny_setup(tmp_path / "large", source=Squares(13), batch_size=13))
    fit(tiny_setup(tmp_path / "parts", source=Squares(13), batch_size=5, gradient_accumulation=3))
    assert _apart(_weights(tmp_path / "large"), _weights(tmp_path / "parts")) < 1e-5


@pytest.mark.parametrize("changes", [{}, {"ema": 0.9, "schedule": "cosine", "warmup": 0.5, "accumulate": 2}])
def test_a_signal_saves_the_running_epoch_and_it_goes_on_to_the_bit(tmp_path: Path, changes: dict[str, Any]) -> None:
    asked = 0

    def told(_index: int) -> None:
        nonlocal asked
        asked += 1
        if asked == 24 + 14:  # the second epoch's fourth batch of six
            os.kill(os.getpid(), signal.SIGTERM)

    config = {"epochs": 3, **changes}
    straight, broken = tmp_path / "straight", tmp_path / "broken"
    network = TinyNetwork(dropout=0.5)
    start = {name: value.clone() for name, value in network.state_dict().items()}
    fit(tiny_setup(straight, network=network, **config))
    network.load_state_dict(start)
    with pytest.raises(KeyboardInterrupt):
        fit(tiny_setup(broken, network=network, source=Squares(24, told=told), **config))
    saved = load_checkpoint(broken / "interrupted.pt")
    assert saved["epoch"] == 2
    assert saved["step"] > 0
    assert load_checkpoint(broken / "last.pt")["epoch"] == 1
    network.load_state_dict(start)
    source = Squares(24)
    fitted = fit(tiny_setup(broken, network=network, source=source, **config))
    assert fitted.made == 2
    assert len(source.asked) < 2 * 24
    for name in ("last.pt", "best.pt"):
        assert _apart(_weights(straight, name), _weights(broken, name)) == 0
    assert not (broken / "interrupted.pt").exists()


@pytest.mark.parametrize("damage", ["empty", "flipped", "of another network"])
def test_a_broken_interrupted_checkpoint_beside_a_good_last_one_is_passed_over(tmp_path: Path, damage: str) -> None:
    straight, broken = tmp_path / "straight", tmp_path / "broken"
    network = TinyNetwork(dropout=0.5)
    start = {name: value.clone() for name, value in network.state_dict().items()}
    fit(tiny_setup(straight, network=network, epochs=2))
    network.load_state_dict(start)
    fit(tiny_setup(broken, network=network, epochs=2), limit=1)
    last = load_checkpoint(broken / "last.pt")
    config, path = last.pop("config"), broken / "interrupted.pt"
    del last["history"]
    more: dict[str, Any] = {"step": 2, "totals": [1], "random": [{}], "time": [0.0, 0.0], "again": False}
    save_checkpoint(path, config, **last | {"epoch": 2, "model": {"x": 1}} | more)
    if damage != "of another network":
        whole = path.read_bytes()
        path.write_bytes(b"" if damage == "empty" else whole.replace(b"format", b"f0rmat"))
    network.load_state_dict(start)
    with pytest.warns(PassedOverWarning, match=r"interrupted\.pt: .* passed over, and its epoch starts anew"):
        assert fit(tiny_setup(broken, network=network, epochs=2)).made == 1
    for name in ("last.pt", "best.pt"):
        assert _apart(_weights(straight, name), _weights(broken, name)) == 0


@pytest.mark.parametrize(
    "state", [{"history": "[]"}, {"history": "5"}, {"model": {}}, {"optimizer": 3}, {"epoch": "x"}]
)
def test_a_last_checkpoint_of_any_content_is_a_named_error(tmp_path: Path, state: dict[str, Any]) -> None:
    fit(tiny_setup(tmp_path, epochs=1))
    last = load_checkpoint(tmp_path / "last.pt")
    save_checkpoint(tmp_path / "last.pt", last.pop("config"), **last | state)
    with pytest.raises(
        OutputError, match=r"last\.pt: does not fit this training .*best\.pt, which is whole, of epoch 1"
    ):
        fit(tiny_setup(tmp_path, epochs=2))


def test_the_signal_handlers_are_put_back(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    fit(tiny_setup(tmp_path, epochs=1))
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_average_of_the_weights_is_what_is_kept(tmp_path: Path) -> None:
    network = TinyNetwork(batch_norm=True)
    seen: list[State] = []
    setup = tiny_setup(tmp_path, network=network, ema=0.8, epochs=1)
    seen.append({name: value.clone() for name, value in network.state_dict().items()})
    optimizer_step = torch.optim.AdamW.step

    def recorded(self: Any, closure: Any = None) -> Any:
        done = optimizer_step(self, closure)
        seen.append({name: value.clone() for name, value in network.state_dict().items()})
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.optim.AdamW, "step", recorded)
        fit(setup)
    assert len(seen) == 1 + 6
    expected = seen[0]
    for steps, weights in enumerate(seen[1:]):
        decay = min(0.8, (1 + steps) / (10 + steps))
        expected = {
            name: decay * expected[name] + (1 - decay) * value if value.is_floating_point() else value
            for name, value in weights.items()
        }
    assert _apart(_weights(tmp_path, "best.pt"), expected) < 1e-6
    assert _apart(_weights(tmp_path, "last.pt"), seen[-1]) == 0


def test_parts_have_their_own_rates_and_frozen_ones_none(tmp_path: Path) -> None:
    start = {name: value.clone() for name, value in tiny_setup(tmp_path).network.state_dict().items()}
    moved = {}
    for name, changes in {"all": {}, "slow": {"rates": {"encoder": 0.01}}, "frozen": {"freeze": ["encoder"]}}.items():
        row = fit(tiny_setup(tmp_path / name, epochs=1, augment={"flip": 0.0}, **changes)).history[0]
        after = _weights(tmp_path / name)
        moved[name] = {part: float((after[f"{part}.weight"] - start[f"{part}.weight"]).abs().max())
                       for part in ("encoder", "decoder")}  # fmt: skip
        if name == "slow":
            assert row["rates"] == pytest.approx({"rest": 0.05, "encoder": 0.0005})
    assert moved["frozen"]["encoder"] == 0
    assert 0 < moved["slow"]["encoder"] < 0.05 * moved["all"]["encoder"]
    assert all(its["decoder"] > 0.01 for its in moved.values())


def test_frozen_batch_norms_keep_their_statistics(tmp_path: Path) -> None:
    for frozen in ([], ["norm"]):
        network = TinyNetwork(batch_norm=True)
        fit(tiny_setup(tmp_path / str(len(frozen)), network=network, epochs=1, freeze=frozen))
        assert bool(network.norm.running_mean.any()) != bool(frozen)  # type: ignore[union-attr]


def test_gradients_are_cut_to_a_norm(tmp_path: Path) -> None:
    config: dict[str, Any] = {"optimizer": "rmsprop", "learning_rate": 1e-3, "epochs": 1, "loss": {"bce": 1000.0}}
    norms = []
    clip = torch.nn.utils.clip_grad_norm_
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.nn.utils, "clip_grad_norm_", lambda its, most: norms.append((clip(list(its), most), most)))
        fit(tiny_setup(tmp_path, clip_gradients=0.5, **config))
    assert len(norms) == 6
    assert all(float(norm) > most == 0.5 for norm, most in norms)


def test_bf16_learns_too(tmp_path: Path) -> None:
    dtypes = set()
    network = TinyNetwork()
    network.decoder.register_forward_hook(lambda _module, _inputs, output: dtypes.add(output.dtype))
    history = fit(tiny_setup(tmp_path, network=network, precision="bf16", epochs=6)).history
    assert dtypes == {torch.bfloat16}
    assert history[-1]["val_loss"] < history[0]["val_loss"]
    assert all(value.dtype == torch.float32 for value in _weights(tmp_path).values())


def test_every_term_of_the_loss_is_in_the_row(tmp_path: Path) -> None:
    row = fit(tiny_setup(tmp_path, loss={"alpha_l1": 1, "dice": 0.5}, epochs=1)).history[0]
    for what in ("train", "val"):
        assert row[f"{what}_loss"] == pytest.approx(row[f"{what}_alpha_l1"] + 0.5 * row[f"{what}_dice"], rel=1e-5)
    assert row["val_alpha_l1"] == pytest.approx(row["mad"], rel=1e-5)


class _Exploding(TinyNetwork):
    """Gives what is no number in chosen calls of training."""

    def __init__(self, *bad: int) -> None:
        super().__init__()
        self.calls, self.bad = 0, bad

    def forward(self, image: Tensor) -> Prediction:
        found = super().forward(image)
        if not self.training:
            return found
        self.calls += 1
        factor = math.nan if self.calls in self.bad else 1.0
        assert found.logits is not None
        return Prediction(found.alpha * factor, found.logits * factor)


def test_an_epoch_that_diverges_is_taken_back_once_with_half_the_rate(tmp_path: Path) -> None:
    history = fit(tiny_setup(tmp_path / "one", network=_Exploding(8), epochs=3)).history
    assert [row.get("taken_back", False) for row in history] == [False, True, False]
    assert [row["learning_rate"] for row in history] == pytest.approx([0.05, 0.025, 0.025])
    assert all(value.isfinite().all() for value in _weights(tmp_path / "one").values())
    with pytest.raises(
        DivergedError, match=r"in epoch 2, .*; lower train\.learning_rate .* restarts it from scratch; to keep"
    ):
        fit(tiny_setup(tmp_path / "two", network=_Exploding(8, 14), epochs=3))
    with pytest.raises(DivergedError, match=r"in epoch 1, .* which restarts it from scratch$"):
        fit(tiny_setup(tmp_path / "three", network=_Exploding(1, 7), epochs=3))
    assert load_checkpoint(tmp_path / "two" / "last.pt")["epoch"] == 1


class _BadGradient(TinyNetwork):
    """Has a finite loss and a gradient that is no number in one call of training."""

    def __init__(self, bad: int) -> None:
        super().__init__()
        self.calls = 0
        self.decoder.weight.register_hook(lambda gradient: gradient * (math.nan if self.calls == bad else 1.0))

    def forward(self, image: Tensor) -> Prediction:
        self.calls += self.training
        return super().forward(image)


@pytest.mark.parametrize("config", [{}, {"ema": 0.9}])
@pytest.mark.parametrize("watch", ["mad", "accuracy"])
def test_weights_that_are_no_numbers_are_never_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, watch: str, config: dict[str, Any]
) -> None:
    def without_loss(*args: Any, **options: Any) -> Any:
        return replace(evaluate(*args, **options), loss=None, terms={})

    evaluate = trainer.evaluate
    monkeypatch.setattr(trainer, "evaluate", without_loss)
    # The sixth step is the first epoch's last one: no loss is computed with what it leaves.
    setup = tiny_setup(tmp_path, network=_BadGradient(6), early_stopping={"watch": watch}, epochs=2, **config)
    history = fit(setup).history
    assert [row.get("taken_back", False) for row in history] == [True, False]
    assert all(math.isfinite(row["score"]) for row in history)
    for name in ("best.pt", "last.pt"):
        assert all(value.isfinite().all() for value in _weights(tmp_path, name).values())


def test_a_measure_that_is_no_number_takes_the_epoch_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured = 0

    def once_nothing(*args: Any, **options: Any) -> Any:
        nonlocal measured
        measured += 1
        found = evaluate(*args, **options)
        return replace(found, loss=None, terms={}, metrics={**found.metrics, "mad": math.nan if measured == 1 else 0.5})

    evaluate = trainer.evaluate
    monkeypatch.setattr(trainer, "evaluate", once_nothing)
    history = fit(tiny_setup(tmp_path, early_stopping={"watch": "mad"}, epochs=2)).history
    assert [row.get("taken_back", False) for row in history] == [True, False]


def test_samples_are_drawn_every_so_many_epochs(tmp_path: Path) -> None:
    fit(tiny_setup(tmp_path, epochs=2, samples_every=2))
    assert [path.name for path in (tmp_path / "samples").iterdir()] == ["epoch_0002.png"]


def test_a_compiled_network_is_asked_for_and_kept_uncompiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = []
    monkeypatch.setattr(torch, "compile", lambda network: compiled.append(network) or network)
    fit(tiny_setup(tmp_path, epochs=1, compile=True))
    assert len(compiled) == 1
    assert set(_weights(tmp_path)) == set(TinyNetwork().state_dict())


PROCESS = """
import sys
from pathlib import Path
import torch
from support.tiny_training import tiny_setup, Squares
from synthmat.train.engine.trainer import fit
from synthmat.train.engine.process_group import joined
torch.set_num_threads(1)
with joined(torch.device("cpu")) as group:
    section = {"batch_size": 3, "gradient_accumulation": 2, "ema": 0.9}
    fitted = fit(tiny_setup(Path(sys.argv[1]), source=Squares(19), process_group=group, **section))
    print(fitted.history[-1]["val_loss"])
"""


def test_two_processes_are_one_with_the_doubled_batch(tmp_path: Path) -> None:
    alone = fit(tiny_setup(tmp_path / "alone", source=Squares(19), batch_size=6, gradient_accumulation=2, ema=0.9))
    together = tmp_path / "together"
    environment = {**os.environ, "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(_free_port()),
                   "PYTHONPATH": str(REPOSITORY / "tests"), "OMP_NUM_THREADS": "1"}  # fmt: skip
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, str(together)],
            env={**environment, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    outputs = [process.communicate(timeout=240) for process in running]
    assert [process.returncode for process in running] == [0, 0], outputs
    assert outputs[0][0] == outputs[1][0]
    assert float(outputs[0][0]) == pytest.approx(alone.history[-1]["val_loss"], rel=1e-4)
    for name in ("last.pt", "best.pt"):
        assert _apart(_weights(tmp_path / "alone", name), _weights(together, name)) < 1e-4
    assert len((together / "metrics.jsonl").read_text().splitlines()) == 2


def _free_port() -> int:
    import socket

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
