"""The whole system, started as users start it, and a real Chromium for each person of the cast."""

import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from storage.archive.intake import open_batch
from storage.archive.reception import Arrival, receive
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.tables import migrate
from tests.cast import PASSWORD, gather
from tests.ocr_worker import papers
from tests.signing import Authority
from webapp.people.accounts.passwords import hash_password

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE_MS = 15_000  # a busy machine fails no journey
expect.set_options(timeout=PATIENCE_MS)
WIDTHS = {"phone": (390, 844), "tablet": (820, 1180), "desktop": (1280, 900)}


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RunningSystem:
    """`khonggiay run` on an installation of its own."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder, self.options = folder, options
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "KHONGGIAY_ENVIRONMENT": "test",
            "KHONGGIAY_DATA_DIR": str(folder),
            "KHONGGIAY_PORT": str(self.port),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until its pages answer."""
        command = [sys.executable, "-m", "khonggiay", "run", *self.options]
        with (self.folder / "run.log").open("ab") as log:
            self._process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log, start_new_session=True)
        for _ in range(300):
            try:
                with urlopen(f"{self.address}/health", timeout=1):  # noqa: S310 - our own address
                    return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError((self.folder / "run.log").read_text())

    def stop(self) -> None:
        """Stop it as Ctrl+C does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(40)

    def wait_until_read(self) -> None:
        """Until nothing waits and the index holds every page."""
        command = [sys.executable, "-m", "khonggiay", "status", "--json"]
        for _ in range(200):
            answer = subprocess.run(command, env=self.environment, capture_output=True, text=True)
            parts = [part for line in answer.stdout.splitlines() for part in json.loads(line)["parts"].items()]
            moving = ("waiting", "running", "reading", "to_index")
            if parts and not any(count for name, count in parts if name in moving):
                return
            time.sleep(2)
        raise RuntimeError(answer.stdout)

    def brings(self, name: str, content: bytes) -> None:
        """Bring a paper in, not by hand, and wait until it is read."""
        database = Database(f"sqlite:///{self.folder}/khonggiay.sqlite3")
        with database.writing() as session:
            batch_id = open_batch(session, source="command", person=None, attested_by="Trần Thị Lan").id
        receive(database, FolderObjects(self.folder / "objects"), batch_id, Arrival(name, io.BytesIO(content)), limit=1 << 30)
        database.close()
        self.wait_until_read()

    def kill(self, program: str) -> None:
        """SIGKILL the web program or the worker; the watch starts it again."""
        words = {"worker": "khonggiay\0worker", "web": "webapp.serving"}[program]
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if words in entry.read_text() and self._is_ours(entry.parent):
                    os.kill(int(entry.parent.name), signal.SIGKILL)
            except (FileNotFoundError, ProcessLookupError):
                continue

    def _is_ours(self, process: Path) -> bool:
        return f"KHONGGIAY_PORT={self.port}\0" in (process / "environ").read_text(errors="replace")


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who certifies those that sign in journeys; the running system trusts its root."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[RunningSystem]:
    """The system, peopled by the cast, running for all journeys."""
    folder = tmp_path_factory.mktemp("system")
    database = Database(f"sqlite:///{folder}/khonggiay.sqlite3")
    migrate(database)
    gather(database, hash_password(PASSWORD))
    database.close()
    system = RunningSystem(folder)
    system.environment["KHONGGIAY_TRUST_ROOTS"] = str(authority.roots)
    system.start()
    yield system
    system.stop()


@pytest.fixture(scope="session")
def plan(running: RunningSystem) -> str:
    """The name of a paper of two pages that is there to be found, whatever a journey brings in besides."""
    content = papers.tiff("Kế hoạch phòng họp\nkhông giấy tờ", "Trang hai nói về\nbiên bản điện tử")
    running.brings("ke-hoach-co-san.tif", content)
    return "ke-hoach-co-san.tif"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """The system as `make run` shows it, once its worker has read all demo papers."""
    system = RunningSystem(tmp_path_factory.mktemp("demo"), "--demo")
    system.start()
    system.wait_until_read()
    yield system
    system.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all journeys."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, running: RunningSystem) -> Iterator[Callable[..., Page]]:
    """Opens a page of a device of its own: `open_page(width="tablet")`. Mistakes of scripts fail the journey."""
    contexts: list[BrowserContext] = []
    mistakes: list[str] = []

    def open_page(width: str = "desktop", **options: Any) -> Page:
        w, h = WIDTHS[width]
        context = chromium.new_context(
            base_url=running.address,
            viewport={"width": w, "height": h},
            locale="vi-VN",
            has_touch=width != "desktop",
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: mistakes.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert mistakes == []
