"""The matrix of access: every address, asked and sent to by everybody, over objects of the province and of a union.

`KNOWN_TO` is the allow-list: who may know of each object. Whoever is not in it gets no page of the object, writes nothing by any address
that names it, and meets its words nowhere. Which role may what at all is asked of the application itself.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from domain.archive.work import Standing
from domain.directives.directives import OutgoingState
from domain.ground import clock
from domain.meetings.meetings import MeetingState, Part
from domain.people.access import Access
from domain.people.roles import Permission
from storage.archive.documents import Document
from storage.archive.intake import open_batch
from storage.directives.incoming import IncomingDocument
from storage.directives.outgoing import OutgoingDocument
from storage.ground.database import Database
from storage.meetings.bodies import Body, BodyMember
from storage.meetings.meetings import AgendaItem, Meeting, Participant
from storage.meetings.opinions import OpinionRounds
from storage.meetings.tasks import Conclusions, Tasks
from storage.people.people import Person
from tests.cast import PEOPLE, Cast
from tests.meetings import PARTICIPANTS, Gathering
from tests.webapp.conftest import ClientOf
from webapp.ground.access import permission_of

EVERYBODY = ["nobody", *dict.fromkeys([*PEOPLE, *(row[0] for row in PARTICIPANTS)])]
OF_PROVINCE = {"administrator", "archivist", "clerk", "staff", "leader"}  # who see its registers, and those below
DRAFTERS = {"clerk", "staff", "leader"}
OF_UNION = {"unit_clerk", "member"}  # who have a seat there
IN_MEETING = {row[0] for row in PARTICIPANTS}

KNOWN_TO: dict[str, set[str]] = {
    "meeting of the province": IN_MEETING | {"clerk"},
    "meeting of the union": OF_UNION,
    "draft meeting of the union": OF_UNION,
    "draft of the province": DRAFTERS,
    "draft of the union": {"unit_clerk"},
    "numbered of the province": OF_PROVINCE,
    "numbered of the union": OF_PROVINCE | OF_UNION,
    "incoming of the province": OF_PROVINCE,
    "incoming of the union": OF_PROVINCE | OF_UNION,
    "restricted to the union": {"archivist", "clerk"} | OF_UNION,
    "restricted to nobody in particular": {"archivist", "clerk"},
    "round of the union": OF_UNION,
    "task of the union": OF_UNION,
}
PAGES = {
    "meeting_id": "/meetings/{}", "outgoing_id": "/directives/{}", "incoming_id": "/directives/incoming/{}",
    "document_id": "/archive/documents/{}", "round_id": "/opinion-rounds/{}", "task_id": "/tasks/{}",
}  # fmt: skip
FORM = {
    "text": "Lời thử", "title": "Tên thử", "reason": "Lý do thử", "because": "Lý do thử", "checked": "y", "attested": "y",
    "attestation": "y", "person": "clerk", "part": "member", "has_vote": "y", "presence": "online", "answer": "agree", "percent": "10",
    "manner": "paper", "channel": "system", "dated": "2026-11-20", "kind": "speech", "choice": "for", "ballot_id": "b", "question": "?",
    "approver": "chair", "page": "1", "version": "1", "step": "submit", "number": "7", "symbol": "KH", "abstract": "x",
}  # fmt: skip
_QUIET = ("sign_ins", "sign_in_attempts")  # what signing in itself writes


@dataclass(frozen=True)
class Thing:
    """An object: which argument of addresses names it, its id, and the words that nobody else may meet."""

    argument: str
    id: int
    words: str


@pytest.fixture
def things(database: Database, cast: Cast, in_session: Gathering) -> dict[str, Thing]:
    """One object of each name in KNOWN_TO, with words of its own."""
    with database.writing() as session:
        world = _World(session, cast)
        own = session.get_one(Meeting, in_session.meeting)
        own.title = "BÍ MẬT HỌP TỈNH"
        found = {"meeting of the province": Thing("meeting_id", own.id, own.title)}
        body = Body(unit_id=cast.units["CD-PHUCAT"], name="Ban Chấp hành Phù Cát", valid_from=date(2023, 9, 1))
        body.members.append(BodyMember(person_id=cast.people["member"], title="Ủy viên", valid_from=date(2023, 9, 1)))
        session.add(body)
        session.flush()
        held = world.meeting(body, "BÍ MẬT HỌP CƠ SỞ", MeetingState.OPEN)
        draft = world.meeting(body, "BÍ MẬT HỌP NHÁP", MeetingState.DRAFT)
        found["meeting of the union"] = Thing("meeting_id", held.id, held.title)
        found["draft meeting of the union"] = Thing("meeting_id", draft.id, draft.title)
        for whose, code in (("province", "LDLD"), ("union", "CD-PHUCAT")):
            found[f"draft of the {whose}"] = world.outgoing(code, f"BÍ MẬT NHÁP {code}", OutgoingState.DRAFT)
            found[f"numbered of the {whose}"] = world.outgoing(code, f"BÍ MẬT SỐ {code}", OutgoingState.NUMBERED)
            found[f"incoming of the {whose}"] = world.incoming(code, f"BÍ MẬT ĐẾN {code}")
        found["restricted to the union"] = world.restricted("BÍ MẬT TỜ CƠ SỞ", cast.units["CD-PHUCAT"])
        found["restricted to nobody in particular"] = world.restricted("BÍ MẬT TỜ TỈNH", None)
        asked = OpinionRounds(session).begin(
            body, "BÍ MẬT HỎI", explanation="", deadline=clock.now() + timedelta(days=3), officer_id=cast.people["unit_clerk"]
        )
        found["round of the union"] = Thing("round_id", asked.id, "BÍ MẬT HỎI")
        member = session.get_one(Person, cast.people["member"])
        conclusion = Conclusions(session, held).add("BÍ MẬT KẾT LUẬN", member)
        due = clock.today() + timedelta(days=5)
        task = Tasks(session).add(conclusion, "BÍ MẬT VIỆC", due, member, owner=member, unit=None)
        found["task of the union"] = Thing("task_id", task.id, "BÍ MẬT VIỆC")
    assert found.keys() == KNOWN_TO.keys()
    return found


class _World:
    def __init__(self, session: Any, cast: Cast) -> None:
        self.session, self.cast = session, cast

    def _kept(self, record: Any, argument: str, words: str) -> Thing:
        self.session.add(record)
        self.session.flush()
        return Thing(argument, record.id, words)

    def meeting(self, body: Body, title: str, state: MeetingState) -> Meeting:
        starts = clock.now() + timedelta(days=1 if state is MeetingState.DRAFT else 0)
        chair = Participant(person_id=self.cast.people["member"], name="x", part=Part.CHAIR, has_vote=True)
        meeting = Meeting(
            body=body, title=title, starts_at=starts, ends_at=starts + timedelta(hours=2), state=state,
            created_by_id=self.cast.people["unit_clerk"], participants=[chair],
            items=[AgendaItem(title=f"{title}: MỤC", position=0)],
        )  # fmt: skip
        self._kept(meeting, "meeting_id", title)
        return meeting

    def outgoing(self, code: str, words: str, state: OutgoingState) -> Thing:
        numbered = {"number": 5, "symbol": "KH", "series": "2026|Kế hoạch", "dated": date(2026, 11, 20)}
        more: dict[str, Any] = {} if state is OutgoingState.DRAFT else numbered
        one = OutgoingDocument(unit_id=self.cast.units[code], kind="Kế hoạch", abstract=words, state=state, **more)
        return self._kept(one, "outgoing_id", words)

    def incoming(self, code: str, words: str) -> Thing:
        one = IncomingDocument(
            unit_id=self.cast.units[code], year=2026, number=1, arrived_on=date(2026, 11, 20), author="Tỉnh ủy", abstract=words,
            form_key=code,
        )  # fmt: skip
        return self._kept(one, "incoming_id", words)

    def restricted(self, words: str, unit_id: int | None) -> Thing:
        batch = open_batch(self.session, source="command", person=None, attested_by="x", access=Access.RESTRICTED)
        one = Document(
            batch_id=batch.id, name=words, access=Access.RESTRICTED, unit_id=unit_id, standing=Standing.READ, page_count=1
        )
        return self._kept(one, "document_id", words)


@pytest.fixture
def clients(app: Flask, client_of: ClientOf, things: dict[str, Thing]) -> dict[str, FlaskClient]:
    """Everybody, with a browser; plain ones, since most answers here are refusals."""
    app.test_client_class = FlaskClient
    return {login: client_of(login) for login in EVERYBODY}


@pytest.fixture
def written(database: Database, clients: dict[str, FlaskClient]) -> Iterator[list[str]]:
    """What has been written since the list was last emptied."""
    found: list[str] = []

    def note(*facts: Any) -> None:
        said = re.match(r"\s*(INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", facts[2])
        if said and said[2] not in _QUIET:
            found.append(facts[2][:80])

    event.listen(database.engine, "before_cursor_execute", note)
    yield found
    event.remove(database.engine, "before_cursor_execute", note)


def rules(app: Flask, method: str) -> list[Rule]:
    return [
        rule for rule in app.url_map.iter_rules() if method in (rule.methods or ()) and not rule.endpoint.endswith("static")
    ]


def address(rule: Rule, thing: Thing | None = None) -> str:
    """The rule with the thing's id in its place, and the first of whatever else it names."""
    text = re.sub(rf"<int:{thing.argument}>", str(thing.id), rule.rule) if thing else rule.rule
    return re.sub(r"<\w+>", "x", re.sub(r"<int:\w+>", "1", text))


def is_refused(answer: TestResponse) -> bool:
    to_sign_in = answer.status_code in (302, 303) and "/sign-in" in (answer.location or "")
    return to_sign_in or answer.status_code in (401, 403, 404)


def few(people: set[str], place: int, count: int = 3) -> list[str]:
    """Some of these people: others at each place of a list, so that everybody comes to stand before every kind of address."""
    ordered = sorted(people)
    return [ordered[(place * count + more) % len(ordered)] for more in range(min(count, len(ordered)))]


def sent(client: FlaskClient, method: str, path: str) -> TestResponse:
    return client.get(path) if method == "GET" else client.post(path, data=FORM, headers={"Accept": "text/html"})


@pytest.mark.parametrize("name", KNOWN_TO)
def test_whoever_may_know_a_thing_opens_it_and_nobody_else(
    clients: dict[str, FlaskClient], things: dict[str, Thing], name: str
) -> None:
    thing = things[name]
    opened = {login: clients[login].get(PAGES[thing.argument].format(thing.id)) for login in EVERYBODY}
    assert {login for login, answer in opened.items() if not is_refused(answer)} == KNOWN_TO[name]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("argument", [argument for argument in PAGES if argument != "meeting_id"])
def test_no_address_of_a_thing_is_open_to_who_may_not_know_it_and_none_writes(
    app: Flask, clients: dict[str, FlaskClient], things: dict[str, Thing], written: list[str], argument: str, method: str
) -> None:
    wrong = []
    for name, thing in things.items():
        for place, rule in enumerate(rules(app, method)):
            if thing.argument != argument or argument not in rule.arguments:
                continue
            for login in few(set(EVERYBODY) - KNOWN_TO[name], place):
                written.clear()
                path = address(rule, thing)
                answer = sent(clients[login], method, path)
                if not is_refused(answer) or thing.words in answer.text or written:
                    wrong.append((login, method, path, answer.status_code, written[:1]))
    assert wrong == []


@pytest.mark.parametrize("method", ["POST"])
def test_the_gate_stands_before_every_address_for_every_role(
    app: Flask, database: Database, cast: Cast, clients: dict[str, FlaskClient], written: list[str], method: str
) -> None:
    with database.reading() as session:
        may: dict[str, Callable[[Permission], bool]] = {
            login: session.get_one(Person, cast.people[login]).may for login in EVERYBODY if login != "nobody"
        }
        session.expunge_all()
    wrong = []
    for place, rule in enumerate(rules(app, method)):
        permission = permission_of(app, rule.endpoint)
        if permission is Permission.ANYONE:
            continue
        refused = {login for login in EVERYBODY if login == "nobody" or not may[login](permission)}
        for login in few(refused, place):
            written.clear()
            answer = sent(clients[login], method, address(rule))
            if not is_refused(answer) or answer.status_code == 404 or written:
                wrong.append((login, method, rule.rule, answer.status_code, written[:1]))
    assert wrong == []
