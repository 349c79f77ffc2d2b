"""What each page costs as an office grows: the demo beside an office after seven years, in one run.

    python bench/office.py                                 # 1,000 units, 5,000 people, 40,000 documents: some minutes, 1 GB
    python bench/office.py --share 0.1 --only meetings     # a tenth of it; pages whose address holds that word

The demo is the database that the last release is kept with. Every address that is read (from the map of addresses) is asked of the
application by one person of each role who gets it; told are statements, rows fetched, bytes, and the least processor time of three. Both
offices take turns, so that what else the machine does falls on both alike.
"""

import argparse
import logging
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, text, update
from werkzeug.routing import Rule

from bench.filled import Size, fill
from domain.ground import clock
from search.whoosh_index import WhooshIndex
from storage.archive.texts import books_of, texts_of
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.ground.settings import Settings
from storage.people.people import People, Person, SignIns
from storage.tables import migrate
from webapp.app import create_app
from webapp.ground.access import COOKIE
from webapp.ground.system import System

READERS = {
    "quantri": "administrator",
    "luutru": "archivist",
    "vanthu": "clerk",
    "canbo": "staff",
    "chutich": "leader",
    "uyvien": "member",
    "quynhon": "clerk of a union",
}

# The argument of an address, and the question for what stands there; a name with a dot holds for that endpoint alone. What grows with
# the office is asked where most of it is: the largest batch, the directive that went to all.
ARGUMENTS: Mapping[str, str] = {
    "annex": "SELECT 0",
    "body_id": "SELECT 1",
    "catalogue_id": "SELECT max(id) FROM catalogues",
    "closing_id": "SELECT max(id) FROM share_closings",
    "indicator_closings.closing_id": "SELECT max(id) FROM indicator_closings",
    "indicators.code": "SELECT 'CT10' UNION SELECT 'CT05'",
    "batch_id": "SELECT batch_id FROM receipts GROUP BY 1 ORDER BY count(*) DESC LIMIT 1",
    "delivery_id": "SELECT max(id) FROM deliveries WHERE unit_id = 10",
    "document_id": "SELECT id FROM documents WHERE circle = '' AND standing = 'read' ORDER BY page_count DESC LIMIT 1",
    "evidence_id": "SELECT min(id) FROM evidence",
    "file_id": "SELECT min(id) FROM indicator_files",
    "fonds_id": "SELECT max(id) FROM fonds",
    "form": "SELECT 'docx'",
    "import_id": "SELECT 1",
    "incoming_id": "SELECT max(id) FROM incoming_documents WHERE unit_id = 10",
    "indicator_id": "SELECT 2",
    "key": "SELECT key FROM minutes_sections LIMIT 1",
    "ledger.kind": "SELECT 'failed' UNION SELECT 'read'",
    "meeting_id": "SELECT 1 UNION SELECT 2 UNION SELECT max(id) FROM meetings",
    "member_id": "SELECT 1",
    "number": "SELECT 1",
    "outgoing_id": "SELECT outgoing_id FROM (SELECT outgoing_id FROM deliveries GROUP BY 1 ORDER BY count(*) DESC LIMIT 1)"
    " UNION SELECT max(id) FROM outgoing_documents WHERE unit_id = 3 AND state = 'issued'",
    "drafts.outgoing_id": "SELECT max(id) FROM outgoing_documents WHERE unit_id = 3 AND state = 'draft'",
    "page": "SELECT 1",
    "passkey_id": "SELECT 1",
    "paper_id": "SELECT max(id) FROM papers",
    "part": "SELECT 1",
    "participant_id": "SELECT max(id) FROM participants",
    "person_id": "SELECT 1 UNION SELECT max(id) FROM people",
    "plan_id": "SELECT 1",
    "record_file_id": "SELECT record_file_id FROM documents WHERE record_file_id IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC LIMIT 1",
    "report_id": "SELECT max(id) FROM indicator_reports WHERE unit_id = 10",
    "request_id": "SELECT 1",
    "round_id": "SELECT 1",
    "rules_id": "SELECT 1",
    "seat_id": "SELECT 1",
    "task_id": "SELECT max(id) FROM tasks",
    "unit_id": "SELECT 3 UNION SELECT max(id) FROM units",
    "vote_id": "SELECT max(id) FROM votes",
}
MORE = [  # what is asked of a page besides its plain address
    "/admin/people?q=ldld",
    "/admin/people?role=clerk",
    "/admin/units?day=2025-06-30",
    "/admin/audit?act=signed_in",
    "/admin/audit?person=4",
    "/directives/?q=bao+cao",
    "/directives/?period=2024",
    "/directives/?page=3",
    "/directives/incoming?q=tinh+uy",
    "/directives/handling?show=overdue",
    "/directives/share?period=2025&against=2024",
    "/directives/share/rows?period=2025-H1",
    "/directives/compare?period=2025",
    "/indicators/consolidated/?period=2025-H2",
    "/indicators/reports/?period=2025-H2",
    "/tasks?show=done",
]


@dataclass(slots=True)
class Cost:
    """Of one answer: its status, kind ("" for a file to be kept) and size, the statements it took, the rows that were fetched, and the
    processor's time (ms)."""

    status: int
    kind: str
    size: int
    statements: int
    rows: int
    ms: float


class Office:
    """The application on one database, with what it asks of it counted."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.database = Database(f"sqlite:///{path}")
        self.statements = self.rows = 0
        event.listen(self.database.engine, "connect", self._count_rows)
        event.listen(self.database.engine, "before_cursor_execute", self._count_statement)
        index = WhooshIndex(folder / "index", texts_of(self.database), books_of(self.database))
        objects = FolderObjects(folder / "objects")
        self.app = create_app(System(Settings(environment="test", data_dir=folder), self.database, objects, index))
        self.app.config.update(WTF_CSRF_ENABLED=False)
        self.clients = {login: self._signed_in(login) for login in READERS}

    def _count_rows(self, connection: sqlite3.Connection, _record: object) -> None:
        connection.row_factory = self._row

    def _row(self, _cursor: object, row: Any) -> Any:
        self.rows += 1
        return row

    def _count_statement(self, *_facts: object) -> None:
        self.statements += 1

    def _signed_in(self, login: str) -> FlaskClient:
        with self.database.writing() as session:
            person = People(session).named(login)
            session.execute(update(Person).values(must_change_password=False))
            token = SignIns(session).start(person, lasting=timedelta(hours=9), address="127.0.0.1", device="bench")
        client = self.app.test_client()
        client.set_cookie(COOKIE, token)
        return client

    def ask(self, login: str, address: str) -> Cost:
        """What it costs that person to get the page."""
        self.statements = self.rows = 0
        began = time.process_time()
        with self.clients[login].get(address) as answer:
            size = len(answer.data)
            is_file = answer.headers.get("Content-Disposition", "").startswith("attachment")
        ms = (time.process_time() - began) * 1000
        return Cost(answer.status_code, "" if is_file else answer.mimetype or "", size, self.statements, self.rows, ms)


def rules(app: Flask) -> list[Rule]:
    """Every address that is read."""
    return sorted(
        (one for one in app.url_map.iter_rules() if "GET" in (one.methods or ()) and one.endpoint != "static"), key=str
    )


def addresses(office: Office) -> dict[str, list[str]]:
    """The addresses to ask for, by the rule that makes them. Raises LookupError for an argument that ARGUMENTS does not know."""
    found: dict[str, list[str]] = {}
    with office.database.reading() as session:
        for rule in rules(office.app):
            made = [rule.rule]
            for argument in re.findall(r"<(?:\w+:)?(\w+)>", rule.rule):
                blueprint = rule.endpoint.partition(".")[0]
                question = ARGUMENTS.get(f"{blueprint}.{argument}") or ARGUMENTS.get(argument)
                if question is None:
                    raise LookupError(f"{rule.rule}: what stands for <{argument}>? Say it in ARGUMENTS of bench/office.py")
                values = sorted(session.scalars(text(question)).all(), key=str)
                made = [re.sub(rf"<(\w+:)?{argument}>", str(value), one) for one in made for value in values]
            found[rule.rule] = made
    found |= {address: [address] for address in MORE}
    return found


@contextmanager
def opened(sizes: Mapping[str, Size | None]) -> Iterator[dict[str, Office]]:
    """Offices by name, in a folder of their own that is removed afterwards; None is the demo as it is."""
    from tests.releases import restore_sqlite, versions  # what tests know of releases

    with tempfile.TemporaryDirectory(prefix="office-") as name:
        offices = {}
        for called, size in sizes.items():
            path = Path(name) / called / "office.sqlite3"
            path.parent.mkdir()
            database = Database(restore_sqlite(versions()[-1], path))
            migrate(database)
            if size:
                fill(database, size, clock.today())
            database.close()
            offices[called] = Office(path, path.parent)
        try:
            yield offices
        finally:
            for office in offices.values():
                office.database.close()


def measured(office: Office, login: str, address: str, rounds: int) -> Cost:
    """The cost of a page that was asked for before, with the least time of some rounds."""
    office.ask(login, address)
    costs = [office.ask(login, address) for _ in range(rounds)]
    return min(costs, key=lambda one: one.ms)


def table(demo: Office, large: Office, only: str, rounds: int) -> Iterator[tuple[str, Cost, Cost]]:
    """Each page with its cost in both offices, as the first of the readers sees it whom it is shown."""
    there = addresses(large)
    for rule, asked in addresses(demo).items():
        for place, address in enumerate(there[rule]):
            if only not in address or not asked:  # the demo may have none of a kind, or but one
                continue
            here = asked[min(place, len(asked) - 1)]
            login = next((one for one in READERS if large.ask(one, address).status == HTTPStatus.OK), None)
            if login and demo.ask(login, here).status == HTTPStatus.OK:
                yield f"{address} ({login})", measured(demo, login, here, rounds), measured(large, login, address, rounds)


def main() -> None:
    """Fill, measure and tell, the worst first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=float, default=1.0, help="of the large office")
    parser.add_argument("--only", default="", help="a part of the addresses")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    size = Size(*(max(1, int(given.share * one)) for one in astuple(Size())))
    with opened({"demo": None, "large": size}) as offices:
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        rows = list(table(offices["demo"], offices["large"], given.only, given.rounds))
    print("| page | demo ms | large ms | ratio | statements | rows | kB |\n|---|---|---|---|---|---|---|")
    for name, small, large in sorted(rows, key=lambda row: -row[2].ms / max(1.0, row[1].ms)):
        ratio = large.ms / max(1.0, small.ms)
        print(
            f"| {name} | {small.ms:.0f} | {large.ms:.0f} | {ratio:.1f} | {small.statements} / {large.statements}"
            f" | {small.rows} / {large.rows} | {small.size / 1000:.0f} / {large.size / 1000:.0f} |"
        )
    print("\n".join(goals(rows)))


def goals(rows: Sequence[tuple[str, Cost, Cost]]) -> Iterator[str]:
    """The table of what is aimed at beside what was measured, of the large office unless it says otherwise."""
    ratios = [large.ms / max(1.0, small.ms) for _name, small, large in rows]
    slowest, largest, talkative = (max(rows, key=lambda row: getattr(row[2], of)) for of in ("ms", "size", "statements"))
    yield f"\n| of {len(rows)} pages | measured | goal |\n|---|---|---|"
    yield f"| within twice the demo | {sum(one <= 2 for one in ratios)} | {len(rows)} |"
    yield f"| worse than ten times | {sum(one > 10 for one in ratios)} | 0 |"
    yield f"| heaviest: {slowest[0]} | {slowest[2].ms:.0f} ms | 300 ms |"
    yield f"| largest: {largest[0]} | {largest[2].size / 1000:.0f} kB | 300 kB |"
    yield f"| most statements: {talkative[0]} | {talkative[2].statements} | 40 |"


if __name__ == "__main__":
    main()
