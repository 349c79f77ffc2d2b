"""Whatever names a person is either an act of theirs, or says what of it is theirs to know."""

import pytest

import storage.tables
from storage.ground.database import Database
from storage.meetings.meetings import Participant
from storage.people.people import People
from storage.people.personal_data import PersonalData, pointers, telling
from tests.cast import Cast, gather
from tests.meetings import Gathering, gather_meeting

SECRETS = ("password", "token", "secret", "sha256", "hash")


@pytest.fixture
def cast(database: Database) -> Cast:
    return gather(database)


@pytest.fixture
def gathering(database: Database, cast: Cast) -> Gathering:
    return gather_meeting(database, cast)


def test_every_column_that_names_a_person_says_what_its_row_tells_unless_it_names_who_did_something() -> None:
    assert storage.tables.metadata.info["is_whole"]
    silent = [f"{c.table.name}.{c.name}" for c in pointers() if not c.name.endswith("_by_id") and "tells" not in c.info]
    assert silent == []


def test_what_is_told_is_there_and_is_no_secret() -> None:
    for name, columns in telling().items():
        for column in columns:
            for told in column.info["tells"]:
                assert told in column.table.columns, f"{name}.{told}"
                assert not any(secret in told for secret in SECRETS), f"{name}.{told}"


def test_one_gets_what_is_held_on_oneself_and_nothing_of_others(database: Database, gathering: Gathering, cast: Cast) -> None:
    mine, other = cast.people["clerk"], cast.people["member"]
    with database.writing() as session:
        People(session).get(mine).password_hash = "a-hash-that-nobody-may-see"
        meeting = session.query(Participant).first()
        assert meeting
        for person_id, reason in ((mine, "con ốm"), (other, "bận họp ở huyện")):
            seat = session.query(Participant).filter_by(meeting_id=meeting.meeting_id, person_id=person_id).one_or_none()
            seat = seat or Participant(meeting_id=meeting.meeting_id, person_id=person_id, name="x", part="member", position=99)
            seat.reason = reason
            session.add(seat)
    with database.reading() as session:
        data = PersonalData(session, mine)
        rows = dict(data.rows())
        assert data.counts() == {name: len(found) for name, found in rows.items() if name != "people"}
    assert [row["login"] for row in rows["people"]] == ["clerk"]
    assert {row["role"].value for row in rows["person_roles"]} == {"clerk"}
    text = str(rows)
    assert "con ốm" in text
    assert "bận họp ở huyện" not in text
    assert "a-hash-that-nobody-may-see" not in text
