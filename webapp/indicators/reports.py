"""Reports of units as pages: the list with who is late, and each report with its figures, files, steps and history."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from domain.clock import today
from domain.errors import FileRefused, NotAllowed, NotFound, StepNotAllowed
from domain.indicators import ReportState, ReportStep, reported_period, reporters_on, take
from domain.intake import Refusal
from domain.roles import Permission
from domain.units import tree_on
from storage.indicator_reports import (
    LARGEST_FILE,
    MOST_FILES,
    IndicatorFile,
    IndicatorReport,
    Reports,
    advance,
    asked_of,
    get_report,
    keep_file,
)
from storage.indicators import Indicator, Plans
from storage.units import Units
from webapp.access import audit, may, me, requires
from webapp.directives.scope import keeps_province, kept, kept_unit, seen
from webapp.errors import REFUSALS
from webapp.forms import Choice as OneOf
from webapp.forms import Form
from webapp.indicators import words
from webapp.indicators.choice import choose
from webapp.indicators.report_lines import Line, save, saved_lines, show_theirs, typed_lines
from webapp.system import reading, system, writing

bp = Blueprint("indicator_reports", __name__, url_prefix="/indicators/reports")

_PER_FILE = LARGEST_FILE + 1024 * 1024  # with the rest of the form
_FILE_REFUSED = _l(
    "Tệp không phải PDF, ảnh JPEG, PNG hay bảng tính XLSX nên không được nhận. Hãy xuất sang một trong các dạng đó."
)


class ReasonForm(Form):
    """Why a report is returned or corrected."""

    reason = TextAreaField(
        _l("Lý do"),
        [DataRequired(_l("Hãy ghi lý do.")), Length(max=1000, message=_l("Lý do quá dài. Hãy viết gọn hơn."))],
        filters=[lambda text: (text or "").strip()],
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
@requires(Permission.READ_REGISTERS)
def reports() -> str:
    """The reports of a period: who has reported, who is late, what waits for me."""
    with reading() as session:
        choice = choose(session)
        if choice is None:
            return render_template("indicators/nothing.html")
        board = choice.board
        asked, late = board.asked_to_report(choice.within), set(board.late(choice.within))
        rows = [(board.units[unit], board.latest.get(unit), board.counted.get(unit), unit in late) for unit in asked]
        scope = _scope(session)
        own = scope.kept if may(Permission.KEEP_REGISTERS) else frozenset()
        lists: dict[str, list[Any]] = {
            "all": rows,
            "silent": [row for row in rows if row[2] is None],
            "late": [row for row in rows if row[3]],
            "mine": [row for row in rows if (_waits_for_me(session, row[1], scope) if row[1] else row[0].id in own)],
        }
        show = request.args.get("show", "all")
        show = show if show in lists else "all"
        return render_template(
            "indicators/reports.html",
            choice=choice,
            rows=lists[show],
            counts={name: len(found) for name, found in lists.items()},
            show=show,
            own=[unit for unit in asked if unit in scope.kept],
            board=board,
            deadline=choice.plan.deadline(choice.period),
            today=today(),
            words=words,
        )


@dataclass(frozen=True, slots=True)
class Scope:
    """For whom whoever asks acts."""

    kept: frozenset[int]
    is_province: bool


def _scope(session: Session) -> Scope:
    return Scope(kept(session), keeps_province(session))


def _waits_for_me(session: Session, report: IndicatorReport, scope: Scope) -> bool:
    """Whether the next step of the report is mine."""
    return bool(_steps(session, report, scope) & {ReportStep.SIGN, ReportStep.ACCEPT, ReportStep.SUBMIT})


def _steps(session: Session, report: IndicatorReport, scope: Scope) -> set[ReportStep]:
    """What whoever asks may do with the report now."""
    is_own = report.unit_id in scope.kept
    state, found = report.state, set()
    if is_own and may(Permission.KEEP_REGISTERS) and report.is_open:
        found |= {ReportStep.EDIT, ReportStep.SUBMIT}
    if is_own and may(Permission.KEEP_REGISTERS) and state is ReportState.ACCEPTED and _is_newest(session, report):
        found |= {ReportStep.CORRECT}
    if is_own and may(Permission.SIGN_DIRECTIVES) and state is ReportState.SUBMITTED:
        found |= {ReportStep.SIGN, ReportStep.RETURN}
    if state is ReportState.SIGNED and may(Permission.MANAGE_PLANS) and _stands_above(session, report, scope):
        found |= {ReportStep.ACCEPT, ReportStep.RETURN}
    return found


def _is_newest(session: Session, report: IndicatorReport) -> bool:
    return Reports(session, report.plan).of(report.unit_id, report.reported_period)[0] is report


def _stands_above(session: Session, report: IndicatorReport, scope: Scope) -> bool:
    """Whether whoever asks keeps the unit above the reporting one, or speaks for the whole federation."""
    if scope.is_province:
        return True
    tree = tree_on(report.reported_period.last, Units(session).facts())
    above = next((code for code, below in tree.items() if code and report.unit.code in below), None)
    unit = Units(session).find(above) if above else None
    return unit is not None and unit.id in scope.kept


def _asked(session: Session, report: IndicatorReport) -> list[Indicator]:
    """The indicators that the report is about."""
    units = Units(session)
    kinds = {unit.code: unit.kind for unit in units.all()}
    reporter = reporters_on(report.reported_period.last, units.facts(), kinds).get(report.unit.code)
    return asked_of(report.plan, reporter) if reporter else []


@bp.post("/begin")
@requires(Permission.KEEP_REGISTERS)
def begin() -> AnyResponse:
    """Begin the report of a unit for a period, or go to the one that is there."""
    with writing() as session:
        plan = Plans(session).get(request.form.get("plan", 0, int))
        unit = kept_unit(session, request.form.get("unit", 0, int))
        period = reported_period(request.form.get("period", ""))
        book = Reports(session, plan)
        is_new = not book.of(unit.id, period)
        report = book.begin(unit, period)
        if not _asked(session, report):
            raise NotFound("indicator_report", unit.id)
        if is_new:
            _audit(session, "indicator_report_begun", report)
        report_id = report.id
    return _to(report_id)


def _audit(session: Session, act: str, report: IndicatorReport, **facts: Any) -> None:
    said = {"unit": report.unit.code, "period": report.period, "version": report.version, **facts}
    audit(session, act, subject=("indicator_report", report.id), facts=said)


def _to(report_id: int) -> AnyResponse:
    return redirect(url_for("indicator_reports.report", report_id=report_id), 303)


@bp.get("/<int:report_id>")
@requires(Permission.READ_REGISTERS)
def report(report_id: int) -> str:
    """A report: to be filled in by who keeps the register, to be read by others."""
    with reading() as session:
        return _page(session, get_report(session, report_id, seen(session)))


def _page(session: Session, found: IndicatorReport, *, lines: list[Line] | None = None, **forms: Any) -> str:
    asked = _asked(session, found)
    file_form: FileForm = forms.pop("file_form", None) or FileForm(formdata=None)
    file_form.indicator.choices = [(str(one.id), f"{one.code}. {one.name}") for one in asked]
    return render_template(
        "indicators/report.html",
        report=found,
        lines=saved_lines(found, asked) if lines is None else lines,
        steps=_steps(session, found, _scope(session)),
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
    if step not in _steps(session, found, _scope(session)):
        raise NotAllowed(step)


@bp.post("/<int:report_id>")
@requires(Permission.KEEP_REGISTERS)
def save_report(report_id: int) -> AnyResponse:
    """Save what was typed; with `submit`, hand it to the unit's leader."""
    with writing() as session:
        found = get_report(session, report_id, seen(session))
        _check_step(session, found, ReportStep.EDIT)
        asked = _asked(session, found)
        lines = typed_lines(request.form, asked)
        if request.form.get("revision", 0, int) != found.revision:
            show_theirs(lines, found)
            return make_response(_page(session, found, lines=lines, is_changed=True), 409)
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
        found = get_report(session, report_id, seen(session))
        _check_step(session, found, step)
        _check_revision(found)
        advance(found, step, me(), asked=())
        _audit(session, act, found)
    flash(said, "success")
    return _to(report_id)


def _check_revision(found: IndicatorReport) -> None:
    """Nobody signs or accepts other figures than those that were shown."""
    if request.form.get("revision", 0, int) != found.revision:
        raise StepNotAllowed(found.state, "changed")


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
        found = get_report(session, report_id, seen(session))
        if found.state is not state:
            raise StepNotAllowed(found.state, ReportStep.RETURN)
        _check_step(session, found, ReportStep.RETURN)
        if not form.validate():
            return make_response(_page(session, found, reason_form=form), 422)
        advance(found, ReportStep.RETURN, me(), asked=(), reason=form.reason.data)
        _audit(session, "indicator_report_returned", found, reason=form.reason.data)
    flash(_("Đã trả lại báo cáo để đơn vị sửa."), "success")
    return _to(report_id)


@bp.post("/<int:report_id>/correct")
@requires(Permission.KEEP_REGISTERS)
def correct(report_id: int) -> AnyResponse:
    """Begin a correction of an accepted report; the accepted one stays as it is."""
    form = ReasonForm()
    with writing() as session:
        found = get_report(session, report_id, seen(session))
        _check_step(session, found, ReportStep.CORRECT)
        if not form.validate():
            return make_response(_page(session, found, reason_form=form), 422)
        version = Reports(session, found.plan).correct(found, me(), form.reason.data)
        _audit(session, "indicator_report_corrected", version, reason=form.reason.data)
        new_id = version.id
    flash(_("Đã lập bản đính chính. Số đã tiếp nhận vẫn được tính cho đến khi bản này được tiếp nhận."), "success")
    return _to(new_id)


@bp.post("/<int:report_id>/files")
@requires(Permission.KEEP_REGISTERS)
def add_file(report_id: int) -> AnyResponse:
    """Attach a file that shows where a figure comes from."""
    request.max_content_length = _PER_FILE
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
            kept_file = keep_file(system().objects, form.file.data.filename or "", form.file.data.stream)
        except FileRefused as error:
            is_kind = error.reason == Refusal.NOT_A_DOCUMENT
            form.file.errors = [str(_FILE_REFUSED if is_kind else REFUSALS[Refusal(error.reason)])]
            return make_response(_page(session, found, file_form=form), 422)
    with writing() as session:
        found = get_report(session, report_id, seen(session))
        _check_step(session, found, ReportStep.EDIT)
        found.files.append(
            IndicatorFile(
                indicator_id=int(form.indicator.data), name=kept_file.name, sha256=kept_file.sha256, size=kept_file.size,
                media_type=kept_file.media_type, added_by_id=me().id,
            )
        )  # fmt: skip
        _audit(session, "indicator_file_added", found, sha256=kept_file.sha256, attested="no-secrecy-mark/1")
    flash(_("Đã đính kèm tệp."), "success")
    return _to(report_id)


@bp.get("/<int:report_id>/files/<int:file_id>")
@requires(Permission.READ_REGISTERS)
def file(report_id: int, file_id: int) -> Response:
    """An attached file, to be saved."""
    with reading() as session:
        found = _file(get_report(session, report_id, seen(session)), file_id)
        with system().objects.open(found.sha256) as stream:
            answer = Response(stream.read(), mimetype=found.media_type)
        answer.headers.set("Content-Disposition", "attachment", filename=found.name)
        return answer


def _file(found: IndicatorReport, file_id: int) -> IndicatorFile:
    one = next((one for one in found.files if one.id == file_id), None)
    if one is None:
        raise NotFound("indicator_file", file_id)
    return one


@bp.post("/<int:report_id>/files/<int:file_id>/remove")
@requires(Permission.KEEP_REGISTERS)
def remove_file(report_id: int, file_id: int) -> AnyResponse:
    """Take a file off a report that is still open."""
    with writing() as session:
        found = get_report(session, report_id, seen(session))
        one = _file(found, file_id)
        _check_step(session, found, ReportStep.EDIT)
        found.files.remove(one)
        _audit(session, "indicator_file_removed", found, sha256=one.sha256)
    flash(_("Đã bỏ tệp."), "success")
    return _to(report_id)
