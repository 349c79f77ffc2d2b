"""Shares and closings over records: what is counted, by which dimension, filtered by whom it belongs to."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from domain.directives.directives import COUNTED, Direction, OutgoingState
from domain.directives.issuance import Level, LevelRange, Reading
from domain.directives.numbering import GapReason
from domain.directives.shares import (
    Basis,
    Cause,
    ClosingCorrected,
    Counts,
    NotAReportingPeriod,
    NothingToCorrect,
    Outcome,
    PeriodClosed,
    PeriodNotOver,
    count,
)
from domain.ground import clock
from domain.ground.periods import Period, month, parse_period
from domain.indicators.indicators import Source
from domain.people.units import UnitKind
from storage.directives.closings import ClosingIsAppendOnly, Closings, ShareClosing, digest
from storage.directives.numbering import NumberGap
from storage.directives.outgoing import DirectiveKind, OutgoingDocument, RegisterReport, SecretCount, seed_directive_kinds
from storage.directives.shares import Figures, Reports, Selection, Shares, by_level, summed, units_under
from storage.ground.database import Base, Database
from storage.indicators.plans import Indicator, Plan, seed_plan, target_for
from storage.indicators.plans import Target as PlanTarget
from storage.people.people import Person
from storage.people.units import Unit
from tests.cast import Cast, gather

H1 = parse_period("2025-H1")
DAY = date(2025, 3, 5)


@pytest.fixture
def cast(database: Database) -> Cast:
    return gather(database)


class Registers:
    """Registers that a test writes in one line, and the shares of them."""

    def __init__(self, database: Database, cast: Cast) -> None:
        self.database, self.cast = database, cast

    def enter(
        self,
        levels: str = "3",
        *,
        unit: str = "LDLD",
        kind: str = "Kế hoạch",
        dated: date = DAY,
        evidenced: str | None = None,
        number: int | None = None,
        **more: object,
    ) -> int:
        """One document; `levels` are the ends of its claimed range: "3", "25"."""
        proven = evidenced or levels
        values = {
            "state": OutgoingState.ISSUED, "abstract": "Về công tác công đoàn", "kind": kind, "dated": dated,
            "unit_id": self.cast.units[unit], "claimed_low": int(levels[0]), "claimed_high": int(levels[-1]),
            "evidenced_low": int(proven[0]), "evidenced_high": int(proven[-1]),
        }  # fmt: skip
        if number:
            values |= {"number": number, "series": f"{dated.year}|{kind}"}
        with self.database.writing() as session:
            document = OutgoingDocument(**(values | more))
            session.add(document)
            session.flush()
            return document.id

    def add(self, *records: Base) -> None:
        with self.database.writing() as session:
            session.add_all(records)

    def ask(
        self, what: Callable[..., Any], period: Period = H1, *, units: list[str] | None = None, kind: str | None = None
    ) -> Any:
        """What a method of the shares of that selection gives."""
        seen = frozenset(self.cast.units[code] for code in units) if units is not None else frozenset(self.cast.units.values())
        with self.database.reading() as session:
            return what(Shares(session, Selection(period, seen, kind)))

    def counts(self, reading: Reading = Reading.LEGAL, basis: Basis = Basis.CLAIMED, **selection: Any) -> Counts:
        figures: Figures = self.ask(Shares.whole, **selection)
        return figures.of(basis, reading)


@pytest.fixture
def registers(database: Database, cast: Cast) -> Registers:
    with database.writing() as session:
        seed_directive_kinds(session)  # a server's database was emptied whole
        seed_plan(session)
    return Registers(database, cast)


def test_nothing_due_gives_no_figure(registers: Registers) -> None:
    assert registers.counts() == Counts()
    assert registers.counts().share.point is None


def test_levels_are_counted_under_four_readings(registers: Registers) -> None:
    for levels in ("0", "1", "2", "3", "4", "5", "05", "13"):
        registers.enter(levels)
    assert registers.counts(Reading.BROAD) == Counts(6, 1, 1)
    assert registers.counts(Reading.LEGAL) == Counts(4, 2, 2)
    assert registers.counts(Reading.STRICT) == Counts(3, 3, 2)
    assert registers.counts(Reading.FULL) == Counts(1, 6, 1)


def test_what_is_only_claimed_is_unknown_where_evidence_is_asked_for(registers: Registers) -> None:
    registers.enter("5", evidenced="05")
    registers.enter("5", evidenced="5")
    assert registers.counts(basis=Basis.CLAIMED) == Counts(electronic=2)
    assert registers.counts(basis=Basis.EVIDENCED) == Counts(electronic=1, unknown=1)


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        (OutgoingState.ISSUED, 1),
        (OutgoingState.REVOKED, 1),  # it was issued, and as it was issued it counts
        (OutgoingState.REPLACED, 0),  # its replacement counts
        (OutgoingState.DRAFT, 0),
        (OutgoingState.SIGNED, 0),
        (OutgoingState.DROPPED, 0),
    ],
)
def test_only_what_was_issued_counts(registers: Registers, state: OutgoingState, counts: int) -> None:
    registers.enter(state=state)
    assert registers.counts().due == counts


def test_a_replaced_directive_counts_once_by_its_replacement(registers: Registers) -> None:
    second = registers.enter("5", dated=date(2025, 4, 1))
    registers.enter("0", state=OutgoingState.REPLACED, replaced_by_id=second)
    assert registers.counts() == Counts(electronic=1)


@pytest.mark.parametrize(
    "replacement",
    [
        {"kind": "Báo cáo"},
        {"kind": "Công văn", "direction": Direction.UP},
        {"kind": "Công văn"},  # nobody said to whom
        {"kind": "Kế hoạch", "dated": date(2026, 2, 1)},  # a directive no longer
    ],
)
def test_a_directive_that_no_directive_replaced_goes_on_counting(
    registers: Registers, database: Database, replacement: dict[str, Any]
) -> None:
    with database.writing() as session:
        session.execute(update(DirectiveKind).where(DirectiveKind.kind == "Kế hoạch").values(valid_to=date(2025, 12, 31)))
    second = registers.enter("5", **replacement)
    registers.enter("0", state=OutgoingState.REPLACED, replaced_by_id=second)
    assert registers.counts() == Counts(paper=1)


def test_a_directive_replaced_in_another_period_counts_there(registers: Registers) -> None:
    second = registers.enter("5", dated=date(2026, 2, 1))
    registers.enter("0", state=OutgoingState.REPLACED, replaced_by_id=second)
    assert registers.counts() == Counts()


@pytest.mark.parametrize(("dated", "counts"), [("2024-12-31", 0), ("2025-01-01", 1), ("2025-06-30", 1), ("2025-07-01", 0)])
def test_the_date_of_the_document_decides_not_that_of_sending(registers: Registers, dated: str, counts: int) -> None:
    registers.enter(dated=date.fromisoformat(dated), sent_at=datetime(2025, 3, 1, tzinfo=UTC))
    assert registers.counts().due == counts


def test_kinds_that_are_no_directives_do_not_count(registers: Registers) -> None:
    registers.enter(kind="Báo cáo")
    registers.enter(kind="Giấy mời")
    assert registers.counts() == Counts()


@pytest.mark.parametrize(("direction", "counts"), [(Direction.DOWN, 1), (Direction.UP, 0), (Direction.ACROSS, 0), (None, 0)])
def test_a_letter_counts_only_if_it_goes_down(registers: Registers, direction: Direction | None, counts: int) -> None:
    registers.enter(kind="Công văn", direction=direction)
    assert registers.counts().due == counts
    assert registers.ask(Shares.undirected) == (1 if direction is None else 0)


def test_a_kind_counts_from_the_day_on_which_the_list_says_so(registers: Registers, database: Database) -> None:
    with database.writing() as session:
        session.execute(delete(DirectiveKind))
        session.add(DirectiveKind(kind="Kế hoạch", valid_from=date(2025, 2, 1), valid_to=date(2025, 4, 30)))
    for day in (date(2025, 1, 31), date(2025, 2, 1), date(2025, 4, 30), date(2025, 5, 1)):
        registers.enter(dated=day)
    assert registers.counts().due == 2


def test_secret_documents_are_a_count_beside_and_in_no_share(registers: Registers, cast: Cast) -> None:
    registers.enter("5")
    clerk = cast.people["clerk"]
    unit = cast.units["LDLD"]
    registers.add(
        SecretCount(unit_id=unit, year=2025, month=1, kind="Kế hoạch", count=3, recorded_by_id=clerk),
        SecretCount(unit_id=unit, year=2025, month=6, count=2, recorded_by_id=clerk),
        SecretCount(unit_id=unit, year=2025, month=7, count=9, recorded_by_id=clerk),
    )
    assert registers.counts() == Counts(electronic=1, excluded_secret=5)
    assert registers.counts(kind="Kế hoạch") == Counts(electronic=1, excluded_secret=3)
    assert registers.counts().share.point == 1


def test_secret_documents_of_kinds_that_are_no_directives_are_not_left_out_of_anything(
    registers: Registers, cast: Cast, database: Database
) -> None:
    with database.writing() as session:
        session.execute(delete(DirectiveKind))
        session.add(DirectiveKind(kind="Kế hoạch", valid_from=date(2025, 3, 1), valid_to=date(2025, 4, 10)))
    said = [("Báo cáo", 3, 100), ("Kế hoạch", 2, 10), ("Kế hoạch", 4, 2), ("Kế hoạch", 5, 40), ("", 1, 1)]
    for kind, month_number, number in said:
        registers.add(
            SecretCount(
                unit_id=cast.units["LDLD"], year=2025, month=month_number, kind=kind, count=number,
                recorded_by_id=cast.people["clerk"],
            )
        )  # fmt: skip
    assert registers.counts() == Counts(excluded_secret=3)
    assert registers.counts(kind="Báo cáo") == Counts()
    assert summed(registers.ask(Shares.by_kind).values()) == registers.ask(Shares.whole)


def test_numbers_that_are_missing_are_unknown(registers: Registers) -> None:
    registers.enter(number=2)  # number 1 is missing
    registers.enter(number=3)
    registers.enter(number=6, dated=date(2025, 5, 1))  # 4 and 5 are missing
    assert registers.counts() == Counts(electronic=3, unknown=3)
    months = registers.ask(Shares.by_month)
    assert [figures.of(Basis.CLAIMED, Reading.LEGAL).unknown for figures in months.values()] == [0, 0, 1, 0, 2, 0]
    assert registers.ask(lambda shares: [gap.numbers for gap in shares.missing_numbers]) == [(1,), (4, 5)]


@pytest.mark.parametrize(
    ("reason", "unknown"),
    [(GapReason.SECRET, 0), (GapReason.CANCELLED, 0), (GapReason.SKIPPED, 0), (GapReason.LOST, 1)],
)
def test_a_missing_number_with_a_reason_is_not_unknown_unless_the_document_is_lost(
    registers: Registers, cast: Cast, reason: GapReason, unknown: int
) -> None:
    registers.enter(number=2)
    registers.add(
        NumberGap(
            unit_id=cast.units["LDLD"], series="2025|Kế hoạch", number=1, reason=reason, recorded_by_id=cast.people["clerk"]
        )
    )
    assert registers.counts() == Counts(electronic=1, unknown=unknown)


def test_a_number_with_a_letter_leaves_no_hole(registers: Registers) -> None:
    registers.enter(number=1)
    registers.enter(number=1, suffix="b")
    registers.enter(number=2)
    assert registers.counts() == Counts(electronic=3)


def test_a_number_that_is_taken_by_a_replaced_document_is_not_missing(registers: Registers) -> None:
    registers.enter(number=1, state=OutgoingState.REPLACED)
    registers.enter(number=2)
    assert registers.counts() == Counts(electronic=1)


def test_numbers_missing_among_reports_are_no_directives(registers: Registers) -> None:
    registers.enter(number=5, kind="Báo cáo")
    assert registers.counts() == Counts()


def test_a_common_run_hides_kinds_so_its_missing_numbers_are_unknown(registers: Registers) -> None:
    registers.enter(series="2025|", number=1)
    registers.enter(series="2025|", number=3)
    assert registers.counts() == Counts(electronic=2, unknown=1)
    assert registers.counts(kind="Kế hoạch") == Counts(electronic=2)
    assert registers.ask(Shares.by_kind)[""].of(Basis.CLAIMED, Reading.LEGAL) == Counts(unknown=1)


def test_before_any_kind_counts_no_missing_number_of_a_common_run_does(registers: Registers, database: Database) -> None:
    with database.writing() as session:
        session.execute(delete(DirectiveKind))
        session.add(DirectiveKind(kind="Kế hoạch", valid_from=date(2025, 5, 1)))
    registers.enter(series="2025|", number=3)  # in March
    registers.enter(series="2025|", number=5, dated=date(2025, 5, 2))
    assert registers.counts() == Counts(electronic=1, unknown=1)


def test_a_run_of_a_whole_term_is_walked_across_the_years(registers: Registers) -> None:
    registers.enter(series="term:2023-09-28|Kế hoạch", number=40, dated=date(2024, 12, 1))
    registers.enter(series="term:2023-09-28|Kế hoạch", number=42)
    assert registers.counts() == Counts(electronic=1, unknown=1)


def test_nobody_sees_more_than_the_units_of_the_selection(registers: Registers, cast: Cast) -> None:
    registers.enter("5", unit="LDLD", number=1)
    registers.enter("0", unit="CD-PHUCAT", number=3)
    registers.add(
        SecretCount(unit_id=cast.units["CD-TUYPHUOC"], year=2025, month=1, count=1, recorded_by_id=cast.people["clerk"])
    )
    assert registers.counts(units=["CD-PHUCAT"]) == Counts(paper=1, unknown=2)
    assert registers.counts(units=["CD-TUYPHUOC"]) == Counts(excluded_secret=1)
    assert registers.counts(units=[]) == Counts()
    assert set(registers.ask(Shares.by_unit, units=["LDLD"])) == {cast.units["LDLD"]}
    documents = registers.ask(lambda shares: shares.documents(Basis.CLAIMED, Reading.LEGAL, None), units=["CD-PHUCAT"])
    assert [one.unit_id for one in documents] == [cast.units["CD-PHUCAT"]]


def test_a_scope_of_fifteen_hundred_units_is_no_trouble(registers: Registers, database: Database) -> None:
    registers.enter("5")
    with database.reading() as session:
        selection = Selection(H1, frozenset(range(1, 2000)))
        assert Shares(session, selection).whole().of(Basis.CLAIMED, Reading.LEGAL) == Counts(electronic=1)


def test_figures_by_level_of_the_union(registers: Registers, database: Database) -> None:
    registers.enter("5", unit="LDLD")
    registers.enter("0", unit="CD-PHUCAT")
    registers.enter("3", unit="CD-TUYPHUOC")
    with database.reading() as session:
        levels = by_level(registers.ask(Shares.by_unit), session.scalars(select(Unit)))
    assert levels[UnitKind.PROVINCE].of(Basis.CLAIMED, Reading.LEGAL) == Counts(electronic=1)
    assert levels[UnitKind.UPPER].of(Basis.CLAIMED, Reading.LEGAL) == Counts(electronic=1, paper=1)


def test_the_documents_behind_each_figure(registers: Registers) -> None:
    ids = {levels: registers.enter(levels) for levels in ("0", "3", "05")}

    def found(outcome: Outcome | None) -> list[int]:
        documents = registers.ask(lambda shares: shares.documents(Basis.CLAIMED, Reading.LEGAL, outcome))
        return [one.id for one in documents]

    assert found(Outcome.ELECTRONIC) == [ids["3"]]
    assert found(Outcome.PAPER) == [ids["0"]]
    assert found(Outcome.UNKNOWN) == [ids["05"]]
    assert sorted(found(None)) == sorted(ids.values())


def test_causes_say_what_would_turn_how_many(registers: Registers) -> None:
    registers.enter("0", number=2)  # number 1 is missing
    registers.enter("05")
    registers.enter("5", evidenced="05")
    registers.enter("5", evidenced="15")
    registers.enter("5", evidenced="15")
    registers.enter("5", evidenced="5")
    assert registers.ask(lambda shares: shares.causes(Basis.CLAIMED, Reading.LEGAL)) == {
        Cause.NOT_RECORDED: 1,
        Cause.NUMBER_MISSING: 1,
        Cause.BELOW: 1,
    }
    assert registers.ask(lambda shares: shares.causes(Basis.EVIDENCED, Reading.LEGAL)) == {
        Cause.NOT_SIGNED_BY_ORGANISATION: 2,
        Cause.NOT_RECORDED: 1,
        Cause.NO_FILE: 1,
        Cause.NUMBER_MISSING: 1,
        Cause.BELOW: 1,
    }


Drawn = tuple[str, str, Direction | None, date, tuple[int, int, int, int], OutgoingState, int]
rows = st.lists(
    st.tuples(
        st.sampled_from(["LDLD", "CD-PHUCAT", "CD-TUYPHUOC"]),
        st.sampled_from(["Kế hoạch", "Công văn", "Báo cáo", "Chỉ thị"]),
        st.sampled_from([Direction.DOWN, Direction.UP, None]),
        st.dates(date(2024, 12, 20), date(2025, 7, 10)),
        st.tuples(*[st.integers(0, 5)] * 4),
        st.sampled_from(OutgoingState),
        st.integers(1, 60),
    ),
    max_size=25,
)


@given(rows)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_dimension_adds_up_to_the_whole(
    registers: Registers,
    database: Database,
    cast: Cast,
    rows: list[Drawn],
) -> None:
    with database.writing() as session:
        session.execute(delete(OutgoingDocument))
        if made := list({(one["unit_id"], one["series"], one["number"]): one for one in map(_row(cast), rows)}.values()):
            session.execute(insert(OutgoingDocument), made)
    whole = registers.ask(Shares.whole)
    units = [registers.ask(Shares.whole, units=[code]) for code in cast.units]
    kinds = registers.ask(Shares.by_kind)
    assert summed(units) == whole
    assert summed(registers.ask(Shares.by_unit).values()) == whole
    assert summed(kinds.values()) == whole
    assert summed(registers.ask(Shares.whole, period=one) for one in H1.months()) == whole
    for kind, figures in kinds.items():
        assert kind == "" or registers.ask(Shares.whole, kind=kind) == figures
    for basis in Basis:
        for reading in Reading:
            counts = whole.of(basis, reading)
            missing = registers.ask(lambda shares: sum(len(gap.numbers) for gap in shares.missing_numbers))
            found = [
                len(registers.ask(lambda shares, o=outcome, b=basis, r=reading: shares.documents(b, r, o)))
                for outcome in Outcome
            ]
            assert found == [counts.electronic, counts.paper, counts.unknown - missing]
            causes = registers.ask(lambda shares, b=basis, r=reading: shares.causes(b, r))
            causes.pop(Cause.NUMBER_MISSING, None)
            assert causes == {
                cause: len(registers.ask(lambda shares, c=cause, b=basis, r=reading: shares.documents(b, r, None, cause=c)))
                for cause in causes
            }


def _row(cast: Cast, is_common: bool = False) -> Callable[..., dict[str, Any]]:
    def row(drawn: Drawn) -> dict[str, Any]:
        unit, kind, direction, dated, levels, state, number = drawn
        claimed, evidenced = sorted(levels[:2]), sorted(levels[2:])
        return {
            "unit_id": cast.units[unit], "kind": kind, "direction": direction, "dated": dated, "state": state, "number": number,
            "series": f"{dated.year}|{'' if is_common else kind}", "abstract": "x",
            "words": "", "claimed_low": claimed[0], "claimed_high": claimed[1],
            "evidenced_low": evidenced[0], "evidenced_high": evidenced[1],
        }  # fmt: skip

    return row


def due_by_rule(
    rows: list[dict[str, Any]], terms: list[DirectiveKind], units: set[int], period: Period, kind: str | None
) -> list[dict[str, Any]]:
    """The rows that are directives of the period, by the pure rules alone."""
    return [
        row
        for row in rows
        if row["state"] in COUNTED
        and row["dated"] in period
        and row["unit_id"] in units
        and kind in (None, row["kind"])
        and any(
            term.kind == row["kind"]
            and term.holds_on(row["dated"])
            and (not term.only_down or row["direction"] is Direction.DOWN)
            for term in terms
        )
    ]


def missing_by_rule(
    rows: list[dict[str, Any]],
    terms: list[DirectiveKind],
    explained: set[tuple[int, str, int]],
    units: set[int],
    period: Period,
    kind: str | None,
) -> int:
    """How many numbers of the runs name nothing, if they may have been such directives: walked number by number."""
    found = 0
    for unit, series in {(row["unit_id"], row["series"]) for row in rows if row["unit_id"] in units}:
        run = {row["number"]: row["dated"] for row in rows if (row["unit_id"], row["series"]) == (unit, series)}
        of_kind = series.partition("|")[2]
        for number in range(1, max(run)):
            dated = run[min(one for one in run if one >= number)]
            may_be = any(of_kind in ("", term.kind) and term.holds_on(dated) for term in terms)
            is_asked = number not in run and (unit, series, number) not in explained and kind in (None, of_kind)
            found += is_asked and dated in period and may_be
    return found


def levels_of(row: dict[str, Any], basis: Basis) -> LevelRange:
    return LevelRange(Level(row[f"{basis.value}_low"]), Level(row[f"{basis.value}_high"]))


terms_drawn = st.lists(
    st.tuples(
        st.sampled_from(["Kế hoạch", "Công văn", "Chỉ thị"]), st.dates(date(2024, 12, 1), date(2025, 7, 1)), st.integers(0, 90)
    ),
    unique_by=lambda term: term[0],
)
periods_drawn = st.tuples(st.dates(date(2024, 12, 20), date(2025, 7, 10)), st.integers(0, 200)).map(
    lambda two: Period(two[0], two[0] + timedelta(days=two[1]))
)


@given(
    rows, terms_drawn, periods_drawn, st.booleans(), st.sets(st.integers(1, 60)), st.sampled_from([None, "Kế hoạch", "Báo cáo"])
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sql_counts_what_the_pure_rules_count(
    registers: Registers,
    database: Database,
    cast: Cast,
    rows: list[Drawn],
    terms: list[tuple[str, date, int]],
    period: Period,
    is_common: bool,
    explained: set[int],
    kind: str | None,
) -> None:
    made = list({(one["unit_id"], one["series"], one["number"]): one for one in map(_row(cast, is_common), rows)}.values())
    kinds = [
        DirectiveKind(kind=name, valid_from=first, valid_to=first + timedelta(days=days), only_down=name == "Công văn")
        for name, first, days in terms
    ]
    gaps = {(one["unit_id"], one["series"], number) for one in made for number in explained}
    gaps -= {(one["unit_id"], one["series"], one["number"]) for one in made}
    with database.writing() as session:
        for table in (OutgoingDocument, NumberGap, DirectiveKind):
            session.execute(delete(table))
        if made:
            session.execute(insert(OutgoingDocument), made)
        session.add_all(
            NumberGap(unit_id=unit, series=series, number=number, reason=GapReason.SKIPPED, recorded_by_id=cast.people["clerk"])
            for unit, series, number in gaps
        )
        session.add_all(kinds)
        session.flush()
        session.expunge_all()
    for codes in (["LDLD"], ["CD-PHUCAT", "CD-TUYPHUOC"], list(cast.units)):
        units = {cast.units[code] for code in codes}
        due = due_by_rule(made, kinds, units, period, kind)
        missing = Counts(unknown=missing_by_rule(made, kinds, gaps, units, period, kind))
        whole = registers.ask(Shares.whole, period=period, units=codes, kind=kind)
        for basis in Basis:
            for reading in Reading:
                assert whole.of(basis, reading) == count([levels_of(row, basis) for row in due], reading) + missing


# who has reported


def reported(database: Database, period: Period, day: date) -> dict[str, tuple[int, int]]:
    with database.reading() as session:
        found = Reports(session).of(period, units_under(session, ["LDLD"]), today=day)
        return {one.unit.code: (one.due, one.given) for one in found}


def test_units_that_must_report_owe_each_month_that_is_over(registers: Registers, database: Database, cast: Cast) -> None:
    clerk = cast.people["unit_clerk"]
    registers.add(RegisterReport(unit_id=cast.units["CD-PHUCAT"], year=2025, month=2, reported_by_id=clerk))
    assert reported(database, H1, date(2025, 3, 31)) == {"CD-PHUCAT": (2, 1), "CD-TUYPHUOC": (2, 0), "LDLD": (2, 0)}
    assert reported(database, H1, date(2026, 1, 1))["CD-PHUCAT"] == (6, 1)
    assert reported(database, H1, date(2025, 1, 31)) == {}


def test_a_grassroots_union_owes_its_word_if_it_hangs_from_the_province_or_keeps_a_register(
    registers: Registers, database: Database, cast: Cast
) -> None:
    since = date(2000, 1, 1)
    direct = Unit(code="CS-1", name="CĐCS trực thuộc", kind=UnitKind.GRASSROOTS, parent_id=cast.units["LDLD"], valid_from=since)
    below = Unit(code="CS-2", name="CĐCS xã", kind=UnitKind.GRASSROOTS, parent_id=cast.units["CD-PHUCAT"], valid_from=since)
    registers.add(direct, below)
    assert "CS-1" in reported(database, H1, date(2026, 1, 1))
    assert "CS-2" not in reported(database, H1, date(2026, 1, 1))
    with database.reading() as session:
        cast.units["CS-2"] = session.scalars(select(Unit.id).where(Unit.code == "CS-2")).one()
    registers.enter(unit="CS-2", kind="Báo cáo", dated=date(2025, 9, 1))
    assert "CS-2" not in reported(database, H1, date(2026, 1, 1))  # it began later
    registers.enter(unit="CS-2", kind="Báo cáo", dated=date(2024, 9, 1))
    assert reported(database, H1, date(2026, 1, 1))["CS-2"] == (6, 0)  # it kept one, and has fallen silent


def test_a_unit_that_ended_owes_the_months_in_which_it_stood(registers: Registers, database: Database, cast: Cast) -> None:
    with database.writing() as session:
        session.get_one(Unit, cast.units["CD-PHUCAT"]).valid_to = date(2025, 2, 14)
    assert reported(database, H1, date(2026, 1, 1))["CD-PHUCAT"] == (2, 0)


# closings


@pytest.fixture
def later() -> Iterator[None]:
    clock.fix(datetime(2025, 7, 2, 3, tzinfo=UTC))
    yield
    clock.fix(None)


def closing_of(database: Database, cast: Cast, act: Callable[[Closings, Person], ShareClosing]) -> int:
    with database.writing() as session:
        closings = Closings(session, session.get_one(Unit, cast.units["LDLD"]), target_for)
        return act(closings, session.get_one(Person, cast.people["clerk"])).id


def close(closings: Closings, person: Person) -> ShareClosing:
    return closings.close(H1, person)


def test_a_closing_freezes_figures_and_documents_and_is_locked_by_their_hash(
    registers: Registers, database: Database, cast: Cast, later: None
) -> None:
    registers.enter("5", number=1)
    registers.enter("0", number=2, unit="LDLD")
    closing_id = closing_of(database, cast, close)
    registers.enter("0", number=3)
    with database.reading() as session:
        closing = session.get_one(ShareClosing, closing_id)
        frozen = closing.frozen()
        assert closing.is_intact()
        assert closing.sha256 == digest(closing.content)
        assert frozen.whole.of(Basis.CLAIMED, Reading.LEGAL) == Counts(1, 1)
        assert frozen.part("kind")["Kế hoạch"] == frozen.whole
        assert [one["number"] for one in frozen.documents.values()] == ["01/", "02/"]
        assert {one["code"] for one in frozen.not_reported} == {"LDLD", "CD-PHUCAT", "CD-TUYPHUOC"}
        assert Fraction(frozen.facts["target"]["share"]) == Fraction(3, 5)


def test_later_corrections_are_shown_beside_what_was_locked(
    registers: Registers, database: Database, cast: Cast, later: None
) -> None:
    first, second = registers.enter("5", number=1), registers.enter("0", number=2)
    closing_id = closing_of(database, cast, close)
    with database.writing() as session:
        session.get_one(OutgoingDocument, first).claimed_low = 1
        session.delete(session.get_one(OutgoingDocument, second))
    third = registers.enter("5", number=2)
    with database.reading() as session:
        changes = Closings(session, session.get_one(Unit, cast.units["LDLD"]), target_for).changes(
            session.get_one(ShareClosing, closing_id)
        )
        said = {
            one.document["id"]: (one.before and one.before["claimed"], one.after and one.after["claimed"])
            for one in changes.documents
        }
        assert not changes.is_empty
    assert said[first] == ("L5", "L1-L5")
    assert third == second or said[second] == ("L0", None)


def test_a_period_that_is_not_over_is_not_closed(database: Database, cast: Cast, later: None) -> None:
    with pytest.raises(PeriodNotOver):
        closing_of(database, cast, lambda closings, person: closings.close(parse_period("2025"), person))
    with pytest.raises(NotAReportingPeriod):
        closing_of(database, cast, lambda closings, person: closings.close(month(2025, 1), person))


def test_a_closed_period_is_not_closed_again_but_corrected(
    registers: Registers, database: Database, cast: Cast, later: None
) -> None:
    registers.enter("5")
    first = closing_of(database, cast, close)
    with pytest.raises(PeriodClosed):
        closing_of(database, cast, close)
    with pytest.raises(NothingToCorrect):
        closing_of(database, cast, lambda closings, person: closings.correct(closings.get(first), person, "Thừa"))
    registers.enter("0")
    second = closing_of(
        database, cast, lambda closings, person: closings.correct(closings.get(first), person, "Sót một văn bản")
    )
    with database.reading() as session:
        former, corrected = session.get_one(ShareClosing, first), session.get_one(ShareClosing, second)
        assert (corrected.version, corrected.corrects_id) == (2, first)
        assert corrected.frozen().facts["corrects"] == former.sha256
        assert former.frozen().whole.of(Basis.CLAIMED, Reading.LEGAL) == Counts(1)
    registers.enter("0")
    with pytest.raises(ClosingCorrected):
        closing_of(database, cast, lambda closings, person: closings.correct(closings.get(first), person, "Muộn"))


def test_two_who_close_at_once_close_once(registers: Registers, database: Database, cast: Cast, later: None) -> None:
    registers.enter("5")

    def work(_turn: int) -> int | None:
        try:
            return closing_of(database, cast, close)
        except PeriodClosed:
            return None

    with ThreadPoolExecutor(3) as pool:
        made = list(pool.map(work, range(3)))
    assert sum(one is not None for one in made) == 1


def test_a_closing_is_never_changed(registers: Registers, database: Database, cast: Cast, later: None) -> None:
    closing_id = closing_of(database, cast, close)
    with pytest.raises(ClosingIsAppendOnly), database.writing() as session:
        session.get_one(ShareClosing, closing_id).reason = "khác"
    with pytest.raises(ClosingIsAppendOnly), database.writing() as session:
        session.delete(session.get_one(ShareClosing, closing_id))


def test_the_target_is_the_plans_and_a_later_plan_sets_a_later_one(database: Database) -> None:
    with database.writing() as session:
        seed_plan(session)
        session.flush()
        found = target_for(session, parse_period("2025-H1"))
        assert found
        assert (found.share, "60%" in found.source) == (Fraction(3, 5), True)
        assert target_for(session, parse_period("2026-H1")) is None
        (indicator,) = session.scalars(select(Indicator).where(Indicator.source == Source.REGISTER))
        indicator.targets.append(PlanTarget(year=2027, hundredths=8000, sentence="80%"))
    with database.reading() as session:
        later = target_for(session, parse_period("2027-H2"))
        assert later
        assert later.share == Fraction(4, 5)


def test_the_later_plan_has_the_word_even_if_the_older_one_was_written_on_later(database: Database) -> None:
    with database.writing() as session:
        seed_plan(session)
        session.flush()
        (old,) = session.scalars(select(Indicator).where(Indicator.source == Source.REGISTER))
        plan = Plan(code="MOI", name="Kế hoạch mới", valid_from=date(2026, 1, 1))
        new = Indicator(plan=plan, code="CT10", name="Văn bản", source=Source.REGISTER, reporter_names=[])
        new.targets.append(PlanTarget(year=2026, hundredths=8000))
        session.add(plan)
        session.flush()
        old.targets.append(PlanTarget(year=2026, hundredths=6500))
    with database.reading() as session:
        target = target_for(session, parse_period("2026-H1"))
        assert target
        assert target.share == Fraction(4, 5)
