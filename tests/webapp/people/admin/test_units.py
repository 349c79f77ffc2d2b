import re
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from domain.people.units import UnitKind
from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.people.units import Unit, Units
from tests.cast import Cast
from tests.webapp.conftest import ClientOf


@pytest.fixture
def administrator(client_of: ClientOf) -> FlaskClient:
    return client_of("administrator")


@pytest.fixture
def merged(database: Database, cast: Cast) -> dict[str, int]:
    """The merger of 2025: the province and Phù Cát end on 30 June; the grassroots union below Phù Cát is left as it was."""
    with database.writing() as session:
        units = Units(session)
        new = Unit(code="LDLD-GL", name="LĐLĐ tỉnh Gia Lai", kind=UnitKind.PROVINCE, valid_from=date(2025, 7, 1))
        commune = Unit(code="CD-XPC", name="Công đoàn xã Phù Cát", kind=UnitKind.UPPER, parent=new, valid_from=date(2025, 7, 1))
        old, district = units.find("LDLD"), units.find("CD-PHUCAT")
        assert old
        assert district
        old.valid_to = district.valid_to = date(2025, 6, 30)
        old.successor, district.successor = new, commune
        base = Unit(
            code="CS-1", name="CĐCS May Phù Cát", kind=UnitKind.GRASSROOTS, parent=district, valid_from=date(2001, 1, 1)
        )
        session.add_all([new, commune, base])
        session.flush()
        return {unit.code: unit.id for unit in units.all()}


def unit(session: Session, code: str) -> Unit:
    found = Units(session).find(code)
    assert found
    return found


def last_entry(database: Database) -> tuple[str, dict[str, Any]]:
    with database.reading() as session:
        entries = AuditTrail(session).page().rows[:1]
        return (entries[0].act, entries[0].facts) if entries else ("", {})


def tree_of(page: str) -> list[str]:
    return re.findall(r'<a href="/admin/units/\d+">(.*?)</a>', page[page.index('<ul class="tree">') : page.rindex("</ul>")])


def test_the_tree_of_the_last_day_and_of_the_next_differ_by_the_merger(
    administrator: FlaskClient, merged: dict[str, int]
) -> None:
    before = tree_of(administrator.get("/admin/units?day=2025-06-30").text)
    assert before[:1] == ["Liên đoàn Lao động tỉnh"]
    assert "LĐLĐ huyện Phù Cát" in before
    after = tree_of(administrator.get("/admin/units?day=2025-07-01").text)
    assert "Công đoàn xã Phù Cát" in after
    assert after.index("CĐCS May Phù Cát") == after.index("Công đoàn xã Phù Cát") + 1


def test_what_ended_is_shown_with_its_successor(administrator: FlaskClient, merged: dict[str, int]) -> None:
    page = administrator.get("/admin/units").text
    ended = page[page.index("Đã kết thúc trước ngày này") :]
    assert "LĐLĐ huyện Phù Cát" in ended
    assert "01/07/1989 – 30/06/2025" in ended
    assert "Công đoàn xã Phù Cát" in ended
    assert "Đã kết thúc" not in administrator.get("/admin/units?day=2025-06-30").text


def test_units_are_found_by_words_without_accents(administrator: FlaskClient, merged: dict[str, int]) -> None:
    page = administrator.get("/admin/units?q=phu+cat").text
    assert "CĐCS May Phù Cát" in page
    assert "LĐLĐ huyện Tuy Phước" not in page


def test_the_history_of_a_unit_names_what_it_carries_on_and_what_came_under_it(
    administrator: FlaskClient, merged: dict[str, int]
) -> None:
    page = administrator.get(f"/admin/units/{merged['CD-XPC']}").text
    assert "LĐLĐ huyện Phù Cát" in page
    assert "đến hết 30/06/2025" in page
    assert "CĐCS May Phù Cát" in page


def test_a_day_that_is_none_shows_today(administrator: FlaskClient, cast: Cast) -> None:
    assert administrator.get("/admin/units?day=31-31-2025").status_code == 200


NEW = {
    "name": "Công đoàn cơ sở Bệnh viện",
    "code": "cs-bv",
    "kind": "grassroots",
    "parent-words": "VP",
    "valid_from": "2020-01-01",
}


def test_a_new_unit_finds_its_place_and_is_recorded(administrator: FlaskClient, database: Database, cast: Cast) -> None:
    answer = administrator.post("/admin/units/new", data=NEW)
    assert answer.status_code == 303
    with database.reading() as session:
        above = unit(session, "CS-BV").parent
        assert above
        assert above.code == "VP"
    facts = {
        "code": "CS-BV", "name": "Công đoàn cơ sở Bệnh viện", "kind": "grassroots", "parent": "VP",
        "valid_from": "2020-01-01", "valid_to": "", "succeeded_by": "",
    }  # fmt: skip
    assert last_entry(database) == ("unit_created", facts)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"code": "VP"}, "Đã có đơn vị mang mã này."),
        ({"code": "a b"}, "Mã chỉ gồm chữ, chữ số"),
        ({"code": ""}, "Hãy nhập mã đơn vị."),
        ({"name": ""}, "Hãy nhập tên."),
        ({"kind": "rubbish"}, "Lựa chọn này không có."),
        ({"parent-words": "KHONG-CO"}, "Không có đơn vị nào khớp với"),
        ({"valid_from": "1980-01-01"}, "Ngày bắt đầu trước ngày thành lập của đơn vị cấp trên"),
        ({"valid_from": "x"}, "Ngày không đúng."),
    ],
)
def test_a_unit_that_breaks_the_tree_is_refused_and_what_was_typed_is_kept(
    administrator: FlaskClient, database: Database, cast: Cast, typed: dict[str, str], sentence: str
) -> None:
    answer = administrator.post("/admin/units/new", data=NEW | typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    if "name" not in typed:
        assert 'value="Công đoàn cơ sở Bệnh viện"' in answer.text
    assert last_entry(database) == ("", {})


def test_a_unit_cannot_be_put_below_itself(administrator: FlaskClient, database: Database, cast: Cast) -> None:
    data = {"name": "LĐLĐ", "code": "LDLD", "kind": "province", "parent-words": "VP", "valid_from": "1989-07-01"}
    answer = administrator.post(f"/admin/units/{cast.units['LDLD']}/edit", data=data)
    assert answer.status_code == 422
    assert "Đơn vị nằm dưới chính nó" in answer.text
    with database.reading() as session:
        assert unit(session, "LDLD").parent is None


def test_a_change_that_breaks_another_unit_names_it(administrator: FlaskClient, cast: Cast) -> None:
    data = {
        "name": "Liên đoàn Lao động tỉnh",
        "code": "LDLD",
        "kind": "province",
        "parent-words": "",
        "valid_from": "1999-01-01",
    }
    answer = administrator.post(f"/admin/units/{cast.units['LDLD']}/edit", data=data)
    assert answer.status_code == 422
    assert "Đơn vị CD-PHUCAT: ngày bắt đầu trước ngày thành lập" in answer.text


def test_a_correction_is_recorded_with_what_was_before(administrator: FlaskClient, database: Database, cast: Cast) -> None:
    data = {"name": "Văn phòng LĐLĐ", "code": "VP", "kind": "office", "parent-words": "LDLD", "valid_from": "1989-07-01"}
    assert administrator.post(f"/admin/units/{cast.units['VP']}/edit", data=data).status_code == 303
    act, facts = last_entry(database)
    assert (act, facts["name"], facts["before"]["name"]) == ("unit_changed", "Văn phòng LĐLĐ", "Văn phòng")


def test_a_unit_ends_with_its_successor(administrator: FlaskClient, database: Database, merged: dict[str, int]) -> None:
    address = f"/admin/units/{merged['CD-TUYPHUOC']}/end"
    assert administrator.post(address, data={"valid_to": "2025-06-30", "succeeded_by-words": "LDLD-GL"}).status_code == 303
    with database.reading() as session:
        ended = unit(session, "CD-TUYPHUOC")
        assert ended.successor
        assert (ended.valid_to, ended.successor.code) == (date(2025, 6, 30), "LDLD-GL")
    assert last_entry(database)[0] == "unit_ended"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"valid_to": ""}, "Hãy nhập ngày cuối cùng hoạt động."),
        ({"valid_to": "1980-01-01"}, "Ngày kết thúc trước ngày bắt đầu"),
        ({"succeeded_by-words": "CD-TUYPHUOC"}, "Đơn vị kế thừa là chính nó"),
        ({"succeeded_by-words": "khong-co"}, "Không có đơn vị nào khớp với"),
    ],
)
def test_an_end_that_cannot_be_is_refused(
    administrator: FlaskClient, database: Database, merged: dict[str, int], typed: dict[str, str], sentence: str
) -> None:
    data = {"valid_to": "2025-06-30", "succeeded_by-words": ""} | typed
    answer = administrator.post(f"/admin/units/{merged['CD-TUYPHUOC']}/end", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    with database.reading() as session:
        assert unit(session, "CD-TUYPHUOC").valid_to is None


def test_an_end_written_by_mistake_is_taken_back(
    administrator: FlaskClient, database: Database, merged: dict[str, int]
) -> None:
    assert administrator.post(f"/admin/units/{merged['CD-PHUCAT']}/stand").status_code == 303
    with database.reading() as session:
        assert unit(session, "CD-PHUCAT").valid_to is None
    assert last_entry(database)[0] == "unit_end_taken_back"


def test_before_there_is_any_unit_the_page_says_what_to_do_first(administrator: FlaskClient, database: Database) -> None:
    page = administrator.get("/admin/units?day=1900-01-01").text
    assert "Vào ngày này chưa có đơn vị nào." in page


@pytest.mark.parametrize("login", ["archivist", "member"])
def test_only_the_administrator_keeps_units(client_of: ClientOf, cast: Cast, login: str) -> None:
    assert client_of(login).get("/admin/units").status_code == 403
    assert client_of(login).post(f"/admin/units/{cast.units['VP']}/end", data={}).status_code == 403
