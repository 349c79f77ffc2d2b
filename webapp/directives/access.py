"""Which outgoing documents whoever asks may read, and the unit that a register is filtered by; other rooms ask here too. Whose registers
one sees is in webapp/ground/scopes.py."""

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from domain.directives.directives import REGISTERED
from domain.ground.errors import NotFound
from domain.people.roles import Permission
from storage.directives.outgoing import OutgoingDocument, OutgoingDocuments
from storage.people.candidates import CandidateUnits
from storage.people.units import Unit
from webapp.ground.access import may
from webapp.ground.picking import Pick, filter_by
from webapp.ground.scopes import kept, seen


def unit_filter(session: Session, units: frozenset[int]) -> Pick:
    """The field by which a register is filtered to one of these units, as the address fills it in."""
    candidates = CandidateUnits(session, Unit.id.in_(units))
    return filter_by("unit", _("Đơn vị"), candidates, url_for("outgoing.units"))


def readable(session: Session, outgoing_id: int) -> OutgoingDocument:
    """The document; what has no number yet is known only to those who draft in its unit. Raises NotFound."""
    found = OutgoingDocuments(session).get(outgoing_id, seen(session))
    is_own = found.unit_id in kept(session) and may(Permission.DRAFT_DIRECTIVES)
    if found.state not in REGISTERED and not is_own:
        raise NotFound("outgoing", outgoing_id)
    return found
