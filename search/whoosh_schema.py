"""The fields of the Whoosh index, and what a page puts into them. Pickled into every index: its names are part of the format.

No field has positions or analyses anything: words are cut by domain/ground/vietnamese.py alone, here and in every other engine.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise

from whoosh.columns import NumericColumn, RefBytesColumn
from whoosh.fields import COLUMN, FieldType, Schema
from whoosh.formats import Existence

from domain.ground.vietnamese import folded_key, keys
from search.index import PageEntry
from search.syllables import COMMON
from search.symbols import cited_keys, own_keys

TONED, FOLDED, PAIRS, SYMBOLS, NUMBER = "toned", "folded", "pairs", "symbols", "number"
VALUE_COLUMNS = ("kind", "issuer", "fonds", "audience")
NUMBER_COLUMNS = {"document": "q", "page": "i", "year": "i", "date": "i"}
"""Column to the type of its numbers; `date` is the number yyyymmdd, 0 for none."""

_NEVER = -1  # Whoosh does not write what is its default at the end of a column; with one that never is, a torn column is seen
OWN_WEIGHT = 8.0  # a document's own number says more than a citation of it; both are found

Terms = Mapping[str, float]


class TermsField(FieldType):  # type: ignore[misc]  # Whoosh has no types
    """A field whose terms are given with their weights; `scorable` keeps the number of words of each page for BM25."""

    def __init__(self, *, scorable: bool = False) -> None:
        super().__init__(format=Existence(), analyzer=None, scorable=scorable)

    def index(self, value: Terms, **_options: object) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Term, frequency, weight and (no) payload of each term, as Whoosh asks for them."""
        return ((term.encode(), int(weight), float(weight), b"") for term, weight in value.items())


class PairsField(TermsField):
    """Pairs of neighbouring common syllables. The list of those lives and dies with the index it was made with."""

    def __init__(self, common: frozenset[str]) -> None:
        super().__init__()
        self.common = common


def make_schema(common: frozenset[str] = COMMON) -> Schema:
    """The schema of a new index."""
    return Schema(
        **{TONED: TermsField(scorable=True), FOLDED: TermsField(scorable=True), PAIRS: PairsField(common)},
        **{SYMBOLS: TermsField(), NUMBER: TermsField()},
        **{name: COLUMN(RefBytesColumn()) for name in VALUE_COLUMNS},
        **{name: COLUMN(NumericColumn(typecode, default=_NEVER)) for name, typecode in NUMBER_COLUMNS.items()},
    )


def pair(first: str, second: str) -> str:
    """The term of two neighbouring folded syllables."""
    return f"{first}_{second}"


def page_terms(entry: PageEntry, common: frozenset[str]) -> dict[str, Terms]:
    """The terms of a page by field. Words of the title count as words of the page, but stand in no phrase with them."""
    words = keys(entry.text)
    folded = list(map(folded_key, words))
    toned_counts = Counter(words)
    toned_counts.update(keys(entry.title))
    folded_counts: Counter[str] = Counter()
    for word, count in toned_counts.items():
        folded_counts[folded_key(word)] += count
    own = own_keys(entry.symbols)
    cited = cited_keys(entry.text) | cited_keys(entry.title)
    return {
        TONED: toned_counts,
        FOLDED: folded_counts,
        PAIRS: Counter(pair(first, second) for first, second in pairwise(folded) if first in common and second in common),
        SYMBOLS: {**dict.fromkeys(cited, 1.0), **{key: OWN_WEIGHT for key in own if "-" in key}},
        NUMBER: dict.fromkeys(own, 1.0),
    }


def page_columns(entry: PageEntry) -> dict[str, bytes | int]:
    """The values of a page by column."""
    values: dict[str, bytes | int] = {name: getattr(entry, name).encode() for name in VALUE_COLUMNS}
    date = int(entry.date.replace("-", "")) if entry.date else 0
    return values | {"document": entry.document, "page": entry.page, "year": entry.year, "date": date}
