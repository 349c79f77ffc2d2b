"""Numbers of outgoing documents as records: one after the other under load, gaps with their reasons, rules that change."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from domain.directives.directives import OutgoingState
from domain.directives.numbering import (
    GapReason,
    NoNumberingRule,
    NotAGap,
    NumberCancelled,
    NumberKeptApart,
    NumberTaken,
    Reset,
    RuleMakesDoubles,
    RunBeginsInMidYear,
    SecretSeries,
    SecretsHaveTheirOwnRun,
    Series,
)
from domain.ground.errors import StepNotAllowed
from storage.directives.numbering import Numbering, NumberingRule
from storage.directives.outgoing import OutgoingDocument
from storage.ground.database import Database
from storage.people.people import Person
from tests.cast import Cast, gather

DAY = date(2026, 11, 20)


@pytest.fixture
def cast(database: Database) -> Cast:
    return gather(database)


def rule(unit_id: int, **more: object) -> NumberingRule:
    facts: dict[str, object] = {"valid_from": date(2020, 1, 1), "reset": Reset.YEAR, "series": Series.PER_KIND, "body_symbol": "LĐLĐ",
             "secret_series": SecretSeries.SEPARATE}  # fmt: skip
    return NumberingRule(unit_id=unit_id, **facts | more)


@pytest.fixture
def unit_id(database: Database, cast: Cast) -> int:
    with database.writing() as session:
        session.add(rule(cast.units["LDLD"]))
    return cast.units["LDLD"]


def document(unit_id: int, **more: object) -> OutgoingDocument:
    return OutgoingDocument(**{"unit_id": unit_id, "kind": "Kế hoạch", "abstract": "chuyển đổi số", "suffix": "", "symbol": "",
                               "mark": "/", "state": OutgoingState.APPROVED} | more)  # fmt: skip


def number_one(database: Database, unit_id: int, day: date = DAY, **more: object) -> str:
    with database.writing() as session:
        one = document(unit_id, **more)
        session.add(one)
        Numbering(session, unit_id).number(one, day)
        return one.written_number


def place(database: Database, unit_id: int, number: int, day: date = DAY, suffix: str = "", **more: object) -> None:
    with database.writing() as session:
        one = document(unit_id, state=OutgoingState.ISSUED, **more)
        Numbering(session, unit_id).place(one, number, suffix, day)
        session.add(one)


def somebody(session: Session) -> Person:
    return session.query(Person).limit(1).one()


def test_numbers_follow_one_another_by_kind_and_begin_anew_each_year(database: Database, unit_id: int) -> None:
    assert number_one(database, unit_id) == "01/KH-LĐLĐ"
    assert number_one(database, unit_id) == "02/KH-LĐLĐ"
    assert number_one(database, unit_id, kind="Công văn") == "01/LĐLĐ"
    assert number_one(database, unit_id, date(2027, 1, 4)) == "01/KH-LĐLĐ"


def test_a_common_run_counts_all_kinds_together(database: Database, cast: Cast) -> None:
    unit_id = cast.units["CD-PHUCAT"]
    with database.writing() as session:
        session.add(rule(unit_id, series=Series.COMMON, body_symbol="LĐLĐ"))
    assert [number_one(database, unit_id, kind=kind) for kind in ("Kế hoạch", "Thông báo")] == ["01/KH-LĐLĐ", "02/TB-LĐLĐ"]


def test_a_term_goes_on_over_the_new_year_and_a_new_term_begins_anew(database: Database, cast: Cast) -> None:
    unit_id = cast.units["CD-PHUCAT"]
    with database.writing() as session:
        session.add(rule(unit_id, reset=Reset.TERM, valid_from=date(2023, 9, 28), mark="-"))
    assert number_one(database, unit_id, date(2026, 12, 31)) == "01-KH/LĐLĐ"
    assert number_one(database, unit_id, date(2027, 1, 2)) == "02-KH/LĐLĐ"
    with database.writing() as session:
        Numbering(session, unit_id).add_rule(rule(unit_id, reset=Reset.TERM, valid_from=date(2028, 10, 1), mark="-"))
    assert number_one(database, unit_id, date(2028, 10, 2)) == "01-KH/LĐLĐ"
    assert number_one(database, unit_id, date(2028, 9, 30)) == "03-KH/LĐLĐ"


def test_no_rule_no_number(database: Database, cast: Cast) -> None:
    with pytest.raises(NoNumberingRule):
        number_one(database, cast.units["CD-PHUCAT"])


def test_only_what_is_approved_is_numbered(database: Database, unit_id: int) -> None:
    with pytest.raises(StepNotAllowed):
        number_one(database, unit_id, state=OutgoingState.DRAFT)
    assert number_one(database, unit_id) == "01/KH-LĐLĐ"  # the refusal used no number up


def test_eight_writers_number_two_hundred_documents_without_gap_or_double(database: Database, unit_id: int) -> None:
    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(lambda _: int(number_one(database, unit_id).partition("/")[0]), range(200)))
    assert sorted(given) == list(range(1, 201))
    with database.reading() as session:
        book = Numbering(session, unit_id).book("2026|Kế hoạch")
        assert (book.count, book.highest, book.unexplained) == (200, 200, ())


def test_writers_who_fail_half_way_use_no_number_up(database: Database, unit_id: int) -> None:
    def number_and_fail() -> None:
        with database.writing() as session:
            one = document(unit_id)
            session.add(one)
            Numbering(session, unit_id).number(one, DAY)
            raise RuntimeError

    def work(turn: int) -> int | None:
        if turn % 3:
            return int(number_one(database, unit_id).partition("/")[0])
        with pytest.raises(RuntimeError):
            number_and_fail()
        return None

    with ThreadPoolExecutor(4) as pool:
        given = [number for number in pool.map(work, range(60)) if number]
    assert sorted(given) == list(range(1, 41))


_NUMBERING_PROGRAM = """
import sys
from datetime import date
from domain.directives.directives import OutgoingState
from storage.ground.database import Database
from storage.directives.numbering import Numbering
from storage.directives.outgoing import OutgoingDocument
from storage.tables import metadata  # all tables know of each other

database = Database(sys.argv[1])
while True:
    with database.writing() as session:
        one = OutgoingDocument(unit_id=int(sys.argv[2]), kind="Kế hoạch", abstract="x", state=OutgoingState.APPROVED)
        session.add(one)
        Numbering(session, int(sys.argv[2])).number(one, date(2026, 11, 20))
        print(one.number, flush=True)
"""


@pytest.fixture
def numbering(database: Database, unit_id: int) -> Iterator[subprocess.Popen[bytes]]:
    root = str(Path(__file__).parents[3])
    process = subprocess.Popen(
        [sys.executable, "-c", _NUMBERING_PROGRAM, database.url, str(unit_id)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": root},
    )
    yield process
    process.kill()
    process.wait()
    assert process.stdout
    process.stdout.close()


def test_a_program_that_is_killed_while_it_numbers_leaves_neither_gap_nor_double(
    database: Database, unit_id: int, numbering: subprocess.Popen[bytes]
) -> None:
    for _ in range(10):
        assert numbering.stdout
        numbering.stdout.readline()
    time.sleep(0.013)  # somewhere in a transaction
    numbering.send_signal(signal.SIGKILL)
    numbering.wait()
    last = int(number_one(database, unit_id).partition("/")[0])  # waits for what the server still knows of the dead one
    with database.reading() as session:
        book = Numbering(session, unit_id).book("2026|Kế hoạch")
    assert book.count == book.highest == last >= 10
    assert book.unexplained == ()


def test_what_was_issued_outside_is_placed_and_the_next_number_comes_after_it(database: Database, unit_id: int) -> None:
    place(database, unit_id, 7)
    place(database, unit_id, 6, suffix="b")
    assert number_one(database, unit_id) == "08/KH-LĐLĐ"
    with database.reading() as session:
        assert Numbering(session, unit_id).book("2026|Kế hoạch").unexplained == (range(1, 6),)


def test_a_number_stands_once_in_a_run_and_the_refusal_names_who_bears_it(database: Database, unit_id: int) -> None:
    place(database, unit_id, 7, abstract="bản đầu")
    with pytest.raises(NumberTaken) as refusal:
        place(database, unit_id, 7)
    assert (refusal.value.dated, refusal.value.abstract) == (DAY, "Kế hoạch bản đầu")
    place(database, unit_id, 7, suffix="b")
    place(database, unit_id, 7, date(2025, 3, 1))


def test_two_who_place_the_same_number_at_once_get_one_refusal(database: Database, unit_id: int) -> None:
    def work(_turn: int) -> bool:
        try:
            place(database, unit_id, 3)
        except NumberTaken:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(work, range(4))) == [False, False, False, True]


def test_a_secret_document_takes_a_number_of_a_shared_run_and_leaves_nothing_else(database: Database, cast: Cast) -> None:
    unit_id = cast.units["CD-PHUCAT"]
    with database.writing() as session:
        session.add(rule(unit_id, secret_series=SecretSeries.SHARED))
    number_one(database, unit_id)
    with database.writing() as session:
        gap = Numbering(session, unit_id).keep_apart(DAY, "Kế hoạch", somebody(session))
        assert (gap.number, gap.reason, gap.note) == (2, GapReason.SECRET, "")
        gap_id = gap.id
    assert number_one(database, unit_id) == "03/KH-LĐLĐ"
    with pytest.raises(NumberKeptApart):
        place(database, unit_id, 2)
    with database.writing() as session, pytest.raises(NotAGap):
        Numbering(session, unit_id).unexplain(gap_id)


def test_where_secret_documents_have_their_own_run_none_is_taken(database: Database, unit_id: int) -> None:
    with database.writing() as session, pytest.raises(SecretsHaveTheirOwnRun):
        Numbering(session, unit_id).keep_apart(DAY, "Kế hoạch", somebody(session))


def test_gaps_are_explained_until_the_document_is_found(database: Database, unit_id: int) -> None:
    place(database, unit_id, 5)
    with database.writing() as session:
        numbering = Numbering(session, unit_id)
        numbering.explain("2026|Kế hoạch", range(1, 4), GapReason.LOST, "cháy kho", somebody(session))
        with pytest.raises(NotAGap):
            numbering.explain("2026|Kế hoạch", range(5, 6), GapReason.LOST, "", somebody(session))
    place(database, unit_id, 2)
    with database.reading() as session:
        book = Numbering(session, unit_id).book("2026|Kế hoạch")
        assert [gap.number for gap in book.explained] == [1, 3]
        assert book.unexplained == (range(4, 5),)


def test_a_number_that_was_cancelled_is_never_given_again(database: Database, unit_id: int) -> None:
    number_one(database, unit_id)
    with database.writing() as session:
        one = session.query(OutgoingDocument).one()
        Numbering(session, unit_id).cancel(one, "không ban hành", somebody(session))
    assert number_one(database, unit_id) == "02/KH-LĐLĐ"


def test_a_new_rule_moves_what_was_numbered_from_its_day_on(database: Database, unit_id: int) -> None:
    place(database, unit_id, 1, date(2025, 5, 5))
    place(database, unit_id, 2, date(2026, 5, 5))
    with database.writing() as session:
        moved = Numbering(session, unit_id).add_rule(rule(unit_id, valid_from=date(2026, 1, 1), series=Series.COMMON))
    assert moved == 1
    with database.reading() as session:
        assert Numbering(session, unit_id).series() == ["2026|", "2025|Kế hoạch"]


def test_a_rule_under_which_two_documents_would_bear_one_number_is_refused(database: Database, unit_id: int) -> None:
    place(database, unit_id, 1)
    place(database, unit_id, 1, kind="Thông báo")
    with pytest.raises(RuleMakesDoubles), database.writing() as session:
        Numbering(session, unit_id).add_rule(rule(unit_id, valid_from=date(2026, 1, 1), series=Series.COMMON))
    with database.reading() as session:
        assert len(Numbering(session, unit_id).rules()) == 1


def test_dates_that_go_backwards_are_found(database: Database, unit_id: int) -> None:
    for number, day in ((1, 2), (2, 9), (3, 5)):
        place(database, unit_id, number, date(2026, 3, day))
    with database.reading() as session:
        numbering = Numbering(session, unit_id)
        assert numbering.book("2026|Kế hoạch").backwards == ((3, date(2026, 3, 5)),)
        third = session.query(OutgoingDocument).filter_by(number=3).one()
        before, after = numbering.neighbours(third)
        assert before
        assert (before.number, after) == (2, None)


def test_a_number_goes_backwards_if_any_smaller_one_bears_a_later_day(database: Database, unit_id: int) -> None:
    for number, day in ((1, 2), (2, 5), (3, 4), (4, 4), (5, 5)):
        place(database, unit_id, number, date(2026, 1, day))
    with database.reading() as session:
        book = Numbering(session, unit_id).book("2026|Kế hoạch")
        assert book.backwards == ((3, date(2026, 1, 4)), (4, date(2026, 1, 4)))


@pytest.mark.parametrize(
    ("taken", "runs"),
    [([1, 2, 3], ()), ([3, 1], (range(2, 3),)), ([2, 7, 9], (range(1, 2), range(3, 7), range(8, 9)))],
)
def test_what_is_missing_lies_between_the_numbers_that_are_there(
    database: Database, unit_id: int, taken: list[int], runs: tuple[range, ...]
) -> None:
    for number in taken:
        place(database, unit_id, number)
    place(database, unit_id, taken[0], suffix="a")  # a number with a letter beside it stands in the same place
    with database.reading() as session:
        book = Numbering(session, unit_id).book("2026|Kế hoạch")
        assert (book.count, book.highest, book.unexplained) == (len(taken) + 1, max(taken), runs)


def test_runs_come_in_pages_and_a_page_says_where_each_lacks_numbers_first(database: Database, unit_id: int) -> None:
    for year in range(2007, 2021):
        place(database, unit_id, 1, date(year, 5, 5), kind="Công văn")
    for number in range(2, 82, 2):
        place(database, unit_id, number)
    with database.reading() as session:
        numbering = Numbering(session, unit_id)
        first = numbering.books()
        rest = numbering.books(after=first.after)
        assert (first.count, len(first.rows), first.rows[0].series) == (15, 12, "2026|Kế hoạch")
        assert [book.series for book in rest.rows] == ["2009|Công văn", "2008|Công văn", "2007|Công văn"]
        assert first.rows[0].unexplained == tuple(range(number, number + 1) for number in range(1, 63, 2))
        assert len(numbering.book("2026|Kế hoạch").unexplained) == 40


def cancel_the_last(database: Database, unit_id: int) -> None:
    with database.writing() as session:
        last = session.query(OutgoingDocument).order_by(OutgoingDocument.number.desc()).first()
        assert last
        Numbering(session, unit_id).cancel(last, "không ban hành", somebody(session))


def test_a_cancelled_number_is_not_given_again_when_a_new_rule_moves_its_run(database: Database, unit_id: int) -> None:
    for _ in range(4):
        number_one(database, unit_id)
    cancel_the_last(database, unit_id)
    with database.writing() as session:
        Numbering(session, unit_id).add_rule(rule(unit_id, valid_from=date(2026, 1, 1), series=Series.COMMON))
    assert number_one(database, unit_id) == "05/KH-LĐLĐ"
    with database.reading() as session:
        book = Numbering(session, unit_id).book("2026|")
        assert ([gap.number for gap in book.explained], book.unexplained) == ([4], ())


def test_what_is_said_of_numbers_goes_with_their_run_and_back(database: Database, unit_id: int) -> None:
    for number in (1, 3):
        place(database, unit_id, number)
    place(database, unit_id, 3, date(2025, 5, 5))
    with database.writing() as session:
        for series in ("2025|Kế hoạch", "2026|Kế hoạch"):
            Numbering(session, unit_id).explain(series, range(2, 3), GapReason.LOST, "cháy kho", somebody(session))
    added = rule(unit_id, valid_from=date(2026, 1, 1), series=Series.COMMON)
    with database.writing() as session:
        Numbering(session, unit_id).add_rule(added)
        rule_id = added.id
    with database.reading() as session:
        books = [Numbering(session, unit_id).book(series) for series in ("2026|", "2025|Kế hoạch")]
        assert [[gap.number for gap in book.explained] for book in books] == [[2], [2]]
    with database.writing() as session:
        numbering = Numbering(session, unit_id)
        numbering.remove_rule(session.get_one(NumberingRule, rule_id))
        assert numbering.series() == ["2026|Kế hoạch", "2025|Kế hoạch"]
        assert [gap.number for gap in numbering.book("2026|Kế hoạch").explained] == [2]


def test_a_rule_is_refused_under_which_a_cancelled_number_would_be_that_of_a_document(database: Database, unit_id: int) -> None:
    number_one(database, unit_id)
    cancel_the_last(database, unit_id)
    place(database, unit_id, 1, kind="Thông báo")
    place(database, unit_id, 2)
    with pytest.raises(RuleMakesDoubles), database.writing() as session:
        Numbering(session, unit_id).add_rule(rule(unit_id, valid_from=date(2026, 1, 1), series=Series.COMMON))


def test_a_cancelled_number_is_borne_by_nothing_else_unless_the_word_is_taken_back(database: Database, unit_id: int) -> None:
    number_one(database, unit_id)
    cancel_the_last(database, unit_id)
    with pytest.raises(NumberCancelled):
        place(database, unit_id, 1)
    with database.writing() as session:
        numbering = Numbering(session, unit_id)
        gap = numbering.gap("2026|Kế hoạch", 1)
        assert gap
        numbering.unexplain(gap.id)
    place(database, unit_id, 1)


def test_the_numbers_of_a_year_do_not_begin_anew_in_its_middle(database: Database, unit_id: int) -> None:
    place(database, unit_id, 1, date(2026, 3, 1))
    with pytest.raises(RunBeginsInMidYear), database.writing() as session:
        Numbering(session, unit_id).add_rule(rule(unit_id, valid_from=date(2026, 7, 1), series=Series.COMMON))
    with database.writing() as session:  # nothing of the runs changes
        Numbering(session, unit_id).add_rule(rule(unit_id, valid_from=date(2026, 7, 1), body_symbol="CĐ"))
        Numbering(session, unit_id).add_rule(rule(unit_id, valid_from=date(2027, 1, 1), series=Series.COMMON))
    assert number_one(database, unit_id) == "02/KH-CĐ"
