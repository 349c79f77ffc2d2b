"""Opinions before the meeting: each says what one thinks of an item, and may change it until the meeting opens."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from domain.ground.errors import NotAllowed, NotFound
from domain.meetings.agenda import numbers
from domain.meetings.meetings import Right
from domain.people.roles import Permission
from storage.meetings.agenda import Agenda
from storage.meetings.opinions import Opinions
from webapp.ground.access import me, shows
from webapp.meetings.live.acts import Act, acts
from webapp.meetings.papers.reader import reader_of

bp = Blueprint("opinions", __name__)

MOST_LETTERS = 5000


@bp.get("/meetings/<int:meeting_id>/opinions")
@shows(Permission.ATTEND_MEETINGS)
def opinions(session: Session, meeting_id: int) -> str:
    """The items with one's own opinion; others' opinions for who prepares, and for all where the meeting shares them."""
    reader = reader_of(session, meeting_id)
    meeting, participant = reader.meeting, reader.participant
    given = Opinions(session, meeting)
    items = [item for item in meeting.items if participant is None or participant.may_see(item)]
    sees_all = reader.prepares or given.are_shared
    return render_template(
        "meetings/papers/opinions.html",
        meeting=meeting,
        reader=reader,
        items=[item for item in items if not item.is_on_paper_only],
        numbers=numbers(Agenda(session, meeting).facts),
        opinions=given.by_item(items, only_of=None if sees_all else me().id),
        sees_all=sees_all,
        are_shared=given.are_shared,
        is_open=given.is_open,
        most=MOST_LETTERS,
    )


@bp.post("/meetings/<int:meeting_id>/opinions/items/<int:item_id>")
@acts(Right.ATTEND)
def give(act: Act, item_id: int) -> Response | None:
    """Have one's own opinion on an item, or take it back by an empty one. Its words stand in no event and in no trail."""
    item = Agenda(act.session, act.meeting).item(item_id)
    if act.participant is None:
        raise NotAllowed(Right.ATTEND)
    if not act.participant.may_see(item) or item.is_on_paper_only:
        raise NotFound("agenda_item", item_id)
    text = request.form.get("text", "").strip()[:MOST_LETTERS]
    Opinions(act.session, act.meeting).give(item, me().id, text)
    act.record("opinion_given", parts="", item_id=item_id, is_empty=not text)
    return _back(act, item_id, _("Đã lưu ý kiến của bạn.") if text else _("Đã bỏ ý kiến của bạn."))


@bp.post("/meetings/<int:meeting_id>/opinions/shared")
@acts(Right.PREPARE)
def share(act: Act) -> Response | None:
    """Have members see each other's opinions, or no longer."""
    are_shared = request.form.get("are_shared") == "yes"
    Opinions(act.session, act.meeting).share(are_shared)
    act.record("opinions_shared", parts="", are_shared=are_shared)
    said = _("Đại biểu từ nay thấy ý kiến của nhau.") if are_shared else _("Đại biểu từ nay không thấy ý kiến của nhau.")
    return _back(act, None, said)


def _back(act: Act, item_id: int | None, said: str) -> Response | None:
    if request.headers.get("X-Live"):
        return None
    flash(said, "success")
    return redirect(url_for(".opinions", meeting_id=act.meeting.id, _anchor=f"item-{item_id}" if item_id else None), 303)
