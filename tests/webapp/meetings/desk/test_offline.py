"""Life without network: everybody takes the papers of the meeting home as far as they may have them, and leaves a trace of it."""

import io
import zipfile
from datetime import UTC, datetime
from zipfile import ZipFile

import pdfplumber
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from domain.meetings.papers import PaperState
from domain.meetings.voting import VoteKind
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.meetings.meetings import Meeting
from storage.meetings.papers import Papers
from storage.meetings.votes import Votes
from tests.cast import Cast
from tests.meetings import Gathering
from tests.webapp.conftest import ClientOf

SHEETS = ["0-khi-mat-dien-mat-mang.pdf", "1-chuong-trinh.pdf"]


def pack_of(client: FlaskClient, meeting_id: int) -> ZipFile:
    with client.get(f"/meetings/{meeting_id}/pack.zip") as answer:
        assert answer.status_code == 200
        assert answer.mimetype == "application/zip"
        return zipfile.ZipFile(io.BytesIO(answer.data))


def text_of(archive: ZipFile, name: str) -> list[str]:
    with pdfplumber.open(io.BytesIO(archive.read(name))) as pdf:
        return [page.extract_text() for page in pdf.pages]


@pytest.fixture
def furnished(database: Database, objects: FolderObjects, convened: Gathering) -> Gathering:
    """The meeting with a published paper of its second item, one of its third, a draft, and a planned vote."""
    with database.writing() as session:
        meeting = session.get_one(Meeting, convened.meeting)
        papers = Papers(session, meeting)
        for item, title, state in (
            (meeting.items[1], "Báo cáo năm 2026", PaperState.PUBLISHED),
            (meeting.items[2], "Dự thảo Nghị quyết", PaperState.PUBLISHED),
            (meeting.items[2], "Tờ trình chưa duyệt", PaperState.DRAFTED),
        ):
            key, size = objects.put(io.BytesIO(title.encode()))
            version = papers.add_version(
                papers.add(item, title), file_name="a.DOCX", media_type="application/msword", size=size, person_id=1, sha256=key
            )
            version.state = state
            version.published_at = datetime(2026, 11, 20, tzinfo=UTC) if state is PaperState.PUBLISHED else None
        Votes(session).prepare(meeting, meeting.items[2], kind=VoteKind.NAMED, question="Đồng chí có thông qua Nghị quyết?")
    return convened


def test_a_member_gets_agenda_roll_and_published_papers_but_no_ballot_of_a_vote_still_being_prepared(
    client_of: ClientOf, furnished: Gathering
) -> None:
    archive = pack_of(client_of("member"), furnished.meeting)
    assert archive.namelist() == [
        *SHEETS,
        "2-danh-sach-ky.pdf",
        "tai-lieu/2-bao-cao-nam-2026-1-ban-1.docx",
        "tai-lieu/3-du-thao-nghi-quyet-2-ban-1.docx",
    ]
    assert archive.read("tai-lieu/2-bao-cao-nam-2026-1-ban-1.docx").decode() == "Báo cáo năm 2026"
    assert "Mai Thị Đại Biểu" in text_of(archive, "2-danh-sach-ky.pdf")[0]
    assert "Báo cáo kết quả công tác năm 2026" in text_of(archive, "1-chuong-trinh.pdf")[0]
    assert "KHI MẤT ĐIỆN HOẶC MẤT MẠNG" in text_of(archive, SHEETS[0])[0]


def test_the_secretary_gets_a_ballot_for_each_voter_four_on_a_sheet(client_of: ClientOf, furnished: Gathering) -> None:
    sheets = text_of(pack_of(client_of("secretary"), furnished.meeting), "3-phieu-bieu-quyet.pdf")
    assert [sheet.count("PHIẾU BIỂU QUYẾT") for sheet in sheets] == [4, 1]
    assert "Không đồng ý" in sheets[0]


def test_a_guest_of_one_item_gets_that_item_and_its_paper_only(client_of: ClientOf, furnished: Gathering) -> None:
    archive = pack_of(client_of("guest"), furnished.meeting)
    assert archive.namelist() == [*SHEETS, "tai-lieu/3-du-thao-nghi-quyet-2-ban-1.docx"]
    agenda = "".join(text_of(archive, "1-chuong-trinh.pdf"))
    assert "Thông qua Nghị quyết về chuyển đổi số" in agenda
    assert "Báo cáo kết quả công tác" not in agenda


@pytest.mark.parametrize(("who", "status"), [("stranger", 403), ("archivist", 404), ("nobody", 302)])
def test_nobody_else_gets_it(client_of: ClientOf, furnished: Gathering, who: str, status: int) -> None:
    assert client_of(who).get(f"/meetings/{furnished.meeting}/pack.zip").status_code == status


def test_a_taken_pack_stands_in_the_audit_trail(client_of: ClientOf, furnished: Gathering, database: Database) -> None:
    pack_of(client_of("member"), furnished.meeting)
    with database.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "offline_pack_taken")).one()
        assert (entry.actor, entry.subject_kind, entry.subject_id) == ("Phạm Ủy Viên", "meeting", str(furnished.meeting))


def test_a_file_that_is_missing_does_not_keep_the_rest_away(
    client_of: ClientOf, furnished: Gathering, objects: FolderObjects
) -> None:
    for key in list(objects.keys()):
        objects.remove(key)
    names = pack_of(client_of("member"), furnished.meeting).namelist()
    assert "tai-lieu/2-bao-cao-nam-2026-1-ban-1.docx.thieu.txt" in names
    assert "1-chuong-trinh.pdf" in names


def test_a_file_that_has_changed_does_not_travel_in_the_pack_and_it_says_so(
    client_of: ClientOf, furnished: Gathering, objects: FolderObjects
) -> None:
    for key in list(objects.keys()):
        with objects.local_path(key) as path:
            path.chmod(0o640)
            path.write_bytes(b"another paper")
    pack = pack_of(client_of("member"), furnished.meeting)
    assert "tai-lieu/2-bao-cao-nam-2026-1-ban-1.docx" not in pack.namelist()
    assert "không còn đúng như lúc nhận" in pack.read("tai-lieu/2-bao-cao-nam-2026-1-ban-1.docx.thieu.txt").decode()


def test_the_service_worker_stands_at_the_root_and_is_asked_for_anew_each_time(client_of: ClientOf) -> None:
    with client_of("nobody").get("/service-worker.js") as answer:
        assert answer.mimetype == "text/javascript"
        assert "no-cache" in answer.headers["Cache-Control"]
        assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]


def test_pages_of_meetings_say_whose_they_are(client_of: ClientOf, convened: Gathering, cast: Cast) -> None:
    assert client_of("member").get(f"/meetings/{convened.meeting}/room").headers["X-Person"] == str(cast.people["member"])
    assert "X-Person" not in client_of("member").get("/account").headers
