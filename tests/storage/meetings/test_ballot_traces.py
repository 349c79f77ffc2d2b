"""Whoever copies the files of the database after the close or the cancelling of a secret vote learns of nobody what they chose."""

import sqlite3
import struct
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from domain.ground.errors import StepNotAllowed
from domain.meetings.meetings import MeetingState
from domain.meetings.voting import VoteKind
from storage.ground import traces
from storage.ground.database import Database
from storage.ground.traces import TraceDue
from storage.meetings.attendance import Attendance, Presence
from storage.meetings.ballots import RollEntry, SecretBallot
from storage.meetings.meetings import Meeting
from storage.meetings.votes import Votes, secret_vote_is_open
from tests.cast import Cast, gather
from tests.meetings import gather_meeting
from tests.stored import rows

CHOICES = {"chair": "for", "deputy": "against", "member": "abstain", "delegate": "against"}
NAME = "khonggiay.sqlite3"


@pytest.fixture
def cast(database: Database) -> Cast:
    return gather(database)


@pytest.fixture
def vote_id(database: Database, cast: Cast) -> int:
    """A secret vote that is open, with the ballots of four people, cast one after the other."""
    gathering = gather_meeting(database, cast, state=MeetingState.OPEN)
    with database.writing() as session:
        meeting = session.get_one(Meeting, gathering.meeting)
        attendance = Attendance(session, meeting)
        people = {one.id: one for one in meeting.participants}
        for login in CHOICES:
            attendance.come(people[gathering.participants[login]], Presence.IN_ROOM, set_by="self", set_by_id=None)
        vote = Votes(session).prepare(meeting, None, kind=VoteKind.SECRET, question="Tín nhiệm")
        Votes(session).open(vote)
        number = vote.id
    for login, choice in CHOICES.items():
        with database.writing() as session:
            Votes(session).cast(number, person_id=cast.people[login], chosen=[choice], ballot_id=login)
    return number


def does(database: Database, vote_id: int, step: str, *args: str) -> None:
    with database.writing() as session:
        votes = Votes(session)
        getattr(votes, step)(votes.get(vote_id), *args)


@contextmanager
def somebody_reads(database: Database) -> Iterator[None]:
    with database.reading() as session:
        session.execute(select(RollEntry)).all()
        yield


def is_due(database: Database, vote_id: int) -> bool:
    with database.reading() as session:
        return traces.are_due(session, ("vote", vote_id))


def states(folder: Path, copied: Path) -> Iterator[sqlite3.Connection]:
    """Every state of the database that a copy of its three files tells: one for each commit of the -wal file, in order."""
    image, wal = bytearray((folder / NAME).read_bytes()), b""
    if (folder / f"{NAME}-wal").exists():
        wal = (folder / f"{NAME}-wal").read_bytes()
    size = struct.unpack(">I", wal[8:12])[0] if wal else 0
    pages: dict[int, bytes] = {}
    for at in range(32, len(wal) - size - 23, size + 24) if wal else ():
        page, pages_after_commit = struct.unpack(">II", wal[at : at + 8])
        pages[page] = wal[at + 24 : at + 24 + size]
        if pages_after_commit:
            image.extend(b"\0" * max(0, pages_after_commit * size - len(image)))
            for number, content in pages.items():
                image[(number - 1) * size : number * size] = content
            pages.clear()
            copied.write_bytes(bytes(image[:18]) + b"\x01\x01" + bytes(image[20:]))
            with closing(sqlite3.connect(copied)) as connection:
                yield connection


def linked(folder: Path, vote_id: int) -> dict[int, str]:
    """Who chose what, as told by the order of commits: where one voter was marked and one ballot came in the same one."""
    told: dict[int, str] = {}
    voted: set[int] = set()
    ballots: set[str] = set()
    for state in states(folder, folder / "copied"):
        marked = state.execute(
            "SELECT person_id FROM roll_entries JOIN participants ON id = participant_id"
            " WHERE roll_entries.vote_id = ? AND voted",
            [vote_id],
        )
        now_voted = {row[0] for row in marked}
        kept = dict(state.execute("SELECT id, choice FROM secret_ballots WHERE vote_id = ?", [vote_id]).fetchall())
        if len(now_voted - voted) == 1 and len(kept.keys() - ballots) == 1:
            told[(now_voted - voted).pop()] = kept[(kept.keys() - ballots).pop()]
        voted, ballots = now_voted, set(kept)
    return told


@pytest.fixture
def on_sqlite(database: Database) -> None:
    if database.engine.dialect.name != "sqlite":
        pytest.skip("of SQLite's files")


@pytest.mark.usefixtures("on_sqlite")
def test_the_files_tell_of_everybody_while_the_vote_is_open(
    database: Database, cast: Cast, vote_id: int, tmp_path: Path
) -> None:
    expected = {cast.people[login]: f'["{choice}"]' for login, choice in CHOICES.items()}
    assert linked(tmp_path, vote_id) == expected
    with database.reading() as session:
        assert secret_vote_is_open(session)


@pytest.mark.usefixtures("on_sqlite")
@pytest.mark.parametrize("steps", [["close"], ["close", "publish"], ["cancel"]])
def test_after_the_close_or_the_cancelling_they_tell_of_nobody(
    database: Database, vote_id: int, tmp_path: Path, steps: list[str]
) -> None:
    cast_under = [ballot.id.hex.encode() for ballot in rows(database, SecretBallot)]
    for step in steps:
        does(database, vote_id, step, *(["Sai nội dung"] if step == "cancel" else []))
    assert linked(tmp_path, vote_id) == {}
    for file in tmp_path.glob(f"{NAME}*"):  # nor do freed pages hold a ballot under the key it was cast under
        assert not [key for key in cast_under if key in file.read_bytes()], file.name
    assert not is_due(database, vote_id)
    with database.reading() as session:
        assert not secret_vote_is_open(session)


def test_while_somebody_reads_an_older_state_the_books_say_that_traces_stay_and_the_worker_erases_them_later(
    database: Database, vote_id: int
) -> None:
    with somebody_reads(database):
        does(database, vote_id, "close")
        assert is_due(database, vote_id)
        assert not traces.erase(database, tries=1)
        does(database, vote_id, "publish")
    assert is_due(database, vote_id)
    assert traces.erase(database, tries=1)
    assert not is_due(database, vote_id)


@pytest.mark.usefixtures("on_sqlite")
def test_what_a_killed_program_left_is_due_and_the_next_one_erases_it(database: Database, vote_id: int, tmp_path: Path) -> None:
    with database.writing() as session:
        Votes(session).close(Votes(session).get(vote_id))
        session.info.clear()  # killed between the commit and what follows it
    assert is_due(database, vote_id)
    assert len(linked(tmp_path, vote_id)) == 4
    assert traces.erase(database)
    assert (linked(tmp_path, vote_id), is_due(database, vote_id)) == ({}, False)


def close_twice(session: Session, vote_id: int) -> None:
    for _time in range(2):
        Votes(session).close(Votes(session).get(vote_id))


@pytest.mark.usefixtures("on_sqlite")
def test_a_close_that_fails_erases_nothing_and_leaves_nothing_due(database: Database, vote_id: int) -> None:
    with pytest.raises(StepNotAllowed), database.writing() as session:
        close_twice(session, vote_id)
    assert rows(database, TraceDue) == []


def test_traces_of_one_vote_are_erased_while_ballots_of_another_come_in(
    database: Database, vote_id: int, busy: Callable[[], None]
) -> None:
    others = [Thread(target=busy) for _ in range(3)]
    for other in others:
        other.start()
    does(database, vote_id, "close")
    for other in others:
        other.join()
    assert traces.erase(database)
    assert not is_due(database, vote_id)


@pytest.fixture
def busy(database: Database) -> Callable[[], None]:
    def write() -> None:
        for number in range(20):
            with database.writing() as session:
                traces.erase_after(session, ("document", number), ["documents"])
                session.info.clear()

    return write


def test_on_postgresql_no_dead_row_of_a_ballot_stays_in_the_tables(database: Database, vote_id: int) -> None:
    if database.engine.dialect.name != "postgresql":
        pytest.skip("dead rows are PostgreSQL's")
    cast_under = [ballot.id.bytes for ballot in rows(database, SecretBallot)]

    def content() -> bytes:
        with database.writing() as session:
            session.execute(text("CHECKPOINT"))
            return bytes(session.scalar(text("SELECT pg_read_binary_file(pg_relation_filepath('secret_ballots'))")))

    assert all(key in content() for key in cast_under)
    does(database, vote_id, "close")
    assert not [key for key in cast_under if key in content()]
    assert not is_due(database, vote_id)
