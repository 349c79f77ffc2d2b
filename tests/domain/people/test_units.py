from datetime import date
from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from domain.people.units import UnitFacts, check_tree, successor_on, tree_on

BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)

# The merger of 2025: the province and its district unions end on 30 June, the new province and its commune unions begin on 1 July.
MERGER = {
    "LDLD-BD": UnitFacts("LDLD-BD", None, date(1989, 7, 1), BEFORE, "LDLD-GL"),
    "CD-PHUCAT": UnitFacts("CD-PHUCAT", "LDLD-BD", date(1989, 7, 1), BEFORE, "CD-XPHUCAT"),
    "CD-VANCANH": UnitFacts("CD-VANCANH", "LDLD-BD", date(1989, 7, 1), BEFORE, "LDLD-GL"),
    "CS-PHUCAT-1": UnitFacts("CS-PHUCAT-1", "CD-PHUCAT", date(2001, 5, 1)),
    "CS-VANCANH-1": UnitFacts("CS-VANCANH-1", "CD-VANCANH", date(2004, 5, 1)),
    "LDLD-GL": UnitFacts("LDLD-GL", None, AFTER),
    "CD-XPHUCAT": UnitFacts("CD-XPHUCAT", "LDLD-GL", AFTER),
}


def problems(*units: UnitFacts) -> list[tuple[str, str]]:
    return [(error.code, error.problem) for error in check_tree({unit.code: unit for unit in units})]


def test_the_merger_of_2025_is_a_sound_tree() -> None:
    assert check_tree(MERGER) == []


def test_on_the_last_day_the_old_tree_stands_whole() -> None:
    assert tree_on(BEFORE, MERGER) == {
        None: ["LDLD-BD"],
        "LDLD-BD": ["CD-PHUCAT", "CD-VANCANH"],
        "CD-PHUCAT": ["CS-PHUCAT-1"],
        "CD-VANCANH": ["CS-VANCANH-1"],
    }


def test_on_the_next_day_the_grassroots_stand_under_the_successors_though_nobody_touched_them() -> None:
    assert tree_on(AFTER, MERGER) == {
        None: ["LDLD-GL"],
        "CD-XPHUCAT": ["CS-PHUCAT-1"],
        "LDLD-GL": ["CS-VANCANH-1", "CD-XPHUCAT"],
    }


def test_the_successor_of_a_successor_carries_on() -> None:
    chain = {
        "A": UnitFacts("A", None, date(2000, 1, 1), date(2009, 12, 31), "B"),
        "B": UnitFacts("B", None, date(2010, 1, 1), date(2019, 12, 31), "C"),
        "C": UnitFacts("C", None, date(2020, 1, 1)),
    }
    assert [successor_on("A", date(year, 6, 1), chain) for year in (2005, 2015, 2025)] == ["A", "B", "C"]


def test_a_dissolved_unit_has_nobody_to_carry_on() -> None:
    gone = {"A": UnitFacts("A", None, date(2000, 1, 1), date(2009, 12, 31))}
    assert successor_on("A", date(2010, 1, 1), gone) is None


def test_units_of_a_dissolved_superior_stand_on_top_rather_than_vanish() -> None:
    units = {
        "A": UnitFacts("A", None, date(2000, 1, 1), date(2009, 12, 31)),
        "B": UnitFacts("B", "A", date(2001, 1, 1)),
    }
    assert tree_on(date(2010, 1, 1), units) == {None: ["B"]}


def test_a_unit_that_succeeded_its_own_superior_stands_on_top() -> None:
    units = {
        "A": UnitFacts("A", None, date(2000, 1, 1), date(2009, 12, 31), "B"),
        "B": UnitFacts("B", "A", date(2001, 1, 1)),
        "C": UnitFacts("C", "B", date(2001, 1, 1)),
    }
    assert tree_on(date(2010, 1, 1), units) == {None: ["B"], "B": ["C"]}


def test_each_contradiction_is_named() -> None:
    start = date(2000, 1, 1)
    assert problems(UnitFacts("A", "X", start)) == [("A", "parent_unknown")]
    assert problems(UnitFacts("A", None, start, date(1999, 12, 31))) == [("A", "ends_before_start")]
    assert problems(UnitFacts("A", None, start, date(2001, 1, 1), "X")) == [("A", "successor_unknown")]
    assert problems(UnitFacts("A", None, start, date(2001, 1, 1), "A")) == [("A", "successor_is_itself")]
    assert problems(UnitFacts("A", None, start, None, "B"), UnitFacts("B", None, start)) == [("A", "successor_without_end")]
    assert problems(UnitFacts("A", None, start), UnitFacts("B", "A", date(1999, 1, 1))) == [("B", "starts_before_parent")]
    end = date(2001, 1, 1)
    assert problems(UnitFacts("A", None, start, end, "B"), UnitFacts("B", None, start, end, "A")) == [
        ("A", "successor_cycle"),
        ("B", "successor_cycle"),
    ]
    assert problems(UnitFacts("A", "B", start), UnitFacts("B", "A", start)) == [("A", "cycle"), ("B", "cycle")]


codes = st.sampled_from("ABCDE")
days = st.dates(date(2000, 1, 1), date(2030, 1, 1))


@given(
    st.dictionaries(codes, st.tuples(st.none() | codes, days, st.none() | days, st.none() | codes)),
    days,
)
def test_whatever_stands_on_a_day_is_in_the_tree_of_that_day_exactly_once_and_can_be_reached_from_the_top(
    drawn: dict[str, tuple[str | None, date, date | None, str | None]], day: date
) -> None:
    units = {code: UnitFacts(code, *facts) for code, facts in drawn.items()}
    tree = tree_on(day, units)
    assert sorted(chain.from_iterable(tree.values())) == sorted(code for code, unit in units.items() if unit.stands_on(day))
    reached: list[str] = []
    waiting = list(tree.get(None, []))
    while waiting:
        code = waiting.pop()
        reached.append(code)
        waiting += tree.get(code, [])
    assert sorted(reached) == sorted(chain.from_iterable(tree.values()))
