"""All tables, imported once so that the metadata is whole (a test misses none); bringing a database to the newest revision."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from storage.archive import documents, intake, places, work
from storage.directives import closings, deliveries, evidence, files, imports, incoming, numbering, outgoing
from storage.ground import audit, fixity, mail, traces
from storage.ground.database import Base, Database
from storage.indicators import mail as indicator_mail
from storage.indicators import plans, reports
from storage.meetings import (
    attendance,
    bodies,
    floor,
    meetings,
    minutes,
    notes,
    opinions,
    papers,
    presenting,
    tasks,
    votes,
)
from storage.people import data_requests, people, units

metadata = Base.metadata
metadata.info["is_whole"] = True  # from here on it can be said what nothing names (storage/ground/claims.py)


def migrate(database: Database) -> None:
    """Bring the database to the newest revision, with what a new one must hold; nothing happens if it is there."""
    command.upgrade(_config(database), "head")
    with database.writing() as session:
        outgoing.seed_directive_kinds(session)
        plans.seed_plan(session)


def is_current(database: Database) -> bool:
    """Whether the database stands at the newest revision."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == _scripts(database).get_current_head()


def _config(database: Database) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["database"] = database
    return config


def _scripts(database: Database) -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(database))
