"""Sealing a PDF with the organisation's key: the signature, and what is seen of it on the first page."""

from flask_babel import gettext as _

from domain.directives.signatures import SigningUnavailable
from domain.ground.clock import VIETNAM, now
from storage.directives.signatures import BOX_MM, sign, signer_of
from webapp.ground.printing.pdf import stamp
from webapp.ground.system import settings


def sealed(pdf: bytes, *, about: str) -> bytes:
    """The PDF with the organisation's signature; raises SigningUnavailable."""
    key, password = settings().signing_key, settings().signing_password
    if key is None:
        raise SigningUnavailable("none")
    left, bottom, right, top = BOX_MM
    lines = [
        _("Ký bởi: %(name)s", name=signer_of(key, password)),
        _("Thời gian ký: %(when)s", when=f"{now().astimezone(VIETNAM):%Y-%m-%dT%H:%M:%S+07:00}"),
        _("Số, ký hiệu: %(number)s", number=about),
    ]
    picture = stamp(lines, width_mm=right - left, height_mm=top - bottom)
    return sign(pdf, key=key, password=password, stamp=picture, reason=about)
