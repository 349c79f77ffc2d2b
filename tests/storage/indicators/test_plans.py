import io
import zipfile
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from domain.directives.directives import OutgoingState
from domain.ground import clock
from domain.ground.errors import AlreadyExists, FileRefused, StepNotAllowed
from domain.ground.periods import Period, parse_period
from domain.indicators.indicators import (
    Answer,
    Entry,
    Fact,
    Figure,
    Op,
    PeriodNotEnded,
    PlanInUse,
    Reporter,
    ReportIncomplete,
    ReportState,
    ReportStep,
    Source,
    Total,
    Verdict,
)
from domain.people.units import UnitKind
from storage.directives.outgoing import OutgoingDocument, RegisterReport, seed_directive_kinds
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.mail import Mail
from storage.ground.settings import Settings
from storage.indicators.board import Board
from storage.indicators.facts import fact
from storage.indicators.mail import IndicatorReminder, has_reminders_due, remind_due
from storage.indicators.plans import Indicator, Plans, seed_plan
from storage.indicators.reports import (
    Closings,
    IndicatorReport,
    Reports,
    advance,
    asked_of,
    digest,
    keep_file,
    parts_of,
    remove_indicator,
    write,
)
from storage.people.people import People
from storage.people.units import Unit, Units
from tests.cast import Cast, gather

FIGURE = Entry(Answer.FIGURE, 3, 4)
H1 = parse_period("2026-H1")


@pytest.fixture
def cast(database: Database) -> Cast:
    with database.writing() as session:
        seed_plan(session)
    return gather(database)


def report(
    session: Session,
    cast: Cast,
    unit: str,
    *,
    period: Period = H1,
    state: ReportState = ReportState.ACCEPTED,
    figure: Entry = FIGURE,
    but: dict[str, Entry] | None = None,
) -> IndicatorReport:
    """A report of the unit in which every figure is that one, but for the codes in `but`."""
    plan, clerk = Plans(session).all()[0], People(session).get(cast.people["clerk"])
    found = Reports(session, plan).begin(Units(session).get(cast.units[unit]), period)
    asked = asked_of(plan, Reporter.PROVINCE if unit == "LDLD" else Reporter.UPPER)
    for one in asked:
        for part in parts_of(one):
            entry = Entry(Answer.DONE, proof="Kết luận 12") if one.is_milestone else (but or {}).get(one.code, figure)
            write(found, one, entry, part=part)
    for step, after in (
        (ReportStep.SUBMIT, ReportState.SUBMITTED),
        (ReportStep.SIGN, ReportState.SIGNED),
        (ReportStep.ACCEPT, ReportState.ACCEPTED),
    ):
        if found.state is not state:
            advance(found, step, clerk, asked=asked)
            assert found.state is after
    session.flush()
    return found


def board(session: Session, *, period: Period = H1) -> Board:
    return Board(session, Plans(session).all()[0], period, frozenset(unit.id for unit in Units(session).all()))


def summed(session: Session, code: str, *, period: Period = H1) -> Total:
    here = board(session, period=period)
    return here.total(here.plan.indicator(code), here.reporters)


def test_a_new_database_holds_the_plan_of_fifteen_with_its_targets_and_sentences(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        seed_plan(session)  # again: nothing comes twice
    with database.reading() as session:
        (plan,) = Plans(session).all()
        assert [one.code for one in plan.indicators] == [f"CT{number:02}" for number in range(15)]
        goals = {one.code: [(target.year, target.hundredths) for target in one.targets] for one in plan.indicators}
        assert goals["CT10"] == [(2025, 6000)]  # the plan sets none for 2030
        assert goals["CT06"] == [(2025, 7000), (2030, 9000)]
        assert goals["CT12"] == [(2030, 10000)]
        assert goals["CT02"] == [(2025, None)]
        assert all(target.sentence for one in plan.indicators for target in one.targets)
        assert plan.indicator("CT10").source is Source.REGISTER
        assert [part.fact for part in plan.indicator("CT02").milestones] == list(Fact)
        assert len(plan.indicators) == 15


def test_what_people_changed_in_the_plan_is_not_sown_over(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        Plans(session).all()[0].name = "Tên đã sửa"
    with database.writing() as session:
        seed_plan(session)
    with database.reading() as session:
        assert [plan.name for plan in Plans(session).all()] == ["Tên đã sửa"]


def test_a_copied_plan_has_the_indicators_and_targets_but_not_the_sentences_of_the_old_paper(
    database: Database, cast: Cast
) -> None:
    with database.writing() as session:
        plans = Plans(session)
        copied = plans.copy(plans.all()[0], "KH-2031", "Kế hoạch mới")
        assert [target.hundredths for target in copied.indicator("CT05").targets] == [6000, 9000]
        assert {target.sentence for target in copied.indicator("CT05").targets} == {""}
        with pytest.raises(AlreadyExists):
            plans.copy(copied, "KH-2031", "Lần nữa")


def test_an_indicator_that_somebody_has_reported_is_not_removed(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        report(session, cast, "CD-PHUCAT")
        plans = Plans(session)
        plan = plans.all()[0]
        with pytest.raises(PlanInUse):
            remove_indicator(session, plan.indicator("CT05"))
        remove_indicator(session, plan.indicator("CT10"))
        assert "CT10" not in [one.code for one in plan.indicators]


def test_the_figure_of_all_is_the_sum_of_its_units_and_who_is_silent_is_named(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        report(session, cast, "CD-PHUCAT", figure=Entry(Answer.FIGURE, 1, 10))
        report(session, cast, "LDLD", figure=Entry(Answer.FIGURE, 80, 90))
        together = summed(session, "CT05")
        assert together.figure == Figure(81, 100)
        assert together.silent == (cast.units["CD-TUYPHUOC"],)
        result = board(session).result(Plans(session).all()[0].indicator("CT05"), cast.units.values(), 2030)
        assert result.verdict is Verdict.UNDECIDED


def test_only_accepted_reports_count(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        report(session, cast, "CD-PHUCAT", state=ReportState.SIGNED)
        assert summed(session, "CT06").figure == Figure()


def test_nothing_due_adds_nothing_and_unknown_is_told_apart_from_silence(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        but = {"CT07": Entry(Answer.UNKNOWN, reason="phần mềm hỏng"), "CT12": Entry(Answer.NOTHING_DUE)}
        report(session, cast, "CD-PHUCAT", but=but)
        report(session, cast, "CD-TUYPHUOC", figure=Entry(Answer.FIGURE, 1, 2), but={"CT12": Entry(Answer.NOTHING_DUE)})
        assert summed(session, "CT07").unknown == (cast.units["CD-PHUCAT"],)
        assert summed(session, "CT07").figure == Figure(1, 2)
        assert summed(session, "CT12").figure.share.point is None
        assert summed(session, "CT12").is_whole


def test_a_correction_counts_only_once_it_is_accepted_and_the_accepted_version_stays(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        plan, clerk = Plans(session).all()[0], People(session).get(cast.people["clerk"])
        first = report(session, cast, "CD-PHUCAT")
        second = Reports(session, plan).correct(first, clerk, "đếm nhầm")
        assert (second.version, second.state) == (2, ReportState.DRAFT)
        write(second, plan.indicator("CT06"), Entry(Answer.FIGURE, 4, 4))
        assert summed(session, "CT06").figure == Figure(3, 4)
        with pytest.raises(StepNotAllowed):
            Reports(session, plan).correct(first, clerk, "lần nữa")
        for step in (ReportStep.SUBMIT, ReportStep.SIGN, ReportStep.ACCEPT):
            advance(second, step, clerk, asked=asked_of(plan, Reporter.UPPER))
        session.flush()
        assert summed(session, "CT06").figure == Figure(4, 4)
        entry = first.entry(plan.indicator("CT06").id)
        assert entry
        assert entry.numerator == 3


def test_a_report_that_says_nothing_of_some_indicators_is_not_submitted(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        plan, clerk = Plans(session).all()[0], People(session).get(cast.people["clerk"])
        empty = Reports(session, plan).begin(Units(session).get(cast.units["CD-PHUCAT"]), H1)
        with pytest.raises(ReportIncomplete) as refused:
            advance(empty, ReportStep.SUBMIT, clerk, asked=asked_of(plan, Reporter.UPPER))
        assert refused.value.codes == (
            "CT01", "CT03", "CT04", "CT05", "CT06", "CT07", "CT08", "CT09", "CT11", "CT12", "CT13", "CT14",
        )  # fmt: skip


def test_an_accepted_report_is_never_written_over(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        found = report(session, cast, "CD-PHUCAT")
        with pytest.raises(StepNotAllowed):
            write(found, found.plan.indicator("CT06"), Entry(Answer.FIGURE, 1, 1))


def test_who_must_report_follows_the_tree_on_the_last_day_of_the_period(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        ended = Units(session).get(cast.units["CD-TUYPHUOC"])
        ended.valid_to = date(2025, 6, 30)
        direct = Unit(
            code="CS", name="CĐCS Bưu điện", kind=UnitKind.GRASSROOTS, parent_id=cast.units["LDLD"], valid_from=date(2025, 7, 1)
        )
        session.add(direct)
        session.flush()
        before, after = board(session, period=parse_period("2025-H1")), board(session, period=parse_period("2025-H2"))
        assert cast.units["CD-TUYPHUOC"] in before.asked_to_report(before.reporters)
        assert direct.id not in before.reporters
        assert direct.id in after.asked_to_report(after.reporters)
        assert cast.units["CD-TUYPHUOC"] not in after.reporters


def test_nobody_is_counted_who_is_not_seen(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        report(session, cast, "CD-PHUCAT")
        report(session, cast, "CD-TUYPHUOC")
        here = Board(session, Plans(session).all()[0], H1, frozenset({cast.units["CD-PHUCAT"]}))
        assert here.total(here.plan.indicator("CT06"), here.reporters).figure == Figure(3, 4)


def outgoing(cast: Cast, unit: str, number: int, low: int, high: int, **more: object) -> OutgoingDocument:
    return OutgoingDocument(
        unit_id=cast.units[unit], state=OutgoingState.ISSUED, kind="Kế hoạch", series="s", number=number, dated=date(2026, 2, 3),
        abstract="Kế hoạch", claimed_low=low, claimed_high=high, **more,
    )  # fmt: skip


def test_ct10_comes_from_the_registers_with_what_is_unknown(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        seed_directive_kinds(session)
        session.add_all(
            [
                outgoing(cast, "LDLD", 1, 3, 5),
                outgoing(cast, "LDLD", 2, 0, 0),
                outgoing(cast, "CD-PHUCAT", 1, 0, 5),
            ]
        )
        session.flush()
        together = summed(session, "CT10")
        assert together.figure == Figure(1, 3, 1)
        assert together.silent == (cast.units["CD-TUYPHUOC"],)


def test_what_a_unit_issued_before_it_ended_counts_with_the_one_that_carries_it_on(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        seed_directive_kinds(session)
        ended = Units(session).get(cast.units["CD-TUYPHUOC"])
        ended.valid_to, ended.succeeded_by_id = date(2026, 3, 31), cast.units["CD-PHUCAT"]
        session.add_all([outgoing(cast, "CD-TUYPHUOC", 1, 3, 5), outgoing(cast, "CD-PHUCAT", 1, 0, 0)])
        session.flush()
        session.expire_all()
        here = board(session)
        figures = here.figures(here.plan.indicator("CT10"), cast.units.values())
        assert figures == {cast.units["CD-PHUCAT"]: Figure(1, 2)}  # the province, with an empty register, is silent
        assert here.total(here.plan.indicator("CT10"), [cast.units["CD-PHUCAT"]]).figure == Figure(1, 2)


def test_an_empty_register_says_that_nothing_was_due_only_once_it_is_said_to_be_complete(
    database: Database, cast: Cast
) -> None:
    with database.writing() as session:
        for month in range(1, 7):
            session.add(
                RegisterReport(
                    unit_id=cast.units["CD-PHUCAT"], year=2026, month=month, reported_by_id=cast.people["unit_clerk"]
                )
            )
        session.flush()
        together = summed(session, "CT10")
        assert together.nothing_due == (cast.units["CD-PHUCAT"],)
        assert cast.units["LDLD"] in together.silent


def test_without_meetings_or_declared_pages_the_system_does_not_say_that_a_milestone_is_done(
    database: Database, cast: Cast
) -> None:
    with database.reading() as session:
        assert fact(session, Fact.PAPERLESS_MEETINGS, H1).answer is Answer.UNKNOWN
        assert fact(session, Fact.DIGITISED_ARCHIVE, H1).answer is Answer.UNKNOWN
        assert fact(session, Fact.SHARED_SOFTWARE, H1).answer is Answer.NOT_YET


def workbook(names: tuple[str, ...] = ("[Content_Types].xml", "xl/workbook.xml")) -> io.BytesIO:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for name in names:
            packed.writestr(name, "x")
    target.seek(0)
    return target


@pytest.mark.parametrize("stream", [io.BytesIO(b"%PDF-1.7 ..."), workbook()])
def test_pdf_and_workbooks_are_kept_as_proof(objects: FolderObjects, stream: io.BytesIO) -> None:
    kept = keep_file(objects, "minh chứng", stream)
    assert objects.exists(kept.sha256)


@pytest.mark.parametrize(
    "stream", [io.BytesIO(b""), io.BytesIO(b"MZ..."), workbook(("word/document.xml",)), io.BytesIO(b"PK\x03\x04broken")]
)
def test_other_files_are_refused(objects: FolderObjects, stream: io.BytesIO) -> None:
    with pytest.raises(FileRefused):
        keep_file(objects, "tệp", stream)
    assert list(objects.keys()) == []


def test_a_closing_keeps_its_content_under_its_hash_and_another_one_stands_beside_it(database: Database, cast: Cast) -> None:
    clock.fix(datetime(2026, 7, 20, 3, 0, tzinfo=UTC))
    try:
        with database.writing() as session:
            book = Closings(session, Plans(session).all()[0])
            clerk = People(session).get(cast.people["clerk"])
            first, second = book.close(H1, {"a": 1}, clerk, after=0), book.close(H1, {"a": 2}, clerk, after=1)
            assert (first.number, second.number) == (1, 2)
            assert first.sha256 == digest({"a": 1}) == "f9d86028c6e0d64e225186f96acb69338b2c59764df79162107f5c4bb34d1310"
            with pytest.raises(PeriodNotEnded):
                book.close(parse_period("2026-H2"), {}, clerk, after=0)
    finally:
        clock.fix(None)


@pytest.fixture
def mailing(database: Database, cast: Cast) -> Settings:
    with database.writing() as session:
        People(session).get(cast.people["unit_clerk"]).login = "so@phucat.example"
    return Settings(environment="test", public_url="https://kg.example")


def remind_on(database: Database, settings: Settings, day: tuple[int, int, int]) -> tuple[bool, int]:
    clock.fix(datetime(*day, 3, 0, tzinfo=UTC))
    try:
        with database.writing() as session:
            due = has_reminders_due(session)
            return due, remind_due(session, settings)
    finally:
        clock.fix(None)


def test_keepers_are_reminded_once_before_the_due_date_and_once_after_it(
    database: Database, cast: Cast, mailing: Settings
) -> None:
    assert remind_on(database, mailing, (2026, 7, 2)) == (False, 0)
    assert remind_on(database, mailing, (2026, 7, 9)) == (True, 1)
    assert remind_on(database, mailing, (2026, 7, 10)) == (False, 0)
    assert remind_on(database, mailing, (2026, 7, 16)) == (True, 1)
    assert remind_on(database, mailing, (2026, 7, 17)) == (False, 0)
    with database.reading() as session:
        mails = session.query(Mail).order_by(Mail.id).all()
        assert [mail.subject for mail in mails] == [
            "Sắp đến hạn báo cáo chỉ tiêu 6 tháng đầu năm 2026",
            "Đã quá hạn báo cáo chỉ tiêu 6 tháng đầu năm 2026",
        ]
        assert "LĐLĐ huyện Phù Cát" in mails[0].text
        assert "https://kg.example/indicators/reports/" in mails[0].text
        assert session.query(IndicatorReminder).count() == 2


def test_who_has_submitted_is_not_reminded(database: Database, cast: Cast, mailing: Settings) -> None:
    with database.writing() as session:
        report(session, cast, "CD-PHUCAT", state=ReportState.SUBMITTED)
    assert remind_on(database, mailing, (2026, 7, 9)) == (True, 0)


def test_a_new_plan_is_new_data(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        plans = Plans(session)
        plan = plans.copy(plans.all()[0], "KH-2031", "Kế hoạch mới")
        one = Indicator(
            code="CT15", name="Hồ sơ ký số", op=Op.GE, source=Source.REPORTED, numerator="ký số", denominator="tất cả"
        )
        one.reporters = [Reporter.UPPER]
        plans.add_indicator(plan, one)
        session.flush()
        assert "CT15" in [each.code for each in asked_of(plan, Reporter.UPPER)]
        with pytest.raises(AlreadyExists):
            plans.add_indicator(plan, Indicator(code="CT15", name="Trùng"))
