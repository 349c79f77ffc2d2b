"""The demo: an invented federation with its units, people, places and papers, for an installation that is still empty.

People, numbers and texts are invented, but for a page of the law of 2012 on unions, which is official text and free. The papers are
drawn as scans when they are loaded (khonggiay/demo/scans.py) and come in like any others, so the worker really reads them.
"""

import io
from datetime import date
from typing import Any

import click
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from domain.people.access import Access
from domain.people.roles import Role
from domain.people.units import UnitKind
from khonggiay.demo.directives import add_directives
from khonggiay.demo.indicators import add_indicators
from khonggiay.demo.meetings import add_meetings
from khonggiay.demo.papers import FontsMissing
from khonggiay.demo.past_meeting import add_papers, add_past_meeting
from khonggiay.demo.scans import Kind, Look, scan
from khonggiay.demo.signatures import sign_directives
from khonggiay.demo.tables import table
from khonggiay.system import database, objects, settings
from storage.archive.intake import Batch, open_batch
from storage.archive.places import Catalogue, Fonds, Places, RecordFile
from storage.archive.reception import Arrival, receive
from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.ground.objects import Objects
from storage.ground.settings import Settings
from storage.people.people import NO_PASSWORD, People, Person, Seat
from storage.people.units import Unit, Units
from webapp.people.accounts.passwords import hash_password

_SUBJECT = ("demo", 1)
_MERGED = date(2025, 7, 1)  # district unions end, unions of communes and wards begin
_LAST_DAY = date(2025, 6, 30)
_REFOUNDED = date(1989, 7, 1)  # Nghĩa Bình is divided into Bình Định and Quảng Ngãi
_FEDERATION = table("federation")


class DemoRefused(click.ClickException):
    """Demo data may not be loaded here; the message says why and what to do."""


# code, name, kind, superior, first day, last day, successor
_UnitRow = tuple[str, str, UnitKind, str, date, date | None, str]


def _unit_rows() -> list[_UnitRow]:
    """Every unit, superiors before those below them."""
    rows: list[_UnitRow] = [
        (one["code"], one["name"], UnitKind.PROVINCE, "", one["begun"], one.get("ended"), one.get("successor", ""))
        for one in _FEDERATION["provinces"]
    ]
    rows += [(code, name, UnitKind.OFFICE, "LDLD-BD", _REFOUNDED, None, "") for code, name in _FEDERATION["offices"].items()]
    rows += [
        (f"CD-{code}", f"Công đoàn {name}", UnitKind.UPPER, "LDLD-GL", _MERGED, None, "")
        for code, name in _FEDERATION["communes"].items()
    ]
    rows += [
        (f"H-{code}", name, UnitKind.UPPER, "LDLD-BD", _REFOUNDED, _LAST_DAY, successor)
        for code, (name, successor) in _FEDERATION["districts"].items()
    ]
    rows += [
        (one["code"], one["name"], UnitKind.GRASSROOTS, one["superior"], one["begun"], None, "")
        for one in _FEDERATION["grassroots"]
    ]
    return rows


@click.command()
def demo() -> None:
    """Nạp dữ liệu mẫu vào kho còn trống: đơn vị, tài khoản, hồ sơ và văn bản quét. Mã thoát 1 nếu không nạp được."""
    accounts = load(settings(), database(), objects())
    if not accounts:
        raise DemoRefused(
            "Chưa nạp gì: kho này đã có dữ liệu khác. Dữ liệu mẫu chỉ nạp vào kho còn trống; hãy chọn KHONGGIAY_DATA_DIR khác."
        )
    for login, password, words in accounts:
        click.echo(f"{login:<16} {password:<16} {words}")


def load(settings: Settings, database: Database, objects: Objects) -> list[tuple[str, str, str]]:
    """Load the demo into an empty installation and return its accounts: login, password, role in words.

    It may be repeated and then goes on where it was interrupted; nothing is done and [] returned where other data are. Raises
    DemoRefused in production and where the typefaces of the papers are missing.
    """
    if settings.is_production:
        raise DemoRefused("Không nạp dữ liệu mẫu vào hệ thống chính thức (KHONGGIAY_ENVIRONMENT=production).")
    with database.writing() as session:
        acts = {entry.act: entry for entry in AuditTrail(session).of(*_SUBJECT)}
        if not acts and not _is_empty(session):
            return []
        batches = acts["demo_begun"].facts["batches"] if acts else _begin(session, settings, objects)
    if "demo_loaded" not in acts:
        _bring_in(settings, database, objects, batches)
    return [(one["login"], one["password"], one["words"]) for one in _FEDERATION["people"] if "password" in one]


def _is_empty(session: Session) -> bool:
    return not any(session.scalar(select(exists().select_from(table))) for table in (Person, Unit, Fonds, Batch))


def _begin(session: Session, settings: Settings, objects: Objects) -> list[int]:
    """All records but the papers, with one open batch for each lot; returns the batches' ids."""
    _add_units(session)
    _add_people(session)
    _add_places(session)
    add_past_meeting(session, add_meetings(session, settings))
    add_directives(session)
    add_indicators(session, objects)
    archivist = People(session).named("luutru")
    batches = [_open_lot(session, lot, archivist) for lot in _FEDERATION["lots"]]
    AuditTrail(session).record("demo_begun", actor="command line", subject=_SUBJECT, facts={"batches": batches})
    return batches


def _add_units(session: Session) -> None:
    units: dict[str, Unit] = {}
    for code, name, kind, superior, begun, ended, _ in _unit_rows():
        units[code] = Unit(code=code, name=name, kind=kind, parent=units.get(superior), valid_from=begun, valid_to=ended)
    session.add_all(units.values())
    session.flush()
    for code, *_, successor in _unit_rows():
        units[code].successor = units.get(successor)
    session.flush()


def _add_people(session: Session) -> None:
    for one in _FEDERATION["people"]:
        person = People(session).add(one["login"], one["name"], frozenset(map(Role, one["roles"])))
        person.password_hash = hash_password(one["password"]) if "password" in one else NO_PASSWORD
        person.seats.append(Seat(unit=Units(session).find(one["unit"]), title=one["title"], valid_from=_MERGED))


def _add_places(session: Session) -> None:
    catalogues: dict[tuple[str, str], Catalogue] = {}
    for one in _FEDERATION["fonds"]:
        fonds = Fonds(code=one["code"], name=one["name"], years=one["years"], history=one["history"])
        for number, title in one["catalogues"].items():
            catalogues[one["code"], number] = Catalogue(fonds=fonds, number=number, title=title)
    session.add_all(catalogues.values())
    for place, facts in _FEDERATION["record_files"].items():
        code, catalogue, number = place.split(".")
        record_file = RecordFile(
            catalogue=catalogues[code, catalogue], number=number, language="01", warehouse="K1", shelf="G02", condition="02",
            reliability="02", **facts,
        )  # fmt: skip
        session.add(record_file)
    session.flush()


def _open_lot(session: Session, lot: dict[str, Any], archivist: Person) -> int:
    batch = open_batch(
        session,
        source="command",
        person=archivist,
        attested_by=archivist.name,
        record_file=Places(session).find(lot.get("place", "")),
        access=Access(lot.get("access", Access.OPEN)),
        unit=Units(session).find(lot.get("unit", "")),
    )
    return batch.id


def _bring_in(settings: Settings, database: Database, objects: Objects, batches: list[int]) -> None:
    """Draw and receive every paper; one that is there already gets its receipt again."""
    limit = settings.max_upload_mb * 1024 * 1024
    for batch_id, lot in zip(batches, _FEDERATION["lots"], strict=True):
        for name, look, kind in lot["papers"]:
            for arrival in _scanned(name, Look(look), Kind(kind)):
                receive(database, objects, batch_id, arrival, limit=limit)
    add_papers(settings, database, objects)
    sign_directives(settings, database, objects)
    with database.writing() as session:
        AuditTrail(session).record("demo_loaded", actor="command line", subject=_SUBJECT)


def _scanned(name: str, look: Look, kind: Kind) -> list[Arrival]:
    try:
        files = scan(name, look, kind)
    except FontsMissing as error:
        raise DemoRefused(f"Thiếu phông chữ {error}. Hãy cài gói fonts-liberation2 rồi chạy lại.") from error
    group = files[0][0] if len(files) > 1 else ""
    return [Arrival(file, io.BytesIO(content), group, part, len(files)) for part, (file, content) in enumerate(files, start=1)]
