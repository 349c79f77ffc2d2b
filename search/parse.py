"""Reading a question as people type it into a tree (query.py). Total: any text gives a question that does the sensible thing.

The language is described in docs/query-language.md.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, auto
from functools import lru_cache

from domain.archive.documents import KINDS
from domain.ground.vietnamese import fold, keys, toned_key
from search.query import (
    EVERYTHING,
    NOTHING,
    And,
    Dates,
    Filter,
    Mistake,
    MistakeCode,
    Node,
    Not,
    Number,
    Or,
    Phrase,
    Prefix,
    Query,
    Symbol,
    Value,
    Word,
    Years,
)
from search.symbols import is_symbol, symbol_key

MAX_CHARACTERS = 2_000
MAX_WORDS = 64
MAX_DEPTH = 20
MIN_PREFIX = 2

FIELDS = {
    "kind": "kind", "loai": "kind",
    "year": "year", "nam": "year",
    "issuer": "issuer", "coquan": "issuer",
    "number": "number", "so": "number",
    "fonds": "fonds", "phong": "fonds",
    "before": "before", "truoc": "before",
    "after": "after", "sau": "after",
    "day": "day", "ngay": "day",
}  # fmt: skip
"""Names a field may be called by, folded, to the field."""

_OR = frozenset({"OR", "HOẶC"})
_AND = frozenset({"AND", "VÀ"})
_NOT = "NOT"
_QUOTES = '"\u201c\u201d\u201e\u00ab\u00bb'
_LEXEME = re.compile(
    rf"""(?P<space>\s+) | (?P<open>\() | (?P<close>\)) | (?P<quote>[{_QUOTES}])
    | (?P<field>[^\W\d_]+:(?!//)) | (?P<minus>(?<![^\s(])[-\u2010-\u2015\u2212]+) | (?P<chunk>[^\s(){_QUOTES}]+)""",
    re.VERBOSE,
)
_YEARS = re.compile(r"(?P<first>\d{4})?(?P<range>\.\.)?(?P<last>\d{4})?")
_ISO = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{1,2})-(?P<day>\d{1,2}))?")
_VIETNAMESE = re.compile(r"(?:(?P<day>\d{1,2})[/.-])?(?P<month>\d{1,2})[/.-](?P<year>\d{4})")
_WEIGHT = re.compile(r"(?<=\w)[~^][\d.]*$")  # in other languages: how far a word may differ, how much it counts


class _Kind(Enum):
    OPEN = auto()
    CLOSE = auto()
    MINUS = auto()
    OR = auto()
    FIELD = auto()
    PHRASE = auto()
    CHUNK = auto()


@dataclass(frozen=True, slots=True)
class _Lexeme:
    kind: _Kind
    start: int
    end: int
    text: str


@lru_cache(maxsize=256)
def parse(text: str) -> Query:
    """The question as understood, with every mistake in it. Never raises; an empty question asks for every page.

    The latest questions are kept, for one is read again with each page that is turned and each facet that is ticked.

    >>> parse("so hoa -giay").node
    And(children=(Word(toned='so', folded='so'), Word(toned='hoa', folded='hoa'), Not(child=Word(toned='giay', folded='giay'))))
    >>> parse('"').mistakes
    (Mistake(start=0, end=1, code=<MistakeCode.UNBALANCED_QUOTE: 'unbalanced_quote'>, values=()),)
    """
    return _Reading(text).query()


@dataclass
class _Reading:
    """One pass over one question."""

    text: str
    lexemes: list[_Lexeme] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    place: int = 0
    words: int = 0

    def query(self) -> Query:
        if len(self.text) > MAX_CHARACTERS:
            self.note(MAX_CHARACTERS, len(self.text), MistakeCode.TOO_LONG, str(MAX_CHARACTERS))
        self.split(self.text[:MAX_CHARACTERS])
        parts = [self.group(0)]
        while self.place < len(self.lexemes):  # only a closing parenthesis that was never opened stops a group early
            lexeme = self.take()
            self.note(lexeme.start, lexeme.end, MistakeCode.UNBALANCED_PARENTHESIS)
            parts.append(self.group(0))
        node = _join(And, parts)
        if node == EVERYTHING and self.text.strip():  # what says nothing asks for no page, not for all
            node = NOTHING
            if not self.mistakes:
                self.note(0, len(self.text), MistakeCode.NOTHING_ASKED)
        return Query(node, tuple(sorted(self.mistakes, key=lambda mistake: (mistake.start, mistake.end))))

    def note(self, start: int, end: int, code: MistakeCode, *values: str) -> None:
        self.mistakes.append(Mistake(start, end, code, values))

    # text to lexemes

    def split(self, text: str) -> None:
        position = 0
        while match := _LEXEME.match(text, position):
            position = match.end()
            if match.lastgroup == "quote":
                position = self.split_phrase(text, match.start())
            elif match.lastgroup != "space":
                self.lexemes.append(_lexeme(match))

    def split_phrase(self, text: str, start: int) -> int:
        closing = re.compile(f"[{_QUOTES}]").search(text, start + 1)
        if closing is None:
            self.note(start, start + 1, MistakeCode.UNBALANCED_QUOTE)
            return start + 1
        self.lexemes.append(_Lexeme(_Kind.PHRASE, start, closing.end(), text[start + 1 : closing.start()]))
        return closing.end()

    # lexemes to a tree

    def next_kind(self) -> _Kind | None:
        return self.lexemes[self.place].kind if self.place < len(self.lexemes) else None

    def take(self) -> _Lexeme:
        self.place += 1
        return self.lexemes[self.place - 1]

    def group(self, depth: int) -> Node:
        """Alternatives up to the closing parenthesis. Filters beside words hold for all of them; alone, they are one themselves."""
        filters: list[Node] = []
        alternatives: list[Node] = []
        pending: _Lexeme | None = None  # an OR whose right side is still to come
        while True:
            sequence, found = self.sequence(depth)
            is_last = self.next_kind() is not _Kind.OR
            has_rivals = pending is not None or not is_last
            if sequence != EVERYTHING or not has_rivals:
                filters += found
                alternatives.append(sequence)
            elif found:
                alternatives.append(_join(And, found))
            else:
                alone = pending or self.lexemes[self.place]
                self.note(alone.start, alone.end, MistakeCode.DANGLING_OR)
            if is_last:
                break
            pending = self.take()
        return _join(And, [*filters, _join(Or, alternatives)])

    def sequence(self, depth: int) -> tuple[Node, list[Node]]:
        """What stands side by side: the conditions joined by AND, and the filters apart."""
        conditions: list[Node] = []
        filters: list[Node] = []
        while self.next_kind() not in (None, _Kind.OR, _Kind.CLOSE):
            node = self.item(depth)
            (filters if isinstance(node, Filter) else conditions).append(node)
        return _join(And, conditions), filters

    def item(self, depth: int) -> Node:
        lexeme = self.take()
        if lexeme.kind is _Kind.MINUS:
            return self.negation(lexeme, depth)
        if lexeme.kind is _Kind.OPEN:
            return self.parenthesis(lexeme, depth)
        if lexeme.kind is _Kind.FIELD:
            return self.filter(lexeme)
        return self.counted(lexeme, self.phrase(lexeme) if lexeme.kind is _Kind.PHRASE else self.chunk(lexeme))

    def counted(self, lexeme: _Lexeme, node: Node) -> Node:
        """The node, or nothing once there are too many words."""
        before, self.words = self.words, self.words + (len(node.words) if isinstance(node, Phrase) else 1)
        if self.words <= MAX_WORDS:
            return node
        if before <= MAX_WORDS:
            self.note(lexeme.start, lexeme.end, MistakeCode.TOO_MANY_WORDS, str(MAX_WORDS))
        return EVERYTHING

    def negation(self, minus: _Lexeme, depth: int) -> Node:
        is_attached = self.place < len(self.lexemes) and self.lexemes[self.place].start == minus.end
        if not (is_attached or minus.text == _NOT) or self.next_kind() in (None, _Kind.CLOSE, _Kind.OR):
            self.note(minus.start, minus.end, MistakeCode.LONE_MINUS)
            return EVERYTHING
        node = self.item(depth)
        return EVERYTHING if node == EVERYTHING else Not(node)

    def parenthesis(self, opening: _Lexeme, depth: int) -> Node:
        if depth >= MAX_DEPTH:
            self.note(opening.start, opening.end, MistakeCode.TOO_DEEP, str(MAX_DEPTH))
            return EVERYTHING
        first = self.place
        node = self.group(depth + 1)
        if self.next_kind() is not _Kind.CLOSE:
            self.note(opening.start, opening.end, MistakeCode.UNBALANCED_PARENTHESIS)
            return node
        closing = self.take()
        if self.place == first + 1:
            self.note(opening.start, closing.end, MistakeCode.EMPTY_GROUP)
        return node

    # leaves

    def phrase(self, lexeme: _Lexeme) -> Node:
        if is_symbol(lexeme.text.strip()):
            return Symbol(symbol_key(lexeme.text))
        words = _words(lexeme.text)
        if not words:
            self.note(lexeme.start, lexeme.end, MistakeCode.EMPTY_PHRASE)
            return EVERYTHING
        return _in_a_row(words)

    def chunk(self, lexeme: _Lexeme) -> Node:
        if weight := _WEIGHT.search(lexeme.text):
            self.note(lexeme.start + weight.start(), lexeme.end, MistakeCode.UNKNOWN_SIGN, weight.group())
            return self.chunk(_Lexeme(lexeme.kind, lexeme.start, lexeme.end, lexeme.text[: weight.start()]))
        words = _words(lexeme.text)
        if not words:
            return EVERYTHING
        if day := _day(lexeme.text.strip(",.;:!?")):
            return day
        if is_symbol(lexeme.text.strip(",.;:!?")):
            return Symbol(symbol_key(lexeme.text))
        if lexeme.text.endswith("*") and len(words) == 1:
            return self.prefix(lexeme, words[0])
        return _in_a_row(words)

    def prefix(self, lexeme: _Lexeme, word: Word) -> Node:
        letters = "".join(filter(str.isalnum, fold(lexeme.text)))
        if len(letters) < MIN_PREFIX:
            self.note(lexeme.start, lexeme.end, MistakeCode.SHORT_PREFIX, letters)
            return word
        if word.folded.startswith(letters):
            return Prefix(letters)
        return Or((Prefix(letters), word))  # ki begins kiểm, and is itself a spelling of ky

    def filter(self, lexeme: _Lexeme) -> Node:
        name = lexeme.text[:-1]
        known = FIELDS.get(fold(name))
        is_followed = self.next_kind() in (_Kind.CHUNK, _Kind.PHRASE)
        is_attached = is_followed and self.lexemes[self.place].start == lexeme.end
        if known is None:
            if is_attached:
                self.note(lexeme.start, lexeme.end, MistakeCode.UNKNOWN_FIELD, name)
            return self.counted(lexeme, _in_a_row(_words(name)))
        if not is_followed:
            self.note(lexeme.start, lexeme.end, MistakeCode.EMPTY_VALUE, name)
            return EVERYTHING
        return self.value(known, name, self.take())

    def value(self, known: str, name: str, lexeme: _Lexeme) -> Node:
        if known == "year":
            return self.checked(lexeme, _years(lexeme.text), MistakeCode.BAD_YEAR)
        if known in ("before", "after", "day"):
            return self.checked(lexeme, _dates(known, lexeme.text), MistakeCode.BAD_DATE)
        key = value_key(lexeme.text)
        if not key:
            self.note(lexeme.start, lexeme.end, MistakeCode.EMPTY_VALUE, name)
            return EVERYTHING
        return _VALUES[known](lexeme.text)

    def checked(self, lexeme: _Lexeme, node: Node | None, code: MistakeCode) -> Node:
        if node is None:
            self.note(lexeme.start, lexeme.end, code, lexeme.text)
            return EVERYTHING
        return node


def value_key(text: str) -> str:
    """What values of kind, issuer and fonds are compared by: folded words with single spaces.

    >>> value_key("Nghị_quyết"), value_key(" BAN THƯỜNG VỤ ")
    ('nghi quyet', 'ban thuong vu')
    """
    return " ".join(fold(key) for key in keys(text.replace("_", " ")))


_KIND_OF_CODE = {fold(code): kind for code, kind in KINDS.items()} | {toned_key(code): kind for code, kind in KINDS.items()}


def _kind(text: str) -> Value:
    """The kind meant by its name or its code. A code that is another's without accents is its own: HD is not HĐ.

    >>> [_kind(text).key for text in ("NQ", "kh", "CTr", "HĐ", "HD", "Kế hoạch")]
    ['nghi quyet', 'ke hoach', 'chuong trinh', 'hop dong', 'huong dan', 'ke hoach']
    """
    return Value("kind", value_key(_KIND_OF_CODE.get(" ".join(keys(text)), text)))


_VALUES: dict[str, Callable[[str], Node]] = {
    "kind": _kind,
    "issuer": lambda text: Value("issuer", value_key(text)),
    "fonds": lambda text: Value("fonds", value_key(text)),
    "number": lambda text: Number(symbol_key(text)),
}


def _lexeme(match: re.Match[str]) -> _Lexeme:
    kind = _Kind[str(match.lastgroup).upper()]
    if kind is _Kind.CHUNK and match.group() in _OR:
        kind = _Kind.OR
    if kind is _Kind.CHUNK and match.group() == _NOT:
        kind = _Kind.MINUS
    text = "" if kind is _Kind.CHUNK and match.group() in _AND else match.group()
    return _Lexeme(kind, match.start(), match.end(), text)


def _words(text: str) -> list[Word]:
    return [Word(key, fold(key)) for key in keys(text)]


def _in_a_row(words: list[Word]) -> Node:
    return words[0] if len(words) == 1 else Phrase(tuple(words[:MAX_WORDS]))


def _join(kind: type[And] | type[Or], nodes: Iterable[Node]) -> Node:
    """The nodes under one roof: flat, without what always holds, and without a roof over one."""
    children: list[Node] = []
    for node in nodes:
        if node != EVERYTHING:
            children.extend(node.children if isinstance(node, kind) else (node,))
    if len(children) == 1:
        return children[0]
    return kind(tuple(children)) if children else EVERYTHING


def _years(text: str) -> Node | None:
    """
    >>> _years("2021"), _years("2019..2021"), _years("..1999"), _years("21")
    (Years(first=2021, last=2021), Years(first=2019, last=2021), Years(first=1, last=1999), None)
    """
    match = _YEARS.fullmatch(text)
    if match is None or not (match["first"] or match["last"]) or (match["last"] and not match["range"]):
        return None
    first = int(match["first"] or 1)
    last = int(match["last"] or (9999 if match["range"] else first))
    return Years(min(first, last), max(first, last))


def _dates(known: str, text: str) -> Node | None:
    """
    >>> _dates("before", "1/2/2021"), _dates("after", "2021"), _dates("after", "2021-02-30")
    (Dates(first=1, last=20210200), Dates(first=20211232, last=99999999), None)
    >>> _dates("day", "3/2019"), _dates("day", "28/2/2019..1/3/2019")
    (Dates(first=20190301, last=20190331), Dates(first=20190228, last=20190301))
    """
    if known == "day":
        begins, is_range, ends = text.partition("..")
        spans = [_span(part) for part in ((begins, ends) if is_range else (text,))]
        days = [day for span in spans if span for day in span]
        return Dates(min(days), max(days)) if all(spans) else None
    if not (span := _span(text)):
        return None
    return Dates(1, span[0] - 1) if known == "before" else Dates(span[1] + 1, 99999999)


def _span(text: str) -> tuple[int, int] | None:
    """The first and the last day, as yyyymmdd, of a day, a month or a year; 31 days in every month do no harm."""
    match = _ISO.fullmatch(text) or _VIETNAMESE.fullmatch(text)
    if match is None:
        return None
    year, month, day = int(match["year"]), int(match["month"] or 0), int(match["day"] or 0)
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        return None
    return year * 10000 + (month or 1) * 100 + (day or 1), year * 10000 + (month or 12) * 100 + (day or 31)


def _day(text: str) -> Node | None:
    """A day in figures: pages that write it so or in words, and those of the papers of that day.

    >>> [type(child).__name__ for child in _day("5/2/2021").children], _day("31/2/2021"), _day("2/2021")
    (['Phrase', 'Phrase', 'Dates'], None, None)
    """
    match = _VIETNAMESE.fullmatch(text)
    if match is None or not match["day"] or not (span := _span(text)):
        return None
    spoken = f"{match['day']} tháng {match['month']} năm {match['year']}"
    return Or((Phrase(tuple(_words(text))), Phrase(tuple(_words(spoken))), Dates(*span)))
