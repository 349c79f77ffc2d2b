import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from domain.ground import clock
from domain.ground.periods import Period, parse_period
from domain.indicators.indicators import Answer, Entry, Reporter, ReportStep
from domain.people.units import UnitKind
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.indicators.plans import Plans, seed_plan
from storage.indicators.reports import Reports, advance, asked_of, parts_of, write
from storage.people.people import People
from storage.people.units import Unit, Units
from tests.cast import Cast
from tests.webapp.conftest import ClientOf
from tests.webapp.indicators.filling import signed

H1 = parse_period("2026-H1")


@pytest.fixture(autouse=True)
def plan(database: Database, cast: Cast) -> Iterator[int]:
    clock.fix(datetime(2026, 11, 22, 3, 0, tzinfo=UTC))
    with database.writing() as session:
        seed_plan(session)
        session.flush()
        plan_id = Plans(session).all()[0].id
    yield plan_id
    clock.fix(None)


def accept(database: Database, cast: Cast, unit: str, numerator: int = 3, denominator: int = 4, *, period: Period = H1) -> None:
    with database.writing() as session:
        found, clerk = Plans(session).all()[0], People(session).get(cast.people["clerk"])
        book, of_unit = Reports(session, found), Units(session).get(cast.units[unit])
        accepted = book.of(of_unit.id, period)
        report = book.correct(accepted[0], clerk, "đếm lại") if accepted else book.begin(of_unit, period)
        asked = asked_of(found, Reporter.UPPER)
        special = {"CT12": Entry(Answer.NOTHING_DUE), "CT07": Entry(Answer.UNKNOWN, reason="Phần mềm đang nâng cấp")}
        for one in asked:
            for part in parts_of(one):
                write(report, one, special.get(one.code, Entry(Answer.FIGURE, numerator, denominator)), part=part)
        for step in (ReportStep.SUBMIT, ReportStep.SIGN, ReportStep.ACCEPT):
            advance(report, step, clerk, asked=asked)


def test_an_empty_dashboard_says_no_figure_and_never_nought_percent(client_of: ClientOf) -> None:
    page = client_of("clerk").get("/indicators/?period=2026-H1").text
    assert "Chưa có số liệu" in page
    assert "0,0 %" not in page
    assert page.count('class="code">CT') == 15


def test_each_indicator_says_its_figure_its_target_and_its_verdict_in_words(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    accept(database, cast, "CD-PHUCAT")
    accept(database, cast, "CD-TUYPHUOC", 1, 4)
    page = client_of("clerk").get("/indicators/?period=2026-H1&year=2030").text
    assert "50,0 %" in page  # 4 of 8, CT06
    assert "4 trên 8 người" in page
    assert "Mục tiêu 2030: từ 90 % trở lên" in page
    assert "Chưa đạt" in page
    assert "Trong kỳ không phát sinh" in page  # CT12
    assert "Đã tiếp nhận báo cáo của 2 trong 3 đơn vị." in page


def test_the_dashboard_says_where_the_missing_reports_stand_and_what_the_figures_so_far_say(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    accept(database, cast, "CD-PHUCAT", 19, 20)
    signed(database, cast, "CD-TUYPHUOC")
    page = client_of("clerk").get("/indicators/?period=2026-H1&year=2030").text
    assert "Còn lại:" in page
    assert "Chưa lập 1" in page  # the province
    assert "Chờ cấp trên tiếp nhận 1" in page
    assert "Quá hạn 1 đơn vị (hạn 15/07/2026).</strong> Liên đoàn Lao động tỉnh." in page
    assert "Số đã có: đạt" in page  # CT06: 19 of 20 against 90 %
    row = client_of("clerk").get("/indicators/1/CT06?period=2026-H1").text
    assert "Chờ cấp trên tiếp nhận" in row
    assert "Chưa báo cáo" not in row


def test_the_dashboard_compares_with_the_period_before(client_of: ClientOf, database: Database, cast: Cast) -> None:
    accept(database, cast, "CD-PHUCAT", 1, 3, period=parse_period("2025-H2"))
    accept(database, cast, "CD-PHUCAT", 1, 2)
    assert "Kỳ trước 33,3 %, tăng 16,6 điểm" in client_of("clerk").get("/indicators/?period=2026-H1").text
    assert "Kỳ trước" not in client_of("clerk").get("/indicators/?period=2025-H2").text


def test_a_unit_sees_its_own_figures_only(client_of: ClientOf, database: Database, cast: Cast) -> None:
    accept(database, cast, "CD-TUYPHUOC", 1, 4)
    page = client_of("unit_clerk").get("/indicators/1/CT06?period=2026-H1").text
    assert "LĐLĐ huyện Phù Cát" in page
    assert "LĐLĐ huyện Tuy Phước" not in page
    assert "25,0 %" not in page


def test_the_page_of_an_indicator_names_who_is_silent_and_why_there_is_no_figure(
    client_of: ClientOf, database: Database, cast: Cast, plan: int
) -> None:
    accept(database, cast, "CD-PHUCAT")
    page = client_of("clerk").get(f"/indicators/{plan}/CT07?period=2026-H1").text
    assert "Phần mềm đang nâng cấp" in page
    assert "Chưa báo cáo" in page
    assert "Cập nhật 100% dữ liệu đoàn viên khối doanh nghiệp ngoài nhà nước" in page
    assert "<svg" not in page.partition('id="trend"')[2].partition("</section>")[0]  # nothing to draw: the table says so
    assert client_of("clerk").get(f"/indicators/{plan}/CT99").status_code == 404


def test_the_system_says_what_its_own_figures_rest_on(client_of: ClientOf, plan: int) -> None:
    page = client_of("clerk").get(f"/indicators/{plan}/CT02?period=2026-H1").text
    assert "Trong kỳ không có cuộc họp nào trên hệ thống đã kết thúc" in page
    assert "Cuộc họp không giấy là cuộc họp đã kết thúc" in page


def test_somebody_without_a_unit_is_told_what_to_do(client_of: ClientOf, database: Database, cast: Cast) -> None:
    with database.writing() as session:
        person = People(session).get(cast.people["member"])
        person.seats = []
    assert "chưa gắn với đơn vị nào" in client_of("member").get("/indicators/").text


def test_the_consolidated_report_is_printed_in_three_forms_with_who_is_silent(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    accept(database, cast, "CD-PHUCAT")
    clerk = client_of("clerk")
    book = load_workbook(io.BytesIO(clerk.get("/indicators/consolidated/draft.xlsx?period=2026-H1").data))
    rows = {row[1]: row for row in book.worksheets[0].iter_rows(values_only=True) if row[1]}
    assert rows["CT06"][4:6] == (3, 4)
    assert "LĐLĐ huyện Tuy Phước" in str(rows["CT06"][9])
    docx = zipfile.ZipFile(io.BytesIO(clerk.get("/indicators/consolidated/draft.docx?period=2026-H1").data))
    text = docx.read("word/document.xml").decode()
    assert "LĐLĐ huyện Tuy Phước" in text
    assert "số tạm tính" in text
    assert clerk.get("/indicators/consolidated/draft.pdf?period=2026-H1").data.startswith(b"%PDF-")
    assert clerk.get("/indicators/consolidated/draft.odt?period=2026-H1").status_code == 404


def close(client_of: ClientOf, plan: int, who: str = "clerk", period: str = "2026-H1") -> TestResponse:
    return client_of(who).post("/indicators/consolidated/close", data={"plan": plan, "period": period})


def test_a_closed_period_keeps_its_figures_and_later_corrections_are_shown_as_such(
    client_of: ClientOf, database: Database, cast: Cast, plan: int
) -> None:
    accept(database, cast, "CD-PHUCAT")
    answer = close(client_of, plan)
    assert answer.status_code == 303
    before = client_of("clerk").get(f"{answer.location}/report.pdf").data
    assert "Đính chính sau khi chốt" not in client_of("clerk").get(answer.location).text
    accept(database, cast, "CD-PHUCAT", 4, 4)
    page = client_of("clerk").get(answer.location).text
    assert "Đính chính sau khi chốt" in page
    assert "3/4 · 75,0 %" in page
    assert "4/4 · 100,0 %" in page
    assert client_of("clerk").get(f"{answer.location}/report.pdf").data == before
    with database.reading() as session:
        assert session.query(AuditEntry).filter_by(act="indicators_closed").one().facts["period"] == "2026-H1"


def test_only_the_province_office_closes_and_only_what_has_ended(
    client_of: ClientOf, database: Database, cast: Cast, plan: int
) -> None:
    assert close(client_of, plan, "unit_clerk").status_code == 403
    assert close(client_of, plan, "leader").status_code == 403
    refused = close(client_of, plan, period="2026-H2")
    assert refused.status_code == 409
    assert "31/12/2026" in refused.text
    address = close(client_of, plan).location
    assert client_of("unit_clerk").get(address).status_code == 404
    assert client_of("leader").get(address).status_code == 200


def test_roles_without_registers_do_not_come_here(client_of: ClientOf) -> None:
    assert client_of("stranger").get("/indicators/").status_code == 403
    assert client_of("nobody").get("/indicators/").status_code == 302
    assert client_of("member").get("/indicators/").status_code == 200


def row_of(page: str, code: str) -> str:
    """The line of an indicator on the dashboard."""
    return page.partition(f'<span class="code">{code}</span>')[2].partition("</li>")[0]


def test_each_indicator_is_held_against_its_next_target_and_else_against_the_last_that_fell_due(client_of: ClientOf) -> None:
    page = client_of("clerk").get("/indicators/?period=2026-H1").text
    assert "Mục tiêu 2025, đã đến hạn: từ 60 % trở lên" in row_of(page, "CT10")  # none for 2030
    assert "Mục tiêu 2030: từ 90 % trở lên" in row_of(page, "CT05")
    assert "Không đặt mục tiêu" not in row_of(page, "CT10")
    assert "Mục tiêu 2025: từ 60 % trở lên" in row_of(client_of("clerk").get("/indicators/?period=2025-H1").text, "CT10")


def test_a_year_that_is_chosen_holds_for_all_indicators(client_of: ClientOf) -> None:
    page = client_of("clerk").get("/indicators/?period=2026-H1&year=2030").text
    assert "Mục tiêu 2030: không đặt" in row_of(page, "CT10")


def test_the_consolidated_report_says_the_year_of_each_target(client_of: ClientOf) -> None:
    assert "năm 2025: từ 60 % trở lên" in client_of("clerk").get("/indicators/consolidated/?period=2026-H1").text


def test_the_unit_that_stands_comes_first_and_those_that_have_ended_last(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    with database.writing() as session:
        session.add(Unit(code="LDLD-CU", name="An Cũ", kind=UnitKind.PROVINCE, valid_from=date(1975, 1, 1), valid_to=date(1989, 6, 30),
                         succeeded_by_id=cast.units["LDLD"]))  # fmt: skip
    page = client_of("clerk").get("/indicators/?period=2026-H1").text
    assert f'name="unit" value="{cast.units["LDLD"]}" checked' in page
    entry = client_of("clerk").get("/directives/entries/new").text
    chosen = entry.partition('name="unit"')[2].partition("</select>")[0]
    assert chosen.index(f'value="{cast.units["LDLD"]}"') < chosen.index("An Cũ")


def test_many_units_come_in_pages_and_are_summed_whole(client_of: ClientOf, database: Database, cast: Cast, plan: int) -> None:
    accept(database, cast, "CD-PHUCAT")
    with database.writing() as session:
        session.add_all(
            Unit(code=f"CD-{number:02}", name=f"LĐLĐ huyện mới {number:02}", kind=UnitKind.UPPER,
                 parent_id=cast.units["LDLD"], valid_from=date(2020, 1, 1)) for number in range(60)
        )  # fmt: skip
    client = client_of("clerk")
    shown = client.get(f"/indicators/{plan}/CT06?period=2026-H1").text
    heads = [f'<th scope="row">LĐLĐ huyện mới {number}</th>' for number in (47, 48)]
    assert [head in shown for head in heads] == [True, False]
    rest = client.get(f"/indicators/{plan}/CT06?period=2026-H1&after=50").text
    assert [head in rest for head in heads] == [False, True]
    for page in (shown, rest):
        assert "61 đơn vị chưa có số được tiếp nhận" in page
        assert "75,0" in page
    silent = client.get("/indicators/reports/?period=2026-H1&show=silent").text
    assert "50 trong số 62 mục" in silent
