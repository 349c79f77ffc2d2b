"""The organisation's key: of whom it signs papers, and how. It belongs to the federation, and signs for no other unit."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from domain.directives.signatures import SigningUnavailable
from domain.ground.clock import VIETNAM, now
from domain.people.units import UnitKind
from storage.directives.signatures import BOX_MM, sign, signer_of
from storage.people.units import Unit
from webapp.ground.printing.pdf import stamp
from webapp.ground.system import settings


@dataclass(frozen=True, slots=True)
class Sealed:
    """A PDF with the organisation's signature, whose it is, and when it was made."""

    content: bytes
    signer: str
    at: datetime


def has_seal(unit: Unit | None) -> bool:
    """Whether the organisation's key signs what that unit issues."""
    return settings().signing_key is not None and unit is not None and unit.kind is UnitKind.PROVINCE


def seal(pdf: bytes, unit: Unit | None, *, line: str, reason: str) -> Sealed:
    """Sign what the unit issues with the organisation's key; `line` stands on the stamp. Raises SigningUnavailable."""
    key, password = settings().signing_key, settings().signing_password
    if key is None or not has_seal(unit):
        raise SigningUnavailable("none" if key is None else "of_another_unit")
    signer, moment = signer_of(key, password), now()
    lines = [
        _("Ký bởi: %(name)s", name=signer),
        _("Thời gian ký: %(when)s", when=f"{moment.astimezone(VIETNAM):%Y-%m-%dT%H:%M:%S+07:00}"),
        line,
    ]
    left, bottom, right, top = BOX_MM
    picture = stamp(lines, width_mm=right - left, height_mm=top - bottom)
    return Sealed(sign(pdf, key=key, password=password, stamp=picture, reason=reason), signer, moment)
