"""What the find page shows: the hits of a question with their papers, the facets, the gaps. Asked of index and database together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil

from sqlalchemy.orm import Session

from domain.archive.work import SHOWN
from search.highlight import Snippet, snippet
from search.index import FACETS, Condition, Facet, Hit, Index, IndexCorrupt, IndexState, IndexUnfit, Match, Results, answered
from search.query import Query
from storage.archive.documents import Document, Documents, Page
from webapp.archive.questions import PAGE_SIZE, Question
from webapp.ground.errors import sentence

_DEEPEST = 500  # pages of hits that can be turned to; whoever needs more narrows the question, or exports


@dataclass(frozen=True, slots=True)
class ShownHit:
    """One page found."""

    page: int
    match: Match
    snippet: Snippet
    thumbnail: str | None  # the key of its object
    unread_share: float | None  # of what is written on it; None: not known


@dataclass(frozen=True, slots=True)
class Paper:
    """A document with the pages of it that follow one another among the hits, and how many of its pages are not read."""

    document: Document
    hits: list[ShownHit]
    unread: int


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value that can be ticked; the empty one stands for not known."""

    value: str
    count: int
    is_ticked: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that the page shows. `is_relaxed`: nothing had all the words, so these pages have some of them.

    `unfit` is the state of the index if it is not sound, so that more may be missing than the hits tell.
    """

    results: Results
    papers: list[Paper]
    is_relaxed: bool
    facets: Mapping[Facet, list[FacetValue]]
    gaps: tuple[int, int]
    partly_read: tuple[int, int]
    unfit: IndexState | None

    @property
    def last_page(self) -> int:
        """The number of the last page of hits."""
        return min(_DEEPEST, max(1, ceil(self.results.total / PAGE_SIZE)))


def answer(session: Session, index: Index, question: Question, audiences: frozenset[str]) -> Answer:
    """The answer for somebody of these audiences. A fixed number of queries, however many hits. Raises IndexUnfit."""
    results, query = answered(index, question.request(audiences))
    papers, state = list(_papers(Documents(session), results.hits, query, audiences)), index.state()
    unfit = None if state.condition is Condition.SOUND else state
    if unfit and results.hits and not papers:  # they are of documents that are not there
        raise IndexUnfit(unfit)
    return Answer(
        results=results,
        papers=papers,
        is_relaxed=query != question.query,
        facets={name: _facet_values(name, results, question) for name in FACETS},
        gaps=Documents(session).gaps(audiences),
        partly_read=Documents(session).partly_read(audiences),
        unfit=unfit,
    )


def answer_or_problem(
    session: Session, index: Index, question: Question, audiences: frozenset[str]
) -> tuple[Answer | None, int, str]:
    """The answer; or none, with the status and the sentence that say why there can be none."""
    try:
        return answer(session, index, question, audiences), 200, ""
    except IndexCorrupt as error:
        return None, *sentence(error)


def _papers(documents: Documents, hits: Sequence[Hit], query: Query, audiences: frozenset[str]) -> Iterator[Paper]:
    """The papers of the hits, in their order. What the database does not let this person see is left out: the index may lag."""
    there = documents.among({hit.document for hit in hits}, audiences)
    unread = documents.unread_pages(there)
    pages = documents.pages_at([(hit.document, hit.page) for hit in hits])
    for document_id, group in groupby(hits, key=lambda hit: hit.document):
        document = there.get(document_id)
        shown = [_shown(hit, pages[hit.document, hit.page], query) for hit in group if (hit.document, hit.page) in pages]
        if document and document.standing in SHOWN and shown:
            yield Paper(document, shown, unread.get(document_id, 0))


def _shown(hit: Hit, page: Page, query: Query) -> ShownHit:
    return ShownHit(hit.page, hit.match, snippet(query, page.text), page.thumbnail_sha256, page.unread_share)


def _facet_values(name: Facet, results: Results, question: Question) -> list[FacetValue]:
    """The values of a facet, years from the latest, others from the most frequent; the unknown last. What is ticked stays."""
    ticked = question.ticked.get(name, frozenset())
    counts = dict.fromkeys(ticked, 0) | dict(results.facets.get(name, {}))
    values = [FacetValue(value, count, value in ticked) for value, count in counts.items()]
    if name == "year":
        return sorted(values, key=lambda value: value.value, reverse=True)
    return sorted(values, key=lambda value: (not value.value, -value.count, value.value))
