"""One state of the index, held in memory as far as it was asked for: postings, columns, living pages. Safe for threads.

Pages are numbered through all segments ("places"). What was cached for one state is kept for the next as far as the segments
are the same, for those never change.
"""

import math
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate, takewhile
from typing import Any

import numpy as np
import numpy.typing as npt

from domain.ground.vietnamese import fold, keys
from search.generations import DurableStorage
from search.index import Texts
from search.whoosh_schema import FOLDED, NUMBER_COLUMNS, PAIRS, TONED, VALUE_COLUMNS
from search.whoosh_segments import Ids, Segment, Values, Weights

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]
"""Pages by their numbers through all segments; in the integers that numpy indexes with, for which nothing need be converted."""

_K1, _B = 1.2, 0.75  # BM25, Robertson's usual values
_MEAN_LENGTH = 300.0  # words; fixed, so that what is cached of a segment holds as long as the segment
_DENSE_SHARE = (
    0.25  # of the pages; a term on more of them is kept as one weight a page, which costs no more than twice the bytes
)
_MANY_SHARE = 0.05
_CACHE_BYTES = 256 << 20
_MASKS = 64  # filters kept as one byte a page each
_ROWS = 4096  # texts kept as words, about 6 kB each


@dataclass(frozen=True, slots=True)
class Postings:
    """The pages of a term and what it adds to the score of each, before its rarity counts.

    `ids` is None where the term is on so many pages that `impacts` has one number for every page, 0 where the term is not.
    """

    ids: Ids | None
    impacts: Weights
    count: int  # pages of the term, removed ones too
    places: int  # pages of the index these postings know of

    def at(self, ids: Places) -> Weights:
        """The impacts at some pages, 0 where the term is not."""
        if self.ids is None:
            return self.impacts[ids]
        if not len(self.ids):
            return np.zeros(len(ids), np.float32)
        if len(ids) > _MANY_SHARE * self.places:  # then looking every page up in a full column is quicker than searching each
            column = np.zeros(self.places, np.float32)
            column[self.ids] = self.impacts
            return column[ids]
        sought = ids.astype(np.uint32)
        index = self.ids.searchsorted(sought)
        impacts: Weights = self.impacts.take(index, mode="clip") * (self.ids.take(index, mode="clip") == sought)
        return impacts

    def pages(self) -> Places:
        """The pages, ascending."""
        return np.flatnonzero(self.impacts) if self.ids is None else self.ids.astype(np.intp)

    def mark(self, flags: Mask) -> None:
        """Sets the flags of the pages."""
        if self.ids is None:
            flags |= self.impacts > 0
        else:
            flags[self.ids] = True

    def bytes(self) -> int:
        """Memory held."""
        return self.impacts.nbytes + (0 if self.ids is None else self.ids.nbytes)


class Scores:
    """The sum of impacts at some pages. For many, it is taken over all pages, which is quicker than picking from each term."""

    def __init__(self, ids: Places, places: int) -> None:
        self._ids = ids
        self._is_whole = len(ids) > _MANY_SHARE * places
        self._sums = np.zeros(places if self._is_whole else len(ids), np.float32)

    def add(self, postings: Postings, rarity: float) -> None:
        """Adds a term, the more the rarer it is."""
        weight = np.float32(rarity)
        if not self._is_whole:
            self._sums += weight * postings.at(self._ids)
        elif postings.ids is None:
            self._sums += weight * postings.impacts
        else:
            self._sums[postings.ids] += weight * postings.impacts

    def of_pages(self) -> Weights:
        """One score for each of the pages."""
        return self._sums[self._ids] if self._is_whole else self._sums


def _postings(ids: Ids, impacts: Weights, places: int) -> Postings:
    if len(ids) <= _DENSE_SHARE * places:
        return Postings(ids, impacts, len(ids), places)
    dense = np.zeros(places, np.float32)
    dense[ids] = impacts
    return Postings(None, dense, len(ids), places)


@dataclass(frozen=True, slots=True)
class _Part:
    """A segment in its state: where its pages begin, and which still live."""

    segment: Segment
    base: int
    deleted: frozenset[int]


class Snapshot:
    """One state of one generation. `contents` is Whoosh's table of contents; `before` an older state to take over from."""

    def __init__(self, storage: DurableStorage, contents: Any, before: "Snapshot | None" = None) -> None:
        self.commit: int = contents.generation
        self.common: frozenset[str] = contents.schema[PAIRS].common
        self._lock = threading.RLock()
        known = {part.segment.id: part.segment for part in before._parts} if before else {}
        filled = [one for one in contents.segments if one.doc_count_all()]  # Whoosh merges pages that are all gone to no page
        segments = [known.get(one.segment_id()) or Segment(storage, one) for one in filled]
        bases = [0, *accumulate(segment.count for segment in segments)]
        self.count = bases[-1]
        self._parts: list[_Part] = [
            _Part(segment, base, frozenset(one.deleted_docs()))
            for segment, base, one in zip(segments, bases, filled, strict=False)
        ]
        self._cache: OrderedDict[tuple[str, str], Postings] = OrderedDict()
        self._cached_bytes = 0
        if before:
            self._take_over(before)
        self.living = self._living()
        self.numbers = {name: self._number_column(name) for name in NUMBER_COLUMNS}
        self.values = {name: self._value_column(name, contents.schema[name].column_type) for name in VALUE_COLUMNS}
        self.values["year"] = _as_values(self.numbers["year"])
        self.order = _ranks(self.numbers["document"], self.numbers["page"])
        self._masks: OrderedDict[object, Mask] = OrderedDict()
        self._rows: OrderedDict[int, tuple[str, str]] = OrderedDict()
        self._lengths = {field: self._length_column(field) for field in (TONED, FOLDED)}

    def _take_over(self, before: "Snapshot") -> None:
        """Keeps what is cached of the segments that both states begin with."""
        same = takewhile(lambda pair: pair[0].segment is pair[1].segment, zip(self._parts, before._parts, strict=False))
        shared = max((part.base + part.segment.count for part, _ in same), default=0)
        with before._lock:
            for key, known in before._cache.items():
                if shared:
                    self._keep(key, _cut(known, shared))

    def _living(self) -> Mask:
        living = np.ones(self.count, bool)
        for part in self._parts:
            living[[part.base + place for place in part.deleted]] = False
        return living

    def _concatenated(self, column: Callable[[Segment], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        return np.concatenate([column(part.segment) for part in self._parts]) if self._parts else np.empty(0, np.int64)

    def _length_column(self, field: str) -> npt.NDArray[Any]:
        return self._concatenated(lambda segment: segment.lengths(field))

    def _number_column(self, name: str) -> npt.NDArray[np.int64]:
        return self._concatenated(lambda segment: segment.numbers(name, NUMBER_COLUMNS[name]))

    def _value_column(self, name: str, kind: Any) -> Values:
        """The column of all segments, whose codes for the same value differ, under one list of values."""
        parts = [part.segment.values(name, kind) for part in self._parts]
        distinct = sorted({value for part in parts for value in part.distinct})
        code = {value: index for index, value in enumerate(distinct)}
        codes = [np.array([code[value] for value in part.distinct], np.int32)[part.codes] for part in parts]
        return Values(distinct, np.concatenate(codes) if codes else np.empty(0, np.int32))

    # postings

    def postings(self, field: str, term: str) -> Postings:
        """The postings of a term through all segments; of no page where the term is unknown."""
        return self._cached((field, term), lambda segment: segment.postings(field, term))

    def postings_with_prefix(self, prefix: str) -> Postings:
        """The pages with a folded word that begins so, all with the impact 1."""
        return self._cached((_PREFIXES, prefix), lambda segment: _union(segment, prefix))

    def rarity(self, postings: Postings) -> float:
        """How much a term says: the idf of BM25, never negative."""
        return math.log(1 + (self.count - postings.count + 0.5) / (postings.count + 0.5))

    def _cached(self, key: tuple[str, str], read: Callable[[Segment], tuple[Ids, Weights]]) -> Postings:
        with self._lock:
            known = self._cache.get(key)
            if known is None or known.places < self.count:
                known = self._completed(key[0], known, read)
                self._keep(key, known)
            self._cache.move_to_end(key)
            return known

    def _completed(self, field: str, known: Postings | None, read: Callable[[Segment], tuple[Ids, Weights]]) -> Postings:
        """Postings of the whole index from those of its first segments, or from none."""
        first = bisect_right([part.base for part in self._parts], known.places) - 1 if known and known.places else 0
        ids, impacts = ([known.pages().astype(np.uint32)], [known.at(known.pages())]) if known else ([], [])
        for part in self._parts[first:]:
            of_segment, weights = read(part.segment)
            places = of_segment + np.uint32(part.base)
            ids.append(places)
            impacts.append(self._impacts(field, places, weights))
        empty = not ids
        return _postings(
            np.empty(0, np.uint32) if empty else np.concatenate(ids),
            np.empty(0, np.float32) if empty else np.concatenate(impacts),
            self.count,
        )

    def _impacts(self, field: str, places: Ids, weights: Weights) -> Weights:
        """The part of BM25 that the page alone decides. Fields that keep no lengths count as of mean length."""
        lengths = self._lengths[field][places] if field in self._lengths else np.float32(_MEAN_LENGTH)
        return (weights * (_K1 + 1) / (weights + _K1 * (1 - _B + _B / _MEAN_LENGTH * lengths))).astype(np.float32)

    def _keep(self, key: tuple[str, str], postings: Postings) -> None:
        replaced = self._cache.pop(key, None)
        self._cached_bytes += postings.bytes() - (replaced.bytes() if replaced else 0)
        self._cache[key] = postings
        while self._cached_bytes > _CACHE_BYTES and len(self._cache) > 1:
            self._cached_bytes -= self._cache.popitem(last=False)[1].bytes()

    def rows(self, ids: Places, texts: Texts) -> list[tuple[str, str]]:
        """The texts of pages as their toned words and as their folded words, each word between single spaces."""
        places = ids.tolist()
        with self._lock:
            known = {place: self._rows[place] for place in places if place in self._rows}
        unread = [place for place in places if place not in known]
        keys_of = {place: (int(self.numbers["document"][place]), int(self.numbers["page"][place])) for place in unread}
        read = texts(list(keys_of.values())) if unread else {}
        known |= {place: _row(read.get(key, "")) for place, key in keys_of.items()}
        with self._lock:
            self._rows.update(known)
            while len(self._rows) > _ROWS:
                self._rows.popitem(last=False)
        return [known[place] for place in places]

    def mask(self, key: object, compute: Callable[[], Mask]) -> Mask:
        """A mask of all pages, computed once for its key. Not to be changed."""
        with self._lock:
            known = self._masks.get(key)
        if known is None:
            known = compute()
            with self._lock:
                self._masks[key] = known
                while len(self._masks) > _MASKS:
                    self._masks.popitem(last=False)
        return known


_PREFIXES = "prefixes"


def _row(text: str) -> tuple[str, str]:
    toned = f" {' '.join(keys(text))} "
    return toned, fold(toned)


def _as_values(numbers: npt.NDArray[np.int64]) -> Values:
    """A column of numbers as texts, 0 as the empty one."""
    distinct, codes = np.unique(numbers, return_inverse=True)
    return Values([str(number) if number else "" for number in distinct.tolist()], codes.astype(np.int32))


def _ranks(documents: npt.NDArray[np.int64], pages: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Where each page stands when all are ordered by document and page."""
    ranks = np.empty(len(documents), np.int64)
    ranks[np.lexsort((pages, documents))] = np.arange(len(documents))
    return ranks


def _union(segment: Segment, prefix: str) -> tuple[Ids, Weights]:
    """The pages of every folded term that begins so. Terms are stored in order, so they stand in a row."""
    flags = np.zeros(segment.count, bool)
    for term, ids, _ in segment.postings_from(FOLDED, prefix):
        if not term.startswith(prefix):
            break
        flags[ids] = True
    ids = np.flatnonzero(flags).astype(np.uint32)
    return ids, np.ones(len(ids), np.float32)


def _cut(known: Postings, places: int) -> Postings:
    """What postings say of the first pages."""
    if known.places <= places:
        return known
    if known.ids is None:
        impacts = known.impacts[:places]
        return Postings(None, impacts, int(np.count_nonzero(impacts)), places)
    end = int(np.searchsorted(known.ids, places))
    return Postings(known.ids[:end], known.impacts[:end], end, places)
