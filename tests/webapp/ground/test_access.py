import pytest
from flask import Blueprint, Flask
from sqlalchemy.orm import Session

from domain.people.roles import Permission
from storage.ground.database import Database
from storage.people.people import People
from tests.cast import PEOPLE, Cast
from tests.webapp.conftest import ClientOf
from webapp import app as program
from webapp.ground.access import ViewWithoutPermission, audit, check_every_view, may, me, requires, shows
from webapp.ground.system import System


def test_a_view_without_a_permission_stops_the_program_from_starting(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    bp = Blueprint("forgotten", __name__)

    @bp.get("/forgotten")
    def forgotten() -> str:
        return ""

    monkeypatch.setattr(program, "init_news", lambda app: app.register_blueprint(bp))
    with pytest.raises(ViewWithoutPermission, match=r"forgotten\.forgotten"):
        program.create_app(system)


def test_every_view_of_the_program_names_its_permission(app: Flask) -> None:
    check_every_view(app)


def test_a_permission_is_a_word_on_the_view() -> None:
    @requires(Permission.FIND)
    def view() -> str:
        return ""

    assert vars(view)["permission"] is Permission.FIND


def test_a_page_that_only_reads_names_its_permission_and_is_handed_its_session(app: Flask, cast: Cast) -> None:
    @shows(Permission.FIND)
    def page(session: Session, login: str) -> str:
        return People(session).named(login).name

    assert vars(page)["permission"] is Permission.FIND
    with app.test_request_context():
        assert page("clerk") == PEOPLE["clerk"][0]


@pytest.mark.parametrize(
    ("login", "status"), [("administrator", 200), ("archivist", 403), ("clerk", 403), ("stranger", 403), ("nobody", 302)]
)
def test_the_gate_stands_before_every_view(client_of: ClientOf, login: str, status: int) -> None:
    assert client_of(login).get("/admin/units").status_code == status


def test_a_closed_account_is_nobody_from_the_next_request_on(client_of: ClientOf, database: Database, cast: Cast) -> None:
    clerk = client_of("clerk")
    assert clerk.get("/account").status_code == 200
    with database.writing() as session:
        People(session).get(cast.people["clerk"]).is_open = False
    answer = clerk.get("/account")
    assert (answer.status_code, answer.location) == (302, "/sign-in?next=/account")


def test_a_role_that_is_taken_away_counts_from_the_next_request_on(client_of: ClientOf, database: Database, cast: Cast) -> None:
    administrator = client_of("administrator")
    assert administrator.get("/admin/audit").status_code == 200
    with database.writing() as session:
        People(session).get(cast.people["administrator"]).roles = frozenset()
    assert administrator.get("/admin/audit").status_code == 403


def test_a_fragment_that_needs_signing_in_sends_the_whole_page_there(client_of: ClientOf) -> None:
    answer = client_of("nobody").get("/admin/units", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/sign-in")


def test_a_program_that_needs_signing_in_is_told_so_without_a_redirect(client_of: ClientOf) -> None:
    answer = client_of("nobody").get("/admin/units", headers={"Accept": "application/json"})
    assert answer.status_code == 401


def test_a_forged_cookie_is_nobody(app: Flask) -> None:
    client = app.test_client()
    client.set_cookie("khonggiay", "x" * 43)
    assert client.get("/account").status_code == 302


def test_within_a_request_it_is_known_who_asks_and_written_down_with_the_address(
    app: Flask, client_of: ClientOf, database: Database
) -> None:
    seen = []

    @requires(Permission.SIGNED_IN)
    def probe() -> str:
        with database.writing() as session:
            audit(session, "unit_created", subject=("unit", 1))
        seen.append((me().login, may(Permission.FIND), may("manage_people")))
        return ""

    app.add_url_rule("/probe", view_func=probe)
    client_of("clerk").get("/probe")
    assert seen == [("clerk", True, False)]
