"""What a server adds to its network: requests a second, waiting, memory; and rembg with the same network.

A server is started on MODEL, the network that comes with synthmat if absent, and 1, 4 and 16 clients send it a photo
again and again. Beside it the same work is done without a server, one picture after the other, and by the bare network.
Times are of the clock and, where it says so, the processor's, which other work on the machine hardly changes.

    python bench/serve.py [MODEL] [--photo FILE] [--size 1920x1080] [--requests 60] [--memory 1000] [--rembg EXPORT]

The photo is scikit-image's astronaut, enlarged to cover the size, with a camera's noise, unless FILE is another.

``--rembg`` is an export for rembg (``synthmat export model --for rembg``), which rembg itself then runs on the photo.
"""

from __future__ import annotations

import argparse
import http.client
import io
import os
import socket
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

_BOUNDARY = "synthmat-bench"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("model", nargs="?", default="shipped")
    parser.add_argument("--photo", type=Path)
    parser.add_argument("--size", default="1920x1080")
    parser.add_argument("--requests", type=int, default=60)
    parser.add_argument("--memory", type=int, default=1000)
    parser.add_argument("--rembg", type=Path)
    chosen = parser.parse_args()
    data = chosen.photo.read_bytes() if chosen.photo else _astronaut(*map(int, chosen.size.split("x")))
    with Image.open(io.BytesIO(data)) as photo:
        print(f"{chosen.model}, {photo.width}x{photo.height} pixels, {len(data) / 1e3:.0f} kB")
    for what, (waited, worked) in _without_server(chosen.model, data, min(20, chosen.requests)).items():
        print(f"{what}: {waited:.0f} ms, {worked:.0f} ms of a processor", flush=True)
    port = _free_port()
    command = [sys.executable, "-m", "synthmat", "serve", chosen.model, "--port", str(port), "--queue", "64"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            print(server.stdout.readline().strip())
            _ask(port, data)
            _overhead(port, data, min(20, chosen.requests))
            for clients in (1, 4, 16):
                _measure(port, data, clients, chosen.requests, server.pid)
            _memory(port, data, chosen.memory, server.pid)
        finally:
            server.terminate()
    if chosen.rembg:
        _by_rembg(chosen.rembg, data)


def _without_server(model: str, data: bytes, count: int) -> dict[str, tuple[float, float]]:
    """Return milliseconds of the network alone, and of all that the server does for a request; see `_took`."""
    from synthmat.serve.body import Form, Upload
    from synthmat.serve.line import Stop
    from synthmat.serve.options import MatteOptions
    from synthmat.serve.shelf import Shelf
    from synthmat.serve.work import Steps, Workshop, matte_answer

    workshop = Workshop(Shelf((model,)), 64)
    form, shelved = Form({"image": Upload("image", "a.jpg", data)}), workshop.shelf.models[0]
    photo = workshop.photo(form.files["image"], Steps())
    return {
        "bare network": _took(lambda: workshop.ask(shelved, {"image": photo}, Steps()), count),
        "decoded, cut out and encoded without a server": _took(
            lambda: matte_answer(workshop, form, MatteOptions(), Stop()), count
        ),
    }


def _took(work: Any, count: int) -> tuple[float, float]:
    """Return the median milliseconds of a piece of work by the clock, and the mean ones of the processor."""
    work()
    seconds, began = [], time.process_time()
    for _ in range(count):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return 1000 * statistics.median(seconds), 1000 * (time.process_time() - began) / count


def _measure(port: int, data: bytes, clients: int, requests: int, pid: int) -> None:
    started, began = time.perf_counter(), _processor_s(pid)
    with ThreadPoolExecutor(clients) as pool:
        waits = sorted(seconds for seconds, _ in pool.map(lambda _: _ask(port, data), range(requests)))
    seconds = time.perf_counter() - started
    p50, p95 = (1000 * waits[min(len(waits) - 1, int(len(waits) * part))] for part in (0.5, 0.95))
    worked = 1000 * (_processor_s(pid) - began) / requests
    print(
        f"{clients:2} clients: {requests / seconds:5.2f} requests/s, p50 {p50:.0f} ms, p95 {p95:.0f} ms; "
        f"{worked:.0f} ms of a processor a request", flush=True,
    )  # fmt: skip


def _overhead(port: int, data: bytes, requests: int) -> None:
    """Print what a lone client waits for beside the work, by what the server says of each request."""
    found = [_ask(port, data) for _ in range(requests)]
    beside = 1000 * statistics.median(seconds - sum(steps.values()) for seconds, steps in found)
    network = 1000 * statistics.median(steps["network"] for _, steps in found)
    share = beside / network
    print(f"beside the work a client waits {beside:.1f} ms, {share:.1%} of the network's {network:.0f} ms", flush=True)


def _memory(port: int, data: bytes, requests: int, pid: int) -> None:
    marks = []
    with ThreadPoolExecutor(4) as pool:
        for part in range(10):
            list(pool.map(lambda _: _ask(port, data), range(max(1, requests // 10))))
            if part in (0, 4, 9):
                marks.append(f"{_resident_mb(pid):.0f} MB after {(part + 1) * max(1, requests // 10)}")
    print(f"memory: {', '.join(marks)} requests", flush=True)


def _ask(port: int, data: bytes) -> tuple[float, dict[str, float]]:
    """Send the photo; return the seconds until the whole answer is there, and those of the server's steps."""
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'
    body = head.encode() + data + f"\r\n--{_BOUNDARY}--\r\n".encode()
    started = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    kind = f"multipart/form-data; boundary={_BOUNDARY}"
    connection.request("POST", "/api/matte", body, {"Content-Type": kind})
    answer = connection.getresponse()
    answer.read()
    seconds = time.perf_counter() - started
    connection.close()
    assert answer.status == 200, answer.status
    steps = (step.split(";dur=") for step in answer.headers["Server-Timing"].split(", "))
    return seconds, {name: float(milliseconds) / 1000 for name, milliseconds in steps}


def _by_rembg(export: Path, data: bytes) -> None:
    os.environ["U2NET_HOME"] = str(export.absolute().parent)  # it opens models in its own folder only
    from rembg import new_session, remove

    session: Any = new_session("u2net_custom", model_path=str(export.absolute()))
    print(f"rembg with {export.name}: {_took(lambda: remove(data, session=session), 10)[0]:.0f} ms")


def _processor_s(pid: int) -> float:
    """Return the seconds of a processor that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1000
    return 0.0


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as place:
        return int(place.getsockname()[1])


def _astronaut(width: int, height: int) -> bytes:
    from skimage import data

    from synthmat.train.predict.outputs import covering

    photo = covering(data.astronaut(), height, width) + np.random.default_rng(0).normal(0, 4, (height, width, 3))
    buffer = io.BytesIO()
    Image.fromarray(photo.clip(0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


if __name__ == "__main__":
    main()
