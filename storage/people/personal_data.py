"""What is held on a person, wherever it lies: the tables themselves are asked (`tells`), so no list kept by hand can forget one."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, ColumnElement, FromClause, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from storage.ground.claims import check_tables_known
from storage.ground.database import Base
from storage.people.people import Person

_ACCOUNT = ("login", "name", "language", "is_open", "created_at")
_PARTS = frozenset({"participants"})  # tables whose rows are people in their part, named by others in their place


def pointers() -> list[Column[Any]]:
    """Every column that names a person, or somebody's part in a meeting; raises TablesUnknown."""
    check_tables_known()
    wanted = {Person.__tablename__, *_PARTS}
    columns = (column for table in Base.metadata.sorted_tables for column in table.columns)
    return [column for column in columns if any(key.column.table.name in wanted for key in column.foreign_keys)]


def telling() -> dict[str, list[Column[Any]]]:
    """By table, the columns whose rows tell about the person that they name."""
    found: dict[str, list[Column[Any]]] = {}
    for column in pointers():
        if column.info.get("tells"):
            found.setdefault(column.table.name, []).append(column)
    return found


class PersonalData:
    """All that is held on one person, the account itself included."""

    def __init__(self, session: Session, person_id: int) -> None:
        self.session, self.person_id = session, person_id

    def counts(self) -> dict[str, int]:
        """How many rows of each table tell about the person; those of none are left out."""
        each = [
            select(literal(name), func.count()).select_from(columns[0].table).where(self._about(columns))
            for name, columns in telling().items()
        ]
        return {name: count for name, count in self.session.execute(union_all(*each)) if count}

    def rows(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """By table, every row that tells about the person, with the columns that do."""
        account = Base.metadata.tables[Person.__tablename__]
        yield account.name, self._rows(account, _ACCOUNT, account.c.id == self.person_id)
        for name, columns in telling().items():
            told = dict.fromkeys(each for column in columns for each in column.info["tells"])
            if found := self._rows(columns[0].table, tuple(told), self._about(columns)):
                yield name, found

    def _rows(self, table: FromClause, told: tuple[str, ...], which: ColumnElement[bool]) -> list[dict[str, Any]]:
        asked = select(*(table.c[name] for name in told)).where(which).order_by(*table.primary_key)
        return [dict(row) for row in self.session.execute(asked).mappings()]

    def _about(self, columns: list[Column[Any]]) -> ColumnElement[bool]:
        return or_(*(column.in_(self._named_by(column)) for column in columns))

    def _named_by(self, column: Column[Any]) -> Any:
        """What that column holds where it names the person: the person's id, or those of the person's parts."""
        (key,) = column.foreign_keys
        if key.column.table.name not in _PARTS:
            return [self.person_id]
        parts = key.column.table
        return select(parts.c.id).where(parts.c.person_id == self.person_id).scalar_subquery()
