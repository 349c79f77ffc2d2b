"""Lists in pages by key."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import case, select

from storage.ground.database import Database
from storage.ground.lists.paging import Order, falling, paged, paged_by, part, rising
from storage.people.people import Person
from storage.people.units import Unit, Units
from tests.cast import Cast, gather


@pytest.fixture
def cast(database: Database) -> Cast:
    return gather(database)


@pytest.mark.parametrize(("is_descending", "first"), [(False, "CD-PHUCAT"), (True, "VP")])
def test_pages_go_through_the_whole_list_and_show_nothing_twice(
    database: Database, cast: Cast, *, is_descending: bool, first: str
) -> None:
    order = Order((Unit.valid_from, Unit.code), is_descending, 3)
    seen: list[str] = []
    after = ""
    with database.reading() as session:
        while True:
            page = paged(session, select(Unit), order, after=after)
            assert page.count == 4
            assert page.is_first == (not seen)
            seen += [unit.code for unit in page.rows]
            after = page.after
            if not after:
                break
    assert seen[0] == first
    assert sorted(seen) == ["CD-PHUCAT", "CD-TUYPHUOC", "LDLD", "VP"]


@pytest.mark.parametrize(
    "after",
    [
        "x",
        "[]",
        "[1]",
        '["1989-07-01"]',
        '["1989-07-01", 7]',
        '["no day", "VP"]',
        "[null, null]",
        "{}",
        '{"a": 1, "b": 2}',
        "7",
        "null",
    ],
)
def test_a_place_that_cannot_be_read_is_the_beginning(database: Database, cast: Cast, after: str) -> None:
    with database.reading() as session:
        page = paged(session, select(Unit), rising(Unit.valid_from, Unit.code), after=after)
    assert (page.is_first, len(page.rows)) == (True, 4)


def test_what_is_known_of_the_units_follows_every_change(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        before = Units(session).known()[cast.units["VP"]]
        session.get_one(Unit, cast.units["VP"]).name = "Văn phòng\x1f mới"
        assert (before.name, Units(session).known()[cast.units["VP"]].name) == ("Văn phòng", "Văn phòng  mới")


def test_what_is_told_in_memory_has_pages_too_and_any_other_place_begins_it_anew() -> None:
    rows = list(range(7))
    first = part(rows, size=3)
    assert (first.rows, first.count, first.after, first.is_first) == ([0, 1, 2], 7, "3", True)
    second = part(rows, after=first.after, size=3)
    assert (second.rows, second.after, second.is_first) == ([3, 4, 5], "6", False)
    last = part(rows, after=second.after, size=3)
    assert (last.rows, last.after) == ([6], "")
    for after in ("7", "-1", "x", "\u00b2", "9" * 5000):
        assert part(rows, after=after, size=3) == first


MORNING = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)


def test_a_list_sorted_by_times_goes_on_after_a_time(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        people = session.scalars(select(Person).order_by(Person.id)).all()
        for place, person in enumerate(people):
            person.created_at = MORNING + timedelta(hours=place // 2)
        logins = [one.login for one in people]
    with database.reading() as session:
        first = paged(session, select(Person), falling(Person.created_at, Person.id, size=5))
        second = paged(session, select(Person), falling(Person.created_at, Person.id, size=5), after=first.after)
    assert [one.login for one in first.rows] == logins[:2:-1]
    assert [one.login for one in second.rows] == logins[2::-1]
    assert (first.is_first, second.is_first, second.after) == (True, False, "")


def test_a_list_sorted_by_what_is_reckoned_goes_on_in_that_order(database: Database, cast: Cast) -> None:
    order = rising(case((Unit.code.like("CD-%"), 1), else_=0), -Unit.id, size=3)
    with database.reading() as session:
        first = paged_by(session, select(Unit), order)
        second = paged_by(session, select(Unit), order, after=first.after)
    assert [one.code for one in first.rows] == ["VP", "LDLD", "CD-TUYPHUOC"]
    assert [one.code for one in second.rows] == ["CD-PHUCAT"]
