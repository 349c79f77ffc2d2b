"""Plans as pages: whoever speaks for the federation makes plans, indicators and targets here; everybody reads them."""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, FieldList, FormField, IntegerField, StringField, TextAreaField
from wtforms import Form as Rows
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from domain.ground.errors import AlreadyExists, NotFound
from domain.indicators.indicators import Fact, Op, Reporter, Source
from domain.people.roles import Permission
from storage.ground.database import among
from storage.indicators.plans import Indicator, Milestone, Plan, Plans, Target
from storage.indicators.reports import remove_indicator as remove
from webapp.ground.access import audit, may, shows, writes
from webapp.ground.forms import Boxes, Choice, Day, Form, Term, on_one_line
from webapp.ground.scopes import check_province, keeps_province
from webapp.indicators import words

bp = Blueprint("plans", __name__, url_prefix="/indicators/plans")

_CODE = re.compile(r"[\w.\-/]{1,20}")
SPARE_TARGETS, SPARE_MILESTONES = 2, 3  # empty rows of a form


def _text(label: Any, message: Any = None, *, most: int = 500, cls: Any = StringField) -> Any:
    needed = [DataRequired(message)] if message else []
    return cls(label, [*needed, Length(max=most, message=_l("Dài quá mức cho phép. Hãy viết gọn hơn."))], filters=[on_one_line])


def _check_code(_form: Any, field: Any) -> None:
    if not _CODE.fullmatch(field.data or ""):
        raise ValidationError(_("Mã chỉ gồm chữ, số, dấu chấm, gạch ngang, gạch chéo, không quá 20 ký tự."))


_WHOLE_DAYS = NumberRange(min=0, max=90, message=_l("Hãy ghi số ngày từ 0 đến 90."))


class PlanForm(Term):
    """A plan."""

    code = StringField(_l("Mã kế hoạch"), [DataRequired(_l("Hãy nhập mã, ví dụ KH-NQ05.")), _check_code], filters=[on_one_line])
    name = _text(_l("Tên kế hoạch"), _l("Hãy nhập tên kế hoạch."))
    document = _text(_l("Văn bản ban hành"))
    issuer = _text(_l("Cơ quan ban hành"))
    valid_from = Day(_l("Thực hiện từ ngày"), [InputRequired(_l("Hãy nhập ngày bắt đầu."))])
    valid_to = Day(_l("Đến ngày"), [Optional()])
    due_days = IntegerField(_l("Hạn nộp báo cáo: số ngày sau khi hết kỳ"), [InputRequired(_l("Hãy ghi số ngày.")), _WHOLE_DAYS])
    remind_days = IntegerField(_l("Nhắc trước hạn: số ngày"), [InputRequired(_l("Hãy ghi số ngày.")), _WHOLE_DAYS])


class CopyForm(Form):
    """A copy of a plan."""

    code = StringField(
        _l("Mã kế hoạch mới"), [DataRequired(_l("Hãy nhập mã, ví dụ KH-2031.")), _check_code], filters=[on_one_line]
    )
    name = _text(_l("Tên kế hoạch mới"), _l("Hãy nhập tên kế hoạch."))


class TargetRow(Rows):  # type: ignore[misc]
    """The target of a year; an empty row says nothing."""

    year = StringField(_l("Năm"), filters=[on_one_line])
    percent = StringField(_l("Mục tiêu (%)"), filters=[on_one_line])
    sentence = StringField(_l("Câu của văn bản đặt mục tiêu"), filters=[on_one_line])

    def validate_year(self, field: Any) -> None:
        """A year of this age."""
        if (self.percent.data or self.sentence.data) and not field.data:
            raise ValidationError(_("Hãy ghi năm của mục tiêu."))
        if field.data and not re.fullmatch(r"20\d\d|21\d\d", field.data):
            raise ValidationError(_("Năm không đúng. Hãy ghi bốn chữ số, ví dụ 2030."))

    def validate_percent(self, field: Any) -> None:
        """A share of a hundred, with at most two decimals."""
        if field.data and hundredths(field.data) is None:
            raise ValidationError(_("Mục tiêu không đúng. Hãy ghi số từ 0 đến 100, ví dụ 60 hoặc 62,5."))


class MilestoneRow(Rows):  # type: ignore[misc]
    """A milestone; an empty row says nothing."""

    name = StringField(_l("Mốc"), filters=[on_one_line])
    fact = Choice(_l("Lấy từ số liệu của hệ thống"), [Optional()])


class IndicatorForm(Form):
    """An indicator with its targets and milestones."""

    code = StringField(_l("Mã chỉ tiêu"), [DataRequired(_l("Hãy nhập mã, ví dụ CT15.")), _check_code], filters=[on_one_line])
    name = _text(_l("Tên chỉ tiêu"), _l("Hãy nhập tên chỉ tiêu."))
    op = Choice(_l("So với mục tiêu"))
    source = Choice(_l("Lấy số từ"))
    counted = _text(_l("Đơn vị đếm"))
    numerator = _text(_l("Tử số là gì"))
    denominator = _text(_l("Mẫu số là gì"))
    is_bounded = BooleanField(_l("Tử số là một phần của mẫu số, không lớn hơn mẫu số"))
    reporters = Boxes(_l("Đơn vị báo cáo"))
    note = _text(_l("Ghi chú"), cls=TextAreaField, most=1000)
    targets = FieldList(FormField(TargetRow))
    milestones = FieldList(FormField(MilestoneRow))

    def offer(self) -> None:
        """Fill the lists."""
        self.op.choices = [(one.value, words.OPS[one]) for one in Op]
        self.source.choices = [(one.value, words.SOURCES[one]) for one in Source]
        self.reporters.choices = [(one.value, words.REPORTERS[one]) for one in Reporter]
        facts = [("", _("Đơn vị báo cáo")), *((one.value, words.FACTS[one][0]) for one in Fact)]
        for row in self.milestones:
            row.fact.choices = facts

    def validate_reporters(self, field: Any) -> None:
        """Somebody answers for it."""
        if not field.data:
            raise ValidationError(_("Hãy chọn ít nhất một loại đơn vị báo cáo."))

    def validate_numerator(self, field: Any) -> None:
        """What is counted is said in words."""
        if self.op.data != Op.MILESTONE and not (field.data and self.denominator.data):
            raise ValidationError(_("Hãy ghi tử số và mẫu số là gì, để đơn vị nào cũng đếm như nhau."))

    def validate_source(self, field: Any) -> None:
        """Only milestones rest on facts of the system, and none on the registers."""
        is_milestone = self.op.data == Op.MILESTONE
        if (field.data == Source.SYSTEM and not is_milestone) or (field.data == Source.REGISTER and is_milestone):
            raise ValidationError(_("Nguồn số liệu này không dùng được cho loại chỉ tiêu đã chọn. Hãy chọn nguồn khác."))

    def validate_targets(self, field: Any) -> None:
        """One target for a year, and a share where a share is counted."""
        years = [row.year.data for row in field if row.year.data]
        if len(years) != len(set(years)):
            raise ValidationError(_("Mỗi năm chỉ có một mục tiêu. Hãy bỏ dòng trùng năm."))
        if self.op.data != Op.MILESTONE and any(row.year.data and not row.percent.data for row in field):
            raise ValidationError(_("Hãy ghi mục tiêu bằng số phần trăm cho từng năm."))

    def validate_milestones(self, field: Any) -> None:
        """A milestone has at least one part."""
        named = [row for row in field if row.data["name"]]
        if self.op.data == Op.MILESTONE and not named:
            raise ValidationError(_("Hãy ghi ít nhất một mốc."))
        needs_fact = self.source.data == Source.SYSTEM
        if self.op.data == Op.MILESTONE and any(bool(row.fact.data) is not needs_fact for row in named):
            raise ValidationError(
                _("Mốc lấy từ hệ thống thì mọi dòng phải chọn số liệu; mốc do đơn vị báo cáo thì không chọn.")
            )


def hundredths(text: str) -> int | None:
    """The hundredths of a percent that are written: 62,5 gives 6250; None for what is no percent.

    >>> hundredths("60"), hundredths("62,5"), hundredths("101"), hundredths("nhiều")
    (6000, 6250, None, None)
    """
    try:
        value = Decimal(text.replace(",", ".").removesuffix("%").strip()) * 100
    except InvalidOperation:
        return None
    return int(value) if value.is_finite() and value == value.to_integral_value() and 0 <= value <= 10_000 else None


@bp.get("/")
@shows(Permission.READ_REGISTERS)
def plans(session: Session) -> str:
    """All plans."""
    found = Plans(session).all()
    return render_template("indicators/plans.html", plans=found, manages=_manages(session), words=words)


@bp.get("/<int:plan_id>")
@shows(Permission.READ_REGISTERS)
def plan(session: Session, plan_id: int) -> str:
    """A plan with its indicators and targets."""
    return _page(session, Plans(session).get(plan_id))


def _page(session: Session, found: Plan, copy_form: CopyForm | None = None) -> str:
    form = copy_form or CopyForm(formdata=None)
    return render_template("indicators/plan.html", plan=found, manages=_manages(session), copy_form=form, words=words)


def _manages(session: Session) -> bool:
    """Whether whoever asks makes plans: with the permission, and for the whole federation."""
    return may(Permission.MANAGE_PLANS) and keeps_province(session)


def _to_manage(session: Session, plan_id: int) -> Plan:
    """The plan, for who may change it; raises NotFound and NotAllowed."""
    check_province(session)
    return Plans(session).get(plan_id)


def _held(session: Session, plan_id: int) -> Plan:
    """The plan, while it is changed: one person at a time. Raises NotFound and NotAllowed."""
    check_province(session)
    return Plans(session).hold(plan_id)


def _is_stale(found: Plan) -> bool:
    """Whether the plan has changed since the form was shown that is sent."""
    return request.form.get("revision", 0, int) != found.revision


def _check_manages(session: Session) -> None:
    """Raises NotFound for whoever does not speak for the federation: the page of new plans is none of theirs."""
    if not keeps_province(session):
        raise NotFound("plan", "new")


@bp.get("/new")
@shows(Permission.MANAGE_PLANS)
def new_plan(session: Session) -> str:
    """The form of a new plan."""
    _check_manages(session)
    return _plan_form(PlanForm(formdata=None, due_days=15, remind_days=7), None)


def _plan_form(form: PlanForm, found: Plan | None, *, is_changed: bool = False) -> str:
    return render_template("indicators/plan_form.html", form=form, plan=found, is_changed=is_changed)


@bp.post("/new")
@writes(Permission.MANAGE_PLANS)
def create_plan(session: Session) -> AnyResponse:
    """Make a plan."""
    form = PlanForm()
    _check_manages(session)
    made = Plan()
    if not _accepted(form, lambda: Plans(session).check_code(form.code.data)):
        return make_response(_plan_form(form, None), 422)
    form.populate_obj(made)
    plan_id = Plans(session).add(made).id
    audit(session, "plan_created", subject=("plan", plan_id), facts={"code": made.code})
    flash(_("Đã thêm kế hoạch. Hãy thêm các chỉ tiêu."), "success")
    return _to(plan_id)


def _to(plan_id: int) -> AnyResponse:
    return redirect(url_for("plans.plan", plan_id=plan_id), 303)


def _accepted(form: Any, check: Callable[[], None]) -> bool:
    """Whether the form is sound and its code is free; otherwise it says why not."""
    if not form.validate():
        return False
    try:
        check()
    except AlreadyExists:
        form.code.errors = [_("Mã này đã có. Hãy chọn mã khác.")]
        return False
    return True


@bp.get("/<int:plan_id>/edit")
@shows(Permission.MANAGE_PLANS)
def edit_plan(session: Session, plan_id: int) -> str:
    """The form of a plan."""
    found = _to_manage(session, plan_id)
    return _plan_form(PlanForm(formdata=None, obj=found), found)


@bp.post("/<int:plan_id>/edit")
@writes(Permission.MANAGE_PLANS)
def change_plan(session: Session, plan_id: int) -> AnyResponse:
    """Change a plan."""
    form = PlanForm()
    found = _held(session, plan_id)
    if not _accepted(form, lambda: Plans(session).check_code(form.code.data, but=found)):
        return make_response(_plan_form(form, found), 422)
    if _is_stale(found):
        return make_response(_plan_form(form, found, is_changed=True), 409)
    form.populate_obj(found)
    audit(session, "plan_changed", subject=("plan", plan_id), facts={"code": found.code})
    flash(_("Đã lưu kế hoạch."), "success")
    return _to(plan_id)


@bp.post("/<int:plan_id>/copy")
@writes(Permission.MANAGE_PLANS)
def copy_plan(session: Session, plan_id: int) -> AnyResponse:
    """Make a new plan from this one."""
    form = CopyForm()
    found = _to_manage(session, plan_id)
    if not _accepted(form, lambda: Plans(session).check_code(form.code.data)):
        return make_response(_page(session, found, form), 422)
    copied = Plans(session).copy(found, form.code.data, form.name.data)
    audit(session, "plan_copied", subject=("plan", copied.id), facts={"code": copied.code, "from": found.code})
    flash(_("Đã sao kế hoạch. Hãy sửa thời gian, chỉ tiêu và mục tiêu."), "success")
    return _to(copied.id)


@bp.get("/<int:plan_id>/indicators/new")
@shows(Permission.MANAGE_PLANS)
def new_indicator(session: Session, plan_id: int) -> str:
    """The form of a new indicator."""
    found = _to_manage(session, plan_id)
    return _indicator_form(_filled(None), found, None)


@bp.get("/<int:plan_id>/indicators/<int:indicator_id>/edit")
@shows(Permission.MANAGE_PLANS)
def edit_indicator(session: Session, plan_id: int, indicator_id: int) -> str:
    """The form of an indicator."""
    found = _to_manage(session, plan_id)
    one = among(found.indicators, indicator_id, "indicator")
    return _indicator_form(_filled(one), found, one)


def _filled(one: Indicator | None) -> IndicatorForm:
    """The form with what the indicator has, and rows to spare."""
    targets = [
        {"year": str(row.year), "percent": "" if row.share is None else words.percent_of(row), "sentence": row.sentence}
        for row in (one.targets if one else [])
    ]
    milestones = [{"name": row.name, "fact": row.fact or ""} for row in (one.milestones if one else [])]
    data = {
        "targets": targets + [{}] * SPARE_TARGETS,
        "milestones": milestones + [{}] * SPARE_MILESTONES,
        "is_bounded": one.is_bounded if one else True,
        "reporters": one.reporter_names if one else [],
    }
    form = (
        IndicatorForm(formdata=None, obj=one, data=data)
        if one is None
        else IndicatorForm(formdata=None, data=_data(one) | data)
    )
    form.offer()
    return form


def _data(one: Indicator) -> dict[str, Any]:
    names = ("code", "name", "op", "source", "counted", "numerator", "denominator", "note")
    return {name: getattr(one, name) for name in names}


def _indicator_form(form: IndicatorForm, found: Plan, one: Indicator | None, *, is_changed: bool = False) -> str:
    return render_template("indicators/indicator_form.html", form=form, plan=found, indicator=one, is_changed=is_changed)


@bp.post("/<int:plan_id>/indicators/new")
@writes(Permission.MANAGE_PLANS)
def create_indicator(session: Session, plan_id: int) -> AnyResponse:
    """Add an indicator to a plan."""
    found = _held(session, plan_id)
    form = IndicatorForm()
    form.offer()
    if not _accepted(form, lambda: _check_free(form, found, None)):
        return make_response(_indicator_form(form, found, None), 422)
    one = Indicator()
    _write(one, form)
    Plans(session).add_indicator(found, one)
    audit(session, "indicator_created", subject=("plan", plan_id), facts={"code": one.code})
    flash(_("Đã thêm chỉ tiêu."), "success")
    return _to(plan_id)


@bp.post("/<int:plan_id>/indicators/<int:indicator_id>/edit")
@writes(Permission.MANAGE_PLANS)
def change_indicator(session: Session, plan_id: int, indicator_id: int) -> AnyResponse:
    """Change an indicator with its targets."""
    found = _held(session, plan_id)
    one = among(found.indicators, indicator_id, "indicator")
    form = IndicatorForm()
    form.offer()
    if not _accepted(form, lambda: _check_free(form, found, one)):
        return make_response(_indicator_form(form, found, one), 422)
    if _is_stale(found):
        return make_response(_indicator_form(form, found, one, is_changed=True), 409)
    before = {target.year: target.hundredths for target in one.targets}
    _write(one, form)
    flag_modified(found, "name")  # the plan's revision grows with what is in it
    after = {target.year: target.hundredths for target in one.targets}
    facts = {"code": one.code, "targets_before": before, "targets_after": after} if before != after else {"code": one.code}
    audit(session, "indicator_changed", subject=("plan", plan_id), facts=facts)
    flash(_("Đã lưu chỉ tiêu."), "success")
    return _to(plan_id)


def _check_free(form: IndicatorForm, found: Plan, one: Indicator | None) -> None:
    if any(other.code == form.code.data and other is not one for other in found.indicators):
        raise AlreadyExists("indicator", form.code.data)


def _write(one: Indicator, form: IndicatorForm) -> None:
    """Have the indicator say what the form says."""
    for name in ("code", "name", "counted", "numerator", "denominator", "note", "is_bounded"):
        setattr(one, name, getattr(form, name).data)
    one.op, one.source, one.reporters = Op(form.op.data), Source(form.source.data), map(Reporter, form.reporters.data)
    _write_targets(one, [row.data for row in form.targets if row.year.data])
    _write_milestones(one, [row.data for row in form.milestones if row.data["name"]] if one.is_milestone else [])


def _write_targets(one: Indicator, rows: Iterable[dict[str, Any]]) -> None:
    there, wanted = {target.year: target for target in one.targets}, []
    for row in rows:
        target = there.get(int(row["year"])) or Target(year=int(row["year"]))
        target.hundredths = None if one.is_milestone else hundredths(row["percent"])
        target.sentence = row["sentence"]
        wanted.append(target)
    one.targets = wanted


def _write_milestones(one: Indicator, rows: Iterable[dict[str, Any]]) -> None:
    there, wanted = {part.position: part for part in one.milestones}, []
    for position, row in enumerate(rows, 1):
        part = there.get(position) or Milestone(position=position)
        part.name, part.fact = row["name"], Fact(row["fact"]) if row["fact"] else None
        wanted.append(part)
    one.milestones = wanted


@bp.post("/<int:plan_id>/indicators/<int:indicator_id>/remove")
@writes(Permission.MANAGE_PLANS)
def remove_indicator(session: Session, plan_id: int, indicator_id: int) -> AnyResponse:
    """Take out an indicator that no report speaks of."""
    one = among(_held(session, plan_id).indicators, indicator_id, "indicator")
    code = one.code
    remove(session, one)
    audit(session, "indicator_removed", subject=("plan", plan_id), facts={"code": code})
    flash(_("Đã bỏ chỉ tiêu."), "success")
    return _to(plan_id)
