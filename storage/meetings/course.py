"""What was recorded of a meeting, gathered into the values that its minutes are written from (domain/meetings/minutes.py)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.ground.clock import day_of, now
from domain.ground.words import Words
from domain.meetings import running_order
from domain.meetings.agenda import ItemFacts, ItemState, numbers
from domain.meetings.meetings import Part
from domain.meetings.minutes import (
    Attendee,
    Correction,
    Course,
    Day,
    Happening,
    Item,
    Note,
    Speech,
    Stay,
)
from domain.meetings.quorum import Quorum, QuorumBase
from domain.meetings.speaking import SpeechKind
from domain.people.units import UnitKind
from storage.meetings import attendance, floor
from storage.meetings.attendance import Attendance, Presence
from storage.meetings.ballots import Vote
from storage.meetings.meetings import AgendaItem, Meeting, MeetingEvent, Meetings, Participant
from storage.meetings.results import result_of
from storage.meetings.tasks import Conclusions
from storage.meetings.votes import Votes
from storage.people.units import Unit

NATIONAL = "Tổng Liên đoàn Lao động Việt Nam"
ON_PAPER = "Nội dung theo chế độ mật"
INCIDENT = "incident_noted"  # with its words in the fact `text`
CORRECTED = "attendance_corrected"  # after the close, with what stood there before in its facts
REOPENED = "vote_reopened"  # with the vote and the reason in its facts
_NOTES = {"meeting_adjourned": "tạm dừng họp", "meeting_resumed": "tiếp tục họp"}
_SEAT = "seat_taken"
_BODIES = (("Ban Chấp hành", "BCH"), ("Ban Thường vụ", "BTV"), ("Ủy ban Kiểm tra", "UBKT"), ("Thường trực", "TT"))
_SPEECHES = Words(SpeechKind, {
    SpeechKind.SPEECH: "phát biểu",
    SpeechKind.POINT_OF_ORDER: "phát biểu về cách thức điều hành",
    SpeechKind.QUESTION: "chất vấn",
})  # fmt: skip


def course_of(session: Session, meeting: Meeting) -> Course:
    """Everything that the minutes of the meeting say, as it was recorded."""
    return _Gathering(session, meeting).course()


def unit_of(session: Session, meeting: Meeting) -> Unit | None:
    """The unit whose papers those of the meeting are: that of its body, or the province."""
    return meeting.body.unit if meeting.body else session.scalar(select(Unit).where(Unit.kind == UnitKind.PROVINCE))


def issuer_of(session: Session, meeting: Meeting) -> tuple[str, str]:
    """The superior and the issuing body in the head of the meeting's papers."""
    unit = unit_of(session, meeting)
    if unit is None:
        return "", ""
    return (unit.parent.name if unit.parent else NATIONAL), unit.name


def symbol_of(meeting: Meeting, kind: str) -> str:
    """The symbol of a paper of the meeting, as far as the name of its body tells it: BB-BCH."""
    name = meeting.body.name if meeting.body else ""
    return f"{kind}-{next((symbol for begins, symbol in _BODIES if name.startswith(begins)), 'LĐLĐ')}"


def corrections_of(events: Sequence[MeetingEvent]) -> tuple[Correction, ...]:
    """The corrections of the attendance among the events."""
    return tuple(
        Correction(
            one.at,
            one.person.name if one.person else "",
            one.facts["name"],
            _stays(one.facts["before"]),
            _stays(one.facts["after"]),
            one.facts["reason"],
        )
        for one in events
        if one.kind == CORRECTED
    )


def _stays(intervals: Sequence[dict[str, str | None]]) -> tuple[Stay, ...]:
    """The intervals of the facts of a correction."""
    return tuple(
        Stay(
            datetime.fromisoformat(one["came_at"] or ""),
            datetime.fromisoformat(one["left_at"]) if one["left_at"] else None,
            one["presence"] == Presence.ONLINE,
        )
        for one in intervals
    )


class _Gathering:
    """One reading of all records of one meeting."""

    def __init__(self, session: Session, meeting: Meeting) -> None:
        self.session, self.meeting = session, meeting
        self.opened_at = meeting.opened_at or meeting.starts_at
        self.closed_at = meeting.closed_at or now()
        self.stays = self._stays()
        self.events = _standing(Meetings(session).events(meeting))

    def course(self) -> Course:
        meeting = self.meeting
        superior, issuer = issuer_of(self.session, meeting)
        secretaries = [one.name for one in meeting.participants if one.part is Part.SECRETARY]
        return Course(
            superior=superior,
            issuer=issuer,
            symbol=symbol_of(meeting, "BB"),
            title=meeting.title,
            place=meeting.place,
            link=meeting.link,
            opened_at=self.opened_at,
            closed_at=self.closed_at,
            chair=self._chair(),
            secretaries=tuple(secretaries),
            attendees=tuple(self._attendee(one) for one in meeting.participants),
            items=self._items(),
            notes=self._notes(),
            incidents=tuple(Note(one.at, one.facts.get("text", "")) for one in self.events if one.kind == INCIDENT),
            conclusions=tuple(one.text for one in Conclusions(self.session, meeting).all()),
            corrections=corrections_of(self.events),
            breaks=self._breaks(),
            days=self._days(),
            quorum=self._quorum(self.opened_at),
        )

    def _breaks(self) -> tuple[tuple[datetime, datetime], ...]:
        """From each adjournment until the meeting went on, or was closed."""
        turns = [(one.at, one.kind) for one in self.events if one.kind in _NOTES] + [(self.closed_at, "")]
        return tuple((begun, ended) for (begun, kind), (ended, _kind) in pairwise(turns) if kind == "meeting_adjourned")

    def _chair(self) -> str:
        """Who was convened as the chair, if the chair's seat was ever taken; else who sat in it last."""
        chairs = [one for one in self.meeting.participants if one.part is Part.CHAIR]
        present = [one for one in chairs if self.stays.get(one.id)]
        presiding = [one for one in self.meeting.participants if one.person_id == self.meeting.presiding_id]
        return next((one.name for one in (*present, *presiding, *chairs)), "")

    def _stays(self) -> dict[int, list[attendance.Stay]]:
        found: dict[int, list[attendance.Stay]] = {}
        for stay in Attendance(self.session, self.meeting).stays():
            found.setdefault(stay.participant_id, []).append(stay)
        return found

    def _attendee(self, one: Participant) -> Attendee:
        stays = tuple(Stay(s.came_at, s.left_at, s.presence is Presence.ONLINE) for s in self.stays.get(one.id, []))
        return Attendee(one.name, one.title, one.has_vote, stays, one.absent_reason or one.reason, one.delegate)

    def _quorum(self, moment: datetime) -> tuple[int, int] | None:
        """Who with a vote was there at a moment, and how many were needed on that day; None without a rule."""
        meeting, rules = self.meeting, self.meeting.rules
        if rules is None:
            return None
        voters = [one for one in meeting.participants if one.has_vote]
        base = len(voters)
        if meeting.body and rules.quorum_base is QuorumBase.MEMBERS:
            base = sum(member.has_vote for member in meeting.body.members_on(day_of(moment)))
        here = self._here(moment)
        return here, Quorum(here, base, rules.quorum_share).needed

    def _days(self) -> tuple[Day, ...]:
        """The days of a meeting that went on after a night, each with who was there when its work began."""
        overnight = [
            (begun, ended) for begun, ended in self._breaks() if day_of(begun) != day_of(ended) and ended < self.closed_at
        ]
        begun = [self.opened_at, *(ended for _begun, ended in overnight)]
        ended = [*(begun for begun, _ended in overnight), self.closed_at]
        return tuple(self._day(*day) for day in zip(begun, ended, strict=True)) if overnight else ()

    def _day(self, begun: datetime, ended: datetime) -> Day:
        at_work = (one.at for one in self.events if one.kind in running_order.AT_WORK and begun <= one.at < ended)
        moment = begun if begun == self.opened_at else next(at_work, max(begun, ended - timedelta(seconds=1)))
        present, needed = self._quorum(moment) or (self._here(moment), None)
        return Day(begun, ended, present, needed)

    def _here(self, moment: datetime) -> int:
        voters = [one for one in self.meeting.participants if one.has_vote]
        return sum(any(_holds(stay, moment) for stay in self.stays.get(one.id, [])) for one in voters)

    def _notes(self) -> tuple[Note, ...]:
        notes = [Note(one.at, words) for one in self.events if (words := self._words(one))]
        return tuple(notes)

    def _words(self, event: MeetingEvent) -> str:
        if event.kind == _SEAT and event.person:
            return f"{event.person.name} điều hành cuộc họp"
        return _NOTES.get(event.kind, "")

    def _items(self) -> tuple[Item, ...]:
        named = numbers([ItemFacts(item.id, item.parent_id, item.minutes) for item in self.meeting.items])
        happenings = self._happenings()
        return tuple(self._item(item, named[item.id], happenings.get(item.id, [])) for item in self.meeting.items)

    def _item(self, item: AgendaItem, number: str, happenings: list[Happening]) -> Item:
        return Item(
            id=item.id,
            number=number,
            title=ON_PAPER if item.is_on_paper_only else item.title,
            presenter="" if item.is_on_paper_only else item.presenter,
            is_on_paper_only=item.is_on_paper_only,
            taken_up_at=item.taken_up_at,
            done_at=item.done_at or (self.closed_at if item.state is ItemState.ON_FLOOR else None),
            is_postponed=item.state is ItemState.POSTPONED,
            happenings=tuple(sorted(happenings, key=lambda one: one.at)),
        )

    def _happenings(self) -> dict[int, list[Happening]]:
        found: dict[int, list[Happening]] = {}
        spoken = select(floor.Speech).where(floor.Speech.meeting_id == self.meeting.id, floor.Speech.called_at.is_not(None))
        for speech in self.session.scalars(spoken):
            said = Speech(speech.called_at or speech.asked_at, speech.ended_at, speech.participant.name, _SPEECHES[speech.kind])
            found.setdefault(self._at_item(speech.item_id, said.at), []).append(said)
        votes = Votes(self.session)
        for vote in votes.of(self.meeting):
            if result := result_of(votes, vote):
                told = replace(result, reopened=self._reopened(vote))
                found.setdefault(self._at_item(vote.item_id, result.at), []).append(told)
            elif vote.opened_at:
                unpublished = Note(vote.opened_at, f"biểu quyết “{vote.question}”, chưa công bố kết quả.")
                found.setdefault(self._at_item(vote.item_id, vote.opened_at), []).append(unpublished)
        return found

    def _reopened(self, vote: Vote) -> tuple[Note, ...]:
        return tuple(
            Note(one.at, one.facts["reason"]) for one in self.events if (one.kind, one.facts.get("vote")) == (REOPENED, vote.id)
        )

    def _at_item(self, item_id: int | None, moment: datetime) -> int:
        """The item that something belongs to; what names none belongs to the one that had been taken up last."""
        if item_id is not None:
            return item_id
        before = [item for item in self.meeting.items if item.taken_up_at and item.taken_up_at <= moment]
        last = max(before, key=lambda item: item.taken_up_at or moment, default=None)
        return last.id if last else self.meeting.items[0].id if self.meeting.items else 0


def _standing(events: list[MeetingEvent]) -> list[MeetingEvent]:
    """The events that still hold: without the steps that were taken back, and without the taking back."""
    gone = running_order.taken_back(
        [running_order.Happening(one.revision, one.kind, one.facts.get("undoes")) for one in events]
    )
    return [one for one in events if one.revision not in gone]


def _holds(stay: attendance.Stay, moment: datetime) -> bool:
    return stay.came_at <= moment and (stay.left_at is None or stay.left_at > moment)
