"""The Whoosh index as readers see it: the latest commit of the current generation, or where that is damaged, of the one before.

How a request is answered stands in whoosh_executor.py, how states are held in whoosh_snapshot.py.
"""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

from whoosh.index import TOC

from search.generations import DurableStorage, Generations
from search.index import IndexCorrupt, Request, Results, Texts
from search.whoosh_executor import answer
from search.whoosh_schema import FOLDED, TONED
from search.whoosh_segments import SegmentCorrupt
from search.whoosh_snapshot import Snapshot

_NAME = "MAIN"  # Whoosh's name for the only index of a folder
_TRIES = 10  # a commit may remove files between reading the table of contents and opening them
_SETTLING_NS = 100_000_000  # folder times are a few ms coarse: what changed later than this ago may have changed again unseen

_Stamp = tuple[int, int]


class WhooshIndex:
    """The index below a root folder (contract: `search.index.Index`). Safe for threads; one a process is enough.

    `texts` gives the texts of pages, on which phrases are verified.
    """

    def __init__(self, root: Path, texts: Texts) -> None:
        self._generations, self._texts = Generations(root), texts
        self._lock = threading.Lock()
        self._state: tuple[Path, Snapshot] | None = None
        self._stamp: _Stamp | None = None
        self._damaged: set[Path] = set()

    @property
    def generation(self) -> str:
        """The name of the generation last read, "" before the first; not the current one's while that is damaged."""
        return self._state[0].name if self._state else ""

    def search(self, request: Request) -> Results:
        """The pages that answer the question; none where nothing was ever written. Raises IndexCorrupt."""
        while (state := self._latest()) is not None:
            try:
                return answer(state[1], request, self._texts)
            except SegmentCorrupt:
                self._give_up(state[0])
        return Results(0, True, ())

    def count(self) -> int:
        """How many pages the index holds, whoever may see them. Raises IndexCorrupt."""
        state = self._latest()
        return int(state[1].living.sum()) if state else 0

    def warm(self) -> None:
        """Reads the postings of the common syllables, which most questions need (some seconds at 100,000 pages)."""
        if state := self._latest():
            for syllable in sorted(state[1].common):
                state[1].postings(FOLDED, syllable)
                state[1].postings(TONED, syllable)

    def _latest(self) -> tuple[Path, Snapshot] | None:
        """The state to search, opened anew when something was committed or published; None where there never was an index."""
        with self._lock:
            stamp = self._now()
            if stamp is None or stamp != self._stamp:
                self._state = self._opened()
                self._stamp = stamp if stamp == self._now() else None
            return self._state

    def _now(self) -> _Stamp | None:
        """When the pointer and the generation last changed; None while that may be too recent to tell."""
        try:
            folders = [self._generations.root, *([self._state[0]] if self._state else [])]
            times = [folder.stat().st_mtime_ns for folder in folders]
        except FileNotFoundError:
            return None
        return (times[0], times[-1]) if max(times) < time.time_ns() - _SETTLING_NS else None

    def _opened(self) -> tuple[Path, Snapshot] | None:
        readable = self._generations.readable()
        for path in readable:
            if path not in self._damaged:
                try:
                    return path, self._snapshot(path)
                except SegmentCorrupt:
                    self._damaged.add(path)
        if readable:
            raise IndexCorrupt(", ".join(path.name for path in readable))
        return None

    def _snapshot(self, path: Path) -> Snapshot:
        before = self._state[1] if self._state and self._state[0] == path else None
        storage = DurableStorage(path)
        for is_last in _tries():
            try:
                if before and before.commit == TOC._latest_generation(storage, _NAME):
                    return before
                return Snapshot(storage, _contents(storage), before)
            except FileNotFoundError as error:
                if is_last:
                    raise SegmentCorrupt from error
        raise AssertionError

    def _give_up(self, path: Path) -> None:
        with self._lock:
            self._damaged.add(path)
            self._stamp = None


def _tries() -> Iterator[bool]:
    for count in range(1, _TRIES + 1):
        yield count == _TRIES
        time.sleep(0.02)


def _contents(storage: DurableStorage) -> TOC:
    try:
        return TOC.read(storage, _NAME)
    except FileNotFoundError:
        raise
    except Exception as error:  # it is unpickled: damaged, it may raise anything
        raise SegmentCorrupt from error
