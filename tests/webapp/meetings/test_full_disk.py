"""A disk that is full in the middle of a meeting: nothing is half kept, nothing is called done, and what comes again is taken."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from werkzeug.test import TestResponse

from domain.meetings.agenda import ItemState
from domain.meetings.voting import VoteKind
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.meetings.attendance import Attendance, Presence
from storage.meetings.ballots import NamedBallot, RollEntry, SecretBallot
from storage.meetings.meetings import Meeting, MeetingEvent
from storage.meetings.minutes import MinutesRevision
from storage.meetings.votes import Votes
from tests.cast import Cast
from tests.held import hold_meeting
from tests.meetings import SURE, Gathering
from tests.prepared import copied
from tests.webapp.conftest import ClientOf

SIZE = "24m"
LIVE = {"X-Live": "1"}


class Disk:
    """A small disk of its own, which can be filled to the last byte."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(place)], check=True, capture_output=True)

    def fill(self) -> None:
        """Leave no byte."""
        with (self.place / "everything-else").open("wb", buffering=0) as filler:
            for size in (1 << 16, 1):
                try:
                    while True:
                        filler.write(b"0" * size)
                except OSError:
                    continue

    def make_room(self) -> None:
        """Somebody has tidied up."""
        (self.place / "everything-else").unlink()

    def leave(self) -> None:
        subprocess.run(["umount", str(self.place)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    if os.geteuid():
        pytest.skip("only root may mount a small disk")
    try:
        small = Disk(tmp_path / "disk")
    except subprocess.CalledProcessError as refused:
        pytest.skip(f"no small disk can be mounted here: {refused.stderr!r}")
    yield small
    small.leave()


@pytest.fixture
def database(disk: Disk, migrated: Path) -> Iterator[Database]:
    database = copied(migrated, disk.place)
    yield database
    database.close()


@pytest.fixture
def vote_id(in_session: Gathering, database: Database) -> int:
    """A secret vote on the third item, ready to be opened; three are present."""
    with database.writing() as session:
        here = session.get_one(Meeting, in_session.meeting)
        here.items[2].state = ItemState.ON_FLOOR
        for one in here.participants:
            if one.person.login in ("chair", "deputy", "member"):
                Attendance(session, here).come(one, Presence.IN_ROOM, set_by="self", set_by_id=None)
        return Votes(session).prepare(here, here.items[2], kind=VoteKind.SECRET, question="Bầu Ủy viên").id


def is_refused(answer: TestResponse, done: str) -> bool:
    """Whether it was refused for want of room, and not called done all the same."""
    return answer.status_code == 503 and done not in answer.text


def check_whole(database: Database) -> None:
    """The file is sound, and what belongs together is there together."""
    with database.reading() as session:
        assert session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        assert session.execute(text("PRAGMA foreign_key_check")).all() == []
        for meeting in session.scalars(select(Meeting)):
            events = session.scalar(select(func.count()).where(MeetingEvent.meeting_id == meeting.id))
            assert events == meeting.revision
        voted = session.scalar(select(func.count()).select_from(RollEntry).where(RollEntry.voted))
        kept = [session.scalar(select(func.count()).select_from(kind)) or 0 for kind in (NamedBallot, SecretBallot)]
        assert voted == sum(kept)


def test_a_ballot_for_which_there_is_no_room_is_refused_whole_and_taken_when_it_comes_again(
    disk: Disk, database: Database, in_session: Gathering, vote_id: int, client_of: ClientOf
) -> None:
    clients = {login: client_of(login) for login in ("chair", "deputy", "member")}

    def does(login: str, step: str, **form: str) -> TestResponse:
        return clients[login].post(
            f"/meetings/{in_session.meeting}/votes/{vote_id}/{step}", data={"sure": SURE, **form}, headers=LIVE
        )

    def stands(login: str) -> dict[str, object]:
        return dict(clients[login].get(f"/meetings/{in_session.meeting}/votes/{vote_id}/mine").get_json())

    assert does("chair", "open").status_code == 204
    assert does("member", "ballot", choice="for", ballot_id="a" * 32).status_code == 200
    disk.fill()
    assert is_refused(does("deputy", "ballot", choice="against", ballot_id="b" * 32), "b" * 32)
    assert is_refused(does("chair", "close"), "Đã khóa")
    deputy = stands("deputy")
    assert (deputy["voted"], deputy["state"]) == (False, "open")
    assert stands("member")["voted"] is True
    assert clients["member"].get(f"/meetings/{in_session.meeting}/room").status_code == 200
    check_whole(database)
    disk.make_room()
    assert does("deputy", "ballot", choice="against", ballot_id="b" * 32).status_code == 200
    assert does("chair", "close").status_code == 204
    assert does("chair", "publish").status_code == 204
    check_whole(database)
    with database.reading() as session:
        votes = Votes(session)
        assert votes.tally(votes.get(vote_id)).counts == {"for": 1, "against": 1, "abstain": 0}


@pytest.fixture
def drafted(database: Database, cast: Cast, client_of: ClientOf) -> tuple[Callable[[str], str], FlaskClient]:
    """The minutes of a meeting that is over, their secretary, and where they are."""
    held = hold_meeting(database, cast)
    secretary = client_of("secretary")
    assert secretary.post(f"/meetings/{held.meeting}/minutes/draft").status_code == 303
    return lambda tail: f"/meetings/{held.meeting}/minutes/0{tail}", secretary


def test_minutes_for_which_there_is_no_room_stay_as_they_were_and_are_kept_when_sent_again(
    disk: Disk, database: Database, drafted: tuple[Callable[[str], str], FlaskClient]
) -> None:
    at, secretary = drafted
    typed = {"text": "Hội nghị nghe báo cáo. " * 400, "revision": "1"}

    def revisions() -> int:
        with database.reading() as session:
            return session.scalar(select(func.count()).select_from(MinutesRevision)) or 0

    def acts() -> int:
        with database.reading() as session:
            return session.scalar(select(func.count()).select_from(AuditEntry)) or 0

    before = revisions(), acts()
    disk.fill()
    assert is_refused(secretary.post(at("/sections/opening"), data=typed), "Đã lưu mục này")
    assert is_refused(secretary.post(at("/approve"), data={"approver": "secretary", "revision": "1"}), "Đã xác nhận")
    assert (revisions(), acts()) == before
    disk.make_room()
    assert secretary.post(at("/sections/opening"), data=typed).status_code == 303
    assert (revisions(), acts()) == (before[0] + 1, before[1] + 1)
    check_whole(database)
