"""The outbox, sent through real SMTP servers on this machine: one that takes all, one that is dead, one that dies in the middle."""

import email
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from domain.ground import clock
from domain.ground.mail import MailState
from domain.people.roles import Role
from storage.directives.deliveries import note_mailed
from storage.ground.database import Database
from storage.ground.mail import CalendarPart, Mail, Outbox
from storage.ground.settings import Settings
from storage.ground.smtp import send_due
from storage.people.people import People
from storage.tables import is_current

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


class Taken:
    """What a server has taken, and how it answers: `refuses` an address, or dies after so many mails."""

    def __init__(self, *, refuses: str = "", answer: str = "550 no such mailbox", dies_after: int | None = None) -> None:
        self.refuses, self.answer, self.dies_after = refuses, answer, dies_after
        self.messages: list[EmailMessage] = []

    async def handle_RCPT(  # noqa: N802 - the name is aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address == self.refuses:
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.dies_after is not None and len(self.messages) >= self.dies_after:
            assert server.transport
            server.transport.close()
            return "451 dying"
        assert isinstance(envelope.content, bytes)
        self.messages.append(email.message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


class Server:
    """A mail server on a free port, which can be stopped and started again."""

    def __init__(self, handler: Taken) -> None:
        self.handler = handler
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.controller: Controller | None = None

    def start(self) -> None:
        self.controller = Controller(self.handler, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def stop(self) -> None:
        if self.controller:
            self.controller.stop()
            self.controller = None


@pytest.fixture
def server() -> Iterator[Callable[..., Server]]:
    started = []

    def start(**how: Any) -> Server:
        one = Server(Taken(**how))
        one.start()
        started.append(one)
        return one

    yield start
    for one in started:
        one.stop()


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    clock.fix(NOON)
    yield
    clock.fix(None)


def settings_for(server: Server) -> Settings:
    return Settings(environment="test", smtp_url=f"smtp://127.0.0.1:{server.port}", mail_from="vanphong@ldld.example.vn")


def write(database: Database, *names: str) -> None:
    with database.writing() as session:
        for name in names:
            person = People(session).add(f"{name}@ldld.example.vn", f"Đồng chí {name}", frozenset({Role.MEMBER}))
            Outbox(session).add(
                f"thu-{name}", "invitation", person, subject="Giấy mời: Hội nghị Ban Chấp hành", text="Kính gửi đồng chí,\nmời họp.",
                sender="Liên đoàn Lao động tỉnh", calendars=[CalendarPart(method="REQUEST", text="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")],
            )  # fmt: skip


def states(database: Database) -> list[tuple[MailState, int, str]]:
    with database.reading() as session:
        return [(mail.state, mail.tries, mail.problem) for mail in session.query(Mail).order_by(Mail.id)]


def test_a_mail_is_sent_once_with_its_text_calendar_and_vietnamese_subject(
    database: Database, server: Callable[..., Server]
) -> None:
    taking = server()
    write(database, "lan")
    assert send_due(database, settings_for(taking), note_mailed) == 1
    assert send_due(database, settings_for(taking), note_mailed) == 0
    (message,) = taking.handler.messages
    assert message["From"] == "Liên đoàn Lao động tỉnh <vanphong@ldld.example.vn>"
    assert message["To"] == "lan@ldld.example.vn"
    assert message["Subject"] == "Giấy mời: Hội nghị Ban Chấp hành"
    assert [(part.get_content_type(), part.get_param("method")) for part in message.walk() if not part.is_multipart()] == [
        ("text/plain", None),
        ("text/calendar", "REQUEST"),
        ("text/calendar", "REQUEST"),
    ]
    text = message.get_body()
    assert text
    assert "Kính gửi đồng chí" in text.get_content()
    assert states(database) == [(MailState.SENT, 1, "")]


def test_the_same_key_is_written_once(database: Database) -> None:
    write(database, "lan")
    with database.writing() as session:
        person = People(session).named("lan@ldld.example.vn")
        assert Outbox(session).add("thu-lan", "invitation", person, subject="Lần nữa", text="") is None


def test_a_line_break_in_a_title_cannot_add_a_header(database: Database, server: Callable[..., Server]) -> None:
    taking = server()
    with database.writing() as session:
        person = People(session).add("lan@ldld.example.vn", "Lan", frozenset())
        Outbox(session).add("thu", "invitation", person, subject="Họp\r\nBcc: x@y.vn", text="…")
    assert send_due(database, settings_for(taking), note_mailed) == 1
    assert taking.handler.messages[0]["Bcc"] is None


def test_without_a_mail_server_mail_waits(database: Database) -> None:
    write(database, "lan")
    assert send_due(database, Settings(environment="test"), note_mailed) == 0
    assert states(database) == [(MailState.WAITING, 0, "")]


def test_a_dead_server_delays_mail_and_loses_none(database: Database, server: Callable[..., Server]) -> None:
    dead = server()
    dead.stop()
    write(database, "lan", "hoa")
    assert send_due(database, settings_for(dead), note_mailed) == 0
    assert states(database) == [(MailState.WAITING, 1, "server_away")] * 2
    dead.start()
    assert send_due(database, settings_for(dead), note_mailed) == 0  # not before a minute has passed
    clock.fix(NOON + timedelta(minutes=1))
    assert send_due(database, settings_for(dead), note_mailed) == 2
    assert states(database) == [(MailState.SENT, 2, "")] * 2


def test_a_server_that_dies_in_the_middle_gets_each_mail_once(database: Database, server: Callable[..., Server]) -> None:
    dying = server(dies_after=1)
    write(database, "lan", "hoa", "mai")
    assert send_due(database, settings_for(dying), note_mailed) == 1
    assert [state for state, *_ in states(database)] == [MailState.SENT, MailState.WAITING, MailState.WAITING]
    dying.handler.dies_after = None
    clock.fix(NOON + timedelta(minutes=5))
    assert send_due(database, settings_for(dying), note_mailed) == 2
    assert sorted(message["To"].partition("@")[0] for message in dying.handler.messages) == ["hoa", "lan", "mai"]


def test_a_refused_recipient_fails_with_the_words_of_the_server_and_the_others_are_sent(
    database: Database, server: Callable[..., Server]
) -> None:
    choosy = server(refuses="lan@ldld.example.vn")
    write(database, "lan", "hoa")
    assert send_due(database, settings_for(choosy), note_mailed) == 1
    assert states(database) == [(MailState.FAILED, 1, "recipient_refused"), (MailState.SENT, 1, "")]
    with database.reading() as session:
        assert session.query(Mail).order_by(Mail.id).limit(1).one().answer == "no such mailbox"


def test_a_recipient_refused_for_now_is_tried_again(database: Database, server: Callable[..., Server]) -> None:
    slow = server(refuses="lan@ldld.example.vn", answer="450 try again later")
    write(database, "lan")
    send_due(database, settings_for(slow), note_mailed)
    assert states(database) == [(MailState.WAITING, 1, "recipient_refused")]
    slow.handler.refuses = ""
    clock.fix(NOON + timedelta(minutes=2))
    assert send_due(database, settings_for(slow), note_mailed) == 1


def test_a_password_is_never_sent_in_clear(database: Database) -> None:
    asked = []

    def note(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object) -> AuthResult:
        asked.append(data)
        return AuthResult(success=True)

    class Open(Controller):
        def factory(self) -> SMTP:
            return SMTP(self.handler, authenticator=note, auth_require_tls=False)

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Open(Taken(), hostname="127.0.0.1", port=port)
    controller.start()
    write(database, "lan")
    settings = Settings(environment="test", smtp_url=f"smtp://ten:mat-khau@127.0.0.1:{port}", mail_from="a@b.vn")
    assert send_due(database, settings, note_mailed) == 0
    controller.stop()
    assert asked == []
    assert states(database) == [(MailState.WAITING, 1, "server_away")]


def test_mail_that_helps_nobody_any_more_is_let_go(database: Database, server: Callable[..., Server]) -> None:
    taking = server()
    write(database, "lan")
    with database.writing() as session:
        session.query(Mail).one().useless_after = NOON
    assert send_due(database, settings_for(taking), note_mailed) == 0
    assert states(database) == [(MailState.FAILED, 0, "too_late")]
    assert taking.handler.messages == []


def test_failed_mail_can_be_tried_again_and_keeps_its_message_id(database: Database, server: Callable[..., Server]) -> None:
    choosy = server(refuses="lan@ldld.example.vn")
    write(database, "lan")
    send_due(database, settings_for(choosy), note_mailed)
    with database.writing() as session:
        mail = session.query(Mail).one()
        mail.meeting_id, before = None, mail.message_id
        mail.state, mail.next_try_at = MailState.WAITING, NOON
    choosy.handler.refuses = ""
    assert send_due(database, settings_for(choosy), note_mailed) == 1
    assert choosy.handler.messages[0]["Message-ID"] == before


def _send_and_die(url: str) -> None:
    """Claim a mail as the sender does, and be killed before the server has answered."""
    opened = Database(url)
    assert is_current(opened)
    with opened.writing() as session:
        Outbox(session).claim()
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_sender_that_is_killed_loses_nothing(database: Database, server: Callable[..., Server]) -> None:
    taking = server()
    write(database, "lan", "hoa")
    process = multiprocessing.get_context("spawn").Process(
        target=_send_and_die, args=(database.engine.url.render_as_string(hide_password=False),)
    )
    clock.fix(None)
    with database.writing() as session:  # the other process has a running clock
        for mail in session.query(Mail):
            mail.next_try_at = clock.now() - timedelta(minutes=1)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert sorted(states(database))[0][1:] == (0, "")
    assert (MailState.WAITING, 1, "unknown") in states(database)
    clock.fix(datetime.fromtimestamp(time.time(), UTC) + timedelta(minutes=2))
    assert send_due(database, settings_for(taking), note_mailed) == 2
    assert len({message["Message-ID"] for message in taking.handler.messages}) == 2
