"""The English catalogue says everything that the code says in Vietnamese, and the English pages say nothing else."""

import html
import io
import itertools
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from flask_babel import force_locale

from domain.access import Access
from domain.intake import Refusal
from domain.roles import Role
from domain.units import UnitKind
from domain.work import State
from storage.archive import Catalogue as ArchiveCatalogue
from storage.archive import Fonds, RecordFile
from storage.books import Exceptions
from storage.intake import open_batch
from storage.people import People, Person
from storage.reception import Arrival, receive
from tests.cast import PEOPLE
from tests.webapp.archive.papers import carry_into_index, put
from webapp.admin.rows import KIND_OF, ROLE_OF, plain
from webapp.admin.words import KINDS, ROLES
from webapp.languages import offered

ROOT = Path(__file__).parents[2]
ENGLISH = ROOT / "webapp" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
PLACE = re.compile(r"%\(\w+\)[sd]|%[sd]")
ACCENTED = re.compile("[À-ỹ]")
OWN_WORDS = re.compile(r"<(?!html)(\w+)[^>]*\blang=\"vi\"[^>]*>.*?</\1>", re.DOTALL)  # elements that say they are Vietnamese


@pytest.fixture(scope="module")
def said() -> set[str]:
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
def spoken(said):
    """The pieces of the Vietnamese texts between their placeholders by which an untranslated text is known."""
    pieces = {piece.strip() for text in said for piece in PLACE.split(text)}
    return sorted(piece for piece in pieces if len(piece) > 8 and ACCENTED.search(piece))


@pytest.fixture
def archive(database, objects, system, cast):
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


def set_aside_and_destroy(client_of):
    """One document of the archive waits for a decision, another is gone."""
    archivist = client_of("archivist")
    for document_id in (2, 3):
        archivist.post(f"/archive/set-aside/{document_id}/withhold", data={"checked": "y"})
    archivist.post("/archive/set-aside/3/destroy", data={"checked": "y"})


def addresses(app, cast, method: str) -> list[str]:
    """The addresses of every endpoint, with what the archive holds and what it does not."""
    values = {"document_id": [1, 2, 3, 9], "batch_id": [1, 2, 9], "person_id": [cast.people["stranger"], 99]}
    values |= {"unit_id": [*cast.units.values(), 99], "kind": [kind.value.replace("_", "-") for kind in Exceptions]}
    values |= {"name": ["number", "date", "kind"]}
    found = []
    for rule in app.url_map.iter_rules():
        if method in rule.methods and not rule.endpoint.endswith("static"):
            names = sorted(rule.arguments)
            for chosen in itertools.product(*(values.get(name, [1]) for name in names)):
                found.append(rule.build(dict(zip(names, chosen, strict=True)))[1])  # noqa: PERF401
    return found


def vietnamese_on(answer, spoken: list[str], data: set[str]) -> list[str]:
    """The Vietnamese texts that an English page shows; the names of people and units are theirs."""
    if not answer.mimetype.startswith("text/"):
        return []
    text = OWN_WORDS.sub("", html.unescape(answer.text))
    for name in sorted(data, key=len, reverse=True):
        text = text.replace(name, "")
    return [piece for piece in spoken if piece in text]


@pytest.fixture
def names(database):
    with database.reading() as session:
        people = session.query(Person).all()
        units = {seat.unit.name for person in people for seat in person.seats}
        return {person.name for person in people} | units | {"Liên đoàn Lao động tỉnh", "Cán bộ", "Không Giấy"}


def test_every_text_of_the_code_has_its_english_and_no_other_does(said, catalogue):
    translated = {message.id for message in catalogue if message.id and message.string}
    assert said - translated == set(), "give these texts their English: `make texts`, then messages.po"
    assert translated - said == set(), "these texts are no longer said: `make texts`"
    assert not catalogue.obsolete
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []


def test_an_english_text_has_the_placeholders_of_its_own(catalogue):
    places = {message.id: (PLACE.findall(message.id), PLACE.findall(message.string)) for message in catalogue if message.id}
    assert {text: both for text, both in places.items() if sorted(both[0]) != sorted(both[1])} == {}


def test_an_english_text_is_vietnamese_only_in_examples_and_names_of_marks(catalogue):
    accented = {message.string for message in catalogue if message.id and ACCENTED.search(message.string)}
    quoted = re.compile(r"“[^”]*”|\"[^\"]*\"|\([^)]*\)|(?:for example|For example:) .*")
    assert {text for text in accented if ACCENTED.search(quoted.sub("", text))} == set()


@pytest.mark.parametrize("login", ["nobody", *PEOPLE])
def test_no_page_in_english_shows_a_vietnamese_text(app, client_of, cast, archive, spoken, names, login):
    set_aside_and_destroy(client_of)
    client = client_of(login)
    client.set_cookie("khonggiay_language", "en")
    more = [
        *("/nowhere", "/archive/find?q=one", "/archive/find?q=nothing", '/archive/find?q=x:y OR -"" ( năm:1 sau:x a* kind:'),
        *(f"/archive/documents/1?panel={panel}&edit=date&q=one" for panel in ("fields", "files", "history")),
        *("/admin/audit?check=1", "/admin/audit?act=none", "/admin/units?day=1900-01-01", "/admin/people?q=nobody"),
    ]
    answers = [client.get(address, buffered=True) for address in [*addresses(app, cast, "GET"), *more]]
    assert {a.request.path: found for a in answers if (found := vietnamese_on(a, spoken, names))} == {}
    assert any('<html lang="en">' in answer.text for answer in answers if answer.mimetype == "text/html")


@pytest.mark.parametrize("login", ["nobody", "archivist", "administrator"])
def test_no_refusal_in_english_says_anything_vietnamese(app, client_of, cast, archive, spoken, names, login):
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


def test_what_is_looked_for_is_found_on_the_vietnamese_pages(client_of, spoken, names):
    assert "Đến nội dung chính" in vietnamese_on(client_of("clerk").get("/archive/find"), spoken, names)


def test_an_account_keeps_its_language_on_every_device(client_of):
    client_of("clerk").post("/language", data={"language": "en", "next": "/archive/find"})
    elsewhere = client_of("clerk")
    assert "<h1>Find documents</h1>" in re.sub(r"<h1 [^>]*>", "<h1>", elsewhere.get("/archive/find").text)
    elsewhere.post("/language", data={"language": "vi"})
    assert "Tìm tài liệu</h1>" in elsewhere.get("/archive/find").text


def test_a_visitor_reads_the_language_of_the_cookie(client_of):
    visitor = client_of("nobody")
    assert "Mật khẩu" in visitor.get("/sign-in").text
    visitor.set_cookie("khonggiay_language", "en")
    assert "Password" in visitor.get("/sign-in").text
    visitor.set_cookie("khonggiay_language", "xx")
    assert "Mật khẩu" in visitor.get("/sign-in").text


def test_without_its_catalogue_english_is_not_offered(tmp_path):
    assert offered(tmp_path) == {"vi": "Tiếng Việt"}
    assert offered() == {"vi": "Tiếng Việt", "en": "English"}


def test_whoever_asks_for_a_language_that_is_not_there_reads_vietnamese(app, client_of):
    app.config["LANGUAGES"] = {"vi": "Tiếng Việt"}
    visitor = client_of("nobody")
    visitor.set_cookie("khonggiay_language", "en")
    page = visitor.get("/sign-in").text
    assert '<html lang="vi">' in page
    assert "Mật khẩu" in page
    assert "English" not in page


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_sheet_may_use_the_words_of_either_language(app, language):

    with app.test_request_context(), force_locale(language):
        assert {kind: KIND_OF.get(plain(str(words))) for kind, words in KINDS.items()} == {kind: kind for kind in UnitKind}
        assert {role: ROLE_OF.get(plain(str(words))) for role, words in ROLES.items()} == {role: role for role in Role}
