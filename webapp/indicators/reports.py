"""Reports of units as pages: the list with who is late, and each report with its figures, files, steps and history."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from domain.ground.clock import today
from domain.ground.errors import FileRefused, NotAllowed, NotFound, StepNotAllowed
from domain.ground.files import Refusal, clean_name
from domain.ground.periods import Period
from domain.indicators.indicators import ReportState, ReportStep, reported_period, reporters_on, take
from domain.people.roles import Permission
from domain.people.units import tree_on
from storage.ground.audit import AuditEntry, AuditTrail
from storage.ground.database import among
from storage.ground.lists.paging import PAGE, part
from storage.indicators.plans import Indicator, Plans
from storage.indicators.reports import (
    LARGEST_FILE,
    MOST_FILES,
    IndicatorReport,
    Reports,
    advance,
    asked_of,
    attach,
    get_report,
    hold_report,
    keep_file,
)
from storage.people.units import Units
from webapp.directives.uploads import check_unmarked
from webapp.ground.access import audit, may, me, requires, shows, writes
from webapp.ground.files import attached, object_answer
from webapp.ground.forms import Choice as OneOf
from webapp.ground.forms import Form, trimmed
from webapp.ground.problems import REFUSALS
from webapp.ground.scopes import keeps_province, kept, kept_unit, seen
from webapp.ground.system import reading, system, writing
from webapp.indicators import words
from webapp.indicators.choice import choose
from webapp.indicators.report_lines import Line, save, saved_lines, show_theirs, typed_lines

bp = Blueprint("indicator_reports", __name__, url_prefix="/indicators/reports")

_ONWARD = {ReportStep.SUBMIT, ReportStep.SIGN, ReportStep.ACCEPT}  # who may take one of these is waited for
_PER_FILE = LARGEST_FILE + 1024 * 1024  # with the rest of the form
_FILE_REFUSED = _l(
    "Tệp không phải PDF, ảnh JPEG, PNG hay bảng tính XLSX nên không được nhận. Hãy xuất sang một trong các dạng đó."
)


class ReasonForm(Form):
    """Why a report is returned or corrected."""

    reason = TextAreaField(
        _l("Lý do"),
        [DataRequired(_l("Hãy ghi lý do.")), Length(max=1000, message=_l("Lý do quá dài. Hãy viết gọn hơn."))],
        filters=[trimmed],
    )


class FileForm(Form):
    """A file that shows where a figure comes from."""

    indicator = OneOf(_l("Cho chỉ tiêu"))
    file = FileField(_l("Tệp"), [FileRequired(_l("Chưa có tệp nào. Hãy chọn tệp PDF, ảnh hoặc bảng tính XLSX."))])
    is_not_secret = BooleanField(
        _l("Tôi đã kiểm tra: tệp không có dấu chỉ mức độ mật và không có nội dung bí mật nhà nước."),
        [InputRequired(_l("Hãy kiểm tra tệp rồi đánh dấu xác nhận. Tài liệu mật không được đưa lên hệ thống này."))],
    )

    def validate_file(self, field: FileField) -> None:
        """Refuse more than a report holds."""
        if field.data and len(field.data.filename or "") > 200:
            raise ValidationError(_("Tên tệp quá dài. Hãy đặt tên ngắn hơn."))


@bp.get("/")
@shows(Permission.READ_REGISTERS)
def reports(session: Session) -> str:
    """The reports of a period: who has reported, who is late, what waits for me."""
    return _list(session)


def _list(session: Session, problem: str = "") -> str:
    choice = choose(session)
    if choice is None:
        return render_template("indicators/nothing.html")
    board, scope = choice.board, _scope(session, choice.period)
    asked, late = board.asked_to_report(choice.within), board.late(choice.within)
    lists: dict[str, list[int]] = {
        "all": asked,
        "silent": board.silent(choice.within),
        "late": late,
        "mine": [unit for unit in asked if _waits_for_me(unit, board.states.get(unit), scope)],
    }
    show = request.args.get("show", "all")
    show = show if show in lists else "all"
    page = part(lists[show], after=request.args.get("after", ""))
    own = [unit for unit in asked if unit in scope.kept][:PAGE]
    latest = board.latest({*page.rows, *own})
    return render_template(
        "indicators/reports.html",
        choice=choice,
        page=page,
        rows=[(board.units[unit], latest.get(unit), unit in late) for unit in page.rows],
        counts={name: len(found) for name, found in lists.items()},
        show=show,
        acceptable={unit for unit, report in latest.items() if ReportStep.ACCEPT in _steps_in(unit, report.state, scope)},
        problem=problem,
        own=own,
        latest=latest,
        board=board,
        deadline=choice.plan.deadline(choice.period),
        today=today(),
        words=words,
    )


@dataclass(frozen=True, slots=True)
class Scope:
    """For whom whoever asks acts."""

    kept: frozenset[int]
    below: frozenset[int]  # the units whose reports are taken in: those right below; for the province, all that are seen


def _scope(session: Session, period: Period) -> Scope:
    """That of whoever asks, by the tree on the last day of the period."""
    mine = kept(session)
    if keeps_province(session):
        return Scope(mine, seen(session))
    units = {unit.code: unit for unit in Units(session).known().values()}
    tree = tree_on(period.last, Units(session).facts())
    below = [code for above, codes in tree.items() if above and units[above].id in mine for code in codes]
    return Scope(mine, frozenset(units[code].id for code in below))


def _waits_for_me(unit: int, state: ReportState | None, scope: Scope) -> bool:
    """Whether it is for whoever asks to begin the report of the unit, or to bring its newest version onward."""
    if state is None:
        return unit in scope.kept and may(Permission.KEEP_REGISTERS)
    return bool(_steps_in(unit, state, scope) & _ONWARD)


def _steps(session: Session, report: IndicatorReport, scope: Scope) -> set[ReportStep]:
    """What whoever asks may do with the report now."""
    found = _steps_in(report.unit_id, report.state, scope)
    if ReportStep.CORRECT in found and not _is_newest(session, report):
        found.remove(ReportStep.CORRECT)
    return found


def _steps_in(unit: int, state: ReportState, scope: Scope) -> set[ReportStep]:
    """What whoever asks may do with the newest version of a unit's report that stands there."""
    is_own, found = unit in scope.kept, set()
    if is_own and may(Permission.KEEP_REGISTERS) and state in (ReportState.DRAFT, ReportState.RETURNED):
        found |= {ReportStep.EDIT, ReportStep.SUBMIT}
    if is_own and may(Permission.KEEP_REGISTERS) and state is ReportState.ACCEPTED:
        found |= {ReportStep.CORRECT}
    if is_own and may(Permission.SIGN_DIRECTIVES) and state is ReportState.SUBMITTED:
        found |= {ReportStep.SIGN, ReportStep.RETURN}
    if state is ReportState.SIGNED and may(Permission.MANAGE_PLANS) and unit in scope.below:
        found |= {ReportStep.ACCEPT, ReportStep.RETURN}
    return found


def _is_newest(session: Session, report: IndicatorReport) -> bool:
    return Reports(session, report.plan).of(report.unit_id, report.reported_period)[0] is report


def _asked(session: Session, report: IndicatorReport) -> list[Indicator]:
    """The indicators that the report is about."""
    units = Units(session)
    kinds = {unit.code: unit.kind for unit in units.known().values()}
    reporter = reporters_on(report.reported_period.last, units.facts(), kinds).get(report.unit.code)
    return asked_of(report.plan, reporter) if reporter else []


@bp.post("/begin")
@requires(Permission.KEEP_REGISTERS)
def begin() -> AnyResponse:
    """Begin the report of a unit for a period, or go to the one that is there."""
    try:
        return _to(_begin())
    except IntegrityError:  # somebody else has begun it at this very moment: now it is there
        return _to(_begin())


def _begin() -> int:
    with writing() as session:
        plan = Plans(session).get(request.form.get("plan", 0, int))
        unit = kept_unit(session, request.form.get("unit", 0, int))
        period = reported_period(request.form.get("period", ""))
        book = Reports(session, plan)
        found = book.of(unit.id, period)
        report = found[0] if found else book.begin(unit, period)
        if not _asked(session, report):
            raise NotFound("indicator_report", unit.id)
        if not found:
            _audit(session, "indicator_report_begun", report)
        return report.id


def _audit(session: Session, act: str, report: IndicatorReport, **facts: Any) -> None:
    said = {"unit": report.unit.code, "period": report.period, "version": report.version, **facts}
    audit(session, act, subject=("indicator_report", report.id), facts=said)


def _to(report_id: int) -> AnyResponse:
    return redirect(url_for("indicator_reports.report", report_id=report_id), 303)


@bp.get("/<int:report_id>")
@shows(Permission.READ_REGISTERS)
def report(session: Session, report_id: int) -> str:
    """A report: to be filled in by who keeps the register, to be read by others."""
    return _page(session, get_report(session, report_id, seen(session)))


def _page(session: Session, found: IndicatorReport, *, lines: list[Line] | None = None, **forms: Any) -> str:
    asked = _asked(session, found)
    file_form: FileForm = forms.pop("file_form", None) or FileForm(formdata=None)
    file_form.indicator.choices = [(str(one.id), f"{one.code}. {one.name}") for one in asked]
    return render_template(
        "indicators/report.html",
        report=found,
        lines=saved_lines(found, asked) if lines is None else lines,
        steps=_steps(session, found, _scope(session, found.reported_period)),
        versions=Reports(session, found.plan).of(found.unit_id, found.reported_period),
        deadline=found.plan.deadline(found.reported_period),
        today=today(),
        file_form=file_form,
        reason_form=forms.pop("reason_form", None) or ReasonForm(formdata=None),
        most_mb=LARGEST_FILE >> 20,
        indicators={one.id: one for one in found.plan.indicators},
        words=words,
        ReportStep=ReportStep,
        **forms,
    )


def _check_step(session: Session, found: IndicatorReport, step: ReportStep) -> None:
    """Raises StepNotAllowed where the state forbids it, NotAllowed where another is to do it."""
    take(found.state, step)
    if step not in _steps(session, found, _scope(session, found.reported_period)):
        raise NotAllowed(step)


@bp.post("/<int:report_id>")
@writes(Permission.KEEP_REGISTERS)
def save_report(session: Session, report_id: int) -> AnyResponse:
    """Save what was typed; with `submit`, hand it to the unit's leader."""
    found = hold_report(session, report_id, seen(session))
    if found.unit_id not in kept(session):
        raise NotAllowed(ReportStep.EDIT)
    asked = _asked(session, found)
    lines = typed_lines(request.form, asked, found)
    if _is_stale(found):
        if show_theirs(lines, found):
            return make_response(_page(session, found, lines=lines, meanwhile=_meanwhile(session, found)), 409)
        if not found.is_open:
            return _to(report_id)  # the same was sent twice
    _check_step(session, found, ReportStep.EDIT)
    submits = "submit" in request.form
    if submits:
        _mark_missing(lines)
    if any(line.error for line in lines):
        return make_response(_page(session, found, lines=lines), 422)
    if changed := save(found, lines):
        _audit(session, "indicator_report_saved", found, indicators=changed)
        _touch(found)
    if submits:
        advance(found, ReportStep.SUBMIT, me(), asked=asked)
        _audit(session, "indicator_report_submitted", found)
    flash(_("Đã trình lãnh đạo đơn vị ký duyệt.") if submits else _("Đã lưu báo cáo."), "success")
    return _to(report_id)


def _is_stale(found: IndicatorReport) -> bool:
    """Whether it has changed since the page was shown from which something is sent."""
    return request.form.get("revision", 0, int) != found.revision


def _meanwhile(session: Session, found: IndicatorReport) -> AuditEntry | None:
    """The act that came before what was sent: who has changed the report, and when."""
    return next(iter(AuditTrail(session).of("indicator_report", found.id)), None)


def _touch(found: IndicatorReport) -> None:
    """Have the report itself change with its entries, so that its revision grows."""
    flag_modified(found, "reason")


def _mark_missing(lines: list[Line]) -> None:
    for line in lines:
        if not line.error and not line.answer:
            line.error = _("Chưa ghi. Hãy ghi số, hoặc chọn “Không phát sinh”, “Không có số liệu”.")


@bp.post("/<int:report_id>/sign")
@requires(Permission.SIGN_DIRECTIVES)
def sign(report_id: int) -> AnyResponse:
    """The unit's leader answers for the figures."""
    return _step(report_id, ReportStep.SIGN, "indicator_report_signed", _("Đã ký duyệt báo cáo và gửi lên cấp trên."))


@bp.post("/<int:report_id>/accept")
@requires(Permission.MANAGE_PLANS)
def accept(report_id: int) -> AnyResponse:
    """The level above takes the report in; from now on it counts."""
    return _step(
        report_id,
        ReportStep.ACCEPT,
        "indicator_report_accepted",
        _("Đã tiếp nhận báo cáo. Số của đơn vị được cộng vào kết quả."),
    )


def _step(report_id: int, step: ReportStep, act: str, said: str) -> AnyResponse:
    with writing() as session:
        found = hold_report(session, report_id, seen(session))
        if _was_taken(found, step):
            return _to(report_id)
        _check_step(session, found, step)
        if _is_stale(found):  # nobody signs or accepts other figures than those that were shown
            raise StepNotAllowed(found.state, "changed")
        advance(found, step, me(), asked=())
        _audit(session, act, found)
    flash(said, "success")
    return _to(report_id)


def _was_taken(found: IndicatorReport, step: ReportStep) -> bool:
    """Whether the last step of the report was this one, by the same person: who presses twice has done it once."""
    return bool(found.steps) and (found.steps[-1].step, found.steps[-1].person_id) == (step, me().id)


@bp.post("/accept")
@requires(Permission.MANAGE_PLANS)
def accept_many() -> AnyResponse:
    """The level above takes in every report that was ticked; those that have changed meanwhile are named and left."""
    ticked = sorted({_ticked(text) for text in request.form.getlist("report")})
    if not ticked:
        with reading() as session:
            return make_response(_list(session, _("Chưa chọn báo cáo nào. Hãy đánh dấu ít nhất một báo cáo rồi bấm lại.")), 422)
    with writing() as session:
        visible = seen(session)
        held = [
            (hold_report(session, report_id, visible), revision) for report_id, revision in ticked
        ]  # all before the first entry
        left = [found.unit.name for found, revision in held if not _accept_one(session, found, revision)]
    _say_accepted(len(ticked) - len(left), left)
    chosen: dict[str, Any] = {name: request.args.get(name) for name in ("plan", "period", "unit", "show")}
    return redirect(url_for("indicator_reports.reports", **chosen), 303)


def _ticked(text: str) -> tuple[int, int]:
    """The report and its revision, as the list gave them: 12-3; raises NotFound."""
    report_id, _dash, revision = text.partition("-")
    if not (report_id.isdecimal() and revision.isdecimal() and len(text) < 20):
        raise NotFound("indicator_report", text)
    return int(report_id), int(revision)


def _accept_one(session: Session, found: IndicatorReport, revision: int) -> bool:
    """Take it in, unless it has changed since it was listed; returns whether that was done. Raises NotAllowed."""
    if found.state is not ReportState.SIGNED or found.revision != revision:
        return False
    _check_step(session, found, ReportStep.ACCEPT)
    advance(found, ReportStep.ACCEPT, me(), asked=())
    _audit(session, "indicator_report_accepted", found)
    return True


def _say_accepted(count: int, left: list[str]) -> None:
    if count:
        flash(_("Đã tiếp nhận %(n)s báo cáo. Số của các đơn vị được cộng vào kết quả.", n=count), "success")
    if left:
        said = _(
            "Chưa tiếp nhận, vì báo cáo vừa thay đổi: %(units)s. Hãy mở từng báo cáo, xem lại rồi tiếp nhận.",
            units="; ".join(left),
        )
        flash(said, "warn")


@bp.post("/<int:report_id>/return")
@requires(Permission.SIGN_DIRECTIVES)
def give_back(report_id: int) -> AnyResponse:
    """The unit's leader returns the report for correction."""
    return _return(report_id, ReportState.SUBMITTED)


@bp.post("/<int:report_id>/send-back")
@requires(Permission.MANAGE_PLANS)
def send_back(report_id: int) -> AnyResponse:
    """The level above returns the report for correction."""
    return _return(report_id, ReportState.SIGNED)


def _return(report_id: int, state: ReportState) -> AnyResponse:
    form = ReasonForm()
    with writing() as session:
        found = hold_report(session, report_id, seen(session))
        if found.state is not state:
            return _too_late(session, found, form)
        _check_step(session, found, ReportStep.RETURN)
        if not form.validate():
            return make_response(_page(session, found, reason_form=form), 422)
        advance(found, ReportStep.RETURN, me(), asked=(), reason=form.reason.data)
        _audit(session, "indicator_report_returned", found, reason=form.reason.data)
    flash(_("Đã trả lại báo cáo để đơn vị sửa."), "success")
    return _to(report_id)


def _too_late(session: Session, found: IndicatorReport, form: ReasonForm) -> AnyResponse:
    """The report as others have left it meanwhile, with the reason that was typed."""
    return make_response(_page(session, found, meanwhile=_meanwhile(session, found), unsaid=form.reason.data), 409)


@bp.post("/<int:report_id>/correct")
@writes(Permission.KEEP_REGISTERS)
def correct(session: Session, report_id: int) -> AnyResponse:
    """Begin a correction of an accepted report; the accepted one stays as it is."""
    form = ReasonForm()
    found = hold_report(session, report_id, seen(session))
    if found.state is ReportState.ACCEPTED and not _is_newest(session, found):
        return _too_late(session, found, form)
    _check_step(session, found, ReportStep.CORRECT)
    if not form.validate():
        return make_response(_page(session, found, reason_form=form), 422)
    version = Reports(session, found.plan).correct(found, me(), form.reason.data)
    _audit(session, "indicator_report_corrected", version, reason=form.reason.data)
    flash(_("Đã lập bản đính chính. Số đã tiếp nhận vẫn được tính cho đến khi bản này được tiếp nhận."), "success")
    return _to(version.id)


@bp.post("/<int:report_id>/files")
@requires(Permission.KEEP_REGISTERS)
def add_file(report_id: int) -> AnyResponse:
    """Attach a file that shows where a figure comes from."""
    request.max_content_length = _PER_FILE
    _check_unmarked()
    with reading() as session:
        found = get_report(session, report_id, seen(session))
        _check_step(session, found, ReportStep.EDIT)
        form = FileForm()
        form.indicator.choices = [(str(one.id), one.code) for one in _asked(session, found)]
        if len(found.files) >= MOST_FILES:
            raise StepNotAllowed("full", "add_file")
        if not form.validate():
            return make_response(_page(session, found, file_form=form), 422)
        try:
            kept_file = keep_file(system().objects, clean_name(form.file.data.filename or ""), form.file.data.stream)
        except FileRefused as error:
            is_kind = error.reason == Refusal.NOT_A_DOCUMENT
            form.file.errors = [str(_FILE_REFUSED if is_kind else REFUSALS[Refusal(error.reason)])]
            return make_response(_page(session, found, file_form=form), 422)
    with writing() as session:
        found = hold_report(session, report_id, seen(session))
        _check_step(session, found, ReportStep.EDIT)
        attach(found, int(form.indicator.data), kept_file, me())
        _audit(session, "indicator_file_added", found, sha256=kept_file.sha256, attested="no-secrecy-mark/1")
    flash(_("Đã đính kèm tệp."), "success")
    return _to(report_id)


@bp.get("/<int:report_id>/files/<int:file_id>")
@requires(Permission.READ_REGISTERS)
def file(report_id: int, file_id: int) -> Response:
    """An attached file, to be saved."""
    with reading() as session:
        found = among(get_report(session, report_id, seen(session)).files, file_id, "indicator_file")
        key, media_type, name = found.sha256, found.media_type, found.name
    return attached(object_answer(key, media_type), name)


def _check_unmarked() -> None:
    """Raises BearsMark if the text of the file that was sent bears a mark of secrecy."""
    if sent := request.files.get("file"):
        content = sent.stream.read(LARGEST_FILE)
        sent.stream.seek(0)
        check_unmarked([(content, sent.filename or "")])


@bp.post("/<int:report_id>/files/<int:file_id>/remove")
@writes(Permission.KEEP_REGISTERS)
def remove_file(session: Session, report_id: int, file_id: int) -> AnyResponse:
    """Take a file off a report that is still open."""
    found = hold_report(session, report_id, seen(session))
    one = among(found.files, file_id, "indicator_file")
    _check_step(session, found, ReportStep.EDIT)
    found.files.remove(one)
    _audit(session, "indicator_file_removed", found, sha256=one.sha256)
    flash(_("Đã bỏ tệp."), "success")
    return _to(report_id)
