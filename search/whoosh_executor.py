"""Answering a request over one snapshot with array operations: which pages, how good, in what order, how many of what.

Words, symbols, prefixes and filters are decided by the postings. Phrases are narrowed down by them and verified on texts, on as
few as the answer needs.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from search.index import Facet, Hit, Request, Results, Sort, Texts
from search.parse import value_key
from search.query import (
    EVERYTHING,
    And,
    Dates,
    Leaf,
    Node,
    Not,
    Number,
    Or,
    Phrase,
    Prefix,
    Symbol,
    Value,
    Word,
    Years,
    wanted,
)
from search.whoosh_schema import FOLDED, NUMBER, PAIRS, SYMBOLS, TONED, pair
from search.whoosh_segments import Weights
from search.whoosh_snapshot import Mask, Places, Postings, Scores, Snapshot

_LISTED = (Word, Prefix, Symbol, Number)  # they hold on the pages of one posting list
_OF_COLUMNS = (Value, Years, Dates)  # one mask of all pages decides
_EVERYWHERE = (Not, *_OF_COLUMNS)  # any page may be one where they hold

_EXACT_PAGES = 200  # pages whose phrases are verified for an exact count; about 0.2 ms each, once
_SAMPLE = 32  # pages verified to estimate a greater count; it is then right within about 15 %
_ROUND = 16  # pages verified at a time while looking for the best hits
_TONED_FIRST = 1e6  # more than any score: pages that match toned stand before all others

Verified = Mapping[Phrase, tuple[Places, Places]]
"""For each phrase, of the pages whose texts were read: those that have it by its letters, and those with its accents too."""


def answer(snapshot: Snapshot, request: Request, texts: Texts) -> Results:
    """The answer to a request. `texts` is asked only for pages the asker may see, and only where phrases must be verified."""
    return _Answer(snapshot, request, texts).results()


class _Answer:
    """The work on one request."""

    def __init__(self, snapshot: Snapshot, request: Request, texts: Texts) -> None:
        self.snapshot, self.request, self.texts = snapshot, request, texts
        self.node = request.query.node
        parts = self.node.children if isinstance(self.node, And) else (self.node,)
        self.filters = tuple(part for part in parts if isinstance(part, _OF_COLUMNS))
        self.conditions = tuple(part for part in parts if not isinstance(part, _OF_COLUMNS))
        self.is_accented = request.query.is_accented
        self.known: dict[Leaf, list[Postings]] = {}
        asked, excluded = _phrases(self.node)
        self.phrases = tuple(dict.fromkeys(asked + excluded))
        self.is_exact = all(map(self._is_decided, asked)) and all(map(self._is_decided_toned, excluded))

    def results(self) -> Results:
        ids = self._found()
        if not self.is_exact and len(ids) <= _EXACT_PAGES:
            ids = ids[self.holds(self.node, ids, self.verify(ids))]
            self.is_exact = True
        masks = {facet: self._ticked(facet, values)[ids] for facet, values in self.request.filters.items()}
        chosen = _chosen(ids, masks.values())
        hits = self._hits(chosen)
        total = len(chosen) if self.is_exact else self._about(chosen, len(hits))
        return Results(total, self.is_exact, hits, self._counts(ids, masks))

    def _about(self, ids: Places, found: int) -> int:
        """About how many of many pages bear the question's phrases: just those found where no more could be, else no fewer."""
        known = self.request.offset + found if found else 0
        has_all = found < self.request.limit and (found or not self.request.offset)
        return known if has_all else max(known, self._estimate(ids))

    def _estimate(self, ids: Places) -> int:
        """How many of the pages bear the question's phrases, judged by some taken evenly."""
        sample = ids[:: max(1, len(ids) // _SAMPLE)]
        return round(len(ids) * float(self.holds(self.node, sample, self.verify(sample)).mean())) if len(sample) else 0

    # which pages

    def _found(self) -> Places:
        """Visible pages where the question holds, as far as its phrases are decided without their texts, ascending."""
        visible = self.snapshot.mask((self.request.audiences, self.filters), self._visible)
        first, *others = sorted(self.conditions, key=self._size) or [EVERYTHING]
        ids = self._candidates(first)
        ids = ids[visible[ids]]
        for condition in others if _is_listed(first) else [first, *others]:
            ids = ids[self.holds(condition, ids)]
        return ids

    def _visible(self) -> Mask:
        """What the asker may see of what the filters leave."""
        masks = map(self._filter_mask, self.filters)
        return self.snapshot.living & self._values_mask("audience", self.request.audiences) & _every(masks, self.snapshot.count)

    def _candidates(self, node: Node) -> Places:
        """Pages outside of which the node holds nowhere, ascending: the shortest list that is at hand."""
        if isinstance(node, _EVERYWHERE) or node == EVERYTHING:
            return np.arange(self.snapshot.count)
        if isinstance(node, And):
            return self._candidates(min(node.children, key=self._size))
        if isinstance(node, Or):
            return np.flatnonzero(self._marked(node))
        return min(self._postings(node), key=lambda postings: postings.count).pages()

    def _marked(self, node: Or) -> Mask:
        """Of all pages those that are candidates of any of its children."""
        flags = np.zeros(self.snapshot.count, bool)
        for child in node.children:
            if isinstance(child, _LISTED):
                self._postings(child)[0].mark(flags)
            else:
                flags[self._candidates(child)] = True
        return flags

    def _size(self, node: Node) -> int:
        """How many candidates a node has, at most."""
        if isinstance(node, _EVERYWHERE):
            return self.snapshot.count
        if isinstance(node, And):
            return min(map(self._size, node.children), default=self.snapshot.count)
        if isinstance(node, Or):
            return min(sum(map(self._size, node.children)), self.snapshot.count)
        return min(postings.count for postings in self._postings(node))

    def _postings(self, leaf: Leaf) -> list[Postings]:
        """Postings that all hold a page where the leaf holds; where they are not a phrase's, only there."""
        if leaf not in self.known:
            self.known[leaf] = self._read_postings(leaf)
        return self.known[leaf]

    def _read_postings(self, leaf: Leaf) -> list[Postings]:
        of = self.snapshot.postings
        match leaf:
            case Word():
                return [of(FOLDED, leaf.folded)]
            case Prefix():
                return [self.snapshot.postings_with_prefix(leaf.folded)]
            case Symbol():
                return [of(SYMBOLS, leaf.key)]
            case Number():
                return [of(NUMBER, leaf.key)]
            case Phrase():
                words = dict.fromkeys(word.folded for word in leaf.words)
                return [of(PAIRS, term) for term in self._pairs(leaf)] + [of(FOLDED, word) for word in words]
        raise TypeError(leaf)

    def _pairs(self, phrase: Phrase) -> list[str]:
        common = self.snapshot.common
        folded = (word.folded for word in phrase.words)
        return list(dict.fromkeys(pair(a, b) for a, b in pairwise(folded) if a in common and b in common))

    def _is_decided(self, phrase: Phrase) -> bool:
        """Whether the postings alone say where the phrase stands by its letters: it is one indexed pair."""
        return len(phrase.words) == 2 and bool(self._pairs(phrase))

    def _is_decided_toned(self, phrase: Phrase) -> bool:
        return self._is_decided(phrase) and not phrase.is_accented

    def holds(self, node: Node, ids: Places, verified: Verified | None = None, *, surely: bool = False) -> Mask:
        """Where the node holds. Without verified phrases: where it may hold, or with `surely`, where it must.

        What is excluded is excluded as written: with accents, only pages that have it with them.
        """
        match node:
            case Not():
                return ~self.toned(node.child, ids, verified, surely=not surely)
            case And():
                return _every((self.holds(child, ids, verified, surely=surely) for child in node.children), len(ids))
            case Or() if _is_listed(node):
                return self._marked(node)[ids]
            case Or():
                return _any((self.holds(child, ids, verified, surely=surely) for child in node.children), len(ids))
            case Phrase() if verified is not None:
                return np.isin(ids, verified[node][0])
            case Phrase() if surely and not self._is_decided(node):
                return np.zeros(len(ids), bool)
            case Value() | Years() | Dates():
                return self._filter_mask(node)[ids]
            case Phrase():
                return _every((postings.at(ids) > 0 for postings in self._postings(node)), len(ids))
        return self._postings(node)[0].at(ids) > 0

    def toned(self, node: Node, ids: Places, verified: Verified | None = None, *, surely: bool = False) -> Mask:
        """Where the node holds with the accents it was written with; phrases as in `holds`."""
        match node:
            case And():
                return _every((self.toned(child, ids, verified, surely=surely) for child in node.children), len(ids))
            case Or():
                return _any((self.toned(child, ids, verified, surely=surely) for child in node.children), len(ids))
            case Word() if node.is_accented:
                return self.snapshot.postings(TONED, node.toned).at(ids) > 0
            case Phrase() if verified is not None:
                return np.isin(ids, verified[node][1])
            case Phrase() if node.is_accented:
                if surely:
                    return np.zeros(len(ids), bool)
                return self.holds(node, ids) & _every((self.toned(word, ids) for word in node.words), len(ids))
        return self.holds(node, ids, verified, surely=surely)

    # filters

    def _filter_mask(self, leaf: Value | Years | Dates) -> Mask:
        return self.snapshot.mask(leaf, lambda: self._read_filter(leaf))

    def _read_filter(self, leaf: Value | Years | Dates) -> Mask:
        if isinstance(leaf, Value):
            return self._values_mask(leaf.field, frozenset(filter(_chooser(leaf), self.snapshot.values[leaf.field].distinct)))
        numbers = self.snapshot.numbers["year" if isinstance(leaf, Years) else "date"]
        return (numbers >= leaf.first) & (numbers <= leaf.last)

    def _values_mask(self, column: str, chosen: frozenset[str]) -> Mask:
        values = self.snapshot.values[column]
        return np.array([value in chosen for value in values.distinct], bool)[values.codes]

    def _ticked(self, facet: Facet, chosen: frozenset[str]) -> Mask:
        return self.snapshot.mask((facet, chosen), lambda: self._values_mask(facet, chosen))

    def _counts(self, ids: Places, masks: Mapping[Facet, Mask]) -> dict[Facet, dict[str, int]]:
        """Pages by value of each facet asked for, among those of `ids` that the other facets leave."""
        return {
            facet: self._count(facet, _chosen(ids, [mask for other, mask in masks.items() if other != facet]))
            for facet in self.request.facets
        }

    def _count(self, facet: Facet, ids: Places) -> dict[str, int]:
        values = self.snapshot.values[facet]
        counts = np.bincount(values.codes[ids], minlength=len(values.distinct)).tolist()
        return {value: count for value, count in zip(values.distinct, counts, strict=True) if count}

    # order

    def score(self, ids: Places) -> Weights:
        """BM25 over the folded words, and over the toned ones where they were written with accents."""
        scores = Scores(ids, self.snapshot.count)
        for field, term in _scored(self.node):
            postings = self.snapshot.postings(field, term)
            if postings.count:
                scores.add(postings, self.snapshot.rarity(postings))
        return scores.of_pages()

    def _hits(self, ids: Places) -> tuple[Hit, ...]:
        if not len(ids):
            return ()
        scores = self.score(ids) if self.request.sort is Sort.RELEVANCE else np.zeros(len(ids), np.float32)
        may_be_toned = self.toned(self.node, ids) if self.is_accented else np.ones(len(ids), bool)
        wanted_count = self.request.offset + self.request.limit
        if not self.phrases or (self.is_exact and not self.is_accented):
            order = self._best(ids, self._ranks(ids, scores, may_be_toned), wanted_count)
            return self._page(ids[order], scores[order], may_be_toned[order])
        return self._verified_hits(ids, scores, may_be_toned, wanted_count)

    def _ranks(self, ids: Places, scores: Weights, toned: Mask) -> npt.NDArray[np.float64]:
        """The greater, the earlier."""
        if self.request.sort is Sort.RELEVANCE:
            return np.where(toned, _TONED_FIRST, 0.0) + scores.astype(np.float64)
        dates = self.snapshot.numbers["date"][ids].astype(np.float64)
        return dates if self.request.sort is Sort.NEWEST else np.where(dates == 0, -np.inf, -dates)

    def _best(self, ids: Places, ranks: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.int64]:
        """Indices of the `count` best, in order; those of one rank by document and page."""
        if count <= 0:
            return np.empty(0, np.int64)
        ties_by = self.snapshot.order[ids]
        if count >= len(ids):
            return np.lexsort((ties_by, -ranks))
        least = np.partition(ranks, len(ids) - count)[len(ids) - count]
        better, ties = np.flatnonzero(ranks > least), np.flatnonzero(ranks == least)
        needed = count - len(better)
        if needed < len(ties):
            ties = ties[np.argpartition(ties_by[ties], needed - 1)[:needed]]
        some = np.concatenate([better, ties])
        return some[np.lexsort((ties_by[some], -ranks[some]))]

    def _page(self, ids: Places, scores: Weights, toned: Mask) -> tuple[Hit, ...]:
        asked = slice(max(0, self.request.offset), max(0, self.request.offset) + max(0, self.request.limit))
        columns = (self.snapshot.numbers["document"][ids[asked]], self.snapshot.numbers["page"][ids[asked]])
        rows = zip(*(column.tolist() for column in (*columns, scores[asked], toned[asked])), strict=True)
        return tuple(Hit(document, page, score, "toned" if toned else "folded") for document, page, score, toned in rows)

    # phrases

    def _verified_hits(self, ids: Places, scores: Weights, may_be_toned: Mask, count: int) -> tuple[Hit, ...]:
        """Verifies pages from the most promising on, until no other can be among the hits asked for.

        A page's rank only falls when it is verified: it may prove not to match, or not toned.
        """
        ranks, toned = self._ranks(ids, scores, may_be_toned), may_be_toned.copy()
        order = self._best(ids, ranks, len(ids))
        found = np.empty(0, np.intp)
        for start in range(0, len(order), _ROUND):
            if start and self._stand_before(ids, ranks, found, order[start]) >= count:
                break
            some = order[start : start + _ROUND]
            verified = self.verify(ids[some])
            toned[some] &= self.toned(self.node, ids[some], verified)
            ranks[some] = self._ranks(ids[some], scores[some], toned[some])
            found = np.concatenate([found, some[self.holds(self.node, ids[some], verified)]])
        best = found[self._best(ids[found], ranks[found], count)]
        return self._page(ids[best], scores[best], toned[best])

    def _stand_before(self, ids: Places, ranks: npt.NDArray[np.float64], found: Places, other: int) -> int:
        """How many of the pages found come before one not verified yet, and so before all those after it."""
        ties_by = self.snapshot.order[ids]
        is_tie = (ranks[found] == ranks[other]) & (ties_by[found] < ties_by[other])
        return int(np.count_nonzero((ranks[found] > ranks[other]) | is_tie))

    def verify(self, ids: Places) -> Verified:
        """Reads the texts of pages for the question's phrases."""
        rows = self.snapshot.rows(ids, self.texts)
        return {phrase: _found(phrase, ids, rows) for phrase in self.phrases}


def _is_listed(node: Node) -> bool:
    """Whether the candidates of a node are just the pages where it holds."""
    return all(map(_is_listed, node.children)) if isinstance(node, Or) else isinstance(node, _LISTED)


def _found(phrase: Phrase, ids: Places, rows: Sequence[tuple[str, str]]) -> tuple[Places, Places]:
    folded = f" {' '.join(word.folded for word in phrase.words)} "
    held = ids[np.array([folded in row for _, row in rows], bool)]
    if not phrase.is_accented:
        return held, held
    toned = f" {' '.join(word.toned for word in phrase.words)} "
    return held, ids[np.array([toned in row for row, _ in rows], bool)]


def _phrases(node: Node, *, is_asked: bool = True) -> tuple[list[Phrase], list[Phrase]]:
    """The phrases asked for, and those excluded, which hold only with their accents."""
    if isinstance(node, Phrase):
        return ([node], []) if is_asked else ([], [node])
    if isinstance(node, Not):
        return _phrases(node.child, is_asked=False)
    parts = [_phrases(child, is_asked=is_asked) for child in node.children] if isinstance(node, And | Or) else []
    return [phrase for asked, _ in parts for phrase in asked], [phrase for _, excluded in parts for phrase in excluded]


@lru_cache(maxsize=256)
def _scored(node: Node) -> tuple[tuple[str, str], ...]:
    """Field and term of everything that makes a page a better answer, each once."""
    leaves = list(wanted(node))
    words = [word for leaf in leaves for word in _words(leaf)]
    terms = [(SYMBOLS, leaf.key) for leaf in leaves if isinstance(leaf, Symbol)]
    terms += [(FOLDED, word.folded) for word in words]
    terms += [(TONED, word.toned) for word in words if word.is_accented]
    terms += [(PAIRS, pair(first.folded, second.folded)) for first, second in pairwise(words)]
    return tuple(dict.fromkeys(terms))


def _words(leaf: Leaf) -> tuple[Word, ...]:
    if isinstance(leaf, Word):
        return (leaf,)
    return leaf.words if isinstance(leaf, Phrase) else ()


def _chooser(leaf: Value) -> Callable[[str], bool]:
    """Whether a value of the column is one the leaf means."""
    if leaf.field == "issuer":
        return lambda value: f" {leaf.key} " in f" {value_key(value)} "
    return lambda value: value_key(value) == leaf.key


def _chosen(ids: Places, masks: Collection[Mask]) -> Places:
    """The pages that all masks let through, each with one flag a page."""
    return ids[_every(masks, len(ids))] if masks else ids


def _every(masks: Iterable[Mask], size: int) -> Mask:
    held = np.ones(size, bool)
    for mask in masks:
        held &= mask
    return held


def _any(masks: Iterable[Mask], size: int) -> Mask:
    held = np.zeros(size, bool)
    for mask in masks:
        held |= mask
    return held
