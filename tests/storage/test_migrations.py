"""Migrations lead from nothing to the tables of the models and back, on both engines, in one line."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

import storage.migrations
from storage.ground.database import Database
from storage.tables import DatabaseUnfit, Revision, _config, is_current, metadata, migrate, revision_of

MIGRATIONS = Path(storage.migrations.__file__).parent
_OF_OTHERS = {"sqlalchemy", "sqlalchemy.dialects.postgresql", "alembic", *sys.stdlib_module_names}


@pytest.fixture
def config(database: Database) -> Config:
    return _config(database)


@pytest.fixture
def untouched(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/untouched.sqlite3")
    yield database
    database.close()


def test_the_models_and_the_migrations_say_the_same(config: Config) -> None:
    command.check(config)


def test_every_table_of_the_models_is_there(database: Database) -> None:
    assert set(inspect(database.engine).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_a_database_can_go_back_to_nothing_and_forth_again(database: Database, config: Config) -> None:
    try:
        command.downgrade(config, "base")
        assert inspect(database.engine).get_table_names() == ["alembic_version"]
        assert not is_current(database)
    finally:
        migrate(database)
    assert is_current(database)
    command.check(config)


def test_migrating_again_changes_nothing(database: Database) -> None:
    migrate(database)
    assert is_current(database)


def test_an_empty_database_is_not_current(untouched: Database) -> None:
    assert revision_of(untouched) is Revision.EMPTY


@pytest.mark.parametrize(
    ("name", "revision"),
    [("20261122_1300", Revision.EARLIER), ("20991231_0000", Revision.LATER), ("20260101_0000", Revision.UNKNOWN)],
)
def test_a_database_of_another_version_is_known_by_its_revision(database: Database, name: str, revision: Revision) -> None:
    newest = _head(database)
    _set_head(database, name)
    try:
        assert revision_of(database) is (Revision.CURRENT if name == newest else revision)
    finally:
        _set_head(database, newest)


def test_a_database_of_a_later_version_is_left_alone(database: Database) -> None:
    newest = _head(database)
    _set_head(database, "20991231_0000")
    try:
        with pytest.raises(DatabaseUnfit):
            migrate(database)
        assert _head(database) == "20991231_0000"
    finally:
        _set_head(database, newest)


def _head(database: Database) -> str:
    with database.reading() as session:
        return str(session.scalar(text("SELECT version_num FROM alembic_version")))


def _set_head(database: Database, name: str) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :name"), {"name": name})


def imports(source: str) -> set[str]:
    """The modules that a text of Python imports."""
    nodes = list(ast.walk(ast.parse(source)))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return names | {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}


def test_no_migration_imports_anything_of_ours_for_that_moves() -> None:
    for path in (MIGRATIONS / "versions").glob("*.py"):
        assert imports(path.read_text(encoding="utf-8")) <= _OF_OTHERS, path.name


def test_a_new_migration_is_written_so_that_it_runs(tmp_path: Path, untouched: Database) -> None:
    made = _written(untouched, tmp_path)
    assert "sa.DateTime(timezone=True)" in made
    assert imports(made) == {"sqlalchemy", "alembic"}
    compile(made, "migration", "exec")


def _written(database: Database, folder: Path) -> str:
    """The migration that Alembic would write for an empty database: all tables."""
    config = _config(database)
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(folder))
    command.revision(config, message="all tables", autogenerate=True, rev_id="1")
    return next(folder.glob("*.py")).read_text(encoding="utf-8")


def test_the_history_is_one_line(config: Config) -> None:
    scripts = ScriptDirectory.from_config(config)
    assert len(scripts.get_heads()) == 1
    assert len(scripts.get_bases()) == 1
    assert not any(revision.is_branch_point or revision.is_merge_point for revision in scripts.walk_revisions())
