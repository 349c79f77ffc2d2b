"""The outgoing register (văn bản đi) as pages: the list with its totals, one document, its file, the register written out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from domain.directives.directives import OutgoingState, RegisterTooLong
from domain.ground.clock import today
from domain.ground.errors import NotFound, RuleError
from domain.ground.files import OFFICE_TYPES, MediaType
from domain.ground.periods import Period, month, parse_period
from domain.people.roles import Permission
from storage.directives.files import look_of_document
from storage.directives.outgoing import LEVEL_CHOICES, OutgoingDocument, OutgoingDocuments, Wanted
from storage.people.units import Unit
from webapp.directives import words
from webapp.directives.access import readable, unit_filter, with_registers
from webapp.directives.outgoing.books import as_csv, as_register
from webapp.directives.outgoing.document import document_page
from webapp.directives.outgoing.paper import paper_of
from webapp.directives.register_sheets import MOST, to_pdf, to_xlsx
from webapp.directives.uploads import check_may_open
from webapp.ground.access import audit_reading, may, requires, shows
from webapp.ground.files import attached, download, object_answer, printed
from webapp.ground.picking import answer
from webapp.ground.scopes import kept, own_unit, seen
from webapp.ground.system import reading
from webapp.ground.workbooks import MEDIA_TYPE

bp = Blueprint("outgoing", __name__, url_prefix="/directives")

ROWS = 50
FIRST_YEAR = 2000
LISTED = (OutgoingState.NUMBERED, OutgoingState.SIGNED, OutgoingState.ISSUED, OutgoingState.REVOKED, OutgoingState.REPLACED)
_ENDINGS: Mapping[str, str] = {
    "pdf": MediaType.PDF, "png": MediaType.PNG, "jpg": MediaType.JPEG, "jpeg": MediaType.JPEG, "tif": MediaType.TIFF,
    "tiff": MediaType.TIFF, "docx": OFFICE_TYPES["docx"],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks of the register; what makes no sense asks nothing."""

    words: str
    unit: int | None
    year: str  # empty: every year
    part: str  # H1, H2, 01 to 12; empty: the whole year
    kind: str
    state: str
    level: str
    own: int | None = None  # whose register it is unless another is asked for

    @classmethod
    def of_request(cls, own: int | None = None) -> "Asked":
        """What this request asks; without a year, it is this year; without a unit, one's own if there is one."""
        given = {name: request.args.get(name, "").strip() for name in ("q", "year", "part", "kind", "state", "level")}
        year = given["year"] if "year" in request.args else str(today().year)
        return cls(
            words=given["q"][:200],
            unit=request.args.get("unit", type=int) if request.args.keys() & {"unit", "unit-words"} else own,
            year=year if year.isdigit() and len(year) == 4 else "",
            part=given["part"] if year else "",
            kind=given["kind"],
            state=given["state"] if given["state"] in LISTED else "",
            level=given["level"] if given["level"] in LEVEL_CHOICES else "",
            own=own,
        )

    @property
    def period(self) -> Period | None:
        """The days asked for."""
        if not self.year:
            return None
        try:
            return parse_period(f"{self.year}-{self.part}" if self.part else self.year)
        except (RuleError, ValueError):
            return parse_period(self.year)

    def wanted(self) -> Wanted:
        """The question to the register."""
        return Wanted(
            words=self.words,
            unit_ids=frozenset({self.unit}) if self.unit else frozenset(),
            period=self.period,
            kind=self.kind,
            state=OutgoingState(self.state) if self.state else None,
            level=self.level,
        )

    def address(self, **changes: Any) -> dict[str, Any]:
        """The arguments of the address, with some changed."""
        asked = {"q": self.words, "unit": self.unit or "", "year": self.year, "part": self.part, "kind": self.kind,
                 "state": self.state, "level": self.level}  # fmt: skip
        return {name: value for name, value in {**asked, **changes}.items() if value or name in ("year", "unit")}

    @property
    def is_of_another(self) -> bool:
        """Whether it is about one unit that is not one's own."""
        return self.unit is not None and self.unit != self.own

    @property
    def is_narrow(self) -> bool:
        """Whether anything but the year and one's own unit is asked."""
        return bool(self.words or self.is_of_another or self.part or self.kind or self.state or self.level)


@bp.get("/")
@requires(Permission.READ_REGISTERS)
def outgoing() -> str:
    """The register of outgoing documents: filters, totals by level, and a page of rows."""
    with reading() as session:
        asked = _asked(session)
        mine, documents = seen(session), OutgoingDocuments(session)
        by_unit = unit_filter(session)
        if by_unit.found:
            asked = replace(asked, unit=by_unit.found.id)
        whose = session.get(Unit, asked.unit) if asked.unit in mine else None
        if not by_unit.is_sought and not by_unit.errors:
            by_unit.show(whose)
        tally = documents.tally(asked.wanted(), mine)
        last = max(1, -(-tally.count // ROWS))
        current = min(max(1, request.args.get("page", 1, type=int)), last)
        return render_template(
            "directives/outgoing/list.html",
            asked=asked,
            tally=tally,
            rows=documents.page(current, ROWS, asked.wanted(), mine) if tally.count else [],
            page=current,
            last=last,
            by_unit=by_unit,
            sees_several=len(mine) > 1,
            whose=whose,
            own=session.get(Unit, asked.own) if asked.own in mine else None,
            kinds=documents.kinds(mine),
            years=range(today().year, FIRST_YEAR - 1, -1),
            parts=_parts(),
            states=[(state, words.STATES[state][0]) for state in LISTED],
            keeps=may(Permission.KEEP_REGISTERS) and bool(kept(session)),
            words=words,
        )


def _asked(session: Session) -> Asked:
    own = own_unit(session)
    return Asked.of_request(own.id if own else None)


def _parts() -> list[tuple[str, str]]:
    halves = [("H1", _("6 tháng đầu năm")), ("H2", _("6 tháng cuối năm"))]
    return [("", _("Cả năm")), *halves, *((f"{n:02}", _("Tháng %(n)s", n=n)) for n in range(1, 13))]


@bp.get("/units")
@shows(Permission.READ_REGISTERS)
def units(session: Session) -> dict[str, Any]:
    """The units that a field offers where registers are looked at: those whose registers whoever asks sees."""
    return answer(with_registers(session))


@bp.get("/<int:outgoing_id>")
@requires(Permission.READ_REGISTERS)
def one(outgoing_id: int) -> str:
    """One document: what it is, where it stands, the next step, what was claimed and proven, its history."""
    with reading() as session:
        return document_page(session, readable(session, outgoing_id))


@bp.get("/<int:outgoing_id>/file")
@requires(Permission.READ_REGISTERS)
def file(outgoing_id: int) -> Response:
    """The document as a file, byte for byte."""
    with reading() as session:
        document = readable(session, outgoing_id)
        check_may_open(document, look_of_document(session, document), kept(session))
        key, name = document.file_sha256, document.file_name
    if key is None:
        raise NotFound("file", outgoing_id)
    media_type = _ENDINGS.get(name.rpartition(".")[2].lower(), "application/octet-stream")
    return attached(object_answer(key, media_type), name)


@bp.get("/<int:outgoing_id>/paper.pdf")
@requires(Permission.READ_REGISTERS)
def paper(outgoing_id: int) -> Response:
    """The text that was written here as an official paper, to be read, printed or signed."""
    with reading() as session:
        document = readable(session, outgoing_id)
        if not document.content:
            raise NotFound("content", outgoing_id)
        return printed(paper_of(document), (document.written_number or _("du-thao")).replace("/", "-"), "pdf")


# The register written out


@bp.get("/register.xlsx")
@requires(Permission.READ_REGISTERS)
def register_xlsx() -> Response:
    """The register in its official form as a workbook."""
    with reading() as session:
        asked, unit, rows = _book(session, MOST["xlsx"])
        content = to_xlsx(as_register(unit, period_words(asked), rows))
    return _written_out(content, MEDIA_TYPE, unit, asked, "xlsx", len(rows))


@bp.get("/register.pdf")
@requires(Permission.READ_REGISTERS)
def register_pdf() -> Response:
    """The register in its official form, to be printed and bound."""
    with reading() as session:
        asked, unit, rows = _book(session, MOST["pdf"])
        content = to_pdf(as_register(unit, period_words(asked), rows))
    return _written_out(content, MediaType.PDF.value, unit, asked, "pdf", len(rows))


@bp.get("/register.csv")
@requires(Permission.READ_REGISTERS)
def register_csv() -> Response:
    """The register with its evidence columns, for programs."""
    with reading() as session:
        asked, unit, rows = _book(session, MOST["csv"])
        content = as_csv(rows)
    return _written_out(content.encode("utf-8-sig"), "text/csv", unit, asked, "csv", len(rows))


def _book(session: Session, most: int) -> tuple[Asked, Unit | None, list[OutgoingDocument]]:
    """What is asked, the unit whose book it is (None: of several), and its rows; raises RegisterTooLong."""
    asked, mine = _asked(session), seen(session)
    rows = OutgoingDocuments(session).book(asked.wanted(), mine, most=most + 1)
    if len(rows) > most:
        raise RegisterTooLong(most)
    whose = asked.unit if asked.unit in mine else next(iter(mine)) if len(mine) == 1 else None
    return asked, session.get(Unit, whose) if whose else None, rows


def period_words(asked: Asked) -> str:
    """The time of a register as its title page says it."""
    period = asked.period
    if period is None:
        return "Tất cả các năm"
    if asked.part in ("H1", "H2"):
        return f"{dict(_parts())[asked.part]} {asked.year}"
    whole = Period(date(period.first.year, 1, 1), date(period.first.year, 12, 31))
    return f"Năm {asked.year}" if period == whole else _month_words(period)


def _month_words(period: Period) -> str:
    assert period == month(period.first.year, period.first.month)  # noqa: S101 - no other part is offered
    return f"Tháng {period.first.month} năm {period.first.year}"


def _written_out(content: bytes, media_type: str, unit: Unit | None, asked: Asked, ending: str, count: int) -> Response:
    facts = {"form": ending, "rows": count, "period": asked.period.code if asked.period else ""}
    audit_reading("register_written_out", subject=("unit", unit.id if unit else ""), facts=facts)
    name = "-".join(part for part in ("so-van-ban-di", unit.code if unit else "", asked.year, asked.part) if part)
    return download(content, f"{name}.{ending}", media_type)
