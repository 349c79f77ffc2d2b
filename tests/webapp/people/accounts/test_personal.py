import json

from flask.testing import FlaskClient

from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.people.data_requests import DataRequests
from storage.people.personal_data import telling
from tests.cast import Cast
from tests.webapp.conftest import ClientOf
from webapp.people.personal_data import HELD


def ask(client: FlaskClient, text: str = "Chức danh của tôi là Phó ban", wish: str = "correct") -> int:
    return client.post("/account/data", data={"wish": wish, "text": text}).status_code


def test_every_table_that_tells_about_people_has_its_words_and_its_reason() -> None:
    assert set(HELD) == {"people", *telling()}


def test_the_page_says_what_is_held_and_why_it_stays(client_of: ClientOf) -> None:
    page = client_of("member").get("/account/data").text
    for words in (
        "Vai trò: <strong>1",
        "Vị trí công tác: <strong>1",
        "Lần đăng nhập: <strong>1",
        "phiếu kín không mang tên ai",
    ):
        assert words in page


def test_the_copy_holds_ones_own_data_without_secrets_and_is_noted_in_the_trail(
    client_of: ClientOf, database: Database
) -> None:
    answer = client_of("member").get("/account/data/export")
    assert "attachment" in answer.headers["Content-Disposition"]
    told = {part["table"]: part["rows"] for part in json.loads(answer.text)["held"]}
    assert told["people"][0]["name"] == "Phạm Ủy Viên"
    assert told["seats"][0]["title"]
    assert "password" not in answer.text
    assert "token" not in answer.text
    with database.reading() as session:
        assert AuditTrail(session).page().rows[:1][0].act == "personal_data_exported"


def test_a_request_reaches_the_office_and_its_answer_the_person(client_of: ClientOf, database: Database) -> None:
    member, administrator = client_of("member"), client_of("administrator")
    assert ask(member) == 303
    with database.reading() as session:
        (one,) = DataRequests(session).open()
    listed = administrator.get("/admin/data-requests").text
    assert "Phạm Ủy Viên" in listed
    assert "Sửa dữ liệu sai hoặc thiếu" in listed
    place = f"/admin/data-requests/{one.id}"
    assert "Chức danh của tôi là Phó ban" in administrator.get(place).text
    assert administrator.post(place, data={"step": "done", "text": "Đã sửa chức danh"}).status_code == 303
    page = member.get("/account/data").text
    assert "Đã sửa chức danh" in page
    assert "Đã làm xong" in page
    assert "<form class" not in administrator.get(place).text, "what has ended is not answered again"
    assert administrator.post(place, data={"step": "done", "text": "lần nữa"}).status_code == 409
    with database.reading() as session:
        entries = AuditTrail(session).of("data_request", one.id)
        assert [(entry.act, entry.facts) for entry in entries] == [
            ("data_request_answered", {"step": "done"}),
            ("data_request_made", {"wish": "correct"}),
        ]


def test_an_empty_request_or_answer_is_refused_and_what_was_typed_stays(client_of: ClientOf, database: Database) -> None:
    member, administrator = client_of("member"), client_of("administrator")
    answer = member.post("/account/data", data={"wish": "delete", "text": "  "})
    assert answer.status_code == 422
    assert '<option selected value="delete">' in answer.text
    assert ask(member, "x" * 2001) == 422
    assert ask(member, wish="everything") == 422
    assert ask(member) == 303
    with database.reading() as session:
        (one,) = DataRequests(session).open()
    refused = administrator.post(f"/admin/data-requests/{one.id}", data={"step": "refused", "text": ""})
    assert refused.status_code == 422
    assert "nếu từ chối hay gia hạn, hãy ghi lý do" in refused.text


def test_nobody_reads_or_answers_the_requests_of_others_but_who_manages_people(client_of: ClientOf, database: Database) -> None:
    assert ask(client_of("member"), "Điều chỉ tôi và cơ quan biết") == 303
    with database.reading() as session:
        (one,) = DataRequests(session).open()
    for login in ("clerk", "archivist", "leader", "staff", "stranger"):
        client = client_of(login)
        assert "Điều chỉ tôi" not in client.get("/account/data").text
        assert client.get(f"/admin/data-requests/{one.id}").status_code == 403
        assert client.post(f"/admin/data-requests/{one.id}", data={"step": "done", "text": "x"}).status_code == 403


def test_after_ten_requests_the_office_answers_first(client_of: ClientOf, cast: Cast) -> None:
    member = client_of("member")
    assert [ask(member, f"lần {n}") for n in range(11)] == [303] * 10 + [429]
