"""Objects that are kept twice: everything happens in the first store, and the second is owed it (debts.py).

The worker pays what is owed (storage/ground/fixity/catching_up.py), so nobody waits for the second store, and one that is away stops no
work. Read is the first store; where that has lost an object, the second copy is given out, compared like any other, and the worker is
told to look.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, TypeVar

import structlog

from storage.ground.objects import NotWhole, Objects, Stored, StoreUnavailable
from storage.ground.replica.debts import Debts, Owed

log = structlog.get_logger()
Given = TypeVar("Given")


class ReplicatedObjects:
    """Two stores as one (contract: `storage.ground.objects.Objects`)."""

    def __init__(self, first: Objects, second_url: str, debts: Debts, open_store: Callable[[str], Objects]) -> None:
        self.first, self.debts = first, debts
        self._url, self._open, self._second = second_url, open_store, None

    _second: Objects | None

    def second(self) -> Objects:
        """The second store; raises StoreUnavailable. A folder must be there, and one that was used before must hold our folder: the bare
        place where a disk was mounted is no empty store.
        """
        if self._url.startswith("file:"):
            root, known = Path(self._url.removeprefix("file:")), self.debts.standing()
            was_used = known.place == self.debts.place and known.listed_at
            if not root.is_dir() or (was_used and not (root / "incoming").is_dir()):
                raise StoreUnavailable from FileNotFoundError(2, "the second store is not there")
        if self._second is None:
            self._second = self._open(self._url)
        return self._second

    def put(self, stream: BinaryIO, *, limit: int | None = None) -> tuple[str, int]:
        """See `Objects.put`. A debt that cannot be written down is found by the next comparison of the lists."""
        key, size = self.first.put(stream, limit=limit)
        try:
            self.debts.owe(Owed.KEEP, key)
        except StoreUnavailable:
            log.warning("copy not owed, the lists will tell", key=key)
        return key, size

    def open(self, key: str) -> BinaryIO:
        """See `Objects.open`."""
        try:
            return self.first.open(key)
        except NotWhole as lost:
            return self._instead(lost, lambda second: second.open(key))

    def _instead(self, lost: NotWhole, give: Callable[[Objects], Given]) -> Given:
        """What the second store gives in place of what the first has lost; raises what the first said if it gives nothing."""
        try:
            given = give(self.second())
        except (NotWhole, StoreUnavailable) as neither:
            log.warning("no second copy either", key=lost.key, error=type(neither).__name__)
            raise lost from neither
        log.error("second copy given out", key=lost.key, first=type(lost).__name__)
        try:
            self.debts.owe(Owed.LOOK, lost.key)
        except StoreUnavailable:  # the next round of checks looks too
            log.warning("look not owed", key=lost.key)
        return given

    def unchecked(self, key: str) -> BinaryIO:
        """See `Objects.unchecked`: those of the first store, which is what is compared."""
        return self.first.unchecked(key)

    @contextmanager
    def local_path(self, key: str) -> Iterator[Path]:
        """See `Objects.local_path`."""
        with ExitStack() as stack:
            try:
                path = stack.enter_context(self.first.local_path(key))
            except NotWhole as lost:
                path = self._instead(lost, lambda second: stack.enter_context(second.local_path(key)))
            yield path

    def exists(self, key: str) -> bool:
        """See `Objects.exists`: in the first store, for a record is written only where the object is."""
        return self.first.exists(key)

    def remove(self, key: str) -> None:
        """See `Objects.remove`. The debt stands before the act, so that nothing that is destroyed stays in the second store."""
        self.debts.owe(Owed.REMOVE, key)
        self.first.remove(key)

    def keys(self) -> Iterator[str]:
        """See `Objects.keys`."""
        return self.first.keys()

    def stored(self) -> Iterator[Stored]:
        """See `Objects.stored`."""
        return self.first.stored()

    def identity(self) -> str:
        """See `Objects.identity`: that of the first store."""
        return self.first.identity()

    def clear_unfinished(self, *, before: datetime) -> int:
        """See `Objects.clear_unfinished`."""
        return self.first.clear_unfinished(before=before)
