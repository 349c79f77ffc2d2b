import pytest

from domain.indicators.indicators import ReportState, ReportStep
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.indicators.reports import IndicatorReport, advance
from storage.people.people import People
from tests.cast import Cast
from tests.webapp.conftest import ClientOf
from tests.webapp.indicators.filling import acts, revision, signed, state_of

pytestmark = pytest.mark.usefixtures("plan")

ADDRESS = "/indicators/reports/accept?period=2026-H1"


@pytest.fixture
def both(database: Database, cast: Cast, plan: int) -> list[int]:
    """The signed reports of two unions."""
    return [signed(database, cast, unit) for unit in ("CD-PHUCAT", "CD-TUYPHUOC")]


def ticks(database: Database, *reports: int) -> dict[str, list[str]]:
    return {"report": [f"{one}-{revision(database, one)['revision']}" for one in reports]}


def test_the_secretariat_accepts_many_reports_at_once_and_each_has_its_entry(
    client_of: ClientOf, database: Database, both: list[int]
) -> None:
    clerk = client_of("clerk")
    page = clerk.get("/indicators/reports/?period=2026-H1").text
    assert page.count('type="checkbox" name="report"') == 2
    answer = clerk.post(ADDRESS, data=ticks(database, *both), follow_redirects=True)
    assert "Đã tiếp nhận 2 báo cáo." in answer.text
    assert [state_of(database, one) for one in both] == [ReportState.ACCEPTED, ReportState.ACCEPTED]
    with database.reading() as session:
        entries = session.query(AuditEntry).filter_by(act="indicator_report_accepted").all()
        assert sorted(int(entry.subject_id) for entry in entries) == both
        assert sorted(entry.facts["unit"] for entry in entries) == ["CD-PHUCAT", "CD-TUYPHUOC"]


def test_one_that_has_changed_meanwhile_is_named_and_left(
    client_of: ClientOf, database: Database, cast: Cast, both: list[int]
) -> None:
    form = ticks(database, *both)
    with database.writing() as session:
        clerk = People(session).get(cast.people["clerk"])
        advance(session.get_one(IndicatorReport, both[0]), ReportStep.RETURN, clerk, asked=(), reason="Thiếu tệp")
    page = client_of("clerk").post(ADDRESS, data=form, follow_redirects=True).text
    assert "Đã tiếp nhận 1 báo cáo." in page
    assert "Chưa tiếp nhận, vì báo cáo vừa thay đổi: LĐLĐ huyện Phù Cát." in page
    assert [state_of(database, one) for one in both] == [ReportState.RETURNED, ReportState.ACCEPTED]
    assert acts(database) == ["indicator_report_accepted"]


def test_whoever_ticks_nothing_is_told_so_and_stays_on_the_list(client_of: ClientOf, both: list[int]) -> None:
    answer = client_of("clerk").post(ADDRESS, data={})
    assert answer.status_code == 422
    assert "Chưa chọn báo cáo nào." in answer.text
    assert "LĐLĐ huyện Phù Cát" in answer.text


def test_a_unit_accepts_neither_its_own_report_nor_that_of_another(
    client_of: ClientOf, database: Database, both: list[int]
) -> None:
    clerk = client_of("unit_clerk")
    assert 'name="report"' not in clerk.get("/indicators/reports/?period=2026-H1").text
    assert clerk.post(ADDRESS, data=ticks(database, both[0])).status_code == 403
    assert clerk.post(ADDRESS, data=ticks(database, both[1])).status_code == 404
    assert client_of("leader").post(ADDRESS, data=ticks(database, *both)).status_code == 403
    assert [state_of(database, one) for one in both] == [ReportState.SIGNED, ReportState.SIGNED]


@pytest.mark.parametrize("text", ["", "x-1", "1", "9999-1", "1-²"])
def test_a_tick_that_no_list_has_given_is_not_found(client_of: ClientOf, both: list[int], text: str) -> None:
    assert client_of("clerk").post(ADDRESS, data={"report": text}).status_code == 404
