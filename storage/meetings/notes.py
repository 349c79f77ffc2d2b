"""Personal notes and highlights on papers as records: each belongs to one person, and every query names that person."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from domain.ground.clock import now
from domain.ground.errors import NotFound
from domain.meetings.anchors import Anchor, carried
from storage.archive.documents import Document, Documents
from storage.archive.set_aside import forgets
from storage.ground.database import Numbered, storable, tells
from storage.meetings.papers import Paper, PaperVersion


class Note(Numbered):
    """A highlight on a page with the words it stands on, and perhaps a note. `key` was made by the device that wrote it."""

    __tablename__ = "notes"
    __table_args__ = (UniqueConstraint("person_id", "version_id", "key"),)

    person_id: Mapped[int] = mapped_column(
        ForeignKey("people.id"), index=True, info=tells("version_id", "page", "quote", "text", "changed_at")
    )
    version_id: Mapped[int] = mapped_column(ForeignKey("paper_versions.id"), index=True)
    key: Mapped[str]
    page: Mapped[int]
    boxes: Mapped[list[list[float]]] = mapped_column(JSON, default=list)  # x, y, width, height in shares of the page
    quote: Mapped[str] = mapped_column(default="")
    before: Mapped[str] = mapped_column(default="")
    after: Mapped[str] = mapped_column(default="")
    colour: Mapped[str] = mapped_column(default="yellow")
    text: Mapped[str] = mapped_column(default="")
    is_removed: Mapped[bool] = mapped_column(default=False)  # emptied; keeps it from being carried here again
    changed_at: Mapped[datetime] = mapped_column(default=now)

    version: Mapped[PaperVersion] = relationship()

    @property
    def anchor(self) -> Anchor:
        """The words it stands on."""
        return Anchor(self.quote, self.before, self.after)

    def as_json(self) -> dict[str, Any]:
        """What the devices of its owner are told."""
        names = ("key", "page", "boxes", "quote", "before", "after", "colour", "text")
        return {name: getattr(self, name) for name in names}


class Notes:
    """The notes of one person; nobody else's are ever found."""

    def __init__(self, session: Session, person_id: int) -> None:
        self.session, self.person_id = session, person_id

    def of(self, version: PaperVersion) -> list[Note]:
        """The notes on a version, in the order of its pages."""
        mine = select(Note).where(Note.person_id == self.person_id, Note.version_id == version.id, ~Note.is_removed)
        return list(self.session.scalars(mine.order_by(Note.page, Note.id)))

    def find(self, version: PaperVersion, key: str) -> Note | None:
        """The note of that key, a removed one too, or None."""
        mine = select(Note).where(Note.person_id == self.person_id, Note.version_id == version.id, Note.key == key)
        return self.session.scalar(mine)

    def keep(self, version: PaperVersion, key: str, **values: Any) -> Note:
        """Write the note over what was there; it may be repeated."""
        note = self.find(version, key)
        if note is None:
            note = Note(person_id=self.person_id, version_id=version.id, key=key)
            self.session.add(note)
        for name, value in values.items():
            setattr(note, name, storable(value) if isinstance(value, str) else value)
        note.is_removed, note.changed_at = False, now()
        self.session.flush()
        return note

    def remove(self, version: PaperVersion, key: str) -> None:
        """Forget a note; raises NotFound."""
        note = self.find(version, key)
        if note is None or note.is_removed:
            raise NotFound("note", key)
        note.is_removed, note.boxes, note.changed_at = True, [], now()
        note.quote = note.before = note.after = note.text = ""

    def waiting(self, version: PaperVersion) -> list[Note]:
        """The notes on the version before that have not come to this one."""
        earlier = [one for one in version.paper.versions if one.number < version.number and self.of(one)]
        if not earlier or version.document_id is None:
            return []
        return [note for note in self.of(earlier[-1]) if self.find(version, note.key) is None]

    def carry(self, version: PaperVersion) -> int:
        """Carry the notes of the version before to this one where their words still stand; returns how many came.

        What is there already, or was taken away here, is left alone, so it may be repeated.
        """
        waiting = self.waiting(version)
        pages = Documents(self.session).pages(version.document_id) if waiting and version.document_id else []
        words = {page.number: page.words for page in pages}
        count = 0
        for note in waiting:
            place = carried(note.anchor, words, near=note.page)
            if place is not None:
                boxes = [[box.x, box.y, box.width, box.height] for box in place.boxes]
                self.keep(version, note.key, page=place.page, boxes=boxes, quote=note.quote, before=note.before,
                          after=note.after, colour=note.colour, text=note.text)  # fmt: skip
                count += 1
        return count

    def of_paper(self, paper: Paper) -> list[Note]:
        """All notes on all versions of a paper, for their owner to take away."""
        mine = select(Note).join(PaperVersion).where(Note.person_id == self.person_id, ~Note.is_removed)
        of_paper = mine.where(PaperVersion.paper_id == paper.id)
        return list(self.session.scalars(of_paper.order_by(PaperVersion.number, Note.page, Note.id)))


@forgets
def forget_paper(session: Session, document: Document, keys: Collection[str]) -> set[str]:
    """Remove what is kept of a document that is being destroyed as a paper of a meeting: everybody's notes on it, and its name.

    Returns the keys of the office files that it was made of.
    """
    versions = list(session.scalars(select(PaperVersion).where(PaperVersion.document_id == document.id)))
    office = {version.sha256 for version in versions if version.sha256}
    session.execute(delete(Note).where(Note.version_id.in_([version.id for version in versions])))
    for version in versions:
        version.file_name, version.sha256, version.size = "", "", 0
    session.execute(update(PaperVersion).where(PaperVersion.sha256.in_(keys)).values(sha256=""))  # the same bytes elsewhere
    session.flush()
    return office
