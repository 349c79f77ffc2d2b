"""Closing a period: freezing its figures, what has changed since then, and the report to the Standing Committee."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session, object_session
from werkzeug.wrappers import Response as AnyResponse
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from domain.directives.issuance import Reading
from domain.directives.shares import Basis, written
from domain.ground.clock import VIETNAM, today
from domain.ground.errors import NotAllowed, NotFound, RuleError, existing
from domain.ground.official_papers import Signature, lines
from domain.ground.periods import Period, half, parse_period, year_of
from domain.people.roles import Permission
from domain.people.units import UnitKind
from storage.directives.closings import Closings, ShareClosing, closings_over
from storage.directives.outgoing import OutgoingDocument, OutgoingDocuments
from storage.indicators.plans import target_for
from storage.people.units import Unit
from webapp.directives.fields import line
from webapp.directives.shares import words as share_words
from webapp.directives.shares.report import report
from webapp.ground.access import audit, may, me, requires, shows
from webapp.ground.errors import sentence
from webapp.ground.files import download, printed
from webapp.ground.formats import day, period_words
from webapp.ground.forms import Choice, Form
from webapp.ground.scopes import check_province, keeps_province, kept, seen, units_among
from webapp.ground.system import reading, writing

bp = Blueprint("closings", __name__, url_prefix="/directives/closings")

Answer = str | tuple[str, int] | AnyResponse
_YEARS_BACK = 5
_MOST_CHANGES = 200


class SignerForm(Form):
    """Who signs the report to the Standing Committee."""

    signer_title = line(_l("Quyền hạn, chức vụ người ký"), _l("Hãy ghi chức vụ của người ký báo cáo."), most=200)
    signer = line(_l("Người ký báo cáo"), _l("Hãy ghi họ tên người ký báo cáo."), most=100)

    def show(self, usual: Signature) -> None:
        """Propose a signer."""
        self.signer_title.data, self.signer.data = ", ".join(usual.capacity), usual.name

    def signature(self) -> Signature:
        """The signer, in the form of the paper."""
        return Signature(lines(self.signer_title.data.upper().replace(", ", "\n")), self.signer.data)


class CloseForm(SignerForm):
    """Which period to close."""

    period = Choice(_l("Kỳ cần khóa"), [InputRequired(_l("Hãy chọn kỳ."))])


class CorrectForm(SignerForm):
    """Why a closing is corrected."""

    reason = TextAreaField(
        _l("Lý do sửa"),
        [
            InputRequired(_l("Hãy ghi lý do để người đọc biết vì sao số liệu đổi.")),
            Length(max=500, message=_l("Lý do dài quá 500 chữ.")),
        ],
    )


def _province(session: Session) -> Unit | None:
    """The province that whoever asks keeps, or sees."""
    for ids in (kept(session), seen(session)):
        found = [unit for unit in units_among(session, ids) if unit.kind is UnitKind.PROVINCE]
        if found:
            last = max(found, key=lambda unit: (unit.valid_to is None, unit.valid_from))
            return session.get_one(Unit, last.id)
    return None


def _closings(session: Session) -> Closings:
    province = existing(_province(session), "closing", "")
    return Closings(session, province, target_for)


@dataclass(frozen=True, slots=True)
class ClosedPeriod:
    """A closed period in which the date of a document lies, and what became of the document since."""

    period: str
    closed_on: str
    address: str  # empty for whoever does not see the closing
    is_new: bool  # written down after the closing
    is_changed: bool


@bp.app_template_global()
def closed_periods_of(document: OutgoingDocument) -> list[ClosedPeriod]:
    """The closed periods of a document that has its date, the latest first: for its page and its forms."""
    session = object_session(document)
    if session is None or document.dated is None:
        return []
    found = [closing for closing, _count in closings_over(session, document.unit_id, [document.dated])]
    province = _province(session) if found else None
    return [
        ClosedPeriod(
            period_words(one.period),
            day(one.closed_at.astimezone(VIETNAM)),
            url_for("closings.closing", closing_id=one.id) if province and one.unit_id == province.id else "",
            document.created_at > one.closed_at,
            document.changed_at > one.closed_at,
        )
        for one in found
    ]


@bp.get("")
@shows(Permission.READ_REGISTERS)
def closings(session: Session) -> str:
    """The closed periods, and the form that closes one."""
    return _list(session, None)


def _list(session: Session, form: CloseForm | None, refusal: str = "") -> str:
    province = _province(session)
    found = Closings(session, province, target_for).all() if province else []
    if form is None:
        form = CloseForm(formdata=None)
        form.show(Closings(session, province, target_for).usual_signer(me()) if province else Signature((), ""))
    open_periods = _open_periods({one.period for one in found})
    form.period.choices = _choices(open_periods)
    return render_template(
        "directives/shares/closings.html",
        province=province,
        closings=found,
        figures={one.id: one.frozen().whole for one in found},
        form=form,
        refusal=refusal,
        may_close=may(Permission.MANAGE_PLANS) and keeps_province(session),
        has_open=bool(open_periods),
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {"words": share_words, "written": written, "Basis": Basis, "Reading": Reading}


def _open_periods(closed: set[Period]) -> list[Period]:
    """The half-years and years that are over and not closed, the latest first."""
    years = range(today().year, today().year - _YEARS_BACK, -1)
    periods = [one for year in years for one in (year_of(year), half(year, 2), half(year, 1))]
    return [one for one in periods if one.last < today() and one not in closed]


def _choices(periods: list[Period]) -> list[tuple[str, str]]:
    return [(one.code, period_words(one).capitalize()) for one in periods]


@bp.post("")
@requires(Permission.MANAGE_PLANS)
def close() -> Answer:
    """Close a period."""
    form = CloseForm()
    with reading() as session:
        check_province(session)
        form.period.choices = _choices(_open_periods({one.period for one in _closings(session).all()}))
    if not form.validate():
        return _refused(form, "")
    try:
        with writing() as session:
            check_province(session)
            closing = _closings(session).close(
                parse_period(form.period.data), session.merge(me(), load=False), form.signature()
            )
            _record(session, "share_period_closed", closing)
            closing_id = closing.id
    except RuleError as error:
        return _refused(form, sentence(error)[1])
    flash(_("Đã khóa kỳ. Số liệu được giữ nguyên; mọi thay đổi về sau được ghi riêng."), "success")
    return redirect(url_for("closings.closing", closing_id=closing_id), 303)


def _refused(form: CloseForm, refusal: str) -> Answer:
    with reading() as session:
        return _list(session, form, refusal), 422


def _record(session: Session, act: str, closing: ShareClosing) -> None:
    facts = {"period": closing.period.code, "sha256": closing.sha256, "version": closing.version}
    audit(session, act, subject=("share_closing", closing.id), facts=facts)


@bp.get("/<int:closing_id>")
@shows(Permission.READ_REGISTERS)
def closing(session: Session, closing_id: int) -> str:
    """One closing: its figures, its lock, what the registers say differently now."""
    return _page(session, closing_id)


def _page(session: Session, closing_id: int, form: CorrectForm | None = None, refusal: str = "") -> str:
    book = _closings(session)
    found = book.get(closing_id)
    if form is None:
        form = CorrectForm(formdata=None)
        form.show(found.frozen().signer)
    changes, latest = book.changes(found), book.latest(found.period)
    shown = changes.documents[:_MOST_CHANGES]
    return render_template(
        "directives/shares/closing.html",
        closing=found,
        frozen=found.frozen(),
        is_intact=found.is_intact(),
        changes=changes,
        shown=shown,
        there=OutgoingDocuments(session).known([one.document["id"] for one in shown]),
        latest=latest,
        form=form,
        refusal=refusal,
        may_correct=may(Permission.MANAGE_PLANS) and keeps_province(session) and found is latest and not changes.is_empty,
        **_words(),
    )


@bp.post("/<int:closing_id>/correct")
@requires(Permission.MANAGE_PLANS)
def correct(closing_id: int) -> Answer:
    """Close the period once more as the registers are now, naming the closing that it corrects."""
    form = CorrectForm()
    try:
        with writing() as session:
            check_province(session)
            book = _closings(session)
            former = book.get(closing_id)
            if not form.validate():
                return _page(session, closing_id, form), 422
            made = book.correct(former, session.merge(me(), load=False), form.reason.data.strip(), form.signature())
            _record(session, "share_closing_corrected", made)
            made_id = made.id
    except RuleError as error:
        if isinstance(error, NotFound | NotAllowed):
            raise
        with reading() as session:
            status, refusal = sentence(error)
            return _page(session, closing_id, form, refusal), status
    flash(_("Đã khóa lại kỳ theo sổ hiện nay. Lần khóa trước vẫn được giữ nguyên."), "success")
    return redirect(url_for("closings.closing", closing_id=made_id), 303)


@bp.get("/<int:closing_id>/report.pdf", defaults={"form": "pdf"})
@bp.get("/<int:closing_id>/report.docx", defaults={"form": "docx"})
@bp.get("/<int:closing_id>/figures.json", defaults={"form": "json"})
@shows(Permission.READ_REGISTERS)
def file(session: Session, closing_id: int, form: str) -> Response:
    """The report as PDF or DOCX, or what was locked, byte for byte."""
    found = _closings(session).get(closing_id)
    stem = f"bao-cao-van-ban-dien-tu-{found.period.code}-lan-{found.version}"
    if form == "json":
        return download(found.content, f"{stem}.json", "application/json")
    return printed(report(found), stem, form, footer=_("Số liệu khóa bằng mã %(hash)s", hash=found.sha256))
