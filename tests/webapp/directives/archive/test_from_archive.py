"""From the archive into the register, and both side by side."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from domain.directives.directives import OutgoingState
from domain.people.access import Access
from storage.archive.documents import Document, DocumentFile
from storage.directives.evidence import Evidence
from storage.directives.outgoing import OutgoingDocument
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.settings import Settings
from tests.cast import Cast
from tests.signing import BODY, PERSON, Authority
from tests.webapp.archive.papers import put
from tests.webapp.conftest import ClientOf
from webapp.ground.printing.pdf import to_pdf

FIELDS: dict[str, Any] = {
    "number": "12", "symbol": "KH-LĐLĐ", "kind": "Kế hoạch", "date": "2025-02-05", "issuer": "LIÊN ĐOÀN LAO ĐỘNG TỈNH BÌNH ĐỊNH",
    "abstract": "triển khai phòng họp không giấy tờ năm 2025", "signer": "Nguyễn Văn A", "signer_title": "CHỦ TỊCH",
}  # fmt: skip


@pytest.fixture
def scan(database: Database, objects: FolderObjects, cast: Cast) -> int:
    return put(database, objects, "quet-12.pdf", ["KẾ HOẠCH"], **FIELDS)


def enter(database: Database, cast: Cast, unit: str = "LDLD", **changes: object) -> int:
    said: dict[str, object] = {
        "state": OutgoingState.ISSUED, "kind": "Kế hoạch", "series": "2025|Kế hoạch", "number": 12, "symbol": "KH-LĐLĐ",
        "dated": date(2025, 2, 5), "abstract": "Kế hoạch phòng họp",
    } | changes  # fmt: skip
    with database.writing() as session:
        entry = OutgoingDocument(unit_id=cast.units[unit], **said)
        session.add(entry)
        session.flush()
        return entry.id


def typed(cast: Cast, **changes: str) -> dict[str, str]:
    return {
        "unit": str(cast.units["LDLD"]), "number": "12", "symbol": "KH-LĐLĐ", "dated": "2025-02-05", "kind": "Kế hoạch",
        "abstract": "triển khai phòng họp", "attestation": "y",
    } | changes  # fmt: skip


def entries(database: Database) -> list[OutgoingDocument]:
    with database.reading() as session:
        found = list(session.scalars(select(OutgoingDocument).order_by(OutgoingDocument.id)))
        session.expunge_all()
        return found


def acts(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(AuditEntry.act).where(AuditEntry.subject_kind == "outgoing")))


def test_the_page_of_a_scan_leads_its_clerk_to_the_register(client_of: ClientOf, scan: int) -> None:
    assert f"/directives/from-archive/{scan}" in client_of("clerk").get(f"/archive/documents/{scan}").text
    assert f"/directives/from-archive/{scan}" not in client_of("archivist").get(f"/archive/documents/{scan}").text


def test_what_was_read_is_proposed_and_entered(client_of: ClientOf, scan: int, cast: Cast, database: Database) -> None:
    clerk = client_of("clerk")
    page = clerk.get(f"/directives/from-archive/{scan}").text
    for value in ('value="12"', 'value="KH-LĐLĐ"', 'value="2025-02-05"', "triển khai phòng họp không giấy tờ", "Nguyễn Văn A"):
        assert value in page
    assert clerk.post(f"/directives/from-archive/{scan}", data=typed(cast)).status_code == 303
    (entry,) = entries(database)
    assert (entry.written_number, entry.dated, entry.state) == ("12/KH-LĐLĐ", date(2025, 2, 5), OutgoingState.ISSUED)
    assert (entry.document_id, entry.form) == (scan, None)
    assert (entry.claimed_low, entry.claimed_high, entry.evidenced_low) == (0, 5, 0)
    assert acts(database) == ["scan_registered"]
    with database.reading() as session:
        assert not session.scalars(select(Evidence)).all(), "a bare scan proves nothing"


def test_a_scan_is_entered_once(client_of: ClientOf, scan: int, cast: Cast, database: Database) -> None:
    clerk = client_of("clerk")
    clerk.post(f"/directives/from-archive/{scan}", data=typed(cast))
    assert "đã được gắn với văn bản" in clerk.get(f"/directives/from-archive/{scan}").text
    assert clerk.post(f"/directives/from-archive/{scan}", data=typed(cast, number="13")).status_code == 409
    assert len(entries(database)) == 1


def test_a_wrong_entry_keeps_what_was_typed(client_of: ClientOf, scan: int, cast: Cast, database: Database) -> None:
    assert client_of("clerk").post(f"/directives/from-archive/{scan}", data=typed(cast, number="00")).status_code == 422
    wrong = typed(cast, number="mười hai", abstract="Đã sửa trích yếu", dated="2036-01-01")
    answer = client_of("clerk").post(f"/directives/from-archive/{scan}", data=wrong)
    assert answer.status_code == 422
    for said in ("Số là chữ số", "Ngày văn bản chưa đến", "Đã sửa trích yếu"):
        assert said in answer.text
    secret = client_of("clerk").post(f"/directives/from-archive/{scan}", data=typed(cast, abstract="Kế hoạch (MẬT)"))
    assert secret.status_code == 422
    assert "Kế hoạch (MẬT)" not in secret.text
    assert (entries(database), acts(database)) == ([], [])


def test_a_number_that_is_taken_is_refused_by_name(client_of: ClientOf, scan: int, cast: Cast, database: Database) -> None:
    enter(database, cast, document_id=None, dated=date(2025, 2, 4), symbol="KH-KHÁC")
    answer = client_of("clerk").post(f"/directives/from-archive/{scan}", data=typed(cast))
    assert answer.status_code == 422
    assert "đã có trong sổ" in answer.text
    assert len(entries(database)) == 1


def test_a_double_is_shown_and_linked_instead(client_of: ClientOf, scan: int, cast: Cast, database: Database) -> None:
    entry = enter(database, cast)
    clerk = client_of("clerk")
    page = clerk.get(f"/directives/from-archive/{scan}").text
    assert "Có thể đã có trong sổ" in page
    assert "Trùng số, ký hiệu, ngày" in page
    assert clerk.post(f"/directives/from-archive/{scan}/link", data={"outgoing": entry}).status_code == 303
    assert [(one.id, one.document_id) for one in entries(database)] == [(entry, scan)]
    assert acts(database) == ["scan_linked"]


def test_an_entry_that_names_a_paper_is_linked_with_no_other(
    client_of: ClientOf, scan: int, cast: Cast, database: Database, objects: FolderObjects
) -> None:
    other = put(database, objects, "khac.pdf", ["KHÁC"], **FIELDS)
    entry = enter(database, cast, document_id=other)
    assert client_of("clerk").post(f"/directives/from-archive/{scan}/link", data={"outgoing": entry}).status_code == 409
    assert acts(database) == []


def test_only_who_keeps_registers_enters_or_links(client_of: ClientOf, scan: int, cast: Cast, database: Database) -> None:
    entry = enter(database, cast)
    for login in ("leader", "archivist", "member", "stranger"):
        client = client_of(login)
        assert client.get(f"/directives/from-archive/{scan}").status_code == 403, login
        assert client.post(f"/directives/from-archive/{scan}", data=typed(cast)).status_code == 403, login
        assert client.post(f"/directives/from-archive/{scan}/link", data={"outgoing": entry}).status_code == 403, login
    other = client_of("unit_clerk")
    assert other.post(f"/directives/from-archive/{scan}", data=typed(cast)).status_code == 422
    assert other.post(f"/directives/from-archive/{scan}/link", data={"outgoing": entry}).status_code == 404
    assert acts(database) == []


def test_a_paper_that_one_may_not_know_of_is_not_found(
    client_of: ClientOf, cast: Cast, database: Database, objects: FolderObjects
) -> None:
    hidden = put(database, objects, "han-che.pdf", ["KÍN"], **FIELDS)
    with database.writing() as session:
        session.get_one(Document, hidden).circle = "meeting:99"
    client = client_of("clerk")
    assert client.get(f"/directives/from-archive/{hidden}").status_code == 404
    assert client.post(f"/directives/from-archive/{hidden}", data=typed(cast)).status_code == 404
    assert "han-che" not in client.get("/directives/compare?unit=1&year=2025").text
    assert "Chỉ có trong kho lưu trữ" not in client.get("/directives/compare?unit=1&year=2025").text


def test_a_scan_that_bears_signatures_is_evidence(
    client_of: ClientOf, cast: Cast, database: Database, objects: FolderObjects, app: Flask, tmp_path: Path
) -> None:
    import io

    from domain.ground.official_papers import OfficialPaper, Paragraph

    authority = Authority(tmp_path / "authority")
    held = app.extensions["khonggiay"]
    app.extensions["khonggiay"] = type(held)(
        Settings(environment="test", data_dir=tmp_path, trust_roots=authority.roots), held.database, held.objects, held.index
    )
    signed = authority.signs(authority.signs(to_pdf(OfficialPaper("A", (Paragraph("Nội dung."),))), PERSON), BODY)
    scan = put(database, objects, "ky-so.pdf", ["KẾ HOẠCH"], **FIELDS)
    key, size = objects.put(io.BytesIO(signed))
    with database.writing() as session:
        file = session.get_one(DocumentFile, (scan, 1))
        file.sha256, file.size = key, size
    client_of("clerk").post(f"/directives/from-archive/{scan}", data=typed(cast))
    assert [one.evidenced.low.code for one in entries(database)] == ["L3"]
    with database.writing() as session:
        paper = session.get_one(Document, scan)
        paper.access, paper.unit_id = Access.RESTRICTED, None
    address = f"/directives/{entries(database)[0].id}/evidence/1/file"
    assert client_of("leader").get(address).status_code == 404, "the archive lets the leader read no restricted paper"
    with client_of("clerk").get(address) as answer:
        assert answer.status_code == 200


def test_archive_and_register_are_compared(
    client_of: ClientOf, scan: int, cast: Cast, database: Database, objects: FolderObjects
) -> None:
    put(database, objects, "chi-trong-kho.pdf", ["A"], **FIELDS | {"number": "15", "abstract": "chỉ có bản quét"})
    put(database, objects, "chua-chac.pdf", ["B"], **FIELDS | {"number": "16", "date": "2025-03", "symbol": "KH-?"})
    put(database, objects, "nam-khac.pdf", ["C"], **FIELDS | {"number": "17", "date": "2024-02-05"})
    put(database, objects, "noi-khac.pdf", ["D"], **FIELDS | {"number": "18", "issuer": "UBND TỈNH"})
    enter(database, cast)
    enter(database, cast, number=16, dated=date(2025, 3, 9))
    enter(database, cast, number=20, abstract="chỉ có trong sổ")
    page = client_of("clerk").get(f"/directives/compare?unit={cast.units['LDLD']}&year=2025").text
    assert page.count("Gắn với nhau</button>") == 2
    assert page.index("Trùng số, ký hiệu, ngày") < page.index("Chưa chắc: chỉ trùng số, loại, năm")
    assert "chỉ có bản quét" in page
    assert "chỉ có trong sổ" in page
    assert "/2025" in page
    assert "17/KH-LĐLĐ" not in page
    assert "18/KH-LĐLĐ" not in page
    linked = client_of("clerk").post(f"/directives/from-archive/{scan}/link", data={"outgoing": 1, "back": "compare"})
    assert linked.location == f"/directives/compare?unit={cast.units['LDLD']}&year=2025"


def test_a_comparison_is_of_units_that_one_sees(client_of: ClientOf, scan: int, cast: Cast, database: Database) -> None:
    enter(database, cast)
    other = client_of("unit_clerk").get(f"/directives/compare?unit={cast.units['LDLD']}&year=2025").text
    assert "Lựa chọn này không dùng được ở đây" in other
    assert "12/KH-LĐLĐ" not in other
    assert client_of("stranger").get("/directives/compare").status_code == 403
    assert "Gắn với nhau" not in client_of("leader").get(f"/directives/compare?unit={cast.units['LDLD']}&year=2025").text


def test_an_empty_comparison_says_what_to_do(client_of: ClientOf, cast: Cast) -> None:
    assert "Hãy chọn năm hoặc đơn vị khác." in client_of("clerk").get("/directives/compare").text
    assert (
        "Hãy ghi năm bằng bốn chữ số" in client_of("clerk").get(f"/directives/compare?unit={cast.units['LDLD']}&year=20").text
    )


def test_a_paper_of_another_body_goes_into_no_register_but_that_bodys(
    client_of: ClientOf, scan: int, cast: Cast, database: Database
) -> None:
    unit_clerk, address = client_of("unit_clerk"), f"/directives/from-archive/{scan}"
    answer = unit_clerk.post(address, data=typed(cast, unit=str(cast.units["CD-PHUCAT"])))
    assert answer.status_code == 422
    assert "LIÊN ĐOÀN LAO ĐỘNG TỈNH BÌNH ĐỊNH”, không phải LĐLĐ huyện Phù Cát" in answer.text
    own = enter(database, cast, "CD-PHUCAT")
    assert unit_clerk.post(f"{address}/link", data={"outgoing": own}).status_code == 422
    assert [(one.id, one.document_id) for one in entries(database)] == [(own, None)]
    assert client_of("clerk").post(address, data=typed(cast)).status_code == 303


def test_what_one_unit_registers_hinders_no_other(
    client_of: ClientOf, database: Database, objects: FolderObjects, cast: Cast
) -> None:
    bare = put(database, objects, "khong-ro.pdf", ["?"])  # nothing was read of who issued it
    address = f"/directives/from-archive/{bare}"
    assert client_of("unit_clerk").post(address, data=typed(cast, unit=str(cast.units["CD-PHUCAT"]))).status_code == 303
    assert "đã được gắn với văn bản" not in client_of("clerk").get(address).text
    assert client_of("clerk").post(address, data=typed(cast)).status_code == 303
    assert [one.unit_id for one in entries(database)] == [cast.units["CD-PHUCAT"], cast.units["LDLD"]]
