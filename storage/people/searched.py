"""What records are searched by, names without accents in a column of their own, and the candidates that a field offers by it: some
rows at a time, and those only that whoever asks may choose. Which records have candidates is said in their rooms."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import ColumnElement, Connection, String, and_, event, false, func, inspect, select
from sqlalchemy.orm import Mapped, Mapper, Session, declared_attr, mapped_column
from sqlalchemy.sql.elements import SQLColumnExpression

from domain.ground.vietnamese import fold

SHOWN = 20  # candidates at a time
_MOST_SYLLABLES = 12  # of a question; a longer one was pasted by mistake
_APART = re.compile(r"[\W_]+")
_BYTEWISE = String().with_variant(String(collation="C"), "postgresql")  # both databases put a blank before any letter


def syllables(text: str) -> list[str]:
    """What is looked for: the words of a text without accents, case and signs.

    >>> syllables("CĐ-Quy Nhơn, Nguyễn_Ân")
    ['cd', 'quy', 'nhon', 'nguyen', 'an']
    """
    return _APART.sub(" ", fold(text)).split()


def searched_by(*texts: str) -> str:
    """What is kept of some texts to be searched by: a blank stands before each syllable, so that its beginning is found."""
    return "".join(f" {syllable}" for text in texts for syllable in syllables(text))


def begins(column: SQLColumnExpression[str], syllable: str) -> ColumnElement[bool]:
    """Whether one of the syllables kept in a column begins so."""
    return column.contains(f" {syllable}", autoescape=True)


def holds_whole(column: SQLColumnExpression[str], syllable: str) -> ColumnElement[bool]:
    """Whether one of the syllables kept in a column is that one."""
    return (column + " ").contains(f" {syllable} ", autoescape=True)


class Searched:
    """A record with the column that it is searched by: written when the record is made, and again whenever it changes."""

    @declared_attr
    def searched(cls) -> Mapped[str]:  # noqa: N805 - SQLAlchemy hands it the class
        """What `searched_as` made of the record."""
        return mapped_column(_BYTEWISE, default=lambda context: cls.searched_as(context.get_current_parameters()))

    @classmethod
    def searched_as(cls, values: Mapping[str, Any]) -> str:
        """What a record with those values in its columns is searched by."""
        raise NotImplementedError


@event.listens_for(Searched, "before_update", propagate=True)
def _search_anew(mapper: Mapper[Any], _connection: Connection, record: Searched) -> None:
    state = inspect(record)
    record.searched = record.searched_as({name: state.attrs[name].value for name in mapper.columns.keys()})  # noqa: SIM118


@dataclass(frozen=True, slots=True)
class Candidate:
    """One that may be chosen, as a field shows it: what the form sends, the name, what tells it from its namesakes."""

    key: str
    name: str
    about: str = ""
    is_past: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The first of those that match, and how many match."""

    rows: list[Candidate]
    count: int


Row = TypeVar("Row", bound=Any)


class Choosable(Protocol[Row]):
    """What a field asks of those that may be chosen in it; said at `Candidates`."""

    kind: str

    def matching(self, words: str) -> Found: ...  # noqa: D102
    def chosen(self, keys: Iterable[str]) -> list[Row]: ...  # noqa: D102
    def named(self, text: str) -> Row | None: ...  # noqa: D102
    def shown(self, rows: Sequence[Row]) -> list[Candidate]: ...  # noqa: D102
    def key(self, row: Row) -> str: ...  # noqa: D102


class Candidates(Generic[Row]):
    """The records of a kind that meet some conditions. What was not found by these is not chosen by these either."""

    model: type[Row]
    kind: str

    def __init__(self, session: Session, *which: ColumnElement[bool]) -> None:
        self.session, self.which = session, which

    def matching(self, words: str) -> Found:
        """Those that hold all the words, accents or not, in any order; without a word, all. The best come first, the past last."""
        wanted = syllables(words)[:_MOST_SYLLABLES]
        those = select(self.model.id, func.count().over()).where(*self.which, *(self._holds(one) for one in wanted))
        rows = self.session.execute(those.order_by(*self._order(wanted), self.model.id).limit(SHOWN)).all()
        return Found(self.shown(self.chosen(str(row[0]) for row in rows)), rows[0][1] if rows else 0)

    def chosen(self, keys: Iterable[str]) -> list[Row]:
        """The records of these keys, in their order; a key that is no candidate is left out."""
        ids = dict.fromkeys(int(key) for key in keys if key.isascii() and key.isdecimal() and len(key) < 10)
        those = select(self.model).where(self.model.id.in_(ids), *self.which)
        by_id = {row.id: row for row in self.session.scalars(those)}
        return [by_id[one] for one in ids if one in by_id]

    def named(self, text: str) -> Row | None:
        """The one that is written so: by what only one can bear, or by a name that only one candidate bears; else None."""
        raise NotImplementedError

    def shown(self, rows: Sequence[Row]) -> list[Candidate]:
        """The records as a field shows them."""
        raise NotImplementedError

    def key(self, row: Row) -> str:
        """What a form sends for a record."""
        return str(row.id)

    def _holds(self, syllable: str) -> ColumnElement[bool]:
        return begins(self.model.searched, syllable)

    def _order(self, wanted: Sequence[str]) -> list[Any]:
        raise NotImplementedError

    def _only(self, *so: ColumnElement[bool]) -> Row | None:
        """The one candidate that is so; None for none and for several."""
        rows = self.session.scalars(select(self.model).where(*self.which, *so).limit(2)).all()
        return rows[0] if len(rows) == 1 else None

    def _called(self, text: str) -> ColumnElement[bool]:
        """Whether a record is searched by all syllables of a text: the few whose names are then compared whole."""
        wanted = syllables(text)
        return and_(*(begins(self.model.searched, one) for one in wanted)) if wanted else false()
