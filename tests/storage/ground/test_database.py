"""The database keeps its word on both engines: times, names of enumerations, whole transactions, and races that nobody loses."""

import io
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from domain.archive.intake import ATTESTATION, Outcome
from domain.archive.work import State
from domain.people.units import UnitKind
from storage.archive.documents import Document, DocumentFile
from storage.archive.intake import Batch, Receipt, open_batch
from storage.archive.reception import Arrival, receive
from storage.archive.work import Ledger, Work
from storage.ground.audit import AuditEntry, AuditTrail
from storage.ground.database import Database, has_older_writers
from storage.ground.filesystem import FolderObjects
from storage.people.people import Person
from storage.people.units import Unit

PDF = b"%PDF-1.7 one"
JPEG = b"\xff\xd8\xff\xe0"
HANOI = timezone(timedelta(hours=7))

T = TypeVar("T")


def at_once(*acts: Callable[[], T]) -> list[T]:
    """What the acts return, each in a thread of its own and all started at the same moment; raises what one of them raised."""
    results: list[Any] = [None] * len(acts)
    gate = threading.Barrier(len(acts))

    def run(number: int, act: Callable[[], T]) -> None:
        gate.wait(10)
        try:
            results[number] = act()
        except BaseException as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


def a_unit(code: str = "LDLD") -> Unit:
    return Unit(code=code, name="Liên đoàn Lao động tỉnh", kind=UnitKind.PROVINCE, valid_from=datetime(1989, 7, 1).date())


def a_batch(database: Database) -> int:
    with database.writing() as session:
        return open_batch(session, source="web", person=None, attested_by="Trần Thị Lan").id


@pytest.fixture
def is_sqlite(database: Database) -> bool:
    return database.engine.dialect.name == "sqlite"


@pytest.fixture
def sqlite(database: Database, is_sqlite: bool) -> Database:
    if not is_sqlite:
        pytest.skip("a property of SQLite only")
    return database


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("foreign_keys", 1), ("synchronous", 2), ("busy_timeout", 30_000)]
)
def test_sqlite_is_prepared_for_several_programs_and_for_power_cuts(sqlite: Database, pragma: str, value: int | str) -> None:
    database = Database(sqlite.url)  # as programs open it; that of the tests does not wait for the disk
    with database.reading() as session:
        assert session.scalar(text(f"PRAGMA {pragma}")) == value
    database.close()


def test_sqlite_makes_the_folder_of_its_file(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/a/b/khonggiay.sqlite3")
    with database.reading() as session:
        assert session.scalar(text("SELECT 1")) == 1
    database.close()


def test_a_committed_block_stays_and_a_failed_one_leaves_nothing(database: Database) -> None:
    with database.writing() as session:
        session.add(a_unit("LDLD"))

    def fail_half_way() -> None:
        with database.writing() as session:
            session.add(a_unit("VP"))
            session.flush()
            session.add(a_unit("LDLD"))

    with pytest.raises(IntegrityError):
        fail_half_way()
    with database.reading() as session:
        assert list(session.scalars(select(Unit.code))) == ["LDLD"]


def test_what_a_reading_session_changes_is_thrown_away(database: Database) -> None:
    with database.reading() as session:
        session.add(a_unit())
        session.flush()
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Unit)) == 0


def test_a_reference_to_nothing_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError), database.writing() as session:
        session.add(Document(name="a.pdf", batch_id=404))


def test_times_of_any_zone_come_back_as_the_same_moment_in_utc(database: Database) -> None:
    with database.writing() as session:
        session.add(Person(login="lan", name="Lan", password_hash="!", created_at=datetime(2026, 11, 23, 8, 0, tzinfo=HANOI)))
    with database.reading() as session:
        created = session.scalars(select(Person.created_at)).one()
        assert created == datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
        assert created.utcoffset() == timedelta(0)
        assert session.scalar(select(Person.login).where(Person.created_at < datetime(2026, 11, 23, 8, 1, tzinfo=HANOI)))


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="without a zone"), database.writing() as session:
        session.add(Person(login="lan", name="Lan", password_hash="!", created_at=datetime(2026, 11, 23, 8, 0)))


def test_an_enumeration_is_kept_as_its_plain_value(database: Database) -> None:
    with database.writing() as session:
        session.add(a_unit())
    with database.reading() as session:
        assert session.scalar(text("SELECT kind FROM units")) == "province"
        assert session.scalars(select(Unit.kind)).one() is UnitKind.PROVINCE


def test_vietnamese_comes_back_letter_by_letter(database: Database) -> None:
    name = "Công đoàn cơ sở xã Nhơn Hoà – “Ủy ban” 🇻🇳"
    with database.writing() as session:
        session.add(Unit(code="X", name=name, kind=UnitKind.GRASSROOTS, valid_from=datetime(2025, 7, 1).date()))
    with database.reading() as session:
        assert session.scalars(select(Unit.name)).one() == name


def test_many_documents_stand_alone_but_a_group_of_a_batch_is_one_document(database: Database) -> None:
    batch_id = a_batch(database)
    with database.writing() as session:
        session.add_all(Document(name=name, batch_id=batch_id) for name in ("a.pdf", "b.pdf"))
        session.add(Document(name="to", group_name="to", batch_id=batch_id))
    with pytest.raises(IntegrityError), database.writing() as session:
        session.add(Document(name="to", group_name="to", batch_id=batch_id))


def test_a_reader_sees_one_moment_and_is_not_kept_waiting_by_a_writer(database: Database) -> None:
    with database.writing() as session:
        session.add(a_unit("LDLD"))
    with database.reading() as reader:
        assert len(reader.scalars(select(Unit)).all()) == 1
        with database.writing() as writer:
            writer.add(a_unit("VP"))
            writer.flush()
            assert len(reader.scalars(select(Unit)).all()) == 1
        assert len(reader.scalars(select(Unit)).all()) == 1
    with database.reading() as reader:
        assert len(reader.scalars(select(Unit)).all()) == 2


def test_two_writers_of_sqlite_take_turns_and_lose_no_update(sqlite: Database) -> None:
    with sqlite.writing() as session:
        session.add(a_unit("0"))

    def count_on() -> None:
        for _ in range(20):
            with sqlite.writing() as session:
                unit = session.scalars(select(Unit)).one()
                unit.code = str(int(unit.code) + 1)

    at_once(count_on, count_on)
    with sqlite.reading() as session:
        assert session.scalars(select(Unit.code)).one() == "40"


def test_in_a_crowd_of_writers_each_gets_in(database: Database) -> None:
    def write(number: int) -> None:
        with database.reading() as session:
            session.scalars(select(Unit)).all()
        with database.writing() as session:
            session.add(a_unit(str(number)))

    at_once(*(lambda number=number: write(number) for number in range(100)))
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Unit)) == 100


def test_a_writer_of_sqlite_that_waits_too_long_hears_that_the_database_is_busy(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.ground.database.BUSY_TIMEOUT_S", 0.01)
    with sqlite.writing(), pytest.raises(OperationalError, match="locked"), sqlite.writing():
        pass
    with sqlite.writing() as session:
        session.add(a_unit())


def test_threads_that_hold_a_session_and_ask_for_another_do_not_wait_for_each_other(sqlite: Database) -> None:
    held = threading.Barrier(40)

    def read_then_write(number: int) -> None:
        with sqlite.reading() as reader:
            reader.scalar(text("SELECT 1"))
            held.wait(10)
            with sqlite.writing() as writer:
                writer.add(a_unit(str(number)))

    at_once(*(lambda number=number: read_then_write(number) for number in range(40)))


def test_entries_of_the_audit_trail_that_are_written_at_once_follow_one_another(database: Database) -> None:
    def write() -> None:
        for number in range(10):
            with database.writing() as session:
                AuditTrail(session).record(
                    "unit_created", actor="Lan", subject=("unit", number), facts={"tên": "Phù Cát", "số": 1}
                )

    at_once(write, write, write)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == 30
        assert AuditTrail(session).first_break() is None


def test_of_two_who_claim_the_same_work_at_once_one_gets_it(database: Database) -> None:
    batch_id = a_batch(database)
    with database.writing() as session:
        document = Document(name="a.pdf", batch_id=batch_id)
        session.add(document)
        session.flush()
        Ledger(session).enrol(document, range(1, 21))
        work_ids = list(session.scalars(select(Work.id)))

    def claim_all(owner: str) -> list[int]:
        got = []
        for work_id in work_ids:
            with database.writing() as session:
                claim = Ledger(session).claim(work_id, owner)
                got += [claim.work_id] if claim else []
        return got

    one, two = at_once(lambda: claim_all("one"), lambda: claim_all("two"))
    assert sorted(one + two) == sorted(work_ids)
    with database.reading() as session:
        assert set(session.scalars(select(Work.state))) == {State.RUNNING}


def test_pages_of_one_document_that_are_finished_at_once_leave_it_read(database: Database) -> None:
    batch_id = a_batch(database)
    with database.writing() as session:
        document = Document(name="a.pdf", batch_id=batch_id)
        session.add(document)
        session.flush()
        ledger = Ledger(session)
        ledger.enrol(document, range(5))
        claims = [ledger.claim(work.id, "one") for work in ledger.of(document.id)]
        document_id = document.id

    def finish(claim: object) -> None:
        with database.writing() as session:
            Ledger(session).finish(claim)  # type: ignore[arg-type]

    at_once(*(lambda claim=claim: finish(claim) for claim in claims))
    with database.reading() as session:
        assert session.get_one(Document, document_id).standing == "read"


@pytest.mark.parametrize("batches", [1, 2])
def test_the_same_paper_that_comes_twice_at_once_is_kept_once(database: Database, objects: FolderObjects, batches: int) -> None:
    ids = [a_batch(database) for _ in range(batches)]

    def bring(name: str, batch_id: int) -> int:
        return receive(database, objects, batch_id, Arrival(name, io.BytesIO(PDF)), limit=1000)

    at_once(*(lambda name=name: bring(name, ids[int(name) % batches]) for name in ("0", "1", "2", "3")))
    with database.reading() as session:
        outcomes = sorted(session.scalars(select(Receipt.outcome)))
        assert outcomes == [Outcome.DUPLICATE, Outcome.DUPLICATE, Outcome.DUPLICATE, Outcome.KEPT]
        assert session.scalar(select(func.count()).select_from(Document)) == 1
        assert session.scalar(select(func.count()).select_from(Work)) == 1
        assert AuditTrail(session).first_break() is None


def test_image_files_of_one_document_that_come_at_once_are_one_document(database: Database, objects: FolderObjects) -> None:
    batch_id = a_batch(database)

    def bring(part: int) -> int:
        arrival = Arrival(f"to_p{part}.jpg", io.BytesIO(JPEG + bytes([part])), "to", part, 3)
        return receive(database, objects, batch_id, arrival, limit=1000)

    at_once(*(lambda part=part: bring(part) for part in (1, 2, 3)))
    with database.reading() as session:
        document = session.scalars(select(Document)).one()
        assert (document.standing, document.parts) == ("waiting", 3)
        assert list(session.scalars(select(DocumentFile.part).order_by(DocumentFile.part))) == [1, 2, 3]
        assert sorted(session.scalars(select(Receipt.sequence))) == [1, 2, 3]


def test_a_batch_remembers_the_wording_that_was_attested(database: Database) -> None:
    a_batch(database)
    with database.reading() as session:
        assert session.scalars(select(Batch.attestation)).one() == ATTESTATION


def test_a_writer_learns_whether_an_older_transaction_still_goes_on(database: Database) -> None:
    is_postgresql = database.engine.dialect.name == "postgresql"
    with database.reading() as other:
        other.execute(text("SELECT 1"))
        with database.writing() as session:
            assert has_older_writers(session, 1) is is_postgresql
            assert not has_older_writers(session, 3600)
    with database.writing() as session:
        assert not has_older_writers(session, 1)
