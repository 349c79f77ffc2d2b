"""One page of a document as it lies on the desk: its words with their hits, the strip of pages around it, the way to the next hit."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from flask import url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from domain.archive.reading import FIELD_NAMES
from domain.archive.work import State
from domain.ground.errors import NotFound
from search.parse import parse
from storage.archive.documents import Document, Documents, Page
from storage.archive.work import OPENING, Ledger, Work
from webapp.archive.marks import KeptHits, ShownWord, hits_by_page, lines, longest_hit, shown_words

PICTURE = "image/webp"  # what the worker makes of every page
PANELS = ("text", "fields", "files", "history")
_kept = KeptHits(64)
_AROUND = 12  # thumbnails before and after the page that lies on the desk


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody stands in a document, as the address says it. `page` is 0 where none is named; `hit` counts from 1."""

    document_id: int
    page: int = 0
    q: str = ""
    hit: int = 0
    panel: str = "text"
    field: str = ""  # whose evidence is shown
    edit: str = ""  # which field is being corrected

    @classmethod
    def of(cls, document_id: int, values: MultiDict[str, str]) -> Self:
        """The place that an address names; what makes no sense in it is passed over."""
        panel, field, edit = (values.get(name, "") for name in ("panel", "field", "edit"))
        return cls(
            document_id=document_id,
            page=_whole(values.get("page", "")),
            q=values.get("q", "").strip(),
            hit=_whole(values.get("hit", "")),
            panel=panel if panel in PANELS else "text",
            field=field if field in FIELD_NAMES else "",
            edit=edit if edit in FIELD_NAMES else "",
        )

    def to(self, **changes: Any) -> str:
        """The address of the place with these changes. Another page has other hits, and no field is corrected on the way."""
        place = replace(replace(self, hit=0, field="", edit=""), **changes)
        said: dict[str, Any] = {
            name: value for name in ("page", "q", "hit", "field", "edit") if (value := getattr(place, name))
        }
        if place.panel != "text":
            said["panel"] = place.panel
        return url_for("document.document", document_id=self.document_id, **said)


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 7 else 0


@dataclass(frozen=True, slots=True)
class Hits:
    """The places of a document that answer a question, by page; `current` counts from 1, 0 for none on this page."""

    by_page: Mapping[int, int]
    current: int
    before: int  # how many stand on earlier pages

    @property
    def total(self) -> int:
        """How many there are in the document."""
        return sum(self.by_page.values())

    @property
    def previous(self) -> int:
        """The hit before this place, 0 for none."""
        return self.current - 1 if self.current else self.before

    @property
    def next(self) -> int:
        """The hit after this place, 0 for none."""
        following = (self.current or self.before) + 1
        return following if following <= self.total else 0

    def page_of(self, hit: int) -> int:
        """The page on which a hit stands; 0 where there is no such hit."""
        for page in sorted(self.by_page):
            if 0 < hit <= self.by_page[page]:
                return page
            hit -= self.by_page[page]
        return 0


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A page in the strip. `state` is what the ledger says of it."""

    number: int
    key: str | None
    state: State
    hits: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """The page that lies on the desk. `page` is None while it has not been read; `work` says why."""

    number: int
    count: int
    page: Page | None
    work: Work | None
    words: list[ShownWord]
    hits: Hits
    strip: list[Thumbnail]

    @property
    def lines(self) -> list[list[ShownWord]]:
        """The words by printed line."""
        return lines(self.words)

    @property
    def current_word_hit(self) -> int:
        """The number, among the hits of this page, of the one that is looked at; -1 for none."""
        return self.hits.current - self.hits.before - 1 if self.hits.current else -1


def sheet(session: Session, document: Document, place: Place) -> Sheet:
    """The sheet at this place; raises NotFound for a page that the document does not have."""
    count, query = document.page_count or 0, parse(place.q)
    documents = Documents(session)
    by_page = _hits_by_page(session, document, place.q) if place.q else {}
    number = _number(place, Hits(by_page, 0, 0))
    if number > max(count, 1):
        raise NotFound("page", number)
    page = documents.page(document.id, number)
    words = shown_words(page, query) if page else []
    return Sheet(
        number=number,
        count=count,
        page=page,
        work=Ledger(session).between(document.id, number, number).get(number) if count else _opening(session, document),
        words=words,
        hits=_hits(by_page, number, place.hit, longest_hit(words)),
        strip=_strip(session, document, number, by_page),
    )


def _hits_by_page(session: Session, document: Document, q: str) -> Mapping[int, int]:
    documents = Documents(session)
    key = (session.get_bind().engine.url, document.id, documents.text_state(document.id), q)
    return _kept.get(key, lambda: hits_by_page(documents.text_of(document.id), parse(q)))


def _number(place: Place, hits: Hits) -> int:
    """The page of the hit, or the page named, or the page of the first hit, or the first."""
    return hits.page_of(place.hit) or place.page or hits.page_of(1) or 1


def _hits(by_page: Mapping[int, int], number: int, hit: int, longest: int) -> Hits:
    """The hit named, if it stands on this page; else the longest that does."""
    before = sum(count for page, count in by_page.items() if page < number)
    here = by_page.get(number, 0)
    if not here:
        return Hits(by_page, 0, before)
    return Hits(by_page, hit if before < hit <= before + here else before + 1 + longest, before)


def _opening(session: Session, document: Document) -> Work | None:
    return Ledger(session).between(document.id, OPENING, OPENING).get(OPENING)


def _strip(session: Session, document: Document, number: int, by_page: Mapping[int, int]) -> list[Thumbnail]:
    first, last = max(1, number - _AROUND), min(document.page_count or 0, number + _AROUND)
    read = Documents(session).thumbnails(document.id, first, last)
    work = Ledger(session).between(document.id, first, last)
    return [
        Thumbnail(
            page,
            read.get(page),
            State.DONE if page in read else work[page].state if page in work else State.WAITING,
            by_page.get(page, 0),
        )
        for page in range(first, last + 1)
    ]
