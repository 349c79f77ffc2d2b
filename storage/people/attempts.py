"""Tries to sign in that failed, as records of a quarter of an hour; how they slow the next ones is a rule, in domain/people/throttle.py."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Index, delete, exists, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.ground.clock import now
from domain.people.throttle import CODES, FREE_OF_LOGIN, WINDOW, CodesExhausted, Failures, network_of
from storage.ground.database import Base
from storage.people.people import Person, SignIn, sha256_of


class SignInAttempt(Base):
    """A try that failed. The login is hashed, since people type their password there by mistake."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index("ix_attempts_login_at", "login_sha256", "at"), Index("ix_attempts_address_at", "address", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    login_sha256: Mapped[str]
    address: Mapped[str]  # what counts as one, see network_of
    at: Mapped[datetime]
    device_sha256: Mapped[str | None]  # None before 2026-11-30


@dataclass(frozen=True, slots=True)
class Try:
    """Somebody tries to prove who they are: as whom, from where, and by what the device is known or will be."""

    login: str
    address: str
    device_token: str

    def for_code(self) -> "Try":
        """The same, for the code after the password: its failures are counted apart."""
        return Try(f"code of {self.login.strip().lower()}", self.address, self.device_token)

    @property
    def login_sha256(self) -> str:
        """What is kept of the login."""
        return sha256_of(self.login.strip().lower())

    @property
    def network(self) -> str:
        """What counts as one address."""
        return network_of(self.address)

    @property
    def device_sha256(self) -> str:
        """What is kept of the device's token."""
        return sha256_of(self.device_token)


class Attempts:
    """The failures of the last WINDOW."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def knows(self, tried: Try) -> bool:
        """Whether this person has signed in on this device before, and has not failed often on it of late."""
        is_own = SignIn.device_sha256 == tried.device_sha256
        signed_in = exists().where(is_own, SignIn.person_id == Person.id, Person.login == tried.login.strip().lower())
        failed = self._count(_of_login(tried.login_sha256), SignInAttempt.device_sha256 == tried.device_sha256)
        return bool(self.session.scalar(select(signed_in))) and failed < FREE_OF_LOGIN

    def check_codes(self, tried: Try) -> None:
        """Raise CodesExhausted if so many codes were wrong that the next one is not looked at; there are only a million of them.

        Others cannot use up the codes of a device that is known.
        """
        of_code = _of_login(tried.for_code().login_sha256)
        on_device = (SignInAttempt.device_sha256 == tried.device_sha256,) if self.knows(tried) else ()
        if self._count(of_code, *on_device) >= CODES:
            raise CodesExhausted(WINDOW)

    def before(self, tried: Try) -> Failures:
        """The failures that slow this try, if its device is not known."""
        of_login, of_network = _of_login(tried.login_sha256), SignInAttempt.address == tried.network
        return Failures(self._count(of_login), self._count(of_network), self._count(of_login, of_network))

    def of(self, login: str) -> int:
        """How many tries at a login failed, from anywhere."""
        return self._count(_of_login(sha256_of(login)))

    def add(self, tried: Try) -> None:
        """Count a try that failed; those too old to matter are forgotten here, so that made-up logins fill nothing."""
        self.session.execute(delete(SignInAttempt).where(SignInAttempt.at <= now() - WINDOW))
        self.session.add(
            SignInAttempt(login_sha256=tried.login_sha256, address=tried.network, at=now(), device_sha256=tried.device_sha256)
        )

    def forgive(self, tried: Try) -> None:
        """Forget what whoever has just succeeded got wrong before; what others do at the same login stays counted."""
        self._forget(_of_login(tried.login_sha256), SignInAttempt.address == tried.network)

    def forget(self, login: str) -> None:
        """Forget every failure of a login, codes included: the next try is looked at without a pause."""
        for tried in (each := Try(login, "", ""), each.for_code()):
            self._forget(_of_login(tried.login_sha256))

    def _count(self, *which: ColumnElement[bool]) -> int:
        counted = select(func.count()).select_from(SignInAttempt).where(SignInAttempt.at > now() - WINDOW, *which)
        return self.session.scalar(counted) or 0

    def _forget(self, *which: ColumnElement[bool]) -> None:
        self.session.execute(delete(SignInAttempt).where(*which))


def _of_login(login_sha256: str) -> ColumnElement[bool]:
    return SignInAttempt.login_sha256 == login_sha256
