"""The fields of the Whoosh index, what a page puts into them, and the number of this format, reckoned from both.

The schema is pickled into every index: its names are part of the format. No field has positions or analyses anything: words are cut
by domain/ground/vietnamese.py alone, here and in every other engine.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise, product
from zlib import crc32

from whoosh.columns import NumericColumn, RefBytesColumn
from whoosh.fields import COLUMN, FieldType, Schema
from whoosh.formats import Existence

from domain.archive.reading import FIELD_FACETS
from domain.ground.vietnamese import folded_key, keys
from search.index import PageEntry
from search.syllables import COMMON
from search.symbols import cited_keys, own_keys

TONED, FOLDED, PAIRS, SYMBOLS, NUMBER = "toned", "folded", "pairs", "symbols", "number"
VALUE_COLUMNS = (*FIELD_FACETS, "fonds", "audience")
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
    words = {**entry.values, "audience": entry.audience}
    values: dict[str, bytes | int] = {name: words.get(name, "").encode() for name in VALUE_COLUMNS}
    date = int(entry.date.replace("-", "")) if entry.date else 0
    return values | {"document": entry.document, "page": entry.page, "year": entry.year, "date": date}


Described = dict[str, tuple[object, ...]]
"""What a reader must know of each field of a schema to make sense of what is written in it."""


def described(schema: Schema) -> Described:
    """The fields of a schema by name. The list of common syllables is none of it: each index is read by its own."""
    return {name: (_kind(field), field.scorable, _kind(field.format), *_column(field)) for name, field in schema.items()}


def _column(field: FieldType) -> tuple[object, ...]:
    column = field.column_type
    return _kind(column), getattr(column, "_typecode", ""), getattr(column, "_default", "")


def _kind(thing: object) -> str:
    return type(thing).__name__


_LETTERS = [*map(chr, range(ord(" "), 0x250)), *map(chr, range(0x300, 0x370)), *map(chr, range(0x1E00, 0x1F00))]
_VOWELS = "aăâeêioôơuưy"
_CLUSTERS = [
    *_VOWELS,
    *map("".join, product(_VOWELS, repeat=2)),
    *["iêu", "oai", "oay", "oeo", "uây", "uôi", "uya", "uyê", "uyu", "ươi", "ươu", "yêu"],
]
_SYLLABLES = [
    f"{onset}{cluster[0]}\u0301{cluster[1:]}{coda}" for onset, cluster, coda in product(("h", "qu"), _CLUSTERS, ("", "n"))
]
_NUMBERS = "Số: 05-NQ/TU; 07 /BC - LĐLĐ, 06b/nq-cdcs; 30/2020/NĐ-CP ngày 05/3/2020, 12345678"
_PROBE = PageEntry(
    7, 3, " ".join([_NUMBERS, *(f"a{letter}b" for letter in _LETTERS), *_SYLLABLES]), "open",
    dict.fromkeys(VALUE_COLUMNS, "Ủy ban"), 2020, symbols=("05-NQ/TU",), date="2020-03-05", title="Hòa giải 02/KH-LĐLĐ",
)  # fmt: skip
"""A page with all that words are cut, folded and repaired by: every Latin letter and mark, tones set amiss on every run of vowels."""


def reckon_format() -> int:
    """The number of the format: another one as soon as a field changes, or what the same page puts into a field.

    Nobody need think of raising it. It cannot see what the worker tells of a page (`entry_of` in ocr_worker/indexing.py).
    """
    terms = {field: sorted(weights.items()) for field, weights in page_terms(_PROBE, frozenset({"nq", "tu"})).items()}
    parts = described(make_schema()), terms, page_columns(_PROBE)
    return crc32(repr([sorted(part.items()) for part in parts]).encode())


FORMAT = reckon_format()


def fits(schema: Schema) -> bool:
    """Whether a reader of today finds every field it knows in the schema of an index; further ones do not trouble it."""
    return described(make_schema()).items() <= described(schema).items()
