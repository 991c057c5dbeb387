"""An epoch's samples divided into steps, a step into batches, and a batch among processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synthmat.train.data.mixture import Draw
from synthmat.train.data.prefetch import even_chunks
from synthmat.train.engine.process_group import ProcessGroup


@dataclass(frozen=True)
class MicroBatch:
    """What one process computes at a time; ``counted`` of the step's ``of_step`` samples are in it."""

    draws: list[Draw]
    counted: int
    of_step: int


def steps_of(
    draws: Sequence[Draw], batch_size: int, accumulate: int, process_group: ProcessGroup
) -> list[list[MicroBatch]]:
    """Return the steps of an epoch for the process of ``process_group``.

    All processes have as many steps, and as many batches in each. A process for which a last small batch leaves
    nothing computes another one's sample, which does not count.
    """
    steps = []
    for step in even_chunks(draws, batch_size * accumulate * process_group.size):
        batches = []
        for batch in even_chunks(step, batch_size * process_group.size):
            mine = even_chunks(batch, -(-len(batch) // process_group.size)) if process_group.size > 1 else [batch]
            own = mine[process_group.rank] if process_group.rank < len(mine) else []
            batches.append(MicroBatch(own or batch[:1], len(own), len(step)))
        steps.append(batches)
    return steps
