"""What concerns one person alone in the room: present or not, speaking, asked for the floor."""

from collections.abc import Mapping
from functools import cached_property

from domain.ground.clock import now
from domain.ground.errors import RuleError
from domain.meetings.checking_in import check_self_check_in
from storage.meetings.attendance import Presence
from storage.meetings.floor import FloorNow, Speech
from storage.meetings.meetings import Meeting, Participant


class Mine:
    """One person's own state in a meeting, found in what is known of everybody; `participant` is None for who prepares the
    meeting without a part in it."""

    def __init__(
        self, meeting: Meeting, participant: Participant | None, *, present: Mapping[int, Presence], floor: FloorNow
    ) -> None:
        self.meeting, self.participant, self._present, self._floor = meeting, participant, present, floor

    @property
    def presence(self) -> Presence | None:
        """How the person is present, or None."""
        return self._present.get(self.participant.id) if self.participant else None

    @property
    def may_check_in(self) -> bool:
        """Whether the person can check in now."""
        try:
            check_self_check_in(self.meeting.state, self.meeting.starts_at, now())
        except RuleError:
            return False
        return self.participant is not None and self.presence is None

    @property
    def is_speaking(self) -> bool:
        """Whether the person has the floor."""
        speaking = self._floor.speaking
        return speaking is not None and self._is_mine(speaking)

    @cached_property
    def asked(self) -> list[tuple[int, Speech]]:
        """The requests of the person that wait, each with its place in its queue."""
        queues = (self._floor.waiting, self._floor.questions)
        return [(place, one) for queue in queues for place, one in enumerate(queue, 1) if self._is_mine(one)]

    def _is_mine(self, speech: Speech) -> bool:
        return self.participant is not None and speech.participant_id == self.participant.id
