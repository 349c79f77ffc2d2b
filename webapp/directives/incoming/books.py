"""The two registers of what arrived: the entries that an address asks for, as a list and written out as a file."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flask import Response, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from domain.directives.directives import RegisterTooLong
from domain.ground.clock import today
from domain.ground.errors import NotFound
from domain.ground.files import MediaType
from domain.people.roles import Permission
from storage.directives.incoming import IncomingDocument, IncomingDocuments, Wanted
from storage.people.units import KnownUnit, Unit
from webapp.directives.access import unit_filter
from webapp.directives.register_sheets import MOST, Column, Register, to_pdf, to_xlsx
from webapp.ground.access import audit_reading, may, me
from webapp.ground.files import download
from webapp.ground.scopes import kept, seen, units_among
from webapp.ground.system import reading
from webapp.ground.workbooks import MEDIA_TYPE, Value

SUPERIOR = "Tổng Liên đoàn Lao động Việt Nam"  # of the province, whose superior is no unit here


def wanted_of(args: Mapping[str, str], which: str = "all") -> Wanted:
    """Which entries an address asks for; what makes no sense in it is passed over."""
    unit, year = args.get("unit", ""), args.get("year", "")
    return Wanted(
        unit_id=int(unit) if unit.isdecimal() and len(unit) < 10 else None,
        year=int(year) if year.isdecimal() and len(year) == 4 else None,
        words=args.get("q", "").strip()[:200],
        which=which,
    )


def listed(session: Session, wanted: Wanted) -> dict[str, Any]:
    """What a list of entries shows, and by what it can be narrowed."""
    book, units = IncomingDocuments(session), seen(session)
    by_unit = unit_filter(session)
    if by_unit.found:
        wanted = replace(wanted, unit_id=by_unit.found.id)
    page = book.page(units, wanted, me(), after=request.args.get("after", ""))
    own = open_registers(session) if may(Permission.KEEP_REGISTERS) else []
    arguments = {"unit": wanted.unit_id, "year": wanted.year, "q": wanted.words or None}
    return {
        "seen_units": units,
        "page": page, "wanted": wanted, "keeps": own,
        "by_unit": by_unit, "sees_several": len(units) > 1, "years": book.years(units) or [today().year], "today": today(),
        "exported": _exported(session, wanted, units), "overdue": book.overdue(units, me(), today()), "arguments": arguments,
    }  # fmt: skip


def _exported(session: Session, wanted: Wanted, units: frozenset[int]) -> tuple[int, int] | None:
    """Whose register of which year the buttons give out: what the list is narrowed to, else one's own of this year."""
    unit_id = wanted.unit_id if wanted.unit_id in units else next((unit.id for unit in open_registers(session)), None)
    return None if unit_id is None else (unit_id, wanted.year or today().year)


def open_registers(session: Session) -> list[KnownUnit]:
    """The units whose register one keeps, those that stand today: nothing new is entered for one that has ended."""
    return [unit for unit in units_among(session, kept(session)) if unit.facts().stands_on(today())]


def sheet(
    form: str, title: str, columns: tuple[Column, ...], row: Callable[[IncomingDocument], tuple[Value, ...]], name: str
) -> Response:
    """A register of one unit's year as a file, which is recorded."""
    wanted = wanted_of(request.args)
    with reading() as session:
        if wanted.unit_id not in seen(session) or wanted.year is None:
            raise NotFound("unit", wanted.unit_id)
        unit = session.get_one(Unit, wanted.unit_id)
        rows = [row(entry) for entry in IncomingDocuments(session).register(unit.id, wanted.year)]
        if len(rows) > MOST[form]:
            raise RegisterTooLong(MOST[form])
        superior = unit.parent.name if unit.parent else SUPERIOR
        register = Register(superior, unit.name, title, _("Năm %(year)s", year=wanted.year), columns, rows)
        code = unit.code
    facts = {"file": f"{name}.{form}", "rows": len(rows)}
    audit_reading("register_exported", subject=("unit", wanted.unit_id), facts=facts)
    content, media_type = (to_xlsx(register), MEDIA_TYPE) if form == "xlsx" else (to_pdf(register), MediaType.PDF)
    return download(content, f"{name}-{code}-{wanted.year}.{form}", media_type)
