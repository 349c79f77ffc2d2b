"""Which outgoing documents whoever asks may read, and whose register a page is about or filtered by; other rooms ask here too. Whose
registers one sees is in webapp/ground/scopes.py."""

from flask import request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from domain.directives.directives import REGISTERED
from domain.ground.errors import NotFound
from domain.people.roles import Permission
from domain.people.units import UnitKind
from storage.directives.outgoing import OutgoingDocument, OutgoingDocuments
from storage.people.candidates import CandidateUnits
from storage.people.units import Unit
from webapp.ground.access import may
from webapp.ground.picking import Pick, filter_by
from webapp.ground.scopes import kept, seen, units_among


def with_registers(session: Session) -> CandidateUnits:
    """The units whose registers whoever asks sees; an office has none of its own."""
    return CandidateUnits(session, Unit.id.in_(seen(session)), Unit.kind != UnitKind.OFFICE)


def unit_filter(session: Session, name: str = "unit") -> Pick:
    """The field by which one of these units is asked for, as the address fills it in."""
    return filter_by(name, _("Đơn vị"), with_registers(session), url_for("outgoing.units"))


def whose(session: Session, unit: Unit | None = None) -> tuple[Unit | None, Pick | None]:
    """The unit that a page is about, and the field that turns the page to another; no field for whoever sees one unit only.

    Without a unit it is the one that the address asks for, else the first that whoever asks keeps. Raises NotFound for another's.
    """
    mine, asked = seen(session), request.args.get("unit", type=int)
    if unit is None and asked is not None and asked not in mine:
        raise NotFound("unit", asked)
    field = unit_filter(session)
    found: Unit | None = unit or field.found
    if found is None and (own := units_among(session, kept(session))):
        found = session.get_one(Unit, own[0].id)
    if not field.errors:
        field.show(found)
    return found, field if len(mine) > 1 else None


def readable(session: Session, outgoing_id: int) -> OutgoingDocument:
    """The document; what has no number yet is known only to those who draft in its unit. Raises NotFound."""
    found = OutgoingDocuments(session).get(outgoing_id, seen(session))
    is_own = found.unit_id in kept(session) and may(Permission.DRAFT_DIRECTIVES)
    if found.state not in REGISTERED and not is_own:
        raise NotFound("outgoing", outgoing_id)
    return found
