"""The page that whoever presents shows to all: which version of which paper, and its page. One for each meeting, or none."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.ground.clock import now
from domain.ground.errors import NotFound
from storage.ground.database import Base, tells
from storage.meetings.meetings import MeetingRecords
from storage.meetings.papers import PaperVersion
from storage.people.people import Person


class ShownPage(Base):
    """What is being shown in a meeting."""

    __tablename__ = "shown_pages"

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("paper_versions.id"))
    page: Mapped[int] = mapped_column(default=1)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), info=tells())  # who shows it
    since: Mapped[datetime] = mapped_column(default=now)

    version: Mapped[PaperVersion] = relationship()
    person: Mapped[Person] = relationship()


class Presenting(MeetingRecords):
    """What is shown in one meeting."""

    def shown(self) -> ShownPage | None:
        """What is being shown, or None."""
        return self.session.get(ShownPage, self.meeting.id)

    def show(self, version_id: int, page: int, person_id: int) -> ShownPage:
        """Show that page to all; raises NotFound for what members of this meeting cannot open."""
        version = self.session.get(PaperVersion, version_id)
        if version is None or version.paper.meeting_id != self.meeting.id or version not in version.paper.published:
            raise NotFound("paper_version", version_id)
        last = version.document.page_count if version.document else None
        if page < 1 or page > (last or page) or version.is_held_back:
            raise NotFound("page", page)
        shown = self.shown() or ShownPage(meeting_id=self.meeting.id)
        if shown.version_id != version_id:
            shown.since = now()
        shown.version_id, shown.page, shown.person_id = version_id, page, person_id
        self.session.add(shown)
        self.session.flush()
        self.session.refresh(shown)
        return shown

    def stop(self) -> bool:
        """Show nothing any more; False if nothing was shown."""
        shown = self.shown()
        if shown is None:
            return False
        self.session.delete(shown)
        self.session.flush()
        return True
