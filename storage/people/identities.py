"""Who people are at an identity provider (OpenID Connect), and which roles its groups give; nothing here is secret."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, UniqueConstraint, and_, delete, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.ground.clock import now
from domain.ground.errors import existing
from domain.people.roles import Role
from domain.people.ways import ProviderRefused, Way, roles_by_groups
from storage.ground.database import Base, tells
from storage.people.people import People, Person, PersonRole, SignIn

# How long an end is remembered: longer than a way to the provider and a second step wait, one after the other.
_REMEMBERED = timedelta(minutes=30)
_ENDS_LOCK = 20261201_0410  # any number that nothing else locks by
_BY_PROVIDER = [way for way in Way if way.is_by_provider]


class Identity(Base):
    """One person's name at one provider: its subject, which no other person ever has there (OpenID Connect Core, 2)."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"), UniqueConstraint("person_id", "issuer"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), info=tells("issuer", "subject", "bound_at", "used_at"))
    issuer: Mapped[str]
    subject: Mapped[str]
    bound_at: Mapped[datetime] = mapped_column(default=now)
    used_at: Mapped[datetime | None]


class EndedAtProvider(Base):
    """What a provider has ended a moment ago (back-channel logout), for the sign-ins that were under way then."""

    __tablename__ = "ended_at_provider"

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str]
    subject: Mapped[str]  # "" where only the session was told
    sid: Mapped[str]  # "" where all of the subject's sessions were meant
    at: Mapped[datetime] = mapped_column(default=now)


class GroupRole(Base):
    """A role that whoever is in a group of the provider bears here."""

    __tablename__ = "group_roles"
    __table_args__ = (UniqueConstraint("group_name", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_name: Mapped[str]  # as the provider writes it, letter by letter
    role: Mapped[Role]


class Identities:
    """Everybody's identities at one provider."""

    def __init__(self, session: Session, issuer: str) -> None:
        self.session, self.issuer = session, issuer

    def find(self, subject: str) -> Identity | None:
        """Whose subject it is, or None."""
        return self.session.scalar(select(Identity).where(Identity.issuer == self.issuer, Identity.subject == subject))

    def of(self, person_id: int) -> Identity | None:
        """The identity of a person, or None."""
        return self.session.scalar(select(Identity).where(Identity.issuer == self.issuer, Identity.person_id == person_id))

    def bind(self, person_id: int, subject: str) -> Identity:
        """Have this subject be this person. May be repeated; raises ProviderRefused where either is bound otherwise."""
        found = self.find(subject) or self.of(person_id)
        if found and (found.person_id, found.subject) != (person_id, subject):
            raise ProviderRefused("taken", subject)
        if found is None:
            found = Identity(person_id=person_id, issuer=self.issuer, subject=subject)
            self.session.add(found)
            self.session.flush()
        return found

    def unbind(self, person_id: int, *, but: int = 0) -> Identity:
        """Take a person's identity away, with the roles that groups there gave, and end what it signed in, except the sign-in `but`.

        Raises NotFound. The last administrator stays one.
        """
        one_at_a_time(self.session)
        found = existing(self.of(person_id), "identity", person_id)
        GroupRoles(self.session).give(self.session.get_one(Person, person_id), ())
        self.session.delete(found)
        end_by_provider(self.session, person_id, but=but)
        return found

    def still(self, identity_id: int, person_id: int, sid: str, since: datetime) -> bool:
        """Whether what was begun by this identity at `since` may go on: it is bound as it was, and the provider has not ended it."""
        found = self.of(person_id)
        is_the_same = found is not None and found.id == identity_id and found.bound_at <= since
        return found is not None and is_the_same and not self.is_ended(found.subject, sid, since)

    def is_ended(self, subject: str, sid: str, since: datetime) -> bool:
        """Whether the provider has ended what was begun at `since`; a session that it has ended comes back at no time."""
        one = EndedAtProvider
        meant = and_(one.subject == subject, one.at >= since, *([one.sid == ""] if sid else []))
        ended = select(one.id).where(one.issuer == self.issuer, or_(meant, and_(one.sid != "", one.sid == sid)))
        return self.session.scalar(ended.limit(1)) is not None

    def end(self, subject: str, sid: str) -> set[int]:
        """End what the provider has ended, what is under way too; returns the ids of the people who were signed in or bound."""
        one_at_a_time(self.session)
        self.session.execute(delete(EndedAtProvider).where(EndedAtProvider.at < now() - _REMEMBERED))
        self.session.add(EndedAtProvider(issuer=self.issuer, subject=subject, sid=sid))
        if sid and (ended := _end_session(self.session, sid)):
            return ended
        if (identity := self.find(subject)) is None:
            return set()
        end_by_provider(self.session, identity.person_id, without_session=bool(sid))
        return {identity.person_id}


def one_at_a_time(session: Session) -> None:
    """Until the end of the transaction nobody else is signed in by a provider, ended or unbound: each sees what the other did."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer as it is
        session.execute(select(func.pg_advisory_xact_lock(_ENDS_LOCK)))


def end_by_provider(session: Session, person_id: int, *, but: int = 0, without_session: bool = False) -> None:
    """End the sign-ins of a person that a provider has proved; or those alone of which it has not told the session."""
    ended = update(SignIn).where(SignIn.person_id == person_id, SignIn.id != but, SignIn.way.in_(_BY_PROVIDER))
    if without_session:
        ended = ended.where(func.coalesce(SignIn.provider_sid, "") == "")
    session.execute(ended.where(SignIn.ended_at.is_(None)).values(ended_at=now()))


def _end_session(session: Session, sid: str) -> set[int]:
    """End the sign-ins of one session at the provider; returns the ids of their people."""
    held = session.scalars(select(SignIn).where(SignIn.provider_sid == sid, SignIn.ended_at.is_(None)))
    ended = [one for one in held if one.is_by_provider]
    for one in ended:
        one.ended_at = now()
    return {one.person_id for one in ended}


class GroupRoles:
    """The table of groups and roles, as the administrator keeps it."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def all(self) -> list[GroupRole]:
        """Every line, by group."""
        return list(self.session.scalars(select(GroupRole).order_by(GroupRole.group_name, GroupRole.role)))

    def add(self, group_name: str, role: Role) -> bool:
        """Whether the line is new."""
        same = select(GroupRole.id).where(GroupRole.group_name == group_name, GroupRole.role == role)
        if self.session.scalar(same) is not None:
            return False
        self.session.add(GroupRole(group_name=group_name, role=role))
        return True

    def remove(self, line_id: int) -> GroupRole:
        """Take a line away; raises NotFound."""
        line = existing(self.session.get(GroupRole, line_id), "group_role", line_id)
        self.session.delete(line)
        return line

    def give(self, person: Person, groups: Iterable[str]) -> tuple[frozenset[Role], frozenset[Role]]:
        """Have the person bear what these groups give, and no longer what groups of before gave; returns both."""
        names = set(groups)
        wanted = frozenset(line.role for line in self.all() if line.group_name in names)
        by_group = frozenset(row.role for row in person.role_rows if row.by_group)
        others = People(self.session).other_administrators(person)
        added, removed = roles_by_groups(person.roles - by_group, by_group, wanted, others)
        person.role_rows = [row for row in person.role_rows if row.role not in removed]
        person.role_rows += [PersonRole(role=role, by_group=True) for role in sorted(added)]
        return added, removed


def forget_told(session: Session, person_id: int) -> None:
    """Have the sign-ins of a person that are over keep nothing of what a provider said."""
    over = or_(SignIn.ended_at.is_not(None), SignIn.expires_at <= now())
    session.execute(update(SignIn).where(SignIn.person_id == person_id, over).values(id_token=None))
