"""Votes in a meeting: preparing, opening, casting, closing, counting paper, publishing, cancelling. Rules: domain/meetings/voting.py.

A ballot leaves no event and no audit entry, for their order would tell who voted how; only its voter's devices and a counter hear of it.
"""

from datetime import timedelta
from functools import partial
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from domain.ground.clock import now
from domain.ground.errors import NotAllowed, NotFound, StepNotAllowed
from domain.ground.files import MediaType
from domain.meetings.meetings import MeetingState, Right
from domain.meetings.running_order import Doubt
from domain.meetings.voting import (
    BallotRefused,
    CountsDoNotAgree,
    Decision,
    ItemNotOnFloor,
    Means,
    NotOnRoll,
    PaperCountWrong,
    VoteState,
)
from domain.people.roles import Permission
from storage.ground.database import among
from storage.meetings.ballots import Vote
from storage.meetings.meetings import AgendaItem, Meeting, Participant
from storage.meetings.votes import Receipt, Votes
from webapp.ground.access import audit, me, person, requires, shows
from webapp.ground.errors import sentence
from webapp.ground.files import download
from webapp.ground.system import writing
from webapp.meetings.live import news as live
from webapp.meetings.live.acts import Act, acts, open_meeting
from webapp.meetings.live.rights import rights_in
from webapp.meetings.live.vote_view import ShownVote, milliseconds, receipt_code
from webapp.meetings.sheets import ballots
from webapp.meetings.votes.forms import BallotsForm, CancelForm, ReopenForm, VoteForm, count_form, counted
from webapp.meetings.words import hand_in_words

bp = Blueprint("votes", __name__, url_prefix="/meetings/<int:meeting_id>/votes")

EXTENSION = timedelta(seconds=60)
LARGEST_BALLOT = 2048  # bytes
LONGEST_ID = 64
PARTS = "vote now"

_SITS = (MeetingState.OPEN, MeetingState.ADJOURNED)
_SEES_DRAFTS = frozenset({Right.PREPARE, Right.TAKE_SEAT, Right.RECORD})


# Pages


@bp.get("")
@shows(Permission.ATTEND_MEETINGS)
def votes(session: Session, meeting_id: int) -> str:
    """Every vote of the meeting, those taken back too."""
    meeting, participant = open_meeting(session, meeting_id, Right.ATTEND)
    rights = rights_in(meeting, participant, me())
    shown = [ShownVote(session, vote) for vote in Votes(session).of(meeting) if _may_see(vote, participant, rights)]
    return render_template("meetings/votes/list.html", meeting=meeting, votes=shown, rights=rights)


@bp.get("/new")
@shows(Permission.ATTEND_MEETINGS)
def new(session: Session, meeting_id: int) -> str:
    """The form for a vote; `?again=` names one that led to no result, for a further round."""
    meeting, _participant = open_meeting(session, meeting_id, Right.PREPARE)
    form = VoteForm(formdata=None).offer(meeting)
    form.item.data = request.args.get("item", 0, int)
    if again := request.args.get("again", 0, int):
        before = Votes(session).get(again, meeting_id)
        if not is_put_again(ShownVote(session, before)):
            raise StepNotAllowed(before.state, "put_again")
        form.show_again(before, ShownVote(session, before).verdict if before.state is VoteState.PUBLISHED else None)
    return render_template("meetings/votes/form.html", meeting=meeting, form=form, vote=None)


@bp.get("/<int:vote_id>/edit")
@shows(Permission.ATTEND_MEETINGS)
def edit(session: Session, meeting_id: int, vote_id: int) -> str:
    """The form for a vote that has not been opened."""
    meeting, _participant = open_meeting(session, meeting_id, Right.PREPARE)
    vote = Votes(session).get(vote_id, meeting_id)
    form = VoteForm(formdata=None).offer(meeting)
    form.show(vote)
    return render_template("meetings/votes/form.html", meeting=meeting, form=form, vote=vote)


@bp.get("/<int:vote_id>")
@shows(Permission.ATTEND_MEETINGS)
def vote(session: Session, meeting_id: int, vote_id: int) -> str:
    """One vote: the ballot while it is open, the result once it may be seen. Everything here works without scripts."""
    meeting, participant = open_meeting(session, meeting_id, Right.ATTEND)
    return _vote_page(session, meeting, participant, _seen(session, meeting, participant, vote_id))


@bp.get("/<int:vote_id>/receipt")
@shows(Permission.ATTEND_MEETINGS)
def receipt(session: Session, meeting_id: int, vote_id: int) -> str:
    """Whether my ballot is kept, for a browser without scripts."""
    meeting, participant = open_meeting(session, meeting_id, Right.VOTE)
    vote = _seen(session, meeting, participant, vote_id)
    return render_template("meetings/votes/receipt.html", meeting=meeting, vote=vote, mine=_mine(session, vote))


@bp.get("/<int:vote_id>/waiting")
@shows(Permission.ATTEND_MEETINGS)
def waiting(session: Session, meeting_id: int, vote_id: int) -> str:
    """Who has not voted yet, for the head of the meeting; a fragment that the live page renews."""
    open_meeting(session, meeting_id, Right.TAKE_SEAT)
    shown = ShownVote(session, Votes(session).get(vote_id, meeting_id))
    return render_template("meetings/votes/waiting.html", shown=shown)


# Ballots


@bp.post("/<int:vote_id>/ballot")
@requires(Permission.ATTEND_MEETINGS)
def ballot(meeting_id: int, vote_id: int) -> AnyResponse:
    """Cast a ballot. The same ballot again is answered as the first time."""
    arrived_at = now()
    if (request.content_length or 0) > LARGEST_BALLOT:
        raise RequestEntityTooLarge
    with writing() as session:
        given = _cast(session, meeting_id, vote_id, arrived_at=arrived_at)
    told = _receipt(given)
    live.announcer().count(meeting_id, partial(_turnout, vote_id))
    live.announcer().tell_person(me().id, "voted", told)
    if (
        player := person()
    ) and player.id != me().id:  # in a rehearsal: the sockets of who plays, which ask what has become of whom
        live.announcer().tell_person(player.id, "mine", {"meeting": meeting_id})
    if request.headers.get("X-Live"):
        return jsonify(told)
    return redirect(url_for("votes.receipt", meeting_id=meeting_id, vote_id=vote_id), 303)


@bp.get("/<int:vote_id>/mine")
@shows(Permission.ATTEND_MEETINGS)
def mine(session: Session, meeting_id: int, vote_id: int) -> AnyResponse:
    """How the vote stands for me: what a page asks that has lost its answer."""
    vote = Votes(session).get(vote_id, meeting_id)
    if Votes(session).entry(vote, me().id) is None:
        meeting, participant = open_meeting(session, meeting_id, Right.ATTEND)
        _seen(session, meeting, participant, vote_id)
    return jsonify(_mine(session, vote))


def _cast(session: Session, meeting_id: int, vote_id: int, *, arrived_at: Any) -> Receipt:
    ballot_id = request.form.get("ballot_id", "")
    if not 0 < len(ballot_id) <= LONGEST_ID:
        raise BallotRefused("unknown")
    chosen = frozenset(request.form.getlist("choice"))
    try:
        return Votes(session).cast(
            vote_id, meeting_id, person_id=me().id, chosen=chosen, ballot_id=ballot_id, arrived_at=arrived_at
        )
    except NotOnRoll:
        open_meeting(session, meeting_id, Right.VOTE)  # a stranger is told nothing, a guest that guests do not vote
        raise


def _turnout(vote_id: int, session: Session) -> dict[str, Any]:
    turnout = Votes(session).turnout(vote_id)
    return {"vote": vote_id, "voted": turnout.voted, "roll": turnout.roll}


def _receipt(given: Receipt) -> dict[str, Any]:
    code = receipt_code(given.vote_id, given.ballot_id)
    return {"vote": given.vote_id, "voted": True, "ballot": given.ballot_id, "receipt": code, "at_ms": milliseconds(given.at)}


def _mine(session: Session, vote: Vote) -> dict[str, Any]:
    votes = Votes(session)
    entry = votes.entry(vote, me().id)
    times = {"closes_ms": milliseconds(vote.closes_at), "server_ms": milliseconds(now())}
    standing = {"state": vote.state, "vote": vote.id, "is_late": bool(vote.closes_at and now() > vote.closes_at)}
    if entry is None:
        return {**standing, **times, "on_roll": False, "may_vote": False, "on_paper": False, "voted": False}
    on_paper = entry.on_paper or vote.means is Means.PAPER
    mine: dict[str, Any] = {"on_roll": True, "may_vote": votes.may_vote(vote, entry), "on_paper": on_paper, "voted": False}
    if hand := votes.hand_of(entry):  # no ballot of one's own, so there is no receipt
        mine |= {"hand": hand_in_words(vote, hand)}
    elif entry.voted:
        mine |= _receipt(Receipt(vote.id, entry.client_ballot_id or "", entry.voted_at))
    return {**standing, **times, **mine}


# Acts


@bp.post("/new")
@acts(Right.PREPARE)
def create(act: Act) -> AnyResponse | None:
    """Prepare a vote."""
    form = VoteForm().offer(act.meeting)
    if not form.validate_on_submit():
        return _again(act, form, None)
    vote = Votes(act.session).prepare(act.meeting, _item(act.meeting, form), **form.values)
    act.record("vote_prepared", parts=PARTS, item=vote.item, vote=vote.id, **_own_majority(vote))
    return _to(vote, _("Đã soạn nội dung biểu quyết; chưa ai bỏ phiếu được cho đến khi chủ tọa mở."))


@bp.post("/<int:vote_id>/edit")
@acts(Right.PREPARE)
def change(act: Act, vote_id: int) -> AnyResponse | None:
    """Put the question otherwise, as long as the vote is not open."""
    votes = Votes(act.session)
    vote, form = votes.hold(vote_id, act.meeting.id), VoteForm().offer(act.meeting)
    if not form.validate_on_submit():
        return _again(act, form, vote)
    votes.change(vote, **form.values)
    item = _item(act.meeting, form)
    vote.item_id = item.id if item else None
    act.record("vote_changed", parts=PARTS, item=item, vote=vote.id, **_own_majority(vote))
    return _to(vote, _("Đã lưu."))


@bp.post("/<int:vote_id>/open")
@acts(Right.PRESIDE)
def open_(act: Act, vote_id: int) -> None:
    """Freeze the roll and let ballots in, for so many seconds or until it is closed."""
    votes = Votes(act.session)
    vote = votes.get(vote_id, act.meeting.id)
    _check_on_floor(act, vote)
    seconds = request.form.get("seconds", 0, int)
    votes.open(vote, lasting=timedelta(seconds=min(seconds, 86_400)) if seconds > 0 else None)
    act.ask_first("open_vote", {Doubt.NO_QUORUM: max(0, vote.quorum_needed - vote.present)})
    frozen = {"members": vote.members, "present": vote.present, "quorum_needed": vote.quorum_needed}
    act.record("vote_opened", parts=PARTS, item=vote.item, vote=vote.id, **frozen)


@bp.post("/<int:vote_id>/extend")
@acts(Right.PRESIDE)
def extend(act: Act, vote_id: int) -> None:
    """Let ballots in for another minute."""
    vote = Votes(act.session).get(vote_id, act.meeting.id)
    Votes(act.session).extend(vote, EXTENSION)
    act.record("vote_extended", parts=PARTS, item=vote.item, vote=vote.id, seconds=60)


@bp.post("/<int:vote_id>/close")
@acts(Right.PRESIDE)
def close(act: Act, vote_id: int) -> None:
    """Let no more ballots in."""
    votes = Votes(act.session)
    vote = votes.hold(vote_id, act.meeting.id)
    if vote.state is VoteState.OPEN:
        act.ask_first("close_vote", {Doubt.NOT_ALL_VOTED: sum(one.is_here for one in ShownVote(act.session, vote).waiting)})
    votes.close(vote)
    turnout = votes.turnout(vote.id)
    act.record("vote_closed", parts=PARTS, item=vote.item, vote=vote.id, voted=turnout.voted, roll=turnout.roll)


@bp.post("/<int:vote_id>/reopen")
@acts(Right.PRESIDE)
def reopen(act: Act, vote_id: int) -> AnyResponse | None:
    """Let ballots in again after a close that was a mistake, while its item is dealt with; the reason stands in the minutes."""
    vote = Votes(act.session).get(vote_id, act.meeting.id)
    _check_on_floor(act, vote)
    form = ReopenForm()
    if not form.validate_on_submit():
        return _refused(_vote_page(act.session, act.meeting, act.participant, vote, reopen_form=form))
    Votes(act.session).reopen(vote)
    act.record("vote_reopened", parts=PARTS, item=vote.item, vote=vote.id, reason=form.why.data.strip())
    return None


@bp.post("/<int:vote_id>/publish")
@acts(Right.PRESIDE)
def publish(act: Act, vote_id: int) -> None:
    """Let everybody see the result."""
    votes = Votes(act.session)
    vote = votes.get(vote_id, act.meeting.id)
    votes.publish(vote)
    act.ask_first("publish_vote", {Doubt.NO_BALLOTS: votes.tally(vote).collected == 0})
    verdict = ShownVote(act.session, vote).verdict
    facts = {"decision": verdict.decision, "got": verdict.got, "needed": verdict.needed, "of": verdict.of}
    act.record("vote_published", parts=PARTS, item=vote.item, vote=vote.id, **facts)


@bp.post("/<int:vote_id>/cancel")
@acts(Right.PRESIDE)
def cancel(act: Act, vote_id: int) -> AnyResponse | None:
    """Take a vote back; it stays on record with the reason."""
    vote = Votes(act.session).get(vote_id, act.meeting.id)
    form = CancelForm()
    if not form.validate_on_submit():
        return _refused(_vote_page(act.session, act.meeting, act.participant, vote, cancel_form=form))
    Votes(act.session).cancel(vote, form.reason.data.strip())
    act.record("vote_cancelled", parts=PARTS, item=vote.item, vote=vote.id, reason=vote.cancel_reason)
    return None


@bp.post("/<int:vote_id>/papers")
@acts(Right.RECORD)
def give_paper(act: Act, vote_id: int) -> None:
    """Note that somebody votes on paper."""
    participant, vote = _voter(act), Votes(act.session).get(vote_id, act.meeting.id)
    Votes(act.session).give_paper(vote, participant.id)
    told = {"voter": participant.name, "participant": participant.id}  # whose devices hear of it
    act.record("paper_ballot_given", parts=PARTS, item=vote.item, vote=vote.id, **told)


@bp.post("/<int:vote_id>/counts")
@acts(Right.TAKE_SEAT)
def count(act: Act, vote_id: int) -> AnyResponse | None:
    """Enter what one person counted on paper; it holds when a second person has entered the same."""
    votes = Votes(act.session)
    vote = votes.get(vote_id, act.meeting.id)
    form = count_form(vote.form, ShownVote(act.session, vote).on_ballot)
    if not form.validate_on_submit():
        return _refused(_vote_page(act.session, act.meeting, act.participant, vote, count=form))
    try:
        votes.count_paper(vote, counted(form), by=me().id)
    except PaperCountWrong as wrong:
        form.collected.errors = [sentence(wrong)[1]]
        return _refused(_vote_page(act.session, act.meeting, act.participant, vote, count=form))
    act.record("paper_ballots_counted", parts=PARTS, item=vote.item, vote=vote.id)
    return _to(vote, _counted_words(votes, vote))


@bp.post("/<int:vote_id>/ballots.pdf")
@requires(Permission.ATTEND_MEETINGS)
def print_ballots(meeting_id: int, vote_id: int) -> AnyResponse:
    """Blank ballots of a secret vote or an election, to be printed and cut; one is like the other."""
    with writing() as session:
        meeting, participant = open_meeting(session, meeting_id, Right.ATTEND)
        if not rights_in(meeting, participant, me()) & _SEES_DRAFTS:
            raise NotAllowed(Right.RECORD)
        vote, form = Votes(session).get(vote_id, meeting_id), BallotsForm()
        if not takes_paper(vote):
            raise StepNotAllowed(vote.state, "print_ballots")
        if not form.validate():
            return _refused(_vote_page(session, meeting, participant, vote, ballots_form=form))
        content = ballots(meeting, [vote], form.copies.data)
        audit(session, "ballots_printed", subject=("meeting", meeting_id), facts={"vote": vote.id, "copies": form.copies.data})
    return download(content, f"phieu-bieu-quyet-{vote_id}.pdf", MediaType.PDF)


# Inside


def takes_paper(vote: Vote) -> bool:
    """Whether blank ballots of the vote are of use: it is secret, and not over."""
    return vote.is_secret and vote.state in (VoteState.DRAFT, VoteState.OPEN)


def is_put_again(shown: ShownVote) -> bool:
    """Whether a vote led to no result, or not to all of it, and may be put again: it was taken back, or others are still to be
    elected."""
    if shown.vote.state is VoteState.PUBLISHED:
        return shown.verdict.decision is not Decision.PASSED
    return shown.vote.state is VoteState.CANCELLED and shown.vote.opened_at is not None


def _papers_needed(vote: Vote, shown: ShownVote) -> int:
    """How many blank ballots a vote asks for: as many as were present when it was opened, or as may come."""
    is_frozen = vote.state is VoteState.OPEN and vote.means is Means.PAPER
    return shown.given if is_frozen else sum(one.has_vote for one in vote.meeting.participants)


def _own_majority(vote: Vote) -> dict[str, str]:
    """What the records say of a majority that is not that of the body's rule."""
    if not vote.has_own_majority:
        return {}
    rule = vote.threshold
    return {"share": f"{'>' if rule.is_more_than else '>='} {rule.share}", "base": str(rule.base), "source": vote.source}


def _check_on_floor(act: Act, vote: Vote) -> None:
    """Raise ItemNotOnFloor for a vote of an item that neither is being dealt with nor holds the one that is."""
    if vote.item is None:
        return
    parents, here = {item.id: item.parent_id for item in act.meeting.items}, act.item.id if act.item else None
    while here is not None and here != vote.item_id:
        here = parents[here]
    if here is None:
        raise ItemNotOnFloor(vote.item.title)


def _counted_words(votes: Votes, vote: Vote) -> str:
    if votes.paper_tally(vote):
        return str(_("Hai người đã nhập như nhau; kết quả kiểm phiếu giấy có hiệu lực."))
    if len(votes.paper_counts(vote)) < 2:
        return str(_("Đã ghi. Cần một người khác nhập lại độc lập; hai lần như nhau thì kết quả có hiệu lực."))
    return sentence(CountsDoNotAgree())[1]


def _may_see(vote: Vote, participant: Participant | None, rights: frozenset[Right]) -> bool:
    if vote.state is VoteState.DRAFT or vote.opened_at is None:
        return bool(rights & _SEES_DRAFTS)
    return participant is None or participant.may_see(vote.item)


def _seen(session: Session, meeting: Meeting, participant: Participant | None, vote_id: int) -> Vote:
    vote = Votes(session).get(vote_id, meeting.id)
    if not _may_see(vote, participant, rights_in(meeting, participant, me())):
        raise NotFound("vote", vote_id)
    return vote


def _vote_page(session: Session, meeting: Meeting, participant: Participant | None, vote: Vote, **forms: Any) -> str:
    rights, shown = rights_in(meeting, participant, me()), ShownVote(session, vote)
    sees_result = vote.state is VoteState.PUBLISHED or (vote.state is VoteState.CLOSED and Right.TAKE_SEAT in rights)
    counts = vote.state is VoteState.CLOSED and shown.given > 0 and Right.TAKE_SEAT in rights
    forms.setdefault("cancel_form", CancelForm(formdata=None))
    forms.setdefault("reopen_form", ReopenForm(formdata=None))
    if rights & _SEES_DRAFTS and takes_paper(vote):
        forms.setdefault("ballots_form", BallotsForm(formdata=None, copies=_papers_needed(vote, shown)))
    if counts:
        forms.setdefault("count", count_form(vote.form, shown.on_ballot))
    return render_template(
        "meetings/votes/vote.html", meeting=meeting, vote=vote, shown=shown, rights=rights, sees_result=sees_result,
        mine=_mine(session, vote), puts_again=meeting.state in _SITS and is_put_again(shown), **forms,
    )  # fmt: skip


def _refused(page: str) -> AnyResponse:
    return Response(page, 422)


def _again(act: Act, form: VoteForm, vote: Vote | None) -> AnyResponse:
    return _refused(render_template("meetings/votes/form.html", meeting=act.meeting, form=form, vote=vote))


def _to(vote: Vote, words: str) -> AnyResponse:
    flash(words, "success")
    return redirect(url_for("votes.vote", meeting_id=vote.meeting_id, vote_id=vote.id), 303)


def _item(meeting: Meeting, form: VoteForm) -> AgendaItem | None:
    return next((item for item in meeting.items if item.id == form.item.data), None)


def _voter(act: Act) -> Participant:
    return among(act.meeting.participants, request.form.get("participant", 0, int), "participant")
