"""Migrations lead from nothing to the tables of the models and back, on both engines, in one line."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

import storage.migrations
from storage.ground.database import Database
from storage.tables import _config, is_current, metadata, migrate

MIGRATIONS = Path(storage.migrations.__file__).parent


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
    assert not is_current(untouched)


def imports(source: str) -> set[str]:
    """The modules that a text of Python imports."""
    nodes = list(ast.walk(ast.parse(source)))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return names | {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}


def test_no_migration_imports_anything_of_ours_for_that_moves() -> None:
    for path in (MIGRATIONS / "versions").glob("*.py"):
        assert imports(path.read_text(encoding="utf-8")) <= {"sqlalchemy", "sqlalchemy.dialects.postgresql", "alembic"}, (
            path.name
        )


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
