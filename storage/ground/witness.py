"""The witness of the audit trail: what the head of its chain was, where the database cannot reach it. The newest head stands in a file
beside the database, the last one of each day in a file of its own, signed and time-stamped where keys and a server are set, and
leaves the machine by mail. What is witnessed is only ever continued: a head that the chain does not lead on from stays as it is.
"""

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Self
from uuid import uuid4

import structlog
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from domain.ground.clock import day_of, now
from storage.ground.audit import FIRST, AuditEntry
from storage.ground.database import Database
from storage.ground.mail import Mail
from storage.ground.sealing import AT_ONCE, Break, Head, Key, breaks, differences, head, seal_next
from storage.ground.settings import Settings

_NEWEST = "head.json"
_DAYS = "????-??-??.json"

log = structlog.get_logger()


class Untrue(Exception):
    """What should be a witness is none: it cannot be read, or was not written under a key of ours."""


@dataclass(frozen=True, slots=True)
class Witness:
    """The keys by which a trail is sealed, and the folder in which its heads are kept."""

    database: Database
    folder: Path
    key: Key
    former: tuple[Key, ...] = ()  # under which it was sealed before

    @classmethod
    def of(cls, settings: Settings, database: Database) -> Self:
        """That of an installation."""
        former = tuple(Key.of(secret) for secret in settings.former_secret_keys)
        return cls(database, settings.data_dir / "audit", Key.of(settings.secret_key), former)

    # Sealing

    def seal(self) -> None:
        """Seal all that is committed and have the head witnessed. May be repeated, and be killed at any moment."""
        with self.database.reading() as session:
            before, is_waiting = head(session), session.scalar(select(exists().where(AuditEntry.position.is_(None))))
        if before is None and not (self.folder / _NEWEST).exists():
            self._keep(
                _NEWEST, Head(0, FIRST, now())
            )  # so that from the first seal on a witness that is missing was taken away
        while is_waiting:
            with self.database.writing() as session:
                is_waiting = seal_next(session, self.key) == AT_ONCE
        with self.database.reading() as session:
            self._testify(session)

    def _testify(self, session: Session) -> None:
        last = head(session)
        try:
            before = self._read(self.folder / _NEWEST)
        except Untrue as error:
            log.error("audit trail not witnessed", why=str(error))
            return
        if last is None or last.position <= before.position:
            return
        if not _leads_on(session, before):
            log.error("audit trail not witnessed", why="it does not lead on from what was witnessed", position=before.position)
            return
        if before.position and day_of(before.at) < day_of(last.at):
            self._keep(f"{day_of(before.at)}.json", before)
        self._keep(_NEWEST, last)

    def accept(self) -> tuple[Head | None, int]:
        """Take the trail as it stands for the one to be witnessed, as after a restore: what it does not lead on from is laid aside.

        Returns the newest head that was laid aside, and how many entries the trail had then that it has no more.
        """
        with self.database.reading() as session:
            last = head(session) or Head(0, FIRST, now())
            aside = [path for path in self._files() if not self._leads_on_from(session, path)]
        lost = [found for path in aside if (found := self.head_of(path))]
        for path in aside:
            path.rename(path.with_suffix(f".aside-{int(now().timestamp())}"))
        if not (self.folder / _NEWEST).exists():
            self._keep(_NEWEST, last)
        newest = max(lost, key=lambda one: one.position, default=None)
        return newest, max(0, newest.position - last.position) if newest else 0

    # Looking

    def breaks(self, others: Sequence[Head] = ()) -> list[Break]:
        """Everything that is wrong with the sealed chain, with its witnesses here, and with heads that were kept elsewhere."""
        return self._found(lambda session, heads: breaks(session, self.keys, [*heads, *others]))

    def differences(self) -> list[Break]:
        """The same without following the seals: what is quickly said of the numbers of the entries and of the witnesses here."""
        return self._found(differences)

    @property
    def keys(self) -> tuple[Key, ...]:
        """All under which the trail may be sealed."""
        return self.key, *self.former

    def _found(self, look: Callable[[Session, Sequence[Head]], Iterable[Break]]) -> list[Break]:
        witnessed = [one for path in self._files() if (one := self.head_of(path))]  # before the trail, which only grows
        with self.database.reading() as session:
            found = list(look(session, witnessed))
            is_sealed = head(session) is not None
        if is_sealed and not (self.folder / _NEWEST).exists():
            found.append(Break("WitnessMissing"))
        return found + [Break("WitnessForged") for path in self._files() if self.head_of(path) is None]

    def newest(self) -> Head | None:
        """The newest head that was witnessed, or None where nothing was sealed or its file says nothing that can be believed."""
        found = self.head_of(self.folder / _NEWEST)
        return found if found and found.position else None

    def days(self) -> list[tuple[date, Path]]:
        """The files of the days' last heads, the latest first."""
        return [(date.fromisoformat(path.stem), path) for path in sorted(self.folder.glob(_DAYS), reverse=True)]

    # Files

    def _files(self) -> list[Path]:
        return [path for path in (self.folder / _NEWEST, *sorted(self.folder.glob(_DAYS))) if path.exists()]

    def head_of(self, path: Path) -> Head | None:
        """The head that a file of ours says, or None where it cannot be believed."""
        try:
            return self._read(path)
        except Untrue:
            return None

    def _read(self, path: Path) -> Head:
        """The head that a file says; raises Untrue."""
        try:
            said = json.loads(path.read_bytes())
            head_said = Head(int(said["position"]), str(said["seal"]), datetime.fromisoformat(said["at"]))
            name, mac = str(said["key"]), str(said["mac"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Untrue(f"{path.name} cannot be read") from error
        for key in (self.key, *self.former):
            if key.name == name and key.mac(*_said(head_said)) == mac:
                return head_said
        raise Untrue(f"{path.name} was not written under a key of ours")

    def _keep(self, name: str, kept: Head) -> None:
        write_whole(self.folder / name, self._statement(kept))

    def _statement(self, one: Head) -> bytes:
        position, seal, at = _said(one)
        said = {"position": position, "seal": seal, "at": at, "key": self.key.name, "mac": self.key.mac(position, seal, at)}
        return json.dumps(said).encode()

    def _leads_on_from(self, session: Session, path: Path) -> bool:
        found = self.head_of(path)
        return found is not None and _leads_on(session, found)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that at any moment it is the old one or the new one, whole."""
    _half(path, content).replace(path)


def write_first(path: Path, content: bytes) -> None:
    """The same for a file that is not there; where another was quicker, theirs stays."""
    half = _half(path, content)
    with suppress(FileExistsError):
        os.link(half, path)
    half.unlink()


def _half(path: Path, content: bytes) -> Path:
    """A file beside the one that it is to become, on the disk."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".", dir=path.parent)
    with open(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)


def _said(one: Head) -> tuple[int, str, str]:
    return one.position, one.seal, one.at.astimezone(UTC).isoformat()


def _leads_on(session: Session, witnessed: Head) -> bool:
    """Whether the chain goes through that head."""
    if witnessed.position == 0:
        return True
    return session.scalar(select(AuditEntry.seal).where(AuditEntry.position == witnessed.position)) == witnessed.seal


def line_of(one: Head) -> str:
    """A head as a line to be printed or read out: its time in UTC, its place, its seal."""
    position, seal, at = _said(one)
    return f"{at} {position}:{seal}"


def head_of_line(text: str) -> Head:
    """The head that a line ends with, `POSITION:SEAL`; raises ValueError.

    >>> head_of_line("2026-11-30T10:00:00+00:00 12:" + "ab" * 32).position
    12
    """
    position, _colon, seal = text.split()[-1].partition(":")
    if len(bytes.fromhex(seal)) != len(bytes.fromhex(FIRST)):
        raise ValueError("a seal has 64 digits")
    return Head(int(position), seal.lower(), now())


def mail_day(session: Session, address: str, day: date, line: str) -> None:
    """Have the last head of a day leave the machine; the same day goes once."""
    key = f"audit_head:{day}"
    if session.scalar(select(exists().where(Mail.key == key))):
        return
    about = f"Không Giấy: mốc nhật ký ngày {day:%d/%m/%Y}"
    text = f"{line}\n\nHãy giữ thư này. Khi cần kiểm tra nhật ký: khonggiay verify --anchor {line.split()[-1]}\n"
    session.add(
        Mail(key=key, kind="audit_head", message_id=f"<{uuid4()}@khonggiay>", recipient=address, subject=about, text=text)
    )
