"""The audit pack of a meeting as values: all that was recorded, so that others can follow it and count every vote again.

Of secret votes it holds the ballots in an order that tells nothing, and never whose they are.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.ground.official_papers import canonical
from domain.meetings.recount import FORMAT, entered_as_json, tally_as_json, verdict_as_json
from domain.meetings.voting import VoteState
from storage.meetings.attendance import Attendance
from storage.meetings.ballots import NamedBallot, SecretBallot, Vote
from storage.meetings.course import CORRECTED, INCIDENT
from storage.meetings.hands import Hands
from storage.meetings.meetings import Meeting, Meetings
from storage.meetings.minutes import MeetingMinutes
from storage.meetings.tasks import Conclusions
from storage.meetings.votes import Votes

Json = Any


def pack_of(session: Session, meeting: Meeting) -> dict[str, Json]:
    """The pack. The same records always give the same values."""
    events = Meetings(session).events(meeting)
    return {
        "format": FORMAT,
        "meeting": _meeting(meeting),
        "participants": [
            {"id": one.id, "name": one.name, "title": one.title, "part": str(one.part), "has_vote": one.has_vote,
             "coming": one.coming, "reason": one.absent_reason or one.reason}
            for one in meeting.participants
        ],
        "attendance": [
            {"participant": stay.participant_id, "presence": str(stay.presence), "came_at": _at(stay.came_at),
             "left_at": _at(stay.left_at), "set_by": stay.set_by}
            for stay in Attendance(session, meeting).stays()
        ],
        "attendance_corrections": [
            {"at": _at(one.at), "by": one.person.name if one.person else None, **one.facts} for one in events if one.kind == CORRECTED
        ],
        "agenda": [
            {"id": item.id, "parent": item.parent_id, "title": "" if item.is_on_paper_only else item.title,
             "kind": str(item.kind), "state": str(item.state), "taken_up_at": _at(item.taken_up_at), "done_at": _at(item.done_at)}
            for item in meeting.items
        ],
        "events": [
            {"revision": one.revision, "kind": one.kind, "at": _at(one.at), "by": one.person.name if one.person else None,
             "item": one.item_id, "facts": one.facts}
            for one in events
        ],
        "incidents": [{"at": _at(one.at), "text": one.facts.get("text", "")} for one in events if one.kind == INCIDENT],
        "votes": [_vote(session, vote) for vote in Votes(session).of(meeting) if vote.opened_at],
        "conclusions": [one.text for one in Conclusions(session, meeting).all()],
        "minutes": _minutes(session, meeting),
    }  # fmt: skip


def _meeting(meeting: Meeting) -> dict[str, Json]:
    return {
        "id": meeting.id,
        "title": meeting.title,
        "body": meeting.body.name if meeting.body else None,
        "place": meeting.place,
        "opened_at": _at(meeting.opened_at),
        "closed_at": _at(meeting.closed_at),
        "is_rehearsal": meeting.is_rehearsal,
    }


def _minutes(session: Session, meeting: Meeting) -> list[dict[str, Json]]:
    book = MeetingMinutes(session, meeting)
    return [
        {
            "annex": one.annex,
            "locked_at": _at(one.locked_at),
            "sha256": one.sha256,
            "signed_sha256": one.signed_sha256,
            "text": canonical(book.paper(one)),
        }
        for one in book.all()
    ]


def _vote(session: Session, vote: Vote) -> dict[str, Json]:
    votes = Votes(session)
    told: dict[str, Json] = {
        "id": vote.id,
        "item": vote.item_id,
        "question": vote.question,
        "kind": str(vote.kind),
        "means": str(vote.means),
        "is_secret": vote.is_secret,
        "state": str(vote.state),
        "seats": vote.seats,
        "options": [{"key": option.key, "text": option.text} for option in vote.options],
        "opened_at": _at(vote.opened_at),
        "closed_at": _at(vote.closed_at),
        "cancel_reason": vote.cancel_reason,
        "threshold": {
            "share": str(vote.threshold.share),
            "is_more_than": vote.majority_is_more_than,
            "base": str(vote.majority_base),
        },
        "has_own_majority": vote.has_own_majority,
        "source": vote.source,
        "frozen": {"members": vote.members, "present": vote.present, "quorum_needed": vote.quorum_needed},
        "roll": [
            {
                "participant": line.participant_id,
                "was_present": line.was_present,
                "voted": line.voted,
                "on_paper": line.on_paper,
            }
            for line in votes.roll(vote)
        ],
    }
    return told | (_counted(session, vote) if vote.state is VoteState.PUBLISHED else _UNCOUNTED)


_UNCOUNTED: dict[str, Json] = {"ballots": None, "entered": None, "paper_counts": None, "tally": None, "verdict": None}


def _counted(session: Session, vote: Vote) -> dict[str, Json]:
    """The ballots of a published vote and what they came to. Who counted paper is a number, since two must differ."""
    votes = Votes(session)
    counters = {count.person_id for count in votes.paper_counts(vote)}
    order = {person: number for number, person in enumerate(sorted(counters), start=1)}
    return {
        "ballots": _ballots(session, vote),
        "entered": entered_as_json(votes.entered(vote)),
        "paper_counts": [
            {"by": order[count.person_id], "counts": count.counts, "collected": count.collected, "invalid": count.invalid}
            for count in votes.paper_counts(vote)
        ],
        "tally": tally_as_json(votes.tally(vote)),
        "verdict": verdict_as_json(votes.verdict(vote)),
    }


def _ballots(session: Session, vote: Vote) -> list[dict[str, Json]]:
    if vote.is_secret:
        choices = session.scalars(select(SecretBallot.choice).where(SecretBallot.vote_id == vote.id))
        return [{"choice": choice} for choice in sorted(choices)]  # sorted by what they say, so no order is told
    ballots = session.scalars(select(NamedBallot).where(NamedBallot.vote_id == vote.id).order_by(NamedBallot.participant_id))
    hands = Hands(session).of(vote)  # None: the voter's own, on a device
    return [
        {"participant": one.participant_id, "choice": one.choice,
         "noted_by": hands[one.participant_id].by if one.participant_id in hands else None}
        for one in ballots
    ]  # fmt: skip


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
