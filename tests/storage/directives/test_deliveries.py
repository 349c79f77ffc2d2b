import contextlib
import email
import io
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import select

from domain.directives.deliveries import AddressMissing
from domain.directives.directives import OutgoingState
from domain.directives.evidence import EvidenceKind
from domain.directives.issuance import Channel
from domain.ground import clock
from domain.ground.errors import NotFound, StepNotAllowed
from domain.ground.mail import MailState
from storage.directives.deliveries import Deliveries, Delivery, Standing, inboxes_of, note_mailed
from storage.directives.evidence import Evidence
from storage.directives.incoming import IncomingDocument, IncomingDocuments
from storage.directives.outgoing import OutgoingDocument
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.mail import Mail
from storage.ground.settings import Settings
from storage.ground.smtp import send_due
from storage.people.people import People
from storage.people.units import Unit
from tests.cast import Cast, gather
from tests.deliveries import issue, send
from tests.servers import free_ports

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\n"
OUTSIDER = "Văn phòng Tỉnh ủy; vanphong@tinhuy.example.vn"


class Taken:
    """A mail server that takes everything."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        (self.port,) = free_ports(1)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - the name is aiosmtpd's
        assert isinstance(envelope.content, bytes)
        self.messages.append(email.message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@contextlib.contextmanager
def mail_server() -> Iterator[Taken]:
    taken = Taken()
    controller = Controller(taken, hostname="127.0.0.1", port=taken.port)
    controller.start()
    try:
        yield taken
    finally:
        controller.stop()


@pytest.fixture
def cast(database: Database) -> Cast:
    return gather(database)


def settings_for(port: int, tmp_path: Path) -> Settings:
    return Settings(
        environment="test", data_dir=tmp_path, smtp_url=f"smtp://127.0.0.1:{port}", mail_from="vanphong@ldld.example.vn"
    )


def evidence(database: Database) -> list[EvidenceKind]:
    with database.reading() as session:
        return [one.kind for one in session.scalars(select(Evidence).order_by(Evidence.id))]


@pytest.fixture
def mailed(database: Database, objects: FolderObjects, cast: Cast) -> int:
    """The delivery of a plan with its file to somebody outside, by mail."""
    key, _size = objects.put(io.BytesIO(PDF))
    outgoing = issue(database, cast, file_sha256=key, file_name="Kế hoạch 15.pdf")
    return send(database, cast, outgoing, OUTSIDER, channel=Channel.EMAIL)[0]


def test_the_mail_carries_the_document_and_is_evidence_once_the_server_took_it(
    database: Database, mailed: int, tmp_path: Path
) -> None:
    assert evidence(database) == []
    with mail_server() as server:
        assert send_due(database, settings_for(server.port, tmp_path), note_mailed) == 1
    (message,) = server.messages
    assert message["Subject"] == "Kế hoạch 15/KH-LĐLĐ: Tổ chức Tháng Công nhân năm 2027"
    (attached,) = message.iter_attachments()
    assert (attached.get_content(), attached.get_content_type(), attached.get_filename()) == (
        PDF,
        "application/pdf",
        "Kế hoạch 15.pdf",
    )
    assert evidence(database) == [EvidenceKind.MAILED]
    with database.reading() as session:
        assert session.get_one(Delivery, mailed).sent_at is not None


def test_a_dead_server_delays_and_proves_nothing(database: Database, mailed: int, tmp_path: Path) -> None:
    assert send_due(database, settings_for(1, tmp_path), note_mailed) == 0  # nobody listens there
    assert evidence(database) == []
    with database.reading() as session:
        mail = session.scalars(select(Mail)).one()
        assert (mail.state, mail.problem, mail.tries) == (MailState.WAITING, "server_away", 1)
        assert session.get_one(Delivery, mailed).sent_at is None
    clock.fix(datetime.now(UTC) + timedelta(hours=2))
    try:
        with mail_server() as server:
            assert send_due(database, settings_for(server.port, tmp_path), note_mailed) == 1
    finally:
        clock.fix(None)
    assert evidence(database) == [EvidenceKind.MAILED]


def test_a_program_killed_right_after_the_commit_loses_nothing(database: Database, cast: Cast, tmp_path: Path) -> None:
    outgoing = issue(database, cast)
    script = f"""
import os, signal
from storage import tables
from storage.ground.database import Database
from tests.cast import Cast
from tests.deliveries import send
from domain.directives.issuance import Channel
send(Database({database.url!r}), Cast({cast.people!r}, {cast.units!r}), {outgoing}, {OUTSIDER!r}, channel=Channel.EMAIL)
os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", script], cwd=Path.cwd(), check=False)
    assert killed.returncode == -signal.SIGKILL
    with mail_server() as server:
        assert send_due(database, settings_for(server.port, tmp_path), note_mailed) == 1
        assert send_due(database, settings_for(server.port, tmp_path), note_mailed) == 0
    assert len(server.messages) == 1


def test_a_file_too_large_to_travel_stays_here_and_the_mail_goes(
    database: Database, objects: FolderObjects, cast: Cast, tmp_path: Path
) -> None:
    key, _size = objects.put(io.BytesIO(PDF + b"0" * (5 << 20)))
    send(database, cast, issue(database, cast, file_sha256=key, file_name="to.pdf"), OUTSIDER, channel=Channel.EMAIL)
    with mail_server() as server:
        assert send_due(database, settings_for(server.port, tmp_path), note_mailed) == 1
    assert list(server.messages[0].iter_attachments()) == []


def test_deliveries_and_mails_are_one_transaction_with_the_act(database: Database, cast: Cast) -> None:
    outgoing = issue(database, cast)
    with pytest.raises(AddressMissing):
        send(database, cast, outgoing, OUTSIDER, "CD-PHUCAT", channel=Channel.EMAIL)
    with database.reading() as session:
        assert session.scalars(select(Delivery)).all() == []
        assert session.scalars(select(Mail)).all() == []


def test_the_same_recipient_gets_it_once_however_it_is_written(database: Database, cast: Cast) -> None:
    outgoing = issue(database, cast)
    assert (
        len(
            send(
                database,
                cast,
                outgoing,
                "Văn phòng Tỉnh ủy",
                "văn phòng  tỉnh uỷ",
                "CD-PHUCAT",
                "CD-PHUCAT",
                channel=Channel.POST,
            )
        )
        == 2
    )
    assert send(database, cast, outgoing, "Văn phòng Tỉnh ủy", "CD-PHUCAT", channel=Channel.POST) == []


def test_nothing_goes_to_a_unit_that_does_not_stand_or_before_it_is_signed(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        session.get_one(Unit, cast.units["CD-PHUCAT"]).valid_to = date(2025, 6, 30)
    with pytest.raises(NotFound):
        send(database, cast, issue(database, cast), "CD-PHUCAT")
    with pytest.raises(StepNotAllowed):
        send(database, cast, issue(database, cast, number=16, state=OutgoingState.DRAFT), "CD-TUYPHUOC")


def test_the_inbox_of_a_unit_follows_its_successors(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        tuy_phuoc, office = session.get_one(Unit, cast.units["CD-TUYPHUOC"]), session.get_one(Unit, cast.units["VP"])
        tuy_phuoc.valid_to, tuy_phuoc.succeeded_by_id = date(2025, 6, 30), office.id
        office.valid_to, office.succeeded_by_id = date(2026, 6, 30), cast.units["CD-PHUCAT"]
    with database.reading() as session:
        member = People(session).get(cast.people["member"])
        own = {cast.units[code] for code in ("CD-PHUCAT", "VP", "CD-TUYPHUOC")}
        assert inboxes_of(session, member, date(2026, 11, 23)) == own
        stranger = People(session).get(cast.people["archivist"])  # who sits in the office that ended, and in no other
        assert cast.units["CD-PHUCAT"] not in inboxes_of(session, stranger, date(2026, 6, 1))


def test_what_the_lists_call_late_is_what_each_delivery_calls_late(database: Database, cast: Cast) -> None:
    for number, due in enumerate((None, date(2026, 11, 2), date(2026, 11, 30)), start=1):
        for sent_on in (date(2026, 10, 30), date(2026, 11, 19), date(2026, 11, 20), date(2026, 11, 23)):
            outgoing = issue(database, cast, number=number * 100 + sent_on.toordinal() % 97)
            sent_at = datetime(sent_on.year, sent_on.month, sent_on.day, 16, 59, tzinfo=UTC)  # a minute to midnight in Vietnam
            first, _second = send(database, cast, outgoing, "CD-PHUCAT", "CD-TUYPHUOC", due=due, sent_at=sent_at)
            with database.writing() as session:
                Deliveries(session).read(session.get_one(Delivery, first), People(session).get(cast.people["member"]))
    senders = frozenset(cast.units.values())
    for day in (date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25), date(2026, 12, 1)):
        with database.reading() as session:
            all_of_them = session.scalars(select(Delivery)).all()
            one_by_one = {one.id for one in all_of_them if one.lateness(day)}
            listed = {one.id for unit in cast.units.values() for one in Deliveries(session).late(senders, day, unit).rows}
            counted = sum(count.reading + count.answering for count in Deliveries(session).late_by_unit(senders, day).rows)
            by_document = sum(
                count.reading + count.answering for count in Deliveries(session).late_by_document(senders, day).rows
            )
        assert listed == one_by_one
        assert counted == by_document == len(one_by_one)


def test_recipients_come_in_pages_with_those_who_are_late_first_and_are_counted_where_they_lie(
    database: Database, cast: Cast
) -> None:
    outgoing_id, sent_at = issue(database, cast), datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
    letters = [f"Nơi nhận {number:02}" for number in range(60)]
    send(database, cast, outgoing_id, *letters, channel=Channel.POST, sent_at=sent_at)
    read, _unread = send(database, cast, outgoing_id, "CD-PHUCAT", "CD-TUYPHUOC", sent_at=sent_at, due=date(2026, 12, 1))
    with database.writing() as session:
        everywhere, clerk = Deliveries(session), People(session).get(cast.people["member"])
        everywhere.read(session.get_one(Delivery, read), clerk)
        everywhere.note_receipt(session.get_one(Delivery, 1), date(2026, 11, 5), "bưu điện")
        outgoing = session.get_one(OutgoingDocument, outgoing_id)
        first = everywhere.of(outgoing, date(2026, 11, 23))
        rest = everywhere.of(outgoing, date(2026, 11, 23), after=first.after)
        names = [one.name for one in (*first.rows, *rest.rows)]
        assert (first.count, len(first.rows), rest.after) == (62, 50, "")
        assert names == ["LĐLĐ huyện Tuy Phước", "LĐLĐ huyện Phù Cát", *letters]
        standing = everywhere.standing(outgoing, date(2026, 11, 23))
        assert standing == Standing(all=62, inbox=2, read=1, acknowledged=0, answered=0, received=1, late=1, remindable=2)
        assert [one.name for one in everywhere.may_remind(outgoing)] == ["LĐLĐ huyện Phù Cát", "LĐLĐ huyện Tuy Phước"]
        assert everywhere.standing(outgoing, date(2026, 12, 2)).late == 2  # the answer of whoever has read it was due
        outgoing.state = OutgoingState.REVOKED
        assert everywhere.standing(outgoing, date(2026, 12, 2)).late == 0


def test_numbers_of_arrival_have_no_gap_and_no_double_under_load(database: Database, cast: Cast) -> None:
    def enter(number: int) -> None:
        with database.writing() as session:
            clerk = People(session).get(cast.people["clerk"])
            values = {"author": "Tỉnh ủy", "abstract": f"Văn bản {number}"}
            IncomingDocuments(session).enter(
                cast.units["LDLD"], date(2026, 11, 23), values, clerk, form_key=f"form-{number % 40}"
            )

    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(enter, range(80)))  # each form twice
    with database.reading() as session:
        numbers = session.scalars(select(IncomingDocument.number).order_by(IncomingDocument.number)).all()
    assert numbers == list(range(1, 41))


def test_two_who_open_it_at_once_are_one_reading(database: Database, cast: Cast) -> None:
    (delivery_id,) = send(database, cast, issue(database, cast), "CD-PHUCAT")

    def read(login: str) -> bool:
        with database.writing() as session:
            return Deliveries(session).read(session.get_one(Delivery, delivery_id), People(session).get(cast.people[login]))

    with ThreadPoolExecutor(4) as crowd:
        assert sorted(crowd.map(read, ["member", "unit_clerk"] * 4)) == [False] * 7 + [True]
    assert evidence(database) == [EvidenceKind.RECEIVED]


def test_two_who_send_it_at_once_send_it_once(database: Database, cast: Cast) -> None:
    outgoing = issue(database, cast)
    with ThreadPoolExecutor(4) as crowd:
        sent = list(
            crowd.map(lambda _one: send(database, cast, outgoing, "CD-PHUCAT", "Tỉnh ủy", channel=Channel.POST), range(8))
        )
    assert sorted(map(len, sent)) == [0] * 7 + [2]


def test_mail_alone_proves_that_a_file_was_sent_and_no_more(database: Database, mailed: int, tmp_path: Path) -> None:
    with mail_server() as server:
        send_due(database, settings_for(server.port, tmp_path), note_mailed)
    with database.reading() as session:
        outgoing = session.scalars(select(OutgoingDocument)).one()
        assert (outgoing.evidenced_low, outgoing.claimed_low) == (1, 1)
