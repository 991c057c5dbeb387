"""A body that is read: the time limit of a request holds whatever the client does at that moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

pytest.importorskip("fastapi")

from synthmat.serve.body import _limited


class _Dripping:
    """A request of which one chunk comes when ``ready`` is done, and nothing later."""

    def __init__(self, ready: asyncio.Future[bytes]) -> None:
        self.ready = ready

    async def stream(self) -> AsyncGenerator[bytes, None]:
        yield await self.ready
        await asyncio.Event().wait()


@pytest.mark.parametrize("rounds", range(6))
def test_a_chunk_at_the_moment_of_the_time_limit_does_not_lift_it(rounds: int) -> None:
    async def main() -> None:
        ready = asyncio.get_running_loop().create_future()

        async def read() -> None:
            async for _ in _limited(_Dripping(ready), 100, 60):  # type: ignore[arg-type]  # all that it uses
                pass

        reading = asyncio.create_task(read())
        await asyncio.sleep(0.01)
        ready.set_result(b"-")
        for _ in range(rounds):
            await asyncio.sleep(0)
        reading.cancel()
        done, _ = await asyncio.wait([reading], timeout=0.5)
        reading.cancel()
        assert done, "the cancellation was lost"

    asyncio.run(main())
