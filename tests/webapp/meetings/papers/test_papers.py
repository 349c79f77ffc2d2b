"""Papers of a meeting: from draft to publication, who sees which version, what is noted of reading, and what is never shown."""

import io
import itertools
import re
import shutil
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from domain.archive.secrecy import Rule
from domain.archive.work import State
from domain.ground.clock import now
from storage.archive.documents import Document, Documents
from storage.archive.work import Ledger
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.meetings.meetings import AgendaItem, MeetingEvent
from storage.meetings.papers import Paper, PaperReading, PaperVersion
from tests.meetings import Gathering
from tests.webapp.archive.papers import carry_into_index, reading_of
from tests.webapp.conftest import ClientOf
from tests.work import claimed
from webapp.ground.system import System

DOCX = b"PK\x03\x04 a Word file"
_serial = itertools.count(1)


@pytest.fixture
def here(convened: Gathering) -> str:
    return f"/meetings/{convened.meeting}"


@pytest.fixture
def send(client_of: ClientOf, here: str) -> Callable[..., TestResponse]:
    """The secretary sends in a paper, or a version of one."""

    def send(
        title: str = "Dự thảo Nghị quyết",
        *,
        item: int | str = "",
        paper: int | None = None,
        name: str = "du-thao.pdf",
        content: bytes | None = None,
        login: str = "secretary",
        **data: object,
    ) -> TestResponse:
        content = f"%PDF-1.7 {next(_serial)}".encode() if content is None else content
        data = {"file": (io.BytesIO(content), name), "attestation": "y", "title": title, "item": str(item), **data}
        address = f"{here}/papers/{paper}/versions" if paper else f"{here}/papers"
        return client_of(login).post(address, data=data, content_type="multipart/form-data")

    return send


@pytest.fixture
def read(database: Database) -> Callable[..., None]:
    """The worker has read the paper's newest version: these are its pages."""

    def read(paper_id: int, *texts: str) -> None:
        with database.writing() as session:
            document = session.get_one(Paper, paper_id).latest.document
            ledger = Ledger(session)
            assert document
            document.page_count = len(texts)
            ledger.finish(claimed(ledger, document.id, 0))
            ledger.enrol(document, range(1, len(texts) + 1))
            for number, text in enumerate(texts, start=1):
                assert document
                ledger.finish(claimed(ledger, document.id, number))
                Documents(session).keep_page(document.id, reading_of(number, text), image_sha256=None, thumbnail_sha256=None)

    return read


@pytest.fixture
def take(client_of: ClientOf, here: str) -> Callable[..., TestResponse]:
    """The chair takes a version through these steps."""

    def take(paper: int, version: int, *steps: str, login: str = "chair", reason: str = "") -> TestResponse:
        for step in steps:
            answer = client_of(login).post(
                f"{here}/papers/{paper}/versions/{version}/step", data={"step": step, "reason": reason}
            )
        return answer

    return take


@pytest.fixture
def published(
    send: Callable[..., TestResponse], read: Callable[..., None], take: Callable[..., TestResponse], convened: Gathering
) -> int:
    """A published paper of the second item, which the guest of the third may not see."""
    send(item=convened.items[1])
    read(1, "Điều 1. Kinh phí lấy từ nguồn công đoàn", "Điều 2. Hạn ngày 05")
    take(1, 1, "submit", "approve", "publish")
    return 1


def words(answer: TestResponse) -> str:
    """The words of a page, whatever stands around each of them."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def acts(database: Database) -> list[str]:
    with database.reading() as session:
        return [entry.act for entry in session.query(AuditEntry).order_by(AuditEntry.id) if entry.act.startswith("paper_")]


def test_a_draft_is_kept_read_like_any_document_and_seen_by_who_prepares_only(
    send: Callable[..., TestResponse], client_of: ClientOf, here: str, database: Database
) -> None:
    assert send().status_code == 303
    with database.reading() as session:
        document = session.query(Document).one()
        assert (document.circle, document.audience) == ("meeting:1:preparing", "meeting:1:preparing")
        assert [work.page for work in Ledger(session).of(document.id)] == [0]
    assert "Dự thảo Nghị quyết" in client_of("secretary").get(f"{here}/papers").text
    assert "Dự thảo Nghị quyết" not in client_of("member").get(f"{here}/papers").text
    assert client_of("member").get(f"{here}/papers/1").status_code == 404
    assert acts(database) == ["paper_drafted"]


def test_a_form_that_is_sent_twice_brings_one_paper_and_one_version(
    send: Callable[..., TestResponse], client_of: ClientOf, here: str, database: Database
) -> None:
    for _ in range(2):
        assert send(act_id="same").status_code == 303
    for _ in range(2):
        assert send(paper=1, act_id="other").status_code == 303
    with database.reading() as session:
        assert [(version.paper_id, version.number) for version in session.query(PaperVersion)] == [(1, 1), (1, 2)]
    for path in ("papers", "papers/1/versions/new"):
        assert re.search(
            r'enctype="multipart/form-data"[^>]*>\s*<input type="hidden" name="act_id"',
            client_of("secretary").get(f"{here}/{path}").text,
        )


@pytest.mark.parametrize("login", ["member", "guest", "deputy"])
def test_who_does_not_prepare_may_not_send_in(send: Callable[..., TestResponse], database: Database, login: str) -> None:
    assert send(login=login).status_code == 403
    with database.reading() as session:
        assert session.query(Document).count() == 0


def test_without_the_word_that_it_bears_no_mark_nothing_is_kept(send: Callable[..., TestResponse], database: Database) -> None:
    answer = send(attestation="")
    assert answer.status_code == 422
    assert "Dự thảo Nghị quyết" in answer.text
    with database.reading() as session:
        assert session.query(Paper).count() == 0


@pytest.mark.parametrize(("name", "content", "said"), [("a.exe", b"MZ", "không phải tệp PDF"), ("a.pdf", b"", "Tệp rỗng")])
def test_a_file_of_another_kind_is_refused(
    send: Callable[..., TestResponse], database: Database, name: str, content: bytes, said: str
) -> None:
    answer = send(name=name, content=content)
    assert answer.status_code == 422
    assert said in answer.text
    with database.reading() as session:
        assert session.query(Paper).count() == 0


def test_a_matter_under_secrecy_takes_no_paper(
    send: Callable[..., TestResponse], convened: Gathering, database: Database
) -> None:
    with database.writing() as session:
        session.get_one(AgendaItem, convened.items[1]).is_on_paper_only = True
    assert send(item=convened.items[1]).status_code == 422


def test_a_paper_goes_from_draft_to_publication(published: int, client_of: ClientOf, here: str, database: Database) -> None:
    assert "Dự thảo Nghị quyết" in client_of("member").get(f"{here}/papers").text
    assert "Kinh phí" in words(client_of("member").get(f"{here}/papers/1?page=1"))
    assert acts(database) == ["paper_drafted", "paper_submitted", "paper_approved", "paper_published"]
    with database.reading() as session:
        last = session.query(MeetingEvent).order_by(MeetingEvent.id.desc()).first()
        assert last
        assert (last.kind, last.parts) == ("paper_published", "agenda now")
        assert session.query(Document).one().circle == "meeting:1:item:2"


def test_the_clerk_does_not_approve(
    send: Callable[..., TestResponse], take: Callable[..., TestResponse], read: Callable[..., None]
) -> None:
    send()
    read(1, "Điều 1")
    take(1, 1, "submit")
    assert take(1, 1, "approve", login="clerk").status_code == 403


def test_a_paper_is_returned_with_a_reason_and_never_without(
    send: Callable[..., TestResponse], take: Callable[..., TestResponse], client_of: ClientOf, here: str
) -> None:
    send()
    take(1, 1, "submit")
    assert take(1, 1, "return").status_code == 422
    assert take(1, 1, "return", reason="Thiếu căn cứ pháp lý").status_code == 303
    assert "Thiếu căn cứ pháp lý" in client_of("secretary").get(f"{here}/papers").text


def test_a_draft_cannot_be_published_at_once(send: Callable[..., TestResponse], take: Callable[..., TestResponse]) -> None:
    send()
    assert take(1, 1, "publish").status_code == 409


def test_what_is_not_read_to_its_end_cannot_be_published(
    send: Callable[..., TestResponse], take: Callable[..., TestResponse]
) -> None:
    send()
    answer = take(1, 1, "submit", "approve", "publish")
    assert answer.status_code == 409
    assert "kiểm tra dấu mật" in answer.text


def test_a_paper_with_a_mark_is_shown_to_nobody(published: int, client_of: ClientOf, here: str, database: Database) -> None:
    with database.writing() as session:
        document = session.query(Document).one()
        for work in Ledger(session).of(document.id):
            work.end(State.SET_ASIDE, Rule.SECRET)
        Ledger(session).settle(document.id)
    for login in ("member", "secretary", "clerk"):
        client = client_of(login)
        assert "Kinh phí" not in words(client.get(f"{here}/papers/1"))
        assert client.get(f"{here}/papers/1/versions/1/file").status_code == 404


def test_a_new_version_is_a_draft_and_members_go_on_seeing_the_published_one(
    published: int, send: Callable[..., TestResponse], client_of: ClientOf, here: str
) -> None:
    assert send(paper=published).status_code == 303
    assert client_of("member").get(f"{here}/papers/1?version=2").status_code == 404
    assert "Kinh phí" in words(client_of("member").get(f"{here}/papers/1?page=1"))


def test_members_see_the_last_published_version(
    published: int,
    send: Callable[..., TestResponse],
    read: Callable[..., None],
    take: Callable[..., TestResponse],
    client_of: ClientOf,
    here: str,
) -> None:
    send(paper=1)
    read(1, "Điều 1. Kinh phí do ngân sách cấp", "Điều 2. Hạn ngày 15")
    take(1, 2, "submit", "approve", "publish")
    assert "ngân sách" in words(client_of("member").get(f"{here}/papers/1?page=1"))


def test_once_the_item_is_taken_up_its_version_stays_and_a_newer_one_is_named(
    published: int,
    send: Callable[..., TestResponse],
    read: Callable[..., None],
    take: Callable[..., TestResponse],
    client_of: ClientOf,
    here: str,
    convened: Gathering,
    database: Database,
) -> None:
    with database.writing() as session:
        session.get_one(AgendaItem, convened.items[1]).taken_up_at = now()
    send(paper=1)
    read(1, "Điều 1. Kinh phí do ngân sách cấp")
    take(1, 2, "submit", "approve", "publish")
    text = words(client_of("member").get(f"{here}/papers/1?page=1"))
    assert "Kinh phí lấy từ nguồn công đoàn" in text
    assert "có bản mới" in text


def test_a_withdrawn_paper_is_seen_by_nobody_but_who_prepares(
    published: int, take: Callable[..., TestResponse], client_of: ClientOf, here: str
) -> None:
    take(1, 1, "withdraw", reason="Công bố nhầm")
    assert client_of("member").get(f"{here}/papers/1").status_code == 404
    assert client_of("secretary").get(f"{here}/papers/1").status_code == 200


def test_a_guest_of_one_item_sees_no_paper_of_another(published: int, client_of: ClientOf, here: str) -> None:
    guest = client_of("guest")
    assert guest.get(f"{here}/papers/1").status_code == 404
    assert guest.get(f"{here}/papers/1/versions/1/file").status_code == 404
    assert "Dự thảo" not in guest.get(f"{here}/papers").text


@pytest.mark.parametrize("login", ["staff", "archivist", "administrator"])
def test_who_has_no_part_finds_no_paper_and_no_document_of_the_archive(
    published: int, client_of: ClientOf, here: str, login: str
) -> None:
    client = client_of(login)
    assert client.get(f"{here}/papers/1").status_code == 404
    if login != "administrator":
        assert client.get("/archive/documents/1").status_code == 404


def test_the_archive_does_not_list_what_a_meeting_brought_in(published: int, client_of: ClientOf) -> None:
    archivist = client_of("archivist")
    assert "du-thao" not in archivist.get("/archive/batches").text
    assert archivist.get("/archive/batches/1").status_code == 404


def test_the_same_file_in_two_papers_is_two_documents(send: Callable[..., TestResponse], database: Database) -> None:
    send("Một", content=b"%PDF-1.7 same")
    send("Hai", content=b"%PDF-1.7 same")
    with database.reading() as session:
        assert len({version.document_id for version in session.query(PaperVersion)}) == 2


def test_an_office_file_can_be_downloaded_as_it_was_sent(
    send: Callable[..., TestResponse], take: Callable[..., TestResponse], client_of: ClientOf, here: str, database: Database
) -> None:
    send(name="Báo cáo.docx", content=DOCX)
    with database.writing() as session:  # the worker has found no LibreOffice
        session.query(PaperVersion).one().conversion = "not_installed"
    take(1, 1, "submit", "approve", "publish")
    answer = client_of("member").get(f"{here}/papers/1/versions/1/file")
    assert answer.data == DOCX
    answer.close()
    assert "B%C3%A1o%20c%C3%A1o.docx" in answer.headers["Content-Disposition"]
    assert "Tải tệp về" in client_of("member").get(f"{here}/papers/1").text


def test_reading_is_noted_with_the_furthest_page_and_members_are_told(
    published: int, client_of: ClientOf, here: str, database: Database
) -> None:
    member = client_of("member")
    assert "được ghi lại" in member.get(f"{here}/papers/1?page=2").text
    member.get(f"{here}/papers/1?page=1")
    with database.reading() as session:
        reading = session.query(PaperReading).one()
        assert (reading.last_page, reading.furthest_page) == (1, 2)


def test_who_has_read_is_told_to_the_head_and_to_nobody_else(published: int, client_of: ClientOf, here: str) -> None:
    client_of("member").get(f"{here}/papers/1?page=2")
    text = client_of("chair").get(f"{here}/papers/1/readers").text
    assert "1/6 người đã mở" in text
    assert "Ngô Khách Mời" not in text  # whom the item does not concern
    assert client_of("deputy").get(f"{here}/papers/1/readers").status_code == 200
    assert client_of("member").get(f"{here}/papers/1/readers").status_code == 403


def test_what_changed_since_the_version_last_read_is_shown_by_words(
    published: int,
    send: Callable[..., TestResponse],
    read: Callable[..., None],
    take: Callable[..., TestResponse],
    client_of: ClientOf,
    here: str,
) -> None:
    member = client_of("member")
    member.get(f"{here}/papers/1?page=1")
    send(paper=1)
    read(1, "Điều 1. Kinh phí lấy từ nguồn công đoàn", "Điều 2. Hạn ngày 15")
    take(1, 2, "submit", "approve", "publish")
    text = member.get(f"{here}/papers/1/changes").text
    assert "So bản 1 với bản 2" in text
    assert "</span>05</del>" in text
    assert "</span>15</ins>" in text


def test_inside_a_meeting_its_papers_are_found_by_whom_they_concern(
    published: int, client_of: ClientOf, here: str, system: System
) -> None:
    carry_into_index(system)
    assert "Dự thảo Nghị quyết" in client_of("member").get(f"{here}/find?q=kinh+phi").text
    assert "Dự thảo Nghị quyết" not in client_of("guest").get(f"{here}/find?q=kinh+phi").text
    assert "du-thao" not in client_of("member").get("/archive/find?q=kinh+phi").text


def test_inside_a_meeting_an_index_that_is_gone_is_told_and_never_nothing_found(
    published: int, client_of: ClientOf, here: str, system: System
) -> None:
    carry_into_index(system)
    shutil.rmtree(system.settings.index_dir)
    for somebody in ("member", "chair"):
        answer = client_of(somebody).get(f"{here}/find?q=kinh+phi")
        assert answer.status_code == 503
        assert "Chưa có chỉ mục tìm kiếm nên chưa tìm thấy trang nào" in answer.text
        assert "Không có trang nào" not in answer.text
        assert 'value="kinh phi"' in answer.text


def test_inside_a_meeting_an_old_index_answers_and_says_that_it_is_made_anew(
    published: int, client_of: ClientOf, here: str, system: System
) -> None:
    carry_into_index(system)
    (system.settings.index_dir / "1" / "format").unlink()
    answer = client_of("member").get(f"{here}/find?q=kinh+phi")
    assert answer.status_code == 200
    assert "Dự thảo Nghị quyết" in answer.text
    assert "Chỉ mục tìm kiếm do phiên bản khác của phần mềm lập nên kết quả tìm có thể thiếu hoặc thừa trang." in answer.text
    assert client_of("guest").get(f"{here}/find?q=kinh+phi").status_code == 503


def test_a_draft_is_found_by_who_prepares_only(
    send: Callable[..., TestResponse], read: Callable[..., None], client_of: ClientOf, here: str, system: System
) -> None:
    send()
    read(1, "Điều 1. Kinh phí")
    carry_into_index(system)
    assert "Dự thảo Nghị quyết" in client_of("secretary").get(f"{here}/find?q=kinh+phi").text
    assert "Dự thảo Nghị quyết" not in client_of("member").get(f"{here}/find?q=kinh+phi").text


def test_a_word_in_place_of_the_file_is_no_file(client_of: ClientOf, here: str) -> None:
    data = {"file": "du-thao.pdf", "attestation": "y", "title": "Dự thảo", "item": ""}
    answer = client_of("secretary").post(f"{here}/papers", data=data)
    assert answer.status_code == 422
    assert "Chưa có tệp." in answer.text
