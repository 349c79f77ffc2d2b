"""The web server around the application: gunicorn with threads, which waits for nobody for long and bounds each address.

A thread waits for what a client has not sent yet; a few thousand clients who never send it would leave no thread for anybody else.
"""

import ctypes
import os
import signal
import sys
import threading
import time
from collections import Counter
from select import POLLIN, poll
from socket import socket
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import TConn, ThreadWorker

from storage.ground.settings import Settings, read_settings

WEB_THREADS = 2048  # each open page holds one for its socket; they are made when needed (docs/decisions/0019-threads.md)
WEB_CONNECTIONS = 2 * WEB_THREADS  # beyond the threads: others wait their turn here instead of being turned away

PATIENCE_S = 15.0  # for a request to come, from its first moment to its last byte
SLOWEST = 2_000  # bytes a second: so many more of them, so many seconds more; no line that people work with is slower
MOST_WAITING = (
    256  # half-sent requests of one address: a room of tablets sends its own at once, and each is there within a moment
)
MOST_CONNECTIONS = 1_500  # of one address: all tablets of a large meeting behind one, each with its socket and a few more
_PR_SET_PDEATHSIG = 1  # of prctl(2)


class TooSlow(ConnectionResetError):
    """What a client should have sent has not come in time, or too many of its address are waited for."""

    def __init__(self) -> None:
        super().__init__(104, "request did not come in time")


class Held:
    """How many of something each address holds."""

    def __init__(self, most: int) -> None:
        self._most, self._count, self._guard = most, Counter[str](), threading.Lock()

    def take(self, address: str) -> bool:
        """Take one more; False where the address holds as many as it may."""
        with self._guard:
            if self._count[address] >= self._most:
                return False
            self._count[address] += 1
            return True

    def give_back(self, address: str) -> None:
        """Have one less."""
        with self._guard:
            self._count[address] -= 1
            if self._count[address] <= 0:
                del self._count[address]


class Impatient:
    """The reading side of a client's connection: `recv` raises TooSlow once a request has taken too long."""

    def __init__(self, inner: socket, address: str, waiting: Held) -> None:
        self._inner, self._address, self._waiting = inner, address, waiting
        self.gave_up = False
        self.begin()

    def begin(self) -> None:
        """A new request begins now."""
        self._begun_at, self._received = time.monotonic(), 0

    def recv(self, size: int) -> bytes:
        """What has come, at most `size` bytes; empty at the end."""
        poller = poll()
        poller.register(self._inner, POLLIN)
        if not poller.poll(0):
            self._wait(poller)
        data = self._inner.recv(size)
        self._received += len(data)
        return data

    def _wait(self, poller: Any) -> None:
        left = self._begun_at + PATIENCE_S + self._received / SLOWEST - time.monotonic()
        if (bound := self._inner.gettimeout()) is not None:
            left = min(left, bound)
        if left <= 0 or not self._waiting.take(self._address):
            self.gave_up = True
            raise TooSlow
        try:
            if not poller.poll(left * 1000):
                self.gave_up = True
                raise TooSlow
        finally:
            self._waiting.give_back(self._address)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class Connection(TConn):  # type: ignore[misc]  # gunicorn has no types
    """One connection, whose requests are read with impatience."""

    def __init__(self, cfg: Any, sock: socket, client: Any, server: Any, waiting: Held) -> None:
        super().__init__(cfg, sock, client, server)
        self.address = str(client[0]) if isinstance(client, tuple) else ""
        self._waiting = waiting
        self.impatient: Impatient | None = None

    def init(self) -> None:
        """Make the parser."""
        super().init()
        if self.impatient is None:
            self.impatient = Impatient(self.sock, self.address, self._waiting)
            self.parser.unreader.sock = self.impatient
        self.impatient.begin()


class Threads(ThreadWorker):  # type: ignore[misc]
    """gunicorn's worker of threads, with bounds for each address. A proxy's address is everybody's: there the proxy bounds them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        settings = read_settings(os.environ)
        has_proxy = settings.behind_proxy or bool(settings.trusted_proxies)
        self._waiting = Held(WEB_THREADS if has_proxy else MOST_WAITING)
        self._open = Held(WEB_CONNECTIONS if has_proxy else MOST_CONNECTIONS)

    def init_process(self) -> None:
        """Begin to serve; end with the process above, or the port would stay taken when that is killed."""
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        super().init_process()

    def accept(self, listener: Any) -> None:
        """Accept a connection, or close it at once."""
        try:
            client_sock, client = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        client_sock.setblocking(True)
        connection = Connection(self.cfg, client_sock, client, listener.getsockname(), self._waiting)
        if not self._open.take(connection.address):
            client_sock.close()
            return
        self._close_aside(connection)
        self.nr_conns += 1
        self.enqueue_req(connection)

    def _close_aside(self, connection: Connection) -> None:
        """Have a connection give its place back once closed, and closed by a thread: gunicorn's own loop would wait for the client's
        last word, two seconds for each. Who was given up is not listened to any more.
        """
        close, is_open = connection.close, [True]

        def closed(graceful: bool = False) -> None:
            close(graceful and not (connection.impatient and connection.impatient.gave_up))
            if is_open:
                is_open.clear()
                self._open.give_back(connection.address)

        def close_soon(graceful: bool = False) -> None:
            try:
                self.tpool.submit(closed, graceful)
            except RuntimeError:  # the pool has ended: the server stops
                closed()

        connection.close = close_soon

    def handle(self, conn: Connection) -> Any:
        """Serve one request of a connection."""
        if conn.impatient:
            conn.impatient.begin()
        return super().handle(conn)


class Server(BaseApplication):  # type: ignore[misc]
    """One process, since it holds the sockets. Other than the command `gunicorn`, it puts no folder before our source."""

    def __init__(self, settings: Settings) -> None:
        self._options = {
            "bind": f"{settings.host}:{settings.port}",
            "workers": 1,
            "threads": WEB_THREADS,
            "worker_connections": WEB_CONNECTIONS,
            "worker_class": Threads,
            "timeout": 120,
            "keepalive": 65,
            "graceful_timeout": 3,
            "loglevel": "warning",
            "umask": 0o077,
        }
        super().__init__()

    def load_config(self) -> None:
        """Give gunicorn its options."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application, in the process that serves it."""
        from webapp.wsgi import make

        return make()


if __name__ == "__main__":
    sys.argv[0] = "khonggiay web"
    Server(read_settings(os.environ)).run()
