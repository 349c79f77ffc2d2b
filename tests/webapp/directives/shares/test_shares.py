"""The pages of shares and of closed periods: figures with their meaning, their documents, the lock, the report."""

import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pdfplumber
import pytest
from docx import Document
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from domain.directives.directives import Direction, OutgoingState
from domain.ground import clock
from domain.indicators.indicators import Source
from domain.people.units import UnitKind
from storage.directives.closings import ShareClosing
from storage.directives.outgoing import OutgoingDocument, RegisterReport, SecretCount
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.indicators.plans import Indicator
from storage.indicators.plans import Target as PlanTarget
from storage.people.units import Unit
from tests.cast import Cast
from tests.webapp.conftest import ClientOf

PAGE = "/directives/share"
CLOSINGS = "/directives/closings"


@pytest.fixture
def in_july() -> Iterator[None]:
    clock.fix(datetime(2025, 7, 2, 3, tzinfo=UTC))
    yield
    clock.fix(None)


@pytest.fixture
def enter(database: Database, cast: Cast) -> Callable[..., int]:
    def enter(
        *levels: str,
        unit: str = "LDLD",
        dated: date = date(2025, 3, 5),
        evidenced: str = "05",
        kind: str = "Kế hoạch",
        **more: int | str,
    ) -> int:
        with database.writing() as session:
            for each in levels:
                document = OutgoingDocument(
                    unit_id=cast.units[unit], kind=kind, state=OutgoingState.ISSUED, dated=dated,
                    claimed_low=int(each[0]), claimed_high=int(each[-1]),
                    evidenced_low=int(evidenced[0]), evidenced_high=int(evidenced[-1]),
                    **({"abstract": f"Về việc {each}"} | more),
                )  # fmt: skip
                session.add(document)
            session.flush()
            return document.id

    return enter


def text_of(answer: TestResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def entries(database: Database, act: str) -> list[dict[str, int | str]]:
    with database.reading() as session:
        return [entry.facts for entry in session.scalars(select(AuditEntry).where(AuditEntry.act == act))]


# the share


def test_the_headline_says_its_figure_its_meaning_and_its_verdict(
    client_of: ClientOf, enter: Callable[..., int], database: Database, cast: Cast
) -> None:
    enter("5", "2", "0", "1")
    enter("3", "05", unit="CD-PHUCAT")
    with database.writing() as session:
        session.add(SecretCount(unit_id=cast.units["LDLD"], year=2025, month=1, count=4, recorded_by_id=cast.people["clerk"]))
    said = text_of(client_of("clerk").get(f"{PAGE}?period=2025-H1"))
    assert "Liên đoàn Lao động tỉnh, 6 tháng đầu năm 2025" in said
    assert "60,0 %" in said
    assert "Khoảng có thể: từ 50,0 % đến 66,6 %" in said
    assert "Chưa kết luận được so với chỉ tiêu 60,0 %: 1 mục chưa rõ có thể làm đổi kết quả." in said
    assert "Mẫu số gồm 6 văn bản chỉ đạo, điều hành không mật" in said
    assert "4 văn bản mật đã loại ra, chỉ ghi số lượng." in said
    assert "văn bản được tính là điện tử từ mức L2" in said


def test_claimed_and_evidenced_stand_side_by_side(client_of: ClientOf, enter: Callable[..., int]) -> None:
    enter("5", "5")
    said = text_of(client_of("clerk").get(f"{PAGE}?period=2025-H1"))
    assert "Theo sổ đăng ký 100,0 %" in said
    assert "Theo bằng chứng Chưa có con số" in said
    assert "Khoảng có thể: từ 0,0 % đến 100,0 %" in said


def test_nothing_due_is_no_figure(client_of: ClientOf, cast: Cast) -> None:
    page = client_of("clerk").get(f"{PAGE}?period=2025-H1")
    assert "Không có gì để chia nên không có tỷ lệ; đây không phải 0 %, cũng không phải 100 %." in text_of(page)
    assert 'class="figure"' not in page.text


def test_a_period_without_a_target_has_no_verdict(client_of: ClientOf, enter: Callable[..., int]) -> None:
    enter("5", dated=date(2026, 2, 2))
    said = text_of(client_of("clerk").get(f"{PAGE}?period=2026-H1"))
    assert "Kế hoạch không đặt chỉ tiêu cho kỳ này" in said
    assert "So với chỉ tiêu" not in said


def test_59_96_percent_is_not_shown_as_60(client_of: ClientOf, enter: Callable[..., int]) -> None:
    enter(*["5"] * 1499, *["0"] * 1001)
    said = text_of(client_of("clerk").get(f"{PAGE}?period=2025-H1"))
    assert "59,9 %" in said
    assert "Không đạt chỉ tiêu 60,0 %." in said
    assert "còn thiếu 1 văn bản điện tử thì chắc chắn đạt" in said


def test_units_that_have_not_reported_are_listed(
    client_of: ClientOf, enter: Callable[..., int], database: Database, cast: Cast
) -> None:
    enter("5")
    with database.writing() as session:
        for month in range(1, 7):
            session.add(RegisterReport(unit_id=cast.units["LDLD"], year=2025, month=month, reported_by_id=cast.people["clerk"]))
    said = text_of(client_of("clerk").get(f"{PAGE}?period=2025-H1"))
    assert "2 trong 3 đơn vị chưa báo cáo đủ kỳ; số liệu của họ không được ước đoán" in said
    assert "LĐLĐ huyện Phù Cát (xác nhận 0/6 tháng)" in said


def test_a_unit_sees_its_own_figures_and_nobody_elses(client_of: ClientOf, enter: Callable[..., int]) -> None:
    enter("5", "5", "5")
    enter("0", unit="CD-PHUCAT")
    client = client_of("unit_clerk")
    page = client.get(f"{PAGE}?period=2025-H1")
    assert "LĐLĐ huyện Phù Cát, 6 tháng đầu năm 2025" in text_of(page)
    assert 'value="LDLD"' not in page.text
    assert client.get(f"{PAGE}?period=2025-H1&unit=LDLD").status_code == 404
    assert client.get(f"{PAGE}/rows?period=2025-H1&unit=LDLD").status_code == 404
    assert text_of(client.get(f"{PAGE}/rows?period=2025-H1")).count("Về việc") == 1


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/rows", CLOSINGS])
def test_who_has_no_role_may_not_look(client_of: ClientOf, path: str) -> None:
    assert client_of("stranger").get(path).status_code == 403
    assert client_of("nobody").get(path).status_code == 302


def test_each_figure_leads_to_its_documents(client_of: ClientOf, enter: Callable[..., int]) -> None:
    for level in ("5", "0", "05"):
        enter(level)
    client = client_of("clerk")
    page = client.get(f"{PAGE}?period=2025-H1")
    addresses = {address.replace("&amp;", "&") for address in re.findall(r'href="(/directives/share/rows[^"]+)"', page.text)}
    found = {
        one: text_of(client.get(f"{PAGE}/rows?period=2025-H1&outcome={one}")) for one in ("electronic", "paper", "unknown")
    }
    assert any("outcome=electronic" in address and "basis=claimed" in address for address in addresses)
    assert "Về việc 5" in found["electronic"]
    assert "Về việc 0 " in found["paper"] + " "
    assert "Về việc 05" in found["unknown"]
    assert all(client.get(address).status_code == 200 for address in addresses)


def test_missing_numbers_stand_among_what_is_unknown(client_of: ClientOf, enter: Callable[..., int]) -> None:
    enter("5", number=4, series="2025|Kế hoạch", symbol="KH-LĐLĐ")
    said = text_of(client_of("clerk").get(f"{PAGE}/rows?period=2025-H1&outcome=unknown"))
    assert "Số bị thiếu trong sổ" in said
    assert "01, 02, 03" in said
    assert "Chưa rõ (3)" in said


def test_filters_of_kind_level_and_days(client_of: ClientOf, enter: Callable[..., int]) -> None:
    enter("5", kind="Chỉ thị")
    enter("0", unit="CD-PHUCAT")
    enter("0", dated=date(2025, 5, 1))
    client = client_of("clerk")
    assert "Mẫu số gồm 1 văn bản" in text_of(client.get(f"{PAGE}?period=2025-H1&kind=Chỉ thị"))
    assert "Mẫu số gồm 1 văn bản" in text_of(client.get(f"{PAGE}?period=2025-H1&level=upper"))
    assert "Mẫu số gồm 2 văn bản" in text_of(client.get(f"{PAGE}?period=2025-H1&alone=yes"))
    for days in ("first=2025-05-01&last=2025-05-02", "first=2025-05-02&last=2025-05-01"):
        assert "Mẫu số gồm 1 văn bản" in text_of(client.get(f"{PAGE}?{days}"))


@pytest.mark.parametrize(
    "asked",
    [
        "period=xx",
        "reading=xx&basis=yy&level=zz",
        "page=-3",
        "first=2025-13-01&last=x",
        "period=0001",
        "period=2025&against=0001-01-01..9999-12-31",
        "period=1900-01-01..2199-12-31",
    ],
)
def test_what_makes_no_sense_asks_nothing(client_of: ClientOf, enter: Callable[..., int], asked: str) -> None:
    enter("5")
    assert client_of("clerk").get(f"{PAGE}?{asked}").status_code == 200


def test_letters_that_do_not_say_to_whom_are_named(client_of: ClientOf, enter: Callable[..., int]) -> None:
    enter("5", kind="Công văn")
    enter("5", kind="Công văn", direction=Direction.DOWN)
    said = text_of(client_of("clerk").get(f"{PAGE}?period=2025-H1"))
    assert "1 công văn chưa ghi gửi cấp nào nên chưa được tính." in said


def test_what_would_move_the_figure_is_ranked(client_of: ClientOf, enter: Callable[..., int]) -> None:
    enter("05", "05", unit="CD-PHUCAT")
    enter("05", "0")
    said = text_of(client_of("clerk").get(f"{PAGE}?period=2025-H1"))
    ranked = said[said.index("Điều gì làm đổi con số nhiều nhất") :]
    assert "Sổ chưa ghi rõ cách phát hành 3 75,0 %" in ranked
    assert ranked.index("LĐLĐ huyện Phù Cát") < ranked.index("Liên đoàn Lao động tỉnh")
    assert "LĐLĐ huyện Phù Cát 2 chưa rõ, 0 chưa điện tử" in ranked


def test_two_periods_are_compared_in_points(client_of: ClientOf, enter: Callable[..., int]) -> None:
    enter("5", "0", dated=date(2025, 2, 1))
    enter("5", dated=date(2025, 8, 1))
    said = text_of(client_of("clerk").get(f"{PAGE}?period=2025-H2&against=2025-H1"))
    assert "Theo pháp luật 50,0 % 100,0 % +50,0" in said


def test_after_a_merger_the_old_federations_own_documents_lead_to_themselves(
    client_of: ClientOf, enter: Callable[..., int], database: Database, cast: Cast
) -> None:
    with database.writing() as session:
        new = Unit(code="MOI", name="Liên đoàn Lao động tỉnh mới", kind=UnitKind.PROVINCE, valid_from=date(2025, 7, 1))
        old = session.get_one(Unit, cast.units["LDLD"])
        old.valid_to, old.successor = date(2025, 6, 30), new
        session.flush()
        cast.units["MOI"] = new.id
    enter("5")
    enter("0", "0", unit="CD-PHUCAT")
    client = client_of("clerk")
    page = client.get(f"{PAGE}?period=2025-H1")
    ranked = text_of(page)[text_of(page).index("Xếp hạng đơn vị") :]
    assert "1 Liên đoàn Lao động tỉnh (riêng đơn vị này) 100,0 %" in ranked
    addresses = [
        one.replace("&amp;", "&") for one in re.findall(r'href="(/directives/share/rows[^"]+unit=LDLD[^"]*)"', page.text)
    ]
    own = next(one for one in addresses if "outcome=electronic" in one)
    assert text_of(client.get(own)).count("Về việc") == 1
    assert "Tất cả (1)" in text_of(client.get(own))
    enter("5", unit="MOI", dated=date(2025, 9, 1))
    enter("0", "5", unit="CD-PHUCAT", dated=date(2025, 9, 1))
    compared = text_of(client.get(f"{PAGE}?period=2025-H2&against=2025-H1&unit=MOI"))
    moved = compared[compared.index("Đơn vị thay đổi nhiều nhất") :]
    assert "Liên đoàn Lao động tỉnh 33,3 % 50,0 % +16,6" in moved  # with all below it in both periods


def test_each_cause_leads_to_the_documents_that_it_holds_back(client_of: ClientOf, enter: Callable[..., int]) -> None:
    enter("5", evidenced="05", abstract="Kế hoạch chưa có tệp")
    enter("5", evidenced="15", abstract="Kế hoạch chưa ký")
    client = client_of("clerk")
    page = client.get(f"{PAGE}?period=2025-H1&basis=evidenced")
    address = next(one for one in re.findall(r'href="(/directives/share/rows[^"]+)"', page.text) if "cause=no_file" in one)
    said = text_of(client.get(address.replace("&amp;", "&")))
    assert "Kế hoạch chưa có tệp" in said
    assert "Kế hoạch chưa ký" not in said
    assert "Khai điện tử nhưng chưa có tệp nào" in said
    assert "1 văn bản" in said


# closings


SIGNER = {"signer_title": "TL. Chủ tịch, Chánh Văn phòng", "signer": "Ngô Văn Phòng"}


def close(client: FlaskClient, period: str = "2025-H1", **typed: str) -> TestResponse:
    return client.post(CLOSINGS, data={"period": period} | SIGNER | typed)


def test_a_period_is_closed_with_its_lock_and_an_audit_entry(
    client_of: ClientOf, enter: Callable[..., int], database: Database, in_july: None
) -> None:
    enter("5", "0")
    client = client_of("clerk")
    answer = close(client)
    assert answer.status_code == 303
    said = text_of(client.get(answer.location))
    with database.reading() as session:
        closing = session.scalar(select(ShareClosing))
        assert closing
        assert closing.sha256 in said
        assert entries(database, "share_period_closed") == [{"period": "2025-H1", "sha256": closing.sha256, "version": 1}]
    assert "Sổ hiện nay cho đúng các con số đã khóa." in said


@pytest.mark.parametrize("login", ["unit_clerk", "leader", "member", "archivist", "administrator"])
def test_only_whoever_speaks_for_the_federation_closes(
    client_of: ClientOf, database: Database, login: str, in_july: None
) -> None:
    assert close(client_of(login)).status_code == 403
    assert entries(database, "share_period_closed") == []


@pytest.mark.parametrize("period", ["2025-H2", "2025", "2025-03", "xx", ""])
def test_what_is_not_over_or_no_reporting_period_is_not_closed(
    client_of: ClientOf, database: Database, period: str, in_july: None
) -> None:
    assert close(client_of("clerk"), period).status_code == 422
    assert entries(database, "share_period_closed") == []


def test_a_closed_period_is_not_offered_again(client_of: ClientOf, enter: Callable[..., int], in_july: None) -> None:
    client = client_of("clerk")
    close(client)
    assert close(client).status_code == 422
    assert 'value="2025-H1"' not in client.get(CLOSINGS).text


def test_later_changes_are_shown_and_frozen_by_a_correction_that_gives_its_reason(
    client_of: ClientOf, enter: Callable[..., int], database: Database, in_july: None
) -> None:
    enter("5")
    client = client_of("clerk")
    page = close(client).location
    enter("0", symbol="KH-LĐLĐ", number=7)
    said = text_of(client.get(page))
    assert "1 văn bản khác với lúc khóa. Con số đã khóa không đổi." in said
    assert "không được tính khai L0" in said
    assert client.post(f"{page}/correct", data=SIGNER | {"reason": ""}).status_code == 422
    answer = client.post(f"{page}/correct", data=SIGNER | {"reason": "Sót kế hoạch số 07"})
    assert answer.status_code == 303
    assert "Sót kế hoạch số 07" in text_of(client.get(answer.location))
    assert "Lần khóa này đã được sửa." in text_of(client.get(page))
    assert [facts["version"] for facts in entries(database, "share_closing_corrected")] == [2]
    assert client.post(f"{page}/correct", data=SIGNER | {"reason": "Lần nữa"}).status_code == 409
    paper = text_of_pdf(client.get(f"{answer.location}/report.pdf"))
    assert "Lần khóa này sửa lần 1. Lý do: Sót kế hoạch số 07" in paper
    assert "trước 100,0 %" in paper


def test_nothing_is_corrected_without_a_change(client_of: ClientOf, database: Database, in_july: None) -> None:
    client = client_of("clerk")
    page = close(client).location
    assert client.post(f"{page}/correct", data=SIGNER | {"reason": "Thử"}).status_code == 409
    assert client_of("unit_clerk").post(f"{page}/correct", data=SIGNER | {"reason": "Thử"}).status_code == 403


def text_of_pdf(answer: TestResponse) -> str:
    with pdfplumber.open(io.BytesIO(answer.data)) as paper:
        return " ".join(" ".join(page.extract_text() for page in paper.pages).split())


def test_the_report_carries_figures_definition_and_lock(
    client_of: ClientOf, enter: Callable[..., int], database: Database, in_july: None
) -> None:
    enter("5", "3", "0")
    client = client_of("clerk")
    page = close(client).location
    with database.reading() as session:
        lock = session.scalars(select(ShareClosing.sha256)).one()
    paper = text_of_pdf(client.get(f"{page}/report.pdf"))
    for words in (
        "BÁO CÁO", "6 tháng đầu năm 2025", "Kính gửi: Ban Thường vụ Liên đoàn Lao động tỉnh", "66,6 %", "đạt chỉ tiêu 60,0 %",
        "LĐLĐ huyện Phù Cát: xác nhận 0/6 tháng", "Nghị quyết số 05-NQ/TU", lock,
    ):  # fmt: skip
        assert words in paper
    document = Document(io.BytesIO(client.get(f"{page}/report.docx").data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert lock in cells
    assert "Theo pháp luật (từ L2)" in cells


def test_the_report_bears_who_signs_it_and_the_next_one_proposes_the_same(
    client_of: ClientOf, enter: Callable[..., int], in_july: None
) -> None:
    client = client_of("clerk")
    first = client.get(CLOSINGS).text
    assert 'value="Lê Văn Thư"' in first  # before the first closing, who closes
    refused = close(client, signer="")
    assert (refused.status_code, "Hãy ghi họ tên người ký báo cáo." in refused.text) == (422, True)
    assert SIGNER["signer_title"] in refused.text
    page = close(client).location
    paper = text_of_pdf(client.get(f"{page}/report.pdf"))
    assert paper.index("TL. CHỦ TỊCH") < paper.index("CHÁNH VĂN PHÒNG") < paper.index("Ngô Văn Phòng")
    assert "TL. CHỦ TỊCH, CHÁNH VĂN PHÒNG: Ngô Văn Phòng" in text_of(client.get(page))
    assert 'value="Ngô Văn Phòng"' in client.get(CLOSINGS).text


def test_what_was_reported_after_the_close_is_a_change_too(
    client_of: ClientOf, enter: Callable[..., int], database: Database, cast: Cast, in_july: None
) -> None:
    enter("5")
    client = client_of("clerk")
    page = close(client).location
    with database.writing() as session:
        session.add(
            RegisterReport(unit_id=cast.units["CD-PHUCAT"], year=2025, month=2, reported_by_id=cast.people["unit_clerk"])
        )
    said = text_of(client.get(page))
    assert "1 đơn vị báo đủ sổ khác với lúc khóa" in said
    assert "LĐLĐ huyện Phù Cát: 0/6 → 1/6" in said
    assert client.post(f"{page}/correct", data=SIGNER | {"reason": "Phù Cát báo muộn"}).status_code == 303


def test_a_target_that_was_changed_after_the_close_is_a_change_too(
    client_of: ClientOf, enter: Callable[..., int], database: Database, in_july: None
) -> None:
    enter("5")
    client = client_of("clerk")
    page = close(client).location
    with database.writing() as session:
        target = session.scalar(
            select(PlanTarget).join(Indicator).where(Indicator.source == Source.REGISTER, PlanTarget.year == 2025)
        )
        assert target
        target.hundredths = 7000
    assert "Chỉ tiêu lúc khóa: 60,0 %; hiện nay: 70,0 %." in text_of(client.get(page))


def test_the_same_closing_gives_the_same_files(client_of: ClientOf, enter: Callable[..., int], in_july: None) -> None:
    enter("5")
    client = client_of("clerk")
    page = close(client).location
    for name in ("report.pdf", "report.docx", "figures.json"):
        assert client.get(f"{page}/{name}").data == client.get(f"{page}/{name}").data
    assert json.loads(client.get(f"{page}/figures.json").data)["format"] == "khonggiay-share-closing-1"


def test_closings_are_read_by_those_who_see_the_province_only(
    client_of: ClientOf, enter: Callable[..., int], in_july: None
) -> None:
    page = close(client_of("clerk")).location
    assert client_of("archivist").get(page).status_code == 200
    assert client_of("unit_clerk").get(page).status_code == 404
    assert client_of("unit_clerk").get(f"{page}/report.pdf").status_code == 404
    assert "Bạn không xem được các kỳ đã khóa" in client_of("member").get(CLOSINGS).text
