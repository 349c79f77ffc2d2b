"""Outgoing documents as records: the register of what each unit issued (sổ đăng ký văn bản đi), from draft to issue, with what is
claimed and what is proven of how it was issued.

Nothing of a secret document stands here: where its number belongs to the same series, a gap says so (storage/directives/numbering.py), and
a count without content is kept beside (`SecretCount`).
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    and_,
    case,
    event,
    exists,
    func,
    select,
)
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from domain.directives.directives import (
    DEFAULT_KINDS,
    FOUNDED_ON,
    IN_WORK,
    REGISTERED,
    Direction,
    KindTerm,
    OutgoingState,
    check_month_is_over,
    check_term,
)
from domain.directives.imports.rows import OutgoingEntry
from domain.directives.issuance import Channel, Claim, Form, Level, LevelRange
from domain.ground.clock import now, today
from domain.ground.errors import existing
from domain.ground.periods import Period
from domain.ground.vietnamese import fold
from storage.archive.documents import Document
from storage.ground.database import Numbered, ObjectKey, Records, tells
from storage.ground.lists.paging import Paged, falling, paged
from storage.people.people import Person
from storage.people.units import Unit


class OutgoingDocument(Numbered):
    """A document that a unit issues or drafts. Whether it counts as a directive follows from its kind and direction (DirectiveKind)."""

    __tablename__ = "outgoing_documents"
    __table_args__ = (
        UniqueConstraint("unit_id", "series", "number", "suffix"),
        # whole, so that a share is counted from the index alone: bench/shares.py
        Index(
            "ix_outgoing_shares",
            "unit_id",
            "dated",
            "kind",
            "state",
            "direction",
            "claimed_low",
            "claimed_high",
            "evidenced_low",
            "evidenced_high",
        ),
        Index("ix_outgoing_dated", "dated", "kind"),
        # the order of the list with all that its totals need, so that a page far down costs no more than the first
        Index(
            "ix_outgoing_listed",
            "dated",
            "number",
            "id",
            "state",
            "unit_id",
            "kind",
            "claimed_low",
            "claimed_high",
            "evidenced_low",
        ),
        {"sqlite_autoincrement": True},  # an id is never given again after an import is undone: closings name documents by it
    )

    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))  # the issuer, by its name of that time
    state: Mapped[OutgoingState] = mapped_column(default=OutgoingState.DRAFT, index=True)
    kind: Mapped[str]  # a name of domain.archive.documents.KINDS: Kế hoạch, Công văn
    series: Mapped[str | None]  # which run of numbers, once it is numbered: domain/directives/numbering.py
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
        ForeignKey("people.id"), info=tells()
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
    # what follows from it, kept so that shares are sums: domain/directives/issuance.py
    claimed_low: Mapped[int] = mapped_column(default=0)
    claimed_high: Mapped[int] = mapped_column(default=5)
    evidenced_low: Mapped[int] = mapped_column(default=0)
    evidenced_high: Mapped[int] = mapped_column(default=5)

    file_sha256: Mapped[ObjectKey | None] = mapped_column(index=True)  # the document as a file, the latest
    file_name: Mapped[str] = mapped_column(default="")
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"), index=True)  # in the archive
    replaced_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("outgoing_documents.id"), index=True
    )  # or is to be, once issued
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
    replaced_by: Mapped["OutgoingDocument | None"] = relationship(remote_side="OutgoingDocument.id", back_populates="replaces")
    replaces: Mapped[list["OutgoingDocument"]] = relationship(back_populates="replaced_by", passive_deletes="all")

    @property
    def replacement(self) -> "OutgoingDocument | None":
        """The document that replaces this one, or is being drafted to; None if there is none."""
        return self.replaced_by if self.replaced_by and self.replaced_by.state in IN_WORK | REGISTERED else None

    @property
    def claim(self) -> Claim:
        """What the register claims of its issue."""
        return Claim(self.form, self.is_signed_by_person, self.is_signed_by_organisation, self.channel)

    @claim.setter
    def claim(self, said: Claim) -> None:
        self.form, self.channel = said.form, said.channel
        self.is_signed_by_person, self.is_signed_by_organisation = said.is_signed_by_person, said.is_signed_by_organisation

    @property
    def claimed(self) -> LevelRange:
        """The levels that the claim allows."""
        return LevelRange(Level(self.claimed_low), Level(self.claimed_high))

    @claimed.setter
    def claimed(self, levels: LevelRange) -> None:
        self.claimed_low, self.claimed_high = levels.low, levels.high

    @property
    def evidenced(self) -> LevelRange:
        """The levels that claim and evidence allow together."""
        return LevelRange(Level(self.evidenced_low), Level(self.evidenced_high))

    @evidenced.setter
    def evidenced(self, levels: LevelRange) -> None:
        self.evidenced_low, self.evidenced_high = levels.low, levels.high

    @property
    def written_number(self) -> str:
        """Its number and symbol as they are written: 05/KH-LĐLĐ; empty before it has one."""
        return "" if self.number is None else f"{self.number:02}{self.suffix}{self.mark}{self.symbol}"


def words_of(outgoing: OutgoingDocument | OutgoingEntry) -> str:
    """What the document is found by, accents off. Whoever inserts rows past the session sets `words` by this."""
    number = "" if outgoing.number is None else f"{outgoing.number:02}{outgoing.suffix or ''}{outgoing.mark or '/'}"
    said = (outgoing.kind, outgoing.abstract, outgoing.signer, outgoing.recipients, outgoing.note)
    return fold(" ".join(part for part in (number + (outgoing.symbol or ""), *said) if part))


@event.listens_for(OutgoingDocument, "before_insert")
@event.listens_for(OutgoingDocument, "before_update")
def _keep_words(_mapper: object, _connection: object, outgoing: OutgoingDocument) -> None:
    outgoing.words = words_of(outgoing)


class DirectiveKind(Numbered):
    """A kind of document that counts as a directive for a time, both days included; an editable list with its source."""

    __tablename__ = "directive_kinds"
    __table_args__ = (UniqueConstraint("kind", "valid_from"),)

    kind: Mapped[str]
    only_down: Mapped[bool] = mapped_column(default=False)  # only if addressed to subordinate units: công văn
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(default="")

    @property
    def term(self) -> KindTerm:
        """Its days, for the rules."""
        return KindTerm(self.kind, self.valid_from, self.valid_to)

    def holds_on(self, day: date) -> bool:
        """Whether the kind counts on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def seed_directive_kinds(session: Session) -> None:
    """Put the default list into a database that has never had one; what people have changed stays as it is."""
    if session.scalar(select(DirectiveKind.id).limit(1)) is None:
        source = "Mặc định của hệ thống; văn phòng cần xác nhận"
        session.add_all(
            DirectiveKind(kind=kind, only_down=only_down, valid_from=FOUNDED_ON, source=source)
            for kind, only_down in DEFAULT_KINDS.items()
        )


class SecretCount(Numbered):
    """How many secret documents a unit left out in a month, of a kind. A number, and nothing else."""

    __tablename__ = "secret_counts"
    __table_args__ = (UniqueConstraint("unit_id", "year", "month", "kind"), CheckConstraint("count >= 0", name="not_negative"))

    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    year: Mapped[int]
    month: Mapped[int]
    kind: Mapped[str] = mapped_column(default="")  # empty: not said
    count: Mapped[int]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    recorded_at: Mapped[datetime] = mapped_column(default=now)


class RegisterReport(Numbered):
    """A unit's word that its register of a month is complete. Without it, the unit has not reported."""

    __tablename__ = "register_reports"
    __table_args__ = (UniqueConstraint("unit_id", "year", "month"),)

    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    year: Mapped[int]
    month: Mapped[int]
    reported_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    reported_at: Mapped[datetime] = mapped_column(default=now)

    reported_by: Mapped[Person] = relationship()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents of a register are asked for; an empty part asks nothing."""

    words: str = ""
    unit_ids: frozenset[int] = frozenset()
    period: Period | None = None
    kind: str = ""
    state: OutgoingState | None = None
    level: str = ""  # L0 to L5, unknown: of the claim; unproven: claimed above what is evidenced

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """What a document must meet, beyond being seen."""
        for word in fold(self.words).split():
            yield OutgoingDocument.words.contains(word, autoescape=True)
        if self.unit_ids:
            yield OutgoingDocument.unit_id.in_(self.unit_ids)
        if self.period:
            yield OutgoingDocument.dated.between(self.period.first, self.period.last)
        if self.kind:
            yield OutgoingDocument.kind == self.kind
        if self.level:
            yield _LEVELS[self.level]


_LEVELS: dict[str, ColumnElement[bool]] = {
    **{level.code: and_(OutgoingDocument.claimed_low == level, OutgoingDocument.claimed_high == level) for level in Level},
    "unknown": OutgoingDocument.claimed_low < OutgoingDocument.claimed_high,
    "unproven": OutgoingDocument.evidenced_low < OutgoingDocument.claimed_low,
}
LEVEL_CHOICES = tuple(_LEVELS)
UNISSUED = IN_WORK | {OutgoingState.NUMBERED, OutgoingState.SIGNED}
_UNREGISTERED = frozenset(OutgoingState) - REGISTERED  # asked by NOT IN: SQLite takes IN for a way in, and then has to sort
_FEW_UNITS = 20
_FEW_DOCUMENTS = 500


@dataclass(frozen=True, slots=True)
class Tally:
    """How many documents there are of each level that is claimed; `unknown` are those whose level is not recorded, or not wholly."""

    count: int
    by_level: Mapping[Level, int]
    unproven: int

    @property
    def unknown(self) -> int:
        """Those of no single level."""
        return self.count - sum(self.by_level.values())


class OutgoingDocuments(Records):
    """All outgoing documents."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._found: dict[str, list[int]] = {}

    def get(self, outgoing_id: int, seen: frozenset[int]) -> OutgoingDocument:
        """The document, if its unit is among those that the asker sees (storage/people/scopes.py); raises NotFound."""
        of_seen = select(OutgoingDocument).where(OutgoingDocument.id == outgoing_id, OutgoingDocument.unit_id.in_(seen))
        return existing(self.session.scalar(of_seen), "outgoing", outgoing_id)

    def known(self, ids: Collection[int]) -> frozenset[int]:
        """Those of the ids that name a document; what an import brought is gone once it is undone."""
        return frozenset(self.session.scalars(select(OutgoingDocument.id).where(OutgoingDocument.id.in_(ids))))

    def hold(self, outgoing_id: int, kept: frozenset[int]) -> OutgoingDocument:
        """The document, to be changed by whoever keeps its unit's register; others who would change it wait. Raises NotFound."""
        wanted = select(OutgoingDocument).where(OutgoingDocument.id == outgoing_id, OutgoingDocument.unit_id.in_(kept))
        return existing(self.session.scalar(wanted.with_for_update()), "outgoing", outgoing_id)

    def tally(self, wanted: Wanted, seen: frozenset[int]) -> Tally:
        """How many registered documents are wanted, by level."""
        low, high = OutgoingDocument.claimed_low, OutgoingDocument.claimed_high
        unproven = func.sum(case((OutgoingDocument.evidenced_low < low, 1), else_=0))
        grouped = select(low, high, func.count(), unproven).where(*self._registered(wanted, seen)).group_by(low, high)
        rows = self.session.execute(grouped).all()
        levels = {Level(low): count for low, high, count, _unproven in rows if low == high}
        return Tally(sum(row[2] for row in rows), levels, sum(int(row[3] or 0) for row in rows))

    def page(self, number: int, size: int, wanted: Wanted, seen: frozenset[int]) -> list[OutgoingDocument]:
        """One page, numbered from 1, of the registered documents that are wanted, the latest date first."""
        order = OutgoingDocument.dated.desc().nulls_last(), OutgoingDocument.number.desc(), OutgoingDocument.id.desc()
        ids = select(OutgoingDocument.id).where(*self._registered(wanted, seen)).order_by(*order)
        chosen = self.session.scalars(ids.limit(size).offset((number - 1) * size)).all()
        documents = select(OutgoingDocument).where(OutgoingDocument.id.in_(chosen)).options(joinedload(OutgoingDocument.unit))
        return list(self.session.scalars(documents.order_by(*order)))

    def book(self, wanted: Wanted, seen: frozenset[int], *, most: int) -> list[OutgoingDocument]:
        """The registered documents that are wanted as a book has them, the first date first; at most so many."""
        registered = select(OutgoingDocument).where(*self._registered(wanted, seen)).options(joinedload(OutgoingDocument.unit))
        in_order = registered.order_by(OutgoingDocument.dated, OutgoingDocument.number, OutgoingDocument.id)
        return list(self.session.scalars(in_order.limit(most)))

    def unissued(self, kept: frozenset[int], *which: ColumnElement[bool], after: str = "") -> Paged[OutgoingDocument]:
        """A page of what is on its way to its issue in the units that the asker keeps, what was touched last first."""
        unissued = select(OutgoingDocument).where(
            OutgoingDocument.state.in_(UNISSUED), OutgoingDocument.unit_id.in_(kept), *which
        )
        latest = falling(OutgoingDocument.changed_at, OutgoingDocument.id)
        return paged(self.session, unissued.options(joinedload(OutgoingDocument.unit)), latest, after=after)

    def kinds(self, seen: frozenset[int]) -> list[str]:
        """Every kind that stands in a register that is seen."""
        kinds = select(OutgoingDocument.kind).distinct().subquery()
        one = exists().where(OutgoingDocument.kind == kinds.c.kind, *self._registered(Wanted(), seen))  # ends at the first
        return sorted(self.session.scalars(select(kinds.c.kind).where(one)))

    def issued_in(self, unit_ids: frozenset[int], period: Period) -> dict[int, int]:
        """How many documents each unit registered in a period."""
        grouped = select(OutgoingDocument.unit_id, func.count()).where(
            OutgoingDocument.unit_id.in_(unit_ids),
            OutgoingDocument.state.in_(REGISTERED),
            OutgoingDocument.dated.between(period.first, period.last),
        )
        rows = self.session.execute(grouped.group_by(OutgoingDocument.unit_id))
        return {unit_id: int(count) for unit_id, count in rows}

    def _registered(self, wanted: Wanted, seen: frozenset[int]) -> list[ColumnElement[bool]]:
        state = OutgoingDocument.state
        stands = state == wanted.state if wanted.state in REGISTERED else state.not_in(_UNREGISTERED)
        if len(seen) <= _FEW_UNITS:
            return [stands, OutgoingDocument.unit_id.in_(seen), *wanted.conditions()]
        # many units are a filter and no way in: SQLite would go through the table unit by unit, and then sort
        among = [stands, (OutgoingDocument.unit_id + 0).in_(seen)]
        bearing = self._bearing(wanted.words)
        if bearing is None:
            return [*among, *wanted.conditions()]
        return [*among, OutgoingDocument.id.in_(bearing), *replace(wanted, words="").conditions()]

    def _bearing(self, words: str) -> list[int] | None:
        """The documents of all registers that bear the words, if they are few; None where they are many, or nothing is asked.

        Rare words need every row to be looked into: it is done once for a page and its totals, and with nothing else in the way.
        """
        if words and words not in self._found:
            wanted = select(OutgoingDocument.id).where(*Wanted(words=words).conditions())
            self._found[words] = list(self.session.scalars(wanted.limit(_FEW_DOCUMENTS + 1)))
        found = self._found.get(words)
        return found if found is not None and len(found) <= _FEW_DOCUMENTS else None


class DirectiveKinds(Records):
    """The dated list of kinds that count as directives."""

    def all(self) -> list[DirectiveKind]:
        """Every line that the list ever had, by kind, the latest first."""
        lines = select(DirectiveKind).order_by(DirectiveKind.kind, DirectiveKind.valid_from.desc())
        return list(self.session.scalars(lines))

    def get(self, kind_id: int) -> DirectiveKind:
        """The line; raises NotFound."""
        return existing(self.session.get(DirectiveKind, kind_id), "directive_kind", kind_id)

    def add(self, new: DirectiveKind) -> DirectiveKind:
        """Put a line on the list; raises KindCountsAlready."""
        check_term(new.term, [line.term for line in self.all()])
        self.session.add(new)
        self.session.flush()
        return new

    def end(self, line: DirectiveKind, last: date) -> None:
        """Have a kind count until that day, and no longer; before its first day it has never counted."""
        if last < line.valid_from:
            self.session.delete(line)
        else:
            line.valid_to = last

    def counts(self, outgoing: OutgoingDocument) -> bool:
        """Whether the document is of a kind that counts on its date, and goes the way that the list asks for."""
        day = outgoing.dated
        if day is None:
            return False
        line = next((one for one in self.all() if one.kind == outgoing.kind and one.holds_on(day)), None)
        return line is not None and (not line.only_down or outgoing.direction is Direction.DOWN)


class RegisterMonths(Records):
    """What units say of the months of their registers: that one is complete, and how many secret documents it leaves out."""

    def report(self, unit_id: int, year: int, number: int, person: Person) -> bool:
        """Keep a unit's word that a month is complete; returns whether it is new. Raises MonthNotOver."""
        check_month_is_over(year, number, today())
        if self._report(unit_id, year, number):
            return False
        self.session.add(RegisterReport(unit_id=unit_id, year=year, month=number, reported_by_id=person.id))
        self.session.flush()
        return True

    def take_back(self, unit_id: int, year: int, number: int) -> bool:
        """Forget that word; returns whether there was one."""
        report = self._report(unit_id, year, number)
        if report:
            self.session.delete(report)
        return report is not None

    def set_count(self, unit_id: int, year: int, number: int, kind: str, count: int, person: Person) -> int:
        """Keep the count of secret documents of a month and kind (empty: of all kinds); returns what stood there before."""
        key = {"unit_id": unit_id, "year": year, "month": number, "kind": kind}
        held = self.session.scalar(select(SecretCount).filter_by(**key).with_for_update())
        before = held.count if held else 0
        if held is None and count:
            self.session.add(SecretCount(**key, count=count, recorded_by_id=person.id))
        elif held and count == 0:
            self.session.delete(held)
        elif held:
            held.count, held.recorded_by_id, held.recorded_at = count, person.id, now()
        self.session.flush()
        return before

    def reports(self, unit_id: int, year: int) -> dict[int, RegisterReport]:
        """The word of a unit by month of a year."""
        reports = select(RegisterReport).where(RegisterReport.unit_id == unit_id, RegisterReport.year == year)
        return {
            report.month: report for report in self.session.scalars(reports.options(joinedload(RegisterReport.reported_by)))
        }

    def counts(self, unit_id: int, year: int) -> dict[int, list[SecretCount]]:
        """The counts of secret documents of a unit by month of a year."""
        found: dict[int, list[SecretCount]] = {}
        counts = select(SecretCount).where(SecretCount.unit_id == unit_id, SecretCount.year == year)
        for one in self.session.scalars(counts.order_by(SecretCount.month, SecretCount.kind)):
            found.setdefault(one.month, []).append(one)
        return found

    def reported(self, unit_ids: frozenset[int], year: int, number: int) -> frozenset[int]:
        """Which of the units have given their word for that month."""
        reports = select(RegisterReport.unit_id).where(RegisterReport.year == year, RegisterReport.month == number)
        return frozenset(self.session.scalars(reports.where(RegisterReport.unit_id.in_(unit_ids))))

    def _report(self, unit_id: int, year: int, number: int) -> RegisterReport | None:
        return self.session.scalar(select(RegisterReport).filter_by(unit_id=unit_id, year=year, month=number))
