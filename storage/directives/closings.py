"""Closed periods as records: all figures of a period and the documents behind them, frozen as they were and locked by their hash.

A closing is never changed and never opened again. What the registers say differently later is shown beside it (`Closings.changes`), and
may be frozen in a further closing that names the one it corrects.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import ForeignKey, Select, Text, UniqueConstraint, event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from domain.directives.issuance import LevelRange, Reading
from domain.directives.shares import (
    Basis,
    ClosingCorrected,
    Counts,
    NothingToCorrect,
    PeriodClosed,
    Target,
    check_closable,
)
from domain.ground.clock import now, today
from domain.ground.errors import existing
from domain.ground.official_papers import Signature, lines
from domain.ground.periods import Period
from storage.directives.outgoing import DirectiveKind
from storage.directives.shares import (
    ALL_FIGURES,
    Figures,
    Reports,
    Selection,
    Shares,
    by_level,
    summed,
    units_under,
)
from storage.ground.database import Numbered
from storage.people.people import Person
from storage.people.scopes import Scopes
from storage.people.units import AnyUnit, Unit

FORMAT = "khonggiay-share-closing-1"


TargetFor = Callable[[Session, Period], Target | None]


class ShareClosing(Numbered):
    """One closing of a period: `content` is canonical JSON, and `sha256` locks it."""

    __tablename__ = "share_closings"
    __table_args__ = (UniqueConstraint("unit_id", "first", "last", "version"),)

    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))  # the province: the closing is of it and all below it
    first: Mapped[date]
    last: Mapped[date]
    version: Mapped[int] = mapped_column(default=1)  # corrections count on
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("share_closings.id"))
    reason: Mapped[str] = mapped_column(default="")  # of a correction
    content: Mapped[str] = mapped_column(Text, deferred=True)
    sha256: Mapped[str] = mapped_column(index=True)
    closed_at: Mapped[datetime] = mapped_column(default=now)
    closed_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))

    unit: Mapped[Unit] = relationship()
    closed_by: Mapped[Person] = relationship()
    corrects: Mapped["ShareClosing | None"] = relationship(remote_side="ShareClosing.id")

    @property
    def period(self) -> Period:
        """The period that was closed."""
        return Period(self.first, self.last)

    def frozen(self) -> "Frozen":
        """What was closed."""
        return Frozen(json.loads(self.content))

    def is_intact(self) -> bool:
        """Whether the content still has the hash that it was locked by."""
        return digest(self.content) == self.sha256


class ClosingIsAppendOnly(RuntimeError):
    """Somebody tried to change or delete a closing."""


@event.listens_for(ShareClosing, "before_update")
@event.listens_for(ShareClosing, "before_delete")
def _refuse(_mapper: object, _connection: object, _closing: ShareClosing) -> None:
    raise ClosingIsAppendOnly


def canonical(facts: Mapping[str, Any]) -> str:
    """The facts in one form only, so that their hash is always the same."""
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(content: str) -> str:
    """The SHA-256 of the content, in hexadecimal."""
    return hashlib.sha256(content.encode()).hexdigest()


@dataclass(frozen=True)
class Frozen:
    """The facts of a closing, or those that a closing would have now."""

    facts: Mapping[str, Any]

    @property
    def whole(self) -> Figures:
        """The figures of the province with all that belong to it."""
        return _figures(self.facts["figures"]["whole"])

    def part(self, dimension: str) -> dict[str, Figures]:
        """The figures by "unit" (its code), "level", "kind" or "month"."""
        return {key: _figures(said) for key, said in self.facts["figures"][f"by_{dimension}"].items()}

    @property
    def signer(self) -> Signature:
        """Who signs the report; closings of before it was asked for name the office only."""
        said = self.facts.get("signer", {"capacity": ["CHÁNH VĂN PHÒNG"], "name": ""})
        return Signature(tuple(said["capacity"]), said["name"])

    @property
    def units(self) -> list[Mapping[str, Any]]:
        """The units that had documents or owed a report: code, name, kind, months_due, months_given."""
        return list(self.facts["units"])

    @property
    def not_reported(self) -> list[Mapping[str, Any]]:
        """Those of them that did not say of every month that it was complete."""
        return [unit for unit in self.units if unit["months_given"] < unit["months_due"]]

    @cached_property
    def documents(self) -> dict[int, Mapping[str, Any]]:
        """The documents that counted, by id: unit, number, dated, kind, claimed, evidenced."""
        return {document["id"]: document for document in self.facts["documents"]}


@dataclass(frozen=True, slots=True)
class Change:
    """A document, or a unit, of which a closing and the registers of today do not say the same; None on the side that lacks it."""

    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    @property
    def document(self) -> Mapping[str, Any]:
        """The document as it was said last."""
        return self.after or self.before or {}


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed since a closing."""

    documents: list[Change]
    before: Frozen
    after: Frozen

    @property
    def is_empty(self) -> bool:
        """Whether everything that was closed is as it was."""
        return not self.documents and not self.reported and not any(map(self.differs, ("figures", "target", "definition")))

    def differs(self, part: str) -> bool:
        """Whether a part of the facts is said differently now: "figures", "target", "definition"."""
        return bool(self.before.facts[part] != self.after.facts[part])

    @property
    def reported(self) -> list[Change]:
        """Units that have since reported more months, or fewer, or owe them now."""
        sides = [{unit["code"]: unit for unit in one.units if unit["months_due"]} for one in (self.before, self.after)]
        pairs = [Change(sides[0].get(code), sides[1].get(code)) for code in sorted(sides[0].keys() | sides[1].keys())]
        return [pair for pair in pairs if _months(pair.before) != _months(pair.after)]


def _months(unit: Mapping[str, Any] | None) -> tuple[int, int]:
    return (unit["months_given"], unit["months_due"]) if unit else (0, 0)


def changes_between(before: Frozen, after: Frozen) -> Changes:
    """What the second says differently of the same period."""
    ids = sorted(before.documents.keys() | after.documents.keys())
    pairs = [Change(before.documents.get(one), after.documents.get(one)) for one in ids]
    return Changes([pair for pair in pairs if pair.before != pair.after], before, after)


class Closings:
    """The closings of one province; `target_for` says what a plan sets for the documents of a period."""

    def __init__(self, session: Session, province: Unit, target_for: TargetFor) -> None:
        self.session, self.province, self.target_for = session, province, target_for

    def all(self) -> list[ShareClosing]:
        """All of them, the latest period first, of a period the latest version first."""
        order = (ShareClosing.last.desc(), ShareClosing.first, ShareClosing.version.desc())
        return list(self.session.scalars(self._own().order_by(*order)))

    def get(self, closing_id: int) -> ShareClosing:
        """The closing; raises NotFound."""
        return existing(self.session.scalar(self._own().where(ShareClosing.id == closing_id)), "closing", closing_id)

    def latest(self, period: Period) -> ShareClosing | None:
        """The closing of the period that holds, or None while it is open."""
        of_period = self._own().where(ShareClosing.first == period.first, ShareClosing.last == period.last)
        return self.session.scalar(of_period.order_by(ShareClosing.version.desc()).limit(1))

    def _own(self) -> Select[ShareClosing]:
        return select(ShareClosing).where(ShareClosing.unit_id == self.province.id)

    def usual_signer(self, person: Person) -> Signature:
        """Who signed the report that was closed last; before the first, the person who closes."""
        last = self.session.scalar(self._own().order_by(ShareClosing.closed_at.desc(), ShareClosing.id.desc()).limit(1))
        return last.frozen().signer if last and last.frozen().signer.name else _signature_of(person)

    def close(self, period: Period, person: Person, signer: Signature | None = None) -> ShareClosing:
        """Freeze the period; raises NotAReportingPeriod, PeriodNotOver and PeriodClosed. Without a signer the person signs."""
        check_closable(period, today())
        if self.latest(period) is not None:
            raise PeriodClosed(period)
        return self._freeze(period, person, signer, corrects=None, reason="")

    def correct(
        self, closing: ShareClosing, person: Person, reason: str, signer: Signature | None = None
    ) -> ShareClosing:  # fmt: skip
        """Freeze the period as the registers are now, naming the closing; raises ClosingCorrected and NothingToCorrect."""
        if self.latest(closing.period) is not closing:
            raise ClosingCorrected
        if self.changes(closing).is_empty:
            raise NothingToCorrect
        return self._freeze(closing.period, person, signer, corrects=closing, reason=reason)

    def _freeze(
        self, period: Period, person: Person, signer: Signature | None, *, corrects: ShareClosing | None, reason: str
    ) -> ShareClosing:
        at, signed = now(), signer or _signature_of(person)
        act = {
            "closed_at": at.isoformat(),
            "closed_by": person.name,
            "signer": {"capacity": list(signed.capacity), "name": signed.name},
            "corrects": corrects.sha256 if corrects else None,
            "reason": reason,
        }
        content = canonical(self.computed(period) | act)
        closing = ShareClosing(
            unit=self.province,
            first=period.first,
            last=period.last,
            version=corrects.version + 1 if corrects else 1,
            corrects=corrects,
            reason=reason,
            content=content,
            sha256=digest(content),
            closed_at=at,
            closed_by=person,
        )
        self.session.add(closing)
        try:
            self.session.flush()
        except IntegrityError as error:  # somebody else closed it at this very moment
            raise ClosingCorrected if corrects else PeriodClosed(period) from error
        return closing

    def changes(self, closing: ShareClosing) -> Changes:
        """What the registers say differently now."""
        return changes_between(closing.frozen(), Frozen(self.computed(closing.period)))

    def computed(self, period: Period) -> dict[str, Any]:
        """What a closing of the period would freeze now."""
        units = units_under(self.session, [self.province.code])
        shares = Shares(self.session, Selection(period, frozenset(unit.id for unit in units)))
        by_unit = shares.by_unit()
        target = self.target_for(self.session, period)
        return {
            "format": FORMAT,
            "period": period.code,
            "province": {"code": self.province.code, "name": self.province.name},
            "target": {"share": str(target.share), "source": target.source} if target else None,
            "definition": {
                "thresholds": {reading.value: reading.threshold.code for reading in Reading},
                "kinds": self._kinds(period),
            },
            "units": self._units(period, units, by_unit),
            "figures": _all_figures(shares, by_unit, units),
            "documents": _documents(shares),
            "missing_numbers": _missing(shares, {unit.id: unit.code for unit in units}),
        }

    def _kinds(self, period: Period) -> list[dict[str, Any]]:
        kinds = self.session.scalars(select(DirectiveKind).where(DirectiveKind.valid_from <= period.last))
        found = [kind for kind in kinds if kind.valid_to is None or kind.valid_to >= period.first]
        return sorted(
            (
                {
                    "kind": one.kind,
                    "only_down": one.only_down,
                    "valid_from": one.valid_from.isoformat(),
                    "valid_to": one.valid_to.isoformat() if one.valid_to else None,
                    "source": one.source,
                }
                for one in found
            ),
            key=lambda one: (str(one["kind"]), str(one["valid_from"])),
        )

    def _units(self, period: Period, units: Sequence[AnyUnit], by_unit: Mapping[int, Figures]) -> list[dict[str, Any]]:
        owed = {one.unit.id: one for one in Reports(self.session).of(period, units, today=today())}
        return [
            {
                "code": unit.code,
                "name": unit.name,
                "kind": unit.kind.value,
                "months_due": owed[unit.id].due if unit.id in owed else 0,
                "months_given": owed[unit.id].given if unit.id in owed else 0,
            }
            for unit in units
            if unit.id in owed or unit.id in by_unit
        ]


def _signature_of(person: Person) -> Signature:
    title = next((seat.title for seat in person.seats if seat.holds_on(today())), "")
    return Signature(lines(title.upper()), person.name)


def closings_over(session: Session, unit_id: int, days: Collection[date]) -> list[tuple[ShareClosing, int]]:
    """The closings that hold for documents of a unit dated on these days, each with how many of the days are of its period; the
    latest period first. What the registers say differently of those documents from then on is a change after the closing."""
    among = ShareClosing.last >= min(days), ShareClosing.first <= max(days)
    order = ShareClosing.last.desc(), ShareClosing.first, ShareClosing.version
    latest = {(one.unit_id, one.period): one for one in session.scalars(select(ShareClosing).where(*among).order_by(*order))}
    scopes = Scopes(session)
    over = {id_ for id_ in {one.unit_id for one in latest.values()} if unit_id in scopes.under([id_])}
    counted = [(one, sum(day in one.period for day in days)) for one in latest.values() if one.unit_id in over]
    return [(one, count) for one, count in counted if count]


def _all_figures(shares: Shares, by_unit: Mapping[int, Figures], units: Sequence[AnyUnit]) -> dict[str, Any]:
    codes = {unit.id: unit.code for unit in units}
    levels = by_level(by_unit, units)
    return {
        "whole": _said(summed(by_unit.values())),
        "by_unit": {codes[unit_id]: _said(figures) for unit_id, figures in by_unit.items()},
        "by_level": {kind.value: _said(figures) for kind, figures in levels.items() if figures != Figures()},
        "by_kind": {kind: _said(figures) for kind, figures in shares.by_kind().items()},
        "by_month": {one.code: _said(figures) for one, figures in shares.by_month().items()},
    }


def _said(figures: Figures) -> dict[str, dict[str, dict[str, int]]]:
    said: dict[str, dict[str, dict[str, int]]] = {basis.value: {} for basis in Basis}
    for basis, reading in ALL_FIGURES:
        counts = figures.of(basis, reading)
        said[basis.value][reading.value] = {
            "electronic": counts.electronic,
            "paper": counts.paper,
            "unknown": counts.unknown,
            "excluded_secret": counts.excluded_secret,
        }
    return said


def _figures(said: Mapping[str, Any]) -> Figures:
    return Figures(tuple(Counts(**said[basis.value][reading.value]) for basis, reading in ALL_FIGURES))


def _documents(shares: Shares) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id,
            "unit": one.unit.code,
            "number": one.written_number,
            "dated": one.dated.isoformat() if one.dated else "",
            "kind": one.kind,
            "claimed": _levels(one.claimed),
            "evidenced": _levels(one.evidenced),
        }
        for one in shares.documents(Basis.CLAIMED, Reading.BROAD, None)
    ]


def _levels(levels: LevelRange) -> str:
    return levels.low.code if levels.low == levels.high else f"{levels.low.code}-{levels.high.code}"


def _missing(shares: Shares, codes: Mapping[int, str]) -> list[dict[str, Any]]:
    return [
        {"unit": codes[gap.unit_id], "series": gap.series, "before": gap.dated.isoformat(), "numbers": list(gap.numbers)}
        for gap in shares.missing_numbers
    ]
