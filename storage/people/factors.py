"""Second factors as records: codes of an app (TOTP, RFC 6238), codes to recover by, and which roles must have a second factor."""

import base64
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast

import pyotp
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import ColumnElement, CursorResult, ForeignKey, delete, exists, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.ground.clock import now
from domain.ground.errors import RuleError
from domain.people.roles import Role
from storage.ground.database import Base, tells
from storage.people.passkeys import Passkey, Passkeys
from storage.people.people import Person, PersonRole, SignIn, sha256_of

STEP = timedelta(seconds=30)  # of RFC 6238, and of every app
RECOVERY_CODES = 10
_PLAIN = "abcdefghjkmnpqrstuvwxyz23456789"  # no letter or digit that is mistaken for another one on paper


class SecretUnreadable(RuleError):
    """The secret was sealed with another secret key of the system."""


class CodeWrong(RuleError):
    """What was to be proved with a code was not."""


class AppSecret(Base):
    """The secret that an app on the person's telephone shares with us; sealed, since it is needed in clear to check a code."""

    __tablename__ = "app_secrets"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, info=tells("confirmed_at"))
    sealed: Mapped[str]
    confirmed_at: Mapped[datetime | None]  # None until a first code has shown that the app has it
    last_step: Mapped[int] = mapped_column(default=0)  # of the last code taken: none is taken twice


class RecoveryCode(Base):
    """A code for a day without the telephone; good once. 118 bits of chance, so that a plain hash gives nothing away (ASVS 6.5.2)."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True, info=tells("used_at"))
    code_sha256: Mapped[str]
    used_at: Mapped[datetime | None]


class GuardedRole(Base):
    """A role that nobody uses without a second factor."""

    __tablename__ = "guarded_roles"

    role: Mapped[Role] = mapped_column(primary_key=True)


class Seal:
    """Seals what must be read again, with a key made from the secret key of the system; opens what former keys have sealed."""

    def __init__(self, secret_key: str, former: Iterable[str] = ()) -> None:
        self._fernet = MultiFernet([_key_of(secret) for secret in (secret_key, *former)])

    def close(self, secret: str) -> str:
        """The secret as it may lie in the database."""
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """The secret again; raises SecretUnreadable."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise SecretUnreadable from error


def _key_of(secret: str) -> Fernet:
    key = HKDF(SHA256(), 32, salt=None, info=b"khonggiay app secrets").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(key))


class Factors:
    """The second factors of one person."""

    def __init__(self, session: Session, person_id: int) -> None:
        self.session, self.person_id = session, person_id

    def has_app(self) -> bool:
        """Whether an app is set up."""
        kept = self.session.get(AppSecret, self.person_id)
        return kept is not None and kept.confirmed_at is not None

    def any(self) -> bool:
        """Whether the person has a second factor."""
        return self.has_app() or Passkeys(self.session).count(self.person_id) > 0

    def begin_app(self, seal: Seal) -> str:
        """A new secret that waits for its first code; it exists in clear nowhere else. Raises nothing where one waits already."""
        secret = pyotp.random_base32()
        self.session.execute(delete(AppSecret).where(AppSecret.person_id == self.person_id, AppSecret.confirmed_at.is_(None)))
        self.session.add(AppSecret(person_id=self.person_id, sealed=seal.close(secret)))
        return secret

    def waiting_secret(self, seal: Seal) -> str | None:
        """The secret that waits for its first code, or None."""
        kept = self.session.get(AppSecret, self.person_id)
        return seal.open(kept.sealed) if kept and kept.confirmed_at is None else None

    def take_code(self, code: str, seal: Seal) -> bool:
        """Whether the app shows this code now, one step before or after; a code is taken once, and the first confirms the app."""
        kept = self.session.get(AppSecret, self.person_id)
        if kept is None:
            return False
        at, totp = now(), pyotp.TOTP(seal.open(kept.sealed))
        for moment in (at - STEP, at, at + STEP):
            step = totp.timecode(moment)
            if step > kept.last_step and secrets.compare_digest(totp.generate_otp(step), code):
                kept.last_step, kept.confirmed_at = step, kept.confirmed_at or at
                return True
        return False

    def new_recovery_codes(self) -> list[str]:
        """Codes in place of those of before; they exist in clear nowhere else."""
        self.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == self.person_id))
        codes = ["-".join("".join(secrets.choice(_PLAIN) for _ in range(4)) for _ in range(6)) for _ in range(RECOVERY_CODES)]
        self.session.add_all(RecoveryCode(person_id=self.person_id, code_sha256=sha256_of(code)) for code in codes)
        return codes

    def recovery_codes_left(self) -> int:
        """How many have not been used."""
        unused = select(func.count()).select_from(RecoveryCode).where(*self._unused())
        return self.session.scalar(unused) or 0

    def take_recovery_code(self, code: str) -> bool:
        """Whether it is one that was not used; it is used now."""
        letters = "".join(re.findall(r"[a-z0-9]", code.lower()))
        grouped = "-".join(letters[i : i + 4] for i in range(0, len(letters), 4))  # as it was shown, however it is typed
        used = update(RecoveryCode).where(RecoveryCode.code_sha256 == sha256_of(grouped), *self._unused())
        return cast(CursorResult[Any], self.session.execute(used.values(used_at=now()))).rowcount == 1

    def forget(self) -> None:
        """Take every second factor away."""
        for table in (AppSecret, RecoveryCode):
            self.session.execute(delete(table).where(table.person_id == self.person_id))
        Passkeys(self.session).forget(self.person_id)

    def _unused(self) -> tuple[ColumnElement[bool], ...]:
        return RecoveryCode.person_id == self.person_id, RecoveryCode.used_at.is_(None)


def without_factor(roles: Iterable[Role]) -> tuple[ColumnElement[bool], ...]:
    """What people with open accounts meet who bear one of these roles and have no second factor."""
    bears = Person.id.in_(select(PersonRole.person_id).where(PersonRole.role.in_(roles)))
    has_app = exists().where(AppSecret.person_id == Person.id, AppSecret.confirmed_at.is_not(None))
    return Person.is_open.is_(True), bears, ~has_app, ~exists().where(Passkey.person_id == Person.id)


def guarded_roles(session: Session) -> frozenset[Role]:
    """The roles that nobody uses without a second factor."""
    return frozenset(session.scalars(select(GuardedRole.role)))


def guard_roles(session: Session, roles: Iterable[Role]) -> None:
    """Ask for a second factor of whoever bears one of these roles, and of nobody else; whoever is signed in is asked the next time."""
    session.execute(delete(GuardedRole))
    session.add_all(GuardedRole(role=role) for role in sorted(roles))


def must_set_up(session: Session, person: Person) -> bool:
    """Whether the person bears a guarded role and has no second factor."""
    return bool(person.roles & guarded_roles(session)) and not Factors(session, person.id).any()


def set_up(session: Session, person_id: int) -> None:
    """The person has a second factor now: sign-ins that waited for it open everything."""
    session.execute(update(SignIn).where(SignIn.person_id == person_id).values(must_set_up=False))


def ask_to_set_up(session: Session, person: Person) -> None:
    """The person has lost the second factor: where the role needs one, the devices signed in lead to setting it up again."""
    session.flush()
    if not Factors(session, person.id).any():
        session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))  # they recover nothing any more
    asked = update(SignIn).where(SignIn.person_id == person.id).values(must_set_up=must_set_up(session, person))
    session.execute(asked)
