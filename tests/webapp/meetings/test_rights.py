"""Every act in a meeting, by everybody in it: refused exactly to whom the part does not give the right."""

import re

import pytest

from domain.meetings import Part, Right, rights_of
from tests.meetings import PARTICIPANTS

IN_IT = {login: rights_of(part, has_vote=has_vote, presides=login == "chair") for login, _, _, part, has_vote in PARTICIPANTS}
CONVENER = frozenset({Right.ATTEND, Right.PREPARE})  # the clerk, who prepares any meeting and has no part in this one


def acts_of(app, meeting_id):
    """Each act's right and its address in that meeting, where nothing else bears the numbers."""
    for rule in app.url_map.iter_rules():
        right = getattr(app.view_functions[rule.endpoint], "right", None)
        if right is not None:
            address = rule.rule.replace("<int:meeting_id>", str(meeting_id))
            yield right, re.sub(r"<[^>]+>", "999999", address)


def answers(app, client, gathering):
    return [(right, address, client.post(address).status_code) for right, address in acts_of(app, gathering.meeting)]


@pytest.mark.parametrize("login", [*IN_IT, "clerk"])
def test_an_act_is_refused_exactly_to_whom_the_part_does_not_give_the_right(app, client_of, in_session, login):
    rights = IN_IT.get(login, CONVENER)
    found = answers(app, client_of(login), in_session)
    assert len(found) > 10
    assert [(right, address, status) for right, address, status in found if (status == 403) != (right not in rights)] == []
    assert [address for _, address, status in found if status >= 500] == []


@pytest.mark.parametrize("login", ["staff", "archivist", "administrator", "stranger"])
def test_for_everybody_else_there_is_no_such_meeting(app, client_of, in_session, login):
    assert {status for _, _, status in answers(app, client_of(login), in_session)} <= {404, 403}


def test_a_guest_has_no_vote_whatever_the_list_says():
    assert Right.VOTE not in rights_of(Part.GUEST, has_vote=True, presides=False)
