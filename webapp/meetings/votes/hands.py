"""Raised hands in votes by name, noted by a secretary: one by one or for all who are left, put right and taken back until the close."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from domain.meetings.meetings import Right
from domain.meetings.running_order import Doubt
from domain.meetings.voting import NotOnRoll, VoteNotOpen, VoteState
from domain.people.roles import Permission
from storage.ground.database import among
from storage.meetings.ballots import Vote
from storage.meetings.hands import Hands, NotedHands
from storage.meetings.meetings import Participant
from storage.meetings.votes import Votes
from webapp.ground.access import me, shows
from webapp.ground.sockets import sockets
from webapp.meetings.live.acts import Act, acts, open_meeting
from webapp.meetings.live.vote_view import ShownVote
from webapp.meetings.words import choice_in_words

bp = Blueprint("hands", __name__, url_prefix="/meetings/<int:meeting_id>/votes/<int:vote_id>/hands")

PARTS = "vote now"


@bp.get("/others")
@shows(Permission.ATTEND_MEETINGS)
def others(session: Session, meeting_id: int, vote_id: int) -> str:
    """Who is here and has not voted, by name, before the same hand is noted for all of them or for those who stay ticked."""
    meeting, _participant = open_meeting(session, meeting_id, Right.RECORD)
    vote = Votes(session).get(vote_id, meeting_id)
    if vote.is_secret:
        raise NotOnRoll
    if vote.state is not VoteState.OPEN:
        raise VoteNotOpen(vote.state)
    shown = ShownVote(session, vote)
    here = [one for one in shown.waiting if one.is_here]
    return render_template("meetings/votes/others.html", meeting=meeting, vote=vote, shown=shown, here=here)


@bp.post("")
@acts(Right.RECORD)
def note(act: Act, vote_id: int) -> None:
    """Note somebody's raised hand, or put right the one that was noted. Who has a device at hand is asked about first."""
    participant, vote = _voter(act), Votes(act.session).get(vote_id, act.meeting.id)
    had_one = Hands(act.session).note(vote, participant.id, request.form.get("choice", ""), by=me().id)
    is_connected = participant.person_id in sockets().connected(act.meeting.id)
    act.ask_first("note_hand", {Doubt.ON_DEVICE: is_connected and not had_one})
    _record(act, vote, "hand_corrected" if had_one else "hand_noted", participant)


@bp.post("/back")
@acts(Right.RECORD)
def take_back(act: Act, vote_id: int) -> None:
    """Take back a hand that was noted; the voter stands as if none had been."""
    participant, vote = _voter(act), Votes(act.session).get(vote_id, act.meeting.id)
    Hands(act.session).take_back(vote, participant.id)
    _record(act, vote, "hand_taken_back", participant)


@bp.post("/others")
@acts(Right.RECORD)
def note_others(act: Act, vote_id: int) -> Response:
    """Note the same hand for everybody who was ticked: never for somebody who was not shown, and over nobody's own ballot."""
    vote = Votes(act.session).get(vote_id, act.meeting.id)
    ticked = {one.id: one for one in act.meeting.participants if str(one.id) in set(request.form.getlist("participant"))}
    choice = request.form.get("choice", "")
    result = Hands(act.session).note_for(vote, list(ticked), choice, by=me().id)
    if result.noted:
        facts = {"voters": [ticked[one].name for one in result.noted], "participants": list(result.noted)}
        act.record("hands_noted", parts=PARTS, item=vote.item, vote=vote.id, **facts)
    for words, category in _said(result, ticked, choice_in_words(vote, choice)):
        flash(words, category)
    return redirect(url_for("votes.vote", meeting_id=act.meeting.id, vote_id=vote.id), 303)


def _said(result: NotedHands, people: dict[int, Participant], choice: str) -> list[tuple[str, str]]:
    said = []
    if result.noted:
        said.append((_("Đã ghi giơ tay cho %(n)s người: %(choice)s.", n=len(result.noted), choice=choice), "success"))
    if result.voted:
        names = ", ".join(people[one].name for one in result.voted)
        said.append((_("Không ghi cho người đã có phiếu trong lúc đó: %(names)s.", names=names), "warn"))
    if result.gone:
        names = ", ".join(people[one].name for one in result.gone)
        said.append((_("Không ghi cho người đã rời phòng trong lúc đó: %(names)s.", names=names), "warn"))
    return said or [(_("Chưa chọn ai nên chưa ghi gì."), "warn")]


def _voter(act: Act) -> Participant:
    return among(act.meeting.participants, request.form.get("participant", 0, int), "participant")


def _record(act: Act, vote: Vote, kind: str, participant: Participant) -> None:
    """What was done, for whose hand: never how it was raised. Whose devices hear of it, the participant tells."""
    act.record(kind, parts=PARTS, item=vote.item, vote=vote.id, voter=participant.name, participant=participant.id)
