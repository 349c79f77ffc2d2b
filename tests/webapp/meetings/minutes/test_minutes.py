"""Minutes on the page: who drafts, edits, approves; nobody's text is lost; what is locked stays."""

import io
import zipfile
from collections.abc import Callable

import pypdfium2
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.meetings.course import course_of
from storage.meetings.meetings import Meeting, MeetingEvent
from storage.meetings.minutes import Minutes
from tests.cast import Cast
from tests.held import hold_meeting
from tests.meetings import SURE, Gathering, gather_meeting
from tests.webapp.conftest import ClientOf


@pytest.fixture
def held(database: Database, cast: Cast) -> Gathering:
    return hold_meeting(database, cast)


@pytest.fixture
def at(held: Gathering) -> Callable[..., str]:
    """The address of something of the minutes."""
    return lambda tail="": f"/meetings/{held.meeting}/minutes{tail}"


@pytest.fixture
def drafted(client_of: ClientOf, held: Gathering, at: Callable[..., str]) -> Gathering:
    assert client_of("secretary").post(at("/draft")).status_code == 303
    return held


def change(
    client: FlaskClient, at: Callable[..., str], text: str, *, revision: int = 1, key: str = "opening", annex: int = 0
) -> TestResponse:
    return client.post(at(f"/{annex}/sections/{key}"), data={"text": text, "revision": revision})


def approve(client: FlaskClient, at: Callable[..., str], approver: str, *, revision: int = 1, annex: int = 0) -> TestResponse:
    return client.post(at(f"/{annex}/approve"), data={"approver": approver, "revision": revision})


@pytest.fixture
def locked(client_of: ClientOf, drafted: Gathering, at: Callable[..., str]) -> Gathering:
    approve(client_of("secretary"), at, "secretary")
    approve(client_of("chair"), at, "chair")
    return drafted


def acts_of(database: Database) -> list[str]:
    with database.reading() as session:
        return [entry.act for entry in session.query(AuditEntry).order_by(AuditEntry.id)]


def minutes_of(database: Database, held: Gathering, annex: int = 0) -> Minutes:
    with database.reading() as session:
        found = session.query(Minutes).filter_by(meeting_id=held.meeting, annex=annex).one()
        _ = [section.text for section in found.sections], list(found.approvals)
        session.expunge_all()
        return found


def test_the_draft_is_written_from_what_happened_and_stands_in_the_trail(
    client_of: ClientOf, drafted: Gathering, at: Callable[..., str], database: Database
) -> None:
    page = client_of("secretary").get(at())
    assert "Triệu tập 5 thành viên có quyền biểu quyết; có mặt 4, vắng 1." in page.text
    assert "THÔNG QUA, với 3/5 tổng số thành viên (60,0 %)" in page.text
    assert acts_of(database)[-1] == "minutes_drafted"
    with database.reading() as session:
        assert session.query(MeetingEvent).order_by(MeetingEvent.id.desc()).limit(1).one().kind == "minutes_drafted"


def test_a_step_that_was_taken_back_does_not_stand_in_the_draft(
    client_of: ClientOf, in_session: Gathering, database: Database
) -> None:
    chair, first, second = client_of("chair"), *in_session.items[:2]
    at = f"/meetings/{in_session.meeting}"
    chair.post(f"{at}/items/{first}/take-up")
    chair.post(f"{at}/items/{second}/take-up")
    with database.reading() as session:
        revision = session.query(MeetingEvent).order_by(MeetingEvent.id.desc()).limit(1).one().revision
    chair.post(f"{at}/incidents", data={"text": "Mất micro."})
    assert chair.post(f"{at}/undo", data={"revision": revision}).status_code == 303
    assert chair.post(f"{at}/close", data={"sure": SURE}).status_code == 303
    assert client_of("secretary").post(f"{at}/minutes/draft").status_code == 303
    found = {one.key: one.text for one in minutes_of(database, in_session).sections}
    assert found[f"item:{first}"].startswith("Bắt đầu lúc")
    assert found[f"item:{second}"] == "Chưa xem xét tại cuộc họp này."
    assert "Mất micro." in found["incidents"]
    with database.reading() as session:
        told = course_of(session, session.get_one(Meeting, in_session.meeting))
        kinds = [one.kind for one in session.query(MeetingEvent)]
    assert told.notes == ()
    assert "agenda_step_undone" in kinds, "the records keep what the minutes pass over"


def test_there_is_no_draft_before_the_close(client_of: ClientOf, database: Database, cast: Cast) -> None:
    open_meeting = gather_meeting(database, cast)
    answer = client_of("secretary").post(f"/meetings/{open_meeting.meeting}/minutes/draft")
    assert answer.status_code == 409
    assert "Cuộc họp chưa kết thúc" in client_of("secretary").get(f"/meetings/{open_meeting.meeting}/minutes").text


@pytest.mark.parametrize(("login", "status"), [("member", 403), ("deputy", 403), ("guest", 403), ("staff", 404)])
def test_members_and_strangers_do_not_draft_nor_edit(
    client_of: ClientOf, drafted: Gathering, at: Callable[..., str], login: str, status: int
) -> None:
    assert client_of(login).post(at("/draft")).status_code == status
    assert change(client_of(login), at, "x").status_code == status
    assert client_of(login).get(at("/0/sections/opening")).status_code == status


def test_members_read_the_minutes_and_guests_of_single_items_do_not(
    client_of: ClientOf, drafted: Gathering, at: Callable[..., str]
) -> None:
    assert "Địa điểm: Hội trường A." in client_of("member").get(at()).text
    for address in (at(), at("/0/minutes.pdf"), at("/0/minutes.docx")):
        assert client_of("guest").get(address).status_code == 404
        assert client_of("staff").get(address).status_code == 404


def test_a_draft_is_made_anew_only_while_nobody_has_touched_it(
    client_of: ClientOf, drafted: Gathering, at: Callable[..., str]
) -> None:
    assert client_of("chair").post(at("/draft")).status_code == 303
    change(client_of("chair"), at, "Sửa.")
    answer = client_of("secretary").post(at("/draft"))
    assert answer.status_code == 409
    assert "Dự thảo đã có người sửa" in answer.text


def test_a_section_is_changed_and_the_trail_does_not_hold_its_text(
    client_of: ClientOf, drafted: Gathering, at: Callable[..., str], database: Database
) -> None:
    assert change(client_of("secretary"), at, "Bắt đầu 8 giờ.").status_code == 303
    assert "Bắt đầu 8 giờ." in client_of("member").get(at()).text
    with database.reading() as session:
        entry = session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
        assert entry
        assert (entry.act, entry.facts) == ("minutes_changed", {"annex": 0, "section": "opening", "revision": 2})


def test_a_concurrent_change_shows_both_texts_and_overwrites_nothing(
    client_of: ClientOf, drafted: Gathering, at: Callable[..., str], database: Database
) -> None:
    change(client_of("chair"), at, "Bản của chủ tọa.")
    answer = change(client_of("secretary"), at, "Bản của thư ký.", revision=1)
    assert answer.status_code == 409
    assert "vừa được Hồ Thị Chủ Tọa sửa" in answer.text
    assert '<div class="text">Bản của chủ tọa.</div>' in answer.text
    assert "Bản của thư ký.</textarea>" in answer.text
    assert 'name="revision" type="hidden" value="2"' in answer.text
    assert minutes_of(database, drafted).section("opening").text == "Bản của chủ tọa."
    assert change(client_of("secretary"), at, "Ghép cả hai.", revision=2).status_code == 303


def test_a_text_that_is_too_long_is_kept_in_the_form(client_of: ClientOf, drafted: Gathering, at: Callable[..., str]) -> None:
    answer = change(client_of("secretary"), at, "dài " * 6000)
    assert answer.status_code == 422
    assert "Phần này dài quá 20.000 ký tự" in answer.text
    assert "dài dài dài" in answer.text


def test_the_same_press_twice_changes_once(
    client_of: ClientOf, drafted: Gathering, at: Callable[..., str], database: Database
) -> None:
    for _ in range(2):
        client_of("secretary").post(at("/0/sections/opening"), data={"text": "Một.", "revision": 1, "act_id": "k1"})
    assert minutes_of(database, drafted).revision == 2


def test_every_text_that_ever_stood_is_shown(client_of: ClientOf, drafted: Gathering, at: Callable[..., str]) -> None:
    change(client_of("secretary"), at, "Lần hai.")
    change(client_of("chair"), at, "Lần ba.", revision=2)
    page = client_of("chair").get(at("/0/revisions")).text
    assert page.index("Lần ba.") < page.index("Lần hai.") < page.index("Thời gian bắt đầu: 08 giờ 00 phút")
    assert client_of("member").get(at("/0/revisions")).status_code == 403


def test_a_section_of_ones_own_is_added_and_needs_a_name(
    client_of: ClientOf, drafted: Gathering, at: Callable[..., str], database: Database
) -> None:
    answer = client_of("secretary").post(at("/0/sections"), data={"heading": "Ý kiến của khách mời"})
    assert answer.status_code == 303
    assert "/sections/own:" in answer.location
    assert client_of("secretary").post(at("/0/sections"), data={"heading": ""}).status_code == 422
    assert client_of("secretary").post(at("/0/sections"), data={"heading": "Ý kiến của khách mời"}).status_code == 409
    assert "minutes_section_added" in acts_of(database)


def test_members_remark_until_the_lock(
    client_of: ClientOf, drafted: Gathering, at: Callable[..., str], database: Database
) -> None:
    sent = client_of("member").post(at("/0/comments"), data={"key": "opening", "text": "Khai mạc lúc 8 giờ 5."})
    assert sent.status_code == 303
    assert "Khai mạc lúc 8 giờ 5." in client_of("chair").get(at()).text
    assert client_of("member").post(at("/0/comments"), data={"key": "opening", "text": " "}).status_code == 422
    assert client_of("guest").post(at("/0/comments"), data={"key": "opening", "text": "x"}).status_code == 404
    assert acts_of(database)[-1] == "minutes_commented"


def test_secretary_and_chair_approve_and_the_text_is_locked(
    client_of: ClientOf, drafted: Gathering, at: Callable[..., str], database: Database
) -> None:
    assert approve(client_of("secretary"), at, "secretary").status_code == 303
    assert minutes_of(database, drafted).sha256 is None
    assert approve(client_of("chair"), at, "chair").status_code == 303
    sha256 = str(minutes_of(database, drafted).sha256)
    page = client_of("member").get(at()).text
    assert "Đã khóa" in page
    assert sha256 in page
    assert "Nguyên vẹn" in page
    assert acts_of(database)[-2:] == ["minutes_approved", "minutes_locked"]


@pytest.mark.parametrize(
    ("login", "approver"),
    [("member", "chair"), ("chair", "secretary"), ("secretary", "chair"), ("deputy", "chair"), ("clerk", "secretary")],
)
def test_nobody_approves_in_a_capacity_that_is_not_theirs(
    client_of: ClientOf, drafted: Gathering, at: Callable[..., str], login: str, approver: str
) -> None:
    assert approve(client_of(login), at, approver).status_code == 403


def test_who_has_not_read_the_latest_text_does_not_approve_it(
    client_of: ClientOf, drafted: Gathering, at: Callable[..., str]
) -> None:
    change(client_of("secretary"), at, "Sửa.")
    answer = approve(client_of("chair"), at, "chair", revision=1)
    assert answer.status_code == 409
    assert "Biên bản vừa được sửa sau khi bạn mở trang" in answer.text


def test_a_change_takes_the_approvals_back(
    client_of: ClientOf, drafted: Gathering, at: Callable[..., str], database: Database
) -> None:
    approve(client_of("secretary"), at, "secretary")
    change(client_of("chair"), at, "Sửa.")
    assert minutes_of(database, drafted).approvals == []


def test_locked_minutes_take_no_change(client_of: ClientOf, locked: Gathering, at: Callable[..., str]) -> None:
    answer = change(client_of("secretary"), at, "Lén sửa.")
    assert answer.status_code == 409
    assert "Nếu cần sửa, hãy mở một phụ lục." in answer.text
    assert client_of("secretary").post(at("/draft")).status_code == 409
    assert client_of("member").post(at("/0/comments"), data={"key": "opening", "text": "x"}).status_code == 409


def test_an_annex_is_drafted_approved_and_locked_by_itself(
    client_of: ClientOf, locked: Gathering, at: Callable[..., str], database: Database
) -> None:
    assert client_of("secretary").post(at("/annex")).location.endswith("/minutes?annex=1")
    change(client_of("secretary"), at, "Sửa giờ bế mạc thành 11 giờ 25.", key="change", annex=1)
    approve(client_of("secretary"), at, "secretary", revision=2, annex=1)
    approve(client_of("chair"), at, "chair", revision=2, annex=1)
    main, annex = minutes_of(database, locked), minutes_of(database, locked, 1)
    assert annex.sha256 is not None
    assert annex.sha256 != main.sha256
    page = client_of("member").get(at("?annex=1")).text
    assert "Phụ lục 1" in page
    assert "Sửa giờ bế mạc thành 11 giờ 25." in page
    assert "minutes_annex_begun" in acts_of(database)


def test_there_is_no_annex_to_minutes_that_are_not_locked(
    client_of: ClientOf, drafted: Gathering, at: Callable[..., str]
) -> None:
    assert client_of("secretary").post(at("/annex")).status_code == 409
    assert client_of("secretary").get(at("?annex=1")).status_code == 404


def words_of_pdf(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    words = " ".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return " ".join(words.split())


def test_the_pdf_has_the_form_the_accents_and_always_the_same_bytes(
    client_of: ClientOf, locked: Gathering, at: Callable[..., str], database: Database
) -> None:
    first, second = (client_of("member").get(at("/0/minutes.pdf")) for _ in range(2))
    assert first.data == second.data
    words = words_of_pdf(first.data)
    for said in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "BIÊN BẢN", "THƯ KÝ", "CHỦ TỌA",
                 "Nơi nhận:", "Thông qua Nghị quyết", str(minutes_of(database, locked).sha256)):  # fmt: skip
        assert said in words
    assert "DIỄN TẬP" not in words


def test_the_docx_has_the_same_text_and_always_the_same_bytes(
    client_of: ClientOf, drafted: Gathering, at: Callable[..., str]
) -> None:
    first, second = (client_of("member").get(at("/0/minutes.docx")) for _ in range(2))
    assert first.data == second.data
    with zipfile.ZipFile(io.BytesIO(first.data)) as archive:
        text = archive.read("word/document.xml").decode()
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text
    assert "Triệu tập 5 thành viên" in text


def test_a_rehearsal_says_so_on_every_page(client_of: ClientOf, database: Database, cast: Cast) -> None:
    held = hold_meeting(database, cast, is_rehearsal=True)
    client_of("secretary").post(f"/meetings/{held.meeting}/minutes/draft")
    content = client_of("member").get(f"/meetings/{held.meeting}/minutes/0/minutes.pdf").data
    document = pypdfium2.PdfDocument(content)
    assert all("DIỄN TẬP" in page.get_textpage().get_text_range() for page in document)
    document.close()
    with database.reading() as session:
        assert session.get_one(Meeting, held.meeting).is_rehearsal


def test_where_the_secretary_is_gone_another_is_named_and_approves(
    client_of: ClientOf, drafted: Gathering, at: Callable[..., str], database: Database
) -> None:
    member = drafted.participants["member"]
    assert "Cử thêm thư ký" in client_of("chair").get(at()).text
    assert client_of("chair").post(at("/secretary"), data={"participant": member}).status_code == 303
    assert acts_of(database)[-1] == "secretary_added"
    approve(client_of("chair"), at, "chair")
    assert approve(client_of("member"), at, "secretary").status_code == 303
    assert minutes_of(database, drafted).is_locked
    assert "Cử thêm thư ký" not in client_of("chair").get(at()).text


@pytest.mark.parametrize("login", ["chair", "guest"])
def test_neither_the_chair_nor_a_guest_becomes_the_further_secretary(
    client_of: ClientOf, drafted: Gathering, at: Callable[..., str], database: Database, login: str
) -> None:
    assert client_of("clerk").post(at("/secretary"), data={"participant": drafted.participants[login]}).status_code == 404
    assert acts_of(database)[-1] == "minutes_drafted"


@pytest.mark.parametrize("login", ["member", "deputy"])
def test_who_does_not_prepare_names_no_secretary(
    client_of: ClientOf, drafted: Gathering, at: Callable[..., str], login: str
) -> None:
    assert client_of(login).post(at("/secretary"), data={"participant": drafted.participants["delegate"]}).status_code == 403
    assert "Cử thêm thư ký" not in client_of(login).get(at()).text


def test_before_the_close_secretaries_are_named_in_the_list_of_participants(client_of: ClientOf, in_session: Gathering) -> None:
    address = f"/meetings/{in_session.meeting}/minutes/secretary"
    assert client_of("chair").post(address, data={"participant": in_session.participants["member"]}).status_code == 409


def test_under_locked_minutes_nobodys_part_changes(
    client_of: ClientOf, drafted: Gathering, at: Callable[..., str], database: Database
) -> None:
    approve(client_of("secretary"), at, "secretary")
    approve(client_of("chair"), at, "chair")
    wanted = {"participant": drafted.participants["member"]}
    assert client_of("chair").post(at("/secretary"), data=wanted).status_code == 409
    client_of("chair").post(at("/annex"))
    assert client_of("chair").post(at("/secretary"), data=wanted).status_code == 303, "an annex needs a secretary too"
