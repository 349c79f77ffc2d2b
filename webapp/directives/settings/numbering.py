"""Numbering as a unit keeps it: its dated rules, the runs of numbers with what is missing, numbers taken out for secret documents."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import HiddenField, IntegerField
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from domain.directives.numbering import GapReason, Reset, SecretSeries, Series
from domain.ground.clock import today
from domain.ground.errors import AlreadyExists, NotFound, RuleError
from domain.people.roles import Permission
from storage.directives.numbering import Numbering, NumberingRule
from storage.people.units import Unit
from webapp.directives import words
from webapp.directives.access import whose
from webapp.directives.fields import line
from webapp.ground.access import audit, may, me, requires, shows, writes
from webapp.ground.errors import sentence
from webapp.ground.forms import Choice, Day, Form
from webapp.ground.scopes import kept, kept_unit
from webapp.ground.system import reading, writing

bp = Blueprint("numbering", __name__, url_prefix="/directives/numbering")

Answer = str | tuple[str, int] | Response
_MOST = 1_000  # numbers that are explained at once


class RuleForm(Form):
    """A rule of numbering from a day on."""

    valid_from = Day(_l("Áp dụng từ ngày"), [InputRequired(_l("Hãy ghi ngày bắt đầu áp dụng."))])
    reset = Choice(_l("Bắt đầu lại từ số 01"), choices=words.offered(words.RESETS))
    series = Choice(_l("Dãy số"), choices=words.offered(words.SERIES))
    secret_series = Choice(_l("Văn bản mật"), choices=words.offered(words.SECRETS))
    body_symbol = line(_l("Chữ viết tắt tên đơn vị trong ký hiệu"), _l("Hãy ghi chữ viết tắt, ví dụ LĐLĐ."), most=30)
    mark = Choice(_l("Cách viết ký hiệu"), choices=words.offered({"/": "05/KH-LĐLĐ", "-": "05-KH/LĐLĐ"}))
    source = line(_l("Căn cứ"), most=300)


class GapForm(Form):
    """Why numbers are missing."""

    series = HiddenField()
    first = IntegerField(_l("Từ số"), [InputRequired(_l("Hãy ghi số.")), NumberRange(1, message=_l("Số từ 1 trở lên."))])
    last = IntegerField(_l("Đến số"), [Optional(), NumberRange(1, message=_l("Số từ 1 trở lên."))])
    reason = Choice(
        _l("Vì sao không có văn bản"),
        choices=words.offered({reason: word for reason, word in words.GAP_REASONS.items() if reason is not GapReason.SECRET}),
    )
    note = line(_l("Ghi chú"), most=300)

    def validate_last(self, field: IntegerField) -> None:
        """Not before the first."""
        if field.data and self.first.data and field.data < self.first.data:
            raise ValidationError(_("Số cuối nhỏ hơn số đầu. Hãy ghi số nhỏ trước, số lớn sau."))

    def numbers(self) -> range:
        """The numbers that are meant."""
        last = self.last.data or self.first.data
        return range(self.first.data, min(last, self.first.data + _MOST - 1) + 1)


class ApartForm(Form):
    """A number for a secret document: its kind where kinds have runs of their own, and nothing else."""

    kind = Choice(_l("Loại văn bản"), default="")

    def offer(self) -> None:
        """The kinds."""
        self.kind.choices = words.offered({kind: kind for kind in words.kinds()}, _("Hãy chọn"))


@bp.get("")
@shows(Permission.READ_REGISTERS)
def numbering(session: Session) -> Answer:
    """The rules and runs of a unit; without a unit, those of the first that one keeps."""
    return _page(session)


def _page(
    session: Session,
    unit: Unit | None = None,
    *,
    rule_form: RuleForm | None = None,
    gap_form: GapForm | None = None,
    refusal: str = "",
) -> str:
    unit, by_unit = whose(session, unit)
    book = Numbering(session, unit.id) if unit else None
    rule = book.rule_on(today()) if book else None
    apart = ApartForm(formdata=None)
    apart.offer()
    return render_template(
        "directives/settings/numbering.html",
        unit=unit,
        by_unit=by_unit,
        rules=book.rules() if book else [],
        rule=rule,
        books=book.books(after=request.args.get("after", "")) if book else None,
        keeps=may(Permission.KEEP_REGISTERS) and unit is not None and unit.id in kept(session),
        rule_form=rule_form or RuleForm(formdata=None, **_usual(rule)),
        gap_form=gap_form,
        empty_gap_form=GapForm(formdata=None),
        apart_form=apart,
        shares_secrets=rule is not None and rule.secret_series is SecretSeries.SHARED,
        refusal=refusal,
        words=words,
        today=today(),
    )


def _usual(rule: NumberingRule | None) -> dict[str, object]:
    if rule is None:
        return {"valid_from": today().replace(month=1, day=1)}
    return {"reset": rule.reset, "series": rule.series, "secret_series": rule.secret_series, "body_symbol": rule.body_symbol,
            "mark": rule.mark}  # fmt: skip


@bp.post("/<int:unit_id>/rules")
@requires(Permission.KEEP_REGISTERS)
def add_rule(unit_id: int) -> Answer:
    """Put a rule in force from a day on."""
    form = RuleForm()
    if not form.validate():
        return _again(unit_id, rule_form=form)
    try:
        with writing() as session:
            unit = kept_unit(session, unit_id)
            rule = NumberingRule(
                valid_from=form.valid_from.data,
                reset=Reset(form.reset.data),
                series=Series(form.series.data),
                secret_series=SecretSeries(form.secret_series.data),
                body_symbol=form.body_symbol.data,
                mark=form.mark.data,
                source=form.source.data or "",
            )
            moved = Numbering(session, unit_id).add_rule(rule)
            facts = {"from": rule.valid_from.isoformat(), "reset": rule.reset.value, "series": rule.series.value,
                     "secrets": rule.secret_series.value, "symbol": rule.body_symbol, "moved": moved}  # fmt: skip
            audit(session, "numbering_rule_added", subject=("unit", unit.id), facts=facts)
    except IntegrityError:
        return _again(unit_id, AlreadyExists("numbering_rule", form.valid_from.data.strftime("%d/%m/%Y")), rule_form=form)
    except NotFound:
        raise
    except RuleError as error:
        return _again(unit_id, error, rule_form=form)
    flash(_("Đã ghi quy tắc đánh số."), "success")
    return _back(unit_id)


def _again(
    unit_id: int, error: RuleError | None = None, *, rule_form: RuleForm | None = None, gap_form: GapForm | None = None
) -> Answer:
    status, refusal = sentence(error) if error else (422, "")
    with reading() as session:
        return _page(session, kept_unit(session, unit_id), rule_form=rule_form, gap_form=gap_form, refusal=refusal), status


def _back(unit_id: int) -> Response:
    return redirect(url_for("numbering.numbering", unit=unit_id), 303)


@bp.post("/<int:unit_id>/rules/<int:rule_id>/remove")
@requires(Permission.KEEP_REGISTERS)
def remove_rule(unit_id: int, rule_id: int) -> Answer:
    """Take back a rule that was written by mistake."""
    try:
        with writing() as session:
            kept_unit(session, unit_id)
            rule = session.get(NumberingRule, rule_id)
            if rule is None or rule.unit_id != unit_id:
                raise NotFound("numbering_rule", rule_id)
            Numbering(session, unit_id).remove_rule(rule)
            audit(session, "numbering_rule_removed", subject=("unit", unit_id), facts={"from": rule.valid_from.isoformat()})
    except NotFound:
        raise
    except RuleError as error:
        return _again(unit_id, error)
    flash(_("Đã bỏ quy tắc."), "success")
    return _back(unit_id)


@bp.post("/<int:unit_id>/gaps")
@requires(Permission.KEEP_REGISTERS)
def explain(unit_id: int) -> Answer:
    """Say why numbers are missing."""
    form = GapForm()
    if not form.validate():
        return _again(unit_id, gap_form=form)
    try:
        with writing() as session:
            kept_unit(session, unit_id)
            numbers, reason = form.numbers(), GapReason(form.reason.data)
            Numbering(session, unit_id).explain(form.series.data, numbers, reason, form.note.data or "", me())
            facts = {"series": form.series.data, "first": numbers[0], "last": numbers[-1], "reason": reason.value}
            audit(session, "gap_explained", subject=("unit", unit_id), facts=facts)
    except NotFound:
        raise
    except RuleError as error:
        return _again(unit_id, error, gap_form=form)
    flash(_("Đã ghi lý do của số khuyết."), "success")
    return _back(unit_id)


@bp.post("/<int:unit_id>/gaps/<int:gap_id>/remove")
@writes(Permission.KEEP_REGISTERS)
def unexplain(session: Session, unit_id: int, gap_id: int) -> Answer:
    """Take back what was said of a missing number."""
    kept_unit(session, unit_id)
    gap = Numbering(session, unit_id).unexplain(gap_id)
    audit(session, "gap_unexplained", subject=("unit", unit_id), facts={"series": gap.series, "number": gap.number})
    flash(_("Đã bỏ lý do; số này lại là số khuyết chưa giải thích."), "success")
    return _back(unit_id)


@bp.post("/<int:unit_id>/apart")
@requires(Permission.KEEP_REGISTERS)
def keep_apart(unit_id: int) -> Answer:
    """Take the next number of a run out for a secret document; nothing else of it is kept."""
    form = ApartForm()
    form.offer()
    if not form.validate() or not form.kind.data:
        flash(_("Chưa lấy số: hãy chọn loại văn bản, vì mỗi loại có dãy số riêng."), "error")
        return _back(unit_id)
    try:
        with writing() as session:
            kept_unit(session, unit_id)
            gap = Numbering(session, unit_id).keep_apart(today(), form.kind.data, me())
            audit(session, "number_kept_apart", subject=("unit", unit_id), facts={"series": gap.series, "number": gap.number})
            number = gap.number
    except NotFound:
        raise
    except RuleError as error:
        return _again(unit_id, error)
    flash(
        _("Số dành cho văn bản mật: %(number)s. Hãy ghi số này vào sổ văn bản mật bằng giấy.", number=f"{number:02}"), "success"
    )
    return _back(unit_id)
