"""Papers of meetings as records: their versions, who has opened which of them, and the circle that may find each in a search.

A version that can be read is a document like those of the archive, with a circle of its own; the worker reads it, looks for marks
of secrecy and carries it into the index the same way.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from domain.archive.work import LOOKED_THROUGH, SHOWN
from domain.ground.clock import now
from domain.ground.errors import NotFound, existing
from domain.ground.files import Refusal
from domain.meetings.meetings import Right
from domain.meetings.papers import (
    ItemIsOnPaperOnly,
    PaperNotChecked,
    PaperState,
    PaperStep,
    Published,
    ReasonMissing,
    shown_version,
    take,
)
from domain.people.access import circle_of, circles_for, past_circle, preparing_circle
from storage.archive.documents import Document, Documents
from storage.ground.database import Base, Numbered, ObjectKey, tells
from storage.meetings.meetings import AgendaItem, Meeting, MeetingRecords, Participant
from storage.people.people import Person

CHECKED = LOOKED_THROUGH
STAYS_OFFICE = frozenset({*Refusal, "not_installed"})  # why there is no PDF of an office file, nor will be


class Paper(Numbered):
    """A paper of an item, or of the whole meeting (no item), through all its versions."""

    __tablename__ = "papers"

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_items.id"), index=True)
    title: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)

    meeting: Mapped[Meeting] = relationship()
    item: Mapped[AgendaItem | None] = relationship()
    versions: Mapped[list["PaperVersion"]] = relationship(
        back_populates="paper", cascade="all, delete-orphan", order_by="PaperVersion.number"
    )

    @property
    def latest(self) -> "PaperVersion":
        """The newest version, whatever its state."""
        return self.versions[-1]

    @property
    def published(self) -> list["PaperVersion"]:
        """The versions that members may see, in order."""
        return [version for version in self.versions if version.state is PaperState.PUBLISHED]

    @property
    def shown(self) -> "PaperVersion | None":
        """The version that members see now."""
        taken_up_at = self.item.taken_up_at if self.item else None
        number = shown_version(
            [Published(one.number, one.published_at) for one in self.published if one.published_at], taken_up_at
        )
        return None if number is None else self.version(number)

    @property
    def has_newer(self) -> bool:
        """Whether a version was published after the one that is shown."""
        return self.shown is not None and self.published[-1].number > self.shown.number

    def version(self, number: int) -> "PaperVersion":
        """The version of that number; raises NotFound."""
        return existing(next((version for version in self.versions if version.number == number), None), "paper_version", number)


_UNCONVERTED = text("conversion IN ('waiting', 'not_installed')")


class PaperVersion(Numbered):
    """One version of a paper. Its file is a document that is read, or an object `sha256` that can only be downloaded."""

    __tablename__ = "paper_versions"
    __table_args__ = (
        UniqueConstraint("paper_id", "number"),
        Index("ix_paper_versions_unconverted", "id", sqlite_where=_UNCONVERTED, postgresql_where=_UNCONVERTED),
    )

    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id"), index=True)
    number: Mapped[int]
    state: Mapped[PaperState] = mapped_column(default=PaperState.DRAFTED, index=True)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"), index=True)
    file_name: Mapped[str]
    sha256: Mapped[ObjectKey] = mapped_column(
        index=True, default=""
    )  # of an office file; empty where the document holds the file
    size: Mapped[int] = mapped_column(default=0)
    media_type: Mapped[str]
    conversion: Mapped[str] = mapped_column(default="")  # of an office file: waiting, done, or why there is no PDF of it
    reason: Mapped[str] = mapped_column(default="")  # why it was returned or withdrawn
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    published_at: Mapped[datetime | None]

    paper: Mapped[Paper] = relationship(back_populates="versions")
    document: Mapped[Document | None] = relationship(lazy="joined")
    created_by: Mapped[Person | None] = relationship(foreign_keys=[created_by_id])
    approved_by: Mapped[Person | None] = relationship(foreign_keys=[approved_by_id])

    @property
    def is_held_back(self) -> bool:
        """Whether it may bear a mark of secrecy, or bore one: nothing of it is shown to anybody."""
        return self.document is not None and self.document.standing not in SHOWN

    @property
    def is_checked(self) -> bool:
        """Whether it was read to its end and no mark was found; an office file that cannot become a PDF bears the word of who
        sent it."""
        if self.document is None:
            return self.conversion in STAYS_OFFICE
        return self.document.standing in CHECKED


class PaperReading(Base):
    """That somebody opened a version: first and last when, and how far."""

    __tablename__ = "paper_readings"

    version_id: Mapped[int] = mapped_column(ForeignKey("paper_versions.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(
        ForeignKey("people.id"), primary_key=True, info=tells("version_id", "first_at", "last_at", "last_page", "furthest_page")
    )
    first_at: Mapped[datetime] = mapped_column(default=now)
    last_at: Mapped[datetime] = mapped_column(default=now)
    last_page: Mapped[int] = mapped_column(default=1)
    furthest_page: Mapped[int] = mapped_column(default=1)

    version: Mapped[PaperVersion] = relationship()


class Papers(MeetingRecords):
    """The papers of one meeting."""

    def all(self) -> list[Paper]:
        """Every paper, in the order in which they came."""
        return list(self.session.scalars(select(Paper).where(Paper.meeting_id == self.meeting.id).order_by(Paper.id)))

    def get(self, paper_id: int) -> Paper:
        """The paper; raises NotFound, also for one of another meeting."""
        paper = self.session.get(Paper, paper_id)
        if paper is None or paper.meeting_id != self.meeting.id:
            raise NotFound("paper", paper_id)
        return paper

    def visible(self, participant: Participant | None, *, prepares: bool) -> list[Paper]:
        """The papers that somebody may see: published ones of the items that concern the person, all for who prepares."""
        return [paper for paper in self.all() if self.may_see(paper, participant, prepares=prepares)]

    def may_see(self, paper: Paper, participant: Participant | None, *, prepares: bool) -> bool:
        """Whether somebody may know of the paper."""
        if prepares:
            return True
        if participant is None or not paper.published:
            return False
        return participant.may_see(paper.item)

    def circles(self, participant: Participant | None, *, prepares: bool) -> frozenset[str]:
        """The audiences of this meeting's papers that somebody belongs to."""
        items = [item.id for item in self.meeting.items if participant is None or participant.may_see(item)]
        whole = participant is None or participant.sees_whole
        return circles_for(self.meeting.id, items, sees_whole=whole, prepares=prepares)

    def add(self, item: AgendaItem | None, title: str) -> Paper:
        """A new paper without a version; raises ItemIsOnPaperOnly."""
        if item is not None and item.is_on_paper_only:
            raise ItemIsOnPaperOnly
        paper = Paper(meeting_id=self.meeting.id, meeting=self.meeting, item=item, title=title)
        self.session.add(paper)
        self.session.flush()
        return paper

    def add_version(
        self, paper: Paper, *, file_name: str, media_type: str, size: int, person_id: int,
        document: Document | None = None, sha256: str = "",
    ) -> PaperVersion:  # fmt: skip
        """A new draft of the paper; what is published stays as it is."""
        number = (self.session.scalar(select(func.max(PaperVersion.number)).where(PaperVersion.paper_id == paper.id)) or 0) + 1
        version = PaperVersion(
            number=number, document=document, file_name=file_name, media_type=media_type, size=size, sha256=sha256,
            created_by_id=person_id, conversion="" if document else "waiting",
        )  # fmt: skip
        paper.versions.append(version)
        self.session.flush()
        return version

    def step(self, version: PaperVersion, step: PaperStep, *, person_id: int, reason: str = "") -> None:
        """Take the version one step; raises StepNotAllowed, ReasonMissing, PaperNotChecked and ItemIsOnPaperOnly."""
        state = take(version.state, step)
        if step in (PaperStep.RETURN, PaperStep.WITHDRAW) and not reason:
            raise ReasonMissing
        if step is PaperStep.PUBLISH:
            self._check_publishable(version)
            version.published_at = now()
        if step is PaperStep.APPROVE:
            version.approved_by_id = person_id
        version.state, version.reason = state, reason
        self.session.flush()
        self.settle_circles(version.paper)

    def _check_publishable(self, version: PaperVersion) -> None:
        if version.paper.item is not None and version.paper.item.is_on_paper_only:
            raise ItemIsOnPaperOnly
        if not version.is_checked:
            raise PaperNotChecked

    def settle_circles(self, paper: Paper) -> None:
        """Give the document of every version the circle that may find it now; those that change are due for the index."""
        newest = paper.published[-1] if paper.published else None
        for version in paper.versions:
            document = version.document
            circle = self._circle(version, newest)
            if document is not None and document.circle != circle:
                document.circle = circle
                Documents(self.session).index_again(document.id)
        self.session.flush()

    def _circle(self, version: PaperVersion, newest: PaperVersion | None) -> str:
        if version is newest:
            return circle_of(self.meeting.id, version.paper.item_id)
        return past_circle(self.meeting.id) if version.state is PaperState.PUBLISHED else preparing_circle(self.meeting.id)

    def of_documents(self, document_ids: Iterable[int]) -> dict[int, PaperVersion]:
        """The versions of this meeting that these documents are, by document."""
        mine = select(PaperVersion).join(Paper).where(Paper.meeting_id == self.meeting.id)
        found = self.session.scalars(mine.where(PaperVersion.document_id.in_(list(document_ids))))
        return {version.document_id: version for version in found if version.document_id}

    def note_opened(self, version: PaperVersion, person_id: int, page: int, *, is_led: bool = False) -> None:
        """Note that somebody has this page of the version open. Whoever was led there by the presenter keeps the own place."""
        reading = self.session.get(PaperReading, (version.id, person_id))
        if reading is None:
            reading = PaperReading(version_id=version.id, person_id=person_id, furthest_page=page)
            self.session.add(reading)
        reading.last_at = now()
        if not is_led:
            reading.last_page = page
        reading.furthest_page = max(reading.furthest_page, page)

    def reading(self, version: PaperVersion, person_id: int) -> PaperReading | None:
        """That person's reading of the version, or None."""
        return self.session.get(PaperReading, (version.id, person_id))

    def readings(self, paper: Paper) -> dict[int, PaperReading]:
        """Of each person who opened the paper, the reading of the newest version opened, by person."""
        opened = select(PaperReading).join(PaperVersion).where(PaperVersion.paper_id == paper.id)
        return {row.person_id: row for row in self.session.scalars(opened.order_by(PaperVersion.number))}

    def opened(self, person_id: int) -> dict[int, PaperReading]:
        """What somebody has opened in this meeting, by version."""
        mine = select(PaperReading).join(PaperVersion).join(Paper).where(PaperReading.person_id == person_id)
        return {row.version_id: row for row in self.session.scalars(mine.where(Paper.meeting_id == self.meeting.id))}


def approves(participant: Participant | None) -> bool:
    """Whether somebody may approve papers: chair, deputies and secretary of the meeting."""
    return participant is not None and Right.TAKE_SEAT in participant.rights


def due_for_conversion(session: Session, *, is_installed: bool) -> PaperVersion | None:
    """The oldest office file that waits to become a PDF, or None; also one that waited in vain before LibreOffice came."""
    states = ["waiting", "not_installed"] if is_installed else ["waiting"]
    waiting = select(PaperVersion).where(_UNCONVERTED, PaperVersion.conversion.in_(states)).order_by(PaperVersion.id).limit(1)
    return session.scalar(waiting)
