"""All tables, imported once so that the metadata is whole (a test misses none); bringing a database to the newest revision."""

import re
from enum import StrEnum
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from storage.archive import alarms, books, clock_jumps, documents, intake, orders, places, work
from storage.directives import closings, deliveries, evidence, files, imports, incoming, numbering, outgoing
from storage.ground import audit, mail, traces
from storage.ground.backup import records
from storage.ground.database import Base, Database
from storage.ground.fixity import checks, rounds, trail
from storage.indicators import mail as indicator_mail
from storage.indicators import plans, reports
from storage.meetings import (
    attendance,
    ballots,
    bodies,
    floor,
    meetings,
    minutes,
    notes,
    opinions,
    papers,
    presenting,
    tasks,
)
from storage.people import attempts, data_requests, factors, identities, passkeys, people, units

_MADE_IN = re.compile(r"\d{8}_\d{4}")
_MIGRATIONS = Path(__file__).parent / "migrations"

metadata = Base.metadata
metadata.info["is_whole"] = True  # from here on it can be said what nothing names (storage/ground/claims.py)


class Revision(StrEnum):
    """Where the tables of a database stand beside those that this program knows."""

    CURRENT = "current"
    EMPTY = "empty"  # a new one: there is not a single table
    EARLIER = "earlier"
    LATER = "later"  # a later version of the program has migrated it
    UNKNOWN = "unknown"  # tables without a revision, or one of which this program knows nothing


class DatabaseUnfit(Exception):
    """The tables are not those of this program, and what it would do to them nobody can say."""

    def __init__(self, revision: Revision) -> None:
        super().__init__(revision)
        self.revision = revision


class ReferencesBroken(RuntimeError):
    """A migration has left rows that refer to what is not there; nothing of it is kept. The message names their tables."""


def migrate(database: Database) -> None:
    """Bring the database to the newest revision, with what a new one must hold; nothing happens if it is there.

    Raises DatabaseUnfit for one that a later version has migrated, or that stands nobody knows where.
    """
    if (revision := revision_of(database)) in (Revision.LATER, Revision.UNKNOWN):
        raise DatabaseUnfit(revision)
    command.upgrade(_config(database), "head")
    with database.writing() as session:
        outgoing.seed_directive_kinds(session)
        plans.seed_plan(session)


def is_current(database: Database) -> bool:
    """Whether the database stands at the newest revision."""
    return revision_of(database) is Revision.CURRENT


def revision_of(database: Database) -> Revision:
    """Where the tables of the database stand. Revisions are named by the minute they were made in, so a later one is told by its name."""
    scripts = _scripts(database)
    known, newest = {script.revision for script in scripts.walk_revisions()}, scripts.get_current_head()
    with database.engine.connect() as connection:
        heads = MigrationContext.configure(connection).get_current_heads()
        if not heads:
            has_tables = set(inspect(connection).get_table_names()) - {"alembic_version"}
            return Revision.UNKNOWN if has_tables else Revision.EMPTY
    if len(heads) != 1:
        return Revision.UNKNOWN
    if heads[0] in known:
        return Revision.CURRENT if heads[0] == newest else Revision.EARLIER
    is_later = _MADE_IN.fullmatch(heads[0]) and heads[0] > (newest or "")
    return Revision.LATER if is_later else Revision.UNKNOWN


def newest_revision() -> str:
    """The revision that this program's tables stand at."""
    return ScriptDirectory(str(_MIGRATIONS)).get_current_head() or ""


def knows(revision: str) -> bool:
    """Whether that is a revision from which this program leads to the newest one."""
    return any(script.revision == revision for script in ScriptDirectory(str(_MIGRATIONS)).walk_revisions())


def _config(database: Database) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["database"] = database
    return config


def _scripts(database: Database) -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(database))
