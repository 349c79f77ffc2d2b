"""Directives of the demo that are really signed, by certificates that only the demo trusts."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from domain.archive.work import Standing
from domain.directives.directives import Direction, OutgoingState
from domain.directives.evidence import EvidenceKind, facts_of_pdf
from domain.directives.issuance import Channel, Form
from khonggiay.demo.signatures import roots_of, sign_directives
from storage.archive.documents import Document
from storage.directives.evidence import Evidence, record
from storage.directives.outgoing import OutgoingDocument
from storage.directives.signatures import signatures_of
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.settings import Settings
from storage.people.people import Person
from tests.cast import Cast, gather


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(environment="test", data_dir=tmp_path)


@pytest.fixture
def cast(database: Database) -> Cast:
    return gather(database)


@pytest.fixture
def sent(database: Database, cast: Cast) -> list[int]:
    """Two plans of October and one of November that the province sent through this system; the clerk is the demo's."""
    with database.writing() as session:
        session.get_one(Person, cast.people["clerk"]).login = "vanthu"
        for number, dated in enumerate((date(2026, 10, 2), date(2026, 10, 30), date(2026, 11, 12)), start=1):
            outgoing = OutgoingDocument(
                unit_id=cast.units["LDLD"], state=OutgoingState.ISSUED, kind="Kế hoạch", series="2026|Kế hoạch", number=number,
                symbol="KH-LĐLĐ", dated=dated, abstract="Tháng Công nhân", signer="Võ Thị Thí Dụ", direction=Direction.DOWN,
                form=Form.ELECTRONIC, is_signed_by_person=True, is_signed_by_organisation=True, channel=Channel.SYSTEM,
            )  # fmt: skip
            session.add(outgoing)
            record(session, outgoing, EvidenceKind.ISSUED_HERE, facts={"is_without_paper": True})
        return list(session.scalars(select(OutgoingDocument.id).order_by(OutgoingDocument.number)))


def levels(database: Database) -> list[str]:
    with database.reading() as session:
        return [one.evidenced.low.code for one in session.scalars(select(OutgoingDocument).order_by(OutgoingDocument.number))]


def test_the_last_directive_of_each_month_is_signed_by_both_and_the_worker_looks_through_it(
    settings: Settings, database: Database, objects: FolderObjects, sent: list[int]
) -> None:
    assert levels(database) == ["L1", "L1", "L1"]
    sign_directives(settings, database, objects)
    assert levels(database) == ["L1", "L5", "L5"]
    with database.reading() as session:
        document = session.get_one(OutgoingDocument, sent[1])
        assert document.file_name == "02-KH-LĐLĐ.pdf"
        assert {one.standing for one in session.scalars(select(Document))} == {Standing.WAITING}
        facts = session.scalars(select(Evidence).where(Evidence.kind == EvidenceKind.PDF).limit(1)).one().facts
    assert [one["signer"] for one in facts["signatures"]] == [
        "Võ Thị Thí Dụ (thử nghiệm)",
        "Liên đoàn Lao động tỉnh (thử nghiệm)",
    ]


def test_nobody_trusts_these_certificates_but_by_the_folder_of_the_demo(
    settings: Settings, database: Database, objects: FolderObjects, sent: list[int]
) -> None:
    sign_directives(settings, database, objects)
    with database.reading() as session:
        key = session.get_one(OutgoingDocument, sent[1]).file_sha256
    assert key is not None
    with objects.open(key) as stream:
        pdf = stream.read()
    assert facts_of_pdf(signatures_of(pdf, None))["by_organisation"] is False
    assert facts_of_pdf(signatures_of(pdf, roots_of(settings)))["by_organisation"] is True


def test_a_second_loading_signs_nothing_anew(
    settings: Settings, database: Database, objects: FolderObjects, sent: list[int]
) -> None:
    sign_directives(settings, database, objects)
    before = sorted(objects.keys())
    sign_directives(settings, database, objects)
    assert sorted(objects.keys()) == before
    assert len(list(roots_of(settings).iterdir())) == 1
