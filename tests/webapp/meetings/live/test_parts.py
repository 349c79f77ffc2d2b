"""What clients fetch who come back together is rendered once for each audience and revision, and never for the wrong one."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.meetings import Gathering
from tests.webapp.conftest import ClientOf
from webapp.meetings.live import news as live
from webapp.meetings.live import parts
from webapp.meetings.live.view import RoomView

pytestmark = pytest.mark.usefixtures("in_session")


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    audiences: list[str] = []
    render = parts.render

    def noted(view: RoomView, names: tuple[str, ...] = parts.PARTS) -> dict[str, str]:
        audiences.append(view.audience)
        return render(view, names)

    monkeypatch.setattr(parts, "KEPT_S", 60.0)  # however slow the machine
    monkeypatch.setattr(parts, "render", noted)
    return audiences


def fetch(client: FlaskClient, gathering: Gathering) -> dict[str, Any]:
    return client.get(f"/meetings/{gathering.meeting}/parts").get_json()


def test_members_who_come_back_together_cost_one_rendering(
    client_of: ClientOf, in_session: Gathering, rendered: list[str]
) -> None:
    first, second = (fetch(client_of(login), in_session)["parts"] for login in ("member", "delegate"))
    assert rendered == ["members"]
    assert first["agenda"] == second["agenda"]


def test_the_head_is_never_given_what_is_kept_for_members_nor_the_other_way_round(
    client_of: ClientOf, in_session: Gathering, rendered: list[str]
) -> None:
    member, chair = (fetch(client_of(login), in_session)["parts"] for login in ("member", "chair"))
    assert rendered == ["members", "head"]
    assert "agenda-acts" in chair["agenda"]
    assert "agenda-acts" not in member["agenda"]


def test_what_is_kept_holds_no_token_of_whoever_came_first(client_of: ClientOf, in_session: Gathering) -> None:
    shared = fetch(client_of("member"), in_session)["parts"]
    assert all("csrf_token" not in html for name, html in shared.items() if name != "mine")


def test_after_a_ballot_nothing_kept_is_given(
    app: Flask, client_of: ClientOf, in_session: Gathering, rendered: list[str]
) -> None:
    fetch(client_of("member"), in_session)
    with app.app_context():
        live.announcer().kept.forget(in_session.meeting)
    fetch(client_of("member"), in_session)
    assert rendered == ["members", "members"]


def test_nothing_is_kept_longer_than_a_second(
    client_of: ClientOf, in_session: Gathering, rendered: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "KEPT_S", 0.0)
    fetch(client_of("member"), in_session)
    fetch(client_of("member"), in_session)
    assert rendered == ["members", "members"]


def test_a_guest_of_one_item_is_rendered_alone(client_of: ClientOf, in_session: Gathering, rendered: list[str]) -> None:
    fetch(client_of("guest"), in_session)
    assert rendered == []
