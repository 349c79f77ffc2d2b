"""The web server as a process: who keeps it waiting is ended, and nobody else waits for it."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from websocket import WebSocketBadStatusException, create_connection

from storage.ground.database import Database
from storage.people.people import People, SignIns
from tests.cast import gather
from tests.servers import free_ports, wait_until

ROOT = Path(__file__).parents[2]
BOUNDS = "s.PATIENCE_S, s.SLOWEST, s.MOST_WAITING, s.MOST_CONNECTIONS = 1.0, 100, 5, 40"
SERVED = f"import os; import webapp.serving as s; {BOUNDS}; s.Server(s.read_settings(os.environ)).run()"
HALF = b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 900\r\n\r\na"


def answer(port: int, request: bytes = b"GET /sign-in HTTP/1.0\r\n\r\n") -> bytes:
    with socket.create_connection(("127.0.0.1", port), 60) as client:
        client.sendall(request)
        return client.recv(15)


def answers(port: int) -> bool:
    try:
        return answer(port).endswith(b" 200 OK")
    except OSError:
        return False


@pytest.fixture
def start(tmp_path: Path, migrated: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[bytes], int]]]:
    """Starts the web program in a folder, and returns it with its port once it answers."""
    shutil.copy(migrated, tmp_path)
    started = []

    def start(command: list[str], folder: Path = ROOT) -> tuple[subprocess.Popen[bytes], int]:
        port = free_ports(1)[0]
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        environment = {**kept, "KHONGGIAY_DATA_DIR": str(tmp_path), "KHONGGIAY_PORT": str(port), "PYTHONWARNINGS": "ignore"}
        log = tmp_path / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=output, stderr=output, start_new_session=True
            )
        started.append(process)
        wait_until(lambda: answers(port), process, log)
        return process, port

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.slow
def test_nobody_waits_for_whoever_does_not_send(start: Callable[..., tuple[subprocess.Popen[bytes], int]]) -> None:
    _, port = start([sys.executable, "-c", SERVED])
    with contextlib.ExitStack() as held:
        # more than a minute, were the last word of each waited for in turn
        slow = [held.enter_context(socket.create_connection(("127.0.0.1", port), 20)) for _ in range(38)]
        for client in slow:
            client.sendall(HALF)
        assert answers(port)
        for client in slow:  # five are waited for until their time is up, the others not at all
            with contextlib.suppress(ConnectionResetError):
                while client.recv(1000):
                    pass
        assert answers(port)


@pytest.mark.slow
def test_an_address_has_so_many_connections_and_no_more(start: Callable[..., tuple[subprocess.Popen[bytes], int]]) -> None:
    _, port = start([sys.executable, "-c", SERVED])
    with contextlib.ExitStack() as held:
        idle = [held.enter_context(socket.create_connection(("127.0.0.1", port), 20)) for _ in range(60)]
        time.sleep(0.5)
        refused = 0
        for client in idle:
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                refused += client.recv(1) == b""
        assert refused == 20
    wait = time.monotonic() + 20
    while not answers(port):  # what was held is given back
        assert time.monotonic() < wait


def sign_in(folder: Path) -> str:
    """A token of somebody who has signed in there."""
    database = Database(f"sqlite:///{folder}/khonggiay.sqlite3")
    gather(database)
    with database.writing() as session:
        token = SignIns(session).start(
            People(session).named("staff"), lasting=timedelta(hours=1), address="127.0.0.1", device="test"
        )
    database.close()
    return token


def knock(port: int, token: str = "") -> Any:
    """A connection for sockets, as a browser opens it; raises WebSocketBadStatusException where it is refused."""
    address = f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket"
    with contextlib.ExitStack() as refused:
        inner = refused.enter_context(socket.create_connection(("127.0.0.1", port), 20))
        opened = create_connection(address, timeout=20, cookie=f"khonggiay={token}", socket=inner)
        refused.pop_all()
    return opened


@pytest.mark.slow
def test_strangers_and_whoever_has_enough_get_no_connection(
    start: Callable[..., tuple[subprocess.Popen[bytes], int]], tmp_path: Path
) -> None:
    token = sign_in(tmp_path)
    _, port = start([sys.executable, "-c", f"import webapp.ground.sockets as t; t.MOST_OF_ONE = 3; {SERVED}"])
    with pytest.raises(WebSocketBadStatusException, match="401"):
        knock(port)
    with contextlib.ExitStack() as until:
        held = [until.enter_context(contextlib.closing(knock(port, token))) for _ in range(3)]
        assert str(held[0].recv()).startswith("0{")  # the word of welcome, then nothing is said
        with pytest.raises(WebSocketBadStatusException, match="401"):
            knock(port, token)
        held[0].close()
        wait = time.monotonic() + 20
        while True:
            with contextlib.suppress(WebSocketBadStatusException):
                until.enter_context(contextlib.closing(knock(port, token)))
                break
            assert time.monotonic() < wait, "a place was not given back"


@pytest.mark.slow
def test_a_connection_on_which_nothing_can_be_heard_any_more_ends_and_leaves_no_thread(
    start: Callable[..., tuple[subprocess.Popen[bytes], int]], tmp_path: Path
) -> None:
    token = sign_in(tmp_path)
    process, port = start([sys.executable, "-c", SERVED])
    served = next(Path("/proc").glob(f"{process.pid}/task/{process.pid}/children")).read_text().split()[0]

    def threads() -> int:
        return len(list(Path(f"/proc/{served}/task").iterdir()))

    knock(port, token).close()  # the threads that stay for whoever comes next are there
    for said in ("40/nowhere,", "41", '42["follow","ledger"]'):
        connection = knock(port, token)
        before = threads()
        connection.recv()
        connection.send(said)
        while connection.sock.recv(1000):  # to the end of it
            pass
        connection.sock.close()
        wait = time.monotonic() + 20
        while threads() >= before:
            assert time.monotonic() < wait, f"{said!r} has left a thread behind"
    with contextlib.closing(knock(port, token)) as lasting:
        lasting.recv()
        lasting.send("40")
        assert str(lasting.recv()).startswith("40{")


@pytest.mark.slow
def test_a_socket_and_a_slow_but_steady_body_go_on(
    start: Callable[..., tuple[subprocess.Popen[bytes], int]], tmp_path: Path
) -> None:
    token = sign_in(tmp_path)
    _, port = start([sys.executable, "-c", SERVED])
    with socket.create_connection(("127.0.0.1", port), 10) as room, socket.create_connection(("127.0.0.1", port), 10) as steady:
        room.sendall(
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Cookie: khonggiay=" + token.encode() + b"\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        assert room.recv(12) == b"HTTP/1.1 101"
        steady.sendall(HALF)
        for _ in range(29):
            time.sleep(0.1)
            steady.sendall(b"a" * 31)
        assert steady.recv(12) in (b"HTTP/1.1 400", b"HTTP/1.1 422")  # it was read to its end, and refused
        room.settimeout(0.5)
        with contextlib.suppress(TimeoutError):
            while True:
                assert room.recv(1000), "the socket is still open after three times the patience"


@pytest.mark.slow
def test_modules_in_the_folder_it_is_called_from_are_not_taken_for_ours(
    start: Callable[..., tuple[subprocess.Popen[bytes], int]], tmp_path: Path
) -> None:
    hostile = tmp_path / "hostile"
    hostile.mkdir()
    for name in ("webapp", "storage", "gunicorn", "flask", "khonggiay", "sitecustomize"):
        (hostile / f"{name}.py").write_text(
            "import pathlib; pathlib.Path(__file__).with_suffix('.ran').touch(); raise SystemExit(3)"
        )
    tmp_path.chmod(0o755)
    start([str(ROOT / "bin/khonggiay"), "web"], hostile)
    assert list(hostile.glob("*.ran")) == []
    data = tmp_path / "khonggiay.sqlite3"
    assert oct(data.stat().st_mode & 0o777) == "0o600"
    assert oct(tmp_path.stat().st_mode & 0o777) == "0o700"


@pytest.mark.slow
def test_a_server_that_is_killed_takes_its_threads_along(start: Callable[..., tuple[subprocess.Popen[bytes], int]]) -> None:
    process, port = start([sys.executable, "-c", SERVED])
    process.kill()
    process.wait()
    wait = time.monotonic() + 10
    while answers(port):
        assert time.monotonic() < wait, "nobody could listen on its port again"
