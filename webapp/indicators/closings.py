"""The consolidated report of a period: to be looked at, downloaded, closed under its hash; later corrections are shown as such."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from domain.ground.clock import today
from domain.ground.errors import NotAllowed, NotFound, existing
from domain.indicators.indicators import reported_period
from domain.people.roles import Permission
from domain.people.units import UnitKind
from storage.indicators.board import Board
from storage.indicators.plans import Plans
from storage.indicators.reports import Closings, IndicatorClosing, digest
from storage.people.units import AnyUnit
from webapp.ground.access import audit, may, me, shows, writes
from webapp.ground.files import download, printed
from webapp.ground.scopes import keeps_province, kept, seen, units_among
from webapp.ground.workbooks import MEDIA_TYPE as XLSX
from webapp.indicators import words
from webapp.indicators.choice import choose
from webapp.indicators.consolidated import Content, changes, content_of, paper, share_text, verdict_text, workbook

bp = Blueprint("indicator_closings", __name__, url_prefix="/indicators/consolidated")


@bp.get("/")
@shows(Permission.READ_REGISTERS)
def closings(session: Session) -> str:
    """The consolidated report of a period as it stands, and the closings of the plan."""
    choice = choose(session)
    if choice is None:
        return render_template("indicators/nothing.html")
    content = content_of(choice.board, choice.unit, choice.year)
    book = Closings(session, choice.plan)
    return render_template(
        "indicators/closings.html",
        choice=choice,
        content=content,
        closings=[one for one in book.all() if _sees_whole(session)],
        of_period=book.of(choice.period) if _sees_whole(session) else [],
        closes=_closes(session, choice.unit),
        has_ended=choice.period.last < today(),
        share_text=share_text,
        verdict_text=verdict_text,
        parse=reported_period,
        words=words,
    )


def _sees_whole(session: Session) -> bool:
    """Whether whoever asks sees the whole federation, which closings are about."""
    return any(unit.kind is UnitKind.PROVINCE for unit in units_among(session, seen(session)))


def _closes(session: Session, unit: AnyUnit) -> bool:
    return may(Permission.MANAGE_PLANS) and keeps_province(session) and unit.kind is UnitKind.PROVINCE


@bp.get("/draft.<form>")
@shows(Permission.READ_REGISTERS)
def draft(session: Session, form: str) -> Response:
    """The consolidated report as it stands, marked as not closed."""
    choice = existing(choose(session), "plan", "")
    content = content_of(choice.board, choice.unit, choice.year)
    return _printed(content, form, is_closed=False)


def _printed(content: Content, form: str, *, is_closed: bool, sha256: str = "") -> Response:
    stem = f"bao-cao-chi-tieu-{content['period']}"
    if form == "xlsx":
        return download(workbook(content, is_closed=is_closed, sha256=sha256), f"{stem}.xlsx", XLSX)
    made = paper(content, is_closed=is_closed, sha256=sha256)
    return printed(made, stem, form, footer=f"SHA-256 {sha256}" if sha256 else "")


@bp.post("/close")
@writes(Permission.MANAGE_PLANS)
def close(session: Session) -> AnyResponse:
    """Close a period: the consolidated report is kept under its hash."""
    plan = Plans(session).get(request.form.get("plan", 0, int))
    if not keeps_province(session):
        raise NotAllowed(Permission.MANAGE_PLANS)
    period = reported_period(request.form.get("period", ""))
    content = _whole(session, Board(session, plan, period, seen(session)), request.form.get("year", None, int))
    closing = Closings(session, plan).close(period, content, me(), after=request.form.get("after", 0, int))
    facts = {"plan": plan.code, "period": period.code, "number": closing.number, "sha256": closing.sha256}
    audit(session, "indicators_closed", subject=("indicator_closing", closing.id), facts=facts)
    flash(_("Đã chốt số liệu của kỳ. Báo cáo này không thay đổi nữa."), "success")
    return redirect(url_for("indicator_closings.closing", plan_id=plan.id, closing_id=closing.id), 303)


def _whole(session: Session, board: Board, year: int | None) -> Content:
    """The content for the province that the person keeps."""
    province = next(unit for unit in units_among(session, kept(session)) if unit.kind is UnitKind.PROVINCE)
    return content_of(board, province, year)


@bp.get("/<int:plan_id>/<int:closing_id>")
@shows(Permission.READ_REGISTERS)
def closing(session: Session, plan_id: int, closing_id: int) -> str:
    """A closing: what was closed, and what would differ now."""
    found = _closing(session, plan_id, closing_id)
    return render_template(
        "indicators/closing.html",
        closing=found,
        content=found.content,
        is_intact=digest(found.content) == found.sha256,
        changes=_changes(session, found),
        period=reported_period(found.period),
        share_text=share_text,
        verdict_text=verdict_text,
        words=words,
    )


def _closing(session: Session, plan_id: int, closing_id: int) -> IndicatorClosing:
    """The closing, for who sees the whole federation; raises NotFound."""
    found = Closings(session, Plans(session).get(plan_id)).get(closing_id)
    if not _sees_whole(session):
        raise NotFound("indicator_closing", closing_id)
    return found


def _changes(session: Session, found: IndicatorClosing) -> list[tuple[str, str, str]]:
    board = Board(session, found.plan, reported_period(found.period), seen(session))
    province = next((unit for unit in board.units.values() if unit.name == found.content["unit"]), None)
    return changes(found.content, content_of(board, province, found.content["target_year"])) if province else []


@bp.get("/<int:plan_id>/<int:closing_id>/report.<form>")
@shows(Permission.READ_REGISTERS)
def closed_report(session: Session, plan_id: int, closing_id: int, form: str) -> Any:
    """The closed report as DOCX, PDF or XLSX."""
    found = _closing(session, plan_id, closing_id)
    return _printed(found.content, form, is_closed=True, sha256=found.sha256)
