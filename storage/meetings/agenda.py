"""The agenda of a meeting being made: items are added, changed, moved and removed; their order is kept depth first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.exc import IntegrityError

from domain.ground.errors import NotFound, StepNotAllowed
from domain.meetings.agenda import ItemFacts, ItemKind, ItemState, Move, OnlyItemOfGuests, moved, placed, times
from domain.meetings.papers import ItemIsOnPaperOnly
from storage.ground.database import among, storable
from storage.meetings.meetings import AgendaItem, GuestItem, MeetingEvent, MeetingRecords
from storage.meetings.opinions import Opinion
from storage.meetings.papers import Paper


@dataclass(frozen=True, slots=True)
class ItemValues:
    """What is written of an item."""

    title: str
    kind: ItemKind
    minutes: int
    presenter: str
    sitting_id: int | None
    is_on_paper_only: bool


class Agenda(MeetingRecords):
    """The agenda of one meeting."""

    @property
    def facts(self) -> list[ItemFacts]:
        """The items as the rules know them, in order."""
        return [ItemFacts(item.id, item.parent_id, item.minutes) for item in self.meeting.items]

    def item(self, item_id: int) -> AgendaItem:
        """The item; raises NotFound, also for one of another meeting."""
        return among(self.meeting.items, item_id, "agenda_item")

    def times(self) -> dict[int, datetime]:
        """When each item is expected, by id: from the opening, and from the start of each later sitting."""
        fixed: dict[int, datetime] = {}
        starts = {sitting.id: sitting.starts_at for sitting in self.meeting.sittings}
        for item in self.meeting.items:
            if item.sitting_id in starts:
                fixed[item.id] = starts.pop(item.sitting_id)
        return times(self.facts, self.meeting.opened_at or self.meeting.starts_at, fixed=fixed)

    def add(self, values: ItemValues, *, under: int | None) -> AgendaItem:
        """A new item, last under that one or last of all; raises MoveNotPossible where it would stand too deep."""
        item = AgendaItem(meeting_id=self.meeting.id, position=len(self.meeting.items), title="", minutes=values.minutes)
        self.meeting.items.append(item)
        self._write(item, values)
        self.session.flush()
        self._arrange(placed(self.facts, item.id, parent=self.item(under).id if under else None, before=None))
        return item

    def change(self, item: AgendaItem, values: ItemValues) -> None:
        """Write over what is said of the item; raises ItemIsOnPaperOnly if papers of it are here."""
        if values.is_on_paper_only and self._has_papers(item):
            raise ItemIsOnPaperOnly
        self._write(item, values)
        self.session.flush()

    def remove(self, item: AgendaItem) -> None:
        """Take the item off, with nothing below it and before anything came of it; raises StepNotAllowed, OnlyItemOfGuests."""
        has_below = any(other.parent_id == item.id for other in self.meeting.items)
        happened = select(exists().where(MeetingEvent.item_id == item.id))
        if item.state is not ItemState.WAITING or has_below or self._has_papers(item) or self.session.scalar(happened):
            raise StepNotAllowed(item.state, "remove")
        if alone := [one.name for one in self.meeting.participants if [row.item_id for row in one.guest_items] == [item.id]]:
            raise OnlyItemOfGuests(alone)
        self.session.execute(delete(GuestItem).where(GuestItem.item_id == item.id))
        self.session.execute(delete(Opinion).where(Opinion.item_id == item.id))
        self.meeting.items.remove(item)
        try:
            self.session.flush()
        except IntegrityError as error:  # a ballot or a task speaks of it
            raise StepNotAllowed(item.state, "remove") from error
        self._arrange(self.facts)

    def move(self, item: AgendaItem, move: Move) -> None:
        """Take one step; raises MoveNotPossible."""
        self._arrange(moved(self.facts, item.id, move))

    def place(self, item: AgendaItem, *, parent: int | None, before: int | None) -> None:
        """Put the item, and all below it, there; raises MoveNotPossible and NotFound."""
        known = {None, *(other.id for other in self.meeting.items)}
        if parent not in known or before not in known:
            raise NotFound("agenda_item", parent)
        self._arrange(placed(self.facts, item.id, parent=parent, before=before))

    def _arrange(self, facts: list[ItemFacts]) -> None:
        by_id = {item.id: item for item in self.meeting.items}
        for position, one in enumerate(facts):
            by_id[one.id].position, by_id[one.id].parent_id = position, one.parent
        self.session.flush()
        self.meeting.items.sort(key=lambda item: item.position)

    def _has_papers(self, item: AgendaItem) -> bool:
        return bool(self.session.scalar(select(exists().where(Paper.item_id == item.id))))

    def _write(self, item: AgendaItem, values: ItemValues) -> None:
        item.title, item.kind, item.minutes = storable(values.title), values.kind, values.minutes
        item.presenter = "" if values.is_on_paper_only else storable(values.presenter)
        item.sitting_id, item.is_on_paper_only = values.sitting_id, values.is_on_paper_only
