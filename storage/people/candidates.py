"""People and units that may be chosen in a field, found by a few letters of their names; which of them is said by whoever asks."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true
from sqlalchemy.orm import Session, joinedload

from domain.ground.clock import today
from domain.ground.vietnamese import fold
from domain.people.roles import Permission, Role, permissions_of
from domain.people.units import UnitKind
from storage.people.people import Person, PersonRole, Seat
from storage.people.searched import SHOWN, Candidate, Candidates, Found, begins, holds_whole
from storage.people.units import Unit

_BETWEEN = " – "  # of what stands in a list of names: name – login, code – name


def is_open() -> ColumnElement[bool]:
    """Whether somebody's account is open."""
    return Person.is_open.is_(True)


def able_to(permission: Permission) -> ColumnElement[bool]:
    """Whether somebody bears a role that may do that."""
    roles = [role for role in Role if permission in permissions_of(frozenset({role}))]
    return Person.id.in_(select(PersonRole.person_id).where(PersonRole.role.in_(roles)))


def seated_in(units: Select[Any], day: date) -> ColumnElement[bool]:
    """Whether somebody has a seat on that day in one of the units whose ids are selected."""
    return Person.id.in_(select(Seat.person_id).where(Seat.unit_id.in_(units), holds_on(day)))


def holds_on(day: date) -> ColumnElement[bool]:
    """Whether a seat is held on that day."""
    return and_(Seat.valid_from <= day, or_(Seat.valid_to.is_(None), Seat.valid_to >= day))


def stands_on(day: date) -> ColumnElement[bool]:
    """Whether a unit stands on that day."""
    return and_(Unit.valid_from <= day, or_(Unit.valid_to.is_(None), Unit.valid_to >= day))


class CandidatePeople(Candidates[Person]):
    """People, by name, login or the unit they sit in; whoever's account is closed comes last."""

    model, kind = Person, "people"

    def __init__(self, session: Session, *which: ColumnElement[bool]) -> None:
        super().__init__(session, *which)
        self.day = today()

    def named(self, text: str) -> Person | None:
        """Who has that login, also as `name – login`, or a name that only one candidate bears; else None."""
        login = text.rpartition(_BETWEEN)[2].strip().lower()
        if by_login := self._only(Person.login == login):
            return by_login
        rows = self.session.scalars(select(Person).where(*self.which, self._called(text)))
        namesakes = [row for row in rows if fold(row.name) == fold(text.strip())]
        return namesakes[0] if len(namesakes) == 1 else None

    def shown(self, rows: Sequence[Person]) -> list[Candidate]:
        """Each with title and office of today; with the login as well where namesakes have the same."""
        alike = self.session.scalars(select(Person).where(Person.name.in_({row.name for row in rows}))).all()
        about = self._offices({one.id for one in (*alike, *rows)})
        told = Counter((one.name, about.get(one.id, "")) for one in alike)
        return [
            Candidate(
                str(row.id),
                row.name,
                ", ".join(
                    filter(None, (about.get(row.id, ""), row.login if told[row.name, about.get(row.id, "")] > 1 else ""))
                ),
                is_past=not row.is_open,
            )
            for row in rows
        ]

    def _offices(self, ids: set[int]) -> dict[int, str]:
        """Titles and units of the seats that people hold today; of whoever holds none, of the last one."""
        seats = select(Seat.person_id, Seat.title, Unit.name, holds_on(self.day)).join(Unit).where(Seat.person_id.in_(ids))
        held: dict[int, list[str]] = {}
        last: dict[int, str] = {}
        for person_id, title, unit, holds in self.session.execute(seats.order_by(Seat.valid_from.desc(), Seat.id)):
            words = f"{title}, {unit}" if title else unit
            last.setdefault(person_id, words)
            if holds:
                held.setdefault(person_id, []).append(words)
        return last | {person_id: "; ".join(words) for person_id, words in held.items()}

    def _holds(self, syllable: str) -> ColumnElement[bool]:
        there = select(Seat.person_id).join(Unit).where(holds_on(self.day), begins(Unit.searched, syllable))
        return or_(begins(Person.searched, syllable), Person.id.in_(there))

    def _order(self, wanted: Sequence[str]) -> list[Any]:
        whole = and_(true(), *(holds_whole(Person.searched, one) for one in wanted))
        begun = and_(true(), *(begins(Person.searched, one) for one in wanted))
        return [Person.is_open.desc(), case((whole, 0), (begun, 1), else_=2), Person.searched]


class CandidateUnits(Candidates[Unit]):
    """Units, by name or code; those that stand no more come last."""

    model, kind = Unit, "units"

    def __init__(self, session: Session, *which: ColumnElement[bool], first: Sequence[ColumnElement[bool]] = ()) -> None:
        super().__init__(session, *which)
        self.first = first  # those that are so come before the others

    def named(self, text: str) -> Unit | None:
        """The unit of that code, also as `code – name`, or of a name that only one candidate bears; else None."""
        code = text.split(_BETWEEN)[0].strip()
        if by_code := self._only(func.lower(Unit.code) == code.lower()):
            return by_code
        rows = self.session.scalars(select(Unit).where(*self.which, self._called(text)))
        namesakes = [row for row in rows if fold(row.name) == fold(text.strip())]
        return namesakes[0] if len(namesakes) == 1 else None

    def shown(self, rows: Sequence[Unit]) -> list[Candidate]:
        """Each with its code and the unit above it."""
        above = select(Unit).options(joinedload(Unit.parent)).where(Unit.id.in_([row.id for row in rows]))
        parents = {row.id: row.parent.name if row.parent else "" for row in self.session.scalars(above)}
        day = today()
        return [
            Candidate(
                str(row.id),
                row.name,
                ", ".join(filter(None, (row.code, parents.get(row.id, "")))),
                is_past=row.valid_to is not None and row.valid_to < day,
            )
            for row in rows
        ]

    def _order(self, wanted: Sequence[str]) -> list[Any]:  # noqa: ARG002 - people's candidates need them
        stands = or_(Unit.valid_to.is_(None), Unit.valid_to >= today())
        return [*(case((so, 0), else_=1) for so in (stands, *self.first)), Unit.searched]


class CandidateReceivers:
    """Those to whom a paper is given within an office: its offices, and the people who sit in it or in these."""

    kind = "receivers"

    def __init__(
        self, session: Session, unit_ids: Iterable[int], *, given: tuple[int | None, int | None] = (None, None)
    ) -> None:
        """Of the units with these ids; `given`: the person and the unit that have it already, who stay though they are elsewhere now."""
        person_id, unit_id = given
        ids, day = list(unit_ids), today()
        is_office = and_(Unit.parent_id.in_(ids), Unit.kind == UnitKind.OFFICE, stands_on(day))
        within = select(Unit.id).where(or_(Unit.id.in_(ids), is_office))
        self.units = CandidateUnits(session, or_(is_office, Unit.id == unit_id))
        self.people = CandidatePeople(session, or_(and_(is_open(), seated_in(within, day)), Person.id == person_id))

    def matching(self, words: str) -> Found:
        """The units and the people that hold all the words, the units first."""
        units, people = self.units.matching(words), self.people.matching(words)
        rows = [replace(one, key=f"unit:{one.key}") for one in units.rows]
        rows += [replace(one, key=f"person:{one.key}") for one in people.rows]
        return Found(rows[:SHOWN], units.count + people.count)

    def chosen(self, keys: Iterable[str]) -> list[Person | Unit]:
        """The people and units of these keys; a key that is no candidate is left out."""
        parts = [key.partition(":") for key in keys]
        found: list[Person | Unit] = list(self.units.chosen(number for kind, _colon, number in parts if kind == "unit"))
        return found + self.people.chosen(number for kind, _colon, number in parts if kind == "person")

    def named(self, text: str) -> Person | Unit | None:
        """The one that is written so; None for none and where a unit and a person are."""
        unit, person = self.units.named(text), self.people.named(text)
        return None if unit and person else unit or person

    def shown(self, rows: Sequence[Person | Unit]) -> list[Candidate]:
        """The people and units as a field shows them."""
        one_by_one = [
            (row, (self.people.shown([row]) if isinstance(row, Person) else self.units.shown([row]))[0]) for row in rows
        ]
        return [replace(one, key=self.key(row)) for row, one in one_by_one]

    def key(self, row: Person | Unit) -> str:
        """What a form sends for a person or a unit."""
        return f"{'person' if isinstance(row, Person) else 'unit'}:{row.id}"
