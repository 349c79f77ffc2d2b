"""What the live parts of a meeting show, asked of the stores once for each audience and never twice in one rendering."""

from functools import cached_property

from sqlalchemy.orm import Session

from domain.agenda import ItemFacts, numbers, times
from domain.quorum import Quorum, QuorumBase
from storage.attendance import Attendance, Presence
from storage.meetings import AgendaItem, Meeting, Participant
from webapp.meetings import rights


class RoomView:
    """A meeting as one audience sees it. `me` is somebody with an audience of one: a guest of single items."""

    def __init__(self, session: Session, meeting: Meeting, audience: str, me: Participant | None = None) -> None:
        self.session, self.meeting, self.audience, self.me = session, meeting, audience, me

    @property
    def is_head(self) -> bool:
        """Whether chair, deputies and secretary look."""
        return self.audience == rights.HEAD

    @property
    def is_screen(self) -> bool:
        """Whether it is the big screen of the room."""
        return self.audience == rights.SCREEN

    @cached_property
    def items(self) -> list[AgendaItem]:
        """The agenda as far as the audience may see it."""
        me = self.me
        return [item for item in self.meeting.items if me is None or me.may_see(item)]

    @cached_property
    def item(self) -> AgendaItem | None:
        """The item on the floor, if the audience may see it."""
        return next((item for item in self.items if item == self.meeting.item_on_floor), None)

    @cached_property
    def numbers(self) -> dict[int, str]:
        """The number of each item, by id."""
        return numbers(self._facts)

    @cached_property
    def times(self) -> dict[int, object]:
        """When each item is expected, by id; from the opening once the meeting has been opened."""
        return dict(times(self._facts, self.meeting.opened_at or self.meeting.starts_at))

    @cached_property
    def present(self) -> dict[int, Presence]:
        """How each participant who is here is present, by the participant's id."""
        return Attendance(self.session, self.meeting).present()

    @cached_property
    def voters(self) -> list[Participant]:
        """The participants with a vote."""
        return [one for one in self.meeting.participants if one.has_vote]

    @cached_property
    def quorum(self) -> Quorum | None:
        """How the presence stands to the rule; None if the meeting decides by no rule."""
        rules = self.meeting.rules
        if rules is None:
            return None
        present = sum(one.id in self.present for one in self.voters)
        return Quorum(present, self._base(rules.quorum_base), rules.quorum_share)

    def _base(self, base: QuorumBase) -> int:
        if base is QuorumBase.CONVENED or self.meeting.body is None:
            return len(self.voters)
        return sum(member.has_vote for member in self.meeting.body.members_on(self.meeting.starts_at.date()))

    @cached_property
    def _facts(self) -> list[ItemFacts]:
        return [ItemFacts(item.id, item.parent_id, item.minutes) for item in self.meeting.items]
