"""What a question means: a tree of conditions on pages, and the mistakes made in writing it. Reading it is in parse.py."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


@dataclass(frozen=True, slots=True)
class Word:
    """The page or its title has the word: at least by its letters (`folded`), better with its accents (`toned`)."""

    toned: str
    folded: str

    @property
    def is_accented(self) -> bool:
        """Whether the word was written with accents; without, every accent is as good."""
        return self.toned != self.folded


@dataclass(frozen=True, slots=True)
class Phrase:
    """The page's text has the words one right after another."""

    words: tuple[Word, ...]

    @property
    def is_accented(self) -> bool:
        """Whether any of its words was written with accents."""
        return any(word.is_accented for word in self.words)


@dataclass(frozen=True, slots=True)
class Prefix:
    """The page has a word that begins with these folded letters."""

    folded: str


@dataclass(frozen=True, slots=True)
class Symbol:
    """The document bears this number, or the page's text cites it (`search.symbols.symbol_key`)."""

    key: str


@dataclass(frozen=True, slots=True)
class Number:
    """The document itself bears this number, whole or shortened from the right."""

    key: str


@dataclass(frozen=True, slots=True)
class Value:
    """The document's field says this: the whole of a kind or a fonds, some words of an issuer (`search.parse.value_key`)."""

    field: Literal["kind", "issuer", "fonds"]
    key: str


@dataclass(frozen=True, slots=True)
class Years:
    """The document is of a year from `first` to `last`, both included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Dates:
    """The document's date, as the number yyyymmdd, lies from `first` to `last`, both included. No date lies nowhere."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Not:
    """The condition does not hold."""

    child: "Node"


@dataclass(frozen=True, slots=True)
class And:
    """All conditions hold; with none, always."""

    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one condition holds; with none, never."""

    children: tuple["Node", ...]


Leaf = Word | Phrase | Prefix | Symbol | Number | Value | Years | Dates
Node = Leaf | Not | And | Or
Filter = Number | Value | Years | Dates

EVERYTHING = And(())
NOTHING = Or(())


class MistakeCode(StrEnum):
    """What was written wrongly. The sentences people read are made from the code and the mistake's values."""

    UNKNOWN_FIELD = "unknown_field"  # values: the name
    EMPTY_VALUE = "empty_value"  # values: the name of the field
    BAD_YEAR = "bad_year"  # values: what was written
    BAD_DATE = "bad_date"  # values: what was written
    EMPTY_PHRASE = "empty_phrase"
    EMPTY_GROUP = "empty_group"
    UNBALANCED_QUOTE = "unbalanced_quote"
    UNBALANCED_PARENTHESIS = "unbalanced_parenthesis"
    LONE_MINUS = "lone_minus"
    DANGLING_OR = "dangling_or"
    SHORT_PREFIX = "short_prefix"  # values: the letters
    TOO_DEEP = "too_deep"  # values: how many parentheses may stand inside each other
    TOO_LONG = "too_long"  # values: how many characters are read
    TOO_MANY_WORDS = "too_many_words"  # values: how many are searched
    UNKNOWN_SIGN = "unknown_sign"  # values: the sign
    NOTHING_ASKED = "nothing_asked"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake, with the characters of the question it was made in: `text[start:end]`."""

    start: int
    end: int
    code: MistakeCode
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """A question as it was understood, and what was not."""

    node: Node = EVERYTHING
    mistakes: tuple[Mistake, ...] = ()

    @property
    def is_accented(self) -> bool:
        """Whether anything asked for was written with accents, so that pages can match toned or only folded."""
        return any(isinstance(leaf, Word | Phrase) and leaf.is_accented for leaf in wanted(self.node))


def wanted(node: Node) -> Iterator[Leaf]:
    """The conditions that make a page a better answer: every leaf that stands under no `Not`, in order."""
    if isinstance(node, And | Or):
        for child in node.children:
            yield from wanted(child)
    elif not isinstance(node, Not):
        yield node


def relaxed(query: Query) -> Query:
    """The question asked less strictly, for when nothing has all its words: any of them will do, phrases fall into words.

    Filters and exclusions hold as before.
    """
    node = query.node
    children = node.children if isinstance(node, And) else (node,)
    strict = tuple(child for child in children if isinstance(child, Filter | Not))
    loose = dict.fromkeys(part for child in children if not isinstance(child, Filter | Not) for part in _parts(child))
    if not loose:
        return query
    return Query(And((*strict, Or(tuple(loose)))), query.mistakes)


def _parts(node: Node) -> Iterator[Node]:
    if isinstance(node, Or) and any(isinstance(child, Dates) for child in node.children):
        yield node  # a day is a day: its figures apart stand everywhere
        return
    for leaf in wanted(node):
        if isinstance(leaf, Phrase):
            yield from leaf.words
        else:
            yield leaf
