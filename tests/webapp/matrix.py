"""A walk through the whole office: every address asked by everybody, and every form that a page offers sent by everybody.

What was seen is gathered here; test_who_may_what.py says what is right.
"""

import html
import re
import sqlite3
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from textwrap import wrap
from typing import Any
from urllib.parse import urljoin, urlsplit

from sqlalchemy import event
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.wrappers import Response

from tests.webapp.harvest import Form, Page
from tests.webapp.office import CLERK, EVERYBODY, LEADER, Office
from webapp.ground.access import COOKIE

INSIDERS = ["canbo", "vanthu", "chutich", "luutru", CLERK, LEADER]  # to them pages offer most
QUIET = {"sign_ins", "sign_in_attempts"}  # when a device was last seen; what signing in writes of itself
MAIN = (
    "meeting_id",
    "outgoing_id",
    "incoming_id",
    "document_id",
    "plan_id",
    "report_id",
    "import_id",
    "unit_id",
    "person_id",
    "body_id",
)
ALIKE = 2  # addresses, and forms, of one view and of one owner that everybody tries
Button = tuple[str, str, str]
NO_BUTTON: Button = ("", "", "")
TYPED = {
    "text": "Lời thử", "title": "Tên thử", "reason": "Lý do thử", "checked": "y", "attested": "y", "attestation": "y", "person": "canbo",
    "presence": "online", "answer": "agree", "kind": "speech", "choice": "for", "ballot_id": "b", "question": "?", "page": "1",
    "version": "1", "step": "submit", "number": "7", "dated": "2026-11-20", "seconds": "30",
}  # fmt: skip
_READABLE = ("text/", "application/json", "image/svg")
_WRITES = re.compile(r"\s*(INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+\"?(\w+)")


@dataclass(frozen=True)
class Answer:
    """What somebody got: the status ("sign-in" for who is led there), what was written, and what was to be read."""

    who: str
    status: str
    wrote: tuple[str, ...]
    text: str
    kind: str


@dataclass(frozen=True, order=True)
class Target:
    """A view, and whose thing the address names."""

    method: str
    endpoint: str
    whose: str

    def __str__(self) -> str:
        return f"{self.endpoint}({self.whose})" if self.whose else self.endpoint


@dataclass
class Walk:
    """What everybody met."""

    office: Office
    rows: dict[Target, set[tuple[str, ...]]] = field(default_factory=lambda: defaultdict(set))  # status of each of EVERYBODY
    met: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # of each word, by whom
    where: dict[tuple[str, str], str] = field(default_factory=dict)  # by word and person, the first address
    failed: list[tuple[str, str, str]] = field(default_factory=list)
    read_and_wrote: set[tuple[str, str]] = field(default_factory=set)  # view, statement
    changed_by_reading: set[str] = field(default_factory=set)  # tables
    refused_and_wrote: set[tuple[str, str]] = field(default_factory=set)  # view, table
    acted_unoffered: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # of a view, by whom

    def __post_init__(self) -> None:
        self._map = self.office.app.url_map.bind("localhost")
        self._tokens = {login: client.get_cookie(COOKIE) for login, client in self.office.clients.items()}
        self._forms: dict[tuple[Target, str, Button], Form] = {}
        self._pages: dict[tuple[str, str], list[str]] = defaultdict(
            list
        )  # by view and address: the pages that offer it to somebody
        self._offered: set[tuple[str, str, str]] = set()
        self._known: dict[tuple[str, object], dict[str, Any]] = defaultdict(
            dict
        )  # by whose and which thing: arguments of addresses
        self._begun: dict[int, list[str]] = defaultdict(list)  # by connection: what is not committed yet
        self._written: list[str] = []
        engine = self.office.system.database.engine
        event.listen(engine, "before_cursor_execute", self._note)
        event.listen(engine, "rollback", lambda connection: self._begun.pop(_id(connection), None))
        event.listen(
            engine, "reset", lambda connection, *_facts: self._begun.pop(id(connection), None)
        )  # given back without a word
        event.listen(engine, "commit", lambda connection: self._written.extend(self._begun.pop(_id(connection), [])))

    def _note(self, *facts: Any) -> None:
        said = _WRITES.match(facts[2])
        if said and said[2] not in QUIET:
            self._begun[_id(facts[0])].append(f"{said[1].split()[0].lower()} {said[2]}")

    def views(self) -> set[tuple[str, str]]:
        """Every view with each of its methods."""
        return {(method, rule.endpoint) for method in ("GET", "POST") for rule in self._rules(method)}

    def _target(self, method: str, path: str) -> Target | None:
        try:
            endpoint, arguments = self._map.match(path, method=method)
        except HTTPException:
            return None
        if endpoint.endswith("static"):
            return None
        whose = self.office.whose(dict(arguments))
        main = next((arguments[name] for name in MAIN if name in arguments), None)
        self._known[whose, main] = {**arguments, **self._known[whose, main]}
        return Target(method, endpoint, whose)

    def _ask(self, who: str, path: str, form: Form | None = None, button: Button = NO_BUTTON) -> Answer:
        """Ask, or send the form, as that person from a browser that has only just been opened."""
        client, token = self.office.app.test_client(), self._tokens[who]
        if token:
            client.set_cookie(COOKIE, token.value)
        self._written.clear()
        said: dict[str, Any] = {"headers": {"Accept": "text/html"}}
        if form is not None:
            said |= {"data": form.filled(button), "content_type": "multipart/form-data"}
        with client.open(path, method="GET" if form is None else "POST", **said) as answer:
            kind = answer.mimetype or ""
            text = answer.get_data(as_text=True) if kind.startswith(_READABLE) else ""
            found = Answer(who, _status(answer), tuple(sorted(set(self._written))), text, kind)
        self._look(found, path)
        return found

    def _look(self, answer: Answer, path: str) -> None:
        if answer.status.startswith("5"):
            self.failed.append((answer.who, path, answer.status))
        plain = html.unescape(answer.text)
        for word in WORDS:
            if word in plain:
                self.met[word].add(answer.who)
                self.where.setdefault((word, answer.who), path)

    def read(self) -> None:
        """Everybody asks for every address that a page leads to, that names something known, or that can be made of such."""
        alike, seen = Counter[Target](), set[str]()
        self._follow(deque(self._beginnings()), seen, alike)
        self._follow(deque(self._rest("GET")), seen, alike)

    def _follow(self, todo: deque[str], seen: set[str], alike: Counter[Target]) -> None:
        while todo:
            path = todo.popleft()
            target = self._target("GET", path)
            if path in seen or target is None or alike[target] >= 4 * ALIKE:
                continue
            seen.add(path)
            alike[target] += 1
            answers = [self._ask(who, path) for who in (EVERYBODY if alike[target] <= ALIKE else INSIDERS)]
            for answer in answers:
                self.read_and_wrote |= {(target.endpoint, wrote) for wrote in answer.wrote}
                if answer.who in INSIDERS:
                    todo.extend(self._harvest(answer, path))
            if len(answers) == len(EVERYBODY):
                self.rows[target].add(tuple(answer.status for answer in answers))

    def _beginnings(self) -> Iterator[str]:
        """Every address without an argument, and each that names one thing that is known."""
        for rule in self._rules("GET"):
            if not rule.arguments:
                yield rule.rule
            for (_whose, argument), ids in self.office.made.items():
                if rule.arguments == {argument}:
                    yield from (_address(rule, {argument: number}) for number in ids)

    def _rest(self, method: str) -> Iterator[str]:
        """For each view to which no page has led: its address for a thing of the province and for one of the union, or for anything."""
        met = {target.endpoint for target in self.rows if target.method == method}
        for rule in self._rules(method):
            if rule.endpoint in met:
                continue
            found = {whose: known for (whose, _main), known in self._known.items() if rule.arguments <= known.keys()}
            for known in found.values() or [dict.fromkeys(rule.arguments, 1)]:
                yield _address(rule, known)

    def _rules(self, method: str) -> list[Rule]:
        rules = self.office.app.url_map.iter_rules()
        return sorted(
            (rule for rule in rules if method in (rule.methods or ()) and not rule.endpoint.endswith("static")), key=str
        )

    def _harvest(self, answer: Answer, path: str) -> Iterator[str]:
        """Where a page leads; what it offers is kept."""
        if answer.status != "200" or answer.kind != "text/html":
            return
        page = Page(answer.text, path)
        for form in page.forms:
            for button in form.buttons or [NO_BUTTON]:
                at = urlsplit(urljoin(path, button[2] or form.action))
                target = self._target("POST", at.path)
                assert target, f"{path} offers a form to {at.path}, where no view is"
                self._offered.add((answer.who, target.endpoint, at.path))
                self._forms.setdefault((target, at._replace(scheme="", netloc="").geturl(), button), form)
                if path not in self._pages[target.endpoint, at.path]:
                    self._pages[target.endpoint, at.path].append(path)
        for link in page.links:
            at = urlsplit(urljoin(path, link))
            if not at.netloc:
                yield at.path

    def write(self) -> None:
        """Everybody sends some forms of each view; after each that wrote, everything is as before."""
        self._file = str(self.office.system.database.engine.url.database)
        folder = self.office.system.settings.data_dir / "objects"
        self._objects = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
        alike = Counter[Target]()
        with closing(sqlite3.connect(":memory:")) as self._before:
            with closing(sqlite3.connect(self._file)) as now:
                now.backup(self._before)
            for (target, path, button), form in sorted(self._forms.items(), key=lambda one: one[0]):
                alike[target] += 1
                if alike[target] <= ALIKE:
                    self._send(target, path, form, button)
            for path in self._rest("POST"):
                if (known := self._target("POST", path)) is not None:
                    self._send(known, path, Form(path, list(TYPED.items())), NO_BUTTON)

    def _send(self, target: Target, path: str, form: Form, button: Button) -> None:
        row = []
        for who in EVERYBODY:
            answer = self._ask(who, path, form, button)
            row.append(answer.status)
            if answer.wrote and answer.status.startswith("4"):
                self.refused_and_wrote |= {(target.endpoint, table) for table in self._changed()}
            if answer.wrote:
                self._put_back()
                self._judge(answer, target.endpoint, urlsplit(path).path)
        self.rows[target].add(tuple(row))

    def _changed(self) -> set[str]:
        """The tables that hold something else than before."""
        with closing(sqlite3.connect(self._file)) as now:
            held, was = contents(now), contents(self._before)
        return {table for table in held if held[table] != was[table]} - QUIET

    def _put_back(self) -> None:
        with closing(sqlite3.connect(self._file)) as now:
            self._before.backup(now)
        for file, content in self._objects.items():
            if not file.exists():
                file.write_bytes(content)

    def _judge(self, answer: Answer, endpoint: str, path: str) -> None:
        """Note who wrote though refused, or though no page offers it; pages are asked for that offer it to others."""
        if answer.status.startswith("4"):
            return
        asked = iter(pages := list(self._pages[endpoint, path]))
        while (answer.who, endpoint, path) not in self._offered and (page := next(asked, "")):
            deque(self._harvest(self._ask(answer.who, page), page))
        if pages and (answer.who, endpoint, path) not in self._offered:
            self.acted_unoffered[endpoint].add(answer.who)

    def table(self) -> str:
        """Who gets what, with the views together where the same people get the same."""
        alike = defaultdict(set)
        for target, rows in self.rows.items():
            for row in rows:
                alike[target.method, _said(row)].add(str(target))
        lines = []
        for (method, said), names in sorted(alike.items()):
            lines += [
                f"{method} {said}",
                *wrap(", ".join(sorted(names)), 132, initial_indent="    ", subsequent_indent="    "),
                "",
            ]
        return "\n".join(lines)


def contents(database: sqlite3.Connection) -> dict[str, str]:
    """Of each table, a hash of all that it holds."""
    asked = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    rows = {name: database.execute(f'SELECT * FROM "{name}"').fetchall() for (name,) in database.execute(asked)}  # noqa: S608 - our tables
    return {name: sha256(repr(held).encode()).hexdigest() for name, held in rows.items()}


def _id(connection: Any) -> int:
    return id(connection.connection.dbapi_connection)


def _said(row: Iterable[str]) -> str:
    """Who gets which status; those of whom there are most come last, as the others."""
    people = defaultdict(list)
    for who, status in zip(EVERYBODY, row, strict=True):
        people[status].append(who)
    *few, (most, _rest) = sorted(people.items(), key=lambda one: (len(one[1]), one[0]))
    return "; ".join([*(f"{status} {' '.join(who)}" for status, who in few), f"{most} {'others' if few else 'everybody'}"])


def _address(rule: Rule, values: dict[str, Any]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found[1]]), rule.rule)


def _status(answer: Response) -> str:
    if answer.status_code in (302, 303) and (answer.location or "").startswith("/sign-in"):
        return "sign-in"
    return str(answer.status_code)


PROVINCE = {"quantri", "luutru", "vanthu", "canbo", "chutich"}  # who see its registers, and those below
UNION = {CLERK, LEADER, "uv.pleiku"}
_KEEPERS = {"vanthu", "canbo", "chutich"}

# what stands in somebody's papers, and who may meet it
WORDS: dict[str, set[str]] = {
    "BÍ-union-draft": {CLERK, LEADER}, "BÍ-union-submitted": {CLERK, LEADER}, "BÍ-union-approved": {CLERK, LEADER},
    "BÍ-union-numbered": UNION | PROVINCE, "BÍ-union-signed": UNION | PROVINCE,
    "BÍ-union-issued": UNION | PROVINCE | {"quynhon", "uyvien"},  # sent to Quy Nhơn
    "BÍ-province-draft": _KEEPERS, "BÍ-province-submitted": _KEEPERS, "BÍ-province-approved": _KEEPERS,
    "BÍ-province-numbered": PROVINCE, "BÍ-province-signed": PROVINCE,
    "BÍ-province-issued": PROVINCE | UNION | {"quynhon", "uyvien"},
    "BÍ-ĐẾN-union": UNION | PROVINCE, "BÍ-ĐẾN-province": PROVINCE, "BÍ-NHẬP": {CLERK},
    "BÍ-TỜ-tỉnh": {"luutru", "vanthu"}, "BÍ-TỜ-union": UNION | {"luutru", "vanthu"}, "BÍ-DẤU": {"luutru"},
    "HỌP-NHÁP": {CLERK, LEADER}, "HỌP-TỚI": UNION | {"khach.pleiku"}, "HỌP-TỚI mục riêng": UNION, "HỌP-MỞ": UNION, "HỌP-XONG": UNION,
    "TÀI-LIỆU-BÍ": {CLERK, LEADER}, "BIỂU-QUYẾT-TỚI": {CLERK, LEADER}, "BIỂU-QUYẾT-named": UNION, "BIỂU-QUYẾT-secret": UNION,
    "Ý-KIẾN-RIÊNG": UNION, "KẾT-LUẬN-BÍ": UNION, "NHIỆM-VỤ-BÍ": UNION, "HỎI-BÍ": UNION, "LỜI-RIÊNG": {CLERK, "uv.pleiku"},
    "BQ-TỈNH": _KEEPERS | {"uyvien"}, "NHÁP-TỈNH": _KEEPERS, "HỎI-TỈNH": _KEEPERS | {"uyvien"},
    "Ý-KIẾN-UV": _KEEPERS | {"uyvien"}, "GHI-CHÚ-UV": {"uyvien"},
}  # fmt: skip
