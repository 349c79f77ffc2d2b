"""The indicators of the demo: what the unions reported of the last five half-years, what waits, what was returned, and who is silent.

Everything is invented. The draw is seeded, so each installation shows the same figures. Reports are made by the functions that the
pages use, with the clock set to the day on which each step would have been taken.
"""

import io
from collections.abc import Mapping
from contextvars import copy_context
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from sqlalchemy.orm import Session

from domain.ground.clock import VIETNAM, fix, now
from domain.ground.periods import Period
from domain.indicators.indicators import Answer, Entry, Reporter, ReportState, ReportStep, last_ended, previous
from domain.people.roles import Role
from domain.people.units import UnitFacts, successor_on
from khonggiay.demo.tables import table
from storage.archive.places import Places
from storage.ground.objects import Objects
from storage.indicators.board import Board
from storage.indicators.plans import Indicator, Plan, Plans
from storage.indicators.reports import Closings, IndicatorReport, Reports, advance, asked_of, attach, keep_file, parts_of, write
from storage.people.people import People, Person, Seat
from storage.people.units import Unit, Units
from webapp.ground.workbooks import write as write_workbook
from webapp.indicators.consolidated import content_of

_SEED = 2026
_PERIODS = 5
_SINCE = date(2025, 7, 1)  # the unions of today, whose people also answer for those that they carry on
_PROVINCE = "LDLD-GL"

# Who prepares and who signs, by unit: accounts of the demo, and people without a password.
_KNOWN = {_PROVINCE: ("vanthu", "chutich"), "CD-QUYNHON": ("quynhon", "uyvien"), "CD-TUYPHUOC": ("", "tuyphuoc")}
_REPORTED = table("indicators")


@dataclass(frozen=True, slots=True)
class _Course:
    """How an indicator went: its share in hundredths at the beginning and now, and of how much, for a union of middle size."""

    begun: int
    now: int
    whole: int  # 0: each unit answers for itself, yes or no


_COURSES = {code: _Course(**course) for code, course in _REPORTED["courses"].items()}
_NO_CHANNEL = 0.55  # the part of the unions that are not yet asked for a Youtube channel
_UNKNOWN = {("CD-BINHDINH", "CT08"): "Chưa mở sổ theo dõi tư vấn trực tuyến; sẽ có số từ kỳ sau."}

# Where the reports of the last period stand, and of the one before; those not named are accepted.
_LAST: dict[str, ReportState | None] = {
    "CD-QUYNHON": ReportState.RETURNED, "CD-PLEIKU": ReportState.SIGNED, "CD-DIENHONG": ReportState.SIGNED,
    "CD-BONGSON": ReportState.SIGNED, "CD-HOAINHON": ReportState.SIGNED, "CD-TUYPHUOC": ReportState.SUBMITTED,
    "CD-PHUMY": ReportState.DRAFT, "CD-AYUNPA": None, "CD-ANKHE": None,
}  # fmt: skip
_BEFORE: dict[str, ReportState | None] = {"CD-AYUNPA": None}
_LISTED = {"CD-QUYNHON": 61}  # how much the attached table bears out, where that is less than what is reported
_RETURNED = (
    "CT05: bảng kê kèm theo chỉ có 61 tin bài đăng trên mạng, báo cáo ghi nhiều hơn. Đề nghị đếm lại rồi sửa số hoặc bảng kê."
)
_CORRECTED = "CD-BINHDINH"  # counted its members again after the period had been closed
_CORRECTION = "Đếm lại CT06: kỳ trước tính trùng đoàn viên dùng cả Zalo và Fanpage."
_DECLARED = {"BD.01.01": 4, "BD.02.03": 8, "BD.02.05": 12, "BD.03.02": 9}  # pages of record files, as CT02 asks
_PATHS = {
    ReportState.DRAFT: (),
    ReportState.SUBMITTED: (ReportStep.SUBMIT,),
    ReportState.SIGNED: (ReportStep.SUBMIT, ReportStep.SIGN),
    ReportState.RETURNED: (ReportStep.SUBMIT, ReportStep.SIGN, ReportStep.RETURN),
    ReportState.ACCEPTED: (ReportStep.SUBMIT, ReportStep.SIGN, ReportStep.ACCEPT),
}


@dataclass(frozen=True, slots=True)
class _Staff:
    """Who prepares the report of a unit, and who answers for it."""

    clerk: Person
    leader: Person


@dataclass(slots=True)
class _Reporting:
    """What the reports of all periods share."""

    session: Session
    objects: Objects
    plan: Plan
    random: Random
    staff: dict[str, _Staff]
    facts: Mapping[str, UnitFacts]
    sizes: dict[str, float]
    until: datetime  # nothing happens later


def add_indicators(session: Session, objects: Objects) -> None:
    """Reports of every union that had to report, with files, and what was closed; for an installation that holds the demo's units."""
    for place, pages in _DECLARED.items():
        if record_file := Places(session).find(place):
            record_file.pages = pages
    copy_context().run(_add, session, objects)  # the clock is set again and again, and only in here


def _add(session: Session, objects: Objects) -> None:
    plan = Plans(session).all()[0]
    draw = Random(_SEED)  # noqa: S311 - a demo is drawn, not guarded
    reporting = _Reporting(session, objects, plan, draw, _add_staff(session), Units(session).facts(), {}, now())
    periods = previous(last_ended(_day(reporting.until)), _PERIODS)
    for number, period in enumerate(periods):
        standing = _LAST if number == _PERIODS - 1 else _BEFORE if number == _PERIODS - 2 else {}
        _add_reports(reporting, period, number / (_PERIODS - 1), standing)
    _close(reporting, periods[-3])
    _close(reporting, periods[-2])
    _correct(reporting, periods[-2])


def _day(moment: datetime) -> date:
    return moment.astimezone(VIETNAM).date()


def _add_staff(session: Session) -> dict[str, _Staff]:
    """The people of each union of today that reports; a grassroots union directly under the province has its own."""
    codes = [unit.code for unit in Units(session).all() if unit.code.startswith("CD-") or unit.code == "CS-THPT"]
    staff = {_PROVINCE: _staff(session, _PROVINCE, "", "")}
    return staff | {
        code: _staff(session, code, *names)
        for code, *names in zip(codes, _REPORTED["clerks"], _REPORTED["leaders"], strict=True)
    }


def _staff(session: Session, code: str, clerk: str, leader: str) -> _Staff:
    clerk_login, leader_login = _KNOWN.get(code, ("", ""))
    return _Staff(
        _person(session, clerk_login, code, clerk, Role.CLERK), _person(session, leader_login, code, leader, Role.LEADER)
    )


def _person(session: Session, login: str, code: str, name: str, role: Role) -> Person:
    """The account of the demo, or somebody new who cannot sign in."""
    if login:
        return People(session).named(login)
    short, title = ("vt", "Cán bộ văn phòng") if role is Role.CLERK else ("ct", "Chủ tịch Công đoàn")
    person = People(session).add(f"{short}.{code.lower()}", name, frozenset({role}))
    person.seats.append(Seat(unit=Units(session).find(code), title=title, valid_from=_SINCE))
    return person


def _add_reports(reporting: _Reporting, period: Period, progress: float, standing: dict[str, ReportState | None]) -> None:
    board = _board(reporting, period)
    for unit_id in board.asked_to_report(board.reporters):
        unit, reporter = Units(reporting.session).get(unit_id), board.reporters[unit_id]
        state = standing.get(unit.code, ReportState.ACCEPTED)
        if state is not None:
            _add_report(reporting, unit, reporter, period, progress, state)


def _board(reporting: _Reporting, period: Period) -> Board:
    everything = frozenset(unit.id for unit in Units(reporting.session).all())
    return Board(reporting.session, reporting.plan, period, everything)


def _add_report(
    reporting: _Reporting, unit: Unit, reporter: Reporter, period: Period, progress: float, state: ReportState
) -> None:
    asked, staff = asked_of(reporting.plan, reporter), _staff_of(reporting, unit)
    day = _first_day(reporting, period, state)
    _set_clock(reporting, day)
    report = Reports(reporting.session, reporting.plan).begin(unit, period)
    left_out = len(asked) // 2 if state is ReportState.DRAFT else 0
    for one in asked[left_out:]:
        for part in parts_of(one):
            write(report, one, _entry(reporting, unit, reporter, one, progress), part=part)
    if reporter is Reporter.UPPER and period == last_ended(_day(reporting.until)):
        _attach(reporting, report, staff.clerk)
    for number, step in enumerate(_PATHS[state]):
        _set_clock(reporting, day + timedelta(days=number))
        _take(reporting, report, step, staff, asked)


def _staff_of(reporting: _Reporting, unit: Unit) -> _Staff:
    """The people of the unit, or of the union that carries it on."""
    carrier = successor_on(unit.code, _SINCE, reporting.facts)
    return reporting.staff.get(carrier or "", reporting.staff[_PROVINCE])


def _first_day(reporting: _Reporting, period: Period, state: ReportState) -> date:
    """When the report is handed in: mostly before it is due; what still waits came a few days ago."""
    if state is not ReportState.ACCEPTED:
        return max(period.last + timedelta(days=1), _day(reporting.until) - timedelta(days=reporting.random.randrange(4, 8)))
    late = reporting.random.random() < 0.12
    due_on = reporting.plan.deadline(period).due_on
    days = reporting.random.randrange(1, 6) if late else -reporting.random.randrange(1, 10)
    return due_on + timedelta(days=days)


def _set_clock(reporting: _Reporting, day: date) -> None:
    """The clock stands at some hour of work on that day, but never later than now."""
    hour = time(8 + reporting.random.randrange(8), reporting.random.randrange(60))
    fix(min(datetime.combine(day, hour, VIETNAM), reporting.until))


def _entry(reporting: _Reporting, unit: Unit, reporter: Reporter, one: Indicator, progress: float) -> Entry:
    if one.is_milestone:
        proof = "Kết luận hội nghị Ban Thường vụ về chuyển đổi số của các cơ quan công đoàn"
        return (
            Entry(Answer.DONE, proof=proof) if progress > 0.6 else Entry(Answer.NOT_YET, proof="Đang thực hiện theo kế hoạch")
        )
    if progress == 1 and (reason := _UNKNOWN.get((unit.code, one.code))):
        return Entry(Answer.UNKNOWN, reason=reason)
    course, draw = _COURSES[one.code], reporting.random
    if one.code == "CT12" and draw.random() < _NO_CHANNEL:
        return Entry(Answer.NOTHING_DUE)
    is_alone = reporter in (Reporter.PROVINCE, Reporter.DIRECT) and course.whole == _COURSES["CT01"].whole
    return _figure(draw, course, 0 if is_alone else course.whole * _size(reporting, unit), progress)


def _figure(draw: Random, course: _Course, whole: float, progress: float) -> Entry:
    """What a unit counted: about the share of the time, some more and some less."""
    share = (course.begun + (course.now - course.begun) * progress) / 100
    if not whole:
        return Entry(Answer.FIGURE, int(draw.random() < share), 1)
    denominator = max(3, round(whole * draw.uniform(0.95, 1.05)))
    certain = 1.0 if share == 1 else min(1.0, max(0.0, share + draw.uniform(-0.09, 0.09)))
    return Entry(Answer.FIGURE, round(denominator * certain), denominator)


def _size(reporting: _Reporting, unit: Unit) -> float:
    """How much larger than a union of middle size the unit is, for all its periods."""
    return reporting.sizes.setdefault(unit.code, reporting.random.uniform(0.4, 1.9))


def _attach(reporting: _Reporting, report: IndicatorReport, clerk: Person) -> None:
    """A table that shows where the figure of the media comes from."""
    entry = report.entry(reporting.plan.indicator("CT05").id)
    if entry is None or entry.denominator is None:
        return
    first, listed = report.reported_period.first, _LISTED.get(report.unit.code, entry.numerator or 0)
    rows = [(f"Tháng {first.month + number}", *_sixth(listed, entry.denominator, number)) for number in range(6)]
    heads = ["TT", "Tháng", "Tin bài trên mạng", "Tổng số tin bài"]
    content = write_workbook("CT05", (6, 16, 20, 20), [[f"Bảng kê tin bài, {report.unit.name}"], heads], rows)
    file = keep_file(reporting.objects, f"bang-ke-tin-bai-{report.period}.xlsx", io.BytesIO(content))
    attach(report, entry.indicator_id, file, clerk)


def _sixth(numerator: int, denominator: int, number: int) -> tuple[int, int]:
    """The part of one of six months; the six together are the whole."""
    first, second = (whole * (number + 1) // 6 - whole * number // 6 for whole in (numerator, denominator))
    return first, second


def _take(reporting: _Reporting, report: IndicatorReport, step: ReportStep, staff: _Staff, asked: list[Indicator]) -> None:
    secretariat = reporting.staff[_PROVINCE].clerk
    person = {ReportStep.SUBMIT: staff.clerk, ReportStep.SIGN: staff.leader}.get(step, secretariat)
    advance(report, step, person, asked=asked, reason=_RETURNED if step is ReportStep.RETURN else "")
    reporting.session.flush()  # while the clock stands there


def _close(reporting: _Reporting, period: Period) -> None:
    """The secretariat closes the period three weeks after the reports were due."""
    _set_clock(reporting, reporting.plan.deadline(period).due_on + timedelta(days=21))
    board = _board(reporting, period)
    province = next(unit for unit in board.units.values() if board.reporters.get(unit.id) is Reporter.PROVINCE)
    closings = Closings(reporting.session, reporting.plan)
    closings.close(
        period, content_of(board, province, None), reporting.staff[_PROVINCE].clerk, after=closings.last_number(period)
    )


def _correct(reporting: _Reporting, period: Period) -> None:
    """A unit corrects a figure after the closing, and the correction is accepted."""
    unit = Units(reporting.session).find(_CORRECTED)
    if unit is None:
        return
    book, staff = Reports(reporting.session, reporting.plan), _staff_of(reporting, unit)
    _set_clock(reporting, reporting.plan.deadline(period).due_on + timedelta(days=40))
    report = book.correct(book.of(unit.id, period)[0], staff.clerk, _CORRECTION)
    indicator = reporting.plan.indicator("CT06")
    entry = report.entry(indicator.id)
    if entry is not None and entry.numerator:
        write(report, indicator, Entry(Answer.FIGURE, entry.numerator - 137, entry.denominator))
    for step in _PATHS[ReportState.ACCEPTED]:
        _take(reporting, report, step, staff, [])
