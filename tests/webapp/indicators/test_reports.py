import hashlib
import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from domain.ground import clock
from domain.indicators.indicators import Answer, ReportState
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.indicators.plans import Plans
from storage.indicators.reports import IndicatorReport
from tests.cast import Cast
from tests.typed import typed_pdf
from tests.webapp.conftest import ClientOf
from tests.webapp.indicators.filling import acts, entry_of, filled, revision, state_of, submit

pytestmark = pytest.mark.usefixtures("plan")


def test_a_report_goes_from_the_clerk_to_the_leader_to_the_province_and_then_counts(
    client_of: ClientOf, unit_leader: FlaskClient, database: Database, begun: int
) -> None:
    submit(client_of, database, begun)
    assert state_of(database, begun) is ReportState.SUBMITTED
    assert unit_leader.post(f"/indicators/reports/{begun}/sign", data=revision(database, begun)).status_code == 303
    assert "75,0 %" not in client_of("clerk").get("/indicators/?period=2026-H1").text
    assert client_of("clerk").post(f"/indicators/reports/{begun}/accept", data=revision(database, begun)).status_code == 303
    assert "75,0 %" in client_of("clerk").get("/indicators/?period=2026-H1").text
    assert acts(database) == [
        "indicator_report_begun",
        "indicator_report_saved",
        "indicator_report_submitted",
        "indicator_report_signed",
        "indicator_report_accepted",
    ]


def test_nobody_else_reports_signs_or_accepts_for_a_unit(
    client_of: ClientOf, unit_leader: FlaskClient, database: Database, cast: Cast, plan: int, begun: int
) -> None:
    other = {"plan": plan, "unit": cast.units["CD-TUYPHUOC"], "period": "2026-H1"}
    assert client_of("unit_clerk").post("/indicators/reports/begin", data=other).status_code == 404
    assert client_of("member").post("/indicators/reports/begin", data=other).status_code == 403
    assert client_of("clerk").post(f"/indicators/reports/{begun}", data=filled(database, begun)).status_code == 403
    submit(client_of, database, begun)
    assert client_of("leader").post(f"/indicators/reports/{begun}/sign", data=revision(database, begun)).status_code == 403
    assert client_of("unit_clerk").post(f"/indicators/reports/{begun}/sign").status_code == 403
    unit_leader.post(f"/indicators/reports/{begun}/sign", data=revision(database, begun))
    assert (
        client_of("unit_clerk").post(f"/indicators/reports/{begun}/accept", data=revision(database, begun)).status_code == 403
    )
    assert client_of("stranger").get(f"/indicators/reports/{begun}").status_code == 403
    assert state_of(database, begun) is ReportState.SIGNED


def test_a_report_is_unknown_to_whoever_does_not_see_its_unit(
    client_of: ClientOf, database: Database, cast: Cast, plan: int
) -> None:
    data = {"plan": plan, "unit": cast.units["LDLD"], "period": "2026-H1"}
    address = client_of("clerk").post("/indicators/reports/begin", data=data).location
    assert client_of("leader").get(address).status_code == 200
    assert client_of("unit_clerk").get(address).status_code == 404
    assert client_of("unit_clerk").get(f"/indicators/?unit={cast.units['LDLD']}").status_code == 404


@pytest.mark.parametrize(
    ("numerator", "denominator", "said"),
    [
        ("5", "4", "Tử số lớn hơn mẫu số."),
        ("ba", "4", "Cần ghi cả tử số và mẫu số, bằng chữ số."),
        ("0", "0", "Mẫu số bằng 0 thì không có tỷ lệ."),
        ("-1", "4", "Số không được nhỏ hơn 0."),
        ("3", "99999999999", "Cần ghi cả tử số và mẫu số, bằng chữ số."),
    ],
)
def test_a_wrong_figure_is_said_and_what_was_typed_is_kept(
    client_of: ClientOf, database: Database, begun: int, numerator: str, denominator: str, said: str
) -> None:
    data = filled(database, begun, numerator__CT05__0=numerator, denominator__CT05__0=denominator, note__CT06__0="giữ chữ này")
    answer = client_of("unit_clerk").post(f"/indicators/reports/{begun}", data=data)
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{numerator}"' in answer.text
    assert "giữ chữ này" in answer.text
    with database.reading() as session:
        assert session.get_one(IndicatorReport, begun).entries == []


def test_numbers_are_read_with_marks_between_thousands(client_of: ClientOf, database: Database, begun: int) -> None:
    data = filled(database, begun, numerator__CT06__0="1.234", denominator__CT06__0="12 345")
    assert client_of("unit_clerk").post(f"/indicators/reports/{begun}", data=data).status_code == 303
    with database.reading() as session:
        report = session.get_one(IndicatorReport, begun)
        entry = report.entry(report.plan.indicator("CT06").id)
        assert entry
        assert (entry.numerator, entry.denominator) == (1234, 12345)


def test_whoever_types_numbers_has_answered(client_of: ClientOf, database: Database, begun: int) -> None:
    data = filled(database, begun, answer__CT06__0="")
    assert client_of("unit_clerk").post(f"/indicators/reports/{begun}", data=data).status_code == 303
    with database.reading() as session:
        report = session.get_one(IndicatorReport, begun)
        assert entry_of(report, "CT06").answer is Answer.FIGURE


def test_a_half_filled_report_is_kept_as_a_draft_but_not_submitted(client_of: ClientOf, database: Database, begun: int) -> None:
    part = {key: value for key, value in filled(database, begun).items() if key == "revision"}
    assert client_of("unit_clerk").post(f"/indicators/reports/{begun}", data=part).status_code == 303
    answer = client_of("unit_clerk").post(f"/indicators/reports/{begun}", data=part | {"submit": "1"})
    assert answer.status_code == 422
    assert "Chưa ghi. Hãy ghi số" in answer.text
    assert state_of(database, begun) is ReportState.DRAFT


def test_nothing_due_and_no_figure_are_kept_with_their_reason(client_of: ClientOf, database: Database, begun: int) -> None:
    data = filled(database, begun, answer__CT12__0="nothing_due", answer__CT07__0="unknown", reason__CT07__0="Phần mềm hỏng")
    assert client_of("unit_clerk").post(f"/indicators/reports/{begun}", data=data).status_code == 303
    with database.reading() as session:
        report = session.get_one(IndicatorReport, begun)
        assert entry_of(report, "CT12").answer is Answer.NOTHING_DUE
        assert entry_of(report, "CT07").reason == "Phần mềm hỏng"


def test_the_second_of_two_editors_sees_what_the_first_has_saved(client_of: ClientOf, database: Database, begun: int) -> None:
    mine = filled(database, begun, numerator__CT05__0="1")
    client_of("unit_clerk").post(f"/indicators/reports/{begun}", data=filled(database, begun, numerator__CT05__0="2"))
    answer = client_of("unit_clerk").post(f"/indicators/reports/{begun}", data=mine)
    assert answer.status_code == 409
    assert "Người khác vừa lưu báo cáo này" in answer.text
    assert re.search(r"Người khác đã lưu:\s+Có số liệu, 2 / 4", answer.text)
    again = dict(mine, revision=re.findall(r'name="revision" value="(\d+)"', answer.text)[0])
    assert client_of("unit_clerk").post(f"/indicators/reports/{begun}", data=again).status_code == 303


def test_a_leader_signs_the_figures_that_were_shown_and_no_others(
    client_of: ClientOf, unit_leader: FlaskClient, database: Database, begun: int
) -> None:
    submit(client_of, database, begun)
    assert unit_leader.post(f"/indicators/reports/{begun}/sign", data={"revision": "1"}).status_code == 409
    assert state_of(database, begun) is ReportState.SUBMITTED


def test_a_report_is_returned_with_a_reason_that_the_clerk_reads(
    client_of: ClientOf, unit_leader: FlaskClient, database: Database, begun: int
) -> None:
    submit(client_of, database, begun)
    assert unit_leader.post(f"/indicators/reports/{begun}/return", data={"reason": " "}).status_code == 422
    assert unit_leader.post(f"/indicators/reports/{begun}/return", data={"reason": "Số CT05 chưa khớp"}).status_code == 303
    page = client_of("unit_clerk").get(f"/indicators/reports/{begun}").text
    assert "Số CT05 chưa khớp" in page
    assert "Lưu và trình lãnh đạo" in page
    submit(client_of, database, begun)
    unit_leader.post(f"/indicators/reports/{begun}/sign", data=revision(database, begun))
    assert (
        client_of("clerk").post(f"/indicators/reports/{begun}/send-back", data={"reason": "Thiếu minh chứng"}).status_code
        == 303
    )
    assert state_of(database, begun) is ReportState.RETURNED
    assert unit_leader.post(f"/indicators/reports/{begun}/return", data={"reason": "nữa"}).status_code == 409


def test_a_correction_after_acceptance_is_a_new_version_and_is_shown_as_one(
    client_of: ClientOf, unit_leader: FlaskClient, database: Database, begun: int
) -> None:
    submit(client_of, database, begun)
    assert client_of("unit_clerk").post(f"/indicators/reports/{begun}/correct", data={"reason": "x"}).status_code == 409
    unit_leader.post(f"/indicators/reports/{begun}/sign", data=revision(database, begun))
    client_of("clerk").post(f"/indicators/reports/{begun}/accept", data=revision(database, begun))
    answer = client_of("unit_clerk").post(f"/indicators/reports/{begun}/correct", data={"reason": "Đếm nhầm CT05"})
    page = client_of("unit_clerk").get(answer.location).text
    assert "Đính chính lần 1" in page
    assert "Đếm nhầm CT05" in page
    assert state_of(database, begun) is ReportState.ACCEPTED
    assert "indicator_report_corrected" in acts(database)


def a_file(plan_of: str, name: str = "ảnh trang.pdf", content: bytes = b"%PDF-1.7 proof", **more: str) -> dict[str, Any]:
    return {"indicator": plan_of, "file": (io.BytesIO(content), name), "is_not_secret": "y"} | more


@pytest.fixture
def ct05(database: Database) -> str:
    with database.reading() as session:
        return str(Plans(session).all()[0].indicator("CT05").id)


def test_a_file_is_attached_downloaded_and_taken_off(client_of: ClientOf, database: Database, begun: int, ct05: str) -> None:
    clerk = client_of("unit_clerk")
    assert clerk.post(f"/indicators/reports/{begun}/files", data=a_file(ct05)).status_code == 303
    with database.reading() as session:
        file_id = session.get_one(IndicatorReport, begun).files[0].id
    answer = clerk.get(f"/indicators/reports/{begun}/files/{file_id}", buffered=True)
    assert answer.data == b"%PDF-1.7 proof"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert client_of("clerk").get(f"/indicators/reports/{begun}/files/{file_id}", buffered=True).status_code == 200
    assert client_of("clerk").post(f"/indicators/reports/{begun}/files/{file_id}/remove").status_code == 403
    assert clerk.post(f"/indicators/reports/{begun}/files/{file_id}/remove").status_code == 303
    assert acts(database)[-2:] == ["indicator_file_added", "indicator_file_removed"]


def test_a_file_whose_name_breaks_its_line_is_kept_under_a_sound_name_and_given_back(
    client_of: ClientOf, database: Database, begun: int, ct05: str
) -> None:
    clerk = client_of("unit_clerk")
    fields = {name: value for name, value in a_file(ct05).items() if name != "file"}
    body = b"".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()
    )
    body += b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename*=UTF-8''so%0D%0Alieu.pdf\r\n\r\n"
    body += b"%PDF-1.7 proof\r\n--b--\r\n"
    address = f"/indicators/reports/{begun}/files"
    assert clerk.post(address, data=body, content_type="multipart/form-data; boundary=b").status_code == 303
    with database.reading() as session:
        found = session.get_one(IndicatorReport, begun).files[0]
        assert found.name == "solieu.pdf"
        file_id = found.id
    answer = clerk.get(f"{address}/{file_id}", buffered=True)
    assert answer.data == b"%PDF-1.7 proof"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"is_not_secret": ""}, "Tài liệu mật không được đưa lên hệ thống này."),
        ({"file": (io.BytesIO(b"MZ"), "virus.exe")}, "Tệp không phải PDF, ảnh JPEG, PNG hay bảng tính XLSX"),
        ({"file": (io.BytesIO(b""), "rong.pdf")}, "Tệp rỗng"),
    ],
)
def test_a_file_is_refused_with_a_sentence(
    client_of: ClientOf, database: Database, begun: int, ct05: str, more: dict[str, Any], said: str
) -> None:
    data = {key: value for key, value in a_file(ct05, **more).items() if value}
    answer = client_of("unit_clerk").post(f"/indicators/reports/{begun}/files", data=data)
    assert answer.status_code == 422
    assert said in answer.text
    with database.reading() as session:
        assert session.get_one(IndicatorReport, begun).files == []


def test_a_file_with_a_mark_in_its_text_is_refused_and_not_kept(
    client_of: ClientOf, database: Database, objects: FolderObjects, begun: int, ct05: str
) -> None:
    marked = typed_pdf((("MẬT", 0.2, 0.2),))
    answer = client_of("unit_clerk").post(f"/indicators/reports/{begun}/files", data=a_file(ct05, content=marked))
    assert answer.status_code == 422
    assert "Trong tệp có dấu chỉ độ mật" in answer.text
    assert not objects.exists(hashlib.sha256(marked).hexdigest())
    with database.reading() as session:
        assert session.query(AuditEntry).order_by(AuditEntry.id.desc()).limit(1).one().act == "marked_file_refused"


def test_the_list_says_who_is_late_after_the_due_date(client_of: ClientOf, cast: Cast, plan: int) -> None:
    clock.fix(datetime(2026, 7, 16, 3, 0, tzinfo=UTC))
    try:
        page = client_of("clerk").get("/indicators/reports/?period=2026-H1&show=late").text
    finally:
        clock.fix(None)
    assert "LĐLĐ huyện Tuy Phước" in page
    assert "Quá hạn 3 đơn vị." in page


def test_before_the_due_date_a_clerk_sees_that_it_is_near(client_of: ClientOf, begun: int) -> None:
    clock.fix(datetime(2026, 7, 10, 3, 0, tzinfo=UTC))
    try:
        page = client_of("unit_clerk").get("/indicators/reports/?period=2026-H1").text
    finally:
        clock.fix(None)
    assert "Sắp đến hạn" in page
    assert "Làm tiếp" in page


def test_an_unknown_period_is_not_found(client_of: ClientOf) -> None:
    assert client_of("clerk").get("/indicators/reports/?period=2026-05").status_code in (400, 404, 422)
