"""Meetings in the making: who is seated from the body's list, sittings, copies (templates, series, rehearsals), and what still lacks
before the invitation goes out. The agenda is edited in storage/meetings/agenda.py.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from domain.ground.clock import now
from domain.ground.vietnamese import fold
from domain.meetings.agenda import ItemState
from domain.meetings.invitations import ConveningProblem, HeadMissing, HeadProblem
from domain.meetings.meetings import MeetingState, Part, Place, Step, check_place, take
from domain.meetings.voting import OwnMajority, VoteState
from domain.people.roles import Role
from storage.meetings.bodies import BodyMember
from storage.meetings.mail.calendar_files import ZONE
from storage.meetings.meetings import AgendaItem, GuestItem, Meeting, MeetingRecords, Participant, Sitting
from storage.meetings.votes import Votes
from storage.people.people import NO_PASSWORD, People, Person

Row = tuple[datetime, datetime, str]  # a sitting: begin, end, place

_COPIED = ("body_id", "kind", "title", "place", "link", "reminder_hours")


class Preparation(MeetingRecords):
    """One meeting, as those see it who prepare it."""

    def seat_members(self, day: date) -> int:
        """Invite everybody who belongs to the body on that day and is not in the list yet; returns how many."""
        meeting = self.meeting
        members = meeting.body.members_on(day) if meeting.body else []
        new = [member for member in members if meeting.participant(member.person_id) is None]
        meeting.participants += [_seated(member) for member in new]
        self.session.flush()
        return len(new)

    def appoint(self, part: Part, person: Person | None) -> None:
        """Make the person chair or secretary, the only one; who was it before is a member, or leaves if not of the body."""
        held = next((one for one in self.meeting.participants if one.part is part), None)
        if held is not None and (person is None or held.person_id != person.id):
            held.part = Part.MEMBER if held.has_vote else Part.GUEST
        if person is None:
            return
        one = self.meeting.participant(person.id)
        if one is None:
            one = self.add(person, title="", has_vote=False)
        one.part = part

    def add(self, person: Person, *, title: str, has_vote: bool) -> Participant:
        """Invite somebody, last in the list."""
        last = max((one.position for one in self.meeting.participants), default=0)
        one = Participant(
            person=person, name=person.name, title=title or _title_of(person), has_vote=has_vote, position=last + 1
        )
        self.meeting.participants.append(one)
        self.session.flush()
        return one

    def place(self, one: Participant, place: Place, *, before: Place | None, presides: bool) -> None:
        """Give somebody in the list another part, or the vote that the body gives; raises PartRefused as `check_place` says."""
        self.check_place(one.person_id, place, before=before, presides=presides)
        if place.part in (Part.CHAIR, Part.SECRETARY):
            self.appoint(place.part, one.person)
        one.part, one.has_vote = place.part, place.has_vote
        self.session.flush()

    def check_place(self, person_id: int, place: Place, *, before: Place | None, presides: bool) -> None:
        """Whether the person may take that place in this meeting; raises PartRefused."""
        votes = self.meeting.gives_vote_to(person_id)
        check_place(self.meeting.state, before, place, votes_in_body=votes, presides=presides)

    def set_time(self, rows: Sequence[Row]) -> bool:
        """Write down when the meeting is; returns whether anything has changed. Sittings keep their identity as far as they can."""
        meeting = self.meeting
        before = (meeting.starts_at, meeting.ends_at, [(row.starts_at, row.ends_at, row.place) for row in meeting.sittings])
        meeting.starts_at, meeting.ends_at = rows[0][0], rows[-1][1]
        self._set_sittings(rows if len(rows) > 1 else [])
        after = (meeting.starts_at, meeting.ends_at, [(row.starts_at, row.ends_at, row.place) for row in meeting.sittings])
        return before != after

    def _set_sittings(self, rows: Sequence[Row]) -> None:
        sittings = self.meeting.sittings
        for sitting in sittings[len(rows) :]:
            for item in self.meeting.items:
                if item.sitting_id == sitting.id:
                    item.sitting_id = None
            sittings.remove(sitting)
        while len(sittings) < len(rows):
            sittings.append(Sitting(starts_at=rows[0][0], ends_at=rows[0][1]))
        for sitting, (starts_at, ends_at, place) in zip(sittings, rows, strict=True):
            sitting.starts_at, sitting.ends_at, sitting.place = starts_at, ends_at, place
        self.session.flush()

    def move(self, *, is_new_time: bool) -> None:
        """The meeting has moved: calendars hear of it, and at another time everybody is asked anew."""
        self.meeting.ics_sequence += 1
        if is_new_time:
            for one in self.meeting.participants:
                one.coming, one.reason, one.delegate, one.answered_at = None, "", "", None

    def lacking(self) -> list[ConveningProblem]:
        """What must be mended before the invitation can go out; empty if nothing."""
        meeting, parts = self.meeting, {one.part for one in self.meeting.participants}
        held: dict[ConveningProblem, bool] = {
            "no_rules": meeting.body is None or meeting.body.rules_on(_day(meeting.starts_at)) is not None,
            "no_chair": Part.CHAIR in parts,
            "no_secretary": Part.SECRETARY in parts,
            "no_voters": any(one.has_vote for one in meeting.participants),
            "no_place": bool(meeting.place or meeting.link or (meeting.sittings and meeting.sittings[0].place)),
            "in_the_past": meeting.starts_at > now(),
        }
        return [problem for problem, is_fine in held.items() if not is_fine]

    def check_head(self) -> None:
        """Raise HeadMissing if a meeting that people were called to has no chair or no secretary any more: nobody could open it,
        or approve its minutes."""
        parts = {one.part for one in self.meeting.participants}
        heads: dict[Part, HeadProblem] = {Part.CHAIR: "no_chair", Part.SECRETARY: "no_secretary"}
        for part, problem in heads.items():
            if part not in parts and self.meeting.state is not MeetingState.DRAFT:
                raise HeadMissing(problem)

    def convene(self) -> None:
        """Let the invitation stand: from now on the rules of that day are those of the meeting."""
        meeting = self.meeting
        meeting.state = take(meeting.state, Step.CONVENE)
        meeting.rules = meeting.body.rules_on(_day(meeting.starts_at)) if meeting.body else None

    def cancel(self) -> None:
        """Call the meeting off."""
        self.meeting.state = take(self.meeting.state, Step.CANCEL)

    def copy(self, *, starts_at: datetime, by: Person) -> Meeting:
        """A new draft like this meeting, on another day: sittings, guests and agenda with it, the members those of that day."""
        source, shift = self.meeting, starts_at - self.meeting.starts_at
        twin = Meeting(
            **{name: getattr(source, name) for name in _COPIED},
            starts_at=starts_at, ends_at=source.ends_at + shift, created_by_id=by.id,
        )  # fmt: skip
        self.session.add(twin)
        twin.sittings = [
            Sitting(starts_at=row.starts_at + shift, ends_at=row.ends_at + shift, place=row.place) for row in source.sittings
        ]
        self.session.flush()
        self.copy_agenda_to(twin)
        return twin

    def copy_agenda_to(self, twin: Meeting) -> None:
        """Give another meeting the same agenda, all of it still to come."""
        sittings = {old.id: new.id for old, new in zip(self.meeting.sittings, twin.sittings, strict=False)}
        twins: dict[int, AgendaItem] = {}
        for item in self.meeting.items:
            above = twins.get(item.parent_id or 0)
            twins[item.id] = AgendaItem(
                meeting_id=twin.id, parent_id=above.id if above else None, position=item.position, title=item.title,
                kind=item.kind, minutes=item.minutes, presenter=item.presenter, is_on_paper_only=item.is_on_paper_only,
                sitting_id=sittings.get(item.sitting_id or 0), state=ItemState.WAITING,
            )  # fmt: skip
            self.session.add(twins[item.id])
            self.session.flush()
        self.session.refresh(twin, ["items"])

    def copy_participants_to(self, twin: Meeting) -> None:
        """Invite the same people to another meeting, in the same parts. Guests of single items become guests of the same items."""
        items = {old.id: new.id for old, new in zip(self.meeting.items, twin.items, strict=False)}
        for one in self.meeting.participants:
            if twin.participant(one.person_id) is None:
                twin.participants.append(_like(one, one.person, one.name, items))
        self.session.flush()

    def copy_guests_to(self, twin: Meeting) -> None:
        """Invite the guests of this meeting to another one, to the same items."""
        items = {old.id: new.id for old, new in zip(self.meeting.items, twin.items, strict=False)}
        for one in self.meeting.participants:
            if one.part is Part.GUEST and one.person.is_open and twin.participant(one.person_id) is None:
                twin.participants.append(_like(one, one.person, one.name, items))
        self.session.flush()

    def rehearse(self, by: Person) -> Meeting:
        """A copy to practise with, convened at once, whose people are invented: nobody can sign in as they."""
        twin = self.copy(starts_at=now() + timedelta(minutes=5), by=by)
        twin.is_rehearsal, twin.title = True, f"DIỄN TẬP: {self.meeting.title}"
        twin.rules_id = self.meeting.rules_id or _rules_id(self.meeting)
        items = {old.id: new.id for old, new in zip(self.meeting.items, twin.items, strict=False)}
        for number, one in enumerate(self.meeting.participants, start=1):
            twin.participants.append(_like(one, _invented(self.session, number), f"{one.name} (diễn tập)", items))
        twin.state = MeetingState.CONVENED
        self.session.flush()
        self._copy_votes_to(twin)
        return twin

    def _copy_votes_to(self, twin: Meeting) -> None:
        """Prepare the same votes there, none of them opened yet: they are what is practised most."""
        items, votes = dict(zip([item.id for item in self.meeting.items], twin.items, strict=False)), Votes(self.session)
        for vote in (one for one in votes.of(self.meeting) if one.state is not VoteState.CANCELLED):
            own = OwnMajority(vote.threshold, vote.source) if vote.has_own_majority else None
            votes.prepare(
                twin, items.get(vote.item_id or 0), kind=vote.kind, question=vote.question, seats=vote.seats, means=vote.means,
                options=[option.text for option in vote.options], is_secret=vote.is_secret, majority=own,
            )  # fmt: skip

    def save_template(self, by: Person, title: str) -> Meeting:
        """A copy that is no meeting, only a pattern for others."""
        template = self.copy(starts_at=self.meeting.starts_at, by=by)
        template.is_template, template.title = True, title
        self.copy_participants_to(template)
        return template


def templates(session: Session, convened: ColumnElement[bool]) -> list[Meeting]:
    """The patterns for meetings that an office has, by title."""
    return list(session.scalars(select(Meeting).where(Meeting.is_template, convened).order_by(Meeting.title)))


def _like(one: Participant, person: Person, name: str, items: dict[int, int]) -> Participant:
    """The same part for somebody in a copy of the meeting."""
    kept = [GuestItem(item_id=items[row.item_id]) for row in one.guest_items if row.item_id in items]
    return Participant(
        person=person, name=name, title=one.title, part=one.part, has_vote=one.has_vote, position=one.position, guest_items=kept
    )


def _seated(member: BodyMember) -> Participant:
    part = Part.DEPUTY if fold(member.title).startswith("pho chu") else Part.MEMBER
    return Participant(
        person=member.person, name=member.person.name, title=member.title, part=part, has_vote=member.has_vote,
        position=member.position,
    )  # fmt: skip


def _title_of(person: Person) -> str:
    today = _day(now())
    return next((seat.title for seat in person.seats if seat.holds_on(today)), "")


def _rules_id(meeting: Meeting) -> int | None:
    rules = meeting.body.rules_on(_day(meeting.starts_at)) if meeting.body else None
    return rules.id if rules else None


def _invented(session: Session, number: int) -> Person:
    """One of the invented people of rehearsals; they are the same in each, have no password, and their accounts are closed."""
    people, login = People(session), f"dien-tap-{number:02}"
    person = people.find(login) or people.add(login, f"Đại biểu diễn tập {number:02}", frozenset({Role.MEMBER}))
    person.password_hash, person.is_open = NO_PASSWORD, False
    return person


def _day(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()
