"""What every act in a meeting shares: the right of the part, one effect for each key, the event and its audit entry."""

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from domain.meetings.meetings import Right
from domain.people.roles import Permission
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.meetings.floor import Speech
from storage.meetings.meetings import MeetingEvent
from tests.meetings import Gathering
from tests.stored import rows
from tests.webapp.conftest import ClientOf
from webapp.ground.access import requires
from webapp.ground.words import ACTS
from webapp.meetings.live.acts import Act, acts

bp = Blueprint("bell", __name__)


@bp.post("/meetings/<int:meeting_id>/bell")
@requires(Permission.ATTEND_MEETINGS)
@acts(Right.PRESIDE)
def ring(act: Act) -> None:
    """An act of no consequence."""
    act.record("bell_rung", parts="now", item=act.meeting.items[0], loudness=3)


@pytest.fixture(autouse=True)
def bell(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    app.register_blueprint(bp)
    monkeypatch.setitem(ACTS, "bell_rung", "Rung chuông")


def rings(client: FlaskClient, gathering: Gathering, **form: str) -> TestResponse:
    return client.post(f"/meetings/{gathering.meeting}/bell", data=form, headers={"X-Live": "1"})


def test_an_act_leaves_the_next_revision_an_event_and_an_audit_entry(
    client_of: ClientOf, in_session: Gathering, database: Database
) -> None:
    assert rings(client_of("chair"), in_session).status_code == 204
    assert rings(client_of("chair"), in_session).status_code == 204
    events = rows(database, MeetingEvent)
    assert [(event.revision, event.kind, event.parts, event.facts) for event in events] == [
        (1, "bell_rung", "now", {"loudness": 3}),
        (2, "bell_rung", "now", {"loudness": 3}),
    ]
    assert [entry.act for entry in rows(database, AuditEntry)][-2:] == ["bell_rung", "bell_rung"]


def test_the_same_key_acts_once_and_is_answered_as_before(
    client_of: ClientOf, in_session: Gathering, database: Database
) -> None:
    for _ in range(3):
        assert rings(client_of("chair"), in_session, act_id="a-key").status_code == 204
    assert len(rows(database, MeetingEvent)) == 1


@pytest.mark.parametrize("login", ["deputy", "secretary", "member", "guest"])
def test_who_does_not_preside_is_refused(client_of: ClientOf, in_session: Gathering, login: str) -> None:
    assert rings(client_of(login), in_session).status_code == 403


@pytest.mark.parametrize("login", ["staff", "archivist", "administrator"])
def test_for_who_has_no_part_in_it_the_meeting_does_not_exist(client_of: ClientOf, in_session: Gathering, login: str) -> None:
    assert rings(client_of(login), in_session).status_code == 404


def test_a_browser_without_scripts_is_led_back_to_the_room(client_of: ClientOf, in_session: Gathering) -> None:
    answer = client_of("chair").post(f"/meetings/{in_session.meeting}/bell")
    assert (answer.status_code, answer.location) == (303, f"/meetings/{in_session.meeting}/room")


def test_nobody_is_led_to_another_site(client_of: ClientOf, in_session: Gathering) -> None:
    answer = client_of("chair").post(f"/meetings/{in_session.meeting}/bell", data={"back": "https://elsewhere.example/"})
    assert answer.location == f"/meetings/{in_session.meeting}/room"


def test_the_same_key_of_two_people_is_two_presses(client_of: ClientOf, in_session: Gathering, database: Database) -> None:
    for login in ("member", "delegate", "member"):
        client_of(login).post(f"/meetings/{in_session.meeting}/floor", data={"kind": "speech", "act_id": "same"})
    assert [speech.participant_id for speech in rows(database, Speech)] == [
        in_session.participants["member"], in_session.participants["delegate"],
    ]  # fmt: skip


def test_what_is_said_in_a_meeting_is_not_copied_into_the_trail(
    client_of: ClientOf, in_session: Gathering, database: Database
) -> None:
    address = f"/meetings/{in_session.meeting}/incidents"
    client_of("chair").post(address, data={"text": "Cúp điện lúc kiểm phiếu"})
    assert rows(database, MeetingEvent)[-1].facts == {"text": "Cúp điện lúc kiểm phiếu"}
    (entry,) = [one for one in rows(database, AuditEntry) if one.act == "incident_noted"]
    assert (entry.subject_kind, entry.subject_id, entry.facts) == ("meeting", str(in_session.meeting), {})
