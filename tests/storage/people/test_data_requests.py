from datetime import timedelta

import pytest

from domain.ground.clock import today
from domain.ground.errors import NotFound, StepNotAllowed
from domain.people.personal_data import RequestState, TooManyRequests, Wish
from storage.ground.database import Database
from storage.ground.mail import Mail
from storage.people.data_requests import OPEN_AT_ONCE, DataRequests
from storage.people.people import People, Person
from tests.cast import Cast, gather


@pytest.fixture
def cast(database: Database) -> Cast:
    return gather(database)


def with_address(person: Person, address: str) -> Person:
    person.login = address
    return person


def test_the_keepers_of_accounts_hear_of_a_request_and_the_person_of_each_answer(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        people, requests = People(session), DataRequests(session)
        with_address(people.get(cast.people["administrator"]), "qt@example.vn")
        member = with_address(people.get(cast.people["member"]), "uv@example.vn")
        one = requests.make(member, Wish.CORRECT, "Chức danh sai")
        requests.answer(one, RequestState.ACCEPTED, "Đang kiểm tra", by=cast.people["administrator"])
        requests.prolong(one, "Chờ quyết định", by=cast.people["administrator"])
        requests.answer(one, RequestState.DONE, "Đã sửa", by=cast.people["administrator"])
        mails = [(mail.recipient, mail.text) for mail in session.query(Mail).order_by(Mail.id)]
    assert [to for to, _text in mails] == ["qt@example.vn", "uv@example.vn", "uv@example.vn", "uv@example.vn"]
    assert "Chức danh sai" not in mails[0][1], "a request may say private things; the mail only says that there is one"
    assert [text.split("\n\n")[1] for _to, text in mails[1:]] == ["Đang kiểm tra", "Chờ quyết định", "Đã sửa"]


def test_a_term_is_prolonged_once_and_not_after_the_end(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        requests, member = DataRequests(session), People(session).get(cast.people["member"])
        one = requests.make(member, Wish.DELETE, "Xóa ảnh")
        requests.prolong(one, "Cần hỏi lưu trữ", by=cast.people["administrator"])
        with pytest.raises(StepNotAllowed):
            requests.prolong(one, "Lần nữa", by=cast.people["administrator"])
        other = requests.make(member, Wish.DELETE, "Xóa số điện thoại")
        requests.answer(other, RequestState.REFUSED, "Phải giữ theo Luật Lưu trữ", by=cast.people["administrator"])
        with pytest.raises(StepNotAllowed):
            requests.prolong(other, "Sau khi kết thúc", by=cast.people["administrator"])


def test_what_is_late_is_counted(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        requests, member = DataRequests(session), People(session).get(cast.people["member"])
        requests.make(member, Wish.CORRECT, "Sai tên")
        assert requests.late(today()) == 0
        assert requests.late(today() + timedelta(days=30)) == 1


def test_nobody_floods_the_office(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        requests, member = DataRequests(session), People(session).get(cast.people["member"])
        for number in range(OPEN_AT_ONCE):
            requests.make(member, Wish.PROVIDE, f"lần {number}")
        with pytest.raises(TooManyRequests):
            requests.make(member, Wish.PROVIDE, "thêm nữa")
        assert len(requests.of(member.id)) == OPEN_AT_ONCE
        with pytest.raises(NotFound):
            requests.get(999999)
