import re
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient

from domain.people.roles import Role
from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.people.people import People, Person, SignIns
from tests.cast import Cast
from tests.webapp.conftest import ClientOf
from webapp.ground.access import COOKIE
from webapp.people.accounts.passwords import matches


@pytest.fixture
def administrator(client_of: ClientOf) -> FlaskClient:
    return client_of("administrator")


@pytest.fixture
def clerk_id(cast: Cast) -> int:
    return cast.people["clerk"]


def person(database: Database, person_id: int) -> Person:
    with database.reading() as session:
        return session.get_one(Person, person_id)


def last_entry(database: Database) -> tuple[str, str, dict[str, Any]]:
    with database.reading() as session:
        entries = AuditTrail(session).page().rows[:1]
        return (entries[0].act, entries[0].actor, entries[0].facts) if entries else ("", "", {})


NEW = {"name": "Bùi Thị Mới", "login": "Moi.Bui@congdoan.vn", "roles": ["clerk", "staff"]}


def test_a_new_person_gets_a_one_time_password_that_is_shown_once(administrator: FlaskClient, database: Database) -> None:
    answer = administrator.post("/admin/people/new", data=NEW)
    assert answer.status_code == 200
    password = re.findall(r'<code class="secret">([a-z0-9-]{14})</code>', answer.text)[0]
    with database.reading() as session:
        account = People(session).named("moi.bui@congdoan.vn")
        assert (account.name, account.roles) == ("Bùi Thị Mới", frozenset({Role.CLERK, Role.STAFF}))
        assert matches(account.password_hash, password)
        assert account.must_change_password
        assert password not in administrator.get(f"/admin/people/{account.id}").text
    facts = {"login": "moi.bui@congdoan.vn", "name": "Bùi Thị Mới", "roles": ["clerk", "staff"]}
    assert last_entry(database) == ("person_created", "Đặng Quản Trị", facts)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"login": "clerk"}, "Đã có người dùng mang tên đăng nhập này."),
        ({"login": "bùi mới"}, "Tên đăng nhập chỉ gồm chữ không dấu"),
        ({"login": ""}, "Hãy nhập tên đăng nhập."),
        ({"name": " "}, "Hãy nhập tên."),
        ({"name": "A" * 201}, "Tên dài quá 200 ký tự."),
    ],
)
def test_a_person_that_cannot_be_is_refused_and_what_was_typed_is_kept(
    administrator: FlaskClient, database: Database, typed: dict[str, str], sentence: str
) -> None:
    answer = administrator.post("/admin/people/new", data=NEW | typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="clerk" checked' in re.sub(r"\s+", " ", answer.text) or "checked" in answer.text
    assert last_entry(database) == ("", "", {})


def test_name_and_roles_are_changed_and_the_trail_keeps_what_was_before(
    administrator: FlaskClient, database: Database, clerk_id: int
) -> None:
    data = {"name": "Lê Văn Thư Ký", "login": "clerk", "roles": ["archivist"]}
    assert administrator.post(f"/admin/people/{clerk_id}/edit", data=data).status_code == 303
    assert person(database, clerk_id).roles == {Role.ARCHIVIST}
    before = {"login": "clerk", "name": "Lê Văn Thư", "roles": ["clerk"]}
    facts = {"login": "clerk", "name": "Lê Văn Thư Ký", "roles": ["archivist"], "before": before}
    assert last_entry(database) == ("person_changed", "Đặng Quản Trị", facts)


def test_saving_without_a_change_writes_nothing_into_the_trail(
    administrator: FlaskClient, database: Database, clerk_id: int
) -> None:
    administrator.post(f"/admin/people/{clerk_id}/edit", data={"name": "Lê Văn Thư", "login": "clerk", "roles": ["clerk"]})
    assert last_entry(database) == ("", "", {})


def test_nobody_takes_the_administrators_role_from_themselves(
    administrator: FlaskClient, database: Database, cast: Cast
) -> None:
    own_id = cast.people["administrator"]
    data = {"name": "Đặng Quản Trị", "login": "administrator", "roles": ["clerk"]}
    answer = administrator.post(f"/admin/people/{own_id}/edit", data=data)
    assert answer.status_code == 422
    assert "Bạn không thể tự bỏ vai trò quản trị viên" in answer.text
    assert person(database, own_id).roles == {Role.ADMINISTRATOR}


def test_nobody_closes_the_own_account(administrator: FlaskClient, database: Database, cast: Cast) -> None:
    answer = administrator.post(f"/admin/people/{cast.people['administrator']}/close")
    assert answer.status_code == 409
    assert "Bạn không thể tự đóng tài khoản" in answer.text
    assert person(database, cast.people["administrator"]).is_open


def test_another_administrator_may_be_taken_away(
    administrator: FlaskClient, database: Database, cast: Cast, clerk_id: int
) -> None:
    with database.writing() as session:
        People(session).get(clerk_id).roles = frozenset({Role.ADMINISTRATOR})
    assert administrator.post(f"/admin/people/{clerk_id}/close").status_code == 303
    assert not person(database, clerk_id).is_open


def test_a_closed_account_is_out_at_once_and_can_be_reopened(
    administrator: FlaskClient, client_of: ClientOf, database: Database, clerk_id: int
) -> None:
    clerk = client_of("clerk")
    assert administrator.post(f"/admin/people/{clerk_id}/close").status_code == 303
    assert clerk.get("/account").status_code == 302
    assert last_entry(database)[0] == "person_closed"
    assert administrator.post(f"/admin/people/{clerk_id}/reopen").status_code == 303
    assert person(database, clerk_id).is_open
    assert clerk.get("/account").status_code == 302  # the old sign-in stays ended
    assert last_entry(database)[0] == "person_reopened"


def test_an_administrator_signs_somebody_out_everywhere(
    administrator: FlaskClient, client_of: ClientOf, database: Database, clerk_id: int
) -> None:
    clerk = client_of("clerk")
    assert administrator.post(f"/admin/people/{clerk_id}/sign-out").status_code == 303
    assert clerk.get("/account").status_code == 302
    assert last_entry(database) == ("person_signed_out", "Đặng Quản Trị", {"login": "clerk"})


def test_a_new_one_time_password_replaces_the_old_one(
    administrator: FlaskClient, client_of: ClientOf, database: Database, clerk_id: int
) -> None:
    clerk = client_of("clerk")
    answer = administrator.post(f"/admin/people/{clerk_id}/password")
    password = re.findall(r'<code class="secret">(.*?)</code>', answer.text)[0]
    assert matches(person(database, clerk_id).password_hash, password)
    assert person(database, clerk_id).must_change_password
    assert clerk.get("/account").status_code == 302
    assert last_entry(database) == ("one_time_password_given", "Đặng Quản Trị", {"login": "clerk"})


def test_an_administrator_signs_somebody_out_on_one_device(
    administrator: FlaskClient, client_of: ClientOf, database: Database, clerk_id: int
) -> None:
    lost, kept = client_of("clerk"), client_of("clerk")
    cookie = lost.get_cookie(COOKIE)
    assert cookie
    with database.reading() as session:
        held = SignIns(session).whose(cookie.value)
    assert held
    address = f"/admin/people/{clerk_id}/devices/{held[0]}/sign-out"
    assert address in administrator.get(f"/admin/people/{clerk_id}").text
    assert administrator.post(address).status_code == 303
    assert [client.get("/account").status_code for client in (lost, kept)] == [302, 200]
    assert last_entry(database) == ("person_signed_out_device", "Đặng Quản Trị", {"login": "clerk"})
    assert administrator.post(address).status_code == 404


def test_all_who_have_no_password_yet_get_one_at_once(administrator: FlaskClient, database: Database, cast: Cast) -> None:
    answer = administrator.post("/admin/people/passwords")
    assert len(re.findall(r'<code class="secret">', answer.text)) == 7
    # the administrator of these tests had none either, and got one: the sign-in ended with it
    assert person(database, cast.people["administrator"]).must_change_password is False


def test_seats_are_given_dated_and_several(administrator: FlaskClient, database: Database, cast: Cast, clerk_id: int) -> None:
    data = {
        "unit-words": "CD-PHUCAT – LĐLĐ huyện Phù Cát",
        "title": "Phó Chủ tịch",
        "valid_from": "2025-01-01",
        "valid_to": "2025-06-30",
    }
    assert administrator.post(f"/admin/people/{clerk_id}/seats/new", data=data).status_code == 303
    with database.reading() as session:
        account = session.get_one(Person, clerk_id)
        assert account.units_on(date(2025, 6, 30)) == {cast.units["VP"], cast.units["CD-PHUCAT"]}
        assert account.units_on(date(2025, 7, 1)) == {cast.units["VP"]}
        seat_id = next(seat.id for seat in account.seats if seat.title == "Phó Chủ tịch")
    facts = {"unit": "CD-PHUCAT", "title": "Phó Chủ tịch", "valid_from": "2025-01-01", "valid_to": "2025-06-30"}
    assert last_entry(database) == ("seat_added", "Đặng Quản Trị", facts)
    assert administrator.post(f"/admin/people/{clerk_id}/seats/{seat_id}", data=data | {"valid_to": ""}).status_code == 303
    assert person(database, clerk_id).units_on(date(2030, 1, 1)) == {cast.units["VP"], cast.units["CD-PHUCAT"]}
    assert administrator.post(f"/admin/people/{clerk_id}/seats/{seat_id}/remove").status_code == 303
    assert last_entry(database)[0] == "seat_removed"


SEAT = {"unit-words": "CD-PHUCAT", "title": "Ủy viên", "valid_from": "2025-01-01", "valid_to": ""}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"unit-words": "KHONG-CO"}, "Không có đơn vị nào khớp với"),
        ({"unit-words": ""}, "Hãy chọn đơn vị."),
        ({"title": ""}, "Hãy nhập chức danh."),
        ({"valid_from": "31/31/2025"}, "Ngày không đúng."),
        ({"valid_from": ""}, "Hãy nhập ngày bắt đầu."),
        ({"valid_to": "2024-12-31"}, "Ngày kết thúc trước ngày bắt đầu."),
        ({"valid_from": "1980-01-01"}, "Đơn vị này không hoạt động vào ngày bắt đầu"),
        ({"unit-words": "VP", "title": "Cán bộ", "valid_from": "2020-01-01"}, "Vị trí này đã được ghi từ cùng ngày."),
    ],
)
def test_a_seat_that_cannot_be_is_refused_and_what_was_typed_is_kept(
    administrator: FlaskClient, database: Database, clerk_id: int, typed: dict[str, str], sentence: str
) -> None:
    answer = administrator.post(f"/admin/people/{clerk_id}/seats/new", data=SEAT | typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    if "title" not in typed:
        assert 'value="Ủy viên"' in answer.text
    assert len(person(database, clerk_id).seats) == 1


def test_a_seat_of_somebody_else_is_not_found(
    administrator: FlaskClient, database: Database, cast: Cast, clerk_id: int
) -> None:
    others_seat = person(database, cast.people["staff"]).seats[0].id
    assert administrator.get(f"/admin/people/{clerk_id}/seats/{others_seat}").status_code == 404


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=tran+lan", ["Trần Thị Lan"]),
        ("role=clerk", ["Đỗ Thị Sổ", "Lê Văn Thư"]),
        ("unit-words=LĐLĐ+huyện+Phù+Cát", ["Đỗ Thị Sổ", "Phạm Ủy Viên"]),
        ("standing=closed", ["Võ Người Lạ"]),
        ("unit-words=khong-co", []),
        ("role=rubbish&q=quan+tri", ["Đặng Quản Trị"]),
    ],
)
def test_the_list_is_filtered_by_name_role_unit_and_standing(
    administrator: FlaskClient, database: Database, cast: Cast, query: str, names: list[str]
) -> None:
    with database.writing() as session:
        People(session).get(cast.people["stranger"]).is_open = False
    page = administrator.get(f"/admin/people?{query}").text
    assert re.findall(r'<a class="target" href="/admin/people/\d+">(.*?)</a>', page) == names


def test_a_page_number_beyond_the_list_shows_the_last_page(administrator: FlaskClient) -> None:
    assert administrator.get("/admin/people?page=99").status_code == 200


@pytest.mark.parametrize("login", ["archivist", "clerk", "staff", "member", "stranger"])
def test_only_the_administrator_sees_people(client_of: ClientOf, login: str, clerk_id: int) -> None:
    client = client_of(login)
    assert client.get("/admin/people").status_code == 403
    assert client.post(f"/admin/people/{clerk_id}/close").status_code == 403


def test_a_person_that_there_is_not_is_not_found(administrator: FlaskClient) -> None:
    assert administrator.get("/admin/people/999").status_code == 404
    assert administrator.post("/admin/people/999/close").status_code == 404
