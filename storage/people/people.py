"""People as records: accounts, roles, dated seats in units, and their sign-ins."""

import hashlib
import secrets
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, UniqueConstraint, bindparam, false, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, contains_eager, joinedload, mapped_column, relationship, selectinload

from domain.ground.clock import day_of, now
from domain.ground.errors import AlreadyExists, existing
from domain.people.roles import Permission, Role, permissions_of
from domain.people.ways import Way
from storage.ground.database import Base, tells
from storage.ground.lists.paging import Paged, paged, rising
from storage.people.searched import Searched, begins, searched_by, syllables
from storage.people.units import Unit

NO_PASSWORD = "!"  # noqa: S105 - no hash looks like this, so nobody can sign in with it


class Person(Searched, Base):
    """Somebody with an account. People are never deleted, since the audit trail speaks of them; they are closed."""

    __tablename__ = "people"
    __table_args__ = (Index("ix_people_searched", "searched", "is_open"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)  # lower case; usually the e-mail address
    name: Mapped[str]
    password_hash: Mapped[str]  # argon2id, or "!" for nobody can sign in yet
    language: Mapped[str] = mapped_column(default="vi")
    is_open: Mapped[bool] = mapped_column(default=True)
    must_change_password: Mapped[bool] = mapped_column(default=False)  # after a one-time password
    password_until: Mapped[datetime | None]  # a one-time password opens until then; None: it is the person's own
    created_at: Mapped[datetime] = mapped_column(default=now)

    role_rows: Mapped[list["PersonRole"]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    seats: Mapped[list["Seat"]] = relationship(cascade="all, delete-orphan", lazy="selectin", back_populates="person")

    @classmethod
    def searched_as(cls, values: Mapping[str, Any]) -> str:
        """By the given name, which stands last, as Vietnamese lists go; then family name and login."""
        family, _space, given = values["name"].strip().rpartition(" ")
        return searched_by(given, family, values["login"])

    @property
    def roles(self) -> frozenset[Role]:
        """The roles the person bears now."""
        return frozenset(row.role for row in self.role_rows)

    @roles.setter
    def roles(self, roles: frozenset[Role]) -> None:
        self.role_rows = [row for row in self.role_rows if row.role in roles]
        self.role_rows += [PersonRole(role=role) for role in sorted(roles - self.roles)]

    @property
    def permissions(self) -> frozenset[Permission]:
        """All the person may do."""
        return permissions_of(self.roles) if self.is_open else frozenset({Permission.ANYONE})

    def may(self, permission: Permission) -> bool:
        """Whether the person may do that."""
        return permission in self.permissions

    def units_on(self, day: date) -> frozenset[int]:
        """The ids of the units in which the person has a seat on that day."""
        return frozenset(seat.unit_id for seat in self.seats if seat.holds_on(day))


class PersonRole(Base):
    """One role of one person."""

    __tablename__ = "person_roles"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, info=tells("role"))
    role: Mapped[Role] = mapped_column(primary_key=True)
    by_group: Mapped[bool] = mapped_column(default=False, server_default=false())  # of an identity provider; else by hand


class Seat(Base):
    """A person's place in a unit for a time, both days included."""

    __tablename__ = "seats"
    __table_args__ = (UniqueConstraint("person_id", "unit_id", "title", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(
        ForeignKey("people.id"), index=True, info=tells("unit_id", "title", "valid_from", "valid_to")
    )
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    title: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    person: Mapped[Person] = relationship(back_populates="seats")
    unit: Mapped[Unit] = relationship()

    def holds_on(self, day: date) -> bool:
        """Whether the seat is held on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class SignIn(Base):
    """A device on which somebody has signed in. Only the hash of its token is kept, so the table opens no door."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(
        ForeignKey("people.id"),
        index=True,
        info=tells("started_at", "seen_at", "expires_at", "ended_at", "address", "device", "way"),
    )
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]  # unless the device is used meanwhile: then later, up to the hours that a sign-in lasts
    ended_at: Mapped[datetime | None]
    address: Mapped[str]
    device: Mapped[str]
    device_sha256: Mapped[str | None] = mapped_column(
        index=True
    )  # of what the device keeps beyond the sign-in, to be known again by
    must_set_up: Mapped[bool] = mapped_column(default=False, server_default=false())  # a second factor, before anything else
    way: Mapped[Way | None]  # None before 2026-12-01
    provider_sid: Mapped[str | None]  # its session there, where an identity provider has named it
    id_token: Mapped[str | None] = mapped_column(deferred=True)  # what it said, to sign out there too; opens nothing

    person: Mapped[Person] = relationship(lazy="joined")

    @property
    def is_by_provider(self) -> bool:
        """Whether an identity provider said who it is."""
        return self.way is not None and self.way.is_by_provider


class People:
    """All people."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def get(self, person_id: int) -> Person:
        """The person; raises NotFound."""
        return existing(self.session.get(Person, person_id), "person", person_id)

    def find(self, login: str) -> Person | None:
        """The person of that login, whatever its case, or None."""
        return self.session.scalar(select(Person).where(Person.login == login.strip().lower()))

    def named(self, login: str) -> Person:
        """The person of that login; raises NotFound."""
        return existing(self.find(login), "person", login)

    def all(self) -> list[Person]:
        """Everybody, open accounts first, then by the given name: for imports, and for who counts; never for a page."""
        return list(self.session.scalars(select(Person).order_by(Person.is_open.desc(), Person.searched, Person.id)))

    def page(self, *which: ColumnElement[bool], after: str = "") -> Paged[Person]:
        """A page of the people who meet all the conditions, as Vietnamese lists go: by the given name, which stands last."""
        people = select(Person).where(*which).options(selectinload(Person.seats).joinedload(Seat.unit))
        return paged(self.session, people, rising(Person.searched, Person.id), after=after)

    def add(self, login: str, name: str, roles: frozenset[Role]) -> Person:
        """A new person, who cannot sign in before a password is set; raises AlreadyExists."""
        if self.find(login):
            raise AlreadyExists("person", login)
        person = Person(login=login.strip().lower(), name=name, password_hash=NO_PASSWORD, roles=roles)
        self.session.add(person)
        self.session.flush()
        return person

    def other_administrators(self, person: Person) -> int:
        """How many others with an open account are administrators."""
        bearing = select(func.count()).select_from(Person).join(PersonRole)
        others = bearing.where(PersonRole.role == Role.ADMINISTRATOR, Person.is_open, Person.id != person.id)
        return self.session.scalar(others) or 0

    def seated_in(self, units: Collection[int], day: date) -> list[Seat]:
        """The seats held in these units on that day, by the name of the person."""
        seats = select(Seat).join(Seat.person).options(contains_eager(Seat.person)).where(Seat.unit_id.in_(units))
        return [seat for seat in self.session.scalars(seats.order_by(Person.name)) if seat.holds_on(day)]


class SignIns:
    """All sign-ins. Tries that failed are in attempts.py."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def start(self, person: Person, *, lasting: timedelta, address: str, device: str) -> str:
        """Sign the person in and return the token that the device keeps; the only place where it exists in clear."""
        token = secrets.token_urlsafe(32)
        moment = now()
        self.session.add(
            SignIn(
                token_sha256=sha256_of(token),
                person_id=person.id,
                started_at=moment,
                seen_at=moment,
                expires_at=moment + lasting,
                address=address,
                device=device[:200],
            )
        )
        return token

    def remember(self, token: str, device_token: str, **facts: object) -> None:
        """Note by what the device of that sign-in will be known when it comes again, and further facts of the sign-in, by column."""
        noted = update(SignIn).where(SignIn.token_sha256 == sha256_of(token))
        self.session.execute(noted.values(device_sha256=sha256_of(device_token), **facts))

    def find(self, token: str) -> SignIn | None:
        """The sign-in of that token while it holds, or None: unknown, ended, expired, or of a closed account."""
        found = self.session.scalars(_BY_TOKEN, {"token": sha256_of(token)}).unique().one_or_none()
        holds = found is not None and found.ended_at is None and found.expires_at > now() and found.person.is_open
        return found if holds else None

    def whose(self, token: str) -> tuple[int, int] | None:
        """The ids of the sign-in of that token and of its person while it holds, or None; for who needs to know no more."""
        mine = select(SignIn.id, SignIn.person_id).join(Person).where(SignIn.token_sha256 == sha256_of(token))
        row = self.session.execute(mine.where(*holding())).one_or_none()
        return (row[0], row[1]) if row else None

    def of(self, person: Person) -> list[SignIn]:
        """The sign-ins of the person that hold now, the latest first."""
        holding = select(SignIn).where(SignIn.person_id == person.id, SignIn.ended_at.is_(None), SignIn.expires_at > now())
        return list(self.session.scalars(holding.order_by(SignIn.seen_at.desc())))

    def end(self, person_id: int, sign_in_id: int) -> SignIn:
        """Sign the person out on one device; raises NotFound where it is not theirs or holds no more."""
        found = self.session.get(SignIn, sign_in_id)
        ended = existing(
            found if found and found.person_id == person_id and not found.ended_at else None, "sign_in", sign_in_id
        )
        ended.ended_at = now()
        return ended

    def end_all(self, person: Person, *, but: int = 0) -> None:
        """Sign the person out everywhere, or everywhere but where `but` is signed in."""
        held = (SignIn.person_id == person.id, SignIn.ended_at.is_(None), SignIn.id != but)
        self.session.execute(update(SignIn).where(*held).values(ended_at=now()))


def _by_token() -> Select[SignIn]:
    """A sign-in with its person in one query, made once: every request begins with it."""
    person = joinedload(SignIn.person)
    whole = (person.joinedload(Person.role_rows), person.joinedload(Person.seats))
    return select(SignIn).options(*whole).where(SignIn.token_sha256 == bindparam("token"))


def holding() -> tuple[ColumnElement[bool], ...]:
    """What a sign-in must meet to hold, joined with its person."""
    return SignIn.ended_at.is_(None), SignIn.expires_at > now(), Person.is_open.is_(True)


def matching(words: str, *, role: Role | None = None, unit_id: int | None = None) -> list[ColumnElement[bool]]:
    """What people meet whose name or login has syllables that begin with all the words, accents or not; with that role, and a seat
    today in that unit."""
    conditions = [begins(Person.searched, syllable) for syllable in syllables(words)]
    if role is not None:
        conditions.append(Person.id.in_(select(PersonRole.person_id).where(PersonRole.role == role)))
    if unit_id is not None:
        there = select(Seat.person_id).where(Seat.unit_id == unit_id, *_held_on(day_of(now())))
        conditions.append(Person.id.in_(there))
    return conditions


def _held_on(day: date) -> tuple[ColumnElement[bool], ...]:
    return Seat.valid_from <= day, or_(Seat.valid_to.is_(None), Seat.valid_to >= day)


def sha256_of(token: str) -> str:
    """What is kept of a token, or of a login that was typed."""
    return hashlib.sha256(token.encode()).hexdigest()


_BY_TOKEN = _by_token()
