"""Conclusions, their notice, tasks: who records them, who does them, what is late."""

from collections.abc import Callable, Iterator
from datetime import date

import pypdfium2
import pytest
from sqlalchemy import select

from domain.ground import clock
from storage.archive.documents import Document
from storage.archive.intake import Batch
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.meetings.meetings import Meeting
from storage.meetings.tasks import Conclusion, ConclusionNotice, Task
from storage.people.people import Person
from tests.cast import Cast
from tests.held import at, hold_meeting
from tests.meetings import Gathering
from tests.stored import rows
from tests.webapp.conftest import ClientOf

NOTICE = {
    "number": "15/TB-LĐLĐ", "issued_on": "2026-12-01", "locality": "Gia Lai", "capacity": "TL. BAN CHẤP HÀNH\nCHÁNH VĂN PHÒNG",
    "signer": "Bùi Thị Ghi",
}  # fmt: skip


@pytest.fixture
def held(database: Database, cast: Cast) -> Gathering:
    return hold_meeting(database, cast)


@pytest.fixture
def address(held: Gathering) -> Callable[..., str]:
    return lambda tail="": f"/meetings/{held.meeting}/{tail}"


@pytest.fixture(autouse=True)
def next_day() -> Iterator[None]:
    with at(11, 30):
        yield


def last_act(database: Database) -> str:
    return rows(database, AuditEntry)[-1].act


@pytest.fixture
def task(client_of: ClientOf, database: Database, held: Gathering, address: Callable[..., str], cast: Cast) -> int:
    """A task of the member, due on 9 December 2026."""
    (conclusion,) = rows(database, Conclusion)
    data = {"title": "Hoàn thiện Nghị quyết", "owner": cast.people["member"], "unit": "", "due_on": "2026-12-09"}
    assert client_of("secretary").post(address(f"conclusions/{conclusion.id}/tasks"), data=data).status_code == 303
    return rows(database, Task)[0].id


def test_a_conclusion_is_recorded_with_the_item_it_comes_from(
    client_of: ClientOf, held: Gathering, address: Callable[..., str], database: Database
) -> None:
    sent = client_of("chair").post(address("conclusions"), data={"text": "Giao Văn phòng.", "item": held.items[1], "vote": ""})
    assert sent.status_code == 303
    page = client_of("member").get(address("conclusions")).text
    assert "Giao Văn phòng." in page
    assert "Nội dung: Báo cáo kết quả công tác năm 2026" in page
    assert last_act(database) == "conclusion_added"


@pytest.mark.parametrize(("login", "status"), [("member", 403), ("deputy", 403), ("guest", 403), ("staff", 404)])
def test_only_who_prepares_the_meeting_records_conclusions(
    client_of: ClientOf, held: Gathering, address: Callable[..., str], login: str, status: int
) -> None:
    assert client_of(login).post(address("conclusions"), data={"text": "x"}).status_code == status


def test_a_conclusion_without_words_is_refused(client_of: ClientOf, held: Gathering, address: Callable[..., str]) -> None:
    answer = client_of("chair").post(address("conclusions"), data={"text": " ", "item": "", "vote": ""})
    assert answer.status_code == 422
    assert "Hãy ghi nội dung kết luận." in answer.text


def test_a_conclusion_that_led_to_nothing_is_taken_back_and_another_is_not(
    client_of: ClientOf, address: Callable[..., str], database: Database, task: int
) -> None:
    client_of("chair").post(address("conclusions"), data={"text": "Thừa.", "item": "", "vote": ""})
    first, second = rows(database, Conclusion)
    assert client_of("chair").post(address(f"conclusions/{second.id}/remove")).status_code == 303
    assert last_act(database) == "conclusion_removed"
    assert client_of("chair").post(address(f"conclusions/{first.id}/remove")).status_code == 409


def test_the_notice_is_due_five_working_days_after_the_close(
    client_of: ClientOf, held: Gathering, address: Callable[..., str]
) -> None:
    assert "cần ban hành chậm nhất ngày 02/12/2026" in client_of("secretary").get(address("conclusions")).text
    clock.fix(clock.now().replace(month=12, day=3))
    assert "đã quá hạn: hạn là ngày 02/12/2026" in client_of("secretary").get(address("conclusions")).text


def test_the_notice_is_issued_once_and_freezes_the_conclusions(
    client_of: ClientOf, held: Gathering, address: Callable[..., str], database: Database
) -> None:
    assert client_of("secretary").post(address("notice"), data=NOTICE).status_code == 303
    (notice,) = rows(database, ConclusionNotice)
    assert (notice.number, notice.issued_on) == ("15/TB-LĐLĐ", date(2026, 12, 1))
    assert notice.conclusions == "1. Nhất trí thông qua Nghị quyết."
    assert last_act(database) == "notice_issued"
    assert client_of("secretary").post(address("notice"), data=NOTICE).status_code == 409


def test_the_notice_has_the_form_of_the_decree(client_of: ClientOf, held: Gathering, address: Callable[..., str]) -> None:
    client_of("secretary").post(address("notice"), data=NOTICE)
    first, second = (client_of("member").get(address("notice.pdf")).data for _ in range(2))
    assert first == second
    document = pypdfium2.PdfDocument(first)
    words = " ".join(document[0].get_textpage().get_text_range().split())
    document.close()
    for said in ("Số: 15/TB-LĐLĐ", "Gia Lai, ngày 01 tháng 12 năm 2026", "THÔNG BÁO", "Kết luận tại Hội nghị Ban Chấp hành",
                 "CHÁNH VĂN PHÒNG", "Nơi nhận:"):  # fmt: skip
        assert said in words
    assert client_of("guest").get(address("notice.pdf")).status_code == 404
    assert client_of("member").get(address("notice.docx")).data.startswith(b"PK")


@pytest.mark.parametrize("missing", ["number", "issued_on", "signer", "capacity"])
def test_a_notice_without_its_head_is_refused_and_keeps_what_was_typed(
    client_of: ClientOf, held: Gathering, address: Callable[..., str], missing: str
) -> None:
    answer = client_of("secretary").post(address("notice"), data={**NOTICE, missing: ""})
    assert answer.status_code == 422
    assert ("Gia Lai" in answer.text) is True


def test_only_who_prepares_issues_the_notice(client_of: ClientOf, held: Gathering, address: Callable[..., str]) -> None:
    assert client_of("member").post(address("notice"), data=NOTICE).status_code == 403


def test_the_notice_goes_into_the_archive_in_one_step(
    client_of: ClientOf, held: Gathering, address: Callable[..., str], database: Database
) -> None:
    client_of("secretary").post(address("notice"), data=NOTICE)
    page = address("notice/archive")
    assert client_of("member").get(page).status_code == 403
    assert client_of("secretary").post(page, data={"record_file": "", "access": "open"}).status_code == 422
    assert client_of("secretary").post(page, data={"record_file": "", "access": "open", "attested": "y"}).status_code == 303
    (notice,), (document,), (batch,) = rows(database, ConclusionNotice), rows(database, Document), rows(database, Batch)
    assert notice.document_id == document.id
    assert (batch.source, batch.attested_by) == ("meeting", "Bùi Thị Ghi")
    assert last_act(database) == "notice_archived"
    assert client_of("secretary").post(page, data={"record_file": "", "access": "open", "attested": "y"}).status_code == 409


def test_a_task_is_linked_with_its_meeting_both_ways(
    client_of: ClientOf, held: Gathering, address: Callable[..., str], task: int, database: Database
) -> None:
    assert "Hoàn thiện Nghị quyết" in client_of("secretary").get(address("conclusions")).text
    page = client_of("member").get(f"/tasks/{task}").text
    assert f'href="/meetings/{held.meeting}/conclusions"' in page
    assert "Thông qua Nghị quyết về chuyển đổi số" in page
    assert "task_added" in [entry.act for entry in rows(database, AuditEntry)]


@pytest.mark.parametrize(("owner", "unit"), [("", ""), ("member", "VP")])
def test_a_task_has_exactly_one_owner(
    client_of: ClientOf, database: Database, held: Gathering, address: Callable[..., str], cast: Cast, owner: str, unit: str
) -> None:
    (conclusion,) = rows(database, Conclusion)
    data = {
        "title": "Việc", "due_on": "2026-12-09", "owner": cast.people.get(owner, ""), "unit": cast.units.get(unit, ""),
    }  # fmt: skip
    answer = client_of("secretary").post(address(f"conclusions/{conclusion.id}/tasks"), data=data)
    assert answer.status_code == 422
    assert "Hãy chọn một người hoặc một đơn vị" in answer.text


def test_members_give_no_tasks(client_of: ClientOf, database: Database, held: Gathering, address: Callable[..., str]) -> None:
    (conclusion,) = rows(database, Conclusion)
    assert client_of("member").post(address(f"conclusions/{conclusion.id}/tasks"), data={}).status_code == 403


def test_ones_own_list_holds_ones_tasks_and_those_of_ones_units(
    client_of: ClientOf, database: Database, held: Gathering, address: Callable[..., str], cast: Cast, task: int
) -> None:
    (conclusion,) = rows(database, Conclusion)
    data = {"title": "Việc của Văn phòng", "owner": "", "unit": cast.units["VP"], "due_on": "2026-12-01"}
    client_of("secretary").post(address(f"conclusions/{conclusion.id}/tasks"), data=data)
    mine, of_office = client_of("member").get("/tasks").text, client_of("staff").get("/tasks").text
    assert "Hoàn thiện Nghị quyết" in mine
    assert "Việc của Văn phòng" not in mine
    assert "Việc của Văn phòng" in of_office
    assert "Hoàn thiện Nghị quyết" not in of_office


def test_the_office_sees_what_is_overdue_and_others_do_not(client_of: ClientOf, task: int) -> None:
    assert "Không có nhiệm vụ quá hạn" in client_of("clerk").get("/tasks?show=overdue").text
    clock.fix(clock.now().replace(month=12, day=10))
    assert "Hoàn thiện Nghị quyết" in client_of("clerk").get("/tasks?show=overdue").text
    assert "Hoàn thiện Nghị quyết" not in client_of("delegate").get("/tasks?show=overdue").text
    assert "Quá hạn" in client_of("member").get("/tasks").text


def test_who_does_it_reports_and_finishes(client_of: ClientOf, task: int, database: Database) -> None:
    client = client_of("member")
    assert client.post(f"/tasks/{task}/reports", data={"text": "Đã soạn.", "percent": "50"}).status_code == 303
    assert last_act(database) == "task_reported"
    assert "50 %" in client.get(f"/tasks/{task}").text
    assert client.post(f"/tasks/{task}/finish", data={"text": "Đã trình."}).status_code == 303
    assert last_act(database) == "task_finished"
    assert "Đã hoàn thành" in client.get(f"/tasks/{task}").text
    assert client.post(f"/tasks/{task}/reports", data={"text": "Thêm."}).status_code == 409
    assert client.post(f"/tasks/{task}/reopen", data={"text": "Còn thiếu phụ lục."}).status_code == 303
    assert last_act(database) == "task_reopened"


def test_the_same_report_sent_twice_stands_once(client_of: ClientOf, task: int) -> None:
    for _ in range(2):
        client_of("member").post(f"/tasks/{task}/reports", data={"text": "Một lần.", "act_id": "k"})
    assert client_of("member").get(f"/tasks/{task}").text.count("Một lần.") == 1


def test_a_report_without_words_is_refused(client_of: ClientOf, task: int) -> None:
    assert client_of("member").post(f"/tasks/{task}/reports", data={"text": ""}).status_code == 422


def test_others_of_the_meeting_read_a_task_and_do_not_report(client_of: ClientOf, task: int) -> None:
    assert client_of("delegate").get(f"/tasks/{task}").status_code == 200
    assert client_of("delegate").post(f"/tasks/{task}/reports", data={"text": "x"}).status_code == 403


@pytest.mark.parametrize("login", ["staff", "guest", "archivist"])
def test_for_who_neither_does_it_nor_was_there_the_task_does_not_exist(client_of: ClientOf, task: int, login: str) -> None:
    assert client_of(login).get(f"/tasks/{task}").status_code == 404


def test_what_was_rehearsed_is_nobodys_work(client_of: ClientOf, task: int, database: Database, held: Gathering) -> None:
    with database.writing() as session:
        session.get_one(Meeting, held.meeting).is_rehearsal = True
        session.get_one(Task, task).owner_id = session.scalars(select(Person.id).where(Person.login == "staff")).one()
    assert "Hoàn thiện Nghị quyết" not in client_of("staff").get("/tasks").text
    assert client_of("staff").get(f"/tasks/{task}").status_code == 404
    assert client_of("staff").post(f"/tasks/{task}/finish", data={"text": "x"}).status_code == 404
    clock.fix(clock.now().replace(month=12, day=10))
    assert "Hoàn thiện Nghị quyết" not in client_of("clerk").get("/tasks?show=overdue").text
