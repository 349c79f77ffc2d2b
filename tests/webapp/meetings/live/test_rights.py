"""Every act in a meeting, by everybody in it: refused exactly to whom the part does not give the right."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from domain.meetings.meetings import Part, Right, rights_of
from domain.people.roles import Role, permissions_of
from tests.cast import PEOPLE
from tests.meetings import PARTICIPANTS, Gathering
from tests.webapp.conftest import ClientOf
from webapp.ground.access import permission_of

IN_IT = {login: rights_of(part, has_vote=has_vote, presides=login == "chair") for login, _, _, part, has_vote in PARTICIPANTS}
# These ask for more than the right: which approval one may give, whether one presents or has a part of one's own, who presided.
FINER = ("/minutes/999999/approve", "/presenting", "/presenting/stop", "/leave", "/check-in", "/attendance/999999")
CONVENER = frozenset({Right.ATTEND, Right.PREPARE})  # the clerk, who prepares any meeting and has no part in this one


def acts_of(app: Flask, meeting_id: int, login: str) -> Iterator[tuple[Right, bool, str]]:
    """Each act's right, whether the role allows it at all, and its address in that meeting, where nothing else bears the numbers."""
    permissions = permissions_of(PEOPLE[login][1] if login in PEOPLE else {Role.MEMBER})
    for rule in app.url_map.iter_rules():
        right = getattr(app.view_functions[rule.endpoint], "right", None)
        if right is not None:
            address = rule.rule.replace("<int:meeting_id>", str(meeting_id))
            yield right, permission_of(app, rule.endpoint) in permissions, re.sub(r"<[^>]+>", "999999", address)


@pytest.mark.parametrize("login", [*IN_IT, "clerk"])
def test_an_act_is_refused_to_whom_the_part_does_not_give_the_right_and_to_nobody_else(
    app: Flask, client_of: ClientOf, in_session: Gathering, login: str
) -> None:
    rights, client = IN_IT.get(login, CONVENER), client_of(login)
    wrong = []
    for right, is_permitted, address in acts_of(app, in_session.meeting, login):
        status = client.post(address).status_code
        admits = is_permitted and right in rights
        if status >= 500 or (admits != (status != 403) and not (admits and address.endswith(FINER))):
            wrong.append((right, address, status))
    assert wrong == []


@pytest.mark.parametrize("login", ["staff", "archivist", "administrator", "stranger"])
def test_for_everybody_else_there_is_no_such_meeting(
    app: Flask, client_of: ClientOf, in_session: Gathering, login: str
) -> None:
    client = client_of(login)
    assert {client.post(address).status_code for _, _, address in acts_of(app, in_session.meeting, login)} <= {404, 403}


def test_a_guest_has_no_vote_whatever_the_list_says() -> None:
    assert Right.VOTE not in rights_of(Part.GUEST, has_vote=True, presides=False)
