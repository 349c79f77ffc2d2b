"""Claims: which records name which objects. The tables themselves are asked, so no list kept by hand can forget one."""

from collections.abc import Iterable, Iterator

from sqlalchemy import Column, select
from sqlalchemy.orm import Session

from storage.ground.database import Base, KeyOfObject

_KEYS_AT_ONCE = 500  # a statement takes only so many values


class TablesUnknown(RuntimeError):
    """This program has not been told of every table (storage/tables.py), so it cannot say that nothing names an object."""


def check_tables_known() -> None:
    """Raises TablesUnknown unless all tables, and with them all that rooms hold, are known to this program."""
    if not Base.metadata.info.get("is_whole"):
        raise TablesUnknown


def columns() -> list[Column[str]]:
    """Every column that names objects, those whose type is `KeyOfObject`; raises TablesUnknown."""
    check_tables_known()
    return [
        column for table in Base.metadata.tables.values() for column in table.columns if isinstance(column.type, KeyOfObject)
    ]


def claims(session: Session) -> Iterator[tuple[str, str]]:
    """Every object that a record names: its key, and the record, as its table and what tells its row from others."""
    for column in columns():
        own = list(column.table.primary_key)
        for key, *row in session.execute(select(column, *own).where(column.is_not(None), column != "")):
            yield key, _record(column, row)


def claims_of(session: Session, key: str) -> list[str]:
    """The records that name an object, as `claims` writes them."""
    return [
        _record(column, row)
        for column in columns()
        for row in session.execute(select(*column.table.primary_key).where(column == key))
    ]


def _record(column: Column[str], row: Iterable[object]) -> str:
    return f"{column.table.name} {' '.join(map(str, row))}: {column.name.removesuffix('sha256').rstrip('_') or 'file'}"


def named(session: Session) -> set[str]:
    """Every object that a record names; raises TablesUnknown."""
    return {
        key
        for column in columns()
        for key in session.scalars(select(column).where(column.is_not(None), column != "").distinct())
    }


def named_after(session: Session, key: str, limit: int) -> list[str]:
    """The next objects after that key that a record names, in the order of their keys; raises TablesUnknown."""
    found: set[str] = set()
    for column in columns():
        found |= set(session.scalars(select(column).where(column > key).distinct().order_by(column).limit(limit)))
    return sorted(found)[:limit]


def unneeded(session: Session, keys: Iterable[str]) -> set[str]:
    """Those of these objects that no record names; raises TablesUnknown."""
    wanted = sorted(set(keys))
    left = set(wanted)
    for column in columns():
        for start in range(0, len(wanted), _KEYS_AT_ONCE):
            some = wanted[start : start + _KEYS_AT_ONCE]
            left -= set(session.scalars(select(column).where(column.in_(some)).distinct()))
    return left
