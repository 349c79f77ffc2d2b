"""Evidence on pages: what is proven and why, who may add and withdraw, and that what is refused leaves nothing."""

from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from domain.directives.directives import OutgoingState
from domain.directives.issuance import Channel, Form
from domain.ground.official_papers import Header, OfficialPaper, Paragraph, Title
from storage.directives.evidence import Evidence, weigh
from storage.directives.outgoing import OutgoingDocument
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.ground.settings import Settings
from tests.cast import Cast
from tests.envelopes import envelope
from tests.signing import BODY, PERSON, Authority
from tests.webapp.conftest import ClientOf
from webapp.ground.printing.pdf import to_pdf


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def pdf() -> bytes:
    blocks = Header("TỔNG LIÊN ĐOÀN", "LIÊN ĐOÀN", "Số: 12/KH-LĐLĐ"), Title("KẾ HOẠCH", "Công tác"), Paragraph("Nội dung.")
    return to_pdf(OfficialPaper("Kế hoạch", blocks))


@pytest.fixture(scope="module")
def signed(pdf: bytes, authority: Authority) -> bytes:
    return authority.signs(authority.signs(pdf, PERSON), BODY)


@pytest.fixture
def settings(tmp_path: Path, authority: Authority) -> Settings:
    return Settings(environment="test", data_dir=tmp_path, trust_roots=authority.roots)


@pytest.fixture
def issued(database: Database, cast: Cast) -> int:
    """A document of the province that is claimed to be wholly electronic."""
    with database.writing() as session:
        document = OutgoingDocument(
            unit_id=cast.units["LDLD"], state=OutgoingState.ISSUED, kind="Kế hoạch", series="2025|Kế hoạch", number=12,
            symbol="KH-LĐLĐ", dated=date(2025, 2, 5), abstract="Kế hoạch chuyển đổi số", form=Form.ELECTRONIC,
            channel=Channel.AXIS, is_signed_by_person=True, is_signed_by_organisation=True,
        )  # fmt: skip
        session.add(document)
        weigh(session, document)
        return document.id


def add(
    client: FlaskClient, outgoing_id: int, kind: str, content: bytes, name: str = "van-ban.pdf", *, attested: bool = True
) -> TestResponse:
    data = {"kind": kind, "file": (BytesIO(content), name)} | ({"attestation": "y"} if attested else {})
    return client.post(f"/directives/{outgoing_id}/evidence/add", data=data, follow_redirects=True)


def level(database: Database, outgoing_id: int) -> str:
    with database.reading() as session:
        return session.get_one(OutgoingDocument, outgoing_id).evidenced.low.code


def pieces(database: Database) -> int:
    with database.reading() as session:
        return session.scalars(select(func.count()).select_from(Evidence)).one()


def acts(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(AuditEntry.act).where(AuditEntry.subject_kind == "outgoing")))


def test_a_claim_without_evidence_is_shown_as_a_claim(client_of: ClientOf, issued: int) -> None:
    page = client_of("clerk").get(f"/directives/{issued}/evidence").text
    assert "Chưa có bằng chứng nào nên chưa chứng minh được mức nào." in page
    assert "Sổ ghi L5 nhưng chưa có bằng chứng. Mức này chỉ là khai, chưa được chứng minh." in page


def test_a_pdf_with_both_signatures_proves_an_original_and_says_why(
    client_of: ClientOf, issued: int, signed: bytes, database: Database
) -> None:
    page = add(client_of("clerk"), issued, "pdf", signed).text
    assert "L3 vì trong cùng một tệp có chữ ký số của cá nhân và của cơ quan, đều kiểm tra được; chưa có bằng chứng" in page
    assert "Đủ chữ ký số của cá nhân và của cơ quan: bản gốc điện tử (Nghị định 30/2020, Điều 5)." in page
    assert "chứng thư ghi số giấy tờ của cá nhân" in page
    assert "Gốc thử nghiệm › Nơi cấp thử nghiệm" in page
    assert level(database, issued) == "L3"
    assert acts(database) == ["evidence_added"]


def made(which: str, pdf: bytes, signed: bytes, authority: Authority, tmp_path: Path) -> bytes:
    place = signed.index(b"/Title")
    return {
        "unsigned": lambda: pdf,
        "person": lambda: authority.signs(pdf, PERSON),
        "organisation": lambda: authority.signs(pdf, BODY),
        "altered": lambda: signed[:place] + b"/Titel" + signed[place + 6 :],
        "expired": lambda: authority.signs(pdf, BODY, since_days=20, days=10),
        "unknown root": lambda: Authority(tmp_path / "other").signs(pdf, BODY),
    }[which]()


@pytest.mark.parametrize(
    ("which", "proven", "sentence"),
    [
        ("unsigned", "L1", "Tệp không có chữ ký số: tính như bản chụp, chỉ để biết."),
        ("person", "L1", "Chỉ có chữ ký số của cá nhân: chưa có giá trị như bản gốc, tính như bản chụp."),
        ("organisation", "L2", "Chỉ có chữ ký số của cơ quan: tính như bản sao y điện tử."),
        ("altered", "L1", "Tệp đã bị thay đổi sau khi ký nên bác bỏ mức đã khai."),
        ("expired", "L1", "Lúc ký, chứng thư chưa có hiệu lực hoặc đã hết hạn nên chữ ký này không được tính."),
        ("unknown root", "L1", "nơi cấp chứng thư không có trong danh sách tin cậy ở đây nên chưa tính."),
    ],
)
def test_each_signed_file_gives_its_level_and_its_sentence(
    client_of: ClientOf,
    issued: int,
    pdf: bytes,
    signed: bytes,
    authority: Authority,
    database: Database,
    tmp_path: Path,
    which: str,
    proven: str,
    sentence: str,
) -> None:
    page = add(client_of("clerk"), issued, "pdf", made(which, pdf, signed, authority, tmp_path)).text
    assert sentence in page
    assert f"{proven} vì" in page
    assert level(database, issued) == proven


def test_an_envelope_and_a_signed_file_prove_the_highest_level(
    client_of: ClientOf, issued: int, signed: bytes, database: Database
) -> None:
    page = add(client_of("clerk"), issued, "edxml", envelope(attached={"kh12.pdf": signed}), "goi.edxml").text
    assert "đã gửi qua hệ thống văn bản; nơi gửi ghi rõ không kèm bản giấy." in page
    assert level(database, issued) == "L5"
    assert acts(database) == ["envelope_taken_in"]


def test_paper_that_went_too_refutes_a_claim_that_none_did(
    client_of: ClientOf, issued: int, signed: bytes, database: Database
) -> None:
    page = add(client_of("clerk"), issued, "edxml", envelope(attached={"kh12.pdf": signed}, paper=1), "goi.edxml").text
    assert "có gửi kèm bản giấy." in page
    assert "Sổ ghi L5 nhưng bằng chứng bác bỏ, chỉ đến L4. Hãy kiểm tra lại và sửa sổ." in page
    with database.reading() as session:
        evidenced = session.get_one(OutgoingDocument, issued).evidenced
        assert (evidenced.low.code, evidenced.high.code) == ("L4", "L4")


def test_a_claim_that_the_evidence_refutes_says_so_beside_its_level(
    client_of: ClientOf, issued: int, signed: bytes, database: Database
) -> None:
    client = client_of("clerk")
    assert "bị bác bỏ" not in client.get(f"/directives/{issued}").text
    add(client, issued, "edxml", envelope(attached={"kh12.pdf": signed}, paper=1), "goi.edxml")
    assert "✗ bị bác bỏ, chỉ đến L4" in client.get(f"/directives/{issued}").text
    assert "✗ bị bác bỏ, chỉ đến L4" in client.get("/directives/?year=2025").text


def test_an_envelope_of_another_document_is_refused_and_enters_nothing(
    client_of: ClientOf, issued: int, database: Database
) -> None:
    answer = add(client_of("clerk"), issued, "edxml", envelope(number="99"), "goi.xml")
    assert answer.status_code == 422
    assert "Gói tin này nói về một văn bản khác" in answer.text
    assert pieces(database) == 0
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(OutgoingDocument)) == 1


@pytest.mark.parametrize(
    ("kind", "content", "sentence"),
    [
        ("pdf", b"", "Tệp rỗng"),
        ("pdf", b"%PDF-1.7 cut off", "Tệp bị cụt hoặc hỏng"),
        ("pdf", b"GIF89a", "Đây không phải tệp PDF"),
        ("edxml", b"<!DOCTYPE a><a/>", "Tệp có khai báo DTD hoặc thực thể"),
        ("edxml", b"%PDF-1.7", "Tệp không phải XML"),
        ("receipt", b"MZ", "Đây không phải tệp PDF"),
    ],
)
def test_what_cannot_be_read_is_refused_by_a_sentence(
    client_of: ClientOf, issued: int, database: Database, kind: str, content: bytes, sentence: str
) -> None:
    answer = add(client_of("clerk"), issued, kind, content)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert (pieces(database), acts(database)) == (0, [])


def test_what_has_no_number_yet_has_no_evidence(client_of: ClientOf, issued: int, pdf: bytes, database: Database) -> None:
    with database.writing() as session:
        session.get_one(OutgoingDocument, issued).state = OutgoingState.DRAFT
    assert client_of("clerk").get(f"/directives/{issued}/evidence/add").status_code == 409
    assert add(client_of("clerk"), issued, "pdf", pdf).status_code == 409
    assert pieces(database) == 0


def test_without_the_attestation_nothing_is_taken(client_of: ClientOf, issued: int, pdf: bytes, database: Database) -> None:
    answer = add(client_of("clerk"), issued, "pdf", pdf, attested=False)
    assert answer.status_code == 422
    assert "Văn bản mật không được ghi vào hệ thống này." in answer.text
    assert pieces(database) == 0


def test_a_paper_receipt_proves_paper_and_nothing_electronic(
    client_of: ClientOf, issued: int, pdf: bytes, database: Database
) -> None:
    page = add(client_of("clerk"), issued, "receipt", pdf).text
    assert "L0 vì chỉ có bằng chứng gửi bản giấy." in page
    assert level(database, issued) == "L0"


def test_the_same_file_twice_is_one_piece(client_of: ClientOf, issued: int, pdf: bytes, database: Database) -> None:
    for _time in range(2):
        add(client_of("clerk"), issued, "pdf", pdf)
    assert pieces(database) == 1


def test_a_withdrawn_piece_proves_nothing_and_stays_with_its_reason(
    client_of: ClientOf, issued: int, signed: bytes, database: Database
) -> None:
    clerk = client_of("clerk")
    add(clerk, issued, "pdf", signed)
    assert "Rút bằng chứng" in clerk.get(f"/directives/{issued}/evidence/1/withdraw").text
    refused = clerk.post(f"/directives/{issued}/evidence/1/withdraw", data={"reason": " "})
    assert refused.status_code == 422
    page = clerk.post(f"/directives/{issued}/evidence/1/withdraw", data={"reason": "nộp nhầm"}, follow_redirects=True).text
    assert "nộp nhầm" in page
    assert level(database, issued) == "L0"
    assert acts(database) == ["evidence_added", "evidence_withdrawn"]
    assert clerk.post(f"/directives/{issued}/evidence/1/withdraw", data={"reason": "lần nữa"}).status_code == 409


def test_signatures_are_checked_anew_by_the_roots_of_today(
    app: Flask, client_of: ClientOf, issued: int, signed: bytes, database: Database, authority: Authority, tmp_path: Path
) -> None:
    clerk = client_of("clerk")
    held = app.extensions["khonggiay"]
    bare = type(held)(Settings(environment="test", data_dir=tmp_path), held.database, held.objects, held.index)
    app.extensions["khonggiay"] = bare
    add(clerk, issued, "pdf", signed)
    assert level(database, issued) == "L1"
    app.extensions["khonggiay"] = held
    clerk.post(f"/directives/{issued}/evidence/1/check")
    assert level(database, issued) == "L3"
    assert acts(database) == ["evidence_added", "evidence_checked"]


def test_the_file_is_there_for_whoever_sees_the_register(client_of: ClientOf, issued: int, pdf: bytes) -> None:
    add(client_of("clerk"), issued, "pdf", pdf)
    with client_of("leader").get(f"/directives/{issued}/evidence/1/file") as answer:
        assert answer.data == pdf
    assert client_of("unit_clerk").get(f"/directives/{issued}/evidence/1/file").status_code == 404


def test_only_those_who_keep_the_register_add_or_withdraw(
    client_of: ClientOf, issued: int, pdf: bytes, database: Database
) -> None:
    add(client_of("clerk"), issued, "pdf", pdf)
    for login, status in (("leader", 403), ("member", 403), ("archivist", 403), ("unit_clerk", 404), ("stranger", 403)):
        client = client_of(login)
        assert client.get(f"/directives/{issued}/evidence/add").status_code == status, login
        assert add(client, issued, "pdf", pdf + b"\n").status_code == status, login
        assert client.post(f"/directives/{issued}/evidence/1/withdraw", data={"reason": "x"}).status_code == status, login
        assert client.post(f"/directives/{issued}/evidence/1/check").status_code == status, login
    assert pieces(database) == 1
    assert "Thêm bằng chứng" not in client_of("leader").get(f"/directives/{issued}/evidence").text
    assert client_of("unit_clerk").get(f"/directives/{issued}/evidence").status_code == 404


def take(client: FlaskClient, cast: Cast, content: bytes, unit: str = "LDLD") -> TestResponse:
    data = {"unit": str(cast.units[unit]), "file": (BytesIO(content), "goi.xml"), "attestation": "y"}
    return client.post("/directives/envelopes", data=data, follow_redirects=True)


def test_an_envelope_enters_a_document_that_the_register_lacks(
    client_of: ClientOf, cast: Cast, signed: bytes, database: Database
) -> None:
    page = take(client_of("clerk"), cast, envelope(attached={"kh.pdf": signed})).text
    assert "Đã vào sổ văn bản mới từ gói tin edXML." in page
    assert "12/KH-LĐLĐ" in page
    assert acts(database) == ["envelope_taken_in"]


def test_a_bad_attachment_refuses_the_whole_envelope(client_of: ClientOf, cast: Cast, database: Database) -> None:
    answer = take(client_of("clerk"), cast, envelope(attached={"kh.pdf": b"%PDF-1.7 cut"}))
    assert answer.status_code == 422
    assert "Tệp bị cụt hoặc hỏng" in answer.text
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(OutgoingDocument)) == 0
    assert (pieces(database), acts(database)) == (0, [])


def test_a_secret_document_is_no_matter_for_an_envelope(client_of: ClientOf, cast: Cast, database: Database) -> None:
    answer = take(client_of("clerk"), cast, envelope(subject="Kế hoạch (MẬT) năm 2025"))
    assert answer.status_code == 422
    assert "dấu chỉ độ mật" in answer.text
    assert "(MẬT) năm 2025" not in answer.text
    assert acts(database) == []


def test_envelopes_go_into_registers_that_one_keeps(client_of: ClientOf, cast: Cast, database: Database) -> None:
    assert client_of("leader").get("/directives/envelopes").status_code == 403
    assert take(client_of("leader"), cast, envelope()).status_code == 403
    answer = take(client_of("unit_clerk"), cast, envelope())
    assert answer.status_code == 422
    assert "Lựa chọn này không có" in answer.text
    assert acts(database) == []
