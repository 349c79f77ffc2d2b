"""The field in which one is picked out of many: by a script's search or by a button without one, and never beyond its candidates."""

import re
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from storage.ground.database import Database
from storage.indicators.plans import seed_plan
from storage.meetings.bodies import Body, BodyMember
from storage.people.people import Person, Seat
from tests.cast import Cast
from tests.meetings import Gathering
from tests.webapp.conftest import ClientOf

HOAS = [("hoa.vp", "VP", "Văn thư"), ("hoa.pc", "CD-PHUCAT", "Kế toán"), ("hoa.tp", "CD-TUYPHUOC", "Kế toán")]
MEMBER = {"title": "Ủy viên", "position": "9", "has_vote": "y", "valid_from": "2026-01-01", "valid_to": ""}


@pytest.fixture
def hoas(database: Database, cast: Cast) -> dict[str, int]:
    """Three of one name, and one who has left."""
    with database.writing() as session:
        people = [
            Person(
                login=login,
                name="Nguyễn Thị Hoa",
                password_hash="!",
                seats=[Seat(unit_id=cast.units[unit], title=title, valid_from=date(2020, 1, 1))],
            )
            for login, unit, title in HOAS
        ]
        people.append(Person(login="hoa.cu", name="Nguyễn Thị Hoa", password_hash="!", is_open=False))
        session.add_all(people)
        session.flush()
        return {one.login: one.id for one in people}


@pytest.fixture
def members(convened: Gathering, database: Database) -> str:
    """The address of the form for a new member."""
    with database.reading() as session:
        return f"/bodies/{session.scalars(select(Body.id)).one()}/members/new"


def offered(answer: TestResponse) -> list[tuple[str, str]]:
    """What may be ticked: keys and names."""
    rows = re.findall(
        r'type="radio" name="person" value="(\d+)"[^>]*> <span class="candidate">(.*?)</span></label>', answer.text
    )
    return [(key, re.sub(r"<[^>]+>", "", text)) for key, text in rows]


def test_without_a_script_the_button_searches_and_nothing_is_saved_or_lost(
    client_of: ClientOf, members: str, hoas: dict[str, int], database: Database
) -> None:
    clerk = client_of("clerk")
    answer = clerk.post(members, data=MEMBER | {"person-words": "hoa nguyen", "pick": "person", "title": "Ủy viên mới"})
    assert offered(answer) == [
        (str(hoas["hoa.pc"]), "Nguyễn Thị Hoa Kế toán, LĐLĐ huyện Phù Cát"),
        (str(hoas["hoa.tp"]), "Nguyễn Thị Hoa Kế toán, LĐLĐ huyện Tuy Phước"),
        (str(hoas["hoa.vp"]), "Nguyễn Thị Hoa Văn thư, Văn phòng"),
        (str(hoas["hoa.cu"]), "Nguyễn Thị Hoa (tài khoản đã đóng)"),
    ]
    assert "4 người khớp. Hãy chọn một người." in answer.text
    assert 'value="Ủy viên mới"' in answer.text
    assert "Chưa lưu được" not in answer.text
    ticked = {"person": str(hoas["hoa.tp"]), "person-words": "hoa nguyen", "person-asked": "hoa nguyen"}
    assert clerk.post(members, data=MEMBER | ticked).status_code == 303
    with database.reading() as session:
        assert hoas["hoa.tp"] in session.scalars(select(BodyMember.person_id)).all()


def test_a_name_that_several_bear_is_not_guessed(client_of: ClientOf, members: str, hoas: dict[str, int]) -> None:
    answer = client_of("clerk").post(members, data=MEMBER | {"person-words": "Nguyễn Thị Hoa"})
    assert (answer.status_code, len(offered(answer))) == (422, 4)
    assert "Thành viên: 4 người khớp. Hãy chọn một người." in answer.text


def test_what_was_typed_after_a_choice_is_not_passed_over(client_of: ClientOf, members: str, hoas: dict[str, int]) -> None:
    data = MEMBER | {"person": str(hoas["hoa.vp"]), "person-words": "tran thi"}
    answer = client_of("clerk").post(members, data=data)
    assert answer.status_code == 422
    assert [text for _key, text in offered(answer)] == ["Nguyễn Thị Hoa Văn thư, Văn phòng", "Trần Thị Lan Cán bộ, Văn phòng"]


def test_the_button_that_enter_presses_saves_where_nothing_is_to_be_searched(
    client_of: ClientOf, members: str, hoas: dict[str, int]
) -> None:
    clerk = client_of("clerk")
    assert "Hãy tìm rồi chọn một người." in clerk.post(members, data=MEMBER | {"pick": "person"}).text
    assert clerk.post(members, data=MEMBER | {"pick": "person", "person": str(hoas["hoa.vp"])}).status_code == 303


def test_what_a_form_sends_is_asked_of_the_same_candidates(
    client_of: ClientOf, convened: Gathering, hoas: dict[str, int]
) -> None:
    clerk, address = client_of("clerk"), f"/meetings/{convened.meeting}/participants"
    for key in (str(hoas["hoa.cu"]), "999999", "0", "' OR 1=1", "٣"):
        answer = clerk.post(address, data={"part": "guest", "person": key})
        assert (answer.status_code, "Lựa chọn này không dùng được ở đây" in answer.text) == (422, True), key
    assert clerk.post(address, data={"part": "guest", "person": str(hoas["hoa.vp"])}).status_code == 303


def found(client: FlaskClient, address: str) -> list[str]:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return [row["name"] for row in answer.get_json()["rows"]]


def test_each_field_finds_for_whoever_asks_what_its_form_takes(
    client_of: ClientOf, convened: Gathering, hoas: dict[str, int]
) -> None:
    meeting = f"/meetings/{convened.meeting}/people?q=hoa+nguyen"
    assert len(found(client_of("clerk"), "/bodies/people?q=hoa+nguyen")) == 4
    assert [len(found(client_of("clerk"), one)) for one in (meeting, "/meetings/people?q=hoa+nguyen")] == [3, 3]
    assert found(client_of("unit_clerk"), "/bodies/units?q=") == ["LĐLĐ huyện Phù Cát"]
    assert len(found(client_of("administrator"), "/bodies/units?q=")) == 4


@pytest.mark.parametrize(
    ("login", "address", "status"),
    [
        ("member", "/bodies/people", 403),
        ("staff", "/meetings/people", 403),
        ("stranger", "/meetings/people", 403),
        ("member", "/meetings/{meeting}/people", 403),
        ("staff", "/meetings/{meeting}/people", 404),
        ("clerk", "/admin/people/units", 403),
        ("clerk", "/admin/units/candidates", 403),
    ],
)
def test_nobody_searches_for_a_form_that_is_not_theirs(
    client_of: ClientOf, convened: Gathering, login: str, address: str, status: int
) -> None:
    assert client_of(login).get(address.format(meeting=convened.meeting) + "?q=hoa").status_code == status


def test_what_the_script_is_told_holds_no_more_than_a_row_shows(client_of: ClientOf, hoas: dict[str, int]) -> None:
    answer = client_of("clerk").get("/meetings/people?q=hoa+phu+cat").get_json()
    row = {"key": str(hoas["hoa.pc"]), "name": "Nguyễn Thị Hoa", "about": "Kế toán, LĐLĐ huyện Phù Cát", "past": ""}
    assert answer == {"rows": [row], "said": "1 người khớp. Hãy chọn một người.", "rest": ""}


def test_those_beyond_twenty_are_counted(client_of: ClientOf, database: Database) -> None:
    with database.writing() as session:
        session.add_all(Person(login=f"k{n:02}", name=f"Lê Khải {n:02}", password_hash="!") for n in range(37))
    answer = client_of("clerk").get("/meetings/people?q=khải").get_json()
    assert (len(answer["rows"]), answer["rest"]) == (20, "Còn 17 người; gõ thêm tên hoặc đơn vị để thu hẹp.")


def test_a_register_is_filtered_by_a_unit_that_is_searched_and_only_among_those_one_sees(
    client_of: ClientOf, cast: Cast
) -> None:
    clerk, chip = client_of("clerk"), 'name="unit" value="{}" checked'
    assert [row["name"] for row in clerk.get("/directives/units?q=phu+cat").get_json()["rows"]] == ["LĐLĐ huyện Phù Cát"]
    for address in ("/directives/", "/directives/incoming"):
        by_id = clerk.get(f"{address}?unit={cast.units['CD-PHUCAT']}&unit-words=").text
        by_words = clerk.get(f"{address}?unit-words=cd-phucat").text
        assert chip.format(cast.units["CD-PHUCAT"]) in by_id
        assert chip.format(cast.units["CD-PHUCAT"]) in by_words
        searched = clerk.get(f"{address}?unit-words=huyen&pick=unit").text
        assert "2 đơn vị khớp. Hãy chọn một đơn vị." in searched
    assert chip.format(cast.units["LDLD"]) in clerk.get("/directives/").text
    assert "Sổ của mọi đơn vị bạn được xem." in clerk.get("/directives/?unit-words=").text
    assert [row["name"] for row in client_of("unit_clerk").get("/directives/units?q=").get_json()["rows"]] == [
        "LĐLĐ huyện Phù Cát"
    ]
    assert client_of("stranger").get("/directives/units?q=").status_code == 403


LOOKED_AT = [  # pages about one unit, and the name of its field
    ("/directives/numbering", "unit"),
    ("/directives/reports", "unit"),
    ("/directives/share", "unit_id"),
    ("/directives/compare", "unit"),
    ("/indicators/", "unit"),
    ("/indicators/reports/", "unit"),
    ("/indicators/consolidated/", "unit"),
]


@pytest.mark.parametrize(("address", "name"), LOOKED_AT)
def test_a_page_about_a_unit_is_turned_to_another_by_searching(
    client_of: ClientOf, database: Database, cast: Cast, address: str, name: str
) -> None:
    with database.writing() as session:
        seed_plan(session)
    clerk, own, other = client_of("clerk"), cast.units["LDLD"], cast.units["CD-PHUCAT"]
    chip, more = f'name="{name}" value="{{}}" checked', "&year=2025" if address.endswith("compare") else ""
    first = clerk.get(address)
    assert (first.status_code, chip.format(own) in first.text) == (200, True)
    assert "LĐLĐ huyện Tuy Phước</option>" not in first.text
    for asked in (f"{name}={other}&{name}-words=", f"{name}-words=cd-phucat", f"{name}={other}&{name}-words=&pick={name}"):
        there = clerk.get(f"{address}?{asked}{more}")
        assert (there.status_code, chip.format(other) in there.text) == (200, True), asked
    searched = clerk.get(f"{address}?{name}={own}&{name}-words=huyen&pick={name}{more}").text
    assert "2 đơn vị khớp. Hãy chọn một đơn vị." in searched
    assert chip.format(own) in searched
    doubtful = clerk.get(f"{address}?{name}-words=huyen{more}").text
    assert f'value="{other}"' in doubtful
    assert 'class="error"' in doubtful
    not_seen = client_of("unit_clerk").get(f"{address}?{name}={own}{more}")
    assert chip.format(own) not in not_seen.text


@pytest.mark.parametrize("address", ["/directives/numbering", "/directives/reports", "/indicators/"])
def test_whoever_sees_one_unit_is_offered_no_other(client_of: ClientOf, database: Database, address: str) -> None:
    with database.writing() as session:
        seed_plan(session)
    assert 'class="field picker' not in client_of("unit_clerk").get(address).text


def test_an_office_has_no_register_to_look_at(client_of: ClientOf) -> None:
    names = [row["name"] for row in client_of("clerk").get("/directives/units?q=").get_json()["rows"]]
    assert names == ["LĐLĐ huyện Phù Cát", "LĐLĐ huyện Tuy Phước", "Liên đoàn Lao động tỉnh"]


def test_the_audit_trail_is_filtered_by_somebody_who_is_searched_also_one_who_has_left(
    client_of: ClientOf, hoas: dict[str, int]
) -> None:
    administrator = client_of("administrator")
    rows = administrator.get("/admin/audit/people?q=hoa+nguyen").get_json()["rows"]
    assert [row["past"] for row in rows] == ["", "", "", "tài khoản đã đóng"]
    page = administrator.get(f"/admin/audit?person={hoas['hoa.cu']}").text
    assert f'name="person" value="{hoas["hoa.cu"]}" checked' in page
    assert "4 người khớp. Hãy chọn một người." in administrator.get("/admin/audit?person-words=hoa+nguyen&pick=person").text
    assert client_of("clerk").get("/admin/audit/people?q=").status_code == 403
