"""Bodies that meet: their members and rules over time, kept by clerks and administrators."""

from datetime import date

import pytest
from sqlalchemy import select

from domain.meetings.meetings import MeetingState
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.meetings.bodies import Bodies, Body
from storage.meetings.meetings import Meeting
from tests.meetings import Gathering
from tests.webapp.conftest import ClientOf

RULES = {
    "valid_from": "2026-12-01", "source": "Điều 9 Quy chế làm việc", "quorum_parts": "2", "quorum_of": "3",
    "quorum_base": "members", "majority_parts": "1", "majority_of": "2", "majority_is_more_than": "yes",
    "majority_base": "members", "allows_secret_ballots": "y",
}  # fmt: skip


@pytest.fixture
def body(database: Database, convened: Gathering) -> int:
    with database.reading() as session:
        return session.scalars(select(Body.id)).one()


def acts(database: Database) -> list[str]:
    with database.reading() as session:
        return [entry.act for entry in session.query(AuditEntry).order_by(AuditEntry.id)]


def test_a_clerk_adds_a_body_and_it_stands_in_the_list(client_of: ClientOf, database: Database) -> None:
    clerk = client_of("clerk")
    form = {"name": "Ủy ban  Kiểm tra khóa XIV", "unit-words": "LDLD", "valid_from": "2023-09-15"}
    answer = clerk.post("/bodies/new", data=form)
    assert answer.status_code == 303
    assert "Ủy ban Kiểm tra khóa XIV" in clerk.get("/bodies").text
    assert "Chưa có quy định biểu quyết" in clerk.get("/bodies").text
    assert acts(database)[-1] == "body_created"


def test_a_list_without_bodies_says_what_to_do_first(client_of: ClientOf) -> None:
    assert "Chưa có cơ quan họp nào" in client_of("administrator").get("/bodies").text


@pytest.mark.parametrize("login", ["archivist", "staff", "member", "stranger"])
@pytest.mark.parametrize("address", ["/bodies", "/bodies/new", "/bodies/1", "/bodies/1/rules/new"])
def test_bodies_are_kept_by_clerks_and_administrators_only(client_of: ClientOf, login: str, address: str) -> None:
    assert client_of(login).get(address).status_code == 403


def test_a_body_that_ends_before_it_begins_is_refused_and_what_was_typed_stays(client_of: ClientOf) -> None:
    form = {"name": "Ban Nữ công", "unit-words": "LDLD", "valid_from": "2026-01-01", "valid_to": "2025-01-01"}
    answer = client_of("clerk").post("/bodies/new", data=form)
    assert answer.status_code == 422
    assert "Ngày kết thúc trước ngày bắt đầu" in answer.text
    assert 'value="Ban Nữ công"' in answer.text


def test_a_member_is_added_with_title_vote_and_dates(client_of: ClientOf, database: Database, body: int) -> None:
    form = {
        "person-words": "Nguyễn Hữu Tra – staff", "title": "Ủy viên", "position": "9", "has_vote": "y", "valid_from": "2026-01-01",
    }  # fmt: skip
    clerk = client_of("clerk")
    assert clerk.post(f"/bodies/{body}/members/new", data=form).status_code == 303
    with database.reading() as session:
        one = Bodies(session).get(body)
        assert [member.person.login for member in one.members_on(date(2026, 1, 1))][-1] == "staff"
        assert "staff" not in [member.person.login for member in one.members_on(date(2025, 12, 31))]
    assert acts(database)[-1] == "body_member_added"


def test_nobody_is_a_member_twice_at_the_same_time(client_of: ClientOf, body: int) -> None:
    form = {"person-words": "member", "has_vote": "y", "valid_from": "2026-01-01"}
    answer = client_of("clerk").post(f"/bodies/{body}/members/new", data=form)
    assert answer.status_code == 422
    assert "đã là thành viên trong thời gian đó" in answer.text


def test_a_person_that_is_not_there_is_refused(client_of: ClientOf, body: int) -> None:
    answer = client_of("clerk").post(
        f"/bodies/{body}/members/new", data={"person-words": "Không Ai", "valid_from": "2026-01-01"}
    )
    assert answer.status_code == 422
    assert "Không có ai khớp với" in answer.text


def test_a_member_leaves_on_a_day_and_stays_in_the_list_of_before(client_of: ClientOf, database: Database, body: int) -> None:
    with database.reading() as session:
        member = next(one for one in Bodies(session).get(body).members if one.person.login == "member")
        address = f"/bodies/{body}/members/{member.id}"
    form = {"person-words": "member", "title": "Ủy viên", "has_vote": "y", "valid_from": "2023-09-01", "valid_to": "2025-06-30"}
    clerk = client_of("clerk")
    assert clerk.get(address).status_code == 200
    assert clerk.post(address, data=form).status_code == 303
    with database.reading() as session:
        one = Bodies(session).get(body)
        assert "member" in [each.person.login for each in one.members_on(date(2025, 6, 30))]
        assert "member" not in [each.person.login for each in one.members_on(date(2025, 7, 1))]
    assert "01/09/2023 – 30/06/2025" in clerk.get(f"/bodies/{body}").text
    assert acts(database)[-1] == "body_member_changed"


def test_a_change_of_rules_is_a_new_record_and_the_old_one_stays(client_of: ClientOf, database: Database, body: int) -> None:
    clerk = client_of("clerk")
    assert clerk.get(f"/bodies/{body}/rules/new").status_code == 200
    assert clerk.post(f"/bodies/{body}/rules/new", data=RULES | {"quorum_parts": "3", "quorum_of": "4"}).status_code == 303
    with database.reading() as session:
        one = Bodies(session).get(body)
        former, new = one.rules_on(date(2026, 11, 30)), one.rules_on(date(2026, 12, 1))
        assert former
        assert new
        assert (former.quorum_parts, new.quorum_parts) == (2, 3)
    page = clerk.get(f"/bodies/{body}").text
    assert "Phải có mặt ít nhất 3/4 tổng số thành viên có quyền biểu quyết." in page
    assert "1 cuộc họp đã mời theo quy định này" in page
    assert acts(database)[-1] == "body_rules_added"


def test_rules_under_which_a_meeting_was_convened_are_never_changed(client_of: ClientOf, database: Database, body: int) -> None:
    with database.reading() as session:
        rules = Bodies(session).get(body).rules[0].id
    clerk = client_of("clerk")
    assert clerk.get(f"/bodies/{body}/rules/{rules}").status_code == 409
    answer = clerk.post(f"/bodies/{body}/rules/{rules}", data=RULES)
    assert answer.status_code == 409
    assert "Hãy ghi quy định mới" in answer.text
    with database.reading() as session:
        assert str(Bodies(session).get(body).rules[0].valid_from) == "2023-09-01"


def test_rules_of_which_no_meeting_knows_are_corrected(client_of: ClientOf, database: Database, body: int) -> None:
    with database.writing() as session:
        session.query(Meeting).update({"rules_id": None, "state": MeetingState.DRAFT})
        rules = Bodies(session).get(body).rules[0].id
    clerk = client_of("clerk")
    assert clerk.post(f"/bodies/{body}/rules/{rules}", data=RULES | {"valid_from": "2023-09-01"}).status_code == 303
    with database.reading() as session:
        assert Bodies(session).get(body).rules[0].source == "Điều 9 Quy chế làm việc"
    assert acts(database)[-1] == "body_rules_changed"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"source": " "}, "Căn cứ được in cùng mỗi kết quả biểu quyết"),
        ({"quorum_parts": "4"}, "Mẫu số phải lớn hơn hoặc bằng tử số"),
        ({"majority_parts": "2"}, "Không thể có nhiều hơn toàn bộ"),
        ({"quorum_of": "0"}, "Hãy ghi số từ 1 đến 1000"),
        ({"quorum_of": "ba"}, "Hãy ghi một số nguyên"),
        ({"valid_from": "2023-09-01"}, "Đã có quy định áp dụng từ ngày này"),
    ],
)
def test_rules_that_cannot_be_are_refused_and_what_was_typed_stays(
    client_of: ClientOf, database: Database, body: int, wrong: dict[str, str], words: str
) -> None:
    answer = client_of("clerk").post(f"/bodies/{body}/rules/new", data=RULES | wrong)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="2"' in answer.text
    assert "body_rules_added" not in acts(database)
