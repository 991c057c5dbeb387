"""A server that really listens: clients that hang or leave, a proxy's path, its start and its end."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time

import pytest

pytest.importorskip("fastapi")
from support.served import held_server, listening, photo, picture

from synthmat.errors import OutputError
from synthmat.serve.running import run_server
from synthmat.serve.settings import Settings

PHOTO = picture(photo())
HEAD = (
    "POST /api/matte HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    "Content-Length: 5000\r\n\r\n"
)


def get(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def wait_until(true) -> None:
    ends = time.monotonic() + 10
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.01)


def in_line(port: int) -> int:
    return int(re.search(rb'"requests":(\d+)', get(port, "/health")[1]).group(1))


def sent(port: int) -> socket.socket:
    """Send a whole request and return its connection."""
    body = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n' + PHOTO + b"\r\n--x--\r\n"
    client = socket.create_connection(("127.0.0.1", port))
    client.sendall(HEAD.replace("5000", str(len(body))).encode() + body)
    return client


def test_a_client_that_hangs_loses_its_place(monkeypatch):
    client, held = held_server(monkeypatch, idle=0.3, threads=1, queue=0)
    with listening(client.app) as port, socket.create_connection(("127.0.0.1", port)) as hanging:
        hanging.sendall(HEAD.encode() + b"--x\r\n")
        wait_until(lambda: in_line(port) == 1)
        hanging.settimeout(10)
        assert hanging.recv(2000).startswith(b"HTTP/1.1 408 ")
        wait_until(lambda: in_line(port) == 0)
    assert not held.seen


def test_a_client_that_drips_is_cut_off_by_the_time_limit(monkeypatch):
    client, _ = held_server(monkeypatch, idle=5, timeout=1)
    with listening(client.app) as port, socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(HEAD.encode() + b'--x\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n')
        slow.settimeout(0.05)
        for _ in range(600):  # half a minute, for a machine that has other things to do
            slow.sendall(b"-")
            with contextlib.suppress(TimeoutError):
                assert slow.recv(2000).startswith(b"HTTP/1.1 408 ")
                break
        else:
            pytest.fail("it was never cut off")


def test_a_client_that_leaves_while_it_waits_is_not_worked_for(monkeypatch):
    client, held = held_server(monkeypatch, threads=1, queue=2)
    held.go.clear()
    with listening(client.app) as port:
        first = sent(port)
        assert held.begun.wait(10)
        second = sent(port)
        wait_until(lambda: in_line(port) == 2)
        second.close()
        wait_until(lambda: in_line(port) == 1)
        first.close()
        held.go.set()
        wait_until(lambda: in_line(port) == 0)
    assert len(held.seen) == 1


def test_a_client_that_leaves_while_it_sends_frees_its_place(monkeypatch):
    client, _ = held_server(monkeypatch)
    with listening(client.app) as port:
        leaving = socket.create_connection(("127.0.0.1", port))
        leaving.sendall(HEAD.encode() + b"--x\r\n")
        wait_until(lambda: in_line(port) == 1)
        leaving.close()
        wait_until(lambda: in_line(port) == 0)


@pytest.mark.parametrize("prefix", ["", "/tools/cut"], ids=["stripped", "kept"])
def test_it_works_behind_a_proxys_path_that_is_stripped_or_not(monkeypatch, prefix):
    client, _ = held_server(monkeypatch, settings={"root_path": "/tools/cut"})
    with listening(client.app) as port:
        assert get(port, f"{prefix}/health")[0] == 200
        page = get(port, f"{prefix}/api")[1].decode()
    assert 'href="/tools/cut/openapi.json"' in page
    assert "/api/matte" in page


def test_the_interfaces_page_needs_no_network(monkeypatch):
    page = held_server(monkeypatch)[0].get("/api").text
    assert not re.search(r"<script|<link|src=|url\(|@import", page)
    for word in ("captured_bg", "least_part", "POST /api/remove", "bgc"):
        assert word in page


def test_a_port_that_is_taken_is_told():
    with (
        socket.create_server(("127.0.0.1", 0)) as place,
        pytest.raises(OutputError, match=r"--port \d+: cannot be listened on"),
    ):
        run_server(Settings(("baseline:centre",), port=place.getsockname()[1]))


def test_the_command_serves_until_it_is_told_to_stop(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as place:
        port = place.getsockname()[1]
    command = [sys.executable, "-m", "synthmat", "serve", "baseline:centre", "--port", str(port), "--timeout", "20"]
    environment = os.environ | {"SYNTHMAT_TOKEN": ""}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            line = process.stdout.readline()
            assert f"http://localhost:{port}/" in line, process.stderr.read()
            wait_until(lambda: _answers(port))
            with sent(port) as client:
                client.settimeout(20)
                assert client.recv(2000).startswith(b"HTTP/1.1 200 ")
            process.send_signal(signal.SIGTERM)
            out, errors = process.communicate(timeout=20)
        finally:
            process.kill()
    assert (process.returncode, out, errors) == (0, "stopped\n", "")
    assert not list(tmp_path.iterdir())


ENDLESS = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.default_int_handler)  # as the command line has it
from synthmat.serve import running, shelf
from synthmat.serve.settings import Settings

class Endless:
    name, inputs, how, key, parameters = "endless", (), "", "", 0
    def __call__(self, views):
        time.sleep(60)

shelf.open_predictor = lambda *_: Endless()
running._STOP_WITHIN_S = 1
running.run_server(Settings(("endless=x",), port=int(sys.argv[1])))
"""


def test_work_without_end_does_not_keep_it_from_stopping():
    with socket.create_server(("127.0.0.1", 0)) as place:
        port = place.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS, str(port)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert "serving" in process.stdout.readline()
            wait_until(lambda: _answers(port))
            with sent(port):
                wait_until(lambda: in_line(port) == 1)
                process.send_signal(signal.SIGTERM)
                out, errors = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 0, errors
    assert "stopped" in out
    assert "Traceback" not in errors


def _answers(port: int) -> bool:
    try:
        return get(port, "/health")[0] == 200
    except OSError:
        return False
