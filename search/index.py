"""The contract of every index: what is written into it, what is asked of it, what it answers. No engine lives here.

Texts and word boxes stay in the database; an index knows a page by its document and page number only.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal, Protocol

from domain.archive.reading import FIELD_FACETS
from search.query import Query, relaxed

Key = tuple[int, int]
"""Document id and page number."""

Texts = Callable[[Sequence[Key]], Mapping[Key, str]]
"""Gives the texts of pages, for phrases are verified on them. A page without a text may be left out."""

Books = Callable[[int | None, str], tuple[bool, int]]
"""Says whether an index of so many pages (None: no index at all), which says that it is of the books of that name, can be that of the
books, and how many pages it should come to hold.
"""

Facet = str
FACETS: tuple[Facet, ...] = (FIELD_FACETS[0], "year", *FIELD_FACETS[1:], "fonds")
"""What pages are counted and chosen by, in the order in which people are shown it."""

Match = Literal["toned", "folded"]
"""`toned`: whatever was asked for with accents stands on the page with them. `folded`: some of it only by its letters."""


class IndexLocked(Exception):
    """Another process is writing this index."""


class IndexCorrupt(Exception):
    """No generation of the index can be read; it must be rebuilt from the database."""


class Condition(StrEnum):
    """Whether an index is fit to be asked. Only of a sound one may anybody say that no page has what was asked for."""

    SOUND = "sound"
    MISSING = "missing"  # pages have been read, and there is no index
    OUTDATED = "outdated"  # its format is another one: another version of the program wrote it
    DAMAGED = "damaged"  # a file of it does not say what it should
    UNLIKE = "unlike"  # it is of another database, or holds more or fewer pages than the books say


@dataclass(frozen=True, slots=True)
class IndexState:
    """An index and the books: it holds `pages`, and should come to hold `wanted`.

    `renewed` is how many pages a new generation holds by now that is being made.
    """

    condition: Condition
    pages: int
    renewed: int
    wanted: int


class IndexUnfit(IndexCorrupt):
    """Nothing was found in an index of which nobody may say so."""

    def __init__(self, state: IndexState) -> None:
        super().__init__(state)
        self.state = state


class Sort(StrEnum):
    """The order of hits. Ties, and pages without a date, follow by document and page; pages without a date come last."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class PageEntry:
    """What the index is told of one page.

    `title` is whatever else it should be found by (file name, abstract): give it to the first page only, or every page of
    the document is found by it. `audience` is the one token of those who may see the page. `values` are those of the facets that
    are words, by facet; what is unknown is left out. `date` is ISO or empty, and a `year` of 0 unknown.
    """

    document: int
    page: int
    text: str
    audience: str
    values: Mapping[Facet, str] = field(default_factory=dict)
    year: int = 0
    symbols: tuple[str, ...] = ()
    date: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A question and who asks it.

    Pages of other audiences do not exist for the answer, its counts and its facets. `filters` are ticked facet values: any
    of the values of a facet, and all the facets. `facets` names those to count.
    """

    query: Query
    audiences: frozenset[str]
    sort: Sort = Sort.RELEVANCE
    offset: int = 0
    limit: int = 10
    filters: Mapping[Facet, frozenset[str]] = field(default_factory=dict)
    facets: tuple[Facet, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """One page found. Scores compare within one answer only."""

    document: int
    page: int
    score: float
    match: Match


@dataclass(frozen=True, slots=True)
class Results:
    """One answer.

    `total` counts the pages found; where `is_exact` is false it is an estimate, because more pages could bear a phrase than
    are worth reading. `facets` counts pages by facet and value, each facet as if nothing were ticked in it; the unknown
    value is "".
    """

    total: int
    is_exact: bool
    hits: tuple[Hit, ...]
    facets: Mapping[Facet, Mapping[str, int]] = field(default_factory=dict)


class Index(Protocol):
    """Where pages are found. May be shared by threads."""

    def search(self, request: Request) -> Results:
        """The pages that answer the question. Raises IndexUnfit rather than say that there are none, unless it is sound."""
        ...

    def count(self) -> int:
        """How many pages it holds, for the books. Raises IndexCorrupt where nothing can be read."""
        ...

    def state(self) -> IndexState:
        """Whether it is fit to be asked, and how far it is made anew."""
        ...


class IndexWriter(Protocol):
    """Where pages are entered. One process writes at a time; nothing is found before `commit`."""

    def write(self, entries: Iterable[PageEntry]) -> None:
        """Enters pages; an entry for a page already there replaces it, so it may be repeated."""
        ...

    def remove(self, keys: Iterable[Key]) -> None:
        """Takes pages out; those not there are passed over."""
        ...

    def remove_documents(self, documents: Iterable[int]) -> None:
        """Takes all pages of documents out."""
        ...

    def purge(self, documents: Iterable[int]) -> None:
        """Has no file keep a word that only pages stood for which were removed of these documents; needs a commit before it.

        May be repeated. Another process that makes the index anew meanwhile must purge its own.
        """
        ...

    def commit(self) -> None:
        """Makes everything written or removed findable, and safe from a power cut."""
        ...

    def close(self) -> None:
        """Forgets what was not committed and lets others write."""
        ...


def answered(index: Index, request: Request) -> tuple[Results, Query]:
    """The answer, and the question that it answers: the one that was asked, or the same relaxed where no page has all of it.

    Raises IndexUnfit.
    """
    results, looser = index.search(request), relaxed(request.query)
    if results.total or looser == request.query:
        return results, request.query
    found = index.search(replace(request, query=looser))
    return (found, looser) if found.total else (results, request.query)
