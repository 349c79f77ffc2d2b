"""The English catalogue says everything that the code says in Vietnamese, and the English pages say nothing else."""

import html
import io
import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from domain.archive.documents import KINDS as KINDS_OF_DOCUMENTS
from domain.archive.work import State
from domain.ground.clock import now
from domain.ground.files import Refusal
from domain.meetings.agenda import ItemState
from domain.meetings.meetings import MeetingState
from domain.meetings.voting import ELECTED_BY, VoteKind
from domain.people.access import Access
from domain.people.roles import Role
from domain.people.units import UnitKind
from storage.archive.books import Exceptions
from storage.archive.intake import open_batch
from storage.archive.places import Catalogue as ArchiveCatalogue
from storage.archive.places import Fonds, RecordFile
from storage.archive.reception import Arrival, receive
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.indicators.plans import Indicator, Milestone, Plan, Target
from storage.meetings.attendance import Attendance, Presence
from storage.meetings.ballots import Vote
from storage.meetings.bodies import Body, BodyRules
from storage.meetings.meetings import AgendaItem, Meeting, Participant
from storage.meetings.minutes import MinutesSection
from storage.meetings.papers import Papers
from storage.meetings.tasks import Conclusion
from storage.meetings.votes import Votes
from storage.people.people import People, Person
from tests.cast import PEOPLE, Cast
from tests.held import hold_meeting
from tests.meetings import Gathering, gather_meeting
from tests.webapp.archive.papers import carry_into_index, put
from tests.webapp.conftest import ClientOf
from webapp.directives.words import URGENCIES
from webapp.ground.languages import offered
from webapp.ground.system import System
from webapp.people.admin.rows import KIND_OF, ROLE_OF, plain
from webapp.people.words import KINDS, ROLES

ROOT = Path(__file__).parents[3]
ENGLISH = ROOT / "webapp" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
PLACE = re.compile(r"%\(\w+\)[sd]|%[sd]")
ACCENTED = re.compile("[À-ỹ]")
OWN_WORDS = re.compile(r"<(?!html)(\w+)[^>]*\blang=\"vi\"[^>]*>.*?</\1>", re.DOTALL)  # elements that say they are Vietnamese


@pytest.fixture(scope="module")
def said() -> set[str | tuple[str, ...]]:
    """Every text of the code."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as config:
        methods, options = parse_mapping_cfg(config)
    keywords = DEFAULT_KEYWORDS | {"_l": None, "lazy_gettext": None}
    return {found[2] for found in extract_from_dir(ROOT / "webapp", methods, options, keywords)}


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en")


@pytest.fixture
def spoken(said: set[str | tuple[str, ...]]) -> list[str]:
    """The pieces of the Vietnamese texts between their placeholders by which an untranslated text is known."""
    forms = [form for text in said for form in ((text,) if isinstance(text, str) else text)]  # singular and plural
    pieces = {piece.strip() for form in forms for piece in PLACE.split(form)}
    return sorted(piece for piece in pieces if len(piece) > 8 and ACCENTED.search(piece))


@pytest.fixture
def archive(database: Database, objects: FolderObjects, system: System, cast: Cast) -> None:
    """An archive with something of everything, whose people all read English."""
    with database.writing() as session:
        for person in session.query(Person):
            person.language = "en"
        session.add(_places())
        batch_id = open_batch(session, source="web", person=People(session).get(cast.people["archivist"]), attested_by="A").id
    put(database, objects, "a.pdf", ["one", ""], kind="KH", number="12", date="2024-03-01")
    put(database, objects, "b.pdf", ["one two", Refusal.TIMED_OUT, State.WAITING], access=Access.RESTRICTED)
    carry_into_index(system)
    for name, content in [("c.pdf", b"%PDF-1.7 c"), ("d.pdf", b"%PDF-1.7 c"), ("e.pdf", b"")]:
        receive(database, objects, batch_id, Arrival(name, io.BytesIO(content)), limit=1 << 20)


def _places() -> Fonds:
    file = RecordFile(number="001", title="File")
    return Fonds(code="P1", name="Fonds", catalogues=[ArchiveCatalogue(number="01", title="Catalogue", record_files=[file])])


def set_aside_and_destroy(client_of: Callable[[str], FlaskClient]) -> None:
    """One document of the archive waits for a decision, another is gone."""
    archivist = client_of("archivist")
    for document_id in (2, 3):
        archivist.post(f"/archive/set-aside/{document_id}/withhold", data={"checked": "y"})
    archivist.post("/archive/set-aside/3/destroy", data={"checked": "y"})


def address_of(rule: Rule, values: dict[str, Any]) -> str:
    built = rule.build(values)
    assert built
    return built[1]


def addresses(app: Flask, cast: Cast, method: str) -> list[str]:
    """The addresses of every endpoint, with what the archive holds and what it does not."""
    values: dict[str, list[int] | list[str]] = {
        "document_id": [1, 2, 3, 9],
        "batch_id": [1, 2, 9],
        "person_id": [cast.people["stranger"], 99],
    }
    values |= {"unit_id": [*cast.units.values(), 99], "name": ["number", "date", "kind"]}
    values |= {"kind": [kind.value.replace("_", "-") for kind in Exceptions]}
    found = []
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()) and not rule.endpoint.endswith("static"):
            names = sorted(rule.arguments)
            for chosen in itertools.product(*(values.get(name, [1]) for name in names)):
                found += [address_of(rule, dict(zip(names, chosen, strict=True)))]
    return found


def vietnamese_on(answer: TestResponse, spoken: list[str], data: set[str]) -> list[str]:
    """The Vietnamese texts that an English page shows; the names of people and units are theirs."""
    assert answer.mimetype is not None
    if not answer.mimetype.startswith("text/"):
        return []
    text = OWN_WORDS.sub("", html.unescape(answer.text))
    for name in sorted(data, key=len, reverse=True):
        text = text.replace(name, "")
    return [piece for piece in spoken if piece in text] if ACCENTED.search(text) else []


@pytest.fixture
def names(database: Database) -> set[str]:
    with database.reading() as session:
        people = session.query(Person).all()
        units = {seat.unit.name for person in people for seat in person.seats}
        own = {"Liên đoàn Lao động tỉnh", "Cán bộ", "Không Giấy", *KINDS_OF_DOCUMENTS.values(), *URGENCIES, "Hỏa tốc hẹn giờ"}
        return {person.name for person in people} | units | own | _texts_of_plans(session)


def _texts_of_plans(session: Session) -> set[str]:
    """What plans say in their own words; they are data."""
    return {
        value
        for table in (Plan, Indicator, Milestone, Target)
        for record in session.query(table)
        for value in (getattr(record, column.key) for column in table.__table__.columns)
        if isinstance(value, str) and len(value) > 20  # shorter ones could hide a text of ours
    }


def test_every_text_of_the_code_has_its_english_and_no_other_does(said: set[str | tuple[str, ...]], catalogue: Catalog) -> None:
    translated = {message.id for message in catalogue if message.id and message.string}
    assert said - translated == set(), "give these texts their English: `make texts`, then messages.po"
    assert translated - said == set(), "these texts are no longer said: `make texts`"
    assert not catalogue.obsolete
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []


def test_an_english_text_has_the_placeholders_of_its_own(catalogue: Catalog) -> None:
    places = {str(one.id): (PLACE.findall(str(one.id)), PLACE.findall(str(one.string))) for one in catalogue if one.id}
    assert {text: both for text, both in places.items() if sorted(both[0]) != sorted(both[1])} == {}


def test_an_english_text_is_vietnamese_only_in_examples_and_names_of_marks(catalogue: Catalog) -> None:
    accented = {str(one.string) for one in catalogue if one.id and ACCENTED.search(str(one.string))}
    quoted = re.compile(r"“[^”]*”|\"[^\"]*\"|\([^)]*\)|(?:[Ff]or example:?|Example:|write it like) .*")
    assert {text for text in accented if ACCENTED.search(quoted.sub("", text))} == set()


@pytest.mark.parametrize("login", ["nobody", *PEOPLE])
def test_no_page_in_english_shows_a_vietnamese_text(
    app: Flask, client_of: ClientOf, cast: Cast, archive: None, spoken: list[str], names: set[str], login: str
) -> None:
    set_aside_and_destroy(client_of)
    client = client_of(login)
    client.set_cookie("khonggiay_language", "en")
    more = [
        *("/nowhere", "/archive/find?q=one", "/archive/find?q=nothing", '/archive/find?q=x:y OR -"" ( năm:1 sau:x a* kind:'),
        *(f"/archive/documents/1?panel={panel}&edit=date&q=one" for panel in ("fields", "files", "history")),
        *("/admin/audit?act=none", "/admin/units?day=1900-01-01", "/admin/people?q=nobody"),
    ]
    answers = [client.get(address, buffered=True) for address in [*addresses(app, cast, "GET"), *more]]
    assert {a.request.path: found for a in answers if (found := vietnamese_on(a, spoken, names))} == {}
    assert any('<html lang="en">' in answer.text for answer in answers if answer.mimetype == "text/html")


def speaks_english(database: Database) -> None:
    """Everybody reads English from now on."""
    with database.writing() as session:
        for person in session.query(Person):
            person.language = "en"


def pages_of_meetings(app: Flask, gathered: Gathering, votes: list[int]) -> list[str]:
    """The addresses of the pages of a meeting, of its votes, and of what stands beside meetings."""
    values = {"meeting_id": [gathered.meeting], "item_id": gathered.items[:1], "vote_id": votes, "paper_id": [1], "number": [1]}
    values |= {"participant_id": [gathered.participants["member"]], "body_id": [1], "annex": [0], "task_id": [1]}
    rules = [
        rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.rule.startswith(("/meetings", "/bodies", "/tasks"))
    ]
    found = []
    for rule in rules:
        for chosen in itertools.product(*(values.get(name, [1]) for name in sorted(rule.arguments))):
            found += [address_of(rule, dict(zip(sorted(rule.arguments), chosen, strict=True)))]
    return found


@pytest.fixture
def open_with_votes(database: Database, objects: FolderObjects, cast: Cast) -> Gathering:
    """An open meeting with a paper, somebody at the microphone, a vote that is open and one that was published."""
    gathered = gather_meeting(database, cast, state=MeetingState.OPEN)
    with database.writing() as session:
        meeting = session.get_one(Meeting, gathered.meeting)
        for one in meeting.participants:
            Attendance(session, meeting).come(one, Presence.IN_ROOM, set_by="self", set_by_id=one.person_id)
        meeting.items[2].state, meeting.items[2].taken_up_at = ItemState.ON_FLOOR, now()
        paper = Papers(session, meeting).add(meeting.items[2], "Draft")
        person_id, (key, _size) = cast.people["secretary"], objects.put(io.BytesIO(b"x"))
        Papers(session, meeting).add_version(
            paper, file_name="a.pdf", media_type="application/pdf", size=1, person_id=person_id, sha256=key
        )
        for kind in (VoteKind.SECRET, VoteKind.NAMED):
            vote = Votes(session).prepare(meeting, meeting.items[2], kind=kind, question="Shall we?")
            Votes(session).open(vote)
            for login in ("chair", "deputy", "delegate"):
                Votes(session).cast(vote.id, person_id=cast.people[login], chosen=["for"], ballot_id=login)
            if kind is VoteKind.SECRET:
                Votes(session).close(vote)
                Votes(session).publish(vote)
    return gathered


@pytest.fixture
def held_with_minutes(database: Database, cast: Cast, client_of: ClientOf) -> Gathering:
    """A meeting that was held, with minutes, a task, and a correction of its attendance."""
    held = hold_meeting(database, cast)
    secretary = client_of("secretary")
    address = f"/meetings/{held.meeting}/attendance/{held.participants['absentee']}"
    secretary.post(address, data={"came_0": "2026-11-25T08:10", "presence_0": "in_room", "reason": "x"})
    secretary.post(f"/meetings/{held.meeting}/minutes/draft")
    return held


@pytest.fixture
def told(names: set[str], database: Database, cast: Cast) -> set[str]:
    """What is data on the pages of meetings, and so is as people have written it."""
    with database.reading() as session:
        said = {one.name for one in session.query(Participant)} | {one.title for one in session.query(Participant)}
        said |= {one.title for one in session.query(Meeting)} | {one.place for one in session.query(Meeting)}
        said |= {one.title for one in session.query(AgendaItem)} | {one.question for one in session.query(Vote)}
        said |= {one.source for one in session.query(BodyRules)} | {one.name for one in session.query(Body)} | {ELECTED_BY}
        said |= {one.text for one in session.query(MinutesSection)} | {one.heading for one in session.query(MinutesSection)}
        said |= {line for one in session.query(MinutesSection) for line in one.text.splitlines()}
        said |= {one.text for one in session.query(Conclusion)}
    return names | {text for text in said if text}


@pytest.mark.parametrize("login", ["chair", "secretary", "member", "guest", "clerk"])
@pytest.mark.parametrize("gathered", ["open_with_votes", "held_with_minutes"])
def test_no_page_of_a_meeting_in_english_shows_a_vietnamese_text(
    app: Flask,
    request: pytest.FixtureRequest,
    client_of: ClientOf,
    database: Database,
    spoken: list[str],
    login: str,
    gathered: str,
) -> None:
    meeting = request.getfixturevalue(gathered)
    told, client = request.getfixturevalue("told"), client_of(login)
    speaks_english(database)
    client.set_cookie("khonggiay_language", "en")
    answers = [client.get(address, buffered=True) for address in pages_of_meetings(app, meeting, [1, 2])]
    papers = re.compile(r"/invitation(\.ics)?$|/agenda/print$")  # official papers are Vietnamese in every language
    found = {
        a.request.path: left for a in answers if not papers.search(a.request.path) and (left := vietnamese_on(a, spoken, told))
    }
    assert found == {}
    assert sum(answer.status_code == 200 for answer in answers) > 10


@pytest.mark.parametrize("login", ["nobody", "archivist", "administrator"])
def test_no_refusal_in_english_says_anything_vietnamese(
    app: Flask, client_of: ClientOf, cast: Cast, archive: None, spoken: list[str], names: set[str], login: str
) -> None:
    client = client_of(login)
    client.set_cookie("khonggiay_language", "en")
    sent = {
        "login": "ă",
        "name": "x" * 300,
        "old": "x",
        "new": "x",
        "again": "y",
        "number": "?",
        "code": "? ?",
        "value": "x" * 999,
    }
    ends = ("/sign-out", "/sign-out-everywhere")
    answers = [
        client.post(address, data=data)
        for address in addresses(app, cast, "POST")
        if not address.endswith(ends)
        for data in ({}, sent)
    ]
    assert {a.request.path: found for a in answers if (found := vietnamese_on(a, spoken, names))} == {}


def test_what_is_looked_for_is_found_on_the_vietnamese_pages(client_of: ClientOf, spoken: list[str], names: set[str]) -> None:
    assert "Đến nội dung chính" in vietnamese_on(client_of("clerk").get("/archive/find"), spoken, names)


def test_an_account_keeps_its_language_on_every_device(client_of: ClientOf) -> None:
    client_of("clerk").post("/language", data={"language": "en", "next": "/archive/find"})
    elsewhere = client_of("clerk")
    assert "<h1>Find documents</h1>" in re.sub(r"<h1 [^>]*>", "<h1>", elsewhere.get("/archive/find").text)
    elsewhere.post("/language", data={"language": "vi"})
    assert "Tìm tài liệu</h1>" in elsewhere.get("/archive/find").text


def test_a_visitor_reads_the_language_of_the_cookie(client_of: ClientOf) -> None:
    visitor = client_of("nobody")
    assert "Mật khẩu" in visitor.get("/sign-in").text
    visitor.set_cookie("khonggiay_language", "en")
    assert "Password" in visitor.get("/sign-in").text
    visitor.set_cookie("khonggiay_language", "xx")
    assert "Mật khẩu" in visitor.get("/sign-in").text


def test_without_its_catalogue_english_is_not_offered(tmp_path: Path) -> None:
    assert offered(tmp_path) == {"vi": "Tiếng Việt"}
    assert offered() == {"vi": "Tiếng Việt", "en": "English"}


def test_whoever_asks_for_a_language_that_is_not_there_reads_vietnamese(app: Flask, client_of: ClientOf) -> None:
    app.config["LANGUAGES"] = {"vi": "Tiếng Việt"}
    visitor = client_of("nobody")
    visitor.set_cookie("khonggiay_language", "en")
    page = visitor.get("/sign-in").text
    assert '<html lang="vi">' in page
    assert "Mật khẩu" in page
    assert "English" not in page


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_sheet_may_use_the_words_of_either_language(app: Flask, language: str) -> None:

    with app.test_request_context(), force_locale(language):
        assert {kind: KIND_OF.get(plain(str(words))) for kind, words in KINDS.items()} == {kind: kind for kind in UnitKind}
        assert {role: ROLE_OF.get(plain(str(words))) for role, words in ROLES.items()} == {role: role for role in Role}
