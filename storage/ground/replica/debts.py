"""What the second store is owed: one empty file for each debt, in a folder that all programs of an installation share.

A file, not a row: objects are kept and removed in the midst of transactions, and a debt must stand before the act that makes it, whatever
becomes of the transaction. Each debt has a file of its own, so one that comes while another of the same object is settled is never lost.
"""

import hashlib
import json
import os
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path

from storage.ground.objects import check_key, on_disk


class Owed(StrEnum):
    """What is to be done with an object."""

    KEEP = "keep"  # copy it into the second store
    RENEW = "renew"  # the same, for its copy was found damaged or missing
    REMOVE = "remove"  # from the second store, as it was from the first
    LOOK = "look"  # at the first store: a reader was given the second copy


@dataclass(frozen=True, slots=True)
class Standing:
    """How the worker last found the second store. Moments are ISO; "" is never."""

    place: str = ""  # at which address this was said
    store: str = ""  # the identity of the store that answered there; "" until it was asked
    another_since: str = ""  # when it was found to be another one than before
    looked_at: str = ""
    problem: str = ""  # a Fault, while the store does not do what it is asked; "" if it does
    problem_since: str = ""
    listed_at: str = ""  # when all that records name was last compared with what lies there
    listing: str = ""  # how far a comparison of the lists that goes on has come
    copied: int = 0  # what the last comparison found missing there and copied


def place_of(url: str) -> str:
    """A name for a URL that tells no password; "" for none."""
    return hashlib.sha256(url.encode()).hexdigest()[:16] if url else ""


class Debts:
    """The debts of one installation to the second store at `place`. What is owed to be removed from another one is never paid here.

    A removal bears the identity of its store, or the place until that is known: the store that is set there when it is next asked.
    """

    def __init__(self, root: Path, place: str) -> None:
        self.root, self.place = root, place

    def owe(self, act: Owed, key: str) -> None:
        """Write a debt down; it survives a power cut when this returns. Raises StoreUnavailable."""
        folder = self._folder(act, check_key(key))
        with on_disk():
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{key}.{self._here()[0]}.{uuid.uuid4().hex}").touch(0o600)
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def some(self, act: Owed, limit: int) -> dict[str, list[Path]]:
        """The debts of at most so many objects, with their files."""
        found: dict[str, list[Path]] = {}
        for path in self._files(act):
            key = path.name.partition(".")[0]
            if key not in found and len(found) == limit:
                break
            found.setdefault(key, []).append(path)
        return found

    def of(self, act: Owed, key: str) -> list[Path]:
        """The debts of one object."""
        return list(self._due(act, self._folder(act, check_key(key)).glob(f"{key}.*")))

    def elsewhere(self, limit: int) -> int:
        """How many removals are owed to second stores of before, where what was destroyed still lies; `limit` at most."""
        return sum(1 for _path in islice(self._elsewhere(), limit))

    def give_up(self) -> int:
        """Forget the removals that are owed to second stores of before, which are gone for good; returns how many."""
        files = list(self._elsewhere())
        self.settle(files)
        return len(files)

    def belong_to(self, store: str) -> None:
        """Have the removals that name this place alone be owed to that store, also when another one stands here later."""
        with on_disk():
            for path in list(self._all(Owed.REMOVE)):
                key, whose, one = path.name.split(".")
                if whose == self.place:
                    path.rename(path.with_name(f"{key}.{store}.{one}"))

    def count(self, act: Owed, limit: int) -> int:
        """How many debts there are, `limit` at most."""
        return sum(1 for _path in islice(self._files(act), limit))

    def oldest(self, act: Owed, limit: int) -> float | None:
        """When the oldest of the first `limit` debts was made, in seconds since 1970."""
        return min((path.stat().st_mtime for path in islice(self._files(act), limit) if path.exists()), default=None)

    def settle(self, files: Iterable[Path]) -> None:
        """Forget debts; whoever else settled them first is no fault."""
        with on_disk():
            for path in files:
                path.unlink(missing_ok=True)

    def standing(self) -> Standing:
        """How the second store was last found."""
        try:
            said: Mapping[str, str | int] = json.loads((self.root / "standing.json").read_bytes())
            return Standing(**said)  # type: ignore[arg-type]
        except (OSError, ValueError, TypeError):
            return Standing()

    def note(self, standing: Standing) -> None:
        """Write down how the second store was found."""
        with on_disk():
            self.root.mkdir(parents=True, exist_ok=True)
            draft = self.root / f"standing.{uuid.uuid4().hex}"
            draft.write_text(json.dumps(asdict(standing)), encoding="ascii")
            draft.replace(self.root / "standing.json")

    def _folder(self, act: Owed, key: str) -> Path:
        return self.root / act / key[:2]

    def _here(self) -> tuple[str, ...]:
        """As what the store is known that is set now, the surest first."""
        standing = self.standing()
        return (standing.store, self.place) if standing.store and standing.place == self.place else (self.place,)

    def _due(self, act: Owed, paths: Iterable[Path]) -> Iterator[Path]:
        here = self._here()
        return (path for path in paths if act is not Owed.REMOVE or path.name.split(".")[1] in here)

    def _elsewhere(self) -> Iterator[Path]:
        here = self._here()
        return (path for path in self._all(Owed.REMOVE) if path.name.split(".")[1] not in here)

    def _files(self, act: Owed) -> Iterator[Path]:
        return self._due(act, self._all(act))

    def _all(self, act: Owed) -> Iterator[Path]:
        """In the order of keys."""
        for folder in sorted((self.root / act).glob("[0-9a-f][0-9a-f]")):
            yield from sorted(folder.iterdir())


def moment(text: str) -> datetime | None:
    """What a standing says of when."""
    return datetime.fromisoformat(text) if text else None
