"""The question of the find page as it stands in the address: what was typed, what was ticked, the order, the page of hits."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from flask import url_for
from werkzeug.datastructures import MultiDict

from domain.ground.legacy import Encoding, decoded_from, guessed
from domain.ground.vietnamese import fold
from search.index import FACETS, Facet, Request, Sort
from search.parse import parse
from search.query import Query

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class Question:
    """A question and how its answer is to be shown. `page` counts from 1; `encoding` is that of an old font in which it was typed."""

    text: str = ""
    ticked: Mapping[Facet, frozenset[str]] = field(default_factory=dict)
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    encoding: Encoding | None = None

    @classmethod
    def of(cls, values: MultiDict[str, str]) -> Self:
        """The question that an address or a form asks; what makes no sense in it is passed over."""
        ticked: dict[Facet, frozenset[str]] = {name: frozenset(values.getlist(name)) for name in FACETS if name in values}
        sort = values.get("sort", Sort.RELEVANCE)
        page, typed = values.get("page", "1"), values.get("q", "").strip()
        encoding = guessed([typed])
        return cls(
            text=decoded_from(typed, encoding) if encoding else typed,
            encoding=encoding,
            ticked=ticked,
            sort=Sort(sort) if sort in set(Sort) else Sort.RELEVANCE,
            page=min(int(page), 10_000) if page.isdecimal() and int(page) else 1,
        )

    @property
    def query(self) -> Query:
        """What the text means."""
        return parse(self.text)

    @property
    def is_blank(self) -> bool:
        """Whether nothing is asked at all."""
        return not self.text and not self.ticked

    def request(self, audiences: frozenset[str]) -> Request:
        """The request to the index for this page of hits."""
        return Request(
            query=self.query,
            audiences=audiences,
            sort=self.sort,
            offset=(self.page - 1) * PAGE_SIZE,
            limit=0 if self.is_blank else PAGE_SIZE,
            filters=self.ticked,
            facets=FACETS,
        )

    def arguments(self) -> dict[str, Any]:
        """The values of the address, without those that say nothing."""
        said: dict[str, Any] = {"q": self.text} if self.text else {}
        said |= {name: sorted(values) for name, values in self.ticked.items()}
        if self.sort is not Sort.RELEVANCE:
            said["sort"] = str(self.sort)
        return said | ({"page": self.page} if self.page > 1 else {})

    def address(self, **changes: Any) -> str:
        """The address of the question with these changes, on its first page unless one is named."""
        return url_for("find.find", **replace(self, **({"page": 1} | changes)).arguments())

    def shorter(self) -> str:
        """What was typed without its last word, or nothing."""
        return self.text.rpartition(" ")[0].rstrip()

    def without_accents(self) -> str:
        """What was typed, its accents off and its capitals kept, for OR is written in capitals."""
        if _VIETNAMESE_OPERATOR.search(self.text):
            return self.text
        text = unicodedata.normalize("NFC", self.text)
        return "".join(bare.upper() if typed.isupper() else bare for typed, bare in zip(text, fold(text), strict=True))


_VIETNAMESE_OPERATOR = re.compile(r"\b(HOẶC|VÀ)\b")
