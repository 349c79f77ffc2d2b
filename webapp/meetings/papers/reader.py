"""Who reads the papers of a meeting, and what that person may see and do there."""

import re
from dataclasses import dataclass

from sqlalchemy.orm import Session

from domain.ground.errors import NotFound
from domain.ground.vietnamese import fold
from domain.meetings.meetings import MeetingState, Right
from domain.meetings.papers import PaperState
from storage.meetings.meetings import Meeting, Participant
from storage.meetings.papers import Paper, Papers, PaperVersion
from webapp.ground.access import me
from webapp.meetings.live.acts import open_meeting
from webapp.meetings.live.rights import rights_in

_HEAD = frozenset({Right.PREPARE, Right.TAKE_SEAT, Right.RECORD})  # any of them may see who has read what


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks for papers of a meeting, and what that person may."""

    meeting: Meeting
    participant: Participant | None
    papers: Papers
    rights: frozenset[Right]

    @property
    def prepares(self) -> bool:
        """Whether drafts are shown too."""
        return Right.PREPARE in self.rights

    @property
    def is_head(self) -> bool:
        """Whether the person may see who has read what."""
        return bool(self.rights & _HEAD)

    def paper(self, paper_id: int) -> Paper:
        """The paper; raises NotFound for one that the person may not know of."""
        paper = self.papers.get(paper_id)
        if not self.papers.may_see(paper, self.participant, prepares=self.prepares):
            raise NotFound("paper", paper_id)
        return paper

    def version(self, paper: Paper, number: int | None) -> PaperVersion:
        """The version of that number, or the one that is shown; raises NotFound for one that the person may not see."""
        draft = paper.latest if self.prepares and paper.versions else None
        version = paper.version(number) if number is not None else paper.shown or draft
        if version is None or not (self.prepares or version.state is PaperState.PUBLISHED):
            raise NotFound("paper_version", number)
        return version

    def read_before(self, paper: Paper, version: PaperVersion) -> PaperVersion | None:
        """The newest earlier version that this person has opened, whose text can be compared."""
        opened = self.papers.opened(me().id)
        earlier = [one for one in paper.published if one.number < version.number and one.id in opened and one.document_id]
        return earlier[-1] if earlier and version.document_id else None


def reader_of(session: Session, meeting_id: int) -> Reader:
    """Who asks, in that meeting; raises NotFound and NotAllowed."""
    meeting, participant = open_meeting(session, meeting_id, Right.ATTEND)
    return Reader(meeting, participant, Papers(session, meeting), rights_in(meeting, participant, me()))


def may_present(meeting: Meeting, participant: Participant | None) -> bool:
    """Whether somebody may show pages to all now: who presides or records, and the presenter of the item on the floor."""
    if participant is None or meeting.state is not MeetingState.OPEN:
        return False
    if participant.rights & {Right.PRESIDE, Right.RECORD}:
        return True
    item = meeting.item_on_floor
    return item is not None and is_named(participant.name, item.presenter)


def is_named(name: str, presenter: str) -> bool:
    """Whether somebody of that name is among those whom the agenda names, whole words only.

    >>> is_named("Trần Văn An", "đ/c Trần Văn An, Phó Chủ tịch"), is_named("Trần Văn An", "Trần Văn Anh")
    (True, False)
    """
    said = re.sub(r"\W+", " ", fold(presenter))
    return f" {fold(name)} " in f" {said} "
