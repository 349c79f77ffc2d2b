"""Evidence as records: it is weighed when it comes and when it goes."""

from datetime import date

import pytest

from domain.directives.directives import OutgoingState
from domain.directives.evidence import EvidenceKind
from domain.directives.issuance import Channel, Form
from domain.ground.errors import NotFound, StepNotAllowed
from storage.directives.evidence import EvidencePieces, record, withdraw
from storage.directives.outgoing import OutgoingDocument
from storage.ground.database import Database
from storage.people.people import People
from tests.cast import Cast, gather

SIGNED = {"by_person": True, "by_organisation": True, "is_altered": False, "signatures": []}
KEY = "a" * 64


@pytest.fixture
def cast(database: Database) -> Cast:
    return gather(database)


@pytest.fixture
def issued(database: Database, cast: Cast) -> int:
    with database.writing() as session:
        document = OutgoingDocument(
            unit_id=cast.units["LDLD"], state=OutgoingState.ISSUED, kind="Kế hoạch", series="2025|Kế hoạch", number=1,
            dated=date(2025, 1, 2), abstract="A", form=Form.ELECTRONIC, channel=Channel.SYSTEM,
        )  # fmt: skip
        session.add(document)
        session.flush()
        return document.id


def test_each_piece_raises_the_level_by_what_it_proves(database: Database, issued: int) -> None:
    for kind, facts, level in (
        (EvidenceKind.MAILED, {}, "L1"),
        (EvidenceKind.PDF, SIGNED, "L3"),
        (EvidenceKind.ISSUED_HERE, {"is_without_paper": True}, "L5"),
    ):
        with database.writing() as session:
            document = session.get_one(OutgoingDocument, issued)
            record(session, document, kind, facts=facts)
            assert document.evidenced.low.code == level


def test_who_recorded_it_is_kept_and_the_system_is_nobody(database: Database, issued: int, cast: Cast) -> None:
    with database.writing() as session:
        document, clerk = session.get_one(OutgoingDocument, issued), People(session).get(cast.people["clerk"])
        record(session, document, EvidenceKind.PDF, facts=SIGNED, sha256=KEY, name="a.pdf", by=clerk)
        record(session, document, EvidenceKind.RECEIVED)
        session.flush()
        pieces = EvidencePieces(session).of(document)
        assert [piece.recorded_by_id for piece in pieces] == [cast.people["clerk"], None]


def test_the_same_file_is_one_piece_with_what_was_found_last(database: Database, issued: int) -> None:
    with database.writing() as session:
        document = session.get_one(OutgoingDocument, issued)
        record(session, document, EvidenceKind.PDF, facts=SIGNED | {"by_person": False}, sha256=KEY)
        assert document.evidenced.low.code == "L2"
        record(session, document, EvidenceKind.PDF, facts=SIGNED, sha256=KEY)
        assert document.evidenced.low.code == "L3"
        assert len(EvidencePieces(session).of(document)) == 1


def test_a_withdrawn_piece_stays_and_proves_nothing(database: Database, issued: int) -> None:
    with database.writing() as session:
        document = session.get_one(OutgoingDocument, issued)
        piece = record(session, document, EvidenceKind.PDF, facts=SIGNED, sha256=KEY)
        withdraw(session, piece, "nộp nhầm")
        assert document.evidenced.low.code == "L0"
        with pytest.raises(StepNotAllowed):
            withdraw(session, piece, "lần nữa")
        record(session, document, EvidenceKind.PDF, facts=SIGNED, sha256=KEY)
        session.flush()
        assert [one.withdrawn_because for one in EvidencePieces(session).of(document)] == ["nộp nhầm", ""]


def test_a_piece_is_found_with_its_own_document_only(database: Database, issued: int, cast: Cast) -> None:
    with database.writing() as session:
        document = session.get_one(OutgoingDocument, issued)
        piece = record(session, document, EvidenceKind.MAILED)
        other = OutgoingDocument(unit_id=cast.units["LDLD"], kind="Kế hoạch", abstract="B")
        session.add(other)
        session.flush()
        with pytest.raises(NotFound):
            EvidencePieces(session).get(piece.id, other)
