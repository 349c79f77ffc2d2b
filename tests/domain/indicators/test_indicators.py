from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ground.errors import StepNotAllowed
from domain.ground.periods import PeriodUnknown, half, parse_period
from domain.indicators.indicators import (
    TOLD_WHOLE,
    Answer,
    Entry,
    Figure,
    FigureRefused,
    Op,
    Reporter,
    ReportState,
    ReportStep,
    Source,
    Verdict,
    check,
    deadline,
    judge,
    milestone_verdict,
    reported_period,
    reporters_on,
    take,
    total_of,
)
from domain.people.units import UnitFacts, UnitKind

FIGURES = st.builds(lambda part, rest, unknown: Figure(part, part + rest + unknown, unknown), *[st.integers(0, 10**6)] * 3)


@pytest.mark.parametrize(
    ("entry", "op", "problem"),
    [
        (Entry(Answer.FIGURE, 5, 4), Op.GE, "over"),
        (Entry(Answer.FIGURE, 0, 0), Op.GE, "nothing_to_divide"),
        (Entry(Answer.FIGURE, -1, 4), Op.GE, "negative"),
        (Entry(Answer.FIGURE, 1, None), Op.GE, "missing"),
        (Entry(Answer.UNKNOWN, reason="  "), Op.GE, "reason_missing"),
        (Entry(Answer.DONE), Op.MILESTONE, "proof_missing"),
        (Entry(Answer.DONE, proof="KL 12"), Op.GE, "answer"),
        (Entry(Answer.NOTHING_DUE), Op.MILESTONE, "answer"),
    ],
)
def test_an_entry_that_cannot_be_so_is_refused_with_its_problem(entry: Entry, op: Op, problem: str) -> None:
    with pytest.raises(FigureRefused) as refused:
        check(entry, op=op)
    assert refused.value.problem == problem


def test_a_numerator_may_pass_the_denominator_only_where_it_is_no_part_of_it() -> None:
    check(Entry(Answer.FIGURE, 5, 4), op=Op.GE, is_bounded=False)


@given(FIGURES)
def test_a_share_lies_in_its_interval_and_there_is_none_where_nothing_was_due(figure: Figure) -> None:
    share = figure.share
    assert (share.low is None) is (figure.denominator == 0)
    if share.point is not None:
        assert share.low is not None
        assert share.high is not None
        assert 0 <= share.low <= share.point <= share.high <= 1


def test_shares_are_never_averaged() -> None:
    assert (Figure(1, 1) + Figure(0, 99)).share.point == Fraction(1, 100)


def test_nothing_due_anywhere_gives_no_figure_and_no_verdict() -> None:
    together = total_of(Figure(), {Answer.NOTHING_DUE: {1, 2}}, [1, 2])
    assert together.is_whole
    assert together.figure.share.point is None
    assert judge(Op.GE, together.figure.share, Fraction(60, 100)) is Verdict.NO_FIGURE


@pytest.mark.parametrize(
    ("op", "figure", "percent", "is_whole", "verdict"),
    [
        (Op.GE, Figure(60, 100), 60, True, Verdict.MET),
        (Op.GE, Figure(5996, 10000), 60, True, Verdict.NOT_MET),
        (Op.GE, Figure(50, 100, 20), 60, True, Verdict.UNDECIDED),
        (Op.GE, Figure(70, 100), 60, False, Verdict.UNDECIDED),
        (Op.FULL, Figure(99, 100), 100, False, Verdict.NOT_MET),
        (Op.FULL, Figure(100, 100), 100, False, Verdict.UNDECIDED),
        (Op.FULL, Figure(100, 100), 100, True, Verdict.MET),
        (Op.GE, Figure(60, 100), None, True, Verdict.NO_TARGET),
    ],
)
def test_a_verdict_is_given_only_where_nobody_who_is_silent_could_turn_it(
    op: Op, figure: Figure, percent: int | None, is_whole: bool, verdict: Verdict
) -> None:
    target = None if percent is None else Fraction(percent, 100)
    assert judge(op, figure.share, target, is_whole=is_whole) is verdict


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ([Answer.DONE, Answer.DONE], Verdict.MET),
        ([Answer.DONE, Answer.NOT_YET], Verdict.NOT_MET),
        ([Answer.DONE, Answer.UNKNOWN], Verdict.UNDECIDED),
        ([Answer.DONE, None], Verdict.UNDECIDED),
        ([None, None], Verdict.NO_FIGURE),
        ([], Verdict.NO_FIGURE),
    ],
)
def test_a_milestone_is_met_once_all_its_parts_are_done(answers: list[Answer | None], verdict: Verdict) -> None:
    assert milestone_verdict(answers, has_target=True) is verdict


def test_a_report_goes_from_draft_to_acceptance_and_an_accepted_one_is_only_corrected() -> None:
    state = ReportState.DRAFT
    for step in (ReportStep.SUBMIT, ReportStep.RETURN, ReportStep.SUBMIT, ReportStep.SIGN, ReportStep.ACCEPT):
        state = take(state, step)
    assert state is ReportState.ACCEPTED
    for step in set(ReportStep) - {ReportStep.CORRECT}:
        with pytest.raises(StepNotAllowed):
            take(state, step)


def test_who_reports_follows_the_tree_of_the_day() -> None:
    kinds = {
        "T": UnitKind.PROVINCE,
        "VP": UnitKind.OFFICE,
        "H": UnitKind.UPPER,
        "TT": UnitKind.GRASSROOTS,
        "CS": UnitKind.GRASSROOTS,
    }
    units = {
        "T": UnitFacts("T", None, date(1989, 7, 1)),
        "VP": UnitFacts("VP", "T", date(1989, 7, 1)),
        "H": UnitFacts("H", "T", date(1989, 7, 1), date(2025, 6, 30), "T"),
        "TT": UnitFacts("TT", "T", date(1990, 1, 1)),
        "CS": UnitFacts("CS", "H", date(1990, 1, 1)),
    }
    assert reporters_on(date(2025, 6, 30), units, kinds) == {
        "T": Reporter.PROVINCE, "H": Reporter.UPPER, "TT": Reporter.DIRECT, "CS": Reporter.GRASSROOTS,
    }  # fmt: skip
    after = reporters_on(date(2025, 12, 31), units, kinds)
    assert after == {"T": Reporter.PROVINCE, "TT": Reporter.DIRECT, "CS": Reporter.DIRECT}


def test_units_report_on_half_years_and_years_only() -> None:
    assert reported_period("2025") == parse_period("2025")
    with pytest.raises(PeriodUnknown):
        reported_period("2025-03")


def test_reminders_begin_before_the_due_date_and_never_before_the_period_has_ended() -> None:
    due = deadline(half(2026, 1), due_days=15, remind_days=30)
    assert (due.remind_from, due.due_on) == (date(2026, 7, 1), date(2026, 7, 15))
    assert due.is_near(date(2026, 7, 15))
    assert not due.is_past(date(2026, 7, 15))
    assert due.is_past(date(2026, 7, 16))


# What counts is an allow-list


def test_each_kind_of_unit_reports_as_somebody_or_not_at_all() -> None:
    units = {kind.value: UnitFacts(kind.value, None, date(1989, 7, 1)) for kind in UnitKind}
    assert reporters_on(date(2026, 1, 1), units, {kind.value: kind for kind in UnitKind}) == {
        "province": Reporter.PROVINCE, "upper": Reporter.UPPER, "grassroots": Reporter.GRASSROOTS,
    }  # fmt: skip
    assert sorted(units) == ["grassroots", "office", "province", "upper"]


def test_every_source_tells_the_whole_but_a_register() -> None:
    assert sorted([*TOLD_WHOLE, Source.REGISTER]) == sorted(Source)


def test_a_target_is_met_from_below_only_where_that_is_what_is_asked() -> None:
    met = {op: judge(op, Figure(10, 10).share, Fraction(60, 100)) for op in Op}
    assert met == {Op.GE: Verdict.MET, Op.FULL: Verdict.MET, Op.MILESTONE: Verdict.UNDECIDED}
