"""Envelopes in the register: each does what it says, once, or nothing at all."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from domain.directives.directives import COUNTED, OutgoingState
from domain.directives.edxml import EnvelopeRefused
from domain.ground.errors import StepNotAllowed
from storage.directives.edxml import read_envelope
from storage.directives.envelopes import Envelopes, KeptFile, facts_of
from storage.directives.evidence import Evidence
from storage.directives.outgoing import OutgoingDocument
from storage.ground.database import Database
from storage.people.people import People
from storage.people.units import Units
from tests.cast import Cast, gather
from tests.envelopes import envelope

SIGNED = {"by_person": True, "by_organisation": True, "is_altered": False, "signatures": []}
_KEYS = iter(f"{number:064x}" for number in range(1, 10_000))


@pytest.fixture
def cast(database: Database) -> Cast:
    return gather(database)


def take_in(database: Database, cast: Cast, *, pdf: bool = False, key: str = "", **said: Any) -> int:
    read = read_envelope(envelope(**said))
    source = KeptFile("bao.xml", key or next(_KEYS), facts_of(read))
    pdfs = [KeptFile("a.pdf", next(_KEYS), SIGNED)] if pdf else []
    with database.writing() as session:
        clerk = People(session).get(cast.people["clerk"])
        return Envelopes(session, Units(session).get(cast.units["LDLD"]), clerk).take_in(read, source, pdfs).outgoing.id


def document(database: Database, outgoing_id: int) -> OutgoingDocument:
    with database.reading() as session:
        found = session.get_one(OutgoingDocument, outgoing_id)
        session.expunge_all()
        return found


def counted(database: Database) -> int:
    with database.reading() as session:
        counting = select(func.count()).select_from(OutgoingDocument).where(OutgoingDocument.state.in_(COUNTED))
        return session.scalars(counting).one()


def test_a_new_document_is_entered_with_what_its_envelope_proves(database: Database, cast: Cast) -> None:
    entered = document(database, take_in(database, cast, pdf=True))
    assert (entered.written_number, entered.dated, entered.kind) == ("12/KH-LĐLĐ", date(2025, 2, 5), "Kế hoạch")
    assert (entered.state, entered.channel, entered.form) == (OutgoingState.ISSUED, "axis", "electronic")
    assert entered.evidenced.low.code == "L5"


@pytest.mark.parametrize(("paper", "level"), [("0", "L5"), ("1", "L4"), ("", "L4")])
def test_whether_paper_went_too_decides_between_the_two_highest_levels(
    database: Database, cast: Cast, paper: str, level: str
) -> None:
    assert document(database, take_in(database, cast, pdf=True, paper=paper)).evidenced.low.code == level


def test_an_envelope_without_a_signed_file_proves_no_more_than_a_copy(database: Database, cast: Cast) -> None:
    assert document(database, take_in(database, cast)).evidenced.low.code == "L1"


def test_a_document_that_stands_in_the_register_gets_the_evidence(database: Database, cast: Cast) -> None:
    first = take_in(database, cast, key="a" * 64)
    again = take_in(database, cast, notation="KH - LDLD", sent_at="2025/02/06 08:00:00")
    assert first == again
    assert counted(database) == 1


def test_the_same_file_is_taken_in_once(database: Database, cast: Cast) -> None:
    take_in(database, cast, key="a" * 64)
    with pytest.raises(EnvelopeRefused) as refused:
        take_in(database, cast, key="a" * 64)
    assert refused.value.problem == "taken_in"


def test_a_revoked_document_is_revoked_and_still_counts_and_proves_nothing_new(database: Database, cast: Cast) -> None:
    first = take_in(database, cast, paper=1)
    revoked = take_in(database, cast, number="13", business=1, targets=("000.00.01.H08,2025/02/05,12/KH-LĐLĐ",), pdf=True)
    assert revoked == first
    assert (document(database, first).state, document(database, first).evidenced.low.code) == (OutgoingState.REVOKED, "L1")
    assert counted(database) == 1
    with pytest.raises(StepNotAllowed):
        take_in(database, cast, number="13", business=1, targets=("000.00.01.H08,2025/02/05,12/KH-LĐLĐ",))


def test_an_update_changes_the_entry_and_adds_none(database: Database, cast: Cast) -> None:
    first = take_in(database, cast)
    assert take_in(database, cast, business=2, subject="Kế hoạch chuyển đổi số (sửa)") == first
    assert document(database, first).abstract == "Kế hoạch chuyển đổi số (sửa)"
    assert counted(database) == 1


def test_a_replaced_document_counts_by_the_other(database: Database, cast: Cast) -> None:
    first = take_in(database, cast)
    other = take_in(database, cast, number="14", business=3, targets=("000.00.01.H08,2025/02/05,12/KH-LĐLĐ",))
    assert document(database, first).state is OutgoingState.REPLACED
    assert (document(database, first).replaced_by_id, counted(database)) == (other, 1)


def test_what_revokes_or_updates_nothing_that_is_known_is_refused_whole(database: Database, cast: Cast) -> None:
    for business in (1, 2):
        with pytest.raises(EnvelopeRefused) as refused:
            take_in(database, cast, business=business, targets=("a,2025/02/05,99/KH-LĐLĐ",))
        assert refused.value.problem == "target_missing"
    with database.reading() as session:
        assert not session.scalars(select(Evidence)).all()
        assert not session.scalars(select(OutgoingDocument)).all()


def test_another_units_document_of_the_same_number_is_left_alone(database: Database, cast: Cast) -> None:
    first = take_in(database, cast)
    read = read_envelope(envelope())
    with database.writing() as session:
        clerk = People(session).get(cast.people["unit_clerk"])
        unit = Units(session).get(cast.units["CD-PHUCAT"])
        taken = Envelopes(session, unit, clerk).take_in(read, KeptFile("b.xml", next(_KEYS), facts_of(read)), [])
        assert taken.is_new
        assert taken.outgoing.id != first
