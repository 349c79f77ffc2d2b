"""`khonggiay mail send`, and the worker that does the same by itself."""

import socket
import warnings
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from click.testing import CliRunner, Result

from domain.ground.clock import now
from domain.ground.mail import MailState
from ocr_worker.program import Worker
from ocr_worker.system import System
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.mail import Mail
from storage.ground.settings import Settings
from storage.meetings.meetings import Meeting
from storage.people.people import People
from tests.cast import gather
from tests.meetings import Gathering, gather_meeting

with warnings.catch_warnings():
    warnings.simplefilter("ignore", SyntaxWarning)
    from khonggiay.main import khonggiay


class Inbox:
    """Whom the server has taken mail for."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.recipients: list[str] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - the name is aiosmtpd's
        self.recipients += envelope.rcpt_tos
        return "250 OK"


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    inbox = Inbox(f"smtp://127.0.0.1:{port}")
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield inbox
    controller.stop()


@pytest.fixture
def near(database: Database) -> Gathering:
    """A meeting in an hour; one who has an address has not answered."""
    gathering = gather_meeting(database, gather(database))
    with database.writing() as session:
        meeting = session.get_one(Meeting, gathering.meeting)
        meeting.starts_at, meeting.ends_at = now() + timedelta(hours=1), now() + timedelta(hours=4)
        People(session).named("member").login = "member@ldld.example.vn"
    return gathering


def test_the_worker_reminds_and_sends_by_itself_and_only_once(
    tmp_path: Path, database: Database, objects: FolderObjects, near: Gathering, inbox: Inbox
) -> None:
    worker = Worker(System(Settings(environment="test", data_dir=tmp_path, smtp_url=inbox.url), database, objects))
    for _ in range(3):
        worker.remind()
        worker.mail()
    assert inbox.recipients == ["member@ldld.example.vn"]
    with database.reading() as session:
        assert [(mail.kind, mail.state) for mail in session.query(Mail)] == [("reminder", MailState.SENT)]


@pytest.fixture
def run(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("KHONGGIAY_DATA_DIR", str(tmp_path))
    return lambda *words: CliRunner().invoke(khonggiay, [*words])


def test_without_a_mail_server_the_command_says_what_to_set(run: Callable[..., Result]) -> None:
    answer = run("mail", "send")
    assert answer.exit_code == 1
    assert "KHONGGIAY_SMTP_URL" in answer.output


def test_the_command_sends_what_waits(
    run: Callable[..., Result],
    database: Database,
    objects: FolderObjects,
    tmp_path: Path,
    near: Gathering,
    inbox: Inbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Worker(System(Settings(environment="test", data_dir=tmp_path), database, objects)).remind()  # writes, and may not send
    assert inbox.recipients == []
    monkeypatch.setenv("KHONGGIAY_SMTP_URL", inbox.url)
    assert run("mail", "send").output == "Đã gửi 1 thư.\n"
    assert run("mail", "send").output == "Đã gửi 0 thư.\n"
    assert inbox.recipients == ["member@ldld.example.vn"]


def test_the_command_names_mail_that_could_not_be_sent(
    run: Callable[..., Result],
    database: Database,
    objects: FolderObjects,
    tmp_path: Path,
    near: Gathering,
    inbox: Inbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Worker(System(Settings(environment="test", data_dir=tmp_path), database, objects)).remind()
    monkeypatch.setenv("KHONGGIAY_SMTP_URL", "smtp://127.0.0.1:9")
    answer = run("mail", "send")
    assert answer.exit_code == 1
    assert "Chưa gửi được cho member@ldld.example.vn" in answer.output
