"""What the live parts of a meeting show, asked of the stores once for all audiences and never twice in one rendering."""

from copy import copy
from datetime import datetime, timedelta
from functools import cached_property

from markupsafe import Markup
from sqlalchemy.orm import Session

from domain.ground.clock import VIETNAM, day_of, now
from domain.meetings.agenda import ItemFacts, ItemState, numbers
from domain.meetings.meetings import MeetingState
from domain.meetings.quorum import Quorum, QuorumBase
from domain.meetings.running_order import states_shown
from storage.meetings.agenda import Agenda
from storage.meetings.attendance import Attendance, Presence
from storage.meetings.bodies import Bodies
from storage.meetings.floor import Floor, FloorNow, Speech
from storage.meetings.meetings import AgendaItem, Meeting, Meetings, Participant, Sitting
from storage.meetings.papers import Papers
from storage.meetings.presenting import Presenting, ShownPage
from webapp.ground.formats import hour
from webapp.meetings.live import rights
from webapp.meetings.live.vote_view import VotesOfRoom
from webapp.meetings.words import ITEM_KINDS


class RoomView:
    """A meeting as one audience sees it. `me` is somebody with an audience of one: a guest of single items."""

    def __init__(
        self, session: Session, meeting: Meeting, audience: str, me: Participant | None = None, *, viewer: int | None = None
    ) -> None:
        self.session, self.meeting, self.audience, self.me, self.viewer = session, meeting, audience, me, viewer

    def seen_by(self, audience: str) -> "RoomView":
        """The same meeting as another audience sees it; what has been asked of the stores is not asked again."""
        other = copy(self)
        other.audience = audience
        return other

    def only(self, person_id: int | None) -> Markup:
        """The attributes of an element that is meant for one person alone. It is hidden in a part that is rendered for all, and
        that person's page opens it; a page rendered for that person has it open."""
        is_mine = self.viewer is not None and self.viewer == person_id
        return Markup('data-only-me="{}"{}').format(person_id or "", "" if is_mine else Markup(" hidden"))

    def needs(self, right: str) -> Markup:
        """The attributes of an element for those with a right, which opens in the same way."""
        mine = self.meeting.participant(self.viewer) if self.viewer else None
        return Markup('data-needs="{}"{}').format(right, "" if mine and right in mine.rights else Markup(" hidden"))

    @cached_property
    def floor(self) -> FloorNow:
        """Who has the floor and who asks for it, as far as the audience may know of their items."""
        known = Floor(self.session, self.meeting).at_a_glance()
        waiting, questions = ([one for one in queue if self._seen(one)] for queue in (known.waiting, known.questions))
        return FloorNow(self._seen(known.speaking), self._seen(known.paused), waiting, questions)

    @property
    def speaking(self) -> Speech | None:
        """The speech that is being spoken."""
        return self.floor.speaking

    @property
    def paused(self) -> Speech | None:
        """The speech that has been interrupted."""
        return self.floor.paused

    @property
    def waiting(self) -> list[Speech]:
        """Who waits for the floor, in the order of calling."""
        return self.floor.waiting

    @property
    def questions(self) -> list[Speech]:
        """The queue of questions."""
        return self.floor.questions

    @cached_property
    def spoken(self) -> dict[int, timedelta]:
        """How long each has spoken so far, by the participant's id."""
        return Floor(self.session, self.meeting).spoken()

    @cached_property
    def states(self) -> dict[int, ItemState]:
        """The state of each item, by id; an item with others below it stands as they do."""
        return states_shown([(item.id, item.parent_id, item.state) for item in self.meeting.items])

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
    def votes(self) -> VotesOfRoom:
        """The votes that concern the room now."""
        return VotesOfRoom(self.session, self.meeting, self.item, self.me)

    @cached_property
    def shown(self) -> ShownPage | None:
        """The page that is being shown to all while the meeting sits, if the audience may see its paper."""
        if self.meeting.state is not MeetingState.OPEN:
            return None
        shown = Presenting(self.session, self.meeting).shown()
        if shown is None or self.me is None:
            return shown
        return shown if Papers(self.session, self.meeting).may_see(shown.version.paper, self.me, prepares=False) else None

    @cached_property
    def numbers(self) -> dict[int, str]:
        """The number of each item, by id."""
        return numbers(self._facts)

    @cached_property
    def times(self) -> dict[int, datetime]:
        """When each item is expected, by id; from the opening once the meeting has been opened, and from each later sitting."""
        return Agenda(self.session, self.meeting).times()

    def expected(self, item: AgendaItem) -> str:
        """When an item is expected, in words: with its day, if that is not the first day of the meeting."""
        at = self.times[item.id]
        is_first_day = day_of(at) == day_of(self.meeting.opened_at or self.meeting.starts_at)
        return hour(at) if is_first_day else f"{hour(at)} {at.astimezone(VIETNAM):%d/%m}"

    @property
    def next_sitting(self) -> Sitting | None:
        """The sitting that comes next, of a meeting that has several."""
        return next((sitting for sitting in self.meeting.sittings if sitting.starts_at > now()), None)

    @cached_property
    def present(self) -> dict[int, Presence]:
        """How each participant who is here is present, by the participant's id."""
        return Attendance(self.session, self.meeting).present()

    @cached_property
    def everybody(self) -> Markup:
        """The participants as the options of a list."""
        option = Markup('<option value="{}">{}</option>')
        names = Meetings(self.session).names(self.meeting)
        return Markup("").join(option.format(number, f"{name}, {title}" if title else name) for number, name, title in names)

    @cached_property
    def voters(self) -> frozenset[int]:
        """The participants with a vote, by their ids."""
        return Meetings(self.session).voters(self.meeting)

    @property
    def voters_present(self) -> int:
        """How many members with a vote are here."""
        return len(self.voters & self.present.keys())

    @property
    def voters_online(self) -> int:
        """How many of them are here online."""
        return sum(self.present.get(one) is Presence.ONLINE for one in self.voters)

    @property
    def others_present(self) -> int:
        """How many guests and helpers, who have no vote, are here."""
        return len(self.present) - self.voters_present

    @property
    def parents(self) -> set[int | None]:
        """The ids of the items that have others below them."""
        return {item.parent_id for item in self.meeting.items}

    @property
    def coming(self) -> AgendaItem | None:
        """The next item that waits, if the audience may see it."""
        waiting = (one for one in self.items if one.state is ItemState.WAITING and one.id not in self.parents)
        return next(waiting, None)

    @staticmethod
    def kind_words(item: AgendaItem) -> str:
        """What an item asks of the meeting."""
        return str(ITEM_KINDS[item.kind])

    @staticmethod
    def left_words(speech: Speech) -> str:
        """What is left of a speech, as 4:05; for a page without scripts, and until they run."""
        seconds = abs(speech.left_ms) // 1000
        return f"{'−' if speech.left_ms < 0 else ''}{seconds // 60:02}:{seconds % 60:02}"

    @staticmethod
    def minutes(length: timedelta) -> int:
        """A length in whole minutes, at least one."""
        return max(1, round(length.total_seconds() / 60))

    @staticmethod
    def names(speeches: list[Speech]) -> str:
        """Who speaks, as a list of names."""
        return ", ".join(speech.participant.name for speech in speeches)

    @cached_property
    def quorum(self) -> Quorum | None:
        """How the presence stands to the rule; None if the meeting decides by no rule."""
        rules = self.meeting.rules
        if rules is None:
            return None
        return Quorum(self.voters_present, self._base(rules.quorum_base), rules.quorum_share)

    def _seen(self, speech: Speech | None) -> Speech | None:
        me = self.me
        return speech if speech and (me is None or speech.participant_id == me.id or me.may_see(speech.item)) else None

    def _base(self, base: QuorumBase) -> int:
        if base is QuorumBase.CONVENED or self.meeting.body is None:
            return len(self.voters)
        return Bodies(self.session).votes_in(self.meeting.body, day_of(self.meeting.starts_at))

    @cached_property
    def _facts(self) -> list[ItemFacts]:
        return [ItemFacts(item.id, item.parent_id, item.minutes) for item in self.meeting.items]
