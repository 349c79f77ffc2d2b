"""An issue as records: the plan is written whole, in one transaction with the act, or nothing of it."""

import signal
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from domain.directives.deliveries import Addressee, AddressMissing, Sending
from domain.directives.directives import OutgoingState
from domain.directives.evidence import EvidenceKind
from domain.directives.issuance import Channel, Form
from domain.ground.errors import StepNotAllowed
from storage.directives.deliveries import Delivery
from storage.directives.evidence import Evidence, record, weigh
from storage.directives.issuing import issue
from storage.directives.outgoing import OutgoingDocument
from storage.ground.database import Database
from storage.ground.mail import Mail
from storage.people.people import People
from tests.cast import Cast, gather
from tests.deliveries import issue as issued

OUTSIDER = Addressee(name="Văn phòng Tỉnh ủy", address="vp@tinhuy.example.vn")
BOTH_SIGNED = {"by_person": True, "by_organisation": True, "is_altered": False, "signatures": []}


@pytest.fixture
def cast(database: Database) -> Cast:
    return gather(database)


@pytest.fixture
def signed(database: Database, cast: Cast) -> int:
    """A plan whose file bears both signatures, to stand in the place of one that was issued."""
    former = issued(database, cast, number=14)
    signed = issued(
        database, cast, state=OutgoingState.SIGNED, channel=None, is_signed_by_person=True, is_signed_by_organisation=True,
    )  # fmt: skip
    with database.writing() as session:
        document = session.get_one(OutgoingDocument, signed)
        document.sent_at = None
        session.get_one(OutgoingDocument, former).replaced_by = document
        record(session, document, EvidenceKind.PDF, facts=BOTH_SIGNED, sha256="a" * 64)
    return signed


def press(database: Database, cast: Cast, outgoing_id: int, sending: Sending) -> list[int]:
    """Issue it without paper; returns the ids of those it replaces."""
    with database.writing() as session:
        document, clerk = session.get_one(OutgoingDocument, outgoing_id), People(session).get(cast.people["clerk"])
        return [one.id for one in issue(session, document, sending, is_paper_too=False, by=clerk, public_url="https://x.vn")]


def told(database: Database) -> list[Any]:
    """All that an issue may change, as far as it has."""
    with database.reading() as session:
        documents = session.scalars(select(OutgoingDocument).order_by(OutgoingDocument.number))
        return [
            [(one.number, one.state.value, one.channel, one.evidenced_low) for one in documents],
            [
                (one.kind.value, one.facts, one.recorded_by_id)
                for one in session.scalars(select(Evidence).order_by(Evidence.id))
            ],
            [one.name for one in session.scalars(select(Delivery).order_by(Delivery.id))],
            [one.recipient for one in session.scalars(select(Mail).order_by(Mail.id))],
        ]


@pytest.mark.usefixtures("stopped_clock")
def test_an_issue_by_this_system_is_written_whole(database: Database, cast: Cast, signed: int) -> None:
    sending = Sending(Channel.SYSTEM, [Addressee(cast.units["CD-PHUCAT"]), Addressee(cast.units["VP"])], date(2026, 12, 1))
    (former,) = press(database, cast, signed, sending)
    with database.reading() as session:
        document = session.get_one(OutgoingDocument, signed)
        assert (document.state, document.form, document.channel) == (OutgoingState.ISSUED, Form.ELECTRONIC, Channel.SYSTEM)
        assert (document.sent_at, document.transferred_on) == (datetime(2026, 11, 23, 1, 0, tzinfo=UTC), date(2026, 11, 23))
        assert (document.claimed.low.code, document.evidenced.low.code) == ("L5", "L5")
        act = session.scalars(select(Evidence).where(Evidence.kind == EvidenceKind.ISSUED_HERE)).one()
        assert (act.facts, act.at, act.recorded_by_id) == ({"is_without_paper": True}, document.sent_at, cast.people["clerk"])
        rows = session.scalars(select(Delivery).order_by(Delivery.id)).all()
        assert [(one.name, one.sent_at, one.answer_due_on, one.recorded_by_id) for one in rows] == [
            (name, document.sent_at, date(2026, 12, 1), cast.people["clerk"]) for name in ("LĐLĐ huyện Phù Cát", "Văn phòng")
        ]
        assert session.get_one(OutgoingDocument, former).state is OutgoingState.REPLACED


def test_what_the_plan_weighs_is_what_the_records_weigh(database: Database, cast: Cast, signed: int) -> None:
    press(database, cast, signed, Sending(Channel.SYSTEM, [Addressee(cast.units["CD-PHUCAT"])]))
    with database.writing() as session:
        document = session.get_one(OutgoingDocument, signed)
        before = document.claimed, document.evidenced
        weigh(session, document)
        assert (document.claimed, document.evidenced) == before


def test_by_mail_each_address_has_its_mail_and_nothing_counts_as_sent(database: Database, cast: Cast, signed: int) -> None:
    with database.writing() as session:
        People(session).get(cast.people["unit_clerk"]).login = "so@phucat.example.vn"
    press(database, cast, signed, Sending(Channel.EMAIL, [Addressee(cast.units["CD-PHUCAT"]), OUTSIDER]))
    with database.reading() as session:
        mails = session.scalars(select(Mail).order_by(Mail.id)).all()
        assert [mail.recipient for mail in mails] == ["so@phucat.example.vn", "vp@tinhuy.example.vn"]
        assert [f"inbox/{mail.delivery_id}" in mail.text for mail in mails] == [True, False]  # who is outside has none here
        assert [one.sent_at for one in session.scalars(select(Delivery))] == [None, None]
        assert session.get_one(OutgoingDocument, signed).evidenced.low.code == "L3"


def test_one_recipient_without_an_address_leaves_all_as_it_was(database: Database, cast: Cast, signed: int) -> None:
    before = told(database)
    with pytest.raises(AddressMissing):
        press(database, cast, signed, Sending(Channel.EMAIL, [OUTSIDER, Addressee(cast.units["CD-PHUCAT"])]))
    assert told(database) == before


def test_a_second_press_is_refused_and_changes_nothing(database: Database, cast: Cast, signed: int) -> None:
    press(database, cast, signed, Sending(Channel.SYSTEM, [Addressee(cast.units["CD-PHUCAT"])]))
    before = told(database)
    with pytest.raises(StepNotAllowed):
        press(database, cast, signed, Sending(Channel.SYSTEM, [Addressee(cast.units["VP"])]))
    assert told(database) == before


def test_a_program_killed_before_the_commit_leaves_all_as_it_was(database: Database, cast: Cast, signed: int) -> None:
    before = told(database)
    script = f"""
import os, signal
from storage import tables
from domain.directives.deliveries import Addressee, Sending
from domain.directives.issuance import Channel
from storage.directives.issuing import issue
from storage.directives.outgoing import OutgoingDocument
from storage.ground.database import Database
from storage.people.people import People
with Database({database.url!r}).writing() as session:
    document, clerk = session.get_one(OutgoingDocument, {signed}), People(session).get({cast.people["clerk"]})
    to = [Addressee(name="Văn phòng Tỉnh ủy", address="vp@tinhuy.example.vn")]
    issue(session, document, Sending(Channel.EMAIL, to), is_paper_too=False, by=clerk, public_url="")
    session.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", script], cwd=Path.cwd(), check=False)
    assert killed.returncode == -signal.SIGKILL
    assert told(database) == before
    press(database, cast, signed, Sending(Channel.EMAIL, [OUTSIDER]))
    assert told(database)[3] == ["vp@tinhuy.example.vn"]
