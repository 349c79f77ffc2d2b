"""A unit's word that a month of its register is complete, how many secret documents it leaves out, and who has not given it."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange, Optional

from domain.ground.clock import today
from domain.ground.errors import NotFound, RuleError
from domain.ground.periods import Period, month
from domain.people.roles import Permission
from domain.people.units import UnitKind
from storage.directives.outgoing import OutgoingDocuments, RegisterMonths
from storage.people.units import Unit
from webapp.directives import words
from webapp.directives.access import whose
from webapp.ground.access import audit, may, me, requires, shows, writes
from webapp.ground.errors import sentence
from webapp.ground.forms import Choice, Form
from webapp.ground.scopes import kept, kept_unit, seen, units_among
from webapp.ground.system import reading, writing

bp = Blueprint("register_reports", __name__, url_prefix="/directives/reports")

Answer = str | tuple[str, int] | Response
_YEARS_BACK = 10


class CountForm(Form):
    """A number of secret documents: nothing of any of them."""

    month = IntegerField(
        _l("Tháng"), [InputRequired(_l("Hãy chọn tháng.")), NumberRange(1, 12, message=_l("Tháng từ 1 đến 12."))]
    )
    kind = Choice(_l("Loại văn bản"), [Optional()], default="")
    count = IntegerField(
        _l("Số lượng"),
        [InputRequired(_l("Hãy ghi số lượng.")), NumberRange(0, 10_000, message=_l("Số lượng là số từ 0 đến 10.000."))],
    )

    def offer(self) -> None:
        """The kinds."""
        self.kind.choices = words.offered({kind: kind for kind in words.kinds()}, _("Không nêu loại"))


@bp.get("")
@shows(Permission.READ_REGISTERS)
def reports(session: Session) -> str:
    """The months of a unit's year, and below which units have not reported a month."""
    return _page(session, None, _year_asked())


def _year_asked() -> int:
    year = request.args.get("year", today().year, type=int)
    return year if today().year - _YEARS_BACK <= year <= today().year else today().year


def _month_asked(year: int) -> Period:
    """The month whose reports are listed: the one asked for, else the last that is over."""
    number = request.args.get("month", 0, type=int)
    if 1 <= number <= 12:
        return month(year, number)
    day = today()
    if year < day.year:
        return month(year, 12)
    return month(year, max(1, day.month - 1))


def _page(session: Session, unit: Unit | None, year: int, form: CountForm | None = None, refusal: str = "") -> str:
    unit, by_unit = whose(session, unit)
    form = form or CountForm(formdata=None, month=max(1, today().month - 1))
    form.offer()
    asked, months, mine = _month_asked(year), RegisterMonths(session), seen(session)
    due = [one for one in units_among(session, mine) if one.kind is not UnitKind.OFFICE and one.facts().stands_on(asked.last)]
    reported = months.reported(mine, asked.first.year, asked.first.month)
    issued = OutgoingDocuments(session).issued_in(mine, asked)
    return render_template(
        "directives/settings/reports.html",
        unit=unit,
        by_unit=by_unit,
        year=year,
        years=range(today().year, today().year - _YEARS_BACK - 1, -1),
        months=[month(year, number) for number in range(1, 13)],
        reports=months.reports(unit.id, year) if unit else {},
        counts=months.counts(unit.id, year) if unit else {},
        registered=_by_month(session, unit, year) if unit else {},
        keeps=may(Permission.KEEP_REGISTERS) and unit is not None and unit.id in kept(session),
        form=form,
        refusal=refusal,
        today=today(),
        asked=asked,
        due=due,
        missing=[one for one in due if one.id not in reported],
        issued=issued,
    )


def _by_month(session: Session, unit: Unit, year: int) -> dict[int, int]:
    documents, mine = OutgoingDocuments(session), frozenset({unit.id})
    return {number: documents.issued_in(mine, month(year, number)).get(unit.id, 0) for number in range(1, 13)}


def _back(unit_id: int, year: int) -> Response:
    return redirect(url_for("register_reports.reports", unit=unit_id, year=year), 303)


def _again(unit_id: int, year: int, error: RuleError | None = None, form: CountForm | None = None) -> Answer:
    status, refusal = sentence(error) if error else (422, "")
    with reading() as session:
        return _page(session, kept_unit(session, unit_id), year, form, refusal), status


def _check_month(year: int, number: int) -> None:
    """Raises NotFound for what is no month of ours."""
    if not (1 <= number <= 12 and today().year - _YEARS_BACK <= year <= today().year):
        raise NotFound("month", f"{year}-{number}")


@bp.post("/<int:unit_id>/<int:year>/<int:number>")
@requires(Permission.KEEP_REGISTERS)
def report(unit_id: int, year: int, number: int) -> Answer:
    """Say that a month is complete."""
    _check_month(year, number)
    try:
        with writing() as session:
            kept_unit(session, unit_id)
            if RegisterMonths(session).report(unit_id, year, number, me()):
                audit(session, "register_reported", subject=("unit", unit_id), facts={"year": year, "month": number})
    except IntegrityError:
        pass  # somebody else gave the same word at the same moment: it stands
    except NotFound:
        raise
    except RuleError as error:
        return _again(unit_id, year, error)
    flash(_("Đã báo sổ tháng %(month)s/%(year)s ghi đủ.", month=number, year=year), "success")
    return _back(unit_id, year)


@bp.post("/<int:unit_id>/<int:year>/<int:number>/take-back")
@writes(Permission.KEEP_REGISTERS)
def take_back(session: Session, unit_id: int, year: int, number: int) -> Answer:
    """Take that word back."""
    kept_unit(session, unit_id)
    if RegisterMonths(session).take_back(unit_id, year, number):
        audit(session, "register_report_taken_back", subject=("unit", unit_id), facts={"year": year, "month": number})
    flash(_("Đã rút lại báo đủ của tháng %(month)s/%(year)s.", month=number, year=year), "success")
    return _back(unit_id, year)


@bp.post("/<int:unit_id>/<int:year>/secret")
@requires(Permission.KEEP_REGISTERS)
def count_secret(unit_id: int, year: int) -> Answer:
    """Keep how many secret documents a month leaves out: a number, and nothing else."""
    form = CountForm()
    form.offer()
    _check_month(year, 1)
    if not form.validate() or month(year, form.month.data).first > _next_month():
        return _again(unit_id, year, form=form)
    with writing() as session:
        kept_unit(session, unit_id)
        before = RegisterMonths(session).set_count(unit_id, year, form.month.data, form.kind.data, form.count.data, me())
        facts = {"year": year, "month": form.month.data, "kind": form.kind.data, "count": form.count.data, "before": before}
        audit(session, "secret_count_set", subject=("unit", unit_id), facts=facts)
    flash(_("Đã ghi số lượng văn bản mật của tháng %(month)s.", month=form.month.data), "success")
    return _back(unit_id, year)


def _next_month() -> date:
    """The first day of this month: no later month has any."""
    return today().replace(day=1)
