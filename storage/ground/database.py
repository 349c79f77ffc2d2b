"""The database: its base class, its times, and the two kinds of session. The other modules say which tables."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

from sqlalchemy import ColumnElement, DateTime, Dialect, Engine, Enum, MetaData, String, cast, create_engine, event, func, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator

from domain.ground.errors import existing
from storage.ground.faults import sqlite_is_busy
from storage.ground.turns import Turns

_SAMPLE = 1000  # entries of each index
BUSY_TIMEOUT_S = 30  # how long a writer waits for another one before it gives up
# A thread that holds a session and asks for another must never wait for one that does the same: SQLite's connections are cheap
# and as many as there are threads at work; PostgreSQL's are few and dear (100 by default, shared with the worker).
_SQLITE_POOL: dict[str, Any] = {"pool_size": 32, "max_overflow": -1}
_SKEW_S = 5  # by which the clock of files may run behind while it is adjusted
_AFTER_COMMIT = "after_commit"
_SERVER_POOL: dict[str, Any] = {"pool_size": 10, "max_overflow": 20}


_UNSTORABLE = re.compile("[\\x00\\ud800-\\udfff]")


def storable(text: str) -> str:
    """The text without what no database of ours takes: U+0000, which PostgreSQL refuses, and halves of surrogate pairs.

    >>> storable("Số\\x00 12\\ud83d")
    'Số 12'
    """
    return _UNSTORABLE.sub("", text)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, kept as UTC. SQLite forgets zones, so naive values are refused going in and made aware coming out."""

    impl = DateTime(timezone=True)
    cache_ok = True
    python_type = datetime  # what a decorator does not tell of what it decorates

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """UTC for the database; a naive time is a mistake of ours."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a zone was about to be stored")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Aware UTC, whatever the database keeps."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class KeyOfObject(TypeDecorator[str]):
    """The type of every column that names an object; who asks whether anything still names one walks these (storage/ground/claims.py)."""

    impl = String
    cache_ok = True


ObjectKey = Annotated[str, KeyOfObject]  # `Mapped[ObjectKey]` is such a column; one that names nothing is plain text


def tells(*columns: str) -> dict[str, tuple[str, ...]]:
    """The `info` of a column that names a person: which columns of its row tell about that person and go to them when they ask for
    their data (storage/people/personal_data.py). None: the row only tells what they did, and that is in the audit trail, as is the
    rest of what `…_by_id` names.
    """
    return {"tells": columns}


class Base(DeclarativeBase):
    """The root of all tables; names of constraints are fixed so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: UtcDateTime,
        ObjectKey: KeyOfObject,
        # plain text with the values of the enumeration: a new member needs no migration
        StrEnum: Enum(
            StrEnum, native_enum=False, length=32, values_callable=lambda members: [str(member) for member in members]
        ),
    }


class Numbered(Base):
    """A table whose rows are numbered as they come."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)  # the first column


Row = TypeVar("Row", bound=Numbered)


def among(rows: Iterable[Row], row_id: int, kind: str) -> Row:
    """The row of that number, of those that something has; raises NotFound."""
    return existing(next((row for row in rows if row.id == row_id), None), kind, row_id)


def ids_as_text(column: Any) -> ColumnElement[str]:
    """All ids of a column as one text, which `ids_in` reads: some thousand units are one row, where rules in Python ask which they are."""
    return func.aggregate_strings(cast(column, String), ",")


def ids_in(told: str | None) -> frozenset[int]:
    """The ids that a question has told as one text.

    >>> sorted(ids_in("3,12")), ids_in(None)
    ([3, 12], frozenset())
    """
    return frozenset(map(int, told.split(","))) if told else frozenset()


class Records:
    """Records of a kind, as one session sees them."""

    def __init__(self, session: Session) -> None:
        self.session = session


class Database:
    """One database, with sessions that read and sessions that write.

    SQLite lets one connection write at a time. A writing session takes its turn at the start (BEGIN IMMEDIATE), so that it can
    never find, half-way, that what it read has changed; a reading session sees one snapshot and hinders nobody. The writers of one
    process stand in a queue of ours: SQLite lets those who wait sleep and try again, and in a crowd some never get in.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        if make_url(url).get_backend_name() == "sqlite":
            self.engine = _sqlite_engine(url)
        else:
            self.engine = create_engine(url, pool_pre_ping=True, isolation_level="REPEATABLE READ", **_SERVER_POOL)
        self._writing = self.engine.execution_options(writes=True, **_writer_isolation(self.engine))
        self._turns = Turns() if self.engine.dialect.name == "sqlite" else None

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session whose changes are thrown away."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that is committed at the end of the block, or rolled back by an exception. Not to be opened within another."""
        with self._turn(), Session(self._writing) as session, session.begin():
            yield session
        for act in session.info.get(_AFTER_COMMIT, ()):
            act(self)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """The turn of a writer of SQLite; whoever waits too long hears what SQLite would say to it."""
        with ExitStack() as held:
            try:
                if self._turns:
                    held.enter_context(self._turns.take(BUSY_TIMEOUT_S))
            except TimeoutError as error:
                raise OperationalError("BEGIN IMMEDIATE", None, sqlite_is_busy()) from error
            yield

    def take_statistics(self) -> None:
        """Have SQLite count how often values occur, by a sample of each index, so that it chooses among indexes as they are filled;
        PostgreSQL's own service does that (autovacuum). SQLite's `PRAGMA optimize` would look only at what one connection has asked.
        """
        if self.engine.dialect.name == "sqlite":
            with self.writing() as session:
                for statement in (f"PRAGMA analysis_limit={_SAMPLE}", "ANALYZE"):
                    session.connection().exec_driver_sql(statement)

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def has_older_writers(session: Session, age_s: float) -> bool:
    """Whether some other transaction of before so many seconds may still go on. `session` is a writing one, of which SQLite has one.

    What PostgreSQL does not show of other roles' transactions counts as going on.
    """
    if session.get_bind().dialect.name != "postgresql":
        return False
    older = text(
        "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND (xact_start <= clock_timestamp() - make_interval(secs => :seconds) OR backend_type IS NULL))"
    )
    return bool(session.scalar(older, {"seconds": float(max(age_s - _SKEW_S, 0))}))


def after_commit(session: Session, act: Callable[[Database], object]) -> None:
    """Have something done once the writing session is committed and its turn is over: once, however often it is asked for.

    Whatever must happen is a row too: a program that is killed in between does it never.
    """
    acts = session.info.setdefault(_AFTER_COMMIT, [])
    if act not in acts:
        acts.append(act)


def _writer_isolation(engine: Engine) -> dict[str, Any]:
    # PostgreSQL's writers lock the rows they change; the constraints decide the races.
    return {} if engine.dialect.name == "sqlite" else {"isolation_level": "READ COMMITTED"}


def _sqlite_engine(url: str) -> Engine:
    path = make_url(url).database
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    pool = _SQLITE_POOL if path else {}  # a database in memory is one connection
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S}, **pool)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",  # what is destroyed is overwritten, not only forgotten
            f"busy_timeout={BUSY_TIMEOUT_S * 1000}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")

    return engine
