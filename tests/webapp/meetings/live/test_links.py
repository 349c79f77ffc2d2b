"""No page of a meeting leads its reader to a closed door: every link that somebody sees can be opened by that person."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from flask.testing import FlaskClient

from domain.meetings.meetings import MeetingState
from storage.ground.database import Database
from tests.cast import Cast
from tests.held import hold_meeting
from tests.meetings import gather_meeting
from tests.webapp.conftest import ClientOf

ELSEWHERE = re.compile(r"^(?:https?:|mailto:|#|/static/|/sign-out|/language)")


def links_of(client: FlaskClient, address: str) -> Iterator[str]:
    """The addresses that a page leads to, without what follows a hash and without links that are hidden from the reader."""
    answer = client.get(address)
    for link in re.findall(r"<a\b[^>]*>", answer.text) if answer.mimetype == "text/html" else ():
        href = re.search(r'href="([^"]+)"', link)
        if href and " hidden" not in link and not ELSEWHERE.match(href[1]):
            yield unescape(href[1]).split("#")[0]
    answer.close()


def closed_doors(client: FlaskClient, start: str) -> list[tuple[str, str, int]]:
    """From the page at `start`, through all pages of the same meeting: the links that cannot be opened, with where they stand."""
    waiting, known, found = [start], {start: ""}, []
    while waiting:
        address = waiting.pop()
        with client.get(address, follow_redirects=True) as answer:
            status = answer.status_code
        if status >= 400:
            found.append((known[address], address, status))
        elif address.split("?")[0].startswith(start):
            fresh = [link for link in links_of(client, address) if link and link not in known]
            known |= dict.fromkeys(fresh, address)
            waiting += fresh
    return found


@pytest.mark.parametrize("login", ["guest", "member", "deputy", "secretary", "clerk"])
@pytest.mark.parametrize("state", ["convened", "open", "held"])
def test_every_link_that_is_shown_can_be_opened(
    client_of: ClientOf, database: Database, cast: Cast, login: str, state: str
) -> None:
    gathered = hold_meeting(database, cast) if state == "held" else gather_meeting(database, cast, state=MeetingState(state))
    assert closed_doors(client_of(login), f"/meetings/{gathered.meeting}") == []
