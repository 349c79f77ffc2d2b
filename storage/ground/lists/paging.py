"""Lists in pages: a page begins after the last row of the one before, which an index finds at once, however far down the list it stands."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.orm import Session

T = TypeVar("T")
PAGE = 50


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is sorted by: columns, or labels of what is selected, that together name a row, and of which none is null."""

    key: Sequence[Any]
    is_descending: bool = False
    size: int = PAGE  # rows of a page


def rising(*key: Any, size: int = PAGE) -> Order:
    """From the least."""
    return Order(key, size=size)


def falling(*key: Any, size: int = PAGE) -> Order:
    """From the greatest."""
    return Order(key, is_descending=True, size=size)


@dataclass(frozen=True, slots=True)
class Paged(Generic[T]):
    """A page of a list: its rows, how many there are in the whole list, and what the next page begins after; "" on the last one."""

    rows: Sequence[T]
    count: int
    after: str = ""
    is_first: bool = True


def paged(session: Session, rows: Select[Any], order: Order, *, after: str = "") -> Paged[Any]:
    """The records, or the rows of several columns, of one page.

    `after` is what the page before has told; anything else begins the list anew.
    """
    counted = rows.with_only_columns(literal(1), maintain_column_froms=True).order_by(None)
    count = session.scalar(select(func.count()).select_from(counted.subquery())) or 0
    place, here = _place(after, order.key), tuple_(*order.key)
    found = rows.order_by(*(column.desc() if order.is_descending else column for column in order.key))
    if place is not None:
        found = found.where(here < place if order.is_descending else here > place)
    told = session.execute(found.limit(order.size + 1)).unique().all()
    these = [row[0] if len(row) == 1 else row for row in told]
    last = _told(these[order.size - 1], order.key) if len(these) > order.size else ""
    return Paged(these[: order.size], count, last, place is None)


def paged_by(session: Session, rows: Select[Any], order: Order, *, after: str = "") -> Paged[Any]:
    """One page of records that are sorted by what is reckoned of them, such as whether they are late; see `paged`."""
    key = [one.label(f"place_{place}") for place, one in enumerate(order.key)]
    page = paged(session, rows.add_columns(*key), replace(order, key=key), after=after)
    return replace(page, rows=[row[0] for row in page.rows])


def part(rows: Sequence[T], *, after: str = "", size: int = PAGE) -> Paged[T]:
    """A page of what is told in memory in its order, such as units; `after` is how many come before it."""
    first = int(after) if re.fullmatch("[0-9]{1,9}", after) and int(after) < len(rows) else 0
    last = first + size
    return Paged(rows[first:last], len(rows), str(last) if last < len(rows) else "", first == 0)


def _told(row: Any, key: Sequence[Any]) -> str:
    values = [getattr(row, column.key) for column in key]
    return json.dumps([one.isoformat() if isinstance(one, date) else one for one in values], ensure_ascii=False)


def _place(after: str, key: Sequence[Any]) -> ColumnElement[Any] | None:
    try:
        values = json.loads(after) if after else None
        read = [literal(_read(one, column), column.type) for one, column in zip(values or (), key, strict=True)]
    except (TypeError, ValueError, OverflowError):
        return None
    return tuple_(*read)


def _read(value: Any, column: ColumnElement[Any]) -> Any:
    """The value of a column as it was told; raises TypeError or ValueError for any other."""
    wanted = column.type.python_type
    if issubclass(wanted, date):
        moment = wanted.fromisoformat(value)
        if isinstance(moment, datetime) and moment.tzinfo is None:
            raise ValueError("a time without a zone")
        return moment
    if type(value) is not wanted or (wanted is int and not -(2**63) <= value < 2**63):
        raise TypeError(value)
    return value
