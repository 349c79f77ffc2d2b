"""Who and which may be picked in a field: found by a few letters, told apart, some at a time, and never more than was asked for."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from domain.people.roles import Permission
from storage.ground.database import Database
from storage.people.candidates import CandidatePeople, CandidateUnits, able_to, is_open, seated_in, stands_on
from storage.people.people import Person, Seat
from storage.people.units import Unit
from tests.cast import Cast, gather

DAY = date(2026, 11, 30)


@pytest.fixture
def cast(database: Database) -> Cast:
    return gather(database)


@pytest.fixture
def session(database: Database, cast: Cast) -> Iterator[Session]:
    with database.writing() as session:
        yield session


def add(session: Session, login: str, name: str, *seats: tuple[int, str], is_open: bool = True) -> Person:
    held = [Seat(unit_id=unit, title=title, valid_from=date(2020, 1, 1)) for unit, title in seats]
    person = Person(login=login, name=name, password_hash="!", is_open=is_open, seats=held)
    session.add(person)
    session.flush()
    return person


def names(people: CandidatePeople, words: str) -> list[str]:
    return [one.name for one in people.matching(words).rows]


@pytest.mark.parametrize("words", ["Ủy Viên", "uy vien", "viên phạm", "vien u", "MEMBER", "phạm-ủy", "  viên  "])
def test_somebody_is_found_with_or_without_accents_and_in_any_order(session: Session, cast: Cast, words: str) -> None:
    assert names(CandidatePeople(session), words) == ["Phạm Ủy Viên"]


@pytest.mark.parametrize(("words", "count"), [("iên", 0), ("xyz", 0), ("viên xyz", 0), ("%", 8), ("_", 8), ("", 8)])
def test_only_the_beginnings_of_syllables_count_and_signs_mean_nothing(
    session: Session, cast: Cast, words: str, count: int
) -> None:
    assert len(names(CandidatePeople(session), words)) == count


def test_people_are_found_by_the_unit_they_sit_in_after_those_of_that_name(session: Session, cast: Cast) -> None:
    add(session, "cat", "Trần Phù Cát", (cast.units["VP"], "Chuyên viên"))
    assert names(CandidatePeople(session), "phu cat") == ["Trần Phù Cát", "Đỗ Thị Sổ", "Phạm Ủy Viên"]


def test_whole_names_come_before_those_that_only_begin_so(session: Session, cast: Cast) -> None:
    for login, name in (("b1", "Nguyễn Thị Hoài An"), ("b2", "Hoàng Anh"), ("b3", "Nguyễn Thị Hoa")):
        add(session, login, name)
    assert names(CandidatePeople(session), "hoa") == ["Nguyễn Thị Hoa", "Nguyễn Thị Hoài An", "Hoàng Anh", "Hoàng Thị Chủ Tịch"]


def test_the_list_goes_by_the_given_name_which_stands_last(session: Session, cast: Cast) -> None:
    for login, name in (("a1", "Zơ Văn Anh"), ("a2", "An Thị Ánh"), ("a3", "Bùi An")):
        add(session, login, name)
    assert names(CandidatePeople(session), "an") == ["Bùi An", "An Thị Ánh", "Zơ Văn Anh"]


def test_who_has_left_is_found_last_and_marked(session: Session, cast: Cast) -> None:
    add(session, "gone", "Nguyễn Thị An", is_open=False)
    add(session, "here", "Nguyễn Thị Yến")
    found = CandidatePeople(session).matching("nguyen thi").rows
    assert [(one.name, one.is_past) for one in found] == [("Nguyễn Thị Yến", False), ("Nguyễn Thị An", True)]
    assert names(CandidatePeople(session, is_open()), "nguyen thi") == ["Nguyễn Thị Yến"]


def test_namesakes_are_told_apart_by_title_and_office_and_by_login_only_where_nothing_else_differs(
    session: Session, cast: Cast
) -> None:
    for login, unit, title in (("h1", "VP", "Văn thư"), ("h2", "CD-PHUCAT", "Kế toán"), ("h3", "CD-PHUCAT", "Kế toán")):
        add(session, login, "Nguyễn Thị Hoa", (cast.units[unit], title))
    found = CandidatePeople(session).matching("hoa nguyen")
    assert [one.about for one in found.rows] == [
        "Văn thư, Văn phòng",
        "Kế toán, LĐLĐ huyện Phù Cát, h2",
        "Kế toán, LĐLĐ huyện Phù Cát, h3",
    ]
    alone = CandidatePeople(session).chosen([found.rows[1].key])
    assert [one.about for one in CandidatePeople(session).shown(alone)] == ["Kế toán, LĐLĐ huyện Phù Cát, h2"]


def test_twenty_are_shown_and_the_others_counted(session: Session, cast: Cast) -> None:
    rows = [
        {"login": f"k{n:02}", "name": f"Lê Khải {n:02}", "password_hash": "!", "language": "vi", "is_open": True}
        for n in range(37)
    ]
    session.execute(insert(Person), rows)
    found = CandidatePeople(session).matching("khai")
    assert (len(found.rows), found.count, found.rows[0].name) == (20, 37, "Lê Khải 00")


def test_somebody_is_found_by_the_new_name_once_it_has_changed(session: Session, cast: Cast) -> None:
    session.get_one(Person, cast.people["member"]).name = "Phạm Thị Đổi"
    session.flush()
    assert (names(CandidatePeople(session), "doi"), names(CandidatePeople(session), "uy vien")) == (["Phạm Thị Đổi"], [])


def test_who_does_not_meet_the_conditions_is_neither_found_nor_chosen_nor_named(session: Session, cast: Cast) -> None:
    office = select(Unit.id).where(Unit.code == "CD-PHUCAT")
    few = CandidatePeople(session, is_open(), seated_in(office, DAY))
    assert names(few, "") == ["Đỗ Thị Sổ", "Phạm Ủy Viên"]
    assert few.chosen([str(cast.people["clerk"]), "x", "9" * 30, "-1", "٣"]) == []
    assert (few.named("clerk"), few.named("Lê Văn Thư")) == (None, None)
    assert few.named("Đỗ Thị Sổ – unit_clerk") is session.get_one(Person, cast.people["unit_clerk"])


def test_a_name_names_somebody_where_one_candidate_bears_it(session: Session, cast: Cast) -> None:
    everybody = CandidatePeople(session)
    assert everybody.named("pham uy vien") is session.get_one(Person, cast.people["member"])
    add(session, "second", "Phạm Ủy Viên")
    assert (everybody.named("Phạm Ủy Viên"), everybody.named("Phạm"), everybody.named("")) == (None, None, None)


def test_who_may_sign_is_known_by_the_role(session: Session, cast: Cast) -> None:
    assert names(CandidatePeople(session, able_to(Permission.SIGN_DIRECTIVES)), "") == ["Hoàng Thị Chủ Tịch"]


def test_units_are_found_by_name_and_code_and_those_of_the_past_come_last(session: Session, cast: Cast) -> None:
    before = Unit(code="CU-1", name="LĐLĐ huyện An Nhơn", kind="upper", valid_from=date(1990, 1, 1), valid_to=date(2025, 6, 30))
    session.add(before)
    session.flush()
    found = CandidateUnits(session).matching("huyen ldld").rows
    assert [(one.name, one.is_past) for one in found] == [
        ("LĐLĐ huyện Phù Cát", False),
        ("LĐLĐ huyện Tuy Phước", False),
        ("LĐLĐ huyện An Nhơn", True),
    ]
    assert found[0].about == "CD-PHUCAT, Liên đoàn Lao động tỉnh"
    assert [one.name for one in CandidateUnits(session).matching("cd tuyp").rows] == ["LĐLĐ huyện Tuy Phước"]
    standing = CandidateUnits(session, stands_on(DAY))
    assert (standing.named("cu-1"), standing.chosen([str(before.id)])) == (None, [])
    assert CandidateUnits(session).named("cu-1 – LĐLĐ huyện An Nhơn") is before
