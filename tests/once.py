"""What every application and every database of the tests would compile alike is compiled once in each process: routes, templates and
statements. Nothing that a test says or changes is shared, only what compiling gives. And passwords are hashed with no more work than
argon2id must have."""

from tempfile import TemporaryDirectory
from types import CodeType
from typing import Any, ClassVar

import pytest
from argon2 import PasswordHasher
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Dialect
from werkzeug.routing import Map, Rule
from werkzeug.routing.matcher import State, StateMachineMatcher

from storage.ground.database import Database
from webapp.people.accounts import passwords


def hash_cheaply(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords in microseconds; as the product does it takes a tenth of a second and 64 MB each time."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


class Route(Rule):
    """A route that takes what werkzeug compiled when another application of this process had the same one; most of the time that
    making an application takes goes there."""

    _known: ClassVar[dict[object, dict[str, Any]]] = {}
    _COMPILED = ("arguments", "_parts", "_trace", "_converters", "_build", "_build_unknown")

    def compile(self) -> None:
        key = self.rule, self.subdomain, self.merge_slashes, repr(self.defaults)
        if key not in self._known:
            super().compile()
            self._known[key] = {name: getattr(self, name) for name in self._COMPILED}
        vars(self).update(self._known[key])


class Routes(Map):
    """Routes whose tree is that of another application of this process that has just these, one after the other."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._matcher = Tree(self._matcher.merge_slashes)


class Tree(StateMachineMatcher):
    """The tree of routes; it grows when somebody first asks the way."""

    _known: ClassVar[dict[tuple[object, ...], State]] = {}

    def __init__(self, merge_slashes: bool) -> None:
        super().__init__(merge_slashes)
        self._rules: list[Rule] = []

    def add(self, rule: Rule) -> None:
        self._rules.append(rule)

    def update(self) -> None:
        key = tuple((id(rule._parts), rule.endpoint, frozenset(rule.methods or ())) for rule in self._rules)
        if key not in self._known:
            self._root = State()
            for rule in self._rules:
                super().add(rule)
            super().update()
            self._known[key] = self._root
        self._root = self._known[key]


class Templates(BytecodeCache):
    """The code of the templates, by name and text."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key, bucket.checksum] = bucket.code


templates = Templates()
_statements: dict[str, tuple[Dialect, dict[Any, Any]]] = {}  # by kind of database


def _met(database: Database) -> Dialect:
    """The dialect of a database of that kind to which somebody has connected: it asks what the server can do when it first meets it."""
    if database.engine.name != "sqlite":
        with database.engine.connect():
            return database.engine.dialect
    with TemporaryDirectory() as folder:  # the file of the database itself is to stay unopened
        other = Database(f"sqlite:///{folder}/met.sqlite3")
        with other.engine.connect():
            dialect = other.engine.dialect
        other.close()
    return dialect


def sharing_statements(database: Database) -> Database:
    """The database, which compiles no statement that another one of its kind has compiled."""
    kind = database.engine.name
    if kind not in _statements:
        _statements[kind] = _met(database), {}
    dialect, compiled = _statements[kind]
    for engine in (database.engine, database._writing):
        engine.dialect = dialect  # a part of the key
        engine.update_execution_options(compiled_cache=compiled)
    return database
