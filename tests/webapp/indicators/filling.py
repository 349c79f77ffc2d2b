"""How a report on indicators is filled in, handed in and looked at, for the tests of its pages."""

import re
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from domain.ground.periods import parse_period
from domain.indicators.indicators import Answer, Entry, Reporter, ReportState, ReportStep
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.indicators.plans import Plans
from storage.indicators.reports import IndicatorEntry, IndicatorReport, Reports, advance, asked_of, write
from storage.people.people import People
from storage.people.units import Units
from tests.cast import Cast


def filled(database: Database, report_id: int, **more: str) -> dict[str, Any]:
    """The form with a figure for every indicator, 3 of 4."""
    with database.reading() as session:
        report = session.get_one(IndicatorReport, report_id)
        data: dict[str, Any] = {"revision": report.revision}
        for one in report.plan.indicators:
            data |= {f"answer-{one.id}-0": "figure", f"numerator-{one.id}-0": "3", f"denominator-{one.id}-0": "4"}
        codes = {one.code: one.id for one in report.plan.indicators}
    return data | {
        re.sub(r"CT\d\d", lambda found: str(codes[found[0]]), name.replace("__", "-")): value for name, value in more.items()
    }


def entry_of(report: IndicatorReport, code: str) -> IndicatorEntry:
    entry = report.entry(report.plan.indicator(code).id)
    assert entry
    return entry


def state_of(database: Database, report_id: int) -> ReportState:
    with database.reading() as session:
        return session.get_one(IndicatorReport, report_id).state


def acts(database: Database) -> list[str]:
    with database.reading() as session:
        return [entry.act for entry in session.query(AuditEntry).order_by(AuditEntry.id) if entry.act.startswith("indicator")]


def submit(client_of: Callable[[str], FlaskClient], database: Database, report_id: int) -> None:
    answer = client_of("unit_clerk").post(f"/indicators/reports/{report_id}", data=filled(database, report_id, submit="1"))
    assert answer.status_code == 303


def revision(database: Database, report_id: int) -> dict[str, int]:
    with database.reading() as session:
        return {"revision": session.get_one(IndicatorReport, report_id).revision}


def signed(database: Database, cast: Cast, unit: str) -> int:
    """A report of that union for the first half of 2026, 3 of 4 everywhere, signed; its id."""
    with database.writing() as session:
        plan, clerk = Plans(session).all()[0], People(session).get(cast.people["clerk"])
        report = Reports(session, plan).begin(Units(session).get(cast.units[unit]), parse_period("2026-H1"))
        asked = asked_of(plan, Reporter.UPPER)
        for one in asked:
            write(report, one, Entry(Answer.FIGURE, 3, 4))
        for step in (ReportStep.SUBMIT, ReportStep.SIGN):
            advance(report, step, clerk, asked=asked)
        session.flush()
        return report.id
