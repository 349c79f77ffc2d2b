"""Passkeys as records (WebAuthn): public keys of devices that prove by finger, face or PIN who holds them. Nothing here is secret."""

from datetime import datetime

from sqlalchemy import ForeignKey, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.ground.clock import now
from domain.ground.errors import RuleError, existing
from storage.ground.database import Base, tells


class PasskeyRefused(RuleError):
    """What the browser sent proves nothing."""


class Passkey(Base):
    """One passkey of one person."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True, info=tells("name", "created_at", "used_at"))
    credential_id: Mapped[str] = mapped_column(unique=True)  # base64url, as the browser names it
    public_key: Mapped[bytes]
    sign_count: Mapped[int]  # how often its device says that it was used; 0 for ever where it does not count
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    used_at: Mapped[datetime | None]


class Passkeys:
    """The passkeys of everybody."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def of(self, person_id: int) -> list[Passkey]:
        """Those of one person, the oldest first."""
        return list(self.session.scalars(select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)))

    def count(self, person_id: int) -> int:
        """How many one person has."""
        return self.session.scalar(select(func.count()).select_from(Passkey).where(Passkey.person_id == person_id)) or 0

    def find(self, credential_id: str) -> Passkey | None:
        """The passkey that a browser names, or None."""
        return self.session.scalar(select(Passkey).where(Passkey.credential_id == credential_id))

    def own(self, person_id: int, passkey_id: int) -> Passkey:
        """One of that person; raises NotFound."""
        found = self.session.get(Passkey, passkey_id)
        return existing(found if found and found.person_id == person_id else None, "passkey", passkey_id)

    def remove(self, person_id: int, passkey_id: int) -> Passkey:
        """Take one away; raises NotFound where it is not the person's."""
        own = self.own(person_id, passkey_id)
        self.session.delete(own)
        return own

    def forget(self, person_id: int) -> None:
        """Take all of one person away."""
        self.session.execute(delete(Passkey).where(Passkey.person_id == person_id))
