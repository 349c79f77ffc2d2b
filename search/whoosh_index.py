"""The Whoosh index as readers see it: the latest commit of the current generation, or where that is damaged, of the one before.

How a request is answered stands in whoosh_executor.py, how states are held in whoosh_snapshot.py.
"""

import threading
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from whoosh.index import TOC

from search.generations import DurableStorage, Generations, books_of, format_of
from search.index import Books, Condition, IndexCorrupt, IndexState, IndexUnfit, Request, Results, Texts
from search.whoosh_executor import answer
from search.whoosh_schema import FORMAT, fits
from search.whoosh_segments import SegmentCorrupt, as_corrupt
from search.whoosh_snapshot import Snapshot

_NAME = "MAIN"  # Whoosh's name for the only index of a folder
_TRIES = 10  # a commit may remove files between reading the table of contents and opening them
_SETTLING_NS = 100_000_000  # folder times are a few ms coarse: what changed later than this ago may have changed again unseen

_Stamp = tuple[int, int]
_Made = tuple[Path, tuple[int, int]]
"""A generation: its folder, and its format, by which it differs from another one in a folder of that name."""


class WhooshIndex:
    """The index below a root folder (contract: `search.index.Index`). Safe for threads; one a process is enough.

    `texts` gives the texts of pages, on which phrases are verified; `books` says how many pages there should be.
    """

    def __init__(self, root: Path, texts: Texts, books: Books = lambda pages, _name: (True, pages or 0)) -> None:
        self._generations, self._texts, self._books = Generations(root), texts, books
        self._lock = threading.Lock()
        self._state: tuple[_Made, Snapshot] | None = None
        self._stamp: _Stamp | None = None
        self._damaged: set[_Made] = set()

    @property
    def generation(self) -> str:
        """The name of the generation last read, "" before the first; not the current one's while that is damaged."""
        return self._state[0][0].name if self._state else ""

    def search(self, request: Request) -> Results:
        """The pages that answer the question. Raises IndexUnfit rather than say that there are none, unless it is sound."""
        try:
            results = self._results(request)
        except IndexCorrupt as error:
            raise IndexUnfit(self.state()) from error
        if not results.total and not self._is_plainly_sound() and (state := self.state()).condition is not Condition.SOUND:
            raise IndexUnfit(state)
        return results

    def _results(self, request: Request) -> Results:
        while (state := self._latest()) is not None:
            try:
                return answer(state[1], request, self._texts)
            except SegmentCorrupt:
                self._give_up(state[0])
        return Results(0, True, ())

    def _is_plainly_sound(self) -> bool:
        """Whether what was just searched is sound; told without looking at the disk again, so that it costs a search nothing."""
        opened = self._state
        if opened is None or self._damaged or opened[0][1][0] != FORMAT:
            return False
        return self._books(_count(opened[1]), books_of(opened[0][0]))[0]

    def count(self) -> int:
        """How many pages the index holds, whoever may see them. Raises IndexCorrupt."""
        state = self._latest()
        return _count(state[1]) if state else 0

    def state(self) -> IndexState:
        """Whether it is fit to be asked, and how far it is made anew. What is unlike the books is looked at twice: pages may be moving."""
        for _ in range(2):
            condition, pages = self._condition()
            agrees, wanted = self._books(pages, self._named())
            if agrees:
                break
        if condition is Condition.SOUND and not agrees:
            condition = Condition.MISSING if pages is None else Condition.UNLIKE
        coming = None if condition is Condition.SOUND else self._generations.being_made()
        return IndexState(condition, pages or 0, (coming and _pages_in(coming)) or 0, wanted)

    def _condition(self) -> tuple[Condition, int | None]:
        """What the current generation says of itself, and how many pages it holds; none at all is no fault in itself."""
        readable = self._generations.readable()
        if not readable:
            return Condition.SOUND, None
        made, pages = (readable[0], format_of(readable[0])), _pages_in(readable[0])
        if made[1][0] != FORMAT:
            return Condition.OUTDATED, pages
        return Condition.DAMAGED if pages is None or made in self._damaged else Condition.SOUND, pages

    def _named(self) -> str:
        """The books that the current generation says it is of."""
        return next(map(books_of, self._generations.readable()), "")

    def _latest(self) -> tuple[_Made, Snapshot] | None:
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
            folders = [self._generations.root, *([self._state[0][0]] if self._state else [])]
            times = [folder.stat().st_mtime_ns for folder in folders]
        except FileNotFoundError:
            return None
        return (times[0], times[-1]) if max(times) < time.time_ns() - _SETTLING_NS else None

    def _opened(self) -> tuple[_Made, Snapshot] | None:
        readable = self._generations.readable()
        for path in readable:
            made = path, format_of(path)
            if made not in self._damaged:
                try:
                    return made, self._snapshot(made)
                except SegmentCorrupt:
                    self._damaged.add(made)
        if readable:
            raise IndexCorrupt(", ".join(path.name for path in readable))
        return None

    def _snapshot(self, made: _Made) -> Snapshot:
        before = self._state[1] if self._state and self._state[0] == made else None
        storage = DurableStorage(made[0])
        for is_last in _tries():
            try:
                if before and before.commit == TOC._latest_generation(storage, _NAME):
                    return before
                with as_corrupt():
                    return Snapshot(storage, _contents(storage), before)
            except FileNotFoundError as error:
                if is_last:
                    raise SegmentCorrupt from error
        raise AssertionError

    def _give_up(self, made: _Made) -> None:
        with self._lock:
            self._damaged.add(made)
            self._stamp = None


def _count(snapshot: Snapshot) -> int:
    return int(snapshot.living.sum())


def _tries() -> Iterator[bool]:
    for count in range(1, _TRIES + 1):
        yield count == _TRIES
        time.sleep(0.02)


def _contents(storage: DurableStorage) -> TOC:
    """The table of contents, of an index whose fields are those that we read. It is unpickled: damaged, it may raise anything."""
    contents = TOC.read(storage, _NAME)
    if not fits(contents.schema):
        raise SegmentCorrupt("other fields")
    return contents


def _pages_in(path: Path) -> int | None:
    """How many pages a generation holds, by its table of contents alone; None where that cannot be read."""
    storage = DurableStorage(path)
    for is_last in _tries():
        try:
            commit = TOC._latest_generation(storage, _NAME)
            return _pages_at(path, commit, storage.file_modified(TOC._filename(_NAME, commit))) if commit >= 0 else None
        except FileNotFoundError:
            if is_last:
                break
        except SegmentCorrupt:
            break
    return None


@lru_cache(maxsize=8)
def _pages_at(path: Path, commit: int, _written: float) -> int:
    with as_corrupt():
        segments = TOC.read(DurableStorage(path), _NAME, commit).segments
        return sum(segment.doc_count_all() - segment.deleted_count() for segment in segments)
