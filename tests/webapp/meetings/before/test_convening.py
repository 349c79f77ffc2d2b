"""Who prepares a meeting by office: the clerks of the unit whose body meets, not those of every unit."""

from datetime import timedelta

import pytest

from domain.ground import clock
from domain.meetings.meetings import MeetingState
from storage.ground.database import Database
from storage.meetings.bodies import Body
from storage.meetings.meetings import Meeting
from storage.meetings.opinions import OpinionRounds
from storage.meetings.preparing import Preparation
from storage.meetings.tasks import Conclusions, Tasks
from storage.people.people import People
from tests.cast import Cast
from tests.meetings import gather_meeting
from tests.webapp.conftest import ClientOf

TITLE = "Hội nghị Ban Chấp hành lần thứ 12"


@pytest.fixture
def meeting(database: Database, cast: Cast) -> int:
    return gather_meeting(database, cast).meeting


@pytest.fixture
def body(database: Database, meeting: int) -> int:
    with database.reading() as session:
        return session.query(Body).one().id


@pytest.mark.parametrize("login", ["clerk", "administrator"])
def test_who_keeps_the_bodies_of_the_unit_reaches_them(client_of: ClientOf, body: int, login: str) -> None:
    client = client_of(login)
    assert "Ban Chấp hành khóa XIV" in client.get("/bodies").text
    assert client.get(f"/bodies/{body}").status_code == 200


def test_the_clerk_of_another_unit_keeps_none_of_them(client_of: ClientOf, body: int) -> None:
    client = client_of("unit_clerk")
    assert "Ban Chấp hành khóa XIV" not in client.get("/bodies").text
    for tail in ("", "/edit", "/members/new", "/rules/new"):
        assert client.get(f"/bodies/{body}{tail}").status_code == 404
    assert client.post(f"/bodies/{body}/edit", data={"name": "Của tôi"}).status_code == 404


def test_a_body_is_set_up_in_the_own_unit_only(client_of: ClientOf, database: Database, body: int) -> None:
    data = {"name": "Ban Thường vụ", "valid_from": "2026-01-01", "valid_to": ""}
    client = client_of("unit_clerk")
    assert client.post("/bodies/new", data=data | {"unit-words": "LDLD"}).status_code == 422
    assert client.post("/bodies/new", data=data | {"unit-words": "CD-PHUCAT"}).status_code == 303
    with database.reading() as session:
        assert [one.unit.code for one in session.query(Body).order_by(Body.id)] == ["LDLD", "CD-PHUCAT"]


def test_the_clerk_of_the_unit_prepares_the_meetings_of_its_bodies(client_of: ClientOf, meeting: int) -> None:
    client = client_of("clerk")
    assert TITLE in client.get("/meetings?all=1").text
    assert client.get(f"/meetings/{meeting}/edit").status_code == 200


def test_the_clerk_of_another_unit_knows_of_none_of_them(client_of: ClientOf, meeting: int) -> None:
    client = client_of("unit_clerk")
    assert TITLE not in client.get("/meetings?all=1").text
    for tail in ("", "/edit", "/agenda", "/participants", "/papers", "/room", "/votes", "/minutes", "/conclusions", "/pack"):
        assert client.get(f"/meetings/{meeting}{tail}").status_code == 404, tail


def test_a_meeting_is_called_for_bodies_of_the_own_unit_only(client_of: ClientOf, body: int) -> None:
    assert "Ban Chấp hành khóa XIV" in client_of("clerk").get("/meetings/new").text
    assert "Ban Chấp hành khóa XIV" not in client_of("unit_clerk").get("/meetings/new").text
    assert client_of("unit_clerk").post("/meetings/new", data={"body": str(body), "title": "Họp"}).status_code == 422


def test_neither_templates_nor_copies_show_the_meetings_of_another_unit(
    client_of: ClientOf, database: Database, cast: Cast, meeting: int
) -> None:
    with database.writing() as session:
        one = session.get_one(Meeting, meeting)
        Preparation(session, one).save_template(People(session).get(cast.people["clerk"]), "Mẫu hội nghị thường kỳ")
    assert "Mẫu hội nghị thường kỳ" in client_of("clerk").get("/meetings/new").text
    assert "Mẫu hội nghị thường kỳ" not in client_of("unit_clerk").get("/meetings/new").text
    assert TITLE in client_of("clerk").get(f"/meetings/new?from={meeting}").text
    assert TITLE not in client_of("unit_clerk").get(f"/meetings/new?from={meeting}").text


def test_whoever_called_a_meeting_goes_on_preparing_it(
    client_of: ClientOf, database: Database, cast: Cast, meeting: int
) -> None:
    with database.writing() as session:
        session.get_one(Meeting, meeting).created_by_id = cast.people["unit_clerk"]
    assert client_of("unit_clerk").get(f"/meetings/{meeting}/edit").status_code == 200


def test_the_tasks_of_the_meetings_of_another_unit_are_nobodys_there(
    client_of: ClientOf, database: Database, cast: Cast, meeting: int
) -> None:
    with database.writing() as session:
        one, member = session.get_one(Meeting, meeting), People(session).get(cast.people["member"])
        one.state, one.closed_at = MeetingState.CLOSED, clock.now()
        conclusion = Conclusions(session, one).add("Nhất trí.", member)
        task = (
            Tasks(session)
            .add(conclusion, "Hoàn thiện Nghị quyết", clock.today() - timedelta(days=2), member, owner=member, unit=None)
            .id
        )
    for show, status in (("clerk", 200), ("unit_clerk", 404)):
        client = client_of(show)
        assert ("Hoàn thiện Nghị quyết" in client.get("/tasks?show=overdue").text) is (status == 200)
        assert ("Hoàn thiện Nghị quyết" in client.get("/tasks?show=open").text) is (status == 200)
        assert client.get(f"/tasks/{task}").status_code == status


def test_the_rounds_of_another_units_bodies_are_neither_seen_nor_begun(
    client_of: ClientOf, database: Database, cast: Cast, body: int
) -> None:
    with database.writing() as session:
        asked = OpinionRounds(session).begin(
            session.get_one(Body, body), "Đồng ý với dự thảo?", explanation="",
            deadline=clock.now() + timedelta(days=3), officer_id=cast.people["clerk"],
        ).id  # fmt: skip
    with database.writing() as session:
        OpinionRounds(session).get(asked).officer_id = cast.people["member"]
    assert "Đồng ý với dự thảo?" in client_of("clerk").get("/opinion-rounds").text
    assert client_of("clerk").get(f"/opinion-rounds/{asked}").status_code == 200
    client = client_of("unit_clerk")
    assert "Đồng ý với dự thảo?" not in client.get("/opinion-rounds").text
    assert client.get(f"/opinion-rounds/{asked}").status_code == 404
    assert client.post(f"/opinion-rounds/{asked}/remind").status_code == 404
    assert "Ban Chấp hành khóa XIV" not in client.get("/opinion-rounds/new").text
