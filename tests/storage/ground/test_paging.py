"""Lists in pages by key."""

import pytest
from sqlalchemy import select

from storage.ground.database import Database
from storage.ground.lists.paging import Order, paged, part, rising
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
