"""Outgoing documents as records: the register of what each unit issued (sổ đăng ký văn bản đi), from draft to issue, with what is
claimed and what is proven of how it was issued.

Nothing of a secret document stands here: where its number belongs to the same series, a gap says so (storage/numbering.py), and a
count without content is kept beside (`SecretCount`).
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, event, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from domain.clock import now
from domain.directives import DEFAULT_KINDS, FOUNDED_ON, Direction, OutgoingState
from domain.errors import NotFound
from domain.issuance import Channel, Claim, Form, Level, LevelRange
from domain.vietnamese import fold
from storage.database import Base
from storage.documents import Document
from storage.people import Person
from storage.units import Unit


class OutgoingDocument(Base):
    """A document that a unit issues or drafts. Whether it counts as a directive follows from its kind and direction (DirectiveKind)."""

    __tablename__ = "outgoing_documents"
    __table_args__ = (
        UniqueConstraint("unit_id", "series", "number", "suffix"),
        Index("ix_outgoing_unit_dated", "unit_id", "dated"),
        Index("ix_outgoing_dated", "dated", "kind"),
        Index("ix_outgoing_listed", "state", "dated", "unit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))  # the issuer, by its name of that time
    state: Mapped[OutgoingState] = mapped_column(default=OutgoingState.DRAFT, index=True)
    kind: Mapped[str]  # a name of domain.documents.KINDS: Kế hoạch, Công văn
    series: Mapped[str | None]  # which run of numbers, once it is numbered: domain/numbering.py
    number: Mapped[int | None]
    suffix: Mapped[str] = mapped_column(default="")  # the b of 06b
    symbol: Mapped[str] = mapped_column(default="")  # KH-LĐLĐ
    mark: Mapped[str] = mapped_column(default="/")  # between number and symbol
    dated: Mapped[date | None]  # ngày văn bản: the date that counts
    abstract: Mapped[str]
    content: Mapped[str] = mapped_column(default="")  # the draft's text, where it is written here
    signer: Mapped[str] = mapped_column(default="")
    signer_title: Mapped[str] = mapped_column(default="")  # with its authority: KT. CHỦ TỊCH, PHÓ CHỦ TỊCH
    signer_id: Mapped[int | None] = mapped_column(
        ForeignKey("people.id")
    )  # who approves and signs, where that person has an account
    direction: Mapped[Direction | None]
    recipients: Mapped[str] = mapped_column(default="")  # Nơi nhận, a line each
    copy_keeper: Mapped[str] = mapped_column(default="")
    copies: Mapped[int | None]
    transferred_on: Mapped[date | None]  # ngày chuyển
    receipt: Mapped[str] = mapped_column(default="")  # ký nhận
    note: Mapped[str] = mapped_column(default="")
    urgency: Mapped[str] = mapped_column(default="")  # Khẩn, Thượng khẩn, Hỏa tốc

    # what the register claims of how it was issued
    form: Mapped[Form | None]
    is_signed_by_person: Mapped[bool | None]
    is_signed_by_organisation: Mapped[bool | None]
    channel: Mapped[Channel | None]
    sent_at: Mapped[datetime | None]
    edxml_document_id: Mapped[str] = mapped_column(default="", index=True)
    # what follows from it, kept so that shares are sums: domain/issuance.py
    claimed_low: Mapped[int] = mapped_column(default=0)
    claimed_high: Mapped[int] = mapped_column(default=5)
    evidenced_low: Mapped[int] = mapped_column(default=0)
    evidenced_high: Mapped[int] = mapped_column(default=5)

    file_sha256: Mapped[str | None] = mapped_column(index=True)  # the document as a file, the latest
    file_name: Mapped[str] = mapped_column(default="")
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"), index=True)  # in the archive
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("outgoing_documents.id"), index=True)
    import_id: Mapped[int | None] = mapped_column(ForeignKey("register_imports.id"), index=True)
    import_row: Mapped[int | None]
    drafted_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    revision: Mapped[int] = mapped_column(default=1)  # what was read must be what is changed
    words: Mapped[str] = mapped_column(default="")  # what it is found by, folded; kept by `_keep_words` below

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - SQLAlchemy reads it from the class

    unit: Mapped[Unit] = relationship()
    document: Mapped[Document | None] = relationship()
    signer_person: Mapped[Person | None] = relationship(foreign_keys=[signer_id])
    drafted_by: Mapped[Person | None] = relationship(foreign_keys=[drafted_by_id])
    replaces: Mapped["OutgoingDocument | None"] = relationship(remote_side=[id])

    @property
    def claim(self) -> Claim:
        """What the register claims of its issue."""
        return Claim(self.form, self.is_signed_by_person, self.is_signed_by_organisation, self.channel)

    @property
    def claimed(self) -> LevelRange:
        """The levels that the claim allows."""
        return LevelRange(Level(self.claimed_low), Level(self.claimed_high))

    @property
    def evidenced(self) -> LevelRange:
        """The levels that claim and evidence allow together."""
        return LevelRange(Level(self.evidenced_low), Level(self.evidenced_high))

    @property
    def written_number(self) -> str:
        """Its number and symbol as they are written: 05/KH-LĐLĐ; empty before it has one."""
        return "" if self.number is None else f"{self.number:02}{self.suffix}{self.mark}{self.symbol}"


def words_of(outgoing: OutgoingDocument) -> str:
    """What the document is found by, accents off. Whoever inserts rows past the session sets `words` by this."""
    number = "" if outgoing.number is None else f"{outgoing.number:02}{outgoing.suffix or ''}{outgoing.mark or '/'}"
    said = (outgoing.kind, outgoing.abstract, outgoing.signer, outgoing.recipients, outgoing.note)
    return fold(" ".join(part for part in (number + (outgoing.symbol or ""), *said) if part))


@event.listens_for(OutgoingDocument, "before_insert")
@event.listens_for(OutgoingDocument, "before_update")
def _keep_words(_mapper: object, _connection: object, outgoing: OutgoingDocument) -> None:
    outgoing.words = words_of(outgoing)


class DirectiveKind(Base):
    """A kind of document that counts as a directive for a time, both days included; an editable list with its source."""

    __tablename__ = "directive_kinds"
    __table_args__ = (UniqueConstraint("kind", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    only_down: Mapped[bool] = mapped_column(default=False)  # only if addressed to subordinate units: công văn
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(default="")


def seed_directive_kinds(session: Session) -> None:
    """Put the default list into a database that has never had one; what people have changed stays as it is."""
    if session.scalar(select(DirectiveKind.id).limit(1)) is None:
        source = "Mặc định của hệ thống; văn phòng cần xác nhận"
        session.add_all(
            DirectiveKind(kind=kind, only_down=only_down, valid_from=FOUNDED_ON, source=source)
            for kind, only_down in DEFAULT_KINDS.items()
        )


class SecretCount(Base):
    """How many secret documents a unit left out in a month, of a kind. A number, and nothing else."""

    __tablename__ = "secret_counts"
    __table_args__ = (UniqueConstraint("unit_id", "year", "month", "kind"), CheckConstraint("count >= 0", name="not_negative"))

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    year: Mapped[int]
    month: Mapped[int]
    kind: Mapped[str] = mapped_column(default="")  # empty: not said
    count: Mapped[int]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    recorded_at: Mapped[datetime] = mapped_column(default=now)


class RegisterReport(Base):
    """A unit's word that its register of a month is complete. Without it, the unit has not reported."""

    __tablename__ = "register_reports"
    __table_args__ = (UniqueConstraint("unit_id", "year", "month"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    year: Mapped[int]
    month: Mapped[int]
    reported_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    reported_at: Mapped[datetime] = mapped_column(default=now)


class OutgoingDocuments:
    """All outgoing documents."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def get(self, outgoing_id: int, seen: frozenset[int]) -> OutgoingDocument:
        """The document, if its unit is among those that the asker sees (storage/scopes.py); raises NotFound."""
        found = self.session.scalar(
            select(OutgoingDocument).where(OutgoingDocument.id == outgoing_id, OutgoingDocument.unit_id.in_(seen))
        )
        if found is None:
            raise NotFound("outgoing", outgoing_id)
        return found
