"""The outgoing register as a list, written out, entered and corrected; and its settings: numbering, kinds, months."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient

from domain.directives.directives import Direction, OutgoingState
from domain.directives.issuance import Channel, Form
from domain.directives.numbering import GapReason, SecretSeries
from domain.ground import clock
from domain.people.units import UnitKind
from storage.directives.evidence import weigh
from storage.directives.numbering import Numbering, NumberingRule
from storage.directives.outgoing import DirectiveKind, OutgoingDocument, RegisterReport, SecretCount
from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.people.units import Unit
from tests.cast import Cast
from tests.webapp.conftest import ClientOf
from webapp.directives.register_sheets import MOST


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    clock.fix(datetime(2026, 11, 22, 3, 0, tzinfo=UTC))
    yield
    clock.fix(None)


@pytest.fixture
def clerk(client_of: ClientOf) -> FlaskClient:
    return client_of("clerk")


@pytest.fixture
def issued(database: Database, cast: Cast) -> Callable[..., int]:
    """A document that was issued, of the province unless said otherwise."""

    def issued(number: int = 5, unit: str = "LDLD", **more: OutgoingState | None) -> int:
        facts = {
            "unit_id": cast.units[unit], "kind": "Kế hoạch", "number": number, "symbol": "KH-LĐLĐ", "series": "2026|Kế hoạch",
            "dated": date(2026, 3, 5), "abstract": "chuyển đổi số", "signer": "Nguyễn Mạnh Hùng", "state": OutgoingState.ISSUED,
            "recipients": "Các công đoàn cơ sở\nLưu: VT",
        }  # fmt: skip
        with database.writing() as session:
            document = OutgoingDocument(**facts | more)
            session.add(document)
            weigh(session, document)
            return document.id

    return issued


@pytest.fixture
def rule(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        session.add(NumberingRule(unit_id=cast.units["LDLD"], valid_from=date(2020, 1, 1), body_symbol="LĐLĐ"))


def last_entry(database: Database) -> tuple[str, dict[str, Any]]:
    with database.reading() as session:
        entries = AuditTrail(session).page().rows[:1]
        return (entries[0].act, entries[0].facts) if entries else ("", {})


# The list


def test_an_empty_register_says_what_to_do_first(clerk: FlaskClient) -> None:
    page = clerk.get("/directives/").text
    assert "Sổ chưa có văn bản nào trong thời gian này" in page
    assert "Ghi văn bản đã phát hành" in page


def test_a_row_says_number_date_kind_abstract_signer_recipients_and_level(
    clerk: FlaskClient, issued: Callable[..., int]
) -> None:
    issued(form=Form.PAPER, channel=Channel.POST)
    page = clerk.get("/directives/").text
    for said in (
        "05/KH-LĐLĐ",
        "05/03/2026",
        "Kế hoạch",
        "chuyển đổi số",
        "Nguyễn Mạnh Hùng",
        "Các công đoàn cơ sở; Lưu: VT",
        "L0",
    ):
        assert said in page


@pytest.mark.parametrize(
    ("asked", "is_there"),
    [
        ("q=chuyen+doi+so", True),
        ("q=CHUYỂN+đổi+5/kh", True),
        ("q=không+có", False),
        ("q=100%25", False),
        ("year=2025", False),
        ("year=", True),
        ("year=2026&part=H1", True),
        ("year=2026&part=H2", False),
        ("year=2026&part=03", True),
        ("year=2026&part=99", True),
        ("year=rubbish", True),
        ("kind=Công+văn", False),
        ("kind=Kế+hoạch", True),
        ("state=revoked", False),
        ("state=draft", True),
        ("level=L0", False),
        ("level=unknown", True),
        ("page=99", True),
    ],
)
def test_filters_and_what_makes_no_sense_asks_nothing(
    clerk: FlaskClient, issued: Callable[..., int], asked: str, is_there: bool
) -> None:
    issued()
    assert ("05/KH-LĐLĐ" in clerk.get(f"/directives/?{asked}").text) is is_there


def test_everybody_sees_own_units_and_those_below_and_no_others(client_of: ClientOf, issued: Callable[..., int]) -> None:
    province, own = issued(1, abstract="của tỉnh"), issued(2, "CD-PHUCAT", abstract="của huyện")
    whole, mine = client_of("clerk").get("/directives/?unit=").text, client_of("member").get("/directives/").text
    assert "của tỉnh" in whole
    assert "của huyện" in whole
    assert "của huyện" in mine
    assert "của tỉnh" not in mine
    assert client_of("member").get(f"/directives/{province}").status_code == 404
    assert client_of("member").get(f"/directives/{own}").status_code == 200
    assert client_of("stranger").get("/directives/").status_code == 403


def test_the_register_that_is_shown_first_is_ones_own_and_all_are_one_choice_away(
    clerk: FlaskClient, issued: Callable[..., int], cast: Cast
) -> None:
    for number in range(1, 53):
        issued(number)
    issued(60, "CD-PHUCAT", abstract="của huyện")
    page = clerk.get("/directives/").text
    assert "Sổ của Liên đoàn Lao động tỉnh" in page
    assert "<strong>52</strong> văn bản" in page
    assert f"register.pdf?unit={cast.units['LDLD']}" in page
    assert 'href="/directives/?unit=&amp;year=2026">Xem mọi đơn vị' in page
    whole = clerk.get("/directives/?unit=&year=2026").text
    assert "Sổ của mọi đơn vị bạn được xem." in whole
    assert "<strong>53</strong> văn bản" in whole
    assert "page=2&amp;unit=&amp;year=2026" in whole
    assert f'href="/directives/?unit={cast.units["LDLD"]}&amp;year=2026">Chỉ xem sổ của' in whole


def test_a_unit_that_has_ended_does_not_hide_which_register_is_ones_own(
    clerk: FlaskClient, issued: Callable[..., int], database: Database, cast: Cast
) -> None:
    with database.writing() as session:
        former = Unit(code="CU", name="Liên đoàn cũ", kind=UnitKind.PROVINCE, valid_from=date(1990, 1, 1), valid_to=date(2025, 6, 30),
                      succeeded_by_id=cast.units["LDLD"])  # fmt: skip
        session.add(former)
        session.flush()
        cast.units["CU"] = former.id
    issued(7, "CU", abstract="của đơn vị cũ")
    assert "của đơn vị cũ" not in clerk.get("/directives/").text
    assert "của đơn vị cũ" in clerk.get("/directives/?unit=").text


def test_recipients_written_with_semicolons_have_one_between_them(clerk: FlaskClient, issued: Callable[..., int]) -> None:
    issued(recipients="Như trên; \nLưu: VT.")
    assert "Như trên; Lưu: VT." in clerk.get("/directives/").text
    book = openpyxl.load_workbook(io.BytesIO(clerk.get("/directives/register.xlsx?year=2026").data)).worksheets[0]
    assert "Như trên; Lưu: VT." in [row[4] for row in book.values]


def test_drafts_do_not_stand_in_the_register(clerk: FlaskClient, issued: Callable[..., int]) -> None:
    issued(state=OutgoingState.DRAFT, number=None, series=None)
    assert "chuyển đổi số" not in clerk.get("/directives/?year=").text


def test_totals_tell_levels_apart_from_what_is_unknown_or_not_proven(clerk: FlaskClient, issued: Callable[..., int]) -> None:
    issued(1, form=Form.PAPER, channel=Channel.POST)
    issued(2, form=Form.ELECTRONIC, channel=Channel.SYSTEM, is_signed_by_person=True, is_signed_by_organisation=True)
    issued(3)
    page = clerk.get("/directives/").text
    assert "<strong>3</strong> văn bản" in page
    assert "Chưa rõ mức</dt><dd>1" in page
    assert "bằng chứng: L0" in page


def test_pages_follow_one_another(clerk: FlaskClient, issued: Callable[..., int]) -> None:
    for number in range(1, 53):
        issued(number)
    assert "Trang 1 / 2" in clerk.get("/directives/").text
    last = clerk.get("/directives/?page=2").text
    assert "01/KH-LĐLĐ" in last
    assert "52/KH-LĐLĐ" not in last


# Written out


def test_the_workbook_has_exactly_the_ten_columns_of_the_form(
    clerk: FlaskClient, issued: Callable[..., int], database: Database
) -> None:
    issued(note="=1+1", copies=3, transferred_on=date(2026, 3, 6), copy_keeper="Văn phòng", receipt="Lan")
    answer = clerk.get("/directives/register.xlsx?unit=1&year=2026")
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0].values)
    heading = next(number for number, row in enumerate(rows) if row[0] == "Số, ký hiệu văn bản")
    assert rows[heading] == (
        "Số, ký hiệu văn bản", "Ngày tháng văn bản", "Tên loại và trích yếu nội dung văn bản", "Người ký", "Nơi nhận văn bản",
        "Đơn vị, người nhận bản lưu", "Số lượng bản", "Ngày chuyển", "Ký nhận", "Ghi chú",
    )  # fmt: skip
    assert rows[heading + 2] == (
        "05/KH-LĐLĐ", "05/03/2026", "Kế hoạch chuyển đổi số", "Nguyễn Mạnh Hùng", "Các công đoàn cơ sở; Lưu: VT", "Văn phòng", 3,
        "06/03/2026", "Lan", "=1+1",
    )  # fmt: skip
    assert last_entry(database) == ("register_written_out", {"form": "xlsx", "rows": 1, "period": "2026"})


def test_the_register_can_be_printed(clerk: FlaskClient, issued: Callable[..., int]) -> None:
    issued()
    answer = clerk.get("/directives/register.pdf?year=2026")
    assert answer.data.startswith(b"%PDF-")
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_the_columns_of_evidence_are_written_for_programs(clerk: FlaskClient, issued: Callable[..., int]) -> None:
    issued(
        form=Form.BOTH, channel=Channel.AXIS, is_signed_by_person=True, is_signed_by_organisation=False, abstract="=HYPERLINK()",
        direction=Direction.DOWN, urgency="Khẩn", sent_at=datetime(2026, 3, 5, 2, 0, tzinfo=UTC),
    )  # fmt: skip
    text = clerk.get("/directives/register.csv?year=2026").data.decode("utf-8-sig")
    heading, row = list(csv.reader(io.StringIO(text)))
    assert heading == [
        "so", "ky_hieu", "ngay_vb", "loai", "trich_yeu", "nguoi_ky", "don_vi", "huong_dan_den", "hinh_thuc", "ky_so_ca_nhan",
        "ky_so_co_quan", "kenh", "thoi_diem_gui", "edxml_document_id", "do_khan", "mat",
    ]  # fmt: skip
    assert row == [
        "05", "KH-LĐLĐ", "05/03/2026", "Kế hoạch", "'=HYPERLINK()", "Nguyễn Mạnh Hùng", "LDLD", "cấp dưới", "song_song", "1", "0",
        "truc", "2026-03-05T02:00:00+00:00", "", "Khẩn", "0",
    ]  # fmt: skip


def test_a_register_that_is_too_long_is_refused_and_not_cut(
    clerk: FlaskClient, issued: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MOST, "pdf", 1)
    issued(1)
    assert clerk.get("/directives/register.pdf?year=2026").status_code == 200
    issued(2)
    answer = clerk.get("/directives/register.pdf?year=2026")
    assert answer.status_code == 422
    assert "Sổ cần xuất có hơn 1 dòng" in answer.text


def test_others_registers_are_not_written_out(client_of: ClientOf, issued: Callable[..., int], cast: Cast) -> None:
    issued(abstract="của tỉnh")
    text = client_of("member").get(f"/directives/register.csv?year=2026&unit={cast.units['LDLD']}").data.decode("utf-8-sig")
    assert len(text.splitlines()) == 1


# Entries and corrections

ENTRY = {
    "kind": "Kế hoạch", "number": "07", "symbol": "", "dated": "2026-03-06", "abstract": "tổng kết năm", "signer": "Nguyễn Mạnh Hùng",
    "signer_title": "", "recipients": "Các ban", "direction": "down", "urgency": "", "copy_keeper": "", "copies": "",
    "transferred_on": "", "receipt": "", "note": "", "form": "paper", "by_person": "", "by_organisation": "", "channel": "post",
    "attestation": "y",
}  # fmt: skip


@pytest.fixture
def entry(cast: Cast) -> dict[str, int | str]:
    return ENTRY | {"unit": cast.units["LDLD"]}


def test_what_was_issued_already_is_entered_with_its_number(
    clerk: FlaskClient, entry: dict[str, int | str], database: Database, rule: None
) -> None:
    answer = clerk.post("/directives/entries/new", data=entry, follow_redirects=True)
    assert "Đã ghi 07/KH-LĐLĐ vào sổ" in answer.text
    assert "còn 6 số khuyết" in answer.text
    assert last_entry(database) == ("outgoing_entered", {"number": "07/KH-LĐLĐ"})
    with database.reading() as session:
        document = session.query(OutgoingDocument).one()
        assert (document.state, document.series, document.claimed_high) == (OutgoingState.ISSUED, "2026|Kế hoạch", 0)


def test_a_number_and_its_symbol_may_be_typed_together_and_without_one_the_next_is_given(
    clerk: FlaskClient, entry: dict[str, int | str], database: Database, rule: None
) -> None:
    clerk.post("/directives/entries/new", data=entry | {"number": "06b /KH - LĐLĐ"})
    clerk.post("/directives/entries/new", data=entry | {"number": ""})
    with database.reading() as session:
        written = [one.written_number for one in session.query(OutgoingDocument).order_by(OutgoingDocument.id)]
    assert written == ["06b/KH-LĐLĐ", "07/KH-LĐLĐ"]


def test_a_double_is_refused_by_naming_the_other_and_keeps_what_was_typed(
    clerk: FlaskClient, entry: dict[str, int | str], issued: Callable[..., int], database: Database
) -> None:
    issued(7, abstract="bản đầu tiên")
    answer = clerk.post("/directives/entries/new", data=entry)
    assert answer.status_code == 409
    assert "Số 07/KH-LĐLĐ đã có trong sổ: Kế hoạch bản đầu tiên, ngày 05/03/2026" in answer.text
    assert "tổng kết năm" in answer.text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"number": "bảy"}, "Số là chữ số"),
        ({"dated": "2027-01-01"}, "Ngày văn bản chưa đến"),
        ({"dated": "x"}, "Ngày không đúng"),
        ({"abstract": ""}, "Hãy ghi trích yếu"),
        ({"attestation": ""}, "Văn bản mật không được ghi vào hệ thống này"),
        ({"kind": ""}, "Hãy chọn loại văn bản"),
        ({"copies": "-1"}, "Số lượng bản là số"),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused(
    clerk: FlaskClient, entry: dict[str, int | str], database: Database, typed: dict[str, str], sentence: str
) -> None:
    answer = clerk.post("/directives/entries/new", data=entry | typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert last_entry(database) == ("", {})  # nothing was noted


def test_only_who_keeps_the_register_enters_and_corrects(
    client_of: ClientOf, entry: dict[str, int | str], issued: Callable[..., int]
) -> None:
    assert client_of("leader").post("/directives/entries/new", data=entry).status_code == 403
    assert client_of("unit_clerk").post("/directives/entries/new", data=entry).status_code == 422
    assert client_of("unit_clerk").get(f"/directives/{issued()}/correct").status_code == 404


def test_a_correction_keeps_the_former_values_with_the_reason(
    clerk: FlaskClient, entry: dict[str, int | str], issued: Callable[..., int], database: Database
) -> None:
    outgoing_id = issued(7)
    data = entry | {"because": "ghi nhầm", "number": "08", "form": "both"}
    assert clerk.post(f"/directives/{outgoing_id}/correct", data=data).status_code == 303
    act, facts = last_entry(database)
    assert (act, facts["because"]) == ("outgoing_corrected", "ghi nhầm")
    assert (facts["former"]["number"], facts["former"]["abstract"], facts["former"]["dated"]) == (
        7,
        "chuyển đổi số",
        "2026-03-05",
    )
    page = clerk.get(f"/directives/{outgoing_id}").text
    assert "ngày văn bản: 05/03/2026" in page
    assert "Lý do: ghi nhầm" in page


def test_a_correction_that_types_no_number_takes_none_away(
    clerk: FlaskClient, entry: dict[str, int | str], issued: Callable[..., int], database: Database
) -> None:
    outgoing_id = issued(7, suffix="b", symbol="KH-LĐLĐ")
    assert clerk.post(f"/directives/{outgoing_id}/correct", data=entry | {"because": "nhầm", "number": ""}).status_code == 303
    with database.reading() as session:
        document = session.get_one(OutgoingDocument, outgoing_id)
        assert (document.number, document.suffix) == (7, "b")


def test_a_correction_needs_a_reason_and_the_newest_state(
    clerk: FlaskClient, entry: dict[str, int | str], issued: Callable[..., int], database: Database
) -> None:
    outgoing_id = issued(7)
    assert clerk.post(f"/directives/{outgoing_id}/correct", data=entry | {"because": ""}).status_code == 422
    answer = clerk.post(f"/directives/{outgoing_id}/correct", data=entry | {"because": "nhầm", "revision": "77"})
    assert answer.status_code == 409
    assert "vừa được người khác sửa" in answer.text
    assert last_entry(database) == ("", {})  # nothing was noted


def test_a_draft_is_not_corrected_as_an_entry(clerk: FlaskClient, issued: Callable[..., int]) -> None:
    outgoing_id = issued(state=OutgoingState.DRAFT, number=None, series=None)
    assert clerk.get(f"/directives/{outgoing_id}/correct").status_code == 409


# Numbering

RULE = {"valid_from": "2026-01-01", "reset": "year", "series": "per_kind", "secret_series": "shared", "body_symbol": "LĐLĐ",
        "mark": "/", "source": "Quy chế văn thư"}  # fmt: skip


def test_a_rule_is_written_and_stands_on_the_page(clerk: FlaskClient, database: Database, cast: Cast) -> None:
    path = f"/directives/numbering/{cast.units['LDLD']}"
    assert "chưa có quy tắc đánh số" in clerk.get("/directives/numbering").text
    assert clerk.post(f"{path}/rules", data=RULE).status_code == 303
    assert last_entry(database)[0] == "numbering_rule_added"
    assert "05/KH-LĐLĐ" in clerk.get("/directives/numbering").text
    again = clerk.post(f"{path}/rules", data=RULE)
    assert again.status_code == 409
    assert "Quy chế văn thư" in again.text


def test_a_rule_without_a_symbol_or_for_another_unit_is_refused(clerk: FlaskClient, client_of: ClientOf, cast: Cast) -> None:
    path = f"/directives/numbering/{cast.units['LDLD']}/rules"
    assert clerk.post(path, data=RULE | {"body_symbol": ""}).status_code == 422
    assert client_of("unit_clerk").post(path, data=RULE).status_code == 404
    assert client_of("leader").post(path, data=RULE).status_code == 403


def test_a_rule_written_by_mistake_is_taken_back(clerk: FlaskClient, database: Database, cast: Cast, rule: None) -> None:
    with database.reading() as session:
        rule_id = session.query(NumberingRule).one().id
    assert clerk.post(f"/directives/numbering/{cast.units['LDLD']}/rules/{rule_id}/remove").status_code == 303
    assert last_entry(database) == ("numbering_rule_removed", {"from": "2020-01-01"})


def test_gaps_are_shown_and_explained(clerk: FlaskClient, issued: Callable[..., int], database: Database, cast: Cast) -> None:
    issued(5)
    path = f"/directives/numbering/{cast.units['LDLD']}/gaps"
    assert "01–04" in clerk.get("/directives/numbering").text
    data = {"series": "2026|Kế hoạch", "first": "1", "last": "3", "reason": "lost", "note": "mất khi chuyển trụ sở"}
    assert clerk.post(path, data=data).status_code == 303
    page = clerk.get("/directives/numbering").text
    assert "mất khi chuyển trụ sở" in page
    assert '<span class="number-gap">04</span>' in page
    refused = clerk.post(path, data=data | {"first": "5", "last": ""})
    assert refused.status_code == 409
    assert "Số 5 không phải là số khuyết" in refused.text
    assert clerk.post(path, data=data | {"first": ""}).status_code == 422
    upside_down = clerk.post(path, data=data | {"first": "4", "last": "2"})
    assert (upside_down.status_code, "Số cuối nhỏ hơn số đầu" in upside_down.text) == (422, True)


def test_a_number_for_a_secret_document_leaves_nothing_but_the_number(
    clerk: FlaskClient, database: Database, cast: Cast
) -> None:
    with database.writing() as session:
        rule = NumberingRule(unit_id=cast.units["LDLD"], valid_from=date(2020, 1, 1), secret_series=SecretSeries.SHARED)
        session.add(rule)
    answer = clerk.post(f"/directives/numbering/{cast.units['LDLD']}/apart", data={"kind": "Kế hoạch"})
    assert answer.status_code == 303
    with database.reading() as session:
        (gap,) = Numbering(session, cast.units["LDLD"]).book("2026|Kế hoạch").explained
        assert (gap.number, gap.reason, gap.note) == (1, GapReason.SECRET, "")
    assert last_entry(database) == ("number_kept_apart", {"series": "2026|Kế hoạch", "number": 1})


def test_where_secret_documents_have_their_own_run_none_is_taken_here(clerk: FlaskClient, cast: Cast, rule: None) -> None:
    answer = clerk.post(f"/directives/numbering/{cast.units['LDLD']}/apart", data={"kind": "Kế hoạch"})
    assert answer.status_code == 409
    assert "đánh số văn bản mật riêng" in answer.text


# Kinds that count


def test_the_default_list_stands_on_a_new_system(clerk: FlaskClient) -> None:
    page = clerk.get("/directives/kinds").text
    assert "Đang tính (12)" in page
    assert "chỉ khi gửi cấp dưới" in page


def test_a_kind_is_added_once_and_ended(clerk: FlaskClient, database: Database) -> None:
    data = {"kind": "Thông tri", "valid_from": "2026-01-01", "source": "NQ 01"}
    assert clerk.post("/directives/kinds", data=data).status_code == 303
    again = clerk.post("/directives/kinds", data=data)
    assert again.status_code == 409
    assert "“Thông tri” đã có trong danh sách từ 01/01/2026 đến nay" in again.text
    with database.reading() as session:
        kind_id = session.query(DirectiveKind).filter_by(kind="Thông tri").one().id
    assert clerk.post(f"/directives/kinds/{kind_id}/end", data={"valid_to": "2026-10-31"}).status_code == 303
    assert last_entry(database) == ("directive_kind_ended", {"kind": "Thông tri", "last": "2026-10-31"})
    assert "đến hết 31/10/2026" in clerk.get("/directives/kinds").text
    assert clerk.post("/directives/kinds", data=data | {"source": ""}).status_code == 422


def test_only_who_keeps_the_register_of_the_province_changes_the_list(client_of: ClientOf) -> None:
    data = {"kind": "Thông tri", "valid_from": "2026-01-01", "source": "NQ 01"}
    assert client_of("unit_clerk").post("/directives/kinds", data=data).status_code == 403
    assert client_of("leader").post("/directives/kinds", data=data).status_code == 403
    assert "Thêm loại văn bản" not in client_of("unit_clerk").get("/directives/kinds").text


# Months


def test_a_month_that_is_over_is_reported_once_and_taken_back(clerk: FlaskClient, database: Database, cast: Cast) -> None:
    path = f"/directives/reports/{cast.units['LDLD']}/2026/10"
    for _ in range(2):
        assert clerk.post(path).status_code == 303
    with database.reading() as session:
        assert session.query(RegisterReport).count() == 1
    assert "đã báo đủ" in clerk.get("/directives/reports").text
    assert clerk.post(f"{path}/take-back").status_code == 303
    assert last_entry(database) == ("register_report_taken_back", {"year": 2026, "month": 10})


def test_a_month_that_is_not_over_cannot_be_complete(clerk: FlaskClient, cast: Cast) -> None:
    answer = clerk.post(f"/directives/reports/{cast.units['LDLD']}/2026/11")
    assert answer.status_code == 409
    assert "Tháng 11/2026 chưa hết" in answer.text


def test_units_that_have_not_reported_are_named(clerk: FlaskClient, client_of: ClientOf, cast: Cast) -> None:
    client_of("unit_clerk").post(f"/directives/reports/{cast.units['CD-PHUCAT']}/2026/10")
    page = clerk.get("/directives/reports").text
    missing = page[page.index('id="missing"') :]
    assert "2 trong 3 đơn vị chưa báo" in missing
    assert "LĐLĐ huyện Tuy Phước" in missing
    assert "LĐLĐ huyện Phù Cát" not in missing


def test_another_units_month_is_not_reported(client_of: ClientOf, cast: Cast) -> None:
    assert client_of("unit_clerk").post(f"/directives/reports/{cast.units['LDLD']}/2026/10").status_code == 404
    assert client_of("leader").post(f"/directives/reports/{cast.units['LDLD']}/2026/10").status_code == 403


def test_secret_documents_are_a_number_and_nothing_else(clerk: FlaskClient, database: Database, cast: Cast) -> None:
    path = f"/directives/reports/{cast.units['LDLD']}/2026/secret"
    assert clerk.post(path, data={"month": "3", "kind": "", "count": "4"}).status_code == 303
    assert clerk.post(path, data={"month": "3", "kind": "", "count": "6"}).status_code == 303
    assert last_entry(database) == ("secret_count_set", {"year": 2026, "month": 3, "kind": "", "count": 6, "before": 4})
    assert clerk.post(path, data={"month": "3", "kind": "", "count": "-1"}).status_code == 422
    assert clerk.post(path, data={"month": "3", "kind": "", "count": "0"}).status_code == 303
    with database.reading() as session:
        assert session.query(SecretCount).count() == 0
