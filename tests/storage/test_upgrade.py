"""A database that a released version has filled comes to the newest tables, and nothing that was recorded says anything else."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, Row, Table, create_engine, select, text
from sqlalchemy.orm import Session

from domain.meetings.recount import minutes_disagree, recount
from storage.archive.documents import Document, Page
from storage.directives.closings import Closings, ShareClosing
from storage.directives.numbering import Numbering
from storage.directives.outgoing import OutgoingDocument
from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.indicators.plans import target_for
from storage.indicators.reports import IndicatorClosing, digest
from storage.meetings.meetings import Meeting
from storage.meetings.minutes import MeetingMinutes, Minutes
from storage.meetings.packs import pack_of
from storage.people.people import People
from storage.people.units import Unit
from storage.tables import Revision, _config, is_current, migrate, revision_of
from tests.releases import restore_postgresql, restore_sqlite, versions
from webapp.people.accounts.passwords import matches

ROOT = Path(__file__).resolve().parents[2]
Rows = dict[tuple[Any, ...], dict[str, Any]]  # by primary key: what each column says

# What a migration changes on purpose: "table" or "table.column", as a release knew it, with the reason.
CHANGED: dict[str, str] = {
    "documents.standing": "what was read before pages were held to their ink is no longer called fully read, but unmeasured"
}


@dataclass(frozen=True)
class Held:
    """What a version was released with, counted then."""

    audit_entries: int
    documents: int
    pages: int
    words: int
    numbers: int  # given to documents of the registers
    latest: tuple[str, int]  # run and number of the province's latest document
    ballots: int  # of votes with a published result
    passwords: dict[str, str]


HELD = {
    "1.0.0": Held(
        audit_entries=58,
        documents=30,
        pages=43,
        words=7844,
        numbers=1051,
        latest=("2026|Công văn", 46),
        ballots=10,
        passwords={
            "quantri": "quan-tri-2026",
            "luutru": "luu-tru-2026",
            "vanthu": "van-thu-2026",
            "canbo": "can-bo-2026",
            "uyvien": "uy-vien-2026",
            "quynhon": "quy-nhon-2026",
            "chutich": "chu-tich-2026",
        },
    )
}


@dataclass(frozen=True)
class Upgraded:
    """A database of a released version, brought to the newest tables, and what it held before."""

    database: Database
    before: dict[str, Rows] = field(repr=False)
    held: Held


def rows_of(url: str) -> dict[str, Rows]:
    """All that a database holds, asked of the database and not of our models."""
    engine, found = create_engine(url), MetaData()
    found.reflect(engine)
    with engine.connect() as connection:
        tables = {name: _by_key(table, connection.execute(select(table))) for name, table in found.tables.items()}
    engine.dispose()
    return tables


def _by_key(table: Table, rows: Iterable[Row[Any]]) -> Rows:
    key = [column.name for column in table.primary_key]
    return {tuple(row._mapping[name] for name in key): dict(row._mapping) for row in rows}


def lost_of(before: dict[str, Rows], after: dict[str, Rows]) -> set[str]:
    """The columns, as "table.column", in which a row says something else than before, or nothing; more rows and columns may be there."""
    return {
        f"{table}.{column}"
        for table, rows in before.items()
        for key, row in rows.items()
        for column, said in row.items()
        if table != "alembic_version" and after.get(table, {}).get(key, {}).get(column, "not there") != said
    }


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module", params=versions())
def upgraded(request: pytest.FixtureRequest, kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    if kind == "sqlite":
        url = restore_sqlite(request.param, tmp_path_factory.mktemp("released") / "khonggiay.sqlite3")
    else:
        url = restore_postgresql(request.param, request.getfixturevalue("postgresql"), f"of_{request.param}")
    before = rows_of(url)
    database = Database(url)
    migrate(database)
    yield Upgraded(database, before, HELD[request.param])
    database.close()


@pytest.fixture
def session(upgraded: Upgraded) -> Iterator[Session]:
    with upgraded.database.reading() as session:
        yield session


def test_the_tables_are_those_of_the_models(upgraded: Upgraded) -> None:
    assert is_current(upgraded.database)
    command.check(_config(upgraded.database))


def test_each_row_is_there_and_says_what_it_said(upgraded: Upgraded) -> None:
    lost = lost_of(upgraded.before, rows_of(upgraded.database.url))
    assert {column for column in lost if CHANGED.keys().isdisjoint((column, column.partition(".")[0]))} == set()


def test_the_audit_chain_is_whole_and_goes_on(upgraded: Upgraded, session: Session) -> None:
    trail = AuditTrail(session)
    assert trail.count() == upgraded.held.audit_entries
    assert trail.first_break() is None
    trail.record("upgrade_tried", actor="test")
    assert trail.first_break() is None


def test_everybody_signs_in_with_the_same_password(upgraded: Upgraded, session: Session) -> None:
    people = People(session)
    refused = [
        login for login, password in upgraded.held.passwords.items() if not matches(people.named(login).password_hash, password)
    ]
    assert refused == []


def test_papers_have_their_pages_and_each_word_its_place(upgraded: Upgraded, session: Session) -> None:
    pages = session.scalars(select(Page)).all()
    assert len(session.scalars(select(Document)).all()) == upgraded.held.documents
    assert len(pages) == upgraded.held.pages
    assert sum(len(page.words) for page in pages) == upgraded.held.words
    assert [page.number for page in pages if page.words and page.words[0].text not in page.text] == []


def test_each_number_is_borne_by_its_document_and_the_next_one_follows(upgraded: Upgraded, session: Session) -> None:
    registers = [Numbering(session, unit.id) for unit in session.scalars(select(Unit))]
    books = [register.book(series) for register in registers for series in register.series()]
    assert sum(book.count for book in books) == upgraded.held.numbers
    series, number = upgraded.held.latest
    of_province = (
        select(OutgoingDocument).join(OutgoingDocument.unit).where(Unit.code == "LDLD-GL", OutgoingDocument.number.is_not(None))
    )
    latest = session.scalars(of_province.order_by(OutgoingDocument.dated.desc(), OutgoingDocument.id.desc()).limit(1)).one()
    assert latest.dated
    assert (latest.series, latest.number) == (series, number)
    Numbering(session, latest.unit_id).give(latest, latest.dated)
    assert (latest.series, latest.number) == (series, number + 1)


def test_votes_come_to_the_same_when_they_are_counted_again(upgraded: Upgraded, session: Session) -> None:
    packs = [pack_of(session, meeting) for meeting in session.scalars(select(Meeting))]
    counted = [one for pack in packs for one in recount(pack)]
    assert [one.disagreements for one in counted if one.disagreements] == []
    assert [disagreement for pack in packs for disagreement in minutes_disagree(pack)] == []
    assert sum(one.tally.collected for one in counted if one.tally) == upgraded.held.ballots


def test_locked_minutes_have_the_hash_that_they_were_locked_by(session: Session) -> None:
    locked = [minutes for minutes in session.scalars(select(Minutes)) if minutes.is_locked]
    assert locked
    assert all(MeetingMinutes(session, session.get_one(Meeting, one.meeting_id)).is_intact(one) for one in locked)


def test_closed_shares_are_intact_and_are_what_the_registers_say_now(session: Session) -> None:
    closed = session.scalars(select(ShareClosing)).all()
    assert closed
    assert all(one.is_intact() for one in closed)
    assert all(Closings(session, one.unit, target_for).changes(one).is_empty for one in closed)


def test_closed_indicators_have_the_hash_that_they_were_closed_by(session: Session) -> None:
    closed = session.scalars(select(IndicatorClosing)).all()
    assert closed
    assert all(digest(one.content) == one.sha256 for one in closed)


class Trial:
    """The migration of an invented next version, tried on the oldest database of SQLite."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = Database(restore_sqlite(versions()[0], folder / "khonggiay.sqlite3"))
        self.before = rows_of(self.database.url)

    def run(self, steps: str) -> None:
        config = _config(self.database)
        ours = ScriptDirectory.from_config(config)
        head = f"revision, down_revision = 'invented', {ours.get_current_head()!r}"
        lines = ["from alembic import op", head, "def upgrade():", *(f"    {line}" for line in steps.splitlines())]
        (self.folder / "invented.py").write_text("\n".join(lines), encoding="utf-8")
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", f"{ours.versions}\n{self.folder}")
        command.upgrade(config, "head")

    def lost(self) -> set[str]:
        return lost_of(self.before, rows_of(self.database.url)) - CHANGED.keys()


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    trial = Trial(tmp_path)
    yield trial
    trial.database.close()


def test_what_a_migration_changes_or_removes_is_found_out(trial: Trial) -> None:
    trial.run("""
op.execute("UPDATE outgoing_documents SET number = number + 1 WHERE id = 17")
op.drop_column("fonds", "history")
op.rename_table("speeches", "words_spoken")
""")
    lost = trial.lost()
    assert {column for column in lost if not column.startswith("speeches.")} == {
        "outgoing_documents.number",
        "fonds.history",
    }
    assert "speeches.id" in lost


def test_a_table_that_others_refer_to_can_be_altered_and_loses_nothing(trial: Trial) -> None:
    trial.run("""
with op.batch_alter_table("outgoing_documents", recreate="always") as table:
    table.alter_column("abstract", nullable=True)
""")
    assert trial.lost() == set()
    with trial.database.reading() as session:
        assert session.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_migration_that_leaves_rows_without_what_they_refer_to_is_refused_and_nothing_of_it_is_kept(trial: Trial) -> None:
    with pytest.raises(RuntimeError, match="seats"):
        trial.run("""
op.execute("UPDATE fonds SET history = ''")
op.execute("DELETE FROM people WHERE login = 'vanthu'")
""")
    assert trial.lost() == set()
    with trial.database.reading() as session:
        assert session.scalar(text("PRAGMA foreign_keys")) == 1
        assert session.scalar(text("SELECT version_num FROM alembic_version")) != "invented"


_MIGRATES = """
import os, signal, sys
from alembic import op
real, left = op.create_table, int(sys.argv[2])
def create_table(*given, **named):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*given, **named)
op.create_table = create_table
from storage.ground.database import Database
from storage.tables import migrate
migrate(Database(sys.argv[1]))
"""


@pytest.mark.parametrize("tables", [1, 9])
def test_an_upgrade_that_is_killed_in_the_middle_leaves_the_database_as_it_was_and_is_run_again(
    request: pytest.FixtureRequest, kind: str, tmp_path: Path, tables: int
) -> None:
    version = versions()[0]
    if kind == "sqlite":
        url = restore_sqlite(version, tmp_path / "khonggiay.sqlite3")
    else:
        url = restore_postgresql(version, request.getfixturevalue("postgresql"), f"killed_{tables}")
    before = rows_of(url)
    command = [sys.executable, "-c", _MIGRATES, url, str(tables)]
    killed = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    assert killed.returncode == -signal.SIGKILL
    database = Database(url)
    assert revision_of(database) is Revision.EARLIER
    assert rows_of(url) == before
    migrate(database)
    assert revision_of(database) is Revision.CURRENT
    database.close()
