"""A document's life as its page leads through it: drafted, approved, numbered, signed, issued, revoked, replaced."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from domain.directives.directives import OutgoingState
from domain.directives.issuance import Channel, Form
from domain.directives.numbering import Reset, SecretSeries, Series
from storage.directives.deliveries import Delivery
from storage.directives.evidence import Evidence
from storage.directives.numbering import NumberGap, NumberingRule
from storage.directives.outgoing import OutgoingDocument
from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.settings import Settings
from tests.cast import Cast
from tests.signing import PASSWORD, make_keys
from tests.webapp.conftest import ClientOf
from webapp.ground.system import System

DRAFT = {
    "kind": "Kế hoạch", "abstract": "triển khai Tháng Công nhân năm 2027", "signer_title": "TM. BAN THƯỜNG VỤ, CHỦ TỊCH",
    "recipients": "Các công đoàn cơ sở\nLưu: VT", "direction": "down", "urgency": "", "body": "Thực hiện kế hoạch năm 2027.",
    "attestation": "y",
}  # fmt: skip


@pytest.fixture
def clerk(client_of: ClientOf) -> FlaskClient:
    return client_of("clerk")


@pytest.fixture
def leader(client_of: ClientOf) -> FlaskClient:
    return client_of("leader")


@pytest.fixture
def rule(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        session.add(
            NumberingRule(
                unit_id=cast.units["LDLD"], valid_from=date(2020, 1, 1), reset=Reset.YEAR, series=Series.PER_KIND,
                secret_series=SecretSeries.SHARED, body_symbol="LĐLĐ",
            )
        )  # fmt: skip


@pytest.fixture
def make(database: Database, cast: Cast) -> Callable[..., int]:
    """A document of the province in some state, signed for by the leader."""

    def make(state: OutgoingState = OutgoingState.DRAFT, **more: str) -> int:
        facts = {"unit_id": cast.units["LDLD"], "kind": "Kế hoạch", "abstract": "chuyển đổi số", "signer": "Hoàng Thị Chủ Tịch",
                 "signer_id": cast.people["leader"], "state": state, "drafted_by_id": cast.people["clerk"]}  # fmt: skip
        if state not in (OutgoingState.DRAFT, OutgoingState.SUBMITTED, OutgoingState.APPROVED):
            facts |= {"number": 5, "symbol": "KH-LĐLĐ", "series": "2026|Kế hoạch", "dated": date(2026, 11, 20)}
        with database.writing() as session:
            document = OutgoingDocument(**facts | more)
            session.add(document)
            session.flush()
            return document.id

    return make


def read(database: Database, outgoing_id: int) -> OutgoingDocument:
    with database.reading() as session:
        document = session.get_one(OutgoingDocument, outgoing_id)
        session.expunge_all()
        return document


def acts(database: Database, outgoing_id: int) -> list[str]:
    with database.reading() as session:
        return [entry.act for entry in AuditTrail(session).of("outgoing", outgoing_id)]


def test_a_document_goes_from_draft_to_the_inbox_of_a_unit(
    clerk: FlaskClient, leader: FlaskClient, database: Database, cast: Cast, rule: None
) -> None:
    data = DRAFT | {"unit": cast.units["LDLD"], "signer": cast.people["leader"]}
    page = clerk.post("/directives/drafts/new", data=data).headers["Location"]
    outgoing_id = int(page.rpartition("/")[2])
    assert clerk.post(f"{page}/submit").status_code == 303
    assert "Bạn là người ký" in leader.get(page).text
    assert leader.post(f"{page}/approve").status_code == 303
    assert clerk.post(f"{page}/number", data={"dated": "2026-11-20", "symbol": ""}).status_code == 303
    assert read(database, outgoing_id).written_number == "01/KH-LĐLĐ"
    assert clerk.post(f"{page}/sign", data={"manner": "paper"}).status_code == 303
    answer = clerk.post(f"{page}/issue", data={"channel": "system", "paper": "no", "to": [cast.units["CD-PHUCAT"]], "due": ""})
    assert answer.status_code == 303
    document = read(database, outgoing_id)
    assert (document.state, document.channel, document.form) == (OutgoingState.ISSUED, Channel.SYSTEM, Form.PAPER)
    with database.reading() as session:
        assert session.query(Delivery).filter_by(outgoing_id=outgoing_id, unit_id=cast.units["CD-PHUCAT"]).count() == 1
    assert acts(database, outgoing_id) == [
        "outgoing_issued", "outgoing_signed", "number_given", "draft_approved", "draft_submitted", "draft_written",
    ]  # fmt: skip
    assert "Lịch sử" in clerk.get(page).text


def test_a_draft_without_a_signer_is_not_submitted(clerk: FlaskClient, make: Callable[..., int], database: Database) -> None:
    outgoing_id = make(signer_id=None, signer="")
    answer = clerk.post(f"/directives/{outgoing_id}/submit")
    assert answer.status_code == 409
    assert "Chưa chọn người ký có tài khoản" in answer.text
    assert read(database, outgoing_id).state is OutgoingState.DRAFT


def test_a_draft_needs_an_abstract_and_keeps_what_was_typed(clerk: FlaskClient, cast: Cast) -> None:
    data = DRAFT | {"unit": cast.units["LDLD"], "signer": "", "abstract": "", "recipients": "Các ban chuyên đề"}
    answer = clerk.post("/directives/drafts/new", data=data)
    assert answer.status_code == 422
    assert "Hãy ghi trích yếu" in answer.text
    assert "Các ban chuyên đề" in answer.text


def test_a_draft_is_written_only_for_a_unit_that_one_keeps(client_of: ClientOf, cast: Cast) -> None:
    data = DRAFT | {"unit": cast.units["LDLD"], "signer": ""}
    answer = client_of("unit_clerk").post("/directives/drafts/new", data=data)
    assert answer.status_code == 422
    assert "Lựa chọn này không có" in answer.text


def test_a_signer_of_another_unit_is_refused(client_of: ClientOf, cast: Cast) -> None:
    data = DRAFT | {"unit": cast.units["CD-PHUCAT"], "signer": cast.people["leader"]}
    assert client_of("unit_clerk").post("/directives/drafts/new", data=data).status_code == 422


def test_a_draft_that_somebody_else_saved_meanwhile_is_not_overwritten(
    clerk: FlaskClient, make: Callable[..., int], database: Database, cast: Cast
) -> None:
    outgoing_id = make()
    data = DRAFT | {"unit": cast.units["LDLD"], "signer": cast.people["leader"], "revision": "7", "abstract": "của tôi"}
    answer = clerk.post(f"/directives/drafts/{outgoing_id}", data=data)
    assert answer.status_code == 409
    assert "Người khác vừa lưu dự thảo này" in answer.text
    assert "của tôi" in answer.text
    assert read(database, outgoing_id).abstract == "chuyển đổi số"


def test_a_draft_bears_a_file_which_is_given_back_byte_for_byte(clerk: FlaskClient, cast: Cast) -> None:
    data = DRAFT | {"unit": cast.units["LDLD"], "signer": "", "file": (io.BytesIO(b"%PDF-1.7 thu"), "Kế hoạch.pdf")}
    page = clerk.post("/directives/drafts/new", data=data).headers["Location"]
    with clerk.get(f"{page}/file") as answer:
        assert (answer.data, answer.mimetype) == (b"%PDF-1.7 thu", "application/pdf")


def test_a_program_is_no_file_of_a_document(clerk: FlaskClient, cast: Cast) -> None:
    data = DRAFT | {"unit": cast.units["LDLD"], "signer": "", "file": (io.BytesIO(b"MZ\x90"), "virus.exe")}
    answer = clerk.post("/directives/drafts/new", data=data)
    assert answer.status_code == 422
    assert "Đây không phải tệp PDF" in answer.text


def test_the_text_of_a_draft_becomes_an_official_paper(clerk: FlaskClient, make: Callable[..., int]) -> None:
    answer = clerk.get(f"/directives/{make(content='Thực hiện ngay.')}/paper.pdf")
    assert answer.data.startswith(b"%PDF-")


def test_only_the_named_signer_approves(client_of: ClientOf, make: Callable[..., int], database: Database, cast: Cast) -> None:
    outgoing_id = make(OutgoingState.SUBMITTED, signer_id=cast.people["clerk"], signer="Lê Văn Thư")
    answer = client_of("leader").post(f"/directives/{outgoing_id}/approve")
    assert answer.status_code == 403
    assert "Chỉ người ký văn bản này (Lê Văn Thư)" in answer.text
    assert client_of("clerk").post(f"/directives/{outgoing_id}/approve").status_code == 403
    assert read(database, outgoing_id).state is OutgoingState.SUBMITTED


def test_a_return_needs_a_reason_which_the_history_tells(
    clerk: FlaskClient, leader: FlaskClient, make: Callable[..., int], database: Database
) -> None:
    outgoing_id = make(OutgoingState.SUBMITTED)
    assert leader.post(f"/directives/{outgoing_id}/return", data={"because": ""}).status_code == 422
    assert leader.post(f"/directives/{outgoing_id}/return", data={"because": "Thiếu kinh phí"}).status_code == 303
    assert read(database, outgoing_id).state is OutgoingState.DRAFT
    assert "Thiếu kinh phí" in clerk.get(f"/directives/{outgoing_id}").text


def test_a_draft_that_was_submitted_can_be_taken_back(clerk: FlaskClient, make: Callable[..., int], database: Database) -> None:
    outgoing_id = make(OutgoingState.SUBMITTED)
    assert clerk.post(f"/directives/{outgoing_id}/withdraw").status_code == 303
    assert read(database, outgoing_id).state is OutgoingState.DRAFT
    assert acts(database, outgoing_id) == ["draft_withdrawn"]


def test_a_draft_is_given_up(clerk: FlaskClient, make: Callable[..., int], database: Database) -> None:
    outgoing_id = make()
    assert clerk.post(f"/directives/{outgoing_id}/drop").status_code == 303
    assert read(database, outgoing_id).state is OutgoingState.DROPPED


def test_drafts_are_known_only_to_those_who_draft_in_the_unit(
    client_of: ClientOf, make: Callable[..., int], cast: Cast
) -> None:
    own = make(unit_id=cast.units["CD-PHUCAT"])
    assert client_of("unit_clerk").get(f"/directives/{own}").status_code == 200
    assert client_of("member").get(f"/directives/{own}").status_code == 404
    assert client_of("clerk").get(f"/directives/{own}").status_code == 404


def test_numbering_twice_gives_one_number(clerk: FlaskClient, make: Callable[..., int], database: Database, rule: None) -> None:
    outgoing_id = make(OutgoingState.APPROVED)
    for _ in range(2):
        assert clerk.post(f"/directives/{outgoing_id}/number", data={"dated": "2026-11-20", "symbol": ""}).status_code == 303
    assert read(database, outgoing_id).number == 1
    assert acts(database, outgoing_id) == ["number_given"]


def test_no_number_is_guessed_without_a_rule(clerk: FlaskClient, make: Callable[..., int], database: Database) -> None:
    outgoing_id = make(OutgoingState.APPROVED)
    answer = clerk.post(f"/directives/{outgoing_id}/number", data={"dated": "2026-11-20", "symbol": "LĐLĐ-VP"})
    assert answer.status_code == 409
    assert "Đơn vị chưa có quy tắc đánh số vào ngày 20/11/2026" in answer.text
    assert "LĐLĐ-VP" in answer.text
    assert read(database, outgoing_id).number is None


def test_a_number_that_is_not_approved_is_refused(clerk: FlaskClient, make: Callable[..., int], rule: None) -> None:
    answer = clerk.post(f"/directives/{make()}/number", data={"dated": "2026-11-20", "symbol": ""})
    assert answer.status_code == 409


def test_who_keeps_another_register_cannot_number(client_of: ClientOf, make: Callable[..., int], rule: None) -> None:
    outgoing_id = make(OutgoingState.APPROVED)
    assert client_of("unit_clerk").post(f"/directives/{outgoing_id}/number", data={"dated": "2026-11-20"}).status_code == 404
    assert client_of("leader").post(f"/directives/{outgoing_id}/number", data={"dated": "2026-11-20"}).status_code == 403


def test_a_date_before_that_of_a_smaller_number_is_pointed_out(
    clerk: FlaskClient, make: Callable[..., int], rule: None
) -> None:
    make(OutgoingState.ISSUED)
    outgoing_id = make(OutgoingState.APPROVED)
    answer = clerk.post(f"/directives/{outgoing_id}/number", data={"dated": "2026-11-01", "symbol": ""}, follow_redirects=True)
    assert "Đã cấp số 06/KH-LĐLĐ" in answer.text
    assert "số nhỏ hơn 05/KH-LĐLĐ có ngày 20/11/2026" in answer.text


def test_a_number_that_is_not_used_stays_as_a_gap_with_its_reason(
    clerk: FlaskClient, make: Callable[..., int], database: Database
) -> None:
    outgoing_id = make(OutgoingState.NUMBERED)
    assert clerk.post(f"/directives/{outgoing_id}/cancel", data={"because": "Không ban hành nữa"}).status_code == 303
    assert read(database, outgoing_id).state is OutgoingState.DROPPED
    with database.reading() as session:
        gap = session.query(NumberGap).one()
        assert (gap.number, gap.reason.value, gap.note) == (5, "cancelled", "Không ban hành nữa")


def test_a_signed_file_must_be_there_and_be_whole(clerk: FlaskClient, make: Callable[..., int], database: Database) -> None:
    outgoing_id = make(OutgoingState.NUMBERED)
    assert "Chưa có tệp" in clerk.post(f"/directives/{outgoing_id}/sign", data={"manner": "digital"}).text
    broken = {"manner": "digital", "file": (io.BytesIO(b"%PDF-1.7 cut"), "a.pdf")}
    answer = clerk.post(f"/directives/{outgoing_id}/sign", data=broken)
    assert answer.status_code == 422
    assert read(database, outgoing_id).state is OutgoingState.NUMBERED


def test_issuing_by_system_asks_plainly_for_paper_and_for_a_receiver(
    clerk: FlaskClient, make: Callable[..., int], database: Database
) -> None:
    outgoing_id = make(OutgoingState.SIGNED)
    answer = clerk.post(f"/directives/{outgoing_id}/issue", data={"channel": "system", "paper": "", "due": ""})
    assert answer.status_code == 422
    assert "Hãy nói rõ có gửi kèm bản giấy hay không" in answer.text
    assert "Hãy chọn ít nhất một đơn vị nhận" in answer.text
    assert read(database, outgoing_id).state is OutgoingState.SIGNED


def test_issuing_twice_issues_once(clerk: FlaskClient, make: Callable[..., int], database: Database, cast: Cast) -> None:
    outgoing_id = make(OutgoingState.SIGNED, is_signed_by_person=True, is_signed_by_organisation=True)
    data = {"channel": "system", "paper": "no", "to": [cast.units["CD-PHUCAT"]], "due": ""}
    for _ in range(2):
        assert clerk.post(f"/directives/{outgoing_id}/issue", data=data).status_code == 303
    document = read(database, outgoing_id)
    assert (document.claimed_low, document.claimed_high) == (5, 5)
    assert document.evidenced_low == 1  # nobody has seen the signatures
    assert acts(database, outgoing_id) == ["outgoing_issued"]


def test_what_goes_by_post_is_paper(clerk: FlaskClient, make: Callable[..., int], database: Database) -> None:
    outgoing_id = make(OutgoingState.SIGNED, is_signed_by_person=True, is_signed_by_organisation=True)
    assert clerk.post(f"/directives/{outgoing_id}/issue", data={"channel": "post", "paper": "", "due": ""}).status_code == 303
    document = read(database, outgoing_id)
    assert (document.form, document.claimed_low, document.claimed_high) == (Form.PAPER, 0, 0)


def test_a_revoked_document_stays_with_its_reason(clerk: FlaskClient, make: Callable[..., int], database: Database) -> None:
    outgoing_id = make(OutgoingState.ISSUED)
    assert clerk.post(f"/directives/{outgoing_id}/revoke", data={"because": ""}).status_code == 422
    assert clerk.post(f"/directives/{outgoing_id}/revoke", data={"because": "Sai thẩm quyền"}).status_code == 303
    assert read(database, outgoing_id).state is OutgoingState.REVOKED
    page = clerk.get(f"/directives/{outgoing_id}").text
    assert "Đã thu hồi" in page
    assert "Sai thẩm quyền" in page


def test_a_replacement_takes_the_place_when_it_is_issued_and_not_before(
    clerk: FlaskClient, make: Callable[..., int], database: Database
) -> None:
    former = make(OutgoingState.ISSUED)
    page = clerk.post(f"/directives/{former}/replace").headers["Location"]
    draft_id = int(page.rpartition("/")[2])
    assert clerk.post(f"/directives/{former}/replace").headers["Location"] == page  # begun once
    assert read(database, former).state is OutgoingState.ISSUED
    with database.writing() as session:
        draft = session.get_one(OutgoingDocument, draft_id)
        assert ([one.id for one in draft.replaces], draft.abstract) == ([former], "chuyển đổi số")
        draft.state, draft.number, draft.series, draft.dated = OutgoingState.SIGNED, 6, "2026|Kế hoạch", date(2026, 11, 22)
    clerk.post(f"/directives/{draft_id}/issue", data={"channel": "post", "paper": "", "due": ""})
    assert read(database, former).state is OutgoingState.REPLACED
    assert acts(database, former) == ["outgoing_replaced", "replacement_begun"]


def test_a_page_that_was_read_too_long_ago_changes_nothing(
    clerk: FlaskClient, make: Callable[..., int], database: Database
) -> None:
    outgoing_id = make(OutgoingState.ISSUED)
    answer = clerk.post(f"/directives/{outgoing_id}/revoke", data={"because": "Sai số", "revision": "9"})
    assert answer.status_code == 409
    assert "vừa được người khác sửa" in answer.text
    assert "Sai số" in answer.text
    assert read(database, outgoing_id).state is OutgoingState.ISSUED


def test_the_list_of_drafts_says_whose_turn_it_is(clerk: FlaskClient, leader: FlaskClient, make: Callable[..., int]) -> None:
    make(OutgoingState.SUBMITTED, abstract="chờ chủ tịch")
    make(OutgoingState.APPROVED, abstract="chờ văn thư")
    mine = clerk.get("/directives/drafts").text
    assert (
        mine.index("Đến lượt bạn") < mine.index("chờ văn thư") < mine.index("Đang chờ người khác") < mine.index("chờ chủ tịch")
    )
    theirs = leader.get("/directives/drafts").text
    assert theirs.index("Đến lượt bạn") < theirs.index("chờ chủ tịch") < theirs.index("Đang chờ người khác")


@pytest.fixture
def keyed(app: Flask, system: System, settings: Settings, tmp_path: Path) -> None:
    """The installation has the organisation's key, and trusts the root above it."""
    keys = make_keys(tmp_path / "keys")
    with_key = replace(settings, signing_key=keys.pkcs12, signing_password=PASSWORD, trust_roots=keys.roots)
    app.extensions["khonggiay"] = replace(system, settings=with_key)


def test_the_organisations_key_signs_here_and_the_signature_is_checked_at_once(
    keyed: None, clerk: FlaskClient, make: Callable[..., int], database: Database
) -> None:
    outgoing_id = make(OutgoingState.NUMBERED, content="Thực hiện ngay.")
    assert "Ký số ngay bằng khóa của cơ quan" in clerk.get(f"/directives/{outgoing_id}").text
    assert clerk.post(f"/directives/{outgoing_id}/sign", data={"manner": "key"}).status_code == 303
    document = read(database, outgoing_id)
    assert (document.state, document.is_signed_by_organisation, document.file_name) == (
        OutgoingState.SIGNED, True, "05-KH-LĐLĐ.pdf",
    )  # fmt: skip
    with database.reading() as session:
        evidence = session.query(Evidence).one()
        assert (evidence.kind.value, evidence.facts["by_organisation"], evidence.facts["is_altered"]) == ("pdf", True, False)
    assert document.evidenced_low == 2


def test_without_a_key_nothing_is_signed_here(clerk: FlaskClient, make: Callable[..., int], database: Database) -> None:
    outgoing_id = make(OutgoingState.NUMBERED, content="Thực hiện ngay.")
    answer = clerk.post(f"/directives/{outgoing_id}/sign", data={"manner": "key"})
    assert answer.status_code == 422
    assert read(database, outgoing_id).state is OutgoingState.NUMBERED


def test_all_units_below_are_one_box_and_each_receives_once(
    clerk: FlaskClient, make: Callable[..., int], database: Database, cast: Cast
) -> None:
    outgoing_id = make(OutgoingState.SIGNED, form=Form.ELECTRONIC)
    page = clerk.get(f"/directives/{outgoing_id}").text
    assert "Tất cả đơn vị cấp dưới" in page
    assert f'data-source="/directives/deliveries/of/{outgoing_id}/units"' in page
    data = {"channel": "system", "paper": "no", "all_below": "y", "to": [cast.units["CD-PHUCAT"]], "due": ""}
    assert clerk.post(f"/directives/{outgoing_id}/issue", data=data).status_code == 303
    with database.reading() as session:
        went = [one.unit and one.unit.code for one in session.query(Delivery).filter_by(outgoing_id=outgoing_id)]
        facts = AuditTrail(session).of("outgoing", outgoing_id)[0].facts
    assert sorted(map(str, went)) == ["CD-PHUCAT", "CD-TUYPHUOC"]
    assert facts["units"] == 2


def test_nobody_chosen_is_refused_and_the_box_of_all_below_counts_as_a_choice(
    clerk: FlaskClient, make: Callable[..., int], database: Database
) -> None:
    outgoing_id = make(OutgoingState.SIGNED, form=Form.ELECTRONIC)
    refused = clerk.post(
        f"/directives/{outgoing_id}/issue", data={"channel": "system", "paper": "", "all_below": "y", "due": ""}
    )
    assert refused.status_code == 422
    assert "Hãy chọn ít nhất một đơn vị nhận" not in refused.text
    assert (
        "checked"
        in refused.text.partition('name="all_below"')[0].rpartition("<input")[2]
        + refused.text.partition('name="all_below"')[2].partition(">")[0]
    )
    assert read(database, outgoing_id).state is OutgoingState.SIGNED


def test_where_there_is_no_rule_the_page_leads_to_the_numbering_of_that_unit(
    clerk: FlaskClient, make: Callable[..., int], cast: Cast
) -> None:
    outgoing_id = make(OutgoingState.APPROVED)
    refused = clerk.post(f"/directives/{outgoing_id}/number", data={"dated": "2026-11-20", "symbol": ""})
    assert refused.status_code == 409
    assert f'href="/directives/numbering?unit={cast.units["LDLD"]}"' in refused.text


def test_a_document_without_a_history_says_so_outside_the_list(clerk: FlaskClient, make: Callable[..., int]) -> None:
    page = clerk.get(f"/directives/{make(OutgoingState.ISSUED)}").text
    assert "<p>Chưa có ghi nhận nào. Văn bản được nhập từ sổ cũ.</p>" in page


def kept(objects: FolderObjects) -> list[str]:
    return sorted(objects.keys())


def test_the_key_signs_nothing_of_a_register_that_one_does_not_keep_and_leaves_no_trace(
    keyed: None, clerk: FlaskClient, make: Callable[..., int], database: Database, cast: Cast, objects: FolderObjects
) -> None:
    outgoing_id = make(OutgoingState.NUMBERED, content="Của Phù Cát.", unit_id=cast.units["CD-PHUCAT"])
    sent = {"manner": "digital", "file": (io.BytesIO(b"%PDF-1.4 signed elsewhere"), "a.pdf")}
    for data in ({"manner": "key"}, sent):
        assert clerk.post(f"/directives/{outgoing_id}/sign", data=data).status_code == 404
    assert kept(objects) == []


def test_the_key_is_the_federations_and_signs_for_no_union(
    keyed: None, client_of: ClientOf, make: Callable[..., int], cast: Cast, database: Database, objects: FolderObjects
) -> None:
    outgoing_id = make(OutgoingState.NUMBERED, content="Của Phù Cát.", unit_id=cast.units["CD-PHUCAT"])
    unit_clerk = client_of("unit_clerk")
    assert "Ký số ngay bằng khóa của cơ quan" not in unit_clerk.get(f"/directives/{outgoing_id}").text
    assert unit_clerk.post(f"/directives/{outgoing_id}/sign", data={"manner": "key"}).status_code == 422
    assert (read(database, outgoing_id).state, kept(objects)) == (OutgoingState.NUMBERED, [])


@pytest.mark.parametrize("state", [OutgoingState.DRAFT, OutgoingState.APPROVED, OutgoingState.ISSUED])
def test_the_key_signs_only_at_its_step(
    keyed: None, clerk: FlaskClient, make: Callable[..., int], objects: FolderObjects, state: OutgoingState
) -> None:
    outgoing_id = make(state, content="Thực hiện ngay.")
    clerk.post(f"/directives/{outgoing_id}/sign", data={"manner": "key"})
    assert kept(objects) == []


def test_a_pdf_that_the_key_cannot_sign_is_refused_with_a_sentence(
    keyed: None, clerk: FlaskClient, make: Callable[..., int], database: Database, objects: FolderObjects
) -> None:
    key, _size = objects.put(io.BytesIO(b"%PDF-1.7\nno more than its head\n%%EOF\n"))
    outgoing_id = make(OutgoingState.NUMBERED, file_sha256=key, file_name="a.pdf")
    answer = clerk.post(f"/directives/{outgoing_id}/sign", data={"manner": "key"})
    assert answer.status_code == 422
    assert read(database, outgoing_id).state is OutgoingState.NUMBERED
    assert kept(objects) == [key]


def test_a_file_that_the_store_has_lost_is_said_and_is_no_fault_of_the_program(
    keyed: None, clerk: FlaskClient, make: Callable[..., int]
) -> None:
    outgoing_id = make(OutgoingState.NUMBERED, file_sha256="0" * 64, file_name="a.pdf")
    answer = clerk.post(f"/directives/{outgoing_id}/sign", data={"manner": "key"})
    assert answer.status_code == 503


@pytest.mark.parametrize("revision", ["", "0", "x"])
def test_a_step_that_does_not_say_which_revision_was_read_is_refused(
    clerk: FlaskClient, make: Callable[..., int], database: Database, rule: None, revision: str
) -> None:
    outgoing_id = make(OutgoingState.APPROVED)
    data = {"dated": "2026-11-20", "symbol": "", "revision": revision}
    assert clerk.post(f"/directives/{outgoing_id}/number", data=data).status_code == 409
    with database.reading() as session:
        assert session.get_one(OutgoingDocument, outgoing_id).number is None


def test_a_signed_file_that_nobody_can_read_is_refused_and_not_kept(
    clerk: FlaskClient, make: Callable[..., int], objects: FolderObjects, rule: None
) -> None:
    outgoing_id = make(OutgoingState.NUMBERED)
    before = sorted(objects.keys())
    data = {"manner": "digital", "file": (io.BytesIO(b"%PDF-1.4\n% cut off"), "ky.pdf")}
    answer = clerk.post(f"/directives/{outgoing_id}/sign", data=data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert sorted(objects.keys()) == before
