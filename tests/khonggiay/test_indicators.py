"""`khonggiay indicators` prints what the pages show, and says what docs/command-line.md says."""

import json
import re
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from domain.ground.periods import parse_period
from domain.indicators.indicators import Answer, Entry, Reporter, ReportStep
from storage.ground.database import Database
from storage.indicators.plans import Plans, seed_plan
from storage.indicators.reports import Reports, advance, asked_of, write
from storage.people.people import People
from storage.people.units import Units
from tests.cast import gather

with warnings.catch_warnings():
    warnings.simplefilter("ignore", SyntaxWarning)
    from khonggiay.main import khonggiay

DOCUMENT = (Path(__file__).parents[2] / "docs/command-line.md").read_text(encoding="utf-8")


@pytest.fixture
def run(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("KHONGGIAY_DATA_DIR", str(tmp_path))
    return lambda *words: CliRunner().invoke(khonggiay, ["indicators", *words])


@pytest.fixture
def reported(database: Database) -> None:
    cast = gather(database)
    with database.writing() as session:
        seed_plan(session)
        session.flush()
        plan, clerk = Plans(session).all()[0], People(session).get(cast.people["clerk"])
        report = Reports(session, plan).begin(Units(session).get(cast.units["CD-PHUCAT"]), parse_period("2025-H1"))
        asked = asked_of(plan, Reporter.UPPER)
        for one in asked:
            write(report, one, Entry(Answer.NOTHING_DUE) if one.code == "CT12" else Entry(Answer.FIGURE, 3, 4))
        for step in (ReportStep.SUBMIT, ReportStep.SIGN, ReportStep.ACCEPT):
            advance(report, step, clerk, asked=asked)


def test_the_object_says_what_is_documented(run: Callable[..., Result], reported: None) -> None:
    said = json.loads(run("--period", "2025-H1", "--json").stdout)
    documented = json.loads(re.findall(r"## khonggiay indicators\n.*?```json\n(.*?)\n```", DOCUMENT, re.DOTALL)[0])
    assert set(said) == set(documented)
    figures = {one["code"]: one for one in said["indicators"]}
    assert len(figures) == 15
    assert figures["CT05"] == documented["indicators"][0]
    assert (said["target_year"], sorted(said["silent"])) == (None, ["CD-TUYPHUOC", "LDLD"])
    assert (figures["CT12"]["numerator"], figures["CT12"]["point"], figures["CT12"]["verdict"]) == (None, None, "no_figure")
    assert figures["CT02"]["milestones"] == {"1": "not_yet", "2": "unknown", "3": "unknown"}


def test_without_json_there_is_a_line_for_each_indicator_and_the_silent_are_named(
    run: Callable[..., Result], reported: None
) -> None:
    lines = run("--period", "2025-H1").stdout.splitlines()
    assert len(lines) == 16
    assert re.fullmatch(r"CT03 +3/4 +mục tiêu +100 % +chưa đạt", lines[3])
    assert lines[-1] == "Chưa có báo cáo: LDLD, CD-TUYPHUOC"


def test_a_period_that_nobody_reports_on_is_refused(run: Callable[..., Result], reported: None) -> None:
    answer = run("--period", "2025-03")
    assert answer.exit_code == 1
    assert "Không có kỳ báo cáo" in answer.output
