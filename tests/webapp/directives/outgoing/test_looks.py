"""Files of the registers are looked through for marks of secrecy: typed ones when they come, all of them by the worker."""

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from domain.archive.work import Standing
from domain.directives.directives import OutgoingState
from domain.directives.looks import Look
from ocr_worker import tasks
from ocr_worker.system import System as WorkerSystem
from storage.archive.documents import Document
from storage.archive.set_aside import destroy
from storage.archive.work import Ledger, Work
from storage.directives.evidence import Evidence
from storage.directives.outgoing import OutgoingDocument
from storage.ground.audit import AuditEntry, AuditTrail
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.settings import Settings
from tests.cast import Cast
from tests.deliveries import issue
from tests.envelopes import envelope
from tests.ocr_worker.test_tasks import marked_page, work_all
from tests.typed import typed_pdf, typed_word
from tests.webapp.conftest import ClientOf
from webapp.directives.words import LOOKS
from webapp.ground.problems import LOOK_PROBLEMS

PLAIN = typed_pdf(())
MARKED = typed_pdf((("MẬT", 0.2, 0.2),))
REFUSED = "Trong tệp có dấu chỉ độ mật nên tệp không được nhận và không được lưu."
DRAFT = {
    "kind": "Kế hoạch", "abstract": "Tháng Công nhân", "signer_title": "", "recipients": "", "direction": "down", "urgency": "",
    "body": "", "signer": "", "attestation": "y",
}  # fmt: skip


def scan() -> bytes:
    """A picture of a page that bears the stamp."""
    written = io.BytesIO()
    with Image.open(io.BytesIO(marked_page())) as page:
        page.save(written, "PNG", dpi=(200, 200))
    return written.getvalue()


SCAN = scan()


@pytest.fixture
def clerk(client_of: ClientOf) -> FlaskClient:
    return client_of("clerk")


@pytest.fixture
def numbered(database: Database, cast: Cast) -> int:
    """A document of the province that waits for its signature."""
    return issue(database, cast, state=OutgoingState.NUMBERED, form=None, channel=None)


@pytest.fixture
def worker(database: Database, objects: FolderObjects, settings: Settings) -> WorkerSystem:
    return WorkerSystem(settings, database, objects)


def sign(client: FlaskClient, outgoing_id: int, content: bytes, name: str = "ban-quet.pdf") -> TestResponse:
    data = {"manner": "paper", "file": (io.BytesIO(content), name)}
    return client.post(f"/directives/{outgoing_id}/sign", data=data)


def issue_to(client: FlaskClient, outgoing_id: int, unit: int) -> TestResponse:
    return client.post(f"/directives/{outgoing_id}/issue", data={"channel": "system", "paper": "yes", "to": [unit], "due": ""})


def file_of(database: Database, outgoing_id: int) -> tuple[str | None, str]:
    with database.reading() as session:
        document = session.get_one(OutgoingDocument, outgoing_id)
        return document.file_sha256, document.file_name


def set_standing(database: Database, standing: Standing) -> None:
    """The worker has settled the last file, or not."""
    with database.writing() as session:
        session.scalars(select(Document).order_by(Document.id.desc()).limit(1)).one().standing = standing


def acts(database: Database) -> list[tuple[str, dict[str, Any]]]:
    with database.reading() as session:
        return [
            (one.act, one.facts) for one in session.scalars(select(AuditEntry).where(AuditEntry.act == "marked_file_refused"))
        ]


@pytest.mark.parametrize(("content", "name"), [(MARKED, "a.pdf"), (typed_word("TỐI MẬT"), "a.docx")])
def test_a_draft_whose_text_bears_a_mark_is_refused_and_nothing_of_it_is_kept(
    clerk: FlaskClient, cast: Cast, database: Database, objects: FolderObjects, content: bytes, name: str
) -> None:
    data = DRAFT | {"unit": cast.units["LDLD"], "file": (io.BytesIO(content), name)}
    answer = clerk.post("/directives/drafts/new", data=data)
    assert answer.status_code == 422
    assert REFUSED in answer.text
    assert "Tháng Công nhân" in answer.text
    assert list(objects.keys()) == []
    assert [act for act, _facts in acts(database)] == ["marked_file_refused"]
    assert all(set(facts) == {"rule"} for _act, facts in acts(database))


def test_a_signed_file_an_entry_and_evidence_with_a_mark_are_refused(
    clerk: FlaskClient, cast: Cast, database: Database, objects: FolderObjects, numbered: int
) -> None:
    assert REFUSED in sign(clerk, numbered, MARKED).text
    issued = issue(database, cast, number=16)
    evidence = {"kind": "pdf", "file": (io.BytesIO(MARKED), "a.pdf"), "attestation": "y"}
    assert REFUSED in clerk.post(f"/directives/{issued}/evidence/add", data=evidence).text
    entry = DRAFT | {"unit": cast.units["LDLD"], "number": "17", "symbol": "KH-LĐLĐ", "dated": "2026-03-02", "form": "",
                     "by_person": "", "by_organisation": "", "channel": "", "file": (io.BytesIO(MARKED), "a.pdf")}  # fmt: skip
    assert REFUSED in clerk.post("/directives/entries/new", data=entry).text
    assert list(objects.keys()) == []
    assert len(acts(database)) == 3


def test_a_mark_in_what_an_envelope_carries_refuses_the_whole(
    clerk: FlaskClient, cast: Cast, database: Database, objects: FolderObjects
) -> None:
    goods = envelope(attached={"kh12.pdf": PLAIN, "phu-luc.docx": typed_word("MẬT")})
    data = {"unit": cast.units["LDLD"], "file": (io.BytesIO(goods), "goi.edxml"), "attestation": "y"}
    answer = clerk.post("/directives/envelopes", data=data)
    assert answer.status_code == 422
    assert REFUSED in answer.text
    assert list(objects.keys()) == []


def test_what_is_typed_into_a_draft_bears_no_mark_either(clerk: FlaskClient, cast: Cast, database: Database) -> None:
    answer = clerk.post("/directives/drafts/new", data=DRAFT | {"unit": cast.units["LDLD"], "body": "Độ mật: Mật"})
    assert answer.status_code == 422
    assert "Mục này có dấu chỉ mức độ mật" in answer.text


def test_a_file_that_is_being_looked_through_says_so_and_does_not_leave(
    clerk: FlaskClient, database: Database, cast: Cast, numbered: int
) -> None:
    sign(clerk, numbered, PLAIN)
    page = clerk.get(f"/directives/{numbered}").text
    assert "Đang kiểm tra dấu mật" in page
    answer = issue_to(clerk, numbered, cast.units["CD-PHUCAT"])
    assert answer.status_code == 409
    assert "đang được kiểm tra dấu mật nên chưa gửi đi" in answer.text
    set_standing(database, Standing.READ)
    assert issue_to(clerk, numbered, cast.units["CD-PHUCAT"]).status_code == 303


def test_a_file_that_nobody_can_read_does_not_leave_and_what_to_do_is_said(
    clerk: FlaskClient, database: Database, cast: Cast, numbered: int
) -> None:
    sign(clerk, numbered, PLAIN)
    set_standing(database, Standing.FAILED)
    assert "Hãy thay bằng tệp khác" in clerk.get(f"/directives/{numbered}").text
    assert issue_to(clerk, numbered, cast.units["CD-PHUCAT"]).status_code == 409


def test_the_same_file_is_looked_through_once(clerk: FlaskClient, database: Database, cast: Cast) -> None:
    for number in (21, 22):
        sign(clerk, issue(database, cast, state=OutgoingState.NUMBERED, number=number), PLAIN)
    with database.reading() as session:
        assert len(session.scalars(select(Document)).all()) == 1


def test_the_worker_finds_the_mark_of_a_scan_and_sets_the_file_aside_while_the_entry_stays(
    clerk: FlaskClient, client_of: ClientOf, database: Database, cast: Cast, numbered: int, worker: WorkerSystem
) -> None:
    sign(clerk, numbered, SCAN, "ban-quet.png")
    work_all(worker)
    page = clerk.get(f"/directives/{numbered}").text
    assert "Tạm giữ: có thể có dấu mật" in page
    assert "ban-quet.png" not in page
    answer = clerk.get(f"/directives/{numbered}/file")
    assert answer.status_code == 409
    assert "tạm giữ vì có thể mang dấu chỉ độ mật" in answer.text
    assert issue_to(clerk, numbered, cast.units["CD-PHUCAT"]).status_code == 409
    with database.reading() as session:
        document = session.scalars(select(Document)).one()
        assert AuditTrail(session).of("document", document.id)[0].facts == {"rule": "mat", "batch": document.batch_id}
        assert session.get_one(OutgoingDocument, numbered).state is OutgoingState.SIGNED
    assert "ban-quet.png" in client_of("archivist").get("/archive/set-aside").text


def test_what_a_person_releases_leaves_and_what_a_person_destroys_is_gone_from_the_register(
    clerk: FlaskClient, database: Database, objects: FolderObjects, cast: Cast, numbered: int, worker: WorkerSystem
) -> None:
    sign(clerk, numbered, SCAN, "ban-quet.png")
    work_all(worker)
    with database.writing() as session:
        Ledger(session).release(session.scalars(select(Document)).one())
    work_all(worker)
    assert issue_to(clerk, numbered, cast.units["CD-PHUCAT"]).status_code == 303
    other = issue(database, cast, number=30)
    data = {"kind": "receipt", "file": (io.BytesIO(SCAN), "bien-nhan.png"), "attestation": "y"}
    clerk.post(f"/directives/{other}/evidence/add", data=data)
    with database.writing() as session:
        document = session.scalars(select(Document)).one()
        document.standing = Standing.SET_ASIDE
        destroy(session, objects, document)
    assert list(objects.keys()) == []
    assert file_of(database, numbered) == (None, "")
    page = clerk.get(f"/directives/{other}/evidence").text
    assert "Tệp đã bị hủy vì mang dấu chỉ độ mật." in page
    assert "bien-nhan.png" not in page


def test_an_envelope_goes_with_what_it_carries(
    clerk: FlaskClient, database: Database, objects: FolderObjects, cast: Cast, worker: WorkerSystem
) -> None:
    goods = envelope(attached={"kh12.pdf": PLAIN, "phu-luc.png": SCAN})
    data = {"unit": cast.units["LDLD"], "file": (io.BytesIO(goods), "goi.edxml"), "attestation": "y"}
    page = clerk.post("/directives/envelopes", data=data, follow_redirects=True)
    assert "Đang kiểm tra dấu mật" in page.text
    work_all(worker)
    with database.reading() as session:
        piece = next(one for one in session.scalars(select(Evidence)) if one.name == "goi.edxml")
        address = f"/directives/{piece.outgoing_id}/evidence/{piece.id}/file"
        key = piece.sha256
    assert clerk.get(address).status_code == 409
    with database.writing() as session:
        destroy(session, objects, session.scalars(select(Document).where(Document.standing == Standing.SET_ASIDE)).one())
    assert key is not None
    assert not objects.exists(key)


def test_who_only_sees_the_register_waits_until_the_file_was_looked_through(
    clerk: FlaskClient, client_of: ClientOf, database: Database, cast: Cast
) -> None:
    unit_clerk = client_of("unit_clerk")
    own = issue(database, cast, unit="CD-PHUCAT", state=OutgoingState.NUMBERED, number=4)
    sign(unit_clerk, own, PLAIN)
    with unit_clerk.get(f"/directives/{own}/file") as answer:
        assert answer.status_code == 200
    assert clerk.get(f"/directives/{own}/file").status_code == 409
    set_standing(database, Standing.READ)
    with clerk.get(f"/directives/{own}/file") as answer:
        assert answer.status_code == 200


def test_no_search_finds_a_file_of_the_registers(
    clerk: FlaskClient, client_of: ClientOf, database: Database, cast: Cast, numbered: int, worker: WorkerSystem
) -> None:
    sign(clerk, numbered, PLAIN)
    work_all(worker)
    with database.reading() as session:
        document = session.scalars(select(Document)).one()
        assert (document.standing, document.audience) == (Standing.READ, "registers")
        assert session.scalars(select(Work).where(Work.document_id == document.id)).all()
    assert client_of("archivist").get(f"/archive/documents/{document.id}").status_code == 404
    assert not tasks.bind(worker)


def test_sending_to_more_waits_too_and_keeps_what_was_chosen(
    clerk: FlaskClient, database: Database, cast: Cast, numbered: int
) -> None:
    sign(clerk, numbered, PLAIN)
    set_standing(database, Standing.READ)
    issue_to(clerk, numbered, cast.units["CD-PHUCAT"])
    set_standing(database, Standing.WAITING)
    data = {"channel": "system", "units": str(cast.units["CD-TUYPHUOC"]), "answer_due_on": "2030-01-31"}
    answer = clerk.post(f"/directives/deliveries/of/{numbered}/send", data=data)
    assert answer.status_code == 409
    assert "đang được kiểm tra dấu mật nên chưa gửi đi" in answer.text
    assert "2030-01-31" in answer.text


def test_a_mark_that_nothing_found_is_reported_by_the_clerk_and_all_files_are_set_aside(
    clerk: FlaskClient, client_of: ClientOf, database: Database, cast: Cast, numbered: int
) -> None:
    sign(clerk, numbered, PLAIN)
    set_standing(database, Standing.READ)
    address = f"/directives/{numbered}"
    assert "Báo tệp có dấu mật" in clerk.get(address).text
    assert "Chưa xác nhận thì chưa giữ lại." in clerk.post(f"{address}/withhold").text
    assert client_of("leader").post(f"{address}/withhold", data={"checked": "y"}).status_code == 403
    assert client_of("unit_clerk").post(f"{address}/withhold", data={"checked": "y"}).status_code == 404
    assert clerk.post(f"{address}/withhold", data={"checked": "y"}).status_code == 303
    page = clerk.get(address).text
    assert "Tạm giữ: có thể có dấu mật." in page
    assert "Báo tệp có dấu mật, tạm giữ lại" in page
    assert clerk.get(f"{address}/file").status_code == 409
    assert clerk.post(f"{address}/withhold", data={"checked": "y"}).status_code == 409
    with database.reading() as session:
        document = session.scalars(select(Document)).one()
        assert AuditTrail(session).of("document", document.id)[0].facts["rule"] == "seen_by_person"
        assert AuditTrail(session).of("outgoing", numbered)[0].facts == {"files": 1}


def test_whatever_keeps_a_file_here_has_its_sentence() -> None:
    assert set(LOOK_PROBLEMS) == {look for look in Look if look not in (Look.CLEAR, Look.TYPED_ONLY)}
    assert set(LOOKS) == set(Look)
