"""The second implementation of the index contract: everything in memory, nothing clever, so that it can be believed."""

from collections import Counter
from collections.abc import Iterable

from domain.ground.vietnamese import fold, keys
from search.index import Books, Condition, Facet, Hit, IndexState, IndexUnfit, Key, PageEntry, Request, Results, Sort
from search.parse import value_key
from search.query import And, Dates, Node, Not, Number, Or, Phrase, Prefix, Symbol, Value, Word, Years
from search.symbols import cited_keys, own_keys


class BruteIndex:
    """Index and writer in one. Scores are all 0: only the contract decides the order."""

    def __init__(self, books: Books = lambda pages, _name: (True, pages or 0)) -> None:
        self.books = books
        self.pages: dict[Key, PageEntry] = {}
        self.waiting: dict[Key, PageEntry | None] = {}

    def write(self, entries: Iterable[PageEntry]) -> None:
        self.waiting.update({(entry.document, entry.page): entry for entry in entries})

    def remove(self, keys: Iterable[Key]) -> None:
        self.waiting.update(dict.fromkeys(keys))

    def remove_documents(self, documents: Iterable[int]) -> None:
        gone = set(documents)
        self.remove([key for key in {**self.pages, **self.waiting} if key[0] in gone])

    def purge(self, documents: Iterable[int]) -> None:
        pass  # it keeps nothing of what is gone

    def commit(self) -> None:
        for key, entry in self.waiting.items():
            if entry is None:
                self.pages.pop(key, None)
            else:
                self.pages[key] = entry
        self.waiting = {}

    def close(self) -> None:
        self.waiting = {}

    def count(self) -> int:
        return len(self.pages)

    def state(self) -> IndexState:
        agrees, wanted = self.books(len(self.pages), "")
        return IndexState(Condition.SOUND if agrees else Condition.UNLIKE, len(self.pages), 0, wanted)

    def search(self, request: Request) -> Results:
        results = self.results(request)
        if not results.total and self.state().condition is not Condition.SOUND:
            raise IndexUnfit(self.state())
        return results

    def results(self, request: Request) -> Results:
        node = request.query.node
        found = [entry for entry in self.pages.values() if entry.audience in request.audiences and holds(node, entry)]
        chosen = [entry for entry in found if all(facet_value(entry, f) in values for f, values in request.filters.items())]
        hits = [
            Hit(entry.document, entry.page, 0.0, "toned" if not request.query.is_accented or toned(node, entry) else "folded")
            for entry in chosen
        ]
        hits.sort(key=lambda hit: order(request.sort, hit, self.pages[hit.document, hit.page]))
        facets = {facet: self.facet_counts(found, facet, request) for facet in request.facets}
        return Results(len(chosen), True, tuple(hits[request.offset : request.offset + request.limit]), facets)

    def facet_counts(self, found: list[PageEntry], facet: Facet, request: Request) -> dict[str, int]:
        others = {other: values for other, values in request.filters.items() if other != facet}
        left = [entry for entry in found if all(facet_value(entry, other) in values for other, values in others.items())]
        return dict(Counter(facet_value(entry, facet) for entry in left))


def facet_value(entry: PageEntry, facet: Facet) -> str:
    if facet == "year":
        return str(entry.year) if entry.year else ""
    return entry.values.get(facet, "")


def order(sort: Sort, hit: Hit, entry: PageEntry) -> tuple[object, ...]:
    if sort is Sort.RELEVANCE:
        return hit.match == "folded", hit.document, hit.page
    date = number(entry)
    return not date, -date if sort is Sort.NEWEST else date, hit.document, hit.page


def number(entry: PageEntry) -> int:
    return int(entry.date.replace("-", "")) if entry.date else 0


def holds(node: Node, entry: PageEntry) -> bool:
    match node:
        case Not(child):
            return not toned(child, entry)
        case And(children):
            return all(holds(child, entry) for child in children)
        case Or(children):
            return any(holds(child, entry) for child in children)
        case Word(_, folded):
            return folded in map(fold, keys(entry.text) + keys(entry.title))
        case Phrase(words):
            return in_a_row([word.folded for word in words], [fold(key) for key in keys(entry.text)])
        case Prefix(folded):
            return any(fold(key).startswith(folded) for key in keys(entry.text) + keys(entry.title))
        case Symbol(key):
            own = {own for own in own_keys(entry.symbols) if "-" in own}
            return key in own | cited_keys(entry.text) | cited_keys(entry.title)
        case Number(key):
            return key in own_keys(entry.symbols)
        case Value("issuer", key):
            return in_a_row(key.split(" "), value_key(entry.values.get("issuer", "")).split(" "))
        case Value(field, key):
            return value_key(entry.values.get(field, "")) == key
        case Years(first, last):
            return first <= entry.year <= last
        case Dates(first, last):
            return first <= number(entry) <= last
    raise TypeError(node)


def toned(node: Node, entry: PageEntry) -> bool:
    match node:
        case And(children):
            return all(toned(child, entry) for child in children)
        case Or(children):
            return any(toned(child, entry) for child in children)
        case Word() if node.is_accented:
            return node.toned in keys(entry.text) + keys(entry.title)
        case Phrase(words) if node.is_accented:
            return in_a_row([word.toned for word in words], keys(entry.text))
    return holds(node, entry)


def in_a_row(wanted: list[str], words: list[str]) -> bool:
    return any(words[start : start + len(wanted)] == wanted for start in range(len(words) - len(wanted) + 1))
