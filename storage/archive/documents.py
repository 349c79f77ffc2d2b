"""Documents as records: their files, their pages with words and boxes, and the fields proposed or confirmed."""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    and_,
    func,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship, selectinload

from domain.archive.reading import UNSURE, Box, Field, PageReading, Source, Unread, Word
from domain.archive.work import LOOKED_THROUGH, WHOLE, Standing
from domain.ground.clock import now
from domain.ground.errors import NotFound
from domain.ground.files import Mended
from domain.people.access import REGISTERS_CIRCLE, Access, audience_of
from storage.archive.places import Catalogue, RecordFile
from storage.ground.claims import unneeded
from storage.ground.database import Base, Numbered, ObjectKey, Records, storable
from storage.people.people import Person
from storage.people.units import Unit

_KEYS_AT_ONCE = 300  # pages asked for in one query
_SCALE = 100_000  # boxes are kept as hundred-thousandths of the page: finer than a pixel of a 600 dpi scan


# No searchable PDF was made yet, nor said why not; of a file of the registers none ever is. Said so that no other index fits as well.
_UNBOUND = text(f"coalesce(searchable_sha256, searchable_problem) = '' AND circle <> '{REGISTERS_CIRCLE}'")


class Document(Numbered):
    """A paper: one file, or several image files that are its pages in order.

    `fingerprint` is the SHA-256 of the one file, or of its files' hashes in order; the same papers come in once.
    """

    __tablename__ = "documents"
    __table_args__ = (
        Index("uq_documents_group", "batch_id", "group_name", unique=True,
              sqlite_where=text("group_name <> ''"), postgresql_where=text("group_name <> ''")),
        Index("ix_documents_unbound", "standing", "id", sqlite_where=_UNBOUND, postgresql_where=_UNBOUND),
        Index("ix_documents_changed", "changed_at"),
        Index("ix_documents_batch_changed", "batch_id", "changed_at"),
    )  # fmt: skip

    fingerprint: Mapped[str | None] = mapped_column(unique=True)  # None while files are missing
    name: Mapped[str]  # of the first file, without its folder
    parts: Mapped[int] = mapped_column(default=1)
    group_name: Mapped[str] = mapped_column(default="")  # what its files share, while they arrive
    page_count: Mapped[int | None]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), index=True)
    record_file_id: Mapped[int | None] = mapped_column(ForeignKey("record_files.id"), index=True)
    access: Mapped[Access] = mapped_column(default=Access.OPEN)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), index=True)  # whose restricted document it is
    circle: Mapped[str] = mapped_column(default="", index=True)  # who alone may see it: a paper of a meeting
    standing: Mapped[Standing] = mapped_column(default=Standing.ARRIVING, index=True)
    is_released: Mapped[bool] = mapped_column(default=False)  # a person decided that what looked like a mark is none
    searchable_sha256: Mapped[ObjectKey | None] = mapped_column(index=True)  # the searchable PDF, bound once all is settled
    searchable_problem: Mapped[str] = mapped_column(default="")  # why it could not be bound
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
    changed_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    files: Mapped[list["DocumentFile"]] = relationship(order_by="DocumentFile.part", cascade="all, delete-orphan")
    fields: Mapped[list["DocumentField"]] = relationship(cascade="all, delete-orphan")
    record_file: Mapped[RecordFile | None] = relationship()
    unit: Mapped[Unit | None] = relationship()

    @property
    def audience(self) -> str:
        """The audience of the document, as every query filters by it."""
        return audience_of(self.access, self.unit_id, self.circle)

    def field(self, name: str) -> "DocumentField | None":
        """The field of that name, or None."""
        return next((field for field in self.fields if field.name == name), None)

    def value(self, name: str) -> str:
        """The value of a field, empty if there is none."""
        field = self.field(name)
        return field.value if field else ""

    def sure_value(self, name: str) -> str:
        """The value by which the document is found: empty too for a proposal that is a guess until somebody confirms it."""
        field = self.field(name)
        return field.value if field and not field.is_unsure else ""


class DocumentFile(Base):
    """One original file of a document; its bytes are the object `sha256`."""

    __tablename__ = "document_files"

    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)  # from 1
    name: Mapped[str]
    sha256: Mapped[ObjectKey] = mapped_column(index=True)
    size: Mapped[int]
    media_type: Mapped[str]
    page_count: Mapped[int | None]
    mended: Mapped[Mended | None]  # what had to be mended to open it
    beside: Mapped[list[str]] = mapped_column(JSON, default=list)  # names of files that it carries, of which nothing is read


_TO_INDEX = text("text_revision > indexed_revision")


class Page(Base):
    """One page that has been read. A page that has not is a row of the ledger only."""

    __tablename__ = "pages"
    __table_args__ = (Index("ix_pages_to_index", "read_at", sqlite_where=_TO_INDEX, postgresql_where=_TO_INDEX),)

    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)  # from 1, through all files
    source: Mapped[Source]
    text: Mapped[str]
    packed_words: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    confidence: Mapped[float]
    width_px: Mapped[int]
    height_px: Mapped[int]
    dpi: Mapped[int]
    rotation_deg: Mapped[int]
    skew_deg: Mapped[float]
    unread_share: Mapped[float | None] = mapped_column(index=True)  # of the ink of letters; None: read before it was measured
    unread_gaps: Mapped[list[list[float]]] = mapped_column(JSON, default=list)  # where: x, y, width, height each
    image_sha256: Mapped[ObjectKey | None] = mapped_column(index=True)
    thumbnail_sha256: Mapped[ObjectKey | None] = mapped_column(index=True)
    read_at: Mapped[datetime] = mapped_column(default=now)
    text_revision: Mapped[int] = mapped_column(default=1)  # grows with every change that a search must see
    indexed_revision: Mapped[int] = mapped_column(default=0)  # the revision that the index holds

    document: Mapped[Document] = relationship()

    @property
    def words(self) -> tuple[Word, ...]:
        """The words of the page in the order of its text."""
        return unpack_words(self.packed_words, self.source)

    @property
    def unread(self) -> Unread | None:
        """What is written on the page and was not read; None where nobody measured it."""
        share = self.unread_share
        return None if share is None else Unread(share, tuple(Box(*sides) for sides in self.unread_gaps))

    def reading(self) -> PageReading:
        """The page as the value that was read."""
        return PageReading(
            self.number, self.source, self.text, self.words, self.confidence,
            self.width_px, self.height_px, self.dpi, self.rotation_deg, self.skew_deg, self.unread,
        )  # fmt: skip


class DocumentField(Numbered):
    """A value of a document with its evidence; confirmed by a person, or proposed by the reader."""

    __tablename__ = "document_fields"
    __table_args__ = (UniqueConstraint("document_id", "name"), Index("ix_fields_name_value", "name", "value"))

    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), index=True)
    name: Mapped[str]  # one of domain.archive.reading.FIELD_NAMES
    value: Mapped[str]
    page: Mapped[int]
    x: Mapped[float | None]
    y: Mapped[float | None]
    width: Mapped[float | None]
    height: Mapped[float | None]
    confidence: Mapped[float]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    confirmed_at: Mapped[datetime | None]

    confirmed_by: Mapped[Person | None] = relationship()

    @property
    def is_unsure(self) -> bool:
        """Whether the value is a guess that nobody has confirmed."""
        return self.confirmed_by_id is None and self.confidence <= UNSURE

    @property
    def box(self) -> Box | None:
        """Where the value stands on its page."""
        if self.x is None or self.y is None or self.width is None or self.height is None:
            return None
        return Box(self.x, self.y, self.width, self.height)


class Withdrawal(Base):
    """A document whose pages must leave the index; the row goes when they have."""

    __tablename__ = "withdrawals"

    document_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    pages: Mapped[int] = mapped_column(default=0)  # how many of them the index still holds


class Documents(Records):
    """All documents."""

    def get(self, document_id: int, audiences: frozenset[str] | None = None) -> Document:
        """The document; raises NotFound, also for one outside these `audiences` (None: whoever asks is a program)."""
        document = self.session.get(Document, document_id)
        if document is None or (audiences is not None and document.audience not in audiences):
            raise NotFound("document", document_id)
        return document

    def among(self, ids: Iterable[int], audiences: frozenset[str]) -> dict[int, Document]:
        """Those of these documents that bear one of the audiences, with their fields and places."""
        place = joinedload(Document.record_file).joinedload(RecordFile.catalogue).joinedload(Catalogue.fonds)
        wanted = select(Document).where(Document.id.in_(list(ids)), is_visible_to(audiences))
        loaded = wanted.options(selectinload(Document.fields), place)
        return {document.id: document for document in self.session.scalars(loaded)}

    def gaps(self, audiences: frozenset[str]) -> tuple[int, int]:
        """How many documents with unread pages there are for these audiences, and how many such pages as far as is known."""
        read = select(func.count()).where(Page.document_id == Document.id).scalar_subquery()
        unread = select(func.count(), func.sum(Document.page_count - read)).where(
            Document.standing.not_in((*WHOLE, Standing.DESTROYED)), is_visible_to(audiences)
        )
        documents, pages = self.session.execute(unread).one()
        return documents, int(pages or 0)  # a sum of sums is a Decimal on PostgreSQL

    def partly_read(self, audiences: frozenset[str]) -> tuple[int, int]:
        """How many documents there are for these audiences whose pages were all read, but not all that is written on them; and
        of how many that is not known."""
        rows = select(Document.standing, func.count()).where(
            Document.standing.in_((Standing.PARTLY, Standing.UNMEASURED)), is_visible_to(audiences)
        )
        counts = {row[0]: row[1] for row in self.session.execute(rows.group_by(Document.standing))}
        return counts.get(Standing.PARTLY, 0), counts.get(Standing.UNMEASURED, 0)

    def count_by_record_file(self, record_file_ids: Sequence[int]) -> dict[int, int]:
        """How many documents lie in each of these record files; one without is left out."""
        rows = select(Document.record_file_id, func.count()).where(Document.record_file_id.in_(record_file_ids))
        return {row[0]: row[1] for row in self.session.execute(rows.group_by(Document.record_file_id)) if row[0]}

    def count_by_catalogue(self) -> dict[int, int]:
        """How many documents lie in each catalogue; one without is left out."""
        rows = select(RecordFile.catalogue_id, func.count()).join(Document, Document.record_file_id == RecordFile.id)
        return {row[0]: row[1] for row in self.session.execute(rows.group_by(RecordFile.catalogue_id))}

    def pages(self, document_id: int) -> list[Page]:
        """The pages that have been read, in order."""
        return list(self.session.scalars(select(Page).where(Page.document_id == document_id).order_by(Page.number)))

    def ends(self, document_id: int, *, head: int, tail: int) -> list[Page]:
        """The first and the last pages that have been read, in order: of a long document, those that say what it is."""
        of_document = select(Page).where(Page.document_id == document_id)
        first = list(self.session.scalars(of_document.order_by(Page.number).limit(head)))
        rest = of_document.where(Page.number > first[-1].number) if first else of_document
        return first + list(self.session.scalars(rest.order_by(Page.number.desc()).limit(tail)))[::-1]

    def page(self, document_id: int, number: int) -> Page | None:
        """The page, or None while it has not been read."""
        return self.session.get(Page, (document_id, number))

    def pages_at(self, keys: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Page]:
        """The pages of these (document, page) keys that have been read, without their words."""
        found = select(Page).where(tuple_(Page.document_id, Page.number).in_(list(keys)))
        return {(page.document_id, page.number): page for page in self.session.scalars(found)}

    def thumbnails(self, document_id: int, first: int, last: int) -> dict[int, str | None]:
        """The key of the thumbnail of each page from `first` to `last` that has been read."""
        between = select(Page.number, Page.thumbnail_sha256).where(
            Page.document_id == document_id, Page.number.between(first, last)
        )
        return {row[0]: row[1] for row in self.session.execute(between)}

    def text_of(self, document_id: int) -> list[tuple[int, str]]:
        """Number and text of every page that has been read, in order."""
        rows = select(Page.number, Page.text).where(Page.document_id == document_id).order_by(Page.number)
        return [(row[0], row[1]) for row in self.session.execute(rows)]

    def text_state(self, document_id: int) -> tuple[int, int]:
        """Something that differs whenever a text of the document does: its pages and the sum of their revisions."""
        count, revisions = self.session.execute(
            select(func.count(), func.sum(Page.text_revision)).where(Page.document_id == document_id)
        ).one()
        return count, revisions or 0

    def texts(self, keys: Sequence[tuple[int, int]]) -> dict[tuple[int, int], str]:
        """The texts of these (document, page) keys; those that are not read are left out."""
        wanted: dict[int, set[int]] = {}
        for document_id, number in keys:
            wanted.setdefault(document_id, set()).add(number)
        found: dict[tuple[int, int], str] = {}
        ids = sorted(wanted)
        for start in range(0, len(ids), _KEYS_AT_ONCE):
            some = ids[start : start + _KEYS_AT_ONCE]
            numbers = set().union(*(wanted[document_id] for document_id in some))
            rows = self.session.execute(
                select(Page.document_id, Page.number, Page.text).where(Page.document_id.in_(some), Page.number.in_(numbers))
            )
            found |= {(row[0], row[1]): row[2] for row in rows if row[1] in wanted[row[0]]}
        return found

    def keep_page(
        self, document_id: int, reading: PageReading, *, image_sha256: str | None, thumbnail_sha256: str | None
    ) -> Page:
        """Write what was read of a page, over what was read before."""
        page = self.page(document_id, reading.number)
        if page is None:
            page = Page(number=reading.number, document=self.get(document_id), text_revision=0, indexed_revision=0)
            self.session.add(page)
        page.source, page.text, page.confidence = reading.source, storable(reading.text), reading.confidence
        page.packed_words = pack_words(reading.words)
        page.width_px, page.height_px, page.dpi = reading.width_px, reading.height_px, reading.dpi
        page.rotation_deg, page.skew_deg = reading.rotation_deg, reading.skew_deg
        page.unread_share = reading.unread.share if reading.unread else None
        page.unread_gaps = [[gap.x, gap.y, gap.width, gap.height] for gap in reading.unread.gaps] if reading.unread else []
        page.image_sha256, page.thumbnail_sha256 = image_sha256, thumbnail_sha256
        page.read_at = now()
        page.text_revision += 1
        page.document.searchable_sha256, page.document.searchable_problem = None, ""
        self.session.flush()
        return page

    def propose(self, document: Document, fields: Mapping[str, Field]) -> None:
        """Replace the proposed fields by these; what a person confirmed stays. A change makes the pages due for the index."""
        before = {field.name: document.sure_value(field.name) for field in document.fields}
        confirmed = [field for field in document.fields if field.confirmed_by_id is not None]
        names = {field.name for field in confirmed}
        document.fields = confirmed
        self.session.flush()
        document.fields += [_row(name, field) for name, field in fields.items() if name not in names]
        if before != {field.name: document.sure_value(field.name) for field in document.fields}:
            self.index_again(document.id)

    def confirm(self, document: Document, name: str, value: str, person_id: int) -> str:
        """Have a person's word for a field, empty if the paper does not say it; returns the value before.

        The evidence of what was proposed stays. A change makes the pages due for the index.
        """
        field = document.field(name)
        if field is None:
            field = DocumentField(name=name, value="", page=1, confidence=1.0)
            document.fields.append(field)
        before, field.value, was_unsure = field.value, storable(value), field.is_unsure
        field.confirmed_by_id, field.confirmed_at = person_id, now()
        if before != value or was_unsure:
            self.index_again(document.id)
        self.session.flush()
        return before

    def index_again(self, document_id: int) -> None:
        """Mark every page of the document as due for the index."""
        for page in self.pages(document_id):
            page.text_revision += 1

    def due_for_index(self, limit: int) -> list[Page]:
        """Pages whose latest revision the index does not hold, the oldest first."""
        due = select(Page).where(Page.text_revision > Page.indexed_revision).order_by(Page.read_at).limit(limit)
        return list(self.session.scalars(due))

    def withdraw(self, document: Document) -> set[str]:
        """Forget all that was derived from the document: its pages and fields, and soon its index entries.

        Returns the keys of the objects that nothing needs any more; they may be removed once this is committed.
        """
        pages = self.pages(document.id)
        keys = {key for page in pages for key in (page.image_sha256, page.thumbnail_sha256) if key}
        keys |= {document.searchable_sha256} if document.searchable_sha256 else set()
        document.searchable_sha256 = None
        for page in pages:
            self.session.delete(page)
        document.fields = []
        if self.session.get(Withdrawal, document.id) is None:
            entered = sum(page.indexed_revision > 0 for page in pages)
            self.session.add(Withdrawal(document_id=document.id, pages=entered))
        self.session.flush()
        return unneeded(self.session, keys)

    def due_for_binding(self) -> Document | None:
        """The oldest document whose searchable PDF is to be bound, or None."""
        settled = Document.standing.in_(LOOKED_THROUGH)
        return self.session.scalar(select(Document).where(settled, _UNBOUND).order_by(Document.id).limit(1))

    def mark_indexed(self, revisions: Mapping[tuple[int, int], int]) -> None:
        """Note which revision of each (document, page) the index holds now; it is never taken back to an older one."""
        for (document_id, number), revision in revisions.items():
            self.session.execute(
                update(Page)
                .where(Page.document_id == document_id, Page.number == number, Page.indexed_revision < revision)
                .values(indexed_revision=revision)
            )

    def unread_pages(self, document_ids: Iterable[int]) -> dict[int, int]:
        """For each of these documents, how many of its pages have not been read (left out where none is missing)."""
        rows = self.session.execute(
            select(Document.id, Document.page_count - func.count(Page.number))
            .outerjoin(Page, Page.document_id == Document.id)
            .where(Document.id.in_(list(document_ids)), Document.page_count.is_not(None))
            .group_by(Document.id, Document.page_count)
        )
        return {row[0]: row[1] for row in rows if row[1]}


def is_visible_to(audiences: frozenset[str]) -> ColumnElement[bool]:
    """The condition that a document bears one of the audiences: the rule of `domain.people.access.audience_of`, for queries."""
    circles = [audience for audience in audiences if audience.startswith("meeting:")]
    units = [int(audience.removeprefix("unit:")) for audience in audiences if audience.startswith("unit:")]
    is_restricted = Document.access == Access.RESTRICTED
    conditions = [and_(is_restricted, Document.unit_id.in_(units))]
    if "open" in audiences:
        conditions.append(Document.access == Access.OPEN)
    if "restricted" in audiences:
        conditions.append(and_(is_restricted, Document.unit_id.is_(None)))
    own = [Document.circle.in_(circles)] if circles else []
    return or_(and_(Document.circle == "", or_(*conditions)), *own)


def pack_words(words: Sequence[Word]) -> bytes:
    """The words as compressed JSON: [text, x, y, width, height, confidence in percent, line, source] each."""
    rows = [
        [
            storable(w.text),
            *(round(edge * _SCALE) for edge in (w.box.x, w.box.y, w.box.width, w.box.height)),
            round(w.confidence * 100),
            w.line,
            w.source.value,
        ]
        for w in words
    ]
    return zlib.compress(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode())


def unpack_words(packed: bytes, of_page: Source) -> tuple[Word, ...]:
    """The words that `pack_words` packed, to a hundred-thousandth of the page and a hundredth of confidence.

    Words that were packed before they had a source each have that of their page.
    """
    return tuple(
        Word(
            text, Box(x / _SCALE, y / _SCALE, width / _SCALE, height / _SCALE), percent / 100, line,
            Source(source[0]) if source else of_page,
        )
        for text, x, y, width, height, percent, line, *source in json.loads(zlib.decompress(packed))
    )  # fmt: skip


def _row(name: str, field: Field) -> DocumentField:
    box = field.box
    return DocumentField(
        name=name,
        value=storable(field.value),
        page=field.page,
        x=box and box.x,
        y=box and box.y,
        width=box and box.width,
        height=box and box.height,
        confidence=field.confidence,
    )
