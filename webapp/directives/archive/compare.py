"""The archive and the register of a unit in a year, side by side: what is in one and not in the other, with what to do about it."""

from flask import Blueprint, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from domain.directives.matching import Likeness
from domain.ground.clock import today
from domain.people.roles import Permission
from storage.directives.comparison import ArchiveAndRegister
from webapp.directives.access import whose, with_registers
from webapp.ground.access import audiences, may, shows
from webapp.ground.forms import Form
from webapp.ground.picking import Pick
from webapp.ground.scopes import kept, seen

bp = Blueprint("compare", __name__, url_prefix="/directives/compare")

_OLDEST = 1929  # the year in which the unions were founded
SHOWN = 100  # rows of each list; the rest is counted


class CompareForm(Form):
    """Whose register, and which year."""

    unit = Pick(_l("Đơn vị"), _l("Hãy chọn đơn vị."))
    year = IntegerField(
        _l("Năm"),
        [InputRequired(_l("Hãy ghi năm.")), NumberRange(_OLDEST, 2100, message=_l("Hãy ghi năm bằng bốn chữ số, ví dụ 2025."))],
    )


@bp.get("")
@shows(Permission.READ_REGISTERS)
def compare(session: Session) -> str:
    """The comparison that the address asks for; else of the first unit and this year."""
    form = CompareForm(request.args, meta={"csrf": False})
    form.unit.offer(with_registers(session), url_for("outgoing.units"))
    if not request.args:
        form.unit.show(whose(session)[0])
        form.year.data = today().year
    unit = form.unit.found if not request.args or form.validate() else None
    both = ArchiveAndRegister(session, audiences(session), seen(session))
    return render_template(
        "directives/archive/compare.html",
        form=form,
        unit=unit,
        found=both.compare(unit, form.year.data) if unit else None,
        may_act=bool(unit) and may(Permission.KEEP_REGISTERS) and unit is not None and unit.id in kept(session),
        sure=Likeness.SURE,
        most=SHOWN,
    )
